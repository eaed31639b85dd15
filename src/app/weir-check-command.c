/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The configuration is read and made ready as for a start, and then let go. */

#include "config.h"

#include "app/weir-check-command.h"

#include "app/weir-app.h"

#include "proxy/weir-proxy.h"
#include "store/weir-config.h"

#include <stdio.h>

int
weir_check_command_run (const WeirOptions *options)
{
  g_autofree char *path = options->config_path != NULL ? g_strdup (options->config_path)
                                                       : weir_config_dup_default_path ();
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirConfig) config = weir_config_load (path, &notices, &error);
  g_autoptr (WeirProxy) proxy = NULL;

  for (unsigned i = 0; notices != NULL && i < notices->len; i++)
    {
      const WeirConfigNotice *notice = g_ptr_array_index (notices, i);
      g_autofree char *line = weir_config_notice_format (notice, path);

      if (!notice->fatal)
        fprintf (stderr, "%s\n", line);
    }
  if (config != NULL)
    proxy = weir_proxy_new (config, options->port, NULL, NULL, &error);
  if (proxy != NULL)
    return WEIR_EXIT_OK;
  fprintf (stderr, "%s\n", error->message);
  return WEIR_EXIT_CONFIG;
}
