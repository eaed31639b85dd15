/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rules for base-url, proxy-url and host.  No message holds the address itself, since it
 * may carry a password. */

#include "config.h"

#include "store/weir-config-url.h"

#include <gio/gio.h>

typedef struct
{
  char *scheme;    /* (owned) (nullable) */
  char *user_info; /* (owned) (nullable) */
  char *host;      /* (owned) (nullable) */
  char *query;     /* (owned) (nullable) */
  char *fragment;  /* (owned) (nullable) */
} Parts;

static void
parts_clear (Parts *self)
{
  g_free (self->scheme);
  g_free (self->user_info);
  g_free (self->host);
  g_free (self->query);
  g_free (self->fragment);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

gboolean
weir_config_is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = NULL;

  if (g_ascii_strcasecmp (host, "localhost") == 0)
    return TRUE;
  address = g_inet_address_new_from_string (host);
  return address != NULL && g_inet_address_get_is_loopback (address);
}

static const char *
find_fault (const char *url, Parts *out_parts)
{
  for (const char *c = url; *c != '\0'; c++)
    if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f || *c == '\\')
      return "holds a blank or another character that no address may hold; write it "
             "percent-encoded";
  if (strstr (url, "://") == NULL)
    return "has no scheme; begin it with https://";
  if (!g_uri_split (url, G_URI_FLAGS_ENCODED, &out_parts->scheme, &out_parts->user_info,
                    &out_parts->host, NULL, NULL, &out_parts->query, &out_parts->fragment,
                    NULL)
      || out_parts->scheme == NULL)
    return "is not a valid address";
  if (out_parts->host == NULL || *out_parts->host == '\0')
    return "has no host";
  return NULL;
}

const char *
weir_config_find_base_url_fault (const char *url, gboolean allow_plain)
{
  g_auto (Parts) parts = { 0 };
  const char *fault = find_fault (url, &parts);

  if (fault != NULL)
    return fault;
  if (g_ascii_strcasecmp (parts.scheme, "https") != 0
      && g_ascii_strcasecmp (parts.scheme, "http") != 0)
    return "must begin with https:// or http://";
  if (parts.user_info != NULL)
    return "has a user name or password in it; put the key into api-key or headers";
  if (parts.fragment != NULL)
    return "has a fragment (#...); remove it";
  if (parts.query != NULL)
    return "has a query (?...); remove it";
  if (g_ascii_strcasecmp (parts.scheme, "http") == 0 && !allow_plain
      && !weir_config_is_loopback (parts.host))
    return "is plain http; the key would travel readable. Use https or set allow-plain: "
           "true";
  return NULL;
}

const char *
weir_config_find_proxy_url_fault (const char *url)
{
  static const char *const schemes[] = { "http", "https", "socks5", "socks5h", NULL };
  g_auto (Parts) parts = { 0 };
  g_autofree char *scheme = NULL;
  const char *fault = NULL;

  if (*url == '\0' || g_ascii_strcasecmp (url, "direct") == 0
      || g_ascii_strcasecmp (url, "none") == 0)
    return NULL;
  fault = find_fault (url, &parts);
  if (fault != NULL)
    return fault;
  scheme = g_ascii_strdown (parts.scheme, -1);
  if (!g_strv_contains (schemes, scheme))
    return "must be http://, https:// or socks5:// with a host, or direct";
  return NULL;
}
