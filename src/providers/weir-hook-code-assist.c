/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Google's Code Assist: Gemini's requests and answers, each inside one member of another
 * document.  As Gemini CLI (converter.ts) and Antigravity had it, read 2026-10; what those
 * say of themselves in it is left out. */

#include "config.h"

#include "providers/weir-hook.h"

#include "base/weir-json-edit.h"
#include "base/weir-json-write.h"

static gboolean
parse_object (WeirJson *json, WeirSlice body, uint16_t depth, GError **error)
{
  const WeirJsonLimits limits = { .record_depth = depth };

  if (!weir_json_parse (json, body.text, body.length, &limits, error))
    return FALSE;
  if (weir_json_get_type (json, 0) != WEIR_JSON_OBJECT)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "the request body must be a JSON object");
  return TRUE;
}

/* {"request":{"model":"models/NAME","contents":[…]}}, whichever of its two forms the
 * dialect's own has (Gemini API, models.countTokens). */
static GBytes *
write_count (const WeirHookRequest *request, WeirSlice body, GError **error)
{
  g_auto (WeirJson) json = { 0 };
  g_autofree char *model = g_strconcat ("models/", request->model, NULL);
  g_autoptr (GString) out = NULL;
  uint32_t contents;
  WeirJsonWriter w;

  if (!parse_object (&json, body, 2, error))
    return NULL;
  contents = weir_json_lookup (&json, 0, "contents");
  if (contents == 0)
    {
      const uint32_t whole = weir_json_lookup (&json, 0, "generateContentRequest");

      contents = whole != 0 ? weir_json_lookup (&json, whole, "contents") : 0;
    }
  if (contents == 0)
    {
      weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "the request has no \"contents\"");
      return NULL;
    }
  out = g_string_new (NULL);
  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  weir_json_open (&w, "request");
  weir_json_add_string (&w, "model", model);
  weir_json_add_raw (&w, "contents", weir_json_get_raw (&json, contents));
  weir_json_close (&w);
  weir_json_close (&w);
  return g_string_free_to_bytes (g_steal_pointer (&out));
}

static GBytes *
put_into_envelope (const WeirHookRequest *request, WeirSlice body)
{
  GString *out = g_string_sized_new (body.length + 200);
  WeirJsonWriter w;

  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "model", request->model);
  if (request->project != NULL)
    weir_json_add_string (&w, "project", request->project);
  weir_json_add_raw (&w, "request", body);
  weir_json_close (&w);
  return g_string_free_to_bytes (out);
}

/* @edit holds what is changed inside; the model's name stands outside. */
static GBytes *
wrap_edited (const WeirHookRequest *request,
             const WeirJson *json,
             WeirJsonEdit *edit,
             WeirSlice body)
{
  g_autoptr (GBytes) edited = NULL;
  WeirSlice inner = body;

  weir_json_edit_remove (edit, json, 0, "model");
  if (!weir_json_edit_is_empty (edit))
    {
      edited = weir_json_edit_apply (edit, body);
      inner.text = g_bytes_get_data (edited, &inner.length);
    }
  return put_into_envelope (request, inner);
}

static GBytes *
write_request (const WeirHookRequest *request, WeirSlice body, GError **error)
{
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };

  if (request->operation == WEIR_OPERATION_COUNT_TOKENS)
    return write_count (request, body, error);
  if (!parse_object (&json, body, 1, error))
    return NULL;
  return wrap_edited (request, &json, &edit, body);
}

/* Antigravity's endpoint takes schemas under the older name only. */
static void
rename_schemas (WeirJsonEdit *edit, const WeirJson *json, uint32_t tool)
{
  uint32_t list = weir_json_lookup (json, tool, "functionDeclarations");

  if (list == 0)
    list = weir_json_lookup (json, tool, "function_declarations");
  if (list == 0 || weir_json_get_type (json, list) != WEIR_JSON_ARRAY)
    return;
  for (uint32_t i = weir_json_first (json, list); i != 0;
       i = weir_json_next (json, list, i))
    {
      const uint32_t schema = weir_json_lookup (json, i, "parametersJsonSchema");

      if (schema == 0)
        continue;
      weir_json_edit_remove (edit, json, i, "parametersJsonSchema");
      if (weir_json_lookup (json, i, "parameters") == 0)
        weir_json_edit_set (edit, json, i, "parameters", weir_json_get_raw (json, schema));
    }
}

static GBytes *
write_antigravity_request (const WeirHookRequest *request, WeirSlice body, GError **error)
{
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  uint32_t tools;

  if (request->operation == WEIR_OPERATION_COUNT_TOKENS)
    return write_count (request, body, error);
  /* tools, each, its functions, each, their members */
  if (!parse_object (&json, body, 5, error))
    return NULL;
  weir_json_edit_remove (&edit, &json, 0, "safetySettings");
  tools = weir_json_lookup (&json, 0, "tools");
  if (tools != 0 && weir_json_get_type (&json, tools) == WEIR_JSON_ARRAY)
    for (uint32_t i = weir_json_first (&json, tools); i != 0;
         i = weir_json_next (&json, tools, i))
      rename_schemas (&edit, &json, i);
  return wrap_edited (request, &json, &edit, body);
}

/* {"response":{…},"traceId":…}; errors stand as they are. */
static WeirSlice
unwrap (WeirSlice document)
{
  const WeirJsonLimits shallow = { .record_depth = 1 };
  g_auto (WeirJson) json = { 0 };
  uint32_t response;

  if (!weir_json_parse (&json, document.text, document.length, &shallow, NULL))
    return document;
  response = weir_json_lookup (&json, 0, "response");
  if (response == 0 || weir_json_get_type (&json, response) != WEIR_JSON_OBJECT)
    return document;
  return weir_json_get_raw (&json, response);
}

const WeirHook weir_hook_code_assist = {
  .name = "code-assist",
  .write_request = write_request,
  .unwrap = unwrap,
};

const WeirHook weir_hook_antigravity = {
  .name = "antigravity",
  .write_request = write_antigravity_request,
  .unwrap = unwrap,
};
