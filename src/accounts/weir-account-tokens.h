/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What an account's vault entry holds: its tokens, and enough of whose they are to know the
 * account again where the file of accounts is lost. */

#include "accounts/weir-account.h"
#include "base/weir-secret.h"

typedef struct
{
  WeirSecret *access_token;  /* (owned) */
  WeirSecret *refresh_token; /* (owned) (nullable) */
  WeirSecret *id_token;      /* (owned) (nullable) */
  WeirSecret *short_lived; /* (owned) (nullable): what requests carry where the vendor wants
                              the access token exchanged first (Copilot); never kept */
  int64_t expires_us;      /* of access_token, since 1970; 0: not known */
  int64_t obtained_us;     /* when it came, since 1970; 0: not known */
  int64_t short_lived_expires_us; /* since 1970 */
  gboolean is_live; /* another program renews them; of the account, not kept with them */
} WeirAccountTokens;

/* A zeroed one holds nothing. */
void weir_account_tokens_clear (WeirAccountTokens *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirAccountTokens, weir_account_tokens_clear)
/* @out must be empty. */
void weir_account_tokens_copy (const WeirAccountTokens *self, WeirAccountTokens *out);

/* (transfer full) (nullable): one line of compact JSON, without the ID token where it would
 * be longer than a secret may be; NULL where it still is. */
WeirSecret *weir_account_tokens_write (const WeirAccountTokens *self,
                                       const WeirAccount *account);

/* @out must be empty.  FALSE: it is no such line.  @out_provider, @out_identity (nullable)
 * (transfer full), which must be empty: whose they are; vendor_id is NULL where it does not
 * say. */
gboolean weir_account_tokens_read (const WeirSecret *line,
                                   WeirAccountTokens *out,
                                   char **out_provider,
                                   WeirAccountIdentity *out_identity);

/* (transfer full): "account/ID@GENERATION". */
char *weir_account_tokens_dup_name (const char *id, uint64_t generation);
/* The id (transfer full) and generation of such a name; NULL: it is no such name. */
char *weir_account_tokens_parse_name (const char *name, uint64_t *out_generation);
