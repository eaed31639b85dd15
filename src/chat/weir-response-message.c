/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is not named here stays as it came. */

#include "config.h"

#include "chat/weir-response-message.h"

#include "base/weir-json-edit.h"
#include "base/weir-json-write.h"

static const WeirJsonLimits shallow = { .record_depth = 1 };

GBytes *
weir_response_message_create (const WeirJson *json, gboolean bare)
{
  g_auto (WeirJsonEdit) edit = { 0 };

  weir_json_edit_remove (&edit, json, 0, "type");
  weir_json_edit_remove (&edit, json, 0, "generate");
  weir_json_edit_set (&edit, json, 0, "stream", WEIR_SLICE ("true"));
  if (bare)
    {
      weir_json_edit_remove (&edit, json, 0, "input");
      weir_json_edit_remove (&edit, json, 0, "previous_response_id");
    }
  return weir_json_edit_apply (&edit, (WeirSlice){ json->text, json->length });
}

GBytes *
weir_response_message_append (const WeirJson *json, GBytes *bare, const char *previous)
{
  uint32_t input = weir_json_lookup (json, 0, "input");
  g_auto (WeirJson) last = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  g_autoptr (GString) id = NULL;
  WeirJsonWriter w;
  gsize length;
  const char *text = g_bytes_get_data (bare, &length);

  if (input == 0 || weir_json_get_type (json, input) != WEIR_JSON_ARRAY
      || !weir_json_parse (&last, text, length, &shallow, NULL))
    return NULL;
  id = g_string_new (NULL);
  weir_json_writer_init (&w, id);
  weir_json_add_string (&w, NULL, previous);
  weir_json_edit_set (&edit, &last, 0, "input", weir_json_get_raw (json, input));
  weir_json_edit_set (&edit, &last, 0, "previous_response_id",
                      (WeirSlice){ id->str, id->len });
  return weir_json_edit_apply (&edit, (WeirSlice){ text, length });
}

static void
add_error (GString *out, unsigned status, WeirSlice error)
{
  WeirJsonWriter w;

  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "type", "error");
  weir_json_add_uint (&w, "status", status);
  weir_json_add_raw (&w, "error", error);
  weir_json_close (&w);
}

void
weir_response_message_add_error (GString *out, unsigned status, WeirSlice body)
{
  g_auto (WeirJson) json = { 0 };
  uint32_t error = 0;

  if (weir_json_parse (&json, body.text, body.length, &shallow, NULL))
    error = weir_json_lookup (&json, 0, "error");
  add_error (out, status,
             error != 0 ? weir_json_get_raw (&json, error) : WEIR_SLICE ("{}"));
}

void
weir_response_message_add_error_event (GString *out, WeirSlice event)
{
  static const char *const members[] = { "code", "message", "param" };
  g_auto (WeirJson) json = { 0 };
  g_autoptr (GString) error = NULL;
  WeirJsonWriter w;

  if (!weir_json_parse (&json, event.text, event.length, &shallow, NULL)
      || weir_json_lookup (&json, 0, "error") != 0)
    {
      g_string_append_len (out, event.text, (gssize)event.length);
      return;
    }
  error = g_string_new (NULL);
  weir_json_writer_init (&w, error);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "type", "server_error");
  for (size_t i = 0; i < G_N_ELEMENTS (members); i++)
    {
      uint32_t item = weir_json_lookup (&json, 0, members[i]);

      if (item != 0)
        weir_json_add_raw (&w, members[i], weir_json_get_raw (&json, item));
    }
  weir_json_close (&w);
  add_error (out, 502, (WeirSlice){ error->str, error->len });
}

void
weir_response_message_add_warm_up (
    GString *out, gboolean completed, const char *id, WeirSlice model, int64_t created_s)
{
  WeirJsonWriter w;

  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "type", completed ? "response.completed" : "response.created");
  weir_json_add_uint (&w, "sequence_number", completed ? 1 : 0);
  weir_json_open (&w, "response");
  weir_json_add_string (&w, "id", id);
  weir_json_add_string (&w, "object", "response");
  weir_json_add_int (&w, "created_at", created_s);
  weir_json_add_string (&w, "status", completed ? "completed" : "in_progress");
  if (model.length > 0)
    weir_json_add_raw (&w, "model", model);
  weir_json_open_array (&w, "output");
  weir_json_close (&w);
  if (completed)
    {
      weir_json_open (&w, "usage");
      weir_json_add_uint (&w, "input_tokens", 0);
      weir_json_add_uint (&w, "output_tokens", 0);
      weir_json_add_uint (&w, "total_tokens", 0);
      weir_json_close (&w);
    }
  weir_json_close (&w);
  weir_json_close (&w);
}
