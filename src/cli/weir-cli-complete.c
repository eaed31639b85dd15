/* SPDX-License-Identifier: GPL-3.0-or-later */

/* `weir complete WORD…`: what the last of the words behind "weir" can be, as a shell asks
 * while it is typed.  A line a choice, with a tab and half a line about it where there is
 * something to say; an option that wants a value ends in "=".  ":files" or ":commands"
 * leaves it to the shell.  The shell takes those that begin as it was typed.  Verbs and
 * options are those of the tables; accounts, models and vendors are the service's, which is
 * never started for it. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include <stdio.h>
#include <string.h>

/* --- what can be chosen --- */

static void
say (const char *word, const char *about)
{
  if (about != NULL && *about != '\0')
    printf ("%s\t%s\n", word, about);
  else
    printf ("%s\n", word);
}

/* @prefix: "--format=", or "". */
static void
say_words (const char *prefix, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);

  for (unsigned i = 0; list[i] != NULL; i++)
    printf ("%s%s\n", prefix, list[i]);
}

static void
say_accounts (WeirCli *self, const char *prefix)
{
  g_autoptr (GPtrArray) accounts
      = weir_cli_find (self) ? weir_cli_list_accounts (self, NULL) : NULL;

  for (unsigned i = 0; accounts != NULL && i < accounts->len; i++)
    {
      GVariant *account = g_ptr_array_index (accounts, i);
      g_autofree char *word = g_strconcat (prefix, weir_cli_get_text (account, "Id"), NULL);

      say (word, weir_cli_get_text (account, "Label"));
    }
}

/* A list of the Manager's: the member that is the word, and the one that says more. */
static void
say_members (WeirCli *self, const char *method, const char *member, const char *about)
{
  g_autoptr (GVariant) list
      = weir_cli_find (self) ? weir_cli_fetch (self, method, NULL, NULL) : NULL;

  for (size_t i = 0; list != NULL && i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (list, i);

      say (weir_cli_get_text (row, member), weir_cli_get_text (row, about));
    }
}

static void
say_verbs (void)
{
  for (const WeirCliVerb *verb = weir_cli_verbs; verb->name != NULL; verb++)
    say (verb->name, verb->summary);
}

static void
say_options (const WeirCliVerb *verb)
{
  for (const WeirCliOption *option = weir_cli_options; option->name != NULL; option++)
    {
      g_autofree char *word
          = g_strconcat ("--", option->name, option->value != NULL ? "=" : NULL, NULL);

      if (strchr (verb->options, option->letter) != NULL)
        say (word, option->help);
    }
}

static void
say_values (WeirCli *self, const WeirCliOption *option, const char *prefix)
{
  if (g_strcmp0 (option->words, WEIR_CLI_ACCOUNTS) == 0)
    say_accounts (self, prefix);
  else if (g_strcmp0 (option->words, WEIR_CLI_FILES) == 0)
    say (WEIR_CLI_FILES, NULL);
  else if (option->words != NULL)
    say_words (prefix, option->words);
}

/* --- where we are --- */

/* (nullable): the option of @verb that wants a value, where @word is its name alone
 * ("--format") or begins with it ("--format=pl"). */
static const WeirCliOption *
lookup_option (const WeirCliVerb *verb, const char *word)
{
  const size_t length = strcspn (word, "=");

  for (const WeirCliOption *option = weir_cli_options; option->name != NULL; option++)
    if (option->value != NULL && strchr (verb->options, option->letter) != NULL
        && g_str_has_prefix (word, "--") && length == strlen (option->name) + 2
        && strncmp (word + 2, option->name, length - 2) == 0)
      return option;
  return NULL;
}

/* The words of @verb before the one that is typed, without options and their values. */
static GPtrArray *
collect_before (const WeirCliVerb *verb, const char *const *words, unsigned n)
{
  GPtrArray *before = g_ptr_array_new ();

  for (unsigned i = 1; i + 1 < n; i++)
    {
      const gboolean is_value = i > 1 && lookup_option (verb, words[i - 1]) != NULL
                                && strchr (words[i - 1], '=') == NULL;

      if (g_str_equal (words[i], "--") || (*words[i] != '-' && !is_value))
        g_ptr_array_add (before, (gpointer)words[i]);
    }
  return before;
}

/* `weir accounts ACTION ACCOUNT VALUE`. */
static void
complete_action (WeirCli *self, const GPtrArray *before)
{
  const char *action = g_ptr_array_index (before, 0);

  if (g_str_equal (action, "import") && before->len == 1)
    say (WEIR_CLI_FILES, NULL);
  else if (g_str_equal (action, "any-client") && before->len == 2)
    say_words ("", "on off");
  else if (g_str_equal (action, "export")
           || (!g_str_equal (action, "list") && before->len == 1))
    say_accounts (self, "");
}

static void
complete_word (WeirCli *self, const WeirCliVerb *verb, const GPtrArray *before)
{
  if (verb->words == WEIR_CLI_WORDS_COMMAND)
    say (before->len <= 1 ? ":commands" : WEIR_CLI_FILES, NULL);
  else if (g_str_equal (verb->name, "accounts") && before->len > 0)
    complete_action (self, before);
  else if (g_str_equal (verb->name, "config") && before->len == 1)
    say (WEIR_CLI_FILES, NULL);
  if (before->len > 0)
    return;
  if (verb->words == WEIR_CLI_WORDS_ACCOUNT)
    say_accounts (self, "");
  else if (verb->words == WEIR_CLI_WORDS_MODEL)
    say_members (self, "ListModels", "id", "owner");
  else if (verb->words == WEIR_CLI_WORDS_PROVIDER)
    say_members (self, "ListProviders", "id", "name");
  else if (verb->fixed != NULL)
    say_words ("", verb->fixed);
}

static void
complete_of_verb (WeirCli *self,
                  const WeirCliVerb *verb,
                  const char *const *words,
                  unsigned n)
{
  const char *current = words[n - 1];
  g_autoptr (GPtrArray) before = collect_before (verb, words, n);
  const WeirCliOption *option = lookup_option (verb, current);
  g_autofree char *prefix = NULL;

  if (option != NULL && strchr (current, '=') != NULL)
    {
      prefix = g_strndup (current, strcspn (current, "=") + 1);
      say_values (self, option, prefix);
      return;
    }
  /* bash takes "=" for a word of its own, also as the one that is typed */
  if (g_str_equal (current, "=") || (n > 2 && g_str_equal (words[n - 2], "=")))
    option = lookup_option (verb, words[g_str_equal (current, "=") ? n - 2 : n - 3]);
  else
    option = n > 2 && strchr (words[n - 2], '=') == NULL
                 ? lookup_option (verb, words[n - 2])
                 : NULL;
  if (option != NULL)
    say_values (self, option, "");
  else if (*current == '-' && (before->len == 0 || verb->words != WEIR_CLI_WORDS_COMMAND))
    say_options (verb);
  else
    complete_word (self, verb, before);
}

int
weir_cli_complete (const char *const *words)
{
  const unsigned n = g_strv_length ((char **)words);
  const WeirCliVerb *verb = n > 1 ? weir_cli_lookup_verb (words[0]) : NULL;
  WeirCli self = { .verb = verb };

  if (n == 1)
    say ("help", "What the verbs do");
  if (n == 1 || (n == 2 && g_str_equal (words[0], "help")))
    say_verbs ();
  else if (verb != NULL)
    complete_of_verb (&self, verb, words, n);
  g_clear_object (&self.bus);
  return WEIR_CLI_OK;
}
