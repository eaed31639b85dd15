/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-encoder.h"

#include "base/weir-error.h"

/* Writes each text as one event, and a document at the end. */
static void
put (WeirEncoder *self, const WeirEvent *event, GString *out)
{
  WeirJsonWriter w;

  if (self->options.form == WEIR_ANSWER_WHOLE)
    return;
  weir_encoder_begin_event (self, event->name.length > 0 ? "word" : NULL, out, &w);
  weir_json_add_escaped (&w, "text", event->text);
  if (event->raw.length > 0)
    weir_json_add_raw (&w, "raw", event->raw);
  weir_json_open_array (&w, "left open");
  weir_encoder_end_event (self, &w);
}

static gboolean
end (WeirEncoder *self, GString *out, GError **error)
{
  WeirJsonWriter w;

  if (self->options.form == WEIR_ANSWER_SSE)
    weir_encoder_say_line (self, "[DONE]", out);
  if (self->options.form != WEIR_ANSWER_WHOLE)
    return TRUE;
  weir_encoder_begin_document (self, out, &w);
  weir_json_add_escaped (&w, "model", self->options.model);
  weir_json_add_string (&w, "id", self->options.id);
  weir_encoder_end_document (self, &w);
  if (self->options.created_s == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM, "no time");
  return TRUE;
}

static const WeirEncoderClass chat_class = {
  .dialect = WEIR_DIALECT_OPENAI_CHAT,
  .size = sizeof (WeirEncoder),
  .put = put,
  .end = end,
};

static const WeirEncoderClass gemini_class = {
  .dialect = WEIR_DIALECT_GEMINI,
  .size = sizeof (WeirEncoder),
  .put = put,
  .end = end,
};

static WeirEncoder *
make (const WeirEncoderClass *class, WeirAnswerForm form)
{
  const WeirEncodeOptions options
      = { .form = form, .id = "7f", .model = WEIR_SLICE ("m"), .created_s = 1 };

  return weir_encoder_new_of_class (class, &options);
}

static void
put_text (WeirEncoder *self, const char *name, const char *text, GString *out)
{
  weir_encoder_put (self,
                    &(WeirEvent){ .type = WEIR_EVENT_DELTA,
                                  .name = weir_slice_from_string (name),
                                  .text = weir_slice_from_string (text) },
                    out);
}

static void
test_streams_are_framed (void)
{
  g_autoptr (WeirEncoder) self = make (&chat_class, WEIR_ANSWER_SSE);
  g_autoptr (GString) out = g_string_new (NULL);

  put_text (self, NULL, "a\xe2\x80\xa8\\n", out);
  put_text (self, "x", "b", out);
  g_assert_true (weir_encoder_end (self, out, NULL));
  g_assert_cmpstr (out->str, ==,
                   "data: {\"text\":\"a\xe2\x80\xa8\\n\",\"left open\":[]}\n\n"
                   "event: word\ndata: {\"text\":\"b\",\"left open\":[]}\n\n"
                   "data: [DONE]\n\n");
}

static void
test_raw_values_do_not_break_lines (void)
{
  g_autoptr (WeirEncoder) self = make (&chat_class, WEIR_ANSWER_SSE);
  g_autoptr (GString) out = g_string_new (NULL);

  weir_encoder_put (
      self,
      &(WeirEvent){ .type = WEIR_EVENT_DELTA, .raw = WEIR_SLICE ("{\r\n \"a\":\n\n1\r}") },
      out);
  g_assert_cmpstr (out->str, ==,
                   "data: {\"text\":\"\",\"raw\":{   \"a\":  1 },\"left open\":[]}\n\n");
}

static void
test_arrays_are_framed (void)
{
  g_autoptr (WeirEncoder) self = make (&gemini_class, WEIR_ANSWER_ARRAY);
  g_autoptr (WeirEncoder) silent = make (&gemini_class, WEIR_ANSWER_ARRAY);
  g_autoptr (GString) out = g_string_new (NULL);

  put_text (self, NULL, "a", out);
  put_text (self, NULL, "b", out);
  g_assert_true (weir_encoder_end (self, out, NULL));
  g_assert_cmpstr (out->str, ==,
                   "[{\"text\":\"a\",\"left open\":[]},{\"text\":\"b\",\"left open\":[]}]");
  g_string_truncate (out, 0);
  g_assert_true (weir_encoder_end (silent, out, NULL));
  g_assert_cmpstr (out->str, ==, "[]");
}

static void
test_gemini_clients_get_no_separators (void)
{
  g_autoptr (WeirEncoder) self = make (&gemini_class, WEIR_ANSWER_SSE);
  g_autoptr (GString) out = g_string_new ("\xe2\x80\xa8");

  put_text (self, NULL,
            "a\xe2\x80\xa8"
            "b\xe2\x80\xa9\xe2\x80\xa7\xe2\x80\xa8",
            out);
  g_assert_cmpstr (out->str, ==,
                   "\xe2\x80\xa8"
                   "data: {\"text\":\"a\\u2028b\\u2029\xe2\x80\xa7\\u2028\","
                   "\"left open\":[]}\n\n");
}

static void
test_a_failed_end_leaves_nothing (void)
{
  g_autoptr (WeirEncoder) self = make (&chat_class, WEIR_ANSWER_WHOLE);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  put_text (self, NULL, "a", out);
  g_assert_cmpuint (out->len, ==, 0);
  g_assert_true (weir_encoder_end (self, out, NULL));
  g_assert_cmpstr (out->str, ==, "{\"model\":\"m\",\"id\":\"7f\"}");
  self->options.created_s = 0;
  g_assert_false (weir_encoder_end (self, out, &error));
  g_assert_cmpstr (out->str, ==, "{\"model\":\"m\",\"id\":\"7f\"}");
}

static void
test_failures_are_said_by_the_row (void)
{
  g_autoptr (WeirEncoder) whole = make (&chat_class, WEIR_ANSWER_WHOLE);
  g_autoptr (WeirEncoder) array = make (&gemini_class, WEIR_ANSWER_ARRAY);
  g_autoptr (GString) out = g_string_new (NULL);
  g_auto (WeirJson) json = { 0 };

  weir_encoder_fail (whole, WEIR_ERROR_CUT, 0, "cut", out);
  g_assert_cmpuint (out->len, ==, 0);
  weir_encoder_fail (array, WEIR_ERROR_CUT, 0, "cut", out);
  g_assert_true (weir_json_parse (&json, out->str, out->len, NULL, NULL));

  g_string_truncate (out, 0);
  put_text (array, NULL, "a", out);
  weir_encoder_fail (array, WEIR_ERROR_CUT, 0, "cut", out);
  g_assert_true (weir_json_parse (&json, out->str, out->len, NULL, NULL));
}

static void
test_counts_that_nobody_said_are_zero (void)
{
  WeirUsage usage = WEIR_USAGE_NONE;

  g_assert_cmpuint (weir_encoder_sum_total (&usage), ==, 0);
  usage.input = 3;
  g_assert_cmpuint (weir_encoder_sum_total (&usage), ==, 3);
  usage.total = 9;
  g_assert_cmpuint (weir_encoder_sum_total (&usage), ==, 9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/encoder/streams-are-framed", test_streams_are_framed);
  g_test_add_func ("/encoder/raw-values-do-not-break-lines",
                   test_raw_values_do_not_break_lines);
  g_test_add_func ("/encoder/arrays-are-framed", test_arrays_are_framed);
  g_test_add_func ("/encoder/gemini-clients-get-no-separators",
                   test_gemini_clients_get_no_separators);
  g_test_add_func ("/encoder/a-failed-end-leaves-nothing",
                   test_a_failed_end_leaves_nothing);
  g_test_add_func ("/encoder/failures-are-said-by-the-row",
                   test_failures_are_said_by_the_row);
  g_test_add_func ("/encoder/counts-that-nobody-said-are-zero",
                   test_counts_that_nobody_said_are_zero);
  return g_test_run ();
}
