/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The search of GNOME's overview and of KRunner on the bus. */

#include "tray/weir-tray-model.h"

#include <gio/gio.h>

#define WEIR_SEARCH_PROVIDER_PATH "/io/github/weirproxy/Weir/SearchProvider"
#define WEIR_SEARCH_RUNNER_PATH "/io/github/weirproxy/Weir/Runner"

typedef struct _WeirSearchProvider WeirSearchProvider;

/* @activate: asks the application for an action; @account (nullable).  NULL: a path is
 * taken on @bus. */
WeirSearchProvider *weir_search_provider_new (GDBusConnection *bus,
                                              void (*activate) (const char *action,
                                                                const char *account,
                                                                gpointer user_data),
                                              gpointer user_data,
                                              GError **error);
void weir_search_provider_free (WeirSearchProvider *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirSearchProvider, weir_search_provider_free)

/* @model (transfer none) is searched until another one is set. */
void weir_search_provider_set_model (WeirSearchProvider *self, WeirTrayModel *model);
