/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One table of actions.  What the window is wanted for goes to its own bus name, which
 * starts it. */

#include "config.h"

#include "app/weir-actions.h"

#define WINDOW_PATH "/io/github/weirproxy/Weir"
#define WINDOW_INTERFACE "org.freedesktop.Application"

typedef struct
{
  const char *name;
  const char *type; /* (nullable) of the target */
  void (*plain) (WeirControl *control);
  void (*of_account) (WeirControl *control, const char *id);
} Action; /* neither function: the window's */

/* --- the window --- */

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL)
    g_message ("the window cannot be shown here (%s); `weir status` and the other verbs "
               "do without it",
               error->message);
}

static void
call_window (WeirApplication *application, const char *method, GVariant *parameters)
{
  GDBusConnection *bus = weir_application_get_bus (application);

  g_variant_ref_sink (parameters);
  if (bus != NULL)
    g_dbus_connection_call (bus, WEIR_WINDOW_NAME, WINDOW_PATH, WINDOW_INTERFACE, method,
                            parameters, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, shown_cb,
                            NULL);
  g_variant_unref (parameters);
}

void
weir_actions_show_window (WeirApplication *application, GVariant *platform)
{
  call_window (application, "Activate", g_variant_new ("(@a{sv})", platform));
}

static void
ask_window (WeirApplication *application, const char *action, GVariant *target)
{
  GVariantBuilder targets;

  g_variant_builder_init (&targets, G_VARIANT_TYPE ("av"));
  if (target != NULL)
    g_variant_builder_add (&targets, "v", target);
  call_window (application, "ActivateAction",
               g_variant_new ("(sava{sv})", action, &targets, NULL));
}

/* --- ours --- */

static void
start (WeirControl *control)
{
  g_autoptr (GError) error = NULL;

  if (!weir_control_start (control, &error))
    g_warning ("%s", error->message);
}

static void
toggle (WeirControl *control)
{
  if (weir_control_is_running (control))
    weir_control_stop (control);
  else
    start (control);
}

static void
refresh (WeirControl *control, const char *id)
{
  weir_control_refresh (control, id);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!g_app_info_launch_default_for_uri_finish (result, &error))
    g_message ("no browser could be started: %s", error->message);
}

static void
open_page (WeirControl *control, const char *id, WeirControlPage page)
{
  const char *address = weir_control_get_page (control, id, page);

  if (address != NULL)
    g_app_info_launch_default_for_uri_async (address, NULL, NULL, opened_cb, NULL);
}

static void
open_usage_page (WeirControl *control, const char *id)
{
  open_page (control, id, WEIR_CONTROL_PAGE_USAGE);
}

static void
open_status_page (WeirControl *control, const char *id)
{
  open_page (control, id, WEIR_CONTROL_PAGE_STATUS);
}

static const Action actions[] = {
  { "start", NULL, start, NULL },
  { "stop", NULL, weir_control_stop, NULL },
  { "toggle", NULL, toggle, NULL },
  { "reload", NULL, weir_control_reload, NULL },
  { "quit", NULL, weir_control_quit, NULL },
  { "unlock", NULL, weir_control_unlock, NULL },
  { "refresh", "s", NULL, refresh },
  { "toggle-account", "s", NULL, weir_control_toggle_account },
  { "prefer-account", "s", NULL, weir_control_prefer_account },
  { "clear-rests", "s", NULL, weir_control_clear_rests },
  { "open-usage-page", "s", NULL, open_usage_page },
  { "open-status-page", "s", NULL, open_status_page },
  { "show", "s", NULL, NULL },
  { "show-or-hide", "s", NULL, NULL },
  { "show-account", "s", NULL, NULL },
  { "sign-in-again", "s", NULL, NULL },
  { "reset-limit", "s", NULL, NULL },
  { "add-account", "(ss)", NULL, NULL },
  { "copy", "s", NULL, NULL },
  { "copy-model", "s", NULL, NULL },
};

/* What a handler gets: lives as long as its action. */
typedef struct
{
  const Action *action;
  WeirApplication *application; /* (unowned): holds the action */
  WeirControl *control;         /* (unowned) */
} Binding;

static void
on_activate (GSimpleAction *simple, GVariant *target, gpointer user_data)
{
  const Binding *binding = user_data;
  const Action *action = binding->action;

  if (action->plain != NULL)
    action->plain (binding->control);
  else if (action->of_account != NULL)
    action->of_account (binding->control, g_variant_get_string (target, NULL));
  else
    ask_window (binding->application, action->name, target);
}

static void
free_binding (gpointer binding, GClosure *closure)
{
  g_free (binding);
}

void
weir_actions_add (WeirApplication *application, WeirControl *control)
{
  for (size_t i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_autoptr (GVariantType) type
          = actions[i].type != NULL ? g_variant_type_new (actions[i].type) : NULL;
      g_autoptr (GSimpleAction) simple = g_simple_action_new (actions[i].name, type);
      const Binding binding = { &actions[i], application, control };

      g_signal_connect_data (simple, "activate", G_CALLBACK (on_activate),
                             g_memdup2 (&binding, sizeof binding), free_binding, 0);
      g_action_map_add_action (G_ACTION_MAP (application), G_ACTION (simple));
    }
}
