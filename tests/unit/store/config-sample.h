/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A file and the remarks it must get: what the tables of these tests are made of. */

#include "store/weir-config.h"

#include <string.h>

/* Silences the two remarks on a file without keys. */
#define KEYED "api-keys: [0123456789abcdefghij]\n"

/* Begins with `!` for a fatal remark, `?` for another one; then LINE:COLUMN: text, or only
 * text where the remark is on the whole file.  A text that ends in `*` may go on. */
typedef struct
{
  const char *name;
  const char *yaml;
  const char *remarks[6];
} ConfigSample;

static char *
dup_remark (const WeirConfigNotice *notice)
{
  g_autofree char *line = weir_config_notice_format (notice, "f");

  return g_strdup_printf ("%c%s", notice->fatal ? '!' : '?',
                          line + (notice->line > 0 ? 2 : 3));
}

static void
test_sample (gconstpointer data)
{
  const ConfigSample *sample = data;
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) fatal = g_string_new (NULL);
  g_autoptr (WeirConfig) config
      = weir_config_parse (sample->yaml, strlen (sample->yaml), "f", &notices, &error);
  unsigned n = 0;

  for (; n < notices->len && sample->remarks[n] != NULL; n++)
    {
      const WeirConfigNotice *notice = g_ptr_array_index (notices, n);
      g_autofree char *remark = dup_remark (notice);
      g_autofree char *line = weir_config_notice_format (notice, "f");
      size_t wanted = strlen (sample->remarks[n]);

      if (sample->remarks[n][wanted - 1] == '*')
        remark[MIN (strlen (remark), wanted - 1)] = '\0';
      else
        wanted++;
      g_assert_cmpmem (remark, strlen (remark), sample->remarks[n], wanted - 1);
      if (notice->fatal)
        g_string_append_printf (fatal, "%s%s", fatal->len > 0 ? "\n" : "", line);
    }
  for (unsigned i = n; i < notices->len; i++)
    g_test_message ("not awaited: %s", dup_remark (g_ptr_array_index (notices, i)));
  g_assert_cmpuint (notices->len, ==, n);
  g_assert_null (sample->remarks[n]);
  if (fatal->len == 0)
    {
      g_assert_no_error (error);
      g_assert_nonnull (config);
      return;
    }
  g_assert_null (config);
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
  g_assert_cmpstr (error->message, ==, fatal->str);
}

static void
add_samples (const char *group, const ConfigSample *samples, size_t n_samples)
{
  for (size_t i = 0; i < n_samples; i++)
    {
      g_autofree char *path = g_strdup_printf ("/%s/%s", group, samples[i].name);

      g_test_add_data_func (path, &samples[i], test_sample);
    }
}
