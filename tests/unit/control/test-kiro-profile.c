/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What Amazon says of a company's profiles. */

#include "config.h"

#include "control/weir-kiro-profile.h"

static void
test_the_first_profile_is_taken (void)
{
  static const struct
  {
    const char *body;
    const char *arn; /* (nullable) */
  } rows[] = {
    { "{\"profiles\":[{\"arn\":\"arn:aws:codewhisperer:us-east-1:1:profile/A\","
      "\"profileName\":\"work\"},{\"arn\":\"arn:b\"}],\"nextToken\":null}",
      "arn:aws:codewhisperer:us-east-1:1:profile/A" },
    { "{\"profiles\":[]}", NULL },
    { "{\"profiles\":{}}", NULL },
    { "{\"profiles\":[{}]}", NULL },
    { "{\"profiles\":[\"arn:a\"]}", NULL },
    { "{\"profiles\":[{\"arn\":7}]}", NULL },
    { "{\"profiles\":[{\"arn\":\"https://evil.example\"}]}", NULL },
    { "{\"profiles\":[{\"arn\":\"arn:a\\nb\"}]}", NULL },
    { "{\"message\":\"AWS Builder ID is not supported for this operation.\"}", NULL },
    { "[]", NULL },
    { "", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *arn = weir_kiro_profile_read (weir_slice_from_string (rows[i].body));

      g_test_message ("%s", rows[i].body);
      g_assert_cmpstr (arn, ==, rows[i].arn);
    }
}

static void
test_only_an_account_of_kiro_without_one_needs_it (void)
{
  const WeirAccountIdentity none = { .vendor_id = (char *)"v" };
  const WeirAccountIdentity one = { .vendor_id = (char *)"v", .project = (char *)"arn:a" };
  const WeirProviderOauth *kiro = weir_provider_oauth_lookup ("kiro");

  g_assert_true (weir_kiro_profile_is_needed (kiro, &none));
  g_assert_false (weir_kiro_profile_is_needed (kiro, &one));
  g_assert_false (
      weir_kiro_profile_is_needed (weir_provider_oauth_lookup ("claude"), &none));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kiro-profile/the-first-profile-is-taken",
                   test_the_first_profile_is_taken);
  g_test_add_func ("/kiro-profile/only-an-account-of-kiro-without-one-needs-it",
                   test_only_an_account_of_kiro_without_one_needs_it);
  return g_test_run ();
}
