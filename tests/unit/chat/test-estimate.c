/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-estimate.h"

static WeirRequest *
make (void)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);

  return weir_request_new (WEIR_DIALECT_ANTHROPIC, body, NULL);
}

static uint64_t
estimate_text (const char *text)
{
  g_autoptr (WeirRequest) request = make ();
  WeirMessage *message = weir_request_add_message (request, WEIR_ROLE_USER);

  weir_request_add_part (request, message, WEIR_PART_TEXT)->text
      = weir_slice_from_string (text);
  return weir_estimate_tokens (request) - 4; /* what surrounds a message */
}

static void
test_nothing_is_one_token (void)
{
  g_autoptr (WeirRequest) request = make ();

  g_assert_cmpuint (weir_estimate_tokens (request), ==, 1);
}

static void
test_texts_are_counted_by_the_rule (void)
{
  static const struct
  {
    const char *text;
    uint64_t tokens;
  } rows[] = {
    { "", 0 },
    { "a", 1 },
    { "hello", 1 },
    { "hello world", 2 },
    { "hello  world", 3 },
    { "hello\\nworld", 3 },
    { "hello \\n  \\n world", 3 },
    { "internationally", 3 },
    { "12345", 2 },
    { "});", 2 },
    { "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 3 },
    { "\\u65e5\\u672c", 2 },
    { "\xd0\xbf\xd1\x80\xd0\xb8", 2 },
    { "\\\"a\\\"", 3 },
    { "\\", 1 },
    { "\\u12", 2 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("%s", rows[i].text);
      g_assert_cmpuint (estimate_text (rows[i].text), ==, rows[i].tokens);
    }
}

static void
test_english_is_about_four_bytes_a_token (void)
{
  static const char prose[]
      = "When the stream ends before its last event, the answer was cut: whoever waits for "
        "it must be told, in words that cannot be taken for success. Everything else that "
        "was promised about order, names and numbers holds until then, and not a byte "
        "longer.";
  const uint64_t tokens = estimate_text (prose);

  g_assert_cmpuint (tokens, >, sizeof prose / 5);
  g_assert_cmpuint (tokens, <, sizeof prose / 3);
}

static void
test_pictures_cost_the_same_whatever_their_size (void)
{
  uint64_t counts[2];

  for (unsigned i = 0; i < 2; i++)
    {
      g_autoptr (WeirRequest) request = make ();
      g_autofree char *data = g_strnfill (i == 0 ? 10 : 1000000, 'A');
      WeirMessage *message = weir_request_add_message (request, WEIR_ROLE_USER);
      WeirPart *part = weir_request_add_part (request, message, WEIR_PART_IMAGE);

      part->media.data = weir_slice_from_string (data);
      counts[i] = weir_estimate_tokens (request);
    }
  g_assert_cmpuint (counts[0], ==, counts[1]);
  g_assert_cmpuint (counts[0], >, 500);
}

static void
test_more_never_costs_less (void)
{
  g_autoptr (WeirRequest) request = make ();
  uint64_t before = 0;

  for (int type = 0; type < WEIR_PART_LAST; type++)
    {
      WeirMessage *message = weir_request_add_message (request, WEIR_ROLE_ASSISTANT);
      WeirPart *part = weir_request_add_part (request, message, (WeirPartType)type);
      uint64_t now;

      part->raw = WEIR_SLICE ("{\"a\":1}");
      part->text = WEIR_SLICE ("text");
      if (part->type == WEIR_PART_FILE)
        {
          part->media.source = WEIR_MEDIA_TEXT;
          part->media.data = WEIR_SLICE ("words of a file");
        }
      if (part->type == WEIR_PART_RESULT)
        weir_request_add_result_part (request, &part->result, WEIR_PART_TEXT)->text
            = WEIR_SLICE ("result");
      now = weir_estimate_tokens (request);
      g_assert_cmpuint (now, >, before);
      before = now;
    }
  for (int type = 0; type < WEIR_TOOL_LAST; type++)
    {
      WeirTool *tool = weir_request_add_tool (request, (WeirToolType)type);

      tool->raw = WEIR_SLICE ("{\"a\":1}");
      tool->name = WEIR_SLICE ("f");
      g_assert_cmpuint (weir_estimate_tokens (request), >, before);
      before = weir_estimate_tokens (request);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/estimate/nothing-is-one-token", test_nothing_is_one_token);
  g_test_add_func ("/estimate/texts-are-counted-by-the-rule",
                   test_texts_are_counted_by_the_rule);
  g_test_add_func ("/estimate/english-is-about-four-bytes-a-token",
                   test_english_is_about_four_bytes_a_token);
  g_test_add_func ("/estimate/pictures-cost-the-same-whatever-their-size",
                   test_pictures_cost_the_same_whatever_their_size);
  g_test_add_func ("/estimate/more-never-costs-less", test_more_never_costs_less);
  return g_test_run ();
}
