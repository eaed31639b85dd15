/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which routes a name has. */

#include "config.h"

#include "providers/weir-models.h"

#include <string.h>

static void
add (WeirModels *models,
     const char *id,
     const char *owner,
     unsigned seat,
     int priority,
     const char *upstream_name,
     const char *const *excluded)
{
  const WeirModelOffer offer = { .owner = owner,
                                 .seat = seat,
                                 .priority = priority,
                                 .weight = 1,
                                 .upstream_name = upstream_name,
                                 .excluded = excluded };

  weir_models_add (models, id, &offer);
}

static void
add_glob (WeirModels *models,
          const char *glob,
          const char *prefix,
          const char *owner,
          unsigned seat,
          int priority,
          const char *const *excluded)
{
  const WeirModelOffer offer = {
    .owner = owner, .seat = seat, .priority = priority, .weight = 1, .excluded = excluded
  };

  weir_models_add_glob (models, glob, prefix, &offer);
}

static const char *const no_previews[] = { "*-preview", "gpt-4*", NULL };

/* The routes as text: `seat:upstream_name@priority` in order. */
static char *
dup_routes (WeirModels *models, const char *id)
{
  const WeirModel *model = weir_models_lookup (models, id);
  GString *out = g_string_new (NULL);

  if (model == NULL)
    {
      g_string_free (out, TRUE);
      return NULL;
    }
  g_assert_cmpstr (model->id, ==, id);
  g_assert_cmpuint (model->routes->len, >, 0);
  for (unsigned i = 0; i < model->routes->len; i++)
    {
      const WeirModelRoute *route = g_ptr_array_index (model->routes, i);

      g_string_append_printf (out, "%s%u:%s@%d", i > 0 ? " " : "", route->seat,
                              route->upstream_name, route->priority);
    }
  return g_string_free (out, FALSE);
}

static void
assert_routes (WeirModels *models, const char *id, const char *wanted)
{
  g_autofree char *routes = dup_routes (models, id);

  g_assert_cmpstr (routes, ==, wanted);
}

static void
test_exact_goes_before_glob (void)
{
  g_autoptr (WeirModels) models = weir_models_new ();

  add_glob (models, "gpt-*", NULL, "globs", 1, 9, NULL);
  assert_routes (models, "gpt-5", "1:gpt-5@9");
  /* also when the glob was asked first and is remembered */
  add (models, "gpt-5", "exact", 2, 0, "five", NULL);
  assert_routes (models, "gpt-5", "2:five@0");
  assert_routes (models, "gpt-5-mini", "1:gpt-5-mini@9");
  /* case does not make another name of one that is known */
  g_assert_true (weir_models_lookup (models, "GPT-5")
                 == weir_models_lookup (models, "gpt-5"));
  assert_routes (models, "GPT-5-mini", "1:GPT-5-mini@9");
  assert_routes (models, "claude", NULL);
  g_assert_cmpstr (weir_models_lookup (models, "gpt-5")->owner, ==, "exact");
}

static void
test_what_is_excluded_is_not_served (void)
{
  g_autoptr (WeirModels) models = weir_models_new ();

  add_glob (models, "gpt-*", NULL, "o", 1, 0, no_previews);
  add_glob (models, "gpt-*", "team", "o", 1, 0, no_previews);
  assert_routes (models, "gpt-5", "1:gpt-5@0");
  assert_routes (models, "gpt-5-preview", NULL);
  assert_routes (models, "GPT-5-Preview", NULL);
  assert_routes (models, "team/gpt-4o", NULL);
  add (models, "x-preview", "o", 1, 0, "x", no_previews);
  assert_routes (models, "x-preview", NULL);
  /* an alias does not bring an excluded upstream name back */
  add (models, "alias", "o", 1, 0, "gpt-4o", no_previews);
  assert_routes (models, "alias", NULL);
  add (models, "alias", "o", 2, 0, "gpt-4o", NULL);
  assert_routes (models, "alias", "2:gpt-4o@0");
  g_assert_cmpuint (weir_models_get_list (models)->len, ==, 1);
}

static void
test_a_prefix_is_taken_off (void)
{
  g_autoptr (WeirModels) models = weir_models_new ();

  add_glob (models, "*", "team", "o", 3, 0, NULL);
  assert_routes (models, "team/a", "3:a@0");
  assert_routes (models, "team/a/b", "3:a/b@0");
  assert_routes (models, "team/", NULL);
  assert_routes (models, "team", NULL);
  assert_routes (models, "teams/a", NULL);
  assert_routes (models, "Team/a", NULL);
  assert_routes (models, "a", NULL);
  assert_routes (models, "", NULL);
}

static void
test_higher_priority_stands_first (void)
{
  g_autoptr (WeirModels) models = weir_models_new ();

  add (models, "m", "o", 0, 0, "a", NULL);
  add (models, "m", "o", 1, 5, "b", NULL);
  add (models, "m", "o", 2, -5, "c", NULL);
  add (models, "m", "o", 3, 5, "d", NULL);
  add (models, "m", "o", 4, 0, "e", NULL);
  add (models, "m", "o", 5, 9, "f", NULL);
  assert_routes (models, "m", "5:f@9 1:b@5 3:d@5 0:a@0 4:e@0 2:c@-5");
}

static void
test_the_same_route_counts_once (void)
{
  g_autoptr (WeirModels) models = weir_models_new ();

  add (models, "m", "o", 0, 0, "a", NULL);
  add (models, "m", "o", 0, 7, "a", NULL);
  add (models, "m", "o", 1, 0, "a", NULL);
  add (models, "m", "o", 0, 0, "b", NULL);
  assert_routes (models, "m", "0:a@0 1:a@0 0:b@0");
  /* two globs of one seat that both match */
  add_glob (models, "x*", NULL, "o", 2, 0, NULL);
  add_glob (models, "*y", NULL, "o", 2, 0, NULL);
  add_glob (models, "*", NULL, "o", 3, 1, NULL);
  assert_routes (models, "xy", "3:xy@1 2:xy@0");
}

static void
test_a_known_list_ends_the_globs_of_its_seat (void)
{
  g_autoptr (WeirModels) models = weir_models_new ();

  add_glob (models, "a*", NULL, "o", 1, 0, NULL);
  add_glob (models, "*", NULL, "o", 2, 0, NULL);
  add_glob (models, "a*", "p", "o", 1, 0, NULL);
  assert_routes (models, "ab", "1:ab@0 2:ab@0");
  assert_routes (models, "p/ab", "2:p/ab@0 1:ab@0");
  weir_models_remove_globs (models, 1);
  assert_routes (models, "ab", "2:ab@0");
  assert_routes (models, "p/ab", "2:p/ab@0");
  weir_models_remove_globs (models, 2);
  assert_routes (models, "ab", NULL);
  weir_models_remove_globs (models, 2);
}

static void
test_a_held_model_outlives_the_registry (void)
{
  WeirModels *models = weir_models_new ();
  g_autoptr (WeirModel) exact = NULL;
  g_autoptr (WeirModel) glob = NULL;

  add (models, "e", "o", 1, 0, "e", NULL);
  add_glob (models, "*", NULL, "o", 1, 0, NULL);
  exact = weir_model_ref (weir_models_lookup (models, "e"));
  glob = weir_model_ref (weir_models_lookup (models, "g"));
  weir_models_remove_globs (models, 1);
  weir_models_free (models);
  g_assert_cmpstr (exact->id, ==, "e");
  g_assert_cmpstr (glob->id, ==, "g");
  g_assert_cmpuint (glob->routes->len, ==, 1);
}

static void
test_names_found_by_glob_are_remembered_but_not_for_ever (void)
{
  g_autoptr (WeirModels) models = weir_models_new ();
  WeirModel *first;
  gboolean forgotten = FALSE;

  add_glob (models, "*", NULL, "o", 1, 0, NULL);
  first = weir_models_lookup (models, "first");
  first->cursor = 77;
  g_assert_true (weir_models_lookup (models, "first") == first);
  for (unsigned i = 0; i < 20000; i++)
    {
      g_autofree char *name = g_strdup_printf ("name-%u", i);

      g_assert_nonnull (weir_models_lookup (models, name));
      if (i % 1000 == 999 && weir_models_lookup (models, "first")->cursor == 0)
        forgotten = TRUE;
    }
  g_assert_true (forgotten);
  g_assert_cmpuint (weir_models_get_list (models)->len, ==, 0);
}

static void
test_a_name_of_a_megabyte_is_not_kept (void)
{
  g_autoptr (WeirModels) models = weir_models_new ();
  g_autofree char *name = g_strnfill (1 << 20, 'a');

  add_glob (models, "*", NULL, "o", 1, 0, NULL);
  g_assert_null (weir_models_lookup (models, name));
  name[513] = '\0';
  g_assert_null (weir_models_lookup (models, name));
  name[512] = '\0';
  g_assert_nonnull (weir_models_lookup (models, name));
}

static void
test_the_list_is_in_the_order_of_adding (void)
{
  static const char *const ids[] = { "zeta", "alpha", "zeta", "mid", "alpha" };
  g_autoptr (WeirModels) models = weir_models_new ();
  const GPtrArray *list = weir_models_get_list (models);

  add_glob (models, "*", NULL, "o", 9, 0, NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (ids); i++)
    add (models, ids[i], "o", i, 0, ids[i], NULL);
  weir_models_lookup (models, "by-glob");
  g_assert_cmpuint (list->len, ==, 3);
  g_assert_cmpstr (((WeirModel *)g_ptr_array_index (list, 0))->id, ==, "zeta");
  g_assert_cmpstr (((WeirModel *)g_ptr_array_index (list, 1))->id, ==, "alpha");
  g_assert_cmpstr (((WeirModel *)g_ptr_array_index (list, 2))->id, ==, "mid");
}

/* The plainest matcher there is: exponential, right. */
static gboolean
slow_matches (const char *glob, const char *text)
{
  if (*glob == '\0')
    return *text == '\0';
  if (*glob == '*')
    return slow_matches (glob + 1, text)
           || (*text != '\0' && slow_matches (glob, text + 1));
  return *text != '\0' && g_ascii_tolower (*glob) == g_ascii_tolower (*text)
         && slow_matches (glob + 1, text + 1);
}

static void
spell (unsigned number, const char *letters, char out[8])
{
  size_t base = strlen (letters) + 1;
  size_t n = 0;

  for (; number > 0 && n < 7; number /= (unsigned)base)
    if (number % base > 0)
      out[n++] = letters[number % base - 1];
  out[n] = '\0';
}

static void
test_globs_match_as_the_plainest_matcher_does (void)
{
  for (unsigned g = 0; g < 4096; g++)
    for (unsigned t = 0; t < 243; t++)
      {
        char glob[8];
        char text[8];

        spell (g, "aB*", glob);
        spell (t, "Ab", text);
        g_assert_cmpint (weir_glob_matches (glob, text), ==, slow_matches (glob, text));
      }
  g_assert_true (weir_glob_matches ("*", "*"));
  g_assert_false (weir_glob_matches ("a?", "ab"));
  g_assert_false (weir_glob_matches ("[a]", "a"));
}

static void
test_a_bad_glob_is_not_slow (void)
{
  g_autofree char *text = g_strnfill (1 << 16, 'a');
  g_autoptr (GString) glob = g_string_new (NULL);
  gint64 start_us = g_get_monotonic_time ();

  for (unsigned i = 0; i < 200; i++)
    g_string_append (glob, "*a");
  g_string_append (glob, "*b");
  g_assert_false (weir_glob_matches (glob->str, text));
  g_string_assign (glob, "");
  for (unsigned i = 0; i < 200; i++)
    g_string_append (glob, "*aa");
  g_string_append_c (glob, 'b');
  g_assert_false (weir_glob_matches (glob->str, text));
  /* it is some milliseconds; backtracking would be for ever */
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 5 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/models/exact-goes-before-glob", test_exact_goes_before_glob);
  g_test_add_func ("/models/what-is-excluded-is-not-served",
                   test_what_is_excluded_is_not_served);
  g_test_add_func ("/models/a-prefix-is-taken-off", test_a_prefix_is_taken_off);
  g_test_add_func ("/models/higher-priority-stands-first",
                   test_higher_priority_stands_first);
  g_test_add_func ("/models/the-same-route-counts-once", test_the_same_route_counts_once);
  g_test_add_func ("/models/a-known-list-ends-the-globs-of-its-seat",
                   test_a_known_list_ends_the_globs_of_its_seat);
  g_test_add_func ("/models/a-held-model-outlives-the-registry",
                   test_a_held_model_outlives_the_registry);
  g_test_add_func ("/models/names-found-by-glob-are-remembered-but-not-for-ever",
                   test_names_found_by_glob_are_remembered_but_not_for_ever);
  g_test_add_func ("/models/a-name-of-a-megabyte-is-not-kept",
                   test_a_name_of_a_megabyte_is_not_kept);
  g_test_add_func ("/models/the-list-is-in-the-order-of-adding",
                   test_the_list_is_in_the_order_of_adding);
  g_test_add_func ("/models/globs-match-as-the-plainest-matcher-does",
                   test_globs_match_as_the_plainest_matcher_does);
  g_test_add_func ("/models/a-bad-glob-is-not-slow", test_a_bad_glob_is_not_slow);
  return g_test_run ();
}
