/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Durations and dates out of fields, error documents and prose.  Digits add up in a double,
 * so that no number is too long; what is beyond the cap is the cap. */

#include "config.h"

#include "providers/weir-verdict-when.h"

#include "providers/weir-verdict.h"

#include <stdio.h>

/* A bare number of at least this is a date: as a delay it would be 31 years. */
#define EPOCH_SECONDS_MIN 1e9
#define EPOCH_MS_MIN 1e11

typedef struct
{
  const char *name;
  double us;
} Unit;

/* clang-format off */
static const Unit units[] = {
  { "ns", 1e-3 },      { "us", 1 },         { "ms", 1e3 },     { "milliseconds", 1e3 },
  { "s", 1e6 },        { "sec", 1e6 },      { "secs", 1e6 },   { "second", 1e6 },
  { "seconds", 1e6 },  { "m", 60e6 },       { "min", 60e6 },   { "mins", 60e6 },
  { "minute", 60e6 },  { "minutes", 60e6 }, { "h", 3600e6 },   { "hr", 3600e6 },
  { "hrs", 3600e6 },   { "hour", 3600e6 },  { "hours", 3600e6 },
  { "d", 86400e6 },    { "day", 86400e6 },  { "days", 86400e6 },
};

/* What stands before a time in prose. */
static const char *const anchors[] = {
  "again in ", "again after ", "retry in ", "retry after ", "reset after ", "resets after ",
  "reset in ", "resets in ", "reset at ", "resets at ", "access on ", "wait ", "until ", "after ",
};

static const char *const months[] = {
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};
/* clang-format on */

static int64_t
clamp_us (double us)
{
  if (!(us > 0))
    return 0;
  if (us >= (double)WEIR_VERDICT_REST_MAX_US)
    return WEIR_VERDICT_REST_MAX_US;
  return (int64_t)us;
}

static void
skip_spaces (WeirSlice *rest)
{
  while (rest->length > 0 && *rest->text == ' ')
    {
      rest->text++;
      rest->length--;
    }
}

static unsigned
take_digits (WeirSlice *rest, double *value, double *scale)
{
  unsigned n = 0;

  for (; rest->length > 0 && g_ascii_isdigit (*rest->text); n++)
    {
      *value = *value * 10 + (*rest->text - '0');
      *scale *= 10;
      rest->text++;
      rest->length--;
    }
  return n;
}

/* Digits with a fraction; no sign, no exponent. */
static gboolean
take_number (WeirSlice *rest, double *out_number)
{
  double whole = 0;
  double fraction = 0;
  double scale = 1;

  if (take_digits (rest, &whole, &scale) == 0)
    return FALSE;
  scale = 1;
  if (rest->length > 1 && *rest->text == '.' && g_ascii_isdigit (rest->text[1]))
    {
      rest->text++;
      rest->length--;
      take_digits (rest, &fraction, &scale);
    }
  /* after some hundred digits the fraction is infinity over infinity */
  *out_number = scale < 1e300 ? whole + fraction / scale : whole;
  return TRUE;
}

/* What the word at @rest makes of a number, or 0. */
static double
take_unit (WeirSlice *rest)
{
  size_t length = 0;

  while (length < rest->length && g_ascii_isalpha (rest->text[length]))
    length++;
  for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
    if (weir_slice_equal_nocase ((WeirSlice){ rest->text, length },
                                 weir_slice_from_string (units[i].name)))
      {
        rest->text += length;
        rest->length -= length;
        return units[i].us;
      }
  return 0;
}

/* "1h 2m3.5s": numbers with units, as many as there are. */
static double
take_duration (WeirSlice *rest)
{
  WeirSlice next = *rest;
  double sum = 0;
  double number;
  double unit;

  while (take_number (&next, &number))
    {
      skip_spaces (&next);
      unit = take_unit (&next);
      if (unit == 0)
        break;
      sum += number * unit;
      *rest = next;
      skip_spaces (&next);
    }
  return sum;
}

/* @date (transfer full) (nullable), in the zone @zone_s east of UTC. */
static int64_t
count_to (GDateTime *date, int64_t zone_s, int64_t real_us)
{
  int64_t unix_s;

  if (date == NULL)
    return 0;
  unix_s = g_date_time_to_unix (date) - zone_s;
  g_date_time_unref (date);
  return clamp_us ((double)unix_s * G_USEC_PER_SEC - (double)real_us);
}

/* FALSE: there is no zone at @text. */
static gboolean
read_zone (const char *text, int64_t *out_s)
{
  int hours;
  int minutes;

  while (*text == ' ')
    text++;
  *out_s = 0;
  if (*text == 'z' || *text == 'Z' || g_ascii_strncasecmp (text, "utc", 3) == 0
      || g_ascii_strncasecmp (text, "gmt", 3) == 0)
    return TRUE;
  if ((*text != '+' && *text != '-') || sscanf (text + 1, "%2d:%2d", &hours, &minutes) != 2)
    return FALSE;
  *out_s = (hours * 60 + minutes) * (*text == '-' ? -60 : 60);
  return TRUE;
}

/* "2026-12-01T08:00:00.5Z", "2026-12-01 at 00:00 utc", whatever follows. */
static int64_t
read_iso_date (const char *text, int64_t real_us)
{
  int year;
  int month;
  int day;
  int hour;
  int minute;
  int second = 0;
  int length = 0;
  int64_t zone_s;

  if (!g_ascii_isdigit (*text)
      || sscanf (text, "%4d-%2d-%2d%n", &year, &month, &day, &length) != 3)
    return 0;
  text += length;
  text += *text == 'T' || *text == 't';
  if (g_str_has_prefix (text, " at "))
    text += 3;
  length = 0;
  if (sscanf (text, "%2d:%2d%n", &hour, &minute, &length) != 2)
    return 0;
  text += length;
  length = 0;
  if (sscanf (text, ":%2d%n", &second, &length) == 1)
    text += length;
  if (*text == '.')
    text += strspn (text, ".0123456789");
  if (!read_zone (text, &zone_s))
    return 0;
  return count_to (g_date_time_new_utc (year, month, day, hour, minute, second), zone_s,
                   real_us);
}

/* RFC 9110, 5.6.7: IMF-fixdate only. */
static int64_t
read_http_date (const char *text, int64_t real_us)
{
  int day;
  char name[4] = "";
  int year;
  int hour;
  int minute;
  int second;

  if (sscanf (text, "%*3[A-Za-z], %2d %3s %4d %2d:%2d:%2d GMT", &day, name, &year, &hour,
              &minute, &second)
      != 6)
    return 0;
  for (int i = 0; i < 12; i++)
    if (g_ascii_strcasecmp (name, months[i]) == 0)
      return count_to (g_date_time_new_utc (year, i + 1, day, hour, minute, second), 0,
                       real_us);
  return 0;
}

/* Dates are short: what is longer is none. */
static void
copy_head (WeirSlice text, char *copy, size_t size)
{
  size_t length = MIN (text.length, size - 1);

  if (length > 0)
    memcpy (copy, text.text, length);
  copy[length] = '\0';
}

int64_t
weir_when_read (WeirSlice text, int64_t real_us)
{
  WeirSlice rest = text;
  char copy[64];
  double number;
  double us;
  int64_t date_us;

  skip_spaces (&rest);
  copy_head (rest, copy, sizeof copy);
  us = take_duration (&rest);
  skip_spaces (&rest);
  if (us > 0 && rest.length == 0)
    return clamp_us (us);
  rest = text;
  skip_spaces (&rest);
  if (take_number (&rest, &number) && rest.length == 0)
    {
      if (number >= EPOCH_MS_MIN)
        return clamp_us (number * 1e3 - (double)real_us);
      if (number >= EPOCH_SECONDS_MIN)
        return clamp_us (number * 1e6 - (double)real_us);
      return clamp_us (number * 1e6);
    }
  date_us = read_iso_date (copy, real_us);
  return date_us != 0 ? date_us : read_http_date (copy, real_us);
}

int64_t
weir_when_read_ms (WeirSlice text)
{
  double number;

  skip_spaces (&text);
  return take_number (&text, &number) && text.length == 0 ? clamp_us (number * 1e3) : 0;
}

/* The time behind one of the places where @anchor stands. */
static int64_t
find_behind (WeirSlice prose, const char *anchor, int64_t real_us)
{
  const size_t length = strlen (anchor);
  const char *found;

  while ((found = memmem (prose.text, prose.length, anchor, length)) != NULL)
    {
      char copy[64];
      int64_t us;

      prose.length -= (size_t)(found + length - prose.text);
      prose.text = found + length;
      if (weir_slice_has_prefix (prose, WEIR_SLICE ("about ")))
        prose = (WeirSlice){ prose.text + 6, prose.length - 6 };
      copy_head (prose, copy, sizeof copy);
      us = clamp_us (take_duration (&(WeirSlice){ prose.text, prose.length }));
      if (us == 0)
        us = read_iso_date (copy, real_us);
      if (us != 0)
        return us;
    }
  return 0;
}

int64_t
weir_when_find (WeirSlice prose, int64_t real_us)
{
  for (size_t i = 0; i < G_N_ELEMENTS (anchors) && prose.length > 0; i++)
    {
      const int64_t us = find_behind (prose, anchors[i], real_us);

      if (us != 0)
        return us;
    }
  return 0;
}

int64_t
weir_when_get_pacific_midnight (int64_t real_us)
{
  const int64_t hour_us = (int64_t)3600 * G_USEC_PER_SEC;
  const int64_t since_us = (MAX (real_us, 0) + 16 * hour_us) % (24 * hour_us);

  return 24 * hour_us - since_us; /* midnight is 08:00 UTC in winter */
}
