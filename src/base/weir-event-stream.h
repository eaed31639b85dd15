/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Event streams of Amazon's services (`application/vnd.amazon.eventstream`; the Smithy
 * specification's "Amazon Event Stream", read 2026-11): bytes in any cut become messages.
 * Numbers are big-endian:
 *
 *   length of all (4)  length of headers (4)  CRC-32 of these eight (4)
 *   headers: length of name (1), name, type (1), value
 *   payload
 *   CRC-32 of everything before it (4)
 *
 * Both sums are checked, headers must fill their length exactly, and what is not so is an
 * error for good: nothing tells where the next message would begin. */

#include "base/weir-error.h"
#include "base/weir-slice.h"

#include <stdint.h>

/* The specification allows more than anybody sends: 128 KiB and 24 MiB. */
#define WEIR_EVENT_STREAM_HEADERS_MAX (128u << 10)
#define WEIR_EVENT_STREAM_MESSAGE_MAX (16u << 20)

/* One message; the slices are valid during the call, and empty where no such header came.
 */
typedef struct
{
  WeirSlice kind; /* `:message-type`: "event", "exception" or "error" */
  WeirSlice name; /* `:event-type`, `:exception-type` or `:error-code`, as the kind says */
  WeirSlice error_message; /* `:error-message` */
  WeirSlice payload;
} WeirEventStreamMessage;

typedef void (*WeirEventStreamFunc) (const WeirEventStreamMessage *message,
                                     gpointer user_data);

typedef struct
{
  WeirEventStreamFunc func;
  gpointer user_data;
  GByteArray *kept; /* (owned) (nullable) a message in the making */
  gboolean failed;
} WeirEventStream;

void weir_event_stream_init (WeirEventStream *self,
                             WeirEventStreamFunc func,
                             gpointer user_data);
void weir_event_stream_clear (WeirEventStream *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirEventStream, weir_event_stream_clear)

/* Feeds the next bytes.  A message that lies whole in @bytes is handed on without a copy.
 * FALSE: WEIR_ERROR_BAD_UPSTREAM, or WEIR_ERROR_TOO_LARGE over the caps above (as soon as a
 * length says so); from then on always WEIR_ERROR_BAD_UPSTREAM. */
gboolean weir_event_stream_feed (WeirEventStream *self,
                                 const char *bytes,
                                 size_t length,
                                 GError **error);

/* Nothing of a message is pending. */
gboolean weir_event_stream_is_idle (const WeirEventStream *self);
