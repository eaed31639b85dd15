/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Payload rules: what each does to a body, byte by byte; when a rule holds; and that many
 * at once are the same as one after another. */

#include "config.h"

#include "base/weir-error.h"
#include "base/weir-json.h"
#include "providers/weir-payload.h"

/* A rule a line: `override a.b=1`, `filter a`, `drop-tools x`; without models. */
static void
add_line (WeirPayload *payload, const char *line)
{
  g_auto (GStrv) parts = g_strsplit (line, " ", 2);
  const char *equals = strstr (parts[1], "=>");
  WeirPayloadSection section = WEIR_PAYLOAD_DEFAULT;
  g_autoptr (WeirPayloadRule) rule = NULL;
  g_autoptr (GError) error = NULL;

  while (!g_str_equal (weir_payload_section_get_name (section), parts[0]))
    section++; /* fails behind the last one */
  rule = weir_payload_rule_new (section);
  if (equals != NULL)
    {
      g_autofree char *path = g_strndup (parts[1], (gsize)(equals - parts[1]));

      weir_payload_rule_add_value (rule, path, weir_slice_from_string (equals + 2), &error);
    }
  else
    weir_payload_rule_add_path (rule, parts[1], &error);
  g_assert_no_error (error);
  g_assert_true (weir_payload_add_rule (payload, g_steal_pointer (&rule), NULL));
}

static WeirPayload *
make_payload (const char *lines)
{
  g_auto (GStrv) split = g_strsplit (lines, "\n", -1);
  WeirPayload *payload = weir_payload_new ();

  for (char **line = split; *line != NULL; line++)
    if (**line != '\0')
      add_line (payload, *line);
  return payload;
}

/* (transfer full): the body after @sets, or a copy of @body. */
static char *
apply (const WeirPayload *const *sets,
       unsigned n,
       const WeirPayloadContext *context,
       const char *original,
       const char *body)
{
  static const WeirPayloadContext nothing = { 0 };
  g_autoptr (GBytes) out = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *bytes;

  g_assert_true (weir_payload_apply (sets, n, context != NULL ? context : &nothing,
                                     weir_slice_from_string (original),
                                     weir_slice_from_string (body), &out, &error));
  g_assert_no_error (error);
  if (out == NULL)
    return g_strdup (body);
  bytes = g_bytes_get_data (out, &length);
  return g_strndup (bytes, length);
}

static char *
apply_lines (const char *lines, const char *original, const char *body)
{
  g_autoptr (WeirPayload) payload = make_payload (lines);
  const WeirPayload *set = payload;

  return apply (&set, 1, NULL, original, body);
}

typedef struct
{
  const char *lines;
  const char *body;
  const char *expected;
} Case;

/* clang-format off */
static const Case cases[] = {
  /* replaced, added, made */
  { "override temperature=>0.2", "{ \"temperature\" : 1e0 , \"n\":1 }", "{ \"temperature\" : 0.2 , \"n\":1 }" },
  { "override temperature=>0.2", "{\"n\":1}", "{\"n\":1,\"temperature\":0.2}" },
  { "override a=>1", "{}", "{\"a\":1}" },
  { "override a.b.c=>\"x\"", "{\"k\":0}", "{\"k\":0,\"a\":{\"b\":{\"c\":\"x\"}}}" },
  { "override a.b.c=>1", "{\"a\":{\"b\":{}}}", "{\"a\":{\"b\":{\"c\":1}}}" },
  { "override a.b=>1", "{\"a\":\"scalar\"}", "{\"a\":{\"b\":1}}" },
  { "override a.0.b=>1", "{}", "{\"a\":[{\"b\":1}]}" },
  { "override a.2=>1", "{}", "{\"a\":[null,null,1]}" },
  { "override a.-1=>1", "{}", "{\"a\":[1]}" },
  { "override a.:0=>1", "{}", "{\"a\":{\"0\":1}}" },
  { "override a.0=>1", "{\"a\":{}}", "{\"a\":{\"0\":1}}" },
  { "override a.-1=>9", "{\"a\":[1, 2]}", "{\"a\":[1, 2,9]}" },
  { "override a.-1.b=>9", "{\"a\":[]}", "{\"a\":[{\"b\":9}]}" },
  { "override a.1=>9", "{\"a\":[1, 2 ,3]}", "{\"a\":[1, 9 ,3]}" },
  { "override a.4=>9", "{\"a\":[1,2]}", "{\"a\":[1,2,null,null,9]}" },
  { "override a.b=>9", "{\"a\":[1,2]}", "{\"a\":[1,2]}" },
  { "override a\\.b=>9", "{\"a\":{}}", "{\"a\":{},\"a.b\":9}" },
  { "override a\\\"\\\\=>9", "{}", "{\"a\\\"\\\\\":9}" },
  { "override a=>{\"b\": [1, 2]}", "{\"a\":0}", "{\"a\":{\"b\": [1, 2]}}" },
  /* queries find, and make only behind what they found */
  { "override t.#(n==\"x\").s=>true", "{\"t\":[{\"n\":\"y\"},{\"n\":\"x\"},{\"n\":\"x\"}]}", "{\"t\":[{\"n\":\"y\"},{\"n\":\"x\",\"s\":true},{\"n\":\"x\"}]}" },
  { "override t.#(n==\"x\")#.s=>true", "{\"t\":[{\"n\":\"y\"},{\"n\":\"x\"},{\"n\":\"x\",\"s\":0}]}", "{\"t\":[{\"n\":\"y\"},{\"n\":\"x\",\"s\":true},{\"n\":\"x\",\"s\":true}]}" },
  { "override t.#(n==\"z\").s=>true", "{\"t\":[{\"n\":\"y\"}]}", "{\"t\":[{\"n\":\"y\"}]}" },
  { "override t.#(n==\"z\").s=>true", "{}", "{}" },
  { "override t.u.#(n==\"z\").s=>true", "{\"t\":1}", "{\"t\":1}" },
  /* deleted */
  { "filter a", "{\"a\":1, \"b\":2}", "{\"b\":2}" },
  { "filter b", "{\"a\":1, \"b\":2}", "{\"a\":1}" },
  { "filter a.b", "{\"a\":{\"b\":1}}", "{\"a\":{}}" },
  { "filter a.b", "{\"a\":1}", "{\"a\":1}" },
  { "filter a.0", "{\"a\":[1, 2, 3]}", "{\"a\":[2, 3]}" },
  { "filter a.2", "{\"a\":[1, 2, 3]}", "{\"a\":[1, 2]}" },
  { "filter a.0", "{\"a\":[ 1 ]}", "{\"a\":[  ]}" },
  { "filter a.-1", "{\"a\":[1]}", "{\"a\":[1]}" },
  { "filter t.#(n==\"x\")", "{\"t\":[{\"n\":\"x\"},1,{\"n\":\"x\"}]}", "{\"t\":[1,{\"n\":\"x\"}]}" },
  { "filter t.#(n==\"x\")#", "{\"t\":[{\"n\":\"x\"},1,{\"n\":\"x\"}]}", "{\"t\":[1]}" },
  { "filter t.#(n==\"x\")#", "{\"t\":[{\"n\":\"x\"},{\"n\":\"x\"}]}", "{\"t\":[]}" },
  { "filter m.#(r==1)#.c.0", "{\"m\":[{\"r\":1,\"c\":[1,2]},{\"r\":2,\"c\":[1]},{\"r\":1,\"c\":[3]}]}", "{\"m\":[{\"r\":1,\"c\":[2]},{\"r\":2,\"c\":[1]},{\"r\":1,\"c\":[]}]}" },
  { "filter a", "{\"b\":1}", "{\"b\":1}" },
  /* one after another */
  { "override a=>1\noverride a=>2", "{}", "{\"a\":2}" },
  { "override a.b=>1\noverride a.c=>2", "{}", "{\"a\":{\"b\":1,\"c\":2}}" },
  { "override a.b=>1\noverride a.c=>2", "{\"a\":{\"b\":0,\"c\":0}}", "{\"a\":{\"b\":1,\"c\":2}}" },
  { "override a=>{}\noverride a.b=>1", "{\"a\":5}", "{\"a\":{\"b\":1}}" },
  { "override a.-1=>1\noverride a.-1=>2", "{\"a\":[0]}", "{\"a\":[0,1,2]}" },
  { "override a.b=>1\nfilter a", "{}", "{}" },
  { "override a.b=>1\nfilter a.b", "{\"a\":{}}", "{\"a\":{}}" },
  { "override t.-1=>{\"n\":\"x\"}\noverride t.#(n==\"x\").s=>1", "{\"t\":[]}", "{\"t\":[{\"n\":\"x\",\"s\":1}]}" },
  { "override t.0.n=>\"y\"\noverride t.#(n==\"x\").s=>1", "{\"t\":[{\"n\":\"x\"}]}", "{\"t\":[{\"n\":\"y\"}]}" },
  { "override a=>[]\nfilter a.b", "{\"a\":{\"b\":1}}", "{\"a\":[]}" },
  { "filter a.0\nfilter a.0", "{\"a\":[1,2,3]}", "{\"a\":[3]}" },
  { "filter a\nfilter b\nfilter c", "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}", "{\"d\":4}" },
  /* defaults: the first wins, raw ones come later */
  { "default a=>1\ndefault a=>2", "{}", "{\"a\":1}" },
  { "default-raw a=>1\ndefault a=>2", "{}", "{\"a\":2}" },
  { "default a=>1", "{\"a\":null}", "{\"a\":null}" },
  { "default a=>1\noverride a=>2\noverride-raw a=>3", "{}", "{\"a\":3}" },
  { "filter a\noverride a=>2", "{}", "{}" },
};
/* clang-format on */

static void
test_rules_change_only_what_they_name (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *got = apply_lines (cases[i].lines, cases[i].body, cases[i].body);

      g_test_message ("%s | %s", cases[i].lines, cases[i].body);
      g_assert_cmpstr (got, ==, cases[i].expected);
    }
}

static void
test_a_default_looks_at_the_original (void)
{
  /* thinking was added after the translation: it does not count */
  g_autofree char *got = apply_lines ("default thinking.budget=>9", "{\"n\":1}",
                                      "{\"n\":1,\"thinking\":{\"budget\":5}}");
  g_autofree char *kept = apply_lines ("default n=>9", "{\"n\":1}", "{\"m\":1}");

  g_assert_cmpstr (got, ==, "{\"n\":1,\"thinking\":{\"budget\":9}}");
  g_assert_cmpstr (kept, ==, "{\"m\":1}");
}

static void
test_the_most_specific_set_wins (void)
{
  g_autoptr (WeirPayload) row
      = make_payload ("default a=>\"row\"\noverride b=>\"row\"\nfilter c\ndrop-tools x");
  g_autoptr (WeirPayload) global
      = make_payload ("default a=>\"global\"\noverride-raw b=>\"global\"\nfilter d");
  const WeirPayload *sets[] = { row, NULL, global };
  g_autofree char *got
      = apply (sets, 3, NULL, "{}",
               "{\"c\":1,\"d\":1,\"tools\":[{\"name\":\"x\"},{\"name\":\"y\"}]}");

  g_assert_cmpstr (got, ==, "{\"tools\":[{\"name\":\"y\"}],\"a\":\"row\",\"b\":\"row\"}");
}

static void
test_an_envelope_is_stepped_into (void)
{
  g_autoptr (WeirPayload) payload = make_payload ("default a=>1\nfilter b\ndrop-tools x");
  const WeirPayload *set = payload;
  const WeirPayloadContext context = { .root = "request" };
  g_autofree char *got = apply (&set, 1, &context, "{}",
                                "{\"b\":1,\"request\":{\"b\":1,\"tools\":[{"
                                "\"functionDeclarations\":[{\"name\":\"x\"}]}]}}");
  g_autofree char *other = apply (&set, 1, &context, "{}", "{\"b\":1}");

  g_assert_cmpstr (got, ==, "{\"b\":1,\"request\":{\"a\":1}}");
  g_assert_cmpstr (other, ==, "{\"b\":1}");
}

typedef struct
{
  const char *body;
  const char *expected;
} Drop;

/* clang-format off */
static const Drop drops[] = {
  /* Chat */
  { "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"bad\"}},{\"type\":\"function\",\"function\":{\"name\":\"ok\"}}],\"tool_choice\":\"auto\"}",
    "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"ok\"}}],\"tool_choice\":\"auto\"}" },
  { "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"bad\"}},{\"type\":\"function\",\"function\":{\"name\":\"ok\"}}],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"bad\"}}}",
    "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"ok\"}}]}" },
  { "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"bad\"}}],\"tool_choice\":\"required\",\"parallel_tool_calls\":true,\"n\":1}",
    "{\"n\":1}" },
  { "{\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"bad\"}},{\"type\":\"function\",\"function\":{\"name\":\"ok\"}}]}",
    "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"ok\"}}]}" },
  { "{\"tools\":[{\"function\":{\"name\":\"bad\"}},{\"function\":{\"name\":\"ok\"}}],\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"auto\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"bad\"}},{\"type\":\"function\",\"function\":{\"name\":\"ok\"}}]}}}",
    "{\"tools\":[{\"function\":{\"name\":\"ok\"}}],\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"auto\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"ok\"}}]}}}" },
  { "{\"functions\":[{\"name\":\"bad\"}],\"function_call\":\"auto\",\"n\":1}", "{\"n\":1}" },
  { "{\"functions\":[{\"name\":\"bad\"},{\"name\":\"ok\"}],\"function_call\":{\"name\":\"bad\"}}", "{\"functions\":[{\"name\":\"ok\"}]}" },
  /* Responses */
  { "{\"tools\":[{\"type\":\"function\",\"name\":\"bad\"},{\"type\":\"web_search\"}],\"tool_choice\":{\"type\":\"function\",\"name\":\"bad\"}}",
    "{\"tools\":[{\"type\":\"web_search\"}]}" },
  { "{\"tools\":[{\"type\":\"vendor_tool\"},{\"type\":\"function\",\"name\":\"ok\"}],\"tool_choice\":{\"type\":\"vendor_tool\"}}",
    "{\"tools\":[{\"type\":\"function\",\"name\":\"ok\"}]}" },
  { "{\"tools\":[{\"type\":\"function\",\"name\":\"bad\"},{\"type\":\"function\",\"name\":\"ok\"}],\"tool_choice\":{\"type\":\"allowed_tools\",\"mode\":\"auto\",\"tools\":[{\"type\":\"function\",\"name\":\"bad\"}]}}",
    "{\"tools\":[{\"type\":\"function\",\"name\":\"ok\"}]}" },
  /* Anthropic, with the prefix of a client's server */
  { "{\"tools\":[{\"name\":\"mcp__srv__bad\",\"input_schema\":{}},{\"name\":\"notbad\"},{\"name\":\"_bad\"}],\"tool_choice\":{\"type\":\"tool\",\"name\":\"mcp__srv__bad\"}}",
    "{\"tools\":[{\"name\":\"notbad\"},{\"name\":\"_bad\"}]}" },
  { "{\"tools\":[{\"name\":\"ok\"}],\"tool_choice\":{\"type\":\"any\"}}", "{\"tools\":[{\"name\":\"ok\"}],\"tool_choice\":{\"type\":\"any\"}}" },
  { "{\"tools\":[{\"name\":\"Bad\"}]}", "{\"tools\":[{\"name\":\"Bad\"}]}" },
  /* Gemini */
  { "{\"tools\":[{\"functionDeclarations\":[{\"name\":\"bad\"},{\"name\":\"ok\"}]},{\"googleSearch\":{}}],\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"ANY\",\"allowedFunctionNames\":[\"bad\",\"ok\"]}}}",
    "{\"tools\":[{\"functionDeclarations\":[{\"name\":\"ok\"}]},{\"googleSearch\":{}}],\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"ANY\",\"allowedFunctionNames\":[\"ok\"]}}}" },
  { "{\"tools\":[{\"function_declarations\":[{\"name\":\"bad\"}]},{\"googleSearch\":{}}],\"tool_config\":{\"function_calling_config\":{\"mode\":\"ANY\",\"allowed_function_names\":[\"bad\"]}}}",
    "{\"tools\":[{\"googleSearch\":{}}],\"tool_config\":{}}" },
  { "{\"tools\":[{\"functionDeclarations\":[{\"name\":\"bad\"}],\"googleSearch\":{}}]}", "{\"tools\":[{\"googleSearch\":{}}]}" },
  { "{\"tools\":[{\"functionDeclarations\":[{\"name\":\"bad\"}]}],\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"ANY\"}},\"contents\":[]}",
    "{\"contents\":[]}" },
  /* odd shapes stay */
  { "{\"tools\":[]}", "{\"tools\":[]}" },
  { "{\"tools\":{\"name\":\"bad\"}}", "{\"tools\":{\"name\":\"bad\"}}" },
  { "{\"tools\":[1,null,\"bad\",{\"name\":7}],\"tool_choice\":[]}", "{\"tools\":[1,null,\"bad\",{\"name\":7}],\"tool_choice\":[]}" },
};
/* clang-format on */

static void
test_a_dropped_tool_takes_its_choice_along (void)
{
  static char *names[] = { (char *)"bad", (char *)"vendor_tool", (char *)"", NULL };
  const WeirPayloadContext context = { .drop_tools = names };

  for (size_t i = 0; i < G_N_ELEMENTS (drops); i++)
    {
      g_autofree char *by_entry = apply (NULL, 0, &context, "{}", drops[i].body);
      g_autofree char *by_rule
          = apply_lines ("drop-tools bad\ndrop-tools vendor_tool", "{}", drops[i].body);

      g_test_message ("%s", drops[i].body);
      g_assert_cmpstr (by_entry, ==, drops[i].expected);
      g_assert_cmpstr (by_rule, ==, drops[i].expected);
    }
}

static gboolean
lookup_header (gpointer user_data, const char *name, WeirSlice *out_value)
{
  if (g_ascii_strcasecmp (name, "x-team") != 0)
    return FALSE;
  *out_value = WEIR_SLICE ("blue-7");
  return TRUE;
}

static const WeirPayloadContext some_context = {
  .upstream_model = "gpt-5",
  .requested_model = "fast(high)",
  .requested_base = "fast",
  .protocol = "openai-response",
  .from_protocol = "claude",
  .lookup_header = lookup_header,
};

/* Does a rule of one model entry hold?  @finish adds to the entry. */
static gboolean
holds (const char *name,
       const char *protocol,
       void (*finish) (WeirPayloadModel *model),
       const WeirPayloadContext *context)
{
  g_autoptr (WeirPayload) payload = weir_payload_new ();
  WeirPayloadRule *rule = weir_payload_rule_new (WEIR_PAYLOAD_OVERRIDE);
  WeirPayloadModel *model = weir_payload_rule_add_model (rule, name, protocol);
  const WeirPayload *set = payload;
  g_autofree char *got = NULL;

  if (finish != NULL)
    finish (model);
  g_assert_true (weir_payload_rule_add_value (rule, "x", WEIR_SLICE ("1"), NULL));
  g_assert_true (weir_payload_add_rule (payload, rule, NULL));
  got = apply (&set, 1, context, "{}", "{\"n\":{\"m\":1.50}}");
  return strstr (got, "\"x\"") != NULL;
}

static void
test_a_rule_names_models_and_protocols (void)
{
  g_assert_true (holds ("gpt-5", NULL, NULL, &some_context));
  g_assert_true (holds ("fast", "", NULL, &some_context));
  g_assert_true (holds ("fast(high)", NULL, NULL, &some_context));
  g_assert_true (holds ("g*5", NULL, NULL, &some_context));
  g_assert_true (holds ("*", NULL, NULL, &some_context));
  g_assert_true (holds ("*-*", NULL, NULL, &some_context));
  g_assert_false (holds ("GPT-5", NULL, NULL, &some_context));
  g_assert_false (holds ("gpt", NULL, NULL, &some_context));
  g_assert_false (holds ("", NULL, NULL, &some_context));
  g_assert_true (holds ("*", "Responses", NULL, &some_context));
  g_assert_true (holds ("*", "OPENAI-RESPONSE", NULL, &some_context));
  g_assert_false (holds ("*", "openai", NULL, &some_context));
}

static void
set_claude (WeirPayloadModel *model)
{
  weir_payload_model_set_from_protocol (model, "gemini");
  weir_payload_model_set_from_protocol (model, "Claude");
}

static void
set_gemini (WeirPayloadModel *model)
{
  weir_payload_model_set_from_protocol (model, "gemini");
}

static void
add_blue (WeirPayloadModel *model)
{
  weir_payload_model_add_header (model, "X-Team", "blue-*");
}

static void
add_red (WeirPayloadModel *model)
{
  add_blue (model);
  weir_payload_model_add_header (model, "X-Team", "red-*");
}

static void
add_absent (WeirPayloadModel *model)
{
  weir_payload_model_add_header (model, "X-Other", "*");
}

static void
test_a_rule_names_the_client_and_its_headers (void)
{
  const WeirPayloadContext bare = { .upstream_model = "gpt-5" };

  g_assert_true (holds ("*", NULL, set_claude, &some_context));
  g_assert_false (holds ("*", NULL, set_gemini, &some_context));
  g_assert_true (holds ("*", NULL, add_blue, &some_context));
  g_assert_false (holds ("*", NULL, add_red, &some_context));
  g_assert_false (holds ("*", NULL, add_absent, &some_context));
  g_assert_false (holds ("*", NULL, add_blue, &bare));
}

static WeirPayloadTest test_kind;
static const char *test_path;
static const char *test_json;

static void
add_test (WeirPayloadModel *model)
{
  g_assert_true (weir_payload_model_add_test (model, test_kind, test_path,
                                              weir_slice_from_string (test_json), NULL));
}

static gboolean
test_holds (WeirPayloadTest kind, const char *path, const char *json)
{
  test_kind = kind;
  test_path = path;
  test_json = json;
  return holds ("*", NULL, add_test, &some_context);
}

static void
test_a_rule_looks_at_the_body (void)
{
  g_assert_true (test_holds (WEIR_PAYLOAD_TEST_MATCH, "n.m", "1.5"));
  g_assert_false (test_holds (WEIR_PAYLOAD_TEST_MATCH, "n.m", "\"1.5\""));
  g_assert_false (test_holds (WEIR_PAYLOAD_TEST_MATCH, "n.k", "1.5"));
  g_assert_false (test_holds (WEIR_PAYLOAD_TEST_NOT_MATCH, "n.m", "1.5"));
  g_assert_true (test_holds (WEIR_PAYLOAD_TEST_NOT_MATCH, "n.m", "2"));
  g_assert_true (test_holds (WEIR_PAYLOAD_TEST_NOT_MATCH, "n.k", "2"));
  g_assert_true (test_holds (WEIR_PAYLOAD_TEST_EXIST, "n", NULL));
  g_assert_false (test_holds (WEIR_PAYLOAD_TEST_EXIST, "k", NULL));
  g_assert_true (test_holds (WEIR_PAYLOAD_TEST_NOT_EXIST, "n.k", NULL));
  g_assert_false (test_holds (WEIR_PAYLOAD_TEST_NOT_EXIST, "n.m", NULL));
}

/* The second rule asks for what the first one makes: it looks at the body as it came. */
static void
test_no_rule_makes_another_hold (void)
{
  g_autoptr (WeirPayload) payload = make_payload ("override a=>1");
  WeirPayloadRule *rule = weir_payload_rule_new (WEIR_PAYLOAD_OVERRIDE);
  WeirPayloadModel *model = weir_payload_rule_add_model (rule, "*", NULL);
  const WeirPayload *set = payload;
  g_autofree char *got = NULL;

  g_assert_true (weir_payload_model_add_test (model, WEIR_PAYLOAD_TEST_EXIST, "a",
                                              (WeirSlice){ 0 }, NULL));
  g_assert_true (weir_payload_rule_add_value (rule, "b", WEIR_SLICE ("1"), NULL));
  g_assert_true (weir_payload_add_rule (payload, rule, NULL));
  got = apply (&set, 1, &some_context, "{}", "{}");
  g_assert_cmpstr (got, ==, "{\"a\":1}");
}

static void
test_nothing_to_do_reads_nothing (void)
{
  g_autoptr (WeirPayload) empty = weir_payload_new ();
  g_autoptr (WeirPayload) other = weir_payload_new ();
  WeirPayloadRule *rule = weir_payload_rule_new (WEIR_PAYLOAD_FILTER);
  const WeirPayload *sets[] = { empty, other, NULL };
  GBytes *out;

  weir_payload_rule_add_model (rule, "another", NULL);
  g_assert_true (weir_payload_rule_add_path (rule, "a", NULL));
  g_assert_true (weir_payload_add_rule (other, rule, NULL));
  g_assert_true (weir_payload_is_empty (empty));
  g_assert_false (weir_payload_is_empty (other));
  g_assert_true (weir_payload_apply (sets, 3, &some_context, WEIR_SLICE ("no JSON"),
                                     WEIR_SLICE ("no JSON"), &out, NULL));
  g_assert_null (out);
}

static void
test_a_body_must_be_an_object (void)
{
  g_autoptr (WeirPayload) payload = make_payload ("default a=>1");
  const WeirPayload *set = payload;
  static const char *const bodies[] = { "", "[]", "1", "{", "{\"a\":1}x" };
  GBytes *out;

  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_assert_false (weir_payload_apply (&set, 1, &some_context, WEIR_SLICE ("{}"),
                                          weir_slice_from_string (bodies[i]), &out, NULL));
      g_assert_false (weir_payload_apply (&set, 1, &some_context,
                                          weir_slice_from_string (bodies[i]),
                                          WEIR_SLICE ("{}"), &out, NULL));
    }
}

static void
test_what_cannot_be_a_rule_is_said (void)
{
  g_autoptr (WeirPayloadRule) rule = weir_payload_rule_new (WEIR_PAYLOAD_OVERRIDE);
  g_autoptr (WeirPayloadRule) filter = weir_payload_rule_new (WEIR_PAYLOAD_FILTER);
  g_autoptr (WeirPayloadRule) drop = weir_payload_rule_new (WEIR_PAYLOAD_DROP_TOOLS);
  WeirPayloadModel *model = weir_payload_rule_add_model (rule, "*", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (weir_payload_rule_add_value (rule, "a.*", WEIR_SLICE ("1"), &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
  g_assert_nonnull (strstr (error->message, "a.*"));
  g_clear_error (&error);
  g_assert_false (weir_payload_rule_add_value (rule, "a", WEIR_SLICE ("x"), &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
  g_clear_error (&error);
  g_assert_false (weir_payload_rule_add_path (filter, "", &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
  g_clear_error (&error);
  g_assert_false (weir_payload_rule_add_path (drop, "", &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
  g_clear_error (&error);
  g_assert_false (weir_payload_model_add_test (model, WEIR_PAYLOAD_TEST_MATCH, "a",
                                               WEIR_SLICE ("x"), &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
  g_clear_error (&error);
  g_assert_false (weir_payload_model_add_test (model, WEIR_PAYLOAD_TEST_MATCH, "a",
                                               WEIR_SLICE ("\"\\u0000\""), &error));
  for (unsigned i = 0; i < WEIR_PAYLOAD_VALUES_MAX; i++)
    g_assert_true (weir_payload_rule_add_path (drop, "x", NULL));
  g_clear_error (&error);
  g_assert_false (weir_payload_rule_add_path (drop, "x", &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
}

static void
test_rules_are_bounded (void)
{
  g_autoptr (WeirPayload) payload = weir_payload_new ();
  g_autoptr (GError) error = NULL;

  for (unsigned i = 0; i < WEIR_PAYLOAD_RULES_MAX; i++)
    g_assert_true (
        weir_payload_add_rule (payload, weir_payload_rule_new (WEIR_PAYLOAD_FILTER), NULL));
  g_assert_false (
      weir_payload_add_rule (payload, weir_payload_rule_new (WEIR_PAYLOAD_FILTER), &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
}

static char *
draw_line (void)
{
  static const char *const steps[] = { "a", "b", "0", "1", "-1", "#(a==1)", "#(a==1)#" };
  static const char *const values[] = { "1", "{}", "[]", "{\"a\":1}", "[{\"a\":1},2]" };
  g_autoptr (GString) path = g_string_new (NULL);
  const int n = g_test_rand_int_range (1, 4);

  for (int i = 0; i < n; i++)
    g_string_append_printf (path, "%s%s", i > 0 ? "." : "",
                            steps[g_test_rand_int_range (0, G_N_ELEMENTS (steps))]);
  if (g_test_rand_int_range (0, 3) == 0)
    return g_strdup_printf ("filter %s", path->str);
  return g_strdup_printf ("override %s=>%s", path->str,
                          values[g_test_rand_int_range (0, G_N_ELEMENTS (values))]);
}

/* Overrides come before filters, each in order; so applied alone in that order. */
static void
test_many_rules_are_one_after_another (void)
{
  for (int round = 0; round < 3000; round++)
    {
      g_autoptr (GString) overrides = g_string_new (NULL);
      g_autoptr (GString) filters = g_string_new (NULL);
      g_autofree char *all = NULL;
      g_autofree char *at_once = NULL;
      g_autofree char *one_by_one = g_strdup (
          "{ \"a\" : [ 1 , {\"a\":1, \"b\":{}} ], \"b\":{\"a\":[{\"a\":1},{}]}}");
      g_auto (GStrv) lines = NULL;

      for (int i = 0; i < 6; i++)
        {
          g_autofree char *line = draw_line ();

          g_string_append_printf (*line == 'o' ? overrides : filters, "%s\n", line);
        }
      all = g_strconcat (overrides->str, filters->str, NULL);
      at_once = apply_lines (all, "{}", one_by_one);
      lines = g_strsplit (all, "\n", -1);
      for (char **line = lines; *line != NULL; line++)
        {
          g_autofree char *before = one_by_one;

          one_by_one = apply_lines (*line, "{}", before);
        }
      if (strcmp (at_once, one_by_one) != 0)
        g_test_message ("%s", all);
      g_assert_cmpstr (at_once, ==, one_by_one);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/payload/rules-change-only-what-they-name",
                   test_rules_change_only_what_they_name);
  g_test_add_func ("/payload/a-default-looks-at-the-original",
                   test_a_default_looks_at_the_original);
  g_test_add_func ("/payload/the-most-specific-set-wins", test_the_most_specific_set_wins);
  g_test_add_func ("/payload/an-envelope-is-stepped-into",
                   test_an_envelope_is_stepped_into);
  g_test_add_func ("/payload/a-dropped-tool-takes-its-choice-along",
                   test_a_dropped_tool_takes_its_choice_along);
  g_test_add_func ("/payload/a-rule-names-models-and-protocols",
                   test_a_rule_names_models_and_protocols);
  g_test_add_func ("/payload/a-rule-names-the-client-and-its-headers",
                   test_a_rule_names_the_client_and_its_headers);
  g_test_add_func ("/payload/a-rule-looks-at-the-body", test_a_rule_looks_at_the_body);
  g_test_add_func ("/payload/no-rule-makes-another-hold", test_no_rule_makes_another_hold);
  g_test_add_func ("/payload/nothing-to-do-reads-nothing",
                   test_nothing_to_do_reads_nothing);
  g_test_add_func ("/payload/a-body-must-be-an-object", test_a_body_must_be_an_object);
  g_test_add_func ("/payload/what-cannot-be-a-rule-is-said",
                   test_what_cannot_be_a_rule_is_said);
  g_test_add_func ("/payload/rules-are-bounded", test_rules_are_bounded);
  g_test_add_func ("/payload/many-rules-are-one-after-another",
                   test_many_rules_are_one_after_another);
  return g_test_run ();
}
