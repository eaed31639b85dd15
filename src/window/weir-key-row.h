/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A client key: what it is called, and behind that how much of its limits is used and what
 * it may ask for.  Shown again and again without closing under the user's eyes. */

#include <adwaita.h>

#include "window/weir-record.h"

#define WEIR_TYPE_KEY_ROW (weir_key_row_get_type ())
G_DECLARE_FINAL_TYPE (WeirKeyRow, weir_key_row, WEIR, KEY_ROW, AdwExpanderRow)

GtkWidget *weir_key_row_new (void);

/* @key: a member of ListKeys. */
void weir_key_row_show (WeirKeyRow *self, WeirRecord *key, int64_t now_us);

/* Id of the key that was shown last; "" before. */
const char *weir_key_row_get_id (WeirKeyRow *self);
