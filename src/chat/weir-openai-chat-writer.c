/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What every part of a Chat Completions request's writer needs: to add a little, and to say
 * what is lost. */

#include "config.h"

#include "chat/weir-openai-chat-writer.h"

#define PARAGRAPH "\\n\\n"

void
weir_chat_report (const WeirChatWriter *self, const char *loss, const char *where)
{
  weir_loss_report (self->options->on_loss, self->options->user_data, loss, "%s", where);
}

void
weir_chat_report_of_part (const WeirChatWriter *self,
                          const WeirPart *part,
                          const char *where)
{
  if (part->cache.said != WEIR_UNSAID)
    weir_chat_report (self, WEIR_LOSS_CACHE_MARK, where);
  if (part->signature.length > 0)
    weir_chat_report (self, WEIR_LOSS_SIGNATURE, where);
  weir_loss_report_unknown (self->options->on_loss, self->options->user_data, part->unknown,
                            where);
}

void
weir_chat_add_text (WeirChatWriter *self, const char *name, WeirSlice text)
{
  if (text.length > 0)
    weir_json_add_escaped (&self->json, name, text);
}

void
weir_chat_report_of_message (WeirChatWriter *self,
                             const WeirMessage *message,
                             unsigned index)
{
  char where[WEIR_LOSS_PLACE_MAX];

  weir_loss_put_message (where, index);
  if (message->cache.said != WEIR_UNSAID)
    weir_chat_report (self, WEIR_LOSS_CACHE_MARK, where);
  if (message->phase.length > 0)
    weir_chat_report (self, WEIR_LOSS_MESSAGE_PHASE, where);
  weir_loss_report_unknown (self->options->on_loss, self->options->user_data,
                            message->unknown, where);
}

void
weir_chat_append_text (GString *out, WeirSlice text, gboolean apart)
{
  if (text.length == 0)
    return;
  if (apart && out->len > 0)
    g_string_append (out, PARAGRAPH);
  g_string_append_len (out, text.text, (gssize)text.length);
}

void
weir_chat_add_built (WeirChatWriter *self, const char *name, const GString *text)
{
  weir_json_add_escaped (&self->json, name, (WeirSlice){ text->str, text->len });
}
