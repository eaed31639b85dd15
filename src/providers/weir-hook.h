/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How a vendor's endpoint deviates from the dialect that it speaks at heart: what stands
 * round a request and an answer, and what is told beside it.  Pure functions over bytes. */

#include "base/weir-error.h"
#include "base/weir-event-stream.h"
#include "base/weir-sse.h"
#include "chat/weir-request.h"
#include "providers/weir-provider.h"

/* What a hook may know of a request.  Everything unowned. */
typedef struct
{
  WeirOperation operation;
  const char *model;        /* the upstream's name */
  const char *project;      /* (nullable): of Google's assistants; Kiro's profile */
  const char *id;           /* of the request, ours */
  const WeirRequest *asked; /* (nullable): what the client asked, where it was translated */
  WeirLossFunc on_loss;     /* (nullable): hears what cannot be said */
  gpointer loss_data;
} WeirHookRequest;

struct _WeirHook
{
  const char *name;
  /* (nullable) (transfer full): the body as the endpoint wants it, of @body in the dialect.
   * Errors: WEIR_ERROR_BAD_REQUEST, WEIR_ERROR_UNSUPPORTED. */
  GBytes *(*write_request) (const WeirHookRequest *request, WeirSlice body, GError **error);
  /* (nullable): header fields that tell of @body, appended to @out. */
  void (*write_fields) (const WeirHookRequest *request, WeirSlice body, GString *out);
  /* (nullable): what stands in an answer's document or in the data of one event, as the
   * dialect has it: a part of @document, or all of it. */
  WeirSlice (*unwrap) (WeirSlice document);
  /* (nullable) (transfer full): the endpoint only streams: the whole answer that the
   * stream's events make, an error's document where they tell of one.  NULL:
   * WEIR_ERROR_CUT where the stream has no end, WEIR_ERROR_BAD_UPSTREAM, _TOO_LARGE. */
  GBytes *(*fold) (WeirSlice stream, GError **error);
  /* (nullable): its streams are Amazon's (weir-event-stream.h): appends the server-sent
   * event that @message is. */
  void (*write_message) (const WeirEventStreamMessage *message, GString *out);
  /* (nullable): its answers are in no dialect, so that they are always translated: a
   * decoder of them, as of weir_decoder_new. */
  WeirDecoder *(*new_decoder) (WeirAnswerForm form, WeirEventSink sink, gpointer user_data);
  /* (nullable): does an error of another status than 401 mean that the token is no longer
   * one? */
  gboolean (*refuses_token) (unsigned status, WeirSlice body);
};

extern const WeirHook weir_hook_codex;       /* the ChatGPT backend of Codex */
extern const WeirHook weir_hook_copilot;     /* GitHub Copilot */
extern const WeirHook weir_hook_code_assist; /* Google's Code Assist round Gemini */
extern const WeirHook weir_hook_antigravity; /* the same, as Antigravity has it */
extern const WeirHook weir_hook_kiro;        /* Kiro, round Anthropic */

/* A stream of events whose data are unwrapped one by one, or of messages. */
typedef struct
{
  const WeirHook *hook;
  GString *out; /* (owned) */
  WeirSse sse;
  WeirEventStream messages;
} WeirHookStream;

WeirHookStream *weir_hook_stream_new (const WeirHook *hook);
void weir_hook_stream_free (WeirHookStream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirHookStream, weir_hook_stream_free)

/* WEIR_ERROR_TOO_LARGE: an event of more than weir-sse.h allows; as of
 * weir_event_stream_feed. */
gboolean weir_hook_stream_feed (WeirHookStream *self,
                                const char *bytes,
                                size_t length,
                                GError **error);
/* (transfer full): the events that have become whole, as the dialect has them. */
GString *weir_hook_stream_take (WeirHookStream *self);
/* Nothing is pending. */
gboolean weir_hook_stream_is_idle (const WeirHookStream *self);
