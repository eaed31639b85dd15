/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any reply has a verdict whose rest is bounded.  The first two bytes choose the status and
 * whether it is an error inside a stream; fields and body stand on both sides of the first
 * blank line. */

#include "config.h"

#include "providers/weir-verdict.h"

#define NOW_US ((int64_t)1795168800 * G_USEC_PER_SEC)

static void
check (WeirVerdict verdict)
{
  g_assert_cmpint (verdict.rest_us, >=, 0);
  g_assert_cmpint (verdict.rest_us, <=, WEIR_VERDICT_REST_MAX_US);
  g_assert_true (!verdict.stated || verdict.rest_us > 0);
  g_assert_true ((verdict.scope == WEIR_REST_NONE)
                 == (verdict.reason == WEIR_REST_FOR_NOTHING));
  g_assert_true (verdict.scope != WEIR_REST_NONE || verdict.rest_us == 0);
  g_assert_cmpint (verdict.action, !=, WEIR_VERDICT_FINE);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const unsigned statuses[] = { 400, 401, 402, 403, 404, 413, 422, 429, 500, 503 };
  const char *text = (const char *)data + 2;
  const char *blank;
  WeirReply reply = { .real_us = NOW_US };
  g_autofree char *message = NULL;

  if (size < 2)
    return 0;
  blank = memmem (text, size - 2, "\r\n\r\n", 4);
  reply.status = statuses[data[0] % G_N_ELEMENTS (statuses)];
  if (blank != NULL)
    reply.fields = (WeirSlice){ text, (size_t)(blank - text) + 2 };
  text = blank != NULL ? blank + 4 : text;
  reply.body = (WeirSlice){ text, size - (size_t)(text - (const char *)data) };
  check (weir_verdict_of_reply (&reply));

  if ((data[1] & 1) != 0)
    {
      message = weir_slice_dup (reply.body);
      reply.body = (WeirSlice){ 0 };
      reply.status = data[0] & 1 ? 0 : reply.status;
      reply.error_type = data[1] & 2 ? message : "server_error";
      reply.message = message;
      check (weir_verdict_of_reply (&reply));
    }
  return 0;
}
