/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Spelling only: which text stands where is decided in weir-tray-menu and -face. */

#include "config.h"

#include "tray/weir-tray-text.h"

#include "base/weir-service-text.h"
#include "base/weir-translate.h"

#include <math.h>
#include <string.h>

#define MINUTE_US (60 * (int64_t)G_USEC_PER_SEC)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)

/* A mark that turns the direction of all that follows (Unicode 15, 23.2): in the name of an
 * account it would turn the numbers behind it. */
static gboolean
turns_text (gunichar c)
{
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

char *
weir_tray_text_elide (const char *text, unsigned max)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr (GString) out = g_string_new (NULL);
  unsigned length = 0;

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      const gunichar c = g_utf8_get_char (at);

      if (turns_text (c))
        continue;
      if (length == max)
        {
          const char *last = g_utf8_prev_char (out->str + out->len);

          g_string_truncate (out, (gsize)(last - out->str));
          g_string_set_size (out, strlen (g_strchomp (out->str)));
          g_string_append (out, "…");
          break;
        }
      g_string_append_unichar (out, g_unichar_iscntrl (c) ? ' ' : c);
      length++;
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
weir_tray_text_append (char *so_far, const char *divider, const char *next, unsigned max)
{
  g_autofree char *before = so_far;
  g_autofree char *joined = NULL;

  if (next == NULL || *next == '\0')
    return g_steal_pointer (&before);
  if (before == NULL || *before == '\0')
    return g_strdup (next);
  joined = g_strconcat (before, divider, next, NULL);
  return g_utf8_strlen (joined, -1) <= (glong)max ? g_steal_pointer (&joined)
                                                  : g_steal_pointer (&before);
}

int
weir_tray_text_used (double used_percent)
{
  const int whole = (int)lround (CLAMP (used_percent, 0.0, 100.0));

  if (whole == 0 && used_percent > 0.0)
    return 1;
  return whole == 100 && used_percent < 100.0 ? 99 : whole;
}

int
weir_tray_text_left (double used_percent)
{
  return 100 - weir_tray_text_used (used_percent);
}

char *
weir_tray_text_countdown (int64_t until_us, int64_t now_us)
{
  const int64_t left_us = until_us - now_us;
  const int days = (int)MIN (left_us / DAY_US, 9999);
  const int hours = (int)(left_us % DAY_US / HOUR_US);
  const int minutes = (int)(left_us % HOUR_US / MINUTE_US);

  if (left_us <= 0)
    return g_strdup (_ ("now"));
  if (days > 0)
    return g_strdup_printf (_ ("%d d %d h"), days, hours);
  if (hours > 0)
    return g_strdup_printf (_ ("%d h %d min"), hours, minutes);
  return g_strdup_printf (_ ("%d min"), MAX (minutes, 1));
}

char *
weir_tray_text_clock (int64_t at_us, int64_t now_us)
{
  g_autoptr (GDateTime) at = g_date_time_new_from_unix_local (at_us / G_USEC_PER_SEC);
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_local (now_us / G_USEC_PER_SEC);
  const int64_t distance_us = at_us > now_us ? at_us - now_us : now_us - at_us;

  if (at == NULL || now == NULL)
    return g_strdup ("");
  if (distance_us < DAY_US
      && g_date_time_get_day_of_month (at) == g_date_time_get_day_of_month (now))
    return g_date_time_format (at, "%H:%M");
  if (distance_us < 6 * DAY_US)
    return g_date_time_format (at, "%a %H:%M");
  return g_date_time_format (at, "%-d %b");
}

char *
weir_tray_text_age (int64_t since_us, int64_t now_us)
{
  const int64_t age_us = now_us - since_us;

  if (age_us < MINUTE_US)
    return g_strdup (_ ("just now"));
  if (age_us < HOUR_US)
    return g_strdup_printf (_ ("%d min ago"), (int)(age_us / MINUTE_US));
  if (age_us < DAY_US)
    return g_strdup_printf (_ ("%d h ago"), (int)(age_us / HOUR_US));
  return g_strdup_printf (_ ("%d d ago"), (int)MIN (age_us / DAY_US, 9999));
}

char *
weir_tray_text_window (const char *name)
{
  static const struct
  {
    const char *name;
    const char *shown;
  } known[] = {
    { "5h", N_ ("5 h") },      { "5 hours", N_ ("5 h") }, { "7d", N_ ("week") },
    { "7 days", N_ ("week") }, { "1 week", N_ ("week") }, { "Week", N_ ("week") },
    { "1d", N_ ("day") },      { "24h", N_ ("day") },     { "30d", N_ ("month") },
    { "Month", N_ ("month") },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (name, known[i].name))
      return g_strdup (_ (known[i].shown));
  return weir_service_text_dup (name);
}

char *
weir_tray_text_private (const char *label, const char *id)
{
  const char *at = strchr (label, '@');
  char first[8] = "";
  char domain[8] = "";

  if (at == NULL)
    return g_strdup (label);
  if (at > label)
    g_utf8_strncpy (first, label, 1);
  g_utf8_strncpy (domain, at + 1, 1);
  return g_strdup_printf ("%s…@%s… #%02x", first, domain, g_str_hash (id) & 0xff);
}
