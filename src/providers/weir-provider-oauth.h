/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How an account of a vendor signs in: one row a vendor.  Client ids are the public ones of
 * the vendors' own installed programs.  No client secret is in a row: where a vendor's
 * token endpoint asks for one, the row says so and the configuration's `oauth-clients:` has
 * it. Endpoints of a test come in a copy of a row. */

#include <glib.h>

typedef enum
{
  WEIR_OAUTH_OPEN,    /* the vendor lets other programs sign in, as far as is known */
  WEIR_OAUTH_LIMITED, /* it works, and the vendor's terms or plans draw a line */
  WEIR_OAUTH_ENDED,   /* no new sign-ins; what was imported is still refreshed */
  WEIR_OAUTH_STANDING_LAST,
} WeirOauthStanding;

typedef enum
{
  WEIR_OAUTH_NO_SECRET,
  WEIR_OAUTH_SECRET_IN_BODY, /* client_secret=… */
  WEIR_OAUTH_SECRET_BASIC,   /* Authorization: Basic (RFC 6749, 2.3.1) */
} WeirOauthSecretPlace;

typedef enum
{
  WEIR_OAUTH_FORM, /* application/x-www-form-urlencoded, as RFC 6749 has it */
  WEIR_OAUTH_JSON,
} WeirOauthBodyKind;

typedef enum
{
  WEIR_OAUTH_DEVICE_GRANT,  /* RFC 8628 */
  WEIR_OAUTH_DEVICE_REDEEM, /* JSON; polling ends with a code that is redeemed for tokens */
  WEIR_OAUTH_DEVICE_AWS,    /* weir-oauth-aws.h: a client is registered first */
} WeirOauthDeviceKind;

typedef struct
{
  const char *id;   /* "claude" */
  const char *name; /* "Claude" */
  WeirOauthStanding standing;
  const char *sentence; /* what a sign-in shows first: one or two whole sentences */

  const char *client_id; /* (nullable): NULL: one is registered at register_url */
  WeirOauthSecretPlace secret_place;

  /* the browser's way: NULL where there is none */
  const char *authorize_url; /* (nullable) may hold a query */
  const char *issuer;        /* (nullable): what `iss` of a redirect must be (RFC 9207) */
  const char *redirect_uri;  /* (nullable): registered, with its fixed port */
  const char *const *extra; /* (nullable): more parameters, name and value by turns, NULL */

  /* the device's way: NULL where there is none */
  const char *device_url; /* (nullable) */
  WeirOauthDeviceKind device_kind;
  const char *device_poll_url;     /* (nullable): other than the token endpoint */
  const char *device_page_url;     /* (nullable): where the user goes, if no answer says */
  const char *device_redirect_uri; /* (nullable): sent when the code is redeemed */
  const char *register_url;        /* (nullable): gives a client */
  const char *start_url;           /* (nullable): whose users sign in there */

  const char *token_url;
  gboolean takes_key; /* instead of a sign-in: the key file of a service account stands for
                         the refresh token, and signs for each access token (RFC 7523) */
  WeirOauthBodyKind token_body;
  gboolean sends_state;      /* the state goes along with the code */
  gboolean status_is_final;  /* 401 and 403 of a refresh mean: sign in again */
  const char *scope;         /* (nullable) */
  const char *refresh_scope; /* (nullable): of a refresh */

  const char *exchange_url; /* (nullable): GET with `Authorization: token TOKEN` gives the
                               short-lived token that requests carry */
  const char *revoke_url;   /* (nullable): forgets a token (RFC 7009) */
  WeirOauthBodyKind revoke_body;
  const char *usage_page;  /* (nullable): for a browser: what the account has used */
  const char *status_page; /* (nullable): … what of the vendor does not work now */
  const char *user_url;    /* (nullable): GET with the token says who it is */
} WeirProviderOauth;

/* Every row. */
const WeirProviderOauth *weir_provider_oauth_get_table (size_t *out_n);

/* The row called @id, also by the names that CLIProxyAPI's users know ("anthropic",
 * "openai", "chatgpt", "github-copilot", "gemini", "grok", …), or NULL. */
const WeirProviderOauth *weir_provider_oauth_lookup (const char *id);

/* The port of the row's redirect, 0 where it has none. */
unsigned weir_provider_oauth_get_port (const WeirProviderOauth *self);
