/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Each row is whole: what one way of signing in needs stands together. */

#include "config.h"

#include "providers/weir-provider-oauth.h"

#include <string.h>

static void
check_https (const char *url)
{
  if (url != NULL)
    g_assert_true (g_str_has_prefix (url, "https://"));
}

static void
check_row (const WeirProviderOauth *row)
{
  gboolean ended = row->standing == WEIR_OAUTH_ENDED;

  g_assert_true (weir_provider_oauth_lookup (row->id) == row);
  g_assert_nonnull (row->name);
  /* whose client is registered, and who takes keys, has none in the row */
  g_assert_true ((row->client_id == NULL) == (row->takes_key || row->register_url != NULL));
  g_assert_nonnull (row->token_url);
  g_assert_true (g_str_has_suffix (row->sentence, "."));
  g_assert_true (g_str_has_prefix (row->sentence, "iFlow")
                 || g_ascii_isupper (row->sentence[0]));
  g_assert_true ((ended || row->takes_key)
                 == (row->authorize_url == NULL && row->device_url == NULL));
  g_assert_true ((row->authorize_url != NULL) == (row->redirect_uri != NULL));
  g_assert_true ((weir_provider_oauth_get_port (row) != 0) == (row->redirect_uri != NULL));
  if (row->device_url != NULL && row->device_kind == WEIR_OAUTH_DEVICE_REDEEM)
    {
      g_assert_nonnull (row->device_poll_url);
      g_assert_nonnull (row->device_page_url);
      g_assert_nonnull (row->device_redirect_uri);
    }
  check_https (row->authorize_url);
  check_https (row->issuer);
  check_https (row->device_url);
  check_https (row->device_poll_url);
  check_https (row->device_page_url);
  if (row->device_url != NULL && row->device_kind == WEIR_OAUTH_DEVICE_AWS)
    {
      g_assert_nonnull (row->register_url);
      g_assert_nonnull (row->start_url);
      g_assert_nonnull (row->scope);
    }
  check_https (row->register_url);
  check_https (row->token_url);
  check_https (row->exchange_url);
  check_https (row->user_url);
}

static void
test_every_row_is_whole (void)
{
  size_t n;
  const WeirProviderOauth *rows = weir_provider_oauth_get_table (&n);

  for (size_t i = 0; i < n; i++)
    check_row (&rows[i]);
}

static void
test_every_redirect_is_on_this_machine_at_a_port_of_its_own (void)
{
  size_t n;
  const WeirProviderOauth *rows = weir_provider_oauth_get_table (&n);

  for (size_t i = 0; i < n; i++)
    {
      if (rows[i].redirect_uri == NULL)
        continue;
      g_assert_true (g_str_has_prefix (rows[i].redirect_uri, "http://localhost:"));
      for (size_t j = 0; j < i; j++)
        g_assert_cmpuint (weir_provider_oauth_get_port (&rows[i]), !=,
                          weir_provider_oauth_get_port (&rows[j]));
    }
}

static void
test_extra_parameters_come_in_pairs_and_shadow_none_of_ours (void)
{
  static const char *const ours[]
      = { "client_id",     "redirect_uri",  "state",          "scope",
          "response_type", "client_secret", "code_challenge", "code_challenge_method" };
  size_t n;
  const WeirProviderOauth *rows = weir_provider_oauth_get_table (&n);

  for (size_t i = 0; i < n; i++)
    for (const char *const *p = rows[i].extra; p != NULL && *p != NULL; p += 2)
      {
        g_assert_nonnull (p[1]);
        for (size_t j = 0; j < G_N_ELEMENTS (ours); j++)
          g_assert_cmpstr (*p, !=, ours[j]);
      }
}

static void
test_familiar_names_lead_to_rows (void)
{
  g_assert_cmpstr (weir_provider_oauth_lookup ("anthropic")->id, ==, "claude");
  g_assert_cmpstr (weir_provider_oauth_lookup ("ChatGPT")->id, ==, "codex");
  g_assert_cmpstr (weir_provider_oauth_lookup ("grok")->id, ==, "xai");
  g_assert_cmpstr (weir_provider_oauth_lookup ("gemini")->id, ==, "gemini-cli");
  g_assert_null (weir_provider_oauth_lookup ("nobody"));
  g_assert_null (weir_provider_oauth_lookup (""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/provider-oauth/every-row-is-whole", test_every_row_is_whole);
  g_test_add_func ("/provider-oauth/every-redirect-is-on-this-machine-at-a-port-of-its-own",
                   test_every_redirect_is_on_this_machine_at_a_port_of_its_own);
  g_test_add_func ("/provider-oauth/extra-parameters-come-in-pairs-and-shadow-none-of-ours",
                   test_extra_parameters_come_in_pairs_and_shadow_none_of_ours);
  g_test_add_func ("/provider-oauth/familiar-names-lead-to-rows",
                   test_familiar_names_lead_to_rows);
  return g_test_run ();
}
