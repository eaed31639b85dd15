/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Row by row; radios are drawn so but not grouped, since the service says what is on. */

#include "config.h"

#include "tray-ayatana/weir-ayatana-menu.h"

#include <string.h>

/* No menu of ours is deeper; what is comes from somebody else. */
#define DEPTH_MAX 6

typedef struct
{
  WeirAyatanaChosenFunc chosen;
  gpointer user_data;
  int32_t id;
} Choice;

static void
on_activate (GtkMenuItem *item, gpointer user_data)
{
  const Choice *choice = user_data;

  choice->chosen (choice->id, choice->user_data);
}

static void
free_choice (gpointer choice, GClosure *closure)
{
  g_free (choice);
}

static GtkWidget *
make_toggle (GVariant *properties, const char *label, const char *type)
{
  GtkWidget *item = gtk_check_menu_item_new_with_mnemonic (label);
  gint32 state = 0;

  g_variant_lookup (properties, "toggle-state", "i", &state);
  gtk_check_menu_item_set_active (GTK_CHECK_MENU_ITEM (item), state == 1);
  gtk_check_menu_item_set_draw_as_radio (GTK_CHECK_MENU_ITEM (item),
                                         g_str_equal (type, "radio"));
  return item;
}

static GtkWidget *
make_row (GVariant *properties)
{
  const char *type = "";
  const char *label = "";
  const char *toggle = "";
  gboolean is_enabled = TRUE;
  GtkWidget *item = NULL;

  g_variant_lookup (properties, "type", "&s", &type);
  g_variant_lookup (properties, "label", "&s", &label);
  g_variant_lookup (properties, "toggle-type", "&s", &toggle);
  g_variant_lookup (properties, "enabled", "b", &is_enabled);
  if (g_str_equal (type, "separator"))
    return gtk_separator_menu_item_new ();
  item = *toggle != '\0' ? make_toggle (properties, label, toggle)
                         : gtk_menu_item_new_with_mnemonic (label);
  gtk_widget_set_sensitive (item, is_enabled);
  return item;
}

static GtkWidget *make_menu (GVariant *children, const Choice *choice, unsigned depth);

static void
add_row (GtkMenuShell *menu, GVariant *layout, const Choice *choice, unsigned depth)
{
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GVariant) children = NULL;
  GtkWidget *item = NULL;
  Choice own = *choice;

  g_variant_get (layout, "(i@a{sv}@av)", &own.id, &properties, &children);
  item = make_row (properties);
  if (g_variant_n_children (children) > 0 && depth < DEPTH_MAX)
    gtk_menu_item_set_submenu (GTK_MENU_ITEM (item), make_menu (children, choice, depth));
  else
    g_signal_connect_data (item, "activate", G_CALLBACK (on_activate),
                           g_memdup2 (&own, sizeof own), free_choice, 0);
  gtk_menu_shell_append (menu, item);
}

static GtkWidget *
make_menu (GVariant *children, const Choice *choice, unsigned depth)
{
  GtkWidget *menu = gtk_menu_new ();

  for (gsize i = 0; i < g_variant_n_children (children); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (children, i);
      g_autoptr (GVariant) layout = g_variant_get_variant (child);

      if (g_variant_is_of_type (layout, G_VARIANT_TYPE ("(ia{sv}av)")))
        add_row (GTK_MENU_SHELL (menu), layout, choice, depth + 1);
    }
  return menu;
}

GtkWidget *
weir_ayatana_menu_new (GVariant *layout, WeirAyatanaChosenFunc chosen, gpointer user_data)
{
  const Choice choice = { .chosen = chosen, .user_data = user_data };
  g_autoptr (GVariant) children = g_variant_get_child_value (layout, 2);

  return make_menu (children, &choice, 0);
}
