/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Base URLs and proxy URLs read once.  Nobody connects here. */

#include "config.h"

#include "proxy/weir-target.h"

#include <gio/gio.h>

#define PATH_MAX_BYTES 1024

/* What may stand in a Host field and in a message: a name or an IP literal. */
static gboolean
is_host (const char *host)
{
  if (*host == '\0' || strlen (host) > 253)
    return FALSE;
  if (g_hostname_is_ip_address (host))
    return strchr (host, '%') == NULL; /* a zone has no place in a URL (RFC 9110, 4.2) */
  for (const char *c = host; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("-._", *c) == NULL)
      return FALSE;
  return TRUE;
}

/* GUri would repair these: a base URL that needs it is a mistake. */
static gboolean
has_blank (const char *url)
{
  for (const char *c = url; *c != '\0'; c++)
    if (*c == ' ' || g_ascii_iscntrl (*c))
      return TRUE;
  return FALSE;
}

static gboolean
is_proxy_url (const char *proxy_url)
{
  static const char *const schemes[] = { "http", "https", "socks5", "socks5h", NULL };
  g_autofree char *scheme = NULL;
  g_autofree char *host = NULL;

  if (strcmp (proxy_url, "direct") == 0)
    return TRUE;
  return g_uri_split_network (proxy_url, G_URI_FLAGS_NONE, &scheme, &host, NULL, NULL)
         && g_strv_contains (schemes, scheme) && host != NULL && *host != '\0';
}

static char *
make_authority (const WeirTarget *target)
{
  gboolean is_ipv6 = strchr (target->host, ':') != NULL;
  GString *authority = g_string_new (is_ipv6 ? "[" : "");

  g_string_append (authority, target->host);
  if (is_ipv6)
    g_string_append_c (authority, ']');
  if (target->port != (target->tls ? 443 : 80))
    g_string_append_printf (authority, ":%u", target->port);
  return g_string_free (authority, FALSE);
}

/* Fills scheme, host, port and path.  FALSE with nothing said: the caller does. */
static gboolean
read_base_url (WeirTarget *self, const char *base_url)
{
  g_autoptr (GUri) url
      = has_blank (base_url) ? NULL : g_uri_parse (base_url, G_URI_FLAGS_ENCODED, NULL);
  const char *host = url != NULL ? g_uri_get_host (url) : NULL;
  int port;
  size_t length;

  if (host == NULL || g_uri_get_userinfo (url) != NULL || g_uri_get_query (url) != NULL
      || g_uri_get_fragment (url) != NULL)
    return FALSE;
  self->tls = g_strcmp0 (g_uri_get_scheme (url), "https") == 0;
  if (!self->tls && g_strcmp0 (g_uri_get_scheme (url), "http") != 0)
    return FALSE;
  self->host
      = g_hostname_is_ip_address (host) ? g_strdup (host) : g_hostname_to_ascii (host);
  if (self->host == NULL || !is_host (self->host))
    return FALSE;
  for (char *c = self->host; *c != '\0'; c++)
    *c = g_ascii_tolower (*c);
  port = g_uri_get_port (url);
  if (port == 0 || port > G_MAXUINT16)
    return FALSE;
  self->port = port > 0 ? (uint16_t)port : self->tls ? 443 : 80;
  length = strlen (g_uri_get_path (url));
  if (length > PATH_MAX_BYTES)
    return FALSE;
  while (length > 0 && g_uri_get_path (url)[length - 1] == '/')
    length--;
  self->path = g_strndup (g_uri_get_path (url), length);
  return TRUE;
}

WeirTarget *
weir_target_new (const char *base_url,
                 const char *proxy_url,
                 const char *account,
                 GError **error)
{
  g_autoptr (WeirTarget) self = g_new0 (WeirTarget, 1);

  g_return_val_if_fail (base_url != NULL, NULL);

  if (!read_base_url (self, base_url))
    {
      /* it may hold a credential by mistake: not quoted */
      weir_error_set (error, WEIR_ERROR_CONFIG,
                      "base-url must be http:// or https:// with a host and, perhaps, a "
                      "port and a path; no user name, query or fragment");
      return NULL;
    }
  if (proxy_url != NULL && *proxy_url != '\0' && !is_proxy_url (proxy_url))
    {
      weir_error_set (error, WEIR_ERROR_CONFIG,
                      "proxy-url must be \"direct\" or an http, https, socks5 or socks5h "
                      "URL with a host");
      return NULL;
    }
  self->authority = make_authority (self);
  self->proxy_url = proxy_url != NULL && *proxy_url != '\0' ? g_strdup (proxy_url) : NULL;
  self->account = g_strdup (account != NULL ? account : "");
  return g_steal_pointer (&self);
}

WeirTarget *
weir_target_copy (const WeirTarget *self)
{
  WeirTarget *copy = g_new (WeirTarget, 1);

  *copy = (WeirTarget){
    .tls = self->tls,
    .host = g_strdup (self->host),
    .port = self->port,
    .authority = g_strdup (self->authority),
    .path = g_strdup (self->path),
    .proxy_url = g_strdup (self->proxy_url),
    .account = g_strdup (self->account),
  };
  return copy;
}

void
weir_target_free (WeirTarget *self)
{
  if (self == NULL)
    return;
  g_free (self->host);
  g_free (self->authority);
  g_free (self->path);
  g_free (self->proxy_url);
  g_free (self->account);
  g_free (self);
}

unsigned
weir_target_hash (gconstpointer target)
{
  const WeirTarget *self = target;

  return g_str_hash (self->host) * 31 + g_str_hash (self->account) + self->port;
}

gboolean
weir_target_equal (gconstpointer a, gconstpointer b)
{
  const WeirTarget *one = a;
  const WeirTarget *other = b;

  return one->port == other->port && one->tls == other->tls
         && strcmp (one->host, other->host) == 0
         && strcmp (one->account, other->account) == 0
         && g_strcmp0 (one->proxy_url, other->proxy_url) == 0;
}

gboolean
weir_target_is_loopback (const WeirTarget *self)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (self->host);

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);
  return strcmp (self->host, "localhost") == 0
         || g_str_has_suffix (self->host, ".localhost");
}
