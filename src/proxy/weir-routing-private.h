/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Shared by the files of the routing. */

#include "proxy/weir-routing.h"

/* (transfer full): the memory of weir_routing_get_scope. */
GHashTable *weir_routing_scopes_new (void);

/* weir-routing-accounts.c */

/* (transfer full) (nullable): the seat of @account at @provider, without its state; NULL:
 * it does not serve. */
WeirSeat *weir_routing_make_account_seat (const WeirConfig *config,
                                          WeirAccount *account,
                                          const WeirProvider *provider);
/* What `oauth-*` says of the seat's kind of accounts: (nullable). */
const WeirConfigChannel *weir_routing_lookup_channel (const WeirConfig *config,
                                                      const WeirSeat *seat);
/* (transfer full) (nullable): the base URL of a project; NULL: nobody says which. */
char *weir_routing_dup_project_url (const WeirConfig *config,
                                    const WeirConfigEntry *entry,
                                    const WeirSecret *service_account);
/* weir-routing.c */
void weir_routing_seat_free (gpointer seat);
