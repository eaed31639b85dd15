/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Stands in for libFuzzer where there is none: shows a target every file of its corpus, and
 * every prefix of each that is short. */

#include <glib.h>
#include <stdint.h>

#define PREFIXES_UP_TO 2048 /* bytes of a file whose prefixes are all shown */

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* The bytes in an allocation of their own, so that a read behind them is caught. */
static void
show (const char *bytes, size_t length)
{
  g_autofree uint8_t *copy = g_malloc (MAX (length, 1));

  memcpy (copy, bytes, length);
  LLVMFuzzerTestOneInput (copy, length);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = NULL;
  const char *name;
  unsigned n_files = 0;

  if (argc != 2)
    g_error ("usage: %s CORPUS-FOLDER", argv[0]);
  folder = g_dir_open (argv[1], 0, &error);
  g_assert_no_error (error);

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (argv[1], name, NULL);
      g_autofree char *bytes = NULL;
      gsize length;

      g_file_get_contents (path, &bytes, &length, &error);
      g_assert_no_error (error);
      for (gsize prefix = length > PREFIXES_UP_TO ? length : 0; prefix <= length; prefix++)
        show (bytes, prefix);
      n_files++;
    }
  g_print ("%u files\n", n_files);
  return n_files > 0 ? 0 : 1;
}
