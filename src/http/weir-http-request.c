/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Request heads: the request line, where the request is for, what it expects. */

#include "config.h"

#include "http/weir-http-head.h"
#include "http/weir-http-grammar.h"

static const char *const method_names[] = {
  [WEIR_HTTP_GET] = "GET",         [WEIR_HTTP_HEAD] = "HEAD",
  [WEIR_HTTP_POST] = "POST",       [WEIR_HTTP_PUT] = "PUT",
  [WEIR_HTTP_PATCH] = "PATCH",     [WEIR_HTTP_DELETE] = "DELETE",
  [WEIR_HTTP_OPTIONS] = "OPTIONS",
};
G_STATIC_ASSERT (G_N_ELEMENTS (method_names) == WEIR_HTTP_METHOD_LAST);

const char *
weir_http_method_get_name (WeirHttpMethod method)
{
  g_return_val_if_fail (method < WEIR_HTTP_METHOD_LAST, "");

  return method_names[method];
}

static gboolean
read_method (WeirHttpHead *self, WeirSlice text, GError **error)
{
  for (unsigned i = 0; i < WEIR_HTTP_METHOD_LAST; i++)
    if (weir_slice_equal (text, weir_slice_from_string (method_names[i])))
      {
        self->method = (WeirHttpMethod)i;
        return TRUE;
      }
  if (weir_slice_equal (text, WEIR_SLICE ("CONNECT"))
      || weir_slice_equal (text, WEIR_SLICE ("TRACE")))
    return weir_error_set (error, WEIR_ERROR_METHOD_NOT_ALLOWED,
                           "method is not offered here");
  if (!weir_http_is_token (text))
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "malformed method");
  return weir_error_set (error, WEIR_ERROR_NOT_IMPLEMENTED, "unknown method");
}

/* Sets the target as it stands in the line; the version decides before the method. */
static gboolean
read_request_line (WeirHttpHead *self, WeirSlice line, GError **error)
{
  const char *end = line.text + line.length;
  const char *target = memchr (line.text, ' ', line.length);
  const char *version;

  if (target == NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "malformed request line");
  target++;
  version = memchr (target, ' ', (size_t)(end - target));
  if (version == NULL || version == target)
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "malformed request line");
  self->target = (WeirSlice){ target, (size_t)(version - target) };
  version++;
  return weir_http_head_read_version (self, (WeirSlice){ version, (size_t)(end - version) },
                                      error)
         && read_method (self, (WeirSlice){ line.text, (size_t)(target - 1 - line.text) },
                         error);
}

static gboolean
read_host (WeirHttpHead *self, const WeirHttpKeys *keys, GError **error)
{
  unsigned n_hosts = keys->count[WEIR_HTTP_KEY_HOST];
  WeirHttpAuthority authority;

  if (n_hosts > 1 || (n_hosts == 0 && self->minor > 0))
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "not exactly one host field");
  if (n_hosts == 0)
    return TRUE;
  self->host = keys->last[WEIR_HTTP_KEY_HOST];
  if (!weir_http_authority_parse (self->host, &authority))
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "malformed host field");
  return TRUE;
}

/* Reduces an absolute-form target to its origin-form, if it names the host that the Host
 * field names: we are nobody's forward proxy. */
static gboolean
strip_authority (WeirHttpHead *self, GError **error)
{
  const WeirSlice scheme = WEIR_SLICE ("http://");
  WeirSlice rest = self->target;
  const char *slash;
  size_t length;

  if (rest.length < scheme.length
      || g_ascii_strncasecmp (rest.text, scheme.text, scheme.length) != 0)
    {
      if (g_strstr_len (rest.text, (gssize)rest.length, "://") != NULL)
        return weir_error_set (error, WEIR_ERROR_MISDIRECTED, "target of another scheme");
      return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "malformed target");
    }
  rest.text += scheme.length;
  rest.length -= scheme.length;
  slash = memchr (rest.text, '/', rest.length);
  length = slash != NULL ? (size_t)(slash - rest.text) : rest.length;
  if (self->host.length == 0
      || !weir_slice_equal_nocase ((WeirSlice){ rest.text, length }, self->host))
    return weir_error_set (error, WEIR_ERROR_MISDIRECTED,
                           "target and host field do not agree");
  self->target
      = slash != NULL ? (WeirSlice){ slash, rest.length - length } : WEIR_SLICE ("/");
  return TRUE;
}

static gboolean
read_target (WeirHttpHead *self, GError **error)
{
  if (weir_slice_equal (self->target, WEIR_SLICE ("*")))
    {
      self->path = self->target;
      if (self->method == WEIR_HTTP_OPTIONS)
        return TRUE;
      return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "malformed target");
    }
  if (self->target.text[0] != '/' && !strip_authority (self, error))
    return FALSE;
  return weir_http_target_split (self->target, &self->path, &self->query, error);
}

static gboolean
read_expect (WeirHttpHead *self, const WeirHttpKeys *keys, GError **error)
{
  if (keys->count[WEIR_HTTP_KEY_EXPECT] == 0)
    return TRUE;
  if (keys->count[WEIR_HTTP_KEY_EXPECT] > 1
      || !weir_slice_equal_nocase (keys->last[WEIR_HTTP_KEY_EXPECT],
                                   WEIR_SLICE ("100-continue")))
    return weir_error_set (error, WEIR_ERROR_EXPECTATION, "unknown expectation");
  /* RFC 9110, 10.1.1: from an HTTP/1.0 client it is ignored */
  self->expect_continue = self->minor > 0;
  return TRUE;
}

gboolean
weir_http_head_parse_request (WeirHttpHead *self,
                              const char *text,
                              size_t length,
                              GError **error)
{
  WeirSlice whole = { text, length };
  WeirHttpKeys keys;
  WeirSlice line;

  for (unsigned i = 0; i < 2 && weir_slice_has_prefix (whole, WEIR_SLICE ("\r\n")); i++)
    whole = (WeirSlice){ whole.text + 2, whole.length - 2 };
  if (!weir_http_head_read (self, whole, &line, &keys, error)
      || !read_request_line (self, line, error) || !read_host (self, &keys, error)
      || !weir_http_head_read_framing (self, &keys, error) || !read_target (self, error)
      || !read_expect (self, &keys, error))
    return FALSE;
  if (keys.count[WEIR_HTTP_KEY_AUTHORIZATION] > 1)
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "two authorization fields");
  self->upgrade = self->minor > 0 && keys.count[WEIR_HTTP_KEY_UPGRADE] > 0
                  && weir_http_head_has_token (self, "connection", "upgrade");
  return TRUE;
}
