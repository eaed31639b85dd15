/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A text as a QR code, drawn here: no service of the network sees it.  Foreground and
 * background come from the style sheet, which keeps them dark on light. */

#include <gtk/gtk.h>

#define WEIR_TYPE_QR_CODE (weir_qr_code_get_type ())
G_DECLARE_FINAL_TYPE (WeirQrCode, weir_qr_code, WEIR, QR_CODE, GtkWidget)

/* FALSE: built without libqrencode, nothing can be shown. */
gboolean weir_qr_code_is_available (void);

/* @text: (nullable): shows nothing, as does a text that is too long for a code. */
void weir_qr_code_set_text (WeirQrCode *self, const char *text);
