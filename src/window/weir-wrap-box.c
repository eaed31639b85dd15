/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lays children out in lines.  Lines are made greedily from natural widths; one walk over
 * them serves both to measure and to allocate. */

#include "config.h"

#include "window/weir-wrap-box.h"

struct _WeirWrapBox
{
  GtkWidget parent;

  int spacing;
  int line_spacing;
};

enum
{
  PROP_SPACING = 1,
  PROP_LINE_SPACING,
  N_PROPS,
};
static GParamSpec *props[N_PROPS];

/* A run of children that share a line. */
typedef struct
{
  GtkWidget *first;   /* (unowned) */
  GtkWidget *end;     /* (unowned) (nullable): the first one of the next line */
  int used;           /* width of all, with the gaps */
  unsigned n_growing; /* how many of them expand */
} WeirWrapLine;

G_DEFINE_FINAL_TYPE (WeirWrapBox, weir_wrap_box, GTK_TYPE_WIDGET)

static int
width_of (GtkWidget *child, int available)
{
  int minimum;
  int natural;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL,
                      NULL);
  return MAX (minimum, MIN (natural, available));
}

static WeirWrapLine
next_line (WeirWrapBox *self, GtkWidget *first, int available)
{
  WeirWrapLine line = { .first = first };
  GtkWidget *child = first;

  for (; child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      int width;

      if (!gtk_widget_should_layout (child))
        continue;
      width = width_of (child, available);
      if (line.used > 0 && line.used + self->spacing + width > available)
        break;
      line.used += (line.used > 0 ? self->spacing : 0) + width;
      line.n_growing += gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL);
    }
  line.end = child;
  return line;
}

/* The width that @child of @line gets. */
static int
share_of (const WeirWrapLine *line, GtkWidget *child, int available)
{
  int width = width_of (child, available);
  int extra = MAX (available - line->used, 0);

  if (gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL))
    width += extra / (int)line->n_growing;
  return width;
}

/* It holds a place in a line, but is not worth one of its own. */
static gboolean
is_blank (GtkWidget *child)
{
  return GTK_IS_LABEL (child) && *gtk_label_get_label (GTK_LABEL (child)) == '\0';
}

static int
height_of (const WeirWrapLine *line, int available)
{
  int height = 0;

  for (GtkWidget *child = line->first; child != line->end;
       child = gtk_widget_get_next_sibling (child))
    {
      int natural;

      if (!gtk_widget_should_layout (child) || is_blank (child))
        continue;
      gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL,
                          share_of (line, child, available), NULL, &natural, NULL, NULL);
      height = MAX (height, natural);
    }
  return height;
}

static void
measure_width (WeirWrapBox *self, int *out_minimum, int *out_natural)
{
  int minimum = 0;
  int natural = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int child_minimum;
      int child_natural;

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum,
                          &child_natural, NULL, NULL);
      minimum = MAX (minimum, child_minimum);
      natural += (natural > 0 ? self->spacing : 0) + child_natural;
    }
  *out_minimum = minimum;
  *out_natural = MAX (minimum, natural);
}

static int
measure_height (WeirWrapBox *self, int available)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));
  int height = 0;

  while (child != NULL)
    {
      WeirWrapLine line = next_line (self, child, available);
      int line_height = height_of (&line, available);

      height += (height > 0 && line_height > 0 ? self->line_spacing : 0) + line_height;
      child = line.end;
    }
  return height;
}

static void
weir_wrap_box_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  WeirWrapBox *self = WEIR_WRAP_BOX (widget);
  int least;
  int wanted;

  measure_width (self, &least, &wanted);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = least;
      *natural = wanted;
      return;
    }
  *natural = measure_height (self, for_size < 0 ? wanted : MAX (for_size, least));
  *minimum = *natural;
}

static void
allocate_line (GtkWidget *widget, const WeirWrapLine *line, int width, int y, int height)
{
  WeirWrapBox *self = WEIR_WRAP_BOX (widget);
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int x = 0;

  for (GtkWidget *child = line->first; child != line->end;
       child = gtk_widget_get_next_sibling (child))
    {
      int share;

      if (!gtk_widget_should_layout (child))
        continue;
      share = share_of (line, child, width);
      gtk_widget_size_allocate (child,
                                &(GtkAllocation){
                                    .x = is_rtl ? width - x - share : x,
                                    .y = y,
                                    .width = share,
                                    .height = height,
                                },
                                -1);
      x += share + self->spacing;
    }
}

static void
weir_wrap_box_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  WeirWrapBox *self = WEIR_WRAP_BOX (widget);
  GtkWidget *child = gtk_widget_get_first_child (widget);
  int y = 0;

  while (child != NULL)
    {
      WeirWrapLine line = next_line (self, child, width);
      int line_height = height_of (&line, width);

      allocate_line (widget, &line, width, y, line_height);
      y += line_height + (line_height > 0 ? self->line_spacing : 0);
      child = line.end;
    }
}

static GtkSizeRequestMode
weir_wrap_box_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
weir_wrap_box_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  WeirWrapBox *self = WEIR_WRAP_BOX (object);

  g_value_set_int (value, id == PROP_SPACING ? self->spacing : self->line_spacing);
}

static void
weir_wrap_box_set_property (GObject *object,
                            guint id,
                            const GValue *value,
                            GParamSpec *pspec)
{
  WeirWrapBox *self = WEIR_WRAP_BOX (object);

  if (id == PROP_SPACING)
    self->spacing = g_value_get_int (value);
  else
    self->line_spacing = g_value_get_int (value);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
weir_wrap_box_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (weir_wrap_box_parent_class)->dispose (object);
}

static void
weir_wrap_box_class_init (WeirWrapBoxClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = weir_wrap_box_dispose;
  object_class->get_property = weir_wrap_box_get_property;
  object_class->set_property = weir_wrap_box_set_property;
  widget_class->measure = weir_wrap_box_measure;
  widget_class->size_allocate = weir_wrap_box_size_allocate;
  widget_class->get_request_mode = weir_wrap_box_get_request_mode;
  props[PROP_SPACING] = g_param_spec_int ("spacing", NULL, NULL, 0, 100, 0, flags);
  props[PROP_LINE_SPACING]
      = g_param_spec_int ("line-spacing", NULL, NULL, 0, 100, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
weir_wrap_box_init (WeirWrapBox *self)
{
}
