/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The reader's values of one word: switches and numbers. */

#include "config.h"

#include "store/weir-config-read.h"

#include "base/weir-clock.h"
#include "base/weir-redact.h"
#include "store/weir-config-private.h"

#define SHOWN_BYTES 64

char *
weir_config_dup_found (const WeirConfigNode *node)
{
  WeirSlice text = weir_config_node_get_text (node);
  g_autofree char *shown = weir_redact (text, SHOWN_BYTES);
  gboolean is_number = text.length > 0;

  for (size_t i = 0; i < text.length; i++)
    is_number
        = is_number && (g_ascii_isdigit (text.text[i]) || (i == 0 && text.text[0] == '-'));
  return is_number ? g_strdup (shown) : g_strdup_printf ("\"%s\"", shown);
}

gboolean
weir_config_reader_check_scalar (WeirConfigReader *self,
                                 const WeirConfigKey *key,
                                 const WeirConfigNode *value)
{
  WeirSlice text = { NULL, 0 };

  if (value->kind != WEIR_CONFIG_NODE_SCALAR)
    return weir_config_refuse (self->notices, value->start,
                               "%s must be a single value, not a %s", key->path,
                               value->kind == WEIR_CONFIG_NODE_LIST ? "list" : "map");
  text = weir_config_node_get_text (value);
  for (size_t i = 0; i < text.length; i++)
    if ((unsigned char)text.text[i] < 0x20 || text.text[i] == 0x7f)
      return weir_config_refuse (self->notices, value->start,
                                 "%s holds a control character", key->path);
  return TRUE;
}

void
weir_config_read_bool (WeirConfigReader *self,
                       const WeirConfigKey *key,
                       const WeirConfigNode *value,
                       void *field)
{
  static const char *const yes[] = { "true", "yes", "on", "y", NULL };
  static const char *const no[] = { "false", "no", "off", "n", NULL };
  g_autofree char *word = NULL;
  g_autofree char *found = NULL;

  if (!weir_config_reader_check_scalar (self, key, value))
    return;
  word = g_ascii_strdown (value->text, -1);
  if (g_strv_contains (yes, word) || g_strv_contains (no, word))
    {
      *(gboolean *)field = g_strv_contains (yes, word);
      return;
    }
  found = weir_config_dup_found (value);
  weir_config_report (self->notices, TRUE, value->start,
                      "%s must be true or false (found %s)", key->path, found);
}

/* FALSE: said in the notices. */
static gboolean
read_number (WeirConfigReader *self,
             const WeirConfigKey *key,
             const WeirConfigNode *value,
             int64_t *out_number)
{
  g_autofree char *found = NULL;
  g_autofree char *text = NULL;
  gint64 number = 0;
  g_autoptr (GError) error = NULL;
  gboolean from_zero = key->minimum == 0 && key->type != WEIR_CONFIG_TYPE_PORT;
  /* 0 is a port's "any free one", which is no answer to a wrong number */
  int64_t shown_minimum = key->type == WEIR_CONFIG_TYPE_PORT ? 1 : key->minimum;

  if (!weir_config_reader_check_scalar (self, key, value))
    return FALSE;
  found = weir_config_dup_found (value);
  text = weir_slice_dup (weir_config_node_get_text (value));
  if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, &error))
    {
      if (number < 0 && from_zero)
        {
          weir_config_report (self->notices, FALSE, value->start,
                              "%s is below zero (found %s); taken as 0", key->path, found);
          number = 0;
        }
      *out_number = number;
      if (number >= key->minimum && number <= key->maximum)
        return TRUE;
    }
  else if (!g_error_matches (error, G_NUMBER_PARSER_ERROR,
                             G_NUMBER_PARSER_ERROR_OUT_OF_BOUNDS))
    return weir_config_refuse (
        self->notices, value->start, "%s must be a whole number%s (found %s)", key->path,
        key->type == WEIR_CONFIG_TYPE_SECONDS ? " of seconds, without "
                                                "a unit"
                                              : "",
        found);
  return weir_config_refuse (self->notices, value->start,
                             "%s must be between %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT
                             " (found %s)",
                             key->path, (gint64)shown_minimum, (gint64)key->maximum, found);
}

void
weir_config_read_port (WeirConfigReader *self,
                       const WeirConfigKey *key,
                       const WeirConfigNode *value,
                       void *field)
{
  int64_t number = 0;

  if (read_number (self, key, value, &number))
    *(uint16_t *)field = (uint16_t)number;
}

void
weir_config_read_unsigned (WeirConfigReader *self,
                           const WeirConfigKey *key,
                           const WeirConfigNode *value,
                           void *field)
{
  int64_t number = 0;

  if (read_number (self, key, value, &number))
    *(unsigned *)field = (unsigned)number;
}

void
weir_config_read_int (WeirConfigReader *self,
                      const WeirConfigKey *key,
                      const WeirConfigNode *value,
                      void *field)
{
  int64_t number = 0;

  if (read_number (self, key, value, &number))
    *(int *)field = (int)number;
}

void
weir_config_read_word (WeirConfigReader *self,
                       const WeirConfigKey *key,
                       const WeirConfigNode *value,
                       void *field)
{
  g_autofree char *text = NULL;
  g_autofree char *found = NULL;
  g_autoptr (GString) list = g_string_new (NULL);

  if (!weir_config_reader_check_scalar (self, key, value))
    return;
  text = weir_slice_dup (weir_config_node_get_text (value));
  for (const WeirConfigWord *word = key->words; word->text != NULL; word++)
    {
      if (g_ascii_strcasecmp (text, word->text) == 0)
        {
          *(int *)field = word->value;
          return;
        }
      if (word == key->words || word->value != word[-1].value)
        g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", word->text);
    }
  found = weir_config_dup_found (value);
  weir_config_report (self->notices, TRUE, value->start, "%s must be one of %s (found %s)",
                      key->path, list->str, found);
}

/* The seconds of @text as Go writes a duration (1h30m, 90s, 1.5h), or a whole number of
 * seconds; -1 where it is neither or over 68 years. */
static int64_t
parse_duration (const char *text)
{
  static const struct
  {
    const char *name;
    double seconds;
  } units[] = { { "ms", 1e-3 }, { "us", 1e-6 }, { "µs", 1e-6 }, { "ns", 1e-9 },
                { "h", 3600 },  { "m", 60 },    { "s", 1 } };
  double seconds = 0;
  const char *c = text;

  if (*text == '\0')
    return -1;
  while (*c != '\0')
    {
      char *end = NULL;
      double number = g_ascii_strtod (c, &end);
      size_t unit = 0;

      if (end == c || end != c + strspn (c, "0123456789."))
        return -1;
      if (*end == '\0' && strspn (text, "0123456789") == strlen (text))
        return number < G_MAXINT32 ? (int64_t)number : -1;
      while (unit < G_N_ELEMENTS (units) && !g_str_has_prefix (end, units[unit].name))
        unit++;
      if (unit == G_N_ELEMENTS (units))
        return -1;
      seconds += number * units[unit].seconds;
      c = end + strlen (units[unit].name);
    }
  return seconds < G_MAXINT32 ? (int64_t)(seconds + 0.5) : -1;
}

void
weir_config_read_duration (WeirConfigReader *self,
                           const WeirConfigKey *key,
                           const WeirConfigNode *value,
                           void *field)
{
  g_autofree char *text = NULL;
  g_autofree char *found = NULL;
  int64_t seconds = 0;

  if (!weir_config_reader_check_scalar (self, key, value))
    return;
  text = weir_slice_dup (weir_config_node_get_text (value));
  seconds = parse_duration (text);
  if (seconds >= key->minimum && seconds <= key->maximum)
    {
      *(unsigned *)field = (unsigned)seconds;
      return;
    }
  found = weir_config_dup_found (value);
  weir_config_report (self->notices, TRUE, value->start,
                      "%s must be a time such as 90s or 1h30m, of at most %" G_GINT64_FORMAT
                      " hours (found %s)",
                      key->path, (gint64)key->maximum / 3600, found);
}

/* A date is the end of that day. */
void
weir_config_read_time (WeirConfigReader *self,
                       const WeirConfigKey *key,
                       const WeirConfigNode *value,
                       void *field)
{
  g_autofree char *text = NULL;
  g_autofree char *found = NULL;
  g_autofree char *full = NULL;
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = NULL;
  gboolean is_date = FALSE;

  if (!weir_config_reader_check_scalar (self, key, value))
    return;
  text = weir_slice_dup (weir_config_node_get_text (value));
  is_date = strlen (text) == strlen ("2030-12-31");
  full = g_strconcat (text, is_date ? "T00:00:00Z" : "", NULL);
  time = g_date_time_new_from_iso8601 (full, utc);
  if (time != NULL)
    {
      *(int64_t *)field
          = (g_date_time_to_unix (time) + (is_date ? 86400 : 0)) * WEIR_USEC_PER_SEC;
      return;
    }
  found = weir_config_dup_found (value);
  weir_config_report (self->notices, TRUE, value->start,
                      "%s must be a date such as 2030-12-31 or a time such as "
                      "2030-12-31T18:00:00Z (found %s)",
                      key->path, found);
}

void
weir_config_read_amount (WeirConfigReader *self,
                         const WeirConfigKey *key,
                         const WeirConfigNode *value,
                         void *field)
{
  g_autofree char *text = NULL;
  g_autofree char *found = NULL;
  char *end = NULL;
  double amount = 0;

  if (!weir_config_reader_check_scalar (self, key, value))
    return;
  text = weir_slice_dup (weir_config_node_get_text (value));
  amount = g_ascii_strtod (text, &end);
  if (end != text && end == text + strspn (text, "0123456789.") && *end == '\0')
    {
      *(double *)field = amount;
      return;
    }
  found = weir_config_dup_found (value);
  weir_config_report (self->notices, TRUE, value->start,
                      "%s must be a number such as 2.50 (found %s)", key->path, found);
}
