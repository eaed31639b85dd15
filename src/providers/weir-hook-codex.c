/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The ChatGPT backend of Codex: OpenAI Responses that keeps nothing, only streams, and
 * refuses some members (Codex CLI's source and what others found, read 2026-10). */

#include "config.h"

#include "providers/weir-hook.h"

#include "base/weir-json-edit.h"
#include "base/weir-json-write.h"
#include "chat/weir-fold.h"

/* Refused by the backend; each a wish about the answer or its keeping that a subscription
 * does not grant. */
static const char *const dropped[] = {
  "background",
  "context_management",
  "max_completion_tokens",
  "max_output_tokens",
  "metadata",
  "prompt_cache_options",
  "prompt_cache_retention",
  "safety_identifier",
  "stream_options",
  "temperature",
  "top_logprobs",
  "top_p",
  "truncation",
  "user",
};

static const char *const encrypted = "reasoning.encrypted_content";

static gboolean
is_type (const WeirJson *json, uint32_t item, WeirJsonType type)
{
  return item != 0 && weir_json_get_type (json, item) == type;
}

/* What other programs' conversations stand for is kept at the vendor's API, not here. */
static gboolean
check_references (const WeirJson *json, GError **error)
{
  static const char *const names[] = { "previous_response_id", "conversation" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const uint32_t item = weir_json_lookup (json, 0, names[i]);

      if (item != 0 && weir_json_get_type (json, item) != WEIR_JSON_NULL)
        return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                               "an account of ChatGPT keeps no responses, so \"%s\" means "
                               "nothing to it; send the whole conversation",
                               names[i]);
    }
  return TRUE;
}

/* An item of the conversation.  Without its encrypted content a thought is looked up by its
 * id, and not found. */
static void
fit_item (WeirJsonEdit *edit, const WeirJson *json, uint32_t item)
{
  const uint32_t role = weir_json_lookup (json, item, "role");
  const uint32_t type = weir_json_lookup (json, item, "type");

  if (role != 0 && weir_json_equals (json, role, "system"))
    weir_json_edit_replace_text (edit, json, role, "developer");
  if (type != 0 && weir_json_equals (json, type, "reasoning")
      && !is_type (json, weir_json_lookup (json, item, "encrypted_content"),
                   WEIR_JSON_STRING))
    weir_json_edit_remove (edit, json, item, "id");
}

static void
fit_input (WeirJsonEdit *edit, const WeirJson *json)
{
  const uint32_t input = weir_json_lookup (json, 0, "input");
  g_autoptr (GString) list = NULL;
  WeirSlice text;

  if (is_type (json, input, WEIR_JSON_ARRAY))
    {
      for (uint32_t i = weir_json_first (json, input); i != 0;
           i = weir_json_next (json, input, i))
        fit_item (edit, json, i);
      return;
    }
  if (!is_type (json, input, WEIR_JSON_STRING))
    return;
  text = weir_json_get_raw (json, input);
  list = g_string_new ("[{\"type\":\"message\",\"role\":\"user\",\"content\":"
                       "[{\"type\":\"input_text\",\"text\":");
  weir_slice_append (text, list);
  g_string_append (list, "}]}]");
  weir_json_edit_replace (edit, json, input, (WeirSlice){ list->str, list->len });
}

/* Its name for searching lost its suffix. */
static void
fit_tool (WeirJsonEdit *edit, const WeirJson *json, uint32_t tool)
{
  const uint32_t type = tool != 0 ? weir_json_lookup (json, tool, "type") : 0;

  if (type != 0
      && (weir_json_equals (json, type, "web_search_preview")
          || weir_json_equals (json, type, "web_search_preview_2025_03_11")))
    weir_json_edit_replace_text (edit, json, type, "web_search");
}

static void
fit_tools (WeirJsonEdit *edit, const WeirJson *json)
{
  const uint32_t tools = weir_json_lookup (json, 0, "tools");

  if (is_type (json, tools, WEIR_JSON_ARRAY))
    for (uint32_t i = weir_json_first (json, tools); i != 0;
         i = weir_json_next (json, tools, i))
      fit_tool (edit, json, i);
  fit_tool (edit, json, weir_json_lookup (json, 0, "tool_choice"));
}

/* Thoughts can be gone on with only where the client gets them. */
static void
fit_include (WeirJsonEdit *edit, const WeirJson *json)
{
  const uint32_t include = weir_json_lookup (json, 0, "include");
  g_autofree char *quoted = g_strdup_printf ("\"%s\"", encrypted);
  g_autofree char *list = g_strdup_printf ("[%s]", quoted);

  if (!is_type (json, include, WEIR_JSON_ARRAY))
    {
      weir_json_edit_set (edit, json, 0, "include", weir_slice_from_string (list));
      return;
    }
  for (uint32_t i = weir_json_first (json, include); i != 0;
       i = weir_json_next (json, include, i))
    if (weir_json_equals (json, i, encrypted))
      return;
  weir_json_edit_append_element (edit, json, include, weir_slice_from_string (quoted));
}

static void
fit_answer (WeirJsonEdit *edit, const WeirJson *json)
{
  const uint32_t tier = weir_json_lookup (json, 0, "service_tier");

  for (size_t i = 0; i < G_N_ELEMENTS (dropped); i++)
    weir_json_edit_remove (edit, json, 0, dropped[i]);
  if (tier != 0 && !weir_json_equals (json, tier, "priority"))
    weir_json_edit_remove (edit, json, 0, "service_tier");
  weir_json_edit_set (edit, json, 0, "store", WEIR_SLICE ("false"));
  weir_json_edit_set (edit, json, 0, "stream", WEIR_SLICE ("true"));
  fit_include (edit, json);
}

static GBytes *
write_request (const WeirHookRequest *request, WeirSlice body, GError **error)
{
  /* lists, their items, the members of those */
  const WeirJsonLimits limits = { .record_depth = 3 };
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };

  if (!weir_json_parse (&json, body.text, body.length, &limits, error))
    return NULL;
  if (weir_json_get_type (&json, 0) != WEIR_JSON_OBJECT)
    {
      weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                      "the request body must be a JSON object");
      return NULL;
    }
  if (!check_references (&json, error))
    return NULL;
  if (!is_type (&json, weir_json_lookup (&json, 0, "instructions"), WEIR_JSON_STRING))
    weir_json_edit_set (&edit, &json, 0, "instructions", WEIR_SLICE ("\"\""));
  fit_input (&edit, &json);
  fit_tools (&edit, &json);
  if (request->operation == WEIR_OPERATION_ANSWER)
    fit_answer (&edit, &json);
  else
    weir_json_edit_remove (&edit, &json, 0, "store");
  return weir_json_edit_apply (&edit, body);
}

/* --- a whole answer out of a stream --- */

typedef struct
{
  WeirJson json;
  GString *items;  /* (owned) what was said to be done, with commas between */
  GString *result; /* (owned) (nullable) the answer */
} Fold;

static void
fold_clear (Fold *self)
{
  weir_json_clear (&self->json);
  g_string_free (self->items, TRUE);
  if (self->result != NULL)
    g_string_free (self->result, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fold, fold_clear)

static void
add_item (Fold *self)
{
  const uint32_t item = weir_json_lookup (&self->json, 0, "item");

  if (!is_type (&self->json, item, WEIR_JSON_OBJECT))
    return;
  if (self->items->len > 0)
    g_string_append_c (self->items, ',');
  weir_slice_append (weir_json_get_raw (&self->json, item), self->items);
}

/* The last word's response: with the items told before where it brings none itself. */
static void
take_response (Fold *self)
{
  const WeirJson *json = &self->json;
  const uint32_t response = weir_json_lookup (json, 0, "response");
  uint32_t output;
  WeirSlice raw;
  size_t at;

  if (!is_type (json, response, WEIR_JSON_OBJECT))
    return;
  raw = weir_json_get_raw (json, response);
  self->result = g_string_new_len (raw.text, (gssize)raw.length);
  output = weir_json_lookup (json, response, "output");
  if (!is_type (json, output, WEIR_JSON_ARRAY) || weir_json_first (json, output) != 0)
    return;
  at = (size_t)(weir_json_get_raw (json, output).text - raw.text) + 1;
  g_string_insert_len (self->result, (gssize)at, self->items->str,
                       (gssize)self->items->len);
}

/* {"type":"error","code":…,"message":…} or with all of it in "error". */
static void
take_error (Fold *self)
{
  const WeirJson *json = &self->json;
  const uint32_t inner = weir_json_lookup (json, 0, "error");
  const WeirSlice raw
      = weir_json_get_raw (json, is_type (json, inner, WEIR_JSON_OBJECT) ? inner : 0);

  self->result = g_string_new ("{\"error\":");
  weir_slice_append (raw, self->result);
  g_string_append_c (self->result, '}');
}

static gboolean
on_event (WeirSlice name, WeirSlice data, gpointer user_data)
{
  /* the response's members, and whether its list has any */
  const WeirJsonLimits limits = { .record_depth = 3 };
  Fold *self = user_data;
  uint32_t type;

  if (weir_slice_equal (data, WEIR_SLICE ("[DONE]")))
    return TRUE;
  if (!weir_json_parse (&self->json, data.text, data.length, &limits, NULL))
    return TRUE;
  type = weir_json_lookup (&self->json, 0, "type");
  if (type == 0)
    return TRUE;
  if (weir_json_equals (&self->json, type, "response.output_item.done"))
    add_item (self);
  else if (weir_json_equals (&self->json, type, "response.completed")
           || weir_json_equals (&self->json, type, "response.incomplete")
           || weir_json_equals (&self->json, type, "response.failed"))
    take_response (self);
  else if (weir_json_equals (&self->json, type, "error"))
    take_error (self);
  return self->result == NULL && self->items->len <= WEIR_FOLD_MAX;
}

static GBytes *
fold (WeirSlice stream, GError **error)
{
  g_auto (Fold) self = { .items = g_string_new (NULL) };
  g_auto (WeirSse) sse = { 0 };

  weir_sse_init (&sse, on_event, &self);
  if (!weir_sse_feed (&sse, stream.text, stream.length, NULL, NULL, error))
    return NULL;
  if (self.result != NULL)
    return g_string_free_to_bytes (g_steal_pointer (&self.result));
  weir_error_set (error, WEIR_ERROR_CUT,
                  "the upstream ended its answer before it was whole");
  return NULL;
}

const WeirHook weir_hook_codex = {
  .name = "codex",
  .write_request = write_request,
  .fold = fold,
};
