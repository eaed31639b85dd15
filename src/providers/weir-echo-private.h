/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The inside of the built-in model, shared by its three files. */

#include "providers/weir-echo.h"

struct _WeirEcho
{
  WeirDialect dialect;
  WeirOperation operation;
  WeirAnswerForm form;
  char *id; /* (owned) */
  int64_t created_s;
  GString *text;        /* (owned) what is repeated; valid UTF-8 without NUL */
  size_t offset;        /* said so far */
  uint64_t words;       /* counted as tokens */
  uint64_t sequence;    /* of the next Responses event */
  unsigned pieces;      /* Gemini array elements so far */
  gboolean wants_usage; /* Chat: stream_options.include_usage */
  gboolean opened;
};

/* (transfer full): the last user message's text, or NULL. */
GString *weir_echo_read (WeirEcho *self, const WeirJson *body, GError **error);

void weir_echo_write_whole (WeirEcho *self, GString *out);
void weir_echo_write_opening (WeirEcho *self, GString *out);
void weir_echo_write_word (WeirEcho *self, WeirSlice word, GString *out);
void weir_echo_write_closing (WeirEcho *self, GString *out);
