/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The longest common subsequence of the lines between what both texts begin and end with.
 */

#include "config.h"

#include "window/weir-diff.h"

#include <string.h>

/* Beyond it the table would be larger than the answer is worth. */
#define CELLS_MOST (4 * 1000 * 1000)

static void
clear_line (gpointer data)
{
  g_free (((WeirDiffLine *)data)->line);
}

static void
append (GArray *out, WeirDiffKind kind, const char *line)
{
  WeirDiffLine added = { kind, g_strdup (line) };

  g_array_append_val (out, added);
}

/* lengths[i * (n_after + 1) + k]: of the longest sequence common to before[i…], after[k…].
 */
static unsigned *
make_table (char **before, size_t n_before, char **after, size_t n_after)
{
  size_t width = n_after + 1;
  unsigned *lengths = g_new0 (unsigned, (n_before + 1) * width);

  for (size_t i = n_before; i-- > 0;)
    for (size_t k = n_after; k-- > 0;)
      if (strcmp (before[i], after[k]) == 0)
        lengths[i * width + k] = lengths[(i + 1) * width + k + 1] + 1;
      else
        lengths[i * width + k]
            = MAX (lengths[(i + 1) * width + k], lengths[i * width + k + 1]);
  return lengths;
}

static void
append_middle (GArray *out, char **before, size_t n_before, char **after, size_t n_after)
{
  g_autofree unsigned *lengths = NULL;
  size_t width = n_after + 1;
  size_t i = 0;
  size_t k = 0;

  if ((n_before + 1) * width <= CELLS_MOST)
    lengths = make_table (before, n_before, after, n_after);
  while (lengths != NULL && i < n_before && k < n_after)
    if (strcmp (before[i], after[k]) == 0)
      {
        append (out, WEIR_DIFF_SAME, before[i++]);
        k++;
      }
    else if (lengths[(i + 1) * width + k] >= lengths[i * width + k + 1])
      append (out, WEIR_DIFF_REMOVED, before[i++]);
    else
      append (out, WEIR_DIFF_ADDED, after[k++]);
  while (i < n_before)
    append (out, WEIR_DIFF_REMOVED, before[i++]);
  while (k < n_after)
    append (out, WEIR_DIFF_ADDED, after[k++]);
}

GArray *
weir_diff_make (const char *before, const char *after)
{
  g_auto (GStrv) old = g_strsplit (before, "\n", -1);
  g_auto (GStrv) new = g_strsplit (after, "\n", -1);
  size_t n_old = g_strv_length (old);
  size_t n_new = g_strv_length (new);
  GArray *out = g_array_new (FALSE, FALSE, sizeof (WeirDiffLine));
  size_t head = 0;
  size_t tail = 0;

  g_array_set_clear_func (out, clear_line);
  while (head < MIN (n_old, n_new) && strcmp (old[head], new[head]) == 0)
    append (out, WEIR_DIFF_SAME, old[head++]);
  while (tail < MIN (n_old, n_new) - head
         && strcmp (old[n_old - 1 - tail], new[n_new - 1 - tail]) == 0)
    tail++;
  append_middle (out, old + head, n_old - head - tail, new + head, n_new - head - tail);
  for (size_t i = n_old - tail; i < n_old; i++)
    append (out, WEIR_DIFF_SAME, old[i]);
  return out;
}

/* Whether a change stands at most @context lines from line @index. */
static gboolean
is_near_change (GArray *lines, unsigned index, unsigned context)
{
  unsigned first = index > context ? index - context : 0;
  unsigned last = MIN (index + context, lines->len - 1);

  for (unsigned i = first; i <= last; i++)
    if (g_array_index (lines, WeirDiffLine, i).kind != WEIR_DIFF_SAME)
      return TRUE;
  return FALSE;
}

char *
weir_diff_format (const char *before, const char *after, unsigned context)
{
  static const char *const marks[] = {
    [WEIR_DIFF_SAME] = "  ",
    [WEIR_DIFF_REMOVED] = "- ",
    [WEIR_DIFF_ADDED] = "+ ",
  };
  g_autoptr (GArray) lines = weir_diff_make (before, after);
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean has_gap = FALSE;

  for (unsigned i = 0; i < lines->len; i++)
    {
      const WeirDiffLine *line = &g_array_index (lines, WeirDiffLine, i);

      if (!is_near_change (lines, i, context))
        {
          has_gap = out->len > 0;
          continue;
        }
      if (has_gap)
        g_string_append (out, "  …\n");
      has_gap = FALSE;
      g_string_append_printf (out, "%s%s\n", marks[line->kind], line->line);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}
