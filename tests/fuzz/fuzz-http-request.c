/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Request heads: any cut, strict slices, and written again they are the same. */

#include "fuzz-http.h"

static void
check_query (WeirSlice query)
{
  g_autofree char *value = weir_http_query_dup (query, "key");

  if (value != NULL)
    g_assert (g_utf8_validate (value, -1, NULL));
}

static void
check_target (const WeirHttpHead *head)
{
  g_autofree char *path = weir_slice_dup (head->path);
  g_autofree char *decoded = weir_http_percent_decode (head->path);
  g_auto (GStrv) segments = NULL;

  check_query (head->query);
  if (head->method == WEIR_HTTP_OPTIONS && g_str_equal (path, "*"))
    return;
  g_assert (path[0] == '/' && strlen (path) == head->path.length);
  g_assert (strstr (path, "//") == NULL);
  /* what it stands for has as many segments, and none that climbs */
  g_assert (decoded != NULL && strchr (decoded, '\\') == NULL);
  segments = g_strsplit (decoded, "/", -1);
  for (unsigned i = 0; segments[i] != NULL; i++)
    g_assert (!g_str_equal (segments[i], ".") && !g_str_equal (segments[i], ".."));
}

static void
check_written_again (const WeirHttpHead *head)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  WeirHttpHead again;

  if (head->minor == 0)
    return; /* we only write the newer version, where other rules hold */
  weir_http_write_request_line (out, head->method, head->target);
  fuzz_write_fields (out, head);
  g_assert (weir_http_head_parse_request (&again, out->str, out->len, &error));
  fuzz_check_same (head, &again);
  g_assert (weir_slice_equal (head->path, again.path));
  g_assert (weir_slice_equal (head->query, again.query));
  g_assert (weir_slice_equal (head->host, again.host));
}

static gboolean
parse (const char *text, size_t length)
{
  g_autoptr (GError) error = NULL;
  WeirHttpAuthority authority;
  WeirHttpHead head;

  if (!weir_http_head_parse_request (&head, text, length, &error))
    {
      g_assert (error != NULL && error->domain == WEIR_ERROR);
      return FALSE;
    }
  fuzz_check_fields (&head, text, length);
  g_assert (fuzz_is_inside (head.host, text, length));
  g_assert (head.framing != WEIR_HTTP_FRAMING_CLOSE);
  if (head.minor == 1)
    g_assert (weir_http_head_count (&head, "host") == 1
              && weir_http_authority_parse (head.host, &authority));
  check_target (&head);
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
  /* the reader alone is as strict as both together, but for the limits */
  if (parse (text, size) && end.result != WEIR_HTTP_DONE)
    g_assert (end.code == WEIR_ERROR_TARGET_TOO_LONG
              || end.code == WEIR_ERROR_HEAD_TOO_LARGE);
  return 0;
}
