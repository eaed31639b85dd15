/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests of Anthropic Messages clients, read: the body and its messages (API reference,
 * read 2026-10).  Also the body of count_tokens, which is the same with less in it.  Blocks
 * of content are read in weir-anthropic-read-parts.c, tools and what the answer is to be
 * like in weir-anthropic-read-tools.c. */

#include "config.h"

#include "chat/weir-anthropic.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-signature.h"
#include "chat/weir-thinking.h"

typedef struct
{
  WeirSlice model;
  gboolean stream;
  uint32_t system;
  uint32_t messages;
  uint32_t tools;
  uint32_t tool_choice;
  uint32_t thinking;
  uint32_t output_config;
  uint32_t output_format;
  uint32_t metadata;
  uint32_t stop;
} Body;

typedef struct
{
  WeirSlice role;
  uint32_t content;
} Message;

typedef struct
{
  uint32_t user_id;
} Metadata;

#define BODY(member, type, field)                                                          \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Body, field)                                      \
  }
static const WeirField body_fields[] = {
  BODY ("model", TEXT, model),
  BODY ("stream", BOOLEAN, stream),
  BODY ("system", ITEM, system),
  { "messages", WEIR_FIELD_ARRAY, offsetof (Body, messages), TRUE },
  BODY ("tools", ARRAY, tools),
  BODY ("tool_choice", OBJECT, tool_choice),
  BODY ("thinking", OBJECT, thinking),
  BODY ("output_config", OBJECT, output_config),
  BODY ("output_format", OBJECT, output_format),
  BODY ("metadata", OBJECT, metadata),
  BODY ("stop_sequences", ARRAY, stop),
  { NULL },
};

/* clang-format off */
static const WeirReadOption body_options[] = {
  { "max_tokens", WEIR_OPTION_MAX_OUTPUT_TOKENS, WEIR_READ_NUMBER },
  { "temperature", WEIR_OPTION_TEMPERATURE, WEIR_READ_NUMBER },
  { "top_p", WEIR_OPTION_TOP_P, WEIR_READ_NUMBER },
  { "top_k", WEIR_OPTION_TOP_K, WEIR_READ_NUMBER },
  { "service_tier", WEIR_OPTION_SERVICE_TIER, WEIR_READ_STRING },
  { "speed", WEIR_OPTION_SPEED, WEIR_READ_STRING },
  { "cache_control", WEIR_OPTION_CACHE_CONTROL, WEIR_READ_OBJECT },
  { "context_management", WEIR_OPTION_CONTEXT_MANAGEMENT, WEIR_READ_ANY },
  { "thread", WEIR_OPTION_THREAD, WEIR_READ_OBJECT },
  { "container", WEIR_OPTION_CONTAINER, WEIR_READ_STRING | WEIR_READ_OBJECT },
  { "mcp_servers", WEIR_OPTION_MCP_SERVERS, WEIR_READ_LIST },
  { NULL },
};
/* clang-format on */

static const WeirField message_fields[] = {
  { "role", WEIR_FIELD_TEXT, offsetof (Message, role), TRUE },
  { "content", WEIR_FIELD_ITEM, offsetof (Message, content), TRUE },
  { NULL },
};

static const WeirField metadata_fields[] = {
  { "user_id", WEIR_FIELD_ITEM, offsetof (Metadata, user_id) },
  { NULL },
};

/* A content on its way to become one message or several. */
typedef struct
{
  WeirRequest *request;
  uint32_t item;
  WeirRole role;        /* of its parts, but for results */
  gboolean top;         /* the member `system` */
  WeirMessage *message; /* (nullable) the last one */
  WeirUnknown *unknown; /* (nullable) */
  WeirSlice of_call;    /* signature of the call that must come next, or empty */
} Content;

static WeirMessage *
ensure_message (Content *self, WeirRole role)
{
  const gboolean continues = self->message != NULL;

  if (continues && self->message->role == role)
    return self->message;
  self->message = weir_request_add_message (self->request, role);
  self->message->top = self->top;
  self->message->continues = continues;
  if (!continues)
    {
      self->message->raw = weir_json_get_raw (&self->request->json, self->item);
      self->message->unknown = self->unknown;
    }
  return self->message;
}

static gboolean
check_place (const Content *self, WeirPartType type, GError **error)
{
  if (type == WEIR_PART_RESULT && self->role != WEIR_ROLE_USER)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "results stand in messages of the user only");
  if ((type == WEIR_PART_CALL || type == WEIR_PART_THINKING
       || type == WEIR_PART_REDACTED_THINKING)
      && self->role != WEIR_ROLE_ASSISTANT)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "calls and thoughts stand in messages of the assistant only");
  return TRUE;
}

/* TRUE when @block is not the vendor's, but our own carrier of a call's signature. */
static gboolean
take_signature_of_call (Content *self, uint32_t block)
{
  const WeirSlice mark = WEIR_SLICE (WEIR_ANTHROPIC_OF_CALL);
  WeirSlice data = weir_read_lookup_text (&self->request->json, block, "data");

  if (!weir_slice_has_prefix (data, mark))
    return FALSE;
  data.text += mark.length;
  data.length -= mark.length;
  if (!weir_signature_occurs_in (data))
    return FALSE;
  self->of_call = data;
  return TRUE;
}

static gboolean
read_block (Content *self, uint32_t block, GError **error)
{
  const WeirPartType type = weir_anthropic_get_part_type (&self->request->json, block);
  WeirMessage *message;
  WeirPart *part;

  if (!check_place (self, type, error))
    return FALSE;
  if (type == WEIR_PART_REDACTED_THINKING && take_signature_of_call (self, block))
    return TRUE;
  message = ensure_message (self, type == WEIR_PART_RESULT ? WEIR_ROLE_TOOL : self->role);
  part = weir_request_add_part (self->request, message, type);
  if (!weir_anthropic_read_part (self->request, part, block, error))
    return FALSE;
  if (type != WEIR_PART_CALL || self->of_call.length == 0)
    return TRUE;
  part->call.signature = weir_signature_unwrap (self->request, self->of_call, part);
  self->of_call = WEIR_SLICE ("");
  return TRUE;
}

static gboolean
read_blocks (Content *self, uint32_t list, GError **error)
{
  const WeirJson *json = &self->request->json;
  unsigned index = 0;

  for (uint32_t i = weir_json_first (json, list); i != 0;
       i = weir_json_next (json, list, i), index++)
    if (!read_block (self, i, error))
      {
        g_prefix_error (error, "content[%u]: ", index);
        return FALSE;
      }
  ensure_message (self, self->message != NULL ? self->message->role : self->role);
  return TRUE;
}

static gboolean
read_content (Content *self, uint32_t item, GError **error)
{
  const WeirJson *json = &self->request->json;
  WeirMessage *message;

  if (weir_json_get_type (json, item) == WEIR_JSON_ARRAY)
    return read_blocks (self, item, error);
  if (weir_json_get_type (json, item) != WEIR_JSON_STRING)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "must be a string or a list of blocks");
  message = ensure_message (self, self->role);
  message->plain = TRUE;
  weir_request_add_part (self->request, message, WEIR_PART_TEXT)->text
      = weir_read_get_text (json, item);
  return TRUE;
}

static gboolean
read_role (WeirSlice word, WeirRole *out_role, GError **error)
{
  static const struct
  {
    const char *word;
    WeirRole role;
  } roles[] = {
    { "user", WEIR_ROLE_USER },
    { "assistant", WEIR_ROLE_ASSISTANT },
    { "system", WEIR_ROLE_SYSTEM }, /* in the middle, of newer clients */
  };

  for (size_t i = 0; i < G_N_ELEMENTS (roles); i++)
    if (weir_slice_equal (word, weir_slice_from_string (roles[i].word)))
      {
        *out_role = roles[i].role;
        return TRUE;
      }
  return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                         "field 'role' must be user, assistant or system");
}

static gboolean
read_message (WeirRequest *self, uint32_t item, GError **error)
{
  Content content = { .request = self, .item = item };
  Message read = { 0 };

  return weir_read_object (self, item, message_fields, &read, NULL, &content.unknown, error)
         && read_role (read.role, &content.role, error)
         && read_content (&content, read.content, error);
}

static gboolean
read_system (WeirRequest *self, uint32_t item, GError **error)
{
  Content content
      = { .request = self, .item = item, .role = WEIR_ROLE_SYSTEM, .top = TRUE };

  if (item == 0 || read_content (&content, item, error))
    return TRUE;
  g_prefix_error (error, "system: ");
  return FALSE;
}

static gboolean
read_stop (WeirRequest *self, uint32_t list, GError **error)
{
  const WeirJson *json = &self->json;

  for (uint32_t i = list != 0 ? weir_json_first (json, list) : 0; i != 0;
       i = weir_json_next (json, list, i))
    {
      if (weir_json_get_type (json, i) != WEIR_JSON_STRING)
        return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                               "stop_sequences: must be a list of strings");
      weir_request_add_name (self, &self->stop, weir_read_get_text (json, i));
      self->n_stop++;
    }
  return TRUE;
}

static gboolean
read_metadata (WeirRequest *self, uint32_t object, GError **error)
{
  Metadata read = { 0 };

  if (object == 0)
    return TRUE;
  if (!weir_read_object (self, object, metadata_fields, &read, "metadata", &self->unknown,
                         error))
    return FALSE;
  if (read.user_id == 0)
    return TRUE;
  if (weir_json_get_type (&self->json, read.user_id) != WEIR_JSON_STRING)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "metadata: field 'user_id' must be a string");
  self->options[WEIR_OPTION_USER] = weir_json_get_raw (&self->json, read.user_id);
  return TRUE;
}

static gboolean
read_body (WeirRequest *self, GError **error)
{
  Body body = { 0 };

  if (!weir_read_body (self, body_fields, body_options, &body, error))
    return FALSE;
  self->model = body.model;
  self->stream = body.stream;
  self->form = body.stream ? WEIR_ANSWER_SSE : WEIR_ANSWER_WHOLE;
  return read_system (self, body.system, error)
         && weir_read_list (self, body.messages, "messages", read_message, error)
         && (body.tools == 0 || weir_anthropic_read_tools (self, body.tools, error))
         && (body.tool_choice == 0
             || weir_anthropic_read_tool_choice (self, body.tool_choice, error))
         && weir_anthropic_read_output (self, body.thinking, body.output_config,
                                        body.output_format, error)
         && read_metadata (self, body.metadata, error) && read_stop (self, body.stop, error)
         && weir_request_link_results (self, error);
}

WeirRequest *
weir_anthropic_read_request (GBytes *body, WeirSlice model, gboolean stream, GError **error)
{
  g_autoptr (WeirRequest) self = weir_request_new (WEIR_DIALECT_ANTHROPIC, body, error);

  if (self == NULL || !read_body (self, error))
    return NULL;
  weir_thinking_take_suffix (self);
  return g_steal_pointer (&self);
}
