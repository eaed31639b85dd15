/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The newest requests as they come: to be filtered, held still, and exported.
 *
 * Signal: "chosen" (WeirRecord): the user wants to see one in full. */

#include "window/weir-page.h"

#define WEIR_TYPE_EXCHANGE_LIST (weir_exchange_list_get_type ())
G_DECLARE_FINAL_TYPE (WeirExchangeList, weir_exchange_list, WEIR, EXCHANGE_LIST, WeirPage)

/* Of WeirRecord, newest first, with those that the filter hides.  Borrowed; the same list
 * for the page's life. */
GListModel *weir_exchange_list_get_exchanges (WeirExchangeList *self);
