/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The control of a setting is made by the kind that the service says, and follows it: what
 * was refused springs back. */

#include "config.h"

#include "window/weir-setting-row.h"

#include <glib/gi18n.h>

struct _WeirSettingRow
{
  AdwActionRow parent;

  char *key;            /* (owned) */
  WeirRecord *setting;  /* (owned) (nullable): as it was said last */
  GtkWidget *control;   /* (unowned) (nullable) */
  GStrv words;          /* (owned) (nullable) */
  gboolean is_updating; /* the control is being set: its signals are not the user's */
};

enum
{
  PROP_KEY = 1,
  N_PROPS,
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (WeirSettingRow, weir_setting_row, ADW_TYPE_ACTION_ROW)

/* clang-format off */
static const struct
{
  const char *word; /* of the configuration */
  const char *text; /* to be translated */
} words[] = {
  { "round-robin",          N_ ("In turn") },
  { "fill-first",           N_ ("The first that can") },
  { "weighted-round-robin", N_ ("In turn, by weight") },
  { "quota-aware",          N_ ("The one with the most left") },
  { "window",               N_ ("Show the window") },
  { "menu",                 N_ ("Show the menu") },
  { "toggle",               N_ ("Start or stop the proxy") },
  { "refresh",              N_ ("Ask what is left") },
  { "copy",                 N_ ("Copy the address") },
  { "keyring",              N_ ("In the keyring") },
  { "file",                 N_ ("In a file") },
  { "once",                 N_ ("Once more") },
  { "never",                N_ ("Never") },
};
/* clang-format on */

static const char *
describe_word (const char *word)
{
  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i].word, word))
      return _ (words[i].text);
  return word;
}

const char *
weir_setting_row_get_key (WeirSettingRow *self)
{
  g_return_val_if_fail (WEIR_IS_SETTING_ROW (self), NULL);

  return self->key;
}

static void
set_value (WeirSettingRow *self, const char *value)
{
  if (self->is_updating || self->setting == NULL
      || g_str_equal (weir_record_get_text (self->setting, "value"), value))
    return;
  gtk_widget_activate_action (GTK_WIDGET (self), "preferences.set", "(ss)", self->key,
                              value);
}

static void
on_switched (WeirSettingRow *self)
{
  set_value (self, gtk_switch_get_active (GTK_SWITCH (self->control)) ? "true" : "false");
}

static void
on_counted (WeirSettingRow *self)
{
  g_autofree char *value = g_strdup_printf (
      "%d", gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->control)));

  set_value (self, value);
}

static void
on_chosen (WeirSettingRow *self)
{
  unsigned selected = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->control));

  if (self->words != NULL && selected < g_strv_length (self->words))
    set_value (self, self->words[selected]);
}

static void
on_written (WeirSettingRow *self)
{
  set_value (self, gtk_editable_get_text (GTK_EDITABLE (self->control)));
}

static GtkWidget *
make_number (WeirSettingRow *self, WeirRecord *setting)
{
  double minimum = (double)weir_record_get_integer (setting, "minimum");
  double maximum = (double)weir_record_get_integer (setting, "maximum");
  GtkWidget *spin = gtk_spin_button_new_with_range (minimum, maximum, 1);

  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (on_counted), self);
  return spin;
}

static GtkWidget *
make_choice (WeirSettingRow *self, WeirRecord *setting)
{
  GtkStringList *texts = gtk_string_list_new (NULL);
  GtkWidget *drop_down = gtk_drop_down_new (G_LIST_MODEL (texts), NULL);

  self->words = weir_record_dup_list (setting, "words");
  for (char **word = self->words; *word != NULL; word++)
    gtk_string_list_append (texts, describe_word (*word));
  g_signal_connect_swapped (drop_down, "notify::selected", G_CALLBACK (on_chosen), self);
  return drop_down;
}

/* Told when it is whole: half an address is none. */
static GtkWidget *
make_text (WeirSettingRow *self)
{
  GtkWidget *entry = gtk_entry_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  gtk_widget_set_hexpand (entry, TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 12);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (on_written), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (on_written), self);
  gtk_widget_add_controller (entry, focus);
  return entry;
}

static void
make_control (WeirSettingRow *self, WeirRecord *setting)
{
  const char *type = weir_record_get_text (setting, "type");
  const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self));

  if (g_str_equal (type, "switch"))
    {
      self->control = gtk_switch_new ();
      g_signal_connect_swapped (self->control, "notify::active", G_CALLBACK (on_switched),
                                self);
    }
  else if (g_str_equal (type, "number"))
    self->control = make_number (self, setting);
  else if (g_str_equal (type, "word"))
    self->control = make_choice (self, setting);
  else
    self->control = make_text (self);
  gtk_widget_set_valign (self->control, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->control),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->control);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self), self->control);
}

static void
show_value (WeirSettingRow *self, const char *value)
{
  if (GTK_IS_SWITCH (self->control))
    gtk_switch_set_active (GTK_SWITCH (self->control), g_str_equal (value, "true"));
  else if (GTK_IS_SPIN_BUTTON (self->control))
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->control),
                               g_ascii_strtod (value, NULL));
  else if (GTK_IS_EDITABLE (self->control))
    gtk_editable_set_text (GTK_EDITABLE (self->control), value);
  else
    for (unsigned i = 0; self->words[i] != NULL; i++)
      if (g_str_equal (self->words[i], value))
        gtk_drop_down_set_selected (GTK_DROP_DOWN (self->control), i);
}

void
weir_setting_row_show (WeirSettingRow *self, WeirRecord *setting)
{
  g_return_if_fail (WEIR_IS_SETTING_ROW (self));

  g_set_object (&self->setting, setting);
  gtk_widget_set_sensitive (GTK_WIDGET (self), setting != NULL);
  if (setting == NULL)
    return;
  self->is_updating = TRUE;
  if (self->control == NULL)
    make_control (self, setting);
  show_value (self, weir_record_get_text (setting, "value"));
  self->is_updating = FALSE;
}

static void
weir_setting_row_set_property (GObject *object,
                               guint id,
                               const GValue *value,
                               GParamSpec *pspec)
{
  if (id == PROP_KEY)
    WEIR_SETTING_ROW (object)->key = g_value_dup_string (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weir_setting_row_finalize (GObject *object)
{
  WeirSettingRow *self = WEIR_SETTING_ROW (object);

  g_free (self->key);
  g_strfreev (self->words);
  g_clear_object (&self->setting);
  G_OBJECT_CLASS (weir_setting_row_parent_class)->finalize (object);
}

static void
weir_setting_row_class_init (WeirSettingRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = weir_setting_row_set_property;
  object_class->finalize = weir_setting_row_finalize;
  props[PROP_KEY] = g_param_spec_string ("key", NULL, NULL, NULL,
                                         G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY
                                             | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
weir_setting_row_init (WeirSettingRow *self)
{
  /* not hidden: the search of libadwaita 1.2 would never find it */
  gtk_widget_set_sensitive (GTK_WIDGET (self), FALSE);
}
