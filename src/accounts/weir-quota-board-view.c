/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the board knows as faces show it. */

#include "config.h"

#include "accounts/weir-quota-board-private.h"

WeirQuotaSubject *
weir_quota_board_lookup (const WeirQuotaBoard *self, const char *name)
{
  return g_hash_table_lookup (self->subjects, name);
}

/* --- windows as they are shown --- */

void
weir_quota_view_write_id (const WeirQuotaAllowance *allowance, char *out, size_t size)
{
  g_snprintf (out, size, "%s%s%s", allowance->name, *allowance->model != '\0' ? "/" : "",
              allowance->model);
}

/* "5h" is "5 hours"; what vendors call otherwise keeps its name, with a capital. */
static void
write_name (const char *name, char *out, size_t size)
{
  static const struct
  {
    char letter;
    const char *one;
    const char *many;
  } units[] = {
    { 'd', "day", "days" },
    { 'h', "hour", "hours" },
    { 'm', "minute", "minutes" },
    { 's', "second", "seconds" },
  };
  char *end = NULL;
  const uint64_t n = g_ascii_strtoull (name, &end, 10);

  for (size_t i = 0; i < G_N_ELEMENTS (units) && end != name; i++)
    if (end[0] == units[i].letter && end[1] == '\0')
      {
        g_snprintf (out, size, "%u %s", (unsigned)n, n == 1 ? units[i].one : units[i].many);
        return;
      }
  g_strlcpy (out, name, size);
  out[0] = g_ascii_toupper (out[0]);
}

static gboolean
is_over (const WeirQuotaAllowance *allowance, int64_t real_us)
{
  return allowance->resets_at_us != 0 && allowance->resets_at_us <= real_us;
}

void
weir_quota_view_fill (WeirQuotaView *self,
                      const WeirQuotaAllowance *allowance,
                      const WeirQuotaTrack *track,
                      int64_t real_us)
{
  *self = (WeirQuotaView){ .used_percent = allowance->used_percent,
                           .is_rejected = allowance->rejected,
                           .is_brief = weir_quota_allowance_is_brief (allowance),
                           .resets_at_us = allowance->resets_at_us,
                           .length_us = allowance->length_us,
                           .source = allowance->source,
                           .read_at_us = allowance->read_at_us };
  weir_quota_view_write_id (allowance, self->id, sizeof self->id);
  write_name (allowance->name, self->name, sizeof self->name);
  g_strlcpy (self->scope, allowance->model, sizeof self->scope);
  if (is_over (allowance, real_us))
    {
      self->used_percent = WEIR_QUOTA_UNKNOWN;
      self->is_rejected = FALSE;
      self->resets_at_us = 0;
    }
  if (self->resets_at_us != 0 && self->length_us != 0)
    self->began_us = self->resets_at_us - self->length_us;
  self->pace = weir_quota_forecast_pace (self->used_percent, self->began_us,
                                         self->resets_at_us, real_us);
  if (track != NULL && self->used_percent >= 0)
    self->runs_out_us = weir_quota_forecast_run_out (
        track->samples, track->n_samples, self->length_us, self->resets_at_us, real_us);
}

WeirQuotaTrack *
weir_quota_subject_lookup_track (const WeirQuotaSubject *self, const char *id)
{
  for (unsigned i = 0; i < self->tracks->len; i++)
    {
      WeirQuotaTrack *track = g_ptr_array_index (self->tracks, i);

      if (g_ascii_strcasecmp (track->id, id) == 0)
        return track;
    }
  return NULL;
}

void
weir_quota_subject_fill_view (const WeirQuotaSubject *self,
                              unsigned at,
                              int64_t real_us,
                              WeirQuotaView *out)
{
  const WeirQuotaAllowance *allowance = &self->reading.allowances[at];
  char id[sizeof out->id];

  weir_quota_view_write_id (allowance, id, sizeof id);
  weir_quota_view_fill (out, allowance, weir_quota_subject_lookup_track (self, id),
                        real_us);
}

/* --- what is known --- */

/* Of a list: what refuses, then by the share, then what is not known, then minutes. */
static double
get_tightness (const WeirQuotaView *view)
{
  const double share = view->is_rejected ? 101 : view->used_percent;

  return view->is_brief ? share - 200 : share;
}

static int
compare_views (gconstpointer a, gconstpointer b)
{
  const WeirQuotaView *left = a;
  const WeirQuotaView *right = b;
  const double apart = get_tightness (right) - get_tightness (left);

  if (apart != 0)
    return apart < 0 ? -1 : 1;
  return strcmp (left->id, right->id);
}

unsigned
weir_quota_board_list_windows (const WeirQuotaBoard *self,
                               const char *name,
                               int64_t real_us,
                               WeirQuotaView *out,
                               unsigned max)
{
  const WeirQuotaSubject *subject = weir_quota_board_lookup (self, name);
  WeirQuotaView views[WEIR_QUOTA_ALLOWANCES_MAX];
  unsigned n = 0;

  if (subject == NULL)
    return 0;
  for (; n < subject->reading.n_allowances; n++)
    weir_quota_subject_fill_view (subject, n, real_us, &views[n]);
  qsort (views, n, sizeof *views, compare_views);
  n = MIN (n, max);
  memcpy (out, views, n * sizeof *views);
  return n;
}

unsigned
weir_quota_board_list_credits (const WeirQuotaBoard *self,
                               const char *name,
                               WeirQuotaCreditView *out,
                               unsigned max)
{
  const WeirQuotaSubject *subject = weir_quota_board_lookup (self, name);
  unsigned n = 0;

  if (subject == NULL)
    return 0;
  if (subject->reading.credits.known && n < max)
    {
      const WeirQuotaCredits *credits = &subject->reading.credits;

      out[n] = (WeirQuotaCreditView){ .id = "credits",
                                      .name = "Credits",
                                      .is_unlimited = credits->unlimited,
                                      .left = credits->left,
                                      .read_at_us = credits->read_at_us };
      g_strlcpy (out[n++].unit, credits->unit, sizeof out->unit);
    }
  if (subject->reading.resets.read_at_us != 0 && n < max)
    out[n++] = (WeirQuotaCreditView){ .id = "limit-resets",
                                      .name = "Limit resets",
                                      .left = subject->reading.resets.left,
                                      .unit = "resets",
                                      .expires_us = subject->reading.resets.expires_us,
                                      .read_at_us = subject->reading.resets.read_at_us };
  return n;
}

const char *
weir_quota_board_get_plan (const WeirQuotaBoard *self, const char *name)
{
  const WeirQuotaSubject *subject = weir_quota_board_lookup (self, name);

  return subject != NULL ? subject->reading.plan : "";
}

const char *
weir_quota_board_get_sentence (const WeirQuotaBoard *self, const char *name)
{
  const WeirQuotaSubject *subject = weir_quota_board_lookup (self, name);

  return subject != NULL ? subject->sentence : "";
}

const WeirQuotaReading *
weir_quota_board_lookup_reading (const WeirQuotaBoard *self, const char *name)
{
  const WeirQuotaSubject *subject = weir_quota_board_lookup (self, name);

  return subject != NULL ? &subject->reading : NULL;
}

/* Is @view of @name to be shown rather than @best of @best_name? */
static gboolean
is_tighter (const WeirQuotaView *view,
            const char *name,
            const WeirQuotaView *best,
            const char *best_name)
{
  if (view->is_brief || (view->used_percent < 0 && !view->is_rejected))
    return FALSE;
  if (best_name == NULL || get_tightness (view) > get_tightness (best))
    return TRUE;
  return get_tightness (view) == get_tightness (best) && strcmp (name, best_name) < 0;
}

gboolean
weir_quota_board_get_tightest (const WeirQuotaBoard *self,
                               int64_t real_us,
                               const char **out_subject,
                               WeirQuotaView *out)
{
  const char *best_name = NULL;
  WeirQuotaView best;
  GHashTableIter iter;
  WeirQuotaSubject *subject;

  g_hash_table_iter_init (&iter, self->subjects);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&subject))
    for (unsigned i = 0; !subject->is_left_out && i < subject->reading.n_allowances; i++)
      {
        WeirQuotaView view;

        weir_quota_subject_fill_view (subject, i, real_us, &view);
        if (!is_tighter (&view, subject->name, &best, best_name))
          continue;
        best = view;
        best_name = subject->name;
      }
  if (best_name == NULL)
    return FALSE;
  *out_subject = best_name;
  *out = best;
  return TRUE;
}
