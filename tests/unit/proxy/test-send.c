/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One request on one link over loopback; what the other side says is scripted,
 * the clock is driven. */

#include "config.h"

#include "send-fixture.h"

#include <sys/socket.h>

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
test_requests_of_a_link_are_counted_once (Fixture *self, gconstpointer data)
{
  connect_reused (self);
  g_assert_cmpuint (self->link->n_requests, ==, 2);
  start (self, 0);
  g_assert_cmpuint (self->send.link->n_requests, ==, 2);
}

#define ADD(name, func)                                                                    \
  g_test_add ("/send/" name, Fixture, NULL, send_fixture_setup, func, send_fixture_teardown)

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
  ADD ("watchdogs-bite-in-their-time", test_watchdogs_bite_in_their_time);
  ADD ("nothing-is-read-while-paused", test_nothing_is_read_while_paused);
  ADD ("a-pause-at-the-head-holds-the-body", test_a_pause_at_the_head_holds_the_body);
  ADD ("a-pause-loses-nothing-before-an-end", test_a_pause_loses_nothing_before_an_end);
  ADD ("nothing-is-told-after-a-stop", test_nothing_is_told_after_a_stop);
  ADD ("requests-of-a-link-are-counted-once", test_requests_of_a_link_are_counted_once);
  return g_test_run ();
}
