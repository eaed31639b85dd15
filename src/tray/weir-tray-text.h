/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Numbers and times as a tray says them.  Pure: the time is a parameter.  All results are
 * UTF-8 and the caller's (transfer full). */

#include <glib.h>
#include <stdint.h>

/* @text in at most @max characters, its end "…" where it was cut; control characters, marks
 * that turn the direction of text, and bytes that are not UTF-8 never come out. */
char *weir_tray_text_elide (const char *text, unsigned max);

/* Texts of one row: takes @next behind @so_far (transfer full, nullable) with @divider
 * between where all of it is at most @max characters long; else leaves it away. */
char *
weir_tray_text_append (char *so_far, const char *divider, const char *next, unsigned max);

/* What is left of 100 % where @used_percent is used (0 to 100): whole numbers, and neither
 * 0 nor 100 while that is not quite true. */
int weir_tray_text_left (double used_percent);
/* The same of what is used. */
int weir_tray_text_used (double used_percent);

/* "3 d 4 h", "5 h 12 min", "42 min", "1 min"; never rounded up but to a minute; "now" where
 * it is past. */
char *weir_tray_text_countdown (int64_t until_us, int64_t now_us);
/* "14:20" of today, "Fri 09:00" within a week, else "3 Dec"; local time. */
char *weir_tray_text_clock (int64_t at_us, int64_t now_us);
/* "just now", "4 min ago", "2 h ago", "3 d ago". */
char *weir_tray_text_age (int64_t since_us, int64_t now_us);

/* "5 h" of "5 hours" or "5h", "week" of "7d": names that fit a row; others in the user's
 * language. */
char *weir_tray_text_window (const char *name);

/* @label unless it holds a mail address; else one that tells accounts apart without giving
 * it away: "w…@e… #3f", the number from @id. */
char *weir_tray_text_private (const char *label, const char *id);
