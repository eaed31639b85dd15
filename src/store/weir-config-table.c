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
 * neighbour. */
unsigned
weir_config_measure_distance (const char *a, const char *b)
{
  unsigned cost[MAX_NAME + 1][MAX_NAME + 1];
  size_t n = strlen (a);
  size_t m = strlen (b);

  if (n > MAX_NAME || m > MAX_NAME)
    return UINT_MAX;

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

unsigned
weir_config_get_reach (const char *name)
{
  size_t length = strlen (name);

  return length <= 4 ? 2 : length <= 8 ? 3 : 4;
}

const WeirConfigKey *
weir_config_table_suggest (unsigned place, const char *name)
{
  unsigned nearest = weir_config_get_reach (name);
  const WeirConfigKey *found = NULL;
  const WeirConfigKey *key = NULL;

  for (size_t i = 0; (key = weir_config_table_get_row (i)) != NULL; i++)
    {
      const char *candidate = weir_config_key_get_name (key);
      unsigned distance = 0;

      if ((key->places & place) == 0)
        continue;
      distance = weir_config_measure_distance (name, candidate);
      if (distance >= nearest || distance >= strlen (candidate))
        continue;
      nearest = distance;
      found = key;
    }
  return found;
}
