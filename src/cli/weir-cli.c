/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From what is typed to the verb's function. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_MIN_LEFT 10.0

static void
options_clear (WeirCliOptions *self)
{
  g_free (self->format);
  g_free (self->shell);
  g_free (self->window);
  g_free (self->account);
  g_free (self->callback);
  g_free (self->owner);
  g_free (self->output);
  g_free (self->prefix);
  g_free (self->vertex_import);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirCliOptions, options_clear)

/* Go programs take one dash as well as two, and a value behind "=" or as a word. */
static const char *
skip_dashes (const char *word)
{
  return word + (*word == '-') + (*word == '-' && word[1] == '-');
}

static const WeirCliAlias *
lookup_alias (const char *word)
{
  const char *name = skip_dashes (word);
  const size_t length = strcspn (name, "=");

  for (const WeirCliAlias *alias = weir_cli_aliases; alias->option != NULL; alias++)
    {
      const char *option = skip_dashes (alias->option);
      const gboolean takes_value = g_strcmp0 (alias->way, "file") == 0;

      if (name > word && strlen (option) == length && strncmp (option, name, length) == 0
          && (takes_value || name[length] == '\0'))
        return alias;
    }
  return NULL;
}

/* (transfer full): an option of CLIProxyAPI's as it is called here. */
static char *
dup_option (const char *word)
{
  static const char *const other_names[][2] = {
    { "oauth-callback-port", "callback-port" },
    { "vertex-import-prefix", "prefix" },
  };
  const char *name = skip_dashes (word);
  const size_t length = strcspn (name, "=");

  if (name == word || length < 2)
    return g_strdup (word);
  for (size_t i = 0; i < G_N_ELEMENTS (other_names); i++)
    if (strlen (other_names[i][0]) == length
        && strncmp (other_names[i][0], name, length) == 0)
      return g_strconcat ("--", other_names[i][1], name + length, NULL);
  return g_strconcat ("--", name, NULL);
}

gboolean
weir_cli_knows (const char *const *arguments)
{
  const char *const word = arguments[0] != NULL ? arguments[1] : NULL;

  return word != NULL
         && (weir_cli_lookup_verb (word) != NULL || lookup_alias (word) != NULL
             || (g_str_equal (word, "help") && arguments[2] != NULL)
             || g_str_equal (word, "complete"));
}

void
weir_cli_append_verbs (GString *out)
{
  for (const WeirCliVerb *verb = weir_cli_verbs; verb->name != NULL; verb++)
    g_string_append_printf (out, "  %-12s %s\n", verb->name, verb->summary);
}

/* @options: where the values go. */
static GArray *
make_entries (const WeirCliVerb *verb, WeirCliOptions *options)
{
  GArray *entries = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));

  for (const WeirCliOption *row = weir_cli_options; row->name != NULL; row++)
    if (strchr (verb->options, row->letter) != NULL)
      {
        const GOptionEntry entry = {
          row->name, row->brief, 0, row->kind, (char *)options + row->offset,
          row->help, row->value,
        };

        g_array_append_val (entries, entry);
      }
  return entries;
}

static void
print_help (const WeirCliVerb *verb)
{
  printf ("weir %s%s%s\n\n%s\n\n", verb->name, *verb->words_help != '\0' ? " " : "",
          verb->words_help, verb->help);
  for (const WeirCliOption *row = weir_cli_options; row->name != NULL; row++)
    if (strchr (verb->options, row->letter) != NULL)
      {
        g_autofree char *name
            = g_strdup_printf ("--%s%s%s", row->name, row->value != NULL ? "=" : "",
                               row->value != NULL ? row->value : "");

        printf ("  %-24s %s\n", name, row->help);
      }
}

static int
run_verb (const WeirCliVerb *verb, char ***words, const char *way)
{
  g_auto (WeirCliOptions) options = { .min_left = DEFAULT_MIN_LEFT };
  WeirCli self = { .verb = verb };
  g_autoptr (GArray) entries = make_entries (verb, &options);
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  int status;

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_strict_posix (context, verb->words == WEIR_CLI_WORDS_COMMAND);
  g_option_context_add_main_entries (context, (const GOptionEntry *)(void *)entries->data,
                                     NULL);
  if (!g_option_context_parse_strv (context, words, &error))
    return weir_cli_fail (WEIR_CLI_USAGE, "%s; see `weir %s --help`", error->message,
                          verb->name);
  if (options.help)
    {
      print_help (verb);
      return WEIR_CLI_OK;
    }
  if (way != NULL && g_str_equal (way, "device"))
    options.device = TRUE;
  self.words = (const char *const *)*words + 1;
  if (self.words[0] != NULL && g_str_equal (self.words[0], "--"))
    self.words++;
  self.n_words = g_strv_length ((char **)self.words);
  if (self.n_words < verb->min_words || self.n_words > verb->max_words)
    return weir_cli_fail (WEIR_CLI_USAGE, "%s: weir %s %s; see `weir %s --help`",
                          self.n_words < verb->min_words ? "something is missing"
                                                         : "one word too many",
                          verb->name, verb->words_help, verb->name);
  self.options = options;
  status = verb->run (&self);
  g_clear_object (&self.bus);
  return status;
}

/* `weir --claude-login --no-browser` is `weir login claude --no-browser`. */
static int
run_alias (const WeirCliAlias *alias, const char *const *arguments)
{
  const gboolean is_file = g_strcmp0 (alias->way, "file") == 0;
  const char *value = strchr (arguments[1], '=');
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) words = NULL;

  g_strv_builder_add (builder, arguments[0]);
  g_strv_builder_add (builder, is_file ? "import" : alias->provider);
  if (value != NULL)
    g_strv_builder_add (builder, value + 1);
  for (const char *const *word = arguments + 2; *word != NULL; word++)
    {
      g_autofree char *option = dup_option (*word);

      g_strv_builder_add (builder, option);
    }
  words = g_strv_builder_end (builder);
  return run_verb (weir_cli_lookup_verb (is_file ? "accounts" : "login"), &words,
                   alias->way);
}

static int
help (const char *name)
{
  const WeirCliVerb *verb = weir_cli_lookup_verb (name);

  if (verb == NULL)
    return weir_cli_fail (WEIR_CLI_USAGE, "there is no verb \"%s\"; see `weir help`", name);
  print_help (verb);
  return WEIR_CLI_OK;
}

int
weir_cli_run (const char *const *arguments)
{
  const WeirCliAlias *alias = lookup_alias (arguments[1]);
  const WeirCliVerb *verb = weir_cli_lookup_verb (arguments[1]);
  g_auto (GStrv) words = NULL;

  if (alias != NULL)
    return run_alias (alias, arguments);
  if (g_str_equal (arguments[1], "help"))
    return help (arguments[2]);
  if (verb == NULL)
    return weir_cli_complete (arguments + 2);
  words = g_strdupv ((char **)arguments + 1);
  return run_verb (verb, &words, NULL);
}
