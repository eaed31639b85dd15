/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One epoll loop over all connections.  A run is WARM, then MEASURED, then DRAINED: nothing
 * new is sent, what is under way may end and is still checked. */

#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_EVENTS 256
#define RECEIVE_SIZE 65536u
#define DRAIN_NS (30 * BENCH_NS_PER_SECOND)
/* A target that answers nothing but errors is not worth the whole time. */
#define ERRORS_MAX 1000u

typedef enum
{
  WARM,
  MEASURED,
  DRAINED,
} Phase;

typedef enum
{
  UNBORN, /* waits for its place in the ramp */
  IDLE,
  SENDING,
  RECEIVING,
  FINISHED, /* with @once: has had its answer */
} State;

typedef struct Load Load;

typedef struct
{
  Load *load; /* (unowned) */
  State state;
  int descriptor; /* -1: not connected */
  size_t sent;
  BenchBuffer in; /* the head while it is not whole */
  bool has_head;
  bool fresh; /* nothing of the answer has come */
  BenchHead head;
  BenchBody body;
  BenchCheck check;
  int64_t started_ns;
} Connection;

struct Load
{
  const LoadSettings *settings; /* (unowned) */
  LoadResult *result;           /* (unowned) */
  int poller;
  Phase phase;
  int64_t begun_ns;
  int64_t phase_end_ns;
  int64_t now_ns; /* when the bytes at hand were received */
  BenchBuffer request;
  BenchReference reference;
  Connection *connections; /* (owned) */
  Connection **idle;       /* (owned) of open-loop connections without work */
  unsigned n_idle;
  unsigned n_born;
  unsigned n_busy;
  uint64_t n_started;
  uint64_t n_planned; /* open loop: requests whose time has come */
  char received[RECEIVE_SIZE];
};

static void
note_error (Load *self, const char *problem, unsigned status)
{
  self->result->n_errors++;
  if (self->result->problem != NULL)
    return;
  self->result->problem = problem;
  self->result->status = status;
}

/* A BenchPieceSeen. */
static void
on_piece (void *user_data, int64_t written_ns)
{
  Load *self = user_data;
  int64_t delay_ns;

  if (self->phase != MEASURED)
    return;
  self->result->n_pieces++;
  if (written_ns == 0)
    return;
  delay_ns = self->now_ns % BENCH_PIECE_TIME_MODULO - written_ns;
  bench_histogram_add (&self->result->delay, delay_ns);
}

/* A sink for the body of an answer. */
static void
on_body (void *user_data, const char *bytes, size_t length)
{
  Connection *connection = user_data;

  bench_check_feed (&connection->check, bytes, length);
}

static void
connection_connect (Connection *self)
{
  struct epoll_event event
      = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = self };

  self->descriptor = bench_connect (self->load->settings->port);
  if (self->descriptor < 0)
    bench_die ("cannot connect to port %u", self->load->settings->port);
  if (epoll_ctl (self->load->poller, EPOLL_CTL_ADD, self->descriptor, &event) != 0)
    bench_die ("epoll_ctl");
}

static void
connection_disconnect (Connection *self)
{
  if (self->descriptor >= 0)
    close (self->descriptor);
  self->descriptor = -1;
}

static void
connection_send (Connection *self)
{
  const BenchBuffer *request = &self->load->request;

  while (self->sent < request->length)
    {
      ssize_t got = send (self->descriptor, request->bytes + self->sent,
                          request->length - self->sent, MSG_NOSIGNAL);

      /* A refused socket is told apart from a full one by the next read. */
      if (got < 0)
        return;
      self->sent += (size_t)got;
    }
  self->state = RECEIVING;
}

static void
connection_start (Connection *self, int64_t started_ns)
{
  Load *load = self->load;

  load->n_started++;
  load->n_busy++;
  self->state = SENDING;
  self->sent = 0;
  self->in.length = 0;
  self->has_head = false;
  self->fresh = true;
  self->started_ns = started_ns;
  bench_check_restart (&self->check);
  if (self->descriptor < 0)
    connection_connect (self);
  connection_send (self);
}

static bool
may_start (const Load *self)
{
  return self->phase != DRAINED
         && (self->settings->n_requests == 0
             || self->n_started < self->settings->n_requests);
}

/* The connection has no work: closed loop gives it the next request at once. */
static void
connection_rest (Connection *self)
{
  Load *load = self->load;

  self->state = load->settings->once ? FINISHED : IDLE;
  if (load->settings->rate > 0)
    load->idle[load->n_idle++] = self;
  else if (self->state == IDLE && may_start (load))
    connection_start (self, bench_now_ns ());
}

/* The answer is there, or never will be when @problem says why. */
static void
connection_end (Connection *self, const char *problem)
{
  Load *load = self->load;

  load->n_busy--;
  if (problem == NULL && self->head.status != 200)
    problem = "wrong status";
  if (problem == NULL)
    {
      const BenchDialectInfo *info
          = bench_dialect_get_info (load->settings->request.dialect);

      bench_check_finish (&self->check, load->settings->request.stream ? info->stream_end
                                                                       : info->answer_end);
      problem = self->check.problem;
    }
  if (problem != NULL)
    note_error (load, problem, self->has_head ? self->head.status : 0);
  else if (load->phase == MEASURED)
    {
      load->result->n_requests++;
      bench_histogram_add (&load->result->latency, load->now_ns - self->started_ns);
    }
  if (problem != NULL || self->head.close || self->body.state == BENCH_BODY_UNTIL_CLOSE)
    connection_disconnect (self);
  connection_rest (self);
}

static void
note_first_byte (Connection *self)
{
  Load *load = self->load;

  self->fresh = false;
  if (load->phase == MEASURED || load->settings->once)
    bench_histogram_add (&load->result->first_byte, load->now_ns - self->started_ns);
}

static void
connection_take (Connection *self, const char *bytes, size_t length)
{
  if (self->fresh)
    note_first_byte (self);
  if (!self->has_head)
    {
      BenchHeadResult result;

      bench_buffer_append (&self->in, bytes, length);
      result = bench_head_read (&self->head, self->in.bytes, self->in.length);
      if (result == BENCH_HEAD_BAD)
        connection_end (self, "not an HTTP answer");
      if (result != BENCH_HEAD_DONE)
        return;
      self->has_head = true;
      bench_body_start (&self->body, &self->head, true);
      bytes = self->in.bytes + self->head.length;
      length = self->in.length - self->head.length;
    }
  if (bench_body_feed (&self->body, bytes, length, on_body, self) < length)
    connection_end (self, "bytes behind the answer");
  else if (self->body.state == BENCH_BODY_BAD)
    connection_end (self, "bad chunk framing");
  else if (self->body.state == BENCH_BODY_DONE)
    connection_end (self, NULL);
}

/* The target closed the connection. */
static void
connection_lost (Connection *self)
{
  if (self->state == SENDING || self->state == RECEIVING)
    {
      bool whole = self->has_head && self->body.state == BENCH_BODY_UNTIL_CLOSE;

      connection_end (self, whole ? NULL : "connection lost before the end of the answer");
      return;
    }
  self->load->result->n_reconnects++;
  connection_disconnect (self);
}

/* @ended: the peer has closed, so there may be an end behind the last bytes. */
static void
connection_receive (Connection *self, bool ended)
{
  int descriptor = self->descriptor;

  /* An ended answer may have brought a new connection: its bytes come with their own event.
   */
  while (self->descriptor == descriptor && descriptor >= 0)
    {
      ssize_t got = recv (descriptor, self->load->received, RECEIVE_SIZE, 0);

      if (got < 0 && errno == EAGAIN)
        return;
      self->load->now_ns = bench_now_ns ();
      if (got <= 0)
        {
          connection_lost (self);
          return;
        }
      if (self->state != SENDING && self->state != RECEIVING)
        {
          note_error (self->load, "bytes without a request", 0);
          connection_disconnect (self);
          return;
        }
      connection_take (self, self->load->received, (size_t)got);
      if ((size_t)got < RECEIVE_SIZE && !ended)
        return;
    }
}

static void
on_event (Connection *self, uint32_t events)
{
  if (self->descriptor >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
    connection_receive (self, (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
  if (self->descriptor >= 0 && (events & EPOLLOUT) && self->state == SENDING)
    connection_send (self);
}

static int64_t
to_ns (double seconds)
{
  return (int64_t)(seconds * (double)BENCH_NS_PER_SECOND);
}

static int64_t
birth_ns (const Load *self)
{
  return self->begun_ns
         + to_ns (self->settings->ramp_seconds * self->n_born
                  / self->settings->n_connections);
}

static int64_t
planned_ns (const Load *self)
{
  return self->begun_ns + to_ns ((double)self->n_planned / self->settings->rate);
}

/* Begins whatever is due, and returns when the next thing is. */
static int64_t
start_due (Load *self)
{
  int64_t next_ns = self->phase_end_ns;
  int64_t now_ns = bench_now_ns ();

  while (self->n_born < self->settings->n_connections && birth_ns (self) <= now_ns)
    {
      Connection *connection = &self->connections[self->n_born++];

      if (self->settings->rate > 0)
        connection_rest (connection);
      else if (may_start (self))
        connection_start (connection, bench_now_ns ());
    }
  if (self->n_born < self->settings->n_connections && birth_ns (self) < next_ns)
    next_ns = birth_ns (self);
  if (self->settings->rate <= 0)
    return next_ns;

  /* A request that finds no free connection waits, and its wait counts. */
  while (self->n_idle > 0 && may_start (self) && planned_ns (self) <= now_ns)
    {
      int64_t started_ns = planned_ns (self);

      self->n_planned++;
      connection_start (self->idle[--self->n_idle], started_ns);
    }
  if (self->n_idle > 0 && may_start (self) && planned_ns (self) < next_ns)
    next_ns = planned_ns (self);
  return next_ns;
}

static void
sample (const Load *self, bool with_memory, BenchSample *out_sample)
{
  if (self->settings->target > 0)
    bench_process_sample (self->settings->target, with_memory, out_sample);
}

static void
enter_measured (Load *self)
{
  self->phase = MEASURED;
  sample (self, true, &self->result->open);
  sample (self, false, &self->result->begin);
  self->result->seconds = -(double)bench_now_ns ();
  self->phase_end_ns = bench_now_ns () + to_ns (self->settings->seconds);
}

static void
enter_drained (Load *self)
{
  sample (self, false, &self->result->end);
  self->result->seconds += (double)bench_now_ns ();
  self->result->seconds /= (double)BENCH_NS_PER_SECOND;
  self->result->n_open_least = self->n_busy;
  self->phase = DRAINED;
  self->phase_end_ns = bench_now_ns () + DRAIN_NS;
  if (self->settings->once && self->n_busy < self->settings->n_connections)
    note_error (self, "answers ended before the measured time did", 0);
}

static bool
is_over (const Load *self)
{
  const LoadSettings *settings = self->settings;

  if (self->result->n_errors >= ERRORS_MAX)
    return true;
  return self->n_busy == 0
         && (self->phase == DRAINED
             || (settings->n_requests > 0 && self->n_started == settings->n_requests));
}

static void
run_loop (Load *self)
{
  struct epoll_event events[N_EVENTS];

  while (!is_over (self))
    {
      int64_t left_ns = start_due (self) - bench_now_ns ();
      struct timespec timeout = { 0 };
      int n;

      if (left_ns > 0)
        {
          timeout.tv_sec = left_ns / BENCH_NS_PER_SECOND;
          timeout.tv_nsec = left_ns % BENCH_NS_PER_SECOND;
        }
      n = epoll_pwait2 (self->poller, events, N_EVENTS, &timeout, NULL);
      if (n < 0 && errno != EINTR)
        bench_die ("epoll_pwait2");
      for (int i = 0; i < n; i++)
        on_event (events[i].data.ptr, events[i].events);

      if (bench_now_ns () < self->phase_end_ns)
        continue;
      if (self->phase == WARM)
        enter_measured (self);
      else if (self->phase == MEASURED)
        enter_drained (self);
      else
        {
          note_error (self, "answers did not end", 0);
          return;
        }
    }
}

/* A sink for the mock's own answer. */
static void
on_reference (void *user_data, const char *bytes, size_t length)
{
  BenchReference *reference = user_data;

  bench_buffer_append (&reference->text, bytes, length);
}

/* Asks the mock for the answer that the target is to deliver, at once and undamaged. */
static void
fetch_reference (Load *self)
{
  BenchRequest request = self->settings->request;
  BenchBuffer body = { 0 };
  BenchBuffer text = { 0 };

  request.dialect = self->settings->upstream;
  request.port = self->settings->mock_port;
  request.size = 512;
  bench_request_append_body (&request, &body);
  bench_request_append (&request, &body, "pause_us=0&first_us=0&status=200&cut=0&damage=0",
                        &text);
  if (bench_exchange (self->settings->mock_port, text.bytes, text.length, on_reference,
                      &self->reference)
      != 200)
    bench_die ("the mock on port %u does not answer", self->settings->mock_port);
  bench_reference_index (&self->reference);
  bench_buffer_clear (&body);
  bench_buffer_clear (&text);
}

static void
prepare (Load *self)
{
  const LoadSettings *settings = self->settings;
  BenchBuffer body = { 0 };
  BenchRequest request = settings->request;

  request.port = settings->port;
  fetch_reference (self);
  bench_request_append_body (&request, &body);
  bench_request_append (&request, &body, NULL, &self->request);
  bench_buffer_clear (&body);

  self->poller = epoll_create1 (EPOLL_CLOEXEC);
  self->connections = calloc (settings->n_connections, sizeof *self->connections);
  self->idle = calloc (settings->n_connections, sizeof *self->idle);
  if (self->poller < 0 || self->connections == NULL || self->idle == NULL)
    bench_die ("cannot prepare %u connections", settings->n_connections);
  for (unsigned i = 0; i < settings->n_connections; i++)
    {
      self->connections[i].load = self;
      self->connections[i].descriptor = -1;
      self->connections[i].check = (BenchCheck){
        .reference = &self->reference,
        .exact = settings->upstream == settings->request.dialect,
        .seen = on_piece,
        .user_data = self,
      };
    }
}

static void
clear (Load *self)
{
  for (unsigned i = 0; i < self->settings->n_connections; i++)
    {
      connection_disconnect (&self->connections[i]);
      bench_buffer_clear (&self->connections[i].in);
      bench_buffer_clear (&self->connections[i].check.text);
    }
  close (self->poller);
  free (self->connections);
  free (self->idle);
  bench_buffer_clear (&self->request);
  bench_reference_clear (&self->reference);
  free (self);
}

void
load_run (const LoadSettings *settings, LoadResult *out_result)
{
  Load *self = calloc (1, sizeof *self);

  if (self == NULL)
    bench_die ("out of memory");
  self->settings = settings;
  self->result = out_result;
  prepare (self);
  if (settings->target > 0)
    bench_process_reset_peak (settings->target);
  sample (self, true, &out_result->idle);

  self->begun_ns = bench_now_ns ();
  self->phase_end_ns
      = self->begun_ns + to_ns (settings->ramp_seconds + settings->warm_seconds);
  if (settings->n_requests > 0)
    {
      /* A counted run is measured from its first request to its last. */
      enter_measured (self);
      self->phase_end_ns = self->begun_ns + 20 * DRAIN_NS;
    }
  run_loop (self);
  if (self->phase == MEASURED)
    enter_drained (self);
  sample (self, true, &out_result->last);
  clear (self);
}
