/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the client gets: whole answers, streams, errors in its own dialect, signs of life.
 * Here is the commit point, and here an answer that is not whole is made to look so. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#include "base/weir-clock.h"
#include "http/weir-http-write.h"

#define DRAIN_US (2 * WEIR_USEC_PER_SEC)
#define ECHO_WORD_US (20 * 1000)

static void
note_first_byte (WeirExchange *self)
{
  self->written_us = weir_clock_now_us ();
  if (self->first_byte_us < 0)
    self->first_byte_us = self->written_us - self->began_us;
}

static GString *
make_fields (const WeirExchange *self, const GString *passed)
{
  GString *fields = g_string_sized_new (160);

  weir_exchange_write_fields (fields, self->route->dialect, self->id);
  if (passed != NULL)
    g_string_append_len (fields, passed->str, (gssize)passed->len);
  return fields;
}

/* Where blank lines kept a unary answer alive its head is long out: the body follows. */
static void
send_body (WeirExchange *self, unsigned status, GBytes *body, const GString *passed)
{
  GString *fields;
  gsize length;
  const char *bytes = g_bytes_get_data (body, &length);

  note_first_byte (self);
  self->bytes_out += length;
  if (self->begun)
    {
      struct iovec part = { (void *)bytes, length };

      weir_connection_write (self->connection, &part, 1);
      return;
    }
  fields = make_fields (self, passed);
  self->sent_status = status;
  weir_connection_answer (weir_exchange_take_connection (self), status, "application/json",
                          (WeirSlice){ fields->str, fields->len }, body, FALSE);
  g_string_free (fields, TRUE);
}

void
weir_exchange_answer_whole (WeirExchange *self,
                            unsigned status,
                            GBytes *body,
                            const GString *fields)
{
  weir_exchange_report_served (self);
  weir_exchange_drop_request (self);
  if (self->recorder != NULL)
    weir_exchange_record_whole (self, body);
  send_body (self, status, body, fields);
  if (self->connection != NULL)
    weir_connection_end (weir_exchange_take_connection (self));
  self->host->n_complete++;
  weir_exchange_finish (self, "complete", NULL, NULL);
}

static void
answer_failure (WeirExchange *self,
                WeirError code,
                unsigned status,
                const char *message,
                GBytes *upstream_body,
                const GString *fields)
{
  const WeirErrorInfo *info = weir_error_get_info (code);
  g_autoptr (GBytes) body = upstream_body != NULL ? g_bytes_ref (upstream_body) : NULL;
  g_autofree char *detail = g_strdup (message);

  weir_exchange_drop_request (self);
  if (body == NULL)
    {
      GString *text = g_string_new (NULL);

      self->protocol->write_error (text, code, status, message, self->id);
      body = g_string_free_to_bytes (text);
    }
  if (self->connection != NULL)
    send_body (self, status != 0 ? status : info->status, body, fields);
  if (self->connection != NULL)
    weir_connection_end (weir_exchange_take_connection (self));
  self->host->n_failed++;
  weir_exchange_finish (self, "failed", info->code, detail);
}

void
weir_exchange_answer_error (WeirExchange *self, WeirError code, const char *message)
{
  answer_failure (self, code, 0, message, NULL, NULL);
}

/* Whole seconds, rounded up. */
static void
add_retry_after (GString *fields, int64_t delay_us)
{
  const int64_t seconds = (delay_us + WEIR_USEC_PER_SEC - 1) / WEIR_USEC_PER_SEC;

  weir_http_write_field_uint (fields, "Retry-After", (uint64_t)MAX (seconds, 1));
}

void
weir_exchange_answer_limited (WeirExchange *self,
                              const char *message,
                              int64_t retry_after_us)
{
  g_autoptr (GString) fields = g_string_new (NULL);

  if (retry_after_us >= 0)
    add_retry_after (fields, retry_after_us);
  answer_failure (self, WEIR_ERROR_LIMITED, 0, message, NULL, fields);
}

/* All that serve the model rest. */
static void
answer_resting (WeirExchange *self)
{
  const int64_t delay_us = self->retry_at_us - weir_clock_now_us ();
  g_autofree char *message = NULL;

  if (self->retry_at_us < 0)
    {
      weir_exchange_answer_error (self, WEIR_ERROR_NO_ACCOUNT,
                                  "no account can serve this model now");
      return;
    }
  message = g_strdup_printf (
      "every account that serves \"%s\" has reached a limit; the first is back in "
      "%" G_GINT64_FORMAT " s",
      self->entry->id, MAX ((delay_us + WEIR_USEC_PER_SEC - 1) / WEIR_USEC_PER_SEC, 1));
  weir_exchange_answer_limited (self, message, MAX (delay_us, 0));
}

/* (transfer full): who failed and how; of which model, where it was not the request's
 * fault. */
static char *
dup_failures (const WeirExchange *self)
{
  const unsigned status = weir_error_get_info (self->failure.code)->status;
  const gboolean passing = status >= 500 || status == 429;
  const char *text = self->failures != NULL && (passing || self->n_failed > 1)
                         ? self->failures->str
                         : self->failure.message;

  if (!passing)
    return g_strdup (text);
  return g_strdup_printf ("nobody can serve \"%s\" now: %s", self->entry->id, text);
}

/* A refused key's own status is told (401, 403): clients do not ask again then, as they
 * would at a 503.  Whose key it was stands in the message. */
void
weir_exchange_give_up (WeirExchange *self)
{
  const WeirFailure *failure = &self->failure;
  g_autofree char *message = NULL;

  if (failure->message == NULL)
    {
      answer_resting (self);
      return;
    }
  message = dup_failures (self);
  if (self->is_fatal && self->n_fatal < self->n_failed && self->retry_at_us >= 0)
    weir_exchange_answer_limited (self, message,
                                  MAX (self->retry_at_us - weir_clock_now_us (), 0));
  else
    answer_failure (self, failure->code, failure->status, message,
                    self->n_failed > 1 ? NULL : failure->body, failure->fields);
}

static void
on_keepalive (WeirTimer *timer)
{
  WeirExchange *self = WEIR_CONTAINER_OF (timer, WeirExchange, keepalive);
  gboolean unary = !self->wants_stream;
  struct iovec part = { (void *)(unary ? "\n" : ": keep-alive\n\n"), unary ? 1 : 14 };

  if (weir_clock_now_us () >= self->written_us + self->keepalive_us)
    {
      if (!self->begun && unary)
        weir_exchange_begin_stream (self);
      else if (!self->begun)
        weir_exchange_commit (self);
      if (!weir_send_is_paused (&self->send))
        weir_connection_write (self->connection, &part, 1);
      note_first_byte (self);
    }
  weir_poller_set_timer (self->host->poller, &self->keepalive,
                         self->written_us + self->keepalive_us);
}

void
weir_exchange_arm_keepalive (WeirExchange *self)
{
  const WeirConfig *config = self->routing->config;
  unsigned period_s
      = self->wants_stream ? config->streaming_keepalive_s : config->nonstream_keepalive_s;

  if (period_s == 0 || self->keepalive.func != NULL)
    return;
  /* Gemini's own clients break on comments (clients.md 8) */
  if (self->wants_stream && self->route->dialect == WEIR_DIALECT_GEMINI)
    return;
  self->keepalive.func = on_keepalive;
  self->keepalive_us = (int64_t)period_s * WEIR_USEC_PER_SEC;
  self->written_us = weir_clock_now_us ();
  weir_poller_set_timer (self->host->poller, &self->keepalive,
                         self->written_us + self->keepalive_us);
}

/* The commit point. */
void
weir_exchange_begin_stream (WeirExchange *self)
{
  GString *fields = make_fields (self, self->reply_fields);
  gboolean sse = self->wants_stream
                 && (self->translated ? weir_exchange_get_wanted_form (self) : self->form)
                        == WEIR_ANSWER_SSE;

  self->begun = TRUE;
  self->sent_status = 200;
  if (self->decoder != NULL && weir_decoder_has_content (self->decoder))
    weir_exchange_report_served (self);
  weir_connection_begin (self->connection, 200,
                         sse ? "text/event-stream" : "application/json",
                         (WeirSlice){ fields->str, fields->len });
  g_string_free (fields, TRUE);
  if (!self->wants_stream)
    return;
  self->state = self->echo != NULL ? WEIR_EXCHANGE_LOCAL : WEIR_EXCHANGE_STREAMING;
  if (self->translation != NULL)
    weir_translation_settle (self->translation); /* while there is a body to read in */
  if (!weir_send_is_active (&self->send) || weir_send_is_written (&self->send))
    weir_exchange_drop_request (
        self); /* else the upstream answers before it has read everything */
  g_clear_pointer (&self->query, g_free);
}

/* FALSE: the client is slow, wait for weir_exchange_drained. */
gboolean
weir_exchange_write (WeirExchange *self, const struct iovec *parts, int n_parts)
{
  note_first_byte (self);
  if (self->recorder != NULL)
    weir_exchange_record (self, parts, n_parts);
  for (int i = 0; i < n_parts; i++)
    self->bytes_out += parts[i].iov_len;
  return weir_connection_write (self->connection, parts, n_parts);
}

static void
on_drain_timeout (WeirTimer *timer)
{
  WeirExchange *self = WEIR_CONTAINER_OF (timer, WeirExchange, keepalive);

  weir_exchange_finish (self, NULL, NULL, NULL);
}

void
weir_exchange_end_stream (WeirExchange *self)
{
  if (!weir_send_is_written (&self->send))
    weir_send_stop (&self->send, FALSE); /* the rest of the request is not wanted */
  weir_exchange_report_served (self);
  weir_connection_end (weir_exchange_take_connection (self));
  self->host->n_complete++;
  weir_exchange_write_log (self, "complete", NULL, NULL);
  if (!weir_send_is_active (&self->send))
    {
      weir_exchange_finish (self, NULL, NULL, NULL);
      return;
    }
  /* the last event is through; the link is good for the next request once its framing ends
   */
  self->state = WEIR_EXCHANGE_DRAINING;
  weir_send_resume (&self->send);
  self->keepalive.func = on_drain_timeout;
  weir_poller_set_timer (self->host->poller, &self->keepalive,
                         weir_poller_get_now_us (self->host->poller) + DRAIN_US);
}

void
weir_exchange_cut_stream (WeirExchange *self,
                          WeirError code,
                          const char *message,
                          gboolean error_was_sent)
{
  WeirConnection *connection;

  if (!error_was_sent)
    {
      GString *text = g_string_new (NULL);

      if (!self->wants_stream)
        self->protocol->write_error (text, code, 0, message, self->id);
      else if (self->translated)
        {
          GString *output = weir_translation_get_output (self->translation);

          weir_translation_fail (self->translation, code, 0, message);
          g_string_append_len (text, output->str, (gssize)output->len);
        }
      else
        self->protocol->write_stream_error (text, self->form, code, message, self->id);
      if (text->len > 0)
        {
          struct iovec part = { text->str, text->len };

          weir_exchange_write (self, &part, 1);
        }
      g_string_free (text, TRUE);
    }
  connection = weir_exchange_take_connection (self);
  /* Gemini's command line gives up on a broken connection and tries again after an error
   * (clients.md 9); a unary answer's error is its whole body */
  if (self->route->dialect == WEIR_DIALECT_GEMINI || !self->wants_stream)
    weir_connection_end (connection);
  else
    weir_connection_cut (connection);
  self->host->n_cut++;
  weir_exchange_finish (self, "cut", weir_error_get_info (code)->code, message);
}

static void
on_echo_word (WeirTimer *timer)
{
  WeirExchange *self = WEIR_CONTAINER_OF (timer, WeirExchange, keepalive);
  g_autoptr (GString) piece = g_string_new (NULL);
  gboolean more = weir_echo_next (self->echo, piece);
  struct iovec part = { piece->str, piece->len };

  if (part.iov_len > 0)
    weir_exchange_write (self, &part, 1);
  if (more)
    weir_poller_set_timer (self->host->poller, &self->keepalive,
                           weir_clock_now_us () + ECHO_WORD_US);
  else
    weir_exchange_end_stream (self);
}

void
weir_exchange_answer_locally (WeirExchange *self)
{
  g_autoptr (GError) error = NULL;
  GString *whole;

  if (!weir_exchange_start_echo (self, &error))
    {
      weir_exchange_answer_error (self, weir_error_get_code (error), error->message);
      return;
    }
  self->state = WEIR_EXCHANGE_LOCAL;
  if (self->wants_stream)
    {
      weir_exchange_begin_stream (self);
      self->keepalive.func = on_echo_word;
      on_echo_word (&self->keepalive);
      return;
    }
  whole = g_string_new (NULL);
  while (weir_echo_next (self->echo, whole))
    ;
  {
    g_autoptr (GBytes) body = g_string_free_to_bytes (whole);

    weir_exchange_answer_whole (self, 200, body, NULL);
  }
}

void
weir_exchange_drained (WeirExchange *self)
{
  weir_send_resume (&self->send);
}

void
weir_exchange_shut_down (WeirExchange *self)
{
  static const char stopping[] = "Weir is shutting down";

  if (self->state == WEIR_EXCHANGE_DRAINING)
    weir_exchange_finish (self, NULL, NULL, NULL);
  else if (self->begun)
    weir_exchange_cut_stream (self, WEIR_ERROR_SHUTTING_DOWN, stopping, FALSE);
  else
    weir_exchange_answer_error (self, WEIR_ERROR_SHUTTING_DOWN, stopping);
}
