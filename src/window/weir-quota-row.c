/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The row of a limit. */

#include "config.h"

#include "window/weir-quota-row.h"

#include <glib/gi18n.h>

#include "window/weir-format.h"
#include "window/weir-meter.h"
#include "base/weir-service-text.h"
#include "window/weir-wrap-box.h"

struct _WeirQuotaRow
{
  GtkListBoxRow parent;

  GtkLabel *name_label;
  WeirMeter *meter;
  GtkLabel *percent_label;
  GtkLabel *reset_label;
  GtkLabel *pace_label;
};

G_DEFINE_FINAL_TYPE (WeirQuotaRow, weir_quota_row, GTK_TYPE_LIST_BOX_ROW)

GtkWidget *
weir_quota_row_new (void)
{
  return g_object_new (WEIR_TYPE_QUOTA_ROW, NULL);
}

WeirQuotaStyle
weir_quota_row_read_style (GSettings *settings)
{
  g_autofree char *times = g_settings_get_string (settings, "reset-times");

  return (WeirQuotaStyle){
    .is_clock = g_strcmp0 (times, "clock") == 0,
    .is_left = g_settings_get_boolean (settings, "show-left"),
    .is_private = g_settings_get_boolean (settings, "privacy"),
  };
}

static char *
dup_percent_text (double used, gboolean is_left)
{
  g_autofree char *percent = weir_format_percent (is_left && used >= 0 ? 100 - used : used);

  if (used < 0)
    return g_strdup (_ ("not known"));
  /* Translators: %s is "42 %". */
  return g_strdup_printf (is_left ? _ ("%s left") : _ ("%s used"), percent);
}

/* What to expect: that it runs out before its reset, or how it goes. */
static char *
dup_pace_text (WeirRecord *window, int64_t now_us)
{
  int64_t runs_out_us = weir_record_get_integer (window, "runs-out");
  const char *pace = weir_record_get_text (window, "pace");

  if (runs_out_us > now_us)
    {
      g_autofree char *moment = weir_format_moment (runs_out_us, now_us);

      /* Translators: %s is a moment, "14:20" or "Fri 09:00". */
      return g_strdup_printf (_ ("runs out %s"), moment);
    }
  if (g_str_equal (pace, "on pace"))
    return g_strdup (_ ("on pace"));
  if (g_str_equal (pace, "ahead"))
    return g_strdup (_ ("ahead of pace"));
  if (g_str_equal (pace, "behind"))
    return g_strdup (_ ("plenty left"));
  return g_strdup ("");
}

char *
weir_quota_row_dup_name (WeirRecord *window)
{
  g_autofree char *name = weir_service_text_dup (weir_record_get_text (window, "name"));
  const char *scope = weir_record_get_text (window, "scope");

  if (*scope == '\0')
    return g_steal_pointer (&name);
  /* Translators: a limit's name and the model that it is of: "Week, Opus". */
  return g_strdup_printf (C_ ("limit", "%s, %s"), name, scope);
}

void
weir_quota_row_show (WeirQuotaRow *self,
                     WeirRecord *window,
                     const char *account,
                     WeirQuotaStyle style,
                     int64_t now_us)
{
  double used = weir_record_get_double (window, "used", -1);
  int64_t resets_us = weir_record_get_integer (window, "resets");
  int64_t began_us = weir_record_get_integer (window, "began");
  g_autofree char *name = weir_quota_row_dup_name (window);
  g_autofree char *percent = dup_percent_text (used, style.is_left);
  g_autofree char *reset = weir_format_reset (resets_us, now_us, style.is_clock);
  g_autofree char *pace = dup_pace_text (window, now_us);
  g_autofree char *whose = weir_format_private (account, style.is_private);
  g_autofree char *meter_name = g_strdup_printf ("%s: %s", whose, name);
  g_autoptr (GString) sentence = g_string_new (NULL);

  g_return_if_fail (WEIR_IS_QUOTA_ROW (self));

  gtk_label_set_label (self->name_label, name);
  gtk_label_set_label (self->percent_label, percent);
  gtk_label_set_label (self->reset_label, reset);
  gtk_label_set_label (self->pace_label, pace);
  weir_meter_show (self->meter, used, weir_format_elapsed (began_us, resets_us, now_us),
                   style.is_left, meter_name, percent);

  g_string_printf (sentence, "%s, %s", meter_name, percent);
  if (*reset != '\0')
    g_string_append_printf (sentence, ", %s", reset);
  if (*pace != '\0')
    g_string_append_printf (sentence, ", %s", pace);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  sentence->str, -1);
}

void
weir_quota_row_fill (GtkListBox *box,
                     GVariant *windows,
                     const char *account,
                     WeirQuotaStyle style,
                     int64_t now_us)
{
  size_t n = windows != NULL ? g_variant_n_children (windows) : 0;
  GtkListBoxRow *spare;

  for (size_t i = 0; i < n; i++)
    {
      g_autoptr (GVariant) members = g_variant_get_child_value (windows, i);
      g_autoptr (WeirRecord) window = weir_record_new (members);
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (box, (int)i);

      if (row == NULL)
        {
          row = GTK_LIST_BOX_ROW (weir_quota_row_new ());
          gtk_list_box_append (box, GTK_WIDGET (row));
        }
      weir_quota_row_show (WEIR_QUOTA_ROW (row), window, account, style, now_us);
    }
  while ((spare = gtk_list_box_get_row_at_index (box, (int)n)) != NULL)
    gtk_list_box_remove (box, GTK_WIDGET (spare));
  gtk_widget_set_visible (GTK_WIDGET (box), n > 0);
}

static void
weir_quota_row_class_init (WeirQuotaRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (WEIR_TYPE_METER);
  g_type_ensure (WEIR_TYPE_WRAP_BOX);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-quota-row.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirQuotaRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, WeirQuotaRow, meter);
  gtk_widget_class_bind_template_child (widget_class, WeirQuotaRow, percent_label);
  gtk_widget_class_bind_template_child (widget_class, WeirQuotaRow, reset_label);
  gtk_widget_class_bind_template_child (widget_class, WeirQuotaRow, pace_label);
}

static void
weir_quota_row_init (WeirQuotaRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
