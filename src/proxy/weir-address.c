/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rules about addresses and ways to them, shared by the model traffic and the control
 * plane.  Nothing is connected here. */

#include "config.h"

#include "proxy/weir-address.h"

/* Nobody means these by a name: link-local ones hold the metadata services of clouds; the
 * unspecified one is this computer again. */
static gboolean
is_forbidden (GInetAddress *address)
{
  static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };
  const guint8 *bytes = g_inet_address_to_bytes (address);
  gboolean is_ipv4 = g_inet_address_get_native_size (address) == 4;

  if (!is_ipv4 && memcmp (bytes, mapped, sizeof mapped) == 0)
    {
      bytes += sizeof mapped;
      is_ipv4 = TRUE;
    }
  if (is_ipv4)
    return bytes[0] == 0 || (bytes[0] == 169 && bytes[1] == 254) || bytes[0] >= 224;
  return g_inet_address_get_is_any (address) || g_inet_address_get_is_link_local (address)
         || g_inet_address_get_is_multicast (address);
}

static gboolean
is_port (GInetSocketAddress *remote, uint16_t own_port)
{
  return own_port != 0 && g_inet_socket_address_get_port (remote) == own_port;
}

static gboolean
set_loop_error (const WeirTarget *target, GError **error)
{
  return weir_error_set (error, WEIR_ERROR_LOOP, "%s leads back to here",
                         target->authority);
}

gboolean
weir_address_allow (GSocketAddress *remote,
                    const WeirTarget *target,
                    uint16_t own_port,
                    GError **error)
{
  GInetAddress *address;

  if (!G_IS_INET_SOCKET_ADDRESS (remote))
    return TRUE;
  address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote));
  if (is_port (G_INET_SOCKET_ADDRESS (remote), own_port)
      && (g_inet_address_get_is_loopback (address) || g_inet_address_get_is_any (address)))
    return set_loop_error (target, error);
  if (G_IS_PROXY_ADDRESS (remote) || g_hostname_is_ip_address (target->host)
      || !is_forbidden (address))
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_UPSTREAM,
                         "the name %s leads to an address that no name may lead to",
                         target->host);
}

gboolean
weir_address_allow_connected (GSocketConnection *connection,
                              const WeirTarget *target,
                              uint16_t own_port,
                              GError **error)
{
  g_autoptr (GSocketAddress) local
      = g_socket_connection_get_local_address (connection, NULL);
  g_autoptr (GSocketAddress) remote
      = g_socket_connection_get_remote_address (connection, NULL);

  if (!G_IS_INET_SOCKET_ADDRESS (local) || !G_IS_INET_SOCKET_ADDRESS (remote)
      || !is_port (G_INET_SOCKET_ADDRESS (remote), own_port)
      || !g_inet_address_equal (
          g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local)),
          g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote))))
    return TRUE;
  return set_loop_error (target, error);
}

GProxyResolver *
weir_address_dup_proxy_resolver (const WeirTarget *target)
{
  const char *url = target->proxy_url;
  g_autofree char *socks_url = NULL;

  if (weir_target_is_loopback (target) || g_strcmp0 (url, "direct") == 0)
    return NULL;
  if (url == NULL)
    return g_object_ref (g_proxy_resolver_get_default ());
  /* GIO always lets a SOCKS 5 proxy resolve names, so it has no word for it */
  if (g_str_has_prefix (url, "socks5h:"))
    url = socks_url = g_strconcat ("socks5:", url + strlen ("socks5h:"), NULL);
  return g_simple_proxy_resolver_new (url, NULL);
}
