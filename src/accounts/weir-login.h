/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One sign-in, from the first click to its tokens, as a pure function of events: nothing is
 * sent, opened or awaited here, the caller does what it is told.  Several sign-ins at once
 * are several machines.  One ends in DONE or FAILED, once; whatever comes later does
 * nothing. */

#include "providers/weir-oauth.h"

#define WEIR_LOGIN_TIMEOUT_US (10 * 60 * (int64_t)G_USEC_PER_SEC)
/* A machine asks for no more than this at once. */
#define WEIR_LOGIN_ACTIONS_MAX 3
/* of the bytes of chance that a machine is made of */
#define WEIR_LOGIN_RANDOM_BYTES (2 * WEIR_OAUTH_RANDOM_BYTES)

typedef enum
{
  WEIR_LOGIN_BROWSER, /* a browser comes back to a listener */
  WEIR_LOGIN_PASTE,   /* a browser elsewhere: the user brings the address back */
  WEIR_LOGIN_DEVICE,  /* a code that is typed in on any device */
} WeirLoginWay;

typedef enum
{
  WEIR_LOGIN_STARTED,    /* once, first */
  WEIR_LOGIN_LISTENING,  /* the port is ours */
  WEIR_LOGIN_PORT_TAKEN, /* it is not: the browser is not opened, the user may paste */
  WEIR_LOGIN_REDIRECTED, /* text: path and query of a GET that came to the listener.  It was
                            taken where SEND or FAILED follows; else its answer is 400 */
  WEIR_LOGIN_PASTED,     /* text: what the user pasted */
  WEIR_LOGIN_ANSWERED,   /* ticket, status, text: an answer's body; status 0: none came */
  WEIR_LOGIN_TIME,       /* it is later than it was */
  WEIR_LOGIN_CANCELLED,
  WEIR_LOGIN_EVENT_LAST,
} WeirLoginEventKind;

typedef struct
{
  WeirLoginEventKind kind;
  unsigned ticket; /* of the request that is answered */
  unsigned status;
  WeirSlice text;
} WeirLoginEvent;

typedef enum
{
  WEIR_LOGIN_LISTEN,    /* at `port` of this machine alone, for `path` */
  WEIR_LOGIN_OPEN,      /* `url` in the browser, and show it too */
  WEIR_LOGIN_SHOW_URL,  /* `url`, and a place to paste into; `sentence` (nullable) says why
                         */
  WEIR_LOGIN_SHOW_CODE, /* `code` to type in at `url` before `until_us`; `full_url`
                           (nullable) for a QR code */
  WEIR_LOGIN_SEND,      /* `request`, whose answer comes back with `ticket` */
  WEIR_LOGIN_WAIT,      /* say TIME at `until_us`, unless another WAIT came before that */
  WEIR_LOGIN_REFUSE,    /* what was redirected (answer 400) or pasted: `sentence`; go on */
  WEIR_LOGIN_DONE,      /* `tokens`, `short_lived` (nullable); stop listening */
  WEIR_LOGIN_FAILED,    /* `sentence`; stop listening */
} WeirLoginActionKind;

/* What an action's kind does not name is zero.  Texts and pointers are the machine's, until
 * the next event; whoever keeps a secret references it. */
typedef struct
{
  WeirLoginActionKind kind;
  unsigned port;
  const char *path;
  const char *url;
  const char *full_url;
  const char *code;
  const char *sentence; /* whole sentences, for the user; no secret in them */
  const WeirOauthRequest *request;
  unsigned ticket;
  int64_t until_us;
  const WeirOauthAnswer *tokens;      /* outcome TOKENS */
  const WeirOauthAnswer *short_lived; /* what `tokens` were exchanged for (Copilot) */
} WeirLoginAction;

typedef struct
{
  WeirLoginAction items[WEIR_LOGIN_ACTIONS_MAX];
  unsigned n;
} WeirLoginActions;

typedef struct _WeirLogin WeirLogin;

/* NULL with WEIR_ERROR_UNSUPPORTED (the vendor ended this, or has no such way: the message
 * is a sentence for the user) or WEIR_ERROR_CONFIG (a client secret is asked for).
 *
 * @client: copied; its row and texts must outlive the machine, its secret is referenced.
 * @random: WEIR_LOGIN_RANDOM_BYTES, used once; the caller wipes them. */
WeirLogin *weir_login_new (const WeirOauthClient *client,
                           WeirLoginWay way,
                           WeirSlice random,
                           GError **error);
void weir_login_free (WeirLogin *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirLogin, weir_login_free)

/* @now_us: monotonic (weir-clock.h), never less than before.  @real_us: since 1970.
 * @out: overwritten; in the order in which it is to be done. */
void weir_login_handle (WeirLogin *self,
                        const WeirLoginEvent *event,
                        int64_t now_us,
                        int64_t real_us,
                        WeirLoginActions *out);

/* TRUE from DONE or FAILED on. */
gboolean weir_login_has_ended (const WeirLogin *self);
