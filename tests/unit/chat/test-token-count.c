/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-token-count.h"

#include "chat/weir-request.h"

static char *
write_request (WeirDialect upstream, gboolean bare, const char *body)
{
  g_autoptr (GBytes) out = weir_token_count_write_request (
      upstream, bare, weir_slice_from_string (body), "m\"1");
  gsize length;
  const char *text = g_bytes_get_data (out, &length);

  return g_strndup (text, length);
}

static void
test_only_what_counts_is_sent (void)
{
  static const struct
  {
    WeirDialect upstream;
    gboolean bare;
    const char *body;
    const char *sent;
  } rows[] = {
    { WEIR_DIALECT_ANTHROPIC, FALSE,
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[1e400],\"stream\":false}",
      "{\"model\":\"m\",\"messages\":[1e400]}" },
    { WEIR_DIALECT_OPENAI_RESPONSES, FALSE,
      "{\"model\":\"m\",\"stream\":false,\"input\":[],\"store\":false,\"tools\":[]}",
      "{\"model\":\"m\",\"input\":[],\"tools\":[]}" },
    { WEIR_DIALECT_GEMINI, FALSE, "{\"contents\":[]}",
      "{\"generateContentRequest\":{\"contents\":[],\"model\":\"models/m\\\"1\"}}" },
    { WEIR_DIALECT_GEMINI, TRUE, "{\"contents\":[]}", "{\"contents\":[]}" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *sent = write_request (rows[i].upstream, rows[i].bare, rows[i].body);

      g_assert_cmpstr (sent, ==, rows[i].sent);
    }
}

/* Whatever a client's counter is asked can be counted by every other vendor's. */
static void
test_every_writers_request_can_be_counted (void)
{
  static const char asked[]
      = "{\"model\":\"m\",\"input\":\"hi\",\"instructions\":\"be brief\"}";
  g_autoptr (GBytes) body = g_bytes_new_static (asked, sizeof asked - 1);
  g_autoptr (WeirRequest) request = weir_protocol_get (WEIR_DIALECT_OPENAI_RESPONSES)
                                        ->read_request (body, WEIR_SLICE (""), FALSE, NULL);

  for (unsigned upstream = 0; upstream < WEIR_DIALECT_LAST; upstream++)
    {
      const WeirWriteOptions options = { .model = WEIR_SLICE ("m") };
      g_autoptr (GString) written = g_string_new (NULL);
      g_autofree char *sent = NULL;
      g_auto (WeirJson) json = { 0 };

      g_assert_true (weir_protocol_get ((WeirDialect)upstream)
                         ->write_request (request, &options, written, NULL));
      sent = write_request ((WeirDialect)upstream, FALSE, written->str);
      g_assert_true (weir_json_parse (&json, sent, strlen (sent), NULL, NULL));
      g_assert_nonnull (strstr (sent, "be brief"));
      g_assert_nonnull (strstr (sent, "\"hi\""));
      if (upstream != WEIR_DIALECT_OPENAI_CHAT)
        g_assert_null (strstr (sent, "\"stream\""));
      g_assert_null (upstream == WEIR_DIALECT_ANTHROPIC ? strstr (sent, "max_tokens")
                                                        : NULL);
    }
}

static void
test_what_is_written_is_read (void)
{
  for (unsigned dialect = 0; dialect < WEIR_DIALECT_LAST; dialect++)
    {
      g_autoptr (GString) out = g_string_new (NULL);
      uint64_t count = 0;

      weir_token_count_write (out, (WeirDialect)dialect, 4711);
      g_assert_true (weir_token_count_read (
          (WeirDialect)dialect, (WeirSlice){ out->str, out->len }, &count, NULL));
      g_assert_cmpuint (count, ==, 4711);
    }
}

static void
test_what_is_no_count_is_the_upstreams_fault (void)
{
  static const char *const answers[]
      = { "", "{", "[]", "7", "{}", "{\"input_tokens\":-1}", "{\"input_tokens\":\"7\"}" };

  for (size_t i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (GError) error = NULL;
      uint64_t count = 1;

      g_assert_false (weir_token_count_read (
          WEIR_DIALECT_ANTHROPIC, weir_slice_from_string (answers[i]), &count, &error));
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_UPSTREAM);
      g_assert_cmpuint (count, ==, 1);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/token-count/only-what-counts-is-sent", test_only_what_counts_is_sent);
  g_test_add_func ("/token-count/every-writers-request-can-be-counted",
                   test_every_writers_request_can_be_counted);
  g_test_add_func ("/token-count/what-is-written-is-read", test_what_is_written_is_read);
  g_test_add_func ("/token-count/what-is-no-count-is-the-upstreams-fault",
                   test_what_is_no_count_is_the_upstreams_fault);
  return g_test_run ();
}
