/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One reading a subject, and beside each of its windows what only time can tell: the cycle
 * that lasts, the last samples of it, and what was told of it. */

#include "config.h"

#include "accounts/weir-quota-board-private.h"

/* Samples that are closer together are one: as many are kept as a forecast looks back. */
#define SAMPLES_APART_PARTS 180
#define SAMPLES_APART_MIN_US (2 * G_TIME_SPAN_MINUTE)
#define SAMPLES_APART_MAX_US G_TIME_SPAN_HOUR
#define SAME_CYCLE_MIN_US (5 * G_TIME_SPAN_MINUTE)
#define EARLY_RESET_PERCENT 20.0
/* A vendor that says 99.6 % and rejected, or 100 % and nothing. */
#define EXHAUSTED_PERCENT 100.0

static void
subject_free (gpointer data)
{
  WeirQuotaSubject *self = data;

  g_ptr_array_unref (self->tracks);
  g_free (self->sentence);
  g_free (self->name);
  g_free (self);
}

WeirQuotaBoard *
weir_quota_board_new (void)
{
  static const double thresholds[] = { 80, 95 };
  WeirQuotaBoard *self = g_new0 (WeirQuotaBoard, 1);

  self->subjects = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, subject_free);
  weir_quota_board_set_thresholds (self, thresholds, G_N_ELEMENTS (thresholds));
  return self;
}

void
weir_quota_board_free (WeirQuotaBoard *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->subjects);
  g_free (self);
}

void
weir_quota_board_set_funcs (WeirQuotaBoard *self,
                            const WeirQuotaBoardFuncs *funcs,
                            gpointer user_data)
{
  self->funcs = *funcs;
  self->user_data = user_data;
}

void
weir_quota_board_set_thresholds (WeirQuotaBoard *self, const double *thresholds, unsigned n)
{
  g_return_if_fail (n <= WEIR_QUOTA_BOARD_THRESHOLDS_MAX);

  for (unsigned i = 0; i < n; i++)
    self->thresholds[i] = thresholds[i];
  self->n_thresholds = n;
}

static WeirQuotaSubject *
ensure_subject (WeirQuotaBoard *self, const char *name)
{
  WeirQuotaSubject *subject = weir_quota_board_lookup (self, name);

  if (subject != NULL)
    return subject;
  subject = g_new0 (WeirQuotaSubject, 1);
  subject->name = g_strdup (name);
  subject->tracks = g_ptr_array_new_with_free_func (g_free);
  subject->sentence = g_strdup ("");
  g_hash_table_insert (self->subjects, subject->name, subject);
  return subject;
}

static void
tell_changed (const WeirQuotaBoard *self, const WeirQuotaSubject *subject)
{
  if (self->funcs.changed != NULL)
    self->funcs.changed (subject->name, self->user_data);
}

/* --- cycles --- */

static void
tell (const WeirQuotaBoard *self,
      const WeirQuotaSubject *subject,
      WeirQuotaEventKind kind,
      const WeirQuotaView *window,
      double threshold)
{
  const WeirQuotaEvent event = {
    .kind = kind, .subject = subject->name, .window = window, .threshold = threshold
  };

  if (self->funcs.event != NULL)
    self->funcs.event (&event, self->user_data);
}

static void
begin_cycle (WeirQuotaTrack *track, int64_t resets_at_us)
{
  track->resets_at_us = resets_at_us;
  track->used_percent = WEIR_QUOTA_UNKNOWN;
  track->n_samples = 0;
  track->n_told = 0;
  track->is_exhaustion_told = FALSE;
}

static gboolean
is_same_cycle (const WeirQuotaTrack *track, const WeirQuotaAllowance *allowance)
{
  const int64_t apart_us = MAX (allowance->length_us / 2, SAME_CYCLE_MIN_US);

  if (track->used_percent >= 0 && allowance->used_percent >= 0
      && allowance->used_percent <= track->used_percent - EARLY_RESET_PERCENT)
    return FALSE;
  return track->resets_at_us == 0 || allowance->resets_at_us == 0
         || ABS (allowance->resets_at_us - track->resets_at_us) < apart_us;
}

static void
add_sample (WeirQuotaTrack *track, int64_t length_us, int64_t at_us, double used_percent)
{
  const int64_t apart_us
      = CLAMP (length_us / SAMPLES_APART_PARTS, SAMPLES_APART_MIN_US, SAMPLES_APART_MAX_US);

  if (track->n_samples > 1 && at_us - track->samples[track->n_samples - 2].at_us < apart_us)
    track->n_samples--;
  if (track->n_samples == WEIR_QUOTA_TRACK_SAMPLES_MAX)
    {
      memmove (track->samples, track->samples + 1,
               (WEIR_QUOTA_TRACK_SAMPLES_MAX - 1) * sizeof *track->samples);
      track->n_samples--;
    }
  track->samples[track->n_samples++]
      = (WeirQuotaSample){ .at_us = at_us, .used_percent = used_percent };
}

static unsigned
count_crossed (const WeirQuotaBoard *self, double used_percent)
{
  unsigned n = 0;

  while (n < self->n_thresholds && used_percent >= self->thresholds[n])
    n++;
  return n;
}

static void
tell_crossed (const WeirQuotaBoard *self,
              const WeirQuotaSubject *subject,
              WeirQuotaTrack *track,
              const WeirQuotaView *window,
              gboolean is_silent)
{
  const unsigned n_crossed = count_crossed (self, window->used_percent);
  const gboolean is_exhausted
      = window->is_rejected || window->used_percent >= EXHAUSTED_PERCENT;
  const gboolean is_higher = n_crossed > track->n_told && !track->is_exhaustion_told;
  const gboolean is_new_end = is_exhausted && !track->is_exhaustion_told;

  track->n_told = MAX (track->n_told, n_crossed);
  track->is_exhaustion_told |= is_exhausted;
  if (is_silent)
    return;
  if (is_new_end)
    tell (self, subject, WEIR_QUOTA_EVENT_EXHAUSTED, window, 0);
  else if (is_higher)
    tell (self, subject, WEIR_QUOTA_EVENT_THRESHOLD, window,
          self->thresholds[n_crossed - 1]);
}

static void
end_cycle (const WeirQuotaBoard *self,
           const WeirQuotaSubject *subject,
           WeirQuotaTrack *track,
           const WeirQuotaView *window,
           int64_t resets_at_us)
{
  const gboolean was_told = track->n_told > 0 || track->is_exhaustion_told;

  begin_cycle (track, resets_at_us);
  if (was_told)
    tell (self, subject, WEIR_QUOTA_EVENT_RESET, window, 0);
}

/* What @allowance, just read, makes of its window. */
static void
follow (const WeirQuotaBoard *self,
        WeirQuotaSubject *subject,
        const WeirQuotaAllowance *allowance,
        gboolean is_silent,
        int64_t real_us)
{
  WeirQuotaView view;
  WeirQuotaTrack *track;

  weir_quota_view_fill (&view, allowance, NULL, real_us);
  track = weir_quota_subject_lookup_track (subject, view.id);
  if (track == NULL)
    {
      track = g_new0 (WeirQuotaTrack, 1);
      g_strlcpy (track->id, view.id, sizeof track->id);
      begin_cycle (track, allowance->resets_at_us);
      g_ptr_array_add (subject->tracks, track);
    }
  if (!is_same_cycle (track, allowance))
    end_cycle (self, subject, track, &view, allowance->resets_at_us);
  if (allowance->resets_at_us != 0)
    track->resets_at_us = allowance->resets_at_us;
  if (view.used_percent >= 0)
    {
      track->used_percent = view.used_percent;
      add_sample (track, allowance->length_us, allowance->read_at_us, view.used_percent);
    }
  if (!view.is_brief)
    tell_crossed (self, subject, track, &view, is_silent);
}

/* --- what comes in --- */

static gboolean
is_asked (const WeirQuotaReading *reading)
{
  for (unsigned i = 0; i < reading->n_allowances; i++)
    if (reading->allowances[i].source == WEIR_QUOTA_FROM_USAGE)
      return TRUE;
  return FALSE;
}

/* An answer that was asked for tells of all windows there are: those of the one before it
 * and of refusals that it leaves out are gone, and so is what nobody has told of for a day.
 */
static void
drop_gone (WeirQuotaSubject *subject, int64_t read_at_us)
{
  WeirQuotaReading *reading = &subject->reading;

  for (unsigned i = reading->n_allowances; i-- > 0;)
    {
      const WeirQuotaAllowance *allowance = &reading->allowances[i];
      const int64_t age_us = read_at_us - allowance->read_at_us;
      char id[sizeof ((WeirQuotaTrack *)NULL)->id];
      WeirQuotaTrack *track;

      if (age_us < G_TIME_SPAN_DAY
          && (age_us <= 0 || allowance->source == WEIR_QUOTA_FROM_FIELDS))
        continue;
      weir_quota_view_write_id (allowance, id, sizeof id);
      track = weir_quota_subject_lookup_track (subject, id);
      if (track != NULL)
        g_ptr_array_remove_fast (subject->tracks, track);
      reading->n_allowances--;
      memmove (&reading->allowances[i], &reading->allowances[i + 1],
               (reading->n_allowances - i) * sizeof *allowance);
    }
}

/* @reading tells of the allowance what counts now. */
static gboolean
tells (const WeirQuotaReading *reading, const WeirQuotaAllowance *allowance)
{
  for (unsigned i = 0; i < reading->n_allowances; i++)
    if (reading->allowances[i].read_at_us == allowance->read_at_us
        && strcmp (reading->allowances[i].name, allowance->name) == 0
        && g_ascii_strcasecmp (reading->allowances[i].model, allowance->model) == 0)
      return TRUE;
  return FALSE;
}

static void
take (WeirQuotaBoard *self,
      const char *name,
      const WeirQuotaReading *reading,
      gboolean is_silent,
      int64_t real_us)
{
  WeirQuotaSubject *subject = ensure_subject (self, name);

  weir_quota_reading_merge (&subject->reading, reading);
  if (is_asked (reading))
    drop_gone (subject, reading->allowances[0].read_at_us);
  for (unsigned i = 0; i < subject->reading.n_allowances; i++)
    if (tells (reading, &subject->reading.allowances[i]))
      follow (self, subject, &subject->reading.allowances[i], is_silent, real_us);
  tell_changed (self, subject);
}

void
weir_quota_board_take (WeirQuotaBoard *self,
                       const char *subject,
                       const WeirQuotaReading *reading,
                       int64_t real_us)
{
  take (self, subject, reading, FALSE, real_us);
}

void
weir_quota_board_restore (WeirQuotaBoard *self,
                          const char *subject,
                          const WeirQuotaReading *reading,
                          int64_t real_us)
{
  take (self, subject, reading, TRUE, real_us);
}

void
weir_quota_board_set_sentence (WeirQuotaBoard *self, const char *name, const char *sentence)
{
  WeirQuotaSubject *subject = ensure_subject (self, name);

  if (sentence == NULL)
    sentence = "";
  if (strcmp (subject->sentence, sentence) == 0)
    return;
  g_free (subject->sentence);
  subject->sentence = g_strdup (sentence);
  tell_changed (self, subject);
}

void
weir_quota_board_set_counts (WeirQuotaBoard *self, const char *name, gboolean counts)
{
  WeirQuotaSubject *subject = ensure_subject (self, name);

  if (subject->is_left_out == !counts)
    return;
  subject->is_left_out = !counts;
  tell_changed (self, subject);
}

void
weir_quota_board_forget (WeirQuotaBoard *self, const char *name)
{
  g_hash_table_remove (self->subjects, name);
}

/* The next reset of @subject, 0: none; ends the cycles that are over. */
static int64_t
tick_subject (const WeirQuotaBoard *self, WeirQuotaSubject *subject, int64_t real_us)
{
  int64_t next_us = 0;
  gboolean is_changed = FALSE;

  for (unsigned i = 0; i < subject->reading.n_allowances; i++)
    {
      WeirQuotaView view;
      WeirQuotaTrack *track;

      weir_quota_subject_fill_view (subject, i, real_us, &view);
      track = weir_quota_subject_lookup_track (subject, view.id);
      if (track == NULL || track->resets_at_us == 0)
        continue;
      if (track->resets_at_us > real_us)
        {
          next_us = next_us == 0 ? track->resets_at_us : MIN (next_us, track->resets_at_us);
          continue;
        }
      end_cycle (self, subject, track, &view, 0);
      is_changed = TRUE;
    }
  if (is_changed)
    tell_changed (self, subject);
  return next_us;
}

int64_t
weir_quota_board_tick (WeirQuotaBoard *self, int64_t real_us)
{
  int64_t next_us = 0;
  GHashTableIter iter;
  WeirQuotaSubject *subject;

  g_hash_table_iter_init (&iter, self->subjects);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&subject))
    {
      const int64_t at_us = tick_subject (self, subject, real_us);

      if (at_us != 0)
        next_us = next_us == 0 ? at_us : MIN (next_us, at_us);
    }
  return next_us;
}
