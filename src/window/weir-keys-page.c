/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The Keys page.  Keys are made and changed in the configuration; they are looked at here.
 */

#include "config.h"

#include "window/weir-keys-page.h"

#include <glib/gi18n.h>

#include "window/weir-call.h"
#include "window/weir-key-row.h"
#include "window/weir-record.h"

struct _WeirKeysPage
{
  WeirPage parent;

  GtkStack *stack;
  GtkListBox *keys_box;
};

G_DEFINE_FINAL_TYPE (WeirKeysPage, weir_keys_page, WEIR_TYPE_PAGE)

/* Rows are used again as long as they are the same keys' in the same order: what is open
 * stays open. */
static void
show_keys (WeirKeysPage *self, GVariant *list)
{
  int64_t now_us = weir_client_get_now_us (weir_page_get_client (WEIR_PAGE (self)));
  size_t n = g_variant_n_children (list);
  GtkListBoxRow *spare;

  for (size_t i = 0; i < n; i++)
    {
      g_autoptr (GVariant) members = g_variant_get_child_value (list, i);
      g_autoptr (WeirRecord) key = weir_record_new (members);
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->keys_box, (int)i);

      if (row == NULL
          || !g_str_equal (weir_key_row_get_id (WEIR_KEY_ROW (row)),
                           weir_record_get_text (key, "id")))
        {
          row = GTK_LIST_BOX_ROW (weir_key_row_new ());
          gtk_list_box_insert (self->keys_box, GTK_WIDGET (row), (int)i);
        }
      weir_key_row_show (WEIR_KEY_ROW (row), key, now_us);
    }
  while ((spare = gtk_list_box_get_row_at_index (self->keys_box, (int)n)) != NULL)
    gtk_list_box_remove (self->keys_box, GTK_WIDGET (spare));
  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "keys" : "empty");
}

static void
keys_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirKeysPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) list = NULL;

  if (!weir_dbus_manager_call_list_keys_finish (WEIR_DBUS_MANAGER (source), &list, result,
                                                &error))
    {
      weir_call_toast_error (GTK_WIDGET (self), error);
      return;
    }
  show_keys (self, list);
}

static void
weir_keys_page_reload (WeirPage *page)
{
  weir_dbus_manager_call_list_keys (weir_page_get_manager (page), NULL, keys_cb,
                                    g_object_ref (page));
}

/* What is used changes while it is seen; nobody else says so. */
static void
on_now_changed (WeirPage *page)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (page)))
    weir_page_reload (page);
}

static void
weir_keys_page_attach (WeirPage *page, WeirClient *client)
{
  g_signal_connect_object (client, "notify::now", G_CALLBACK (on_now_changed), page,
                           G_CONNECT_SWAPPED);
}

static void
weir_keys_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (weir_keys_page_parent_class)->map (widget);
  weir_page_reload (WEIR_PAGE (widget));
}

static void
weir_keys_page_class_init (WeirKeysPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  WEIR_PAGE_CLASS (klass)->attach = weir_keys_page_attach;
  WEIR_PAGE_CLASS (klass)->reload = weir_keys_page_reload;
  widget_class->map = weir_keys_page_map;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-keys-page.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirKeysPage, stack);
  gtk_widget_class_bind_template_child (widget_class, WeirKeysPage, keys_box);
}

static void
weir_keys_page_init (WeirKeysPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
