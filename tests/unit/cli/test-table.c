/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tables of the command line hold together. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include <string.h>

static const WeirCliOption *
lookup_letter (char letter)
{
  for (const WeirCliOption *row = weir_cli_options; row->name != NULL; row++)
    if (row->letter == letter)
      return row;
  return NULL;
}

static void
test_every_letter_is_an_option (void)
{
  for (const WeirCliVerb *verb = weir_cli_verbs; verb->name != NULL; verb++)
    {
      g_assert_nonnull (strchr (verb->options, 'h'));
      for (const char *letter = verb->options; *letter != '\0'; letter++)
        {
          g_assert_nonnull (lookup_letter (*letter));
          g_assert_null (strchr (letter + 1, *letter));
        }
    }
}

static void
test_every_option_is_some_verbs (void)
{
  for (const WeirCliOption *row = weir_cli_options; row->name != NULL; row++)
    {
      gboolean is_used = FALSE;

      g_assert_true (lookup_letter (row->letter) == row);
      g_assert_cmpint (row->value != NULL, ==, row->kind != G_OPTION_ARG_NONE);
      for (const WeirCliVerb *verb = weir_cli_verbs; verb->name != NULL; verb++)
        is_used |= strchr (verb->options, row->letter) != NULL;
      g_assert_true (is_used);
    }
}

static void
test_every_verb_is_found_and_says_what_it_does (void)
{
  for (const WeirCliVerb *verb = weir_cli_verbs; verb->name != NULL; verb++)
    {
      const char *const arguments[] = { "weir", verb->name, NULL };

      g_assert_true (weir_cli_lookup_verb (verb->name) == verb);
      g_assert_true (weir_cli_knows (arguments));
      g_assert_cmpuint (verb->min_words, <=, verb->max_words);
      g_assert_true (g_str_has_suffix (verb->help, "."));
      g_assert_false (g_str_has_suffix (verb->summary, "."));
      g_assert_cmpint (verb->words == WEIR_CLI_WORDS_FIXED, ==, verb->fixed != NULL);
      g_assert_nonnull (verb->run);
    }
}

static void
test_what_is_no_verb_is_the_applications (void)
{
  static const char *const first_words[]
      = { NULL, "help", "--help", "--config", "--gapplication-service", "stauts", "" };

  for (size_t i = 0; i < G_N_ELEMENTS (first_words); i++)
    {
      const char *const arguments[] = { "weir", first_words[i], NULL };

      g_assert_false (weir_cli_knows (arguments));
    }
}

static void
test_aliases_are_taken_with_one_dash_or_two (void)
{
  for (const WeirCliAlias *alias = weir_cli_aliases; alias->option != NULL; alias++)
    {
      const char *const two[] = { "weir", alias->option, NULL };
      const char *const one[] = { "weir", alias->option + 1, NULL };

      g_assert_true (g_str_has_prefix (alias->option, "--"));
      g_assert_true (weir_cli_knows (two));
      g_assert_true (weir_cli_knows (one));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-table/every-letter-is-an-option", test_every_letter_is_an_option);
  g_test_add_func ("/cli-table/every-option-is-some-verbs",
                   test_every_option_is_some_verbs);
  g_test_add_func ("/cli-table/every-verb-is-found-and-says-what-it-does",
                   test_every_verb_is_found_and_says_what_it_does);
  g_test_add_func ("/cli-table/what-is-no-verb-is-the-applications",
                   test_what_is_no_verb_is_the_applications);
  g_test_add_func ("/cli-table/aliases-are-taken-with-one-dash-or-two",
                   test_aliases_are_taken_with_one_dash_or_two);
  return g_test_run ();
}
