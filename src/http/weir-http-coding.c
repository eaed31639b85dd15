/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Content codings, undone by GIO's converter.  Upstreams are asked for none; some gateways
 * compress all the same. */

#include "config.h"

#include "http/weir-http-coding.h"

#include "base/weir-error.h"

#include <gio/gio.h>

struct _WeirHttpCoding
{
  GConverter *converter; /* (owned) */
  gboolean done;
};

static const struct
{
  const char *name;
  GZlibCompressorFormat format;
} codings[] = {
  { "gzip", G_ZLIB_COMPRESSOR_FORMAT_GZIP },
  { "x-gzip", G_ZLIB_COMPRESSOR_FORMAT_GZIP },
  { "deflate", G_ZLIB_COMPRESSOR_FORMAT_ZLIB },
};

WeirHttpCoding *
weir_http_coding_new (WeirSlice name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (codings); i++)
    if (weir_slice_equal_nocase (name, weir_slice_from_string (codings[i].name)))
      {
        WeirHttpCoding *self = g_new0 (WeirHttpCoding, 1);

        self->converter = G_CONVERTER (g_zlib_decompressor_new (codings[i].format));
        return self;
      }
  return NULL;
}

void
weir_http_coding_free (WeirHttpCoding *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->converter);
  g_free (self);
}

WeirHttpResult
weir_http_coding_decode (WeirHttpCoding *self,
                         WeirSlice bytes,
                         char *out,
                         size_t out_size,
                         size_t *out_consumed,
                         size_t *out_length,
                         GError **error)
{
  g_autoptr (GError) reason = NULL;

  *out_consumed = *out_length = 0;
  if (self->done)
    return WEIR_HTTP_DONE;
  switch (g_converter_convert (self->converter, bytes.text, bytes.length, out, out_size,
                               G_CONVERTER_NO_FLAGS, out_consumed, out_length, &reason))
    {
    case G_CONVERTER_FINISHED:
      self->done = TRUE;
      return WEIR_HTTP_DONE;
    case G_CONVERTER_CONVERTED:
    case G_CONVERTER_FLUSHED:
      return WEIR_HTTP_MORE;
    case G_CONVERTER_ERROR:
      break;
    }
  *out_consumed = *out_length = 0;
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
    {
      *out_consumed = bytes.length;
      return WEIR_HTTP_MORE;
    }
  weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "the compressed body is broken");
  return WEIR_HTTP_BAD;
}

gboolean
weir_http_coding_end (const WeirHttpCoding *self)
{
  return self->done;
}
