/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Refusals that say which allowance is used up, and until when.  A refusal for going too
 * fast says nothing of an allowance and is left to the verdict.  google.rpc.ErrorInfo,
 * RetryInfo and QuotaFailure; answers of ChatGPT's backend, as collected in 2026-10. */

#include "config.h"

#include "providers/weir-quota-private.h"
#include "providers/weir-verdict-when.h"
#include "providers/weir-verdict.h"

static double
get_delayed (const WeirJson *json, uint32_t object, const char *path, int64_t real_us)
{
  const WeirSlice text = weir_quota_get_text (json, weir_quota_find (json, object, path));
  const int64_t after_us = weir_when_read (text, real_us);

  return after_us > 0 && after_us < WEIR_VERDICT_REST_MAX_US ? (double)(real_us + after_us)
                                                             : 0;
}

static void
read_chatgpt (WeirQuotaReading *out, const WeirJson *json, uint32_t error, int64_t real_us)
{
  const double after = weir_quota_get_number (json, error, "resets_in_seconds");
  WeirQuotaDraft draft
      = { .name = WEIR_SLICE ("account"), .used_percent = 100, .rejected = TRUE };

  if (!weir_quota_is_text (json, error, "type", "usage_limit_reached"))
    return;
  draft.resets_at_us = weir_quota_get_instant (json, error, "resets_at");
  if (!(draft.resets_at_us > 0) && after > 0)
    draft.resets_at_us = (double)real_us + after * G_USEC_PER_SEC;
  weir_quota_reading_add (out, &draft, WEIR_QUOTA_FROM_REFUSAL, real_us);
  weir_quota_reading_set_plan (
      out, weir_quota_get_text (json, weir_quota_find (json, error, "plan_type")), real_us);
}

/* One of the details says what is used up, another when it comes back. */
static void
read_google (WeirQuotaReading *out,
             const WeirJson *json,
             uint32_t error,
             const char *model,
             int64_t real_us)
{
  const uint32_t details = weir_quota_find (json, error, "details");
  gboolean is_used_up = FALSE;
  double retry_at_us = 0;
  WeirQuotaDraft draft = { .name = WEIR_SLICE ("quota"),
                           .model = weir_slice_from_string (model),
                           .used_percent = 100,
                           .rejected = TRUE };

  for (uint32_t i = weir_quota_first (json, details); i != 0;
       i = weir_json_next (json, details, i))
    {
      const double at_us = weir_quota_get_instant (json, i, "metadata.quotaResetTimeStamp");
      const double delayed_us = get_delayed (json, i, "metadata.quotaResetDelay", real_us);

      if (weir_quota_is_text (json, i, "reason", "QUOTA_EXHAUSTED"))
        is_used_up = TRUE;
      draft.resets_at_us = MAX (draft.resets_at_us, MAX (at_us, delayed_us));
      retry_at_us = MAX (retry_at_us, get_delayed (json, i, "retryDelay", real_us));
    }
  if (!(draft.resets_at_us > 0))
    draft.resets_at_us = retry_at_us;
  if (is_used_up)
    weir_quota_reading_add (out, &draft, WEIR_QUOTA_FROM_REFUSAL, real_us);
}

gboolean
weir_quota_read_refusal (WeirSlice body,
                         const char *model,
                         int64_t real_us,
                         WeirQuotaReading *out)
{
  g_auto (WeirJson) json = { 0 };
  uint32_t error;

  weir_quota_reading_init (out);
  if (!weir_quota_parse (&json, body))
    return FALSE;
  error = weir_json_lookup (&json, 0, "error");
  if (error == 0)
    return FALSE;
  read_chatgpt (out, &json, error, real_us);
  read_google (out, &json, error, model, real_us);
  return weir_quota_reading_says_something (out);
}
