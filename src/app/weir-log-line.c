/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines of the log, made in a buffer of the caller's: a request's text line is on the hot
 * path, so it is put together by hand. */

#include "config.h"

#include "app/weir-log-line.h"

#include "base/weir-clock.h"
#include "base/weir-json-write.h"
#include "chat/weir-event.h"

#include <time.h>

#define WORD_MAX 128 /* bytes of a text that is one word */

typedef enum
{
  FIELD_WORD,   /* const char *: blanks are not let through */
  FIELD_TEXT,   /* const char * */
  FIELD_NUMBER, /* unsigned; 0 is unknown */
  FIELD_BYTES,  /* uint64_t; always known */
  FIELD_TOKENS, /* uint64_t; WEIR_USAGE_UNKNOWN is unknown */
  FIELD_TIME,   /* int64_t microseconds; negative is unknown */
} FieldKind;

typedef struct
{
  const char *json;
  const char *journal;
  FieldKind kind;
  size_t offset;
} Field;

#define AT(member) offsetof (WeirLogRow, member)

/* clang-format off */
static const Field fields[] = {
  /* JSON                journal                    kind          value */
  { "id",                "WEIR_ID",                 FIELD_WORD,   AT (id) },
  { "route",             "WEIR_ROUTE",              FIELD_TEXT,   AT (route) },
  { "client_key",        "WEIR_CLIENT_KEY",         FIELD_WORD,   AT (client_key) },
  { "model",             "WEIR_MODEL",              FIELD_WORD,   AT (model) },
  { "upstream_model",    "WEIR_UPSTREAM_MODEL",     FIELD_WORD,   AT (upstream_model) },
  { "account",           "WEIR_ACCOUNT",            FIELD_WORD,   AT (account) },
  { "client_dialect",    "WEIR_CLIENT_DIALECT",     FIELD_WORD,   AT (client_dialect) },
  { "upstream_dialect",  "WEIR_UPSTREAM_DIALECT",   FIELD_WORD,   AT (upstream_dialect) },
  { "pass",              "WEIR_PASS",               FIELD_WORD,   AT (pass) },
  { "losses",            "WEIR_LOSSES",             FIELD_TEXT,   AT (losses) },
  { "outcome",           "WEIR_OUTCOME",            FIELD_WORD,   AT (outcome) },
  { "error",             "WEIR_ERROR",              FIELD_WORD,   AT (error) },
  { "detail",            "WEIR_DETAIL",             FIELD_TEXT,   AT (detail) },
  { "status",            "WEIR_STATUS",             FIELD_NUMBER, AT (status) },
  { "attempts",          "WEIR_ATTEMPTS",           FIELD_NUMBER, AT (attempts) },
  { "bytes_in",          "WEIR_BYTES_IN",           FIELD_BYTES,  AT (bytes_in) },
  { "bytes_out",         "WEIR_BYTES_OUT",          FIELD_BYTES,  AT (bytes_out) },
  { "tokens_in",         "WEIR_TOKENS_IN",          FIELD_TOKENS, AT (tokens_in) },
  { "tokens_out",        "WEIR_TOKENS_OUT",         FIELD_TOKENS, AT (tokens_out) },
  { "tokens_cached",     "WEIR_TOKENS_CACHED",      FIELD_TOKENS, AT (tokens_cached) },
  { "first_byte_us",     "WEIR_FIRST_BYTE_US",      FIELD_TIME,   AT (first_byte_us) },
  { "total_us",          "WEIR_TOTAL_US",           FIELD_TIME,   AT (total_us) },
};
/* clang-format on */

/* MESSAGE, PRIORITY and SYSLOG_IDENTIFIER come first */
G_STATIC_ASSERT (G_N_ELEMENTS (fields) + 3 <= WEIR_LOG_FIELDS_MAX);

static inline const void *
member_of (const WeirLogRow *row, const Field *field)
{
  return (const char *)row + field->offset;
}

static inline const char *
text_of (const WeirLogRow *row, const Field *field)
{
  return *(const char *const *)member_of (row, field);
}

/* FALSE: unknown.  For the kinds that are numbers. */
static gboolean
get_number (const WeirLogRow *row, const Field *field, uint64_t *out_value)
{
  const void *member = member_of (row, field);

  switch (field->kind)
    {
    case FIELD_NUMBER:
      *out_value = *(const unsigned *)member;
      return *out_value != 0;
    case FIELD_BYTES:
      *out_value = *(const uint64_t *)member;
      return TRUE;
    case FIELD_TOKENS:
      *out_value = *(const uint64_t *)member;
      return *out_value != WEIR_USAGE_UNKNOWN;
    case FIELD_TIME:
      *out_value = (uint64_t) * (const int64_t *)member;
      return *(const int64_t *)member >= 0;
    case FIELD_WORD:
    case FIELD_TEXT:
      break;
    }
  g_assert_not_reached ();
}

/* The character beyond ASCII at @p: returns its bytes.  @out_is_shown: it is neither a
 * control, nor invisible, nor a blank, nor broken. */
static size_t
measure_character (const char *p, gboolean *out_is_shown)
{
  const gunichar character = g_utf8_get_char_validated (p, -1);
  const gboolean is_broken = character == (gunichar)-1 || character == (gunichar)-2;

  *out_is_shown = !is_broken && g_unichar_isprint (character)
                  && g_unichar_type (character) != G_UNICODE_SPACE_SEPARATOR;
  return is_broken ? 1 : (size_t)(g_utf8_next_char (p) - p);
}

/* The same of any character that is not plainly shown. */
static size_t
measure_odd (const char *text, gboolean *out_is_shown)
{
  *out_is_shown = FALSE;
  return (*text & 0x80) == 0 ? 1 : measure_character (text, out_is_shown);
}

static inline char *
put_bytes (char *to, const char *text, size_t length)
{
  memcpy (to, text, length);
  return to + length;
}

/* Copies what is plainly shown, @room bytes at most, and returns how many they were. */
static inline size_t
copy_plain (char *to, const char *text, size_t room, signed char lowest)
{
  size_t n = 0;

  /* what is beyond ASCII is negative here, and the end of @text is lower as well */
  while (n < room && (signed char)text[n] >= lowest && text[n] != 0x7f)
    {
      to[n] = text[n];
      n++;
    }
  return n;
}

/* Writes at most @max bytes of @text and returns the place behind.  A character that may
 * not be shown becomes `?`, as do ASCII ones below @lowest. */
static char *
put_clean (char *to, const char *text, size_t max, signed char lowest)
{
  const char *const end = to + max;

  for (;;)
    {
      const size_t plain = copy_plain (to, text, (size_t)(end - to), lowest);
      gboolean is_shown;
      size_t length;

      to += plain;
      text += plain;
      if (to == end || *text == '\0')
        return to;
      length = measure_odd (text, &is_shown);
      if (is_shown && length > (size_t)(end - to))
        return to;
      to = is_shown ? put_bytes (to, text, length) : put_bytes (to, "?", 1);
      text += length;
    }
}

static char *
put_word (char *to, const char *text)
{
  return put_clean (to, text, WORD_MAX, '!');
}

static char *
put_text (char *to, const char *text, size_t max)
{
  return put_clean (to, text, max, ' ');
}

#define PUT(to, literal) put_bytes (to, "" literal, sizeof (literal) - 1)

static char *
put_number (char *to, uint64_t value)
{
  char digits[20];
  size_t first = sizeof digits;

  do
    {
      digits[--first] = (char)('0' + value % 10);
      value /= 10;
    }
  while (value != 0);
  return put_bytes (to, digits + first, sizeof digits - first);
}

/* `412.3ms`: cut, not rounded. */
static char *
put_time (char *to, int64_t us)
{
  to = put_number (to, (uint64_t)us / 1000);
  *to++ = '.';
  *to++ = (char)('0' + us / 100 % 10);
  return PUT (to, "ms");
}

/* ` -> claude/claude-sonnet-4` */
static char *
put_upstream (char *to, const WeirLogRow *row)
{
  if (row->account == NULL && row->upstream_model == NULL)
    return to;
  to = PUT (to, " -> ");
  if (row->account != NULL)
    to = put_word (to, row->account);
  if (row->account != NULL && row->upstream_model != NULL)
    *to++ = '/';
  return row->upstream_model != NULL ? put_word (to, row->upstream_model) : to;
}

static char *
put_blank_word (char *to, const char *text)
{
  if (text == NULL)
    return to;
  *to++ = ' ';
  return put_word (to, text);
}

static char *
put_counts (char *to, const WeirLogRow *row)
{
  if (row->attempts > 0)
    {
      *to++ = ' ';
      to = put_number (to, row->attempts);
      to = row->attempts == 1 ? PUT (to, " attempt") : PUT (to, " attempts");
    }
  if (row->tokens_in != WEIR_USAGE_UNKNOWN)
    {
      to = PUT (to, " in ");
      to = put_number (to, row->tokens_in);
      to = PUT (to, " tokens");
    }
  if (row->tokens_out != WEIR_USAGE_UNKNOWN)
    {
      to = PUT (to, " out ");
      to = put_number (to, row->tokens_out);
    }
  if (row->first_byte_us >= 0)
    to = put_time (PUT (to, " first "), row->first_byte_us);
  if (row->total_us >= 0)
    to = put_time (PUT (to, " total "), row->total_us);
  return to;
}

/* The line behind the time.  The free text stands last, so that every word before it keeps
 * its place. */
static char *
put_row (char *to, const WeirLogRow *row)
{
  to = put_text (to, row->route != NULL ? row->route : "-", WORD_MAX);
  to = put_blank_word (to, row->model);
  to = put_upstream (to, row);
  to = put_blank_word (to, row->pass);
  if (row->status > 0)
    {
      *to++ = ' ';
      to = put_number (to, row->status);
    }
  to = put_blank_word (to, row->outcome);
  to = put_counts (to, row);
  if (row->id != NULL)
    to = put_word (PUT (to, " id "), row->id);
  if (row->error != NULL)
    to = put_word (PUT (to, " error "), row->error);
  if (row->detail != NULL)
    to = put_text (PUT (to, ": "), row->detail, WEIR_LOG_DETAIL_MAX);
  return to;
}

const char *
weir_log_clock_format (WeirLogClock *self, int64_t real_us)
{
  const int64_t second = real_us / WEIR_USEC_PER_SEC;
  const int64_t ms = real_us / 1000 % 1000;

  if (second != self->second || self->text[0] == '\0')
    {
      struct tm day = { 0 };
      const time_t seconds = (time_t)second;

      localtime_r (&seconds, &day);
      strftime (self->text, sizeof self->text, "%H:%M:%S.000", &day);
      self->second = second;
    }
  self->text[9] = (char)('0' + ms / 100);
  self->text[10] = (char)('0' + ms / 10 % 10);
  self->text[11] = (char)('0' + ms % 10);
  return self->text;
}

size_t
weir_log_line_format_row (const WeirLogRow *row,
                          const char *clock,
                          char out[WEIR_LOG_LINE_MAX])
{
  char *to = put_bytes (out, clock, WEIR_LOG_CLOCK_MAX - 1);

  *to++ = ' ';
  to = put_row (to, row);
  *to++ = '\n';
  return (size_t)(to - out);
}

size_t
weir_log_line_format_message (const char *level,
                              const char *text,
                              const char *clock,
                              char out[WEIR_LOG_LINE_MAX])
{
  char *to = put_bytes (out, clock, WEIR_LOG_CLOCK_MAX - 1);

  *to++ = ' ';
  to = put_word (to, level);
  to = PUT (to, ": ");
  to = put_text (to, text, (size_t)(out + WEIR_LOG_LINE_MAX - 1 - to));
  *to++ = '\n';
  return (size_t)(to - out);
}

static void
add_clean (WeirJsonWriter *writer, const char *name, const char *text, gboolean is_word)
{
  char clean[WEIR_LOG_LINE_MAX];
  const char *end = is_word ? put_word (clean, text) : put_text (clean, text, sizeof clean);

  weir_json_add_text (writer, name, (WeirSlice){ clean, (size_t)(end - clean) });
}

static void
open_line (WeirJsonWriter *writer, int64_t real_us, const char *level, GString *out)
{
  const time_t seconds = (time_t)(real_us / WEIR_USEC_PER_SEC);
  struct tm day = { 0 };
  char text[64];
  size_t length;

  gmtime_r (&seconds, &day);
  length = strftime (text, sizeof text - 8, "%Y-%m-%dT%H:%M:%S", &day);
  length += (size_t)g_snprintf (text + length, 8, ".%03dZ", (int)(real_us / 1000 % 1000));
  weir_json_writer_init (writer, out);
  weir_json_open (writer, NULL);
  weir_json_add_text (writer, "time", (WeirSlice){ text, length });
  weir_json_add_string (writer, "level", level);
}

void
weir_log_line_append_row_json (const WeirLogRow *row, int64_t real_us, GString *out)
{
  WeirJsonWriter writer;
  uint64_t value = 0;

  open_line (&writer, real_us, "info", out);
  for (size_t i = 0; i < G_N_ELEMENTS (fields); i++)
    if (fields[i].kind == FIELD_WORD || fields[i].kind == FIELD_TEXT)
      {
        const char *text = text_of (row, &fields[i]);

        if (text != NULL)
          add_clean (&writer, fields[i].json, text, fields[i].kind == FIELD_WORD);
      }
    else if (get_number (row, &fields[i], &value))
      weir_json_add_uint (&writer, fields[i].json, value);
  weir_json_close (&writer);
  g_string_append_c (out, '\n');
}

void
weir_log_line_append_message_json (const char *level,
                                   const char *text,
                                   int64_t real_us,
                                   GString *out)
{
  WeirJsonWriter writer;

  open_line (&writer, real_us, level, out);
  add_clean (&writer, "message", text, FALSE);
  weir_json_close (&writer);
  g_string_append_c (out, '\n');
}

static void
add_field (WeirLogEntry *self, const char *name, const char *text, size_t length)
{
  self->fields[self->n_fields++]
      = (GLogField){ .key = name, .value = text, .length = (gssize)length };
}

void
weir_log_line_fill_row_entry (const WeirLogRow *row, WeirLogEntry *out)
{
  char *to = put_row (out->texts, row);
  uint64_t value = 0;

  out->n_fields = 0;
  add_field (out, "MESSAGE", out->texts, (size_t)(to - out->texts));
  add_field (out, "PRIORITY", "6", 1);
  add_field (out, "SYSLOG_IDENTIFIER", "weir", 4);
  for (size_t i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      char *const from = to;

      if (fields[i].kind == FIELD_WORD || fields[i].kind == FIELD_TEXT)
        {
          const char *text = text_of (row, &fields[i]);
          const gboolean is_word = fields[i].kind == FIELD_WORD;

          if (text != NULL)
            to = put_text (to, text, is_word ? WORD_MAX : WEIR_LOG_DETAIL_MAX);
        }
      else if (get_number (row, &fields[i], &value))
        to = put_number (to, value);
      if (to > from)
        add_field (out, fields[i].journal, from, (size_t)(to - from));
    }
}
