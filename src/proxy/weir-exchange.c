/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The life of an exchange: from the request that has come to the one log line. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#include "base/weir-clock.h"
#include "base/weir-redact.h"
#include "http/weir-http-write.h"

#define BYTES_PER_TOKEN 4 /* of a body, about */

void
weir_exchange_make_id (WeirExchangeHost *host, char out_id[24])
{
  static const char digits[] = "0123456789abcdef";
  uint64_t number
      = host->id_base + host->n_requests * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  memcpy (out_id, "weir-", 5);
  for (int i = 0; i < 16; i++)
    out_id[5 + i] = digits[(number >> (60 - 4 * i)) & 0xf];
  out_id[21] = '\0';
}

void
weir_exchange_write_fields (GString *out, WeirDialect dialect, const char *id)
{
  g_string_append (out, "X-Request-Id: ");
  g_string_append (out, id);
  if (dialect == WEIR_DIALECT_ANTHROPIC)
    {
      g_string_append (out, "\r\nRequest-Id: ");
      g_string_append (out, id);
    }
  g_string_append (out, "\r\nCache-Control: no-cache, no-store\r\n");
}

void
weir_exchange_clear_reply (WeirExchange *self)
{
  g_clear_pointer (&self->decoder, weir_decoder_free);
  g_clear_pointer (&self->coding, weir_http_coding_free);
  g_clear_pointer (&self->hooked, weir_hook_stream_free);
  g_clear_pointer (&self->held, g_byte_array_unref);
  if (self->reply_fields != NULL)
    g_string_free (g_steal_pointer (&self->reply_fields), TRUE);
  if (self->verdict_fields != NULL)
    g_string_free (g_steal_pointer (&self->verdict_fields), TRUE);
  self->boundary = 0;
  self->is_opaque = FALSE;
}

/* What only sending needs; not kept while an answer streams. */
void
weir_exchange_drop_request (WeirExchange *self)
{
  if (self->request_head != NULL)
    {
      explicit_bzero (self->request_head->str, self->request_head->len);
      g_string_free (g_steal_pointer (&self->request_head), TRUE);
    }
  if (self->client_fields != NULL)
    g_string_free (g_steal_pointer (&self->client_fields), TRUE);
  weir_json_edit_clear (&self->edit);
  g_clear_pointer (&self->made_body, g_bytes_unref);
  if (self->connection != NULL)
    weir_connection_drop_body (self->connection);
}

static void
on_reap (WeirTimer *timer)
{
  WeirExchange *self = WEIR_CONTAINER_OF (timer, WeirExchange, reaper);

  weir_exchange_drop_request (self);
  weir_exchange_clear_reply (self);
  weir_exchange_clear_failure (self);
  weir_exchange_drop_token (self);
  if (self->failures != NULL)
    g_string_free (self->failures, TRUE);
  g_free (self->scope);
  g_clear_pointer (&self->echo, weir_echo_free);
  g_clear_pointer (&self->translation, weir_translation_free);
  g_clear_pointer (&self->made_body, g_bytes_unref);
  g_clear_pointer (&self->recorder, weir_response_recorder_free);
  g_clear_pointer (&self->entry, weir_model_unref);
  g_clear_object (&self->connecting);
  g_free (self->form_type);
  g_free (self->model);
  g_free (self->previous);
  g_free (self->query);
  weir_routing_unref (self->routing);
  g_free (self);
}

static void
get_usage (const WeirExchange *self, WeirUsage *out)
{
  *out = WEIR_USAGE_NONE;
  if (self->echo != NULL)
    weir_echo_get_usage (self->echo, out);
  else if (self->decoder != NULL)
    *out = *weir_decoder_get_usage (self->decoder);
}

/* What the key has used in the end. */
static void
settle (WeirExchange *self)
{
  const int64_t now_us = weir_clock_now_us ();
  uint64_t tokens = WEIR_LIMIT_TOKENS_UNKNOWN;
  WeirUsage usage;

  get_usage (self, &usage);
  if (usage.input != WEIR_USAGE_UNKNOWN && usage.output != WEIR_USAGE_UNKNOWN)
    tokens = (uint64_t)(usage.input + usage.output);
  if (self->attempts == 0 && self->echo == NULL)
    weir_limits_cancel (self->host->limits, &self->reservation, now_us);
  else
    weir_limits_settle (self->host->limits, &self->reservation, tokens, now_us);
}

static void
release (WeirExchange *self)
{
  WeirExchangeHost *host = self->host;

  if (self->state == WEIR_EXCHANGE_DONE)
    return;
  self->state = WEIR_EXCHANGE_DONE;
  weir_send_stop (&self->send, FALSE);
  weir_exchange_release_seat (self);
  weir_exchange_drop_token (self);
  settle (self);
  weir_poller_clear_timer (host->poller, &self->keepalive);
  weir_poller_clear_timer (host->poller, &self->wait);
  if (self->connecting != NULL)
    g_cancellable_cancel (self->connecting);
  g_queue_unlink (&host->exchanges, &self->link);
  self->reaper.func = on_reap;
  if (self->connects_pending == 0)
    weir_poller_set_timer (host->poller, &self->reaper, 0);
  else
    g_queue_push_tail_link (&host->leavers, &self->link);
}

/* @out_unknown (transfer full): holds a string of the row. */
static WeirLogRow
make_row (const WeirExchange *self, char **out_unknown)
{
  WeirUsage usage;
  WeirLogRow row = {
    .number = self->number,
    .id = self->id,
    .route = self->route->name,
    .client_key = *self->caller.key->name != '\0' ? self->caller.key->name : NULL,
    .model = self->entry != NULL ? self->entry->id : NULL,
    .client_dialect = self->protocol->name,
    .agent = *self->agent != '\0' ? self->agent : NULL,
    .status = self->sent_status,
    .attempts = self->attempts,
    .bytes_in = self->bytes_in,
    .bytes_out = self->bytes_out,
    .first_byte_us = self->first_byte_us,
    .total_us = weir_clock_now_us () - self->began_us,
  };

  /* a name that nobody serves may be anything, a key pasted in the wrong place too */
  if (self->entry == NULL && self->model != NULL)
    row.model = *out_unknown = weir_redact (weir_slice_from_string (self->model), 128);
  if (self->seat != NULL)
    {
      row.account = self->seat->id;
      row.upstream_model = self->seat_route->upstream_name;
      row.upstream_dialect = weir_protocol_get (self->seat->provider->dialect)->name;
      if (self->translated && self->translation != NULL) /* it could be read */
        row.losses = weir_translation_get_losses (self->translation);
      row.pass = self->translated ? "translated"
                 : self->is_replaced || self->made_body != NULL
                         || (self->model_end > 0
                             && !g_str_equal (self->model, row.upstream_model))
                     ? "edited"
                     : "untouched";
    }
  if (self->echo != NULL)
    row.pass = "local";
  get_usage (self, &usage);
  row.tokens_in = usage.input;
  row.tokens_out = usage.output;
  row.tokens_cached = usage.cached;
  return row;
}

void
weir_exchange_write_log (WeirExchange *self,
                         const char *outcome,
                         const char *error_code,
                         const char *detail)
{
  g_autofree char *unknown = NULL;
  WeirLogRow row = make_row (self, &unknown);

  row.outcome = outcome;
  row.error = error_code;
  row.detail = detail;
  self->host->log (&row, self->host->log_data);
}

void
weir_exchange_show (WeirExchange *self, WeirLogFunc func, gpointer user_data)
{
  g_autofree char *unknown = NULL;
  const WeirLogRow row = make_row (self, &unknown);

  func (&row, user_data);
}

/* The one exit.  @outcome NULL: it was logged before, when the client had its answer. */
void
weir_exchange_finish (WeirExchange *self,
                      const char *outcome,
                      const char *error_code,
                      const char *detail)
{
  if (outcome != NULL)
    weir_exchange_write_log (self, outcome, error_code, detail);
  if (self->connection != NULL)
    {
      self->connection->exchange = NULL;
      self->connection = NULL;
    }
  release (self);
}

/* The connection goes its own way: nothing more is said by this exchange. */
WeirConnection *
weir_exchange_take_connection (WeirExchange *self)
{
  WeirConnection *connection = g_steal_pointer (&self->connection);

  if (connection != NULL)
    connection->exchange = NULL;
  return connection;
}

/* No seat of the model speaks the client's dialect: say who could be asked instead. */
static void
refuse_dialect (WeirExchange *self)
{
  const WeirModelRoute *route = g_ptr_array_index (self->entry->routes, 0);
  const WeirSeat *seat = g_ptr_array_index (self->routing->seats, route->seat);
  g_autofree char *message = NULL;

  if (seat->provider->dialect == self->route->dialect)
    message = g_strdup_printf ("%s does not offer %s", seat->id, self->route->name);
  else
    message = g_strdup_printf (
        "this model is served by %s, which speaks %s; ask for it in that dialect", seat->id,
        weir_protocol_get (seat->provider->dialect)->name);
  weir_exchange_answer_error (self, WEIR_ERROR_UNSUPPORTED, message);
}

/* A new exchange's key has its limits.  FALSE: answered. */
static gboolean
reserve (WeirExchange *self)
{
  const WeirClientKey *key = self->caller.key;
  const uint64_t tokens = self->bytes_in / BYTES_PER_TOKEN;
  WeirLimitRefusal refusal;
  g_autofree char *message = NULL;

  if (weir_limits_reserve (self->host->limits, key->name, &key->limits, tokens,
                           weir_clock_now_us (), &self->reservation, &refusal))
    return TRUE;
  message = weir_limit_refusal_dup_message (&refusal);
  weir_exchange_answer_limited (self, message, refusal.retry_after_us);
  return FALSE;
}

/* FALSE: answered, there is no such model for this caller. */
static gboolean
find_model (WeirExchange *self)
{
  const gboolean echo
      = self->routing->config->echo_model && g_str_equal (self->model, WEIR_ECHO_MODEL);
  WeirModel *model = echo ? NULL
                          : weir_routing_lookup_model (self->routing, &self->caller,
                                                       self->model, &self->has_suffix);
  g_autofree char *name = NULL;
  g_autofree char *message = NULL;

  while (model == NULL && !echo && weir_routing_fall_back (self->routing, &self->caller))
    model = weir_routing_lookup_model (self->routing, &self->caller, self->model,
                                       &self->has_suffix);
  if (model != NULL)
    self->entry = weir_model_ref (model);
  if ((model != NULL || echo)
      && weir_caller_allows_model (&self->caller, self->model, model))
    return TRUE;
  name = weir_redact (weir_slice_from_string (self->model), 128);
  if (model != NULL || echo)
    {
      message = g_strdup_printf ("this client key may not ask for the model \"%s\"", name);
      weir_exchange_answer_error (self, WEIR_ERROR_FORBIDDEN, message);
      return FALSE;
    }
  message = g_strdup_printf (
      "no account serves the model \"%s\"; GET /v1/models lists those that are served",
      name);
  weir_exchange_answer_error (self, WEIR_ERROR_MODEL_NOT_FOUND, message);
  return FALSE;
}

void
weir_exchange_begin (WeirExchange *self)
{
  g_autoptr (GError) error = NULL;

  if (!weir_exchange_read_request (self, &error) || !weir_exchange_recall (self, &error)
      || !weir_exchange_add_system_prompt (self, &error))
    {
      weir_exchange_answer_error (self, weir_error_get_code (error), error->message);
      return;
    }
  if (!find_model (self) || !reserve (self))
    return;
  if (self->entry == NULL)
    {
      weir_exchange_answer_locally (self);
      return;
    }
  if (!weir_exchange_find_seats (self))
    {
      g_autofree char *refusal = weir_exchange_dup_client_refusal (self);

      if (refusal != NULL)
        weir_exchange_answer_error (self, WEIR_ERROR_FORBIDDEN, refusal);
      else if (self->route->operation == WEIR_OPERATION_COUNT_TOKENS)
        weir_exchange_answer_estimate (self);
      else if (weir_exchange_is_picture (self))
        weir_exchange_refuse_drawing (self);
      else
        refuse_dialect (self);
      return;
    }
  if (!self->wants_stream)
    weir_exchange_arm_keepalive (self);
  weir_pool_count_request (self->host->pool);
  weir_exchange_try_next (self);
}

void
weir_exchange_left (WeirExchange *self)
{
  self->host->n_left++;
  weir_exchange_finish (self, "client-left", NULL, NULL);
}

void
weir_exchange_refuse (WeirExchange *self, const GError *error)
{
  weir_exchange_answer_error (self, weir_error_get_code (error), error->message);
}

void
weir_exchange_host_clear (WeirExchangeHost *host)
{
  while (!g_queue_is_empty (&host->exchanges))
    weir_exchange_finish (g_queue_peek_head (&host->exchanges), NULL, NULL, NULL);
  while (!g_queue_is_empty (&host->leavers))
    on_reap (&((WeirExchange *)g_queue_pop_head_link (&host->leavers)->data)->reaper);
  weir_json_clear (&host->table);
}
