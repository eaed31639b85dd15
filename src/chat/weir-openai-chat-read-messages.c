/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The list `messages` of an OpenAI Chat Completions request (API reference, "create chat
 * completion", read 2026-10), with the calls of its legacy and the thoughts that clients of
 * compatible vendors send back. */

#include "config.h"

#include "chat/weir-openai-chat.h"
#include "chat/weir-signature.h"

/* Members of all kinds of messages; each kind has its own table into this. */
typedef struct
{
  WeirSlice role;
  WeirSlice name;
  WeirSlice call_id;
  WeirSlice refusal;
  uint32_t content; /* this and what follows: items, 0 where absent */
  uint32_t calls;
  uint32_t function_call;
  uint32_t reasoning_content;
  uint32_t reasoning;
  uint32_t details;
  uint32_t images;
  uint32_t audio;
  uint32_t cache;
} Message;

typedef struct
{
  WeirSlice type;
  WeirSlice id;
  uint32_t function;
  uint32_t custom;
  uint32_t index; /* of a stream's pieces: the list's order says it too */
  uint32_t extra;
} Call;

typedef struct
{
  WeirSlice name;
  uint32_t arguments;
} Function;

#define MESSAGE(member, type, field)                                                       \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Message, field)                                   \
  }
#define CALL(member, type, field)                                                          \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Call, field)                                      \
  }

static const WeirField said_fields[] = {
  MESSAGE ("role", TEXT, role),
  MESSAGE ("content", ITEM, content),
  MESSAGE ("name", TEXT, name),
  MESSAGE ("cache_control", ITEM, cache),
  { NULL },
};

static const WeirField assistant_fields[] = {
  MESSAGE ("role", TEXT, role),
  MESSAGE ("content", ITEM, content),
  MESSAGE ("name", TEXT, name),
  MESSAGE ("cache_control", ITEM, cache),
  MESSAGE ("refusal", TEXT, refusal),
  MESSAGE ("tool_calls", ARRAY, calls),
  MESSAGE ("function_call", OBJECT, function_call),
  MESSAGE ("reasoning_content", ITEM, reasoning_content),
  MESSAGE ("reasoning", ITEM, reasoning),
  MESSAGE ("reasoning_details", ITEM, details),
  MESSAGE ("images", ARRAY, images),
  MESSAGE ("audio", OBJECT, audio),
  { NULL },
};

static const WeirField tool_fields[] = {
  MESSAGE ("role", TEXT, role),
  MESSAGE ("content", ITEM, content),
  MESSAGE ("name", TEXT, name),
  MESSAGE ("cache_control", ITEM, cache),
  { "tool_call_id", WEIR_FIELD_TEXT, offsetof (Message, call_id), TRUE },
  { NULL },
};

static const WeirField function_fields[] = {
  MESSAGE ("role", TEXT, role),
  MESSAGE ("content", ITEM, content),
  { "name", WEIR_FIELD_TEXT, offsetof (Message, name), TRUE },
  { NULL },
};

static const WeirField call_fields[] = {
  CALL ("type", TEXT, type),
  CALL ("id", TEXT, id),
  CALL ("function", OBJECT, function),
  CALL ("custom", OBJECT, custom),
  CALL ("index", ITEM, index),
  CALL ("extra_content", ITEM, extra),
  { NULL },
};

static const WeirField called_fields[] = {
  { "name", WEIR_FIELD_TEXT, offsetof (Function, name), TRUE },
  { "arguments", WEIR_FIELD_ITEM, offsetof (Function, arguments) },
  { NULL },
};

static const WeirField custom_fields[] = {
  { "name", WEIR_FIELD_TEXT, offsetof (Function, name), TRUE },
  { "input", WEIR_FIELD_ITEM, offsetof (Function, arguments) },
  { NULL },
};

/* clang-format off */
static const struct
{
  const char *word;
  WeirRole role;
  const WeirField *fields;
} roles[] = {
  { "user", WEIR_ROLE_USER, said_fields },
  { "assistant", WEIR_ROLE_ASSISTANT, assistant_fields },
  { "tool", WEIR_ROLE_TOOL, tool_fields },
  { "system", WEIR_ROLE_SYSTEM, said_fields },
  { "developer", WEIR_ROLE_DEVELOPER, said_fields },
  { "function", WEIR_ROLE_TOOL, function_fields },
};
/* clang-format on */

static gboolean
equals (WeirSlice text, const char *word)
{
  return weir_slice_equal (text, weir_slice_from_string (word));
}

/* An assistant's empty text stands beside calls and says nothing. */
static gboolean
read_content (WeirRequest *self, uint32_t item, WeirMessage *message, GError **error)
{
  const WeirJson *json = &self->json;
  WeirSlice text;

  if (item == 0)
    return TRUE;
  if (weir_json_get_type (json, item) == WEIR_JSON_ARRAY)
    return weir_chat_read_parts (self, message, NULL, item, error);
  if (weir_json_get_type (json, item) != WEIR_JSON_STRING)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "field 'content' must be a string or an array");
  message->plain = TRUE;
  text = weir_read_get_text (json, item);
  if (text.length > 0 || message->role != WEIR_ROLE_ASSISTANT)
    weir_request_add_part (self, message, WEIR_PART_TEXT)->text = text;
  return TRUE;
}

static gboolean
read_result (WeirRequest *self, const Message *read, WeirMessage *message, GError **error)
{
  const WeirJson *json = &self->json;
  WeirPart *part = weir_request_add_part (self, message, WEIR_PART_RESULT);
  WeirResult *result = &part->result;

  part->raw = message->raw;
  result->call_id = read->call_id;
  result->name = read->name;
  weir_chat_read_cache_mark (self, read->cache, &part->cache);
  if (read->content != 0 && weir_json_get_type (json, read->content) == WEIR_JSON_ARRAY)
    return weir_chat_read_parts (self, NULL, result, read->content, error);
  if (read->content != 0 && weir_json_get_type (json, read->content) != WEIR_JSON_STRING)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "field 'content' must be a string or an array");
  message->plain = TRUE;
  result->value.spelling = WEIR_SPELLING_TEXT;
  result->value.bytes = weir_read_get_text (json, read->content);
  return TRUE;
}

/* Google's imitation keeps its signatures in an object of its own. */
static WeirSlice
lookup_signature (const WeirJson *json, uint32_t extra)
{
  const uint32_t google = extra != 0 ? weir_json_lookup (json, extra, "google") : 0;

  if (google == 0)
    return (WeirSlice){ NULL };
  return weir_read_lookup_text (json, google, "thought_signature");
}

static void
set_arguments (const WeirJson *json, uint32_t item, WeirCall *call)
{
  const WeirSlice text = weir_read_get_text (json, item);

  if (item == 0 || (text.length == 0 && text.text != NULL && !call->custom))
    return;
  if (text.text != NULL)
    call->arguments = (WeirValue){ WEIR_SPELLING_TEXT, text };
  else
    call->arguments = (WeirValue){ WEIR_SPELLING_JSON, weir_json_get_raw (json, item) };
}

static gboolean
read_called (WeirRequest *self, uint32_t object, WeirPart *part, GError **error)
{
  const WeirJson *json = &self->json;
  const WeirField *fields = part->call.custom ? custom_fields : called_fields;
  Function read = { 0 };

  if (!weir_read_object (self, object, fields, &read, NULL, &part->unknown, error))
    return FALSE;
  if (part->call.custom && read.arguments != 0
      && weir_json_get_type (json, read.arguments) != WEIR_JSON_STRING)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field 'input' must be a string");
  part->call.name = read.name;
  set_arguments (json, read.arguments, &part->call);
  return TRUE;
}

static gboolean
read_call (WeirRequest *self, uint32_t object, WeirMessage *message, GError **error)
{
  WeirPart *part = weir_request_add_part (self, message, WEIR_PART_CALL);
  Call read = { 0 };
  uint32_t inner;

  part->raw = weir_json_get_raw (&self->json, object);
  if (!weir_read_object (self, object, call_fields, &read, NULL, &part->unknown, error))
    return FALSE;
  part->type_name = read.type;
  part->call.id = read.id;
  part->call.custom = equals (read.type, "custom");
  inner = part->call.custom ? read.custom : read.function;
  if (inner == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field '%s' is missing",
                           part->call.custom ? "custom" : "function");
  part->call.signature
      = weir_signature_unwrap (self, lookup_signature (&self->json, read.extra), part);
  return read_called (self, inner, part, error);
}

static gboolean
read_calls (WeirRequest *self, const Message *read, WeirMessage *message, GError **error)
{
  const WeirJson *json = &self->json;
  unsigned index = 0;

  for (uint32_t i = read->calls != 0 ? weir_json_first (json, read->calls) : 0; i != 0;
       i = weir_json_next (json, read->calls, i), index++)
    if (!read_call (self, i, message, error))
      {
        g_prefix_error (error, "tool_calls[%u]: ", index);
        return FALSE;
      }
  if (read->function_call != 0)
    {
      WeirPart *part = weir_request_add_part (self, message, WEIR_PART_CALL);

      part->raw = weir_json_get_raw (json, read->function_call);
      part->type_name = WEIR_SLICE (WEIR_CHAT_FUNCTIONS);
      return read_called (self, read->function_call, part, error);
    }
  return TRUE;
}

static void
add_thought (WeirRequest *self, WeirMessage *message, WeirSlice text)
{
  if (text.length > 0)
    weir_request_add_part (self, message, WEIR_PART_THINKING)->text = text;
}

/* Is there a thought in @list, and has one a text? */
static void
look_through (const WeirJson *json, uint32_t list, gboolean *out_any, gboolean *out_texts)
{
  for (uint32_t i = weir_json_first (json, list); i != 0;
       i = weir_json_next (json, list, i))
    {
      const WeirSlice type = weir_read_lookup_text (json, i, "type");

      if (!equals (type, "reasoning.text") && !equals (type, "reasoning.summary"))
        continue;
      *out_any = TRUE;
      if (weir_read_lookup_text (json, i, "text").length > 0
          || weir_read_lookup_text (json, i, "summary").length > 0)
        *out_texts = TRUE;
    }
}

static void
read_detail (WeirRequest *self, uint32_t item, WeirMessage *message, WeirSlice *said)
{
  const WeirJson *json = &self->json;
  const WeirSlice type = weir_read_lookup_text (json, item, "type");
  const gboolean redacted = equals (type, "reasoning.encrypted");
  const gboolean summary = equals (type, "reasoning.summary");
  WeirSlice signature;
  WeirPart *part;

  if (!redacted && !summary && !equals (type, "reasoning.text"))
    {
      part = weir_request_add_part (self, message, WEIR_PART_OTHER);
      part->raw = weir_json_get_raw (json, item);
      part->type_name = type;
      return;
    }
  part = weir_request_add_part (
      self, message, redacted ? WEIR_PART_REDACTED_THINKING : WEIR_PART_THINKING);
  part->raw = weir_json_get_raw (json, item);
  part->type_name = type;
  signature = weir_read_lookup_text (json, item, redacted ? "data" : "signature");
  part->thinking.signature = weir_signature_unwrap (self, signature, part);
  if (redacted)
    return;
  part->text = weir_read_lookup_text (json, item, summary ? "summary" : "text");
  if (part->text.length == 0)
    {
      part->text = *said;
      *said = WEIR_SLICE ("");
    }
}

/* OpenRouter's list says what reasoning_content says too, and its signatures. */
static void
read_thoughts (WeirRequest *self, const Message *read, WeirMessage *message)
{
  const WeirJson *json = &self->json;
  WeirSlice said = weir_read_get_text (json, read->reasoning_content);
  gboolean any = FALSE;
  gboolean texts = FALSE;

  if (said.length == 0)
    said = weir_read_get_text (json, read->reasoning);
  if (read->details == 0 || weir_json_get_type (json, read->details) != WEIR_JSON_ARRAY)
    {
      add_thought (self, message, said);
      return;
    }
  look_through (json, read->details, &any, &texts);
  if (!any)
    add_thought (self, message, said);
  if (!any || texts)
    said = WEIR_SLICE ("");
  for (uint32_t i = weir_json_first (json, read->details); i != 0;
       i = weir_json_next (json, read->details, i))
    read_detail (self, i, message, &said);
}

/* Pictures that the model drew, as compatible vendors send them. */
static gboolean
read_images (WeirRequest *self, uint32_t list, WeirMessage *message, GError **error)
{
  const WeirJson *json = &self->json;

  for (uint32_t i = list != 0 ? weir_json_first (json, list) : 0; i != 0;
       i = weir_json_next (json, list, i))
    {
      const uint32_t place = weir_json_lookup (json, i, "image_url");
      WeirPart *part = weir_request_add_part (
          self, message, place != 0 ? WEIR_PART_IMAGE : WEIR_PART_OTHER);

      part->raw = weir_json_get_raw (json, i);
      part->type_name = WEIR_SLICE ("images");
      if (place != 0 && !weir_chat_read_place (self, place, part, error))
        {
          g_prefix_error (error, "images: ");
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
read_assistant (WeirRequest *self,
                const Message *read,
                WeirMessage *message,
                GError **error)
{
  read_thoughts (self, read, message);
  if (!read_content (self, read->content, message, error))
    return FALSE;
  if (read->refusal.length > 0)
    weir_request_add_part (self, message, WEIR_PART_REFUSAL)->text = read->refusal;
  if (read->audio != 0)
    {
      WeirPart *part = weir_request_add_part (self, message, WEIR_PART_OTHER);

      part->raw = weir_json_get_raw (&self->json, read->audio);
      part->type_name = WEIR_SLICE ("audio");
    }
  return read_images (self, read->images, message, error)
         && read_calls (self, read, message, error);
}

static gboolean
read_message (WeirRequest *self, uint32_t object, GError **error)
{
  const WeirSlice word = weir_read_lookup_text (&self->json, object, "role");
  const WeirField *fields = NULL;
  WeirRole role = WEIR_ROLE_USER;
  WeirMessage *message;
  Message read = { 0 };

  for (size_t i = 0; i < G_N_ELEMENTS (roles); i++)
    if (equals (word, roles[i].word))
      {
        fields = roles[i].fields;
        role = roles[i].role;
      }
  if (fields == NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "field 'role' must be system, developer, user, assistant, tool "
                           "or function");
  message = weir_request_add_message (self, role);
  message->raw = weir_json_get_raw (&self->json, object);
  if (!weir_read_object (self, object, fields, &read, NULL, &message->unknown, error))
    return FALSE;
  if (role == WEIR_ROLE_TOOL)
    return read_result (self, &read, message, error);
  message->name = read.name;
  weir_chat_read_cache_mark (self, read.cache, &message->cache);
  if (role == WEIR_ROLE_ASSISTANT)
    return read_assistant (self, &read, message, error);
  return read_content (self, read.content, message, error);
}

gboolean
weir_chat_read_messages (WeirRequest *self, uint32_t list, GError **error)
{
  return weir_read_list (self, list, "messages", read_message, error);
}
