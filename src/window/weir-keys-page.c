/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The Keys page.  Keys are made and changed in the configuration; they are looked at here.
 */

#include "config.h"

#include "window/weir-keys-page.h"

#include <glib/gi18n.h>

#include "window/weir-call.h"
#include "window/weir-format.h"
#include "window/weir-meter.h"
#include "window/weir-record.h"

struct _WeirKeysPage
{
  WeirPage parent;

  GListStore *keys; /* (owned) of WeirRecord */

  GtkStack *stack;
  GtkListBox *keys_box;
};

G_DEFINE_FINAL_TYPE (WeirKeysPage, weir_keys_page, WEIR_TYPE_PAGE)

/* clang-format off */
static const struct
{
  const char *name; /* as the configuration calls it */
  const char *text; /* to be translated */
} limits[] = {
  { "requests-per-minute", N_ ("Requests a minute") },
  { "requests-per-day",    N_ ("Requests a day") },
  { "tokens-per-minute",   N_ ("Tokens a minute") },
  { "concurrent-requests", N_ ("Requests at a time") },
};
/* clang-format on */

static const char *
name_limit (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (limits); i++)
    if (g_str_equal (limits[i].name, name))
      return _ (limits[i].text);
  return name;
}

static void
add_limit (AdwExpanderRow *parent, const char *name, int64_t most, int64_t used)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *meter = g_object_new (WEIR_TYPE_METER, "width-request", 120, NULL);
  g_autofree char *used_text = weir_format_count (used);
  g_autofree char *most_text = weir_format_count (most);
  /* Translators: how much is used of how much: "14 of 60". */
  g_autofree char *text = g_strdup_printf (_ ("%s of %s"), used_text, most_text);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name_limit (name));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  gtk_widget_set_valign (meter, GTK_ALIGN_CENTER);
  weir_meter_show (WEIR_METER (meter), most > 0 ? 100.0 * (double)used / (double)most : -1,
                   -1, FALSE, name_limit (name), text);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), meter);
  adw_expander_row_add_row (parent, row);
}

static void
add_list (AdwExpanderRow *parent, const char *title, WeirRecord *key, const char *member)
{
  g_auto (GStrv) list = weir_record_dup_list (key, member);
  g_autofree char *text = g_strjoinv (", ", list);
  GtkWidget *row;

  if (*text == '\0')
    return;
  row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", title, "subtitle",
                      text, NULL);
  adw_expander_row_add_row (parent, row);
}

static char *
dup_subtitle (WeirKeysPage *self, WeirRecord *key)
{
  int64_t expires_us = weir_record_get_integer (key, "expires");
  int64_t now_us = weir_client_get_now_us (weir_page_get_client (WEIR_PAGE (self)));
  g_autoptr (GString) text = g_string_new (weir_record_get_text (key, "masked"));

  if (!weir_record_get_truth (key, "enabled"))
    g_string_append_printf (text, " · %s", _ ("off"));
  if (expires_us > 0)
    {
      g_autofree char *moment = weir_format_moment (expires_us, now_us);

      g_string_append (text, " · ");
      g_string_append_printf (
          text, expires_us <= now_us ? _ ("expired %s") : _ ("expires %s"), moment);
    }
  if (*weir_record_get_text (key, "note") != '\0')
    g_string_append_printf (text, " · %s", weir_record_get_text (key, "note"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  WeirRecord *key = item;
  g_autofree char *subtitle = dup_subtitle (user_data, key);
  GtkWidget *row = g_object_new (ADW_TYPE_EXPANDER_ROW, "use-markup", FALSE, NULL);
  g_autoptr (GVariant) list = weir_record_dup_value (key, "limits", "a(sxx)");

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 weir_record_get_text (key, "name"));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), subtitle);
  for (size_t i = 0; list != NULL && i < g_variant_n_children (list); i++)
    {
      const char *name;
      int64_t most;
      int64_t used;

      g_variant_get_child (list, i, "(&sxx)", &name, &most, &used);
      add_limit (ADW_EXPANDER_ROW (row), name, most, used);
    }
  add_list (ADW_EXPANDER_ROW (row), _ ("Models"), key, "models");
  add_list (ADW_EXPANDER_ROW (row), _ ("Groups"), key, "groups");
  return row;
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
  weir_record_list_replace (self->keys, list);
  gtk_stack_set_visible_child_name (self->stack,
                                    g_variant_n_children (list) > 0 ? "keys" : "empty");
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
weir_keys_page_dispose (GObject *object)
{
  g_clear_object (&WEIR_KEYS_PAGE (object)->keys);
  G_OBJECT_CLASS (weir_keys_page_parent_class)->dispose (object);
}

static void
weir_keys_page_class_init (WeirKeysPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_keys_page_dispose;
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
  self->keys = g_list_store_new (WEIR_TYPE_RECORD);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_bind_model (self->keys_box, G_LIST_MODEL (self->keys), create_row, self,
                           NULL);
}
