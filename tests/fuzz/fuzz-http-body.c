/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bodies: any cut gives the same payload, the same end and the same verdict; what is
 * chunked here is read back.  The first byte chooses the framing, the second the cut. */

#include "http/weir-http-body.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct
{
  GString *payload; /* (owned) */
  size_t consumed;
  WeirHttpResult result;
  gboolean is_whole;
} Outcome;

static Outcome
decode (const WeirHttpHead *head, const char *text, size_t size, size_t step)
{
  Outcome outcome = { .payload = g_string_new (NULL), .result = WEIR_HTTP_MORE };
  WeirHttpBody body;

  weir_http_body_init (&body, head);
  for (size_t from = 0; from < size && outcome.result == WEIR_HTTP_MORE; from += step)
    {
      g_autoptr (GError) error = NULL;
      size_t length = MIN (step, size - from);
      g_autofree char *piece = g_memdup2 (text + from, length);
      size_t payload;
      size_t consumed;

      outcome.result
          = weir_http_body_decode (&body, piece, length, &payload, &consumed, &error);
      g_assert (payload <= consumed && consumed <= length);
      g_assert ((error != NULL) == (outcome.result == WEIR_HTTP_BAD));
      g_assert (outcome.result != WEIR_HTTP_MORE || consumed == length);
      g_string_append_len (outcome.payload, piece, (gssize)payload);
      outcome.consumed += consumed;
      g_assert (body.decoded == outcome.payload->len);
    }
  g_assert (body.done == (outcome.result == WEIR_HTTP_DONE) || size == 0);
  outcome.is_whole = weir_http_body_end (&body);
  return outcome;
}

static void
check_any_cut (const WeirHttpHead *head, const char *text, size_t size, size_t step)
{
  Outcome whole = decode (head, text, size, MAX (size, 1));
  const size_t steps[] = { 1, step };

  for (unsigned i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      Outcome cut = decode (head, text, size, steps[i]);

      g_assert (cut.result == whole.result && cut.consumed == whole.consumed);
      g_assert (cut.is_whole == whole.is_whole);
      g_assert (g_string_equal (cut.payload, whole.payload));
      g_string_free (cut.payload, TRUE);
    }
  g_string_free (whole.payload, TRUE);
}

static void
check_read_back (const char *text, size_t size, size_t step)
{
  const WeirHttpHead head = { .framing = WEIR_HTTP_FRAMING_CHUNKED };
  g_autoptr (GString) wire = g_string_new (NULL);
  Outcome back;

  for (size_t from = 0; from < size; from += step)
    {
      char line[WEIR_HTTP_CHUNK_HEAD_MAX];
      size_t length = MIN (step, size - from);

      g_string_append_len (wire, line, (gssize)weir_http_chunk_head (line, length));
      g_string_append_len (wire, text + from, (gssize)length);
      g_string_append (wire, "\r\n");
    }
  g_string_append (wire, WEIR_HTTP_LAST_CHUNK);
  back = decode (&head, wire->str, wire->len, step + 2);
  g_assert (back.result == WEIR_HTTP_DONE && back.consumed == wire->len);
  g_assert (back.payload->len == size);
  g_assert (size == 0 || memcmp (back.payload->str, text, size) == 0);
  g_string_free (back.payload, TRUE);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  WeirHttpHead head = { .framing = WEIR_HTTP_FRAMING_CHUNKED };
  const char *text = (const char *)data + 2;
  size_t step;

  if (size < 2)
    return 0;
  if (data[0] < 0x20)
    head.framing = (WeirHttpFraming)(data[0] & 3);
  if (head.framing == WEIR_HTTP_FRAMING_LENGTH)
    head.content_length = data[0] >> 2;
  step = (size_t)data[1] + 1;
  check_any_cut (&head, text, size - 2, step);
  check_read_back (text, size - 2, step);
  return 0;
}
