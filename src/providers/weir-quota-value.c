/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Values of quotas as vendors spell them: numbers as strings, instants as seconds,
 * milliseconds or dates. */

#include "config.h"

#include "providers/weir-quota-private.h"

#include <math.h>

/* Numbers and dates are short: what is longer is none. */
#define VALUE_MAX 63u
/* A number of at least this is a date. */
#define EPOCH_SECONDS_MIN 1e9
#define EPOCH_MS_MIN 1e11
#define EPOCH_MS_MAX 1e14
#define PATH_STEP_MAX 63u

double
weir_quota_percent_of (double left, double all)
{
  return all > 0 ? 100 - 100 * left / all : (double)NAN;
}

static gboolean
copy_value (char copy[VALUE_MAX + 1], WeirSlice text)
{
  if (text.length == 0 || text.length > VALUE_MAX)
    return FALSE;
  memcpy (copy, text.text, text.length);
  copy[text.length] = '\0';
  return strlen (copy) == text.length;
}

double
weir_quota_read_number (WeirSlice text)
{
  char copy[VALUE_MAX + 1];
  char *end;
  double number;

  /* no "inf", "nan" or hexadecimal digits */
  if (!copy_value (copy, text) || strspn (copy, "+-.0123456789eE") != text.length)
    return (double)NAN;
  number = g_ascii_strtod (copy, &end);
  return end == copy + text.length && isfinite (number) ? number : (double)NAN;
}

static double
read_date (const char *text)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autofree char *with_time
      = strlen (text) == 10 ? g_strconcat (text, "T00:00:00Z", NULL) : NULL;
  g_autoptr (GDateTime) date
      = g_date_time_new_from_iso8601 (with_time != NULL ? with_time : text, utc);

  if (date == NULL)
    return 0;
  return (double)g_date_time_to_unix (date) * G_USEC_PER_SEC
         + g_date_time_get_microsecond (date);
}

double
weir_quota_read_instant (WeirSlice text)
{
  const double number = weir_quota_read_number (text);
  char copy[VALUE_MAX + 1];

  if (number >= EPOCH_SECONDS_MIN && number < EPOCH_MS_MAX)
    return number >= EPOCH_MS_MIN ? number * 1e3 : number * 1e6;
  if (!isnan (number) || !copy_value (copy, text))
    return 0;
  return read_date (copy);
}

uint32_t
weir_quota_find (const WeirJson *json, uint32_t object, const char *path)
{
  uint32_t item = object;

  for (;;)
    {
      const size_t length = strcspn (path, ".");
      char step[PATH_STEP_MAX + 1];

      g_return_val_if_fail (length <= PATH_STEP_MAX, 0);
      memcpy (step, path, length);
      step[length] = '\0';
      item = weir_json_lookup (json, item, step);
      if (item == 0 || path[length] == '\0')
        return item;
      path += length + 1;
    }
}

WeirSlice
weir_quota_get_text (const WeirJson *json, uint32_t item)
{
  WeirSlice raw;

  if (item == 0)
    return (WeirSlice){ 0 };
  raw = weir_json_get_raw (json, item);
  if (weir_json_get_type (json, item) == WEIR_JSON_STRING)
    return (WeirSlice){ raw.text + 1, raw.length - 2 };
  return weir_json_get_type (json, item) == WEIR_JSON_NUMBER ? raw : (WeirSlice){ 0 };
}

double
weir_quota_get_number (const WeirJson *json, uint32_t object, const char *path)
{
  return weir_quota_read_number (
      weir_quota_get_text (json, weir_quota_find (json, object, path)));
}

double
weir_quota_get_instant (const WeirJson *json, uint32_t object, const char *path)
{
  return weir_quota_read_instant (
      weir_quota_get_text (json, weir_quota_find (json, object, path)));
}

gboolean
weir_quota_is_true (const WeirJson *json, uint32_t object, const char *path)
{
  const uint32_t item = weir_quota_find (json, object, path);

  return item != 0 && weir_json_get_type (json, item) == WEIR_JSON_TRUE;
}

gboolean
weir_quota_is_text (const WeirJson *json,
                    uint32_t object,
                    const char *path,
                    const char *text)
{
  const uint32_t item = weir_quota_find (json, object, path);

  return item != 0 && weir_json_get_type (json, item) == WEIR_JSON_STRING
         && weir_json_equals (json, item, text);
}

uint32_t
weir_quota_first (const WeirJson *json, uint32_t item)
{
  if (item == 0 || weir_json_get_type (json, item) != WEIR_JSON_ARRAY)
    return 0;
  return weir_json_first (json, item);
}

gboolean
weir_quota_parse (WeirJson *json, WeirSlice body)
{
  static const WeirJsonLimits limits = { .max_depth = 32, .max_items = 20000 };

  return body.length <= UINT32_MAX
         && weir_json_parse (json, body.text, body.length, &limits, NULL)
         && weir_json_get_type (json, 0) == WEIR_JSON_OBJECT;
}
