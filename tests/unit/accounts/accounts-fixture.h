/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Accounts in a folder that comes and goes, asked as if their calls waited; the vendor is a
 * function of the test. */

#include "accounts/weir-accounts-private.h"
#include "vault-fixture.h"

typedef struct _AccountsPlace AccountsPlace;

/* What the vendor says to @request; FALSE: later, by accounts_place_answer. */
typedef gboolean (*VendorFunc) (AccountsPlace *place,
                                const WeirOauthRequest *request,
                                unsigned *out_status,
                                char **out_body);

struct _AccountsPlace
{
  VaultPlace vault_place;
  char *path;             /* (owned): accounts.db */
  WeirVault *vault;       /* (owned) */
  WeirAccounts *accounts; /* (owned) (nullable) */
  GPtrArray *notices;     /* (owned) of char * */
  unsigned n_changed;
  volatile int64_t offset_us; /* of the clock */

  gboolean has_keyring; /* its vault is the session's keyring */
  gboolean is_hurried;  /* a start is over as soon as the vault is open */

  const char *provider; /* (unowned) (nullable) of what is added: "claude" */
  gboolean is_live;     /* what is added is another program's */
  VendorFunc vendor;    /* (nullable): nobody answers */
  gpointer vendor_data;
  unsigned n_sent;
  GQueue asked; /* (owned): who waits for an answer */
};

void accounts_place_set_up (AccountsPlace *place, gconstpointer data);
void accounts_place_tear_down (AccountsPlace *place, gconstpointer data);

/* Another program of the same user with the vault, the clock and the vendor of @place. */
void accounts_place_set_up_beside (AccountsPlace *place, AccountsPlace *other);
/* In @folder, which stays: the vault "secrets", the accounts in a folder @name of theirs.
 */
void accounts_place_open_at (AccountsPlace *place, const char *folder, const char *name);
/* Begins while the vault does not open. */
void accounts_place_open_closed (AccountsPlace *place, WeirVaultState state);
/* Ends what there is and begins anew, in the same folder. */
void accounts_place_restart (AccountsPlace *place);
void accounts_place_close (AccountsPlace *place);

/* The clock goes on, and the loop goes round until nothing is left to be done at once. */
void accounts_place_pass (AccountsPlace *place, int64_t us);
/* The loop goes round until the vault has that many entries of @id. */
void accounts_place_await_secrets (AccountsPlace *place, const char *id, unsigned n);
/* Answers the oldest request that waits. */
void accounts_place_answer (AccountsPlace *place, unsigned status, const char *body);

/* (transfer full) (nullable): an account of @vendor_id with such tokens, which live
 * @life_us (0: nobody knows how long). */
WeirAccount *accounts_place_add (AccountsPlace *place,
                                 const char *vendor_id,
                                 const char *access_token,
                                 const char *refresh_token,
                                 int64_t life_us,
                                 const char *replaces,
                                 GError **error);
gboolean accounts_place_remove (AccountsPlace *place,
                                const char *id,
                                gboolean revoke,
                                GError **error);
/* (transfer full) (nullable): as text; @refused (nullable). */
char *accounts_place_ensure (AccountsPlace *place,
                             const char *id,
                             const char *refused,
                             GError **error);
/* Asserts that the token known at once is @text (nullable). */
void accounts_place_assert_token (AccountsPlace *place, const char *id, const char *text);
void
accounts_place_assert_state (AccountsPlace *place, const char *id, WeirAccountState state);
/* TRUE: some notice holds @text. */
gboolean accounts_place_was_told (AccountsPlace *place, const char *text);
