/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What Kiro speaks (once Amazon Q Developer, once CodeWhisperer): no dialect that a client
 * would use, so it stands in no table of them.  Its nearest is Anthropic's: its models are
 * mostly Claude, with their calls and signed thoughts.  As its vendor's open command-line
 * program has it (aws/amazon-q-developer-cli, 2026-04, read 2026-11). */

#include "chat/weir-request.h"

typedef struct
{
  const char *conversation; /* a UUID */
  const char *profile;      /* (nullable): ARN of the account's profile */
} WeirKiroContext;

/* Appends the body of GenerateAssistantResponse that asks @request, which must be one of
 * the dialect Anthropic.  There is no place for instructions: the first turn of the user
 * begins with them.  What asks for another answer than a plain one (temperature, stop
 * sequences, how hard to think, …) is lost and reported; pictures behind addresses and
 * files are refused: WEIR_ERROR_UNSUPPORTED. */
gboolean weir_kiro_write_request (const WeirRequest *request,
                                  const WeirKiroContext *context,
                                  const WeirWriteOptions *options,
                                  GString *out,
                                  GError **error);

/* Reports what the client's own @request asks for beyond what Kiro can be told; FALSE:
 * WEIR_ERROR_UNSUPPORTED. */
gboolean weir_kiro_check_options (const WeirRequest *request,
                                  const WeirWriteOptions *options,
                                  GError **error);

/* A decoder of its answers.  Its messages come
 *   as SSE: named as the message is, an exception's name behind "exception."; or
 *   WHOLE: {"events":[{"name":NAME,"data":{…}},…]}, or the document of an error.
 * No message is the last one, and none says why the answer ends: it is COMPLETE when
 * something was said, no call is open and the transport's end is clean. */
WeirDecoder *
weir_kiro_decoder_new (WeirAnswerForm form, WeirEventSink sink, gpointer user_data);
