/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What clients read: the variables of each family, for a shell or for one child.  The key
 * comes from the configuration's file, for no secret crosses the bus; so both verbs work
 * without a service, too. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include "store/weir-config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NOT_FOUND 127 /* as a shell says it */
#define NOT_RUN 126

/* clang-format off */
static const struct
{
  const char *name;
  const char *suffix; /* (nullable) behind the address; NULL: the key */
} variables[] = {
  { "OPENAI_BASE_URL", "/v1" },
  { "OPENAI_API_KEY", NULL },
  { "ANTHROPIC_BASE_URL", "" },
  { "ANTHROPIC_AUTH_TOKEN", NULL },
  { "GOOGLE_GEMINI_BASE_URL", "" },
  { "GEMINI_API_KEY", NULL },
};

/* name, what stands before the value and behind it; the value is quoted as the shell wants */
static const struct
{
  const char *name;
  const char *before;
  const char *between;
  const char *after;
} shells[] = {
  { "bash", "export ", "=", "" },
  { "zsh", "export ", "=", "" },
  { "sh", "export ", "=", "" },
  { "fish", "set -gx ", " ", "" },
  { "systemd", "", "=", "" },
};
/* clang-format on */

/* (transfer full) (nullable): where the service listens, else where the configuration says
 * that it would. */
static char *
dup_endpoint (WeirCli *self, const WeirConfig *config)
{
  const char *host = config->host;
  const gboolean is_any
      = *host == '\0' || g_str_equal (host, "localhost") || g_str_equal (host, "*");
  const gboolean is_v6 = strchr (host, ':') != NULL;

  if (weir_cli_find (self))
    {
      g_autoptr (GVariant) manager = weir_cli_get_properties (
          self, WEIR_CLI_PATH, WEIR_CLI_INTERFACE ".Manager", NULL);

      if (manager != NULL && *weir_cli_get_text (manager, "Endpoint") != '\0')
        return g_strdup (weir_cli_get_text (manager, "Endpoint"));
    }
  fprintf (stderr, "weir: the proxy does not run; `weir start` starts it\n");
  if (config->port == 0)
    return NULL;
  return g_strdup_printf ("%s://%s%s%s:%u", config->tls_enable ? "https" : "http",
                          is_v6 ? "[" : "", is_any ? "127.0.0.1" : host, is_v6 ? "]" : "",
                          config->port);
}

/* (nullable): the first key that may be used. */
static const WeirSecret *
choose_key (const WeirConfig *config)
{
  for (unsigned i = 0; i < config->client_keys->len; i++)
    {
      const WeirConfigClientKey *key = g_ptr_array_index (config->client_keys, i);

      if (!key->disabled && (key->expires_us == 0 || key->expires_us > g_get_real_time ()))
        return key->key;
    }
  return NULL;
}

/* (transfer full) (nullable): name and value by turns, ending in NULL; else said. */
static char **
make_variables (WeirCli *self, int *out_status)
{
  g_autoptr (GVariant) manager
      = weir_cli_find (self) ? weir_cli_get_properties (self, WEIR_CLI_PATH,
                                                        WEIR_CLI_INTERFACE ".Manager", NULL)
                             : NULL;
  g_autofree char *path = manager != NULL
                              ? g_strdup (weir_cli_get_text (manager, "ConfigPath"))
                              : weir_config_dup_default_path ();
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirConfig) config = weir_config_load (path, NULL, &error);
  g_autofree char *endpoint = config != NULL ? dup_endpoint (self, config) : NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const WeirSecret *key = config != NULL ? choose_key (config) : NULL;
  const WeirSlice text = key != NULL ? weir_secret_reveal (key) : (WeirSlice){ "none", 4 };

  if (endpoint == NULL)
    {
      *out_status = weir_cli_fail (
          config == NULL ? WEIR_CLI_CONFIG : WEIR_CLI_UNAVAILABLE, "%s",
          config == NULL ? error->message : "its port is any free one, so it must run");
      return NULL;
    }
  for (size_t i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      g_autofree char *value = variables[i].suffix != NULL
                                   ? g_strconcat (endpoint, variables[i].suffix, NULL)
                                   : g_strndup (text.text, text.length);

      g_strv_builder_add_many (builder, variables[i].name, value, NULL);
    }
  return g_strv_builder_end (builder);
}

int
weir_cli_env (WeirCli *self)
{
  const char *login_shell = g_getenv ("SHELL");
  g_autofree char *own = g_path_get_basename (login_shell != NULL ? login_shell : "sh");
  const char *wanted = self->options.shell != NULL ? self->options.shell : own;
  g_auto (GStrv) pairs = NULL;
  int status = WEIR_CLI_OK;
  size_t shell = 0;

  while (shell < G_N_ELEMENTS (shells) && !g_str_equal (shells[shell].name, wanted))
    shell++;
  if (shell == G_N_ELEMENTS (shells) && self->options.shell != NULL)
    return weir_cli_fail (WEIR_CLI_USAGE,
                          "--shell is bash, zsh, fish or systemd, not \"%s\"", wanted);
  shell %= G_N_ELEMENTS (shells);
  pairs = make_variables (self, &status);
  for (char **pair = pairs; pair != NULL && *pair != NULL; pair += 2)
    {
      g_autofree char *quoted = g_shell_quote (pair[1]);

      printf ("%s%s%s%s%s\n", shells[shell].before, pair[0], shells[shell].between,
              g_str_equal (shells[shell].name, "systemd") ? pair[1] : quoted,
              shells[shell].after);
    }
  return status;
}

int
weir_cli_run_command (WeirCli *self)
{
  int status = WEIR_CLI_OK;
  g_auto (GStrv) pairs = make_variables (self, &status);

  if (pairs == NULL)
    return status;
  for (char **pair = pairs; *pair != NULL; pair += 2)
    g_setenv (pair[0], pair[1], TRUE);
  g_unsetenv ("ANTHROPIC_API_KEY"); /* it would come before the token */
  execvp (self->words[0], (char *const *)self->words);
  return weir_cli_fail (errno == ENOENT ? NOT_FOUND : NOT_RUN, "%s: %s", self->words[0],
                        g_strerror (errno));
}
