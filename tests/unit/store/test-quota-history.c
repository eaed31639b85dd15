/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What comes back after a restart, what is kept how long, and that a broken file costs
 * nothing but what was in it. */

#include "config.h"

#include "store/weir-quota-history.h"

#include "state-fixture.h"

#include "base/weir-clock.h"
#include "store/weir-quota-history-file.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define MINUTE ((int64_t)G_TIME_SPAN_MINUTE)
#define HOUR ((int64_t)G_TIME_SPAN_HOUR)
#define DAY ((int64_t)G_TIME_SPAN_DAY)

typedef struct
{
  WeirQuotaHistory *history; /* (owned) */
  GHashTable *readings;      /* (owned) of WeirQuotaReading by subject */
  GPtrArray *notices;        /* (owned) of char * */
  GArray *samples;           /* (owned) (nullable) */
  gboolean is_answered;
} Run;

static void
on_loaded (const char *subject, const WeirQuotaReading *reading, gpointer user_data)
{
  Run *run = user_data;

  g_hash_table_insert (run->readings, g_strdup (subject),
                       g_memdup2 (reading, sizeof *reading));
}

static void
on_notice (const char *text, gpointer user_data)
{
  Run *run = user_data;

  g_test_message ("%s", text);
  g_ptr_array_add (run->notices, g_strdup (text));
}

static void
queried_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *run = user_data;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&run->samples, g_array_unref);
  run->samples = weir_quota_history_query_finish (result, &error);
  g_assert_no_error (error);
  run->is_answered = TRUE;
}

/* Everything that was put before is written, and what was loaded is told. */
static void
query (Run *run, const char *subject, const char *window, int64_t since_us)
{
  run->is_answered = FALSE;
  weir_quota_history_query (run->history, subject, window, since_us, NULL, queried_cb, run);
  while (!run->is_answered)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
run_begin (Run *run, const Place *place)
{
  static const WeirQuotaHistoryFuncs funcs = { on_loaded, on_notice };

  *run = (Run){ .readings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
                .notices = g_ptr_array_new_with_free_func (g_free) };
  run->history = weir_quota_history_new (place->path, &funcs, run);
}

static void
run_clear (Run *run)
{
  weir_quota_history_free (run->history);
  g_clear_pointer (&run->readings, g_hash_table_unref);
  g_clear_pointer (&run->notices, g_ptr_array_unref);
  g_clear_pointer (&run->samples, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static void
add_window (WeirQuotaReading *reading,
            const char *name,
            const char *model,
            double used,
            int64_t at_us)
{
  WeirQuotaAllowance *allowance = &reading->allowances[reading->n_allowances++];

  *allowance = (WeirQuotaAllowance){ .used_percent = used,
                                     .resets_at_us = at_us + HOUR,
                                     .length_us = 5 * HOUR,
                                     .source = WEIR_QUOTA_FROM_USAGE,
                                     .read_at_us = at_us };
  g_strlcpy (allowance->name, name, sizeof allowance->name);
  g_strlcpy (allowance->model, model, sizeof allowance->model);
}

static void
put (Run *run, const char *subject, double used, int64_t at_us)
{
  WeirQuotaReading reading = { 0 };

  add_window (&reading, "5h", "", used, at_us);
  weir_quota_history_put (run->history, subject, &reading);
}

static void
test_who_remembers_nothing_has_no_file (Place *place, gconstpointer data)
{
  {
    g_auto (Run) run = { 0 };

    run_begin (&run, place);
    query (&run, "a", "5h", 0);
    g_assert_cmpuint (run.samples->len, ==, 0);
    g_assert_cmpuint (run.notices->len, ==, 0);
  }
  g_assert_cmpuint (place_count (place, ""), ==, 0);
}

static void
test_the_last_reading_comes_back (Place *place, gconstpointer data)
{
  const int64_t now_us = weir_clock_real_us ();
  WeirQuotaReading reading
      = { .credits = { .known = TRUE, .left = -2.5, .unit = "USD", .read_at_us = now_us },
          .plan = "max",
          .plan_read_at_us = now_us };
  g_auto (Run) second = { 0 };
  const WeirQuotaReading *back;
  struct stat info;

  add_window (&reading, "7d", "", WEIR_QUOTA_UNKNOWN, now_us);
  add_window (&reading, "5h", "", 47.25, now_us);
  add_window (&reading, "7d", "Sonnet", 3, now_us);
  reading.allowances[0].rejected = TRUE;
  {
    g_auto (Run) run = { 0 };

    run_begin (&run, place);
    put (&run, "a", 99, now_us - MINUTE);
    weir_quota_history_put (run.history, "a", &reading);
    put (&run, "b", 1, now_us);
    weir_quota_history_forget (run.history, "b");
    put (&run, "c", 1, now_us);
  }
  g_assert_cmpint (stat (place->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  run_begin (&second, place);
  query (&second, "a", "7d/Sonnet", 0);
  g_assert_cmpuint (second.notices->len, ==, 0);
  g_assert_cmpuint (g_hash_table_size (second.readings), ==, 2);
  back = g_hash_table_lookup (second.readings, "a");
  g_assert_nonnull (back);
  g_assert_cmpuint (back->n_allowances, ==, 3);
  for (unsigned i = 0; i < 3; i++)
    {
      g_assert_cmpstr (back->allowances[i].name, ==, reading.allowances[i].name);
      g_assert_cmpstr (back->allowances[i].model, ==, reading.allowances[i].model);
      g_assert_cmpfloat (back->allowances[i].used_percent, ==,
                         reading.allowances[i].used_percent);
      g_assert_cmpint (back->allowances[i].resets_at_us, ==,
                       reading.allowances[i].resets_at_us);
      g_assert_cmpint (back->allowances[i].rejected, ==, reading.allowances[i].rejected);
    }
  g_assert_cmpfloat (back->credits.left, ==, -2.5);
  g_assert_cmpstr (back->credits.unit, ==, "USD");
  g_assert_cmpstr (back->plan, ==, "max");
  g_assert_cmpuint (second.samples->len, ==, 1);
}

static const WeirQuotaHistorySample *
get_sample (const Run *run, unsigned at)
{
  return &g_array_index (run->samples, WeirQuotaHistorySample, at);
}

static void
test_one_sample_in_five_minutes (Place *place, gconstpointer data)
{
  const int64_t start_us = weir_clock_real_us () / (5 * MINUTE) * (5 * MINUTE) - HOUR;
  g_auto (Run) run = { 0 };

  run_begin (&run, place);
  for (unsigned minute = 0; minute < 60; minute++)
    put (&run, "a", minute, start_us + minute * MINUTE);
  put (&run, "a", WEIR_QUOTA_UNKNOWN, start_us + HOUR);
  query (&run, "a", "5h", 0);
  g_assert_cmpuint (run.samples->len, ==, 12);
  for (unsigned i = 0; i < 12; i++)
    {
      g_assert_cmpfloat (get_sample (&run, i)->used_percent, ==, 5 * i + 4);
      g_assert_cmpint (get_sample (&run, i)->at_us, ==, start_us + (5 * i + 4) * MINUTE);
    }
  query (&run, "a", "5h", start_us + 50 * MINUTE);
  g_assert_cmpuint (run.samples->len, ==, 2);
  query (&run, "a", "7d", 0);
  g_assert_cmpuint (run.samples->len, ==, 0);
  query (&run, "b", "5h", 0);
  g_assert_cmpuint (run.samples->len, ==, 0);
}

/* A minute's requests are not worth a line. */
static void
test_brief_windows_leave_no_sample (Place *place, gconstpointer data)
{
  WeirQuotaReading reading = { 0 };
  g_auto (Run) run = { 0 };

  add_window (&reading, "requests", "", 50, weir_clock_real_us ());
  reading.allowances[0].length_us = MINUTE;
  run_begin (&run, place);
  weir_quota_history_put (run.history, "a", &reading);
  query (&run, "a", "requests", 0);
  g_assert_cmpuint (run.samples->len, ==, 0);
}

static void
test_the_past_is_thinned (Place *place, gconstpointer data)
{
  const int64_t now_us = NOW_REAL_US / (60 * MINUTE) * (60 * MINUTE);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirQuotaHistoryFile) file
      = weir_quota_history_file_open (place->path, NULL, &error);
  g_autoptr (GArray) samples = NULL;

  g_assert_no_error (error);
  g_assert_true (weir_quota_history_file_begin (file, &error));
  for (int64_t at_us = now_us - 70 * DAY; at_us <= now_us; at_us += 5 * MINUTE)
    {
      WeirQuotaReading reading = { 0 };

      add_window (&reading, "5h", "", 7, at_us);
      g_assert_true (weir_quota_history_file_put (file, "a", &reading, &error));
    }
  g_assert_true (weir_quota_history_file_thin (file, now_us, &error));
  g_assert_true (weir_quota_history_file_commit (file, &error));
  samples = weir_quota_history_file_query (file, "a", "5h", 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (samples->len, >=, 58 * 24 + 2 * 288 - 2);
  g_assert_cmpuint (samples->len, <=, 58 * 24 + 2 * 288 + 2);
  for (unsigned i = 1; i < samples->len; i++)
    g_assert_cmpint (g_array_index (samples, WeirQuotaHistorySample, i - 1).at_us, <,
                     g_array_index (samples, WeirQuotaHistorySample, i).at_us);
}

static void
test_a_broken_file_is_set_aside (Place *place, gconstpointer data)
{
  const int64_t now_us = weir_clock_real_us ();

  {
    g_auto (Run) run = { 0 };

    run_begin (&run, place);
    put (&run, "a", 50, now_us);
    query (&run, "a", "5h", 0);
    g_assert_cmpuint (run.samples->len, ==, 1);
  }
  scribble (place->path, 0, 4096);
  {
    g_auto (Run) run = { 0 };

    run_begin (&run, place);
    put (&run, "a", 51, now_us);
    query (&run, "a", "5h", 0);
    g_assert_cmpuint (g_hash_table_size (run.readings), ==, 0);
    g_assert_cmpuint (run.samples->len, ==, 1);
    g_assert_cmpuint (run.notices->len, ==, 1);
    g_assert_nonnull (strstr (g_ptr_array_index (run.notices, 0), "set aside"));
  }
  g_assert_cmpuint (place_count (place, "state.db.broken-"), >=, 1);
}

static void
test_a_folder_that_cannot_be_is_said_once (Place *place, gconstpointer data)
{
  g_auto (Run) run = { 0 };

  g_free (place->path);
  place->path = g_strdup ("/proc/nowhere/quota.db");
  run_begin (&run, place);
  for (unsigned i = 0; i < 10; i++)
    {
      put (&run, "a", 50, weir_clock_real_us ());
      query (&run, "a", "5h", 0);
      g_assert_cmpuint (run.samples->len, ==, 0);
    }
  g_assert_cmpuint (run.notices->len, ==, 1);
}

static void
test_times_that_cannot_be_are_left_out (Place *place, gconstpointer data)
{
  const int64_t now_us = weir_clock_real_us ();
  g_auto (Run) second = { 0 };
  const WeirQuotaReading *back;

  {
    WeirQuotaReading reading
        = { .credits = { .known = TRUE, .left = INFINITY, .read_at_us = now_us },
            .plan = "later",
            .plan_read_at_us = now_us + DAY };
    g_auto (Run) run = { 0 };

    add_window (&reading, "5h", "", 1, now_us + DAY);
    add_window (&reading, "7d", "", 2, now_us);
    add_window (&reading, "30d", "", 2, now_us);
    reading.allowances[2].resets_at_us = INT64_MAX;
    run_begin (&run, place);
    weir_quota_history_put (run.history, "a", &reading);
  }
  run_begin (&second, place);
  query (&second, "a", "5h", 0);
  back = g_hash_table_lookup (second.readings, "a");
  g_assert_nonnull (back);
  g_assert_cmpuint (back->n_allowances, ==, 1);
  g_assert_cmpstr (back->allowances[0].name, ==, "7d");
  g_assert_false (back->credits.known);
  g_assert_cmpstr (back->plan, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, name)                                                                    \
  g_test_add ("/quota-history/" path, Place, NULL, place_set_up, test_##name,              \
              place_tear_down)
  ADD ("who-remembers-nothing-has-no-file", who_remembers_nothing_has_no_file);
  ADD ("the-last-reading-comes-back", the_last_reading_comes_back);
  ADD ("one-sample-in-five-minutes", one_sample_in_five_minutes);
  ADD ("brief-windows-leave-no-sample", brief_windows_leave_no_sample);
  ADD ("the-past-is-thinned", the_past_is_thinned);
  ADD ("a-broken-file-is-set-aside", a_broken_file_is_set_aside);
  ADD ("a-folder-that-cannot-be-is-said-once", a_folder_that_cannot_be_is_said_once);
  ADD ("times-that-cannot-be-are-left-out", times_that_cannot_be_are_left_out);
  return g_test_run ();
}
