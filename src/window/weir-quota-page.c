/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The Quota page.  The cards look after themselves; here is the list of them, and the line
 * of the next resets. */

#include "config.h"

#include "window/weir-quota-page.h"

#include <glib/gi18n.h>

#include "window/weir-account-card.h"
#include "window/weir-call.h"
#include "window/weir-format.h"
#include "window/weir-proxy-bar.h"
#include "window/weir-record.h"
#include "base/weir-service-text.h"

#define RESETS_SHOWN 3

struct _WeirQuotaPage
{
  WeirPage parent;

  GtkStack *stack;
  GtkLabel *resets_label;
  GtkListBox *accounts_box;
};

/* A limit that will be reset. */
typedef struct
{
  int64_t resets_us;
  char *text; /* (owned): whose, and which */
} WeirReset;

G_DEFINE_FINAL_TYPE (WeirQuotaPage, weir_quota_page, WEIR_TYPE_PAGE)

static void
clear_reset (gpointer data)
{
  g_free (((WeirReset *)data)->text);
}

static int
compare_resets (gconstpointer first, gconstpointer second)
{
  const WeirReset *a = first;
  const WeirReset *b = second;

  return (a->resets_us > b->resets_us) - (a->resets_us < b->resets_us);
}

static void
collect_resets (GArray *resets,
                WeirDBusAccount *account,
                gboolean is_private,
                int64_t now_us)
{
  GVariant *windows = weir_dbus_account_get_windows (account);
  g_autofree char *label
      = weir_format_private (weir_dbus_account_get_label (account), is_private);

  for (size_t i = 0; windows != NULL && i < g_variant_n_children (windows); i++)
    {
      g_autoptr (GVariant) members = g_variant_get_child_value (windows, i);
      g_autoptr (WeirRecord) window = weir_record_new (members);
      WeirReset reset = { weir_record_get_integer (window, "resets"), NULL };
      g_autofree char *name = NULL;

      /* one that is not used at all is reset to what it is */
      if (reset.resets_us <= now_us || weir_record_get_double (window, "used", -1) <= 0)
        continue;
      name = weir_service_text_dup (weir_record_get_text (window, "name"));
      reset.text = g_strdup_printf (
          /* Translators: vendor, account, and name of a limit: "Claude work, 5 hours". */
          C_ ("reset", "%s %s, %s"), weir_dbus_account_get_provider_name (account), label,
          name);
      g_array_append_val (resets, reset);
    }
}

static void
update_resets (WeirQuotaPage *self)
{
  WeirClient *client = weir_page_get_client (WEIR_PAGE (self));
  GListModel *accounts = weir_client_get_accounts (client);
  gboolean is_private = weir_page_is_private (WEIR_PAGE (self));
  int64_t now_us = weir_client_get_now_us (client);
  g_autoptr (GArray) resets = g_array_new (FALSE, FALSE, sizeof (WeirReset));
  g_autoptr (GString) text = g_string_new (NULL);

  g_array_set_clear_func (resets, clear_reset);
  for (unsigned i = 0; i < g_list_model_get_n_items (accounts); i++)
    {
      g_autoptr (WeirDBusAccount) account = g_list_model_get_item (accounts, i);

      collect_resets (resets, account, is_private, now_us);
    }
  g_array_sort (resets, compare_resets);
  for (unsigned i = 0; i < MIN (resets->len, RESETS_SHOWN); i++)
    {
      const WeirReset *reset = &g_array_index (resets, WeirReset, i);
      g_autofree char *moment = weir_format_moment (reset->resets_us, now_us);

      g_string_append_printf (text, "%s%s %s", i > 0 ? "  ·  " : "", reset->text, moment);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->resets_label), resets->len > 0);
  if (resets->len > 0)
    {
      /* Translators: %s is a list of limits and moments. */
      g_autofree char *line = g_strdup_printf (_ ("Next resets: %s"), text->str);

      gtk_label_set_label (self->resets_label, line);
    }
}

static void
on_accounts_changed (WeirQuotaPage *self)
{
  GListModel *accounts = weir_client_get_accounts (weir_page_get_client (WEIR_PAGE (self)));

  gtk_stack_set_visible_child_name (
      self->stack, g_list_model_get_n_items (accounts) > 0 ? "accounts" : "empty");
  update_resets (self);
}

static GtkWidget *
create_card (gpointer item, gpointer user_data)
{
  return weir_account_card_new (weir_page_get_client (user_data), item);
}

/* A heading over the first account of each provider. */
static void
update_header (GtkListBoxRow *row, GtkListBoxRow *before, gpointer user_data)
{
  const char *name = weir_dbus_account_get_provider_name (
      weir_account_card_get_account (WEIR_ACCOUNT_CARD (row)));
  GtkWidget *heading;

  if (before != NULL
      && g_strcmp0 (name, weir_dbus_account_get_provider_name (
                              weir_account_card_get_account (WEIR_ACCOUNT_CARD (before))))
             == 0)
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }
  heading = gtk_label_new (name);
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_widget_add_css_class (heading, "provider-heading");
  gtk_widget_add_css_class (heading, "heading");
  gtk_list_box_row_set_header (row, heading);
}

static void
weir_quota_page_attach (WeirPage *page, WeirClient *client)
{
  WeirQuotaPage *self = WEIR_QUOTA_PAGE (page);

  gtk_list_box_bind_model (self->accounts_box, weir_client_get_accounts (client),
                           create_card, self, NULL);
  g_signal_connect_object (client, "accounts-changed", G_CALLBACK (on_accounts_changed),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "notify::now", G_CALLBACK (update_resets), self,
                           G_CONNECT_SWAPPED);
  on_accounts_changed (self);
}

static void
weir_quota_page_restyle (WeirPage *page)
{
  update_resets (WEIR_QUOTA_PAGE (page));
}

static void
weir_quota_page_class_init (WeirQuotaPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  WEIR_PAGE_CLASS (klass)->attach = weir_quota_page_attach;
  WEIR_PAGE_CLASS (klass)->restyle = weir_quota_page_restyle;
  g_type_ensure (WEIR_TYPE_PROXY_BAR);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-quota-page.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirQuotaPage, stack);
  gtk_widget_class_bind_template_child (widget_class, WeirQuotaPage, resets_label);
  gtk_widget_class_bind_template_child (widget_class, WeirQuotaPage, accounts_box);
}

static void
weir_quota_page_init (WeirQuotaPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_set_header_func (self->accounts_box, update_header, NULL, NULL);
}
