/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One account at one vendor, without its secrets: an immutable snapshot, counted.  A change
 * makes another one with the same id. */

#include "providers/weir-provider-oauth.h"

#include <stdint.h>

typedef enum
{
  WEIR_ACCOUNT_READY,
  WEIR_ACCOUNT_SIGN_IN, /* the vendor takes its tokens no longer */
  WEIR_ACCOUNT_LOCKED,  /* its secret cannot be read now; it may well be there */
  WEIR_ACCOUNT_MISSING, /* its secret is not there */
  WEIR_ACCOUNT_STATE_LAST,
} WeirAccountState;

/* What the user decides. */
typedef struct
{
  char *label; /* (owned): never empty */
  gboolean enabled;
  int priority;           /* -1000 to 1000; higher first */
  unsigned weight;        /* 1 to 1000 */
  char *prefix;           /* (owned) (nullable) of model names */
  char *proxy_url;        /* (owned) (nullable) */
  char **headers;         /* (owned) (nullable): "Name: value", sent to the vendor */
  char **excluded_models; /* (owned) (nullable): globs */
  double stop_at;         /* percent left at which it serves no more; 0: none */
  gboolean any_client;    /* serves others than the vendor's own programs */
} WeirAccountSettings;

/* A zeroed one is a valid empty one. */
void weir_account_settings_clear (WeirAccountSettings *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirAccountSettings, weir_account_settings_clear)
/* @out must be empty. */
void weir_account_settings_copy (const WeirAccountSettings *self, WeirAccountSettings *out);

/* What the vendor says of it.  Any of them may be NULL but vendor_id. */
typedef struct
{
  char *vendor_id; /* (owned): with the provider the key; one mail may own two plans */
  char *email;     /* (owned) (nullable): mail address or login */
  char *plan;      /* (owned) (nullable) */
  char *project; /* (owned) (nullable): of Google's assistants and Vertex; Kiro's profile */
  char *base_url; /* (owned) (nullable): where its requests go, if the vendor said so */
} WeirAccountIdentity;

void weir_account_identity_clear (WeirAccountIdentity *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirAccountIdentity, weir_account_identity_clear)
void weir_account_identity_copy (const WeirAccountIdentity *self, WeirAccountIdentity *out);

typedef struct
{
  char *id; /* (owned): "claude-7f3a91c2"; lower case, digits, "-"; never changes */
  const WeirProviderOauth *row; /* (unowned): how it signs in */
  WeirAccountIdentity identity;
  WeirAccountSettings settings;
  WeirAccountState state;
  char *sentence;      /* (owned) (nullable): of a state that needs words, for the user */
  int64_t created_us;  /* since 1970 */
  int64_t expires_us;  /* of the access token, since 1970; 0: not known */
  uint64_t generation; /* of its tokens; grows with each that is stored */
  gboolean is_live;    /* another program's file is read; we never refresh it */
} WeirAccount;

WeirAccount *weir_account_ref (const WeirAccount *self);
void weir_account_unref (WeirAccount *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirAccount, weir_account_unref)

/* (transfer full): "j…@example.org": for faces and the log. */
char *weir_account_dup_masked_identity (const WeirAccount *self);
/* "ready", "sign-in", "locked", "missing". */
const char *weir_account_state_get_name (WeirAccountState state);
