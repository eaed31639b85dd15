/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files that write OpenAI Chat Completions requests share: not for other dialects.
 */

#include "base/weir-json-write.h"
#include "chat/weir-loss.h"
#include "chat/weir-request.h"

typedef struct
{
  const WeirRequest *request;      /* (unowned) */
  const WeirWriteOptions *options; /* (unowned) */
  gboolean own;                    /* the request came in this dialect */
  WeirJsonWriter json;
  GString *scratch; /* (owned) */
  GString *text;    /* (owned) (nullable) for the message that is being written */
  char id[32];      /* for ids of calls alone */
  GHashTable
      *answers; /* (owned) (nullable) of WeirCall -> its result and where it stands */
} WeirChatWriter;

/* `messages`. */
gboolean weir_chat_write_messages (WeirChatWriter *self, GError **error);

/* One part of a user's message or of a result, at @where. */
gboolean weir_chat_write_part (WeirChatWriter *self,
                               const WeirPart *part,
                               const char *where,
                               GError **error);

gboolean weir_chat_is_media (const WeirPart *part);
/* A user's message up to its parts, and from there. */
void weir_chat_open_user (WeirChatWriter *self);
void weir_chat_close_user (WeirChatWriter *self);

/* Finds the result of each call: the last one where there are several. */
void weir_chat_note_answers (WeirChatWriter *self);
gboolean weir_chat_is_answered (const WeirChatWriter *self, const WeirCall *call);
/* The id that a call and its result are written with; good until the next one. */
WeirSlice weir_chat_get_call_id (WeirChatWriter *self,
                                 const WeirCall *call,
                                 unsigned message,
                                 unsigned index);
/* The result of the call @part, which has one. */
void weir_chat_write_answer (WeirChatWriter *self,
                             const WeirPart *part,
                             unsigned message,
                             unsigned index);
/* The media in the results of the calls from @first up to @end (nullable). */
gboolean weir_chat_write_answer_media (WeirChatWriter *self,
                                       const WeirMessage *first,
                                       const WeirMessage *end,
                                       GError **error);
/* A message of results, which were written behind their calls.  FALSE,
 * WEIR_ERROR_UNSUPPORTED: one has none. */
gboolean weir_chat_check_results (WeirChatWriter *self,
                                  const WeirMessage *message,
                                  unsigned index,
                                  GError **error);

/* `tools`, `tool_choice` and `parallel_tool_calls`. */
void weir_chat_write_tools (WeirChatWriter *self);

void weir_chat_report (const WeirChatWriter *self, const char *loss, const char *where);
/* The losses that every kind of part may have: cache mark, signature of a text, unknown
 * members. */
void weir_chat_report_of_part (const WeirChatWriter *self,
                               const WeirPart *part,
                               const char *where);
/* The losses of a message itself. */
void weir_chat_report_of_message (WeirChatWriter *self,
                                  const WeirMessage *message,
                                  unsigned index);
/* @text behind @out, @apart as a paragraph. */
void weir_chat_append_text (GString *out, WeirSlice text, gboolean apart);
void weir_chat_add_built (WeirChatWriter *self, const char *name, const GString *text);
/* A member that is left out where @text is empty. */
void weir_chat_add_text (WeirChatWriter *self, const char *name, WeirSlice text);
