/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the four readers of answers share.  Private to this room: others see
 * weir-protocol.h. */

#include "base/weir-json.h"
#include "base/weir-sse.h"
#include "chat/weir-protocol.h"
#include "chat/weir-skeleton.h"
#include "chat/weir-usage.h"

#define WEIR_DECODER_WHOLE_MAX (64u << 20)
#define WEIR_DECODER_STRAY_MAX (256u << 10) /* a JSON document where a stream was due */
#define WEIR_DECODER_CHOICES 128
#define WEIR_DECODER_BLOCKS 4096
#define WEIR_DECODER_WORD 40 /* bytes of a finish reason that are kept */

/* One dialect's way of reading answers.  The event or document stands parsed in
 * self->json; its root is an object.  FALSE: WEIR_ERROR_BAD_UPSTREAM or _TOO_LARGE. */
typedef struct
{
  WeirDialect dialect;

  /* (nullable) TRUE: the event, by its name or its first bytes, is a mere delta.  Asked
   * only without a sink. */
  gboolean (*is_delta) (WeirSlice name, WeirSlice data);
  gboolean (*read_event) (WeirDecoder *self,
                          WeirSlice name,
                          WeirSlice data,
                          GError **error);
  /* The whole answer; the root may be an array where the dialect has such documents.
   * *@out_answer: FALSE when it is a document of another kind (a token count, a list, …).
   */
  gboolean (*read_document) (WeirDecoder *self, gboolean *out_answer, GError **error);
  /* (nullable) Reads the dialect's error where the document is one. */
  gboolean (*read_error) (WeirDecoder *self, uint32_t object);
  gboolean done_word;      /* `[DONE]` is the last event */
  gboolean ends_unmarked;  /* has no last event */
  gboolean array_document; /* a document may be an array of answers */
} WeirAnswerReader;

extern const WeirAnswerReader weir_openai_chat_reader;
extern const WeirAnswerReader weir_openai_responses_reader;
extern const WeirAnswerReader weir_anthropic_reader;
extern const WeirAnswerReader weir_gemini_reader;

/* As weir_decoder_new, for a reader that is no dialect's. */
WeirDecoder *weir_decoder_new_of_reader (const WeirAnswerReader *reader,
                                         WeirAnswerForm form,
                                         WeirEventSink sink,
                                         gpointer user_data);

/* A block that was opened.  @key is the dialect's own number of it. */
typedef struct
{
  uint64_t key;
  uint16_t choice;
  uint16_t number;
  uint8_t type; /* WeirBlockType */
  uint8_t open;
  uint8_t fed;      /* a DELTA was handed on */
  uint32_t id_hash; /* of the id it was opened with; 0: it had none */
} WeirDecoderBlock;

typedef struct
{
  uint16_t n_blocks;
  uint8_t seen;
  uint8_t called;   /* a call was opened */
  uint8_t finished; /* its finish reason is known */
  uint8_t told;     /* and FINISH was handed on: nothing more is taken for it */
  uint8_t finish;   /* WeirFinish */
  uint8_t word_length;
  char word[WEIR_DECODER_WORD];
} WeirDecoderChoice;

/* A call whose name has not come yet. */
typedef struct
{
  unsigned choice;
  uint64_t key;
  char *id; /* (owned) escaped */
} WeirDecoderPending;

typedef enum
{
  WEIR_ARRAY_BEFORE,
  WEIR_ARRAY_BETWEEN, /* an element or `]` must come */
  WEIR_ARRAY_INSIDE,
  WEIR_ARRAY_BEHIND, /* a comma or `]` must come */
  WEIR_ARRAY_CLOSED,
} WeirArrayState;

struct _WeirDecoder
{
  const WeirAnswerReader *reader;
  WeirAnswerForm form;
  WeirEventSink sink; /* (nullable) */
  gpointer user_data;

  WeirAnswerState state;
  gboolean ended;
  gboolean has_content;
  gboolean started;
  gboolean done_optional;
  gboolean vague; /* several choices, or a finish reason that was none: what looks finished
                   * needs a clean end too */
  GError *error;  /* (owned) (nullable) */

  WeirUsageCounts counts;
  WeirUsage usage;
  char finish[WEIR_DECODER_WORD + 1];
  GString *failure_type;    /* (owned) (nullable) */
  GString *failure_message; /* (owned) (nullable) */
  unsigned failure_status;

  GArray *choices;    /* (owned) of WeirDecoderChoice, by index */
  GArray *pending;    /* (owned) (nullable) of WeirDecoderPending */
  GArray *blocks;     /* (owned) of WeirDecoderBlock */
  GString *scratch;   /* (owned) (nullable) escaped texts made here */
  WeirSlice logprobs; /* of the text that is told next; mostly empty */

  WeirSse sse;
  WeirJson *shared_json; /* (unowned) (nullable) lends its table to the next */
  WeirJson json;
  WeirSkeleton skeleton;
  GByteArray *kept; /* (owned) (nullable) a document, or an element of an array in the
                     * making */
  WeirSlice lent;   /* (unowned) a document that was not fed */
  gboolean sniffed; /* a stream is known to be one */
  gboolean stray;   /* a stream is a document instead */
  WeirArrayState array;
  unsigned array_depth;
  gboolean array_text; /* inside a string */
  gboolean array_escape;
};

/* weir-decoder.c, for weir-decoder-array.c */

/* What weir_decoder_keep has put aside so far, or was lent. */
WeirSlice weir_decoder_get_kept (const WeirDecoder *self);
/* FALSE with self->error: more than @limit. */
gboolean
weir_decoder_keep (WeirDecoder *self, const char *bytes, size_t length, size_t limit);
/* FALSE with self->error. */
gboolean weir_decoder_read_event (WeirDecoder *self, WeirSlice name, WeirSlice data);

/* weir-decoder-array.c: weir_decoder_feed for form ARRAY.  FALSE with self->error. */
gboolean weir_decoder_feed_array (WeirDecoder *self,
                                  const char *bytes,
                                  size_t length,
                                  size_t *out_consumed,
                                  size_t *out_boundary);

/* weir-decoder-say.c: what a reader has found, told to whoever listens. */

/* START, once; later calls do nothing. */
void weir_decoder_say_start (WeirDecoder *self, WeirSlice id, WeirSlice model);
void weir_decoder_say_ping (WeirDecoder *self);
void
weir_decoder_say_raw (WeirDecoder *self, unsigned choice, WeirSlice name, WeirSlice raw);

/* The choice @index, marked as seen; NULL with WEIR_ERROR_BAD_UPSTREAM when there cannot be
 * so many. */
WeirDecoderChoice *
weir_decoder_ensure_choice (WeirDecoder *self, uint64_t index, GError **error);

/* What opens a block: choice, block_type, id, name, signature and raw of @event are used.
 * Whatever is no call and open in that choice is closed first.  NULL: @error.  Pointers to
 * blocks last until the next opening. */
WeirDecoderBlock *
weir_decoder_open (WeirDecoder *self, uint64_t key, const WeirEvent *event, GError **error);
/* 0 for an empty one. */
uint32_t weir_decoder_hash_id (WeirSlice id);
/* The block of @key that was opened last in @choice, or NULL. */
WeirDecoderBlock *weir_decoder_lookup (WeirDecoder *self, unsigned choice, uint64_t key);
/* The open block of @choice that is no call, or NULL. */
WeirDecoderBlock *weir_decoder_lookup_open_text (WeirDecoder *self, unsigned choice);
/* Continues the open block of @type, or closes the one in the way and opens one. */
WeirDecoderBlock *weir_decoder_ensure_text (WeirDecoder *self,
                                            unsigned choice,
                                            WeirBlockType type,
                                            GError **error);
/* @text escaped; an empty one says nothing. */
void weir_decoder_say_delta (WeirDecoder *self, WeirDecoderBlock *block, WeirSlice text);
void weir_decoder_say_signature (WeirDecoder *self,
                                 WeirDecoderBlock *block,
                                 WeirSlice signature);
/* What was not told with a text, which is the raw of its DELTA, goes to the text of @choice
 * that is open, or nowhere.  To be called whenever logprobs was set. */
void weir_decoder_settle_logprobs (WeirDecoder *self, unsigned choice);
/* One DELTA whose text is the JSON value @raw. */
void weir_decoder_say_value (WeirDecoder *self, WeirDecoderBlock *block, WeirSlice raw);
void weir_decoder_close (WeirDecoder *self, WeirDecoderBlock *block);
void weir_decoder_close_all (WeirDecoder *self, unsigned choice);
/* A block that comes in one piece: OPEN, DELTA with @text, CLOSE. */
gboolean weir_decoder_say_block (WeirDecoder *self,
                                 uint64_t key,
                                 const WeirEvent *event,
                                 WeirSlice text,
                                 GError **error);
/* A picture given as a data URL or another URL, in one piece. */
gboolean weir_decoder_say_image_url (
    WeirDecoder *self, unsigned choice, uint64_t key, WeirSlice url, GError **error);

/* Reads the usage object at @object (0: none) and says the totals when something was. */
void weir_decoder_say_usage (WeirDecoder *self, uint32_t object);
/* The finish reason of @choice, which must have been seen: FINISH is told when the answer
 * is complete.  A STOP behind calls becomes TOOL_CALLS: some servers do not tell them
 * apart.
 */
void weir_decoder_note_finish (WeirDecoder *self,
                               unsigned choice,
                               WeirFinish finish,
                               WeirSlice word);
/* There was more to come after all. */
void weir_decoder_reopen (WeirDecoder *self, unsigned choice);
/* Notes the finish, closes the blocks of @choice and tells FINISH, once; later calls do
 * nothing. */
void weir_decoder_say_finish (WeirDecoder *self,
                              unsigned choice,
                              WeirFinish finish,
                              WeirSlice word,
                              WeirSlice stop_sequence);
/* At least one choice was seen, and all are finished. */
gboolean weir_decoder_is_finished (const WeirDecoder *self);
/* Tells the finishes that were only noted; nothing comes after this. */
void weir_decoder_complete (WeirDecoder *self);
/* The last event came too early: what is missing never comes. */
void weir_decoder_end (WeirDecoder *self);
/* @type and @message: items of strings or anything else, 0 for none. */
void
weir_decoder_fail (WeirDecoder *self, uint32_t type, uint32_t message, unsigned status);

/* Small readings of self->json. */

/* A string's bytes between the quotes; empty where @item is 0 or no string. */
WeirSlice weir_decoder_get_text (const WeirDecoder *self, uint32_t item);
/* The same of the member @name of @object. */
WeirSlice
weir_decoder_lookup_text (const WeirDecoder *self, uint32_t object, const char *name);
/* The member @name of @object, or 0 when it is absent or null. */
uint32_t
weir_decoder_lookup_item (const WeirDecoder *self, uint32_t object, const char *name);
/* The member @name of @object when it is a string; its text may differ in the next event.
 */
uint32_t weir_decoder_lookup_delta (WeirDecoder *self, uint32_t object, const char *name);

/* The member @name of @object when it is an unsigned integer, else @otherwise. */
uint64_t weir_decoder_lookup_uint (const WeirDecoder *self,
                                   uint32_t object,
                                   const char *name,
                                   uint64_t otherwise);

/* weir-openai-failure.c: both OpenAI dialects spell errors alike. */

/* TRUE, and the answer is FAILED, when @error (0: none) is an error object or text. */
gboolean weir_openai_read_failure (WeirDecoder *self, uint32_t error);
/* The same for an object that is the error itself, and may be the whole event. */
void weir_openai_read_bare_failure (WeirDecoder *self, uint32_t object);

typedef struct
{
  const char *word; /* NULL ends the table */
  unsigned value;
} WeirWord;

/* The value of @text in @words, or @otherwise. */
unsigned weir_word_lookup (const WeirWord *words, WeirSlice text, unsigned otherwise);

/* Something that a client could show or act on was seen, though no event tells it. */
void weir_decoder_note_content (WeirDecoder *self);
