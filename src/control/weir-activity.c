/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A ring of plain records and an array of sums: a request costs a copy of a few hundred
 * bytes and no allocation once the ring is full. */

#include "config.h"

#include "control/weir-activity.h"

#define HOUR_US ((int64_t)3600 * G_USEC_PER_SEC)

struct _WeirActivity
{
  GArray *ring;   /* (owned) of WeirActivityExchange */
  unsigned next;  /* where the next one goes once the ring is full */
  GArray *usages; /* (owned) of WeirActivityUsage, by hour */
  WeirActivityTotals totals;
};

WeirActivity *
weir_activity_new (void)
{
  WeirActivity *self = g_new0 (WeirActivity, 1);

  self->ring = g_array_new (FALSE, FALSE, sizeof (WeirActivityExchange));
  self->usages = g_array_new (FALSE, FALSE, sizeof (WeirActivityUsage));
  return self;
}

void
weir_activity_free (WeirActivity *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->ring);
  g_array_unref (self->usages);
  g_free (self);
}

/* Rows hold valid UTF-8; what is too long is cut between characters. */
static void
copy_text (char *out, size_t room, const char *text)
{
  const size_t length = text != NULL ? strlen (text) : 0;
  const char *end;

  if (length < room)
    {
      memcpy (out, text != NULL ? text : "", length + 1);
      return;
    }
  memcpy (out, text, room - 1);
  out[room - 1] = '\0';
  if (!g_utf8_validate (out, -1, &end))
    out[end - out] = '\0';
}

static uint64_t
known (uint64_t tokens)
{
  return tokens != (uint64_t)WEIR_USAGE_UNKNOWN ? tokens : 0;
}

static gboolean
has_failed (const WeirLogRow *row)
{
  return row->error != NULL || row->status >= 400;
}

void
weir_activity_read_row (const WeirLogRow *row, int64_t real_us, WeirActivityExchange *out)
{
  *out = (WeirActivityExchange){
    .number = row->number,
    .began_us = real_us - MAX (row->total_us, 0),
    .is_open = row->outcome == NULL,
    .client = row->client_dialect != NULL ? row->client_dialect : "",
    .upstream = row->upstream_dialect != NULL ? row->upstream_dialect : "",
    .operation = row->route != NULL ? row->route : "",
    .pass = row->pass != NULL ? row->pass : "",
    .error = row->error != NULL ? row->error : "",
    .attempts = row->attempts,
    .status = row->status,
    .tokens_in = known (row->tokens_in),
    .tokens_cached = known (row->tokens_cached),
    .tokens_out = known (row->tokens_out),
    .first_byte_us = row->first_byte_us,
    .total_us = row->total_us,
  };
  copy_text (out->id, sizeof out->id, row->id);
  copy_text (out->key, sizeof out->key, row->client_key);
  copy_text (out->agent, sizeof out->agent, row->agent);
  copy_text (out->model, sizeof out->model, row->model);
  copy_text (out->upstream_model, sizeof out->upstream_model, row->upstream_model);
  copy_text (out->seat, sizeof out->seat, row->account);
  copy_text (out->losses, sizeof out->losses, row->losses);
}

/* The sums of the exchange's hour, seat and model.  Those of one hour stand together at the
 * end, so the search is short. */
static WeirActivityUsage *
ensure_usage (WeirActivity *self, const WeirActivityExchange *exchange, int64_t real_us)
{
  const int64_t hour_us = real_us - real_us % HOUR_US;
  WeirActivityUsage fresh = { .hour_us = hour_us };

  for (unsigned i = self->usages->len; i > 0; i--)
    {
      WeirActivityUsage *usage = &g_array_index (self->usages, WeirActivityUsage, i - 1);

      if (usage->hour_us != hour_us)
        break;
      if (g_str_equal (usage->model, exchange->model)
          && g_str_equal (usage->seat, exchange->seat))
        return usage;
    }
  if (self->usages->len >= WEIR_ACTIVITY_USAGE_MAX)
    g_array_remove_range (self->usages, 0, WEIR_ACTIVITY_USAGE_MAX / 4);
  copy_text (fresh.seat, sizeof fresh.seat, exchange->seat);
  copy_text (fresh.model, sizeof fresh.model, exchange->model);
  g_array_append_val (self->usages, fresh);
  return &g_array_index (self->usages, WeirActivityUsage, self->usages->len - 1);
}

void
weir_activity_add (WeirActivity *self, const WeirLogRow *row, int64_t real_us)
{
  WeirActivityTotals *totals = &self->totals;
  WeirActivityUsage *usage = NULL;
  WeirActivityExchange *exchange;

  if (self->ring->len < WEIR_ACTIVITY_EXCHANGES_MAX)
    g_array_set_size (self->ring, self->ring->len + 1);
  exchange = &g_array_index (self->ring, WeirActivityExchange, self->next);
  weir_activity_read_row (row, real_us, exchange);
  exchange->is_open = FALSE;
  self->next = (self->next + 1) % WEIR_ACTIVITY_EXCHANGES_MAX;

  totals->requests++;
  totals->failed += has_failed (row);
  totals->tokens_in += exchange->tokens_in;
  totals->tokens_cached += exchange->tokens_cached;
  totals->tokens_out += exchange->tokens_out;
  if (*exchange->seat == '\0')
    return; /* nobody was asked */
  usage = ensure_usage (self, exchange, real_us);
  usage->requests++;
  usage->failed += has_failed (row);
  usage->tokens_in += exchange->tokens_in;
  usage->tokens_cached += exchange->tokens_cached;
  usage->tokens_out += exchange->tokens_out;
}

const WeirActivityExchange *
weir_activity_get (const WeirActivity *self, unsigned index)
{
  const unsigned max = WEIR_ACTIVITY_EXCHANGES_MAX;

  if (index >= self->ring->len)
    return NULL;
  return &g_array_index (self->ring, WeirActivityExchange,
                         (self->next + max - 1 - index) % max);
}

const WeirActivityExchange *
weir_activity_lookup (const WeirActivity *self, const char *id)
{
  const WeirActivityExchange *exchange = NULL;

  for (unsigned i = 0; (exchange = weir_activity_get (self, i)) != NULL; i++)
    if (g_str_equal (exchange->id, id))
      return exchange;
  return NULL;
}

const WeirActivityTotals *
weir_activity_get_totals (const WeirActivity *self)
{
  return &self->totals;
}

const GArray *
weir_activity_get_usage (const WeirActivity *self)
{
  return self->usages;
}
