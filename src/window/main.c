/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window's program.  Order matters: the objects are exported before the name is taken,
 * or an Activate that waits for the name would find nobody to hear it. */

#include "config.h"

#include <libintl.h>
#include <locale.h>
#include <string.h>

#include "window/weir-window-app.h"

#include "base/weir-translate.h"

static gboolean
has_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, WEIR_APPLICATION_ID, TRUE);
  return schema != NULL;
}

/* GApplication knows the word only while it has not registered, and we register by hand. */
static gboolean
take_service_word (int *argc, char **argv)
{
  if (*argc < 2 || strcmp (argv[1], "--gapplication-service") != 0)
    return FALSE;
  memmove (argv + 1, argv + 2, (size_t)(*argc - 1) * sizeof *argv);
  (*argc)--;
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (WeirWindowApp) app = NULL;
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  weir_translate_init (WEIR_LOCALE_DIR);
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname (WEIR_APPLICATION_ID);
  g_set_application_name (_ ("Weir"));

  if (!has_settings ())
    {
      g_printerr (
          "weir-window: the settings' schema is not installed; install weir, or set "
          "GSETTINGS_SCHEMA_DIR to the build's data/gschema\n");
      return 1;
    }

  app = weir_window_app_new ();
  if (take_service_word (&argc, argv))
    g_application_set_flags (G_APPLICATION (app),
                             G_APPLICATION_NON_UNIQUE | G_APPLICATION_IS_SERVICE);
  if (!g_application_register (G_APPLICATION (app), NULL, &error))
    {
      g_printerr ("weir-window: %s\n", error->message);
      return 1;
    }
  if (!weir_window_app_claim (app, &error))
    {
      if (error != NULL)
        g_printerr ("weir-window: %s\n", error->message);
      return error != NULL;
    }
  return g_application_run (G_APPLICATION (app), argc, argv);
}
