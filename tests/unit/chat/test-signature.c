/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-signature.h"

static WeirRequest *
make (void)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);

  return weir_request_new (WEIR_DIALECT_OPENAI_CHAT, body, NULL);
}

static const char *const samples[] = {
  "a",
  "EqQBCkYIBRgCKkA=",
  "gAAAAABk-_x==",
  "line\\nand \\\"quote\\\" \\u00e9 \xc3\xa9",
  "WeirSig",
  "WeirSig1",
};

static void
test_what_is_wrapped_comes_back_with_its_origin (void)
{
  for (int origin = 0; origin < WEIR_DIALECT_LAST; origin++)
    for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
      {
        g_autoptr (WeirRequest) request = make ();
        g_autoptr (GString) scratch = g_string_new (NULL);
        g_autoptr (GString) again = g_string_new (NULL);
        WeirPart part = { .origin = WEIR_DIALECT_LAST, .raw = WEIR_SLICE ("{}") };
        WeirSlice sample = weir_slice_from_string (samples[i]);
        WeirSlice wrapped = weir_signature_wrap ((WeirDialect)origin, sample, scratch);
        WeirSlice found;

        g_assert_true (weir_signature_occurs_in (wrapped));
        g_assert_true (weir_slice_equal (
            weir_signature_wrap (WEIR_DIALECT_GEMINI, wrapped, again), wrapped));
        found = weir_signature_unwrap (request, wrapped, &part);
        g_assert_cmpint (part.origin, ==, origin);
        g_assert_cmpuint (part.raw.length, ==, 0);
        if (strstr (samples[i], "\\u00e9") == NULL)
          g_assert_true (weir_slice_equal (found, sample));
        else
          g_assert_true (weir_slice_equal (
              found, WEIR_SLICE ("line\\nand \\\"quote\\\" \xc3\xa9 \xc3\xa9")));
      }
}

/* Some clients decode base64 and encode it anew, in an alphabet of their own. */
static void
test_a_client_may_write_the_base64_anew (void)
{
  for (size_t length = 1; length < 40; length++)
    {
      g_autoptr (WeirRequest) request = make ();
      g_autoptr (GString) scratch = g_string_new (NULL);
      g_autoptr (GString) signature = g_string_new (NULL);
      g_autofree guchar *bytes = NULL;
      g_autofree char *again = NULL;
      gsize n_bytes;
      WeirPart part = { 0 };

      for (size_t i = 0; i < length; i++)
        g_string_append (signature, i % 3 == 0 ? "\xc3\xbf" : i % 3 == 1 ? "~" : "?");
      weir_signature_wrap (WEIR_DIALECT_ANTHROPIC,
                           (WeirSlice){ signature->str, signature->len }, scratch);
      g_assert_cmpuint (scratch->len % 4, ==, 0);
      bytes = g_base64_decode (scratch->str, &n_bytes);
      again = g_base64_encode (bytes, n_bytes);
      g_assert_cmpstr (again, ==, scratch->str);
      g_strdelimit (again, "+", '-');
      g_strdelimit (again, "/", '_');
      *strchrnul (again, '=') = '\0';
      g_assert_true (weir_slice_equal (
          weir_signature_unwrap (request, weir_slice_from_string (again), &part),
          (WeirSlice){ signature->str, signature->len }));
      g_assert_cmpint (part.origin, ==, WEIR_DIALECT_ANTHROPIC);
    }
}

static void
test_what_was_not_wrapped_stays (void)
{
  static const char *const foreign[] = { "", "EqQB", "WeirSig1none====", "WeirSig1ant" };

  for (size_t i = 0; i < G_N_ELEMENTS (foreign); i++)
    {
      g_autoptr (WeirRequest) request = make ();
      WeirPart part = { .origin = WEIR_DIALECT_GEMINI, .raw = WEIR_SLICE ("{}") };
      WeirSlice found
          = weir_signature_unwrap (request, weir_slice_from_string (foreign[i]), &part);

      g_assert_true (weir_slice_equal (found, weir_slice_from_string (foreign[i])));
      g_assert_cmpint (part.origin, ==, WEIR_DIALECT_GEMINI);
      g_assert_cmpuint (part.raw.length, ==, 2);
    }
}

/* A forged one must not get a quote or half a character into a body. */
static void
test_what_is_unwrapped_is_always_escaped_text (void)
{
  static const char *const forged[] = {
    "WeirSig1anthIiwiYSI6Ig==", /* ","a":" */
    "WeirSig1anth//79",
    "WeirSig1anthAAAA",
    "WeirSig1anth%%%%",
    "WeirSig1anthA",
    "WeirSig1anth",
    "WeirSig1anthQUJD\\u003d\\/",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (forged); i++)
    {
      g_autoptr (WeirRequest) request = make ();
      g_autoptr (GString) quoted = g_string_new ("\"");
      g_auto (WeirJson) json = { 0 };
      WeirPart part = { 0 };
      WeirSlice found
          = weir_signature_unwrap (request, weir_slice_from_string (forged[i]), &part);

      g_string_append_len (quoted, found.text, (gssize)found.length);
      g_string_append_c (quoted, '"');
      g_assert_true (weir_json_parse (&json, quoted->str, quoted->len, NULL, NULL));
      g_assert_cmpint (part.origin, ==, WEIR_DIALECT_ANTHROPIC);
    }
}

static void
test_ids_of_our_own_are_known (void)
{
  static const char *const ours[] = { "rs_7f_0", "rs_golden_12", "rs__3", "rs_g_1_2" };
  static const char *const others[]
      = { "",        "rs_", "rs_7", "rs_68a0c1d2e3f4_", "rs_68a0c1d2e3f4", "rs_1_us-east-1",
          "msg_7f_0" };

  for (size_t i = 0; i < G_N_ELEMENTS (ours); i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"id\":\"rs_a\",\"b\":\"%s\"}", ours[i]);
      g_autofree char *noise = g_strnfill (5000, '_'); /* what it is looked for by */
      g_autofree char *behind = g_strdup_printf ("\"%s\":\"%s\"", noise, ours[i]);

      g_assert_true (weir_signature_occurs_in (weir_slice_from_string (behind)));
      g_assert_true (weir_signature_is_made_up_id (weir_slice_from_string (ours[i])));
      g_assert_true (weir_signature_occurs_in (weir_slice_from_string (body)));
    }
  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"id\":\"rs_a\",\"b\":\"%s\"}", others[i]);

      g_assert_false (weir_signature_is_made_up_id (weir_slice_from_string (others[i])));
      g_assert_false (weir_signature_occurs_in (weir_slice_from_string (body)));
    }
  g_assert_false (weir_signature_occurs_in (WEIR_SLICE ("\"rs_")));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/signature/what-is-wrapped-comes-back-with-its-origin",
                   test_what_is_wrapped_comes_back_with_its_origin);
  g_test_add_func ("/signature/a-client-may-write-the-base64-anew",
                   test_a_client_may_write_the_base64_anew);
  g_test_add_func ("/signature/what-was-not-wrapped-stays",
                   test_what_was_not_wrapped_stays);
  g_test_add_func ("/signature/what-is-unwrapped-is-always-escaped-text",
                   test_what_is_unwrapped_is_always_escaped_text);
  g_test_add_func ("/signature/ids-of-our-own-are-known", test_ids_of_our_own_are_known);
  return g_test_run ();
}
