/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The log's ways out.  What a line looks like is in weir-log-line.c. */

#include "config.h"

#include "app/weir-log.h"

#include "app/weir-log-line.h"

#include "base/weir-clock.h"
#include "base/weir-redact.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#define FOREIGN_MAX 1024      /* bytes of a library's message */
#define DOCUMENT_WAIT_MS 1000 /* for a reader of a document, in all */

/* Never ready: GLib prepares it before the loop waits, which is the end of a turn. */
typedef struct
{
  GSource base;
  WeirLog *log; /* (unowned) */
} Turn;

struct _WeirLog
{
  int fd;
  WeirLogFormat format; /* never _AUTO where there is no journal */
  gboolean is_journal;
  int debug;               /* atomic */
  int lost;                /* atomic: lines that nobody took since the last one that went */
  WeirLogFile *file;       /* (owned) (nullable) */
  gboolean file_is_broken; /* said already */
  WeirLogClock clock;      /* of the main thread */
  GString *json;           /* (owned) scratch of the main thread */
  GThread *main_thread;    /* (unowned) */
  GSource *turn;           /* (owned) (nullable): rows are written one by one */
  GString *rows;           /* (owned) lines of the turn under way */
  unsigned n_rows;
};

WeirLog *
weir_log_new (int fd, WeirLogFormat format)
{
  WeirLog *self = g_new0 (WeirLog, 1);

  self->fd = fd;
  self->is_journal = g_log_writer_is_journald (fd);
  self->format = format == WEIR_LOG_AUTO && !self->is_journal ? WEIR_LOG_TEXT : format;
  self->json = g_string_sized_new (2 * WEIR_LOG_LINE_MAX);
  self->rows = g_string_sized_new (PIPE_BUF);
  self->main_thread = g_thread_self ();
  return self;
}

void
weir_log_free (WeirLog *self)
{
  if (self == NULL)
    return;
  weir_log_gather_rows (self, FALSE);
  weir_log_file_free (self->file);
  g_string_free (self->json, TRUE);
  g_string_free (self->rows, TRUE);
  g_free (self);
}

/* Writes pieces small enough for a pipe that has any room, so that write() never waits.
 * FALSE: the rest was lost. */
static gboolean
write_out (int fd, WeirSlice bytes, int wait_ms)
{
  while (bytes.length > 0)
    {
      struct pollfd room = { .fd = fd, .events = POLLOUT };
      ssize_t written = 0;

      if (poll (&room, 1, wait_ms) <= 0 || (room.revents & POLLOUT) == 0)
        return FALSE;
      written = write (fd, bytes.text, MIN (bytes.length, PIPE_BUF));
      if (written <= 0)
        return FALSE;
      bytes.text += written;
      bytes.length -= (size_t)written;
    }
  return TRUE;
}

static void
say_lost (WeirLog *self, int lost)
{
  char line[WEIR_LOG_LINE_MAX];
  char text[64];
  WeirLogClock clock = { 0 };
  const int64_t now_us = weir_clock_real_us ();
  size_t length;

  g_snprintf (text, sizeof text, "%d lines of this log were lost: nobody read it", lost);
  length = weir_log_line_format_message ("warning", text,
                                         weir_log_clock_format (&clock, now_us), line);
  if (!write_out (self->fd, (WeirSlice){ line, length }, 0))
    g_atomic_int_add (&self->lost, lost);
}

static void
write_lines (WeirLog *self, WeirSlice lines, int n_lines)
{
  const int lost = g_atomic_int_get (&self->lost);

  if (!write_out (self->fd, lines, 0))
    g_atomic_int_add (&self->lost, n_lines);
  else if (G_UNLIKELY (lost > 0)
           && g_atomic_int_compare_and_exchange (&self->lost, lost, 0))
    say_lost (self, lost);
}

static const char *
name_level (GLogLevelFlags level)
{
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) != 0)
    return "error";
  if ((level & G_LOG_LEVEL_WARNING) != 0)
    return "warning";
  return (level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO)) != 0 ? "debug" : "info";
}

static const char *
name_priority (GLogLevelFlags level)
{
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) != 0)
    return "3";
  if ((level & G_LOG_LEVEL_WARNING) != 0)
    return "4";
  return (level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO)) != 0 ? "7" : "5";
}

/* In the line's format, for a stream or a file.  Borrowed from @line or @json. */
static WeirSlice
format_message (const WeirLog *self,
                GLogLevelFlags level,
                const char *text,
                char line[WEIR_LOG_LINE_MAX],
                GString *json)
{
  const int64_t now_us = weir_clock_real_us ();
  WeirLogClock clock = { 0 };

  if (self->format != WEIR_LOG_JSON)
    return (WeirSlice){ line, weir_log_line_format_message (
                                  name_level (level), text,
                                  weir_log_clock_format (&clock, now_us), line) };
  weir_log_line_append_message_json (name_level (level), text, now_us, json);
  return (WeirSlice){ json->str, json->len };
}

static void
send_message_to_journal (GLogLevelFlags level, const char *text)
{
  const GLogField fields[] = {
    { "MESSAGE", text, -1 },
    { "PRIORITY", name_priority (level), -1 },
    { "SYSLOG_IDENTIFIER", "weir", -1 },
  };

  g_log_writer_journald (level, fields, G_N_ELEMENTS (fields), NULL);
}

static void write_rows (WeirLog *self);

/* Any thread: in another than the main one nothing of @self is changed but its counter. */
static void
write_message (WeirLog *self, GLogLevelFlags level, const char *text)
{
  char line[WEIR_LOG_LINE_MAX];
  g_autoptr (GString) json = g_string_new (NULL);

  if (g_thread_self () == self->main_thread)
    write_rows (self); /* they came first */
  if (self->format == WEIR_LOG_AUTO)
    send_message_to_journal (level, text);
  else
    write_lines (self, format_message (self, level, text, line, json), 1);
}

/* A disk that is full is said once. */
static void
write_to_file (WeirLog *self, WeirSlice line)
{
  g_autoptr (GError) error = NULL;
  const gboolean was_broken = self->file_is_broken;

  self->file_is_broken = !weir_log_file_write (self->file, line, &error);
  if (self->file_is_broken && !was_broken)
    write_message (self, G_LOG_LEVEL_WARNING, error->message);
}

/* Where the rows gathered so far go. */
static void
write_rows (WeirLog *self)
{
  const WeirSlice rows = { self->rows->str, self->rows->len };
  const int n_rows = (int)self->n_rows;

  if (n_rows == 0)
    return;
  self->n_rows = 0; /* a file that fails is said, and that comes by here again */
  if (self->file != NULL)
    write_to_file (self, rows);
  else
    write_lines (self, rows, n_rows);
  g_string_truncate (self->rows, 0);
}

static gboolean
turn_prepare (GSource *source, int *out_timeout_ms)
{
  *out_timeout_ms = -1;
  write_rows (((Turn *)source)->log);
  return FALSE;
}

static gboolean
turn_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
weir_log_gather_rows (WeirLog *self, gboolean gather)
{
  static GSourceFuncs turn_funcs = { .prepare = turn_prepare, .dispatch = turn_dispatch };

  write_rows (self);
  if (self->turn != NULL)
    {
      g_source_destroy (self->turn);
      g_clear_pointer (&self->turn, g_source_unref);
    }
  if (!gather)
    return;
  self->turn = g_source_new (&turn_funcs, sizeof (Turn));
  ((Turn *)self->turn)->log = self;
  /* a source that is ready hides the turn from those of lower priority */
  g_source_set_priority (self->turn, G_MININT);
  g_source_attach (self->turn, NULL);
}

static const char *
find_message (const GLogField *fields, gsize n_fields)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_strcmp0 (fields[i].key, "MESSAGE") == 0 && fields[i].length < 0)
      return fields[i].value;
  return "(a message without text)";
}

static GLogWriterOutput
write_foreign (GLogLevelFlags level,
               const GLogField *fields,
               gsize n_fields,
               gpointer user_data)
{
  WeirLog *self = user_data;
  g_autofree char *text = NULL;

  if ((level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO)) != 0
      && !g_atomic_int_get (&self->debug))
    return G_LOG_WRITER_HANDLED;
  text
      = weir_redact (weir_slice_from_string (find_message (fields, n_fields)), FOREIGN_MAX);
  write_message (self, level, text);
  return G_LOG_WRITER_HANDLED;
}

void
weir_log_install (WeirLog *self)
{
  g_log_set_writer_func (write_foreign, self, NULL);
}

void
weir_log_set_debug (WeirLog *self, gboolean debug)
{
  g_atomic_int_set (&self->debug, debug);
}

void
weir_log_take_file (WeirLog *self, WeirLogFile *file)
{
  write_rows (self);
  weir_log_file_free (self->file);
  self->file = file;
  self->file_is_broken = FALSE;
}

gboolean
weir_log_is_journal (const WeirLog *self)
{
  return self->is_journal;
}

void
weir_log_row (const WeirLogRow *row, gpointer user_data)
{
  WeirLog *self = user_data;
  char line[WEIR_LOG_LINE_MAX];
  const int64_t now_us = weir_clock_real_us ();
  WeirSlice out = { line, 0 };

  if (self->format == WEIR_LOG_AUTO && self->file == NULL)
    {
      WeirLogEntry entry;

      weir_log_line_fill_row_entry (row, &entry);
      g_log_writer_journald (G_LOG_LEVEL_INFO, entry.fields, entry.n_fields, NULL);
      return;
    }
  if (self->format == WEIR_LOG_JSON)
    {
      g_string_truncate (self->json, 0);
      weir_log_line_append_row_json (row, now_us, self->json);
      out = (WeirSlice){ self->json->str, self->json->len };
    }
  else
    out.length = weir_log_line_format_row (
        row, weir_log_clock_format (&self->clock, now_us), line);
  /* more than that is not written to a pipe in one go */
  if (self->rows->len + out.length > PIPE_BUF)
    write_rows (self);
  g_string_append_len (self->rows, out.text, (gssize)out.length);
  self->n_rows++;
  if (self->turn == NULL)
    write_rows (self);
}

void
weir_log_say (WeirLog *self, GLogLevelFlags level, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GString) json = g_string_new (NULL);
  char line[WEIR_LOG_LINE_MAX];
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  lines = g_strsplit (text, "\n", -1);
  for (unsigned i = 0; lines[i] != NULL; i++)
    {
      write_message (self, level, lines[i]);
      g_string_truncate (json, 0);
      if (self->file != NULL)
        write_to_file (self, format_message (self, level, lines[i], line, json));
    }
}

void
weir_log_write_document (WeirLog *self, const char *document)
{
  write_out (self->fd, weir_slice_from_string (document), DOCUMENT_WAIT_MS);
  write_out (self->fd, WEIR_SLICE ("\n"), DOCUMENT_WAIT_MS);
}
