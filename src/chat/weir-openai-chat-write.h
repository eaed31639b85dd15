/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files that write OpenAI Chat Completions requests share: not for other dialects.
 */

#include "base/weir-json-write.h"
#include "chat/weir-loss.h"
#include "chat/weir-request.h"

#define WEIR_CHAT_WHERE_MAX 64

typedef struct
{
  const WeirRequest *request;      /* (unowned) */
  const WeirWriteOptions *options; /* (unowned) */
  gboolean own;                    /* the request came in this dialect */
  WeirJsonWriter json;
  GString *scratch;    /* (owned) */
  GString *id;         /* (owned) for ids of calls alone */
  GHashTable *answers; /* (owned) of WeirCall -> its result and where it stands */
} WeirChatWriter;

/* `messages`. */
gboolean weir_chat_write_messages (WeirChatWriter *self, GError **error);

/* One part of a user's message or of a result, at @where. */
gboolean weir_chat_write_part (WeirChatWriter *self,
                               const WeirPart *part,
                               const char *where,
                               GError **error);

/* `tools`, `tool_choice` and `parallel_tool_calls`. */
void weir_chat_write_tools (WeirChatWriter *self);

void weir_chat_report (const WeirChatWriter *self, const char *loss, const char *where);
/* The losses that every kind of part may have: cache mark, signature of a text, unknown
 * members. */
void weir_chat_report_of_part (const WeirChatWriter *self,
                               const WeirPart *part,
                               const char *where);
/* A member that is left out where @text is empty. */
void weir_chat_add_text (WeirChatWriter *self, const char *name, WeirSlice text);
