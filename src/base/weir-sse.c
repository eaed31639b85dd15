/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Server-sent events out of bytes in any cut, and into bytes.  A line that lies whole in
 * the bytes fed is looked at in place; only what is unfinished at their end is copied. What
 * an event means is not known here. */

#include "config.h"

#include "base/weir-sse.h"

#include "base/weir-error.h"

/* A buffer that grew beyond this for one large event is given back after it: a thousand
 * slow streams must not keep what each once needed. */
#define KEPT_BYTES (64u << 10)

#define BOM "\xef\xbb\xbf"
#define BOM_DECIDED 3

/* Where the bytes of one feed are read. */
typedef struct
{
  const char *p;
  const char *end;
  const char *next_cr; /* first CR at or behind @p; @end for none */
} Cursor;

void
weir_sse_init (WeirSse *self, WeirSseFunc func, gpointer user_data)
{
  *self = (WeirSse){ .func = func, .user_data = user_data };
}

static void
free_buffer (GString **buffer)
{
  if (*buffer != NULL)
    g_string_free (g_steal_pointer (buffer), TRUE);
}

void
weir_sse_clear (WeirSse *self)
{
  free_buffer (&self->line);
  free_buffer (&self->data);
  *self = (WeirSse){ 0 };
}

static inline gboolean
has_line (const WeirSse *self)
{
  return self->line != NULL && self->line->len > 0;
}

static void
append (GString **buffer, WeirSlice bytes)
{
  if (*buffer == NULL)
    *buffer = g_string_sized_new (bytes.length + 1);
  g_string_append_len (*buffer, bytes.text, (gssize)bytes.length);
}

static void
empty_buffer (GString **buffer)
{
  if (*buffer == NULL)
    return;
  if ((*buffer)->allocated_len > KEPT_BYTES)
    free_buffer (buffer);
  else
    g_string_truncate (*buffer, 0);
}

/* The one line that was only borrowed becomes ours. */
static void
keep_data (WeirSse *self)
{
  if (self->only_data.length > 0)
    append (&self->data, self->only_data);
  self->only_data = (WeirSlice){ 0 };
}

static gboolean
fail (WeirSse *self, GError **error, const char *what)
{
  self->failed = TRUE;
  return weir_error_set (error, WEIR_ERROR_TOO_LARGE, "%s", what);
}

static gboolean
add_data (WeirSse *self, WeirSlice value, gboolean in_place, GError **error)
{
  size_t length = value.length;

  if (self->data_lines > 0)
    length += 1 + self->only_data.length + (self->data != NULL ? self->data->len : 0);
  if (length > WEIR_SSE_EVENT_MAX)
    return fail (self, error, "server-sent event too long");

  if (self->data_lines == 0 && in_place)
    self->only_data = value;
  else
    {
      keep_data (self);
      if (self->data_lines > 0)
        append (&self->data, WEIR_SLICE ("\n"));
      append (&self->data, value);
    }
  self->data_lines++;
  return TRUE;
}

static void
set_name (WeirSse *self, WeirSlice value)
{
  self->name_length = MIN (value.length, sizeof self->name);
  if (self->name_length > 0)
    memcpy (self->name, value.text, self->name_length);
}

/* One line that is not blank, without its end.  @in_place: it lies in the bytes fed. */
static gboolean
read_line (WeirSse *self, WeirSlice line, gboolean in_place, GError **error)
{
  const char *colon;
  WeirSlice field = line;
  WeirSlice value = { 0 };

  if (line.length > WEIR_SSE_LINE_MAX)
    return fail (self, error, "line of a server-sent event too long");
  if (line.text[0] == ':')
    return TRUE;

  self->in_event = TRUE;
  colon = memchr (line.text, ':', line.length);
  if (colon != NULL)
    {
      field.length = (size_t)(colon - line.text);
      value = (WeirSlice){ colon + 1, line.length - field.length - 1 };
      if (value.length > 0 && value.text[0] == ' ')
        value = (WeirSlice){ value.text + 1, value.length - 1 };
    }
  if (weir_slice_equal (field, WEIR_SLICE ("data")))
    return add_data (self, value, in_place, error);
  if (weir_slice_equal (field, WEIR_SLICE ("event")))
    set_name (self, value);
  return TRUE;
}

/* A blank line came.  Returns what the listener says. */
static gboolean
end_event (WeirSse *self)
{
  gboolean go_on = TRUE;

  if (self->data_lines > 0)
    {
      WeirSlice data = self->only_data;

      if (data.text == NULL && self->data != NULL)
        data = (WeirSlice){ self->data->str, self->data->len };
      go_on = self->func ((WeirSlice){ self->name, self->name_length }, data,
                          self->user_data);
      self->only_data = (WeirSlice){ 0 };
      empty_buffer (&self->data);
    }
  self->name_length = 0;
  self->data_lines = 0;
  self->in_event = FALSE;
  return go_on;
}

static const char *
find_or_end (const char *p, const char *end, char byte)
{
  const char *found = p < end ? memchr (p, byte, (size_t)(end - p)) : NULL;

  return found != NULL ? found : end;
}

/* The end of the line that starts at the cursor. */
static inline const char *
find_line_end (Cursor *cursor)
{
  const char *p = cursor->p;
  const char *line_end;

  if (p < cursor->end && *p == '\n')
    return p;
  /* a CR is rare: its search goes once over the bytes, not once a line */
  if (cursor->next_cr < p)
    cursor->next_cr = find_or_end (p, cursor->end, '\r');
  line_end = find_or_end (p, cursor->next_cr, '\n');
  return line_end;
}

/* Steps over the line end at @line_end. */
static inline void
step_over (WeirSse *self, Cursor *cursor, const char *line_end)
{
  self->after_cr = *line_end == '\r';
  cursor->p = line_end + 1;
  if (self->after_cr && cursor->p < cursor->end)
    {
      if (*cursor->p == '\n')
        cursor->p++;
      self->after_cr = FALSE;
    }
}

/* Skips a BOM at the start of the stream, wherever it is cut. */
static void
skip_bom (WeirSse *self, Cursor *cursor)
{
  while (self->bom_bytes < BOM_DECIDED && cursor->p < cursor->end)
    if (*cursor->p == BOM[self->bom_bytes])
      {
        self->bom_bytes++;
        cursor->p++;
      }
    else
      {
        if (self->bom_bytes > 0)
          append (&self->line, (WeirSlice){ BOM, self->bom_bytes });
        self->bom_bytes = BOM_DECIDED;
      }
}

/* Keeps what is unfinished for the next feed. */
static gboolean
keep_rest (WeirSse *self, WeirSlice rest, GError **error)
{
  if (rest.length + (self->line != NULL ? self->line->len : 0) > WEIR_SSE_LINE_MAX)
    return fail (self, error, "line of a server-sent event too long");
  keep_data (self);
  if (rest.length > 0)
    append (&self->line, rest);
  return TRUE;
}

/* Reads the line that ends at @line_end, the first part of which may have been kept.
 * @out_blank: it was empty. */
static gboolean
read_line_to (WeirSse *self,
              const char *start,
              const char *line_end,
              gboolean *out_blank,
              GError **error)
{
  WeirSlice line = { start, (size_t)(line_end - start) };
  gboolean is_good;

  *out_blank = FALSE;
  if (G_UNLIKELY (has_line (self)))
    {
      append (&self->line, line);
      line = (WeirSlice){ self->line->str, self->line->len };
      is_good = read_line (self, line, FALSE, error);
      empty_buffer (&self->line);
      return is_good;
    }
  *out_blank = line.length == 0;
  return *out_blank || read_line (self, line, TRUE, error);
}

gboolean
weir_sse_feed (WeirSse *self,
               const char *bytes,
               size_t length,
               size_t *out_consumed,
               size_t *out_boundary,
               GError **error)
{
  Cursor cursor = { bytes, bytes + length, NULL };
  const char *boundary = bytes;
  gboolean go_on = TRUE;

  if (self->failed)
    return fail (self, error, "server-sent events went on behind one that was too long");

  if (G_UNLIKELY (self->bom_bytes < BOM_DECIDED))
    skip_bom (self, &cursor);
  if (G_UNLIKELY (self->after_cr && length > 0))
    {
      self->after_cr = FALSE;
      if (*cursor.p == '\n')
        cursor.p++;
      if (!self->in_event)
        boundary = cursor.p;
    }
  cursor.next_cr = find_or_end (cursor.p, cursor.end, '\r');

  while (go_on)
    {
      const char *line_end = find_line_end (&cursor);
      gboolean is_blank;

      if (line_end == cursor.end)
        break;
      if (!read_line_to (self, cursor.p, line_end, &is_blank, error))
        return FALSE;
      step_over (self, &cursor, line_end);
      if (is_blank)
        go_on = end_event (self);
      if (!self->in_event)
        boundary = cursor.p;
    }

  if (go_on)
    {
      const WeirSlice rest = { cursor.p, (size_t)(cursor.end - cursor.p) };

      if (!keep_rest (self, rest, error))
        return FALSE;
      cursor.p = cursor.end;
    }
  if (out_consumed != NULL)
    *out_consumed = (size_t)(cursor.p - bytes);
  if (out_boundary != NULL)
    *out_boundary = (size_t)(boundary - bytes);
  return TRUE;
}

gboolean
weir_sse_is_idle (const WeirSse *self)
{
  return !self->in_event && !has_line (self)
         && (self->bom_bytes == 0 || self->bom_bytes == BOM_DECIDED);
}

void
weir_sse_write (GString *out, const char *name, WeirSlice data)
{
  if (name != NULL)
    {
      g_string_append (out, "event: ");
      g_string_append (out, name);
      g_string_append_c (out, '\n');
    }
  g_string_append_len (out, "data: ", 6);
  if (data.length > 0)
    g_string_append_len (out, data.text, (gssize)data.length);
  g_string_append_len (out, "\n\n", 2);
}

void
weir_sse_write_comment (GString *out, const char *text)
{
  g_string_append (out, ": ");
  g_string_append (out, text);
  g_string_append_len (out, "\n\n", 2);
}
