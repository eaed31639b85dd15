/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The meter: a level bar, and a caret laid over it.  What stands where; nothing is drawn
 * here. */

#include "config.h"

#include "window/weir-meter.h"

#define TIGHT_PERCENT 80
#define SPENT_PERCENT 97

struct _WeirMeter
{
  GtkWidget parent;

  GtkWidget *bar;   /* (owned) by being its child */
  GtkWidget *caret; /* (owned) likewise */
  double elapsed;
};

G_DEFINE_FINAL_TYPE (WeirMeter, weir_meter, GTK_TYPE_WIDGET)

static void
set_class (WeirMeter *self, const char *name, gboolean is_set)
{
  if (is_set)
    gtk_widget_add_css_class (GTK_WIDGET (self), name);
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), name);
}

void
weir_meter_show (WeirMeter *self,
                 double percent,
                 double elapsed,
                 gboolean is_left,
                 const char *label,
                 const char *value)
{
  double shown;

  g_return_if_fail (WEIR_IS_METER (self));

  shown = percent < 0 ? 0 : CLAMP (is_left ? 100 - percent : percent, 0, 100);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (self->bar), shown);
  set_class (self, "unknown", percent < 0);
  set_class (self, "tight", percent >= TIGHT_PERCENT && percent < SPENT_PERCENT);
  set_class (self, "spent", percent >= SPENT_PERCENT);

  self->elapsed = elapsed >= 0 && is_left ? 1 - elapsed : elapsed;
  gtk_widget_set_child_visible (self->caret, elapsed >= 0);
  gtk_widget_queue_allocate (GTK_WIDGET (self));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, value, -1);
}

static void
weir_meter_measure (GtkWidget *widget,
                    GtkOrientation orientation,
                    int for_size,
                    int *minimum,
                    int *natural,
                    int *minimum_baseline,
                    int *natural_baseline)
{
  WeirMeter *self = WEIR_METER (widget);
  int bar_minimum;
  int bar_natural;
  int caret_minimum;
  int caret_natural;

  gtk_widget_measure (self->bar, orientation, -1, &bar_minimum, &bar_natural, NULL, NULL);
  gtk_widget_measure (self->caret, orientation, -1, &caret_minimum, &caret_natural, NULL,
                      NULL);
  *minimum = MAX (bar_minimum, caret_minimum);
  *natural = MAX (bar_natural, caret_natural);
}

static void
weir_meter_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  WeirMeter *self = WEIR_METER (widget);
  double elapsed = self->elapsed;
  int caret_width;
  int bar_height;
  int x;

  gtk_widget_measure (self->bar, GTK_ORIENTATION_VERTICAL, -1, NULL, &bar_height, NULL,
                      NULL);
  gtk_widget_size_allocate (self->bar,
                            &(GtkAllocation){
                                .y = (height - bar_height) / 2,
                                .width = width,
                                .height = bar_height,
                            },
                            -1);
  if (!gtk_widget_get_child_visible (self->caret))
    return;

  gtk_widget_measure (self->caret, GTK_ORIENTATION_HORIZONTAL, -1, &caret_width, NULL, NULL,
                      NULL);
  if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
    elapsed = 1 - elapsed;
  x = (int)(elapsed * (width - caret_width));
  gtk_widget_size_allocate (self->caret,
                            &(GtkAllocation){
                                .x = x,
                                .width = caret_width,
                                .height = height,
                            },
                            -1);
}

static void
weir_meter_dispose (GObject *object)
{
  WeirMeter *self = WEIR_METER (object);

  g_clear_pointer (&self->bar, gtk_widget_unparent);
  g_clear_pointer (&self->caret, gtk_widget_unparent);
  G_OBJECT_CLASS (weir_meter_parent_class)->dispose (object);
}

static void
weir_meter_class_init (WeirMeterClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_meter_dispose;
  widget_class->measure = weir_meter_measure;
  widget_class->size_allocate = weir_meter_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "quotameter");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
weir_meter_init (WeirMeter *self)
{
  GtkLevelBar *bar = GTK_LEVEL_BAR (gtk_level_bar_new_for_interval (0, 100));

  /* GTK's own marks mean a battery: little is bad there */
  gtk_level_bar_remove_offset_value (bar, GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value (bar, GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_remove_offset_value (bar, GTK_LEVEL_BAR_OFFSET_FULL);
  self->bar = GTK_WIDGET (bar);
  gtk_widget_set_parent (self->bar, GTK_WIDGET (self));
  self->caret = g_object_new (GTK_TYPE_SEPARATOR, "orientation", GTK_ORIENTATION_VERTICAL,
                              "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  gtk_widget_add_css_class (self->caret, "caret");
  gtk_widget_set_parent (self->caret, GTK_WIDGET (self));
  self->elapsed = -1;
}
