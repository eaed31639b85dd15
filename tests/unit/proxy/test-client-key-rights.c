/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which models a client key may ask for, whatever it calls them. */

#include "config.h"

#include "proxy/weir-client-keys.h"

/* May a key with these rights ask for @requested, where the upstreams of @id call it
 * @upstream_names?  Lists have a blank between. */
static gboolean
allows (const char *allowed,
        const char *excluded,
        const char *requested,
        const char *id,
        const char *upstream_names)
{
  g_auto (GStrv) allow = g_strsplit (allowed, " ", -1);
  g_auto (GStrv) exclude = g_strsplit (excluded, " ", -1);
  const WeirConfigClientKey config
      = { .allowed_models = allow, .excluded_models = exclude };
  const WeirClientKey key = { .config = &config };
  g_auto (GStrv) names = g_strsplit (upstream_names, " ", -1);
  g_autoptr (GPtrArray) routes = g_ptr_array_new_with_free_func (g_free);
  const WeirModel model = { .id = (char *)id, .routes = routes };

  g_test_message ("%s but %s: %s = %s = %s", allowed, excluded, requested, id,
                  upstream_names);
  for (unsigned i = 0; names[i] != NULL; i++)
    {
      WeirModelRoute *route = g_new0 (WeirModelRoute, 1);

      route->seat = i;
      route->upstream_name = names[i];
      g_ptr_array_add (routes, route);
    }
  return weir_client_key_allows_model (&key, requested, &model);
}

static void
test_no_other_name_leads_to_a_forbidden_model (void)
{
  static const struct
  {
    const char *allowed, *excluded;
  } rights[] = {
    { "gpt-ok gpt-fine*", "" },
    { "", "gpt-secret*" },
    { "*", "gpt-secret*" },
    { "gpt-*", "gpt-secret*" },
  };
  static const struct
  {
    const char *requested, *id, *upstream_names;
  } roads[] = {
    { "gpt-secret", "gpt-secret", "gpt-secret" },
    { "GPT-Secret", "gpt-secret", "gpt-secret" },
    { "GPT-SECRET", "GPT-SECRET", "GPT-SECRET" },
    { "gpt-secret-2026", "gpt-secret-2026", "gpt-secret-2026" },
    { "gpt-alias", "gpt-alias", "gpt-secret" },
    { "gpt-alias", "gpt-alias", "gpt-ok gpt-secret" },
    { "team/gpt-secret", "team/gpt-secret", "gpt-secret" },
    { "gpt-secret(high)", "gpt-secret", "gpt-secret" },
    { "gpt-secret(x)(8192)", "gpt-secret(x)", "gpt-secret(x)" },
    { "gpt-alias", "gpt-alias", "gpt-secret(low)" },
    { "gpt-secret ", "gpt-secret ", "gpt-secret " },
    { " gpt-secret", " gpt-secret", " gpt-secret" },
    { "gpt-secret\t", "gpt-secret", "gpt-secret" },
    { "gpt-\xd1\x95"
      "ecret",
      "gpt-\xd1\x95"
      "ecret",
      "gpt-\xd1\x95"
      "ecret" },
    { "gpt-secre\xef\xbd\x94", "gpt-secre\xef\xbd\x94", "gpt-secre\xef\xbd\x94" },
    { "gpt\xe2\x80\x90secret", "gpt\xe2\x80\x90secret", "gpt\xe2\x80\x90secret" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rights); i++)
    for (size_t j = 0; j < G_N_ELEMENTS (roads); j++)
      g_assert_false (allows (rights[i].allowed, rights[i].excluded, roads[j].requested,
                              roads[j].id, roads[j].upstream_names));
}

static void
test_what_is_allowed_has_many_names (void)
{
  static const struct
  {
    const char *allowed, *excluded, *requested, *id, *upstream_names;
  } cases[] = {
    { "", "", "gpt-secret ", "gpt-secret ", "gpt-secret" },
    { "gpt-ok", "", "gpt-ok", "gpt-ok", "gpt-ok" },
    { "gpt-ok", "", "GPT-OK", "gpt-ok", "gpt-ok" },
    { "gpt-ok", "", "gpt-ok(high)", "gpt-ok", "gpt-ok" },
    { "gpt-ok", "", "team/gpt-ok", "team/gpt-ok", "gpt-ok" },
    { "gpt-ok", "", "fast", "fast", "gpt-ok gpt-ok" },
    { "gpt-*", "", "fast", "fast", "gpt-a gpt-b" },
    /* the owner of the file has named the alias */
    { "fast", "", "fast", "fast", "gpt-a gpt-b" },
    { "fast", "", "fast(none)", "fast", "gpt-a(low)" },
    { "fast(none)", "", "fast(none)", "fast", "gpt-a" },
    { "", "gpt-secret", "gpt-secret-not", "gpt-secret-not", "gpt-secret-not" },
    { "* mod\xc3\xa8le", "gpt-b", "mod\xc3\xa8le", "mod\xc3\xa8le", "gpt-a" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_true (allows (cases[i].allowed, cases[i].excluded, cases[i].requested,
                           cases[i].id, cases[i].upstream_names));
}

static void
test_rights_are_known_without_a_model (void)
{
  char *allow[] = { (char *)"gpt-*", NULL };
  char *exclude[] = { (char *)"gpt-4", NULL };
  const WeirConfigClientKey config
      = { .allowed_models = allow, .excluded_models = exclude };
  const WeirClientKey key = { .config = &config };
  const WeirClientKey nobody = { .config = NULL };

  g_assert_true (weir_client_key_allows_model (&key, "gpt-5", NULL));
  g_assert_false (weir_client_key_allows_model (&key, "gpt-4(high)", NULL));
  g_assert_false (weir_client_key_allows_model (&key, "claude", NULL));
  g_assert_false (weir_client_key_allows_model (&key, "", NULL));
  g_assert_false (weir_client_key_allows_model (&key, "(high)", NULL));
  g_assert_true (weir_client_key_allows_model (&nobody, "anything", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/client-keys/no-other-name-leads-to-a-forbidden-model",
                   test_no_other_name_leads_to_a_forbidden_model);
  g_test_add_func ("/client-keys/what-is-allowed-has-many-names",
                   test_what_is_allowed_has_many_names);
  g_test_add_func ("/client-keys/rights-are-known-without-a-model",
                   test_rights_are_known_without_a_model);
  return g_test_run ();
}
