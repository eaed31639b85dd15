/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One asking of one vendor what is left: the recipe made a call, and its answer read. */

#include "control/weir-vendor-call.h"
#include "providers/weir-quota-recipe.h"

typedef struct
{
  const WeirQuotaRecipe *recipe;
  const WeirSecret *token;
  const char *vendor_id; /* (nullable): the vendor's id of the account */
  const char *project;   /* (nullable) */
  const char *proxy_url; /* (nullable) */
} WeirQuotaQuestion;

void weir_quota_ask_async (WeirVendorCalls *calls,
                           const WeirQuotaQuestion *question,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
/* @out is empty unless it is WEIR_QUOTA_READ.  Where no answer came UNAVAILABLE, and @error
 * says why; WEIR_ERROR_CANCELLED where it was.  @out_retry_us: not before that long from
 * now may it be asked again, as the answer says; 0: it says nothing. */
WeirQuotaOutcome weir_quota_ask_finish (GAsyncResult *result,
                                        WeirQuotaReading *out,
                                        int64_t *out_retry_us,
                                        GError **error);

/* What came of the wish to have a limit reset. */
typedef enum
{
  WEIR_LIMIT_RESET_DONE,
  WEIR_LIMIT_RESET_NOTHING, /* no limit needs it; nothing was spent */
  WEIR_LIMIT_RESET_NONE,    /* there is none left */
  WEIR_LIMIT_RESET_LAST,
} WeirLimitReset;

/* May accounts of the provider called @id have limits reset? */
gboolean weir_limit_reset_is_offered (const char *id);

/* Spends one of ChatGPT's resets.  @question: the recipe does not matter.  @request_id: of
 * this wish: the same one spends one, however often it is sent. */
void weir_limit_reset_async (WeirVendorCalls *calls,
                             const WeirQuotaQuestion *question,
                             const char *request_id,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
/* Errors: WEIR_ERROR_UNAUTHORIZED (sign in again), _FORBIDDEN, _UPSTREAM and the like
 * (nothing is known; the same request_id may be sent again), _BAD_UPSTREAM. */
gboolean
weir_limit_reset_finish (GAsyncResult *result, WeirLimitReset *out, GError **error);
