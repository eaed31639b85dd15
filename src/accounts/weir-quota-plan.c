/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is remembered of each subject, and from that the time when it is due: always
 * computed anew, so that no event has to think of what others had planned. */

#include "config.h"

#include "accounts/weir-quota-plan.h"

#define NEVER_US (INT64_MIN / 4)
#define MINUTES(n) ((n)*G_TIME_SPAN_MINUTE)
#define HOURS(n) ((n)*G_TIME_SPAN_HOUR)

#define LATELY_US MINUTES (30)
#define TODAY_US HOURS (4)
/* A reset of which the user need not hear at once. */
#define CYCLE_US HOURS (12)
/* What answers tell by the way is not all: they put an asking off no longer. */
#define PASSIVE_US MINUTES (45)
#define SOON_US (3 * G_TIME_SPAN_SECOND)
#define SPREAD_US (10 * G_TIME_SPAN_SECOND)
#define EDGE_US (5 * G_TIME_SPAN_SECOND)
#define EDGE_SPREAD_US (25 * G_TIME_SPAN_SECOND)
#define HOLD_US MINUTES (1)
#define CHANCE_PART 0.1

typedef enum
{
  OPEN,
  NEEDS_SIGN_IN,
  FORBIDDEN,
} Standing;

typedef struct
{
  char *name; /* (owned) */
  gboolean is_on;
  gboolean is_asking;
  gboolean is_wished;
  Standing standing;
  unsigned failures; /* in a row */
  int64_t added_us;
  int64_t asked_us;      /* sent last */
  int64_t before_us;     /* sent the time before */
  int64_t heard_us;      /* read last because it was asked */
  int64_t read_us;       /* read last, however */
  int64_t used_us;       /* by a client */
  int64_t resets_at_us;  /* INT64_MAX: not known */
  int64_t not_before_us; /* of failures; a wish goes before it */
  int64_t retry_at_us;   /* stated by the vendor, or nothing was sent: for wishes, too */
  double chance;         /* 0 to 1 */
} Subject;

struct _WeirQuotaPlan
{
  GHashTable *subjects; /* (owned) of Subject by name, also those that are not on */
  WeirQuotaConditions conditions;
  int64_t online_us; /* when the network came back */
  GRand *chance;     /* (owned) */
};

typedef struct
{
  int64_t first_us;
  int64_t most_us;
} Backoff;

static const Backoff backoffs[WEIR_QUOTA_OUTCOME_LAST] = {
  [WEIR_QUOTA_LIMITED] = { MINUTES (10), HOURS (4) },
  [WEIR_QUOTA_UNAVAILABLE] = { MINUTES (5), HOURS (1) },
  [WEIR_QUOTA_UNREADABLE] = { HOURS (1), HOURS (24) },
};

static void
subject_free (gpointer data)
{
  Subject *self = data;

  g_free (self->name);
  g_free (self);
}

WeirQuotaPlan *
weir_quota_plan_new (uint32_t seed)
{
  WeirQuotaPlan *self = g_new0 (WeirQuotaPlan, 1);

  self->subjects = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, subject_free);
  self->chance = g_rand_new_with_seed (seed);
  self->online_us = NEVER_US;
  return self;
}

void
weir_quota_plan_free (WeirQuotaPlan *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->subjects);
  g_rand_free (self->chance);
  g_free (self);
}

/* --- who --- */

static Subject *
lookup (const WeirQuotaPlan *self, const char *name)
{
  return g_hash_table_lookup (self->subjects, name);
}

static Subject *
make_subject (WeirQuotaPlan *self, const char *name)
{
  Subject *subject = g_new0 (Subject, 1);

  subject->name = g_strdup (name);
  subject->asked_us = subject->before_us = subject->heard_us = subject->read_us
      = subject->used_us = NEVER_US;
  subject->not_before_us = subject->retry_at_us = NEVER_US;
  subject->resets_at_us = INT64_MAX;
  subject->chance = g_rand_double (self->chance);
  g_hash_table_insert (self->subjects, subject->name, subject);
  return subject;
}

static gboolean
is_forgettable (gpointer name, gpointer value, gpointer user_data)
{
  const Subject *subject = value;
  const int64_t *now_us = user_data;

  return !subject->is_on && *now_us - subject->asked_us >= WEIR_QUOTA_FLOOR_US;
}

void
weir_quota_plan_add (WeirQuotaPlan *self, const char *name, int64_t now_us)
{
  Subject *subject = lookup (self, name);

  if (subject != NULL && subject->is_on)
    return;
  g_hash_table_foreach_remove (self->subjects, is_forgettable, &now_us);
  subject = lookup (self, name);
  if (subject == NULL)
    subject = make_subject (self, name);
  subject->is_on = TRUE;
  subject->added_us = now_us;
}

void
weir_quota_plan_remove (WeirQuotaPlan *self, const char *name)
{
  Subject *subject = lookup (self, name);

  if (subject == NULL)
    return;
  subject->is_on = subject->is_asking = subject->is_wished = FALSE;
  subject->standing = OPEN;
  subject->failures = 0;
  subject->heard_us = subject->read_us = subject->used_us = NEVER_US;
  subject->not_before_us = NEVER_US;
  subject->resets_at_us = INT64_MAX;
}

gboolean
weir_quota_plan_has (const WeirQuotaPlan *self, const char *name)
{
  const Subject *subject = lookup (self, name);

  return subject != NULL && subject->is_on;
}

/* --- what happens --- */

void
weir_quota_plan_set_conditions (WeirQuotaPlan *self,
                                const WeirQuotaConditions *conditions,
                                int64_t now_us)
{
  if (self->conditions.is_offline && !conditions->is_offline)
    self->online_us = now_us;
  self->conditions = *conditions;
}

void
weir_quota_plan_note_use (WeirQuotaPlan *self, const char *name, int64_t now_us)
{
  Subject *subject = lookup (self, name);

  if (subject != NULL)
    subject->used_us = now_us;
}

void
weir_quota_plan_note_reading (WeirQuotaPlan *self,
                              const char *name,
                              int64_t resets_at_us,
                              int64_t now_us)
{
  Subject *subject = lookup (self, name);

  if (subject == NULL)
    return;
  subject->read_us = now_us;
  subject->resets_at_us = resets_at_us;
}

static gboolean
wish_one (Subject *subject)
{
  if (!subject->is_on || subject->standing == NEEDS_SIGN_IN)
    return FALSE;
  if (!subject->is_asking)
    subject->is_wished = TRUE;
  return TRUE;
}

unsigned
weir_quota_plan_wish (WeirQuotaPlan *self, const char *name, int64_t now_us)
{
  Subject *subject = name != NULL ? lookup (self, name) : NULL;
  unsigned n = 0;
  GHashTableIter iter;

  if (name != NULL)
    return subject != NULL && wish_one (subject) ? 1 : 0;
  g_hash_table_iter_init (&iter, self->subjects);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&subject))
    n += wish_one (subject) ? 1 : 0;
  return n;
}

void
weir_quota_plan_renew (WeirQuotaPlan *self, const char *name, int64_t now_us)
{
  Subject *subject = lookup (self, name);

  if (subject == NULL || subject->standing == OPEN)
    return;
  subject->standing = OPEN;
  subject->failures = 0;
  subject->not_before_us = NEVER_US;
  subject->is_wished = TRUE;
}

void
weir_quota_plan_begin (WeirQuotaPlan *self, const char *name, int64_t now_us)
{
  Subject *subject = lookup (self, name);

  if (subject == NULL)
    return;
  if (!subject->is_asking)
    subject->before_us = subject->asked_us;
  subject->is_asking = TRUE;
  subject->is_wished = FALSE;
  subject->asked_us = now_us;
  subject->chance = g_rand_double (self->chance);
}

static void
back_off (Subject *subject, WeirQuotaOutcome outcome, int64_t now_us)
{
  const Backoff *backoff = &backoffs[outcome];
  int64_t delay_us = backoff->first_us;

  for (unsigned i = 1; i < subject->failures && delay_us < backoff->most_us; i++)
    delay_us *= 2;
  delay_us = MIN (delay_us, backoff->most_us);
  delay_us += (int64_t)((double)delay_us * CHANCE_PART * subject->chance);
  subject->not_before_us = now_us + delay_us;
}

void
weir_quota_plan_end (WeirQuotaPlan *self,
                     const char *name,
                     WeirQuotaOutcome outcome,
                     int64_t resets_at_us,
                     int64_t retry_us,
                     int64_t now_us)
{
  Subject *subject = lookup (self, name);

  if (subject == NULL || !subject->is_asking)
    return;
  subject->is_asking = FALSE;
  subject->failures = outcome == WEIR_QUOTA_READ ? 0 : subject->failures + 1;
  if (retry_us > 0)
    subject->retry_at_us = now_us + MIN (retry_us, HOURS (24));
  switch (outcome)
    {
    case WEIR_QUOTA_READ:
      subject->standing = OPEN;
      subject->not_before_us = NEVER_US;
      subject->heard_us = subject->read_us = now_us;
      subject->resets_at_us = resets_at_us;
      break;
    case WEIR_QUOTA_SIGN_IN:
      subject->standing = NEEDS_SIGN_IN;
      break;
    case WEIR_QUOTA_FORBIDDEN:
      subject->standing = FORBIDDEN;
      break;
    case WEIR_QUOTA_LIMITED:
    case WEIR_QUOTA_UNAVAILABLE:
    case WEIR_QUOTA_UNREADABLE:
      back_off (subject, outcome, now_us);
      break;
    case WEIR_QUOTA_OUTCOME_LAST:
      g_assert_not_reached ();
    }
}

void
weir_quota_plan_give_up (WeirQuotaPlan *self, const char *name, int64_t now_us)
{
  Subject *subject = lookup (self, name);

  if (subject == NULL || !subject->is_asking)
    return;
  subject->is_asking = FALSE;
  subject->asked_us = subject->before_us;
  subject->retry_at_us = MAX (subject->retry_at_us, now_us + HOLD_US);
}

/* --- what to do --- */

static gboolean
is_sparing (const WeirQuotaPlan *self)
{
  return self->conditions.saves_power || self->conditions.is_metered;
}

/* INT64_MAX: it is not asked for the sake of time. */
static int64_t
get_interval (const WeirQuotaPlan *self, const Subject *subject, int64_t now_us)
{
  const int64_t unused_us = now_us - subject->used_us;
  const gboolean is_watched = self->conditions.is_watched;

  if (is_sparing (self))
    return is_watched || unused_us < LATELY_US ? MINUTES (30) : INT64_MAX;
  if (is_watched)
    return unused_us < LATELY_US ? WEIR_QUOTA_FLOOR_US : MINUTES (15);
  if (unused_us < LATELY_US)
    return MINUTES (15);
  return unused_us < TODAY_US ? MINUTES (30) : HOURS (2);
}

static int64_t
get_turn (const Subject *subject, int64_t interval_us)
{
  int64_t base_us
      = MIN (subject->read_us, MAX (subject->heard_us, subject->added_us) + PASSIVE_US);

  if (interval_us == INT64_MAX)
    return INT64_MAX;
  if (subject->read_us == NEVER_US)
    return subject->added_us + SOON_US + (int64_t)(SPREAD_US * subject->chance);
  if (subject->failures > 0)
    base_us = MAX (base_us, subject->asked_us);
  return base_us + interval_us
         + (int64_t)((double)interval_us * CHANCE_PART * subject->chance);
}

/* Would anybody like to know at once that it is there again? */
static gboolean
does_edge_matter (const WeirQuotaPlan *self, const Subject *subject, int64_t now_us)
{
  if (self->conditions.is_watched)
    return TRUE;
  if (is_sparing (self))
    return now_us - subject->used_us < LATELY_US;
  return subject->resets_at_us - subject->used_us < CYCLE_US;
}

static int64_t
get_edge (const WeirQuotaPlan *self, const Subject *subject, int64_t now_us)
{
  if (subject->resets_at_us == INT64_MAX || subject->read_us >= subject->resets_at_us
      || subject->asked_us >= subject->resets_at_us
      || !does_edge_matter (self, subject, now_us))
    return INT64_MAX;
  return subject->resets_at_us + EDGE_US + (int64_t)(EDGE_SPREAD_US * subject->chance);
}

/* INT64_MAX: not before something happens. */
static int64_t
get_due (const WeirQuotaPlan *self, const Subject *subject, int64_t now_us)
{
  int64_t due_us;

  if (!subject->is_on || subject->is_asking || subject->standing == NEEDS_SIGN_IN
      || (!subject->is_wished
          && (self->conditions.is_offline || subject->standing == FORBIDDEN)))
    return INT64_MAX;
  if (subject->is_wished)
    due_us = NEVER_US;
  else
    {
      due_us = MIN (get_turn (subject, get_interval (self, subject, now_us)),
                    get_edge (self, subject, now_us));
      if (due_us == INT64_MAX)
        return INT64_MAX;
      due_us = MAX (due_us, subject->not_before_us);
      due_us = MAX (due_us,
                    self->online_us + SOON_US + (int64_t)(SPREAD_US * subject->chance));
    }
  due_us = MAX (due_us, subject->asked_us + WEIR_QUOTA_FLOOR_US);
  return MAX (due_us, subject->retry_at_us);
}

const char *
weir_quota_plan_next (const WeirQuotaPlan *self, int64_t now_us, int64_t *out_due_us)
{
  const Subject *best = NULL;
  const Subject *subject;
  GHashTableIter iter;

  *out_due_us = INT64_MAX;
  g_hash_table_iter_init (&iter, self->subjects);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&subject))
    {
      const int64_t due_us = get_due (self, subject, now_us);

      if (due_us == INT64_MAX || due_us > *out_due_us
          || (due_us == *out_due_us && best != NULL
              && strcmp (subject->name, best->name) > 0))
        continue;
      best = subject;
      *out_due_us = due_us;
    }
  return best != NULL ? best->name : NULL;
}
