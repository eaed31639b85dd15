/* SPDX-License-Identifier: GPL-3.0-or-later */

/* weir-bench-mock: an upstream that answers at once, at a pace, wrongly or not at all, as
 * `GET /ctl?name=number&…` told it (mock-answer.h has the names; `/ctl?reset` forgets them)
 * or the query of one request tells it.  Prints its port, then serves until it is ended.
 *
 *   READING -> (WAITING ->) OPENING -> (PACING ->) ENDING -> READING or closed
 */

#include "bench-piece.h"
#include "mock-answer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_EVENTS 256
#define BODY_BEGIN 4096u
#define BODY_END 256u
/* A reader that has stopped gets no more pieces from here on, so that the mock stays small.
 */
#define UNSENT_MAX 262144u

typedef enum
{
  READING,
  WAITING, /* for the first byte's time */
  OPENING, /* what is rendered in advance */
  PACING,  /* piece by piece */
  ENDING,  /* what is left in @out */
} State;

typedef struct
{
  int descriptor;
  State state;
  bool dead; /* to be freed by the main loop */
  BenchBuffer in;
  bool has_head;
  BenchHead head;
  BenchBody body;
  BenchBuffer body_begin;
  BenchBuffer body_end;
  BenchBuffer out;
  MockAnswer *answer; /* (owned) one use of it, while it is sent */
  size_t sent;        /* of its opening */
  size_t number;      /* of the next piece */
  int64_t due_ns;
  size_t timer; /* its place in the heap, from 1; 0: has none */
} Connection;

typedef struct
{
  int poller;
  int listener;
  MockSettings settings;
  MockAnswer *answers[BENCH_DIALECT_LAST][2]; /* (owned) the newest of each kind */
  Connection **timers;                        /* heap by due time, from 1 */
  size_t n_timers;
  size_t timers_size;
  uint64_t n_requests;
  uint64_t n_bytes; /* of request bodies */
  uint64_t n_open;
  uint64_t n_left; /* clients that went before their answer was out */
} Mock;

static void
timer_put (Mock *self, size_t place, Connection *connection)
{
  self->timers[place] = connection;
  connection->timer = place;
}

static void
timer_sink (Mock *self, size_t place, Connection *connection)
{
  for (size_t child = place * 2; child <= self->n_timers; child = place * 2)
    {
      if (child < self->n_timers
          && self->timers[child + 1]->due_ns < self->timers[child]->due_ns)
        child++;
      if (self->timers[child]->due_ns >= connection->due_ns)
        break;
      timer_put (self, place, self->timers[child]);
      place = child;
    }
  timer_put (self, place, connection);
}

static void
timer_rise (Mock *self, size_t place, Connection *connection)
{
  while (place > 1 && self->timers[place / 2]->due_ns > connection->due_ns)
    {
      timer_put (self, place, self->timers[place / 2]);
      place /= 2;
    }
  timer_put (self, place, connection);
}

static void
timer_start (Mock *self, Connection *connection, int64_t due_ns)
{
  connection->due_ns = due_ns;
  if (++self->n_timers >= self->timers_size)
    {
      self->timers_size = self->timers_size == 0 ? 1024 : self->timers_size * 2;
      self->timers = realloc (self->timers, self->timers_size * sizeof *self->timers);
      if (self->timers == NULL)
        bench_die ("out of memory");
    }
  timer_rise (self, self->n_timers, connection);
}

static void
timer_stop (Mock *self, Connection *connection)
{
  size_t place = connection->timer;
  Connection *last;

  if (place == 0)
    return;
  connection->timer = 0;
  last = self->timers[self->n_timers--];
  if (last == connection)
    return;
  timer_sink (self, place, last);
  timer_rise (self, last->timer, last);
}

static void
connection_close (Mock *self, Connection *connection)
{
  if (connection->dead)
    return;
  if (connection->state != READING
      && !(connection->answer != NULL && connection->answer->close))
    self->n_left++;
  timer_stop (self, connection);
  close (connection->descriptor);
  connection->dead = true;
  self->n_open--;
}

static void
connection_free (Connection *connection)
{
  mock_answer_unref (connection->answer);
  bench_buffer_clear (&connection->in);
  bench_buffer_clear (&connection->body_begin);
  bench_buffer_clear (&connection->body_end);
  bench_buffer_clear (&connection->out);
  free (connection);
}

/* Sends from @bytes, at most @most at a time.  Returns how many went out; fewer than
 * @length when the socket is full or the peer is gone, who is noticed by reading. */
static size_t
send_some (Connection *connection, const char *bytes, size_t length, size_t most)
{
  size_t sent = 0;

  while (sent < length)
    {
      size_t run = length - sent < most ? length - sent : most;
      ssize_t got = send (connection->descriptor, bytes + sent, run, MSG_NOSIGNAL);

      if (got <= 0)
        break;
      sent += (size_t)got;
    }
  return sent;
}

static bool
flush_out (Connection *connection)
{
  BenchBuffer *out = &connection->out;

  if (out->length > 0)
    bench_buffer_drop (out, send_some (connection, out->bytes, out->length, out->length));
  return out->length == 0;
}

static void
finish_answer (Mock *self, Connection *connection)
{
  if (connection->answer != NULL && connection->answer->close)
    {
      connection_close (self, connection);
      return;
    }
  mock_answer_unref (connection->answer);
  connection->answer = NULL;
  connection->has_head = false;
  connection->state = READING;
}

/* Goes on as far as the socket takes it. */
static void
advance (Mock *self, Connection *connection)
{
  const MockAnswer *answer = connection->answer;

  if (!flush_out (connection))
    return;
  if (connection->state == OPENING)
    {
      connection->sent
          += send_some (connection, answer->opening.bytes + connection->sent,
                        answer->opening.length - connection->sent, answer->settings.write);
      if (connection->sent < answer->opening.length)
        return;
      connection->state = answer->n_pieces > 0 ? PACING : ENDING;
      if (answer->n_pieces > 0)
        timer_start (self, connection,
                     bench_now_ns () + (int64_t)answer->settings.pause_us * 1000);
    }
  if (connection->state == ENDING)
    finish_answer (self, connection);
}

static void
on_timer (Mock *self, Connection *connection)
{
  const MockAnswer *answer = connection->answer;

  timer_stop (self, connection);
  if (connection->state == WAITING)
    connection->state = OPENING;
  else if (connection->out.length > UNSENT_MAX)
    timer_start (self, connection, bench_now_ns () + BENCH_NS_PER_SECOND / 100);
  else
    {
      mock_answer_append_piece (answer, connection->number++, bench_now_ns (),
                                &connection->out);
      if (connection->number < answer->n_pieces)
        timer_start (self, connection,
                     connection->due_ns + (int64_t)answer->settings.pause_us * 1000);
      else
        {
          bench_buffer_append (&connection->out, answer->closing.bytes,
                               answer->closing.length);
          connection->state = ENDING;
        }
    }
  advance (self, connection);
}

static void
answer_plain (Connection *connection, unsigned status, const char *text)
{
  bench_buffer_append_format (&connection->out,
                              "HTTP/1.1 %u Bench\r\n"
                              "Content-Type: application/json\r\n"
                              "Content-Length: %zu\r\n\r\n%s",
                              status, strlen (text), text);
  connection->state = ENDING;
}

static void
answer_get (Mock *self, Connection *connection)
{
  const char *target = connection->head.target;
  char text[256];

  if (strcmp (target, "/ctl?reset") == 0)
    {
      self->settings = mock_settings_default;
      answer_plain (connection, 200, "{}");
    }
  else if (strncmp (target, "/ctl?", 5) == 0)
    {
      bool good = mock_settings_read (&self->settings, target + 5);

      answer_plain (connection, good ? 200 : 400, "{}");
    }
  else if (strcmp (target, "/stat") == 0)
    {
      snprintf (text, sizeof text,
                "{\"requests\":%" PRIu64 ",\"body_bytes\":%" PRIu64 ",\"open\":%" PRIu64
                ",\"left\":%" PRIu64 "}",
                self->n_requests, self->n_bytes, self->n_open, self->n_left);
      answer_plain (connection, 200, text);
    }
  else
    answer_plain (connection, strcmp (target, "/healthz") == 0 ? 200 : 404, "{}");
}

static BenchDialect
dialect_of_path (const char *target)
{
  if (strstr (target, "/chat/completions") != NULL)
    return BENCH_CHAT;
  if (strstr (target, "/responses") != NULL)
    return BENCH_RESPONSES;
  if (strstr (target, "/messages") != NULL)
    return BENCH_ANTHROPIC;
  return strstr (target, "enerateContent") != NULL ? BENCH_GEMINI : BENCH_DIALECT_LAST;
}

static bool
holds (const BenchBuffer *buffer, const char *text)
{
  return buffer->length > 0
         && memmem (buffer->bytes, buffer->length, text, strlen (text)) != NULL;
}

static bool
wants_stream (const Connection *connection)
{
  return strstr (connection->head.target, ":streamGenerateContent") != NULL
         || holds (&connection->body_begin, "\"stream\":true")
         || holds (&connection->body_end, "\"stream\":true");
}

/* A body that lost its beginning or end on the way must not get a good answer. */
static bool
is_whole_body (const Connection *connection)
{
  const BenchBuffer *end = &connection->body_end;

  return end->length > 0 && connection->body_begin.bytes[0] == '{'
         && end->bytes[end->length - 1] == '}';
}

static MockAnswer *
ref_answer (Mock *self, BenchDialect dialect, bool stream, const MockSettings *settings)
{
  MockAnswer **place = &self->answers[dialect][stream];

  if (*place == NULL || memcmp (&(*place)->settings, settings, sizeof *settings) != 0)
    {
      mock_answer_unref (*place);
      *place = mock_answer_new (dialect, stream, settings);
    }
  (*place)->n_users++;
  return *place;
}

static void
answer_post (Mock *self, Connection *connection)
{
  BenchDialect dialect = dialect_of_path (connection->head.target);
  const char *query = strchr (connection->head.target, '?');
  MockSettings settings = self->settings;

  self->n_requests++;
  if (dialect == BENCH_DIALECT_LAST || !is_whole_body (connection))
    {
      answer_plain (connection, dialect == BENCH_DIALECT_LAST ? 404 : 400, "{}");
      return;
    }
  /* Clients have queries of their own: unknown names are no error here. */
  if (query != NULL)
    mock_settings_read (&settings, query + 1);
  connection->answer = ref_answer (self, dialect, wants_stream (connection), &settings);
  connection->sent = 0;
  connection->number = 0;
  connection->state = settings.first_us > 0 ? WAITING : OPENING;
  if (settings.first_us > 0)
    timer_start (self, connection, bench_now_ns () + (int64_t)settings.first_us * 1000);
}

/* A sink: keeps both ends of a request's body. */
static void
keep_ends (void *user_data, const char *bytes, size_t length)
{
  Connection *connection = user_data;
  BenchBuffer *begin = &connection->body_begin;
  BenchBuffer *end = &connection->body_end;
  size_t room = BODY_BEGIN - begin->length;

  bench_buffer_append (begin, bytes, length < room ? length : room);
  if (length > BODY_END)
    {
      bytes += length - BODY_END;
      length = BODY_END;
    }
  if (end->length + length > BODY_END)
    bench_buffer_drop (end, end->length + length - BODY_END);
  bench_buffer_append (end, bytes, length);
}

/* Takes one request from what has come; the answer may be out when it returns. */
static void
take_request (Mock *self, Connection *connection)
{
  BenchBuffer *in = &connection->in;
  size_t used;

  if (!connection->has_head)
    {
      BenchHeadResult result = bench_head_read (&connection->head, in->bytes, in->length);

      if (result == BENCH_HEAD_BAD)
        connection_close (self, connection);
      if (result != BENCH_HEAD_DONE)
        return;
      connection->has_head = true;
      connection->body_begin.length = 0;
      connection->body_end.length = 0;
      bench_body_start (&connection->body, &connection->head, false);
      bench_buffer_drop (in, connection->head.length);
    }
  used = bench_body_feed (&connection->body, in->bytes, in->length, keep_ends, connection);
  self->n_bytes += used;
  bench_buffer_drop (in, used);
  if (connection->body.state == BENCH_BODY_BAD)
    connection_close (self, connection);
  if (connection->body.state != BENCH_BODY_DONE)
    return;
  if (strcmp (connection->head.method, "POST") == 0)
    answer_post (self, connection);
  else
    answer_get (self, connection);
  advance (self, connection);
}

static void
on_readable (Mock *self, Connection *connection)
{
  char bytes[65536];
  ssize_t got;

  while (!connection->dead
         && (got = recv (connection->descriptor, bytes, sizeof bytes, 0)) != -1)
    {
      if (got == 0)
        {
          connection_close (self, connection);
          return;
        }
      bench_buffer_append (&connection->in, bytes, (size_t)got);
      if (connection->state == READING)
        take_request (self, connection);
    }
  if (!connection->dead && errno != EAGAIN)
    connection_close (self, connection);
}

static void
on_connection (Mock *self, Connection *connection, uint32_t events)
{
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
    on_readable (self, connection);
  if (!connection->dead && (events & EPOLLOUT) && connection->state != READING)
    advance (self, connection);
  if (!connection->dead && connection->state == READING && connection->in.length > 0)
    take_request (self, connection);
  if (connection->dead)
    connection_free (connection);
}

static void
on_listener (Mock *self)
{
  int descriptor;

  while ((descriptor = accept4 (self->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC))
         >= 0)
    {
      Connection *connection = calloc (1, sizeof *connection);
      struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };

      if (connection == NULL)
        bench_die ("out of memory");
      connection->descriptor = descriptor;
      event.data.ptr = connection;
      bench_set_no_delay (descriptor);
      if (epoll_ctl (self->poller, EPOLL_CTL_ADD, descriptor, &event) != 0)
        bench_die ("epoll_ctl");
      self->n_open++;
    }
}

static int
wait_events (Mock *self, struct epoll_event *events)
{
  struct timespec timeout = { 0 };
  int64_t left_ns;

  if (self->n_timers == 0)
    return epoll_pwait2 (self->poller, events, N_EVENTS, NULL, NULL);
  left_ns = self->timers[1]->due_ns - bench_now_ns ();
  if (left_ns > 0)
    {
      timeout.tv_sec = left_ns / BENCH_NS_PER_SECOND;
      timeout.tv_nsec = left_ns % BENCH_NS_PER_SECOND;
    }
  return epoll_pwait2 (self->poller, events, N_EVENTS, &timeout, NULL);
}

static void
run_timers (Mock *self)
{
  int64_t now_ns = bench_now_ns ();

  while (self->n_timers > 0 && self->timers[1]->due_ns <= now_ns)
    {
      Connection *connection = self->timers[1];

      on_timer (self, connection);
      if (connection->dead)
        connection_free (connection);
    }
}

int
main (int argc, char **argv)
{
  unsigned port = argc > 1 ? (unsigned)strtoul (argv[1], NULL, 10) : 0;
  Mock self = { .settings = mock_settings_default };
  struct epoll_event event = { .events = EPOLLIN };
  struct epoll_event events[N_EVENTS];

  bench_raise_descriptor_limit ();
  self.listener = bench_listen (&port);
  self.poller = epoll_create1 (EPOLL_CLOEXEC);
  if (self.poller < 0 || epoll_ctl (self.poller, EPOLL_CTL_ADD, self.listener, &event) != 0)
    bench_die ("epoll");
  printf ("%u\n", port);
  fflush (stdout);

  for (;;)
    {
      int n = wait_events (&self, events);

      if (n < 0 && errno != EINTR)
        bench_die ("epoll_pwait2");
      for (int i = 0; i < n; i++)
        if (events[i].data.ptr == NULL)
          on_listener (&self);
        else
          on_connection (&self, events[i].data.ptr, events[i].events);
      run_timers (&self);
    }
}
