/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From what a dialect's reader has found to events, and the little book-keeping that makes
 * them orderly: choices, blocks, totals.  How bytes become JSON is weir-decoder.c's. */

#include "config.h"

#include "chat/weir-decoder.h"

#include "base/weir-json-write.h"

/* A key that no dialect uses for its own blocks. */
#define KEY_RUNNING UINT64_MAX

#define MESSAGE_MAX 4096u

static void
hand_on (WeirDecoder *self, const WeirEvent *event)
{
  if (self->sink != NULL)
    self->sink (event, self->user_data);
}

/* Everything but a ping opens the answer; START itself comes first of all. */
static void
ensure_started (WeirDecoder *self)
{
  if (!self->started)
    weir_decoder_say_start (self, WEIR_SLICE (""), WEIR_SLICE (""));
}

WeirSlice
weir_decoder_get_text (const WeirDecoder *self, uint32_t item)
{
  WeirSlice raw;

  if (item == 0 || weir_json_get_type (&self->json, item) != WEIR_JSON_STRING)
    return WEIR_SLICE ("");
  raw = weir_json_get_raw (&self->json, item);
  return (WeirSlice){ raw.text + 1, raw.length - 2 };
}

WeirSlice
weir_decoder_lookup_text (const WeirDecoder *self, uint32_t object, const char *name)
{
  return weir_decoder_get_text (self, weir_json_lookup (&self->json, object, name));
}

uint32_t
weir_decoder_lookup_item (const WeirDecoder *self, uint32_t object, const char *name)
{
  uint32_t item = weir_json_lookup (&self->json, object, name);

  return item != 0 && weir_json_get_type (&self->json, item) != WEIR_JSON_NULL ? item : 0;
}

uint32_t
weir_decoder_lookup_delta (WeirDecoder *self, uint32_t object, const char *name)
{
  uint32_t item = weir_json_lookup (&self->json, object, name);

  if (item == 0 || weir_json_get_type (&self->json, item) != WEIR_JSON_STRING)
    return 0;
  weir_skeleton_add_text (&self->skeleton, &self->json, item);
  return item;
}

uint64_t
weir_decoder_lookup_uint (const WeirDecoder *self,
                          uint32_t object,
                          const char *name,
                          uint64_t otherwise)
{
  uint32_t item = weir_json_lookup (&self->json, object, name);
  uint64_t value;

  return item != 0 && weir_json_get_uint (&self->json, item, &value) ? value : otherwise;
}

unsigned
weir_word_lookup (const WeirWord *words, WeirSlice text, unsigned otherwise)
{
  for (const WeirWord *row = words; row->word != NULL; row++)
    if (weir_slice_equal (weir_slice_from_string (row->word), text))
      return row->value;
  return otherwise;
}

void
weir_decoder_say_start (WeirDecoder *self, WeirSlice id, WeirSlice model)
{
  WeirEvent event = { .type = WEIR_EVENT_START, .id = id, .model = model };

  if (self->started)
    return;
  self->started = TRUE;
  self->skeleton.spoilt = TRUE;
  self->state = WEIR_ANSWER_OPEN;
  hand_on (self, &event);
}

void
weir_decoder_say_ping (WeirDecoder *self)
{
  hand_on (self, &(WeirEvent){ .type = WEIR_EVENT_PING });
}

void
weir_decoder_say_raw (WeirDecoder *self, unsigned choice, WeirSlice name, WeirSlice raw)
{
  WeirEvent event = { .type = WEIR_EVENT_RAW, .choice = choice, .name = name, .raw = raw };

  ensure_started (self);
  hand_on (self, &event);
}

WeirDecoderChoice *
weir_decoder_ensure_choice (WeirDecoder *self, uint64_t index, GError **error)
{
  WeirDecoderChoice *choice;

  if (index >= WEIR_DECODER_CHOICES)
    {
      weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM, "answer has a choice over %u",
                      WEIR_DECODER_CHOICES - 1);
      return NULL;
    }
  if (index >= self->choices->len)
    g_array_set_size (self->choices, (guint)index + 1);
  choice = &g_array_index (self->choices, WeirDecoderChoice, index);
  if (!choice->seen)
    self->skeleton.spoilt = TRUE;
  self->vague = self->vague || index > 0;
  choice->seen = TRUE;
  return choice;
}

static gboolean
is_call (unsigned type)
{
  return type == WEIR_BLOCK_TOOL_CALL || type == WEIR_BLOCK_CUSTOM_CALL;
}

uint32_t
weir_decoder_hash_id (WeirSlice id)
{
  uint32_t hash = 2166136261u; /* FNV-1a */

  if (id.length == 0)
    return 0;
  for (size_t i = 0; i < id.length; i++)
    hash = (hash ^ (guchar)id.text[i]) * 16777619u;
  return hash != 0 ? hash : 1;
}

WeirDecoderBlock *
weir_decoder_open (WeirDecoder *self, uint64_t key, const WeirEvent *event, GError **error)
{
  WeirDecoderChoice *choice = weir_decoder_ensure_choice (self, event->choice, error);
  WeirDecoderBlock block = { .key = key, .open = TRUE };
  WeirDecoderBlock *before;
  WeirEvent said = *event;

  if (choice == NULL)
    return NULL;
  if (self->blocks->len >= WEIR_DECODER_BLOCKS)
    {
      weir_error_set (error, WEIR_ERROR_TOO_LARGE, "answer has more than %u blocks",
                      WEIR_DECODER_BLOCKS);
      return NULL;
    }
  ensure_started (self);
  before = weir_decoder_lookup_open_text (self, event->choice);
  if (before != NULL)
    weir_decoder_close (self, before);

  block.choice = (uint16_t)event->choice;
  block.number = choice->n_blocks++;
  block.type = (uint8_t)event->block_type;
  block.id_hash = weir_decoder_hash_id (event->id);
  choice->called = choice->called || is_call (block.type);
  g_array_append_val (self->blocks, block);

  said.type = WEIR_EVENT_BLOCK_OPEN;
  said.block = block.number;
  hand_on (self, &said);
  self->has_content = TRUE;
  return &g_array_index (self->blocks, WeirDecoderBlock, self->blocks->len - 1);
}

WeirDecoderBlock *
weir_decoder_lookup (WeirDecoder *self, unsigned choice, uint64_t key)
{
  for (guint i = self->blocks->len; i > 0; i--)
    {
      WeirDecoderBlock *block = &g_array_index (self->blocks, WeirDecoderBlock, i - 1);

      if (block->key == key && block->choice == choice)
        return block;
    }
  return NULL;
}

WeirDecoderBlock *
weir_decoder_lookup_open_text (WeirDecoder *self, unsigned choice)
{
  for (guint i = self->blocks->len; i > 0; i--)
    {
      WeirDecoderBlock *block = &g_array_index (self->blocks, WeirDecoderBlock, i - 1);

      if (block->choice == choice && block->open && !is_call (block->type))
        return block;
    }
  return NULL;
}

WeirDecoderBlock *
weir_decoder_ensure_text (WeirDecoder *self,
                          unsigned choice,
                          WeirBlockType type,
                          GError **error)
{
  WeirDecoderBlock *block = weir_decoder_lookup_open_text (self, choice);
  WeirEvent event = { .choice = choice, .block_type = type };

  if (block != NULL && block->type == type)
    return block;
  return weir_decoder_open (self, KEY_RUNNING, &event, error);
}

static void
say_of_block (WeirDecoder *self, const WeirDecoderBlock *block, WeirEvent event)
{
  event.choice = block->choice;
  event.block = block->number;
  event.block_type = (WeirBlockType)block->type;
  hand_on (self, &event);
}

void
weir_decoder_say_delta (WeirDecoder *self, WeirDecoderBlock *block, WeirSlice text)
{
  WeirEvent event = { .type = WEIR_EVENT_DELTA, .text = text };

  if (text.length == 0)
    return;
  block->fed = TRUE;
  self->has_content = TRUE;
  if (block->type == WEIR_BLOCK_TEXT)
    {
      event.raw = self->logprobs;
      self->logprobs = WEIR_SLICE ("");
    }
  say_of_block (self, block, event);
}

void
weir_decoder_settle_logprobs (WeirDecoder *self, unsigned choice)
{
  WeirDecoderBlock *block = weir_decoder_lookup_open_text (self, choice);

  if (self->logprobs.length > 0 && block != NULL && block->type == WEIR_BLOCK_TEXT)
    say_of_block (self, block,
                  (WeirEvent){ .type = WEIR_EVENT_DELTA, .raw = self->logprobs });
  self->logprobs = WEIR_SLICE ("");
}

void
weir_decoder_say_signature (WeirDecoder *self, WeirDecoderBlock *block, WeirSlice signature)
{
  if (signature.length == 0)
    return;
  self->has_content = TRUE;
  say_of_block (self, block,
                (WeirEvent){ .type = WEIR_EVENT_DELTA, .signature = signature });
}

void
weir_decoder_say_value (WeirDecoder *self, WeirDecoderBlock *block, WeirSlice raw)
{
  WeirEvent event = { .type = WEIR_EVENT_DELTA, .raw = raw };

  block->fed = TRUE;
  self->has_content = TRUE;
  if (self->sink == NULL)
    return;
  if (self->scratch == NULL)
    self->scratch = g_string_new (NULL);
  g_string_truncate (self->scratch, 0);
  weir_json_escape (self->scratch, raw, FALSE);
  event.text = (WeirSlice){ self->scratch->str, self->scratch->len };
  say_of_block (self, block, event);
}

void
weir_decoder_close (WeirDecoder *self, WeirDecoderBlock *block)
{
  if (!block->open)
    return;
  block->open = FALSE;
  say_of_block (self, block, (WeirEvent){ .type = WEIR_EVENT_BLOCK_CLOSE });
}

void
weir_decoder_close_all (WeirDecoder *self, unsigned choice)
{
  for (guint i = 0; i < self->blocks->len; i++)
    {
      WeirDecoderBlock *block = &g_array_index (self->blocks, WeirDecoderBlock, i);

      if (block->choice == choice)
        weir_decoder_close (self, block);
    }
}

gboolean
weir_decoder_say_block (
    WeirDecoder *self, uint64_t key, const WeirEvent *event, WeirSlice text, GError **error)
{
  WeirDecoderBlock *block = weir_decoder_open (self, key, event, error);

  if (block == NULL)
    return FALSE;
  weir_decoder_say_delta (self, block, text);
  weir_decoder_close (self, block);
  return TRUE;
}

gboolean
weir_decoder_say_image_url (
    WeirDecoder *self, unsigned choice, uint64_t key, WeirSlice url, GError **error)
{
  static const char mark[] = ";base64,";
  WeirEvent event = { .choice = choice, .block_type = WEIR_BLOCK_IMAGE };
  WeirSlice text = url;

  if (weir_slice_has_prefix (url, WEIR_SLICE ("data:")))
    {
      const char *type = url.text + strlen ("data:");
      size_t rest = url.length - strlen ("data:");
      const char *found = memmem (type, rest, mark, strlen (mark));

      if (found != NULL)
        {
          event.name = (WeirSlice){ type, (size_t)(found - type) };
          text.text = found + strlen (mark);
          text.length = (size_t)(url.text + url.length - text.text);
        }
    }
  return weir_decoder_say_block (self, key, &event, text, error);
}

/* Gemini repeats its counts in every event: there they may differ from the learnt one. */
static void
on_count (WeirCount count, uint32_t item, gpointer user_data)
{
  WeirDecoder *self = user_data;

  weir_skeleton_add_number (&self->skeleton, &self->json, item, (uint8_t)count);
}

void
weir_decoder_say_usage (WeirDecoder *self, uint32_t object)
{
  WeirDialect dialect = self->reader->dialect;
  WeirEvent event = { .type = WEIR_EVENT_USAGE };

  if (object == 0
      || !weir_usage_counts_read (&self->counts, dialect, &self->json, object, on_count,
                                  self))
    return;
  weir_usage_settle (&self->usage, dialect, &self->counts);
  event.usage = self->usage;
  ensure_started (self);
  hand_on (self, &event);
}

/* For escaped text: cuts neither a character nor an escape. */
static size_t
limit_escaped_length (WeirSlice text, size_t limit)
{
  size_t fits = 0;

  for (size_t i = 0; i < text.length && i <= limit;)
    {
      fits = i;
      if (text.text[i] == '\\')
        i += i + 1 < text.length && text.text[i + 1] == 'u' ? 6 : 2;
      else
        for (i++; i < text.length && ((guchar)text.text[i] & 0xc0) == 0x80;)
          i++;
    }
  return text.length <= limit ? text.length : fits;
}

/* Words and messages for a log need no more; never cuts a character. */
static size_t
limit_length (WeirSlice text, size_t limit)
{
  if (text.length <= limit)
    return text.length;
  while (limit > 0 && ((guchar)text.text[limit] & 0xc0) == 0x80)
    limit--;
  return limit;
}

void
weir_decoder_note_finish (WeirDecoder *self,
                          unsigned choice,
                          WeirFinish finish,
                          WeirSlice word)
{
  WeirDecoderChoice *noted = &g_array_index (self->choices, WeirDecoderChoice, choice);

  self->skeleton.spoilt = TRUE;
  self->has_content = TRUE;
  ensure_started (self);
  if (finish == WEIR_FINISH_STOP && noted->called)
    finish = WEIR_FINISH_TOOL_CALLS;
  word.length = limit_escaped_length (word, sizeof noted->word);
  noted->finished = TRUE;
  noted->finish = (uint8_t)finish;
  noted->word_length = (uint8_t)word.length;
  if (word.length > 0)
    memcpy (noted->word, word.text, word.length);
  memcpy (self->finish, noted->word, word.length);
  self->finish[word.length] = '\0';
}

void
weir_decoder_reopen (WeirDecoder *self, unsigned choice)
{
  WeirDecoderChoice *noted = &g_array_index (self->choices, WeirDecoderChoice, choice);

  if (!noted->finished)
    return;
  self->skeleton.spoilt = TRUE;
  self->vague = TRUE;
  noted->finished = FALSE;
}

static void
tell_finish (WeirDecoder *self, unsigned choice, WeirSlice stop_sequence)
{
  WeirDecoderChoice *noted = &g_array_index (self->choices, WeirDecoderChoice, choice);
  WeirEvent event = {
    .type = WEIR_EVENT_FINISH,
    .choice = choice,
    .finish = (WeirFinish)noted->finish,
    .text = { noted->word, noted->word_length },
    .name = stop_sequence,
  };

  noted->told = TRUE;
  weir_decoder_close_all (self, choice);
  hand_on (self, &event);
}

void
weir_decoder_say_finish (WeirDecoder *self,
                         unsigned choice,
                         WeirFinish finish,
                         WeirSlice word,
                         WeirSlice stop_sequence)
{
  self->skeleton.spoilt = TRUE;
  if (g_array_index (self->choices, WeirDecoderChoice, choice).told)
    return;
  weir_decoder_note_finish (self, choice, finish, word);
  tell_finish (self, choice, stop_sequence);
}

gboolean
weir_decoder_is_finished (const WeirDecoder *self)
{
  gboolean any = FALSE;

  for (guint i = 0; i < self->choices->len; i++)
    {
      const WeirDecoderChoice *choice
          = &g_array_index (self->choices, WeirDecoderChoice, i);

      if (choice->seen && !choice->finished)
        return FALSE;
      any = any || choice->seen;
    }
  return any;
}

void
weir_decoder_complete (WeirDecoder *self)
{
  for (guint i = 0; i < self->choices->len; i++)
    {
      const WeirDecoderChoice *choice
          = &g_array_index (self->choices, WeirDecoderChoice, i);

      if (choice->finished && !choice->told)
        tell_finish (self, i, WEIR_SLICE (""));
    }
  self->state = WEIR_ANSWER_COMPLETE;
  self->ended = TRUE;
}

void
weir_decoder_end (WeirDecoder *self)
{
  if (self->state == WEIR_ANSWER_EMPTY)
    self->state = WEIR_ANSWER_OPEN;
  self->ended = TRUE;
}

/* The unescaped text of a string, the bytes of anything else. */
static void
keep_text (WeirDecoder *self, GString **out, uint32_t item)
{
  WeirSlice raw;

  if (*out == NULL)
    *out = g_string_new (NULL);
  g_string_truncate (*out, 0);
  if (item == 0)
    return;
  raw = weir_json_get_raw (&self->json, item);
  if (weir_json_get_type (&self->json, item) == WEIR_JSON_STRING)
    weir_json_append_text (&self->json, item, *out);
  else
    g_string_append_len (*out, raw.text, (gssize)MIN (raw.length, MESSAGE_MAX + 1));
  g_string_truncate (*out,
                     limit_length ((WeirSlice){ (*out)->str, (*out)->len }, MESSAGE_MAX));
}

void
weir_decoder_fail (WeirDecoder *self, uint32_t type, uint32_t message, unsigned status)
{
  WeirEvent event = {
    .type = WEIR_EVENT_ERROR,
    .name = weir_decoder_get_text (self, type),
    .text = weir_decoder_get_text (self, message),
    .status = status,
  };

  self->state = WEIR_ANSWER_FAILED;
  self->ended = TRUE;
  self->failure_status = status;
  keep_text (self, &self->failure_type, type);
  keep_text (self, &self->failure_message, message);
  hand_on (self, &event);
}

void
weir_decoder_note_content (WeirDecoder *self)
{
  if (self->state == WEIR_ANSWER_EMPTY)
    self->state = WEIR_ANSWER_OPEN;
  self->started |= self->sink == NULL; /* a sink is still owed its START */
  self->has_content = TRUE;
}
