/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Everything that is known of one request, to be read and copied. */

#include <adwaita.h>

#include "window/weir-record.h"

#define WEIR_TYPE_EXCHANGE_DETAIL (weir_exchange_detail_get_type ())
G_DECLARE_FINAL_TYPE (
    WeirExchangeDetail, weir_exchange_detail, WEIR, EXCHANGE_DETAIL, AdwBin)

/* @exchange: a member of ListExchanges.  @seat: what to call its seat. */
void weir_exchange_detail_show (WeirExchangeDetail *self,
                                WeirRecord *exchange,
                                const char *seat);
