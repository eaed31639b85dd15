/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The list `input` of an OpenAI Responses request (API reference, "create a model
 * response", read 2026-10): each item becomes a message.  Settings and tools are read
 * elsewhere. */

#include "config.h"

#include "chat/weir-openai-responses.h"
#include "chat/weir-signature.h"

/* Members of all kinds of items; each kind has its own table into this. */
typedef struct
{
  WeirSlice type;
  WeirSlice role;
  WeirSlice id;
  WeirSlice status;
  WeirSlice phase;
  WeirSlice call_id;
  WeirSlice name;
  WeirSlice scope;
  WeirSlice arguments;
  WeirSlice signature;
  WeirSlice result;
  WeirSlice format;
  uint32_t content; /* of a message, a result or a thought; 0: absent */
  uint32_t summary;
} Item;

/* A signature on its way to the call that it belongs to. */
typedef struct
{
  WeirSlice signature;
  WeirDialect origin;
} Carried;

typedef gboolean (*ReadItemFunc) (WeirRequest *self,
                                  uint32_t object,
                                  const Item *item,
                                  WeirMessage **out_message,
                                  GError **error);

#define ITEM(member, type, field)                                                          \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Item, field)                                      \
  }
static const WeirField message_fields[] = {
  ITEM ("type", TEXT, type),
  ITEM ("role", TEXT, role),
  ITEM ("id", TEXT, id),
  ITEM ("status", TEXT, status),
  ITEM ("content", ITEM, content),
  ITEM ("phase", TEXT, phase),
  { NULL },
};

static const WeirField call_fields[] = {
  ITEM ("type", TEXT, type),
  ITEM ("id", TEXT, id),
  ITEM ("status", TEXT, status),
  { "call_id", WEIR_FIELD_TEXT, offsetof (Item, call_id), TRUE },
  { "name", WEIR_FIELD_TEXT, offsetof (Item, name), TRUE },
  ITEM ("namespace", TEXT, scope),
  { "arguments", WEIR_FIELD_TEXT, offsetof (Item, arguments), TRUE },
  { NULL },
};

static const WeirField custom_call_fields[] = {
  ITEM ("type", TEXT, type),
  ITEM ("id", TEXT, id),
  ITEM ("status", TEXT, status),
  { "call_id", WEIR_FIELD_TEXT, offsetof (Item, call_id), TRUE },
  { "name", WEIR_FIELD_TEXT, offsetof (Item, name), TRUE },
  ITEM ("namespace", TEXT, scope),
  { "input", WEIR_FIELD_TEXT, offsetof (Item, arguments), TRUE },
  { NULL },
};

static const WeirField result_fields[] = {
  ITEM ("type", TEXT, type),
  ITEM ("id", TEXT, id),
  ITEM ("status", TEXT, status),
  { "call_id", WEIR_FIELD_TEXT, offsetof (Item, call_id), TRUE },
  { "output", WEIR_FIELD_ITEM, offsetof (Item, content), TRUE },
  { NULL },
};

static const WeirField reasoning_fields[] = {
  ITEM ("type", TEXT, type),
  ITEM ("id", TEXT, id),
  ITEM ("status", TEXT, status),
  ITEM ("summary", ARRAY, summary),
  ITEM ("content", ARRAY, content),
  ITEM ("encrypted_content", TEXT, signature),
  { NULL },
};

static const WeirField picture_fields[] = {
  ITEM ("type", TEXT, type),     ITEM ("id", TEXT, id),
  ITEM ("status", TEXT, status), ITEM ("output_format", TEXT, format),
  ITEM ("result", TEXT, result), { NULL },
};

static const WeirField other_fields[] = {
  ITEM ("type", TEXT, type),
  ITEM ("id", TEXT, id),
  { NULL },
};

/* clang-format off */
static const struct
{
  const char *role;
  WeirRole value;
} roles[] = {
  { "user", WEIR_ROLE_USER },
  { "assistant", WEIR_ROLE_ASSISTANT },
  { "developer", WEIR_ROLE_DEVELOPER },
  { "system", WEIR_ROLE_SYSTEM },
};

/* clang-format on */

static gboolean
equals (WeirSlice text, const char *word)
{
  return weir_slice_equal (text, weir_slice_from_string (word));
}

static gboolean
read_role (WeirSlice name, WeirRole *out_role, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS (roles); i++)
    if (equals (name, roles[i].role))
      {
        *out_role = roles[i].value;
        return TRUE;
      }
  return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                         "role must be user, assistant, developer or system");
}

static gboolean
read_message (WeirRequest *self,
              uint32_t object,
              const Item *item,
              WeirMessage **out_message,
              GError **error)
{
  const WeirJson *json = &self->json;
  WeirRole role = WEIR_ROLE_USER;
  WeirMessage *message;

  if (!read_role (item->role, &role, error))
    return FALSE;
  message = *out_message = weir_request_add_message (self, role);
  message->phase = item->phase;
  if (item->content == 0)
    return TRUE;
  if (weir_json_get_type (json, item->content) == WEIR_JSON_ARRAY)
    return weir_responses_read_parts (self, message, NULL, item->content, error);
  if (weir_json_get_type (json, item->content) != WEIR_JSON_STRING)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "content must be a string or an array");
  message->plain = TRUE;
  weir_request_add_part (self, message, WEIR_PART_TEXT)->text
      = weir_read_get_text (json, item->content);
  return TRUE;
}

/* A part that stands for the whole item. */
static WeirPart *
add_only_part (WeirRequest *self,
               uint32_t object,
               WeirRole role,
               WeirPartType type,
               WeirMessage **out_message)
{
  WeirPart *part;

  *out_message = weir_request_add_message (self, role);
  part = weir_request_add_part (self, *out_message, type);
  part->raw = weir_json_get_raw (&self->json, object);
  part->type_name = weir_read_lookup_text (&self->json, object, "type");
  return part;
}

static gboolean
read_call (WeirRequest *self,
           uint32_t object,
           const Item *item,
           WeirMessage **out_message,
           GError **error)
{
  WeirPart *part
      = add_only_part (self, object, WEIR_ROLE_ASSISTANT, WEIR_PART_CALL, out_message);

  part->call = (WeirCall){
    .id = item->call_id,
    .name = item->name,
    .scope = item->scope,
    .custom = equals (item->type, "custom_tool_call"),
    .arguments = { WEIR_SPELLING_TEXT, item->arguments },
    .item_id = item->id,
  };
  if (!part->call.custom && item->arguments.length == 0)
    part->call.arguments.spelling = WEIR_SPELLING_ABSENT;
  return TRUE;
}

static gboolean
read_result (WeirRequest *self,
             uint32_t object,
             const Item *item,
             WeirMessage **out_message,
             GError **error)
{
  const WeirJson *json = &self->json;
  WeirPart *part
      = add_only_part (self, object, WEIR_ROLE_TOOL, WEIR_PART_RESULT, out_message);

  part->result.call_id = item->call_id;
  part->result.item_id = item->id;
  part->result.custom = equals (item->type, "custom_tool_call_output");
  if (weir_json_get_type (json, item->content) == WEIR_JSON_ARRAY)
    return weir_responses_read_parts (self, NULL, &part->result, item->content, error);
  if (weir_json_get_type (json, item->content) != WEIR_JSON_STRING)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "output must be a string or an array");
  part->result.value.spelling = WEIR_SPELLING_TEXT;
  part->result.value.bytes = weir_read_get_text (json, item->content);
  return TRUE;
}

/* The foreign signature that travels behind @mark; empty, and @part is as it was, where
 * @text is something else. */
static WeirSlice
unwrap (WeirRequest *self, WeirSlice text, const char *mark, WeirPart *part)
{
  const WeirSlice prefix = weir_slice_from_string (mark);

  if (!weir_slice_has_prefix (text, prefix))
    return (WeirSlice){ NULL };
  text.text += prefix.length;
  text.length -= prefix.length;
  text = weir_signature_unwrap (self, text, part);
  return part->origin != self->origin ? text : (WeirSlice){ NULL };
}

static gboolean
read_reasoning (WeirRequest *self,
                uint32_t object,
                const Item *item,
                WeirMessage **out_message,
                GError **error)
{
  WeirPart *part
      = add_only_part (self, object, WEIR_ROLE_ASSISTANT, WEIR_PART_THINKING, out_message);

  part->text = weir_read_join_texts (self, item->summary);
  if (part->text.length == 0)
    part->text = weir_read_join_texts (self, item->content);
  part->thinking.item_id = item->id;
  part->thinking.signature = unwrap (self, item->signature, WEIR_RESPONSES_REDACTED, part);
  if (part->thinking.signature.length > 0)
    part->type = WEIR_PART_REDACTED_THINKING;
  else
    part->thinking.signature = weir_signature_unwrap (self, item->signature, part);
  return TRUE;
}

/* A picture that the model drew. */
static gboolean
read_picture (WeirRequest *self,
              uint32_t object,
              const Item *item,
              WeirMessage **out_message,
              GError **error)
{
  const WeirPartType type = item->result.length > 0 ? WEIR_PART_IMAGE : WEIR_PART_OTHER;
  WeirPart *part = add_only_part (self, object, WEIR_ROLE_ASSISTANT, type, out_message);
  g_autofree char *media_type = NULL;

  if (type == WEIR_PART_OTHER)
    return TRUE;
  part->media.source = WEIR_MEDIA_DATA;
  part->media.data = weir_read_get_plain (self, item->result);
  part->media.media_type = WEIR_SLICE ("image/png");
  if (item->format.length > 0)
    {
      media_type
          = g_strdup_printf ("image/%.*s", (int)item->format.length, item->format.text);
      part->media.media_type
          = weir_request_copy (self, weir_slice_from_string (media_type));
    }
  return TRUE;
}

/* What the client answers stands on its side: results of the vendor's own tools, approvals.
 */
static gboolean
read_other (WeirRequest *self,
            uint32_t object,
            const Item *item,
            WeirMessage **out_message,
            GError **error)
{
  const gboolean from_client
      = weir_slice_has_suffix (item->type, WEIR_SLICE ("_output"))
        || weir_slice_has_suffix (item->type, WEIR_SLICE ("_response"));
  WeirPart *part
      = add_only_part (self, object, from_client ? WEIR_ROLE_USER : WEIR_ROLE_ASSISTANT,
                       WEIR_PART_OTHER, out_message);

  if (item->type.length == 0)
    part->type_name = WEIR_SLICE ("item_reference");
  if (weir_slice_equal (part->type_name, WEIR_SLICE ("item_reference")))
    self->options[WEIR_OPTION_ITEM_REFERENCE] = part->raw;
  return TRUE;
}

/* clang-format off */
static const struct
{
  const char *type;
  const WeirField *fields;
  ReadItemFunc read;
} item_kinds[] = {
  { "message", message_fields, read_message },
  { "function_call", call_fields, read_call },
  { "function_call_output", result_fields, read_result },
  { "custom_tool_call", custom_call_fields, read_call },
  { "custom_tool_call_output", result_fields, read_result },
  { "reasoning", reasoning_fields, read_reasoning },
  { "image_generation_call", picture_fields, read_picture },
};
/* clang-format on */

/* Some clients leave the type of messages out, and that of references may be. */
static gboolean
read_item (WeirRequest *self, uint32_t object, WeirMessage **out_message, GError **error)
{
  const WeirJson *json = &self->json;
  WeirSlice type = weir_read_lookup_text (json, object, "type");
  const WeirField *fields = other_fields;
  ReadItemFunc read = read_other;
  WeirUnknown *unknown = NULL;
  WeirMessage *message = NULL;
  Item item = { 0 };

  if (type.length == 0 && weir_json_lookup (json, object, "role") != 0)
    type = WEIR_SLICE ("message");
  if (type.length == 0 && weir_read_lookup_text (json, object, "id").length == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field 'type' is missing");
  for (size_t i = 0; i < G_N_ELEMENTS (item_kinds); i++)
    if (equals (type, item_kinds[i].type))
      {
        fields = item_kinds[i].fields;
        read = item_kinds[i].read;
      }
  if (!weir_read_object (self, object, fields, &item, NULL, &unknown, error)
      || !read (self, object, &item, &message, error))
    return FALSE;
  message->raw = weir_json_get_raw (json, object);
  message->item_id = item.id;
  message->unknown = unknown;
  *out_message = message;
  return TRUE;
}

/* TRUE when @object only carries the signature of the next call. */
static gboolean
read_carrier (WeirRequest *self, uint32_t object, Carried *out_carried)
{
  const WeirSlice text = weir_read_lookup_text (&self->json, object, "encrypted_content");
  WeirPart holder = { .origin = self->origin };
  const WeirSlice signature = unwrap (self, text, WEIR_RESPONSES_OF_CALL, &holder);

  if (signature.length > 0)
    *out_carried = (Carried){ signature, holder.origin };
  return signature.length > 0;
}

/* The call's own bytes do not say the signature and are not of its origin: no raw. */
static void
attach (WeirMessage *message, Carried *carried)
{
  WeirPart *part = message->parts;

  if (carried->signature.length == 0 || part == NULL || part->type != WEIR_PART_CALL)
    return;
  part->call.signature = carried->signature;
  part->origin = carried->origin;
  part->raw = (WeirSlice){ NULL };
  *carried = (Carried){ .origin = part->origin };
}

static gboolean
read_items (WeirRequest *self, uint32_t list, GError **error)
{
  const WeirJson *json = &self->json;
  Carried carried = { 0 };
  unsigned index = 0;

  for (uint32_t i = weir_json_first (json, list); i != 0;
       i = weir_json_next (json, list, i), index++)
    {
      WeirMessage *message = NULL;

      if (read_carrier (self, i, &carried))
        continue;
      if (!read_item (self, i, &message, error))
        {
          g_prefix_error (error, "input[%u]: ", index);
          return FALSE;
        }
      attach (message, &carried);
    }
  return TRUE;
}

gboolean
weir_responses_read_input (WeirRequest *self, uint32_t input, GError **error)
{
  const WeirJson *json = &self->json;

  if (weir_json_get_type (json, input) == WEIR_JSON_STRING)
    {
      WeirMessage *message = weir_request_add_message (self, WEIR_ROLE_USER);

      message->plain = TRUE;
      weir_request_add_part (self, message, WEIR_PART_TEXT)->text
          = weir_read_get_text (json, input);
      return TRUE;
    }
  if (weir_json_get_type (json, input) != WEIR_JSON_ARRAY)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "input must be a string or an array");
  return read_items (self, input, error);
}
