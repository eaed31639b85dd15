/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One request on one link and its answer: written, awaited, read to the end of its framing.
 * Knows HTTP, watchdogs and back-pressure; knows no dialect. */

#include "http/weir-http-body.h"
#include "proxy/weir-upstream.h"

typedef enum
{
  WEIR_SEND_WHOLE,  /* the answer ended at its framing */
  WEIR_SEND_STALE,  /* a kept-alive link died before a byte of the answer came: may be sent
                       again */
  WEIR_SEND_UNSENT, /* the link failed before the request was fully written, no byte came */
  WEIR_SEND_LOST, /* fully written, then the link failed or fell silent before the head was
                     whole */
  WEIR_SEND_CUT,  /* the link failed or fell silent inside the answer */
  WEIR_SEND_BAD,  /* the answer breaks HTTP */
} WeirSendEnd;

/* All are called from the poller, never from inside a call of the owner's.  In any of them
 * the owner may call weir_send_stop; nothing is called after it. */
typedef struct
{
  void (*head) (gpointer owner, const WeirHttpHead *head);
  /* Payload, decoded; the bytes may be overwritten by the callee. */
  void (*data) (gpointer owner, char *bytes, size_t length);
  /* @error is set unless WHOLE.  The link is still the send's: weir_send_stop decides. */
  void (*ended) (gpointer owner, WeirSendEnd end, const GError *error);
} WeirSendOwner;

typedef struct
{
  WeirUpstream *upstream; /* (unowned) */
  WeirPoller *poller;     /* (unowned) */
  WeirLink *link;         /* (owned) (nullable): NULL when nothing is under way */
  const WeirSendOwner *owner_funcs;
  gpointer owner;
  WeirTimer watchdog;
  WeirTimer kick;  /* reads what TLS holds after a pause */
  WeirSlice *runs; /* (owned) what is left to write; the bytes are the owner's */
  unsigned n_runs;
  unsigned run;           /* the one being written */
  GByteArray *head_bytes; /* (owned) (nullable) of an answer's head that came in pieces */
  size_t scanned;
  unsigned interim; /* 1xx heads skipped */
  WeirHttpBody body;
  int64_t head_timeout_us;
  int64_t silence_timeout_us;
  gboolean in_body;
  gboolean got_byte;
  gboolean paused;
  gboolean mute; /* writing failed: what has come is read, then the link is given up */
  gboolean keep_alive;
  gboolean to_head; /* unused by model traffic; a HEAD request has no body in its answer */
} WeirSend;

/* Starts on @link (taken).  @runs (transfer full, g_free): head and body in order; the
 * bytes they show must stay until the head of the answer has come or the send is stopped.
 */
void weir_send_start (WeirSend *self,
                      WeirUpstream *upstream,
                      WeirPoller *poller,
                      WeirLink *link,
                      WeirSlice *runs,
                      unsigned n_runs,
                      const WeirSendOwner *owner_funcs,
                      gpointer owner);

/* Ends it, at any time.  The link goes back to the pool when the answer was whole and
 * @reusable, and is closed otherwise.  Harmless when nothing is under way. */
void weir_send_stop (WeirSend *self, gboolean reusable);

/* Back-pressure: no data is read while paused.  The silence watchdog rests too. */
void weir_send_pause (WeirSend *self);
void weir_send_resume (WeirSend *self);

gboolean weir_send_is_active (const WeirSend *self);
gboolean weir_send_is_paused (const WeirSend *self);
/* Everything of the request has been handed to the kernel. */
gboolean weir_send_is_written (const WeirSend *self);
