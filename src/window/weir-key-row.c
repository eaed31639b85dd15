/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The row of a client key.  Rows in it are made when they are first needed and used again
 * from then on. */

#include "config.h"

#include "window/weir-key-row.h"

#include <glib/gi18n.h>

#include "window/weir-format.h"
#include "window/weir-meter.h"

struct _WeirKeyRow
{
  AdwExpanderRow parent;

  char *id;          /* (owned) */
  GtkWidget *meter;  /* (unowned): of the tightest limit */
  GPtrArray *rows;   /* (owned) of AdwActionRow (unowned), in their order */
  GPtrArray *meters; /* (owned) of WeirMeter (unowned): each the row's of the same index */
};

G_DEFINE_FINAL_TYPE (WeirKeyRow, weir_key_row, ADW_TYPE_EXPANDER_ROW)

/* clang-format off */
static const struct
{
  const char *name; /* as the configuration calls it */
  const char *text; /* to be translated */
} limits[] = {
  { "requests-per-minute", N_ ("Requests a minute") },
  { "requests-per-day",    N_ ("Requests a day") },
  { "tokens-per-minute",   N_ ("Tokens a minute") },
  { "concurrent-requests", N_ ("Requests at a time") },
};
/* clang-format on */

GtkWidget *
weir_key_row_new (void)
{
  return g_object_new (WEIR_TYPE_KEY_ROW, "use-markup", FALSE, NULL);
}

const char *
weir_key_row_get_id (WeirKeyRow *self)
{
  g_return_val_if_fail (WEIR_IS_KEY_ROW (self), "");

  return self->id;
}

static const char *
name_limit (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (limits); i++)
    if (g_str_equal (limits[i].name, name))
      return _ (limits[i].text);
  return name;
}

static double
percent_of (int64_t used, int64_t most)
{
  return most > 0 ? 100.0 * (double)used / (double)most : -1;
}

/* The row of that index, with a hidden meter where it is new. */
static GtkWidget *
ensure_row (WeirKeyRow *self, unsigned index)
{
  GtkWidget *meter;
  GtkWidget *row;

  if (index < self->rows->len)
    return self->rows->pdata[index];
  row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, NULL);
  meter = g_object_new (WEIR_TYPE_METER, "width-request", 120, "valign", GTK_ALIGN_CENTER,
                        NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), meter);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
  g_ptr_array_add (self->rows, row);
  g_ptr_array_add (self->meters, meter);
  return row;
}

static void
show_row (WeirKeyRow *self, unsigned index, const char *title, const char *subtitle)
{
  GtkWidget *row = ensure_row (self, index);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_visible (self->meters->pdata[index], FALSE);
  gtk_widget_set_visible (row, TRUE);
}

/* How many rows that made; the tightest one's meter is the key's own, too. */
static unsigned
show_limits (WeirKeyRow *self, WeirRecord *key)
{
  g_autoptr (GVariant) list = weir_record_dup_value (key, "limits", "a(sxx)");
  unsigned n = list != NULL ? (unsigned)g_variant_n_children (list) : 0;
  double tightest = -1;

  for (unsigned i = 0; i < n; i++)
    {
      const char *name;
      int64_t most;
      int64_t used;
      g_autofree char *used_text = NULL;
      g_autofree char *most_text = NULL;
      g_autofree char *text = NULL;

      g_variant_get_child (list, i, "(&sxx)", &name, &most, &used);
      used_text = weir_format_count (used);
      most_text = weir_format_count (most);
      /* Translators: how much is used of how much: "14 of 60". */
      text = g_strdup_printf (_ ("%s of %s"), used_text, most_text);
      show_row (self, i, name_limit (name), text);
      weir_meter_show (self->meters->pdata[i], percent_of (used, most), -1, FALSE,
                       name_limit (name), text);
      gtk_widget_set_visible (self->meters->pdata[i], TRUE);
      if (percent_of (used, most) <= tightest)
        continue;
      tightest = percent_of (used, most);
      weir_meter_show (WEIR_METER (self->meter), tightest, -1, FALSE, name_limit (name),
                       text);
      gtk_widget_set_tooltip_text (self->meter, name_limit (name));
    }
  gtk_widget_set_visible (self->meter, tightest >= 0);
  return n;
}

static unsigned
show_list (WeirKeyRow *self,
           unsigned index,
           const char *title,
           WeirRecord *key,
           const char *member)
{
  g_auto (GStrv) list = weir_record_dup_list (key, member);
  g_autofree char *text = g_strjoinv (", ", list);

  if (*text == '\0')
    return index;
  show_row (self, index, title, text);
  return index + 1;
}

static char *
dup_subtitle (WeirRecord *key, int64_t now_us)
{
  int64_t expires_us = weir_record_get_integer (key, "expires");
  g_autoptr (GString) text = g_string_new (weir_record_get_text (key, "masked"));

  if (!weir_record_get_truth (key, "enabled"))
    g_string_append_printf (text, " · %s", _ ("off"));
  if (expires_us > 0)
    {
      g_autofree char *moment = weir_format_moment (expires_us, now_us);

      g_string_append (text, " · ");
      g_string_append_printf (
          text, expires_us <= now_us ? _ ("expired %s") : _ ("expires %s"), moment);
    }
  if (*weir_record_get_text (key, "note") != '\0')
    g_string_append_printf (text, " · %s", weir_record_get_text (key, "note"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
weir_key_row_show (WeirKeyRow *self, WeirRecord *key, int64_t now_us)
{
  g_autofree char *subtitle = dup_subtitle (key, now_us);
  unsigned n;

  g_return_if_fail (WEIR_IS_KEY_ROW (self));

  g_free (self->id);
  self->id = g_strdup (weir_record_get_text (key, "id"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self),
                                 weir_record_get_text (key, "name"));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), subtitle);
  n = show_limits (self, key);
  n = show_list (self, n, _ ("Models"), key, "models");
  n = show_list (self, n, _ ("Groups"), key, "groups");
  if (n == 0)
    show_row (self, n++, _ ("No limits"), _ ("It may ask for every model."));
  for (; n < self->rows->len; n++)
    gtk_widget_set_visible (self->rows->pdata[n], FALSE);
}

static void
weir_key_row_finalize (GObject *object)
{
  WeirKeyRow *self = WEIR_KEY_ROW (object);

  g_free (self->id);
  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->meters);
  G_OBJECT_CLASS (weir_key_row_parent_class)->finalize (object);
}

static void
weir_key_row_class_init (WeirKeyRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weir_key_row_finalize;
}

static void
weir_key_row_init (WeirKeyRow *self)
{
  self->id = g_strdup ("");
  self->rows = g_ptr_array_new ();
  self->meters = g_ptr_array_new ();
  self->meter = g_object_new (WEIR_TYPE_METER, "width-request", 80, "valign",
                              GTK_ALIGN_CENTER, "visible", FALSE, NULL);
  adw_expander_row_add_action (ADW_EXPANDER_ROW (self), self->meter);
}
