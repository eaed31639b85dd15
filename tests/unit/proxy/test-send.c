/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One request on one link over loopback; what the other side says is scripted,
 * the clock is driven. */

#include "config.h"

#include "proxy/weir-send.h"

#include "base/weir-clock.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_TIMEOUT_US (300 * WEIR_USEC_PER_SEC)
#define SILENCE_TIMEOUT_US (200 * WEIR_USEC_PER_SEC)
#define REQUEST_HEAD "POST /v1 HTTP/1.1\r\n\r\n"
#define REQUEST_BODY "{\"a\":1}"
#define NOT_ENDED (-1)

typedef struct
{
  WeirPoller *poller;
  WeirUpstream *upstream;
  WeirTarget *target;
  WeirLink *link; /* of the last connect */
  int listener;
  int peer; /* the other side of the last connect */
  volatile int64_t offset_us;
  WeirSend send;
  char *request; /* (owned) */
  size_t request_length;

  /* what was told */
  unsigned n_heads;
  unsigned status;
  GString *data;
  unsigned n_data;
  int end; /* WeirSendEnd or NOT_ENDED */
  int error_code;

  /* what the owner does when it is told */
  gboolean pause_on_head, pause_on_data, stop_on_head, stop_on_data;
} Fixture;

static void
on_head (gpointer owner, const WeirHttpHead *head)
{
  Fixture *self = owner;

  self->n_heads++;
  self->status = head->status;
  if (self->pause_on_head)
    weir_send_pause (&self->send);
  if (self->stop_on_head)
    weir_send_stop (&self->send, TRUE);
}

static void
on_data (gpointer owner, char *bytes, size_t length)
{
  Fixture *self = owner;

  g_assert_cmpuint (self->n_heads, ==, 1);
  g_assert_cmpuint (length, >, 0);
  g_assert_cmpint (self->end, ==, NOT_ENDED);
  g_string_append_len (self->data, bytes, (gssize)length);
  self->n_data++;
  memset (bytes, '?', length); /* they are the callee's */
  if (self->pause_on_data)
    weir_send_pause (&self->send);
  if (self->stop_on_data)
    weir_send_stop (&self->send, TRUE);
}

static void
on_ended (gpointer owner, WeirSendEnd end, const GError *error)
{
  Fixture *self = owner;

  g_assert_cmpint (self->end, ==, NOT_ENDED);
  g_assert_true (weir_send_is_active (&self->send));
  g_assert_true ((error == NULL) == (end == WEIR_SEND_WHOLE));
  self->end = (int)end;
  self->error_code = error != NULL ? error->code : -1;
  weir_send_stop (&self->send, TRUE);
}

static const WeirSendOwner owner_funcs = { on_head, on_data, on_ended };

static void
setup (Fixture *self, gconstpointer data)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t length = sizeof address;
  g_autofree char *url = NULL;

  self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_no_errno (bind (self->listener, (struct sockaddr *)&address, length));
  g_assert_no_errno (listen (self->listener, 16));
  g_assert_no_errno (getsockname (self->listener, (struct sockaddr *)&address, &length));
  url = g_strdup_printf ("http://127.0.0.1:%u", ntohs (address.sin_port));
  self->target = weir_target_new (url, NULL, "a", NULL);
  weir_clock_set_test_offset (&self->offset_us);
  self->poller = weir_poller_new (NULL);
  self->upstream = weir_upstream_new (self->poller, NULL, NULL);
  self->data = g_string_new (NULL);
  self->peer = -1;
  self->send.head_timeout_us = HEAD_TIMEOUT_US;
  self->send.silence_timeout_us = SILENCE_TIMEOUT_US;
}

static void
hang_up (Fixture *self)
{
  if (self->peer >= 0)
    close (self->peer);
  self->peer = -1;
}

static void
teardown (Fixture *self, gconstpointer data)
{
  weir_send_stop (&self->send, FALSE);
  weir_send_stop (&self->send, FALSE);
  g_assert_false (weir_send_is_active (&self->send));
  hang_up (self);
  close (self->listener);
  weir_upstream_free (self->upstream);
  weir_poller_free (self->poller);
  weir_target_free (self->target);
  g_string_free (self->data, TRUE);
  g_free (self->request);
  weir_clock_set_test_offset (NULL);
}

/* All that can happen now happens. */
static void
turn (void)
{
  for (unsigned i = 0; i < 4; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
on_connected (WeirLink *link, const GError *error, gpointer user_data)
{
  Fixture *self = user_data;

  g_assert_no_error (error);
  self->link = link;
}

/* A new link, nothing sent on it. */
static void
connect_fresh (Fixture *self)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  hang_up (self);
  self->link = NULL;
  weir_upstream_connect (self->upstream, self->target, cancellable, on_connected, self);
  while (self->link == NULL)
    g_main_context_iteration (NULL, TRUE);
  self->peer = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint (self->peer, >=, 0);
}

static void
connect_reused (Fixture *self)
{
  connect_fresh (self);
  weir_upstream_release (self->upstream, self->link);
  self->link = weir_upstream_take_idle (self->upstream, self->target);
  g_assert_nonnull (self->link);
}

/* Begins a request whose body is @body_length bytes (0: a short one). */
static void
start (Fixture *self, size_t body_length)
{
  WeirSlice *runs = g_new (WeirSlice, 2);
  size_t head_length = strlen (REQUEST_HEAD);

  g_free (self->request);
  if (body_length > 0)
    {
      g_autofree char *body = g_strnfill (body_length, 'x');

      self->request = g_strconcat (REQUEST_HEAD, body, NULL);
    }
  else
    self->request = g_strdup (REQUEST_HEAD REQUEST_BODY);
  self->request_length = strlen (self->request);
  self->n_heads = self->n_data = self->status = 0;
  self->end = NOT_ENDED;
  g_string_truncate (self->data, 0);
  runs[0] = (WeirSlice){ self->request, head_length };
  runs[1] = (WeirSlice){ self->request + head_length, self->request_length - head_length };
  weir_send_start (&self->send, self->upstream, self->poller, g_steal_pointer (&self->link),
                   runs, 2, &owner_funcs, self);
}

static void
start_fresh (Fixture *self)
{
  connect_fresh (self);
  start (self, 0);
}

/* More than any pair of sockets holds. */
static void
start_long (Fixture *self)
{
  connect_fresh (self);
  start (self, 24u << 20);
  turn ();
  g_assert_false (weir_send_is_written (&self->send));
}

static void
say_bytes (Fixture *self, const char *bytes, size_t length)
{
  g_assert_cmpint (send (self->peer, bytes, length, MSG_NOSIGNAL), ==, (ssize_t)length);
  turn ();
}

static void
say (Fixture *self, const char *text)
{
  say_bytes (self, text, strlen (text));
}

static void
half_close (Fixture *self)
{
  g_assert_no_errno (shutdown (self->peer, SHUT_WR));
  turn ();
}

static void
reset (Fixture *self)
{
  struct linger now = { 1, 0 };

  g_assert_no_errno (setsockopt (self->peer, SOL_SOCKET, SO_LINGER, &now, sizeof now));
  hang_up (self);
  turn ();
}

static void
pass (Fixture *self, int64_t us)
{
  int64_t until_us = g_get_monotonic_time () + 60000;

  self->offset_us += us;
  /* while it is driven, the clock is looked at every 20 ms */
  while (self->end == NOT_ENDED && g_get_monotonic_time () < until_us)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
}

static void
assert_end (Fixture *self, int end, int error_code)
{
  g_assert_cmpint (self->end, ==, end);
  if (end != NOT_ENDED && end != WEIR_SEND_WHOLE)
    g_assert_cmpint (self->error_code, ==, error_code);
  g_assert_true (weir_send_is_active (&self->send) == (end == NOT_ENDED));
}

static unsigned
count_idle (Fixture *self)
{
  WeirUpstreamCounts counts;

  weir_upstream_get_counts (self->upstream, &counts);
  g_assert_cmpuint (counts.held, ==, weir_send_is_active (&self->send) ? 1 : 0);
  return counts.idle;
}

/* Answers and what becomes of them, whatever the cuts. */
typedef struct
{
  const char *name;
  const char *wire;
  gboolean closes; /* the other side ends behind it */
  int end;
  int error_code;
  unsigned status; /* 0: no head is told */
  const char *data;
  gboolean kept; /* the link goes back to the pool */
} Answer;

#define OK "HTTP/1.1 200 OK\r\n"
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"
#define HINTS "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
#define BAD WEIR_SEND_BAD, WEIR_ERROR_BAD_UPSTREAM

/* clang-format off */
static const Answer answers[] = {
  { "length", OK "Content-Length: 5\r\n\r\nhello", FALSE, WEIR_SEND_WHOLE, 0, 200, "hello", TRUE },
  { "empty", OK "Content-Length: 0\r\n\r\n", FALSE, WEIR_SEND_WHOLE, 0, 200, "", TRUE },
  { "no body", "HTTP/1.1 204 No Content\r\n\r\n", FALSE, WEIR_SEND_WHOLE, 0, 204, "", TRUE },
  { "chunked", OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nT: u\r\n\r\n", FALSE, WEIR_SEND_WHOLE, 0, 200, "abcdefg", TRUE },
  { "closed", OK "\r\nuntil the end", TRUE, WEIR_SEND_WHOLE, 0, 200, "until the end", FALSE },
  { "closed empty", OK "\r\n", TRUE, WEIR_SEND_WHOLE, 0, 200, "", FALSE },
  { "asked to close", OK "Connection: close\r\nContent-Length: 2\r\n\r\nhi", FALSE, WEIR_SEND_WHOLE, 0, 200, "hi", FALSE },
  { "old", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", FALSE, WEIR_SEND_WHOLE, 0, 200, "hi", FALSE },
  { "error status", "HTTP/1.1 529 \r\nContent-Length: 2\r\n\r\n{}", FALSE, WEIR_SEND_WHOLE, 0, 529, "{}", TRUE },
  { "interim", CONTINUE HINTS OK "Content-Length: 2\r\n\r\nhi", FALSE, WEIR_SEND_WHOLE, 0, 200, "hi", TRUE },
  { "eight interim", CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE OK "Content-Length: 0\r\n\r\n", FALSE, WEIR_SEND_WHOLE, 0, 200, "", TRUE },
  { "nine interim", CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE, FALSE, BAD, 0, "", FALSE },
  { "another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", FALSE, BAD, 0, "", FALSE },
  { "garbage", "SSH-2.0-OpenSSH_9.2\r\n", FALSE, BAD, 0, "", FALSE },
  { "two lengths", OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\n", FALSE, BAD, 0, "", FALSE },
  { "bad chunk", OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabcX", FALSE, BAD, 200, "abc", FALSE },
  { "bad chunk size", OK "Transfer-Encoding: chunked\r\n\r\nz", FALSE, BAD, 200, "", FALSE },
  { "cut length", OK "Content-Length: 5\r\n\r\nhell", TRUE, WEIR_SEND_CUT, WEIR_ERROR_CUT, 200, "hell", FALSE },
  { "cut chunk", OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhell", TRUE, WEIR_SEND_CUT, WEIR_ERROR_CUT, 200, "hell", FALSE },
  { "cut between chunks", OK "Transfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n", TRUE, WEIR_SEND_CUT, WEIR_ERROR_CUT, 200, "hell", FALSE },
  { "cut before the last line", OK "Transfer-Encoding: chunked\r\n\r\n0\r\n", TRUE, WEIR_SEND_CUT, WEIR_ERROR_CUT, 200, "", FALSE },
  { "cut head", OK "Content-Le", TRUE, WEIR_SEND_LOST, WEIR_ERROR_UPSTREAM, 0, "", FALSE },
  { "cut behind interim", CONTINUE, TRUE, WEIR_SEND_LOST, WEIR_ERROR_UPSTREAM, 0, "", FALSE },
};
/* clang-format on */

/* The answer in pieces of @step bytes, the first of @first (0: none). */
static void
check_answer (Fixture *self, const Answer *answer, size_t first, size_t step)
{
  size_t length = strlen (answer->wire);
  size_t part;
  char request[64];

  weir_upstream_drop_idle (self->upstream);
  start_fresh (self);
  turn ();
  g_assert_true (weir_send_is_written (&self->send));
  for (size_t at = 0; at < length && self->end == NOT_ENDED; at += part)
    {
      part = MIN (at == 0 && first > 0 ? first : step, length - at);
      say_bytes (self, answer->wire + at, part);
    }
  if (answer->closes)
    {
      g_assert_cmpint (self->end, ==, NOT_ENDED);
      half_close (self);
    }
  assert_end (self, answer->end, answer->error_code);
  g_assert_cmpuint (self->n_heads, ==, answer->status != 0 ? 1 : 0);
  g_assert_cmpuint (self->status, ==, answer->status);
  g_assert_cmpstr (self->data->str, ==, answer->data);
  g_assert_cmpuint (count_idle (self), ==, answer->kept ? 1 : 0);
  g_assert_cmpint (recv (self->peer, request, sizeof request, MSG_DONTWAIT), ==,
                   (ssize_t)self->request_length);
  g_assert_cmpmem (request, self->request_length, self->request, self->request_length);
}

static void
test_any_cut_gives_the_same_answer (Fixture *self, gconstpointer data)
{
  for (size_t i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_test_message ("%s", answers[i].name);
      check_answer (self, &answers[i], 0, SIZE_MAX);
      check_answer (self, &answers[i], 0, 1);
      for (size_t cut = 1; cut < strlen (answers[i].wire); cut++)
        check_answer (self, &answers[i], cut, SIZE_MAX);
    }
}

static void
test_one_link_carries_many_requests (Fixture *self, gconstpointer data)
{
  connect_fresh (self);
  for (unsigned i = 0; i < 50; i++)
    {
      start (self, 0);
      turn ();
      say (self, OK "Content-Length: 1\r\n\r\n"
                    "a");
      assert_end (self, WEIR_SEND_WHOLE, 0);
      self->link = weir_upstream_take_idle (self->upstream, self->target);
      g_assert_nonnull (self->link);
    }
  weir_upstream_discard (self->upstream, self->link);
}

static void
test_bytes_behind_the_answer_cost_the_link (Fixture *self, gconstpointer data)
{
  start_fresh (self);
  say (self, OK "Content-Length: 2\r\n\r\nhi" OK "Content-Length: 2\r\n\r\nno");
  assert_end (self, WEIR_SEND_WHOLE, 0);
  g_assert_cmpstr (self->data->str, ==, "hi");
  g_assert_cmpuint (self->n_heads, ==, 1);
  g_assert_cmpuint (count_idle (self), ==, 0);
}

static void
test_a_kept_link_that_died_is_stale (Fixture *self, gconstpointer data)
{
  connect_reused (self);
  start (self, 0);
  turn ();
  half_close (self);
  assert_end (self, WEIR_SEND_STALE, WEIR_ERROR_UPSTREAM);

  connect_reused (self);
  start (self, 0);
  turn ();
  reset (self);
  assert_end (self, WEIR_SEND_STALE, WEIR_ERROR_UPSTREAM);

  /* also where the request was not yet written */
  connect_reused (self);
  start (self, 24u << 20);
  turn ();
  reset (self);
  assert_end (self, WEIR_SEND_STALE, WEIR_ERROR_UPSTREAM);

  /* one byte of an answer: it was heard, so it may have been acted on */
  connect_reused (self);
  start (self, 0);
  say (self, "H");
  half_close (self);
  assert_end (self, WEIR_SEND_LOST, WEIR_ERROR_UPSTREAM);
}

static void
test_a_new_link_that_dies_is_unsent_or_lost (Fixture *self, gconstpointer data)
{
  start_long (self);
  reset (self);
  assert_end (self, WEIR_SEND_UNSENT, WEIR_ERROR_UPSTREAM);

  start_fresh (self);
  half_close (self);
  assert_end (self, WEIR_SEND_LOST, WEIR_ERROR_UPSTREAM);

  start_fresh (self);
  reset (self);
  assert_end (self, WEIR_SEND_LOST, WEIR_ERROR_UPSTREAM);
}

static void
test_a_reset_is_no_end_of_a_body (Fixture *self, gconstpointer data)
{
  start_fresh (self);
  say (self, OK "\r\npart");
  reset (self);
  assert_end (self, WEIR_SEND_CUT, WEIR_ERROR_CUT);
  g_assert_cmpstr (self->data->str, ==, "part");
}

/* Reads what comes until @length bytes are there, and compares. */
static void
hear_request (Fixture *self)
{
  g_autofree char *block = g_malloc (1 << 16);
  size_t n_heard = 0;

  while (n_heard < self->request_length)
    {
      ssize_t n = recv (self->peer, block, 1 << 16, MSG_DONTWAIT);

      if (n > 0)
        {
          g_assert_cmpmem (block, (size_t)n, self->request + n_heard, (size_t)n);
          n_heard += (size_t)n;
        }
      turn ();
    }
  g_assert_cmpuint (n_heard, ==, self->request_length);
}

static void
test_a_long_request_arrives_whole (Fixture *self, gconstpointer data)
{
  start_long (self);
  hear_request (self);
  g_assert_true (weir_send_is_written (&self->send));
  say (self, OK "Content-Length: 2\r\n\r\nhi");
  assert_end (self, WEIR_SEND_WHOLE, 0);
  g_assert_cmpuint (count_idle (self), ==, 1);
}

static void
test_an_early_answer_is_told (Fixture *self, gconstpointer data)
{
  start_long (self);
  say (self, "HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\n");
  g_assert_cmpuint (self->status, ==, 413);
  assert_end (self, NOT_ENDED, 0);
  say (self, "much");
  assert_end (self, WEIR_SEND_WHOLE, 0);
  g_assert_cmpstr (self->data->str, ==, "much");
  /* half a request stands on that link */
  g_assert_cmpuint (count_idle (self), ==, 0);
}

static void
test_watchdogs_bite_in_their_time (Fixture *self, gconstpointer data)
{
  start_fresh (self);
  turn ();
  pass (self, HEAD_TIMEOUT_US - WEIR_USEC_PER_SEC);
  assert_end (self, NOT_ENDED, 0);
  pass (self, 2 * WEIR_USEC_PER_SEC);
  assert_end (self, WEIR_SEND_LOST, WEIR_ERROR_UPSTREAM_TIMEOUT);

  start_fresh (self);
  turn ();
  say (self, CONTINUE);
  pass (self, HEAD_TIMEOUT_US + WEIR_USEC_PER_SEC);
  assert_end (self, WEIR_SEND_LOST, WEIR_ERROR_UPSTREAM_TIMEOUT);

  /* each byte of a body is a sign of life */
  start_fresh (self);
  say (self, OK "Content-Length: 5\r\n\r\n");
  for (unsigned i = 0; i < 4; i++)
    {
      pass (self, SILENCE_TIMEOUT_US - WEIR_USEC_PER_SEC);
      assert_end (self, NOT_ENDED, 0);
      say (self, "a");
    }
  pass (self, SILENCE_TIMEOUT_US + WEIR_USEC_PER_SEC);
  assert_end (self, WEIR_SEND_CUT, WEIR_ERROR_UPSTREAM_TIMEOUT);
  g_assert_cmpstr (self->data->str, ==, "aaaa");

  start_long (self);
  pass (self, 29 * WEIR_USEC_PER_SEC);
  assert_end (self, NOT_ENDED, 0);
  pass (self, 2 * WEIR_USEC_PER_SEC);
  assert_end (self, WEIR_SEND_UNSENT, WEIR_ERROR_UPSTREAM_TIMEOUT);
}

static void
test_nothing_is_read_while_paused (Fixture *self, gconstpointer data)
{
  start_fresh (self);
  self->pause_on_data = TRUE;
  say (self, OK "Content-Length: 3\r\n\r\na");
  g_assert_cmpstr (self->data->str, ==, "a");
  say (self, "b");
  g_assert_cmpstr (self->data->str, ==, "a");
  /* nor is anybody silent */
  pass (self, 10 * SILENCE_TIMEOUT_US);
  assert_end (self, NOT_ENDED, 0);
  weir_send_pause (&self->send);
  weir_send_resume (&self->send);
  g_assert_cmpstr (self->data->str, ==, "a");
  turn ();
  g_assert_cmpstr (self->data->str, ==, "ab");
  weir_send_resume (&self->send);
  weir_send_resume (&self->send);
  pass (self, SILENCE_TIMEOUT_US - WEIR_USEC_PER_SEC);
  assert_end (self, NOT_ENDED, 0);
  pass (self, 2 * WEIR_USEC_PER_SEC);
  assert_end (self, WEIR_SEND_CUT, WEIR_ERROR_UPSTREAM_TIMEOUT);
}

static void
test_a_pause_at_the_head_holds_the_body (Fixture *self, gconstpointer data)
{
  start_fresh (self);
  self->pause_on_head = TRUE;
  say (self, OK "Content-Length: 3\r\n\r\n");
  g_assert_cmpuint (self->n_heads, ==, 1);
  say (self, "abc");
  g_assert_cmpuint (self->n_data, ==, 0);
  weir_send_resume (&self->send);
  turn ();
  assert_end (self, WEIR_SEND_WHOLE, 0);
  g_assert_cmpstr (self->data->str, ==, "abc");
  g_assert_cmpuint (count_idle (self), ==, 1);
}

static void
test_a_pause_loses_nothing_before_an_end (Fixture *self, gconstpointer data)
{
  start_fresh (self);
  self->pause_on_head = TRUE;
  say (self, OK "\r\n");
  say (self, "abc");
  half_close (self);
  assert_end (self, NOT_ENDED, 0);
  weir_send_resume (&self->send);
  turn ();
  assert_end (self, WEIR_SEND_WHOLE, 0);
  g_assert_cmpstr (self->data->str, ==, "abc");
}

static void
test_nothing_is_told_after_a_stop (Fixture *self, gconstpointer data)
{
  start_fresh (self);
  self->stop_on_head = TRUE;
  say (self, OK "Content-Length: 3\r\n\r\nabc");
  g_assert_cmpuint (self->n_heads, ==, 1);
  g_assert_cmpuint (self->n_data, ==, 0);
  g_assert_cmpint (self->end, ==, NOT_ENDED);
  g_assert_false (weir_send_is_active (&self->send));
  g_assert_cmpuint (count_idle (self), ==, 0);
  self->stop_on_head = FALSE;

  start_fresh (self);
  self->stop_on_data = TRUE;
  say (self, OK "Content-Length: 3\r\n\r\nabc");
  g_assert_cmpuint (self->n_data, ==, 1);
  g_assert_cmpint (self->end, ==, NOT_ENDED);
  g_assert_false (weir_send_is_active (&self->send));

  start_fresh (self);
  weir_send_stop (&self->send, TRUE);
  turn ();
  g_assert_cmpint (self->end, ==, NOT_ENDED);
  g_assert_cmpuint (count_idle (self), ==, 0);
}

static void
test_an_early_answer_that_stops_is_cut (Fixture *self, gconstpointer data)
{
  start_long (self);
  say (self, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmu");
  pass (self, 31 * WEIR_USEC_PER_SEC);
  assert_end (self, WEIR_SEND_CUT, WEIR_ERROR_UPSTREAM_TIMEOUT);
}

/* The other side answers, then slams the door on the rest of the request. */
static void
test_an_early_answer_survives_a_reset (Fixture *self, gconstpointer data)
{
  static const char answer[] = "HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch";

  start_long (self);
  g_assert_cmpint (send (self->peer, answer, strlen (answer), MSG_NOSIGNAL), ==,
                   (ssize_t)strlen (answer));
  hang_up (self); /* unread bytes make it a reset */
  turn ();
  assert_end (self, WEIR_SEND_WHOLE, 0);
  g_assert_cmpuint (self->status, ==, 413);
  g_assert_cmpstr (self->data->str, ==, "much");
}

static void
test_a_pause_outlasts_the_end_of_writing (Fixture *self, gconstpointer data)
{
  start_long (self);
  self->pause_on_head = TRUE;
  say (self, OK "Content-Length: 3\r\n\r\n");
  hear_request (self);
  g_assert_true (weir_send_is_written (&self->send));
  pass (self, SILENCE_TIMEOUT_US + WEIR_USEC_PER_SEC);
  assert_end (self, NOT_ENDED, 0);
}

static void
test_requests_of_a_link_are_counted_once (Fixture *self, gconstpointer data)
{
  connect_reused (self);
  g_assert_cmpuint (self->link->n_requests, ==, 2);
  start (self, 0);
  g_assert_cmpuint (self->send.link->n_requests, ==, 2);
}

#define ADD(name, func) g_test_add ("/send/" name, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("any-cut-gives-the-same-answer", test_any_cut_gives_the_same_answer);
  ADD ("one-link-carries-many-requests", test_one_link_carries_many_requests);
  ADD ("bytes-behind-the-answer-cost-the-link", test_bytes_behind_the_answer_cost_the_link);
  ADD ("a-kept-link-that-died-is-stale", test_a_kept_link_that_died_is_stale);
  ADD ("a-new-link-that-dies-is-unsent-or-lost",
       test_a_new_link_that_dies_is_unsent_or_lost);
  ADD ("a-reset-is-no-end-of-a-body", test_a_reset_is_no_end_of_a_body);
  ADD ("a-long-request-arrives-whole", test_a_long_request_arrives_whole);
  ADD ("an-early-answer-is-told", test_an_early_answer_is_told);
  ADD ("watchdogs-bite-in-their-time", test_watchdogs_bite_in_their_time);
  ADD ("nothing-is-read-while-paused", test_nothing_is_read_while_paused);
  ADD ("a-pause-at-the-head-holds-the-body", test_a_pause_at_the_head_holds_the_body);
  ADD ("a-pause-loses-nothing-before-an-end", test_a_pause_loses_nothing_before_an_end);
  ADD ("nothing-is-told-after-a-stop", test_nothing_is_told_after_a_stop);
  ADD ("an-early-answer-that-stops-is-cut", test_an_early_answer_that_stops_is_cut);
  ADD ("a-pause-outlasts-the-end-of-writing", test_a_pause_outlasts_the_end_of_writing);
  ADD ("requests-of-a-link-are-counted-once", test_requests_of_a_link_are_counted_once);
  ADD ("an-early-answer-survives-a-reset", test_an_early_answer_survives_a_reset);
  return g_test_run ();
}
