/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Results of calls in an OpenAI Chat Completions request (API reference, "create chat
 * completion", read 2026-10).  The server refuses a call whose result does not follow at
 * once, so each is written behind its call's message, wherever it stood; pictures in
 * results, for which this dialect has no word, come in a user's message behind those. */

#include "config.h"

#include "chat/weir-openai-chat-writer.h"

/* Longer call ids are refused (seen 2025). */
#define CALL_ID_MAX 40

/* A result and where it stands. */
typedef struct
{
  const WeirPart *part; /* (unowned) */
  unsigned message;
  unsigned index;
} Answer;

/* NULL: there is none. */
static const Answer *
lookup_answer (const WeirChatWriter *self, const WeirCall *call)
{
  return self->answers != NULL ? g_hash_table_lookup (self->answers, call) : NULL;
}

gboolean
weir_chat_is_answered (const WeirChatWriter *self, const WeirCall *call)
{
  return lookup_answer (self, call) != NULL;
}

void
weir_chat_note_answers (WeirChatWriter *self)
{
  unsigned m = 0;

  for (const WeirMessage *message = self->request->messages; message != NULL;
       message = message->next, m++)
    {
      unsigned p = 0;

      for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
        if (part->type == WEIR_PART_RESULT && part->result.of != NULL)
          {
            Answer *answer = g_new (Answer, 1);

            if (self->answers == NULL)
              self->answers = g_hash_table_new_full (NULL, NULL, NULL, g_free);
            *answer = (Answer){ part, m, p };
            g_hash_table_replace (self->answers, (gpointer)part->result.of, answer);
          }
    }
}

WeirSlice
weir_chat_get_call_id (WeirChatWriter *self,
                       const WeirCall *call,
                       unsigned message,
                       unsigned index)
{
  uint64_t hash = UINT64_C (14695981039346656037); /* FNV-1a */

  if (call->id.length > 0 && call->id.length <= CALL_ID_MAX)
    return call->id;
  if (call->id.length == 0)
    g_snprintf (self->id, sizeof self->id, "call_%u_%u", message, index);
  else
    {
      for (size_t i = 0; i < call->id.length; i++)
        hash = (hash ^ (guchar)call->id.text[i]) * UINT64_C (1099511628211);
      g_snprintf (self->id, sizeof self->id, "call_%016" G_GINT64_MODIFIER "x", hash);
    }
  return weir_slice_from_string (self->id);
}

/* Texts of @result as one. */
static void
join_result (WeirChatWriter *self,
             const WeirResult *result,
             const char *where,
             GString *out)
{
  if (result->parts == NULL)
    weir_chat_append_text (out, weir_value_get_text (&result->value, self->scratch), FALSE);
  for (const WeirPart *part = result->parts; part != NULL; part = part->next)
    if (part->type == WEIR_PART_TEXT)
      {
        weir_chat_report_of_part (self, part, where);
        weir_chat_append_text (out, part->text, TRUE);
      }
    else
      weir_chat_report (
          self, part->type == WEIR_PART_OTHER ? WEIR_LOSS_PART : WEIR_LOSS_RESULT_MEDIA,
          where);
}

static void
write_result (WeirChatWriter *self, const WeirPart *part, WeirSlice id, const char *where)
{
  g_autoptr (GString) text = g_string_new (NULL);
  WeirJsonWriter *json = &self->json;

  if (part->result.is_error == WEIR_YES)
    weir_chat_report (self, WEIR_LOSS_RESULT_ERROR, where);
  weir_chat_report_of_part (self, part, where);
  join_result (self, &part->result, where, text);
  weir_json_open (json, NULL);
  weir_json_add_string (json, "role", "tool");
  weir_json_add_escaped (json, "tool_call_id", id);
  weir_chat_add_built (self, "content", text);
  weir_json_close (json);
}

void
weir_chat_write_answer (WeirChatWriter *self,
                        const WeirPart *part,
                        unsigned message,
                        unsigned index)
{
  const Answer *answer = lookup_answer (self, &part->call);
  char where[WEIR_LOSS_PLACE_MAX];

  weir_loss_put_part (where, answer->message, answer->index);
  write_result (self, answer->part,
                weir_chat_get_call_id (self, &part->call, message, index), where);
}

/* Media of the results of one message's calls. */
static gboolean
write_media_of_message (WeirChatWriter *self,
                        const WeirMessage *message,
                        gboolean *opened,
                        GError **error)
{
  for (const WeirPart *call = message->parts; call != NULL; call = call->next)
    {
      const Answer *answer = lookup_answer (self, &call->call);
      char where[WEIR_LOSS_PLACE_MAX];

      if (call->type != WEIR_PART_CALL || answer == NULL)
        continue;
      weir_loss_put_part (where, answer->message, answer->index);
      for (const WeirPart *part = answer->part->result.parts; part != NULL;
           part = part->next)
        {
          if (!weir_chat_is_media (part))
            continue;
          if (!*opened)
            weir_chat_open_user (self);
          *opened = TRUE;
          if (!weir_chat_write_part (self, part, where, error))
            return FALSE;
        }
    }
  return TRUE;
}

gboolean
weir_chat_write_answer_media (WeirChatWriter *self,
                              const WeirMessage *first,
                              const WeirMessage *end,
                              GError **error)
{
  gboolean opened = FALSE;

  for (const WeirMessage *message = first; message != end; message = message->next)
    if (!write_media_of_message (self, message, &opened, error))
      return FALSE;
  if (opened)
    weir_chat_close_user (self);
  return TRUE;
}

/* Those with a call were written behind it. */
gboolean
weir_chat_check_results (WeirChatWriter *self,
                         const WeirMessage *message,
                         unsigned index,
                         GError **error)
{
  unsigned p = 0;

  weir_chat_report_of_message (self, message, index);
  for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
    {
      char where[WEIR_LOSS_PLACE_MAX];
      const Answer *answer;

      weir_loss_put_part (where, index, p);
      if (part->type != WEIR_PART_RESULT || part->result.of == NULL)
        return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                               "%s: a result without its call", where);
      answer = lookup_answer (self, part->result.of);
      if (answer->part != part) /* said twice: the later one holds */
        weir_chat_report (self, WEIR_LOSS_PART, where);
    }
  return TRUE;
}
