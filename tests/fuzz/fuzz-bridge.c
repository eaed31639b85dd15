/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of any dialect on their way to clients of any other.  The first two bytes choose
 * both dialects, form, wishes and cuts; the encoder is a spy that insists on order. */

#include "../unit/chat/chat-spy.h"

#include "chat/weir-bridge.h"

#include <stdlib.h>

typedef struct
{
  WeirDialect upstream;
  WeirDialect client;
  WeirAnswerForm form;
  gboolean hide;
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
  WeirTool *tool;

  weir_request_add_tool (request, WEIR_TOOL_CUSTOM)->name = WEIR_SLICE ("f");
  weir_request_add_tool (request, WEIR_TOOL_FUNCTION)->name = WEIR_SLICE ("get_weather");
  tool = weir_request_add_tool (request, WEIR_TOOL_FUNCTION);
  tool->name = WEIR_SLICE ("g");
  tool->scope = WEIR_SLICE ("s");
  request->thinking.shown = choice->hide ? WEIR_NO : WEIR_YES;
  return request;
}

/* (transfer full): what the spy wrote down, in pieces of @step bytes. */
static GString *
run (const Choice *choice, const char *wire, size_t length, size_t step)
{
  g_autoptr (WeirRequest) request = make_request (choice);
  const WeirEncodeOptions options = {
    .form = WEIR_ANSWER_SSE,
    .id = "7f",
    .request = request,
    .upstream = choice->upstream,
  };
  g_autoptr (WeirEncoder) encoder
      = weir_encoder_new_of_class (chat_spy_get_class (choice->client), &options);
  g_autoptr (WeirBridge) bridge = weir_bridge_new (encoder);
  g_autoptr (WeirDecoder) decoder
      = weir_decoder_new (choice->upstream, choice->form, weir_bridge_sink, bridge);
  GString *out = g_string_new (NULL);

  weir_bridge_set_output (bridge, out);
  for (size_t at = 0; at < length; at += step)
    {
      size_t consumed;
      size_t boundary;

      if (!weir_decoder_feed (decoder, wire + at, MIN (step, length - at), &consumed,
                              &boundary, NULL))
        break;
    }
  if (weir_decoder_finish (decoder, TRUE) == WEIR_ANSWER_COMPLETE)
    require (weir_bridge_end (bridge, NULL));
  return out;
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Choice choice;
  g_autoptr (GString) whole = NULL;
  g_autoptr (GString) cut = NULL;

  if (size < 3)
    return 0;
  choice.upstream = (WeirDialect)(data[0] % WEIR_DIALECT_LAST);
  choice.client = (WeirDialect)(data[0] / WEIR_DIALECT_LAST % WEIR_DIALECT_LAST);
  choice.hide = (data[0] & 0x80) != 0;
  choice.form = (WeirAnswerForm)(data[1] % 3);
  whole = run (&choice, (const char *)data + 2, size - 2, SIZE_MAX / 2);
  cut = run (&choice, (const char *)data + 2, size - 2, 1 + data[1] / 3);
  require (g_string_equal (whole, cut));
  return 0;
}
