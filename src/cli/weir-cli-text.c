/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How answers look: JSON of whatever the bus said, grids that fit the terminal, times and
 * counts as people say them. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include "base/weir-json-write.h"

#include <math.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_WITHOUT_TERMINAL 10000
#define CELL_MIN 8
#define GAP 2

gboolean
weir_cli_is_terminal (void)
{
  return isatty (STDOUT_FILENO) && g_getenv ("NO_COLOR") == NULL;
}

/* --- values of the bus --- */

static void write_value (WeirJsonWriter *w, const char *name, GVariant *value);

static void
write_number (WeirJsonWriter *w, const char *name, double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (number))
    weir_json_add_null (w, name);
  else
    weir_json_add_raw (w, name,
                       weir_slice_from_string (g_ascii_dtostr (text, sizeof text, number)));
}

static void
write_container (WeirJsonWriter *w, const char *name, GVariant *value)
{
  const gboolean is_dict = g_variant_is_of_type (value, G_VARIANT_TYPE ("a{s*}"));

  if (is_dict)
    weir_json_open (w, name);
  else
    weir_json_open_array (w, name);
  for (size_t i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);

      if (is_dict)
        {
          g_autoptr (GVariant) key = g_variant_get_child_value (child, 0);
          g_autoptr (GVariant) content = g_variant_get_child_value (child, 1);

          write_value (w, g_variant_get_string (key, NULL), content);
        }
      else
        write_value (w, NULL, child);
    }
  weir_json_close (w);
}

static void
write_value (WeirJsonWriter *w, const char *name, GVariant *value)
{
  g_autoptr (GVariant) inner = NULL;

  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      weir_json_add_boolean (w, name, g_variant_get_boolean (value));
      break;
    case G_VARIANT_CLASS_INT32:
      weir_json_add_int (w, name, g_variant_get_int32 (value));
      break;
    case G_VARIANT_CLASS_INT64:
      weir_json_add_int (w, name, g_variant_get_int64 (value));
      break;
    case G_VARIANT_CLASS_UINT32:
      weir_json_add_uint (w, name, g_variant_get_uint32 (value));
      break;
    case G_VARIANT_CLASS_UINT64:
      weir_json_add_uint (w, name, g_variant_get_uint64 (value));
      break;
    case G_VARIANT_CLASS_DOUBLE:
      write_number (w, name, g_variant_get_double (value));
      break;
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
      weir_json_add_string (w, name, g_variant_get_string (value, NULL));
      break;
    case G_VARIANT_CLASS_VARIANT:
      inner = g_variant_get_variant (value);
      write_value (w, name, inner);
      break;
    case G_VARIANT_CLASS_ARRAY:
    case G_VARIANT_CLASS_TUPLE:
      write_container (w, name, value);
      break;
    case G_VARIANT_CLASS_BYTE:
    case G_VARIANT_CLASS_INT16:
    case G_VARIANT_CLASS_UINT16:
    case G_VARIANT_CLASS_HANDLE:
    case G_VARIANT_CLASS_SIGNATURE:
    case G_VARIANT_CLASS_MAYBE:
    case G_VARIANT_CLASS_DICT_ENTRY:
      weir_json_add_null (w, name); /* the interface has none of these */
      break;
    }
}

void
weir_cli_print_json (GVariant *value)
{
  g_autoptr (GString) out = g_string_new (NULL);
  WeirJsonWriter w;

  weir_json_writer_init (&w, out);
  write_value (&w, NULL, value);
  printf ("%s\n", out->str);
  fflush (stdout);
}

const char *
weir_cli_get_text (GVariant *dict, const char *name)
{
  const char *text = "";

  g_variant_lookup (dict, name, "&s", &text);
  return text;
}

double
weir_cli_get_double (GVariant *dict, const char *name, double otherwise)
{
  g_variant_lookup (dict, name, "d", &otherwise);
  return otherwise;
}

int64_t
weir_cli_get_int (GVariant *dict, const char *name)
{
  gint64 wide = 0;
  guint64 count = 0;
  gint32 number = 0;
  guint32 natural = 0;

  if (g_variant_lookup (dict, name, "x", &wide))
    return wide;
  if (g_variant_lookup (dict, name, "t", &count))
    return (int64_t)MIN (count, G_MAXINT64);
  if (g_variant_lookup (dict, name, "i", &number))
    return number;
  g_variant_lookup (dict, name, "u", &natural);
  return natural;
}

gboolean
weir_cli_get_truth (GVariant *dict, const char *name)
{
  gboolean truth = FALSE;

  g_variant_lookup (dict, name, "b", &truth);
  return truth;
}

/* --- numbers for people --- */

char *
weir_cli_dup_span (int64_t until_us)
{
  const int64_t minutes = (until_us - g_get_real_time ()) / (60 * (int64_t)G_USEC_PER_SEC);

  if (until_us == 0)
    return g_strdup ("");
  if (minutes <= 0)
    return g_strdup ("now");
  if (minutes < 60)
    return g_strdup_printf ("%d min", (int)minutes);
  if (minutes < 48 * 60)
    return g_strdup_printf ("%d h %d min", (int)(minutes / 60), (int)(minutes % 60));
  return g_strdup_printf ("%d d %d h", (int)(minutes / 1440), (int)(minutes / 60 % 24));
}

char *
weir_cli_dup_count (uint64_t count)
{
  if (count < 10000)
    return g_strdup_printf ("%d", (int)count);
  if (count < 1000000)
    return g_strdup_printf ("%.1fk", (double)count / 1e3);
  return g_strdup_printf ("%.1fM", (double)count / 1e6);
}

/* --- grids --- */

struct _WeirCliGrid
{
  unsigned n_columns;
  GPtrArray *cells; /* (owned) of char * (owned) */
};

WeirCliGrid *
weir_cli_grid_new (const char *const *heading)
{
  WeirCliGrid *self = g_new0 (WeirCliGrid, 1);

  self->cells = g_ptr_array_new_with_free_func (g_free);
  for (; heading[self->n_columns] != NULL; self->n_columns++)
    weir_cli_grid_add (self, heading[self->n_columns]);
  return self;
}

/* A control byte is nobody's: a label must not steer the terminal. */
void
weir_cli_grid_add (WeirCliGrid *self, const char *cell)
{
  char *text = g_utf8_make_valid (cell, -1);

  for (char *p = text; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  g_ptr_array_add (self->cells, text);
}

static unsigned
get_width (void)
{
  struct winsize size = { 0 };

  if (isatty (STDOUT_FILENO) && ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0
      && size.ws_col > 0)
    return size.ws_col;
  return WIDTH_WITHOUT_TERMINAL;
}

/* The widest columns give until all fit, or none can give any more. */
static void
fit (unsigned *widths, unsigned n)
{
  unsigned total = 0;
  const unsigned room = get_width ();

  for (unsigned i = 0; i < n; i++)
    total += widths[i] + (i + 1 < n ? GAP : 0);
  while (total > room)
    {
      unsigned widest = 0;

      for (unsigned i = 1; i < n; i++)
        if (widths[i] > widths[widest])
          widest = i;
      if (widths[widest] <= CELL_MIN)
        return;
      widths[widest]--;
      total--;
    }
}

static void
print_cell (const char *text, unsigned width, gboolean is_last)
{
  const long length = g_utf8_strlen (text, -1);
  g_autofree char *cut
      = length > (long)width ? g_utf8_substring (text, 0, (long)width - 1) : NULL;

  printf ("%s%s", cut != NULL ? cut : text, cut != NULL ? "\xe2\x80\xa6" : "");
  if (!is_last)
    printf ("%*s", (int)(width - MIN (length, (long)width)) + GAP, "");
}

void
weir_cli_grid_print (WeirCliGrid *self)
{
  const unsigned n = self->n_columns;
  g_autofree unsigned *widths = g_new0 (unsigned, n);
  const gboolean is_bold = weir_cli_is_terminal ();

  for (unsigned i = 0; i < self->cells->len; i++)
    widths[i % n] = MAX (widths[i % n],
                         (unsigned)g_utf8_strlen (g_ptr_array_index (self->cells, i), -1));
  fit (widths, n);
  for (unsigned i = 0; i < self->cells->len; i++)
    {
      if (i == 0 && is_bold)
        printf ("\033[1m");
      print_cell (g_ptr_array_index (self->cells, i), widths[i % n], i % n + 1 == n);
      if (i == n - 1 && is_bold)
        printf ("\033[0m");
      if (i % n + 1 == n)
        printf ("\n");
    }
  g_ptr_array_unref (self->cells);
  g_free (self);
}
