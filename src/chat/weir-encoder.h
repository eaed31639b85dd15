/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* From events to an answer's bytes in one dialect: the frame, and what the four dialects
 * share.  What comes in is orderly (weir-event.h): a WeirBridge stands in front and has
 * already brought names, signatures and blocks to what the client knows.
 *
 * The text of events is JSON-escaped: it is copied (weir_json_add_escaped), never unescaped
 * and escaped again. */

#include "base/weir-json-write.h"
#include "chat/weir-request.h"

typedef struct _WeirEncoder WeirEncoder;

typedef struct
{
  WeirAnswerForm form;
  WeirSlice model;   /* escaped: what the client called it */
  const char *id;    /* our request id, of letters, digits, `_` and `-`: for made-up ids */
  int64_t created_s; /* seconds since 1970 */
  const WeirRequest *request; /* (unowned): the client's.  For what answers echo: tools,
                               * instructions, include_usage, thinking wishes, include */
  const char *previous;       /* (nullable): the response that this one follows, where the
                               * request no longer names it */
  WeirDialect upstream;       /* whose answer it was */
  WeirLossFunc on_loss;       /* (nullable) */
  gpointer user_data;
} WeirEncodeOptions;

/* @options are copied; what its model, id, previous and request point to
 * must outlive the encoder. */
WeirEncoder *weir_encoder_new (WeirDialect dialect, const WeirEncodeOptions *options);
void weir_encoder_free (WeirEncoder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirEncoder, weir_encoder_free)

/* Appends what @event becomes: nothing, one wire event, or several; form WHOLE appends
 * nothing before the end.  ERROR events are not for it: see weir_encoder_fail. */
void weir_encoder_put (WeirEncoder *self, const WeirEvent *event, GString *out);

/* The answer was COMPLETE: appends the dialect's terminal events, or the whole document.
 * FALSE: WEIR_ERROR_TOO_LARGE (a whole answer beyond WEIR_FOLD_MAX) or
 * WEIR_ERROR_BAD_UPSTREAM (it cannot be said in this dialect); then nothing was appended
 * and weir_encoder_fail is due. */
gboolean weir_encoder_end (WeirEncoder *self, GString *out, GError **error);

/* The answer failed in its middle: appends the dialect's error event, never a terminal
 * event that could be taken for success.  @status overrides the row's where it is not 0.
 * @message is UTF-8.  Form WHOLE appends nothing: its error is an answer of its own
 * (WeirProtocol.write_error). */
void weir_encoder_fail (
    WeirEncoder *self, WeirError code, unsigned status, const char *message, GString *out);

WeirDialect weir_encoder_get_dialect (const WeirEncoder *self);
const WeirEncodeOptions *weir_encoder_get_options (const WeirEncoder *self);

/* What follows is for the dialects' files. */

struct _WeirEncoder
{
  const WeirEncoderClass *class;
  WeirEncodeOptions options;
  GString *scratch;   /* (owned) for a dialect's own use, emptied by nobody else */
  unsigned n_events;  /* wire events begun so far */
  size_t event_start; /* offset in `out` of the JSON of the event being written */
};

/* One dialect's way of writing answers.  Its state is a struct whose first member is a
 * WeirEncoder called `base`, zeroed before init. */
struct _WeirEncoderClass
{
  WeirDialect dialect;
  size_t size;                       /* of that struct */
  void (*init) (WeirEncoder *self);  /* (nullable) */
  void (*clear) (WeirEncoder *self); /* (nullable) frees what init and put made */
  void (*put) (WeirEncoder *self, const WeirEvent *event, GString *out);
  gboolean (*end) (WeirEncoder *self, GString *out, GError **error);
  /* (nullable): NULL where the row's write_stream_error says all there is to say. Not
   * called for WHOLE. */
  void (*fail) (WeirEncoder *self,
                WeirError code,
                unsigned status,
                const char *message,
                GString *out);
};

/* weir_encoder_new of a class that stands in no row. */
WeirEncoder *weir_encoder_new_of_class (const WeirEncoderClass *class,
                                        const WeirEncodeOptions *options);

extern const WeirEncoderClass weir_openai_chat_encoder;
extern const WeirEncoderClass weir_openai_responses_encoder;
extern const WeirEncoderClass weir_anthropic_encoder;
extern const WeirEncoderClass weir_gemini_encoder;

/* Begins a wire event at the end of @out and opens its JSON object in @writer: SSE writes
 * `event: NAME` where @name is not NULL and `data: `; ARRAY writes `[` or a comma.  Nothing
 * is allocated once @out is warm. */
void weir_encoder_begin_event (WeirEncoder *self,
                               const char *name,
                               GString *out,
                               WeirJsonWriter *writer);
/* Closes what is still open in @writer and the wire event.  Line ends inside raw values
 * become spaces, and Gemini's clients get U+2028 and U+2029 as escapes. */
void weir_encoder_end_event (WeirEncoder *self, WeirJsonWriter *writer);
/* The same for a whole document, which is never framed. */
void weir_encoder_begin_document (WeirEncoder *self, GString *out, WeirJsonWriter *writer);
void weir_encoder_end_document (WeirEncoder *self, WeirJsonWriter *writer);
/* `data: TEXT`, such as `[DONE]`. */
void weir_encoder_say_line (WeirEncoder *self, const char *text, GString *out);
void weir_encoder_report (WeirEncoder *self, const char *loss);

/* The count, or 0 where nobody said it: for members that a dialect demands. */
static inline uint64_t
weir_encoder_count (uint64_t count)
{
  return count != WEIR_USAGE_UNKNOWN ? count : 0;
}

/* input + output as far as they are known, where the total was not said. */
uint64_t weir_encoder_sum_total (const WeirUsage *usage);
