/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of all dialects, written for clients of all dialects and of legacy completions:
 * any cut gives the same bytes, and our own decoder reads them, streamed and whole, as
 * complete answers.  A client of Chat hears of as many choices and tokens in either form; a
 * client of Responses hears the same words.  The first two bytes choose upstream, client,
 * wishes, form and cuts. */

#include "../unit/chat/chat-run.h"

#include "chat/weir-bridge.h"
#include "chat/weir-openai-completions.h"

#include <stdlib.h>

typedef struct
{
  WeirDialect upstream;
  WeirDialect client;
  WeirAnswerForm from;
  WeirAnswerForm to;
  gboolean legacy;    /* completions: the dialect is Chat */
  gboolean functions; /* the client has functions, else tools that take text */
  gboolean hide;      /* it does not want to see thoughts */
  size_t step;
} Choice;

static void
require (gboolean holds)
{
  if (!holds)
    abort ();
}

static WeirRequest *
make_request (const Choice *choice)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
  WeirRequest *request = weir_request_new (choice->client, body, NULL);
  WeirTool *tool = weir_request_add_tool (request, choice->functions ? WEIR_TOOL_FUNCTION
                                                                     : WEIR_TOOL_CUSTOM);

  tool->name = WEIR_SLICE ("f");
  if (choice->functions && choice->client == WEIR_DIALECT_OPENAI_CHAT)
    tool->type_name = WEIR_SLICE ("functions");
  request->include_usage = choice->legacy ? WEIR_NO : WEIR_YES;
  request->thinking.shown = choice->hide ? WEIR_NO : WEIR_YES;
  return request;
}

/* (transfer full) (nullable): the answer; NULL where it was not complete. */
static GString *
translate (const Choice *choice, const char *wire, size_t length)
{
  g_autoptr (WeirRequest) request = make_request (choice);
  const WeirEncodeOptions options = {
    .form = choice->to,
    .id = "7f",
    .request = request,
    .upstream = choice->upstream,
  };
  g_autoptr (WeirEncoder) encoder = weir_encoder_new_of_class (
      choice->legacy ? &weir_openai_completions_encoder
                     : weir_protocol_get (choice->client)->encoder,
      &options);
  g_autoptr (WeirBridge) bridge = weir_bridge_new (encoder);
  g_autoptr (WeirDecoder) decoder
      = weir_decoder_new (choice->upstream, choice->from, weir_bridge_sink, bridge);
  g_autoptr (GString) out = g_string_new (NULL);

  weir_bridge_set_output (bridge, out);
  for (size_t at = 0; at < length; at += choice->step)
    {
      size_t consumed;
      size_t boundary;

      if (!weir_decoder_feed (decoder, wire + at, MIN (choice->step, length - at),
                              &consumed, &boundary, NULL))
        break;
    }
  if (weir_decoder_finish (decoder, TRUE) != WEIR_ANSWER_COMPLETE)
    return NULL;
  require (weir_bridge_end (bridge, NULL));
  return g_steal_pointer (&out);
}

static void
check_forms (const Choice *choice, const char *stream, const char *whole)
{
  g_autoptr (ChatRun) streamed = chat_run_text (choice->client, WEIR_ANSWER_SSE, stream);
  g_autoptr (ChatRun) read = chat_run_text (choice->client, WEIR_ANSWER_WHOLE, whole);

  require (streamed->state == WEIR_ANSWER_COMPLETE);
  require (read->state == WEIR_ANSWER_COMPLETE);
  if (choice->client == WEIR_DIALECT_OPENAI_RESPONSES && choice->upstream != choice->client)
    require (g_string_equal (streamed->fold, read->fold));
  if (choice->client != WEIR_DIALECT_OPENAI_CHAT)
    return;
  /* a stream begins with the first choice, be there one or not */
  require (streamed->finishes->len - read->finishes->len <= 1);
  require (choice->legacy || streamed->usage.output == read->usage.output);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Choice choice = { .to = WEIR_ANSWER_SSE, .step = SIZE_MAX / 2 };
  g_autoptr (GString) once = NULL;
  g_autoptr (GString) cut = NULL;
  g_autoptr (GString) whole = NULL;

  if (size < 3)
    return 0;
  choice.upstream = (WeirDialect)(data[0] % WEIR_DIALECT_LAST);
  choice.client = (WeirDialect)(data[0] / WEIR_DIALECT_LAST % WEIR_DIALECT_LAST);
  choice.functions = (data[0] & 0x80) != 0;
  choice.hide = (data[0] & 0x40) != 0;
  choice.legacy = choice.client == WEIR_DIALECT_OPENAI_CHAT && (data[0] & 0x20) != 0;
  choice.from = (WeirAnswerForm)(data[1] % 3);
  once = translate (&choice, (const char *)data + 2, size - 2);
  if (once == NULL)
    return 0;
  choice.step = 1 + data[1] / 3;
  cut = translate (&choice, (const char *)data + 2, size - 2);
  require (cut != NULL && g_string_equal (once, cut));
  choice.to = WEIR_ANSWER_WHOLE;
  whole = translate (&choice, (const char *)data + 2, size - 2);
  require (whole != NULL);
  check_forms (&choice, once->str, whole->str);
  return 0;
}
