/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What is left of an account's allowance, whoever says so and however: one normal form, and
 * readers of what comes with answers anyway.  Pure: bytes and the time in, numbers out.
 *
 * What is not said is not known, and what makes no sense was not said: a share below 0 or
 * over 100 % (up to 105 is 100: the last request goes over the edge), a reset that is long
 * past or too far away, a number that is none.  Unknown never becomes 0 % or 100 %. */

#include "base/weir-slice.h"

#include <stdint.h>

/* Allowances of one reading; more are left out, those of models first. */
#define WEIR_QUOTA_ALLOWANCES_MAX 16
/* Header fields of one head that are looked at. */
#define WEIR_QUOTA_FIELDS_MAX 32
/* A window up to here is about how fast, not about how much: a minute's requests. */
#define WEIR_QUOTA_BRIEF_US (10 * 60 * (int64_t)G_USEC_PER_SEC)
/* of used_percent */
#define WEIR_QUOTA_UNKNOWN (-1.0)

typedef enum
{
  WEIR_QUOTA_FROM_FIELDS,  /* header fields of an answer that was asked for anyway */
  WEIR_QUOTA_FROM_REFUSAL, /* the body of a refusal */
  WEIR_QUOTA_FROM_USAGE,   /* the vendor was asked (weir-quota-recipe.h) */
  WEIR_QUOTA_SOURCE_LAST,
} WeirQuotaSource;

/* One allowance: five hours, a week, a minute's requests. */
typedef struct
{
  char name[40];  /* "5h", "7d", "requests", …; UTF-8.  With the model it names the
                     allowance:  no two of a reading are alike */
  char model[64]; /* what it is of: a model or a group of them; "": all of the account */
  double used_percent;  /* 0 to 100, or WEIR_QUOTA_UNKNOWN */
  int64_t resets_at_us; /* since 1970; 0: not known */
  int64_t length_us;    /* from reset to reset; 0: not known */
  gboolean rejected;    /* the vendor refuses because of it */
  WeirQuotaSource source;
  int64_t read_at_us; /* since 1970 */
} WeirQuotaAllowance;

typedef struct
{
  gboolean known;
  gboolean unlimited; /* then @left says nothing */
  double left;        /* may be below 0: owed */
  char unit[16];      /* "USD", "credits", …; "": not said */
  int64_t read_at_us;
} WeirQuotaCredits;

/* How often the user may have a limit reset by hand (ChatGPT). */
typedef struct
{
  unsigned left;
  int64_t expires_us; /* the first of them, since 1970; 0: not said */
  int64_t read_at_us; /* 0: nothing was said */
} WeirQuotaResets;

/* A zeroed one is a valid empty one. */
typedef struct
{
  WeirQuotaAllowance allowances[WEIR_QUOTA_ALLOWANCES_MAX];
  unsigned n_allowances;
  WeirQuotaCredits credits;
  WeirQuotaResets resets;
  char plan[40]; /* as the vendor calls it; "": not said */
  int64_t plan_read_at_us;
} WeirQuotaReading;

/* "fields", "refusal", "usage". */
const char *weir_quota_source_get_name (WeirQuotaSource source);

/* By its length, or by what was left of it when it was read. */
gboolean weir_quota_allowance_is_brief (const WeirQuotaAllowance *self);

/* Is the share of one of the allowances known, or does one refuse, or are the credits
 * or the resets known?  A reading that says none of these says nothing. */
gboolean weir_quota_reading_says_something (const WeirQuotaReading *self);

/* Takes over what @other read later than @self, or as late: allowance by allowance, the
 * credits, the resets, the plan.  What @other does not tell of is kept. */
void weir_quota_reading_merge (WeirQuotaReading *self, const WeirQuotaReading *other);

/* --- header fields of any answer --- */

typedef struct
{
  WeirSlice name;
  WeirSlice value;
} WeirQuotaField;

/* Fields picked out of a head; only n needs to be set to 0 at the start. */
typedef struct
{
  WeirQuotaField fields[WEIR_QUOTA_FIELDS_MAX]; /* (unowned) */
  unsigned n;
} WeirQuotaFields;

/* For weir_quota_fields_add. */
gboolean weir_quota_reads_field (WeirSlice name);

/* Keeps the field if it may be about quotas.  Of the fields of every answer nearly none
 * are, so most are told by their first letter and length. */
static inline void
weir_quota_fields_add (WeirQuotaFields *self, WeirSlice name, WeirSlice value)
{
  if (name.length < 16 || ((name.text[0] | 0x20) != 'a' && (name.text[0] | 0x20) != 'x')
      || self->n == WEIR_QUOTA_FIELDS_MAX || !weir_quota_reads_field (name))
    return;
  self->fields[self->n++] = (WeirQuotaField){ name, value };
}

/* Reads Anthropic's windows of a subscription and limits of a key, ChatGPT's windows, and
 * `x-ratelimit-*` of all others.  FALSE: they say nothing of use; @out is then empty. */
gboolean weir_quota_read_fields (const WeirQuotaFields *fields,
                                 int64_t real_us,
                                 WeirQuotaReading *out);

/* --- bodies of refusals --- */

/* Reads the 429 of ChatGPT and of Google's Gemini, Code Assist and Antigravity.  @model:
 * the upstream name that was asked for; Google's quotas are of models.  FALSE: @body does
 * not say that an allowance is used up; @out is then empty. */
gboolean weir_quota_read_refusal (WeirSlice body,
                                  const char *model,
                                  int64_t real_us,
                                  WeirQuotaReading *out);
