/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The Accounts page: the list, and which account the other side shows. */

#include "config.h"

#include "window/weir-accounts-page.h"

#include <glib/gi18n.h>

#include "window/weir-account-detail.h"
#include "window/weir-account-row.h"

struct _WeirAccountsPage
{
  WeirPage parent;

  GtkStack *stack;
  AdwLeaflet *leaflet;
  GtkListBox *accounts_box;
  GtkWidget *list_side;
  GtkWidget *detail_side;
  WeirAccountDetail *detail;
};

G_DEFINE_FINAL_TYPE (WeirAccountsPage, weir_accounts_page, WEIR_TYPE_PAGE)

static void
select_row (WeirAccountsPage *self, GtkListBoxRow *row)
{
  gtk_list_box_select_row (self->accounts_box, row);
  weir_account_detail_set_account (
      self->detail,
      row != NULL ? weir_account_row_get_account (WEIR_ACCOUNT_ROW (row)) : NULL);
}

/* One is always shown: where its account has gone, the first. */
static void
on_accounts_changed (WeirAccountsPage *self)
{
  GListModel *accounts = weir_client_get_accounts (weir_page_get_client (WEIR_PAGE (self)));
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->accounts_box);

  gtk_stack_set_visible_child_name (
      self->stack, g_list_model_get_n_items (accounts) > 0 ? "accounts" : "empty");
  if (row == NULL)
    {
      adw_leaflet_set_visible_child (self->leaflet, self->list_side);
      select_row (self, gtk_list_box_get_row_at_index (self->accounts_box, 0));
    }
}

static void
on_row_activated (WeirAccountsPage *self, GtkListBoxRow *row)
{
  select_row (self, row);
  adw_leaflet_set_visible_child (self->leaflet, self->detail_side);
}

static void
on_back_clicked (WeirAccountsPage *self)
{
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

void
weir_accounts_page_show (WeirAccountsPage *self, const char *id)
{
  GtkListBoxRow *row;

  g_return_if_fail (WEIR_IS_ACCOUNTS_PAGE (self));

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->accounts_box, i)) != NULL;
       i++)
    {
      WeirDBusAccount *account = weir_account_row_get_account (WEIR_ACCOUNT_ROW (row));

      if (g_strcmp0 (weir_dbus_account_get_id (account), id) == 0)
        on_row_activated (self, row);
    }
}

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  return weir_account_row_new (item);
}

static const char *
provider_of (GtkListBoxRow *row)
{
  return weir_dbus_account_get_provider_name (
      weir_account_row_get_account (WEIR_ACCOUNT_ROW (row)));
}

static void
update_header (GtkListBoxRow *row, GtkListBoxRow *before, gpointer user_data)
{
  GtkWidget *heading = NULL;

  if (before == NULL || g_strcmp0 (provider_of (row), provider_of (before)) != 0)
    {
      heading = gtk_label_new (provider_of (row));
      gtk_label_set_xalign (GTK_LABEL (heading), 0);
      gtk_widget_add_css_class (heading, "caption-heading");
      gtk_widget_add_css_class (heading, "dim-label");
      gtk_widget_add_css_class (heading, "list-heading");
    }
  gtk_list_box_row_set_header (row, heading);
}

static void
weir_accounts_page_attach (WeirPage *page, WeirClient *client)
{
  WeirAccountsPage *self = WEIR_ACCOUNTS_PAGE (page);

  gtk_list_box_bind_model (self->accounts_box, weir_client_get_accounts (client),
                           create_row, NULL, NULL);
  g_signal_connect_object (client, "accounts-changed", G_CALLBACK (on_accounts_changed),
                           self, G_CONNECT_SWAPPED);
  on_accounts_changed (self);
}

static void
weir_accounts_page_class_init (WeirAccountsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  WEIR_PAGE_CLASS (klass)->attach = weir_accounts_page_attach;
  g_type_ensure (WEIR_TYPE_ACCOUNT_DETAIL);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-accounts-page.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirAccountsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountsPage, leaflet);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountsPage, accounts_box);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountsPage, list_side);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountsPage, detail_side);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountsPage, detail);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_back_clicked);
}

static void
weir_accounts_page_init (WeirAccountsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_set_header_func (self->accounts_box, update_header, NULL, NULL);
}
