/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The normal form: the one way into a reading, where everything that makes no sense is
 * dropped, and how a later reading replaces an earlier one. */

#include "config.h"

#include "providers/weir-quota-private.h"

#include <math.h>

/* The last request goes over the edge by this much. */
#define OVERSHOOT_PERCENT 5
/* A reset that far past is our clock or theirs, not nonsense. */
#define CLOCK_SKEW_US WEIR_QUOTA_SECONDS (300)
/* No allowance lasts longer. */
#define LENGTH_MAX_US WEIR_QUOTA_DAYS (400)
#define MONEY_MAX 1e12

const char *
weir_quota_source_get_name (WeirQuotaSource source)
{
  static const char *const names[] = {
    [WEIR_QUOTA_FROM_FIELDS] = "fields",
    [WEIR_QUOTA_FROM_REFUSAL] = "refusal",
    [WEIR_QUOTA_FROM_USAGE] = "usage",
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (names) == WEIR_QUOTA_SOURCE_LAST);

  g_return_val_if_fail (source < WEIR_QUOTA_SOURCE_LAST, "");
  return names[source];
}

void
weir_quota_reading_init (WeirQuotaReading *self)
{
  self->n_allowances = 0;
  self->credits = (WeirQuotaCredits){ 0 };
  self->resets = (WeirQuotaResets){ 0 };
  self->plan[0] = '\0';
  self->plan_read_at_us = 0;
}

/* Texts of a vendor end up in menus: whole characters, and none that is not printed. */
static void
copy_text (char *out, size_t size, WeirSlice text)
{
  const char *end;

  text.length = MIN (text.length, size - 1);
  if (text.length > 0)
    memcpy (out, text.text, text.length);
  out[text.length] = '\0';
  if (!g_utf8_validate (out, -1, &end))
    out[end - out] = '\0';
  for (char *at = out; *at != '\0'; at = g_utf8_next_char (at))
    if (!g_unichar_isprint (g_utf8_get_char (at)))
      {
        *at = '\0';
        break;
      }
}

static double
clean_percent (double percent)
{
  if (!(percent >= 0 && percent <= 100 + OVERSHOOT_PERCENT))
    return WEIR_QUOTA_UNKNOWN;
  return MIN (percent, 100);
}

static int64_t
clean_length (double length_us)
{
  return length_us >= 1 && length_us <= (double)LENGTH_MAX_US ? (int64_t)length_us : 0;
}

/* Months differ, and an allowance cannot end later than one that begins now. */
static int64_t
clean_reset (double resets_at_us, int64_t length_us, int64_t real_us)
{
  const int64_t most_us
      = length_us > 0 ? length_us + length_us / 10 + CLOCK_SKEW_US : LENGTH_MAX_US;

  if (!(resets_at_us >= 1 && resets_at_us >= (double)(real_us - CLOCK_SKEW_US)
        && resets_at_us <= (double)real_us + (double)most_us))
    return 0;
  return (int64_t)resets_at_us;
}

/* "5h", "7d", "90m". */
static void
name_by_length (char *out, size_t size, int64_t length_us)
{
  static const struct
  {
    int64_t us;
    char letter;
  } units[] = {
    { WEIR_QUOTA_DAYS (1), 'd' },
    { WEIR_QUOTA_HOURS (1), 'h' },
    { WEIR_QUOTA_SECONDS (60), 'm' },
    { WEIR_QUOTA_SECONDS (1), 's' },
  };

  g_strlcpy (out, "quota", size);
  for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
    if (length_us > 0 && length_us % units[i].us == 0)
      {
        g_snprintf (out, size, "%u%c", (unsigned)(length_us / units[i].us),
                    units[i].letter);
        return;
      }
}

static WeirQuotaAllowance *
lookup (WeirQuotaReading *self, const WeirQuotaAllowance *like)
{
  for (unsigned i = 0; i < self->n_allowances; i++)
    if (strcmp (self->allowances[i].name, like->name) == 0
        && g_ascii_strcasecmp (self->allowances[i].model, like->model) == 0)
      return &self->allowances[i];
  return NULL;
}

/* Where there is no place left, one of the account takes that of the last model. */
static void
append (WeirQuotaReading *self, const WeirQuotaAllowance *allowance)
{
  if (self->n_allowances < WEIR_QUOTA_ALLOWANCES_MAX)
    {
      self->allowances[self->n_allowances++] = *allowance;
      return;
    }
  if (allowance->model[0] != '\0')
    return;
  for (unsigned i = self->n_allowances; i-- > 0;)
    if (self->allowances[i].model[0] != '\0')
      {
        self->allowances[i] = *allowance;
        return;
      }
}

static gboolean
is_scarcer (const WeirQuotaAllowance *a, const WeirQuotaAllowance *b)
{
  if (a->rejected != b->rejected)
    return a->rejected;
  return a->used_percent > b->used_percent;
}

void
weir_quota_reading_add (WeirQuotaReading *self,
                        const WeirQuotaDraft *draft,
                        WeirQuotaSource source,
                        int64_t real_us)
{
  WeirQuotaAllowance clean = { .source = source, .read_at_us = real_us };
  WeirQuotaAllowance *same;

  clean.used_percent = clean_percent (draft->used_percent);
  clean.length_us = clean_length (draft->length_us);
  clean.resets_at_us = clean_reset (draft->resets_at_us, clean.length_us, real_us);
  clean.rejected = draft->rejected;
  if (clean.used_percent < 0 && clean.resets_at_us == 0 && !clean.rejected)
    return;
  copy_text (clean.model, sizeof clean.model, draft->model);
  copy_text (clean.name, sizeof clean.name, draft->name);
  if (clean.name[0] == '\0')
    name_by_length (clean.name, sizeof clean.name, clean.length_us);
  same = lookup (self, &clean);
  if (same == NULL)
    append (self, &clean);
  else if (is_scarcer (&clean, same))
    *same = clean;
}

void
weir_quota_reading_set_credits (WeirQuotaReading *self,
                                double left,
                                WeirSlice unit,
                                int64_t real_us)
{
  if (!(fabs (left) <= MONEY_MAX))
    return;
  self->credits = (WeirQuotaCredits){ .known = TRUE, .left = left, .read_at_us = real_us };
  copy_text (self->credits.unit, sizeof self->credits.unit, unit);
}

void
weir_quota_reading_set_unlimited (WeirQuotaReading *self, int64_t real_us)
{
  self->credits
      = (WeirQuotaCredits){ .known = TRUE, .unlimited = TRUE, .read_at_us = real_us };
}

void
weir_quota_reading_set_plan (WeirQuotaReading *self, WeirSlice plan, int64_t real_us)
{
  copy_text (self->plan, sizeof self->plan, plan);
  self->plan_read_at_us = self->plan[0] != '\0' ? real_us : 0;
}

gboolean
weir_quota_allowance_is_brief (const WeirQuotaAllowance *self)
{
  const int64_t left_us
      = self->resets_at_us != 0 ? self->resets_at_us - self->read_at_us : INT64_MAX;

  return (self->length_us != 0 ? self->length_us : left_us) <= WEIR_QUOTA_BRIEF_US;
}

gboolean
weir_quota_reading_says_something (const WeirQuotaReading *self)
{
  for (unsigned i = 0; i < self->n_allowances; i++)
    if (self->allowances[i].used_percent >= 0 || self->allowances[i].rejected)
      return TRUE;
  return self->credits.known || self->resets.read_at_us != 0;
}

/* A count without an end says nothing against the end that is known. */
static void
merge_resets (WeirQuotaResets *self, const WeirQuotaResets *other)
{
  const WeirQuotaResets before = *self;

  if (other->read_at_us == 0 || other->read_at_us < self->read_at_us)
    return;
  *self = *other;
  if (other->expires_us == 0 && other->left == before.left
      && before.expires_us > other->read_at_us)
    self->expires_us = before.expires_us;
}

void
weir_quota_reading_merge (WeirQuotaReading *self, const WeirQuotaReading *other)
{
  for (unsigned i = 0; i < other->n_allowances; i++)
    {
      const WeirQuotaAllowance *theirs = &other->allowances[i];
      WeirQuotaAllowance *ours = lookup (self, theirs);

      if (ours == NULL)
        append (self, theirs);
      else if (theirs->read_at_us >= ours->read_at_us)
        *ours = *theirs;
    }
  if (other->credits.known && other->credits.read_at_us >= self->credits.read_at_us)
    self->credits = other->credits;
  merge_resets (&self->resets, &other->resets);
  if (other->plan[0] == '\0' || other->plan_read_at_us < self->plan_read_at_us)
    return;
  g_strlcpy (self->plan, other->plan, sizeof self->plan);
  self->plan_read_at_us = other->plan_read_at_us;
}
