/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Messages as the items of an OpenAI Responses request (API reference, "create a model
 * response", read 2026-10).  Texts and media in a row are one message item; calls, results
 * and thoughts are items of their own.  Items that came in this dialect go on as they came,
 * but for thoughts of other vendors. */

#include "config.h"

#include "chat/weir-openai-responses-writer.h"
#include "chat/weir-signature.h"
#include "chat/weir-tool-name.h"

/* Longer call ids are refused (seen 2026-10). */
#define CALL_ID_MAX 64

/* A message item that is open. */
typedef struct
{
  const WeirMessage *message;
  gboolean open;
} Item;

static void
add_signature_loss (const WeirResponsesWriter *self, WeirSlice signature, const char *where)
{
  if (signature.length > 0)
    weir_responses_report (self, WEIR_LOSS_SIGNATURE, where);
}

static void
report_of_part (const WeirResponsesWriter *self, const WeirPart *part, const char *where)
{
  if (part->cache.said != WEIR_UNSAID)
    weir_responses_report (self, WEIR_LOSS_CACHE_MARK, where);
  weir_responses_report_unknown (self, part->unknown, where);
}

static void
open_message (WeirResponsesWriter *self, Item *item)
{
  static const char *const roles[]
      = { "developer", "developer", "user", "assistant", "user" };
  WeirJsonWriter *json = &self->json;

  G_STATIC_ASSERT (G_N_ELEMENTS (roles) == WEIR_ROLE_LAST);
  if (item->open)
    return;
  item->open = TRUE;
  weir_json_open (json, NULL);
  weir_json_add_string (json, "type", "message");
  weir_json_add_string (json, "role", roles[item->message->role]);
  weir_responses_add_text (self, "phase", item->message->phase);
  weir_json_open_array (json, "content");
}

static void
close_message (WeirResponsesWriter *self, Item *item)
{
  if (!item->open)
    return;
  item->open = FALSE;
  weir_json_close (&self->json);
  weir_json_close (&self->json);
}

/* Where @call stands, for the id it has not. */
static void
make_call_id (WeirResponsesWriter *self, const WeirCall *call)
{
  unsigned m = 0;

  for (const WeirMessage *message = self->request->messages; message != NULL;
       message = message->next, m++)
    {
      unsigned p = 0;

      for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
        if (part->type == WEIR_PART_CALL && &part->call == call)
          g_string_printf (self->id, "call_%u_%u", m, p);
    }
}

/* The id that a call and its result are written with; good until the next one. */
static WeirSlice
get_call_id (WeirResponsesWriter *self, WeirSlice id, const WeirCall *call)
{
  if (id.length == 0 && call != NULL)
    id = call->id;
  if (id.length > CALL_ID_MAX)
    return weir_tool_name_map (id, WEIR_DIALECT_OPENAI_RESPONSES, self->id);
  if (id.length > 0 || call == NULL)
    return id;
  make_call_id (self, call);
  return (WeirSlice){ self->id->str, self->id->len };
}

static void
find_answered (WeirResponsesWriter *self)
{
  for (const WeirMessage *message = self->request->messages; message != NULL;
       message = message->next)
    for (const WeirPart *part = message->parts; part != NULL; part = part->next)
      if (part->type == WEIR_PART_RESULT && part->result.of != NULL)
        g_hash_table_replace (self->answered, (gpointer)part->result.of, (gpointer)part);
}

/* A call without its result is refused, even the last one. */
static void
write_call (WeirResponsesWriter *self, const WeirPart *part, const char *where)
{
  const WeirCall *call = &part->call;
  WeirJsonWriter *json = &self->json;

  if (!self->own && !g_hash_table_contains (self->answered, call))
    {
      weir_responses_report (self, WEIR_LOSS_CALL_WITHOUT_RESULT, where);
      return;
    }
  add_signature_loss (self, call->signature, where);
  report_of_part (self, part, where);
  weir_json_open (json, NULL);
  weir_json_add_string (json, "type", call->custom ? "custom_tool_call" : "function_call");
  weir_json_add_escaped (json, "call_id", get_call_id (self, call->id, call));
  weir_json_add_escaped (
      json, "name",
      weir_tool_name_map (call->name, WEIR_DIALECT_OPENAI_RESPONSES, self->scratch));
  weir_responses_add_text (self, "namespace", call->scope);
  if (call->custom)
    weir_json_add_escaped (json, "input",
                           weir_value_get_text (&call->arguments, self->scratch));
  else
    weir_json_add_escaped (json, "arguments", weir_call_get_text (call, self->scratch));
  weir_json_close (json);
}

/* A single text is said as a string, which every server knows. */
static gboolean
write_output (WeirResponsesWriter *self,
              const WeirResult *result,
              const char *where,
              GError **error)
{
  WeirJsonWriter *json = &self->json;
  const WeirPart *first = result->parts;

  if (first == NULL || (first->next == NULL && first->type == WEIR_PART_TEXT))
    {
      weir_json_add_escaped (json, "output",
                             first != NULL
                                 ? first->text
                                 : weir_value_get_text (&result->value, self->scratch));
      if (first != NULL)
        report_of_part (self, first, where);
      return TRUE;
    }
  weir_json_open_array (json, "output");
  for (const WeirPart *part = first; part != NULL; part = part->next)
    if (!weir_responses_write_part (self, part, where, error))
      return FALSE;
  weir_json_close (json);
  return TRUE;
}

static gboolean
write_result (WeirResponsesWriter *self,
              const WeirPart *part,
              const char *where,
              GError **error)
{
  const WeirResult *result = &part->result;
  const gboolean custom
      = result->of != NULL ? (gboolean)result->of->custom : result->custom;
  WeirJsonWriter *json = &self->json;

  if (result->of == NULL && !self->own)
    return weir_error_set (error, WEIR_ERROR_UNSUPPORTED, "%s: a result without its call",
                           where);
  if (!self->own && g_hash_table_lookup (self->answered, result->of) != part)
    {
      weir_responses_report (self, WEIR_LOSS_PART, where); /* the later one holds */
      return TRUE;
    }
  if (result->is_error == WEIR_YES)
    weir_responses_report (self, WEIR_LOSS_RESULT_ERROR, where);
  report_of_part (self, part, where);
  weir_json_open (json, NULL);
  weir_json_add_string (json, "type",
                        custom ? "custom_tool_call_output" : "function_call_output");
  weir_json_add_escaped (json, "call_id", get_call_id (self, result->call_id, result->of));
  if (!write_output (self, result, where, error))
    return FALSE;
  weir_json_close (json);
  return TRUE;
}

/* Without its own signature the vendor can do nothing with a thought. */
static void
write_thought (WeirResponsesWriter *self, const WeirPart *part, const char *where)
{
  const WeirSlice signature = part->thinking.signature;
  WeirJsonWriter *json = &self->json;

  if (signature.length == 0)
    {
      weir_responses_report (self, WEIR_LOSS_THINKING_UNSIGNED, where);
      return;
    }
  if (!weir_part_may_return (part, WEIR_DIALECT_OPENAI_RESPONSES))
    {
      weir_responses_report (self,
                             part->type == WEIR_PART_THINKING ? WEIR_LOSS_THINKING
                                                              : WEIR_LOSS_THINKING_REDACTED,
                             where);
      return;
    }
  weir_json_open (json, NULL);
  weir_json_add_string (json, "type", "reasoning");
  if (!weir_signature_is_made_up_id (part->thinking.item_id))
    weir_responses_add_text (self, "id", part->thinking.item_id);
  weir_json_open_array (json, "summary");
  if (part->text.length > 0)
    {
      weir_json_open (json, NULL);
      weir_json_add_string (json, "type", "summary_text");
      weir_json_add_escaped (json, "text", part->text);
      weir_json_close (json);
    }
  weir_json_close (json);
  weir_json_add_escaped (json, "encrypted_content", signature);
  weir_json_close (json);
}

/* A part of what the assistant said, which has words of its own for it. */
static void
write_said (WeirResponsesWriter *self, Item *item, const WeirPart *part, const char *where)
{
  const gboolean refused = part->type == WEIR_PART_REFUSAL;
  WeirJsonWriter *json = &self->json;

  report_of_part (self, part, where);
  add_signature_loss (self, part->signature, where);
  if (part->text.length == 0)
    return;
  open_message (self, item);
  weir_json_open (json, NULL);
  weir_json_add_string (json, "type", refused ? "refusal" : "output_text");
  weir_json_add_escaped (json, refused ? "refusal" : "text", part->text);
  weir_json_close (json);
}

static gboolean
write_assistant_part (WeirResponsesWriter *self,
                      Item *item,
                      const WeirPart *part,
                      const char *where,
                      GError **error)
{
  if (part->type == WEIR_PART_TEXT || part->type == WEIR_PART_REFUSAL)
    {
      write_said (self, item, part, where);
      return TRUE;
    }
  close_message (self, item);
  if (part->type == WEIR_PART_CALL)
    write_call (self, part, where);
  else if (part->type == WEIR_PART_THINKING || part->type == WEIR_PART_REDACTED_THINKING)
    write_thought (self, part, where);
  else
    weir_responses_report (
        self, part->type == WEIR_PART_OTHER ? WEIR_LOSS_PART : WEIR_LOSS_MEDIA_ASSISTANT,
        where);
  return TRUE;
}

static gboolean
write_user_part (WeirResponsesWriter *self,
                 Item *item,
                 const WeirPart *part,
                 const char *where,
                 GError **error)
{
  report_of_part (self, part, where);
  if (part->type == WEIR_PART_OTHER)
    {
      weir_responses_report (self, WEIR_LOSS_PART, where);
      return TRUE;
    }
  if (part->type == WEIR_PART_TEXT && part->text.length == 0)
    return TRUE;
  open_message (self, item);
  return weir_responses_write_part (self, part, where, error);
}

static gboolean
write_parts (WeirResponsesWriter *self,
             const WeirMessage *message,
             unsigned index,
             GError **error)
{
  Item item = { .message = message };
  unsigned p = 0;

  for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
    {
      char where[WEIR_LOSS_PLACE_MAX];
      gboolean written;

      weir_loss_put_part (where, index, p);
      if (message->role == WEIR_ROLE_ASSISTANT)
        written = write_assistant_part (self, &item, part, where, error);
      else if (message->role == WEIR_ROLE_TOOL)
        written = write_result (self, part, where, error);
      else
        written = write_user_part (self, &item, part, where, error);
      if (!written)
        return FALSE;
    }
  close_message (self, &item);
  return TRUE;
}

/* May the bytes of the item go on as they came?  Not when they hold another vendor's
 * thought, or one under an id that was made up here: the vendor would look for it. */
static gboolean
may_copy (const WeirMessage *message)
{
  const WeirPart *part = message->parts;
  const gboolean thought
      = part != NULL
        && (part->type == WEIR_PART_THINKING || part->type == WEIR_PART_REDACTED_THINKING);

  if (message->origin != WEIR_DIALECT_OPENAI_RESPONSES || message->raw.length == 0)
    return FALSE;
  return !thought
         || (weir_part_may_return (part, WEIR_DIALECT_OPENAI_RESPONSES)
             && !weir_signature_is_made_up_id (part->thinking.item_id));
}

static gboolean
write_message (WeirResponsesWriter *self,
               const WeirMessage *message,
               unsigned index,
               GError **error)
{
  char where[WEIR_LOSS_PLACE_MAX];

  if (may_copy (message))
    {
      weir_json_add_raw (&self->json, NULL, message->raw);
      return TRUE;
    }
  weir_loss_put_message (where, index);
  if (message->name.length > 0)
    weir_responses_report (self, WEIR_LOSS_MESSAGE_NAME, where);
  if (message->cache.said != WEIR_UNSAID)
    weir_responses_report (self, WEIR_LOSS_CACHE_MARK, where);
  weir_responses_report_unknown (self, message->unknown, where);
  return write_parts (self, message, index, error);
}

/* What stood outside the list, as paragraphs of one text. */
static void
write_instructions (WeirResponsesWriter *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  unsigned m = 0;

  for (const WeirMessage *message = self->request->messages;
       message != NULL && message->top; message = message->next, m++)
    {
      unsigned p = 0;

      for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
        {
          char where[WEIR_LOSS_PLACE_MAX];

          weir_loss_put_part (where, m, p);
          report_of_part (self, part, where);
          if (part->type != WEIR_PART_TEXT)
            weir_responses_report (self, WEIR_LOSS_SYSTEM_MEDIA, where);
          if (part->type != WEIR_PART_TEXT || part->text.length == 0)
            continue;
          if (text->len > 0)
            g_string_append (text, "\\n\\n");
          g_string_append_len (text, part->text.text, (gssize)part->text.length);
        }
    }
  weir_responses_add_text (self, "instructions", (WeirSlice){ text->str, text->len });
}

/* Does the conversation end with words of the assistant?  The vendor would answer them. */
static gboolean
ends_with_answer (const WeirResponsesWriter *self)
{
  gboolean said = FALSE;

  for (const WeirMessage *message = self->request->messages; message != NULL;
       message = message->next)
    for (const WeirPart *part = message->parts; part != NULL; part = part->next)
      if (message->role != WEIR_ROLE_ASSISTANT
          || (part->type == WEIR_PART_CALL
              && g_hash_table_contains (self->answered, &part->call)))
        said = FALSE;
      else if (part->type == WEIR_PART_TEXT || part->type == WEIR_PART_REFUSAL)
        said = said || part->text.length > 0;
  return said;
}

gboolean
weir_responses_write_messages (WeirResponsesWriter *self, GError **error)
{
  unsigned m = 0;

  find_answered (self);
  write_instructions (self);
  weir_json_open_array (&self->json, "input");
  for (const WeirMessage *message = self->request->messages; message != NULL;
       message = message->next, m++)
    if (!message->top && !write_message (self, message, m, error))
      return FALSE;
  weir_json_close (&self->json);
  if (!self->own && ends_with_answer (self))
    weir_responses_report (self, WEIR_LOSS_PREFILL, "messages");
  return TRUE;
}
