/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What all pages of the window have in common: the client, and what the window asks of the
 * page that is seen. */

#include <adwaita.h>

#include "window/weir-client.h"

#define WEIR_TYPE_PAGE (weir_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (WeirPage, weir_page, WEIR, PAGE, AdwBin)

struct _WeirPageClass
{
  AdwBinClass parent_class;

  /* Once, when the property "client" is set: to connect to what it says. */
  void (*attach) (WeirPage *self, WeirClient *client);
  /* The service is there (again), or the user asked for news. */
  void (*reload) (WeirPage *self);
  /* The user wants addresses hidden, or seen again. */
  void (*restyle) (WeirPage *self);
  /* The user wants to search the page. */
  void (*search) (WeirPage *self);
};

/* (nullable): NULL while the page is being built. */
WeirClient *weir_page_get_client (WeirPage *self);

/* (nullable): the service, when it is there. */
WeirDBusManager *weir_page_get_manager (WeirPage *self);

/* Addresses are not to be shown: see weir_format_private. */
gboolean weir_page_is_private (WeirPage *self);

void weir_page_reload (WeirPage *self);
void weir_page_search (WeirPage *self);
