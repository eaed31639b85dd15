/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Hosts differ in what they ask: some only GetLayout, some only GetGroupProperties, and
 * some (libdbusmenu's among them) keep what they once read until they are told.
 *
 * COSMIC's host, read 2026-10, leaves texts alone when only they are said to have changed:
 * so a menu that nobody looks at is always said to be another one as a whole. */

#include "config.h"

#include "tray/weir-dbus-menu.h"

#include "base/weir-clock.h"
#include "weir-tray-generated.h"

#include <string.h>

#define INTERFACE "com.canonical.dbusmenu"
#define OPEN_MAX_US (60 * WEIR_USEC_PER_SEC)
/* More than any menu has rows; a caller that asks for more is not a panel. */
#define IDS_MAX 4096
#define CHANGES_MAX 256

struct _WeirDBusMenu
{
  GDBusConnection *bus;           /* (owned) */
  const WeirDBusMenuFuncs *funcs; /* (unowned) */
  gpointer user_data;
  unsigned object_id;
  WeirMenuRow *root;    /* (owned): what hosts know */
  WeirMenuRow *waiting; /* (owned) (nullable): what they get when the menu is closed */
  int32_t next_id;
  uint32_t revision;
  int64_t opened_us;   /* 0: closed */
  unsigned timer_id;   /* 0: none; ends the wait */
  unsigned in_asking;  /* calls of AboutToShow that this one is in */
  gboolean only_texts; /* were told since it was opened: some hosts have not listened */
};

typedef GVariant *(*MethodFunc) (WeirDBusMenu *self, GVariant *in, GError **error);

static gboolean
wants (const char *const *names, const char *name)
{
  return names == NULL || *names == NULL || g_strv_contains (names, name);
}

static void
add_property (GVariantBuilder *out,
              const char *const *names,
              const char *name,
              GVariant *value)
{
  g_autoptr (GVariant) held = g_variant_ref_sink (value);

  if (wants (names, name))
    g_variant_builder_add (out, "{sv}", name, held);
}

/* An underscore would be a mnemonic. */
static GVariant *
pack_label (const char *label)
{
  g_auto (GStrv) parts = g_strsplit (label, "_", -1);

  return g_variant_new_take_string (g_strjoinv ("__", parts));
}

/* (transfer floating): a{sv}, of @names (nullable: all). */
static GVariant *
pack_properties (const WeirMenuRow *row, const char *const *names)
{
  GVariantBuilder out;

  g_variant_builder_init (&out, G_VARIANT_TYPE_VARDICT);
  if (row->children != NULL)
    add_property (&out, names, "children-display", g_variant_new_string ("submenu"));
  if (row->id == 0)
    return g_variant_builder_end (&out);
  if (row->kind == WEIR_MENU_DIVIDER)
    {
      add_property (&out, names, "type", g_variant_new_string ("separator"));
      return g_variant_builder_end (&out);
    }
  add_property (&out, names, "label", pack_label (row->label));
  add_property (&out, names, "enabled",
                g_variant_new_boolean (weir_menu_row_is_enabled (row)));
  if (row->kind != WEIR_MENU_CHECK && row->kind != WEIR_MENU_RADIO)
    return g_variant_builder_end (&out);
  add_property (
      &out, names, "toggle-type",
      g_variant_new_string (row->kind == WEIR_MENU_CHECK ? "checkmark" : "radio"));
  add_property (&out, names, "toggle-state", g_variant_new_int32 (row->is_on ? 1 : 0));
  return g_variant_builder_end (&out);
}

/* (transfer floating): (ia{sv}av), @depth levels of children; below 0: all. */
static GVariant *
pack_layout (const WeirMenuRow *row, int32_t depth, const char *const *names)
{
  GVariantBuilder children;

  g_variant_builder_init (&children, G_VARIANT_TYPE ("av"));
  for (unsigned i = 0; depth != 0 && row->children != NULL && i < row->children->len; i++)
    g_variant_builder_add (
        &children, "v",
        pack_layout (g_ptr_array_index (row->children, i), MAX (depth, 0) - 1, names));
  return g_variant_new ("(i@a{sv}@av)", row->id, pack_properties (row, names),
                        g_variant_builder_end (&children));
}

static void
emit (WeirDBusMenu *self, const char *signal, GVariant *parameters)
{
  g_dbus_connection_emit_signal (self->bus, NULL, WEIR_DBUS_MENU_PATH, INTERFACE, signal,
                                 parameters, NULL);
}

static void
emit_layout (WeirDBusMenu *self)
{
  self->revision++;
  emit (self, "LayoutUpdated", g_variant_new ("(ui)", self->revision, 0));
}

static void
emit_texts (WeirDBusMenu *self, GPtrArray *changed)
{
  static const char *const names[] = { "label", "enabled", "toggle-state", NULL };
  GVariantBuilder updates;

  g_variant_builder_init (&updates, G_VARIANT_TYPE ("a(ia{sv})"));
  for (unsigned i = 0; i < changed->len; i++)
    {
      const WeirMenuRow *row = g_ptr_array_index (changed, i);

      g_variant_builder_add (&updates, "(i@a{sv})", row->id, pack_properties (row, names));
    }
  emit (self, "ItemsPropertiesUpdated",
        g_variant_new ("(a(ia{sv})@a(ias))", &updates,
                       g_variant_new_array (G_VARIANT_TYPE ("(ias)"), NULL, 0)));
}

static void
set_root (WeirDBusMenu *self, WeirMenuRow *root)
{
  weir_menu_free (self->root);
  self->root = root;
}

static void
set_closed (WeirDBusMenu *self)
{
  self->opened_us = 0;
  g_clear_handle_id (&self->timer_id, g_source_remove);
  if (self->waiting == NULL && !self->only_texts)
    return;
  if (self->waiting != NULL)
    set_root (self, g_steal_pointer (&self->waiting));
  self->only_texts = FALSE;
  emit_layout (self);
}

static gboolean
timer_cb (gpointer user_data)
{
  WeirDBusMenu *self = user_data;

  self->timer_id = 0;
  set_closed (self);
  return G_SOURCE_REMOVE;
}

/* Not every host says when it is closed, so that is believed for a minute. */
static void
set_opened (WeirDBusMenu *self)
{
  self->opened_us = weir_clock_now_us ();
  g_clear_handle_id (&self->timer_id, g_source_remove);
  self->timer_id
      = g_timeout_add_seconds ((unsigned)(OPEN_MAX_US / WEIR_USEC_PER_SEC), timer_cb, self);
}

void
weir_dbus_menu_take (WeirDBusMenu *self, WeirMenuRow *root)
{
  g_autoptr (GPtrArray) changed = g_ptr_array_new ();
  WeirMenuChange change;

  weir_menu_take_ids (root, self->root, &self->next_id);
  change = weir_menu_compare (self->root, root, changed);
  g_clear_pointer (&self->waiting, weir_menu_free);
  if (change == WEIR_MENU_LAYOUT && self->opened_us != 0 && self->in_asking == 0)
    {
      self->waiting = root;
      return;
    }
  set_root (self, root);
  if (change == WEIR_MENU_TEXTS && self->opened_us != 0 && changed->len <= CHANGES_MAX)
    {
      emit_texts (self, changed);
      self->only_texts = TRUE;
    }
  else if (change != WEIR_MENU_SAME)
    emit_layout (self);
}

/* (nullable): @error says that it is not there. */
static WeirMenuRow *
lookup (WeirDBusMenu *self, int32_t id, GError **error)
{
  WeirMenuRow *row = weir_menu_lookup (self->root, id);

  if (row == NULL)
    g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS, "there is no row %d", id);
  return row;
}

static gboolean
check_count (GVariant *list, GError **error)
{
  if (g_variant_n_children (list) <= IDS_MAX)
    return TRUE;
  g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED,
                       "more rows than any menu has");
  return FALSE;
}

static GVariant *
get_layout (WeirDBusMenu *self, GVariant *in, GError **error)
{
  int32_t parent = 0;
  int32_t depth = 0;
  g_autofree const char **names = NULL;
  const WeirMenuRow *row = NULL;

  g_variant_get (in, "(ii^a&s)", &parent, &depth, &names);
  row = lookup (self, parent, error);
  if (row == NULL)
    return NULL;
  return g_variant_new ("(u@(ia{sv}av))", self->revision,
                        pack_layout (row, depth, (const char *const *)names));
}

static void
add_group (GVariantBuilder *out, WeirMenuRow *row, const char *const *names)
{
  g_variant_builder_add (out, "(i@a{sv})", row->id, pack_properties (row, names));
}

static void
add_all (GVariantBuilder *out, WeirMenuRow *row, const char *const *names)
{
  add_group (out, row, names);
  for (unsigned i = 0; row->children != NULL && i < row->children->len; i++)
    add_all (out, g_ptr_array_index (row->children, i), names);
}

static GVariant *
get_group_properties (WeirDBusMenu *self, GVariant *in, GError **error)
{
  g_autoptr (GVariant) ids = NULL;
  g_autofree const char **strings = NULL;
  const char *const *names = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GVariantBuilder out;
  gsize n = 0;
  const int32_t *numbers = NULL;

  g_variant_get (in, "(@ai^a&s)", &ids, &strings);
  names = (const char *const *)strings;
  if (!check_count (ids, error))
    return NULL;
  numbers = g_variant_get_fixed_array (ids, &n, sizeof *numbers);
  g_variant_builder_init (&out, G_VARIANT_TYPE ("a(ia{sv})"));
  if (n == 0)
    add_all (&out, self->root, names);
  for (gsize i = 0; i < n; i++)
    {
      WeirMenuRow *row = weir_menu_lookup (self->root, numbers[i]);

      if (row != NULL && g_hash_table_add (seen, row))
        add_group (&out, row, names);
    }
  return g_variant_new ("(a(ia{sv}))", &out);
}

static GVariant *
get_property (WeirDBusMenu *self, GVariant *in, GError **error)
{
  int32_t id = 0;
  const char *names[] = { NULL, NULL };
  const WeirMenuRow *row = NULL;
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GVariant) value = NULL;

  g_variant_get (in, "(i&s)", &id, &names[0]);
  row = lookup (self, id, error);
  if (row == NULL)
    return NULL;
  properties = g_variant_ref_sink (pack_properties (row, NULL));
  value = g_variant_lookup_value (properties, names[0], NULL);
  if (value == NULL)
    g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                 "the row has no such property");
  return value != NULL ? g_variant_new ("(v)", value) : NULL;
}

/* FALSE: there is no such row. */
static gboolean
handle_event (WeirDBusMenu *self, int32_t id, const char *event)
{
  const WeirMenuRow *row = weir_menu_lookup (self->root, id);

  if (row == NULL)
    return FALSE;
  if (g_str_equal (event, "opened"))
    set_opened (self);
  else if (g_str_equal (event, "closed") && id == 0)
    set_closed (self);
  else if (g_str_equal (event, "clicked") && row->action != NULL)
    {
      g_autoptr (GVariant) target
          = row->target != NULL ? g_variant_ref (row->target) : NULL;

      self->funcs->chosen (row->action, target, self->user_data);
    }
  return TRUE;
}

static GVariant *
handle_one_event (WeirDBusMenu *self, GVariant *in, GError **error)
{
  int32_t id = 0;
  const char *event = NULL;

  g_variant_get_child (in, 0, "i", &id);
  g_variant_get_child (in, 1, "&s", &event);
  if (lookup (self, id, error) == NULL)
    return NULL;
  handle_event (self, id, event);
  return g_variant_new ("()");
}

static GVariant *
handle_event_group (WeirDBusMenu *self, GVariant *in, GError **error)
{
  g_autoptr (GVariant) events = g_variant_get_child_value (in, 0);
  GVariantBuilder failed;

  if (!check_count (events, error))
    return NULL;
  g_variant_builder_init (&failed, G_VARIANT_TYPE ("ai"));
  for (gsize i = 0; i < g_variant_n_children (events); i++)
    {
      int32_t id = 0;
      g_autofree char *event = NULL;

      g_variant_get_child (events, i, "(isvu)", &id, &event, NULL, NULL);
      if (!handle_event (self, id, event))
        g_variant_builder_add (&failed, "i", id);
    }
  return g_variant_new ("(ai)", &failed);
}

/* Did the menu become another one by asking?  It will be open now: not every host says
 * that by an event, too. */
static gboolean
ask (WeirDBusMenu *self)
{
  const uint32_t before = self->revision;

  set_closed (self); /* whatever was believed: what waited is shown */
  if (self->funcs->about_to_show != NULL)
    {
      self->in_asking++;
      self->funcs->about_to_show (self->user_data);
      self->in_asking--;
    }
  set_opened (self);
  return self->revision != before;
}

static GVariant *
about_to_show (WeirDBusMenu *self, GVariant *in, GError **error)
{
  int32_t id = 0;

  g_variant_get (in, "(i)", &id);
  if (lookup (self, id, error) == NULL)
    return NULL;
  /* submenus are there already; to rebuild them would move rows of the open menu */
  return g_variant_new ("(b)", id == 0 && ask (self));
}

static GVariant *
about_to_show_group (WeirDBusMenu *self, GVariant *in, GError **error)
{
  g_autoptr (GVariant) ids = g_variant_get_child_value (in, 0);
  GVariantBuilder updates;
  GVariantBuilder failed;
  gsize n = 0;
  const int32_t *numbers = NULL;
  gboolean is_asked = FALSE;

  if (!check_count (ids, error))
    return NULL;
  numbers = g_variant_get_fixed_array (ids, &n, sizeof *numbers);
  g_variant_builder_init (&updates, G_VARIANT_TYPE ("ai"));
  g_variant_builder_init (&failed, G_VARIANT_TYPE ("ai"));
  for (gsize i = 0; i < n; i++)
    if (numbers[i] == 0 && !is_asked)
      {
        is_asked = TRUE;
        if (ask (self))
          g_variant_builder_add (&updates, "i", 0);
      }
    else if (weir_menu_lookup (self->root, numbers[i]) == NULL)
      g_variant_builder_add (&failed, "i", numbers[i]);
  return g_variant_new ("(aiai)", &updates, &failed);
}

static void
on_method_call (GDBusConnection *bus,
                const char *sender,
                const char *path,
                const char *interface,
                const char *method,
                GVariant *parameters,
                GDBusMethodInvocation *invocation,
                gpointer user_data)
{
  static const struct
  {
    const char *name;
    MethodFunc func;
  } methods[] = {
    { "GetLayout", get_layout },
    { "GetGroupProperties", get_group_properties },
    { "GetProperty", get_property },
    { "Event", handle_one_event },
    { "EventGroup", handle_event_group },
    { "AboutToShow", about_to_show },
    { "AboutToShowGroup", about_to_show_group },
  };
  WeirDBusMenu *self = user_data;
  g_autoptr (GError) error = NULL;

  for (unsigned i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (method, methods[i].name))
      {
        GVariant *reply = methods[i].func (self, parameters, &error);

        if (reply != NULL)
          g_dbus_method_invocation_return_value (invocation, reply);
        else
          g_dbus_method_invocation_return_gerror (invocation, error);
        return;
      }
  g_assert_not_reached (); /* GDBus knows the interface */
}

static GVariant *
on_get_property (GDBusConnection *bus,
                 const char *sender,
                 const char *path,
                 const char *interface,
                 const char *name,
                 GError **error,
                 gpointer user_data)
{
  if (g_str_equal (name, "Version"))
    return g_variant_new_uint32 (3);
  if (g_str_equal (name, "TextDirection"))
    return g_variant_new_string ("ltr");
  if (g_str_equal (name, "Status"))
    return g_variant_new_string ("normal");
  return g_variant_new_strv (NULL, 0); /* IconThemePath: no row has an icon */
}

WeirDBusMenu *
weir_dbus_menu_new (GDBusConnection *bus,
                    const WeirDBusMenuFuncs *funcs,
                    gpointer user_data,
                    GError **error)
{
  static const GDBusInterfaceVTable vtable
      = { .method_call = on_method_call, .get_property = on_get_property };
  g_autoptr (WeirDBusMenu) self = g_new0 (WeirDBusMenu, 1);

  self->bus = g_object_ref (bus);
  self->funcs = funcs;
  self->user_data = user_data;
  self->root = weir_menu_new ();
  self->next_id = 1;
  self->revision = 1;
  self->object_id = g_dbus_connection_register_object (
      bus, WEIR_DBUS_MENU_PATH, (GDBusInterfaceInfo *)&com_canonical_dbusmenu_interface,
      &vtable, self, NULL, error);
  return self->object_id != 0 ? g_steal_pointer (&self) : NULL;
}

void
weir_dbus_menu_free (WeirDBusMenu *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->timer_id, g_source_remove);
  if (self->object_id != 0)
    g_dbus_connection_unregister_object (self->bus, self->object_id);
  weir_menu_free (self->root);
  weir_menu_free (self->waiting);
  g_clear_object (&self->bus);
  g_free (self);
}
