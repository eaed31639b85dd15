/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whatever stands in a request: what is written is one JSON object.  Whatever messages an
 * answer is made of: the stream says the same in any cut, and what it says is orderly
 * enough for an encoder.  The first byte chooses, the second is the size of the pieces;
 * of an answer each line is a message: its name, a blank, its payload. */

#include "config.h"

#include "../unit/base/event-stream-fixture.h"
#include "base/weir-json.h"
#include "chat/weir-bridge.h"
#include "providers/weir-hook.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
try_request (WeirSlice body)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body.text, body.length);
  g_autoptr (WeirRequest) asked = weir_protocol_get (WEIR_DIALECT_ANTHROPIC)
                                      ->read_request (bytes, WEIR_SLICE (""), FALSE, NULL);
  const WeirHookRequest request = {
    .operation = WEIR_OPERATION_ANSWER, .model = "m", .id = "weir-1", .asked = asked
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) written = weir_hook_kiro.write_request (&request, body, &error);
  g_auto (WeirJson) json = { 0 };
  gsize length = 0;
  const char *text = NULL;

  g_assert_true ((written == NULL) == (error != NULL));
  if (written == NULL)
    return;
  text = g_bytes_get_data (written, &length);
  g_assert_true (weir_json_parse (&json, text, length, NULL, NULL));
  g_assert_true (weir_json_lookup (&json, 0, "conversationState") != 0);
}

static GString *
make_wire (WeirSlice lines)
{
  g_autofree char *text = weir_slice_dup (lines);
  g_auto (GStrv) rows = g_strsplit (text, "\n", 1000);
  GString *wire = g_string_new (NULL);

  for (unsigned i = 0; rows[i] != NULL; i++)
    {
      char *blank = strchr (rows[i], ' ');

      if (blank == NULL || blank - rows[i] > 200)
        continue;
      *blank = '\0';
      event_stream_append (wire,
                           g_str_has_suffix (rows[i], "Exception") ? "exception" : "event",
                           rows[i], blank + 1);
    }
  return wire;
}

/* (transfer full): what a client would get. */
static GString *
answer (const GString *wire, size_t step)
{
  GString *out = g_string_new (NULL);
  const WeirEncodeOptions options = { .form = WEIR_ANSWER_SSE,
                                      .model = WEIR_SLICE ("m"),
                                      .id = "weir-1",
                                      .upstream = WEIR_DIALECT_ANTHROPIC };
  g_autoptr (GBytes) body = g_bytes_new_static ("{\"model\":\"m\",\"messages\":[]}", 27);
  g_autoptr (WeirRequest) request = weir_protocol_get (WEIR_DIALECT_OPENAI_CHAT)
                                        ->read_request (body, WEIR_SLICE (""), FALSE, NULL);
  WeirEncodeOptions all = options;
  g_autoptr (WeirEncoder) encoder = NULL;
  g_autoptr (WeirBridge) bridge = NULL;
  g_autoptr (WeirHookStream) stream = weir_hook_stream_new (&weir_hook_kiro);
  g_autoptr (WeirDecoder) decoder = NULL;
  gboolean ok = TRUE;

  g_assert_nonnull (request);
  all.request = request;
  encoder = weir_encoder_new (WEIR_DIALECT_OPENAI_CHAT, &all);
  bridge = weir_bridge_new (encoder);
  weir_bridge_set_output (bridge, out);
  decoder = weir_hook_kiro.new_decoder (WEIR_ANSWER_SSE, weir_bridge_sink, bridge);
  for (size_t at = 0; at < wire->len && ok; at += step)
    {
      g_autoptr (GString) events = NULL;
      size_t consumed, boundary;

      g_assert_true (
          weir_hook_stream_feed (stream, wire->str + at, MIN (step, wire->len - at), NULL));
      events = weir_hook_stream_take (stream);
      ok = weir_decoder_feed (decoder, events->str, events->len, &consumed, &boundary,
                              NULL);
    }
  g_assert_true (!ok || weir_hook_stream_is_idle (stream));
  if (weir_decoder_finish (decoder, ok) == WEIR_ANSWER_COMPLETE)
    (void)!weir_bridge_end (bridge, NULL);
  g_string_append_printf (out, "%d", weir_decoder_get_state (decoder));
  return out;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const WeirSlice rest = { (const char *)data + 2, size > 2 ? size - 2 : 0 };

  if (size < 3)
    return 0;
  if ((data[0] & 1) != 0)
    try_request (rest);
  else
    {
      g_autoptr (GString) wire = make_wire (rest);
      g_autoptr (GString) whole = answer (wire, MAX (wire->len, 1));
      g_autoptr (GString) pieces = answer (wire, (size_t)data[1] + 1);

      g_assert_true (g_string_equal (whole, pieces));
    }
  return 0;
}
