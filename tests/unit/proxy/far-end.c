/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Servers and proxies with one trick each, by plain blocking code. */

#include "config.h"

#include "far-end.h"

#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

/* Something to read that is no reset: glib-networking 2.74 leaks an error when a blocking
 * read under TLS meets one. */
static gboolean
wait_for_bytes (GSocket *socket)
{
  char byte;

  return g_socket_condition_wait (socket, G_IO_IN, NULL, NULL)
         && recv (g_socket_get_fd (socket), &byte, 1, MSG_PEEK) > 0;
}

/* Copies one direction until it ends. */
typedef struct
{
  GIOStream *from;
  GIOStream *to;
  GSocket *from_socket;
  GSocket *to_socket;
} Copy;

static gpointer
copy_thread (gpointer data)
{
  Copy *self = data;
  char buffer[32768]; /* takes a whole record: nothing stays in TLS unseen */
  gssize n;

  while (wait_for_bytes (self->from_socket)
         && (n = g_input_stream_read (g_io_stream_get_input_stream (self->from), buffer,
                                      sizeof buffer, NULL, NULL))
                > 0)
    if (!g_output_stream_write_all (g_io_stream_get_output_stream (self->to), buffer,
                                    (gsize)n, NULL, NULL, NULL))
      break;
  g_socket_shutdown (self->to_socket, FALSE, TRUE, NULL);
  return NULL;
}

static void
relay (FarEnd *self, GIOStream *client, GSocketConnection *connection)
{
  g_autoptr (GSocketClient) connector = g_socket_client_new ();
  g_autoptr (GSocketConnection) backend = NULL;
  Copy up;
  Copy down;
  GThread *thread;

  g_socket_client_set_enable_proxy (connector, FALSE);
  backend = g_socket_client_connect_to_host (connector, "127.0.0.1", self->backend_port,
                                             NULL, NULL);
  g_assert_nonnull (backend);
  up = (Copy){
    client,
    G_IO_STREAM (backend),
    g_socket_connection_get_socket (connection),
    g_socket_connection_get_socket (backend),
  };
  down = (Copy){
    G_IO_STREAM (backend),
    client,
    g_socket_connection_get_socket (backend),
    g_socket_connection_get_socket (connection),
  };
  thread = g_thread_new ("relay", copy_thread, &up);
  copy_thread (&down);
  g_thread_join (thread);
}

/* A server that stopped learning at TLS 1.1; GIO's cannot be told to. */
static void
serve_old_tls (FarEnd *self, int fd)
{
  g_autofree char *certificate = NULL;
  g_autofree char *key = NULL;
  gnutls_certificate_credentials_t credentials;
  gnutls_session_t session;
  gnutls_datum_t certificate_pem;
  gnutls_datum_t key_pem;

  g_object_get (self->certificate, "certificate-pem", &certificate, "private-key-pem", &key,
                NULL);
  certificate_pem
      = (gnutls_datum_t){ (unsigned char *)certificate, (unsigned)strlen (certificate) };
  key_pem = (gnutls_datum_t){ (unsigned char *)key, (unsigned)strlen (key) };
  gnutls_certificate_allocate_credentials (&credentials);
  g_assert_cmpint (gnutls_certificate_set_x509_key_mem (credentials, &certificate_pem,
                                                        &key_pem, GNUTLS_X509_FMT_PEM),
                   >=, 0);
  gnutls_init (&session, GNUTLS_SERVER);
  g_assert_cmpint (
      gnutls_priority_set_direct (session, "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT", NULL),
      ==, 0);
  gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_transport_set_int (session, fd);
  self->handshake_result = gnutls_handshake (session);
  gnutls_deinit (session);
  gnutls_certificate_free_credentials (credentials);
}

static gboolean
hear (GIOStream *stream, char *buffer, size_t length)
{
  gsize n;

  return g_input_stream_read_all (g_io_stream_get_input_stream (stream), buffer, length, &n,
                                  NULL, NULL)
         && n == length;
}

static void
say (GIOStream *stream, const void *bytes, size_t length)
{
  g_output_stream_write_all (g_io_stream_get_output_stream (stream), bytes, length, NULL,
                             NULL, NULL);
}

/* (transfer full) */
static GString *
hear_head (GIOStream *stream)
{
  GString *head = g_string_new (NULL);
  char byte;

  while (!g_str_has_suffix (head->str, "\r\n\r\n") && hear (stream, &byte, 1))
    g_string_append_c (head, byte);
  return head;
}

static void
serve_one_request (FarEnd *self, GIOStream *stream)
{
  g_autoptr (GString) head = hear_head (stream);
  g_autofree char *answer = NULL;

  if (head->len == 0)
    return;
  g_mutex_lock (&self->lock);
  self->n_heard += head->len;
  answer = self->respond (head->str, self->respond_data);
  g_mutex_unlock (&self->lock);
  say (stream, answer, strlen (answer));
}

static void
serve_http_proxy (FarEnd *self, GIOStream *stream, GSocketConnection *connection)
{
  g_autoptr (GString) head = hear_head (stream);

  if (!g_str_has_prefix (head->str, "CONNECT "))
    return;
  if (self->kind == FAR_END_HTTP_407)
    {
      say (stream, "HTTP/1.0 407 No\r\n\r\n", 19);
      return;
    }
  say (stream, "HTTP/1.0 200 Yes\r\n\r\n", 20);
  g_mutex_lock (&self->lock);
  g_string_append (self->first, head->str);
  g_mutex_unlock (&self->lock);
  relay (self, stream, connection);
}

/* RFC 1928, no authentication, CONNECT to a name or an IPv4 address. */
static void
serve_socks5 (FarEnd *self, GSocketConnection *connection)
{
  GIOStream *stream = G_IO_STREAM (connection);
  char buffer[512];
  size_t length;

  if (!hear (stream, buffer, 2) || !hear (stream, buffer + 2, (guint8)buffer[1]))
    return;
  say (stream, "\5\0", 2);
  if (!hear (stream, buffer, 5))
    return;
  length = buffer[3] == 3 ? (size_t)(guint8)buffer[4] + 2 : 5;
  if (!hear (stream, buffer + 5, length))
    return;
  g_mutex_lock (&self->lock);
  g_string_append_len (self->first, buffer + 5, (gssize)length);
  g_mutex_unlock (&self->lock);
  say (stream, "\5\0\0\1\0\0\0\0\0\0", 10);
  relay (self, stream, connection);
}

static void
serve_echo (FarEnd *self, GIOStream *stream, GSocket *socket)
{
  char buffer[32768]; /* as above */
  gssize n;

  while (wait_for_bytes (socket)
         && (n = g_input_stream_read (g_io_stream_get_input_stream (stream), buffer,
                                      sizeof buffer, NULL, NULL))
                > 0)
    {
      /* a stream takes one write at a time: far_end_push waits for ours */
      g_mutex_lock (&self->lock);
      self->n_heard += (size_t)n;
      if (self->kind == FAR_END_SCRIPT)
        say (stream, self->script, strlen (self->script));
      if (self->kind == FAR_END_GARBAGE)
        say (stream, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
      else if (self->kind == FAR_END_ECHO)
        say (stream, buffer, (size_t)n);
      g_mutex_unlock (&self->lock);
      if (self->kind == FAR_END_SCRIPT)
        break;
    }
}

static void
serve (FarEnd *self, GSocketConnection *connection)
{
  GSocket *socket = g_socket_connection_get_socket (connection);
  g_autoptr (GIOStream) tls = NULL;
  g_autoptr (GIOStream) stream = NULL;
  char buffer[2048];
  ssize_t n;

  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  if (self->kind != FAR_END_SILENT && g_socket_condition_wait (socket, G_IO_IN, NULL, NULL))
    {
      n = recv (g_socket_get_fd (socket), buffer, sizeof buffer, MSG_PEEK);
      g_mutex_lock (&self->lock);
      g_string_truncate (self->first, 0);
      g_string_append_len (self->first, buffer, MAX (n, 0));
      g_mutex_unlock (&self->lock);
    }
  if (self->kind == FAR_END_OLD_TLS)
    {
      g_socket_set_blocking (socket, TRUE);
      serve_old_tls (self, g_socket_get_fd (socket));
      return;
    }
  if (self->certificate != NULL)
    tls = g_initable_new (
        g_tls_backend_get_server_connection_type (g_tls_backend_get_default ()), NULL, NULL,
        "base-io-stream", connection, "certificate", self->certificate, "database",
        NULL, /* a copy of the system's store otherwise */
        NULL);
  stream = g_object_ref (tls != NULL ? tls : G_IO_STREAM (connection));
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->streams, g_object_ref (stream));
  g_mutex_unlock (&self->lock);

  if (tls != NULL && !g_tls_connection_handshake (G_TLS_CONNECTION (tls), NULL, NULL))
    return;
  switch (self->kind)
    {
    case FAR_END_HTTP_PROXY:
    case FAR_END_HTTP_407:
      serve_http_proxy (self, stream, connection);
      break;
    case FAR_END_SOCKS5:
      serve_socks5 (self, connection);
      break;
    case FAR_END_RESPOND:
      serve_one_request (self, stream);
      break;
    case FAR_END_OLD_TLS:
    case FAR_END_ECHO:
    case FAR_END_SILENT:
    case FAR_END_GARBAGE:
    case FAR_END_SCRIPT:
      serve_echo (self, stream, socket);
      break;
    }
}

static gboolean
on_run (GThreadedSocketService *service,
        GSocketConnection *connection,
        GObject *source,
        gpointer user_data)
{
  FarEnd *self = user_data;

  gboolean stopped;

  g_mutex_lock (&self->lock);
  stopped = self->stopped;
  self->n_open++;
  self->n_accepted++;
  g_ptr_array_add (self->connections, g_object_ref (connection));
  g_mutex_unlock (&self->lock);
  if (!stopped)
    serve (self, connection);
  g_socket_close (g_socket_connection_get_socket (connection), NULL);
  g_mutex_lock (&self->lock);
  self->n_open--;
  g_mutex_unlock (&self->lock);
  return TRUE;
}

/* With the service, which the last thread keeps: one that starts late finds us yet. */
static void
far_end_finalize (gpointer data, GClosure *closure)
{
  FarEnd *self = data;

  g_ptr_array_unref (self->streams);
  g_ptr_array_unref (self->connections);
  g_string_free (self->first, TRUE);
  g_clear_object (&self->certificate);
  g_mutex_clear (&self->lock);
  g_free (self);
}

FarEnd *
far_end_new (FarEndKind kind, GTlsCertificate *certificate)
{
  FarEnd *self = g_new0 (FarEnd, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  self->kind = kind;
  self->certificate = certificate;
  g_mutex_init (&self->lock);
  self->streams = g_ptr_array_new_with_free_func (g_object_unref);
  self->connections = g_ptr_array_new_with_free_func (g_object_unref);
  self->first = g_string_new (NULL);
  self->service = g_threaded_socket_service_new (100);
  g_signal_connect_data (self->service, "run", G_CALLBACK (on_run), self, far_end_finalize,
                         0);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address,
                                 G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound,
                                 &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  g_socket_service_start (self->service);
  return self;
}

void
far_end_free (FarEnd *self)
{
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_mutex_lock (&self->lock);
  self->stopped = TRUE;
  for (unsigned i = 0; i < self->connections->len; i++)
    g_socket_shutdown (g_socket_connection_get_socket (self->connections->pdata[i]), TRUE,
                       TRUE, NULL);
  g_mutex_unlock (&self->lock);
  while (far_end_count_open (self) > 0)
    g_main_context_iteration (NULL, FALSE);
  g_object_unref (self->service);
}

unsigned
far_end_count_accepted (FarEnd *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->n_accepted;
}

unsigned
far_end_count_open (FarEnd *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->n_open;
}

size_t
far_end_count_heard (FarEnd *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->n_heard;
}

gboolean
far_end_saw (FarEnd *self, const char *text)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return memmem (self->first->str, self->first->len, text, strlen (text)) != NULL;
}

void
far_end_push (FarEnd *self, const char *text)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  say (self->streams->pdata[self->streams->len - 1], text, strlen (text));
}

void
far_end_hang_up (FarEnd *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GSocketConnection *last = self->connections->pdata[self->connections->len - 1];

  g_socket_shutdown (g_socket_connection_get_socket (last), TRUE, TRUE, NULL);
}

void
far_end_arm_reset (FarEnd *self)
{
  const struct linger now = { .l_onoff = 1 };
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GSocketConnection *last = self->connections->pdata[self->connections->len - 1];

  setsockopt (g_socket_get_fd (g_socket_connection_get_socket (last)), SOL_SOCKET,
              SO_LINGER, &now, sizeof now);
}
