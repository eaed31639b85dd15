/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads only the events that matter: each item when it is done, and the last event.  The
 * last event's list counts; servers are known that leave it empty, and then the items that
 * were told one by one do. */

#include "config.h"

#include "chat/weir-response-recorder.h"

#include "base/weir-json-edit.h"
#include "base/weir-sse.h"

struct _WeirResponseRecorder
{
  WeirSse sse;
  WeirJson json;
  GString *items; /* (owned) the request's, then the answer's too */
  size_t input_length;
  GString *done; /* (owned) items told one by one */
  GBytes *whole; /* (owned) (nullable) the response itself */
  char *id;      /* (owned) (nullable) once it is finished */
  gboolean drops_bare_thoughts;
};

/* The event's type: its name, or where it has none the member, which the vendor and all
 * known imitators write first. */
WeirSlice
weir_response_recorder_get_type (WeirSlice name, WeirSlice data)
{
  static const WeirSlice start = { "{\"type\":\"", 9 };
  const char *type;
  const char *quote;

  if (name.length > 0 || !weir_slice_has_prefix (data, start))
    return name;
  type = data.text + start.length;
  quote = memchr (type, '"', data.length - start.length);
  return quote != NULL ? (WeirSlice){ type, (size_t)(quote - type) } : name;
}

static gboolean
parse (WeirResponseRecorder *self, WeirSlice text, uint16_t depth)
{
  const WeirJsonLimits limits = { .record_depth = depth };

  return weir_json_parse (&self->json, text.text, text.length, &limits, NULL);
}

static void
read_item (WeirResponseRecorder *self, WeirSlice data)
{
  uint32_t item;
  WeirSlice raw;

  if (!parse (self, data, 1) || (item = weir_json_lookup (&self->json, 0, "item")) == 0
      || weir_json_get_type (&self->json, item) != WEIR_JSON_OBJECT)
    return;
  raw = weir_json_get_raw (&self->json, item);
  if (self->done->len > 0)
    g_string_append_c (self->done, ',');
  g_string_append_len (self->done, raw.text, (gssize)raw.length);
}

static gboolean
is_bare_thought (const WeirJson *json, uint32_t item)
{
  uint32_t type = weir_json_lookup (json, item, "type");
  uint32_t content = weir_json_lookup (json, item, "encrypted_content");

  return type != 0 && weir_json_equals (json, type, "reasoning")
         && (content == 0 || weir_json_get_type (json, content) != WEIR_JSON_STRING);
}

/* @list: a JSON list of items. */
static void
add_items (WeirResponseRecorder *self, WeirSlice list)
{
  const WeirJsonLimits limits = { .record_depth = 2 };
  g_auto (WeirJson) json = { 0 };

  if (!weir_json_parse (&json, list.text, list.length, &limits, NULL))
    return;
  for (uint32_t i = weir_json_first (&json, 0); i != 0; i = weir_json_next (&json, 0, i))
    {
      WeirSlice raw = weir_json_get_raw (&json, i);

      if (self->drops_bare_thoughts && is_bare_thought (&json, i))
        continue;
      if (self->items->len > 0)
        g_string_append_c (self->items, ',');
      g_string_append_len (self->items, raw.text, (gssize)raw.length);
    }
}

static gboolean
has_elements (const WeirJson *json, uint32_t list)
{
  WeirSlice raw = list != 0 ? weir_json_get_raw (json, list) : WEIR_SLICE ("");

  /* what is in it need not have been recorded */
  for (size_t i = 1; i + 1 < raw.length; i++)
    if (!g_ascii_isspace (raw.text[i]))
      return weir_json_get_type (json, list) == WEIR_JSON_ARRAY;
  return FALSE;
}

/* Puts the items that were told one by one where the last event should have them. */
static void
complete_whole (WeirResponseRecorder *self)
{
  static const WeirJsonLimits shallow = { .record_depth = 1 };
  g_autoptr (GBytes) bare = g_steal_pointer (&self->whole);
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  gsize length;
  const char *text = g_bytes_get_data (bare, &length);
  gboolean parsed = weir_json_parse (&json, text, length, &shallow, NULL);

  g_assert (parsed); /* it was cut out of a text that is known to be good */
  g_string_prepend_c (self->done, '[');
  g_string_append_c (self->done, ']');
  weir_json_edit_set (&edit, &json, 0, "output",
                      (WeirSlice){ self->done->str, self->done->len });
  self->whole = weir_json_edit_apply (&edit, (WeirSlice){ text, length });
}

static void
add_output (WeirResponseRecorder *self)
{
  static const WeirJsonLimits shallow = { .record_depth = 1 };
  g_auto (WeirJson) json = { 0 };
  gsize length;
  const char *text = g_bytes_get_data (self->whole, &length);
  uint32_t output;

  if (weir_json_parse (&json, text, length, &shallow, NULL)
      && (output = weir_json_lookup (&json, 0, "output")) != 0
      && weir_json_get_type (&json, output) == WEIR_JSON_ARRAY)
    add_items (self, weir_json_get_raw (&json, output));
}

static void
read_response (WeirResponseRecorder *self, uint32_t response)
{
  uint32_t id = weir_json_lookup (&self->json, response, "id");
  WeirSlice whole = weir_json_get_raw (&self->json, response);
  gboolean told;

  if (self->id != NULL || id == 0)
    return;
  self->id = weir_json_dup_text (&self->json, id);
  self->whole = g_bytes_new (whole.text, whole.length);
  told = has_elements (&self->json, weir_json_lookup (&self->json, response, "output"));
  if (!told && self->done->len > 0)
    complete_whole (self);
  add_output (self);
}

static gboolean
on_event (WeirSlice name, WeirSlice data, gpointer user_data)
{
  WeirResponseRecorder *self = user_data;
  WeirSlice type = weir_response_recorder_get_type (name, data);
  uint32_t response;

  if (weir_slice_equal (type, WEIR_SLICE ("response.output_item.done")))
    read_item (self, data);
  else if ((weir_slice_equal (type, WEIR_SLICE ("response.completed"))
            || weir_slice_equal (type, WEIR_SLICE ("response.incomplete")))
           && parse (self, data, 2)
           && (response = weir_json_lookup (&self->json, 0, "response")) != 0)
    read_response (self, response);
  return TRUE;
}

static gboolean
has_conversation (const WeirJson *json)
{
  uint32_t conversation = weir_json_lookup (json, 0, "conversation");

  return conversation != 0 && weir_json_get_type (json, conversation) != WEIR_JSON_NULL;
}

WeirResponseRecorder *
weir_response_recorder_new (WeirSlice before, WeirSlice body)
{
  g_autoptr (WeirResponseRecorder) self = g_new0 (WeirResponseRecorder, 1);

  weir_sse_init (&self->sse, on_event, self);
  self->items
      = g_string_new_len (before.text != NULL ? before.text : "", (gssize)before.length);
  self->done = g_string_new (NULL);
  if (!parse (self, body, 1) || has_conversation (&self->json)
      || !weir_response_store_append_input (self->items, &self->json,
                                            weir_json_lookup (&self->json, 0, "input")))
    return NULL;
  self->input_length = self->items->len;
  return g_steal_pointer (&self);
}

void
weir_response_recorder_free (WeirResponseRecorder *self)
{
  if (self == NULL)
    return;
  weir_sse_clear (&self->sse);
  weir_json_clear (&self->json);
  g_string_free (self->items, TRUE);
  g_string_free (self->done, TRUE);
  g_clear_pointer (&self->whole, g_bytes_unref);
  g_free (self->id);
  g_free (self);
}

void
weir_response_recorder_drop_bare_thoughts (WeirResponseRecorder *self)
{
  self->drops_bare_thoughts = TRUE;
}

void
weir_response_recorder_feed (WeirResponseRecorder *self, WeirSlice bytes)
{
  weir_sse_feed (&self->sse, bytes.text, bytes.length, NULL, NULL, NULL);
}

void
weir_response_recorder_feed_whole (WeirResponseRecorder *self, WeirSlice body)
{
  uint32_t status;

  if (parse (self, body, 1) && (status = weir_json_lookup (&self->json, 0, "status")) != 0
      && (weir_json_equals (&self->json, status, "completed")
          || weir_json_equals (&self->json, status, "incomplete")))
    read_response (self, 0);
}

gboolean
weir_response_recorder_get (const WeirResponseRecorder *self,
                            const char **out_id,
                            WeirStoredResponse *out)
{
  gsize length;
  const char *whole;

  if (self->id == NULL)
    return FALSE;
  *out_id = self->id;
  whole = g_bytes_get_data (self->whole, &length);
  *out = (WeirStoredResponse){
    .items = { self->items->str, self->items->len },
    .input_length = self->input_length,
    .whole = { whole, length },
    .keeper = "",
  };
  return TRUE;
}
