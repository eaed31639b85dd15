/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The fixed texts of the mock's answers, by dialect. */

#include "bench-request.h"

#define MOCK_EVENTS_MAX 6

/* `@` is where the marked text goes; in @error, a message. */
typedef struct
{
  const char *whole;
  const char *opening[MOCK_EVENTS_MAX]; /* ends with NULL */
  const char *piece;
  const char *closing[MOCK_EVENTS_MAX]; /* ends with NULL */
  const char *error;
} MockTexts;

extern const MockTexts mock_texts[BENCH_DIALECT_LAST];
