/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Numbers and times as the user reads them, in the user's language.  Pure: the time of day
 * is an argument.  Times are microseconds since 1970; all texts are (transfer full). */

#include <glib.h>
#include <stdint.h>

/* "42 %"; "?" where @percent is below 0. */
char *weir_format_percent (double percent);

/* "3 d 4 h", "2 h 10 min", "5 min", "under a minute". */
char *weir_format_span (int64_t span_us);

/* "14:20" within a day of @now_us, "Fri 09:00" within six, else "1 Oct". */
char *weir_format_moment (int64_t moment_us, int64_t now_us);

/* "resets in 2 h 10 min", or with @is_clock "resets 14:20"; "reset is due" when it is past;
 * empty where @resets_us is 0. */
char *weir_format_reset (int64_t resets_us, int64_t now_us, gboolean is_clock);

/* "updated just now", "updated 3 min ago"; empty where @read_us is 0. */
char *weir_format_age (int64_t read_us, int64_t now_us);

/* "480", "12.4 k", "1.3 M". */
char *weir_format_count (int64_t count);

/* "120 ms", "3.2 s", "2 min 5 s"; empty where @span_us is 0. */
char *weir_format_duration (int64_t span_us);

/* @text; where @is_hidden, with dots and a short mark in the place of each word that looks
 * like a mail address, or shows part of one.  Two addresses have two marks, so that they
 * can be told apart. */
char *weir_format_private (const char *text, gboolean is_hidden);

/* How far the time from @began_us to @ends_us has gone, 0.0 to 1.0; -1.0: not known. */
double weir_format_elapsed (int64_t began_us, int64_t ends_us, int64_t now_us);
