/* SPDX-License-Identifier: GPL-3.0-or-later */

/* weir-tray: the icon for a session of X11 without a StatusNotifierWatcher, where the
 * library falls back to an XEmbed icon.  It shows what the service's own tray would: the
 * menu and the icon are read from the same objects on the bus, and a choice is told there.
 *
 * It ends without a display, when the service goes, and when a watcher comes, for then the
 * service shows its icon itself.
 *
 * A GtkMenu made from a model shows every row as a check mark here (libayatana-appindicator
 * 0.5.92), so rows are made one by one. */

#include "config.h"

#include "tray-ayatana/weir-ayatana-menu.h"

#include <glib/gstdio.h>
#include <libayatana-appindicator/app-indicator.h>
#include <stdlib.h>
#include <string.h>

#define ITEM_PATH "/StatusNotifierItem"
#define ITEM_INTERFACE "org.kde.StatusNotifierItem"
#define MENU_PATH "/MenuBar"
#define MENU_INTERFACE "com.canonical.dbusmenu"
#define WATCHER "org.kde.StatusNotifierWatcher"
#define CALL_TIMEOUT_MS 5000
#define GATHER_MS 100
#define ICON_SIZE 24
#define AGE_S 60
#define OPEN_RETRY_S 1

typedef struct
{
  GMainLoop *loop;         /* (owned) */
  GDBusConnection *bus;    /* (owned) */
  AppIndicator *indicator; /* (owned) (nullable): until the service is there */
  GtkWidget *menu;         /* (owned) (nullable) */
  char *folder;            /* (owned): of icons that are drawn by the service */
  unsigned n_icons;
  unsigned gather_id;
  gboolean menu_changed;
  gboolean item_changed;
} Tray;

/* --- the menu --- */

static void
on_chosen (int32_t id, gpointer user_data)
{
  Tray *self = user_data;

  g_dbus_connection_call (
      self->bus, WEIR_APPLICATION_ID, MENU_PATH, MENU_INTERFACE, "Event",
      g_variant_new ("(isvu)", id, "clicked", g_variant_new_int32 (0), 0), NULL,
      G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT_MS, NULL, NULL, NULL);
}

static void
layout_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Tray *self = user_data;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autoptr (GVariant) root = NULL;
  g_autoptr (GtkWidget) before = self->menu;

  if (reply == NULL)
    {
      g_steal_pointer (&before);
      return;
    }
  root = g_variant_get_child_value (reply, 1);
  self->menu = g_object_ref_sink (weir_ayatana_menu_new (root, on_chosen, self));
  gtk_widget_show_all (self->menu);
  app_indicator_set_menu (self->indicator, GTK_MENU (self->menu));
}

/* Never under the user's hand: a new menu closes the one that is open. */
static gboolean
is_open (const Tray *self)
{
  return self->menu != NULL && gtk_widget_get_mapped (self->menu);
}

static void
read_menu (Tray *self)
{
  static const char *const all[] = { NULL };

  g_dbus_connection_call (self->bus, WEIR_APPLICATION_ID, MENU_PATH, MENU_INTERFACE,
                          "GetLayout", g_variant_new ("(ii^as)", 0, -1, all),
                          G_VARIANT_TYPE ("(u(ia{sv}av))"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          CALL_TIMEOUT_MS, NULL, layout_cb, self);
}

/* --- the icon --- */

/* (nullable): of ICON_SIZE. */
static GdkPixbuf *
unpack_pixmap (GVariant *pixmaps)
{
  for (gsize i = 0; i < g_variant_n_children (pixmaps); i++)
    {
      g_autoptr (GVariant) bytes = NULL;
      int width = 0;
      int height = 0;
      gsize n = 0;
      const guint8 *from = NULL;
      guint8 *to = NULL;

      g_variant_get_child (pixmaps, i, "(ii@ay)", &width, &height, &bytes);
      from = g_variant_get_fixed_array (bytes, &n, 1);
      if (width != ICON_SIZE || height != ICON_SIZE || n != ICON_SIZE * ICON_SIZE * 4)
        continue;
      to = g_malloc (n);
      for (gsize at = 0; at < n; at += 4)
        {
          memcpy (to + at, from + at + 1, 3);
          to[at + 3] = from[at];
        }
      return gdk_pixbuf_new_from_data (
          to, GDK_COLORSPACE_RGB, TRUE, 8, ICON_SIZE, ICON_SIZE, ICON_SIZE * 4,
          (GdkPixbufDestroyNotify)(void (*) (void))g_free, NULL);
    }
  return NULL;
}

/* The library knows icons by name or file only, and looks at a file once. */
static void
set_drawn_icon (Tray *self, GVariant *pixmaps, const char *title)
{
  g_autoptr (GdkPixbuf) pixbuf = unpack_pixmap (pixmaps);
  g_autofree char *path = g_strdup_printf ("%s/%u.png", self->folder, self->n_icons);
  g_autofree char *before = NULL;

  if (pixbuf == NULL || !gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL))
    return;
  app_indicator_set_icon_full (self->indicator, path, title);
  if (self->n_icons > 0)
    {
      before = g_strdup_printf ("%s/%u.png", self->folder, self->n_icons - 1);
      g_unlink (before);
    }
  self->n_icons++;
}

static void
item_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Tray *self = user_data;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GVariant) pixmaps = NULL;
  const char *name = "";
  const char *title = "";
  const char *status = "Active";

  if (reply == NULL)
    return;
  properties = g_variant_get_child_value (reply, 0);
  g_variant_lookup (properties, "IconName", "&s", &name);
  g_variant_lookup (properties, "Title", "&s", &title);
  g_variant_lookup (properties, "Status", "&s", &status);
  pixmaps = g_variant_lookup_value (properties, "IconPixmap", G_VARIANT_TYPE ("a(iiay)"));
  if (*name != '\0' && gtk_icon_theme_has_icon (gtk_icon_theme_get_default (), name))
    app_indicator_set_icon_full (self->indicator, name, title);
  else if (pixmaps != NULL)
    set_drawn_icon (self, pixmaps, title);
  app_indicator_set_title (self->indicator, title);
  app_indicator_set_status (self->indicator, g_str_equal (status, "Passive")
                                                 ? APP_INDICATOR_STATUS_PASSIVE
                                                 : APP_INDICATOR_STATUS_ACTIVE);
}

static void
read_item (Tray *self)
{
  g_dbus_connection_call (
      self->bus, WEIR_APPLICATION_ID, ITEM_PATH, "org.freedesktop.DBus.Properties",
      "GetAll", g_variant_new ("(s)", ITEM_INTERFACE), G_VARIANT_TYPE ("(a{sv})"),
      G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT_MS, NULL, item_cb, self);
}

/* --- when --- */

static gboolean
gather_cb (gpointer user_data)
{
  Tray *self = user_data;

  self->gather_id = 0;
  if (self->item_changed)
    read_item (self);
  self->item_changed = FALSE;
  if (!self->menu_changed)
    return G_SOURCE_REMOVE;
  if (is_open (self))
    self->gather_id = g_timeout_add_seconds (OPEN_RETRY_S, gather_cb, self);
  else
    read_menu (self);
  self->menu_changed = is_open (self);
  return G_SOURCE_REMOVE;
}

/* "updated 2 min ago" is made when somebody asks. */
static gboolean
age_cb (gpointer user_data)
{
  Tray *self = user_data;

  g_dbus_connection_call (self->bus, WEIR_APPLICATION_ID, MENU_PATH, MENU_INTERFACE,
                          "AboutToShow", g_variant_new ("(i)", 0), NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT_MS, NULL, NULL,
                          NULL);
  return G_SOURCE_CONTINUE;
}

static void
on_signal (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer user_data)
{
  Tray *self = user_data;

  if (g_strcmp0 (interface, MENU_INTERFACE) == 0)
    self->menu_changed = TRUE;
  else
    self->item_changed = TRUE;
  if (self->gather_id == 0 && self->indicator != NULL)
    self->gather_id = g_timeout_add (GATHER_MS, gather_cb, self);
}

static void
on_service (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  Tray *self = user_data;

  /* Deprecated from 0.5.94 on for a successor whose menus panels cannot show
   * (org.gtk.Menus; tried in 2026 with its 2.0). */
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  if (self->indicator == NULL)
    self->indicator
        = app_indicator_new (WEIR_APPLICATION_ID, WEIR_APPLICATION_ID "-symbolic",
                             APP_INDICATOR_CATEGORY_APPLICATION_STATUS);
  G_GNUC_END_IGNORE_DEPRECATIONS
  read_menu (self);
  read_item (self);
}

static void
on_service_gone (GDBusConnection *bus, const char *name, gpointer user_data)
{
  Tray *self = user_data;

  g_main_loop_quit (self->loop);
}

static void
on_watcher (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  Tray *self = user_data;

  g_main_loop_quit (self->loop);
}

static void
subscribe (Tray *self, const char *path, const char *interface)
{
  g_dbus_connection_signal_subscribe (self->bus, WEIR_APPLICATION_ID, interface, NULL, path,
                                      NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self,
                                      NULL);
}

static void
run (Tray *self)
{
  unsigned ids[2] = { 0 };

  subscribe (self, MENU_PATH, MENU_INTERFACE);
  subscribe (self, ITEM_PATH, ITEM_INTERFACE);
  ids[0] = g_bus_watch_name_on_connection (self->bus, WEIR_APPLICATION_ID,
                                           G_BUS_NAME_WATCHER_FLAGS_NONE, on_service,
                                           on_service_gone, self, NULL);
  ids[1] = g_bus_watch_name_on_connection (
      self->bus, WATCHER, G_BUS_NAME_WATCHER_FLAGS_NONE, on_watcher, NULL, self, NULL);
  g_timeout_add_seconds (AGE_S, age_cb, self);
  g_main_loop_run (self->loop);
  g_bus_unwatch_name (ids[0]);
  g_bus_unwatch_name (ids[1]);
}

int
main (int argc, char **argv)
{
  Tray self = { 0 };
  g_autofree char *last = NULL;

  /* the library aborts where there is no display */
  if (!gtk_init_check (&argc, &argv))
    return EXIT_SUCCESS;
  self.bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  if (self.bus == NULL)
    return EXIT_SUCCESS;
  self.folder = g_dir_make_tmp ("weir-tray-XXXXXX", NULL);
  if (self.folder == NULL)
    return EXIT_FAILURE;
  self.loop = g_main_loop_new (NULL, FALSE);
  run (&self);
  if (self.n_icons > 0)
    last = g_strdup_printf ("%s/%u.png", self.folder, self.n_icons - 1);
  if (last != NULL)
    g_unlink (last);
  g_rmdir (self.folder);
  return EXIT_SUCCESS; /* the process ends: what GTK holds goes with it */
}
