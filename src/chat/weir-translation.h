/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One request and its answer between two dialects: the client's body read once, a body
 * written for each upstream that is asked, the upstream's events turned into the client's
 * bytes.  Pure. */

#include "chat/weir-encoder.h"

typedef struct _WeirTranslation WeirTranslation;

/* Can requests of @client be asked of @upstream? */
gboolean weir_translation_is_possible (WeirDialect client, WeirDialect upstream);

/* What was asked for, as far as the dialect alone does not say it. */
typedef enum
{
  WEIR_ASKED_ANSWER,
  WEIR_ASKED_COMPLETION, /* OpenAI's legacy completions; the client is one of Chat */
  WEIR_ASKED_IMAGE,      /* OpenAI's Images API; the same */
  WEIR_ASKED_IMAGE_EDIT,
  WEIR_ASKED_IN_RESPONSES, /* the same for a body of OpenAI's Responses */
} WeirAsked;

typedef struct
{
  WeirDialect client;
  WeirAsked asked;
  const char *model;   /* what the client called it, UTF-8 */
  gboolean path_model; /* it stood in the path */
  gboolean stream;
  WeirAnswerForm form;  /* the client's */
  const char *id;       /* our request id; must outlive the translation */
  const char *previous; /* (nullable): as WeirEncodeOptions has it; must outlive it too */
  int64_t created_s;
} WeirTranslationOptions;

/* Reads @body.  @options are copied.  Errors are the reader's.  Bytes that @body only
 * borrows must last until weir_translation_settle, or the end of a whole answer. */
WeirTranslation *
weir_translation_new (GBytes *body, const WeirTranslationOptions *options, GError **error);
void weir_translation_free (WeirTranslation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirTranslation, weir_translation_free)

const WeirRequest *weir_translation_get_request (const WeirTranslation *self);

/* (transfer full) (nullable): the body for @upstream, which calls the model
 * @upstream_model. The last one is remembered: asking again costs nothing.  Errors are the
 * writer's. */
GBytes *weir_translation_write (WeirTranslation *self,
                                WeirDialect upstream,
                                const char *upstream_model,
                                GError **error);

/* An answer of @upstream begins; what an earlier one said is forgotten. */
void weir_translation_begin (WeirTranslation *self, WeirDialect upstream);
/* Nobody else will be asked: forgets what only weir_translation_write needs, which is most
 * of a long conversation.  From here on neither that nor weir_translation_get_request may
 * be called. */
void weir_translation_settle (WeirTranslation *self);
/* A WeirEventSink whose user_data is the translation. */
void weir_translation_sink (const WeirEvent *event, gpointer translation);
/* What the client has to get and has not taken yet.  Borrowed: until one of the next two.
 */
GString *weir_translation_get_output (WeirTranslation *self);
/* The client has taken it. */
void weir_translation_clear_output (WeirTranslation *self);
/* (transfer full): all of it, once a whole answer has ended; nothing comes behind it. */
GBytes *weir_translation_take_output (WeirTranslation *self);
/* The answer is complete, or failed in its middle: appends the last of it to the output. */
gboolean weir_translation_end (WeirTranslation *self, GError **error);
void weir_translation_fail (WeirTranslation *self,
                            WeirError code,
                            unsigned status,
                            const char *message);

/* What else cannot be said, beyond the upstream's dialect: until the next body is written.
 */
void weir_translation_note_loss (WeirTranslation *self, const char *loss);
/* (nullable): the words of weir-loss.h, each once, with commas between; NULL: nothing was
 * lost. */
const char *weir_translation_get_losses (const WeirTranslation *self);
