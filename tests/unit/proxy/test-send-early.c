/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests longer than the sockets hold, and answers that come before their end. */

#include "config.h"

#include "send-fixture.h"

#include <string.h>
#include <sys/socket.h>

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

#define ADD(name, func)                                                                    \
  g_test_add ("/send-early/" name, Fixture, NULL, send_fixture_setup, func,                \
              send_fixture_teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("a-long-request-arrives-whole", test_a_long_request_arrives_whole);
  ADD ("an-early-answer-is-told", test_an_early_answer_is_told);
  ADD ("an-early-answer-that-stops-is-cut", test_an_early_answer_that_stops_is_cut);
  ADD ("an-early-answer-survives-a-reset", test_an_early_answer_survives_a_reset);
  ADD ("a-pause-outlasts-the-end-of-writing", test_a_pause_outlasts_the_end_of_writing);
  return g_test_run ();
}
