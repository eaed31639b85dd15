/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of dialects. */

#include "config.h"

#include "chat/weir-protocol.h"

#include "chat/weir-encoder.h"
#include "chat/weir-protocol-error.h"
#include "chat/weir-protocol-request.h"

static const WeirProtocol protocols[] = {
  [WEIR_DIALECT_OPENAI_CHAT] = {
    .dialect = WEIR_DIALECT_OPENAI_CHAT,
    .name = "openai-chat",
    .write_error = weir_openai_write_error,
    .write_stream_error = weir_openai_chat_write_stream_error,
    .read_request = weir_openai_chat_read_request,
    .write_request = weir_openai_chat_write_request,
    .encoder = &weir_openai_chat_encoder,
  },
  [WEIR_DIALECT_OPENAI_RESPONSES] = {
    .dialect = WEIR_DIALECT_OPENAI_RESPONSES,
    .name = "openai-responses",
    .write_error = weir_openai_write_error,
    .write_stream_error = weir_openai_responses_write_stream_error,
    .read_request = weir_openai_responses_read_request,
    .write_request = weir_openai_responses_write_request,
    .encoder = &weir_openai_responses_encoder,
  },
  [WEIR_DIALECT_ANTHROPIC] = {
    .dialect = WEIR_DIALECT_ANTHROPIC,
    .name = "anthropic",
    .read_request = weir_anthropic_read_request,
    .write_request = weir_anthropic_write_request,
    .encoder = &weir_anthropic_encoder,
    .write_error = weir_anthropic_write_error,
    .write_stream_error = weir_anthropic_write_stream_error,
  },
  [WEIR_DIALECT_GEMINI] = {
    .dialect = WEIR_DIALECT_GEMINI,
    .name = "gemini",
    .write_error = weir_gemini_write_error,
    .write_stream_error = weir_gemini_write_stream_error,
    .read_request = weir_gemini_read_request,
    .write_request = weir_gemini_write_request,
    .encoder = &weir_gemini_encoder,
  },
};
G_STATIC_ASSERT (G_N_ELEMENTS (protocols) == WEIR_DIALECT_LAST);

const WeirProtocol *
weir_protocol_get (WeirDialect dialect)
{
  g_return_val_if_fail (dialect < WEIR_DIALECT_LAST, &protocols[0]);

  return &protocols[dialect];
}
