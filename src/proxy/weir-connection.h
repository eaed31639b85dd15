/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One client connection kept honest: framing, deadlines, caps, back-pressure, leave-taking.
 * It knows no route and no dialect; what to do with a request its owner says.
 *
 *   HEAD -- head good, owner takes it --> BODY -- whole --> ANSWERING -- answer out -->
 * HEAD |                                     |                   |
 *     +---- refused: answer, then LINGERING (close) ------------+-- cut
 *     +---- upgraded: UPGRADED, another protocol's to the end
 */

#include "http/weir-http-body.h"
#include "proxy/weir-admission.h"
#include "proxy/weir-client-keys.h"
#include "proxy/weir-stream.h"

typedef struct _WeirConnection WeirConnection;

typedef enum
{
  WEIR_HEAD_ACCEPT,   /* read the body, then `request` */
  WEIR_HEAD_REFUSED,  /* the owner has answered: the body is not read, the connection closes
                       */
  WEIR_HEAD_ANSWERED, /* the owner has answered a request without body: the connection goes
                         on */
  WEIR_HEAD_UPGRADED, /* the owner called weir_connection_upgrade */
  WEIR_HEAD_TAKEN,    /* the owner took the socket by weir_connection_take_socket */
} WeirHeadResult;

typedef struct
{
  /* A whole head.  @head's slices are valid during the call. @raw is the head's own bytes
   * and whatever came with it.  */
  WeirHeadResult (*head) (WeirConnection *connection,
                          const WeirHttpHead *head,
                          WeirSlice raw);
  /* The request's body has come: weir_connection_get_body. */
  void (*request) (WeirConnection *connection);
  /* The request broke HTTP, a cap or a deadline: answer with @error; the connection closes
   * behind it. */
  void (*broken) (WeirConnection *connection, const GError *error);
  /* While ANSWERING: what was queued has gone out. */
  void (*drained) (WeirConnection *connection);
  /* While ANSWERING: the client has left. Nothing can be written any more. */
  void (*left) (WeirConnection *connection);
  /* The connection is gone; its memory goes behind this call. */
  void (*closed) (WeirConnection *connection);
} WeirConnectionOwner;

/* Another protocol than HTTP behind the head of a request.  Each gets what was given to
 * weir_connection_upgrade. */
typedef struct
{
  void (*bytes) (gpointer upgraded, WeirSlice bytes);
  /* Nothing has come for a while. */
  void (*quiet) (gpointer upgraded);
  /* weir_connection_retire */
  void (*retire) (gpointer upgraded);
  void (*closed) (gpointer upgraded);
  /* What weir_connection_answer, _write, _end and _cut are told, in place of an answer by
   * HTTP; _begin has nothing to say here. */
  void (*answer) (gpointer upgraded, unsigned status, GBytes *body);
  gboolean (*write) (gpointer upgraded, const struct iovec *parts, int n_parts);
  void (*end) (gpointer upgraded);
  void (*cut) (gpointer upgraded);
} WeirUpgrade;

typedef enum
{
  WEIR_CONNECTION_HEAD,
  WEIR_CONNECTION_BODY,
  WEIR_CONNECTION_ANSWERING,
  WEIR_CONNECTION_LINGERING,
  WEIR_CONNECTION_UPGRADED,
  WEIR_CONNECTION_CLOSED, /* only its memory is left, until the poller comes round */
} WeirConnectionState;

#define WEIR_BODY_MAX (64u << 20)
/* Bytes queued for one slow reader before its upstream is no longer read. */
#define WEIR_CONNECTION_QUEUE_MAX (256u << 10)

struct _WeirConnection
{
  WeirStream stream;
  const WeirConnectionOwner *owner_funcs;
  gpointer owner;             /* (unowned) the front door */
  gpointer exchange;          /* (unowned) (nullable) the owner's, while it answers */
  const WeirUpgrade *upgrade; /* (unowned) (nullable) */
  gpointer upgraded;          /* (unowned) (nullable) for @upgrade */
  GList link;                 /* the owner's list of all connections */
  WeirTimer timer;
  WeirConnectionState state;
  int64_t began_us;     /* of the request under way; of the idleness between two */
  int64_t stalled_us;   /* since when the client has taken nothing of what is queued; 0: it
                           does */
  GByteArray *in;       /* (owned) (nullable) bytes read and not yet used */
  size_t scanned;       /* how far a head was looked for in @in */
  WeirHttpBody framing; /* of the request's body */
  char *body;           /* (owned) (nullable) */
  size_t body_length;
  size_t body_allocated;
  GByteArray *out;  /* (owned) (nullable) queued for the client */
  size_t out_sent;  /* of @out */
  GBytes *out_body; /* (owned) (nullable) behind @out */
  size_t out_body_sent;
  WeirKeyMemo memo;
  WeirLocal local; /* our end of it */
  char peer[64];   /* address, or "uid 1000": for logs and limits */
  uid_t uid;       /* of the peer; (uid_t) -1 unknown */
  unsigned n_requests;
  unsigned minor; /* of the request under way */
  gboolean is_loopback;
  gboolean refuse;     /* the peer may not speak: every head is refused */
  gboolean keep_alive; /* after the answer under way */
  gboolean to_head;    /* the request is HEAD: answers have no body */
  gboolean chunked;    /* the answer under way is */
  gboolean streaming;
  gboolean answered;    /* the answer's last byte is queued */
  gboolean head_is_out; /* of an answer in pieces: the kept head has left */
  gboolean half_closed; /* the client ended its writing side and still waits */
  gboolean input_paused;
  gboolean kicked; /* the timer is set to look at input that is already here */
};

/* The body caps of all connections together: 512 MiB. */
#define WEIR_BODIES_MAX ((uint64_t)512 << 20)

/* Takes over @stream (which is not watched yet).  What is known of the peer is the caller's
 * to fill in before weir_connection_start. */
WeirConnection *weir_connection_new (const WeirStream *stream,
                                     const WeirConnectionOwner *owner_funcs,
                                     gpointer owner);
/* Begins to read. */
void weir_connection_start (WeirConnection *self);

/* The whole request body, until the answer is out or it is dropped. */
WeirSlice weir_connection_get_body (const WeirConnection *self);
void weir_connection_drop_body (WeirConnection *self);
/* Another one in its place (copied).  FALSE: it is over a cap, and the old one stays. */
gboolean weir_connection_set_body (WeirConnection *self, WeirSlice body);

/* Answers as a whole.  @head: further fields, each with CRLF (weir_http_write_field).
 * Date, Content-Type, nosniff, Content-Length and Connection are written here.  @close: the
 * connection ends behind it. */
void weir_connection_answer (WeirConnection *self,
                             unsigned status,
                             const char *content_type,
                             WeirSlice fields,
                             GBytes *body,
                             gboolean close);

/* Answers in pieces: head, then any number of writes, then end or cut. */
void weir_connection_begin (WeirConnection *self,
                            unsigned status,
                            const char *content_type,
                            WeirSlice fields);
/* Writes up to 8 parts as one chunk.  TRUE: all went out; FALSE: some is queued, wait for
 * `drained`. */
gboolean
weir_connection_write (WeirConnection *self, const struct iovec *parts, int n_parts);
void weir_connection_end (WeirConnection *self);
/* Ends the answer without its last chunk: the client sees that it is cut. */
void weir_connection_cut (WeirConnection *self);

gboolean weir_connection_is_congested (const WeirConnection *self);

/* (transfer full) (nullable): gives the socket away, in `head` only; the answer must then
 * be TAKEN. NULL when the kernel has no memory for it. */
GIOStream *weir_connection_take_stream (WeirConnection *self);

/* In `head` only; the answer must then be UPGRADED.  Says 101 with @fields. */
void weir_connection_upgrade (WeirConnection *self,
                              const WeirUpgrade *upgrade,
                              gpointer upgraded,
                              WeirSlice fields);
/* While UPGRADED: writes up to 8 parts as they are.  FALSE: some is queued. */
gboolean
weir_connection_send (WeirConnection *self, const struct iovec *parts, int n_parts);
/* While UPGRADED: closes behind what is queued; nothing is read any more. */
void weir_connection_hang_up (WeirConnection *self);

/* For weir-connection-write.c and weir-connection.c alone. */
void weir_connection_flush (WeirConnection *self);
void weir_connection_update (WeirConnection *self);
void weir_connection_answer_is_out (WeirConnection *self);

/* Closes at once when idle, else behind the answer under way. */
void weir_connection_retire (WeirConnection *self);
/* Closes now. */
void weir_connection_close (WeirConnection *self);
