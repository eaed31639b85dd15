/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What comes back from upstream: heads to verdicts, streams piece by piece, whole answers
 * and errors at their end. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#include "base/weir-clock.h"
#include "http/weir-http-write.h"

/* The attempt has failed before anything was passed on. */
static void
fail_attempt (WeirExchange *self, WeirError code, const char *message)
{
  const WeirVerdict verdict = weir_verdict_of_failure (code);

  weir_send_stop (&self->send, FALSE);
  weir_exchange_report_failure (self, &verdict);
  weir_exchange_set_failure (self, code, message);
  if (self->begun)
    weir_exchange_cut_stream (self, code, message, FALSE);
  else
    weir_exchange_try_next (self);
}

static void
on_head (gpointer owner, const WeirHttpHead *head)
{
  WeirExchange *self = owner;
  g_autoptr (GError) error = NULL;

  weir_exchange_clear_reply (self);
  self->reply_status = head->status;
  weir_exchange_keep_fields (self, head);
  weir_exchange_begin_unpacking (self, head);
  switch (weir_verdict_of_status (head->status).action)
    {
    case WEIR_VERDICT_FINE:
      if (!weir_exchange_decide_form (self, head, &error))
        {
          fail_attempt (self, weir_error_get_code (error), error->message);
          return;
        }
      weir_exchange_begin_answer (self);
      weir_exchange_begin_unhooking (self);
      weir_decoder_share_table (self->decoder, &self->host->table);
      weir_decoder_set_done_optional (self->decoder, self->seat->provider->done_optional);
      self->state = self->form == WEIR_ANSWER_WHOLE ? WEIR_EXCHANGE_GATHERING
                                                    : WEIR_EXCHANGE_PROBING;
      if (self->state == WEIR_EXCHANGE_PROBING)
        weir_exchange_arm_keepalive (self);
      break;
    case WEIR_VERDICT_CLIENT_FAULT:
    case WEIR_VERDICT_ROTATE:
    case WEIR_VERDICT_ROTATE_ONCE:
      self->state = WEIR_EXCHANGE_GATHERING;
      break;
    case WEIR_VERDICT_NONSENSE:
      fail_attempt (self, WEIR_ERROR_BAD_UPSTREAM,
                    head->status < 400
                        ? "the upstream redirects; redirects are not followed"
                        : "the upstream answered with an unknown status");
      return;
    }
  self->held = g_byte_array_new ();
}

static void
gather (WeirExchange *self, const char *bytes, size_t length)
{
  size_t cap
      = self->decoder != NULL ? WEIR_EXCHANGE_ANSWER_MAX : WEIR_EXCHANGE_ERROR_BODY_MAX;

  if (self->is_opaque)
    return;
  if (self->held->len + length > cap)
    fail_attempt (self, WEIR_ERROR_BAD_UPSTREAM, "the upstream's answer is too large");
  else
    g_byte_array_append (self->held, (const guint8 *)bytes, (guint)length);
}

static gboolean
is_blank (const char *bytes, size_t length)
{
  for (size_t i = 0; i < length; i++)
    if (!g_ascii_isspace (bytes[i]))
      return FALSE;
  return TRUE;
}

/* The whole stream has been passed on. */
static void
complete_stream (WeirExchange *self, gboolean extra_bytes)
{
  if (extra_bytes)
    weir_send_stop (&self->send, FALSE);
  weir_exchange_end_stream (self);
}

/* Passes on what stands before the boundary; keeps the rest. */
static void
pass_on (WeirExchange *self, const char *bytes, size_t length, size_t boundary)
{
  struct iovec parts[2];
  int n = 0;

  if (boundary == 0)
    {
      g_byte_array_append (self->held, (const guint8 *)bytes, (guint)length);
      return;
    }
  if (self->held->len > 0)
    parts[n++] = (struct iovec){ self->held->data, self->held->len };
  parts[n++] = (struct iovec){ (void *)bytes, boundary };
  if (!weir_exchange_write (self, parts, n))
    weir_send_pause (&self->send);
  g_byte_array_set_size (self->held, 0);
  if (boundary < length)
    g_byte_array_append (self->held, (const guint8 *)bytes + boundary,
                         (guint)(length - boundary));
}

void
weir_exchange_commit (WeirExchange *self)
{
  g_autoptr (GByteArray) held = g_steal_pointer (&self->held);

  weir_exchange_begin_stream (self);
  self->held = g_byte_array_new ();
  if (self->translated)
    weir_exchange_pass_translated (self);
  else if (held->len > 0)
    pass_on (self, (const char *)held->data, held->len, self->boundary);
}

/* The answer has failed, and what has come of it is all that there is. */
static void
hold_all (WeirExchange *self, const char *bytes, size_t length)
{
  g_byte_array_append (self->held, (const guint8 *)bytes, (guint)length);
  self->boundary = self->held->len;
}

static void
probe (WeirExchange *self, const char *bytes, size_t length, size_t boundary)
{
  WeirAnswerState answer = weir_decoder_get_state (self->decoder);

  if (boundary > 0)
    self->boundary = self->held->len + boundary;
  g_byte_array_append (self->held, (const guint8 *)bytes, (guint)length);
  if (answer != WEIR_ANSWER_COMPLETE && !weir_decoder_has_content (self->decoder)
      && self->held->len <= WEIR_EXCHANGE_PROBE_BYTES)
    return;
  weir_exchange_commit (self);
}

/* The same for what the encoder has made of the events so far.  FALSE: the answer could not
 * be said in the client's dialect, and the attempt has failed. */
static gboolean
on_translated (WeirExchange *self, WeirAnswerState answer)
{
  GString *output = weir_translation_get_output (self->translation);

  if (answer == WEIR_ANSWER_COMPLETE)
    {
      g_autoptr (GError) error = NULL;

      if (!weir_translation_end (self->translation, &error))
        {
          fail_attempt (self, weir_error_get_code (error), error->message);
          return FALSE;
        }
    }
  if (self->state == WEIR_EXCHANGE_PROBING && answer != WEIR_ANSWER_COMPLETE
      && !weir_decoder_has_content (self->decoder)
      && output->len <= WEIR_EXCHANGE_PROBE_BYTES)
    return TRUE;
  if (self->state == WEIR_EXCHANGE_PROBING)
    weir_exchange_begin_stream (self);
  weir_exchange_pass_translated (self);
  return TRUE;
}

/* An error event that repeats what we sent is told in our own words instead.  Its beginning
 * may have come in an earlier piece, and was held. */
static gboolean
has_told_our_key (WeirExchange *self,
                  WeirAnswerState answer,
                  const char *bytes,
                  size_t length)
{
  if (answer != WEIR_ANSWER_FAILED || self->translated || !self->begun)
    return FALSE;
  g_byte_array_append (self->held, (const guint8 *)bytes, (guint)length);
  if (!weir_exchange_says_our_key (
          self, (WeirSlice){ (const char *)self->held->data, self->held->len }))
    {
      g_byte_array_set_size (self->held, self->held->len - (guint)length);
      return FALSE;
    }
  fail_attempt (self, WEIR_ERROR_UPSTREAM,
                "the upstream failed behind a part of its answer");
  return TRUE;
}

static void
on_stream_data (WeirExchange *self, const char *bytes, size_t length)
{
  g_autoptr (GError) error = NULL;
  size_t consumed = 0;
  size_t boundary = 0;
  WeirAnswerState answer;

  if (!weir_decoder_feed (self->decoder, bytes, length, &consumed, &boundary, &error))
    {
      fail_attempt (self, weir_error_get_code (error), error->message);
      return;
    }
  answer = weir_decoder_get_state (self->decoder);
  if (answer == WEIR_ANSWER_COMPLETE && is_blank (bytes + consumed, length - consumed))
    consumed = length; /* a line end behind `]` */
  if (answer == WEIR_ANSWER_COMPLETE || (answer == WEIR_ANSWER_FAILED && self->begun))
    boundary = consumed; /* the last event: nothing of the answer is unfinished */
  if (has_told_our_key (self, answer, bytes, consumed))
    return;
  if (self->translated && answer != WEIR_ANSWER_FAILED)
    {
      if (!on_translated (self, answer))
        return;
    }
  else if (self->state == WEIR_EXCHANGE_PROBING && answer != WEIR_ANSWER_FAILED)
    probe (self, bytes, consumed, boundary);
  else if (self->state == WEIR_EXCHANGE_STREAMING && !self->translated)
    pass_on (self, bytes, consumed, boundary);
  else if (self->state == WEIR_EXCHANGE_PROBING)
    hold_all (self, bytes, consumed);
  if (answer == WEIR_ANSWER_COMPLETE)
    complete_stream (self,
                     consumed < length && !is_blank (bytes + consumed, length - consumed));
  else if (answer == WEIR_ANSWER_FAILED)
    weir_exchange_fail_by_event (self);
  else if (weir_decoder_is_ended (self->decoder))
    fail_attempt (self, WEIR_ERROR_CUT,
                  "the upstream ended its answer before it was whole");
}

/* The same behind what stands round its events. */
static void
on_hooked_data (WeirExchange *self, const char *bytes, size_t length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) out = NULL;

  if (!weir_hook_stream_feed (self->hooked, bytes, length, &error))
    {
      fail_attempt (self, weir_error_get_code (error), error->message);
      return;
    }
  out = weir_hook_stream_take (self->hooked);
  if (out->len > 0)
    on_stream_data (self, out->str, out->len);
}

static void
take_data (WeirExchange *self, const char *bytes, size_t length)
{
  switch (self->state)
    {
    case WEIR_EXCHANGE_GATHERING:
      gather (self, bytes, length);
      break;
    case WEIR_EXCHANGE_PROBING:
    case WEIR_EXCHANGE_STREAMING:
      if (self->hooked != NULL)
        on_hooked_data (self, bytes, length);
      else
        on_stream_data (self, bytes, length);
      break;
    case WEIR_EXCHANGE_DRAINING:
      if (is_blank (bytes, length))
        break;
      weir_send_stop (&self->send, FALSE); /* bytes behind the last event */
      weir_exchange_finish (self, NULL, NULL, NULL);
      break;
    case WEIR_EXCHANGE_RECEIVING:
    case WEIR_EXCHANGE_WAITING:
    case WEIR_EXCHANGE_CONNECTING:
    case WEIR_EXCHANGE_AWAITING:
    case WEIR_EXCHANGE_LOCAL:
    case WEIR_EXCHANGE_DONE:
      g_assert_not_reached ();
    }
}

/* The same for bytes that are compressed. */
static void
take_packed (WeirExchange *self, WeirSlice bytes)
{
  g_autoptr (GError) error = NULL;

  if (weir_exchange_unpack (self, bytes, take_data, &error))
    return;
  if (self->state == WEIR_EXCHANGE_DRAINING)
    take_data (self, "?", 1); /* the same: bytes behind the last event */
  else
    fail_attempt (self, weir_error_get_code (error), error->message);
}

static void
on_data (gpointer owner, char *bytes, size_t length)
{
  WeirExchange *self = owner;

  if (G_UNLIKELY (self->coding != NULL))
    take_packed (self, (WeirSlice){ bytes, length });
  else
    take_data (self, bytes, length);
}

static void
on_whole_answer (WeirExchange *self)
{
  g_autoptr (GError) error = NULL;
  WeirSlice whole;
  WeirAnswerState answer;

  if (!weir_exchange_unhook_whole (self, &error))
    {
      fail_attempt (self, weir_error_get_code (error), error->message);
      return;
    }
  whole = (WeirSlice){ (const char *)self->held->data, self->held->len };
  if (!weir_decoder_lend_whole (self->decoder, whole, &error))
    {
      fail_attempt (self, weir_error_get_code (error), error->message);
      return;
    }
  answer = weir_decoder_finish (self->decoder, TRUE);
  if (answer == WEIR_ANSWER_FAILED)
    weir_exchange_fail_by_event (self);
  else if (answer != WEIR_ANSWER_COMPLETE)
    fail_attempt (self, WEIR_ERROR_BAD_UPSTREAM, "the upstream's answer is not whole JSON");
  else if (self->wants_stream)
    fail_attempt (self, WEIR_ERROR_BAD_UPSTREAM,
                  "the upstream did not stream although it was asked to");
  else if (self->translated)
    weir_exchange_answer_translated (self);
  else
    {
      g_autoptr (GBytes) body = g_byte_array_free_to_bytes (g_steal_pointer (&self->held));

      weir_exchange_answer_whole (self, self->reply_status, body, self->reply_fields);
    }
}

/* The transport's end was the answer's: what was held is the last of it. */
static void
finish_stream (WeirExchange *self)
{
  g_autoptr (GByteArray) held = g_steal_pointer (&self->held);

  self->held = g_byte_array_new ();
  if (self->translated)
    {
      if (!on_translated (self, WEIR_ANSWER_COMPLETE))
        return;
    }
  else
    {
      if (!self->begun)
        weir_exchange_begin_stream (self);
      if (held->len > 0)
        pass_on (self, (const char *)held->data, held->len, held->len);
    }
  complete_stream (self, FALSE);
}

/* A stream's transport has ended before the decoder saw an end.  Gemini has no last event:
 * there this is the usual one. */
static void
on_stream_end (WeirExchange *self, WeirSendEnd how, const GError *error)
{
  const gboolean clean = how == WEIR_SEND_WHOLE && weir_exchange_is_unhooked (self);
  WeirAnswerState answer = weir_decoder_finish (self->decoder, clean);
  const GError *reason = weir_decoder_get_error (self->decoder);

  weir_send_stop (&self->send, how == WEIR_SEND_WHOLE);
  if (answer == WEIR_ANSWER_FAILED)
    {
      weir_exchange_fail_by_event (self);
      return;
    }
  if (answer == WEIR_ANSWER_COMPLETE)
    {
      finish_stream (self);
      return;
    }
  if (reason == NULL || error != NULL)
    reason = error;
  fail_attempt (
      self, reason != NULL && !self->begun ? weir_error_get_code (reason) : WEIR_ERROR_CUT,
      reason != NULL ? reason->message : "the upstream cut its answer");
}

static void
on_gathered_end (WeirExchange *self, WeirSendEnd how, const GError *error)
{
  if (how == WEIR_SEND_WHOLE)
    {
      weir_send_stop (&self->send, TRUE);
      if (self->decoder != NULL)
        on_whole_answer (self);
      else
        weir_exchange_fail_by_answer (self);
      return;
    }
  if (self->decoder == NULL) /* half an error says enough */
    {
      g_byte_array_set_size (self->held, 0);
      weir_send_stop (&self->send, FALSE);
      weir_exchange_fail_by_answer (self);
      return;
    }
  fail_attempt (self, weir_error_get_code (error), error->message);
}

/* It was sent, and nothing came back: not once more where that would leave two. */
static gboolean
may_have_been_done (const WeirExchange *self)
{
  return self->is_stateful
         || self->routing->config->retry_ambiguous == WEIR_RETRY_AMBIGUOUS_NEVER;
}

static void
on_lost (WeirExchange *self, WeirSendEnd how, const GError *error)
{
  const WeirVerdict verdict = weir_verdict_of_failure (weir_error_get_code (error));

  weir_send_stop (&self->send, FALSE);
  if (how == WEIR_SEND_STALE)
    {
      weir_exchange_retry_same (self);
      return;
    }
  weir_exchange_report_failure (self, &verdict);
  weir_exchange_set_failure (self, weir_error_get_code (error), error->message);
  if (how == WEIR_SEND_LOST)
    self->rotations_left = MIN (self->rotations_left, 1);
  if (how == WEIR_SEND_LOST && may_have_been_done (self))
    weir_exchange_give_up (self);
  else
    weir_exchange_try_next (self);
}

static void
on_ended (gpointer owner, WeirSendEnd how, const GError *error)
{
  WeirExchange *self = owner;
  g_autoptr (GError) cut = NULL;

  if (how == WEIR_SEND_WHOLE && !weir_exchange_is_unpacked (self, &cut))
    {
      how = WEIR_SEND_CUT;
      error = cut;
    }
  switch (self->state)
    {
    case WEIR_EXCHANGE_AWAITING:
      on_lost (self, how, error);
      break;
    case WEIR_EXCHANGE_GATHERING:
      on_gathered_end (self, how, error);
      break;
    case WEIR_EXCHANGE_PROBING:
    case WEIR_EXCHANGE_STREAMING:
      on_stream_end (self, how, error);
      break;
    case WEIR_EXCHANGE_DRAINING:
      weir_send_stop (&self->send, how == WEIR_SEND_WHOLE);
      weir_exchange_finish (self, NULL, NULL, NULL);
      break;
    case WEIR_EXCHANGE_RECEIVING:
    case WEIR_EXCHANGE_WAITING:
    case WEIR_EXCHANGE_CONNECTING:
    case WEIR_EXCHANGE_LOCAL:
    case WEIR_EXCHANGE_DONE:
      g_assert_not_reached ();
    }
}

const WeirSendOwner weir_exchange_send_owner = {
  .head = on_head,
  .data = on_data,
  .ended = on_ended,
};
