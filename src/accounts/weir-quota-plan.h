/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Whom to ask next what is left, and when.  Pure: what happens comes in, "ask this one at
 * that time" goes out; the caller has the timer and the network.  Times are those of
 * weir_clock_now_us, unless a name says real.
 *
 * Answers that pass through the proxy tell most of it for nothing, so little is asked:
 *
 *   a face is open, and it is used      every 5 minutes
 *   a face is open                      every 15 minutes
 *   it was used in the last half hour   every 15 minutes
 *   it was used in the last four hours  every 30 minutes
 *   else                                every two hours
 *   behind each reset that is known     a few seconds later, if it was used or looked at in
 *                                       the cycle
 *
 * counted from the last reading, asked for or not.  On battery saver or a metered network
 * only what is looked at, or was used in the last half hour, is asked, every 30 minutes.
 * Without a network only who is wished for is.  A little chance is added to each time, so
 * that many programs do not ask as one.
 *
 * Two askings of one subject are never less than WEIR_QUOTA_FLOOR_US apart, whatever
 * happens: also not for the user's own wish, which otherwise goes before all of the above.
 */

#include "providers/weir-quota-recipe.h"

typedef struct _WeirQuotaPlan WeirQuotaPlan;

/* @seed: of the chance in it; the same one makes the same plan. */
WeirQuotaPlan *weir_quota_plan_new (uint32_t seed);
void weir_quota_plan_free (WeirQuotaPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirQuotaPlan, weir_quota_plan_free)

/* --- who --- */

/* From now on @subject is asked; nothing happens if it is already.  Its first asking is
 * soon, unless a reading is known by then. */
void weir_quota_plan_add (WeirQuotaPlan *self, const char *subject, int64_t now_us);
/* It is not asked any more.  When it was asked last is kept, for the floor. */
void weir_quota_plan_remove (WeirQuotaPlan *self, const char *subject);
gboolean weir_quota_plan_has (const WeirQuotaPlan *self, const char *subject);

/* --- what happens --- */

typedef struct
{
  gboolean is_offline;
  gboolean is_metered;
  gboolean saves_power;
  gboolean is_watched; /* a face is open that shows it */
} WeirQuotaConditions;

void weir_quota_plan_set_conditions (WeirQuotaPlan *self,
                                     const WeirQuotaConditions *conditions,
                                     int64_t now_us);
/* A request of a client was served by it. */
void weir_quota_plan_note_use (WeirQuotaPlan *self, const char *subject, int64_t now_us);
/* Something was read that nobody asked for.  @resets_at_us: the next reset, INT64_MAX: not
 * known. */
void weir_quota_plan_note_reading (WeirQuotaPlan *self,
                                   const char *subject,
                                   int64_t resets_at_us,
                                   int64_t now_us);
/* The user wants it (NULL: all of them) to be asked now.  How many will be asked for it,
 * now or behind their floor; one that is being asked counts. */
unsigned weir_quota_plan_wish (WeirQuotaPlan *self, const char *subject, int64_t now_us);
/* Its tokens are other ones now: what was refused may be taken. */
void weir_quota_plan_renew (WeirQuotaPlan *self, const char *subject, int64_t now_us);

/* It is being asked: not picked again before its outcome.  Called again when it is sent
 * later than it began (there was no token at first). */
void weir_quota_plan_begin (WeirQuotaPlan *self, const char *subject, int64_t now_us);
/* What came of it.  READ: @resets_at_us as above.  SIGN_IN: not before it is renewed.
 * FORBIDDEN: not before it is renewed or wished for.  LIMITED, UNAVAILABLE, UNREADABLE:
 * later and later, from 10 minutes, 5 minutes and an hour on, up to four hours, an hour and
 * a day; @retry_us (0: not said) later at least. */
void weir_quota_plan_end (WeirQuotaPlan *self,
                          const char *subject,
                          WeirQuotaOutcome outcome,
                          int64_t resets_at_us,
                          int64_t retry_us,
                          int64_t now_us);
/* It was not sent after all (there was no token, the network was gone): the floor does not
 * count from it, but it is not tried again for a minute. */
void weir_quota_plan_give_up (WeirQuotaPlan *self, const char *subject, int64_t now_us);

/* --- what to do --- */

/* (transfer none) (nullable), until the plan changes: whom to ask next; it is due at
 * *@out_due_us, which may be past.  NULL: nobody, until something happens; *@out_due_us is
 * INT64_MAX then. */
const char *
weir_quota_plan_next (const WeirQuotaPlan *self, int64_t now_us, int64_t *out_due_us);
