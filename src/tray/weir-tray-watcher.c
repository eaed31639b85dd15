/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A watcher is known by two names, of which every one has KDE's and some have freedesktop's
 * too; one that has both is asked once.
 *
 *   ABSENT -- owner appears --> ASKING -- taken --> TAKEN
 *      ^                         |  ^ 1 s, three times
 *      +-- owner vanishes -------+--+                    */

#include "config.h"

#include "tray/weir-tray-watcher.h"

#define WATCHER_PATH "/StatusNotifierWatcher"
#define CALL_TIMEOUT_MS 5000
#define RETRY_S 1
/* A host may have the name before it has the object. */
#define TRIES_MAX 6

typedef struct
{
  WeirTrayWatcher *owner; /* (unowned) */
  const char *name;       /* of the bus and of the interface */
  unsigned watch_id;
  char *unique_name;         /* (owned) (nullable): NULL: nobody has the name */
  GCancellable *cancellable; /* (owned) (nullable): of the call under way */
  unsigned retry_id;
  unsigned tries;
  gboolean is_taken;
} Watcher;

struct _WeirTrayWatcher
{
  GDBusConnection *bus;  /* (owned) */
  const char *item_path; /* (unowned): a constant */
  void (*changed) (gboolean is_taken, gpointer user_data);
  gpointer user_data;
  gboolean was_taken;
  Watcher watchers[2]; /* KDE's name first */
};

static void ask (Watcher *self);

gboolean
weir_tray_watcher_is_taken (const WeirTrayWatcher *self)
{
  return self->watchers[0].is_taken || self->watchers[1].is_taken;
}

static void
tell (WeirTrayWatcher *self)
{
  const gboolean is_taken = weir_tray_watcher_is_taken (self);

  if (is_taken == self->was_taken)
    return;
  self->was_taken = is_taken;
  self->changed (is_taken, self->user_data);
}

static void
forget (Watcher *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_pointer (&self->unique_name, g_free);
  self->tries = 0;
  self->is_taken = FALSE;
}

static gboolean
retry_cb (gpointer user_data)
{
  Watcher *self = user_data;

  self->retry_id = 0;
  ask (self);
  return G_SOURCE_REMOVE;
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Watcher *self = user_data; /* alive unless cancelled */
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->cancellable);
  if (reply != NULL)
    {
      self->is_taken = TRUE;
      tell (self->owner);
      return;
    }
  g_debug ("%s has not taken the icon: %s", self->name, error->message);
  if (self->tries < TRIES_MAX)
    self->retry_id = g_timeout_add_seconds (RETRY_S, retry_cb, self);
}

static void
ask (Watcher *self)
{
  WeirTrayWatcher *owner = self->owner;
  /* one that does not know the form with a path gets our name in the next try */
  const char *service = self->tries % 2 == 0
                            ? owner->item_path
                            : g_dbus_connection_get_unique_name (owner->bus);

  self->tries++;
  self->cancellable = g_cancellable_new ();
  g_dbus_connection_call (owner->bus, self->unique_name, WATCHER_PATH, self->name,
                          "RegisterStatusNotifierItem", g_variant_new ("(s)", service),
                          G_VARIANT_TYPE_UNIT, G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          CALL_TIMEOUT_MS, self->cancellable, asked_cb, self);
}

/* The names of one program: it is asked by the first of them. */
static gboolean
is_asked_already (const Watcher *self)
{
  const Watcher *first = &self->owner->watchers[0];

  return self != first && g_strcmp0 (first->unique_name, self->unique_name) == 0;
}

static void
on_appeared (GDBusConnection *bus,
             const char *name,
             const char *unique_name,
             gpointer user_data)
{
  Watcher *self = user_data;
  Watcher *second = &self->owner->watchers[1];

  forget (self);
  self->unique_name = g_strdup (unique_name);
  if (is_asked_already (self))
    return;
  if (self != second && g_strcmp0 (second->unique_name, unique_name) == 0)
    {
      g_cancellable_cancel (second->cancellable);
      g_clear_object (&second->cancellable);
      g_clear_handle_id (&second->retry_id, g_source_remove);
      if (second->is_taken)
        {
          self->is_taken = TRUE;
          return;
        }
    }
  ask (self);
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  Watcher *self = user_data;

  forget (self);
  tell (self->owner);
}

WeirTrayWatcher *
weir_tray_watcher_new (GDBusConnection *bus,
                       const char *item_path,
                       void (*changed) (gboolean is_taken, gpointer user_data),
                       gpointer user_data)
{
  static const char *const names[]
      = { "org.kde.StatusNotifierWatcher", "org.freedesktop.StatusNotifierWatcher" };
  WeirTrayWatcher *self = g_new0 (WeirTrayWatcher, 1);

  G_STATIC_ASSERT (G_N_ELEMENTS (names) == G_N_ELEMENTS (self->watchers));
  self->bus = g_object_ref (bus);
  self->item_path = item_path;
  self->changed = changed;
  self->user_data = user_data;
  for (unsigned i = 0; i < G_N_ELEMENTS (names); i++)
    {
      self->watchers[i].owner = self;
      self->watchers[i].name = names[i];
      self->watchers[i].watch_id = g_bus_watch_name_on_connection (
          bus, names[i], G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared, on_vanished,
          &self->watchers[i], NULL);
    }
  return self;
}

void
weir_tray_watcher_free (WeirTrayWatcher *self)
{
  if (self == NULL)
    return;
  for (unsigned i = 0; i < G_N_ELEMENTS (self->watchers); i++)
    {
      g_bus_unwatch_name (self->watchers[i].watch_id);
      forget (&self->watchers[i]);
    }
  g_clear_object (&self->bus);
  g_free (self);
}
