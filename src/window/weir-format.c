/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Texts for numbers and times.  A thin space stands nowhere: screen readers stumble on it.
 */

#include "config.h"

#include "window/weir-format.h"

#include <glib/gi18n.h>
#include <string.h>

#define SECOND ((int64_t)G_USEC_PER_SEC)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

char *
weir_format_percent (double percent)
{
  if (percent < 0)
    return g_strdup ("?");
  /* Translators: how much of a limit is used. */
  return g_strdup_printf (_ ("%d %%"), (int)(CLAMP (percent, 0, 100) + 0.5));
}

char *
weir_format_span (int64_t span_us)
{
  /* Shown for minutes on end: what is left over is not cut off but rounded. */
  int minutes = (int)((span_us + MINUTE / 2) / MINUTE);

  if (span_us < MINUTE)
    return g_strdup (_ ("under a minute"));
  if (minutes < 60)
    return g_strdup_printf (_ ("%d min"), minutes);
  if (minutes < 24 * 60)
    return g_strdup_printf (_ ("%d h %02d min"), minutes / 60, minutes % 60);
  return g_strdup_printf (_ ("%d d %d h"), minutes / (24 * 60), minutes / 60 % 24);
}

char *
weir_format_moment (int64_t moment_us, int64_t now_us)
{
  g_autoptr (GDateTime) moment = g_date_time_new_from_unix_local (moment_us / SECOND);
  int64_t distance_us = ABS (moment_us - now_us);

  if (moment == NULL)
    return g_strdup ("?");
  if (distance_us < DAY)
    return g_date_time_format (moment, "%H:%M");
  if (distance_us < 6 * DAY)
    /* Translators: a moment of the next days, "Fri 09:00"; see g_date_time_format. */
    return g_date_time_format (moment, _ ("%a %H:%M"));
  /* Translators: a day of the next weeks, "1 Oct"; see g_date_time_format. */
  return g_date_time_format (moment, _ ("%-d %b"));
}

char *
weir_format_reset (int64_t resets_us, int64_t now_us, gboolean is_clock)
{
  g_autofree char *text = NULL;

  if (resets_us == 0)
    return g_strdup ("");
  if (resets_us <= now_us)
    return g_strdup (_ ("reset is due"));
  if (is_clock)
    {
      text = weir_format_moment (resets_us, now_us);
      /* Translators: %s is a moment, "14:20" or "Fri 09:00". */
      return g_strdup_printf (_ ("resets %s"), text);
    }
  text = weir_format_span (resets_us - now_us);
  /* Translators: %s is a span of time, "2 h 10 min". */
  return g_strdup_printf (_ ("resets in %s"), text);
}

char *
weir_format_age (int64_t read_us, int64_t now_us)
{
  g_autofree char *span = NULL;

  if (read_us == 0)
    return g_strdup ("");
  if (now_us - read_us < MINUTE)
    return g_strdup (_ ("updated just now"));
  span = weir_format_span (now_us - read_us);
  /* Translators: %s is a span of time, "3 min". */
  return g_strdup_printf (_ ("updated %s ago"), span);
}

/* Three digits are enough: "12.4 k", "200 k". */
static char *
format_scaled (double value, const char *unit)
{
  return g_strdup_printf ("%.*f %s", value < 99.95 ? 1 : 0, value, unit);
}

char *
weir_format_count (int64_t count)
{
  if (count < 10000)
    return g_strdup_printf ("%" G_GINT64_FORMAT, count);
  if (count < 999500)
    return format_scaled ((double)count / 1e3, C_ ("unit, thousands", "k"));
  if (count < 999500000)
    return format_scaled ((double)count / 1e6, C_ ("unit, millions", "M"));
  return format_scaled ((double)count / 1e9, C_ ("unit, thousand millions", "G"));
}

char *
weir_format_duration (int64_t span_us)
{
  if (span_us <= 0)
    return g_strdup ("");
  if (span_us < SECOND)
    return g_strdup_printf (_ ("%d ms"), (int)(span_us / 1000));
  if (span_us < MINUTE)
    return g_strdup_printf (_ ("%.1f s"), (double)span_us / SECOND);
  return g_strdup_printf (_ ("%d min %d s"), (int)(span_us / MINUTE),
                          (int)(span_us % MINUTE / SECOND));
}

/* The marks of a sentence that the address stands in are kept. */
static void
hide_word (char **word)
{
  size_t length = strlen (*word);
  g_autofree char *shown = *word;
  g_autofree char *address = NULL;

  while (length > 0 && strchr (".,;:!?)", shown[length - 1]) != NULL)
    length--;
  address = g_strndup (shown, length);
  *word = g_strdup_printf ("••••• #%02x%s", g_str_hash (address) & 0xff, shown + length);
}

char *
weir_format_private (const char *text, gboolean is_hidden)
{
  g_auto (GStrv) words = NULL;

  if (!is_hidden || strchr (text, '@') == NULL)
    return g_strdup (text);
  words = g_strsplit (text, " ", -1);
  for (char **word = words; *word != NULL; word++)
    if (strchr (*word, '@') != NULL)
      hide_word (word);
  return g_strjoinv (" ", words);
}

double
weir_format_elapsed (int64_t began_us, int64_t ends_us, int64_t now_us)
{
  if (began_us == 0 || ends_us <= began_us)
    return -1;
  return CLAMP ((double)(now_us - began_us) / (double)(ends_us - began_us), 0.0, 1.0);
}
