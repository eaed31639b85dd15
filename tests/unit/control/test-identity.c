/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whose tokens they are. */

#include "config.h"

#include "control/weir-identity.h"

/* (transfer full): a token with @claims. */
static WeirSecret *
make_token (const char *claims)
{
  g_autofree char *part = g_base64_encode ((const guchar *)claims, strlen (claims));
  g_autofree char *token = NULL;

  g_strdelimit (part, "+", '-');
  g_strdelimit (part, "/", '_');
  *strchrnul (part, '=') = '\0';
  token = g_strdup_printf ("e30.%s.c2ln", part);
  return weir_secret_new (weir_slice_from_string (token));
}

typedef struct
{
  const char *provider;
  const char *id_claims;     /* (nullable) */
  const char *access_claims; /* (nullable) */
  const char *subject;       /* (nullable) of the token answer */
  const char *email;         /* (nullable) of the token answer */
  const char *user;          /* (nullable) */
  const char *wanted;        /* (nullable): "id email plan", NULL: nobody */
} Case;

#define CODEX                                                                              \
  "\"https://api.openai.com/auth\":{\"chatgpt_account_id\":\"acc\","                       \
  "\"chatgpt_plan_type\":\"plus\"}"

static const Case cases[] = {
  { "codex", "{\"sub\":\"u\",\"email\":\"a@b\"," CODEX "}", NULL, NULL, NULL, NULL,
    "acc a@b plus" },
  { "codex", NULL, "{\"sub\":\"u\"," CODEX "}", NULL, NULL, NULL, "acc - plus" },
  { "xai", "{\"sub\":\"u\",\"email\":\"a@b\"}", NULL, NULL, NULL, NULL, "u a@b -" },
  { "kimi", NULL, "{\"sub\":\"k\"}", NULL, NULL, NULL, "k - -" },
  { "claude", NULL, NULL, "uuid", "a@b", NULL, "uuid a@b -" },
  { "claude", NULL, NULL, NULL, "a@b", NULL, "a@b a@b -" },
  { "claude", NULL, NULL, NULL, NULL, NULL, NULL },
  { "copilot", NULL, NULL, NULL, NULL,
    "{\"id\":7,\"login\":\"cat\",\"email\":\"a@b\",\"plan\":{}}", "7 cat -" },
  { "antigravity", NULL, NULL, NULL, NULL, "{\"id\":\"1122\",\"email\":\"a@b\"}",
    "1122 a@b -" },
  { "antigravity", NULL, NULL, NULL, NULL, "{\"sub\":\"1122\"}", "1122 - -" },
  { "copilot", NULL, NULL, NULL, NULL, "{\"id\":-7}", NULL },
  { "copilot", NULL, NULL, NULL, NULL, "{\"id\":\"\"}", NULL },
  { "copilot", NULL, NULL, NULL, NULL, "{\"id\":\"a\\nb\"}", NULL },
  { "copilot", NULL, NULL, NULL, NULL, "[7]", NULL },
  { "copilot", NULL, NULL, NULL, NULL, "<html>", NULL },
  { "copilot", NULL, NULL, NULL, NULL, NULL, NULL },
};

static void
test_cases (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *wanted = &cases[i];
      const WeirProviderOauth *row = weir_provider_oauth_lookup (wanted->provider);
      g_auto (WeirOauthAnswer) tokens = {
        .access_token = wanted->access_claims != NULL
                            ? make_token (wanted->access_claims)
                            : weir_secret_new (WEIR_SLICE ("opaque")),
        .id_token = wanted->id_claims != NULL ? make_token (wanted->id_claims) : NULL,
        .subject = g_strdup (wanted->subject),
        .email = g_strdup (wanted->email),
      };
      g_auto (WeirAccountIdentity) identity = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *found = NULL;

      g_test_message ("case %zu", i);
      if (!weir_identity_read (row, &tokens, weir_slice_from_string (wanted->user),
                               &identity, &error))
        {
          g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_UPSTREAM);
          g_assert_true (g_str_has_prefix (error->message, row->name));
        }
      else
        found = g_strdup_printf ("%s %s %s", identity.vendor_id,
                                 identity.email != NULL ? identity.email : "-",
                                 identity.plan != NULL ? identity.plan : "-");
      g_assert_cmpstr (found, ==, wanted->wanted);
    }
}

static void
test_long (void)
{
  g_autofree char *name = g_strnfill (WEIR_IDENTITY_TEXT_MAX + 1, 'x');
  g_autofree char *user = g_strdup_printf ("{\"id\":1,\"login\":\"%s\"}", name);
  g_auto (WeirOauthAnswer) tokens = { 0 };
  g_auto (WeirAccountIdentity) identity = { 0 };

  g_assert_true (weir_identity_read (weir_provider_oauth_lookup ("copilot"), &tokens,
                                     weir_slice_from_string (user), &identity, NULL));
  g_assert_null (identity.email);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/identity/claims-answers-and-users-tell-who-it-is", test_cases);
  g_test_add_func ("/identity/what-is-too-long-is-absent", test_long);
  return g_test_run ();
}
