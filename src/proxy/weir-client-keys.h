/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Who may ask: client keys known by digest, and the slowing down of those who guess. */

#include "http/weir-http-head.h"
#include "store/weir-config.h"

typedef struct _WeirClientKeys WeirClientKeys;

typedef enum
{
  WEIR_KEY_VALID,
  WEIR_KEY_MISSING,   /* no credential at all */
  WEIR_KEY_WRONG,     /* one or more, none of ours */
  WEIR_KEY_AMBIGUOUS, /* two of ours that differ */
} WeirKeyResult;

/* @keys: of WeirConfigClientKey.  @open: no key is needed (allow-unauthenticated). */
WeirClientKeys *weir_client_keys_new (GPtrArray *keys, gboolean open);
void weir_client_keys_free (WeirClientKeys *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirClientKeys, weir_client_keys_free)

#define WEIR_KEY_NAME_BYTES 9
/* What a connection remembers of the key it last showed, so that keep-alive costs no
 * digest. */
typedef struct
{
  uint64_t generation;
  unsigned length; /* 0: nothing remembered */
  char bytes[128];
  char name[WEIR_KEY_NAME_BYTES];
} WeirKeyMemo;

/* Looks at Authorization (with or without `Bearer`), x-api-key, x-goog-api-key and, where
 * @query_allowed, `key=` in the query.  VALID: @out_name is the first 8 hex digits of the
 * key's SHA-256 ("" when open). */
WeirKeyResult weir_client_keys_check (const WeirClientKeys *self,
                                      const WeirHttpHead *head,
                                      gboolean query_allowed,
                                      WeirKeyMemo *memo,
                                      char out_name[WEIR_KEY_NAME_BYTES]);

/* Is the key that was called @name still one of ours? */
gboolean weir_client_keys_has (const WeirClientKeys *self, const char *name);

/* Guesses: ten a minute for a peer (a text that names it), then FALSE.  The right key is
 * never asked here. */
typedef struct _WeirGuessLimit WeirGuessLimit;
WeirGuessLimit *weir_guess_limit_new (void);
void weir_guess_limit_free (WeirGuessLimit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirGuessLimit, weir_guess_limit_free)
gboolean weir_guess_limit_take (WeirGuessLimit *self, const char *peer, int64_t now_us);
