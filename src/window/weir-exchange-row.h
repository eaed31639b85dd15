/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A request in the list of the Activity page. */

#include <adwaita.h>

#include "window/weir-record.h"

#define WEIR_TYPE_EXCHANGE_ROW (weir_exchange_row_get_type ())
G_DECLARE_FINAL_TYPE (WeirExchangeRow, weir_exchange_row, WEIR, EXCHANGE_ROW, GtkListBoxRow)

/* @exchange: a member of ListExchanges.  @seat: what to call its seat. */
GtkWidget *weir_exchange_row_new (WeirRecord *exchange, const char *seat);

WeirRecord *weir_exchange_row_get_exchange (WeirExchangeRow *self);

/* (transfer full): how it ended: "200", "429", "under way". */
char *weir_exchange_row_dup_status (WeirRecord *exchange);
