/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How the table of keys is searched; its rows are in weir-config-rows-*.c. */

#include "config.h"

#include "store/weir-config-rows.h"

static const WeirConfigRows *const parts[] = {
  &weir_config_rows_file,
  &weir_config_rows_item,
  &weir_config_rows_access,
  &weir_config_rows_later,
};

const WeirConfigKey *
weir_config_table_get_row (size_t index)
{
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      if (index < parts[i]->n_rows)
        return &parts[i]->rows[index];
      index -= parts[i]->n_rows;
    }
  return NULL;
}

const char *
weir_config_key_get_name (const WeirConfigKey *key)
{
  const char *dot = strrchr (key->path, '.');

  return dot != NULL ? dot + 1 : key->path;
}

const WeirConfigKey *
weir_config_table_lookup (unsigned place, const char *name)
{
  const WeirConfigKey *key = NULL;

  for (size_t i = 0; (key = weir_config_table_get_row (i)) != NULL; i++)
    if ((key->places & place) != 0 && strcmp (weir_config_key_get_name (key), name) == 0)
      break;
  return key;
}

const WeirConfigKey *
weir_config_table_lookup_path (const char *path)
{
  const WeirConfigKey *key = NULL;

  for (size_t i = 0; (key = weir_config_table_get_row (i)) != NULL; i++)
    if ((key->places & WEIR_CONFIG_IN_SETTINGS) != 0 && strcmp (key->path, path) == 0)
      break;
  return key;
}

#define MAX_NAME 48

/* Damerau-Levenshtein: letters inserted, left out, changed, or swapped with their
 * neighbour.  Case does not count; both are at most MAX_NAME long. */
static unsigned
measure_distance (const char *a, const char *b)
{
  unsigned cost[MAX_NAME + 1][MAX_NAME + 1];
  size_t n = strlen (a);
  size_t m = strlen (b);

  for (size_t i = 0; i <= n; i++)
    cost[i][0] = (unsigned)i;
  for (size_t j = 0; j <= m; j++)
    cost[0][j] = (unsigned)j;
  for (size_t i = 1; i <= n; i++)
    for (size_t j = 1; j <= m; j++)
      {
        char one = g_ascii_tolower (a[i - 1]);
        char other = g_ascii_tolower (b[j - 1]);
        unsigned best = MIN (cost[i - 1][j], cost[i][j - 1]) + 1;

        best = MIN (best, cost[i - 1][j - 1] + (one != other ? 1 : 0));
        if (i > 1 && j > 1 && one == g_ascii_tolower (b[j - 2])
            && other == g_ascii_tolower (a[i - 2]))
          best = MIN (best, cost[i - 2][j - 2] + 1);
        cost[i][j] = best;
      }
  return cost[n][m];
}

gboolean
weir_config_is_nearer (const char *name, const char *candidate, unsigned *nearest)
{
  size_t length = strlen (name);
  unsigned reach = length <= 4 ? 2 : length <= 8 ? 3 : 4; /* a slip is less than that */
  unsigned distance = 0;

  if (length > MAX_NAME || strlen (candidate) > MAX_NAME)
    return FALSE;
  distance = measure_distance (name, candidate);
  if (distance >= strlen (candidate) || distance >= (*nearest > 0 ? *nearest : reach))
    return FALSE;
  *nearest = MAX (distance, 1);
  return TRUE;
}

const WeirConfigKey *
weir_config_table_suggest (unsigned place, const char *name)
{
  unsigned nearest = 0;
  const WeirConfigKey *found = NULL;
  const WeirConfigKey *key = NULL;

  for (size_t i = 0; (key = weir_config_table_get_row (i)) != NULL; i++)
    if ((key->places & place) != 0
        && weir_config_is_nearer (name, weir_config_key_get_name (key), &nearest))
      found = key;
  return found;
}
