/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Runs a decoder over bytes and writes down what it said. */

#include "chat/weir-protocol.h"

typedef struct
{
  GString *events; /* one line an event */
  GString *fold;   /* one line a block with its whole text, then usage and finishes */
  GPtrArray *blocks;
  GPtrArray *finishes;
  GString *id;
  WeirAnswerState state;
  WeirUsage usage;
  gboolean has_content;
  gboolean failed_feed; /* feed refused */
  int error_code;       /* WeirError of weir_decoder_get_error, or -1 */
  size_t consumed;      /* over all feeds */
  size_t boundary;      /* offset in the whole of the last one that was not 0 */
  char *finish;
  char *failure_type;
  char *failure_message;
  unsigned failure_status;
} ChatRun;

typedef struct
{
  const char *name;
  WeirDialect dialect;
  WeirAnswerForm form;
  const char *wire;
  WeirAnswerState state; /* at its clean end */
  const char *whole;     /* (nullable) the same answer as one document */
} ChatSample;

typedef struct
{
  WeirDialect dialect;
  WeirAnswerForm form;
  gboolean watch; /* without a sink */
  gboolean unclean;
  gboolean done_optional;
} ChatRunOptions;

/* Feeds @wire in pieces of @step bytes, the first of @first bytes (0: none). */
ChatRun *chat_run (
    ChatRunOptions options, const char *wire, size_t length, size_t first, size_t step);
void chat_run_free (ChatRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChatRun, chat_run_free)

/* Feeds the whole text at once; clean end; with a sink. */
ChatRun *chat_run_text (WeirDialect dialect, WeirAnswerForm form, const char *wire);

/* The invariants that hold for every answer: any cut gives the same events, no prefix is
 * complete, bytes behind the end are not consumed, a watcher comes to the same verdict, a
 * stream folded is the whole answer. */
void chat_check_sample (const ChatSample *sample);
