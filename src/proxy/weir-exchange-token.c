/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The token of an account: taken where it is known, waited for where it takes a refresh,
 * and asked for once more when the vendor has refused it. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

struct _WeirTokenWait
{
  WeirExchange *exchange;    /* (unowned) (nullable): NULL when it is gone */
  GCancellable *cancellable; /* (owned) */
};

static const WeirTokenSource *
get_source (const WeirExchange *self)
{
  return self->seat->account != NULL ? &self->host->tokens : self->host->service_tokens;
}

void
weir_exchange_take_token (WeirExchange *self)
{
  const WeirTokenSource *tokens = get_source (self);

  self->token_renewed = FALSE;
  g_clear_pointer (&self->token, weir_secret_unref);
  if (tokens->dup != NULL)
    self->token = tokens->dup (weir_seat_get_token_id (self->seat), tokens->user_data);
}

/* The account cannot be asked: somebody else, then. */
static void
fail (WeirExchange *self, const GError *error)
{
  const gboolean refused = weir_error_get_code (error) == WEIR_ERROR_UNAUTHORIZED;
  const WeirVerdict verdict = {
    .action = WEIR_VERDICT_ROTATE,
    .scope = WEIR_REST_ACCOUNT,
    .reason = refused ? WEIR_REST_UNAUTHORIZED : WEIR_REST_TRANSIENT,
  };

  weir_exchange_report_failure (self, &verdict);
  weir_exchange_set_failure (self, WEIR_ERROR_NO_ACCOUNT, error->message);
  weir_exchange_try_next (self);
}

static void
got_token_cb (WeirSecret *token, const GError *error, gpointer data)
{
  WeirTokenWait *wait = data;
  WeirExchange *self = wait->exchange;
  g_autoptr (GError) reason = NULL;

  g_object_unref (wait->cancellable);
  g_free (wait);
  if (self == NULL)
    return;
  self->token_wait = NULL;
  if (token == NULL)
    {
      fail (self, error);
      return;
    }
  g_clear_pointer (&self->token, weir_secret_unref);
  self->token = weir_secret_ref (token);
  if (weir_exchange_write_request (self, &reason))
    {
      weir_exchange_send (self);
      return;
    }
  weir_exchange_set_failure (self, weir_error_get_code (reason), reason->message);
  weir_exchange_try_next (self);
}

void
weir_exchange_fetch_token (WeirExchange *self, const WeirSecret *refused)
{
  const WeirTokenSource *tokens = get_source (self);
  const GError gone
      = { WEIR_ERROR, WEIR_ERROR_NO_ACCOUNT, (char *)"accounts are no longer served" };
  WeirTokenWait *wait;

  if (tokens->ensure == NULL) /* the program ends */
    {
      fail (self, &gone);
      return;
    }
  self->state = WEIR_EXCHANGE_CONNECTING;
  wait = g_new0 (WeirTokenWait, 1);
  wait->exchange = self;
  wait->cancellable = g_cancellable_new ();
  self->token_wait = wait;
  tokens->ensure (weir_seat_get_token_id (self->seat), refused, wait->cancellable,
                  got_token_cb, wait, tokens->user_data);
}

gboolean
weir_exchange_renew_token (WeirExchange *self)
{
  if (!self->seat->takes_token || self->token_renewed || self->connection == NULL)
    return FALSE;
  self->token_renewed = TRUE;
  weir_exchange_fetch_token (self, self->token);
  return TRUE;
}

void
weir_exchange_drop_token (WeirExchange *self)
{
  g_autoptr (GCancellable) cancellable = NULL;

  g_clear_pointer (&self->token, weir_secret_unref);
  if (self->token_wait == NULL)
    return;
  cancellable = g_object_ref (self->token_wait->cancellable);
  self->token_wait->exchange = NULL;
  self->token_wait = NULL;
  g_cancellable_cancel (cancellable);
}
