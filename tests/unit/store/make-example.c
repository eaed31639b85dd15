/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writes the example file anew: make-example PATH. */

#include "store/weir-config.h"

int
main (int argc, char **argv)
{
  g_autofree char *example = weir_config_make_example ();
  g_autoptr (GError) error = NULL;

  if (argc != 2)
    {
      g_printerr ("usage: make-example PATH\n");
      return 2;
    }
  if (g_file_set_contents (argv[1], example, -1, &error))
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
