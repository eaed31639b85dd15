/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the tests of one request on one link share: the link, what was told about it, and
 * the other side's acts.  The clock is driven. */

#include "proxy/weir-send.h"

#include "base/weir-clock.h"

#define HEAD_TIMEOUT_US (300 * WEIR_USEC_PER_SEC)
#define SILENCE_TIMEOUT_US (200 * WEIR_USEC_PER_SEC)
#define NOT_ENDED (-1)
#define OK "HTTP/1.1 200 OK\r\n"

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

void send_fixture_setup (Fixture *self, gconstpointer data);
void send_fixture_teardown (Fixture *self, gconstpointer data);

/* All that can happen now happens. */
void turn (void);
/* A new link, nothing sent on it; one that was used before; then a request on it, whose
 * body is @body_length bytes (0: a short one). */
void connect_fresh (Fixture *self);
void connect_reused (Fixture *self);
void start (Fixture *self, size_t body_length);
void start_fresh (Fixture *self);
/* More than any pair of sockets holds. */
void start_long (Fixture *self);

/* The other side: says, ends politely, resets, closes, reads the whole request. */
void say_bytes (Fixture *self, const char *bytes, size_t length);
void say (Fixture *self, const char *text);
void half_close (Fixture *self);
void reset (Fixture *self);
void hang_up (Fixture *self);
void hear_request (Fixture *self);

/* The clock moves on, until an end is told. */
void pass (Fixture *self, int64_t us);
/* @end: of WeirSendEnd, or NOT_ENDED.  @error_code counts where the end has one. */
void assert_end (Fixture *self, int end, int error_code);
unsigned count_idle (Fixture *self);
