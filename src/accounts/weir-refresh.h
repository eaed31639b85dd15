/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The life of one account's tokens, as a pure function of events: when they are refreshed,
 * in which order what is stored, and what an answer means.  Nothing is sent, stored or
 * awaited here; the caller does what it is told and says how that went.
 *
 * What it promises whatever comes: generations only grow; a token is sent only under the
 * lock and after that was written down; a new one is stored beside the old and used when
 * that has been done, or, where the vault does not take it, from memory and the escrow; the
 * old one is never erased before. */

#include "accounts/weir-account-tokens.h"
#include "base/weir-error.h"
#include "providers/weir-oauth.h"

/* A machine asks for no more than this at once. */
#define WEIR_REFRESH_ACTIONS_MAX 8

typedef enum
{
  WEIR_REFRESH_LOADED,    /* tokens, generation: of the vault, or of a new sign-in; `floor`:
                             the highest generation there was; `is_escrowed`: the vault does
                             not have them yet; `is_unsure`: an earlier run sent that token
                             and did not see the answer; `is_refused`: the vendor has
                             refused them */
  WEIR_REFRESH_ASKED,     /* a token is wanted; `refused` (nullable): the vendor has just
                             refused this one */
  WEIR_REFRESH_GRANTED,   /* of QUEUE: it is this one's turn */
  WEIR_REFRESH_LOCKED,    /* of LOCK: `ok` */
  WEIR_REFRESH_READ,      /* of READ: tokens (nullable), generation, is_escrowed: the newest
                             there are */
  WEIR_REFRESH_JOURNALED, /* of JOURNAL: `ok` */
  WEIR_REFRESH_ANSWERED,  /* of SEND: status, text; status 0: no answer came */
  WEIR_REFRESH_UNSENT,    /* of SEND: the configuration lacks what the vendor asks for */
  WEIR_REFRESH_KEPT,      /* of KEEP: `ok` */
  WEIR_REFRESH_STORED,    /* of STORE: `ok` */
  WEIR_REFRESH_COMMITTED, /* of COMMIT: `ok` */
  WEIR_REFRESH_UNLOCKED,  /* the vault can be written to again */
  WEIR_REFRESH_TIME,      /* it is later than it was */
  WEIR_REFRESH_EVENT_LAST,
} WeirRefreshEventKind;

typedef struct
{
  WeirRefreshEventKind kind;
  gboolean ok;
  gboolean is_escrowed;
  gboolean is_unsure;
  gboolean is_refused;
  uint64_t generation;
  uint64_t floor;
  const WeirAccountTokens *tokens;
  const WeirSecret *refused;
  unsigned status;
  WeirSlice text;
} WeirRefreshEvent;

typedef enum
{
  WEIR_REFRESH_USE,     /* tokens, generation: requests carry these from now on */
  WEIR_REFRESH_FAIL,    /* `code`, `sentence`: whoever waits is told; nothing is lost */
  WEIR_REFRESH_REFUSE,  /* `sentence`: the account has to be signed in again */
  WEIR_REFRESH_NOTE,    /* `sentence` for the user */
  WEIR_REFRESH_FORGET,  /* what was kept in the escrow */
  WEIR_REFRESH_ERASE,   /* generations of the vault below `generation` */
  WEIR_REFRESH_WAIT,    /* say TIME at `until_us`, unless another WAIT came before that */
  WEIR_REFRESH_DONE,    /* the turn is over; let the lock go unless `is_escrowed` */
  WEIR_REFRESH_QUEUE,   /* wants a turn */
  WEIR_REFRESH_LOCK,    /* take the account's lock, unless it is held */
  WEIR_REFRESH_READ_IT, /* what the vault and the escrow have by now */
  WEIR_REFRESH_JOURNAL, /* write down that the token of `generation` is sent: `hash` */
  WEIR_REFRESH_SEND,    /* refresh by `token`, or exchange it where `is_exchange` */
  WEIR_REFRESH_KEEP,    /* tokens, generation: in the escrow */
  WEIR_REFRESH_STORE,   /* tokens, generation: in the vault, beside the old */
  WEIR_REFRESH_COMMIT,  /* tokens, generation: what was written down has come to this */
} WeirRefreshActionKind;

/* What an action's kind does not name is zero.  Texts and pointers are the machine's, until
 * the next event; whoever keeps a secret references it.  An action that is answered by an
 * event is the last one. */
typedef struct
{
  WeirRefreshActionKind kind;
  gboolean is_escrowed;
  gboolean is_exchange;
  uint64_t generation;
  const WeirAccountTokens *tokens;
  const WeirSecret *token;
  const char *hash;
  const char *sentence;
  WeirError code;
  int64_t until_us;
} WeirRefreshAction;

typedef struct
{
  WeirRefreshAction items[WEIR_REFRESH_ACTIONS_MAX];
  unsigned n;
} WeirRefreshActions;

typedef struct _WeirRefresh WeirRefresh;

/* @row must outlive it.  @is_live: another program refreshes.  @seed: of its chance. */
WeirRefresh *
weir_refresh_new (const WeirProviderOauth *row, gboolean is_live, uint32_t seed);
void weir_refresh_free (WeirRefresh *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirRefresh, weir_refresh_free)

/* @now_us: weir-clock.h, never less than before.  @real_us: since 1970; may jump.  @out:
 * overwritten; in the order in which it is to be done. */
void weir_refresh_handle (WeirRefresh *self,
                          const WeirRefreshEvent *event,
                          int64_t now_us,
                          int64_t real_us,
                          WeirRefreshActions *out);

/* From the next event on. */
void weir_refresh_set_live (WeirRefresh *self, gboolean is_live);

/* (nullable): what requests carry, where it has a minute to live (or a quarter of its
 * life, if that is less).  Remembers that it was
 * wanted.  Borrowed until the next event. */
WeirSecret *weir_refresh_get_token (WeirRefresh *self, int64_t now_us);

/* (nullable): what is known, valid or not. */
const WeirAccountTokens *weir_refresh_get_tokens (const WeirRefresh *self);
/* TRUE from GRANTED to DONE. */
gboolean weir_refresh_is_busy (const WeirRefresh *self);
/* The vendor takes what is known no longer. */
gboolean weir_refresh_is_refused (const WeirRefresh *self);
/* TRUE while the vault does not have what is used. */
gboolean weir_refresh_is_escrowed (const WeirRefresh *self);
