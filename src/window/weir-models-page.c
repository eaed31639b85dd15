/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The Models page: the list, filtered by a text and an owner. */

#include "config.h"

#include "window/weir-models-page.h"

#include <glib/gi18n.h>

#include "window/weir-call.h"
#include "window/weir-model-row.h"
#include "window/weir-record.h"

struct _WeirModelsPage
{
  WeirPage parent;

  GListStore *models;           /* (owned) of WeirRecord */
  GtkFilterListModel *filtered; /* (owned) */
  GtkFilter *filter;            /* (unowned): the filtered list's */
  GtkStringList *owners;        /* (unowned): the drop-down's; the first is "all" */

  GtkStack *stack;
  GtkSearchEntry *search_entry;
  GtkDropDown *owner_drop_down;
  GtkListBox *models_box;
};

G_DEFINE_FINAL_TYPE (WeirModelsPage, weir_models_page, WEIR_TYPE_PAGE)

static gboolean
contains (const char *text, const char *folded_needle)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);

  return strstr (folded, folded_needle) != NULL;
}

/* Whether it is of the chosen owner, and its name or an alias holds what is searched. */
static gboolean
is_wanted (gpointer item, gpointer user_data)
{
  WeirModelsPage *self = user_data;
  WeirRecord *model = item;
  g_autofree char *needle
      = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search_entry)), -1);
  unsigned owner = gtk_drop_down_get_selected (self->owner_drop_down);
  g_auto (GStrv) aliases = NULL;

  if (owner != 0 && owner != GTK_INVALID_LIST_POSITION
      && g_strcmp0 (gtk_string_list_get_string (self->owners, owner),
                    weir_record_get_text (model, "owner"))
             != 0)
    return FALSE;
  if (contains (weir_record_get_text (model, "id"), needle))
    return TRUE;
  aliases = weir_record_dup_list (model, "aliases");
  for (char **alias = aliases; *alias != NULL; alias++)
    if (contains (*alias, needle))
      return TRUE;
  return FALSE;
}

static void
update_stack (WeirModelsPage *self)
{
  const char *name = "models";

  if (g_list_model_get_n_items (G_LIST_MODEL (self->models)) == 0)
    name = "empty";
  else if (g_list_model_get_n_items (G_LIST_MODEL (self->filtered)) == 0)
    name = "nothing-found";
  gtk_stack_set_visible_child_name (self->stack, name);
}

static void
on_filter_changed (WeirModelsPage *self)
{
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  update_stack (self);
}

static void
collect_owners (WeirModelsPage *self)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  unsigned n = g_list_model_get_n_items (G_LIST_MODEL (self->models));

  gtk_drop_down_set_selected (self->owner_drop_down, 0);
  gtk_string_list_splice (self->owners, 1,
                          g_list_model_get_n_items (G_LIST_MODEL (self->owners)) - 1, NULL);
  for (unsigned i = 0; i < n; i++)
    {
      g_autoptr (WeirRecord) model = g_list_model_get_item (G_LIST_MODEL (self->models), i);
      const char *owner = weir_record_get_text (model, "owner");

      if (*owner != '\0' && g_hash_table_add (seen, g_strdup (owner)))
        gtk_string_list_append (self->owners, owner);
    }
}

static void
models_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirModelsPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) list = NULL;

  if (!weir_dbus_manager_call_list_models_finish (WEIR_DBUS_MANAGER (source), &list, result,
                                                  &error))
    {
      weir_call_toast_error (GTK_WIDGET (self), error);
      return;
    }
  weir_record_list_replace (self->models, list);
  collect_owners (self);
  update_stack (self);
}

static void
weir_models_page_reload (WeirPage *page)
{
  weir_dbus_manager_call_list_models (weir_page_get_manager (page), NULL, models_cb,
                                      g_object_ref (page));
}

static void
weir_models_page_attach (WeirPage *page, WeirClient *client)
{
  g_signal_connect_object (client, "models-changed", G_CALLBACK (weir_page_reload), page,
                           G_CONNECT_SWAPPED);
}

static void
weir_models_page_search (WeirPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (WEIR_MODELS_PAGE (page)->search_entry));
}

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  return weir_model_row_new (weir_page_get_client (user_data), item,
                             weir_page_is_private (user_data));
}

static void
weir_models_page_restyle (WeirPage *page)
{
  WeirModelsPage *self = WEIR_MODELS_PAGE (page);

  gtk_list_box_bind_model (self->models_box, G_LIST_MODEL (self->filtered), create_row,
                           self, NULL);
}

static void
weir_models_page_dispose (GObject *object)
{
  WeirModelsPage *self = WEIR_MODELS_PAGE (object);

  g_clear_object (&self->filtered);
  g_clear_object (&self->models);
  G_OBJECT_CLASS (weir_models_page_parent_class)->dispose (object);
}

static void
weir_models_page_class_init (WeirModelsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_models_page_dispose;
  WEIR_PAGE_CLASS (klass)->attach = weir_models_page_attach;
  WEIR_PAGE_CLASS (klass)->reload = weir_models_page_reload;
  WEIR_PAGE_CLASS (klass)->restyle = weir_models_page_restyle;
  WEIR_PAGE_CLASS (klass)->search = weir_models_page_search;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-models-page.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirModelsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, WeirModelsPage, search_entry);
  gtk_widget_class_bind_template_child (widget_class, WeirModelsPage, owner_drop_down);
  gtk_widget_class_bind_template_child (widget_class, WeirModelsPage, models_box);
  gtk_widget_class_bind_template_callback (widget_class, on_filter_changed);
}

static void
weir_models_page_init (WeirModelsPage *self)
{
  const char *first[] = { _ ("All Owners"), NULL };
  g_autoptr (GtkStringList) owners = gtk_string_list_new (first);

  gtk_widget_init_template (GTK_WIDGET (self));
  self->owners = owners;
  gtk_drop_down_set_model (self->owner_drop_down, G_LIST_MODEL (owners));
  self->models = g_list_store_new (WEIR_TYPE_RECORD);
  self->filter = GTK_FILTER (gtk_custom_filter_new (is_wanted, self, NULL));
  self->filtered = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->models)),
                                              self->filter);
  gtk_list_box_bind_model (self->models_box, G_LIST_MODEL (self->filtered), create_row,
                           self, NULL);
  g_signal_connect_object (self->owner_drop_down, "notify::selected",
                           G_CALLBACK (on_filter_changed), self, G_CONNECT_SWAPPED);
}
