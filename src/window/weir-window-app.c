/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One process, one window: actions of the application, keys, and the name on the bus. */

#include "config.h"

#include "window/weir-window-app.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "window/weir-client.h"
#include "window/weir-window.h"

struct _WeirWindowApp
{
  AdwApplication parent;

  WeirClient *client; /* (owned) (nullable): from startup on */
  unsigned terminate_id;
  GVariant *pending; /* (owned) (nullable): (sv), an action that waits for the service */
};

G_DEFINE_FINAL_TYPE (WeirWindowApp, weir_window_app, ADW_TYPE_APPLICATION)

/* clang-format off */
static const struct
{
  const char *action;
  const char *keys[3];
} keys[] = {
  { "win.page('quota')",     { "<Control>1" } },
  { "win.page('accounts')",  { "<Control>2" } },
  { "win.page('models')",    { "<Control>3" } },
  { "win.page('activity')",  { "<Control>4" } },
  { "win.page('keys')",      { "<Control>5" } },
  { "win.refresh",           { "<Control>r", "F5" } },
  { "win.add-account",       { "<Control>n" } },
  { "win.search",            { "<Control>f" } },
  { "win.copy-endpoint",     { "<Control><Shift>c" } },
  { "win.toggle-proxy",      { "<Control>p" } },
  { "win.privacy",           { "<Control>m" } },
  { "win.preferences",       { "<Control>comma" } },
  { "win.edit-config",       { "<Control>e" } },
  { "win.shortcuts",         { "<Control>question" } },
  { "app.help",              { "F1" } },
  { "window.close",          { "<Control>w" } },
  { "win.quit",              { "<Control>q" } },
};
/* clang-format on */

WeirWindowApp *
weir_window_app_new (void)
{
  return g_object_new (WEIR_TYPE_WINDOW_APP, "application-id", WEIR_APPLICATION_ID, "flags",
                       G_APPLICATION_NON_UNIQUE, NULL);
}

static void
forward_activation (GDBusConnection *bus)
{
  g_autoptr (GVariant) reply = NULL;
  GVariantBuilder platform_data;
  const char *token = g_getenv ("XDG_ACTIVATION_TOKEN");

  g_variant_builder_init (&platform_data, G_VARIANT_TYPE_VARDICT);
  if (token != NULL)
    g_variant_builder_add (&platform_data, "{sv}", "activation-token",
                           g_variant_new_string (token));
  reply = g_dbus_connection_call_sync (
      bus, WEIR_WINDOW_BUS_NAME, "/io/github/weirproxy/Weir", "org.freedesktop.Application",
      "Activate", g_variant_new ("(a{sv})", &platform_data), NULL,
      G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL);
}

/* Synchronous on purpose: with the asynchronous way a second process made a window before
 * it noticed that it had lost. */
gboolean
weir_window_app_claim (WeirWindowApp *self, GError **error)
{
  GDBusConnection *bus = g_application_get_dbus_connection (G_APPLICATION (self));
  g_autoptr (GVariant) reply = NULL;
  unsigned answer = 0;

  g_return_val_if_fail (WEIR_IS_WINDOW_APP (self), FALSE);

  if (bus == NULL)
    return TRUE; /* without a bus there is nobody to be second to */
  reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "RequestName",
      g_variant_new ("(su)", WEIR_WINDOW_BUS_NAME, G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE),
      G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);
  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(u)", &answer);
  if (answer == 1 || answer == 4) /* primary owner, already owner */
    return TRUE;
  forward_activation (bus);
  return FALSE;
}

/* clang-format off */
static const struct
{
  const char *name;   /* of the application's action */
  const char *action; /* of the window, with the same parameter */
} forwarded[] = {
  { "show",          "win.show" },
  { "show-account",  "win.show-account" },
  { "sign-in-again", "win.sign-in-again" },
  { "reset-limit",   "win.reset-limit" },
  { "add-account",   "win.add-account-by" },
  { "copy",          "win.copy-named" },
  { "copy-model",    "win.copy" },
};
/* clang-format on */

/* Waits for the service: a window that was only just started does not know the accounts. */
static void
run_pending (WeirWindowApp *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));
  g_autoptr (GVariant) pending = NULL;
  g_autoptr (GVariant) parameter = NULL;
  const char *name;

  if (self->pending == NULL || window == NULL
      || weir_client_get_state (self->client) != WEIR_CLIENT_READY)
    return;
  pending = g_steal_pointer (&self->pending);
  g_variant_get (pending, "(&sv)", &name, &parameter);
  for (size_t i = 0; i < G_N_ELEMENTS (forwarded); i++)
    if (g_str_equal (forwarded[i].name, name))
      gtk_widget_activate_action_variant (GTK_WIDGET (window), forwarded[i].action,
                                          parameter);
}

static void
show_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkApplication *application = user_data;

  adw_show_about_window (gtk_application_get_active_window (application),
                         "application-name", _ ("Weir"), "application-icon",
                         WEIR_APPLICATION_ID, "version", WEIR_VERSION, "developer-name",
                         _ ("The Weir authors"), "license-type", GTK_LICENSE_GPL_3_0,
                         "website", "https://github.com/weirproxy/weir", "issue-url",
                         "https://github.com/weirproxy/weir/issues",
                         /* Translators: your names, one a line. */
                         "translator-credits", _ ("translator-credits"), "comments",
                         _ ("A local proxy for AI subscriptions and keys."), NULL);
}

static void
show_help (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_show_uri (gtk_application_get_active_window (user_data),
                "https://github.com/weirproxy/weir#readme", GDK_CURRENT_TIME);
}

static void
ask_window (WeirWindowApp *self, const char *name, GVariant *parameter)
{
  g_application_activate (G_APPLICATION (self));
  g_clear_pointer (&self->pending, g_variant_unref);
  self->pending = g_variant_ref_sink (g_variant_new ("(sv)", name, parameter));
  run_pending (self);
}

/* What the service's own actions ask of the window, by their names there. */
static void
run_in_window (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ask_window (user_data, g_action_get_name (G_ACTION (action)), parameter);
}

/* A click on the tray's icon: the window that the user has before him goes. */
static void
show_or_hide (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (user_data);

  if (window != NULL && gtk_window_is_active (window))
    gtk_window_close (window);
  else
    ask_window (user_data, "show", parameter);
}

static const GActionEntry entries[] = {
  { "about", show_about },
  { "help", show_help },
  { "show", run_in_window, "s" },
  { "show-or-hide", show_or_hide, "s" },
  { "show-account", run_in_window, "s" },
  { "sign-in-again", run_in_window, "s" },
  { "reset-limit", run_in_window, "s" },
  { "add-account", run_in_window, "(ss)" },
  { "copy", run_in_window, "s" },
  { "copy-model", run_in_window, "s" },
};

/* The end of the session is one like any other: what waits for an undo is done. */
static gboolean
terminate_cb (gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (user_data);

  if (window != NULL)
    gtk_window_close (window);
  g_application_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static void
weir_window_app_startup (GApplication *application)
{
  WeirWindowApp *self = WEIR_WINDOW_APP (application);

  G_APPLICATION_CLASS (weir_window_app_parent_class)->startup (application);
  self->client = weir_client_new ();
  self->terminate_id = g_unix_signal_add (SIGTERM, terminate_cb, self);
  g_signal_connect_object (self->client, "notify::state", G_CALLBACK (run_pending), self,
                           G_CONNECT_SWAPPED);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries),
                                   self);
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i].action,
                                           (const char *const *)keys[i].keys);
}

static void
weir_window_app_activate (GApplication *application)
{
  WeirWindowApp *self = WEIR_WINDOW_APP (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window == NULL)
    window = weir_window_new (GTK_APPLICATION (application), self->client);
  gtk_window_present (window);
}

static void
weir_window_app_shutdown (GApplication *application)
{
  GDBusConnection *bus = g_application_get_dbus_connection (application);

  /* what was asked as the window closed still has to leave this process */
  if (bus != NULL)
    g_dbus_connection_flush_sync (bus, NULL, NULL);
  g_clear_handle_id (&WEIR_WINDOW_APP (application)->terminate_id, g_source_remove);
  g_clear_object (&WEIR_WINDOW_APP (application)->client);
  g_clear_pointer (&WEIR_WINDOW_APP (application)->pending, g_variant_unref);
  G_APPLICATION_CLASS (weir_window_app_parent_class)->shutdown (application);
}

static void
weir_window_app_class_init (WeirWindowAppClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = weir_window_app_startup;
  application_class->activate = weir_window_app_activate;
  application_class->shutdown = weir_window_app_shutdown;
}

static void
weir_window_app_init (WeirWindowApp *self)
{
}
