/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What vendors of keys answer: plans with windows, and balances.  Collected from programs
 * that read them and from common knowledge of the APIs (2026-10), not from the vendors' own
 * pages; every member is optional. */

#include "config.h"

#include "providers/weir-quota-private.h"

#include <math.h>

static void
add (WeirQuotaReading *out, const WeirQuotaDraft *draft, int64_t real_us)
{
  weir_quota_reading_add (out, draft, WEIR_QUOTA_FROM_USAGE, real_us);
}

static void
set_credits (WeirQuotaReading *out, double left, const char *unit, int64_t real_us)
{
  weir_quota_reading_set_credits (out, left, weir_slice_from_string (unit), real_us);
}

/* --- Kimi --- */

/* Numbers come as strings, and zeros sometimes not at all: used or left will do. */
static double
get_kimi_used (const WeirJson *json, uint32_t detail)
{
  const double limit = weir_quota_get_number (json, detail, "limit");
  const double used = weir_quota_get_number (json, detail, "used");
  const double left = weir_quota_get_number (json, detail, "remaining");

  return weir_quota_percent_of (isnan (used) ? left : limit - used, limit);
}

static double
get_kimi_length (const WeirJson *json, uint32_t limit)
{
  static const struct
  {
    const char *name;
    int64_t us;
  } units[] = {
    { "TIME_UNIT_SECOND", WEIR_QUOTA_SECONDS (1) },
    { "TIME_UNIT_MINUTE", WEIR_QUOTA_SECONDS (60) },
    { "TIME_UNIT_HOUR", WEIR_QUOTA_HOURS (1) },
    { "TIME_UNIT_DAY", WEIR_QUOTA_DAYS (1) },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
    if (weir_quota_is_text (json, limit, "window.timeUnit", units[i].name))
      return weir_quota_get_number (json, limit, "window.duration") * (double)units[i].us;
  return 0;
}

void
weir_quota_read_kimi (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  const uint32_t usage = weir_json_lookup (json, 0, "usage");
  const uint32_t limits = weir_json_lookup (json, 0, "limits");

  if (usage != 0)
    add (out,
         &(WeirQuotaDraft){ .used_percent = get_kimi_used (json, usage),
                            .resets_at_us
                            = weir_quota_get_instant (json, usage, "resetTime"),
                            .length_us = (double)WEIR_QUOTA_DAYS (7) },
         real_us);
  for (uint32_t i = weir_quota_first (json, limits); i != 0;
       i = weir_json_next (json, limits, i))
    {
      const uint32_t detail = weir_json_lookup (json, i, "detail");

      if (detail != 0)
        add (out,
             &(WeirQuotaDraft){ .used_percent = get_kimi_used (json, detail),
                                .resets_at_us
                                = weir_quota_get_instant (json, detail, "resetTime"),
                                .length_us = get_kimi_length (json, i) },
             real_us);
    }
  weir_quota_reading_set_plan (
      out, weir_quota_get_text (json, weir_quota_find (json, 0, "user.membership.level")),
      real_us);
}

/* --- Z.ai and BigModel --- */

static double
get_zai_length (const WeirJson *json, uint32_t limit)
{
  static const struct
  {
    double unit;
    int64_t us;
  } units[] = {
    { 3, WEIR_QUOTA_HOURS (1) },
    { 4, WEIR_QUOTA_DAYS (1) },
    { 5, WEIR_QUOTA_DAYS (30) },
    { 6, WEIR_QUOTA_DAYS (7) },
  };
  const double unit = weir_quota_get_number (json, limit, "unit");
  const double number = weir_quota_get_number (json, limit, "number");

  for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
    if (unit == units[i].unit)
      return (isnan (number) ? 1 : number) * (double)units[i].us;
  return 0;
}

/* The limit of time is of the tools that the vendor runs, not of models. */
void
weir_quota_read_zai (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  const uint32_t limits = weir_quota_find (json, 0, "data.limits");

  for (uint32_t i = weir_quota_first (json, limits); i != 0;
       i = weir_json_next (json, limits, i))
    {
      WeirQuotaDraft draft
          = { .used_percent = weir_quota_get_number (json, i, "percentage"),
              .resets_at_us = weir_quota_get_instant (json, i, "nextResetTime"),
              .length_us = get_zai_length (json, i) };

      if (weir_quota_is_text (json, i, "type", "TIME_LIMIT"))
        draft.model = WEIR_SLICE ("tools");
      else if (!weir_quota_is_text (json, i, "type", "TOKENS_LIMIT")
               && !weir_quota_is_text (json, i, "type", "CREDIT_LIMIT"))
        continue;
      add (out, &draft, real_us);
    }
  weir_quota_reading_set_plan (
      out, weir_quota_get_text (json, weir_quota_find (json, 0, "data.level")), real_us);
}

/* --- MiniMax --- */

typedef struct
{
  const char *left;
  const char *status; /* 1: counted; 2: used up; others: this plan has none */
  const char *end;
  const char *name;
} MinimaxWindow;

static void
read_minimax_window (WeirQuotaReading *out,
                     const WeirJson *json,
                     uint32_t model,
                     const MinimaxWindow *window,
                     int64_t real_us)
{
  const double status = weir_quota_get_number (json, model, window->status);
  WeirQuotaDraft draft = { .name = weir_slice_from_string (window->name) };

  if (!isnan (status) && status != 1 && status != 2)
    return;
  draft.used_percent
      = weir_quota_percent_of (weir_quota_get_number (json, model, window->left), 100);
  if (status == 2)
    draft.used_percent = 100;
  draft.resets_at_us = weir_quota_get_instant (json, model, window->end);
  add (out, &draft, real_us);
}

void
weir_quota_read_minimax (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  static const MinimaxWindow interval = { "current_interval_remaining_percent",
                                          "current_interval_status", "end_time", "5h" };
  static const MinimaxWindow week = { "current_weekly_remaining_percent",
                                      "current_weekly_status", "weekly_end_time", "7d" };
  const uint32_t remains = weir_json_lookup (json, 0, "model_remains");

  if (weir_quota_get_number (json, 0, "base_resp.status_code") != 0)
    return;
  for (uint32_t i = weir_quota_first (json, remains); i != 0;
       i = weir_json_next (json, remains, i))
    {
      if (!weir_quota_is_text (json, i, "model_name", "general"))
        continue;
      read_minimax_window (out, json, i, &interval, real_us);
      if (!isnan (weir_quota_get_number (json, i, week.status)))
        read_minimax_window (out, json, i, &week, real_us);
    }
}

/* --- Cline and Factory --- */

typedef struct
{
  const char *name;
  int64_t length_us;
} Period;

static void
read_cline_limit (WeirQuotaReading *out,
                  const WeirJson *json,
                  uint32_t limit,
                  int64_t real_us)
{
  static const Period periods[] = {
    { "five_hour", WEIR_QUOTA_HOURS (5) },
    { "weekly", WEIR_QUOTA_DAYS (7) },
    { "monthly", WEIR_QUOTA_DAYS (30) },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (periods); i++)
    if (weir_quota_is_text (json, limit, "type", periods[i].name))
      add (out,
           &(WeirQuotaDraft){
               .used_percent = weir_quota_get_number (json, limit, "percentUsed"),
               .resets_at_us = weir_quota_get_instant (json, limit, "resetsAt"),
               .length_us = (double)periods[i].length_us },
           real_us);
}

void
weir_quota_read_cline (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  const uint32_t limits = weir_quota_find (json, 0, "data.limits");

  for (uint32_t i = weir_quota_first (json, limits); i != 0;
       i = weir_json_next (json, limits, i))
    read_cline_limit (out, json, i, real_us);
}

void
weir_quota_read_factory (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  static const Period periods[] = {
    { "fiveHour", WEIR_QUOTA_HOURS (5) },
    { "weekly", WEIR_QUOTA_DAYS (7) },
    { "monthly", WEIR_QUOTA_DAYS (30) },
  };
  uint32_t limits = weir_quota_find (json, 0, "limits.standard");

  if (limits == 0)
    limits = weir_quota_find (json, 0, "limits.core");
  for (size_t i = 0; limits != 0 && i < G_N_ELEMENTS (periods); i++)
    {
      const uint32_t item = weir_json_lookup (json, limits, periods[i].name);
      const double after
          = item != 0 ? weir_quota_get_number (json, item, "secondsRemaining") : 0;
      WeirQuotaDraft draft = { .length_us = (double)periods[i].length_us };

      if (item == 0)
        continue;
      draft.used_percent = weir_quota_get_number (json, item, "usedPercent");
      draft.resets_at_us = weir_quota_get_instant (json, item, "windowEnd");
      if (!(draft.resets_at_us > 0) && after > 0)
        draft.resets_at_us = (double)real_us + after * G_USEC_PER_SEC;
      add (out, &draft, real_us);
    }
  set_credits (out, weir_quota_get_number (json, 0, "extraUsageBalanceCents") / 100, "USD",
               real_us);
}

/* --- balances --- */

void
weir_quota_read_openrouter (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  set_credits (out,
               weir_quota_get_number (json, 0, "data.total_credits")
                   - weir_quota_get_number (json, 0, "data.total_usage"),
               "USD", real_us);
}

void
weir_quota_read_openrouter_key (WeirQuotaReading *out,
                                const WeirJson *json,
                                int64_t real_us)
{
  const uint32_t item = weir_quota_find (json, 0, "data.limit");
  const double limit = weir_quota_get_number (json, 0, "data.limit");
  const double usage = weir_quota_get_number (json, 0, "data.usage");

  if (item != 0 && weir_json_get_type (json, item) == WEIR_JSON_NULL)
    {
      weir_quota_reading_set_unlimited (out, real_us);
      return;
    }
  add (out,
       &(WeirQuotaDraft){ .name = WEIR_SLICE ("key"),
                          .used_percent = weir_quota_percent_of (limit - usage, limit) },
       real_us);
  set_credits (out, limit - usage, "USD", real_us);
}

/* An account may have two currencies; the first with money in it counts. */
void
weir_quota_read_deepseek (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  const uint32_t infos = weir_json_lookup (json, 0, "balance_infos");

  for (uint32_t i = weir_quota_first (json, infos); i != 0;
       i = weir_json_next (json, infos, i))
    {
      const double left = weir_quota_get_number (json, i, "total_balance");

      if (!out->credits.known || !(out->credits.left > 0))
        weir_quota_reading_set_credits (
            out, left, weir_quota_get_text (json, weir_json_lookup (json, i, "currency")),
            real_us);
    }
}

void
weir_quota_read_moonshot (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  set_credits (out, weir_quota_get_number (json, 0, "data.available_balance"), "", real_us);
}

void
weir_quota_read_siliconflow (WeirQuotaReading *out, const WeirJson *json, int64_t real_us)
{
  set_credits (out, weir_quota_get_number (json, 0, "data.totalBalance"), "", real_us);
}
