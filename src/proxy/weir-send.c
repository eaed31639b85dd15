/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One send.  Whether it may be repeated is the exchange's decision; this file only says how
 * it ended:
 *
 *   writing -- all written --> awaiting the head -- head --> reading the body -- framing
 * ends --> WHOLE |                             |                            |
 *      +--------- link fails: STALE / UNSENT / LOST --------------+--- CUT / BAD
 */

#include "config.h"

#include "proxy/weir-send.h"

#include "base/weir-clock.h"

#define WRITE_STALL_US (30 * WEIR_USEC_PER_SEC)
#define INTERIM_MAX 8
#define WRITE_PARTS 16
/* Reads of one turn from a TLS link, whose bytes the descriptor does not show. */
#define TLS_READS_PER_TURN 8

static void
end (WeirSend *self, WeirSendEnd how, const GError *error)
{
  weir_poller_clear_timer (self->poller, &self->watchdog);
  self->owner_funcs->ended (self->owner, how, error);
}

static WeirSendEnd
how_failed (const WeirSend *self)
{
  if (self->in_body)
    return WEIR_SEND_CUT;
  if (self->got_byte)
    return WEIR_SEND_LOST;
  if (self->link->reused)
    return WEIR_SEND_STALE;
  return weir_send_is_written (self) ? WEIR_SEND_LOST : WEIR_SEND_UNSENT;
}

static void
fail (WeirSend *self, WeirSendEnd how, WeirError code, const char *what)
{
  g_autoptr (GError) error = NULL;

  weir_error_set (&error, code, "%s", what);
  end (self, how, error);
}

static void
on_watchdog (WeirTimer *timer)
{
  WeirSend *self = WEIR_CONTAINER_OF (timer, WeirSend, watchdog);

  if (!weir_send_is_written (self))
    fail (self,
          self->in_body    ? WEIR_SEND_CUT
          : self->got_byte ? WEIR_SEND_LOST
                           : WEIR_SEND_UNSENT,
          WEIR_ERROR_UPSTREAM_TIMEOUT, "the upstream took nothing of the request for 30 s");
  else if (self->in_body)
    fail (self, WEIR_SEND_CUT, WEIR_ERROR_UPSTREAM_TIMEOUT, "the upstream fell silent");
  else
    fail (self, WEIR_SEND_LOST, WEIR_ERROR_UPSTREAM_TIMEOUT,
          "the upstream did not begin to answer in time");
}

static void
arm_watchdog (WeirSend *self)
{
  int64_t wait_us = self->silence_timeout_us;

  if (self->paused)
    return;
  if (!weir_send_is_written (self))
    wait_us = WRITE_STALL_US;
  else if (!self->in_body)
    wait_us = self->head_timeout_us;
  weir_poller_set_timer (self->poller, &self->watchdog,
                         weir_poller_get_now_us (self->poller) + wait_us);
}

/* FALSE when the link has failed. */
static gboolean
write_runs (WeirSend *self)
{
  while (self->run < self->n_runs)
    {
      struct iovec parts[WRITE_PARTS];
      int n = 0;
      ssize_t written;

      for (unsigned i = self->run; i < self->n_runs && n < WRITE_PARTS; i++)
        parts[n++] = (struct iovec){ (void *)self->runs[i].text, self->runs[i].length };
      written = weir_stream_writev (&self->link->stream, parts, n);
      if (written < 0)
        return written == WEIR_STREAM_AGAIN;
      for (size_t left = (size_t)written; self->run < self->n_runs; self->run++)
        {
          WeirSlice *run = &self->runs[self->run];
          size_t step = MIN (left, run->length);

          run->text += step;
          run->length -= step;
          left -= step;
          if (run->length > 0)
            break;
        }
    }
  return TRUE;
}

/* Bytes of the body.  FALSE when the send has ended or was stopped. */
static gboolean
take_body (WeirSend *self, char *bytes, size_t length)
{
  g_autoptr (GError) error = NULL;
  size_t payload = 0;
  size_t consumed = 0;
  WeirHttpResult result
      = weir_http_body_decode (&self->body, bytes, length, &payload, &consumed, &error);
  WeirLink *link = self->link;

  if (result == WEIR_HTTP_DONE && consumed < length)
    self->keep_alive = FALSE; /* bytes that nobody asked for: never the next answer's */
  if (payload > 0)
    {
      self->owner_funcs->data (self->owner, bytes, payload);
      if (self->link != link)
        return FALSE;
    }
  if (result == WEIR_HTTP_MORE)
    return TRUE;
  if (result == WEIR_HTTP_DONE)
    end (self, WEIR_SEND_WHOLE, NULL);
  else
    fail (self, WEIR_SEND_BAD, WEIR_ERROR_BAD_UPSTREAM, error->message);
  return FALSE;
}

static gboolean
take_whole_head (WeirSend *self, char *bytes, size_t length, size_t head_length)
{
  g_autoptr (GError) error = NULL;
  WeirLink *link = self->link;
  WeirHttpHead head;

  if (!weir_http_head_parse_response (&head, bytes, head_length, self->to_head, &error))
    {
      fail (self, WEIR_SEND_BAD, WEIR_ERROR_BAD_UPSTREAM, error->message);
      return FALSE;
    }
  self->scanned = 0;
  if (head.status < 200)
    {
      if (head.status == 101 || ++self->interim > INTERIM_MAX)
        {
          fail (self, WEIR_SEND_BAD, WEIR_ERROR_BAD_UPSTREAM, "too many interim answers");
          return FALSE;
        }
      return TRUE;
    }
  self->in_body = TRUE;
  self->keep_alive = head.keep_alive && weir_send_is_written (self);
  weir_http_body_init (&self->body, &head);
  arm_watchdog (self);
  self->owner_funcs->head (self->owner, &head);
  if (self->link != link)
    return FALSE;
  return take_body (self, bytes + head_length, length - head_length);
}

/* Bytes from the link: the rest of a head, then body.  FALSE when ended or stopped. */
static gboolean
take (WeirSend *self, char *bytes, size_t length)
{
  self->got_byte = TRUE;
  while (!self->in_body)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GByteArray) gathered = NULL;
      size_t head_length = 0;
      WeirHttpResult result;

      if (self->head_bytes != NULL)
        {
          gathered = g_steal_pointer (&self->head_bytes);
          g_byte_array_append (gathered, (const guint8 *)bytes, (guint)length);
          bytes = (char *)gathered->data;
          length = gathered->len;
        }
      if (length == 0)
        return TRUE;
      result
          = weir_http_head_find_end (bytes, length, &self->scanned, &head_length, &error);
      if (result == WEIR_HTTP_BAD)
        {
          fail (self, WEIR_SEND_BAD, WEIR_ERROR_BAD_UPSTREAM, error->message);
          return FALSE;
        }
      if (result == WEIR_HTTP_MORE)
        {
          if (gathered == NULL)
            {
              gathered = g_byte_array_sized_new ((guint)length);
              g_byte_array_append (gathered, (const guint8 *)bytes, (guint)length);
            }
          self->head_bytes = g_steal_pointer (&gathered);
          return TRUE;
        }
      if (!take_whole_head (self, bytes, length, head_length))
        return FALSE;
      if (self->in_body)
        return TRUE;
      /* an interim answer: what is behind it is looked at anew */
      self->head_bytes = g_byte_array_sized_new ((guint)(length - head_length + 1));
      g_byte_array_append (self->head_bytes, (const guint8 *)bytes + head_length,
                           (guint)(length - head_length));
      bytes = NULL;
      length = 0;
    }
  return take_body (self, bytes, length);
}

static void
take_end (WeirSend *self)
{
  if (self->in_body && weir_http_body_end (&self->body))
    {
      self->keep_alive = FALSE;
      end (self, WEIR_SEND_WHOLE, NULL);
      return;
    }
  fail (self, how_failed (self), self->in_body ? WEIR_ERROR_CUT : WEIR_ERROR_UPSTREAM,
        self->in_body ? "the upstream cut its answer"
                      : "the upstream closed the connection before it answered");
}

static void
read_some (WeirSend *self)
{
  WeirLink *link = self->link;
  int reads = link->stream.tls != NULL ? TLS_READS_PER_TURN : 1;

  while (self->link == link && !self->paused)
    {
      char *scratch = weir_poller_get_scratch (self->poller);
      ssize_t n = weir_stream_read (&link->stream, scratch, WEIR_POLLER_SCRATCH_BYTES);

      if (n == WEIR_STREAM_AGAIN && !self->mute)
        return;
      if (n == 0)
        {
          take_end (self);
          return;
        }
      if (n < 0)
        {
          fail (self, how_failed (self),
                self->in_body ? WEIR_ERROR_CUT : WEIR_ERROR_UPSTREAM,
                "the upstream reset the connection");
          return;
        }
      if (self->in_body)
        arm_watchdog (self); /* a head has one deadline, however it trickles */
      if (!take (self, scratch, (size_t)n))
        return;
      if (link->stream.tls == NULL || --reads == 0)
        return;
    }
}

static uint32_t
wanted (const WeirSend *self)
{
  uint32_t events = self->paused ? 0 : EPOLLIN | EPOLLRDHUP;

  return weir_send_is_written (self) || self->mute ? events : events | EPOLLOUT;
}

static void
on_kick (WeirTimer *timer)
{
  read_some (WEIR_CONTAINER_OF (timer, WeirSend, kick));
}

static void
on_link (WeirWatch *watch, uint32_t events)
{
  WeirStream *stream = WEIR_CONTAINER_OF (watch, WeirStream, watch);
  WeirLink *link = WEIR_CONTAINER_OF (stream, WeirLink, stream);
  WeirSend *self = link->holder;

  if (events & EPOLLOUT)
    {
      /* an answer that came before the door was shut is still there to be read */
      self->mute = !write_runs (self);
      arm_watchdog (self);
      weir_poller_modify (self->poller, watch, wanted (self));
    }
  if (self->paused && (events & (EPOLLHUP | EPOLLERR)))
    self->paused = FALSE; /* nothing more will come but the end */
  if (self->mute || (events & ~(uint32_t)EPOLLOUT))
    read_some (self);
}

void
weir_send_start (WeirSend *self,
                 WeirUpstream *upstream,
                 WeirPoller *poller,
                 WeirLink *link,
                 WeirSlice *runs,
                 unsigned n_runs,
                 const WeirSendOwner *owner_funcs,
                 gpointer owner)
{
  g_return_if_fail (self->link == NULL);

  self->upstream = upstream;
  self->poller = poller;
  self->link = link;
  self->owner_funcs = owner_funcs;
  self->owner = owner;
  self->watchdog.func = on_watchdog;
  self->kick.func = on_kick;
  self->runs = runs;
  self->n_runs = n_runs;
  self->run = 0;
  self->scanned = 0;
  self->interim = 0;
  self->in_body = FALSE;
  self->got_byte = FALSE;
  self->paused = FALSE;
  self->mute = FALSE;
  self->keep_alive = FALSE;
  link->holder = self;
  write_runs (self);   /* a failure shows on the watch, where the owner may be told */
  arm_watchdog (self); /* for what is awaited now */
  weir_stream_watch (&link->stream, on_link, wanted (self));
}

void
weir_send_stop (WeirSend *self, gboolean reusable)
{
  WeirLink *link = g_steal_pointer (&self->link);

  if (link == NULL)
    return;
  weir_poller_clear_timer (self->poller, &self->watchdog);
  weir_poller_clear_timer (self->poller, &self->kick);
  g_clear_pointer (&self->runs, g_free);
  g_clear_pointer (&self->head_bytes, g_byte_array_unref);
  if (reusable && self->keep_alive && self->in_body && self->body.done)
    weir_upstream_release (self->upstream, link);
  else
    weir_upstream_discard (self->upstream, link);
}

void
weir_send_pause (WeirSend *self)
{
  if (self->link == NULL || self->paused)
    return;
  self->paused = TRUE;
  weir_poller_clear_timer (self->poller, &self->watchdog);
  weir_poller_modify (self->poller, &self->link->stream.watch, wanted (self));
}

void
weir_send_resume (WeirSend *self)
{
  if (self->link == NULL || !self->paused)
    return;
  self->paused = FALSE;
  arm_watchdog (self);
  weir_poller_modify (self->poller, &self->link->stream.watch, wanted (self));
  if (self->link->stream.tls_readable)
    weir_poller_set_timer (self->poller, &self->kick, 0);
}

gboolean
weir_send_is_active (const WeirSend *self)
{
  return self->link != NULL;
}

gboolean
weir_send_is_paused (const WeirSend *self)
{
  return self->link != NULL && self->paused;
}

gboolean
weir_send_is_written (const WeirSend *self)
{
  return self->run >= self->n_runs;
}
