/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The life of an exchange: attempts in turn, the one answer, the one log line. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#include "base/weir-clock.h"
#include "base/weir-redact.h"
#include "http/weir-http-write.h"

#define WAIT_MAX_US (60 * WEIR_USEC_PER_SEC) /* no new attempt behind that */

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

static void
failure_clear (WeirFailure *failure)
{
  g_clear_pointer (&failure->message, g_free);
  g_clear_pointer (&failure->body, g_bytes_unref);
  if (failure->fields != NULL)
    g_string_free (g_steal_pointer (&failure->fields), TRUE);
  failure->status = 0;
}

void
weir_exchange_clear_reply (WeirExchange *self)
{
  g_clear_pointer (&self->decoder, weir_decoder_free);
  g_clear_pointer (&self->held, g_byte_array_unref);
  if (self->reply_fields != NULL)
    g_string_free (g_steal_pointer (&self->reply_fields), TRUE);
  self->boundary = 0;
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
  g_clear_pointer (&self->translated_body, g_bytes_unref);
  if (self->connection != NULL)
    weir_connection_drop_body (self->connection);
}

static void
on_reap (WeirTimer *timer)
{
  WeirExchange *self = WEIR_CONTAINER_OF (timer, WeirExchange, reaper);

  weir_exchange_drop_request (self);
  weir_exchange_clear_reply (self);
  failure_clear (&self->failure);
  g_clear_pointer (&self->echo, weir_echo_free);
  g_clear_pointer (&self->translation, weir_translation_free);
  g_clear_pointer (&self->translated_body, g_bytes_unref);
  g_clear_pointer (&self->recorder, weir_response_recorder_free);
  g_clear_pointer (&self->entry, weir_model_unref);
  g_clear_object (&self->connecting);
  g_free (self->model);
  g_free (self->previous);
  g_free (self->query);
  weir_routing_unref (self->routing);
  g_free (self);
}

static void
release (WeirExchange *self)
{
  WeirExchangeHost *host = self->host;

  if (self->state == WEIR_EXCHANGE_DONE)
    return;
  self->state = WEIR_EXCHANGE_DONE;
  weir_send_stop (&self->send, FALSE);
  weir_poller_clear_timer (host->poller, &self->keepalive);
  if (self->connecting != NULL)
    g_cancellable_cancel (self->connecting);
  g_queue_unlink (&host->exchanges, &self->link);
  self->reaper.func = on_reap;
  if (self->connects_pending == 0)
    weir_poller_set_timer (host->poller, &self->reaper, 0);
  else
    g_queue_push_tail_link (&host->leavers, &self->link);
}

void
weir_exchange_write_log (WeirExchange *self,
                         const char *outcome,
                         const char *error_code,
                         const char *detail)
{
  WeirExchangeHost *host = self->host;
  WeirUsage usage = WEIR_USAGE_NONE;
  g_autofree char *unknown = NULL;
  WeirLogRow row = {
    .id = self->id,
    .route = self->route->name,
    .client_key = *self->key_name != '\0' ? self->key_name : NULL,
    .model = self->entry != NULL ? self->entry->id : NULL,
    .client_dialect = self->protocol->name,
    .outcome = outcome,
    .error = error_code,
    .detail = detail,
    .status = self->sent_status,
    .attempts = self->attempts,
    .bytes_in = self->bytes_in,
    .bytes_out = self->bytes_out,
    .first_byte_us = self->first_byte_us,
    .total_us = weir_clock_now_us () - self->began_us,
  };

  /* a name that nobody serves may be anything, a key pasted in the wrong place too */
  if (self->entry == NULL && self->model != NULL)
    row.model = unknown = weir_redact (weir_slice_from_string (self->model), 128);
  if (self->seat != NULL)
    {
      row.account = self->seat->id;
      row.upstream_model = self->seat_route->upstream_name;
      row.upstream_dialect = weir_protocol_get (self->seat->provider->dialect)->name;
      row.losses
          = self->translated ? weir_translation_get_losses (self->translation) : NULL;
      row.pass = self->translated ? "translated"
                 : self->recalled
                         || (self->model_end > 0
                             && !g_str_equal (self->model, row.upstream_model))
                     ? "edited"
                     : "untouched";
    }
  if (self->echo != NULL)
    {
      row.pass = "local";
      weir_echo_get_usage (self->echo, &usage);
    }
  else if (self->decoder != NULL)
    usage = *weir_decoder_get_usage (self->decoder);
  row.tokens_in = usage.input;
  row.tokens_out = usage.output;
  row.tokens_cached = usage.cached;
  host->log (&row, host->log_data);
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

void
weir_exchange_set_failure (WeirExchange *self, WeirError code, const char *message)
{
  failure_clear (&self->failure);
  self->failure.code = code;
  self->failure.message = weir_redact (weir_slice_from_string (message), 1024);
}

static void
start_send (WeirExchange *self, WeirLink *link)
{
  const WeirConfig *config = self->routing->config;
  unsigned n_runs;
  WeirSlice *runs = weir_exchange_dup_runs (self, &n_runs);

  self->state = WEIR_EXCHANGE_AWAITING;
  self->attempts++;
  self->host->n_attempts++;
  self->send.head_timeout_us = (int64_t)config->head_timeout_s * WEIR_USEC_PER_SEC;
  self->send.silence_timeout_us = (int64_t)config->silence_timeout_s * WEIR_USEC_PER_SEC;
  weir_send_start (&self->send, self->host->upstream, self->host->poller, link, runs,
                   n_runs, &weir_exchange_send_owner, self);
}

static void
connected_cb (WeirLink *link, const GError *error, gpointer user_data)
{
  WeirExchange *self = user_data;

  self->connects_pending--;
  if (self->state == WEIR_EXCHANGE_DONE)
    {
      if (link != NULL)
        weir_upstream_discard (self->host->upstream, link);
      if (self->connects_pending > 0)
        return;
      g_queue_unlink (&self->host->leavers, &self->link);
      weir_poller_set_timer (self->host->poller, &self->reaper, 0);
      return;
    }
  g_clear_object (&self->connecting);
  if (link != NULL)
    {
      start_send (self, link);
      return;
    }
  weir_exchange_set_failure (self, weir_error_get_code (error), error->message);
  weir_exchange_try_next (self);
}

static void
connect_anew (WeirExchange *self)
{
  self->state = WEIR_EXCHANGE_CONNECTING;
  self->connecting = g_cancellable_new ();
  self->connects_pending++;
  weir_upstream_connect (self->host->upstream, self->seat->target, self->connecting,
                         connected_cb, self);
}

/* The kept-alive link was dead before a byte came: the same seat on a fresh one. */
void
weir_exchange_retry_same (WeirExchange *self)
{
  connect_anew (self);
}

/* The next seat that speaks the client's dialect, or NULL. */
static const WeirModelRoute *
pick (WeirExchange *self)
{
  const WeirModelRoute *route;

  while ((route = weir_pool_pick_blindly (self->entry, &self->tried)) != NULL)
    {
      const WeirSeat *seat = g_ptr_array_index (self->routing->seats, route->seat);

      if (weir_exchange_can_ask (self, seat))
        return route;
    }
  return NULL;
}

static gboolean
may_try (const WeirExchange *self)
{
  unsigned max = self->routing->config->max_retry_credentials;
  unsigned cap
      = max > 0 ? MIN (max, WEIR_EXCHANGE_ATTEMPTS_MAX) : WEIR_EXCHANGE_ATTEMPTS_MAX;

  return self->attempts == 0
         || (self->attempts < cap && self->rotations_left > 0
             && weir_clock_now_us () - self->began_us < WAIT_MAX_US);
}

/* The next seat for which the request can be written. */
static gboolean
take_seat (WeirExchange *self)
{
  const WeirModelRoute *route;

  while (may_try (self) && (route = pick (self)) != NULL)
    {
      g_autoptr (GError) error = NULL;

      self->seat_route = route;
      self->seat = g_ptr_array_index (self->routing->seats, route->seat);
      if (weir_exchange_write_request (self, &error))
        return TRUE;
      weir_exchange_set_failure (self, weir_error_get_code (error), error->message);
    }
  return FALSE;
}

void
weir_exchange_try_next (WeirExchange *self)
{
  WeirLink *link;

  if (!take_seat (self))
    {
      weir_exchange_give_up (self);
      return;
    }
  if (self->attempts > 0)
    self->rotations_left--;
  link = weir_upstream_take_idle (self->host->upstream, self->seat->target);
  if (link != NULL)
    start_send (self, link);
  else
    connect_anew (self);
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

static gboolean
is_served_here (const WeirExchange *self)
{
  for (unsigned i = 0; i < self->entry->routes->len; i++)
    {
      const WeirModelRoute *route = g_ptr_array_index (self->entry->routes, i);

      if (weir_exchange_can_ask (self,
                                 g_ptr_array_index (self->routing->seats, route->seat)))
        return TRUE;
    }
  return FALSE;
}

void
weir_exchange_begin (WeirExchange *self)
{
  g_autoptr (GError) error = NULL;
  WeirModel *entry;

  if (!weir_exchange_read_request (self, &error) || !weir_exchange_recall (self, &error))
    {
      weir_exchange_answer_error (self, weir_error_get_code (error), error->message);
      return;
    }
  if (self->routing->config->echo_model && g_str_equal (self->model, WEIR_ECHO_MODEL))
    {
      weir_exchange_answer_locally (self);
      return;
    }
  entry = weir_exchange_lookup_model (self);
  if (entry == NULL)
    {
      g_autofree char *name = weir_redact (weir_slice_from_string (self->model), 128);
      g_autofree char *message = g_strdup_printf (
          "no account serves the model \"%s\"; GET /v1/models lists those that are served",
          name);

      weir_exchange_answer_error (self, WEIR_ERROR_MODEL_NOT_FOUND, message);
      return;
    }
  self->entry = weir_model_ref (entry);
  if (!is_served_here (self) && self->route->operation == WEIR_OPERATION_COUNT_TOKENS)
    {
      weir_exchange_answer_estimate (self);
      return;
    }
  if (!is_served_here (self))
    {
      refuse_dialect (self);
      return;
    }
  if (!self->wants_stream)
    weir_exchange_arm_keepalive (self);
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
