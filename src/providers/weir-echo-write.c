/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The built-in model's answers, spelt in each dialect as its vendor's API reference shows
 * them (read 2026-10). */

#include "config.h"

#include "providers/weir-echo-private.h"

#include "base/weir-json-write.h"
#include "base/weir-sse.h"
#include "chat/weir-token-count.h"

static WeirSlice
whole_text (const WeirEcho *self)
{
  return (WeirSlice){ self->text->str, self->text->len };
}

/* OpenAI: `usage` of both Chat and legacy completions. */
static void
write_chat_usage (const WeirEcho *self, WeirJsonWriter *w)
{
  weir_json_open (w, "usage");
  weir_json_add_uint (w, "prompt_tokens", self->words);
  weir_json_add_uint (w, "completion_tokens", self->words);
  weir_json_add_uint (w, "total_tokens", 2 * self->words);
  weir_json_close (w);
}

static void
open_chat (const WeirEcho *self, WeirJsonWriter *w, const char *object)
{
  g_autofree char *id = g_strconcat ("chatcmpl-", self->id, NULL);

  weir_json_open (w, NULL);
  weir_json_add_string (w, "id", id);
  weir_json_add_string (w, "object", object);
  weir_json_add_int (w, "created", self->created_s);
  weir_json_add_string (w, "model", WEIR_ECHO_MODEL);
}

/* One choice of a Chat or legacy answer; @text NULL and @role: the first chunk. */
static void
write_choice (const WeirEcho *self,
              WeirJsonWriter *w,
              const char *container,
              gboolean role,
              const WeirSlice *text,
              const char *finish)
{
  gboolean legacy = self->operation == WEIR_OPERATION_COMPLETIONS;

  weir_json_open_array (w, "choices");
  weir_json_open (w, NULL);
  weir_json_add_uint (w, "index", 0);
  if (legacy)
    weir_json_add_text (w, "text", text != NULL ? *text : WEIR_SLICE (""));
  else
    {
      weir_json_open (w, container);
      if (role)
        weir_json_add_string (w, "role", "assistant");
      if (text != NULL)
        weir_json_add_text (w, "content", *text);
      weir_json_close (w);
    }
  weir_json_add_null (w, "logprobs");
  if (finish != NULL)
    weir_json_add_string (w, "finish_reason", finish);
  else
    weir_json_add_null (w, "finish_reason");
  weir_json_close (w);
  weir_json_close (w);
}

static void
chat_chunk (const WeirEcho *self,
            GString *out,
            gboolean role,
            const WeirSlice *text,
            const char *finish)
{
  g_autoptr (GString) data = g_string_new (NULL);
  WeirJsonWriter w;

  weir_json_writer_init (&w, data);
  open_chat (self, &w,
             self->operation == WEIR_OPERATION_COMPLETIONS ? "text_completion"
                                                           : "chat.completion.chunk");
  write_choice (self, &w, "delta", role, text, finish);
  weir_json_close (&w);
  weir_sse_write (out, NULL, (WeirSlice){ data->str, data->len });
}

static void
chat_whole (const WeirEcho *self, GString *out)
{
  gboolean legacy = self->operation == WEIR_OPERATION_COMPLETIONS;
  WeirSlice text = whole_text (self);
  WeirJsonWriter w;

  weir_json_writer_init (&w, out);
  open_chat (self, &w, legacy ? "text_completion" : "chat.completion");
  write_choice (self, &w, "message", TRUE, &text, "stop");
  write_chat_usage (self, &w);
  weir_json_close (&w);
}

static void
chat_closing (WeirEcho *self, GString *out)
{
  chat_chunk (self, out, FALSE, NULL, "stop");
  if (self->wants_usage)
    {
      g_autoptr (GString) data = g_string_new (NULL);
      WeirJsonWriter w;

      weir_json_writer_init (&w, data);
      open_chat (self, &w,
                 self->operation == WEIR_OPERATION_COMPLETIONS ? "text_completion"
                                                               : "chat.completion.chunk");
      weir_json_open_array (&w, "choices");
      weir_json_close (&w);
      write_chat_usage (self, &w);
      weir_json_close (&w);
      weir_sse_write (out, NULL, (WeirSlice){ data->str, data->len });
    }
  weir_sse_write (out, NULL, WEIR_SLICE ("[DONE]"));
}

/* Responses: the one output item and its one part. */
static void
write_part (WeirJsonWriter *w, const char *name, WeirSlice text)
{
  weir_json_open (w, name);
  weir_json_add_string (w, "type", "output_text");
  weir_json_open_array (w, "annotations");
  weir_json_close (w);
  weir_json_add_text (w, "text", text);
  weir_json_close (w);
}

static void
write_item (const WeirEcho *self,
            WeirJsonWriter *w,
            const char *name,
            const WeirSlice *text)
{
  g_autofree char *id = g_strconcat ("msg_", self->id, NULL);

  weir_json_open (w, name);
  weir_json_add_string (w, "id", id);
  weir_json_add_string (w, "type", "message");
  weir_json_add_string (w, "status", text != NULL ? "completed" : "in_progress");
  weir_json_add_string (w, "role", "assistant");
  weir_json_open_array (w, "content");
  if (text != NULL)
    write_part (w, NULL, *text);
  weir_json_close (w);
  weir_json_close (w);
}

static void
write_response (const WeirEcho *self,
                WeirJsonWriter *w,
                const char *name,
                const WeirSlice *text)
{
  g_autofree char *id = g_strconcat ("resp_", self->id, NULL);

  weir_json_open (w, name);
  weir_json_add_string (w, "id", id);
  weir_json_add_string (w, "object", "response");
  weir_json_add_int (w, "created_at", self->created_s);
  weir_json_add_string (w, "status", text != NULL ? "completed" : "in_progress");
  weir_json_add_null (w, "error");
  weir_json_add_null (w, "incomplete_details");
  weir_json_add_string (w, "model", WEIR_ECHO_MODEL);
  weir_json_open_array (w, "output");
  if (text != NULL)
    write_item (self, w, NULL, text);
  weir_json_close (w);
  weir_json_add_boolean (w, "parallel_tool_calls", TRUE);
  weir_json_add_string (w, "tool_choice", "auto");
  weir_json_open_array (w, "tools");
  weir_json_close (w);
  if (text != NULL)
    {
      weir_json_open (w, "usage");
      weir_json_add_uint (w, "input_tokens", self->words);
      weir_json_open (w, "input_tokens_details");
      weir_json_add_uint (w, "cached_tokens", 0);
      weir_json_close (w);
      weir_json_add_uint (w, "output_tokens", self->words);
      weir_json_open (w, "output_tokens_details");
      weir_json_add_uint (w, "reasoning_tokens", 0);
      weir_json_close (w);
      weir_json_add_uint (w, "total_tokens", 2 * self->words);
      weir_json_close (w);
    }
  else
    weir_json_add_null (w, "usage");
  weir_json_close (w);
}

/* Begins an event object; the caller adds what it carries and calls end_event. */
static GString *
begin_event (WeirEcho *self, WeirJsonWriter *w, const char *type)
{
  GString *data = g_string_new (NULL);

  weir_json_writer_init (w, data);
  weir_json_open (w, NULL);
  weir_json_add_string (w, "type", type);
  if (self->dialect == WEIR_DIALECT_OPENAI_RESPONSES)
    weir_json_add_uint (w, "sequence_number", self->sequence++);
  return data;
}

static void
end_event (WeirJsonWriter *w, const char *type, GString *data, GString *out)
{
  weir_json_close (w);
  weir_sse_write (out, type, (WeirSlice){ data->str, data->len });
  g_string_free (data, TRUE);
}

static void
response_event (WeirEcho *self, GString *out, const char *type, const WeirSlice *text)
{
  WeirJsonWriter w;
  GString *data = begin_event (self, &w, type);

  write_response (self, &w, "response", text);
  end_event (&w, type, data, out);
}

static void
item_event (WeirEcho *self, GString *out, const char *type, const WeirSlice *text)
{
  WeirJsonWriter w;
  GString *data = begin_event (self, &w, type);

  weir_json_add_uint (&w, "output_index", 0);
  write_item (self, &w, "item", text);
  end_event (&w, type, data, out);
}

/* Events about the part: @key is `part`, `delta` or `text`. */
static void
part_event (WeirEcho *self, GString *out, const char *type, const char *key, WeirSlice text)
{
  WeirJsonWriter w;
  GString *data = begin_event (self, &w, type);
  g_autofree char *id = g_strconcat ("msg_", self->id, NULL);

  weir_json_add_string (&w, "item_id", id);
  weir_json_add_uint (&w, "output_index", 0);
  weir_json_add_uint (&w, "content_index", 0);
  if (g_str_equal (key, "part"))
    write_part (&w, key, text);
  else
    {
      weir_json_add_text (&w, key, text);
      weir_json_open_array (&w, "logprobs");
      weir_json_close (&w);
    }
  end_event (&w, type, data, out);
}

static void
responses_opening (WeirEcho *self, GString *out)
{
  response_event (self, out, "response.created", NULL);
  response_event (self, out, "response.in_progress", NULL);
  item_event (self, out, "response.output_item.added", NULL);
  part_event (self, out, "response.content_part.added", "part", WEIR_SLICE (""));
}

static void
responses_closing (WeirEcho *self, GString *out)
{
  WeirSlice text = whole_text (self);

  part_event (self, out, "response.output_text.done", "text", text);
  part_event (self, out, "response.content_part.done", "part", text);
  item_event (self, out, "response.output_item.done", &text);
  response_event (self, out, "response.completed", &text);
}

static void
write_message (const WeirEcho *self,
               WeirJsonWriter *w,
               const char *name,
               const WeirSlice *text)
{
  g_autofree char *id = g_strconcat ("msg_", self->id, NULL);

  weir_json_open (w, name);
  weir_json_add_string (w, "id", id);
  weir_json_add_string (w, "type", "message");
  weir_json_add_string (w, "role", "assistant");
  weir_json_add_string (w, "model", WEIR_ECHO_MODEL);
  weir_json_open_array (w, "content");
  if (text != NULL)
    {
      weir_json_open (w, NULL);
      weir_json_add_string (w, "type", "text");
      weir_json_add_text (w, "text", *text);
      weir_json_close (w);
    }
  weir_json_close (w);
  if (text != NULL)
    weir_json_add_string (w, "stop_reason", "end_turn");
  else
    weir_json_add_null (w, "stop_reason");
  weir_json_add_null (w, "stop_sequence");
  weir_json_open (w, "usage");
  weir_json_add_uint (w, "input_tokens", self->words);
  weir_json_add_uint (w, "output_tokens", text != NULL ? self->words : 0);
  weir_json_close (w);
  weir_json_close (w);
}

static void
anthropic_opening (WeirEcho *self, GString *out)
{
  WeirJsonWriter w;
  GString *data = begin_event (self, &w, "message_start");

  write_message (self, &w, "message", NULL);
  end_event (&w, "message_start", data, out);
  data = begin_event (self, &w, "content_block_start");
  weir_json_add_uint (&w, "index", 0);
  weir_json_open (&w, "content_block");
  weir_json_add_string (&w, "type", "text");
  weir_json_add_string (&w, "text", "");
  weir_json_close (&w);
  end_event (&w, "content_block_start", data, out);
}

static void
anthropic_word (WeirEcho *self, WeirSlice word, GString *out)
{
  WeirJsonWriter w;
  GString *data = begin_event (self, &w, "content_block_delta");

  weir_json_add_uint (&w, "index", 0);
  weir_json_open (&w, "delta");
  weir_json_add_string (&w, "type", "text_delta");
  weir_json_add_text (&w, "text", word);
  weir_json_close (&w);
  end_event (&w, "content_block_delta", data, out);
}

static void
anthropic_closing (WeirEcho *self, GString *out)
{
  WeirJsonWriter w;
  GString *data = begin_event (self, &w, "content_block_stop");

  weir_json_add_uint (&w, "index", 0);
  end_event (&w, "content_block_stop", data, out);
  data = begin_event (self, &w, "message_delta");
  weir_json_open (&w, "delta");
  weir_json_add_string (&w, "stop_reason", "end_turn");
  weir_json_add_null (&w, "stop_sequence");
  weir_json_close (&w);
  weir_json_open (&w, "usage");
  weir_json_add_uint (&w, "output_tokens", self->words);
  weir_json_close (&w);
  end_event (&w, "message_delta", data, out);
  data = begin_event (self, &w, "message_stop");
  end_event (&w, "message_stop", data, out);
}

/* One GenerateContentResponse; the last one of a stream, and a whole one, has @last. */
static void
write_candidate (const WeirEcho *self, GString *out, WeirSlice text, gboolean last)
{
  WeirJsonWriter w;

  weir_json_writer_init (&w, out);
  w.ascii = TRUE; /* Gemini's clients break on a raw U+2028 (clients.md 8) */
  weir_json_open (&w, NULL);
  weir_json_open_array (&w, "candidates");
  weir_json_open (&w, NULL);
  weir_json_open (&w, "content");
  weir_json_open_array (&w, "parts");
  weir_json_open (&w, NULL);
  weir_json_add_text (&w, "text", text);
  weir_json_close (&w);
  weir_json_close (&w);
  weir_json_add_string (&w, "role", "model");
  weir_json_close (&w);
  if (last)
    weir_json_add_string (&w, "finishReason", "STOP");
  weir_json_add_uint (&w, "index", 0);
  weir_json_close (&w);
  weir_json_close (&w);
  if (last)
    {
      weir_json_open (&w, "usageMetadata");
      weir_json_add_uint (&w, "promptTokenCount", self->words);
      weir_json_add_uint (&w, "candidatesTokenCount", self->words);
      weir_json_add_uint (&w, "totalTokenCount", 2 * self->words);
      weir_json_close (&w);
    }
  weir_json_add_string (&w, "modelVersion", WEIR_ECHO_MODEL);
  weir_json_add_string (&w, "responseId", self->id);
  weir_json_close (&w);
}

static void
gemini_piece (WeirEcho *self, GString *out, WeirSlice text, gboolean last)
{
  g_autoptr (GString) data = g_string_new (NULL);

  write_candidate (self, data, text, last);
  if (self->form == WEIR_ANSWER_SSE)
    {
      weir_sse_write (out, NULL, (WeirSlice){ data->str, data->len });
      return;
    }
  g_string_append (out, self->pieces++ == 0 ? "[" : ",\r\n");
  g_string_append_len (out, data->str, (gssize)data->len);
  if (last)
    g_string_append_c (out, ']');
}

static void
write_count (const WeirEcho *self, GString *out)
{
  weir_token_count_write (out, self->dialect, self->words);
}

void
weir_echo_write_whole (WeirEcho *self, GString *out)
{
  WeirSlice text = whole_text (self);
  WeirJsonWriter w;

  if (self->operation == WEIR_OPERATION_COUNT_TOKENS)
    {
      write_count (self, out);
      return;
    }
  weir_json_writer_init (&w, out);
  switch (self->dialect)
    {
    case WEIR_DIALECT_OPENAI_CHAT:
      chat_whole (self, out);
      break;
    case WEIR_DIALECT_OPENAI_RESPONSES:
      write_response (self, &w, NULL, &text);
      break;
    case WEIR_DIALECT_ANTHROPIC:
      write_message (self, &w, NULL, &text);
      break;
    case WEIR_DIALECT_GEMINI:
      write_candidate (self, out, text, TRUE);
      break;
    case WEIR_DIALECT_LAST:
      break;
    }
}

/* How a dialect streams: before the first word, each word, behind the last. */
typedef struct
{
  void (*opening) (WeirEcho *self, GString *out);
  void (*word) (WeirEcho *self, WeirSlice word, GString *out);
  void (*closing) (WeirEcho *self, GString *out);
} Voice;

static void
chat_opening (WeirEcho *self, GString *out)
{
  if (self->operation != WEIR_OPERATION_COMPLETIONS)
    chat_chunk (self, out, TRUE, &WEIR_SLICE (""), NULL);
}

static void
chat_word (WeirEcho *self, WeirSlice word, GString *out)
{
  chat_chunk (self, out, FALSE, &word, NULL);
}

static void
responses_word (WeirEcho *self, WeirSlice word, GString *out)
{
  part_event (self, out, "response.output_text.delta", "delta", word);
}

static void
say_nothing (WeirEcho *self, GString *out)
{
}

static void
gemini_word (WeirEcho *self, WeirSlice word, GString *out)
{
  gemini_piece (self, out, word, FALSE);
}

static void
gemini_closing (WeirEcho *self, GString *out)
{
  gemini_piece (self, out, WEIR_SLICE (""), TRUE);
}

static const Voice voices[WEIR_DIALECT_LAST] = {
  [WEIR_DIALECT_OPENAI_CHAT] = { chat_opening, chat_word, chat_closing },
  [WEIR_DIALECT_OPENAI_RESPONSES]
  = { responses_opening, responses_word, responses_closing },
  [WEIR_DIALECT_ANTHROPIC] = { anthropic_opening, anthropic_word, anthropic_closing },
  [WEIR_DIALECT_GEMINI] = { say_nothing, gemini_word, gemini_closing },
};

void
weir_echo_write_opening (WeirEcho *self, GString *out)
{
  voices[self->dialect].opening (self, out);
}

void
weir_echo_write_word (WeirEcho *self, WeirSlice word, GString *out)
{
  voices[self->dialect].word (self, word, out);
}

void
weir_echo_write_closing (WeirEcho *self, GString *out)
{
  voices[self->dialect].closing (self, out);
}
