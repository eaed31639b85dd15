/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The built-in model `weir/echo`: repeats the last user message, in every dialect, without
 * key or network.  A newcomer's first answer and the self-test's upstream.  Pure. */

#include "providers/weir-provider.h"

#define WEIR_ECHO_MODEL "weir/echo"

typedef struct _WeirEcho WeirEcho;

/* Reads what is to be repeated from @body (its root an object of the dialect, all items
 * recorded).  @id: of the answer, without a prefix.  WEIR_ERROR_BAD_REQUEST when there is
 * nothing to repeat or a field has the wrong type; WEIR_ERROR_UNSUPPORTED for embeddings.
 * Nothing of @body is kept. */
WeirEcho *weir_echo_new (WeirDialect dialect,
                         WeirOperation operation,
                         WeirAnswerForm form,
                         const WeirJson *body,
                         const char *id,
                         int64_t real_us,
                         GError **error);
void weir_echo_free (WeirEcho *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirEcho, weir_echo_free)

/* Appends the next piece of the answer, framed for the form: one word with the space behind
 * it a piece, the opening and closing events with the first and last.  WHOLE is one piece.
 * FALSE when that was the last. */
gboolean weir_echo_next (WeirEcho *self, GString *out);

/* The usage of the whole answer; words count as tokens. */
void weir_echo_get_usage (const WeirEcho *self, WeirUsage *out);
