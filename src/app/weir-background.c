/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The portal does not tell whether the start is on, so in a sandbox a file of ours says
 * what it last answered. */

#include "config.h"

#include "app/weir-background.h"

#include "base/weir-translate.h"
#include "store/weir-file.h"
#include "tray/weir-tray-text.h"

#include <glib/gstdio.h>

#define PORTAL_NAME "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"
#define PORTAL_INTERFACE "org.freedesktop.portal.Background"
#define REQUEST_INTERFACE "org.freedesktop.portal.Request"
#define STATUS_MAX 96 /* characters: the portal refuses longer ones */
#define CALL_TIMEOUT_MS 10000

struct _WeirBackground
{
  GApplication *application; /* (unowned) */
  GSimpleAction *action;     /* (owned) */
  GDBusConnection *bus;      /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) */
  gboolean is_sandboxed;
  char *path;          /* (owned): of the entry, or of what the portal answered */
  char *status;        /* (owned) (nullable): as it is to be told */
  unsigned portal_id;  /* of a watch of its name; 0: none */
  unsigned request_id; /* of a subscription; 0: none */
  gboolean is_wanted;  /* of the request under way */
};

static void
set_state (WeirBackground *self, gboolean is_on)
{
  g_simple_action_set_state (self->action, g_variant_new_boolean (is_on));
}

/* An escaped argument of Exec (Desktop Entry Specification 1.5, "The Exec key"). */
static char *
quote (const char *argument)
{
  GString *out = g_string_new ("\"");

  for (const char *at = argument; *at != '\0'; at++)
    {
      /* escaped for the shell's quotes, and each "\\" again as in every value */
      if (*at == '\\')
        g_string_append (out, "\\\\\\");
      else if (*at == '"' || *at == '`' || *at == '$')
        g_string_append (out, "\\\\");
      else if (*at == '%')
        g_string_append_c (out, '%');
      g_string_append_c (out, *at);
    }
  g_string_append_c (out, '"');
  return g_string_free (out, FALSE);
}

char *
weir_background_dup_entry (const char *program)
{
  g_autofree char *quoted = quote (program);

  return g_strdup_printf ("[Desktop Entry]\n"
                          "Type=Application\n"
                          "Name=Weir\n"
                          "Icon=" WEIR_APPLICATION_ID "\n"
                          "Exec=%s --gapplication-service\n"
                          "X-GNOME-Autostart-enabled=true\n"
                          "NoDisplay=true\n",
                          quoted);
}

/* Writes or removes the file; FALSE: said as a warning. */
static gboolean
keep_file (WeirBackground *self, const char *text)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autoptr (GError) error = NULL;

  if (text == NULL)
    return g_unlink (self->path) == 0 || !g_file_test (self->path, G_FILE_TEST_EXISTS);
  g_mkdir_with_parents (folder, 0700);
  if (weir_file_replace (self->path, weir_slice_from_string (text), &error))
    return TRUE;
  g_warning ("%s", error->message);
  return FALSE;
}

static void
set_entry (WeirBackground *self, gboolean is_on)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *entry = weir_background_dup_entry (program != NULL ? program : "weir");

  if (keep_file (self, is_on ? entry : NULL))
    set_state (self, is_on);
}

/* --- the portal --- */

static void
end_request (WeirBackground *self)
{
  if (self->request_id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->request_id);
  self->request_id = 0;
}

static void
on_response (GDBusConnection *bus,
             const char *sender,
             const char *path,
             const char *interface,
             const char *signal,
             GVariant *parameters,
             gpointer user_data)
{
  WeirBackground *self = user_data;
  g_autoptr (GVariant) results = NULL;
  guint32 response = 2;
  gboolean is_on = FALSE;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")))
    return;
  g_variant_get (parameters, "(u@a{sv})", &response, &results);
  end_request (self);
  g_variant_lookup (results, "autostart", "b", &is_on);
  if (response != 0 || is_on != self->is_wanted)
    g_message ("the desktop has not changed whether weir starts with the session");
  else if (keep_file (self, is_on ? "on\n" : NULL))
    set_state (self, is_on);
}

static void
requested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirBackground *self = user_data; /* alive unless cancelled */
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  end_request (self);
  g_warning ("the desktop does not let a sandboxed program start with the session: %s",
             error->message);
}

/* The answer comes as a signal of an object whose path is known before (portal
 * documentation, org.freedesktop.portal.Request). */
static char *
dup_request_path (WeirBackground *self, const char *token)
{
  g_auto (GStrv) parts
      = g_strsplit (g_dbus_connection_get_unique_name (self->bus) + 1, ".", -1);
  g_autofree char *sender = g_strjoinv ("_", parts);

  return g_strdup_printf (PORTAL_PATH "/request/%s/%s", sender, token);
}

static void
ask_portal (WeirBackground *self, gboolean is_on)
{
  static const char *const command[] = { "weir", "--gapplication-service", NULL };
  g_autofree char *token = g_strdup_printf ("weir%u", g_random_int ());
  g_autofree char *path = NULL;
  GVariantBuilder options;

  if (self->bus == NULL || self->request_id != 0)
    return;
  path = dup_request_path (self, token);
  self->is_wanted = is_on;
  self->request_id = g_dbus_connection_signal_subscribe (
      self->bus, PORTAL_NAME, REQUEST_INTERFACE, "Response", path, NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, on_response, self, NULL);
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "handle_token", g_variant_new_string (token));
  g_variant_builder_add (
      &options, "{sv}", "reason",
      g_variant_new_string (_ ("Answer requests from the start of the session")));
  g_variant_builder_add (&options, "{sv}", "autostart", g_variant_new_boolean (is_on));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  g_dbus_connection_call (self->bus, PORTAL_NAME, PORTAL_PATH, PORTAL_INTERFACE,
                          "RequestBackground", g_variant_new ("(sa{sv})", "", &options),
                          G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MS,
                          self->cancellable, requested_cb, self);
}

static void
on_change_state (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  WeirBackground *self = user_data;
  const gboolean is_on = g_variant_get_boolean (value);

  if (self->is_sandboxed)
    ask_portal (self, is_on);
  else
    set_entry (self, is_on);
}

/* Nobody is started for it: where the portal comes later, it is told then. */
static void
send_status (WeirBackground *self)
{
  GVariantBuilder options;

  if (self->bus == NULL || self->status == NULL)
    return;
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "message", g_variant_new_string (self->status));
  g_dbus_connection_call (self->bus, PORTAL_NAME, PORTAL_PATH, PORTAL_INTERFACE,
                          "SetStatus", g_variant_new ("(a{sv})", &options), NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT_MS, NULL, NULL,
                          NULL);
}

void
weir_background_set_status (WeirBackground *self, const char *line)
{
  g_autofree char *status = weir_tray_text_elide (line, STATUS_MAX);

  if (!self->is_sandboxed || g_strcmp0 (status, self->status) == 0)
    return; /* the portal shows sandboxed programs only */
  g_free (self->status);
  self->status = g_steal_pointer (&status);
  send_status (self);
}

static void
on_portal_appeared (GDBusConnection *bus,
                    const char *name,
                    const char *owner,
                    gpointer data)
{
  send_status (data);
}

/* What it was asked it will not answer any more. */
static void
on_portal_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  WeirBackground *self = data;

  if (self->bus != NULL)
    end_request (self);
}

void
weir_background_set_bus (WeirBackground *self, GDBusConnection *bus)
{
  g_clear_handle_id (&self->portal_id, g_bus_unwatch_name);
  if (self->bus != NULL)
    end_request (self);
  g_set_object (&self->bus, bus);
  if (bus != NULL && self->is_sandboxed)
    self->portal_id = g_bus_watch_name_on_connection (
        bus, PORTAL_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, on_portal_appeared,
        on_portal_vanished, self, NULL);
}

WeirBackground *
weir_background_new (GApplication *application)
{
  WeirBackground *self = g_new0 (WeirBackground, 1);

  self->application = application;
  self->cancellable = g_cancellable_new ();
  self->is_sandboxed = g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS);
  self->path = self->is_sandboxed ? g_build_filename (g_get_user_state_dir (), "weir",
                                                      "start-at-login", NULL)
                                  : g_build_filename (g_get_user_config_dir (), "autostart",
                                                      WEIR_APPLICATION_ID ".desktop", NULL);
  self->action = g_simple_action_new_stateful (
      "start-at-login", NULL,
      g_variant_new_boolean (g_file_test (self->path, G_FILE_TEST_EXISTS)));
  g_signal_connect (self->action, "change-state", G_CALLBACK (on_change_state), self);
  g_action_map_add_action (G_ACTION_MAP (application), G_ACTION (self->action));
  return self;
}

void
weir_background_free (WeirBackground *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  weir_background_set_bus (self, NULL);
  g_action_map_remove_action (G_ACTION_MAP (self->application), "start-at-login");
  g_signal_handlers_disconnect_by_data (self->action, self);
  g_clear_object (&self->action);
  g_free (self->path);
  g_free (self->status);
  g_free (self);
}
