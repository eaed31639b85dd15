/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The grade TRANSLATED: seats that speak another dialect than the client. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#include "base/weir-clock.h"
#include "base/weir-redact.h"
#include "chat/weir-estimate.h"
#include "chat/weir-openai-images.h"
#include "chat/weir-signature.h"
#include "chat/weir-thinking.h"
#include "chat/weir-token-count.h"

#define MESSAGE_MAX 512

static gboolean
is_conversation (const WeirExchange *self)
{
  return self->route->operation == WEIR_OPERATION_ANSWER
         || self->route->operation == WEIR_OPERATION_STREAM
         || self->route->operation == WEIR_OPERATION_COMPLETIONS;
}

static gboolean
is_count (const WeirExchange *self)
{
  return self->route->operation == WEIR_OPERATION_COUNT_TOKENS;
}

gboolean
weir_exchange_can_ask (const WeirExchange *self,
                       const WeirSeat *seat,
                       const char *upstream_name)
{
  const WeirProvider *provider = seat->provider;
  const char *const *paths = provider->paths;
  gboolean counts = is_count (self);

  if (seat->own_client_only && !weir_exchange_is_own_client (self, provider))
    return FALSE;
  if (weir_exchange_is_picture (self))
    return weir_exchange_can_draw (self, provider, upstream_name);
  if (weir_exchange_has_own_path (self, provider, upstream_name))
    return TRUE;
  return (counts || is_conversation (self))
         && paths[counts ? WEIR_OPERATION_COUNT_TOKENS : WEIR_OPERATION_ANSWER] != NULL
         && weir_translation_is_possible (self->route->dialect, provider->dialect);
}

WeirOperation
weir_exchange_get_operation (const WeirExchange *self)
{
  if (!self->translated || is_count (self))
    return self->route->operation;
  return self->wants_stream && self->seat->provider->paths[WEIR_OPERATION_STREAM] != NULL
             ? WEIR_OPERATION_STREAM
             : WEIR_OPERATION_ANSWER;
}

static WeirAsked
get_asked (const WeirExchange *self)
{
  if (self->is_respelt)
    return WEIR_ASKED_IN_RESPONSES;
  switch (self->route->operation)
    {
    case WEIR_OPERATION_COMPLETIONS:
      return WEIR_ASKED_COMPLETION;
    case WEIR_OPERATION_IMAGE:
      return WEIR_ASKED_IMAGE;
    case WEIR_OPERATION_IMAGE_EDIT:
      return WEIR_ASKED_IMAGE_EDIT;
    case WEIR_OPERATION_ANSWER:
    case WEIR_OPERATION_STREAM:
    case WEIR_OPERATION_EMBEDDINGS:
    case WEIR_OPERATION_COUNT_TOKENS:
    case WEIR_OPERATION_COMPACT:
    case WEIR_OPERATION_LAST:
      break;
    }
  return WEIR_ASKED_ANSWER;
}

static gboolean
ensure_translation (WeirExchange *self, GError **error)
{
  g_autoptr (GBytes) body = NULL;

  if (self->translation != NULL)
    return TRUE;
  body = weir_exchange_lend_json_body (self, error);
  if (body == NULL)
    return FALSE;
  self->translation
      = weir_translation_new (body,
                              &(WeirTranslationOptions){
                                  .client = self->route->dialect,
                                  .asked = get_asked (self),
                                  .model = self->model,
                                  .path_model = self->model_end == 0,
                                  .stream = self->wants_stream,
                                  .form = weir_exchange_get_wanted_form (self),
                                  .id = self->id,
                                  .previous = self->previous,
                                  .created_s = weir_clock_real_us () / WEIR_USEC_PER_SEC,
                              },
                              error);
  return self->translation != NULL;
}

/* Answers in no dialect are read by a decoder of their own. */
static gboolean
is_in_no_dialect (const WeirExchange *self)
{
  const WeirHook *hook = weir_exchange_get_hook (self);

  return hook != NULL && hook->new_decoder != NULL;
}

static WeirDecoder *
make_decoder (const WeirExchange *self,
              WeirAnswerForm form,
              WeirEventSink sink,
              gpointer user_data)
{
  if (is_in_no_dialect (self))
    return weir_exchange_get_hook (self)->new_decoder (form, sink, user_data);
  return weir_decoder_new (self->seat->provider->dialect, form, sink, user_data);
}

/* Another dialect, or none; or the own one, where a name says how hard to think, the body
 * is of another, the client brings back a signature that was wrapped for it, or it wants a
 * list of answers, each of which would have to be taken out of something. */
static gboolean
must_translate (const WeirExchange *self)
{
  WeirDialect upstream = self->seat->provider->dialect;
  WeirSlice name = weir_slice_from_string (self->seat_route->upstream_name);

  if (!weir_exchange_has_own_path (self, self->seat->provider,
                                   self->seat_route->upstream_name))
    return TRUE;
  if (!is_conversation (self) || self->route->operation == WEIR_OPERATION_COMPLETIONS
      || !weir_translation_is_possible (upstream, upstream))
    return FALSE;
  if (self->has_suffix || self->is_respelt || self->seat_route->renames_answers
      || is_in_no_dialect (self)
      || (weir_exchange_get_hook (self) != NULL
          && weir_exchange_get_hook (self)->unwrap != NULL
          && weir_exchange_get_wanted_form (self) == WEIR_ANSWER_ARRAY)
      || weir_slice_has_suffix (name, WEIR_SLICE (")")))
    return TRUE;
  return weir_signature_occurs_in (weir_connection_get_body (self->connection));
}

/* What was written is to be counted, not said. */
static GBytes *
make_count_request (WeirExchange *self, GBytes *request)
{
  const WeirProvider *provider = self->seat->provider;
  gsize length;
  const char *text = g_bytes_get_data (request, &length);

  return weir_token_count_write_request (provider->dialect, provider->counts_bare,
                                         (WeirSlice){ text, length },
                                         self->seat_route->upstream_name);
}

gboolean
weir_exchange_translate_request (WeirExchange *self, GError **error)
{
  g_autoptr (GBytes) body = NULL;

  g_clear_pointer (&self->made_body, g_bytes_unref);
  self->translated = must_translate (self);
  if (!self->translated)
    return TRUE;
  if (!ensure_translation (self, error))
    return FALSE;
  body = weir_translation_write (self->translation, self->seat->provider->dialect,
                                 self->seat_route->upstream_name, error);
  if (body == NULL)
    return FALSE;
  self->made_body
      = is_count (self) ? make_count_request (self, body) : g_steal_pointer (&body);
  return TRUE;
}

void
weir_exchange_begin_answer (WeirExchange *self)
{
  WeirDialect upstream = self->seat->provider->dialect;

  if (!self->translated && weir_exchange_is_picture (self))
    {
      self->decoder = weir_openai_images_decoder_new (self->form);
      return;
    }
  if (!self->translated || is_count (self))
    {
      self->decoder = weir_decoder_new (upstream, self->form, NULL, NULL);
      return;
    }
  weir_translation_begin (self->translation, upstream);
  self->decoder = make_decoder (self, self->form, weir_translation_sink, self->translation);
}

void
weir_exchange_pass_translated (WeirExchange *self)
{
  GString *output = weir_translation_get_output (self->translation);
  struct iovec part = { output->str, output->len };

  if (output->len > 0 && !weir_exchange_write (self, &part, 1))
    weir_send_pause (&self->send);
  weir_translation_clear_output (self->translation);
}

static void
answer_count (WeirExchange *self, uint64_t count)
{
  GString *out = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;

  weir_token_count_write (out, self->route->dialect, count);
  body = g_string_free_to_bytes (out);
  weir_exchange_answer_whole (self, 200, body, self->reply_fields);
}

static void
answer_counted (WeirExchange *self)
{
  g_autoptr (GError) error = NULL;
  uint64_t count;

  if (weir_token_count_read (self->seat->provider->dialect,
                             (WeirSlice){ (const char *)self->held->data, self->held->len },
                             &count, &error))
    answer_count (self, count);
  else
    weir_exchange_answer_error (self, weir_error_get_code (error), error->message);
}

void
weir_exchange_answer_translated (WeirExchange *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = NULL;

  if (is_count (self))
    {
      answer_counted (self);
      return;
    }
  if (!weir_translation_end (self->translation, &error))
    {
      weir_exchange_answer_error (self, weir_error_get_code (error), error->message);
      return;
    }
  body = weir_translation_take_output (self->translation);
  weir_exchange_answer_whole (self, 200, body, self->reply_fields);
}

char *
weir_exchange_dup_error_message (WeirExchange *self)
{
  g_autoptr (WeirDecoder) decoder = make_decoder (self, WEIR_ANSWER_WHOLE, NULL, NULL);
  WeirSlice text = { (const char *)self->held->data, self->held->len };
  const char *type;
  const char *message;
  unsigned status;
  size_t consumed;
  size_t boundary;

  if (text.length > 0
      && weir_decoder_feed (decoder, text.text, text.length, &consumed, &boundary, NULL)
      && weir_decoder_finish (decoder, TRUE) == WEIR_ANSWER_FAILED)
    {
      weir_decoder_get_failure (decoder, &type, &message, &status);
      text = weir_slice_from_string (*message != '\0' ? message : type);
    }
  return weir_redact (text, MESSAGE_MAX);
}

gboolean
weir_exchange_lacks_counter (const WeirExchange *self)
{
  return is_count (self)
         && (self->reply_status == 404 || self->reply_status == 405
             || self->reply_status == 501);
}

void
weir_exchange_answer_estimate (WeirExchange *self)
{
  g_autoptr (GError) error = NULL;

  if (weir_protocol_get (self->route->dialect)->read_request == NULL)
    {
      weir_exchange_answer_error (self, WEIR_ERROR_UNSUPPORTED,
                                  "tokens of this model cannot be counted");
      return;
    }
  if (!ensure_translation (self, &error))
    {
      weir_exchange_answer_error (self, weir_error_get_code (error), error->message);
      return;
    }
  answer_count (self,
                weir_estimate_tokens (weir_translation_get_request (self->translation)));
}
