/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Between the feed, which listens, and weir-tray-feed-read.c, which reads what it heard
 * into a model. */

#include "tray/weir-tray-model.h"
#include "weir-control-generated.h"

/* State, endpoint and what the user should see to. */
void weir_tray_feed_read_manager (WeirTrayModel *model, WeirBusManager *manager);
void weir_tray_feed_read_account (WeirTrayModel *model, WeirBusAccount *account);
/* @providers, @models: aa{sv}, as the manager's lists give them. */
void weir_tray_feed_read_providers (WeirTrayModel *model, GVariant *providers);
void weir_tray_feed_read_models (WeirTrayModel *model, GVariant *models);
/* What takes all accounts to say: who is preferred, the order, how new the numbers are. */
void weir_tray_feed_finish (WeirTrayModel *model);
