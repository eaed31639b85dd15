/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Errors as both OpenAI dialects and the many servers that imitate them spell them. */

#include "config.h"

#include "chat/weir-decoder.h"

/* The HTTP status that the words stand for (OpenAI error codes guide, read 2026-10). */
static const WeirWord statuses[] = {
  { "rate_limit_exceeded", 429 },
  { "rate_limit_error", 429 },
  { "insufficient_quota", 429 },
  { "usage_limit_reached", 429 },
  { "invalid_api_key", 401 },
  { "authentication_error", 401 },
  { "permission_error", 403 },
  { "model_not_found", 404 },
  { "context_length_exceeded", 400 },
  { "invalid_prompt", 400 },
  { "invalid_request_error", 400 },
  { "server_error", 500 },
  { "internal_server_error", 500 },
  { "server_is_overloaded", 503 },
  { "slow_down", 503 },
  { "overloaded_error", 529 },
  { NULL, 0 },
};

static gboolean
is_text (const WeirDecoder *self, uint32_t item)
{
  return item != 0 && weir_json_get_type (&self->json, item) == WEIR_JSON_STRING;
}

void
weir_openai_read_bare_failure (WeirDecoder *self, uint32_t object)
{
  uint32_t type = weir_decoder_lookup_item (self, object, "type");
  uint32_t code = weir_decoder_lookup_item (self, object, "code");
  uint64_t number = weir_decoder_lookup_uint (self, object, "code", 0);
  unsigned status;

  status = weir_word_lookup (statuses, weir_decoder_get_text (self, type), 0);
  status = weir_word_lookup (statuses, weir_decoder_get_text (self, code), status);
  if (number >= 400 && number < 600) /* OpenRouter gives the status as the code */
    status = (unsigned)number;
  weir_decoder_fail (self, is_text (self, code) ? code : type,
                     weir_decoder_lookup_item (self, object, "message"), status);
}

gboolean
weir_openai_read_failure (WeirDecoder *self, uint32_t error)
{
  if (error == 0)
    return FALSE;
  if (is_text (self, error))
    weir_decoder_fail (self, 0, error, 0);
  else if (weir_json_first (&self->json, error) == 0)
    return FALSE; /* `{}` and `false` beside an answer mean no error */
  else
    weir_openai_read_bare_failure (self, error);
  return TRUE;
}
