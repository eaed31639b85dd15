/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Content codings, cut everywhere. */

#include "config.h"

#include "http/weir-http-coding.h"

#include "base/weir-error.h"

#include <gio/gio.h>

static const char said[] = "data: {\"some\":\"words words words words words\"}\n\n";

static GByteArray *
compress (GZlibCompressorFormat format, const char *text, size_t length)
{
  g_autoptr (GConverter) converter = G_CONVERTER (g_zlib_compressor_new (format, -1));
  GByteArray *bytes = g_byte_array_new ();
  size_t read = 0;
  size_t written = 0;

  g_byte_array_set_size (bytes, (guint)length + 128);
  g_assert_cmpint (g_converter_convert (converter, text, length, bytes->data, bytes->len,
                                        G_CONVERTER_INPUT_AT_END, &read, &written, NULL),
                   ==, G_CONVERTER_FINISHED);
  g_byte_array_set_size (bytes, (guint)written);
  return bytes;
}

/* Feeds @bytes as far as it goes and appends what it says, @room bytes at a time. */
static WeirHttpResult
feed (WeirHttpCoding *coding, WeirSlice bytes, size_t room, GString *said_so_far)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *out = g_malloc (room);
  WeirHttpResult result;
  size_t length;

  do
    {
      size_t consumed;

      result
          = weir_http_coding_decode (coding, bytes, out, room, &consumed, &length, &error);
      g_assert_true ((result == WEIR_HTTP_BAD) == (error != NULL));
      g_assert_cmpuint (consumed, <=, bytes.length);
      g_string_append_len (said_so_far, out, (gssize)length);
      bytes.text += consumed;
      bytes.length -= consumed;
    }
  while (result == WEIR_HTTP_MORE && (bytes.length > 0 || length == room));
  return result;
}

static void
test_any_cut (gconstpointer name)
{
  g_autoptr (GByteArray) bytes
      = compress (g_str_equal (name, "deflate") ? G_ZLIB_COMPRESSOR_FORMAT_ZLIB
                                                : G_ZLIB_COMPRESSOR_FORMAT_GZIP,
                  said, strlen (said));
  const char *text = (const char *)bytes->data;

  for (size_t cut = 0; cut <= bytes->len; cut++)
    for (size_t room = 1; room < 128; room += 60)
      {
        g_autoptr (WeirHttpCoding) coding
            = weir_http_coding_new (weir_slice_from_string (name));
        g_autoptr (GString) seen = g_string_new (NULL);

        g_assert_cmpint (feed (coding, (WeirSlice){ text, cut }, room, seen), ==,
                         cut == bytes->len ? WEIR_HTTP_DONE : WEIR_HTTP_MORE);
        g_assert_true (weir_http_coding_end (coding) == (cut == bytes->len));
        feed (coding, (WeirSlice){ text + cut, bytes->len - cut }, room, seen);
        g_assert_true (weir_http_coding_end (coding));
        g_assert_cmpstr (seen->str, ==, said);
      }
}

static void
test_behind_the_end (void)
{
  g_autoptr (GByteArray) bytes
      = compress (G_ZLIB_COMPRESSOR_FORMAT_GZIP, said, strlen (said));
  g_autoptr (WeirHttpCoding) coding = weir_http_coding_new (WEIR_SLICE ("gzip"));
  const size_t length = bytes->len;
  char out[256];
  size_t consumed;
  size_t n;

  g_byte_array_append (bytes, (const guint8 *)"{}", 2);
  g_assert_cmpint (weir_http_coding_decode (coding,
                                            (WeirSlice){ (char *)bytes->data, bytes->len },
                                            out, sizeof out, &consumed, &n, NULL),
                   ==, WEIR_HTTP_DONE);
  g_assert_cmpuint (consumed, ==, length);
  g_assert_cmpuint (n, ==, strlen (said));
  g_assert_cmpint (weir_http_coding_decode (coding, WEIR_SLICE ("{}"), out, sizeof out,
                                            &consumed, &n, NULL),
                   ==, WEIR_HTTP_DONE);
  g_assert_cmpuint (consumed + n, ==, 0);
}

static void
test_broken (void)
{
  g_autoptr (WeirHttpCoding) coding = weir_http_coding_new (WEIR_SLICE ("GZIP"));
  g_autoptr (GString) seen = g_string_new (NULL);

  g_assert_cmpint (feed (coding, WEIR_SLICE ("{\"plain\":true}"), 64, seen), ==,
                   WEIR_HTTP_BAD);
  g_assert_cmpstr (seen->str, ==, "");
  g_assert_false (weir_http_coding_end (coding));
}

static void
test_unknown (void)
{
  const char *const names[] = { "", "br", "zstd", "gzip, gzip", "identity", "gzi" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_null (weir_http_coding_new (weir_slice_from_string (names[i])));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/http/coding/any-cut-of-gzip-says-the-same", "gzip", test_any_cut);
  g_test_add_data_func ("/http/coding/any-cut-of-deflate-says-the-same", "deflate",
                        test_any_cut);
  g_test_add_func ("/http/coding/what-is-behind-the-end-is-left", test_behind_the_end);
  g_test_add_func ("/http/coding/what-is-not-compressed-is-bad", test_broken);
  g_test_add_func ("/http/coding/others-are-not-undone", test_unknown);
  return g_test_run ();
}
