/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Small connections: a head in, a page out.
 *
 *   READING --whole head--> LINGERING --end, or a second--> gone
 *      |  ten seconds, or no room for others
 *      +--> gone
 *
 * What the address means is the sign-in's to say. */

#include "config.h"

#include "control/weir-callback.h"

#include "base/weir-clock.h"
#include "http/weir-http-head.h"
#include "proxy/weir-listener.h"
#include "proxy/weir-peer.h"
#include "proxy/weir-stream.h"

#include <errno.h>
#include <unistd.h>

/* A browser opens a few connections at once, and more of them than it uses. */
#define CALLERS_MAX 32
#define READ_US (10 * WEIR_USEC_PER_SEC)
#define LINGER_US (1 * WEIR_USEC_PER_SEC)
/* A browser may have cookies of other servers of "localhost". */
#define HEAD_MAX WEIR_HTTP_HEAD_MAX
#define HEAD_STEP 4096u

typedef struct
{
  WeirCallback *owner; /* (unowned) */
  WeirStream stream;
  WeirTimer timer;
  GList link; /* of the owner's callers */
  char *head; /* (owned) wiped: it holds a code */
  size_t length;
  size_t room;
  size_t scanned;
  gboolean lingers;
} Caller;

struct _WeirCallback
{
  WeirPoller *poller;     /* (unowned) */
  WeirListener *listener; /* (owned) (nullable) once stopped */
  char *path;             /* (owned) */
  uint16_t port;
  WeirCallbackFunc func;
  gpointer user_data;
  GQueue callers; /* of Caller (owned), oldest first */
};

#define STYLE                                                                              \
  "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"                        \
  "<meta name=\"color-scheme\" content=\"light dark\">"                                    \
  "<style>body{font:1.1em/1.5 system-ui,sans-serif;max-width:32em;margin:20vh auto;"       \
  "padding:0 1em}</style><title>Weir</title></head><body>"
#define END "</body></html>\n"

typedef struct
{
  const char *status;
  const char *page;
} Answer;

static const Answer taken = {
  "200 OK",
  STYLE "<h1>Back to Weir</h1><p>The browser has done its part. You can close this page; "
        "Weir says in a moment whether you are signed in.</p>" END,
};
static const Answer ended = {
  "200 OK",
  STYLE "<h1>Not signed in</h1><p>The sign-in has ended. You can close this page; Weir "
        "says why, and lets you begin again.</p>" END,
};
static const Answer refused = {
  "400 Bad Request",
  STYLE "<h1>Not what Weir waits for</h1><p>This address does not belong to the sign-in "
        "that is under way. Go on in the page that Weir opened, or begin again.</p>" END,
};
static const Answer broken = {
  "400 Bad Request",
  STYLE "<h1>Not understood</h1>" END,
};
static const Answer absent = {
  "404 Not Found",
  STYLE "<h1>Nothing is here</h1>" END,
};
static const Answer wrong_method = {
  "405 Method Not Allowed\r\nAllow: GET",
  STYLE "<h1>Only a browser's GET is answered here</h1>" END,
};
static const Answer elsewhere = {
  "421 Misdirected Request",
  STYLE "<h1>This is not the server you asked for</h1>" END,
};

static void
caller_free (Caller *self)
{
  g_queue_unlink (&self->owner->callers, &self->link);
  weir_poller_clear_timer (self->owner->poller, &self->timer);
  weir_stream_close (&self->stream);
  if (self->head != NULL)
    explicit_bzero (self->head, self->room);
  g_free (self->head);
  g_free (self);
}

static void
on_timer (WeirTimer *timer)
{
  caller_free (WEIR_CONTAINER_OF (timer, Caller, timer));
}

/* The page fits into any socket's buffer, and whoever does not read it does without. */
static void
say (Caller *self, const Answer *answer)
{
  g_autofree char *text = g_strdup_printf (
      "HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %zu\r\n"
      "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
      "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
      "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n%s",
      answer->status, strlen (answer->page), answer->page);
  const struct iovec part = { .iov_base = text, .iov_len = strlen (text) };

  weir_stream_writev (&self->stream, &part, 1);
  weir_stream_shutdown_write (&self->stream);
  self->lingers = TRUE;
  weir_poller_set_timer (self->owner->poller, &self->timer,
                         weir_clock_now_us () + LINGER_US);
}

/* "localhost:1455", "127.0.0.1:1455" or "[::1]:1455". */
static gboolean
is_here (const WeirCallback *self, WeirSlice host)
{
  static const char *const names[] = { "localhost", "127.0.0.1", "::1" };
  WeirHttpAuthority authority = { 0 };

  if (!weir_http_authority_parse (host, &authority)
      || (authority.port != 0 ? authority.port : 80) != self->port)
    return FALSE;
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (weir_slice_equal_nocase (authority.host, weir_slice_from_string (names[i])))
      return TRUE;
  return FALSE;
}

static const Answer *
judge (WeirCallback *self, const WeirHttpHead *head)
{
  if (!is_here (self, head->host))
    return &elsewhere;
  if (!weir_slice_equal (head->path, weir_slice_from_string (self->path)))
    return &absent;
  if (head->method != WEIR_HTTP_GET)
    return &wrong_method;
  if (head->framing != WEIR_HTTP_FRAMING_NONE || self->func == NULL)
    return &refused;
  switch (self->func (head->target, self->user_data))
    {
    case WEIR_CALLBACK_TAKEN:
      return &taken;
    case WEIR_CALLBACK_ENDED:
      return &ended;
    case WEIR_CALLBACK_REFUSED:
      break;
    }
  return &refused;
}

/* The head is whole. */
static void
answer_head (Caller *self, size_t length)
{
  g_autofree WeirHttpHead *head = g_new0 (WeirHttpHead, 1);
  g_autoptr (GError) error = NULL;

  if (weir_http_head_parse_request (head, self->head, length, &error))
    say (self, judge (self->owner, head));
  else if (g_error_matches (error, WEIR_ERROR, WEIR_ERROR_METHOD_NOT_ALLOWED)
           || g_error_matches (error, WEIR_ERROR, WEIR_ERROR_NOT_IMPLEMENTED))
    say (self, &wrong_method);
  else if (g_error_matches (error, WEIR_ERROR, WEIR_ERROR_MISDIRECTED))
    say (self, &elsewhere);
  else
    say (self, &broken);
}

/* Twice the room, and no copy of what was read is left. */
static void
grow (Caller *self)
{
  const size_t room = MIN (MAX (self->room * 2, HEAD_STEP), HEAD_MAX);
  char *head = g_malloc (room);

  if (self->length > 0)
    memcpy (head, self->head, self->length);
  if (self->head != NULL)
    explicit_bzero (self->head, self->room);
  g_free (self->head);
  self->head = head;
  self->room = room;
}

static void
read_head (Caller *self)
{
  size_t length = 0;
  ssize_t n;

  if (self->length == self->room)
    grow (self);
  n = weir_stream_read (&self->stream, self->head + self->length,
                        self->room - self->length);
  if (n == WEIR_STREAM_AGAIN)
    return;
  if (n <= 0)
    {
      caller_free (self);
      return;
    }
  self->length += (size_t)n;
  switch (weir_http_head_find_end (self->head, self->length, &self->scanned, &length, NULL))
    {
    case WEIR_HTTP_MORE:
      if (self->length == HEAD_MAX)
        say (self, &broken);
      break;
    case WEIR_HTTP_DONE:
      answer_head (self, length);
      break;
    case WEIR_HTTP_BAD:
      say (self, &broken);
      break;
    }
}

static void
on_readable (WeirWatch *watch, uint32_t events)
{
  Caller *self = WEIR_CONTAINER_OF (watch, Caller, stream.watch);
  char waste[1024];
  ssize_t n;

  if (!self->lingers)
    {
      read_head (self);
      return;
    }
  n = weir_stream_read (&self->stream, waste, sizeof waste);
  if (n <= 0 && n != WEIR_STREAM_AGAIN)
    caller_free (self);
}

/* Our own user, or nobody can know. */
static gboolean
is_welcome (int fd, const struct sockaddr_storage *remote)
{
  struct sockaddr_storage local = { 0 };
  socklen_t length = sizeof local;
  WeirPeer peer = { 0 };

  if (getsockname (fd, (struct sockaddr *)&local, &length) != 0
      || !weir_peer_lookup ((const struct sockaddr *)&local,
                            (const struct sockaddr *)remote, &peer)
      || !peer.has_owner || peer.uid == geteuid ())
    return TRUE;
  g_message ("refused a sign-in's address to another user (uid %u)", (unsigned)peer.uid);
  return FALSE;
}

static void
on_accepted (int fd, const struct sockaddr_storage *remote, gpointer user_data)
{
  WeirCallback *self = user_data;
  Caller *caller = NULL;

  if (!is_welcome (fd, remote))
    {
      close (fd);
      return;
    }
  if (self->callers.length == CALLERS_MAX)
    caller_free (self->callers.head->data);
  caller = g_new0 (Caller, 1);
  caller->owner = self;
  caller->link.data = caller;
  caller->timer.func = on_timer;
  weir_stream_init_fd (&caller->stream, self->poller, fd);
  g_queue_push_tail_link (&self->callers, &caller->link);
  if (!weir_stream_watch (&caller->stream, on_readable, EPOLLIN))
    {
      caller_free (caller);
      return;
    }
  weir_poller_set_timer (self->poller, &caller->timer, weir_clock_now_us () + READ_US);
}

WeirCallback *
weir_callback_new (WeirPoller *poller,
                   uint16_t port,
                   const char *path,
                   WeirCallbackFunc func,
                   gpointer user_data,
                   GError **error)
{
  g_autoptr (WeirCallback) self = g_new0 (WeirCallback, 1);

  self->poller = poller;
  self->path = g_strdup (path);
  self->func = func;
  self->user_data = user_data;
  self->listener = weir_listener_new (poller, "localhost", port, on_accepted, self, error);
  if (self->listener == NULL)
    return NULL;
  self->port = weir_listener_get_port (self->listener);
  return g_steal_pointer (&self);
}

void
weir_callback_stop (WeirCallback *self)
{
  self->func = NULL;
  g_clear_pointer (&self->listener, weir_listener_free);
}

void
weir_callback_free (WeirCallback *self)
{
  if (self == NULL)
    return;
  weir_callback_stop (self);
  while (self->callers.head != NULL)
    caller_free (self->callers.head->data);
  g_free (self->path);
  g_free (self);
}
