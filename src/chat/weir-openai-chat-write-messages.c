/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Messages of an OpenAI Chat Completions request (API reference, "create chat completion",
 * read 2026-10).  Messages that came in this dialect go on as they came, unless they hold
 * another vendor's signature.
 *
 * Of other dialects, what the model said in one turn is one message: thoughts are left out,
 * texts are one text, and behind them stand the calls.  Results are written in a file of
 * their own. */

#include "config.h"

#include "chat/weir-openai-chat-writer.h"
#include "chat/weir-openai-model.h"
#include "chat/weir-tool-name.h"

/* A run of messages of the model. */
typedef struct
{
  const WeirMessage *first;
  const WeirMessage *end; /* (nullable) behind the last one */
  unsigned index;         /* of the first one */
  GString *text;          /* (unowned) escaped */
  GString *thoughts;      /* (owned) escaped */
  unsigned n_calls;       /* to be written */
  gboolean refused;       /* it is a refusal and nothing else, and is said to be one */
} Turn;

typedef void (*EachCallFunc) (WeirChatWriter *self,
                              const WeirPart *part,
                              unsigned message,
                              unsigned index);

/* Most messages are one text, which nobody has to build. */
static GString *
begin_text (WeirChatWriter *self)
{
  if (self->text == NULL)
    self->text = g_string_new (NULL);
  return g_string_truncate (self->text, 0);
}

/* In its own dialect nothing is moved or left out. */
static gboolean
is_written (const WeirChatWriter *self, const WeirCall *call)
{
  return self->own || weir_chat_is_answered (self, call);
}

static void
note_call (WeirChatWriter *self, Turn *turn, const WeirPart *part, const char *where)
{
  if (is_written (self, &part->call))
    turn->n_calls++;
  else
    weir_chat_report (self, WEIR_LOSS_CALL_WITHOUT_RESULT, where);
  if (part->call.signature.length > 0
      && !weir_part_may_return (part, WEIR_DIALECT_OPENAI_CHAT))
    weir_chat_report (self, WEIR_LOSS_SIGNATURE, where);
}

static void
note_part (WeirChatWriter *self,
           Turn *turn,
           const WeirPart *part,
           gboolean first_of_message,
           const char *where)
{
  weir_chat_report_of_part (self, part, where);
  switch (part->type)
    {
    case WEIR_PART_REFUSAL:
      if (!turn->refused)
        weir_chat_report (self, WEIR_LOSS_REFUSAL, where);
      weir_chat_append_text (turn->text, part->text, first_of_message);
      break;
    case WEIR_PART_TEXT:
      weir_chat_append_text (turn->text, part->text, first_of_message);
      break;
    case WEIR_PART_THINKING:
      if (weir_part_may_return (part, WEIR_DIALECT_OPENAI_CHAT))
        weir_chat_append_text (turn->thoughts, part->text, TRUE);
      else
        weir_chat_report (self, WEIR_LOSS_THINKING, where);
      break;
    case WEIR_PART_REDACTED_THINKING:
      weir_chat_report (self, WEIR_LOSS_THINKING_REDACTED, where);
      break;
    case WEIR_PART_CALL:
      note_call (self, turn, part, where);
      break;
    case WEIR_PART_IMAGE:
    case WEIR_PART_AUDIO:
    case WEIR_PART_VIDEO:
    case WEIR_PART_FILE:
      weir_chat_report (self, WEIR_LOSS_MEDIA_ASSISTANT, where);
      break;
    case WEIR_PART_RESULT:
    case WEIR_PART_OTHER:
    case WEIR_PART_LAST:
      weir_chat_report (self, WEIR_LOSS_PART, where);
      break;
    }
}

/* Did the model only refuse?  Compatible servers may not know the word for that, and to
 * them the turn would be empty. */
static gboolean
is_refusal (const WeirChatWriter *self, const Turn *turn)
{
  gboolean refused = FALSE;

  if (!weir_openai_model_is_own (self->options->model))
    return FALSE;
  for (const WeirMessage *message = turn->first; message != turn->end;
       message = message->next)
    for (const WeirPart *part = message->parts; part != NULL; part = part->next)
      {
        if (part->type == WEIR_PART_CALL
            || (part->type == WEIR_PART_TEXT && part->text.length > 0))
          return FALSE;
        refused = refused || part->type == WEIR_PART_REFUSAL;
      }
  return refused;
}

static void
note_turn (WeirChatWriter *self, Turn *turn)
{
  unsigned m = turn->index;

  for (const WeirMessage *message = turn->first; message != turn->end;
       message = message->next, m++)
    {
      const size_t before = turn->text->len;
      unsigned p = 0;

      weir_chat_report_of_message (self, message, m);
      for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
        {
          char where[WEIR_LOSS_PLACE_MAX];

          weir_loss_put_part (where, m, p);
          note_part (self, turn, part, turn->text->len == before, where);
        }
    }
}

static void
for_each_call (WeirChatWriter *self, const Turn *turn, EachCallFunc func)
{
  unsigned m = turn->index;

  for (const WeirMessage *message = turn->first; message != turn->end;
       message = message->next, m++)
    {
      unsigned p = 0;

      for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
        if (part->type == WEIR_PART_CALL && is_written (self, &part->call))
          func (self, part, m, p);
    }
}

static void
write_call (WeirChatWriter *self, const WeirPart *part, unsigned message, unsigned index)
{
  const WeirCall *call = &part->call;
  const gboolean custom = call->custom && self->own;
  WeirJsonWriter *json = &self->json;

  weir_json_open (json, NULL);
  weir_json_add_escaped (json, "id", weir_chat_get_call_id (self, call, message, index));
  weir_json_add_string (json, "type", custom ? "custom" : "function");
  weir_json_open (json, custom ? "custom" : "function");
  weir_json_add_escaped (json, "name",
                         weir_tool_name_map_scoped (call->scope, call->name,
                                                    WEIR_DIALECT_OPENAI_CHAT,
                                                    self->scratch));
  if (custom)
    weir_json_add_escaped (json, "input", call->arguments.bytes);
  else
    weir_json_add_escaped (json, "arguments", weir_call_get_text (call, self->scratch));
  weir_json_close (json);
  if (call->signature.length > 0 && weir_part_may_return (part, WEIR_DIALECT_OPENAI_CHAT))
    {
      weir_json_open (json, "extra_content");
      weir_json_open (json, "google");
      weir_json_add_escaped (json, "thought_signature", call->signature);
      weir_json_close (json);
      weir_json_close (json);
    }
  weir_json_close (json);
}

static gboolean
write_turn (WeirChatWriter *self, Turn *turn, GError **error)
{
  WeirJsonWriter *json = &self->json;

  turn->refused = is_refusal (self, turn);
  note_turn (self, turn);
  if (turn->n_calls == 0 && turn->text->len == 0 && turn->thoughts->len == 0)
    return TRUE;
  weir_json_open (json, NULL);
  weir_json_add_string (json, "role", "assistant");
  weir_chat_add_text (self, "name", turn->first->name);
  if (turn->thoughts->len > 0)
    weir_chat_add_built (self, "reasoning_content", turn->thoughts);
  if (!turn->refused && (turn->text->len > 0 || turn->n_calls == 0))
    weir_chat_add_built (self, "content", turn->text);
  else
    weir_json_add_null (json, "content");
  if (turn->refused)
    weir_chat_add_built (self, "refusal", turn->text);
  if (turn->n_calls > 0)
    {
      weir_json_open_array (json, "tool_calls");
      for_each_call (self, turn, write_call);
      weir_json_close (json);
    }
  weir_json_close (json);
  if (self->own)
    return TRUE;
  if (turn->end == NULL && turn->n_calls == 0)
    weir_chat_report (self, WEIR_LOSS_PREFILL, "messages");
  for_each_call (self, turn, weir_chat_write_answer);
  return weir_chat_write_answer_media (self, turn->first, turn->end, error);
}

static gboolean
write_assistant (WeirChatWriter *self,
                 const WeirMessage *first,
                 const WeirMessage *end,
                 unsigned index,
                 GError **error)
{
  g_autoptr (GString) thoughts = g_string_new (NULL);
  Turn turn = {
    .first = first,
    .end = end,
    .index = index,
    .text = begin_text (self),
    .thoughts = thoughts,
  };

  return write_turn (self, &turn, error);
}

/* TRUE: a list of parts is needed, a string is not enough. */
static gboolean
has_media (const WeirMessage *message)
{
  for (const WeirPart *part = message->parts; part != NULL; part = part->next)
    if (weir_chat_is_media (part))
      return TRUE;
  return FALSE;
}

static gboolean
write_parts (WeirChatWriter *self,
             const WeirMessage *message,
             unsigned index,
             GError **error)
{
  unsigned p = 0;

  weir_chat_open_user (self);
  for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
    {
      char where[WEIR_LOSS_PLACE_MAX];

      weir_loss_put_part (where, index, p);
      if (!weir_chat_write_part (self, part, where, error))
        return FALSE;
    }
  weir_chat_close_user (self);
  return TRUE;
}

/* @text as a paragraph behind @said.  A single one is not copied. */
static WeirSlice
join_text (WeirChatWriter *self, WeirSlice said, WeirSlice text)
{
  if (text.length == 0)
    return said;
  if (said.length == 0)
    return text;
  if (self->text == NULL || said.text != self->text->str)
    weir_chat_append_text (begin_text (self), said, FALSE);
  weir_chat_append_text (self->text, text, TRUE);
  return (WeirSlice){ self->text->str, self->text->len };
}

/* A message of the client or the system that is one string. */
static void
write_plain (WeirChatWriter *self, const WeirMessage *message, unsigned index)
{
  const gboolean is_user = message->role == WEIR_ROLE_USER;
  WeirSlice text = WEIR_SLICE ("");
  gboolean any = FALSE;
  unsigned p = 0;

  for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
    {
      char where[WEIR_LOSS_PLACE_MAX];

      weir_loss_put_part (where, index, p);
      weir_chat_report_of_part (self, part, where);
      if (part->type == WEIR_PART_TEXT || part->type == WEIR_PART_REFUSAL)
        {
          any = TRUE;
          text = join_text (self, text, part->text);
        }
      else
        weir_chat_report (
            self, weir_chat_is_media (part) ? WEIR_LOSS_SYSTEM_MEDIA : WEIR_LOSS_PART,
            where);
    }
  if (!any || (!is_user && text.length == 0))
    return;
  weir_json_open (&self->json, NULL);
  weir_json_add_string (&self->json, "role", is_user ? "user" : "system");
  weir_chat_add_text (self, "name", message->name);
  weir_json_add_escaped (&self->json, "content", text);
  weir_json_close (&self->json);
}

static gboolean
write_message (WeirChatWriter *self,
               const WeirMessage *message,
               unsigned index,
               GError **error)
{
  switch (message->role)
    {
    case WEIR_ROLE_TOOL:
      return weir_chat_check_results (self, message, index, error);
    case WEIR_ROLE_USER:
      weir_chat_report_of_message (self, message, index);
      if (has_media (message))
        return write_parts (self, message, index, error);
      break;
    case WEIR_ROLE_SYSTEM:
    case WEIR_ROLE_DEVELOPER:
      weir_chat_report_of_message (self, message, index);
      break;
    case WEIR_ROLE_ASSISTANT:
    case WEIR_ROLE_LAST:
      g_return_val_if_reached (FALSE);
    }
  write_plain (self, message, index);
  return TRUE;
}

/* Not when the bytes hold another vendor's signature: such a part is of that origin. */
static gboolean
may_copy (const WeirMessage *message)
{
  if (message->origin != WEIR_DIALECT_OPENAI_CHAT || message->raw.length == 0)
    return FALSE;
  for (const WeirPart *part = message->parts; part != NULL; part = part->next)
    if (!weir_part_may_return (part, WEIR_DIALECT_OPENAI_CHAT))
      return FALSE;
  return TRUE;
}

gboolean
weir_chat_write_messages (WeirChatWriter *self, GError **error)
{
  const WeirMessage *message = self->request->messages;
  unsigned index = 0;

  if (!self->own)
    weir_chat_note_answers (self);
  weir_json_open_array (&self->json, "messages");
  while (message != NULL)
    {
      const WeirMessage *next = message->next;

      if (may_copy (message))
        weir_json_add_raw (&self->json, NULL, message->raw);
      else if (message->role == WEIR_ROLE_ASSISTANT)
        {
          if (!self->own)
            next = weir_message_get_turn_end (message);
          if (!write_assistant (self, message, next, index, error))
            return FALSE;
        }
      else if (!write_message (self, message, index, error))
        return FALSE;
      for (; message != next; message = message->next)
        index++;
    }
  weir_json_close (&self->json);
  return TRUE;
}
