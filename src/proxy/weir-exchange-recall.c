/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Responses that follow others.  An id that we know is resolved here, for any upstream; one
 * that we do not know can only be the vendor's own. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#include "base/weir-clock.h"

static gboolean
may_follow (const WeirExchange *self)
{
  return self->route->dialect == WEIR_DIALECT_OPENAI_RESPONSES
         && (self->route->operation == WEIR_OPERATION_ANSWER
             || self->route->operation == WEIR_OPERATION_COMPACT
             || self->route->operation == WEIR_OPERATION_COUNT_TOKENS);
}

/* Is @keeper the only one who can be asked?  Then the id says it all, and the request need
 * not be touched. */
static gboolean
is_only_seat (const WeirExchange *self, const WeirModel *entry, const char *keeper)
{
  const WeirModelRoute *route;
  const WeirSeat *seat;

  if (*keeper == '\0' || entry == NULL || entry->routes->len != 1)
    return FALSE;
  route = g_ptr_array_index (entry->routes, 0);
  seat = g_ptr_array_index (self->routing->seats, route->seat);
  return g_str_equal (seat->id, keeper);
}

static gboolean
has_native_seat (const WeirExchange *self, const WeirModel *entry)
{
  for (unsigned i = 0; entry != NULL && i < entry->routes->len; i++)
    {
      const WeirModelRoute *route = g_ptr_array_index (entry->routes, i);
      const WeirSeat *seat = g_ptr_array_index (self->routing->seats, route->seat);

      if (seat->provider->dialect == WEIR_DIALECT_OPENAI_RESPONSES
          && !seat->provider->keeps_nothing)
        return TRUE;
    }
  return FALSE;
}

static gboolean
expand (WeirExchange *self, WeirSlice items, GError **error)
{
  g_autoptr (GBytes) body = weir_response_store_expand (
      weir_connection_get_body (self->connection), items, error);

  return body != NULL && weir_exchange_replace_body (self, body, error);
}

/* What @previous stands for: put into the body, or left in @out_before where the only seat
 * knows it too.  @out_known: FALSE where it must be the vendor's own. */
static gboolean
resolve (WeirExchange *self, WeirSlice *out_before, gboolean *out_known, GError **error)
{
  const WeirModel *entry = weir_models_lookup (self->routing->models, self->model);
  WeirStoredResponse stored;

  *out_known = weir_response_store_lookup (self->host->responses, self->caller.key->name,
                                           self->previous, weir_clock_now_us (), &stored);
  if (!*out_known && entry != NULL && !has_native_seat (self, entry))
    return weir_error_set (error, WEIR_ERROR_RESPONSE_NOT_FOUND,
                           "the response that previous_response_id names is not known; "
                           "send the whole conversation");
  if (!*out_known)
    return TRUE;
  if (!is_only_seat (self, entry, stored.keeper))
    return expand (self, stored.items, error);
  *out_before = stored.items;
  return TRUE;
}

gboolean
weir_exchange_recall (WeirExchange *self, GError **error)
{
  WeirSlice before = { NULL, 0 };
  gboolean known = TRUE;

  if (!may_follow (self))
    return TRUE;
  if (self->previous != NULL && !resolve (self, &before, &known, error))
    return FALSE;
  /* over a websocket a client may follow a response whatever it said of storing; behind
   * what only the vendor knows there is nothing that we could repeat */
  if (self->route->operation == WEIR_OPERATION_ANSWER && known
      && (self->is_stateful || self->connection->upgrade != NULL))
    self->recorder
        = weir_response_recorder_new (before, weir_connection_get_body (self->connection));
  if (self->recorder != NULL && !self->is_stateful)
    weir_response_recorder_drop_bare_thoughts (self->recorder);
  return TRUE;
}

static void
remember (WeirExchange *self)
{
  gboolean kept_upstream = self->seat != NULL && !self->translated && self->is_stateful
                           && !self->seat->provider->keeps_nothing;
  const char *id;
  WeirStoredResponse stored;

  if (!weir_response_recorder_get (self->recorder, &id, &stored))
    return;
  if (kept_upstream)
    stored.keeper = self->seat->id;
  if (!self->is_stateful)
    stored.whole.length = 0;
  weir_response_store_put (self->host->responses, self->caller.key->name, id, &stored,
                           weir_clock_now_us ());
  g_clear_pointer (&self->recorder, weir_response_recorder_free);
}

void
weir_exchange_record (WeirExchange *self, const struct iovec *parts, int n_parts)
{
  for (int i = 0; i < n_parts; i++)
    weir_response_recorder_feed (self->recorder,
                                 (WeirSlice){ parts[i].iov_base, parts[i].iov_len });
  remember (self);
}

void
weir_exchange_record_whole (WeirExchange *self, GBytes *body)
{
  gsize length;
  const char *text = g_bytes_get_data (body, &length);

  weir_response_recorder_feed_whole (self->recorder, (WeirSlice){ text, length });
  remember (self);
}
