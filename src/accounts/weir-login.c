/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The states of a sign-in.
 *
 *   NEW --STARTED--> BINDING --LISTENING, PORT_TAKEN--> USER --a code--> REDEEMING
 *    |  (paste)                                           ^                  |
 *    +----------------------------------------------------+                  v
 *    |  (device)                                            [EXCHANGING] --> ENDED
 *    +--> [REGISTERING] --> ASKING                            ^              ^
 *                            +--> PAUSED <--> POLLING --tokens+              |
 *                                              +--a code--> REDEEMING -------+
 *
 * A code is redeemed once, whatever becomes of it (a code that is sent twice makes vendors
 * revoke what the first one gave).  The ten minutes are the user's: once there is a code,
 * the vendor has a minute of its own. */

#include "config.h"

#include "accounts/weir-login.h"

#include <string.h>

#define REDEEM_US (60 * (int64_t)G_USEC_PER_SEC)
/* RFC 8628, 3.5 */
#define SLOWER_US (5 * (int64_t)G_USEC_PER_SEC)
#define INTERVAL_MAX_US (60 * (int64_t)G_USEC_PER_SEC)

typedef enum
{
  STATE_NEW,
  STATE_BINDING,
  STATE_USER,
  STATE_REGISTERING,
  STATE_ASKING,
  STATE_PAUSED,
  STATE_POLLING,
  STATE_REDEEMING,
  STATE_EXCHANGING,
  STATE_ENDED,
} State;

typedef struct
{
  const char *text; /* behind the vendor's name */
  const char *advice;
} Failure;

/* clang-format off */
static const Failure failures[WEIR_OAUTH_OUTCOME_LAST] = {
  [WEIR_OAUTH_SIGN_IN_AGAIN]  = { " no longer takes this sign-in's code", ". Please begin again." },
  [WEIR_OAUTH_DENIED]         = { " refused this account", "." },
  [WEIR_OAUTH_EXPIRED]        = { " let the code expire", ". Please begin again." },
  [WEIR_OAUTH_CLIENT_REFUSED] = { " refused the client id or secret",
                                  ": see oauth-clients in the configuration." },
  [WEIR_OAUTH_LATER]          = { " gave no usable answer", ". Please try again later." },
};
/* clang-format on */

struct _WeirLogin
{
  WeirOauthClient client;
  char *client_id;           /* (owned) (nullable) that was registered */
  WeirSecret *client_secret; /* (owned) (nullable) */
  WeirLoginWay way;
  State state;
  int64_t deadline_us; /* 0 before the start */
  int64_t poll_us;     /* of PAUSED: when to poll */
  int64_t interval_us;
  unsigned ticket; /* of the request that is out; grows */

  WeirSecret *verifier;      /* (owned) (nullable) wiped at the end, as is `word` */
  WeirSecret *word;          /* (owned) (nullable) the `state` of RFC 6749 */
  char *url;                 /* (owned) (nullable) holds that state */
  char *sentence;            /* (owned) (nullable) */
  WeirOauthRequest request;  /* (owned) */
  WeirOauthDevice device;    /* (owned) */
  WeirOauthAnswer tokens;    /* (owned) */
  WeirOauthAnswer exchanged; /* (owned) */
};

static void
add (WeirLoginActions *out, WeirLoginAction action)
{
  g_assert (out->n < WEIR_LOGIN_ACTIONS_MAX);
  out->items[out->n++] = action;
}

static void
wipe (WeirLogin *self)
{
  g_clear_pointer (&self->verifier, weir_secret_unref);
  g_clear_pointer (&self->word, weir_secret_unref);
  g_clear_pointer (&self->url, weir_secret_wipe_string);
  weir_oauth_request_clear (&self->request);
  weir_oauth_device_clear (&self->device);
}

/* @sentence (transfer full) */
static void
fail (WeirLogin *self, char *sentence, WeirLoginActions *out)
{
  wipe (self);
  weir_oauth_answer_clear (&self->tokens);
  weir_oauth_answer_clear (&self->exchanged);
  g_free (self->sentence);
  self->sentence = sentence;
  self->state = STATE_ENDED;
  add (out, (WeirLoginAction){ .kind = WEIR_LOGIN_FAILED, .sentence = sentence });
}

static void
finish (WeirLogin *self, WeirLoginActions *out)
{
  wipe (self);
  self->state = STATE_ENDED;
  add (out, (WeirLoginAction){ .kind = WEIR_LOGIN_DONE,
                               .tokens = &self->tokens,
                               .short_lived = self->exchanged.access_token != NULL
                                                  ? &self->exchanged
                                                  : NULL });
}

static void
add_wait (const WeirLogin *self, WeirLoginActions *out)
{
  int64_t until_us = self->state == STATE_PAUSED ? MIN (self->poll_us, self->deadline_us)
                                                 : self->deadline_us;

  add (out, (WeirLoginAction){ .kind = WEIR_LOGIN_WAIT, .until_us = until_us });
}

/* self->request has been written. */
static void
send_request (WeirLogin *self, State state, WeirLoginActions *out)
{
  self->state = state;
  self->ticket++;
  add (out, (WeirLoginAction){ .kind = WEIR_LOGIN_SEND,
                               .request = &self->request,
                               .ticket = self->ticket });
  add_wait (self, out);
}

static void
redeem (WeirLogin *self,
        const char *redirect_uri,
        const WeirSecret *code,
        const WeirSecret *verifier,
        int64_t now_us,
        WeirLoginActions *out)
{
  weir_oauth_request_clear (&self->request);
  weir_oauth_write_redeem (&self->client, redirect_uri, code, verifier, self->word,
                           &self->request);
  self->deadline_us = now_us + REDEEM_US;
  send_request (self, STATE_REDEEMING, out);
}

static void
start_device (WeirLogin *self, WeirLoginActions *out)
{
  const gboolean registers
      = self->client.row->register_url != NULL && self->client.client_secret == NULL;

  weir_oauth_request_clear (&self->request);
  if (registers)
    weir_oauth_write_register (&self->client, &self->request);
  else
    weir_oauth_write_device (&self->client, &self->request);
  send_request (self, registers ? STATE_REGISTERING : STATE_ASKING, out);
}

static void
start (WeirLogin *self, int64_t now_us, WeirLoginActions *out)
{
  const WeirProviderOauth *row = self->client.row;

  if (self->state != STATE_NEW)
    return;
  self->deadline_us = now_us + WEIR_LOGIN_TIMEOUT_US;
  if (self->way == WEIR_LOGIN_DEVICE)
    {
      start_device (self, out);
      return;
    }
  self->url = weir_oauth_dup_authorize_url (&self->client, self->word, self->verifier);
  if (self->way == WEIR_LOGIN_BROWSER)
    {
      const char *host = strstr (row->redirect_uri, "://");
      const char *path = host != NULL ? strchr (host + 3, '/') : NULL;

      self->state = STATE_BINDING;
      add (out, (WeirLoginAction){ .kind = WEIR_LOGIN_LISTEN,
                                   .port = weir_provider_oauth_get_port (row),
                                   .path = path != NULL ? path : "/" });
    }
  else
    {
      self->state = STATE_USER;
      add (out, (WeirLoginAction){ .kind = WEIR_LOGIN_SHOW_URL, .url = self->url });
    }
  add_wait (self, out);
}

static void
on_bound (WeirLogin *self, gboolean ours, WeirLoginActions *out)
{
  if (self->state != STATE_BINDING)
    return;
  self->state = STATE_USER;
  if (ours)
    {
      add (out, (WeirLoginAction){ .kind = WEIR_LOGIN_OPEN, .url = self->url });
      return;
    }
  g_free (self->sentence);
  self->sentence = g_strdup_printf (
      "Port %u of this machine, where %s sends the browser back to, is taken by another "
      "program. Close that program and begin again, or open the address and paste the one "
      "that the browser ends up at.",
      weir_provider_oauth_get_port (self->client.row), self->client.row->name);
  add (out, (WeirLoginAction){ .kind = WEIR_LOGIN_SHOW_URL,
                               .url = self->url,
                               .sentence = self->sentence });
}

static void
refuse (WeirLogin *self, const char *why, WeirLoginActions *out)
{
  g_free (self->sentence);
  self->sentence = g_strdup_printf ("That cannot be used: %s.", why);
  add (out, (WeirLoginAction){ .kind = WEIR_LOGIN_REFUSE, .sentence = self->sentence });
}

static void
on_returned (WeirLogin *self, WeirSlice text, int64_t now_us, WeirLoginActions *out)
{
  const WeirProviderOauth *row = self->client.row;
  g_auto (WeirOauthRedirect) redirect = { 0 };
  g_autoptr (GError) error = NULL;

  if (self->state != STATE_USER)
    {
      refuse (self, "this sign-in waits for no address now", out);
      return;
    }
  if (!weir_oauth_read_redirect (row, self->word, text, &redirect, &error))
    {
      refuse (self, error->message, out);
      return;
    }
  if (redirect.refusal != NULL)
    fail (self,
          g_strdup_printf ("%s refused the sign-in (%s).", row->name, redirect.refusal),
          out);
  else
    redeem (self, row->redirect_uri, redirect.code, self->verifier, now_us, out);
}

/* (transfer full): what a sign-in that ends with @answer tells the user. */
static char *
dup_failure (const WeirProviderOauth *row, const WeirOauthAnswer *answer)
{
  const Failure *failure = &failures[answer->outcome];
  g_autofree char *reason
      = answer->reason != NULL ? g_strdup_printf (" (%s)", answer->reason) : NULL;

  if (failure->text == NULL)
    failure = &failures[WEIR_OAUTH_LATER];
  return g_strconcat (row->name, failure->text, reason != NULL ? reason : "",
                      failure->advice, NULL);
}

static void
wait_to_poll (WeirLogin *self, int64_t now_us, WeirLoginActions *out)
{
  self->state = STATE_PAUSED;
  self->poll_us = now_us + self->interval_us;
  add_wait (self, out);
}

static void
on_registered (WeirLogin *self, const WeirLoginEvent *event, WeirLoginActions *out)
{
  g_autoptr (GError) error = NULL;

  if (!weir_oauth_read_register (self->client.row, event->status, event->text,
                                 &self->client_id, &self->client_secret, &error))
    {
      fail (self, g_strconcat (error->message, ".", NULL), out);
      return;
    }
  self->client.client_id = self->client_id;
  self->client.client_secret = self->client_secret;
  start_device (self, out);
}

static void
on_device (WeirLogin *self,
           const WeirLoginEvent *event,
           int64_t now_us,
           WeirLoginActions *out)
{
  g_autoptr (GError) error = NULL;

  if (!weir_oauth_read_device (self->client.row, event->status, event->text, &self->device,
                               &error))
    {
      fail (self, g_strconcat (error->message, ".", NULL), out);
      return;
    }
  self->deadline_us = MIN (self->deadline_us, now_us + self->device.expires_in_us);
  self->interval_us = self->device.interval_us;
  add (out, (WeirLoginAction){ .kind = WEIR_LOGIN_SHOW_CODE,
                               .code = self->device.user_code,
                               .url = self->device.url,
                               .full_url = self->device.full_url,
                               .until_us = self->deadline_us });
  wait_to_poll (self, now_us, out);
}

/* @answer holds tokens, which become the machine's. */
static void
take_tokens (WeirLogin *self,
             WeirOauthAnswer *answer,
             int64_t now_us,
             WeirLoginActions *out)
{
  self->tokens = *answer;
  *answer = (WeirOauthAnswer){ 0 };
  weir_oauth_bind_client (&self->client, &self->tokens);
  if (self->client.row->exchange_url == NULL)
    {
      finish (self, out);
      return;
    }
  weir_oauth_request_clear (&self->request);
  weir_oauth_write_exchange (&self->client, self->tokens.access_token, &self->request);
  self->deadline_us = now_us + REDEEM_US;
  send_request (self, STATE_EXCHANGING, out);
}

static void
on_polled (WeirLogin *self,
           const WeirLoginEvent *event,
           int64_t now_us,
           WeirLoginActions *out)
{
  const WeirProviderOauth *row = self->client.row;
  g_auto (WeirOauthAnswer) answer = { 0 };

  weir_oauth_read_poll (row, event->status, event->text, &answer);
  switch (answer.outcome)
    {
    case WEIR_OAUTH_TOKENS:
      take_tokens (self, &answer, now_us, out);
      break;
    case WEIR_OAUTH_CODE:
      redeem (self, row->device_redirect_uri, answer.code, answer.verifier, now_us, out);
      break;
    case WEIR_OAUTH_SLOW_DOWN:
    case WEIR_OAUTH_LATER:
      self->interval_us = MIN (self->interval_us + SLOWER_US, INTERVAL_MAX_US);
      wait_to_poll (self, now_us, out);
      break;
    case WEIR_OAUTH_PENDING:
      wait_to_poll (self, now_us, out);
      break;
    case WEIR_OAUTH_SIGN_IN_AGAIN:
    case WEIR_OAUTH_DENIED:
    case WEIR_OAUTH_EXPIRED:
    case WEIR_OAUTH_CLIENT_REFUSED:
    case WEIR_OAUTH_OUTCOME_LAST:
      fail (self, dup_failure (row, &answer), out);
      break;
    }
}

static void
on_redeemed (WeirLogin *self,
             const WeirLoginEvent *event,
             int64_t now_us,
             WeirLoginActions *out)
{
  g_auto (WeirOauthAnswer) answer = { 0 };

  weir_oauth_read_tokens (self->client.row, event->status, event->text, NULL, &answer);
  if (answer.outcome == WEIR_OAUTH_TOKENS)
    take_tokens (self, &answer, now_us, out);
  else
    fail (self, dup_failure (self->client.row, &answer), out);
}

/* The account is there, whether or not its first short-lived token is: only a plain no of
 * the vendor's ends the sign-in. */
static void
on_exchanged (WeirLogin *self,
              const WeirLoginEvent *event,
              int64_t real_us,
              WeirLoginActions *out)
{
  weir_oauth_read_exchange (event->status, event->text, real_us, &self->exchanged);
  if (self->exchanged.outcome == WEIR_OAUTH_SIGN_IN_AGAIN
      || self->exchanged.outcome == WEIR_OAUTH_DENIED)
    fail (self, dup_failure (self->client.row, &self->exchanged), out);
  else
    finish (self, out);
}

static void
on_answered (WeirLogin *self,
             const WeirLoginEvent *event,
             int64_t now_us,
             int64_t real_us,
             WeirLoginActions *out)
{
  if (event->ticket != self->ticket)
    return;
  if (self->state == STATE_REGISTERING)
    on_registered (self, event, out);
  else if (self->state == STATE_ASKING)
    on_device (self, event, now_us, out);
  else if (self->state == STATE_POLLING)
    on_polled (self, event, now_us, out);
  else if (self->state == STATE_REDEEMING)
    on_redeemed (self, event, now_us, out);
  else if (self->state == STATE_EXCHANGING)
    on_exchanged (self, event, real_us, out);
}

static void
on_deadline (WeirLogin *self, WeirLoginActions *out)
{
  const WeirOauthAnswer silence = { .outcome = WEIR_OAUTH_LATER };

  if (self->state == STATE_EXCHANGING)
    finish (self, out);
  else if (self->state == STATE_REDEEMING)
    fail (self, dup_failure (self->client.row, &silence), out);
  else
    fail (self,
          g_strdup_printf ("Nobody finished the sign-in to %s in time. Please begin again.",
                           self->client.row->name),
          out);
}

static void
on_time (WeirLogin *self, int64_t now_us, WeirLoginActions *out)
{
  if (self->state == STATE_NEW)
    return;
  if (self->state != STATE_PAUSED || now_us < self->poll_us)
    {
      add_wait (self, out);
      return;
    }
  weir_oauth_request_clear (&self->request);
  weir_oauth_write_poll (&self->client, self->device.device_code, self->device.user_code,
                         &self->request);
  send_request (self, STATE_POLLING, out);
}

static gboolean
check_way (const WeirOauthClient *client, WeirLoginWay way, GError **error)
{
  const WeirProviderOauth *row = client->row;

  if (row->standing == WEIR_OAUTH_ENDED)
    return weir_error_set (error, WEIR_ERROR_UNSUPPORTED, "%s", row->sentence);
  if (way == WEIR_LOGIN_DEVICE ? row->device_url == NULL : row->authorize_url == NULL)
    return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                           way == WEIR_LOGIN_DEVICE
                               ? "%s has no sign-in by a code for other devices."
                               : "%s has no sign-in by browser, only by a code.",
                           row->name);
  return weir_oauth_client_check (client, error);
}

WeirLogin *
weir_login_new (const WeirOauthClient *client,
                WeirLoginWay way,
                WeirSlice random,
                GError **error)
{
  WeirLogin *self;

  g_return_val_if_fail (random.length == WEIR_LOGIN_RANDOM_BYTES, NULL);
  if (!check_way (client, way, error))
    return NULL;
  self = g_new0 (WeirLogin, 1);
  self->client = *client;
  if (client->client_secret != NULL)
    self->client_secret = weir_secret_ref ((WeirSecret *)client->client_secret);
  self->way = way;
  self->verifier
      = weir_oauth_make_word ((WeirSlice){ random.text, WEIR_OAUTH_RANDOM_BYTES });
  self->word = weir_oauth_make_word (
      (WeirSlice){ random.text + WEIR_OAUTH_RANDOM_BYTES, WEIR_OAUTH_RANDOM_BYTES });
  return self;
}

void
weir_login_free (WeirLogin *self)
{
  if (self == NULL)
    return;
  wipe (self);
  weir_oauth_answer_clear (&self->tokens);
  weir_oauth_answer_clear (&self->exchanged);
  g_free (self->client_id);
  g_clear_pointer (&self->client_secret, weir_secret_unref);
  g_free (self->sentence);
  g_free (self);
}

void
weir_login_handle (WeirLogin *self,
                   const WeirLoginEvent *event,
                   int64_t now_us,
                   int64_t real_us,
                   WeirLoginActions *out)
{
  *out = (WeirLoginActions){ 0 };
  if (self->state == STATE_ENDED)
    return;
  /* an answer that comes late is still the answer */
  if (event->kind != WEIR_LOGIN_ANSWERED && event->kind != WEIR_LOGIN_CANCELLED
      && self->state != STATE_NEW && now_us >= self->deadline_us)
    {
      on_deadline (self, out);
      return;
    }
  switch (event->kind)
    {
    case WEIR_LOGIN_STARTED:
      start (self, now_us, out);
      break;
    case WEIR_LOGIN_LISTENING:
    case WEIR_LOGIN_PORT_TAKEN:
      on_bound (self, event->kind == WEIR_LOGIN_LISTENING, out);
      break;
    case WEIR_LOGIN_REDIRECTED:
    case WEIR_LOGIN_PASTED:
      on_returned (self, event->text, now_us, out);
      break;
    case WEIR_LOGIN_ANSWERED:
      on_answered (self, event, now_us, real_us, out);
      break;
    case WEIR_LOGIN_TIME:
      on_time (self, now_us, out);
      break;
    case WEIR_LOGIN_CANCELLED:
      fail (self, g_strdup ("The sign-in was cancelled."), out);
      break;
    case WEIR_LOGIN_EVENT_LAST:
      break;
    }
}

gboolean
weir_login_has_ended (const WeirLogin *self)
{
  return self->state == STATE_ENDED;
}
