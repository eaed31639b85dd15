/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The preferences: the window's own settings bound to their rows, lines of the
 * configuration through the service, and the service's facts. */

#include "config.h"

#include "window/weir-preferences.h"

#include <glib/gi18n.h>

#include "window/weir-config-editor.h"
#include "window/weir-record.h"
#include "window/weir-setting-row.h"

struct _WeirPreferences
{
  AdwPreferencesWindow parent;

  WeirClient *client;  /* (owned) */
  GSettings *settings; /* (owned) */

  GtkSwitch *privacy_switch;
  AdwComboRow *reset_times_row;
  AdwComboRow *meters_row;
  AdwActionRow *version_row;
  AdwActionRow *config_row;
  AdwActionRow *secrets_row;
  GtkButton *unlock_button;
};

G_DEFINE_FINAL_TYPE (WeirPreferences, weir_preferences, ADW_TYPE_PREFERENCES_WINDOW)

/* clang-format off */
static const struct
{
  const char *state; /* as Manager.Secrets says it */
  const char *text;  /* to be translated */
} secrets[] = {
  { "unlocked",       N_ ("In the keyring, which is unlocked") },
  { "locked",         N_ ("In the keyring, which is locked") },
  { "missing",        N_ ("There is no keyring") },
  { "starting",       N_ ("The keyring is being reached") },
  { "file",           N_ ("In a file that only this user can read") },
  { "encrypted-file", N_ ("In a file that is encrypted") },
};
/* clang-format on */

static const char *
describe_secrets (const char *state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (secrets); i++)
    if (g_strcmp0 (secrets[i].state, state) == 0)
      return _ (secrets[i].text);
  return state;
}

static void
update (WeirPreferences *self)
{
  WeirDBusManager *manager = weir_client_get_manager (self->client);
  const char *problem;
  const char *state;

  if (manager == NULL)
    return;
  state = weir_dbus_manager_get_secrets (manager);
  problem = weir_dbus_manager_get_config_problem (manager);
  adw_action_row_set_subtitle (self->version_row, weir_dbus_manager_get_version (manager));
  adw_action_row_set_subtitle (
      self->config_row,
      *problem != '\0' ? problem : weir_dbus_manager_get_config_path (manager));
  adw_action_row_set_subtitle (self->secrets_row, describe_secrets (state));
  gtk_widget_set_visible (GTK_WIDGET (self->unlock_button), g_str_equal (state, "locked"));
}

/* All rows of settings under @widget. */
static void
foreach_row (GtkWidget *widget, void (*show) (WeirSettingRow *, gpointer), gpointer data)
{
  if (WEIR_IS_SETTING_ROW (widget))
    {
      show (WEIR_SETTING_ROW (widget), data);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    foreach_row (child, show, data);
}

static void
show_setting (WeirSettingRow *row, gpointer data)
{
  GListModel *settings = data;

  for (unsigned i = 0; i < g_list_model_get_n_items (settings); i++)
    {
      g_autoptr (WeirRecord) setting = g_list_model_get_item (settings, i);

      if (g_strcmp0 (weir_record_get_text (setting, "key"), weir_setting_row_get_key (row))
          == 0)
        {
          weir_setting_row_show (row, setting);
          return;
        }
    }
  weir_setting_row_show (row, NULL);
}

static void
settings_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirPreferences) self = user_data;
  g_autoptr (GVariant) list = NULL;
  g_autoptr (GListStore) settings = NULL;

  if (!weir_dbus_manager_call_list_settings_finish (WEIR_DBUS_MANAGER (source), &list,
                                                    result, NULL))
    return; /* rows that nothing is known of cannot be used */
  settings = weir_record_list_new (list);
  foreach_row (GTK_WIDGET (self), show_setting, settings);
}

static void
list_settings (WeirPreferences *self)
{
  WeirDBusManager *manager = weir_client_get_manager (self->client);

  if (manager != NULL)
    weir_dbus_manager_call_list_settings (manager, NULL, settings_cb, g_object_ref (self));
}

static void
show_toast (WeirPreferences *self, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (self), adw_toast_new (escaped));
}

static void
set_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirPreferences) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!weir_dbus_manager_call_set_setting_finish (WEIR_DBUS_MANAGER (source), result,
                                                  &error))
    {
      g_dbus_error_strip_remote_error (error);
      show_toast (self, error->message);
    }
  list_settings (self); /* what was refused springs back */
}

static void
set_setting (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WeirPreferences *self = WEIR_PREFERENCES (widget);
  WeirDBusManager *manager = weir_client_get_manager (self->client);
  const char *key;
  const char *value;

  g_variant_get (parameter, "(&s&s)", &key, &value);
  if (manager != NULL)
    weir_dbus_manager_call_set_setting (manager, key, value, NULL, set_cb,
                                        g_object_ref (self));
}

static void
diagnostics_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirPreferences) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (!weir_dbus_manager_call_get_diagnostics_finish (WEIR_DBUS_MANAGER (source), &text,
                                                      result, &error))
    {
      g_dbus_error_strip_remote_error (error);
      show_toast (self, error->message);
      return;
    }
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  show_toast (self, _ ("Diagnostics copied"));
}

static void
on_diagnostics_activated (WeirPreferences *self)
{
  WeirDBusManager *manager = weir_client_get_manager (self->client);

  if (manager != NULL)
    weir_dbus_manager_call_get_diagnostics (manager, NULL, diagnostics_cb,
                                            g_object_ref (self));
}

static void
on_config_activated (WeirPreferences *self)
{
  weir_config_editor_present (GTK_WINDOW (self), self->client);
}

static void
on_unlock_clicked (WeirPreferences *self)
{
  WeirDBusManager *manager = weir_client_get_manager (self->client);

  if (manager != NULL)
    weir_dbus_manager_call_unlock_secrets (manager, NULL, NULL, NULL);
}

/* Settings of two values as combo rows: the selected row is the value. */
static gboolean
read_boolean (GValue *value, GVariant *variant, gpointer user_data)
{
  g_value_set_uint (value, g_variant_get_boolean (variant) ? 1 : 0);
  return TRUE;
}

static GVariant *
write_boolean (const GValue *value, const GVariantType *type, gpointer user_data)
{
  return g_variant_new_boolean (g_value_get_uint (value) == 1);
}

static gboolean
read_times (GValue *value, GVariant *variant, gpointer user_data)
{
  g_value_set_uint (value,
                    g_str_equal (g_variant_get_string (variant, NULL), "clock") ? 1 : 0);
  return TRUE;
}

static GVariant *
write_times (const GValue *value, const GVariantType *type, gpointer user_data)
{
  return g_variant_new_string (g_value_get_uint (value) == 1 ? "clock" : "countdown");
}

void
weir_preferences_present (GtkWindow *parent, WeirClient *client)
{
  WeirPreferences *self
      = g_object_new (WEIR_TYPE_PREFERENCES, "transient-for", parent, NULL);
  WeirDBusManager *manager = weir_client_get_manager (client);

  self->client = g_object_ref (client);
  if (manager != NULL)
    {
      g_autoptr (GDBusActionGroup) actions
          = g_dbus_action_group_get (g_dbus_proxy_get_connection (G_DBUS_PROXY (manager)),
                                     WEIR_SERVICE_NAME, WEIR_SERVICE_ACTIONS_PATH);

      gtk_widget_insert_action_group (GTK_WIDGET (self), "service",
                                      G_ACTION_GROUP (actions));
      g_signal_connect_object (manager, "g-properties-changed", G_CALLBACK (update), self,
                               G_CONNECT_SWAPPED);
    }
  /* also when the configuration was read again */
  g_signal_connect_object (client, "models-changed", G_CALLBACK (list_settings), self,
                           G_CONNECT_SWAPPED);
  update (self);
  list_settings (self);
  gtk_window_present (GTK_WINDOW (self));
}

static void
weir_preferences_dispose (GObject *object)
{
  WeirPreferences *self = WEIR_PREFERENCES (object);

  g_clear_object (&self->client);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (weir_preferences_parent_class)->dispose (object);
}

static void
weir_preferences_class_init (WeirPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_preferences_dispose;
  g_type_ensure (WEIR_TYPE_SETTING_ROW);
  gtk_widget_class_install_action (widget_class, "preferences.set", "(ss)", set_setting);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirPreferences, privacy_switch);
  gtk_widget_class_bind_template_child (widget_class, WeirPreferences, reset_times_row);
  gtk_widget_class_bind_template_child (widget_class, WeirPreferences, meters_row);
  gtk_widget_class_bind_template_child (widget_class, WeirPreferences, version_row);
  gtk_widget_class_bind_template_child (widget_class, WeirPreferences, config_row);
  gtk_widget_class_bind_template_child (widget_class, WeirPreferences, secrets_row);
  gtk_widget_class_bind_template_child (widget_class, WeirPreferences, unlock_button);
  gtk_widget_class_bind_template_callback (widget_class, on_diagnostics_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_config_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_unlock_clicked);
}

static void
weir_preferences_init (WeirPreferences *self)
{
  self->settings = g_settings_new (WEIR_APPLICATION_ID);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_settings_bind (self->settings, "privacy", self->privacy_switch, "active",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind_with_mapping (self->settings, "reset-times", self->reset_times_row,
                                "selected", G_SETTINGS_BIND_DEFAULT, read_times,
                                write_times, NULL, NULL);
  g_settings_bind_with_mapping (self->settings, "show-left", self->meters_row, "selected",
                                G_SETTINGS_BIND_DEFAULT, read_boolean, write_boolean, NULL,
                                NULL);
}
