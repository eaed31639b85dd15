/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-request.h"

#include "base/weir-error.h"

static WeirRequest *
make (const char *body)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  g_autoptr (GError) error = NULL;
  WeirRequest *request = weir_request_new (WEIR_DIALECT_GEMINI, bytes, &error);

  g_assert_no_error (error);
  return request;
}

static void
test_bodies_that_are_no_object_are_refused (void)
{
  static const struct
  {
    const char *body;
    WeirError code;
  } bodies[] = {
    { "", WEIR_ERROR_BAD_JSON },
    { "{\"a\":1", WEIR_ERROR_BAD_JSON },
    { "[]", WEIR_ERROR_BAD_REQUEST },
    { "\"text\"", WEIR_ERROR_BAD_REQUEST },
    { "{\"a\":1,\"a\":1}", WEIR_ERROR_JSON_DUPLICATE },
    { "{\"a\":1} x", WEIR_ERROR_BAD_JSON },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GBytes) bytes
          = g_bytes_new_static (bodies[i].body, strlen (bodies[i].body));
      g_autoptr (GError) error = NULL;

      g_assert_null (weir_request_new (WEIR_DIALECT_OPENAI_CHAT, bytes, &error));
      g_assert_error (error, WEIR_ERROR, (int)bodies[i].code);
    }
}

static void
test_the_arena_gives_zeroed_memory_of_any_size (void)
{
  g_autoptr (WeirRequest) request = make ("{}");
  GRand *random = g_rand_new_with_seed (7);
  GPtrArray *places = g_ptr_array_new ();
  GArray *sizes = g_array_new (FALSE, FALSE, sizeof (size_t));

  for (unsigned i = 0; i < 2000; i++)
    {
      const size_t size = i % 100 == 7 ? 100000 : (size_t)g_rand_int_range (random, 0, 300);
      unsigned char *place = weir_request_allocate (request, size);

      g_assert_cmpuint ((uintptr_t)place % _Alignof(max_align_t), ==, 0);
      for (size_t k = 0; k < size; k++)
        g_assert_cmpuint (place[k], ==, 0);
      memset (place, (int)(i & 0xff), size);
      g_ptr_array_add (places, place);
      g_array_append_val (sizes, size);
    }
  for (unsigned i = 0; i < places->len; i++) /* nothing overlaps */
    for (size_t k = 0; k < g_array_index (sizes, size_t, i); k++)
      g_assert_cmpuint (((unsigned char *)places->pdata[i])[k], ==, i & 0xff);
  g_ptr_array_unref (places);
  g_array_unref (sizes);
  g_rand_free (random);
}

static void
test_lists_keep_the_order_of_what_was_added (void)
{
  g_autoptr (WeirRequest) request = make ("{\"x\":1,\"y\" : [2]}");
  WeirMessage *message = weir_request_add_message (request, WEIR_ROLE_USER);
  WeirPart *result = weir_request_add_part (request, message, WEIR_PART_RESULT);
  WeirName *others = NULL;
  static const char *const letters[] = { "a", "b", "c" };

  for (unsigned i = 0; i < 3; i++)
    {
      WeirSlice letter = weir_slice_from_string (letters[i]);

      weir_request_add_name (request, &request->stop, letter);
      if (i == 1) /* the list added to last is another one */
        weir_request_add_name (request, &others, letter);
      weir_request_add_tool (request, WEIR_TOOL_FUNCTION)->name = letter;
      weir_request_add_part (request, message, WEIR_PART_TEXT)->text = letter;
      weir_request_add_result_part (request, &result->result, WEIR_PART_TEXT)->text
          = letter;
    }
  g_assert_cmpuint (request->n_messages, ==, 1);
  g_assert_cmpuint (request->n_tools, ==, 3);
  g_assert_cmpuint (message->n_parts, ==, 4);
  g_assert_cmpint (message->origin, ==, WEIR_DIALECT_GEMINI);
  g_assert_null (others->next);
  for (unsigned i = 0; i < 3; i++)
    {
      const WeirName *name = request->stop;
      const WeirTool *tool = request->tools;
      const WeirPart *part = message->parts->next;
      const WeirPart *inner = result->result.parts;

      for (unsigned k = 0; k < i; k++)
        {
          name = name->next;
          tool = tool->next;
          part = part->next;
          inner = inner->next;
        }
      g_assert_cmpmem (name->name.text, 1, letters[i], 1);
      g_assert_cmpmem (tool->name.text, 1, letters[i], 1);
      g_assert_cmpmem (part->text.text, 1, letters[i], 1);
      g_assert_cmpmem (inner->text.text, 1, letters[i], 1);
    }
}

static void
test_unknown_members_keep_name_and_value (void)
{
  g_autoptr (WeirRequest) request = make ("{\"x\":1,\"y\" : [2]}");
  const WeirUnknown *unknown;
  uint32_t x = weir_json_first (&request->json, 0);

  weir_request_add_unknown (request, &request->unknown, NULL, x);
  weir_request_add_unknown (request, &request->unknown, "text",
                            weir_json_next (&request->json, 0, x));
  unknown = request->unknown;
  g_assert_true (weir_slice_equal (unknown->name, WEIR_SLICE ("x")));
  g_assert_true (weir_slice_equal (unknown->value, WEIR_SLICE ("1")));
  g_assert_true (weir_slice_equal (unknown->next->name, WEIR_SLICE ("text.y")));
  g_assert_true (weir_slice_equal (unknown->next->value, WEIR_SLICE ("[2]")));
}

/* A body of very many members must be read in one walk, not in one walk each. */
static void
test_long_lists_are_quick (void)
{
  g_autoptr (WeirRequest) request = make ("{\"x\":1}");
  WeirMessage *message = weir_request_add_message (request, WEIR_ROLE_USER);

  for (unsigned i = 0; i < 400000; i++)
    {
      weir_request_add_unknown (request, &message->unknown, NULL, 1);
      weir_request_add_part (request, message, WEIR_PART_TEXT);
    }
  g_assert_cmpuint (message->n_parts, ==, 400000);
}

/* One letter a part: `c`all or `r`esult, then its id or `-`, then its name. */
static void
add_parts (WeirRequest *request, const char *script)
{
  g_auto (GStrv) steps = g_strsplit (script, " ", -1);
  WeirMessage *message = NULL;

  for (unsigned i = 0; steps[i] != NULL; i++)
    {
      const gboolean call = steps[i][0] == 'c';
      const WeirRole role = call ? WEIR_ROLE_ASSISTANT : WEIR_ROLE_TOOL;
      const WeirSlice id = { steps[i] + 1, steps[i][1] != '-' };
      WeirPart *part;

      if (message == NULL || message->role != role)
        message = weir_request_add_message (request, role);
      part = weir_request_add_part (request, message,
                                    call ? WEIR_PART_CALL : WEIR_PART_RESULT);
      if (call)
        {
          part->call.id = weir_request_copy (request, id);
          part->call.name
              = weir_request_copy (request, weir_slice_from_string (steps[i] + 2));
          continue;
        }
      part->result.call_id = weir_request_copy (request, id);
      part->result.name
          = weir_request_copy (request, weir_slice_from_string (steps[i] + 2));
    }
}

/* The numbers of the calls that the results belong to, in their order. */
static char *
link_script (const char *script, gboolean expected)
{
  g_autoptr (WeirRequest) request = make ("{}");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) calls = g_ptr_array_new ();
  GString *out = g_string_new (NULL);

  add_parts (request, script);
  g_assert_cmpint (weir_request_link_results (request, &error), ==, expected);
  if (!expected)
    g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST);
  for (const WeirMessage *m = request->messages; m != NULL; m = m->next)
    for (const WeirPart *part = m->parts; part != NULL; part = part->next)
      if (part->type == WEIR_PART_CALL)
        g_ptr_array_add (calls, (gpointer)&part->call);
      else if (part->result.of == NULL)
        g_string_append_c (out, '-');
      else
        for (guint i = 0; i < calls->len; i++)
          if (calls->pdata[i] == (gconstpointer)part->result.of)
            g_string_append_printf (out, "%u", i);
  return g_string_free (out, FALSE);
}

static void
test_results_find_their_calls (void)
{
  static const struct
  {
    const char *script;
    gboolean fine;
    const char *found;
  } rows[] = {
    { "cxf cyg ry rx", TRUE, "10" }, { "c-f c-f c-g r-f r-g r-f", TRUE, "021" },
    { "cxf r-f", TRUE, "0" },        { "cxf c-f rx r-f", TRUE, "01" },
    { "rx cxf", TRUE, "-" },         { "cxf ry r-g r-", TRUE, "---" },
    { "c-f r-f r-f", TRUE, "0-" },   { "cxf rx rx", TRUE, "00" },
    { "cxf rx cxg rx", TRUE, "01" }, /* ids that begin anew with each answer */
    { "cxf cxg rx", FALSE, "-" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *found = link_script (rows[i].script, rows[i].fine);

      g_test_message ("%s", rows[i].script);
      g_assert_cmpstr (found, ==, rows[i].found);
    }
}

static void
test_turns_are_runs_of_one_side (void)
{
  static const WeirRole roles[]
      = { WEIR_ROLE_SYSTEM,    WEIR_ROLE_DEVELOPER, WEIR_ROLE_USER, WEIR_ROLE_TOOL,
          WEIR_ROLE_ASSISTANT, WEIR_ROLE_ASSISTANT, WEIR_ROLE_TOOL };
  static const unsigned lengths[] = { 2, 2, 2, 1 };
  g_autoptr (WeirRequest) request = make ("{}");
  const WeirMessage *turn;
  unsigned n_turns = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (roles); i++)
    weir_request_add_message (request, roles[i]);
  turn = request->messages;
  while (turn != NULL)
    {
      const WeirMessage *end = weir_message_get_turn_end (turn);
      unsigned length = 0;

      for (; turn != end; turn = turn->next)
        length++;
      g_assert_cmpuint (length, ==, lengths[n_turns]);
      n_turns++;
    }
  g_assert_cmpuint (n_turns, ==, G_N_ELEMENTS (lengths));
}

static void
test_values_are_told_as_text_and_as_json (void)
{
  g_autoptr (GString) out = g_string_new (NULL);
  const WeirValue json = { WEIR_SPELLING_JSON, WEIR_SLICE ("{\"a\":\"b\"}") };
  const WeirValue text = { WEIR_SPELLING_TEXT, WEIR_SLICE (" {\\\"a\\\":1e400} ") };
  const WeirValue prose = { WEIR_SPELLING_TEXT, WEIR_SLICE ("it is fine") };
  const WeirValue absent = { WEIR_SPELLING_ABSENT, { 0 } };
  WeirSlice found;

  g_assert_true (weir_slice_equal (weir_value_get_text (&json, out),
                                   WEIR_SLICE ("{\\\"a\\\":\\\"b\\\"}")));
  g_assert_true (weir_slice_equal (weir_value_get_text (&prose, out), prose.bytes));
  g_assert_cmpuint (weir_value_get_text (&absent, out).length, ==, 0);
  g_assert_true (weir_value_get_json (&json, out, &found));
  g_assert_true (weir_slice_equal (found, json.bytes));
  g_assert_true (weir_value_get_json (&text, out, &found));
  g_assert_true (weir_slice_equal (found, WEIR_SLICE ("{\"a\":1e400}")));
  g_assert_false (weir_value_get_json (&prose, out, &found));
  g_assert_false (weir_value_get_json (&absent, out, &found));
}

static void
assert_arguments (WeirCall call, const char *object, const char *text)
{
  g_autoptr (GString) out = g_string_new ("rubbish of before");
  WeirSlice found;

  g_assert_cmpint (weir_call_get_object (&call, out, &found), ==, object != NULL);
  if (object != NULL)
    g_assert_true (weir_slice_equal (found, weir_slice_from_string (object)));
  found = weir_call_get_text (&call, out);
  g_assert_true (weir_slice_equal (found, weir_slice_from_string (text)));
}

static void
test_arguments_are_one_object (void)
{
  assert_arguments ((WeirCall){ 0 }, "{}", "{}");
  assert_arguments ((WeirCall){ .arguments = { WEIR_SPELLING_TEXT, WEIR_SLICE ("") } },
                    "{}", "{}");
  assert_arguments ((WeirCall){ .arguments = { WEIR_SPELLING_TEXT, WEIR_SLICE (" \\n") } },
                    "{}", " \\n");
  assert_arguments ((WeirCall){ .arguments = { WEIR_SPELLING_TEXT, WEIR_SLICE ("n") } },
                    NULL, "n");
  assert_arguments ((WeirCall){ .arguments = { WEIR_SPELLING_TEXT, WEIR_SLICE ("[1]") } },
                    NULL, "[1]");
  assert_arguments (
      (WeirCall){ .arguments = { WEIR_SPELLING_JSON, WEIR_SLICE ("{\"a\":1}") } },
      "{\"a\":1}", "{\\\"a\\\":1}");
  assert_arguments (
      (WeirCall){ .custom = TRUE,
                  .arguments = { WEIR_SPELLING_TEXT, WEIR_SLICE ("a\\n\\\"b") } },
      "{\"input\":\"a\\n\\\"b\"}", "{\\\"input\\\":\\\"a\\\\n\\\\\\\"b\\\"}");
}

static void
test_what_answers_look_at_outlives_the_turns (void)
{
  static const char text[] = "{\"input\":\"long\",\"instructions\":\"be\",\"tools\":[1]}";
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (WeirRequest) request
      = weir_request_new (WEIR_DIALECT_OPENAI_RESPONSES, body, NULL);
  const WeirTool *tool;
  WeirSlice raw;

  weir_request_add_message (request, WEIR_ROLE_USER);
  weir_request_add_tool (request, WEIR_TOOL_FUNCTION)->name = WEIR_SLICE ("first");
  weir_request_add_tool (request, WEIR_TOOL_CUSTOM)->scope = WEIR_SLICE ("space");
  request->include_usage = WEIR_YES;
  request->thinking.shown = WEIR_NO;
  weir_request_reduce (request);

  g_assert_null (request->messages);
  g_assert_cmpint (request->include_usage, ==, WEIR_YES);
  g_assert_cmpint (request->thinking.shown, ==, WEIR_NO);
  g_assert_cmpuint (request->n_tools, ==, 2);
  tool = request->tools;
  g_assert_true (weir_slice_equal (tool->name, WEIR_SLICE ("first")));
  g_assert_cmpint (tool->next->type, ==, WEIR_TOOL_CUSTOM);
  g_assert_true (weir_slice_equal (tool->next->scope, WEIR_SLICE ("space")));
  g_assert_cmpuint (weir_json_lookup (&request->json, 0, "input"), ==, 0);
  raw = weir_json_get_raw (&request->json,
                           weir_json_lookup (&request->json, 0, "instructions"));
  g_assert_true (weir_slice_equal (raw, WEIR_SLICE ("\"be\"")));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/request/bodies-that-are-no-object-are-refused",
                   test_bodies_that_are_no_object_are_refused);
  g_test_add_func ("/request/the-arena-gives-zeroed-memory-of-any-size",
                   test_the_arena_gives_zeroed_memory_of_any_size);
  g_test_add_func ("/request/lists-keep-the-order-of-what-was-added",
                   test_lists_keep_the_order_of_what_was_added);
  g_test_add_func ("/request/unknown-members-keep-name-and-value",
                   test_unknown_members_keep_name_and_value);
  g_test_add_func ("/request/what-answers-look-at-outlives-the-turns",
                   test_what_answers_look_at_outlives_the_turns);
  g_test_add_func ("/request/long-lists-are-quick", test_long_lists_are_quick);
  g_test_add_func ("/request/results-find-their-calls", test_results_find_their_calls);
  g_test_add_func ("/request/turns-are-runs-of-one-side", test_turns_are_runs_of_one_side);
  g_test_add_func ("/request/values-are-told-as-text-and-as-json",
                   test_values_are_told_as_text_and_as_json);
  g_test_add_func ("/request/arguments-are-one-object", test_arguments_are_one_object);
  return g_test_run ();
}
