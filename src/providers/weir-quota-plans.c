/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What vendors of subscriptions answer, as collected from programs that read it, 2026-10.
 * None of it is documented; every member is optional, and one that has changed is one that
 * is not there. */

#include "config.h"

#include "providers/weir-quota-private.h"

#include <math.h>

/* More than a vendor gives. */
#define RESETS_MAX 1000

static void
add (WeirQuotaReading *out, const WeirQuotaDraft *draft, int64_t real_us)
{
  weir_quota_reading_add (out, draft, WEIR_QUOTA_FROM_USAGE, real_us);
}

static void
set_plan (WeirQuotaReading *out, const WeirJson *json, const char *path, int64_t real_us)
{
  weir_quota_reading_set_plan (
      out, weir_quota_get_text (json, weir_quota_find (json, 0, path)), real_us);
}

/* --- Claude --- */

typedef struct
{
  const char *name; /* of a member, or of a kind */
  int64_t length_us;
  const char *model;
} Window;

/* clang-format off */
static const Window claude_windows[] = {
  { "five_hour",            WEIR_QUOTA_HOURS (5), "" },
  { "seven_day",            WEIR_QUOTA_DAYS (7),  "" },
  { "seven_day_sonnet",     WEIR_QUOTA_DAYS (7),  "Sonnet" },
  { "seven_day_opus",       WEIR_QUOTA_DAYS (7),  "Opus" },
  { "seven_day_oauth_apps", WEIR_QUOTA_DAYS (7),  "OAuth apps" },
  { "seven_day_cowork",     WEIR_QUOTA_DAYS (7),  "Cowork" },
  { "seven_day_routines",   WEIR_QUOTA_DAYS (7),  "Routines" },
  { "iguana_necktie",       WEIR_QUOTA_DAYS (7),  "Fable" },
};

static const Window claude_kinds[] = {
  { "session",       WEIR_QUOTA_HOURS (5), "" },
  { "weekly_all",    WEIR_QUOTA_DAYS (7),  "" },
  { "weekly_scoped", WEIR_QUOTA_DAYS (7),  "scope.model.display_name" },
};
/* clang-format on */

/* The newer list says the same again; a window of some models must name them. */
static void
read_claude_limit (WeirQuotaReading *out,
                   const WeirJson *json,
                   uint32_t limit,
                   int64_t real_us)
{
  for (size_t i = 0; i < G_N_ELEMENTS (claude_kinds); i++)
    {
      const Window *kind = &claude_kinds[i];
      WeirQuotaDraft draft = { .length_us = (double)kind->length_us };

      if (!weir_quota_is_text (json, limit, "kind", kind->name))
        continue;
      if (*kind->model != '\0')
        draft.model
            = weir_quota_get_text (json, weir_quota_find (json, limit, kind->model));
      if (*kind->model != '\0' && draft.model.length == 0)
        return;
      draft.used_percent = weir_quota_get_number (json, limit, "percent");
      draft.resets_at_us = weir_quota_get_instant (json, limit, "resets_at");
      add (out, &draft, real_us);
    }
}

/* What may be paid for beyond the windows, in hundredths. */
static void
read_claude_extra (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  const double limit = weir_quota_get_number (json, 0, "extra_usage.monthly_limit");
  const double used = weir_quota_get_number (json, 0, "extra_usage.used_credits");

  if (!weir_quota_is_true (json, 0, "extra_usage.is_enabled") || !(used >= 0))
    return;
  weir_quota_reading_set_credits (
      out, (limit - used) / 100,
      weir_quota_get_text (json, weir_quota_find (json, 0, "extra_usage.currency")),
      real_us);
}

void
weir_quota_read_claude (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  const uint32_t limits = weir_json_lookup (json, 0, "limits");

  for (size_t i = 0; i < G_N_ELEMENTS (claude_windows); i++)
    {
      const Window *window = &claude_windows[i];
      const uint32_t item = weir_json_lookup (json, 0, window->name);
      WeirQuotaDraft draft = { .model = weir_slice_from_string (window->model),
                               .length_us = (double)window->length_us };

      if (item == 0)
        continue;
      draft.used_percent = weir_quota_get_number (json, item, "utilization");
      draft.resets_at_us = weir_quota_get_instant (json, item, "resets_at");
      add (out, &draft, real_us);
    }
  for (uint32_t i = weir_quota_first (json, limits); i != 0;
       i = weir_json_next (json, limits, i))
    read_claude_limit (out, json, i, real_us);
  read_claude_extra (out, json, real_us);
}

/* --- ChatGPT --- */

/* A window's place says nothing, its seconds say which it is. */
static void
read_codex_limit (WeirQuotaReading *out,
                  const WeirJson *json,
                  uint32_t limit,
                  WeirSlice model,
                  int64_t real_us)
{
  static const char *const places[] = { "primary_window", "secondary_window" };
  const gboolean is_reached = weir_quota_is_true (json, limit, "limit_reached");

  for (size_t i = 0; i < G_N_ELEMENTS (places); i++)
    {
      const uint32_t item = weir_json_lookup (json, limit, places[i]);
      const double after
          = item != 0 ? weir_quota_get_number (json, item, "reset_after_seconds") : 0;
      WeirQuotaDraft draft = { .model = model };

      if (item == 0 || weir_json_get_type (json, item) != WEIR_JSON_OBJECT)
        continue;
      draft.used_percent = weir_quota_get_number (json, item, "used_percent");
      if (is_reached && isnan (draft.used_percent))
        draft.used_percent = 100;
      draft.rejected = is_reached && draft.used_percent >= 100;
      draft.length_us
          = weir_quota_get_number (json, item, "limit_window_seconds") * G_USEC_PER_SEC;
      if (!(draft.length_us > 0))
        draft.name = (WeirSlice){ places[i], strcspn (places[i], "_") };
      draft.resets_at_us = weir_quota_get_instant (json, item, "reset_at");
      if (!(draft.resets_at_us > 0) && after > 0)
        draft.resets_at_us = (double)real_us + after * G_USEC_PER_SEC;
      add (out, &draft, real_us);
    }
}

static void
read_codex_credits (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  if (weir_quota_is_true (json, 0, "credits.unlimited"))
    weir_quota_reading_set_unlimited (out, real_us);
  else if (weir_quota_is_true (json, 0, "credits.has_credits"))
    weir_quota_reading_set_credits (out, weir_quota_get_number (json, 0, "credits.balance"),
                                    WEIR_SLICE ("credits"), real_us);
}

static void
read_codex_resets (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  const double n
      = weir_quota_get_number (json, 0, "rate_limit_reset_credits.available_count");

  if (n >= 0 && n <= RESETS_MAX)
    out->resets = (WeirQuotaResets){ .left = (unsigned)n, .read_at_us = real_us };
}

void
weir_quota_read_codex (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  const uint32_t limit = weir_json_lookup (json, 0, "rate_limit");
  const uint32_t review = weir_json_lookup (json, 0, "code_review_rate_limit");
  const uint32_t more = weir_json_lookup (json, 0, "additional_rate_limits");

  if (limit != 0)
    read_codex_limit (out, json, limit, (WeirSlice){ 0 }, real_us);
  if (review != 0)
    read_codex_limit (out, json, review, WEIR_SLICE ("code review"), real_us);
  for (uint32_t i = weir_quota_first (json, more); i != 0;
       i = weir_json_next (json, more, i))
    {
      const uint32_t own = weir_json_lookup (json, i, "rate_limit");
      const WeirSlice name
          = weir_quota_get_text (json, weir_json_lookup (json, i, "limit_name"));

      if (own != 0 && name.length > 0)
        read_codex_limit (out, json, own, name, real_us);
    }
  read_codex_credits (out, json, real_us);
  read_codex_resets (out, json, real_us);
  set_plan (out, json, "plan_type", real_us);
}

/* Of each credit that resets a limit: what became of it, and until when. */
void
weir_quota_read_codex_resets (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  const double n = weir_quota_get_number (json, 0, "available_count");
  const uint32_t credits = weir_json_lookup (json, 0, "credits");
  double expires_us = 0;

  if (!(n >= 0 && n <= RESETS_MAX))
    return;
  for (uint32_t i = weir_quota_first (json, credits); i != 0;
       i = weir_json_next (json, credits, i))
    {
      const double at_us = weir_quota_get_instant (json, i, "expires_at");

      if (weir_quota_is_text (json, i, "status", "available") && at_us > (double)real_us
          && at_us < (double)(real_us + WEIR_QUOTA_DAYS (1000))
          && (expires_us == 0 || at_us < expires_us))
        expires_us = at_us;
    }
  out->resets = (WeirQuotaResets){ .left = (unsigned)n,
                                   .expires_us = (int64_t)expires_us,
                                   .read_at_us = real_us };
}

/* --- Copilot --- */

/* Completions are what an editor asks for by itself: no part of what is proxied. */
static const struct
{
  const char *member;
  const char *name;
  const char *model;
} copilot_quotas[] = {
  { "premium_interactions", "premium", "" },
  { "chat", "chat", "" },
  { "completions", "completions", "completions" },
};

static double
get_copilot_reset (const WeirJson *json)
{
  static const char *const members[]
      = { "quota_reset_date_utc", "quota_reset_date", "limited_user_reset_date" };

  for (size_t i = 0; i < G_N_ELEMENTS (members); i++)
    {
      const double at_us = weir_quota_get_instant (json, 0, members[i]);

      if (at_us > 0)
        return at_us;
    }
  return 0;
}

/* Of a paid plan: the vendor's own percentage before ours.  One without any entitlement is
 * not used up, it is not there. */
static double
get_copilot_used (const WeirJson *json, uint32_t snapshot)
{
  const double percent_left = weir_quota_get_number (json, snapshot, "percent_remaining");
  const double entitlement = weir_quota_get_number (json, snapshot, "entitlement");

  if (entitlement <= 0)
    return (double)NAN;
  if (!isnan (percent_left))
    return 100 - percent_left;
  return weir_quota_percent_of (weir_quota_get_number (json, snapshot, "remaining"),
                                entitlement);
}

void
weir_quota_read_copilot (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  const uint32_t snapshots = weir_json_lookup (json, 0, "quota_snapshots");
  const uint32_t left = weir_json_lookup (json, 0, "limited_user_quotas");
  const uint32_t all = weir_json_lookup (json, 0, "monthly_quotas");

  for (size_t i = 0; i < G_N_ELEMENTS (copilot_quotas); i++)
    {
      const char *member = copilot_quotas[i].member;
      const uint32_t snapshot
          = snapshots != 0 ? weir_json_lookup (json, snapshots, member) : 0;
      WeirQuotaDraft draft = { .name = weir_slice_from_string (copilot_quotas[i].name),
                               .model = weir_slice_from_string (copilot_quotas[i].model),
                               .used_percent = (double)NAN };

      if (snapshot != 0 && weir_quota_is_true (json, snapshot, "unlimited"))
        {
          if (i == 0)
            weir_quota_reading_set_unlimited (out, real_us);
          continue;
        }
      if (snapshot != 0)
        draft.used_percent = get_copilot_used (json, snapshot);
      else if (left != 0 && all != 0)
        draft.used_percent
            = weir_quota_percent_of (weir_quota_get_number (json, left, member),
                                     weir_quota_get_number (json, all, member));
      if (isnan (draft.used_percent))
        continue;
      draft.resets_at_us = get_copilot_reset (json);
      add (out, &draft, real_us);
    }
  set_plan (out, json, "copilot_plan", real_us);
}

/* --- Google --- */

/* Ten models share three quotas. */
static WeirSlice
get_gemini_group (WeirSlice model)
{
  static const struct
  {
    const char *part;
    const char *group;
  } groups[] = {
    { "flash-lite", "Flash-Lite" },
    { "flash", "Flash" },
    { "pro", "Pro" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (groups); i++)
    if (model.length > 0
        && memmem (model.text, model.length, groups[i].part, strlen (groups[i].part))
               != NULL)
      return weir_slice_from_string (groups[i].group);
  return model;
}

/* Where the share is left out, an amount of nothing says it all, and any other nothing: of
 * how much it is left is not said. */
static double
get_gemini_used (const WeirJson *json, uint32_t bucket)
{
  const double fraction = weir_quota_get_number (json, bucket, "remainingFraction");

  if (isnan (fraction) && weir_quota_get_number (json, bucket, "remainingAmount") <= 0)
    return 100;
  return weir_quota_percent_of (fraction, 1);
}

void
weir_quota_read_gemini_cli (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  const uint32_t buckets = weir_json_lookup (json, 0, "buckets");

  for (uint32_t i = weir_quota_first (json, buckets); i != 0;
       i = weir_json_next (json, buckets, i))
    {
      const WeirSlice model
          = weir_quota_get_text (json, weir_json_lookup (json, i, "modelId"));
      WeirQuotaDraft draft = { .name = WEIR_SLICE ("quota") };

      if (model.length == 0)
        continue;
      draft.model = get_gemini_group (model);
      draft.used_percent = get_gemini_used (json, i);
      draft.resets_at_us = weir_quota_get_instant (json, i, "resetTime");
      add (out, &draft, real_us);
    }
}

/* A share of nothing is not written at all; then only the reset says that there is one. */
static double
get_antigravity_used (double fraction, double resets_at_us)
{
  if (isnan (fraction) && resets_at_us > 0)
    return 100;
  return weir_quota_percent_of (fraction, 1);
}

static void
read_antigravity_bucket (WeirQuotaReading *out,
                         const WeirJson *json,
                         uint32_t bucket,
                         WeirSlice group,
                         int64_t real_us)
{
  double fraction = weir_quota_get_number (json, bucket, "remainingFraction");
  WeirQuotaDraft draft = { .model = group };

  if (group.length == 0 || weir_quota_is_true (json, bucket, "disabled"))
    return;
  if (isnan (fraction))
    fraction = weir_quota_get_number (json, bucket, "remaining.remainingFraction");
  if (weir_quota_is_text (json, bucket, "window", "5h"))
    draft.length_us = (double)WEIR_QUOTA_HOURS (5);
  else if (weir_quota_is_text (json, bucket, "window", "weekly"))
    draft.length_us = (double)WEIR_QUOTA_DAYS (7);
  else
    draft.name = weir_quota_get_text (json, weir_json_lookup (json, bucket, "bucketId"));
  draft.resets_at_us = weir_quota_get_instant (json, bucket, "resetTime");
  draft.used_percent = get_antigravity_used (fraction, draft.resets_at_us);
  add (out, &draft, real_us);
}

/* The list of models: there a whole share may only mean that the model is offered. */
static void
read_antigravity_model (WeirQuotaReading *out,
                        const WeirJson *json,
                        uint32_t name,
                        int64_t real_us)
{
  const double fraction
      = weir_quota_get_number (json, name + 1, "quotaInfo.remainingFraction");
  WeirSlice raw = weir_json_get_raw (json, name);
  WeirQuotaDraft draft
      = { .name = WEIR_SLICE ("quota"), .model = { raw.text + 1, raw.length - 2 } };

  draft.resets_at_us = weir_quota_get_instant (json, name + 1, "quotaInfo.resetTime");
  draft.used_percent
      = fraction == 1 ? (double)NAN : get_antigravity_used (fraction, draft.resets_at_us);
  if (draft.model.length > 0 && !isnan (draft.used_percent))
    add (out, &draft, real_us);
}

void
weir_quota_read_antigravity (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  const uint32_t groups = weir_json_lookup (json, 0, "groups");
  const uint32_t models = weir_json_lookup (json, 0, "models");

  for (uint32_t i = weir_quota_first (json, groups); i != 0;
       i = weir_json_next (json, groups, i))
    {
      const uint32_t buckets = weir_json_lookup (json, i, "buckets");
      const WeirSlice name
          = weir_quota_get_text (json, weir_json_lookup (json, i, "displayName"));

      for (uint32_t j = weir_quota_first (json, buckets); j != 0;
           j = weir_json_next (json, buckets, j))
        read_antigravity_bucket (out, json, j, name, real_us);
    }
  if (models == 0 || weir_json_get_type (json, models) != WEIR_JSON_OBJECT)
    return;
  for (uint32_t i = weir_json_first (json, models); i != 0;
       i = weir_json_next (json, models, i))
    read_antigravity_model (out, json, i, real_us);
}

/* --- Kiro --- */

void
weir_quota_read_kiro (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  const uint32_t list = weir_json_lookup (json, 0, "usageBreakdownList");

  for (uint32_t i = weir_quota_first (json, list); i != 0;
       i = weir_json_next (json, list, i))
    {
      double used = weir_quota_get_number (json, i, "currentUsageWithPrecision");
      double limit = weir_quota_get_number (json, i, "usageLimitWithPrecision");
      WeirQuotaDraft draft = { .name = WEIR_SLICE ("month") };

      if (isnan (used) || isnan (limit))
        {
          used = weir_quota_get_number (json, i, "currentUsage");
          limit = weir_quota_get_number (json, i, "usageLimit");
        }
      draft.used_percent = weir_quota_percent_of (limit - used, limit);
      draft.resets_at_us = weir_quota_get_instant (json, i, "nextDateReset");
      if (!(draft.resets_at_us > 0))
        draft.resets_at_us = weir_quota_get_instant (json, 0, "nextDateReset");
      add (out, &draft, real_us);
    }
  set_plan (out, json, "subscriptionInfo.subscriptionTitle", real_us);
}

/* --- Grok --- */

void
weir_quota_read_xai (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  const uint32_t config = weir_json_lookup (json, 0, "config");
  const double start_us = weir_quota_get_instant (json, config, "currentPeriod.start");
  const double end_us = weir_quota_get_instant (json, config, "currentPeriod.end");
  const double limit = weir_quota_get_number (json, config, "monthlyLimit.val");
  const double used = weir_quota_get_number (json, config, "used.val");
  WeirQuotaDraft period = { .resets_at_us = end_us };
  WeirQuotaDraft month = { .name = WEIR_SLICE ("month") };

  period.used_percent = weir_quota_get_number (json, config, "creditUsagePercent");
  if (start_us > 0 && end_us > start_us)
    period.length_us = end_us - start_us;
  add (out, &period, real_us);
  month.used_percent = weir_quota_percent_of (limit - used, limit);
  month.resets_at_us = weir_quota_get_instant (json, config, "billingPeriodEnd");
  if (!isnan (month.used_percent))
    add (out, &month, real_us);
}
