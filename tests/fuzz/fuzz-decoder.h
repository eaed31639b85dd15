/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Answers of one dialect: FUZZ_DIALECT.  The first byte chooses form and cuts. */

#include "../unit/chat/chat-run.h"

static void
check_cut (ChatRunOptions options, const char *wire, size_t length, size_t step)
{
  g_autoptr (ChatRun) whole = chat_run (options, wire, length, 0, SIZE_MAX);
  g_autoptr (ChatRun) cut = chat_run (options, wire, length, 0, step);

  g_assert_true (whole->state == cut->state);
  g_assert_true (whole->error_code == cut->error_code);
  g_assert_true (whole->has_content == cut->has_content);
  g_assert_true (g_string_equal (whole->events, cut->events));
  g_assert_true (g_string_equal (whole->fold, cut->fold));
}

static void
check_watcher (ChatRunOptions options, const char *wire, size_t length)
{
  g_autoptr (ChatRun) told = chat_run (options, wire, length, 0, SIZE_MAX);
  g_autoptr (ChatRun) watched = NULL;

  options.watch = TRUE;
  watched = chat_run (options, wire, length, 0, SIZE_MAX);
  if (told->error_code >= 0 && told->error_code != WEIR_ERROR_CUT)
    return; /* a watcher does not see every fault */
  g_assert_true (told->state == watched->state);
  g_assert_true (told->consumed == watched->consumed);
  g_assert_true (told->error_code == watched->error_code);
  /* of a whole answer nothing is passed on before its end */
  if (options.form != WEIR_ANSWER_WHOLE || told->state != WEIR_ANSWER_FAILED)
    g_assert_true (!told->has_content || watched->has_content);
  g_assert_true (strcmp (told->finish, watched->finish) == 0);
  g_assert_true (memcmp (&told->usage, &watched->usage, sizeof told->usage) == 0);
}

/* Without the last byte that it took, no answer is complete. */
static void
check_shorter (ChatRunOptions options, const char *wire, size_t length)
{
  g_autoptr (ChatRun) told = chat_run (options, wire, length, 0, SIZE_MAX);
  g_autoptr (ChatRun) shorter = NULL;

  if (told->state != WEIR_ANSWER_COMPLETE || told->consumed == 0)
    return;
  if (options.dialect == WEIR_DIALECT_GEMINI && options.form == WEIR_ANSWER_SSE)
    return; /* has no last event */
  if (wire[told->consumed - 1] == '\n' || options.form == WEIR_ANSWER_WHOLE)
    return; /* LF of a CRLF, white space behind a document */
  if (wire[told->consumed - 1] == '\r' && options.done_optional)
    return; /* without a last event empty lines behind it are taken, too */
  shorter = chat_run (options, wire, told->consumed - 1, 0, SIZE_MAX);
  g_assert_true (shorter->state != WEIR_ANSWER_COMPLETE);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ChatRunOptions options = { .dialect = FUZZ_DIALECT };
  const char *wire = (const char *)data + 1;

  if (size < 2)
    return 0;
  options.form = (WeirAnswerForm)(data[0] % 3);
  options.unclean = (data[0] & 0x80) != 0;
  options.done_optional = (data[0] & 0x40) != 0;
  check_cut (options, wire, size - 1, 1 + (data[0] >> 2) % 16);
  check_watcher (options, wire, size - 1);
  check_shorter (options, wire, size - 1);
  return 0;
}
