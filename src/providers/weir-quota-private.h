/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the readers of quotas share: values as vendors spell them, and the one way into a
 * reading, which takes only what makes sense. */

#include "base/weir-json.h"
#include "providers/weir-quota.h"

#define WEIR_QUOTA_SECONDS(n) ((int64_t)(n)*G_USEC_PER_SEC)
#define WEIR_QUOTA_HOURS(n) WEIR_QUOTA_SECONDS ((n)*3600)
#define WEIR_QUOTA_DAYS(n) WEIR_QUOTA_HOURS ((n)*24)

/* An allowance before it was looked at.  What is absent is not known, but used_percent must
 * always be set. */
typedef struct
{
  WeirSlice name; /* empty: called by its length */
  WeirSlice model;
  double used_percent; /* anything; NAN: not said */
  double resets_at_us; /* since 1970, anything; 0: not said */
  double length_us;    /* anything; 0: not said */
  gboolean rejected;
} WeirQuotaDraft;

void weir_quota_reading_init (WeirQuotaReading *self);

/* Of two of one name and model the scarcer counts.  One that says nothing is left out. */
void weir_quota_reading_add (WeirQuotaReading *self,
                             const WeirQuotaDraft *draft,
                             WeirQuotaSource source,
                             int64_t real_us);
void weir_quota_reading_set_credits (WeirQuotaReading *self,
                                     double left,
                                     WeirSlice unit,
                                     int64_t real_us);
void weir_quota_reading_set_unlimited (WeirQuotaReading *self, int64_t real_us);
void weir_quota_reading_set_plan (WeirQuotaReading *self, WeirSlice plan, int64_t real_us);

/* 100 * (1 - @left / @all), NAN where that is none. */
double weir_quota_percent_of (double left, double all);

/* All of @text is a decimal number; else NAN. */
double weir_quota_read_number (WeirSlice text);
/* Microseconds since 1970, of seconds or milliseconds since then, or a date with or without
 * time (UTC where it says no zone); else 0. */
double weir_quota_read_instant (WeirSlice text);

/* --- the same in JSON; @item 0 is what is not there --- */

/* The item at @path ("a.b.c") inside @object, or 0. */
uint32_t weir_quota_find (const WeirJson *json, uint32_t object, const char *path);
/* A string's bytes, or a number's; escapes stay as they are. */
WeirSlice weir_quota_get_text (const WeirJson *json, uint32_t item);
/* A number or a string that holds one; else NAN. */
double weir_quota_get_number (const WeirJson *json, uint32_t object, const char *path);
double weir_quota_get_instant (const WeirJson *json, uint32_t object, const char *path);
gboolean weir_quota_is_true (const WeirJson *json, uint32_t object, const char *path);
gboolean weir_quota_is_text (const WeirJson *json,
                             uint32_t object,
                             const char *path,
                             const char *text);
/* The first element of the array at @item, or 0; weir_json_next goes on. */
uint32_t weir_quota_first (const WeirJson *json, uint32_t item);
/* FALSE: @body is no JSON object, or a very deep or long one. */
gboolean weir_quota_parse (WeirJson *json, WeirSlice body);

/* --- what vendors answer, for the table of weir-quota-recipe.c --- */

/* weir-quota-plans.c: subscriptions with a sign-in */
void weir_quota_read_claude (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void weir_quota_read_codex (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void
weir_quota_read_codex_resets (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void weir_quota_read_copilot (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void
weir_quota_read_gemini_cli (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void
weir_quota_read_antigravity (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void weir_quota_read_kiro (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void weir_quota_read_xai (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);

/* weir-quota-keys.c: plans and balances of keys */
void weir_quota_read_kimi (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void weir_quota_read_zai (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void weir_quota_read_minimax (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void weir_quota_read_cline (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void weir_quota_read_factory (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void
weir_quota_read_openrouter (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void weir_quota_read_openrouter_key (WeirQuotaReading *out,
                                     const WeirJson *json,
                                     int64_t real_us);
void
weir_quota_read_deepseek (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void
weir_quota_read_moonshot (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
void
weir_quota_read_siliconflow (WeirQuotaReading *out, const WeirJson *json, int64_t real_us);
