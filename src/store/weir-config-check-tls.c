/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The files of `tls`: that they can be read and belong together.  GIO takes any certificate
 * with any key; what shows the difference is a handshake, so one is done here, between two
 * ends of a socket pair. */

#include "config.h"

#include "store/weir-config-check.h"

#include "base/weir-clock.h"

#include <gio/gunixsocketaddress.h>
#include <sys/socket.h>

#define PATIENCE_S 5

/* (transfer full) (nullable): one end of a socket pair as a stream; @fd is taken. */
static GIOStream *
open_end (int fd)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);

  if (socket == NULL)
    return NULL;
  g_socket_set_timeout (socket, PATIENCE_S);
  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

static gboolean
accept_any_cb (GTlsConnection *connection,
               GTlsCertificate *certificate,
               GTlsCertificateFlags flags,
               gpointer user_data)
{
  return TRUE;
}

/* The client's end, on a thread of its own; what it finds does not count. */
static gpointer
greet (gpointer data)
{
  GIOStream *base = data;
  g_autoptr (GIOStream) client = g_tls_client_connection_new (base, NULL, NULL);

  if (client != NULL)
    {
      g_tls_connection_set_database (G_TLS_CONNECTION (client), NULL);
      g_signal_connect (client, "accept-certificate", G_CALLBACK (accept_any_cb), NULL);
      g_tls_connection_handshake (G_TLS_CONNECTION (client), NULL, NULL);
    }
  g_io_stream_close (base, NULL, NULL);
  return NULL;
}

/* FALSE: the server's end cannot prove that the key is the certificate's. */
static gboolean
try_handshake (GTlsCertificate *certificate)
{
  int fds[2] = { -1, -1 };
  g_autoptr (GIOStream) near_end = NULL;
  g_autoptr (GIOStream) far_end = NULL;
  g_autoptr (GIOStream) server = NULL;
  GThread *client = NULL;
  gboolean ok = FALSE;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    return TRUE;
  near_end = open_end (fds[0]);
  far_end = open_end (fds[1]);
  if (near_end == NULL || far_end == NULL)
    return TRUE;
  server = g_tls_server_connection_new (near_end, certificate, NULL);
  client = g_thread_new ("tls-check", greet, far_end);
  ok = server != NULL && g_tls_connection_handshake (G_TLS_CONNECTION (server), NULL, NULL);
  g_io_stream_close (near_end, NULL, NULL);
  g_thread_join (client);
  return ok;
}

static WeirConfigMark
find_mark (const WeirConfigChecker *self, const char *key)
{
  const WeirConfigNode *tls = weir_config_node_lookup (self->root, "tls");
  const WeirConfigNode *node = weir_config_node_lookup (tls, key);

  return node != NULL ? node->start : weir_config_checker_find_mark (self, "tls");
}

static void
check_dates (const WeirConfigChecker *self, GTlsCertificate *certificate)
{
  g_autoptr (GDateTime) end = g_tls_certificate_get_not_valid_after (certificate);
  g_autofree char *shown = NULL;

  if (end == NULL || g_date_time_to_unix (end) > weir_clock_real_us () / WEIR_USEC_PER_SEC)
    return;
  shown = g_date_time_format (end, "%Y-%m-%d");
  weir_config_report (
      self->notices, FALSE, find_mark (self, "cert"),
      "the certificate in tls.cert has expired (%s); clients will refuse it", shown);
}

void
weir_config_check_tls_files (const WeirConfigChecker *self)
{
  const WeirConfig *config = self->config;
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;

  if (!config->tls_enable || *config->tls_certificate == '\0' || *config->tls_key == '\0'
      || !g_tls_backend_supports_tls (g_tls_backend_get_default ()))
    return;
  certificate = g_tls_certificate_new_from_file (config->tls_certificate, &error);
  if (certificate == NULL)
    {
      weir_config_report (self->notices, TRUE, find_mark (self, "cert"),
                          "tls.cert cannot be read as a certificate (PEM): %s",
                          error->message);
      return;
    }
  check_dates (self, certificate);
  g_clear_object (&certificate);
  certificate
      = g_tls_certificate_new_from_files (config->tls_certificate, config->tls_key, &error);
  if (certificate == NULL)
    weir_config_report (self->notices, TRUE, find_mark (self, "key"),
                        "tls.key cannot be read as a private key (PEM): %s",
                        error->message);
  else if (!try_handshake (certificate))
    weir_config_report (self->notices, TRUE, find_mark (self, "key"),
                        "tls.key does not fit the certificate in tls.cert: no handshake "
                        "succeeds; name the two files that were made together");
}
