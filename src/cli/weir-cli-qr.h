/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A QR code of @text, drawn with blocks of characters; nothing where weir was built without
 * libqrencode, or where it would not fit. */
void weir_cli_qr_print (const char *text);
