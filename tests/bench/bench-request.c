/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Request bodies as clients send them: one short question, or the history of a coding agent
 * with its tools, tool calls and file contents full of escapes.  Always the same bytes for
 * the same settings. */

#include "bench-request.h"

#include <stdio.h>
#include <string.h>

#define N_TOOLS 16u
/* A turn is question, call, result and comment: 107 turns are some 430 messages. */
#define N_TURNS 107u

/* clang-format off */
static const BenchDialectInfo infos[BENCH_DIALECT_LAST] = {
  /*                    name         path                                stream path                                       end of answer        end of stream         key field */
  [BENCH_CHAT]      = { "chat",      "/v1/chat/completions",             "/v1/chat/completions",                           "\"finish_reason\"", "data: [DONE]",       "Authorization: Bearer" },
  [BENCH_RESPONSES] = { "responses", "/v1/responses",                    "/v1/responses",                                  "\"usage\"",         "response.completed", "Authorization: Bearer" },
  [BENCH_ANTHROPIC] = { "anthropic", "/v1/messages",                     "/v1/messages",                                   "\"stop_reason\"",   "message_stop",       "x-api-key:" },
  [BENCH_GEMINI]    = { "gemini",    "/v1beta/models/$:generateContent", "/v1beta/models/$:streamGenerateContent?alt=sse", "\"finishReason\"",  "\"finishReason\"",   "x-goog-api-key:" },
};
/* clang-format on */

static const char *const words[] = {
  "count", "limit", "offset", "buffer", "socket", "session", "request", "answer", "return",
  "while", "const", "static", "length", "state",  "error",   "close",   "value",  "table",
};

#define N_WORDS (sizeof words / sizeof words[0])

const BenchDialectInfo *
bench_dialect_get_info (BenchDialect dialect)
{
  return &infos[dialect];
}

BenchDialect
bench_dialect_lookup (const char *name)
{
  unsigned dialect = 0;

  while (dialect < BENCH_DIALECT_LAST && strcmp (infos[dialect].name, name) != 0)
    dialect++;
  return (BenchDialect)dialect;
}

/* A small generator of our own, so that the bytes do not depend on the C library. */
static unsigned
next_random (uint32_t *seed)
{
  *seed ^= *seed << 13;
  *seed ^= *seed >> 17;
  *seed ^= *seed << 5;
  return *seed;
}

/* How a quotation mark and a line end are written inside a JSON string, and inside a JSON
 * string that is itself inside one. */
typedef struct
{
  const char *quote;
  const char *newline;
} Escapes;

static const Escapes once = { "\\\"", "\\n" };
static const Escapes twice = { "\\\\\\\"", "\\\\n" };

/* Source text, which is what most of an agent's history is. */
static void
append_code (BenchBuffer *buffer, size_t length, const Escapes *escapes, uint32_t *seed)
{
  size_t end = buffer->length + length;

  while (buffer->length < end)
    {
      const char *call = words[next_random (seed) % N_WORDS];
      const char *argument = words[next_random (seed) % N_WORDS];
      const char *text = words[next_random (seed) % N_WORDS];

      bench_buffer_append_format (buffer, "  %s (%s, %s%s: %%d%s, %u);%s", call, argument,
                                  escapes->quote, text, escapes->quote,
                                  next_random (seed) % 10000, escapes->newline);
    }
}

static void
append_prose (BenchBuffer *buffer, size_t length, uint32_t *seed)
{
  size_t end = buffer->length + length;

  while (buffer->length < end)
    bench_buffer_append_format (buffer, "%s ", words[next_random (seed) % N_WORDS]);
}

/* What stands between the texts of a body.  `$` is the model or a tool's number, `#` the
 * number of a call. */
typedef struct
{
  const char *open;
  const char *last_open;
  const char *last_close;
  const char *question;
  const char *call;
  const char *result;
  const char *comment;
  const char *close_turn;
  const char *tool;
  const char *close_tool;
} Form;

/* clang-format off */
#define TOOL_SCHEMA                                                                          \
  "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"},\"content\":"         \
  "{\"type\":\"string\"},\"limit\":{\"type\":\"integer\",\"minimum\":1}},\"required\":"      \
  "[\"path\"],\"additionalProperties\":false}"

static const Form forms[BENCH_DIALECT_LAST] = {
  [BENCH_CHAT] = {
    .open = "{\"model\":\"$\",\"messages\":[{\"role\":\"system\",\"content\":\"You answer briefly.\"},",
    .last_open = "{\"role\":\"user\",\"content\":\"",
    .last_close = "\"}]",
    .question = "{\"role\":\"user\",\"content\":\"",
    .call = "\"},{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_#\",\"type\":\"function\",\"function\":{\"name\":\"tool_$\",\"arguments\":\"{\\\"path\\\":\\\"src/file.c\\\",\\\"content\\\":\\\"",
    .result = "\\\"}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"call_#\",\"content\":\"",
    .comment = "\"},{\"role\":\"assistant\",\"content\":\"",
    .close_turn = "\"},",
    .tool = "{\"type\":\"function\",\"function\":{\"name\":\"tool_$\",\"description\":\"",
    .close_tool = "\",\"parameters\":" TOOL_SCHEMA "}}",
  },
  [BENCH_RESPONSES] = {
    .open = "{\"model\":\"$\",\"instructions\":\"You answer briefly.\",\"input\":[",
    .last_open = "{\"role\":\"user\",\"content\":\"",
    .last_close = "\"}]",
  },
  [BENCH_ANTHROPIC] = {
    .open = "{\"model\":\"$\",\"max_tokens\":4096,\"system\":\"You answer briefly.\",\"messages\":[",
    .last_open = "{\"role\":\"user\",\"content\":\"",
    .last_close = "\"}]",
    .question = "{\"role\":\"user\",\"content\":\"",
    .call = "\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"call_#\",\"name\":\"tool_$\",\"input\":{\"path\":\"src/file.c\",\"content\":\"",
    .result = "\"}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"call_#\",\"content\":\"",
    .comment = "\"}]},{\"role\":\"assistant\",\"content\":\"",
    .close_turn = "\"},",
    .tool = "{\"name\":\"tool_$\",\"description\":\"",
    .close_tool = "\",\"input_schema\":" TOOL_SCHEMA "}",
  },
  [BENCH_GEMINI] = {
    .open = "{\"systemInstruction\":{\"parts\":[{\"text\":\"You answer briefly.\"}]},\"contents\":[",
    .last_open = "{\"role\":\"user\",\"parts\":[{\"text\":\"",
    .last_close = "\"}]}]",
  },
};
/* clang-format on */

static void
append_template (BenchBuffer *buffer,
                 const char *template,
                 const char *value,
                 unsigned number)
{
  for (; *template != '\0'; template ++)
    if (*template == '$')
      bench_buffer_append_text (buffer, value);
    else if (*template == '#')
      bench_buffer_append_format (buffer, "%u", number);
    else
      bench_buffer_append (buffer, template, 1);
}

/* Question, tool call, result and comment. */
static void
append_turn (
    BenchBuffer *buffer, const Form *form, unsigned turn, size_t result, uint32_t *seed)
{
  char number[16];

  snprintf (number, sizeof number, "%u", turn % N_TOOLS);
  bench_buffer_append_text (buffer, form->question);
  append_prose (buffer, 150, seed);
  append_template (buffer, form->call, number, turn);
  append_code (buffer, 400, &twice, seed);
  append_template (buffer, form->result, number, turn);
  append_code (buffer, result, &once, seed);
  bench_buffer_append_text (buffer, form->comment);
  append_prose (buffer, 150, seed);
  bench_buffer_append_text (buffer, form->close_turn);
}

static void
append_tools (BenchBuffer *buffer, const Form *form, uint32_t *seed)
{
  bench_buffer_append_text (buffer, ",\"tools\":[");
  for (unsigned tool = 0; tool < N_TOOLS; tool++)
    {
      char number[16];

      snprintf (number, sizeof number, "%u", tool);
      if (tool > 0)
        bench_buffer_append_text (buffer, ",");
      append_template (buffer, form->tool, number, 0);
      append_prose (buffer, 300, seed);
      bench_buffer_append_text (buffer, form->close_tool);
    }
  bench_buffer_append_text (buffer, "]");
}

void
bench_request_append_body (const BenchRequest *self, BenchBuffer *buffer)
{
  const Form *form = &forms[self->dialect];
  bool agent = self->size >= BENCH_AGENT_SIZE && form->question != NULL;
  size_t start = buffer->length;
  BenchBuffer tail = { 0 };
  uint32_t seed = 20011;

  bench_buffer_append_text (&tail, form->last_close);
  if (agent)
    append_tools (&tail, form, &seed);
  if (self->dialect != BENCH_GEMINI && self->stream)
    bench_buffer_append_text (&tail, ",\"stream\":true");
  if (self->dialect == BENCH_CHAT && self->stream)
    bench_buffer_append_text (&tail, ",\"stream_options\":{\"include_usage\":true}");
  bench_buffer_append_text (&tail, "}");

  append_template (buffer, form->open, self->model, 0);
  for (unsigned turn = 0; agent && turn < N_TURNS; turn++)
    append_turn (buffer, form, turn, self->size / N_TURNS - 1500, &seed);
  bench_buffer_append_text (buffer, form->last_open);
  while (buffer->length - start + tail.length < self->size)
    bench_buffer_append (buffer, &"why? "[buffer->length % 5], 1);
  bench_buffer_append (buffer, tail.bytes, tail.length);
  bench_buffer_clear (&tail);
}

void
bench_request_append (const BenchRequest *self,
                      const BenchBuffer *body,
                      const char *query,
                      BenchBuffer *buffer)
{
  const BenchDialectInfo *info = &infos[self->dialect];
  const char *path = self->stream ? info->stream_path : info->path;

  bench_buffer_append_text (buffer, "POST ");
  append_template (buffer, path, self->model, 0);
  if (query != NULL)
    bench_buffer_append_format (buffer, "%c%s", strchr (path, '?') ? '&' : '?', query);
  bench_buffer_append_format (buffer,
                              " HTTP/1.1\r\n"
                              "Host: 127.0.0.1:%u\r\n"
                              "User-Agent: weir-bench\r\n"
                              "Accept: */*\r\n"
                              "%s %s\r\n",
                              self->port, info->key_field, self->key);
  if (self->dialect == BENCH_ANTHROPIC)
    bench_buffer_append_text (buffer, "anthropic-version: 2023-06-01\r\n");
  bench_buffer_append_format (buffer,
                              "Content-Type: application/json\r\n"
                              "Content-Length: %zu\r\n\r\n",
                              body->length);
  bench_buffer_append (buffer, body->bytes, body->length);
}
