/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests of Gemini clients, read: the body of generateContent and that of countTokens,
 * which may hold the former (Gemini API reference, read 2026-10).  Single parts are read in
 * weir-gemini-part.c, settings in weir-gemini-read-config.c. */

#include "config.h"

#include "chat/weir-gemini-fields.h"
#include "chat/weir-gemini-read.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-signature.h"
#include "chat/weir-thinking.h"

typedef struct
{
  uint32_t contents;
  uint32_t system;
  uint32_t tools;
  uint32_t tool_config;
  uint32_t generation;
  uint32_t model;
  uint32_t inner; /* countTokens: a whole request */
} BodyFields;

static const WeirField body_fields[] = {
  { "contents", WEIR_FIELD_ITEM, offsetof (BodyFields, contents) },
  { "systemInstruction", WEIR_FIELD_ITEM, offsetof (BodyFields, system) },
  { "tools", WEIR_FIELD_ITEM, offsetof (BodyFields, tools) },
  { "toolConfig", WEIR_FIELD_OBJECT, offsetof (BodyFields, tool_config) },
  { "generationConfig", WEIR_FIELD_OBJECT, offsetof (BodyFields, generation) },
  { "model", WEIR_FIELD_ITEM, offsetof (BodyFields, model) },
  { "generateContentRequest", WEIR_FIELD_OBJECT, offsetof (BodyFields, inner) },
  { .name = NULL },
};
static const WeirGeminiShape body_shape
    = { .fields = body_fields, .options = weir_gemini_body_options };

typedef struct
{
  uint32_t parts;
  WeirSlice role;
} ContentFields;

static const WeirField content_fields[] = {
  { "parts", WEIR_FIELD_ITEM, offsetof (ContentFields, parts) },
  { "role", WEIR_FIELD_TEXT, offsetof (ContentFields, role) },
  { .name = NULL },
};
static const WeirGeminiShape content_shape = { .fields = content_fields };

/* A content on its way to become one message or several. */
typedef struct
{
  WeirRequest *request;
  uint32_t item;
  WeirRole role;           /* of its parts that say nothing else */
  gboolean top;            /* the system instruction */
  WeirMessage *message;    /* (nullable) the last one */
  WeirUnknown *unknown;    /* (nullable) */
  const WeirPart *thought; /* (nullable) the last one since the user spoke */
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

/* In whose message a part of @type stands. */
static WeirRole
get_role_of_part (const Content *self, WeirPartType type)
{
  if (self->top)
    return self->role;
  if (type == WEIR_PART_RESULT)
    return WEIR_ROLE_TOOL;
  if (type == WEIR_PART_CALL || type == WEIR_PART_THINKING)
    return WEIR_ROLE_ASSISTANT;
  return self->role;
}

/* A call may carry the signature of the thought in front of it, for clients that return no
 * thoughts: then that thought is made anew, without its text, unless it is there.  Whose
 * call it is; such a signature is taken off @found. */
static WeirDialect
take_thought_of_call (Content *self, WeirGeminiPart *found)
{
  const gboolean is_redacted
      = weir_slice_has_prefix (found->signature, WEIR_SLICE (WEIR_GEMINI_OF_REDACTED));
  WeirPart holder = { .origin = WEIR_DIALECT_GEMINI };
  WeirSlice signature = found->signature;
  WeirPart *part;

  if (!is_redacted
      && !weir_slice_has_prefix (signature, WEIR_SLICE (WEIR_GEMINI_OF_THOUGHT)))
    return holder.origin;
  signature.text += strlen (WEIR_GEMINI_OF_THOUGHT);
  signature.length -= strlen (WEIR_GEMINI_OF_THOUGHT);
  signature = weir_signature_unwrap (self->request, signature, &holder);
  if (holder.origin == WEIR_DIALECT_GEMINI)
    return holder.origin;
  found->signature = WEIR_SLICE ("");
  if (signature.length == 0
      || (self->thought != NULL
          && weir_slice_equal (self->thought->thinking.signature, signature)))
    return holder.origin;
  part = weir_request_add_part (self->request, ensure_message (self, WEIR_ROLE_ASSISTANT),
                                is_redacted ? WEIR_PART_REDACTED_THINKING
                                            : WEIR_PART_THINKING);
  part->origin = holder.origin;
  part->thinking.signature = signature;
  self->thought = part;
  return holder.origin;
}

static gboolean
read_part (Content *self, uint32_t item, GError **error)
{
  WeirDialect origin = WEIR_DIALECT_GEMINI;
  WeirGeminiPart found;
  WeirPartType type;
  WeirMessage *message;
  WeirPart *part;

  if (!weir_gemini_part_read (&found, self->request, item, error))
    return FALSE;
  type = weir_gemini_part_get_type (&found);
  if (self->top
      && (type == WEIR_PART_RESULT || type == WEIR_PART_CALL || type == WEIR_PART_THINKING))
    type = WEIR_PART_OTHER;
  if (type == WEIR_PART_CALL)
    origin = take_thought_of_call (self, &found);
  message = ensure_message (self, get_role_of_part (self, type));
  part = weir_request_add_part (self->request, message, type);
  if (!weir_gemini_part_fill (&found, self->request, part, error))
    return FALSE;
  if (origin != WEIR_DIALECT_GEMINI)
    {
      part->origin = origin;
      part->raw = WEIR_SLICE (""); /* the client's spelling says more */
    }
  if (type == WEIR_PART_THINKING)
    self->thought = part;
  return TRUE;
}

static gboolean
read_parts (Content *self, uint32_t list, GError **error)
{
  const WeirJson *json = &self->request->json;
  unsigned index = 0;

  for (uint32_t i = weir_gemini_first (json, list); i != 0;
       i = weir_gemini_next (json, list, i), index++)
    if (!read_part (self, i, error))
      {
        g_prefix_error (error, "parts[%u]: ", index);
        return FALSE;
      }
  ensure_message (self, self->message != NULL ? self->message->role : self->role);
  return TRUE;
}

/* Clients of the first version of the interface give results a role of their own. */
static gboolean
read_role (WeirSlice word, WeirRole *out_role, GError **error)
{
  static const struct
  {
    const char *word;
    WeirRole role;
  } roles[] = {
    { "", WEIR_ROLE_USER },           { "user", WEIR_ROLE_USER },
    { "model", WEIR_ROLE_ASSISTANT }, { "function", WEIR_ROLE_USER },
    { "tool", WEIR_ROLE_USER },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (roles); i++)
    if (weir_slice_equal (word, weir_slice_from_string (roles[i].word)))
      {
        *out_role = roles[i].role;
        return TRUE;
      }
  return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                         "field 'role' must be user, model or function");
}

/* *@thought: see Content. */
static gboolean
read_content (WeirRequest *request, uint32_t item, const WeirPart **thought, GError **error)
{
  Content self = { .request = request, .item = item };
  ContentFields fields = { 0 };

  if (!weir_gemini_read_members (request, item, &content_shape, &fields, &self.unknown,
                                 error)
      || !read_role (fields.role, &self.role, error))
    return FALSE;
  if (self.role == WEIR_ROLE_ASSISTANT)
    self.thought = *thought;
  if (!read_parts (&self, fields.parts, error))
    return FALSE;
  *thought = self.thought;
  return TRUE;
}

static gboolean
read_contents (WeirRequest *request, uint32_t list, GError **error)
{
  const WeirJson *json = &request->json;
  const WeirPart *thought = NULL;
  unsigned index = 0;

  for (uint32_t i = weir_gemini_first (json, list); i != 0;
       i = weir_gemini_next (json, list, i), index++)
    if (!read_content (request, i, &thought, error))
      {
        g_prefix_error (error, "contents[%u]: ", index);
        return FALSE;
      }
  return TRUE;
}

/* A string, a content, a list of parts, or one part alone: SDKs send all of these. */
static gboolean
read_system (WeirRequest *request, uint32_t item, GError **error)
{
  const WeirJson *json = &request->json;
  Content self
      = { .request = request, .item = item, .role = WEIR_ROLE_SYSTEM, .top = TRUE };
  ContentFields fields = { .parts = item };
  WeirSlice raw;

  if (item == 0)
    return TRUE;
  raw = weir_json_get_raw (json, item);
  if (weir_json_get_type (json, item) == WEIR_JSON_STRING)
    {
      WeirMessage *message = ensure_message (&self, WEIR_ROLE_SYSTEM);

      message->plain = TRUE;
      weir_request_add_part (request, message, WEIR_PART_TEXT)->text
          = (WeirSlice){ raw.text + 1, raw.length - 2 };
      return TRUE;
    }
  if (weir_gemini_lookup (json, item, "parts") != 0
      && !weir_gemini_read_members (request, item, &content_shape, &fields, &self.unknown,
                                    error))
    return FALSE;
  return read_parts (&self, fields.parts, error);
}

/* "models/NAME" of a counted request; the path's name goes before it. */
static void
read_model (WeirRequest *request, uint32_t item)
{
  static const char prefix[] = "models/";
  WeirSlice raw;

  if (item == 0 || request->model.length > 0
      || weir_json_get_type (&request->json, item) != WEIR_JSON_STRING)
    return;
  raw = weir_json_get_raw (&request->json, item);
  request->model = (WeirSlice){ raw.text + 1, raw.length - 2 };
  if (!weir_slice_has_prefix (request->model, weir_slice_from_string (prefix)))
    return;
  request->model.text += strlen (prefix);
  request->model.length -= strlen (prefix);
}

static gboolean
read_settings (WeirRequest *request, const BodyFields *fields, GError **error)
{
  if (!weir_gemini_read_tools (request, fields->tools, error))
    return FALSE;
  if (fields->tool_config != 0
      && !weir_gemini_read_tool_config (request, fields->tool_config, error))
    {
      g_prefix_error (error, WEIR_GEMINI_TOOL_CONFIG ": ");
      return FALSE;
    }
  if (fields->generation != 0
      && !weir_gemini_read_generation (request, fields->generation, error))
    {
      g_prefix_error (error, WEIR_GEMINI_GENERATION ": ");
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_body (WeirRequest *request, uint32_t object, GError **error)
{
  BodyFields fields = { 0 };

  if (!weir_gemini_read_members (request, object, &body_shape, &fields, &request->unknown,
                                 error))
    return FALSE;
  if (fields.inner != 0 && object == 0)
    {
      if (read_body (request, fields.inner, error))
        return TRUE;
      g_prefix_error (error, "generateContentRequest: ");
      return FALSE;
    }
  read_model (request, fields.model);
  if (!read_system (request, fields.system, error))
    {
      g_prefix_error (error, "systemInstruction: ");
      return FALSE;
    }
  return read_contents (request, fields.contents, error)
         && read_settings (request, &fields, error);
}

WeirRequest *
weir_gemini_read_request (GBytes *body, WeirSlice model, gboolean stream, GError **error)
{
  g_autoptr (WeirRequest) request = weir_request_new (WEIR_DIALECT_GEMINI, body, error);

  if (request == NULL)
    return NULL;
  request->model = weir_request_copy (request, model);
  request->stream = stream;
  request->form = stream ? WEIR_ANSWER_SSE : WEIR_ANSWER_WHOLE;
  if (!read_body (request, 0, error))
    return NULL;
  weir_thinking_take_suffix (request);
  if (!weir_request_link_results (request, error))
    return NULL;
  return g_steal_pointer (&request);
}
