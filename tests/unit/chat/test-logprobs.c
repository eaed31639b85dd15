/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat-run.h"

#include "chat/weir-logprobs.h"

#define TWO                                                                                \
  "[{\"token\":\"H\\\"i\",\"logprob\":-0.10,\"bytes\":[72,34,105],\"top_logprobs\":["      \
  "{\"token\":\"H\\\"i\",\"logprob\":-0.10,\"bytes\":[72,34,105]},"                        \
  "{\"token\":\"Ho\",\"logprob\":-9e-1,\"bytes\":[72,111]}]},"                             \
  "{\"token\":\"\\u00e4\",\"logprob\":0,\"bytes\":[195,164],\"top_logprobs\":[]}]"

static char *
write_raw (const char *raw)
{
  GString *out = g_string_new (NULL);
  WeirJsonWriter writer;

  weir_json_writer_init (&writer, out);
  weir_logprobs_write (&writer, NULL, weir_slice_from_string (raw));
  return g_string_free (out, FALSE);
}

static void
test_what_is_whole_stays (void)
{
  g_autofree char *written = write_raw (TWO);

  g_assert_cmpstr (written, ==, TWO);
}

static void
test_missing_members_are_made (void)
{
  static const struct
  {
    const char *raw;
    const char *written;
  } rows[] = {
    { "[{\"token\":\"a\\n\",\"logprob\":-1}]",
      "[{\"token\":\"a\\n\",\"logprob\":-1,\"bytes\":[97,10],\"top_logprobs\":[]}]" },
    /* half a letter */
    { "[{\"token\":\"\xef\xbf\xbd\",\"logprob\":-1,\"bytes\":null,\"odd\":1}]",
      "[{\"token\":\"\xef\xbf\xbd\",\"logprob\":-1,\"bytes\":null,\"top_logprobs\":[]}]" },
    { "[{\"token\":1,\"logprob\":-1},{\"token\":\"a\"},7,[],{}]", "[]" },
    { "[{\"token\":\"a\",\"logprob\":-1,\"bytes\":[1],\"top_logprobs\":[7,{\"token\":"
      "\"b\",\"logprob\":-2,\"bytes\":[98]}]}]",
      "[{\"token\":\"a\",\"logprob\":-1,\"bytes\":[1],\"top_logprobs\":[{\"token\":\"b\","
      "\"logprob\":-2,\"bytes\":[98]}]}]" },
    { "{\"token\":\"a\",\"logprob\":1}", "[]" },
    { "[", "[]" },
    { "", "[]" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *written = write_raw (rows[i].raw);

      g_assert_cmpstr (written, ==, rows[i].written);
    }
}

static void
test_geminis_words_and_back_are_the_same (void)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GString) back = g_string_new (NULL);
  g_auto (WeirJson) json = { 0 };
  WeirJsonWriter writer;

  weir_json_writer_init (&writer, out);
  weir_json_open (&writer, NULL);
  weir_logprobs_write_result (&writer, WEIR_SLICE (TWO));
  weir_logprobs_write_result (&writer, WEIR_SLICE (""));
  weir_json_close (&writer);
  g_assert_cmpstr (
      out->str, ==,
      "{\"logprobsResult\":{\"topCandidates\":[{\"candidates\":[{\"token\":\"H\\\"i\","
      "\"logProbability\":-0.10},{\"token\":\"Ho\",\"logProbability\":-9e-1}]},{"
      "\"candidates\":[]}],\"chosenCandidates\":[{\"token\":\"H\\\"i\",\"logProbability\":"
      "-0.10},{\"token\":\"\\u00e4\",\"logProbability\":0}]}}");
  g_assert_true (weir_json_parse (&json, out->str, out->len, NULL, NULL));
  weir_logprobs_read_result (&json, weir_json_lookup (&json, 0, "logprobsResult"), back);
  g_assert_cmpstr (back->str, ==, TWO);
}

static void
test_a_result_may_lack_anything (void)
{
  static const struct
  {
    const char *result;
    const char *read;
  } rows[] = {
    { "{}", "" },
    { "[]", "" },
    { "{\"chosenCandidates\":[]}", "" },
    { "{\"chosenCandidates\":[{\"token\":\"a\",\"logProbability\":-1}]}",
      "[{\"token\":\"a\",\"logprob\":-1,\"bytes\":[97],\"top_logprobs\":[]}]" },
    { "{\"chosenCandidates\":[7,{\"token\":\"a\",\"tokenId\":5,\"logProbability\":-1}],"
      "\"topCandidates\":[{},{\"candidates\":[{\"token\":\"b\",\"logProbability\":-2}]}]}",
      "[{\"token\":\"a\",\"logprob\":-1,\"bytes\":[97],\"top_logprobs\":[{\"token\":\"b\","
      "\"logprob\":-2,\"bytes\":[98]}]}]" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GString) out = g_string_new (NULL);
      g_auto (WeirJson) json = { 0 };

      g_assert_true (
          weir_json_parse (&json, rows[i].result, strlen (rows[i].result), NULL, NULL));
      weir_logprobs_read_result (&json, 0, out);
      g_assert_cmpstr (out->str, ==, rows[i].read);
    }
}

/* @body says @expected to @target, of whose model nobody knows that it thinks. */
static void
assert_asked (const char *body,
              WeirDialect origin,
              WeirDialect target,
              const char *expected)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (body, strlen (body));
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirRequest) request
      = weir_protocol_get (origin)->read_request (bytes, WEIR_SLICE ("m"), FALSE, &error);
  const WeirWriteOptions options = { .model = WEIR_SLICE ("gpt-4.1") };

  g_assert_no_error (error);
  weir_protocol_get (target)->write_request (request, &options, out, &error);
  g_assert_no_error (error);
  if (strstr (out->str, expected) == NULL)
    g_error ("%s: no %s in %s", body, expected, out->str);
}

static void
test_the_wish_goes_to_who_can_fulfil_it (void)
{
  static const char *const said[WEIR_DIALECT_LAST] = {
    [WEIR_DIALECT_OPENAI_CHAT] = "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],"
                                 "\"logprobs\":true,\"top_logprobs\":5}",
    [WEIR_DIALECT_OPENAI_RESPONSES]
    = "{\"input\":\"a\",\"include\":[ \"message.output_text.logprobs\" ],"
      "\"top_logprobs\":5}",
    [WEIR_DIALECT_GEMINI] = "{\"contents\":[{\"parts\":[{\"text\":\"a\"}]}],"
                            "\"generationConfig\":{\"responseLogprobs\":true,"
                            "\"logprobs\":5}}",
  };
  static const char *const asked[WEIR_DIALECT_LAST][2] = {
    [WEIR_DIALECT_OPENAI_CHAT] = { "\"logprobs\":true", "\"top_logprobs\":5" },
    [WEIR_DIALECT_OPENAI_RESPONSES]
    = { "\"message.output_text.logprobs\"", "\"top_logprobs\":5" },
    [WEIR_DIALECT_GEMINI] = { "\"responseLogprobs\":true", "\"logprobs\":5" },
  };

  for (unsigned from = 0; from < WEIR_DIALECT_LAST; from++)
    for (unsigned to = 0; to < WEIR_DIALECT_LAST; to++)
      for (size_t i = 0; i < 2; i++)
        if (said[from] != NULL && asked[to][i] != NULL)
          assert_asked (said[from], (WeirDialect)from, (WeirDialect)to, asked[to][i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/logprobs/what-is-whole-stays", test_what_is_whole_stays);
  g_test_add_func ("/logprobs/missing-members-are-made", test_missing_members_are_made);
  g_test_add_func ("/logprobs/geminis-words-and-back-are-the-same",
                   test_geminis_words_and_back_are_the_same);
  g_test_add_func ("/logprobs/a-result-may-lack-anything", test_a_result_may_lack_anything);
  g_test_add_func ("/logprobs/the-wish-goes-to-who-can-fulfil-it",
                   test_the_wish_goes_to_who_can_fulfil_it);
  return g_test_run ();
}
