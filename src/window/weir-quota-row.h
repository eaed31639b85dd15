/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One limit of an account: its name, a meter, how much is used, when it begins anew, and
 * what to expect until then.  A screen reader gets it as one sentence. */

#include <adwaita.h>

#include "window/weir-record.h"

#define WEIR_TYPE_QUOTA_ROW (weir_quota_row_get_type ())
G_DECLARE_FINAL_TYPE (WeirQuotaRow, weir_quota_row, WEIR, QUOTA_ROW, GtkListBoxRow)

/* How the user wants to read limits: the settings of that name. */
typedef struct
{
  gboolean is_clock; /* the time of the reset, not the time until it */
  gboolean is_left;  /* what is left, not what is used */
  gboolean is_private;
} WeirQuotaStyle;

WeirQuotaStyle weir_quota_row_read_style (GSettings *settings);

GtkWidget *weir_quota_row_new (void);

/* (transfer full): what a member of Account.Windows is called: "Week, Opus". */
char *weir_quota_row_dup_name (WeirRecord *window);

/* @window: a member of Account.Windows; @account: its label. */
void weir_quota_row_show (WeirQuotaRow *self,
                          WeirRecord *window,
                          const char *account,
                          WeirQuotaStyle style,
                          int64_t now_us);

/* Makes @box hold one row for each member of @windows, an aa{sv}; rows are used again, so
 * that nothing jumps and focus stays. */
void weir_quota_row_fill (GtkListBox *box,
                          GVariant *windows,
                          const char *account,
                          WeirQuotaStyle style,
                          int64_t now_us);
