/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the encoders of OpenAI Chat Completions and of its legacy completions share: not for
 * other dialects. */

#include "chat/weir-encoder.h"
#include "chat/weir-fold.h"

#define WEIR_CHAT_PREFIX "chatcmpl-"
#define WEIR_CHAT_CHUNK "chat.completion.chunk"

/* A member of a message that has no event of its own. */
typedef struct
{
  unsigned choice;
  char *name; /* (owned) */
  char *json; /* (owned) */
} WeirChatNote;

typedef struct
{
  WeirEncoder base;
  gboolean functions; /* the client knows the legacy spelling of calls only */
  WeirFold fold;      /* of a stream only what must be gathered */
  GArray *choices;    /* (owned) what a stream has said of each */
  GArray *notes;      /* (owned) of WeirChatNote, of whole answers */
} WeirChatEncoder;

/* `id`, `object`, `created` and `model`.  The upstream's own id stays where it speaks this
 * dialect; else @prefix and our request id. */
void weir_chat_encode_head (const WeirEncoder *self,
                            WeirJsonWriter *json,
                            const char *prefix,
                            const char *object,
                            WeirSlice upstream_id);

/* `usage`, which demands its three numbers. */
void weir_chat_encode_usage (WeirJsonWriter *json, const WeirUsage *usage);

/* Did the client ask for the usage in a stream? */
gboolean weir_chat_encode_has_usage (const WeirEncoder *self);

/* Of a stream: the event with the usage, where the client asked for it, and `[DONE]`. */
void weir_chat_encode_end (WeirEncoder *self,
                           const char *prefix,
                           const char *object,
                           const WeirFold *fold,
                           GString *out);

/* What follows is of Chat alone. */

/* `extra_content` with the signature of a call; nothing where that is empty. */
void weir_chat_encode_extra (WeirJsonWriter *json, WeirSlice signature);
/* Members of an element of `reasoning_details`: a thought with its signature, or what is
 * redacted.  The text stands here too: of several thoughts each must come back with its
 * own. */
void weir_chat_encode_detail (WeirJsonWriter *json,
                              gboolean redacted,
                              WeirSlice text,
                              WeirSlice signature);
/* `logprobs` of a choice; @raw: see weir-logprobs.h; nothing where it is empty. */
void weir_chat_encode_logprobs (WeirJsonWriter *json, WeirSlice raw);
/* Members of an element of `images`. */
void weir_chat_encode_image (WeirEncoder *self,
                             WeirJsonWriter *json,
                             const WeirFoldBlock *block);
/* The word for @finish; @word is the upstream's own, @called: the choice has calls. */
WeirSlice weir_chat_encode_finish (const WeirChatEncoder *self,
                                   WeirFinish finish,
                                   WeirSlice word,
                                   gboolean called);
void weir_chat_encode_keep_note (WeirChatEncoder *self, const WeirEvent *event);
void weir_chat_encode_document (WeirChatEncoder *self, GString *out);
