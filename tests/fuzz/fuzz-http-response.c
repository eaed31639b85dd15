/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Response heads: any cut, one framing, and written again they are the same. */

#include "fuzz-http.h"

static void
check_written_again (const WeirHttpHead *head)
{
  g_autoptr (GString) out = g_string_new (NULL);
  WeirHttpHead again;

  if (head->minor == 0)
    return;
  weir_http_write_status (out, head->status);
  fuzz_write_fields (out, head);
  g_assert (weir_http_head_parse_response (&again, out->str, out->len, FALSE, NULL));
  fuzz_check_same (head, &again);
}

static gboolean
parse (const char *text, size_t length)
{
  g_autoptr (GError) error = NULL;
  WeirHttpHead head;
  WeirHttpHead to_head;

  if (!weir_http_head_parse_response (&head, text, length, FALSE, &error))
    {
      g_assert (g_error_matches (error, WEIR_ERROR, WEIR_ERROR_BAD_UPSTREAM));
      g_assert (!weir_http_head_parse_response (&to_head, text, length, TRUE, NULL));
      return FALSE;
    }
  g_assert (weir_http_head_parse_response (&to_head, text, length, TRUE, NULL));
  g_assert (to_head.framing == WEIR_HTTP_FRAMING_NONE);
  g_assert (head.status >= 100 && head.status <= 599);
  g_assert (head.framing != WEIR_HTTP_FRAMING_CLOSE || !head.keep_alive);
  fuzz_check_fields (&head, text, length);
  check_written_again (&head);
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = (const char *)data;
  FuzzEnd end = fuzz_check_end (text, size);

  if (end.result == WEIR_HTTP_DONE)
    {
      parse (text, end.length);
      for (size_t length = 0; length < MIN (end.length, 512); length++)
        g_assert (!parse (text, length));
    }
  if (parse (text, size) && end.result != WEIR_HTTP_DONE)
    g_assert (end.code == WEIR_ERROR_TARGET_TOO_LONG
              || end.code == WEIR_ERROR_HEAD_TOO_LARGE);
  return 0;
}
