/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A web page in the user's browser can reach loopback, but it cannot choose Host, Origin
 * and Sec-Fetch-Site: these rules keep it out whatever name it resolved. */

#include "config.h"

#include "proxy/weir-admission.h"

static gboolean
is_our_name (const WeirHttpAuthority *authority, const WeirLocal *local)
{
  uint16_t port = authority->port != 0 ? authority->port : (local->tls ? 443 : 80);

  if (port != local->port)
    return FALSE;
  if (weir_slice_equal_nocase (authority->host, WEIR_SLICE ("localhost")))
    return local->is_loopback && !authority->is_ipv6;
  return weir_slice_equal_nocase (authority->host, weir_slice_from_string (local->address));
}

/* Only pages that we serve ourselves: scheme and authority are those of the request. */
static gboolean
is_own_origin (const WeirHttpHead *head, const WeirLocal *local)
{
  WeirSlice origin = weir_http_head_get (head, "origin");
  WeirSlice scheme = local->tls ? WEIR_SLICE ("https://") : WEIR_SLICE ("http://");

  if (weir_http_head_count (head, "origin") > 1 || !weir_slice_has_prefix (origin, scheme))
    return FALSE;
  return weir_slice_equal_nocase (
      (WeirSlice){ origin.text + scheme.length, origin.length - scheme.length },
      head->host);
}

gboolean
weir_admission_check_origin (const WeirHttpHead *head,
                             const WeirLocal *local,
                             GError **error)
{
  WeirHttpAuthority authority;

  /* HTTP/1.0 has no Host; the head reader insists on it from 1.1 on */
  if ((head->minor > 0 || head->host.length > 0)
      && (!weir_http_authority_parse (head->host, &authority)
          || !is_our_name (&authority, local)))
    return weir_error_set (
        error, WEIR_ERROR_MISDIRECTED,
        "the Host of the request is not an address that Weir listens on");
  if (weir_http_head_count (head, "origin") > 0 && !is_own_origin (head, local))
    return weir_error_set (error, WEIR_ERROR_FORBIDDEN,
                           "requests from web pages are not accepted (Origin)");
  if (weir_http_head_has_token (head, "sec-fetch-site", "cross-site")
      || weir_http_head_has_token (head, "sec-fetch-site", "same-site"))
    return weir_error_set (error, WEIR_ERROR_FORBIDDEN,
                           "requests from web pages are not accepted (Sec-Fetch-Site)");
  return TRUE;
}

gboolean
weir_admission_check_content (const WeirHttpHead *head, gboolean form_too, GError **error)
{
  WeirSlice type = weir_http_head_get (head, "content-type");
  WeirSlice coding = weir_http_head_get (head, "content-encoding");
  const char *semicolon = type.length > 0 ? memchr (type.text, ';', type.length) : NULL;

  if (semicolon != NULL)
    type.length = (size_t)(semicolon - type.text);
  while (type.length > 0 && type.text[type.length - 1] == ' ')
    type.length--;
  if (weir_http_head_count (head, "content-type") > 1
      || !(weir_slice_equal_nocase (type, WEIR_SLICE ("application/json"))
           || (form_too
               && weir_slice_equal_nocase (type, WEIR_SLICE ("multipart/form-data")))))
    return weir_error_set (
        error, WEIR_ERROR_MEDIA_TYPE,
        "the request body must be sent as Content-Type: application/json%s",
        form_too ? " or multipart/form-data" : "");
  if (weir_http_head_count (head, "content-encoding") > 1
      || (coding.length > 0 && !weir_slice_equal_nocase (coding, WEIR_SLICE ("identity"))))
    return weir_error_set (error, WEIR_ERROR_MEDIA_TYPE,
                           "compressed request bodies are not accepted; send it as it is");
  return TRUE;
}
