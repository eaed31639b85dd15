/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a line of the log looks like.  Whatever the strings hold, a line is one line: no
 * control byte, no broken UTF-8, and words have no blanks, so that nobody can write a line
 * of his own into it. */

#include "base/weir-slice.h"
#include "proxy/weir-proxy.h"

#define WEIR_LOG_LINE_MAX 3072  /* bytes of any text line, its end included */
#define WEIR_LOG_DETAIL_MAX 512 /* bytes of free text in the line of a request */
#define WEIR_LOG_CLOCK_MAX 13   /* `12:31:07.123` and a NUL */
#define WEIR_LOG_FIELDS_MAX 32

/* A journal entry: fields for g_log_writer_journald, which point into @texts. */
typedef struct
{
  GLogField fields[WEIR_LOG_FIELDS_MAX];
  gsize n_fields;
  char texts[2 * WEIR_LOG_LINE_MAX];
} WeirLogEntry;

/* The time of day here; the first part is kept in between, so a new second is what costs.
 */
typedef struct
{
  int64_t second;
  char text[WEIR_LOG_CLOCK_MAX];
} WeirLogClock;

/* Borrowed from @self: the time @real_us (since 1970) as `12:31:07.123`. */
const char *weir_log_clock_format (WeirLogClock *self, int64_t real_us);

/* Write one line and return its length, the line feed included.  No NUL behind it. */
size_t weir_log_line_format_row (const WeirLogRow *row,
                                 const char *clock,
                                 char out[WEIR_LOG_LINE_MAX]);
size_t weir_log_line_format_message (const char *level,
                                     const char *text,
                                     const char *clock,
                                     char out[WEIR_LOG_LINE_MAX]);

/* Append one JSON object and a line feed. */
void weir_log_line_append_row_json (const WeirLogRow *row, int64_t real_us, GString *out);
void weir_log_line_append_message_json (const char *level,
                                        const char *text,
                                        int64_t real_us,
                                        GString *out);

/* MESSAGE is the text line without its time; each known value is a field of its own. */
void weir_log_line_fill_row_entry (const WeirLogRow *row, WeirLogEntry *out);
