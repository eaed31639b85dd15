/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A text that is handed to the service as an open file, which no other program can see. */

#include <gio/gunixfdlist.h>

/* (transfer full) (nullable): the one file, at its beginning; NULL: there is no room. */
GUnixFDList *weir_handed_text_new (const char *text);
