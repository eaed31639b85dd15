/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One sign-in as it happens: the sockets, the browser and the clock round a WeirLogin, then
 * whose account it is, then the account.  It runs by itself; whoever shows it looks at it
 * when it says "changed".  On the main loop. */

#include "accounts/weir-accounts.h"
#include "accounts/weir-login.h"
#include "control/weir-vendor-call.h"
#include "proxy/weir-poller.h"

typedef enum
{
  WEIR_SIGN_IN_PREPARING,
  WEIR_SIGN_IN_WAITING, /* for the user */
  WEIR_SIGN_IN_EXCHANGING,
  WEIR_SIGN_IN_DONE, /* from here on it is over */
  WEIR_SIGN_IN_FAILED,
  WEIR_SIGN_IN_CANCELLED,
  WEIR_SIGN_IN_STATE_LAST,
} WeirSignInState;

/* Signals: "changed" (something that a getter gives is another thing now). */
#define WEIR_TYPE_SIGN_IN (weir_sign_in_get_type ())
G_DECLARE_FINAL_TYPE (WeirSignIn, weir_sign_in, WEIR, SIGN_IN, GObject)

/* Opens @url in the user's browser; may fail in silence: the address is shown besides. */
typedef void (*WeirSignInOpenFunc) (const char *url, gpointer user_data);

/* What sign-ins are made of; all of it must outlive them. */
typedef struct
{
  WeirPoller *poller;      /* (unowned) */
  WeirVendorCalls *calls;  /* (unowned) */
  WeirAccounts *accounts;  /* (unowned) */
  WeirSignInOpenFunc open; /* (nullable): as the desktop opens addresses */
  gpointer open_data;
} WeirSignInTools;

/* (transfer full): begins; errors as weir_login_new.  @replaces (nullable): id of the
 * account that is signed in again; another identity then fails and changes nothing.
 * @opens_browser: FALSE where a face opens the address itself. */
WeirSignIn *weir_sign_in_new (const WeirSignInTools *tools,
                              const WeirProviderOauth *row,
                              WeirLoginWay way,
                              const char *replaces,
                              gboolean opens_browser,
                              GError **error);

/* The way to begin with where nobody chose one. */
WeirLoginWay weir_sign_in_get_first_way (const WeirProviderOauth *row);
/* "browser", "paste", "device". */
const char *weir_sign_in_way_get_name (WeirLoginWay way);
gboolean weir_sign_in_way_lookup (const char *name, WeirLoginWay *out);

/* Takes what the user brought: the address on which a browser elsewhere ended, or the code
 * that it showed.  FALSE with WEIR_ERROR_FORBIDDEN (a sentence for the user): it is not
 * this sign-in's, which goes on. */
gboolean weir_sign_in_paste (WeirSignIn *self, const char *text, GError **error);
/* Harmless when it is over, or as good as. */
void weir_sign_in_cancel (WeirSignIn *self);

/* Borrowed texts are valid until the next "changed". */
const WeirProviderOauth *weir_sign_in_get_row (WeirSignIn *self);
WeirLoginWay weir_sign_in_get_way (WeirSignIn *self);
WeirSignInState weir_sign_in_get_state (WeirSignIn *self);
/* "preparing", "waiting", "exchanging", "done", "failed", "cancelled". */
const char *weir_sign_in_state_get_name (WeirSignInState state);
gboolean weir_sign_in_is_over (WeirSignIn *self);
/* What happens now, or how it ended; for the user, without a secret. */
const char *weir_sign_in_get_sentence (WeirSignIn *self);
/* "" until it is known, and when it is over. */
const char *weir_sign_in_get_url (WeirSignIn *self);
const char *weir_sign_in_get_full_url (WeirSignIn *self);
const char *weir_sign_in_get_user_code (WeirSignIn *self);
gboolean weir_sign_in_can_paste (WeirSignIn *self);
/* Since 1970. */
int64_t weir_sign_in_get_expires_us (WeirSignIn *self);
/* "" unless it is done: id of the account that it made. */
const char *weir_sign_in_get_account (WeirSignIn *self);
