/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-response-recorder.h"

#define REQUEST "{\"model\":\"m\",\"input\":[{\"q\":1}]}"
#define ITEM "{\"type\":\"message\",\"n\":1}"

static const char full[]
    = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":"
      "{\"id\":\"resp_1\",\"output\":[]}}\n\n"
      ": a comment\n\n"
      "event: response.output_item.done\ndata: {\"type\":\"response.output_item.done\","
      "\"item\":{\"seen\":\"before\"}}\n\n"
      "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":"
      "{\"id\":\"resp_1\",\"output\":[" ITEM "]}}\n\n";

/* no names, and a last event whose list is empty */
static const char spare[]
    = "data: {\"type\":\"response.output_item.done\",\"item\":" ITEM "}\n\n"
      "data: {\"type\":\"response.incomplete\",\"response\":{\"id\":\"resp_1\","
      "\"output\":[]}}\n\n"
      "data: [DONE]\n\n";

static void
assert_recorded (const WeirResponseRecorder *recorder, const char *expected)
{
  const char *id;
  WeirStoredResponse stored;

  g_assert_true (weir_response_recorder_get (recorder, &id, &stored));
  g_assert_cmpstr (id, ==, "resp_1");
  g_assert_cmpmem (stored.items.text, stored.items.length, expected, strlen (expected));
}

static void
test_any_cut (gconstpointer wire)
{
  size_t length = strlen (wire);

  for (size_t cut = 0; cut <= length; cut++)
    {
      g_autoptr (WeirResponseRecorder) recorder
          = weir_response_recorder_new (WEIR_SLICE (""), WEIR_SLICE (REQUEST));

      weir_response_recorder_feed (recorder, (WeirSlice){ wire, cut });
      weir_response_recorder_feed (recorder,
                                   (WeirSlice){ (const char *)wire + cut, length - cut });
      assert_recorded (recorder, "{\"q\":1}," ITEM);
    }
}

static void
test_a_cut_answer_is_not_recorded (void)
{
  for (size_t length = 0; length < sizeof full - 2; length++)
    {
      g_autoptr (WeirResponseRecorder) recorder
          = weir_response_recorder_new (WEIR_SLICE (""), WEIR_SLICE (REQUEST));
      const char *id;
      WeirStoredResponse stored;

      weir_response_recorder_feed (recorder, (WeirSlice){ full, length });
      g_assert_false (weir_response_recorder_get (recorder, &id, &stored));
    }
}

static void
test_a_whole_answer (void)
{
  g_autoptr (WeirResponseRecorder) recorder
      = weir_response_recorder_new (WEIR_SLICE (""), WEIR_SLICE ("{\"input\":\"hi\"}"));
  const char *id;
  WeirStoredResponse stored;

  weir_response_recorder_feed_whole (recorder, WEIR_SLICE ("{\"id\":\"resp_1\"}"));
  weir_response_recorder_feed_whole (
      recorder, WEIR_SLICE ("{\"id\":\"resp_1\",\"status\":\"failed\",\"output\":[]}"));
  g_assert_false (weir_response_recorder_get (recorder, &id, &stored));
  weir_response_recorder_feed_whole (
      recorder,
      WEIR_SLICE ("{\"id\":\"resp_1\",\"status\":\"completed\",\"output\":[ " ITEM " ]}"));
  assert_recorded (recorder, "{\"role\":\"user\",\"content\":\"hi\"}," ITEM);
}

static void
assert_whole (const char *wire, const char *expected, size_t input_length)
{
  g_autoptr (WeirResponseRecorder) recorder
      = weir_response_recorder_new (WEIR_SLICE (""), WEIR_SLICE (REQUEST));
  const char *id;
  WeirStoredResponse stored;

  weir_response_recorder_feed (recorder, weir_slice_from_string (wire));
  g_assert_true (weir_response_recorder_get (recorder, &id, &stored));
  g_assert_cmpmem (stored.whole.text, stored.whole.length, expected, strlen (expected));
  g_assert_cmpuint (stored.input_length, ==, input_length);
}

static void
test_the_response_is_kept_with_its_items (void)
{
  assert_whole (full, "{\"id\":\"resp_1\",\"output\":[" ITEM "]}", strlen ("{\"q\":1}"));
  assert_whole (spare, "{\"id\":\"resp_1\",\"output\":[" ITEM "]}", strlen ("{\"q\":1}"));
}

static void
test_what_it_follows_stands_first (void)
{
  g_autoptr (WeirResponseRecorder) recorder
      = weir_response_recorder_new (WEIR_SLICE ("7,8"), WEIR_SLICE (REQUEST));

  weir_response_recorder_feed (recorder, weir_slice_from_string (full));
  assert_recorded (recorder, "7,8,{\"q\":1}," ITEM);
}

static void
test_bare_thoughts_can_be_left_out (void)
{
  static const char wire[]
      = "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\","
        "\"output\":[{\"type\":\"reasoning\",\"id\":\"rs_1\"},"
        "{\"type\":\"reasoning\",\"encrypted_content\":null}," ITEM ","
        "{\"type\":\"reasoning\",\"encrypted_content\":\"x\"}]}}\n\n";
  g_autoptr (WeirResponseRecorder) recorder
      = weir_response_recorder_new (WEIR_SLICE (""), WEIR_SLICE ("{}"));

  weir_response_recorder_drop_bare_thoughts (recorder);
  weir_response_recorder_feed (recorder, weir_slice_from_string (wire));
  assert_recorded (recorder, ITEM ",{\"type\":\"reasoning\",\"encrypted_content\":\"x\"}");
}

static void
test_a_strange_request_is_not_recorded (void)
{
  g_assert_null (
      weir_response_recorder_new (WEIR_SLICE (""), WEIR_SLICE ("{\"input\":7}")));
  g_assert_null (weir_response_recorder_new (WEIR_SLICE (""), WEIR_SLICE ("{")));
  g_assert_null (weir_response_recorder_new (
      WEIR_SLICE (""), WEIR_SLICE ("{\"input\":[],\"conversation\":\"conv_1\"}")));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/response-recorder/any-cut-gives-the-same-items", full,
                        test_any_cut);
  g_test_add_data_func ("/response-recorder/items-told-one-by-one-count", spare,
                        test_any_cut);
  g_test_add_func ("/response-recorder/a-cut-answer-is-not-recorded",
                   test_a_cut_answer_is_not_recorded);
  g_test_add_func ("/response-recorder/a-whole-answer", test_a_whole_answer);
  g_test_add_func ("/response-recorder/the-response-is-kept-with-its-items",
                   test_the_response_is_kept_with_its_items);
  g_test_add_func ("/response-recorder/what-it-follows-stands-first",
                   test_what_it_follows_stands_first);
  g_test_add_func ("/response-recorder/bare-thoughts-can-be-left-out",
                   test_bare_thoughts_can_be_left_out);
  g_test_add_func ("/response-recorder/a-strange-request-is-not-recorded",
                   test_a_strange_request_is_not_recorded);
  return g_test_run ();
}
