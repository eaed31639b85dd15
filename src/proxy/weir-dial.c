/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One connection being made:
 *
 *   start -> connecting -> (plain) ----------------> end
 *                       -> (TLS)   -> shaking hands -> end
 *
 * A cancelled caller, a deadline, an address that is refused and weir_dial_abandon all stop
 * the GIO call under way; its callback is the way to the one exit.  Nothing is sent before
 * the address and, under TLS, the certificate have been judged. */

#include "config.h"

#include "proxy/weir-dial.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "base/weir-clock.h"
#include "proxy/weir-address.h"

/* Data that nobody acknowledged for so long ends the connection. */
#define TCP_USER_TIMEOUT_MS 30000

struct _WeirDial
{
  WeirPoller *poller;        /* (unowned) */
  WeirTrust *trust;          /* (owned) */
  WeirTarget *target;        /* (owned) */
  uint16_t own_port;         /* 0: none */
  GCancellable *cancellable; /* (owned) the caller's */
  gulong cancelled_id;       /* on @cancellable */
  WeirDialFunc func;         /* NULL: abandoned */
  gpointer user_data;

  GCancellable *stop; /* (owned) of the GIO calls */
  GError *stopped;    /* (owned) (nullable) why we stopped them ourselves */
  WeirTimer watchdog;
  GSocketConnection *connection; /* (owned) (nullable) */
  GTlsConnection *tls;           /* (owned) (nullable) */
  gboolean to_proxy;             /* the attempt under way goes to a proxy */
  gboolean verified;             /* the trust store has said yes */
  const char *fault;             /* (nullable) why it said no: a constant */
};

/* Stops with the first reason that is given. */
G_GNUC_PRINTF (3, 4)
static void
dial_stop (WeirDial *self, WeirError code, const char *format, ...)
{
  va_list arguments;

  if (self->stopped != NULL)
    return;
  va_start (arguments, format);
  self->stopped = g_error_new_valist (WEIR_ERROR, (int)code, format, arguments);
  va_end (arguments);
  g_cancellable_cancel (self->stop);
}

/* The one exit. */
static void
dial_end (WeirDial *self, const GError *error)
{
  weir_poller_clear_timer (self->poller, &self->watchdog);
  g_cancellable_disconnect (self->cancellable, self->cancelled_id);
  /* a later handshake on the same connection finds nobody who accepts: it fails */
  if (self->tls != NULL)
    g_signal_handlers_disconnect_by_data (self->tls, self);
  /* before TLS is freed, which would say goodbye on an open socket and wait for room */
  if (error != NULL && self->connection != NULL)
    g_socket_close (g_socket_connection_get_socket (self->connection), NULL);
  if (self->func != NULL && error == NULL)
    self->func (self->connection, self->tls, NULL, self->user_data);
  else if (self->func != NULL)
    self->func (NULL, NULL, error, self->user_data);
  g_clear_object (&self->tls);
  g_clear_object (&self->connection);
  g_object_unref (self->stop);
  g_object_unref (self->cancellable);
  g_object_unref (self->trust);
  g_clear_error (&self->stopped);
  weir_target_free (self->target);
  g_free (self);
}

G_GNUC_PRINTF (3, 4)
static void
dial_fail (WeirDial *self, WeirError code, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  va_list arguments;

  va_start (arguments, format);
  error = self->stopped != NULL
              ? g_error_copy (self->stopped)
              : g_error_new_valist (WEIR_ERROR, (int)code, format, arguments);
  va_end (arguments);
  dial_end (self, error);
}

/* Also for a connection that was made in the very moment in which nobody wanted it any
 * more. */
static gboolean
is_stopped (const WeirDial *self)
{
  return self->stopped != NULL;
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  dial_stop (user_data, WEIR_ERROR_CANCELLED, "the request was given up");
}

static void
on_watchdog (WeirTimer *timer)
{
  WeirDial *self = WEIR_CONTAINER_OF (timer, WeirDial, watchdog);

  dial_stop (self, WEIR_ERROR_UPSTREAM_TIMEOUT,
             self->connection == NULL ? "no connection to %s within 10 s"
                                      : "no TLS handshake with %s within 10 s",
             self->target->authority);
}

static void
on_client_event (GSocketClient *client,
                 GSocketClientEvent event,
                 GSocketConnectable *connectable,
                 GSocketConnection *connection,
                 gpointer user_data)
{
  WeirDial *self = user_data;
  g_autoptr (GSocketAddress) remote = NULL;
  g_autoptr (GError) error = NULL;

  if (event != G_SOCKET_CLIENT_CONNECTING)
    return;
  remote = g_socket_connection_get_remote_address (connection, NULL);
  if (remote == NULL)
    return;
  self->to_proxy = G_IS_PROXY_ADDRESS (remote);
  if (!weir_address_allow (remote, self->target, self->own_port, &error))
    dial_stop (self, (WeirError)error->code, "%s", error->message);
}

static void
set_socket_options (GSocket *socket)
{
  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MS, NULL);
}

/* With no database of its own the connection finds every certificate wanting, so this is
 * asked at every full handshake. */
static gboolean
on_accept_certificate (GTlsConnection *tls,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags unused,
                       gpointer user_data)
{
  WeirDial *self = user_data;
  GTlsCertificateFlags flags;

  flags = weir_trust_verify (self->trust, certificate, self->target->host,
                             self->target->port);
  self->verified = flags == 0;
  if (flags != 0)
    self->fault = weir_trust_describe (certificate, flags);
  return self->verified;
}

/* A resumed session shows the certificate of the handshake it comes from, and GIO does not
 * ask about it again: we do. */
static gboolean
is_verified (WeirDial *self)
{
  GTlsCertificate *certificate = g_tls_connection_get_peer_certificate (self->tls);

  if (!self->verified && self->fault == NULL && certificate != NULL)
    on_accept_certificate (self->tls, certificate, 0, self);
  return self->verified;
}

static void
handshake_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirDial *self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean done = g_tls_connection_handshake_finish (self->tls, result, &error);

  if (done
      && g_tls_connection_get_protocol_version (self->tls) < G_TLS_PROTOCOL_VERSION_TLS_1_2)
    self->fault = "it speaks no TLS from version 1.2 on";
  if (done && self->fault == NULL && is_verified (self) && !is_stopped (self))
    dial_end (self, NULL);
  else if (self->fault != NULL)
    dial_fail (self, WEIR_ERROR_UPSTREAM_TLS, "%s is not trusted: %s",
               self->target->authority, self->fault);
  else
    dial_fail (self, WEIR_ERROR_UPSTREAM_TLS, "TLS handshake with %s failed: %s",
               self->target->authority,
               error != NULL ? error->message : "no certificate was verified");
}

static void
start_tls (WeirDial *self)
{
  static const char *const protocols[] = { "http/1.1", NULL };
  GType type = g_tls_backend_get_client_connection_type (g_tls_backend_get_default ());
  g_autoptr (GSocketConnectable) identity = NULL;
  g_autoptr (GError) error = NULL;

  /* GIO would put an address into the server name, where only names belong (RFC 6066, 3);
   * the trust store checks either */
  if (!g_hostname_is_ip_address (self->target->host))
    identity = g_network_address_new (self->target->host, self->target->port);
  self->tls = g_initable_new (type, NULL, &error, "base-io-stream", self->connection,
                              "server-identity", identity, "database",
                              NULL, /* a copy of the whole store otherwise */
                              "advertised-protocols", protocols, NULL);
  if (self->tls == NULL)
    {
      dial_fail (self, WEIR_ERROR_UPSTREAM_TLS, "no TLS here: %s", error->message);
      return;
    }
  g_signal_connect (self->tls, "accept-certificate", G_CALLBACK (on_accept_certificate),
                    self);
  weir_poller_set_timer (self->poller, &self->watchdog,
                         weir_clock_now_us () + WEIR_DIAL_TLS_US);
  g_tls_connection_handshake_async (self->tls, G_PRIORITY_DEFAULT, self->stop, handshake_cb,
                                    self);
}

static const char *
describe_connect_error (const GError *error)
{
  static const struct
  {
    GIOErrorEnum code;
    const char *text;
  } texts[] = {
    { G_IO_ERROR_CONNECTION_REFUSED, "connection refused" },
    { G_IO_ERROR_HOST_UNREACHABLE, "no route to it" },
    { G_IO_ERROR_NETWORK_UNREACHABLE, "the network cannot be reached" },
    { G_IO_ERROR_TIMED_OUT, "no answer in time" },
    { G_IO_ERROR_PROXY_FAILED, "the proxy failed" },
    { G_IO_ERROR_PROXY_NEED_AUTH, "the proxy wants a user name and password" },
    { G_IO_ERROR_PROXY_AUTH_FAILED, "the proxy refused the user name or password" },
    { G_IO_ERROR_PROXY_NOT_ALLOWED, "the proxy does not allow it" },
  };

  if (error->domain == G_RESOLVER_ERROR)
    return "its name cannot be resolved";
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_error_matches (error, G_IO_ERROR, (int)texts[i].code))
      return texts[i].text;
  return error->message;
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirDial *self = user_data;
  g_autoptr (GError) error = NULL;

  self->connection
      = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  g_signal_handlers_disconnect_by_data (source, self);
  if (self->connection == NULL || is_stopped (self))
    {
      dial_fail (self, WEIR_ERROR_UPSTREAM, "cannot connect to %s%s: %s",
                 self->to_proxy ? "the proxy for " : "", self->target->authority,
                 error != NULL ? describe_connect_error (error) : "");
      return;
    }
  if (!weir_address_allow_connected (self->connection, self->target, self->own_port,
                                     &error))
    {
      dial_fail (self, WEIR_ERROR_LOOP, "%s", error->message);
      return;
    }
  set_socket_options (g_socket_connection_get_socket (self->connection));
  if (self->target->tls)
    {
      start_tls (self);
      return;
    }
  if (G_IS_TCP_WRAPPER_CONNECTION (self->connection))
    {
      GIOStream *base = g_tcp_wrapper_connection_get_base_io_stream (
          G_TCP_WRAPPER_CONNECTION (self->connection));

      /* plain HTTP inside the TLS of an https proxy */
      if (G_IS_TLS_CONNECTION (base))
        self->tls = g_object_ref (G_TLS_CONNECTION (base));
    }
  dial_end (self, NULL);
}

WeirDial *
weir_dial_start (const WeirDialRequest *request)
{
  const WeirTarget *target = request->target;
  WeirDial *self = g_new0 (WeirDial, 1);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GProxyResolver) resolver = weir_address_dup_proxy_resolver (target);
  g_autofree char *url = NULL;

  self->poller = request->poller;
  self->trust = g_object_ref (request->trust);
  self->target = weir_target_copy (target);
  self->own_port = request->own_port;
  self->cancellable = g_object_ref (request->cancellable);
  self->func = request->func;
  self->user_data = request->user_data;
  self->stop = g_cancellable_new ();
  self->watchdog.func = on_watchdog;
  weir_poller_set_timer (self->poller, &self->watchdog,
                         weir_clock_now_us () + WEIR_DIAL_CONNECT_US);

  g_socket_client_set_enable_proxy (client, resolver != NULL);
  g_socket_client_set_proxy_resolver (client, resolver);
  g_signal_connect (client, "event", G_CALLBACK (on_client_event), self);
  /* the scheme is for the desktop's proxy rules, which are by scheme */
  url = g_strdup_printf ("%s://%s", target->tls ? "https" : "http", target->authority);
  g_socket_client_connect_to_uri_async (client, url, target->tls ? 443 : 80, self->stop,
                                        connected_cb, self);
  self->cancelled_id
      = g_cancellable_connect (self->cancellable, G_CALLBACK (on_cancelled), self, NULL);
  return self;
}

void
weir_dial_abandon (WeirDial *self)
{
  self->func = NULL;
  weir_poller_clear_timer (self->poller, &self->watchdog);
  dial_stop (self, WEIR_ERROR_CANCELLED, "nobody waits any more");
}
