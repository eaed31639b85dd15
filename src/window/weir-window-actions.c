/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What menus, buttons and keys do: one small function an action, and the table of them. */

#include "config.h"

#include "window/weir-window-private.h"

#include <glib/gi18n.h>

#include "window/weir-call.h"
#include "window/weir-config-editor.h"
#include "window/weir-first-run.h"
#include "window/weir-limit-reset.h"
#include "window/weir-preferences.h"
#include "window/weir-sign-in-sheet.h"

/* (nullable): NULL, and a toast, while there is no service. */
static WeirDBusManager *
get_manager (GtkWidget *widget)
{
  return weir_client_get_manager (weir_window_get_client (WEIR_WINDOW (widget)));
}

static void
show_page (GtkWidget *widget, const char *name, GVariant *parameter)
{
  weir_window_show_page (WEIR_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
activate_detailed (GtkWidget *widget, const char *detailed)
{
  g_autofree char *action = NULL;
  g_autoptr (GVariant) target = NULL;

  if (g_action_parse_detailed_name (detailed, &action, &target, NULL))
    gtk_widget_activate_action_variant (widget, action, target);
}

/* clang-format off */
/* What can be shown that is no page of its own. */
static const struct
{
  const char *name;
  const char *action;
} places[] = {
  { "preferences", "win.preferences" },
  { "import",      "win.import" },
  { "test",        "win.page('models')" },
  { "environment", "win.page('keys')" },
};
/* clang-format on */

/* The parameter: a page, or another place, as tray and command line call it. */
static void
show (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *place = g_variant_get_string (parameter, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_str_equal (places[i].name, place))
      {
        activate_detailed (widget, places[i].action);
        return;
      }
  weir_window_show_page (WEIR_WINDOW (widget), place);
}

static void
show_account (GtkWidget *widget, const char *name, GVariant *parameter)
{
  weir_window_show_account (WEIR_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
show_toast (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree char *text = g_markup_escape_text (g_variant_get_string (parameter, NULL), -1);

  weir_window_add_toast (WEIR_WINDOW (widget), adw_toast_new (text));
}

static void
refresh (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WeirDBusManager *manager = get_manager (widget);
  WeirPage *page = weir_window_get_page (WEIR_WINDOW (widget));

  if (manager == NULL)
    return;
  weir_client_sort (weir_window_get_client (WEIR_WINDOW (widget)));
  weir_call (widget, manager, "RefreshQuota", g_variant_new ("(s)", ""),
             _ ("The vendors were asked"));
  if (page != NULL)
    weir_page_reload (page);
}

static void
search (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WeirPage *page = weir_window_get_page (WEIR_WINDOW (widget));

  if (page != NULL)
    weir_page_search (page);
}

static void
copy_text (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *text = g_variant_get_string (parameter, NULL);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  weir_call_toast (widget, _ ("Copied to the clipboard"));
}

/* The address of the proxy, with the path that the parameter (nullable) says. */
static void
copy_endpoint (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WeirDBusManager *manager = get_manager (widget);
  g_autofree char *address = NULL;

  if (manager == NULL || *weir_dbus_manager_get_endpoint (manager) == '\0')
    {
      weir_call_toast (widget, _ ("The proxy does not listen now"));
      return;
    }
  address
      = g_strconcat (weir_dbus_manager_get_endpoint (manager),
                     parameter != NULL ? g_variant_get_string (parameter, NULL) : "", NULL);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), address);
  weir_call_toast (widget, _ ("Address copied"));
}

/* The parameter: whose spelling of the address, as the tray calls it. */
static void
copy_named (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *whose = g_variant_get_string (parameter, NULL);
  const char *path = "";

  if (g_str_equal (whose, "openai"))
    path = "/v1";
  else if (g_str_equal (whose, "gemini"))
    path = "/v1beta";
  gtk_widget_activate_action (widget, "win.copy-endpoint-of", "s", path);
}

static void
toggle_proxy (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WeirDBusManager *manager = get_manager (widget);
  const char *state;

  if (manager == NULL)
    return;
  state = weir_dbus_manager_get_state (manager);
  if (g_strcmp0 (state, "running") == 0 || g_strcmp0 (state, "starting") == 0)
    weir_call (widget, manager, "Stop", NULL, NULL);
  else
    weir_call (widget, manager, "Start", NULL, NULL);
}

/* The parameter (nullable) says which vendor; without one the user chooses. */
static void
add_account (GtkWidget *widget, const char *name, GVariant *parameter)
{
  weir_sign_in_sheet_present (
      GTK_WINDOW (widget), weir_window_get_client (WEIR_WINDOW (widget)),
      parameter != NULL ? g_variant_get_string (parameter, NULL) : NULL, NULL, NULL);
}

/* The parameter: a vendor, and a way or "" for the vendor's first. */
static void
add_account_by (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *provider;
  const char *way;

  g_variant_get (parameter, "(&s&s)", &provider, &way);
  weir_sign_in_sheet_present (GTK_WINDOW (widget),
                              weir_window_get_client (WEIR_WINDOW (widget)), provider,
                              *way != '\0' ? way : NULL, NULL);
}

static void
sign_in_again (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WeirClient *client = weir_window_get_client (WEIR_WINDOW (widget));
  const char *id = g_variant_get_string (parameter, NULL);
  g_autoptr (WeirDBusAccount) account = weir_client_lookup_account (client, id);

  if (account != NULL)
    weir_sign_in_sheet_present (GTK_WINDOW (widget), client,
                                weir_dbus_account_get_provider (account), NULL, id);
}

static void
reset_limit (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WeirClient *client = weir_window_get_client (WEIR_WINDOW (widget));
  g_autoptr (WeirDBusAccount) account
      = weir_client_lookup_account (client, g_variant_get_string (parameter, NULL));

  if (account != NULL && weir_limit_reset_count (account) > 0)
    weir_limit_reset_ask (widget, account);
}

static void
unlock_secrets (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WeirDBusManager *manager = get_manager (widget);

  if (manager != NULL)
    weir_call (widget, manager, "UnlockSecrets", NULL, NULL);
}

static void
show_preferences (GtkWidget *widget, const char *name, GVariant *parameter)
{
  weir_preferences_present (GTK_WINDOW (widget),
                            weir_window_get_client (WEIR_WINDOW (widget)));
}

static void
edit_config (GtkWidget *widget, const char *name, GVariant *parameter)
{
  weir_config_editor_present (GTK_WINDOW (widget),
                              weir_window_get_client (WEIR_WINDOW (widget)));
}

static void
show_first_run (GtkWidget *widget, const char *name, GVariant *parameter)
{
  weir_first_run_present (GTK_WINDOW (widget),
                          weir_window_get_client (WEIR_WINDOW (widget)),
                          g_str_equal (name, "win.import"));
}

/* Made when it is asked for: GTK 4.8 would make it with the window, and while a hidden
 * window is there, a screen reader that asks for a dialog that has just closed ends the
 * program. */
static void
show_shortcuts (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GtkBuilder) builder
      = gtk_builder_new_from_resource ("/io/github/weirproxy/Weir/ui/weir-shortcuts.ui");
  GtkWindow *shortcuts = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));

  gtk_window_set_transient_for (shortcuts, GTK_WINDOW (widget));
  gtk_window_present (shortcuts);
}

static void
restart_service (GtkWidget *widget, const char *name, GVariant *parameter)
{
  weir_client_restart_service (weir_window_get_client (WEIR_WINDOW (widget)));
}

static void
quit_service (GtkWidget *widget)
{
  WeirDBusManager *manager = get_manager (widget);

  if (manager != NULL)
    weir_call (widget, manager, "Quit", NULL, NULL);
  gtk_window_close (GTK_WINDOW (widget));
}

static void
on_quit_response (GtkWidget *widget, const char *response)
{
  if (g_str_equal (response, "quit"))
    quit_service (widget);
}

/* Ends the service too; asks where that would cut answers off. */
static void
quit (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WeirDBusManager *manager = get_manager (widget);
  GVariant *totals = manager != NULL ? weir_dbus_manager_get_totals (manager) : NULL;
  unsigned in_flight = 0;
  GtkWidget *dialog;

  if (totals != NULL)
    g_variant_lookup (totals, "in-flight", "u", &in_flight);
  if (in_flight == 0)
    {
      quit_service (widget);
      return;
    }
  dialog = adw_message_dialog_new (GTK_WINDOW (widget), _ ("Quit Weir?"), NULL);
  adw_message_dialog_format_body (
      ADW_MESSAGE_DIALOG (dialog),
      ngettext ("%u request is being answered. It gets half a "
                "minute to end.",
                "%u requests are being answered. They get half a "
                "minute to end.",
                in_flight),
      in_flight);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                    "quit", _ ("_Quit"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "quit",
                                              ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_quit_response), widget,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* clang-format off */
static const struct
{
  const char *name;
  const char *type; /* (nullable): of the parameter */
  GtkWidgetActionActivateFunc activate;
} actions[] = {
  { "win.page",             "s",  show_page },
  { "win.show-account",     "s",  show_account },
  { "win.toast",            "s",  show_toast },
  { "win.refresh",          NULL, refresh },
  { "win.search",           NULL, search },
  { "win.copy",             "s",  copy_text },
  { "win.copy-endpoint",    NULL, copy_endpoint },
  { "win.copy-endpoint-of", "s",  copy_endpoint },
  { "win.toggle-proxy",     NULL, toggle_proxy },
  { "win.add-account",      NULL, add_account },
  { "win.add-account-of",   "s",  add_account },
  { "win.add-account-by",   "(ss)", add_account_by },
  { "win.show",             "s",  show },
  { "win.copy-named",       "s",  copy_named },
  { "win.sign-in-again",    "s",  sign_in_again },
  { "win.reset-limit",      "s",  reset_limit },
  { "win.unlock-secrets",   NULL, unlock_secrets },
  { "win.preferences",      NULL, show_preferences },
  { "win.edit-config",      NULL, edit_config },
  { "win.shortcuts",        NULL, show_shortcuts },
  { "win.first-run",        NULL, show_first_run },
  { "win.import",           NULL, show_first_run },
  { "win.restart-service",  NULL, restart_service },
  { "win.quit",             NULL, quit },
};
/* clang-format on */

void
weir_window_install_actions (GtkWidgetClass *widget_class)
{
  for (size_t i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].type,
                                     actions[i].activate);
}
