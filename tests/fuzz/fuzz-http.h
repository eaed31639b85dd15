/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What must hold of every head, request or response. */

#include "http/weir-http-write.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct
{
  WeirHttpResult result;
  int code;
  size_t length;
} FuzzEnd;

static inline FuzzEnd
fuzz_find_end (const char *text, size_t size, size_t step)
{
  FuzzEnd end = { .result = WEIR_HTTP_MORE, .code = -1 };
  size_t scanned = 0;

  for (size_t fed = MIN (step, size); end.result == WEIR_HTTP_MORE;
       fed = MIN (fed + step, size))
    {
      g_autoptr (GError) error = NULL;

      end.result = weir_http_head_find_end (text, fed, &scanned, &end.length, &error);
      g_assert (scanned <= fed);
      g_assert ((error != NULL) == (end.result == WEIR_HTTP_BAD));
      if (error != NULL)
        end.code = error->code;
      if (fed == size)
        break;
    }
  return end;
}

/* Any cut gives the same verdict at the same byte; no prefix of a head is a head. */
static inline FuzzEnd
fuzz_check_end (const char *text, size_t size)
{
  FuzzEnd whole = fuzz_find_end (text, size, MAX (size, 1));

  for (size_t step = 1; step <= size; step = step * 3 + 1)
    {
      FuzzEnd cut = fuzz_find_end (text, size, step);

      g_assert (cut.result == whole.result && cut.code == whole.code);
      g_assert (cut.length == whole.length);
    }
  if (whole.result == WEIR_HTTP_DONE)
    {
      g_assert (whole.length <= size && whole.length <= WEIR_HTTP_HEAD_MAX);
      g_assert (fuzz_find_end (text, whole.length - 1, whole.length).result
                == WEIR_HTTP_MORE);
    }
  return whole;
}

static inline gboolean
fuzz_is_inside (WeirSlice slice, const char *text, size_t length)
{
  return slice.length == 0
         || (slice.text >= text && slice.text + slice.length <= text + length);
}

static inline void
fuzz_check_fields (const WeirHttpHead *head, const char *text, size_t length)
{
  g_assert (head->n_fields <= WEIR_HTTP_FIELDS_MAX);
  for (unsigned i = 0; i < head->n_fields; i++)
    {
      g_assert (weir_http_is_field (head->fields[i].name, head->fields[i].value));
      g_assert (fuzz_is_inside (head->fields[i].name, text, length));
      g_assert (fuzz_is_inside (head->fields[i].value, text, length));
    }
  g_assert (weir_http_head_count (head, "content-length")
                + weir_http_head_count (head, "transfer-encoding")
            <= 1);
  if (head->framing == WEIR_HTTP_FRAMING_CHUNKED)
    g_assert (weir_http_head_has_token (head, "transfer-encoding", "chunked"));
  if (weir_http_head_has_token (head, "connection", "close"))
    g_assert (!head->keep_alive);
}

static inline void
fuzz_write_fields (GString *out, const WeirHttpHead *head)
{
  for (unsigned i = 0; i < head->n_fields; i++)
    {
      g_autofree char *name = weir_slice_dup (head->fields[i].name);

      g_assert (weir_http_write_field (out, name, head->fields[i].value));
    }
  weir_http_write_end (out);
}

static inline void
fuzz_check_same (const WeirHttpHead *a, const WeirHttpHead *b)
{
  g_assert (a->n_fields == b->n_fields && a->framing == b->framing);
  g_assert (a->content_length == b->content_length && a->keep_alive == b->keep_alive);
  g_assert (a->status == b->status && a->method == b->method);
  g_assert (a->expect_continue == b->expect_continue && a->upgrade == b->upgrade);
  for (unsigned i = 0; i < a->n_fields; i++)
    {
      g_assert (weir_slice_equal (a->fields[i].name, b->fields[i].name));
      g_assert (weir_slice_equal (a->fields[i].value, b->fields[i].value));
    }
}
