/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files that write OpenAI Responses requests share: not for other dialects. */

#include "base/weir-json-write.h"
#include "chat/weir-loss.h"
#include "chat/weir-request.h"

typedef struct
{
  const WeirRequest *request;      /* (unowned) */
  const WeirWriteOptions *options; /* (unowned) */
  gboolean own;                    /* the request came in this dialect */
  WeirJsonWriter json;
  GString *scratch;     /* (owned) */
  GString *id;          /* (owned) for ids of calls alone */
  GHashTable *answered; /* (owned) of const WeirCall -> its last result, a part */
} WeirResponsesWriter;

/* `instructions` and `input`. */
gboolean weir_responses_write_messages (WeirResponsesWriter *self, GError **error);

/* One part of a user's or developer's message or of a result, at @where. */
gboolean weir_responses_write_part (WeirResponsesWriter *self,
                                    const WeirPart *part,
                                    const char *where,
                                    GError **error);

/* `tools`, `tool_choice` and `parallel_tool_calls`. */
void weir_responses_write_tools (WeirResponsesWriter *self);

void weir_responses_report (const WeirResponsesWriter *self,
                            const char *loss,
                            const char *where);
void weir_responses_report_unknown (const WeirResponsesWriter *self,
                                    const WeirUnknown *unknown,
                                    const char *where);
/* A member that is left out where @text is empty. */
void weir_responses_add_text (WeirResponsesWriter *self, const char *name, WeirSlice text);
/* The member that @unknown was, the first @skip bytes of its name left out. */
void weir_responses_add_unknown (WeirResponsesWriter *self,
                                 const WeirUnknown *unknown,
                                 size_t skip);
/* Was @unknown a member of @object, or of something in it?  Its name alone does not say: a
 * member of the body may have a dot in its name. */
gboolean weir_responses_was_in (const WeirUnknown *unknown, WeirSlice object);
