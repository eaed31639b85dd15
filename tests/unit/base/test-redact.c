/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-redact.h"

#include <stdint.h>

#define CANARY "Zq7Wm2Rt9Xc4Vb6N"

static char *
redact (const char *text)
{
  return weir_redact (weir_slice_from_string (text), 100000);
}

/* Every spelling of a secret that the header promises to see. */
static const char *const spellings[] = {
  "Authorization: Bearer " CANARY,
  "authorization:Basic " CANARY "==",
  "Proxy-Authorization: Digest username=\"me\", response=\"" CANARY "\"",
  "Bearer " CANARY,
  "bearer\t" CANARY,
  "Bearer%20" CANARY,
  "X-Api-Key: " CANARY,
  "x-goog-api-key: " CANARY,
  "Cookie: a=b; session=" CANARY "; c=d",
  "Set-Cookie: session=" CANARY,
  "GET /v1beta/models?alt=sse&key=" CANARY "&x=1",
  "?api_key=" CANARY,
  "/callback?code=" CANARY "&state=1",
  "state=" CANARY "&scope=x",
  "code%3D" CANARY "%26x",
  "OPENAI_API_KEY=" CANARY,
  "password = " CANARY,
  "token=\"two words " CANARY "\"",
  "secret => " CANARY,
  "authorization=Bearer " CANARY,
  "{\"api_key\":\"" CANARY "\"}",
  "{ \"apikey\" : \"" CANARY "\" }",
  "{\"access_token\": \"a\\\"" CANARY "\"}",
  "{\"refreshToken\":\n  \"" CANARY "\"}",
  "{\\\"client_secret\\\":\\\"x\\\\\\\"" CANARY "\\\"}",
  "{\\\\\\\"password\\\\\\\":\\\\\\\"" CANARY "\\\\\\\"}",
  "{\"secret\":\"ends in a backslash\\\\\",\"token\":\"" CANARY "\"}",
  "{\"cookies\":[\"a\",{\"b\":\"" CANARY "\"}]}",
  "{'api-key': 'it''s " CANARY "'}",
  "%22api_key%22%3A%22" CANARY "%22",
  "api-key: " CANARY,
  "api-key: \"" CANARY "\"",
  "api-keys:\n  - one\n  - " CANARY,
  "password: |\n  two\n  " CANARY,
  "token:\n\"api_key\": \"" CANARY "\"",
  "token= x-api-key: " CANARY,
  "token:\napi-key:\n  " CANARY,
  "https://user:" CANARY "@host.example/path",
  "socks5://" CANARY "@host",
  "https%3A%2F%2Fuser:" CANARY "%40host",
  "https://user:pa%2F" CANARY "@host",
  "sk-" CANARY,
  "provided: sk-proj-" CANARY ".",
  "\\nsk-" CANARY,
  "AIza" CANARY,
  "ghp_" CANARY,
  "gho_" CANARY,
  "xai-" CANARY,
  "eyJhbGciOiJIUzI1NiJ9." CANARY "." CANARY,
};

static void
test_no_spelling_of_a_secret_survives (void)
{
  static const char *const before[]
      = { "",       " ",           "x\n",     "?",       "&",
          "token:", "secret= ",    "Bearer ", "http://", "key=1 ",
          "%26",    "cookie: a\n", "\xff",    "a: {",    "password: [" };

  for (unsigned i = 0; i < G_N_ELEMENTS (spellings); i++)
    for (unsigned k = 0; k < G_N_ELEMENTS (before); k++)
      {
        g_autofree char *text = g_strconcat (before[k], spellings[i], " tail", NULL);
        g_autofree char *shown = redact (text);

        if (strstr (shown, CANARY) != NULL)
          g_error ("survived in: %s -> %s", text, shown);
        g_assert_nonnull (strstr (shown, "[redacted]"));
      }
}

static void
test_what_is_no_secret_stays (void)
{
  static const char *const texts[] = {
    "",
    "plain text, with (signs) and \"quotes\" and back\\slash",
    "{\"error\":{\"message\":\"You exceeded your quota\",\"code\":\"insufficient_quota\"}}",
    "{\"max_tokens\":4096,\"usage\":{\"input_tokens\":12}}",
    "{\"code\":429,\"state\":\"FAILED\"}",
    "task-force disk-usage monkey: 1",
    "https://host.example/v1/chat?x=1",
    "sk-1 is too short",
    "gr\303\274\303\237e \360\237\230\200",
    "basically nothing",
    "100%",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *shown = redact (texts[i]);

      g_assert_cmpstr (shown, ==, texts[i]);
    }
}

static void
test_the_rest_of_the_line_stays_legible (void)
{
  static const struct
  {
    const char *text;
    const char *shown;
  } cases[] = {
    { "GET /x?key=abc&alt=sse", "GET /x?key=[redacted]&alt=sse" },
    { "{\"api_key\":\"abc\",\"model\":\"m\"}",
      "{\"api_key\":\"[redacted]\",\"model\":\"m\"}" },
    { "Authorization: Bearer abc\r\nHost: h", "Authorization: [redacted]\\r\\nHost: h" },
    { "https://me:pw@host/x", "https://[redacted]@host/x" },
    { "Incorrect API key provided: sk-abcdefgh1234.",
      "Incorrect API key provided: [redacted]" },
    { "Bearer abc rest", "Bearer [redacted] rest" },
    { "token: a\nother: b", "token: [redacted]\\nother: b" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = redact (cases[i].text);

      g_assert_cmpstr (shown, ==, cases[i].shown);
    }
}

static void
test_control_bytes_are_escaped (void)
{
  g_autofree char *shown
      = weir_redact (WEIR_SLICE ("a\n\r\t\033\0\x7f"
                                 "b\xff\xe2\x82 \302\205\342\200\256\342\200\250"),
                     1000);

  g_assert_cmpstr (shown, ==,
                   "a\\n\\r\\t\\x1b\\x00\\x7f"
                   "b\357\277\275\357\277\275\357\277\275 "
                   "\\u{85}\\u{202e}\\u{2028}");
}

static void
test_the_length_is_bounded (void)
{
  for (size_t max = 0; max < 40; max++)
    {
      g_autofree char *shown = weir_redact (
          WEIR_SLICE ("gr\303\274n \360\237\230\200 token=abc \342\202\254\n\n"), max);

      g_assert_cmpuint (strlen (shown), <=, max);
      g_assert_true (g_utf8_validate (shown, -1, NULL));
      if (max >= 3)
        g_assert_true (g_str_has_suffix (shown, max < 35 ? "…" : "\\n\\n"));
    }
}

static void
test_nothing_needs_more_than_one_pass (void)
{
  static const char *const units[]
      = { "sk-",       "a-", "token=",  "token:",   "\\",         "://",
          "%3A%2F%2F", "\"", "bearer ", "[",        "token:[",    "key= ",
          "eyJ.",      "a ", "\xf0",    "token:\n", "api_key\\\"" };
  const size_t size = 1 << 20;

  for (unsigned i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_autoptr (GString) text = g_string_sized_new (size + 16);
      g_autofree char *shown = NULL;
      int64_t start = g_get_monotonic_time ();

      while (text->len < size)
        g_string_append (text, units[i]);
      shown = weir_redact ((WeirSlice){ text->str, text->len }, SIZE_MAX);
      /* quadratic would be hours */
      g_assert_cmpint (g_get_monotonic_time () - start, <, 20 * G_USEC_PER_SEC);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redact/no-spelling-of-a-secret-survives",
                   test_no_spelling_of_a_secret_survives);
  g_test_add_func ("/redact/what-is-no-secret-stays", test_what_is_no_secret_stays);
  g_test_add_func ("/redact/the-rest-of-the-line-stays-legible",
                   test_the_rest_of_the_line_stays_legible);
  g_test_add_func ("/redact/control-bytes-are-escaped", test_control_bytes_are_escaped);
  g_test_add_func ("/redact/the-length-is-bounded", test_the_length_is_bounded);
  g_test_add_func ("/redact/nothing-needs-more-than-one-pass",
                   test_nothing_needs_more_than_one_pass);
  return g_test_run ();
}
