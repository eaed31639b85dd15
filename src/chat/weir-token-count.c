/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Counters: Anthropic "count tokens in a message", OpenAI "get input token counts", Gemini
 * models.countTokens, all read 2026-11. */

#include "config.h"

#include "chat/weir-token-count.h"

#include "base/weir-json-edit.h"
#include "base/weir-json-write.h"

/* Members of a request that its counter takes too.  Of Gemini it takes all. */
static const char *const anthropic_members[] = {
  "model",         "messages",    "system",      "tools", "thinking",
  "output_config", "mcp_servers", "tool_choice", NULL,
};
static const char *const responses_members[] = {
  "model",       "input",        "instructions",        "tools",
  "reasoning",   "text",         "truncation",          "previous_response_id",
  "tool_choice", "conversation", "parallel_tool_calls", NULL,
};

static const char *const *const members[WEIR_DIALECT_LAST] = {
  [WEIR_DIALECT_OPENAI_RESPONSES] = responses_members,
  [WEIR_DIALECT_ANTHROPIC] = anthropic_members,
};

static const char *
get_count_name (WeirDialect dialect)
{
  return dialect == WEIR_DIALECT_GEMINI ? "totalTokens" : "input_tokens";
}

static GBytes *
keep_members (WeirSlice body, const char *const *names)
{
  static const WeirJsonLimits shallow = { .record_depth = 1 };
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  gboolean parsed = weir_json_parse (&json, body.text, body.length, &shallow, NULL);

  g_assert (parsed); /* a writer wrote it */
  for (uint32_t i = weir_json_first (&json, 0); i != 0; i = weir_json_next (&json, 0, i))
    {
      g_autofree char *name = weir_json_dup_text (&json, i);

      if (name != NULL && !g_strv_contains (names, name))
        weir_json_edit_remove (&edit, &json, 0, name);
    }
  return weir_json_edit_apply (&edit, body);
}

/* {"generateContentRequest":{"model":"models/NAME", the request's members}} */
static GBytes *
put_into_envelope (WeirSlice body, const char *model)
{
  g_autofree char *path = g_strconcat ("models/", model, NULL);
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  static const WeirJsonLimits shallow = { .record_depth = 1 };
  gboolean parsed = weir_json_parse (&json, body.text, body.length, &shallow, NULL);
  g_autoptr (GString) name = g_string_new ("\"");
  g_autoptr (GBytes) inner = NULL;
  GString *out = g_string_sized_new (body.length + 128);
  WeirJsonWriter w;
  gsize length;
  const char *text;

  g_assert (parsed);
  weir_json_escape (name, weir_slice_from_string (path), FALSE);
  g_string_append_c (name, '"');
  weir_json_edit_set (&edit, &json, 0, "model", (WeirSlice){ name->str, name->len });
  inner = weir_json_edit_apply (&edit, body);
  text = g_bytes_get_data (inner, &length);
  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  weir_json_add_raw (&w, "generateContentRequest", (WeirSlice){ text, length });
  weir_json_close (&w);
  return g_string_free_to_bytes (out);
}

GBytes *
weir_token_count_write_request (WeirDialect upstream,
                                gboolean bare,
                                WeirSlice body,
                                const char *model)
{
  g_return_val_if_fail (upstream < WEIR_DIALECT_LAST, NULL);

  if (members[upstream] != NULL)
    return keep_members (body, members[upstream]);
  if (upstream == WEIR_DIALECT_GEMINI && !bare)
    return put_into_envelope (body, model);
  return g_bytes_new (body.text, body.length);
}

gboolean
weir_token_count_read (WeirDialect upstream,
                       WeirSlice answer,
                       uint64_t *out_count,
                       GError **error)
{
  static const WeirJsonLimits shallow = { .record_depth = 1 };
  g_auto (WeirJson) json = { 0 };
  uint32_t count;

  if (weir_json_parse (&json, answer.text, answer.length, &shallow, NULL)
      && (count = weir_json_lookup (&json, 0, get_count_name (upstream))) != 0
      && weir_json_get_uint (&json, count, out_count))
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                         "the upstream was asked for a count and answered without one");
}

void
weir_token_count_write (GString *out, WeirDialect client, uint64_t count)
{
  WeirJsonWriter w;

  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  if (client == WEIR_DIALECT_OPENAI_RESPONSES)
    weir_json_add_string (&w, "object", "response.input_tokens");
  weir_json_add_uint (&w, get_count_name (client), count);
  weir_json_close (&w);
}
