/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* An account on the Quota page: who it is, how it is, and its limits. */

#include <adwaita.h>

#include "window/weir-client.h"

#define WEIR_TYPE_ACCOUNT_CARD (weir_account_card_get_type ())
G_DECLARE_FINAL_TYPE (WeirAccountCard, weir_account_card, WEIR, ACCOUNT_CARD, GtkListBoxRow)

GtkWidget *weir_account_card_new (WeirClient *client, WeirDBusAccount *account);

WeirDBusAccount *weir_account_card_get_account (WeirAccountCard *self);
