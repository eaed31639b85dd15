/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How a vendor is asked what is left, as data, and what its answer says.  Who asks, with
 * which token and when, is somebody else's business: here is no I/O. */

#include "base/weir-json.h"
#include "providers/weir-quota.h"

/* The least time between two askings of one account, whatever is hoped for. */
#define WEIR_QUOTA_FLOOR_US (5 * 60 * (int64_t)G_USEC_PER_SEC)

typedef enum
{
  WEIR_QUOTA_READ,        /* the reading says something */
  WEIR_QUOTA_SIGN_IN,     /* the token is refused: sign in again, keep the last numbers */
  WEIR_QUOTA_FORBIDDEN,   /* the account may not: stop asking */
  WEIR_QUOTA_LIMITED,     /* asked too often: later */
  WEIR_QUOTA_UNAVAILABLE, /* the vendor stumbles: later */
  WEIR_QUOTA_UNREADABLE,  /* an answer in no shape that is known here */
  WEIR_QUOTA_OUTCOME_LAST,
} WeirQuotaOutcome;

typedef struct _WeirQuotaRecipe WeirQuotaRecipe;

struct _WeirQuotaRecipe
{
  const char *id;          /* "claude", "zai", … */
  const char *method;      /* "GET" or "POST" */
  const char *url;         /* absolute */
  const char *auth_prefix; /* of the Authorization field, before the token: "Bearer " */
  const char *fields[4];   /* further "Name: value"; `{account}` stands for the vendor's id
                              of the account.  NULL behind the last */
  gboolean takes_key;      /* an API key at the same host may ask, too */
  const char *instead; /* (nullable): id of the recipe for accounts that this one refuses,
                          or whose answer cannot be read */
  const char *body;    /* (nullable) JSON; `{project}` stands for the project's id */
  /* weir_quota_recipe_read's: adds what the object @json says */
  void (*read) (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
};

/* Every recipe. */
const WeirQuotaRecipe *weir_quota_recipe_table_get (size_t *out_n);

/* The recipe called @id, or NULL. */
const WeirQuotaRecipe *weir_quota_recipe_lookup (const char *id);
/* The first recipe that a key of @base_url (nullable) may be sent for: one of the same
 * scheme, host and port; or NULL. */
const WeirQuotaRecipe *weir_quota_recipe_lookup_by_url (const char *base_url);

/* What an answer of @status with @body says.  @out is empty unless it is
 * WEIR_QUOTA_READ. */
WeirQuotaOutcome weir_quota_recipe_read (const WeirQuotaRecipe *self,
                                         unsigned status,
                                         WeirSlice body,
                                         int64_t real_us,
                                         WeirQuotaReading *out);

/* "read", "sign-in", "forbidden", "limited", "unavailable", "unreadable". */
const char *weir_quota_outcome_get_name (WeirQuotaOutcome outcome);
