/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* OAuth as bytes: what is sent to a vendor's sign-in and what its answers mean (RFC 6749,
 * 7636, 8252, 8628, 9207).  Pure: randomness and time are arguments, nothing is sent from
 * here.  No error text and no reason holds a code, a state or a token; what is secret is a
 * WeirSecret.  Answers are bounded; whoever has their bytes wipes them. */

#include "base/weir-error.h"
#include "base/weir-secret.h"
#include "providers/weir-provider-oauth.h"

#include <stdint.h>

#define WEIR_OAUTH_GRANT_DEVICE "urn:ietf:params:oauth:grant-type:device_code"
#define WEIR_OAUTH_RANDOM_BYTES 32 /* that make a verifier or a state */
#define WEIR_OAUTH_REDIRECT_MAX (8u << 10)
#define WEIR_OAUTH_ANSWER_MAX (256u << 10)
#define WEIR_OAUTH_TOKEN_MAX (16u << 10) /* bytes of one token; an ID token: twice that */

#define WEIR_OAUTH_EXPIRES_MIN_US (60 * G_USEC_PER_SEC)
#define WEIR_OAUTH_EXPIRES_MAX_US (30 * 24 * 3600 * (int64_t)G_USEC_PER_SEC)

/* Who we are to a vendor: its row, and what the configuration says under `oauth-clients:`.
 */
typedef struct
{
  const WeirProviderOauth *row;
  const char *client_id;           /* (unowned) (nullable): instead of the row's */
  const WeirSecret *client_secret; /* (unowned) (nullable) */
} WeirOauthClient;

/* FALSE with WEIR_ERROR_CONFIG: the row asks for a client secret that is not there. */
gboolean weir_oauth_client_check (const WeirOauthClient *self, GError **error);

/* (transfer full): @random as base64url; at least WEIR_OAUTH_RANDOM_BYTES and at most 96 of
 * them.  A PKCE verifier (RFC 7636, 4.1), or a state. */
WeirSecret *weir_oauth_make_word (WeirSlice random);

/* (transfer full): where the browser goes.  It holds the state and the S256 challenge of
 * @verifier, no other secret.  The row must have an authorize_url. */
char *weir_oauth_dup_authorize_url (const WeirOauthClient *client,
                                    const WeirSecret *state,
                                    const WeirSecret *verifier);

/* What is sent; every answer to it is read by one of the readers below. */
typedef struct
{
  const char *method;        /* "GET" or "POST" */
  const char *url;           /* (unowned) of the row, or made_url */
  char *made_url;            /* (owned) (nullable) */
  const char *content_type;  /* (nullable): where there is a body */
  WeirSecret *body;          /* (owned) (nullable) */
  WeirSecret *authorization; /* (owned) (nullable): value of that field */
} WeirOauthRequest;

/* A zeroed WeirOauthRequest is a valid empty one. */
void weir_oauth_request_clear (WeirOauthRequest *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirOauthRequest, weir_oauth_request_clear)

/* @out must be empty.  Each asks for `Accept: application/json` from the sender. */

/* @redirect_uri: the one that the code came by.  @state (nullable): for rows that want it
 * back. */
void weir_oauth_write_redeem (const WeirOauthClient *client,
                              const char *redirect_uri,
                              const WeirSecret *code,
                              const WeirSecret *verifier,
                              const WeirSecret *state,
                              WeirOauthRequest *out);
void weir_oauth_write_refresh (const WeirOauthClient *client,
                               const WeirSecret *refresh_token,
                               WeirOauthRequest *out);
/* The row must have a revoke_url.  Whatever is answered changes nothing for us. */
void weir_oauth_write_revoke (const WeirOauthClient *client,
                              const WeirSecret *refresh_token,
                              WeirOauthRequest *out);
/* The row must have a register_url. */
void weir_oauth_write_register (const WeirOauthClient *client, WeirOauthRequest *out);
/* The row must have a device_url; where it has a register_url, @client is what that gave.
 */
void weir_oauth_write_device (const WeirOauthClient *client, WeirOauthRequest *out);
/* @user_code: for the devices that are redeemed. */
void weir_oauth_write_poll (const WeirOauthClient *client,
                            const WeirSecret *device_code,
                            const char *user_code,
                            WeirOauthRequest *out);
/* The row must have an exchange_url. */
void weir_oauth_write_exchange (const WeirOauthClient *client,
                                const WeirSecret *token,
                                WeirOauthRequest *out);

/* What a browser brought back: a code, or a refusal. */
typedef struct
{
  WeirSecret *code; /* (owned) (nullable) */
  char *refusal; /* (owned) (nullable): the vendor's word and text, one short line, redacted
                  */
} WeirOauthRedirect;

/* A zeroed WeirOauthRedirect is a valid empty one. */
void weir_oauth_redirect_clear (WeirOauthRedirect *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirOauthRedirect, weir_oauth_redirect_clear)

/* Reads the query of a request to the redirect's path, or what a user pasted: the whole
 * address (host may be any spelling of this machine; port and path must be the row's), its
 * path with the query, the query, or `code#state`.  White space around it does not count.
 *
 * FALSE: it is no answer to the sign-in that @state belongs to, which goes on waiting:
 * WEIR_ERROR_FORBIDDEN for another state or issuer, WEIR_ERROR_TOO_LARGE, else
 * WEIR_ERROR_BAD_REQUEST.  TRUE: @out, which must be empty, holds a code or a refusal. */
gboolean weir_oauth_read_redirect (const WeirProviderOauth *row,
                                   const WeirSecret *state,
                                   WeirSlice text,
                                   WeirOauthRedirect *out,
                                   GError **error);

/* FALSE as of weir_oauth_read_device.  *out_id, *out_secret (transfer full). */
gboolean weir_oauth_read_register (const WeirProviderOauth *row,
                                   unsigned status,
                                   WeirSlice body,
                                   char **out_id,
                                   WeirSecret **out_secret,
                                   GError **error);

/* A device's sign-in that has begun (RFC 8628, 3.2). */
typedef struct
{
  WeirSecret *device_code; /* (owned) */
  char *user_code;         /* (owned): to be shown; printable ASCII */
  char *url;               /* (owned): https */
  char *full_url; /* (owned) (nullable): with the user code in it, for a QR code; https */
  int64_t expires_in_us; /* 1 to 30 minutes; 15 when not said */
  int64_t interval_us;   /* 1 to 60 s; 5 when not said */
} WeirOauthDevice;

/* A zeroed WeirOauthDevice is a valid empty one. */
void weir_oauth_device_clear (WeirOauthDevice *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirOauthDevice, weir_oauth_device_clear)

/* FALSE with WEIR_ERROR_UPSTREAM (no answer came) or _BAD_UPSTREAM, and the vendor's word
 * where it has one.  @out must be empty. */
gboolean weir_oauth_read_device (const WeirProviderOauth *row,
                                 unsigned status,
                                 WeirSlice body,
                                 WeirOauthDevice *out,
                                 GError **error);

typedef enum
{
  WEIR_OAUTH_TOKENS,         /* there they are */
  WEIR_OAUTH_CODE,           /* of a device: a code to be redeemed, with its verifier */
  WEIR_OAUTH_PENDING,        /* the user has not decided yet */
  WEIR_OAUTH_SLOW_DOWN,      /* the same, and the interval grows by five seconds */
  WEIR_OAUTH_SIGN_IN_AGAIN,  /* the grant is gone for good */
  WEIR_OAUTH_DENIED,         /* the user, or the vendor for this account, said no */
  WEIR_OAUTH_EXPIRED,        /* the device's code is too old */
  WEIR_OAUTH_CLIENT_REFUSED, /* our client id or secret: the configuration's matter */
  WEIR_OAUTH_LATER, /* anything else: nothing is known to be lost, nothing is given up */
  WEIR_OAUTH_OUTCOME_LAST,
} WeirOauthOutcome;

typedef struct
{
  WeirOauthOutcome outcome;
  WeirSecret *access_token;  /* (owned) (nullable) of TOKENS */
  WeirSecret *refresh_token; /* (owned) (nullable) of TOKENS: the new one, else the old one
                              */
  WeirSecret *id_token;      /* (owned) (nullable) of TOKENS */
  WeirSecret *code;          /* (owned) (nullable) of CODE */
  WeirSecret *verifier;      /* (owned) (nullable) of CODE */
  int64_t expires_in_us; /* of TOKENS: within the bounds above; 0: not said, or no number */
  gboolean expires_bounded; /* what was said was absurd: say so once */
  char *scope;   /* (owned) (nullable) of TOKENS, as it was granted; printable ASCII */
  char *email;   /* (owned) (nullable) of TOKENS: Claude's answers name their account */
  char *subject; /* (owned) (nullable) of TOKENS: that account's id */
  char *profile; /* (owned) (nullable) of TOKENS: ARN that Kiro's requests name */
  char *reason; /* (owned) (nullable): the vendor's word for an error, at most 40 of a-z and
                   _ */
} WeirOauthAnswer;

/* A zeroed WeirOauthAnswer holds nothing. */
void weir_oauth_answer_clear (WeirOauthAnswer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirOauthAnswer, weir_oauth_answer_clear)

/* Each fills @out, which must be empty.  @status: 0 where no answer came; then, and for
 * whatever is not understood, the outcome is LATER: only a vendor's own word ends a
 * sign-in.
 */

/* Of redeem and refresh.  @before (nullable): the refresh token that was sent. */
void weir_oauth_read_tokens (const WeirProviderOauth *row,
                             unsigned status,
                             WeirSlice body,
                             WeirSecret *before,
                             WeirOauthAnswer *out);
void weir_oauth_read_poll (const WeirProviderOauth *row,
                           unsigned status,
                           WeirSlice body,
                           WeirOauthAnswer *out);
/* For rows with a register_url, before the first tokens of @client are kept: what renews
 * them holds @client too, and they have a subject where nobody named one.  Else nothing. */
void weir_oauth_bind_client (const WeirOauthClient *client, WeirOauthAnswer *answer);
/* @real_us: since 1970, of the answer's coming. */
void weir_oauth_read_exchange (unsigned status,
                               WeirSlice body,
                               int64_t real_us,
                               WeirOauthAnswer *out);
