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

/* What a decoder knows of the answer so far.  COMPLETE and FAILED are final. */
typedef enum
{
  WEIR_ANSWER_EMPTY,    /* nothing but pings */
  WEIR_ANSWER_OPEN,     /* something was said, more must come; at the end: cut */
  WEIR_ANSWER_COMPLETE, /* all that the dialect's own rule asks for was seen (below) */
  WEIR_ANSWER_FAILED,   /* the dialect's error event or error document was seen */
} WeirAnswerState;

/* When an answer is COMPLETE:
 *   openai-chat       every choice seen had a finish_reason, then `[DONE]`
 *   openai-responses  response.completed or response.incomplete
 *   anthropic         message_delta with a stop_reason, then message_stop
 *   gemini SSE        every candidate seen had a finishReason (or the prompt was blocked):
 *                     the dialect has no last event, so weir_decoder_finish decides.  The
 *                     end must be clean too where there were several candidates or text
 *                     came behind a finishReason (some servers give one in each event)
 *   gemini array      the same, then `]`
 *   WHOLE             one JSON document, nothing behind it, the transport's end clean:
 *                     weir_decoder_finish decides
 * A last event that comes too early (`[DONE]` before a finish_reason, message_stop before a
 * stop_reason) ends the answer without completing it: weir_decoder_is_ended, state OPEN. */

typedef struct _WeirDecoder WeirDecoder;
typedef struct _WeirRequest WeirRequest;           /* weir-request.h */
typedef struct _WeirWriteOptions WeirWriteOptions; /* weir-request.h */
typedef struct _WeirEncoderClass WeirEncoderClass; /* weir-encoder.h */

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
   * appends nothing.  For ARRAY at least one element must have been sent and no comma
   * behind it (see weir_decoder_feed's boundary): a comma, an error object and `]`. */
  void (*write_stream_error) (GString *out,
                              WeirAnswerForm form,
                              WeirError code,
                              const char *message,
                              const char *request_id);

  /* (transfer full): the request in @body.  It checks names for duplicates in every object
   * that it reads, takes null as absent, refuses a wrong type with WEIR_ERROR_BAD_REQUEST
   * and the path in the message, keeps what it does not know in `unknown`, and never looks
   * at who the client is.  @model and @stream come from the path with Gemini (with the
   * others model is empty, stream FALSE: they stand in the body).  NULL: as
   * weir_request_new, or WEIR_ERROR_BAD_REQUEST, _JSON_DUPLICATE. */
  WeirRequest *(*read_request) (GBytes *body,
                                WeirSlice model,
                                gboolean stream,
                                GError **error);

  /* Appends one JSON object: @request in this dialect.  It fails with
   * WEIR_ERROR_UNSUPPORTED and a message that names the field where leaving it out would
   * change the meaning (several choices, state on another server, audio for a dialect
   * without it, a result without its call), and reports everything else that it leaves
   * out.  What was appended before a failure is rubbish. */
  gboolean (*write_request) (const WeirRequest *request,
                             const WeirWriteOptions *options,
                             GString *out,
                             GError **error);

  const WeirEncoderClass *encoder; /* writes answers: weir_encoder_new */
} WeirProtocol;

const WeirProtocol *weir_protocol_get (WeirDialect dialect);

/* A decoder of answers in @dialect.  @sink (nullable): without one only state, usage,
 * finish and error are kept, and events that cannot change them are passed over cheaply:
 * faults inside those (broken JSON, a delta of a block never opened) then go unseen, while
 * a sink sees them as WEIR_ERROR_BAD_UPSTREAM. */
WeirDecoder *weir_decoder_new (WeirDialect dialect,
                               WeirAnswerForm form,
                               WeirEventSink sink,
                               gpointer user_data);
void weir_decoder_free (WeirDecoder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirDecoder, weir_decoder_free)

/* For upstreams known to end a Chat stream without `[DONE]`: finish_reason of every choice
 * and a clean end of the transport are then enough (weir_decoder_finish decides). */
void weir_decoder_set_done_optional (WeirDecoder *self, gboolean done_optional);

/* @table is used in place of one of its own, and only inside weir_decoder_feed and
 * weir_decoder_finish: any number of decoders of one thread may share it. */
void weir_decoder_share_table (WeirDecoder *self, WeirJson *table);

/* Feeds the next payload bytes, any cut.  *out_consumed: how many belong to the answer;
 * less than @length only when the last event stands inside them or came before (what
 * follows is not the client's business).  *out_boundary: offset behind which nothing
 * unfinished stands, 0 where there is none in @bytes: for SSE see weir_sse_feed; for ARRAY
 * behind a whole element, before its comma, or behind `]`; for WHOLE always 0.
 *
 * FALSE: WEIR_ERROR_BAD_UPSTREAM (not the dialect, not JSON, HTML) or WEIR_ERROR_TOO_LARGE
 * (SSE caps; a WHOLE document over 64 MiB); every later call fails the same way.
 *
 * A stream that turns out to be one JSON document is kept (256 KiB at most) until
 * weir_decoder_finish: FAILED where it is the dialect's error, else WEIR_ERROR_BAD_UPSTREAM
 * by weir_decoder_get_error. */
gboolean weir_decoder_feed (WeirDecoder *self,
                            const char *bytes,
                            size_t length,
                            size_t *out_consumed,
                            size_t *out_boundary,
                            GError **error);

/* Form WHOLE, in place of feeding: all of the answer at once, which is not copied and must
 * stay until weir_decoder_finish has returned.  Fails as feeding does. */
gboolean weir_decoder_lend_whole (WeirDecoder *self, WeirSlice answer, GError **error);

/* The transport ended.  @clean: its own framing was whole.  Decides what the table above
 * leaves to it and the done-optional case.  Returns the final state; EMPTY and OPEN mean
 * that the answer was cut or is unusable: weir_decoder_get_error says which. */
WeirAnswerState weir_decoder_finish (WeirDecoder *self, gboolean clean);

WeirAnswerState weir_decoder_get_state (const WeirDecoder *self);
/* TRUE once nothing that follows belongs to the answer: COMPLETE, FAILED, ended too early,
 * broken, or finished. */
gboolean weir_decoder_is_ended (const WeirDecoder *self);
/* (nullable): why feed failed, or why finish returned neither COMPLETE nor FAILED:
 * WEIR_ERROR_BAD_UPSTREAM, _TOO_LARGE, or _CUT. */
const GError *weir_decoder_get_error (const WeirDecoder *self);
/* Totals as the dialect said last; fields nobody said are WEIR_USAGE_UNKNOWN. */
const WeirUsage *weir_decoder_get_usage (const WeirDecoder *self);
/* The commit point of failover: TRUE once something was seen that a client could show or
 * act on, that is any event but START (message_start, response.created,
 * response.in_progress, a role-only chunk), PING, USAGE, RAW (but audio), ERROR and an
 * empty DELTA.  A BLOCK_OPEN counts where the dialect announces blocks by events of their
 * own.  For WHOLE FALSE until weir_decoder_finish. */
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
