/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a search finds, and the entry that starts weir with the session. */

#include "config.h"

#include "app/weir-background.h"
#include "app/weir-search.h"

#include <stdlib.h>

#define NOW_US (INT64_C (1796644800) * G_USEC_PER_SEC)

static void
add (WeirTrayModel *model, const char *id, const char *label, double used_percent)
{
  const WeirTrayAccount account
      = { .id = id,
          .provider_name = "Claude",
          .label = label,
          .plan = "Max 20x",
          .windows = { { .name = "5 hours",
                         .used_percent = used_percent,
                         .resets_us = NOW_US + 7200 * (int64_t)G_USEC_PER_SEC } },
          .n_windows = 1 };

  g_array_append_val (model->accounts, account);
}

/* Ids with a space behind each. */
static void
expect (const WeirTrayModel *model, const char *query, const char *ids)
{
  g_auto (GStrv) terms = g_strsplit (query, " ", -1);
  g_autoptr (GPtrArray) found
      = weir_search_find (model, (const char *const *)terms, NOW_US);
  g_autoptr (GString) said = g_string_new (NULL);

  for (unsigned i = 0; i < found->len; i++)
    {
      const WeirSearchResult *result = g_ptr_array_index (found, i);
      g_autoptr (WeirSearchResult) again = weir_search_lookup (model, result->id, NOW_US);

      g_assert_cmpstr (again->title, ==, result->title);
      g_string_append_printf (said, "%s ", result->id);
    }
  g_assert_cmpstr (said->str, ==, ids);
}

static void
test_find (void)
{
  g_autoptr (WeirTrayModel) model = weir_tray_model_new ();
  g_autoptr (WeirSearchResult) result = NULL;

  model->state = WEIR_TRAY_RUNNING;
  add (model, "c-1", "Work", 42.0);
  add (model, "c-2", "home", 80.0);
  expect (model, "claude", "account/c-2 account/c-1 ");
  expect (model, "CLAUDE wor", "account/c-1 ");
  expect (model, "20x quota", "account/c-2 account/c-1 ");
  expect (model, "weir", "account/c-2 account/c-1 switch ");
  expect (model, "stop", "switch ");
  expect (model, "c l", "");
  expect (model, "", "");
  expect (model, "claude teapot", "");
  result = weir_search_lookup (model, "account/c-1", NOW_US);
  g_assert_cmpstr (result->title, ==, "Claude – Work: 5 h 42 % used, resets 14:00");
  g_assert_cmpstr (result->action, ==, "show-account");
  g_assert_cmpstr (result->account, ==, "c-1");
  g_assert_null (weir_search_lookup (model, "account/c-3", NOW_US));
  g_assert_null (weir_search_lookup (model, "nothing", NOW_US));
}

static void
test_private (void)
{
  g_autoptr (WeirTrayModel) model = weir_tray_model_new ();

  model->is_private = TRUE;
  add (model, "c-1", "walter@example.org", 42.0);
  expect (model, "walter", "");
  expect (model, "claude", "account/c-1 ");
}

static void
test_bounded (void)
{
  g_autoptr (WeirTrayModel) model = weir_tray_model_new ();
  const char *const terms[] = { "claude", NULL };
  g_autoptr (GPtrArray) found = NULL;

  for (unsigned i = 0; i < 100; i++)
    {
      g_autofree char *id = g_strdup_printf ("c-%u", i);

      add (model, weir_tray_model_keep (model, id), "work", i);
    }
  found = weir_search_find (model, terms, NOW_US);
  g_assert_cmpuint (found->len, <=, WEIR_SEARCH_RESULTS_MAX);
}

static void
test_entry (void)
{
  static const char *const programs[]
      = { "/usr/bin/weir", "/opt/a b/weir", "/opt/\"q\"/$x/`y`/w\\eir", "/opt/100%/weir" };

  for (unsigned i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *entry = weir_background_dup_entry (programs[i]);
      g_autoptr (GKeyFile) file = g_key_file_new ();
      g_autofree char *line = NULL;
      g_auto (GStrv) arguments = NULL;
      g_autoptr (GString) expected = g_string_new (programs[i]);

      g_string_replace (expected, "%", "%%", 0);
      g_assert_true (g_key_file_load_from_data (file, entry, -1, G_KEY_FILE_NONE, NULL));
      line = g_key_file_get_string (file, "Desktop Entry", "Exec", NULL);
      g_assert_true (g_shell_parse_argv (line, NULL, &arguments, NULL));
      g_assert_cmpstr (arguments[0], ==, expected->str);
      g_assert_cmpstr (arguments[1], ==, "--gapplication-service");
      g_assert_null (arguments[2]);
    }
}

int
main (int argc, char **argv)
{
  setenv ("TZ", "UTC", 1);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/search/every-term-must-be-found-whatever-its-case", test_find);
  g_test_add_func ("/search/hidden-addresses-cannot-be-guessed", test_private);
  g_test_add_func ("/search/results-are-bounded", test_bounded);
  g_test_add_func ("/background/the-entry-starts-whatever-path-the-program-has",
                   test_entry);
  return g_test_run ();
}
