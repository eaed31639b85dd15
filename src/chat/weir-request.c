/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A request, the builders that readers use, and the little that writers share
 * about values and turns.  How a dialect spells a request is in the dialects' files. */

#include "config.h"

#include "chat/weir-request.h"

#include "base/weir-error.h"
#include "base/weir-json-write.h"
#include "chat/weir-text.h"

/* A call that results may belong to. */
typedef struct _Waiting
{
  struct _Waiting *next; /* (nullable) the next one of its name */
  const WeirCall *call;
  size_t run;
  gboolean answered;
} Waiting;

typedef struct
{
  WeirSlice name;
  Waiting *first; /* (nullable) */
  Waiting *last;
} Named;

typedef struct
{
  WeirRequest *request;
  GHashTable *by_id;   /* (owned) (nullable) of WeirSlice -> Waiting */
  GHashTable *by_name; /* (owned) (nullable) of WeirSlice -> Named */
  size_t run;          /* number of the run of messages of one side */
} Linker;

static void
linker_clear (Linker *self)
{
  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_pointer (&self->by_name, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Linker, linker_clear)

WeirRequest *
weir_request_new (WeirDialect origin, GBytes *body, GError **error)
{
  g_autoptr (WeirRequest) self = g_new0 (WeirRequest, 1);
  size_t length;
  const char *text = g_bytes_get_data (body, &length);

  self->origin = origin;
  self->body = g_bytes_ref (body);
  self->n_choices = 1;
  if (length > UINT32_MAX)
    {
      weir_error_set (error, WEIR_ERROR_TOO_LARGE, "body is larger than 4 GiB");
      return NULL;
    }
  if (!weir_json_parse (&self->json, text != NULL ? text : "", length, NULL, error))
    return NULL;
  if (weir_json_get_type (&self->json, 0) != WEIR_JSON_OBJECT)
    {
      weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "body is no JSON object");
      return NULL;
    }
  if (!weir_json_check_names (&self->json, 0, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
clear (WeirRequest *self)
{
  weir_arena_clear (&self->arena);
  weir_json_clear (&self->json);
  g_clear_pointer (&self->body, g_bytes_unref);
}

void
weir_request_free (WeirRequest *self)
{
  if (self == NULL)
    return;
  clear (self);
  g_free (self);
}

gpointer
weir_request_allocate (WeirRequest *self, size_t size)
{
  return weir_arena_allocate (&self->arena, size);
}

WeirSlice
weir_request_copy (WeirRequest *self, WeirSlice text)
{
  return weir_arena_copy (&self->arena, text);
}

WeirMessage *
weir_request_add_message (WeirRequest *self, WeirRole role)
{
  WeirMessage *message = weir_request_allocate (self, sizeof *message);

  message->role = role;
  message->origin = self->origin;
  if (self->last_message == NULL)
    self->messages = message;
  else
    self->last_message->next = message;
  self->last_message = message;
  self->n_messages++;
  return message;
}

static WeirPart *
add_part (WeirRequest *self, WeirPart **first, WeirPart **last, WeirPartType type)
{
  WeirPart *part = weir_request_allocate (self, sizeof *part);

  part->type = type;
  part->origin = self->origin;
  if (*last == NULL)
    *first = part;
  else
    (*last)->next = part;
  *last = part;
  return part;
}

WeirPart *
weir_request_add_part (WeirRequest *self, WeirMessage *message, WeirPartType type)
{
  message->n_parts++;
  return add_part (self, &message->parts, &message->last_part, type);
}

WeirPart *
weir_request_add_result_part (WeirRequest *self, WeirResult *result, WeirPartType type)
{
  return add_part (self, &result->parts, &result->last_part, type);
}

WeirTool *
weir_request_add_tool (WeirRequest *self, WeirToolType type)
{
  WeirTool *tool = weir_request_allocate (self, sizeof *tool);

  tool->type = type;
  tool->origin = self->origin;
  if (self->last_tool == NULL)
    self->tools = tool;
  else
    self->last_tool->next = tool;
  self->last_tool = tool;
  self->n_tools++;
  return tool;
}

void
weir_request_add_name (WeirRequest *self, WeirName **list, WeirSlice name)
{
  WeirName *node = weir_request_allocate (self, sizeof *node);
  WeirName **end = list;

  node->name = name;
  if (self->last_list == list && *list != NULL)
    end = &((WeirName *)self->last_node)->next;
  while (*end != NULL)
    end = &(*end)->next;
  *end = node;
  self->last_list = list;
  self->last_node = node;
}

static WeirSlice
join_name (WeirRequest *self, const char *prefix, WeirSlice name)
{
  const size_t length = strlen (prefix);
  char *joined = weir_request_allocate (self, length + 1 + name.length);

  memcpy (joined, prefix, length);
  joined[length] = '.';
  if (name.length > 0)
    memcpy (joined + length + 1, name.text, name.length);
  return (WeirSlice){ joined, length + 1 + name.length };
}

void
weir_request_add_unknown (WeirRequest *self,
                          WeirUnknown **list,
                          const char *prefix,
                          uint32_t name)
{
  const WeirSlice quoted = weir_json_get_raw (&self->json, name);
  const WeirSlice bare = { quoted.text + 1, quoted.length - 2 };
  WeirUnknown *node = weir_request_allocate (self, sizeof *node);
  WeirUnknown **end = list;

  node->name = prefix != NULL ? join_name (self, prefix, bare) : bare;
  node->value = weir_json_get_raw (&self->json, name + 1);
  if (self->last_list == list && *list != NULL)
    end = &((WeirUnknown *)self->last_node)->next;
  while (*end != NULL)
    end = &(*end)->next;
  *end = node;
  self->last_list = list;
  self->last_node = node;
}

/* The body without its turns: what answers of Responses repeat to the client. */
static void
keep_settings (const WeirRequest *self, WeirRequest *rest)
{
  static const WeirJsonLimits shallow = { .record_depth = 1 };
  GString *body = g_string_new ("{");
  gsize length;
  const char *text;

  for (uint32_t i = weir_json_first (&self->json, 0); i != 0;
       i = weir_json_next (&self->json, 0, i))
    {
      const WeirSlice name = weir_json_get_raw (&self->json, i);
      const WeirSlice value = weir_json_get_raw (&self->json, i + 1);

      if (weir_json_equals (&self->json, i, "input"))
        continue;
      if (body->len > 1)
        g_string_append_c (body, ',');
      g_string_append_len (body, name.text, (gssize)name.length);
      g_string_append_c (body, ':');
      g_string_append_len (body, value.text, (gssize)value.length);
    }
  g_string_append_c (body, '}');
  rest->body = g_string_free_to_bytes (body);
  text = g_bytes_get_data (rest->body, &length);
  if (!weir_json_parse (&rest->json, text, length, &shallow, NULL))
    g_assert_not_reached (); /* the whole was parsed */
}

void
weir_request_reduce (WeirRequest *self)
{
  WeirRequest rest = {
    .origin = self->origin,
    .stream = self->stream,
    .form = self->form,
    .include_usage = self->include_usage,
    .n_choices = self->n_choices,
    .thinking = self->thinking,
  };

  rest.thinking.level = weir_request_copy (&rest, self->thinking.level);
  rest.thinking.summary = weir_request_copy (&rest, self->thinking.summary);
  rest.thinking.raw = weir_request_copy (&rest, self->thinking.raw);
  for (const WeirTool *tool = self->tools; tool != NULL; tool = tool->next)
    {
      WeirTool *kept = weir_request_add_tool (&rest, tool->type);

      kept->type_name = weir_request_copy (&rest, tool->type_name);
      kept->name = weir_request_copy (&rest, tool->name);
      kept->scope = weir_request_copy (&rest, tool->scope);
    }
  if (self->origin == WEIR_DIALECT_OPENAI_RESPONSES)
    keep_settings (self, &rest);
  clear (self);
  *self = rest;
}

static guint
hash_slice (gconstpointer key)
{
  const WeirSlice *slice = key;
  guint hash = 2166136261u; /* FNV-1a */

  for (size_t i = 0; i < slice->length; i++)
    hash = (hash ^ (guchar)slice->text[i]) * 16777619u;
  return hash;
}

static gboolean
equal_slices (gconstpointer a, gconstpointer b)
{
  const WeirSlice *left = a;
  const WeirSlice *right = b;

  return weir_slice_equal (*left, *right);
}

static gboolean
note_call (Linker *self, const WeirCall *call, GError **error)
{
  Waiting *waiting = weir_request_allocate (self->request, sizeof *waiting);
  const Waiting *before;
  Named *named;

  waiting->call = call;
  waiting->run = self->run;
  if (self->by_id == NULL)
    {
      self->by_id = g_hash_table_new (hash_slice, equal_slices);
      self->by_name = g_hash_table_new (hash_slice, equal_slices);
    }
  named = g_hash_table_lookup (self->by_name, &call->name);
  if (named == NULL)
    {
      named = weir_request_allocate (self->request, sizeof *named);
      named->name = call->name;
      g_hash_table_insert (self->by_name, &named->name, named);
    }
  if (named->first == NULL)
    named->first = waiting;
  else
    named->last->next = waiting;
  named->last = waiting;

  if (call->id.length == 0)
    return TRUE;
  before = g_hash_table_lookup (self->by_id, &call->id);
  if (before != NULL && before->run == self->run)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "two calls have the same id");
  g_hash_table_insert (self->by_id, (gpointer)&call->id, waiting);
  return TRUE;
}

static void
link_result (Linker *self, WeirResult *result)
{
  Waiting *waiting = NULL;

  if (self->by_id == NULL)
    return; /* no call before it */
  if (result->call_id.length > 0)
    waiting = g_hash_table_lookup (self->by_id, &result->call_id);
  else if (result->name.length > 0)
    {
      Named *named = g_hash_table_lookup (self->by_name, &result->name);

      while (named != NULL && named->first != NULL && named->first->answered)
        named->first = named->first->next;
      waiting = named != NULL ? named->first : NULL;
    }
  if (waiting == NULL)
    return;
  waiting->answered = TRUE;
  result->of = waiting->call;
}

/* 0: system; 1: the model; 2: the client. */
static unsigned
get_side (WeirRole role)
{
  static const unsigned char sides[] = {
    [WEIR_ROLE_SYSTEM] = 0,    [WEIR_ROLE_DEVELOPER] = 0, [WEIR_ROLE_USER] = 2,
    [WEIR_ROLE_ASSISTANT] = 1, [WEIR_ROLE_TOOL] = 2,
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (sides) == WEIR_ROLE_LAST);

  return sides[role];
}

static gboolean
link_message (Linker *self, WeirMessage *message, GError **error)
{
  for (WeirPart *part = message->parts; part != NULL; part = part->next)
    {
      if (part->type == WEIR_PART_CALL && !note_call (self, &part->call, error))
        return FALSE;
      if (part->type == WEIR_PART_RESULT)
        link_result (self, &part->result);
    }
  return TRUE;
}

gboolean
weir_request_link_results (WeirRequest *self, GError **error)
{
  g_auto (Linker) linker = { .request = self };
  const WeirMessage *before = NULL;

  for (WeirMessage *message = self->messages; message != NULL; message = message->next)
    {
      if (before != NULL && get_side (before->role) != get_side (message->role))
        linker.run++;
      if (!link_message (&linker, message, error))
        return FALSE;
      before = message;
    }
  return TRUE;
}

const WeirMessage *
weir_message_get_turn_end (const WeirMessage *first)
{
  const WeirMessage *end = first->next;

  while (end != NULL && get_side (end->role) == get_side (first->role))
    end = end->next;
  return end;
}

static WeirSlice
get_slice (const GString *text)
{
  return (WeirSlice){ text->str, text->len };
}

WeirSlice
weir_value_get_text (const WeirValue *value, GString *out)
{
  if (value->spelling != WEIR_SPELLING_JSON)
    return value->bytes;
  g_string_truncate (out, 0);
  weir_json_escape (out, value->bytes, FALSE);
  return get_slice (out);
}

gboolean
weir_value_get_json (const WeirValue *value, GString *out, WeirSlice *out_json)
{
  g_auto (WeirJson) json = { 0 };

  if (value->spelling == WEIR_SPELLING_ABSENT)
    return FALSE;
  if (value->spelling == WEIR_SPELLING_JSON)
    {
      *out_json = value->bytes;
      return TRUE;
    }
  g_string_truncate (out, 0);
  weir_text_unescape (value->bytes, out);
  if (!weir_json_parse (&json, out->str, out->len, NULL, NULL))
    return FALSE;
  *out_json = weir_json_get_raw (&json, 0);
  return TRUE;
}

static gboolean
is_blank (const GString *text)
{
  for (size_t i = 0; i < text->len; i++)
    if (!g_ascii_isspace (text->str[i]))
      return FALSE;
  return TRUE;
}

static WeirSlice
wrap_input (WeirSlice escaped, GString *out)
{
  g_string_assign (out, "{\"input\":\"");
  if (escaped.length > 0)
    g_string_append_len (out, escaped.text, (gssize)escaped.length);
  g_string_append (out, "\"}");
  return get_slice (out);
}

gboolean
weir_call_get_object (const WeirCall *call, GString *out, WeirSlice *out_json)
{
  WeirSlice value;

  if (call->custom)
    {
      *out_json = wrap_input (call->arguments.bytes, out);
      return TRUE;
    }
  if (weir_value_get_json (&call->arguments, out, &value))
    {
      if (value.text[0] != '{')
        return FALSE;
      *out_json = value;
      return TRUE;
    }
  if (call->arguments.spelling == WEIR_SPELLING_TEXT && !is_blank (out))
    return FALSE;
  *out_json = WEIR_SLICE ("{}");
  return TRUE;
}

WeirSlice
weir_call_get_text (const WeirCall *call, GString *out)
{
  if (call->custom)
    {
      g_autoptr (GString) object = g_string_new (NULL);

      wrap_input (call->arguments.bytes, object);
      g_string_truncate (out, 0);
      weir_json_escape (out, get_slice (object), FALSE);
      return get_slice (out);
    }
  if (call->arguments.bytes.length == 0)
    return WEIR_SLICE ("{}");
  return weir_value_get_text (&call->arguments, out);
}
