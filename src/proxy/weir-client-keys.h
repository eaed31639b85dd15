/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Who may ask, and for what: client keys known by digest, their rights, and the slowing
 * down of those who guess. */

#include "accounts/weir-limits.h"
#include "http/weir-http-head.h"
#include "providers/weir-models.h"
#include "store/weir-config.h"

typedef struct _WeirClientKeys WeirClientKeys;

typedef enum
{
  WEIR_KEY_VALID,
  WEIR_KEY_MISSING,   /* no credential at all */
  WEIR_KEY_WRONG,     /* one or more, none of ours; a disabled key is no longer one */
  WEIR_KEY_EXPIRED,   /* ours, but its time is over */
  WEIR_KEY_AMBIGUOUS, /* two of ours that differ */
} WeirKeyResult;

#define WEIR_KEY_NAME_BYTES 9

/* Lives as long as the WeirClientKeys that gave it. */
typedef struct
{
  char name[WEIR_KEY_NAME_BYTES]; /* the first 8 hex digits of the key's SHA-256, for logs
                                     and counts; "": nobody's, where the house is open */
  const WeirConfigClientKey *config; /* (unowned) (nullable): nobody's has none */
  WeirLimitSet limits;
} WeirClientKey;

/* @keys: of WeirConfigClientKey, which must outlive the keys.  @open: no key is needed
 * (allow-unauthenticated). */
WeirClientKeys *weir_client_keys_new (GPtrArray *keys, gboolean open);
void weir_client_keys_free (WeirClientKeys *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirClientKeys, weir_client_keys_free)

/* What a connection remembers of the key it last showed, so that keep-alive costs no
 * digest. */
typedef struct
{
  uint64_t generation;
  const WeirClientKey *key; /* (unowned) the keys' of that generation */
  unsigned length;          /* 0: nothing remembered */
  char bytes[128];
} WeirKeyMemo;

/* Looks at Authorization (with or without `Bearer`), x-api-key, x-goog-api-key and, where
 * @query_allowed, `key=` in the query.  @real_us: now, since 1970.  VALID: *@out_key
 * (transfer none), else NULL. */
WeirKeyResult weir_client_keys_check (const WeirClientKeys *self,
                                      const WeirHttpHead *head,
                                      gboolean query_allowed,
                                      int64_t real_us,
                                      WeirKeyMemo *memo,
                                      const WeirClientKey **out_key);

/* (transfer none) (nullable): the key that is or was called @name, where it may ask now. */
const WeirClientKey *
weir_client_keys_lookup (const WeirClientKeys *self, const char *name, int64_t real_us);

/* May the key ask for the model that the client called @requested, thinking suffix and all?
 * @model (nullable): what that name means here.  Names are compared without regard to ASCII
 * case and suffix.
 *
 * Refused where an excluded-models glob matches the name in any of its forms or what any
 * upstream calls it, so that no alias or prefix leads around it.  With allowed-models the
 * name must match one of them, or all of the upstreams' names must.  A key with either list
 * is told no name with blanks, control or non-ASCII bytes by its client, but one that
 * allowed-models spells so: it may be a look-alike. */
gboolean weir_client_key_allows_model (const WeirClientKey *self,
                                       const char *requested,
                                       const WeirModel *model);

/* Guesses: ten a minute for a peer (a text that names it), then FALSE.  The right key is
 * never asked here. */
typedef struct _WeirGuessLimit WeirGuessLimit;
WeirGuessLimit *weir_guess_limit_new (void);
void weir_guess_limit_free (WeirGuessLimit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirGuessLimit, weir_guess_limit_free)
gboolean weir_guess_limit_take (WeirGuessLimit *self, const char *peer, int64_t now_us);
