/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Server-sent events (WHATWG HTML, 9.2 "Server-sent events", read 2026-10): bytes in any
 * cut become events; events become bytes.  CR, LF and CRLF end a line; a BOM at the start
 * is skipped; a comment line is no event; an event without data is dropped. */

#include "base/weir-slice.h"

#define WEIR_SSE_LINE_MAX (16u << 20)
#define WEIR_SSE_EVENT_MAX (32u << 20)

/* One event; the slices are valid during the call.  @name is empty where no `event:` line
 * came.
 * @data has the lines of `data:` joined by LF.  Return FALSE to stop feeding behind it. */
typedef gboolean (*WeirSseFunc) (WeirSlice name, WeirSlice data, gpointer user_data);

typedef struct
{
  WeirSseFunc func;
  gpointer user_data;
  GString *line;       /* (owned) (nullable) an unfinished line kept between two feeds */
  GString *data;       /* (owned) (nullable) joined data of an unfinished event */
  WeirSlice only_data; /* (unowned) the one `data:` line while it lies in the bytes fed */
  char name[64];       /* of the unfinished event; longer names are cut */
  size_t name_length;
  unsigned data_lines; /* `data:` lines seen in the unfinished event */
  unsigned bom_bytes;  /* bytes of a possible BOM seen: 0 to 2; 3 when decided */
  gboolean after_cr;
  gboolean in_event; /* a field of an unfinished event has been seen */
  gboolean failed;   /* a cap was passed: nothing is read any more */
} WeirSse;

void weir_sse_init (WeirSse *self, WeirSseFunc func, gpointer user_data);
void weir_sse_clear (WeirSse *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirSse, weir_sse_clear)

/* Feeds the next bytes.  @out_consumed (nullable): @length, or the offset behind the event
 * at which @func returned FALSE.  @out_boundary (nullable): offset in @bytes behind the
 * last line end at which no event was unfinished (a blank line, or a comment between
 * events); 0 where there was none. What stands before a boundary can be followed by another
 * writer's events.  An event that lies whole in @bytes with one `data:` line is handed on
 * without a copy.  Fails with WEIR_ERROR_TOO_LARGE over the two caps above (bytes of
 * a line without its end; bytes of joined data), and from then on always. */
gboolean weir_sse_feed (WeirSse *self,
                        const char *bytes,
                        size_t length,
                        size_t *out_consumed,
                        size_t *out_boundary,
                        GError **error);

/* Nothing of an event or line is pending. */
gboolean weir_sse_is_idle (const WeirSse *self);

/* Appends one event.  @name (nullable).  @data must hold no CR or LF. */
void weir_sse_write (GString *out, const char *name, WeirSlice data);

/* Appends a comment line and a blank line. */
void weir_sse_write_comment (GString *out, const char *text);
