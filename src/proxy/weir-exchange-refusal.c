/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What upstreams refuse, by a status or inside an answer: what it means, who hears of it,
 * and whether somebody else is asked. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#include "base/weir-clock.h"
#include "base/weir-redact.h"
#include "chat/weir-protocol-error.h"

#define MESSAGE_MAX 512

/* What an error means, and to whom: the pool hears it, and who keeps count of quotas. */
static WeirVerdict
judge (WeirExchange *self, const WeirReply *said)
{
  WeirReply reply = *said;
  WeirQuotaReading reading;
  WeirVerdict verdict;

  reply.provider = self->seat->provider;
  reply.rules = self->seat->entry->error_rules;
  reply.real_us = weir_clock_real_us ();
  if (self->verdict_fields != NULL)
    reply.fields = (WeirSlice){ self->verdict_fields->str, self->verdict_fields->len };
  if (reply.status == 429
      && weir_quota_read_refusal (reply.body, self->seat_route->upstream_name,
                                  reply.real_us, &reading))
    weir_exchange_tell_quota (self, &reading);
  verdict = weir_verdict_of_reply (&reply);
  weir_exchange_report_failure (self, &verdict);
  return verdict;
}

/* Behind an error answer; one that may have been done must not be done twice. */
static void
rotate_or_give_up (WeirExchange *self, const WeirVerdict *verdict)
{
  if (verdict->action == WEIR_VERDICT_CLIENT_FAULT
      || (verdict->action == WEIR_VERDICT_ROTATE_ONCE && self->is_stateful))
    weir_exchange_give_up (self);
  else
    weir_exchange_try_next (self);
}

/* The decoder has seen the dialect's own error: before anything was passed on it is an
 * error like any other, after that it has just been passed on itself. */
void
weir_exchange_fail_by_event (WeirExchange *self)
{
  const char *type;
  const char *message;
  unsigned status;
  g_autofree char *clean = NULL;
  WeirVerdict verdict;
  WeirError code;

  weir_decoder_get_failure (self->decoder, &type, &message, &status);
  verdict = judge (
      self, &(WeirReply){ .status = status, .error_type = type, .message = message });
  clean = weir_redact (weir_slice_from_string (*message != '\0' ? message : type),
                       MESSAGE_MAX);
  weir_send_stop (&self->send, FALSE);
  code = weir_protocol_error_classify (status != 0 ? status : 502, type, message);
  if (weir_exchange_passes_failure (self, &verdict))
    weir_exchange_commit (self);
  if (self->begun)
    {
      weir_exchange_cut_stream (self, code, clean, !self->translated);
      return;
    }
  weir_exchange_set_failure (self, code, clean);
  self->failure.status = status;
  rotate_or_give_up (self, &verdict);
}

static gboolean
is_json (const GByteArray *bytes)
{
  g_auto (WeirJson) json = { 0 };

  return weir_json_parse (&json, (const char *)bytes->data, bytes->len, NULL, NULL);
}

void
weir_exchange_fail_by_answer (WeirExchange *self)
{
  WeirVerdict verdict;
  g_autofree char *text = NULL;
  g_autofree char *message = NULL;

  if (weir_exchange_lacks_counter (self))
    {
      weir_exchange_answer_estimate (self);
      return;
    }
  if (weir_exchange_is_token_refused (self) && weir_exchange_renew_token (self))
    return;
  if (weir_exchange_says_our_key (
          self, (WeirSlice){ (const char *)self->held->data, self->held->len }))
    g_byte_array_set_size (self->held, 0);
  verdict = judge (
      self, &(WeirReply){ .status = self->reply_status,
                          .body = { (const char *)self->held->data, self->held->len } });
  text = weir_exchange_dup_error_message (self);
  message = g_strdup_printf ("the upstream answered %u%s%s", self->reply_status,
                             *text != '\0' ? ": " : "", text);
  weir_exchange_set_failure (
      self, weir_protocol_error_classify (self->reply_status, "", text), message);
  self->failure.status = self->reply_status;
  self->failure.fields = g_steal_pointer (&self->reply_fields);
  if (!self->translated && is_json (self->held))
    self->failure.body = g_byte_array_free_to_bytes (g_steal_pointer (&self->held));
  rotate_or_give_up (self, &verdict);
}
