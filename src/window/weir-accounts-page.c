/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The Accounts page: the list, which account the other side shows, and who serves first:
 * in a vendor's group the priorities are the order, so that a move is a change of them. */

#include "config.h"

#include "window/weir-accounts-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "window/weir-account-detail.h"
#include "window/weir-account-row.h"
#include "window/weir-call.h"
#include "window/weir-priority.h"

struct _WeirAccountsPage
{
  WeirPage parent;

  GListModel *ordered; /* (owned) (nullable): the client's accounts, as they are listed */
  GtkSorter *sorter;   /* (owned) */

  GtkStack *stack;
  AdwLeaflet *leaflet;
  GtkListBox *accounts_box;
  GtkWidget *list_side;
  GtkWidget *detail_side;
  WeirAccountDetail *detail;
};

G_DEFINE_FINAL_TYPE (WeirAccountsPage, weir_accounts_page, WEIR_TYPE_PAGE)

static int
compare_accounts (gconstpointer first, gconstpointer second, gpointer user_data)
{
  WeirDBusAccount *a = WEIR_DBUS_ACCOUNT ((gpointer)first);
  WeirDBusAccount *b = WEIR_DBUS_ACCOUNT ((gpointer)second);
  int priorities[]
      = { weir_dbus_account_get_priority (a), weir_dbus_account_get_priority (b) };
  int order = g_utf8_collate (weir_dbus_account_get_provider_name (a),
                              weir_dbus_account_get_provider_name (b));

  if (order != 0)
    return order;
  if (priorities[0] != priorities[1])
    return priorities[0] < priorities[1] ? 1 : -1;
  order = g_utf8_collate (weir_dbus_account_get_label (a), weir_dbus_account_get_label (b));
  if (order != 0)
    return order;
  return strcmp (weir_dbus_account_get_id (a), weir_dbus_account_get_id (b));
}

static void
select_row (WeirAccountsPage *self, GtkListBoxRow *row)
{
  gtk_list_box_select_row (self->accounts_box, row);
  weir_account_detail_set_account (
      self->detail,
      row != NULL ? weir_account_row_get_account (WEIR_ACCOUNT_ROW (row)) : NULL);
}

/* (nullable) */
static GtkListBoxRow *
find_row (WeirAccountsPage *self, const char *id)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->accounts_box, i)) != NULL;
       i++)
    {
      WeirDBusAccount *account = weir_account_row_get_account (WEIR_ACCOUNT_ROW (row));

      if (g_strcmp0 (weir_dbus_account_get_id (account), id) == 0)
        return row;
    }
  return NULL;
}

static const char *
provider_of (GtkListBoxRow *row)
{
  return weir_dbus_account_get_provider_name (
      weir_account_row_get_account (WEIR_ACCOUNT_ROW (row)));
}

static gboolean
is_same_group (GtkListBoxRow *a, GtkListBoxRow *b)
{
  return a != NULL && b != NULL && g_strcmp0 (provider_of (a), provider_of (b)) == 0;
}

static void
update_handles (WeirAccountsPage *self)
{
  GtkListBoxRow *before = NULL;
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->accounts_box, 0);

  for (int i = 1; row != NULL; i++)
    {
      GtkListBoxRow *after = gtk_list_box_get_row_at_index (self->accounts_box, i);

      weir_account_row_set_movable (WEIR_ACCOUNT_ROW (row),
                                    is_same_group (before, row)
                                        || is_same_group (row, after));
      before = row;
      row = after;
    }
}

/* One is always shown: the same one where it has moved, where it has gone the first. */
static void
on_accounts_changed (WeirAccountsPage *self)
{
  WeirDBusAccount *shown = weir_account_detail_get_account (self->detail);
  gboolean has_focus = gtk_widget_get_focus_child (GTK_WIDGET (self->accounts_box)) != NULL;
  GtkListBoxRow *row;

  gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
  update_handles (self);
  gtk_stack_set_visible_child_name (
      self->stack, g_list_model_get_n_items (self->ordered) > 0 ? "accounts" : "empty");
  if (gtk_list_box_get_selected_row (self->accounts_box) != NULL)
    return;
  row = shown != NULL ? find_row (self, weir_dbus_account_get_id (shown)) : NULL;
  if (row == NULL)
    {
      adw_leaflet_set_visible_child (self->leaflet, self->list_side);
      row = gtk_list_box_get_row_at_index (self->accounts_box, 0);
    }
  select_row (self, row);
  if (row != NULL && has_focus)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

/* --- who serves first --- */

/* The place of the first row of @row's group; @out_n is how many there are. */
static int
find_group (WeirAccountsPage *self, GtkListBoxRow *row, unsigned *out_n)
{
  int first = gtk_list_box_row_get_index (row);
  unsigned n = 1;

  while (is_same_group (gtk_list_box_get_row_at_index (self->accounts_box, first - 1), row))
    first--;
  while (is_same_group (gtk_list_box_get_row_at_index (self->accounts_box, first + (int)n),
                        row))
    n++;
  *out_n = n;
  return first;
}

/* Puts the account of the row @from where that of @to is now. */
static void
move (WeirAccountsPage *self, GtkListBoxRow *from, GtkListBoxRow *to)
{
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  g_autofree int *priorities = NULL;
  unsigned n;
  int first;
  unsigned source;
  unsigned target;
  gpointer moved;

  if (from == to || !is_same_group (from, to))
    return;
  first = find_group (self, from, &n);
  source = (unsigned)(gtk_list_box_row_get_index (from) - first);
  target = (unsigned)(gtk_list_box_row_get_index (to) - first);
  priorities = g_new (int, n);
  for (unsigned i = 0; i < n; i++)
    {
      GtkListBoxRow *row
          = gtk_list_box_get_row_at_index (self->accounts_box, first + (int)i);

      g_ptr_array_add (order, weir_account_row_get_account (WEIR_ACCOUNT_ROW (row)));
      priorities[i] = weir_dbus_account_get_priority (order->pdata[i]);
    }
  weir_priority_move (priorities, n, source, target);
  moved = g_ptr_array_steal_index (order, source);
  g_ptr_array_insert (order, (int)target, moved);
  for (unsigned i = 0; i < n; i++)
    if (priorities[i] != weir_dbus_account_get_priority (order->pdata[i]))
      weir_call_set (GTK_WIDGET (self), order->pdata[i], "Priority",
                     g_variant_new_int32 (priorities[i]));
}

static void
move_to (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WeirAccountsPage *self = WEIR_ACCOUNTS_PAGE (widget);
  const char *from;
  const char *to;

  g_variant_get (parameter, "(&s&s)", &from, &to);
  move (self, find_row (self, from), find_row (self, to));
}

static void
move_by (WeirAccountsPage *self, GtkListBoxRow *row, int distance)
{
  if (row != NULL)
    move (self, row,
          gtk_list_box_get_row_at_index (self->accounts_box,
                                         gtk_list_box_row_get_index (row) + distance));
}

static void
move_one (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WeirAccountsPage *self = WEIR_ACCOUNTS_PAGE (widget);

  move_by (self, find_row (self, g_variant_get_string (parameter, NULL)),
           g_str_equal (name, "accounts.move-up") ? -1 : 1);
}

static gboolean
on_move_key (GtkWidget *widget, GVariant *distance, gpointer user_data)
{
  WeirAccountsPage *self = user_data;

  move_by (self, gtk_list_box_get_selected_row (self->accounts_box),
           g_variant_get_int32 (distance));
  return TRUE;
}

/* On the list itself: elsewhere on the page these keys have other meanings. */
static void
add_keys (WeirAccountsPage *self)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();
  static const struct
  {
    unsigned key;
    int distance;
  } moves[] = { { GDK_KEY_Up, -1 }, { GDK_KEY_Down, 1 } };

  for (size_t i = 0; i < G_N_ELEMENTS (moves); i++)
    {
      GtkShortcut *shortcut
          = gtk_shortcut_new (gtk_keyval_trigger_new (moves[i].key, GDK_ALT_MASK),
                              gtk_callback_action_new (on_move_key, self, NULL));

      gtk_shortcut_set_arguments (shortcut, g_variant_new_int32 (moves[i].distance));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys), shortcut);
    }
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (GTK_WIDGET (self->accounts_box), keys);
}

static void
on_row_activated (WeirAccountsPage *self, GtkListBoxRow *row)
{
  select_row (self, row);
  adw_leaflet_set_visible_child (self->leaflet, self->detail_side);
  /* the leaflet has moved the focus; the list is still there where there is room */
  if (adw_leaflet_get_folded (self->leaflet))
    weir_account_detail_take_focus (self->detail);
  else
    gtk_widget_grab_focus (GTK_WIDGET (row));
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

  row = find_row (self, id);
  if (row != NULL)
    on_row_activated (self, row);
}

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  return weir_account_row_new (item);
}

static void
update_header (GtkListBoxRow *row, GtkListBoxRow *before, gpointer user_data)
{
  GtkWidget *heading = NULL;

  if (!is_same_group (row, before))
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

  self->ordered = G_LIST_MODEL (gtk_sort_list_model_new (
      g_object_ref (weir_client_get_accounts (client)), g_object_ref (self->sorter)));
  gtk_list_box_bind_model (self->accounts_box, self->ordered, create_row, NULL, NULL);
  g_signal_connect_object (client, "accounts-changed", G_CALLBACK (on_accounts_changed),
                           self, G_CONNECT_SWAPPED);
  on_accounts_changed (self);
}

static void
weir_accounts_page_dispose (GObject *object)
{
  WeirAccountsPage *self = WEIR_ACCOUNTS_PAGE (object);

  g_clear_object (&self->ordered);
  g_clear_object (&self->sorter);
  G_OBJECT_CLASS (weir_accounts_page_parent_class)->dispose (object);
}

static void
weir_accounts_page_class_init (WeirAccountsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_accounts_page_dispose;
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
  gtk_widget_class_install_action (widget_class, "accounts.move-up", "s", move_one);
  gtk_widget_class_install_action (widget_class, "accounts.move-down", "s", move_one);
  gtk_widget_class_install_action (widget_class, "accounts.move-to", "(ss)", move_to);
}

static void
weir_accounts_page_init (WeirAccountsPage *self)
{
  self->sorter = GTK_SORTER (gtk_custom_sorter_new (compare_accounts, NULL, NULL));
  gtk_widget_init_template (GTK_WIDGET (self));
  add_keys (self);
  gtk_list_box_set_header_func (self->accounts_box, update_header, NULL, NULL);
}
