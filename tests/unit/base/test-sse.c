/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-error.h"
#include "base/weir-sse.h"

typedef struct
{
  GString *seen;
  unsigned stop_after; /* events; 0: never */
  unsigned n_events;
  const char *bytes; /* (nullable) what is fed: where the data must lie in */
  size_t length;
} Listener;

static gboolean
on_event (WeirSlice name, WeirSlice data, gpointer user_data)
{
  Listener *self = user_data;

  g_string_append_c (self->seen, '<');
  g_string_append_len (self->seen, name.text, (gssize)name.length);
  g_string_append_c (self->seen, '|');
  if (data.length > 0)
    g_string_append_len (self->seen, data.text, (gssize)data.length);
  g_string_append_c (self->seen, '>');
  if (self->bytes != NULL)
    g_assert_true (data.text >= self->bytes
                   && data.text + data.length <= self->bytes + self->length);
  self->n_events++;
  return self->n_events != self->stop_after;
}

static const struct
{
  const char *wire;
  const char *events;
} samples[] = {
  { "", "" },
  { "\n\n\n", "" },
  { "data: a\n\n", "<|a>" },
  { "data:a\n\ndata:  b\n\n", "<|a><| b>" },
  { "data: a\r\n\r\ndata: b\r\n\r\n", "<|a><|b>" },
  { "data: a\r\rdata: b\r\r", "<|a><|b>" },
  { "data: a\r\n\n\rdata: b\n\r\n", "<|a><|b>" },
  { "\xef\xbb\xbf"
    "data: a\n\n",
    "<|a>" },
  { "\xef\xbb"
    "data: a\n\ndata: b\n\n",
    "<|b>" },
  { "\xef"
    "event: a\ndata: b\n\n",
    "<|b>" },
  { "data: a\n\n\xef\xbb\xbf"
    "data: b\n\n",
    "<|a>" },
  { "event: x\ndata: a\n\ndata: b\n\n", "<x|a><|b>" },
  { "data: a\nevent: x\nevent: y\n\n", "<y|a>" },
  { "event: x\nevent\ndata: a\n\n", "<|a>" },
  { "event: dropped\n\ndata: b\n\n", "<|b>" },
  { "data: 1\ndata: 2\r\ndata:\rdata: 4\n\n", "<|1\n2\n\n4>" },
  { "data\n\n", "<|>" },
  { "data:\n\n", "<|>" },
  { "data\ndata\n\n", "<|\n>" },
  { ": comment\n\n:\n: x\ndata: a\n: in between\ndata: b\n\n", "<|a\nb>" },
  { "id: 7\nretry: 100\nfoo: bar\nfoo\ndatax: 1\ndat: 2\n\ndata: a\nid\n\n", "<|a>" },
  { "data: colon: and : more\n\n", "<|colon: and : more>" },
  { "data: unfinished\n", "" },
  { "data: a\n\ndata: unfinished", "<|a>" },
  { "data: gr\303\274\303\237 \360\237\230\200\n\n",
    "<|gr\303\274\303\237 \360\237\230\200>" },
  { " data: a\n\n", "" },
  { "event: "
    "0123456789012345678901234567890123456789012345678901234567890123456789\ndata\n\n",
    "<0123456789012345678901234567890123456789012345678901234567890123|>" },
};

static void
test_lines_become_events (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (GString) seen = g_string_new (NULL);
      Listener listener = { .seen = seen };
      g_auto (WeirSse) sse = { 0 };
      size_t consumed = 0;
      size_t length = strlen (samples[i].wire);

      weir_sse_init (&sse, on_event, &listener);
      g_assert_true (weir_sse_feed (&sse, samples[i].wire, length, &consumed, NULL, NULL));
      g_assert_cmpuint (consumed, ==, length);
      g_assert_cmpstr (seen->str, ==, samples[i].events);
    }
}

static void
feed_in_pieces (const char *wire, size_t first, size_t step, Listener *listener)
{
  g_auto (WeirSse) sse = { 0 };
  size_t length = strlen (wire);
  size_t offset = 0;

  weir_sse_init (&sse, on_event, listener);
  for (size_t size = first; offset < length; size = step)
    {
      size_t piece = MIN (size, length - offset);
      /* in memory of its own, so that whoever keeps a pointer is caught */
      g_autofree char *bytes = g_memdup2 (wire + offset, piece);

      g_assert_true (weir_sse_feed (&sse, bytes, piece, NULL, NULL, NULL));
      offset += piece;
    }
}

static void
test_any_cut_gives_the_same_events (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      size_t length = strlen (samples[i].wire);

      for (size_t cut = 0; cut <= length; cut++)
        for (size_t step = 1; step <= length; step = step == 1 ? length : length + 1)
          {
            g_autoptr (GString) seen = g_string_new (NULL);
            Listener listener = { .seen = seen };

            feed_in_pieces (samples[i].wire, cut, step, &listener);
            g_assert_cmpstr (seen->str, ==, samples[i].events);
          }
    }
}

/* Behind a boundary another writer's events can follow: what stood before it, then an event
 * of ours, then what stood behind it reads as the three one after the other. */
static void
test_another_event_fits_at_a_boundary (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (samples); i++)
    for (size_t cut = 0; cut <= strlen (samples[i].wire); cut++)
      {
        const char *wire = samples[i].wire;
        size_t boundary = 99;
        g_autoptr (GString) before = g_string_new (NULL);
        g_autoptr (GString) seen = g_string_new (NULL);
        Listener listener = { .seen = before };
        g_auto (WeirSse) sse = { 0 };
        g_auto (WeirSse) both = { 0 };

        weir_sse_init (&sse, on_event, &listener);
        g_assert_true (weir_sse_feed (&sse, wire, cut, NULL, &boundary, NULL));
        g_assert_cmpuint (boundary, <=, cut);
        if (boundary == 0)
          continue;
        g_assert_true (boundary == cut || !weir_sse_is_idle (&sse));
        g_string_append (before, "<|ours>");
        listener.seen = seen;
        weir_sse_init (&both, on_event, &listener);
        g_assert_true (weir_sse_feed (&both, wire, boundary, NULL, NULL, NULL));
        g_assert_true (weir_sse_is_idle (&both));
        g_assert_true (weir_sse_feed (&both, "data: ours\n\n", 12, NULL, NULL, NULL));
        g_assert_cmpstr (seen->str, ==, before->str);
      }
}

static void
test_idle_is_told (void)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  Listener listener = { .seen = seen };
  g_auto (WeirSse) sse = { 0 };
  size_t boundary;

  weir_sse_init (&sse, on_event, &listener);
  g_assert_true (weir_sse_is_idle (&sse));
  g_assert_true (weir_sse_feed (&sse, "\xef\xbb", 2, NULL, NULL, NULL));
  g_assert_false (weir_sse_is_idle (&sse));
  g_assert_true (weir_sse_feed (&sse, "\xbf", 1, NULL, NULL, NULL));
  g_assert_true (weir_sse_is_idle (&sse));
  g_assert_true (weir_sse_feed (&sse, ": half", 6, NULL, &boundary, NULL));
  g_assert_false (weir_sse_is_idle (&sse));
  g_assert_cmpuint (boundary, ==, 0);
  g_assert_true (weir_sse_feed (&sse, "\nx", 2, NULL, &boundary, NULL));
  g_assert_cmpuint (boundary, ==, 1);
  g_assert_false (weir_sse_is_idle (&sse));
  g_assert_true (weir_sse_feed (&sse, ": 1\r", 4, NULL, &boundary, NULL));
  g_assert_cmpuint (boundary, ==, 0);
  g_assert_true (weir_sse_feed (&sse, "\n\r", 2, NULL, &boundary, NULL));
  g_assert_cmpuint (boundary, ==, 2);
  g_assert_true (weir_sse_is_idle (&sse));
  g_assert_true (weir_sse_feed (&sse, "\n", 1, NULL, &boundary, NULL));
  g_assert_cmpuint (boundary, ==, 1);
}

static void
test_the_listener_can_stop_behind_an_event (void)
{
  static const char *const ends[] = { "\n", "\r\n", "\r" };

  for (unsigned i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *first = g_strdup_printf ("data: 1%s%s", ends[i], ends[i]);
      g_autofree char *wire = g_strdup_printf ("%sdata: 2%s%s", first, ends[i], ends[i]);
      g_autoptr (GString) seen = g_string_new (NULL);
      Listener listener = { .seen = seen, .stop_after = 1 };
      g_auto (WeirSse) sse = { 0 };
      size_t length = strlen (wire);
      size_t consumed = 0;
      size_t boundary = 0;

      weir_sse_init (&sse, on_event, &listener);
      g_assert_true (weir_sse_feed (&sse, wire, length, &consumed, &boundary, NULL));
      g_assert_cmpuint (consumed, ==, strlen (first));
      g_assert_cmpuint (boundary, ==, consumed);
      g_assert_cmpstr (seen->str, ==, "<|1>");
      g_assert_true (weir_sse_is_idle (&sse));
      g_assert_true (
          weir_sse_feed (&sse, wire + consumed, length - consumed, &consumed, NULL, NULL));
      g_assert_cmpstr (seen->str, ==, "<|1><|2>");
    }
}

static void
test_a_whole_event_is_not_copied (void)
{
  static const char wire[] = "event: a\ndata: one\n\ndata: two\r\n\r\n: c\ndata: three\n\n";
  g_autoptr (GString) seen = g_string_new (NULL);
  Listener listener = { .seen = seen, .bytes = wire, .length = sizeof wire - 1 };
  g_auto (WeirSse) sse = { 0 };

  weir_sse_init (&sse, on_event, &listener);
  g_assert_true (weir_sse_feed (&sse, wire, sizeof wire - 1, NULL, NULL, NULL));
  g_assert_cmpuint (listener.n_events, ==, 3);
  g_assert_null (sse.line);
  g_assert_null (sse.data);
}

static gboolean
count_bytes (WeirSlice name, WeirSlice data, gpointer user_data)
{
  *(size_t *)user_data += data.length;
  return TRUE;
}

/* Feeds `data: xxx…` of @length bytes a line, @n_lines times, and a blank line. */
static gboolean
feed_long (WeirSse *sse, size_t length, unsigned n_lines, size_t piece, GError **error)
{
  g_autofree char *bytes = g_malloc (piece);

  memset (bytes, 'x', piece);
  for (unsigned i = 0; i < n_lines; i++)
    {
      if (!weir_sse_feed (sse, "data:", 5, NULL, NULL, error))
        return FALSE;
      for (size_t left = length - 5; left > 0; left -= MIN (left, piece))
        if (!weir_sse_feed (sse, bytes, MIN (left, piece), NULL, NULL, error))
          return FALSE;
      if (!weir_sse_feed (sse, "\n", 1, NULL, NULL, error))
        return FALSE;
    }
  return weir_sse_feed (sse, "\n", 1, NULL, NULL, error);
}

static void
test_lines_and_events_are_bounded (void)
{
  static const struct
  {
    size_t length;
    unsigned n_lines;
    gboolean is_good;
  } cases[] = {
    { WEIR_SSE_LINE_MAX, 1, TRUE },
    { WEIR_SSE_LINE_MAX + 1, 1, FALSE },
    { WEIR_SSE_LINE_MAX, 2, TRUE },
    { WEIR_SSE_LINE_MAX, 3, FALSE },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    for (size_t piece = 1u << 20; piece <= 1u << 25; piece <<= 5)
      {
        g_auto (WeirSse) sse = { 0 };
        g_autoptr (GError) error = NULL;
        size_t sum = 0;

        weir_sse_init (&sse, count_bytes, &sum);
        g_assert_true (feed_long (&sse, cases[i].length, cases[i].n_lines, piece, &error)
                       == cases[i].is_good);
        if (cases[i].is_good)
          {
            g_assert_cmpuint (sum, >=, cases[i].n_lines * (cases[i].length - 5));
            /* what one large event needed is given back */
            g_assert_true (sse.data == NULL);
            continue;
          }
        g_assert_error (error, WEIR_ERROR, WEIR_ERROR_TOO_LARGE);
        g_assert_cmpuint (sum, ==, 0);
        g_clear_error (&error);
        g_assert_false (weir_sse_feed (&sse, "\n", 1, NULL, NULL, &error));
        g_assert_error (error, WEIR_ERROR, WEIR_ERROR_TOO_LARGE);
      }
  {
    g_auto (WeirSse) sse = { 0 };
    g_autofree char *line = g_strnfill (WEIR_SSE_LINE_MAX + 1, 'x');
    size_t sum = 0;

    line[WEIR_SSE_LINE_MAX + 1] = '\n';
    weir_sse_init (&sse, count_bytes, &sum);
    g_assert_false (weir_sse_feed (&sse, line, WEIR_SSE_LINE_MAX + 2, NULL, NULL, NULL));
  }
}

static void
test_what_is_written_is_read (void)
{
  g_autoptr (GString) wire = g_string_new (NULL);
  g_autoptr (GString) seen = g_string_new (NULL);
  Listener listener = { .seen = seen };
  g_auto (WeirSse) sse = { 0 };

  weir_sse_write (wire, "message_start", WEIR_SLICE ("{\"a\":1}"));
  weir_sse_write_comment (wire, "keep-alive");
  weir_sse_write (wire, NULL, WEIR_SLICE (" [DONE]"));
  weir_sse_write (wire, NULL, (WeirSlice){ 0 });
  g_assert_cmpstr (wire->str, ==,
                   "event: message_start\ndata: {\"a\":1}\n\n: keep-alive\n\n"
                   "data:  [DONE]\n\ndata: \n\n");
  weir_sse_init (&sse, on_event, &listener);
  g_assert_true (weir_sse_feed (&sse, wire->str, wire->len, NULL, NULL, NULL));
  g_assert_cmpstr (seen->str, ==, "<message_start|{\"a\":1}><| [DONE]><|>");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sse/lines-become-events", test_lines_become_events);
  g_test_add_func ("/sse/any-cut-gives-the-same-events",
                   test_any_cut_gives_the_same_events);
  g_test_add_func ("/sse/another-event-fits-at-a-boundary",
                   test_another_event_fits_at_a_boundary);
  g_test_add_func ("/sse/idle-is-told", test_idle_is_told);
  g_test_add_func ("/sse/the-listener-can-stop-behind-an-event",
                   test_the_listener_can_stop_behind_an_event);
  g_test_add_func ("/sse/a-whole-event-is-not-copied", test_a_whole_event_is_not_copied);
  g_test_add_func ("/sse/lines-and-events-are-bounded", test_lines_and_events_are_bounded);
  g_test_add_func ("/sse/what-is-written-is-read", test_what_is_written_is_read);
  return g_test_run ();
}
