/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A dialect: how requests and answers are spelt.  One row each in weir-protocol.c. */

#include "base/weir-json.h"
#include "chat/weir-event.h"

typedef enum
{
  WEIR_DIALECT_OPENAI_CHAT,
  WEIR_DIALECT_OPENAI_RESPONSES,
  WEIR_DIALECT_ANTHROPIC,
  WEIR_DIALECT_GEMINI,
  WEIR_DIALECT_LAST,
} WeirDialect;

/* How an answer's bytes are framed. */
typedef enum
{
  WEIR_ANSWER_WHOLE, /* one JSON document */
  WEIR_ANSWER_SSE,
  WEIR_ANSWER_ARRAY, /* Gemini without alt=sse: a JSON array whose elements come one by one
                      */
} WeirAnswerForm;

/* What a decoder knows of the answer so far. */
typedef enum
{
  WEIR_ANSWER_EMPTY,    /* nothing but pings */
  WEIR_ANSWER_OPEN,     /* something was said, more must come */
  WEIR_ANSWER_COMPLETE, /* the dialect's own last event was seen: security.md 2.5's table */
  WEIR_ANSWER_FAILED,   /* the dialect's error event was seen */
} WeirAnswerState;

typedef struct _WeirDecoder WeirDecoder;

typedef struct _WeirProtocol
{
  WeirDialect dialect;
  const char *name; /* in logs: "openai-chat", "openai-responses", "anthropic", "gemini" */

  /* Appends the body of an error answer in this dialect.  @message is UTF-8. @status
   * overrides the row's status where it is not 0 (it shows in Gemini's body). @request_id
   * (nullable). */
  void (*write_error) (GString *out,
                       WeirError code,
                       unsigned status,
                       const char *message,
                       const char *request_id);

  /* Appends the event that tells a client in the middle of a stream that it failed, framed
   * for @form; never a terminal event that could be taken for success.  WEIR_ANSWER_WHOLE
   * appends nothing. For ARRAY the elements so far are followed by an error object and `]`.
   */
  void (*write_stream_error) (GString *out,
                              WeirAnswerForm form,
                              WeirError code,
                              const char *message,
                              const char *request_id);
} WeirProtocol;

const WeirProtocol *weir_protocol_get (WeirDialect dialect);

/* A decoder of answers in @dialect.  @sink (nullable): without one only state, usage,
 * finish and error are kept, and events that cannot change them are passed over cheaply. */
WeirDecoder *weir_decoder_new (WeirDialect dialect,
                               WeirAnswerForm form,
                               WeirEventSink sink,
                               gpointer user_data);
void weir_decoder_free (WeirDecoder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirDecoder, weir_decoder_free)

/* For upstreams known to end a Chat stream without `[DONE]`: finish_reason of every choice
 * and a clean end of the transport are then enough (weir_decoder_finish decides). */
void weir_decoder_set_done_optional (WeirDecoder *self, gboolean done_optional);

/* Feeds the next payload bytes, any cut.  *out_consumed: how many belong to the answer;
 * less than @length only when the last event stands inside them (what follows is not the
 * client's business).  *out_boundary: offset behind which nothing unfinished stands, see
 * weir_sse_feed; for WHOLE always 0 until complete, for ARRAY behind the last whole element
 * and its comma.  FALSE: WEIR_ERROR_BAD_UPSTREAM (not the dialect, not JSON) or
 * WEIR_ERROR_TOO_LARGE. */
gboolean weir_decoder_feed (WeirDecoder *self,
                            const char *bytes,
                            size_t length,
                            size_t *out_consumed,
                            size_t *out_boundary,
                            GError **error);

/* The transport ended.  @clean: its own framing was whole.  Decides a WHOLE document and
 * the done-optional case.  Returns the final state. */
WeirAnswerState weir_decoder_finish (WeirDecoder *self, gboolean clean);

WeirAnswerState weir_decoder_get_state (const WeirDecoder *self);
/* Totals as the dialect said last; fields nobody said are WEIR_USAGE_UNKNOWN. */
const WeirUsage *weir_decoder_get_usage (const WeirDecoder *self);
/* TRUE once any event but a ping was seen. */
gboolean weir_decoder_has_content (const WeirDecoder *self);
/* In state FAILED: the dialect's own type or code and message, unescaped, for log and
 * verdict; and the HTTP status it stands for where the dialect says it (overloaded_error
 * 529, rate_limit 429, …), else 0. Strings are borrowed, never NULL. */
void weir_decoder_get_failure (const WeirDecoder *self,
                               const char **out_type,
                               const char **out_message,
                               unsigned *out_status);
/* The last finish reason seen, in the dialect's own word; "" before. */
const char *weir_decoder_get_finish (const WeirDecoder *self);
