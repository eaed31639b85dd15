/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The proxy behind TLS as a client of another make sees it: bodies of every size, kept
 * connections, streams, and what becomes of those that speak none. */

#include "config.h"

#include "proxy/weir-proxy.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "certificates.h"
#include "proxy/weir-control-session.h"

typedef struct
{
  TestCertificate *ca;
  char *ca_file;
  char *certificate_file;
  char *key_file;
  WeirProxy *proxy;
  SoupSession *session;
  char *last_outcome; /* of the request log */
  unsigned n_rows;
} Fixture;

/* One request of the client's and all that came back. */
typedef struct
{
  SoupMessage *message;      /* (owned) */
  GCancellable *cancellable; /* (owned) */
  GInputStream *stream;      /* (owned) (nullable) */
  GString *body;             /* (owned) */
  GError *error;             /* (owned) (nullable) */
  unsigned n_reads;
  gboolean done;
  char block[32768];
} Call;

static void
on_row (const WeirLogRow *row, gpointer user_data)
{
  Fixture *self = user_data;

  self->n_rows++;
  g_free (self->last_outcome);
  self->last_outcome = g_strdup (row->outcome);
}

static WeirConfig *
make_config (const char *certificate, const char *key)
{
  g_autofree char *yaml
      = g_strdup_printf ("allow-unauthenticated: true\nport: 0\ntls:\n  enable: %s\n"
                         "  cert: \"%s\"\n  key: \"%s\"\n",
                         certificate != NULL ? "true" : "false",
                         certificate != NULL ? certificate : "", key != NULL ? key : "");
  g_autoptr (GError) error = NULL;
  WeirConfig *config = weir_config_parse (yaml, strlen (yaml), "f", NULL, &error);

  g_assert_no_error (error);
  return config;
}

/* (transfer full): a client that trusts our authority and nobody else. */
static SoupSession *
make_session (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsDatabase) database = g_tls_file_database_new (self->ca_file, &error);

  g_assert_no_error (error);
  return g_object_new (SOUP_TYPE_SESSION, "tls-database", database, "proxy-resolver", NULL,
                       "max-conns-per-host", 64, NULL);
}

static void
make_files (const TestCertificate *certificate, char **out_certificate, char **out_key)
{
  *out_certificate = test_certificate_write (certificate);
  *out_key = test_certificate_write_key (certificate);
}

static void
remove_file (char *path)
{
  g_remove (path);
  g_free (path);
}

static void
setup (Fixture *self, gconstpointer data)
{
  g_autoptr (TestCertificate) own = NULL;
  g_autoptr (WeirConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  self->ca = test_certificate_new (
      &(TestCertificateRequest){ .name = "Test Authority", .is_ca = TRUE });
  own = test_certificate_new (&(TestCertificateRequest){
      .issuer = self->ca, .name = "localhost", .address = "127.0.0.1" });
  self->ca_file = test_certificate_write (self->ca);
  make_files (own, &self->certificate_file, &self->key_file);
  config = make_config (self->certificate_file, self->key_file);
  self->proxy = weir_proxy_new (config, -1, on_row, self, &error);
  g_assert_no_error (error);
  weir_proxy_listen (self->proxy, &error);
  g_assert_no_error (error);
  self->session = make_session (self);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  soup_session_abort (self->session);
  g_object_unref (self->session);
  for (unsigned i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  weir_proxy_free (self->proxy);
  for (unsigned i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  remove_file (self->ca_file);
  remove_file (self->certificate_file);
  remove_file (self->key_file);
  test_certificate_free (self->ca);
  g_free (self->last_outcome);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  gssize n = g_input_stream_read_finish (call->stream, result, &call->error);

  if (n <= 0)
    {
      call->done = TRUE;
      return;
    }
  g_string_append_len (call->body, call->block, n);
  call->n_reads++;
  g_input_stream_read_async (call->stream, call->block, sizeof call->block,
                             G_PRIORITY_DEFAULT, call->cancellable, read_cb, call);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;

  call->stream = soup_session_send_finish (SOUP_SESSION (source), result, &call->error);
  if (call->stream == NULL)
    {
      call->done = TRUE;
      return;
    }
  g_input_stream_read_async (call->stream, call->block, sizeof call->block,
                             G_PRIORITY_DEFAULT, call->cancellable, read_cb, call);
}

/* @body (nullable): with it a POST. */
static void
call_start (Call *call, Fixture *self, const char *path, const char *body)
{
  g_autofree char *base = weir_proxy_dup_url (self->proxy);
  g_autofree char *url = g_strconcat (base, path, NULL);

  *call = (Call){ .body = g_string_new (NULL), .cancellable = g_cancellable_new () };
  call->message = soup_message_new (body != NULL ? "POST" : "GET", url);
  /* or libsoup would take a new connection for each POST */
  soup_message_add_flags (call->message, SOUP_MESSAGE_IDEMPOTENT);
  if (body != NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

      soup_message_set_request_body_from_bytes (call->message, "application/json", bytes);
    }
  soup_session_send_async (self->session, call->message, G_PRIORITY_DEFAULT,
                           call->cancellable, sent_cb, call);
}

static void
call_wait (Call *call)
{
  const int64_t end_us = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  while (!call->done && g_get_monotonic_time () < end_us)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (call->done);
}

static void
call_clear (Call *call)
{
  g_clear_object (&call->stream);
  g_clear_object (&call->message);
  g_clear_object (&call->cancellable);
  g_clear_error (&call->error);
  g_string_free (call->body, TRUE);
}

static void
call_run (Call *call, Fixture *self, const char *path, const char *body)
{
  call_start (call, self, path, body);
  call_wait (call);
  g_assert_no_error (call->error);
  g_assert_cmpuint (soup_message_get_status (call->message), ==, 200);
}

static char *
make_question (const char *text, gboolean stream)
{
  return g_strdup_printf (
      "{\"model\":\"weir/echo\",\"stream\":%s,\"max_tokens\":9,\"messages\":[{\"role\":"
      "\"user\",\"content\":\"%s\"}]}",
      stream ? "true" : "false", text);
}

static void
assert_echoes (Fixture *self, size_t length)
{
  g_autofree char *text = g_malloc (length + 1);
  g_autofree char *question = NULL;
  Call call;

  for (size_t i = 0; i < length; i++)
    text[i] = (char)g_test_rand_int_range ('a', 'z' + 1);
  text[length] = '\0';
  question = make_question (text, FALSE);
  call_run (&call, self, "/v1/chat/completions", question);
  g_assert_nonnull (memmem (call.body->str, call.body->len, text, length));
  call_clear (&call);
}

/* A record of TLS holds 16 KiB, a read of the proxy's and a socket's buffer more. */
static void
test_bodies_of_any_size (Fixture *self, gconstpointer data)
{
  static const size_t sizes[]
      = { 1, 16 << 10, 32 << 10, 64 << 10, 128 << 10, 256 << 10, 1 << 20, 4 << 20 };

  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (size_t less = 0; less < 400 && less < sizes[i]; less += 133)
      assert_echoes (self, sizes[i] - less);
  g_assert_cmpstr (self->last_outcome, ==, "complete");
}

static void
test_a_connection_is_kept (Fixture *self, gconstpointer data)
{
  g_autofree char *question = make_question ("one two", FALSE);
  uint64_t first = 0;

  for (unsigned i = 0; i < 30; i++)
    {
      Call call;

      call_run (&call, self, i % 3 == 0 ? "/v1/models" : "/v1/chat/completions",
                i % 3 == 0 ? NULL : question);
      if (i == 0)
        first = soup_message_get_connection_id (call.message);
      g_assert_cmpuint (soup_message_get_connection_id (call.message), ==, first);
      call_clear (&call);
    }
}

typedef struct
{
  const char *path;
  const char *body;
  const char *end; /* in its last event */
} Stream;

static const Stream streams[] = {
  { "/v1/chat/completions",
    "{\"model\":\"weir/echo\",\"stream\":true,\"messages\":[{\"role\":\"user\","
    "\"content\":\"one two three four five six\"}]}",
    "data: [DONE]\n\n" },
  { "/v1/messages",
    "{\"model\":\"weir/echo\",\"stream\":true,\"max_tokens\":9,\"messages\":[{\"role\":"
    "\"user\",\"content\":\"one two three four five six\"}]}",
    "message_stop" },
  { "/v1/responses",
    "{\"model\":\"weir/echo\",\"stream\":true,\"input\":\"one two three four five six\"}",
    "response.completed" },
  { "/v1beta/models/weir/echo:streamGenerateContent?alt=sse",
    "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"one two three four five "
    "six\"}]}]}",
    "STOP" },
};

static void
test_streams_come_piece_by_piece (Fixture *self, gconstpointer data)
{
  Call *calls = g_new0 (Call, G_N_ELEMENTS (streams));

  for (unsigned i = 0; i < G_N_ELEMENTS (streams); i++)
    call_start (&calls[i], self, streams[i].path, streams[i].body);
  for (unsigned i = 0; i < G_N_ELEMENTS (streams); i++)
    {
      SoupMessageHeaders *fields;

      g_test_message ("%s", streams[i].path);
      call_wait (&calls[i]);
      g_assert_no_error (calls[i].error);
      fields = soup_message_get_response_headers (calls[i].message);
      g_assert_cmpstr (soup_message_headers_get_content_type (fields, NULL), ==,
                       "text/event-stream");
      g_assert_cmpuint (calls[i].n_reads, >=, 3);
      g_assert_nonnull (strstr (calls[i].body->str, "four"));
      g_assert_nonnull (strstr (calls[i].body->str, streams[i].end));
      call_clear (&calls[i]);
    }
  g_assert_cmpuint (self->n_rows, ==, G_N_ELEMENTS (streams));
  g_free (calls);
}

static void
test_a_client_that_leaves_a_stream_is_seen (Fixture *self, gconstpointer data)
{
  const int64_t end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  g_autofree char *text = g_malloc0 (2001);
  g_autofree char *question = NULL;
  Call call;

  memset (text, 'a', 2000);
  for (unsigned i = 1; i < 2000; i += 2)
    text[i] = ' ';
  question = make_question (text, TRUE);
  call_start (&call, self, "/v1/chat/completions", question);
  while (call.n_reads < 3)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (call.cancellable);
  call_wait (&call);
  call_clear (&call);
  while (self->n_rows == 0 && g_get_monotonic_time () < end_us)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (self->last_outcome, ==, "client-left");
}

/* They go through libsoup's server, which is handed the connection. */
static void
test_the_control_plane_speaks_tls_too (Fixture *self, gconstpointer data)
{
  for (unsigned i = 0; i < 6; i++)
    {
      Call call;

      call_run (&call, self, i % 2 == 0 ? "/healthz" : "/", NULL);
      g_assert_nonnull (strstr (call.body->str, i % 2 == 0 ? "ok" : "Weir"));
      call_clear (&call);
    }
}

/* What a websocket's client has heard. */
typedef struct
{
  SoupWebsocketConnection *connection; /* (owned) (nullable) */
  GError *error;                       /* (owned) (nullable) */
  unsigned n_events;
  gboolean completed;
} Talk;

static void
on_message (SoupWebsocketConnection *connection,
            SoupWebsocketDataType type,
            GBytes *message,
            gpointer user_data)
{
  Talk *talk = user_data;
  gsize length;
  const char *text = g_bytes_get_data (message, &length);

  talk->n_events++;
  talk->completed = memmem (text, length, "\"response.completed\"", 20) != NULL;
}

static void
upgraded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Talk *talk = user_data;

  talk->connection
      = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &talk->error);
}

static void
test_a_websocket_speaks_tls_too (Fixture *self, gconstpointer data)
{
  const int64_t end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  g_autofree char *base = weir_proxy_dup_url (self->proxy);
  g_autofree char *url = g_strconcat (base, "/v1/responses", NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);
  Talk talk = { 0 };

  soup_session_websocket_connect_async (self->session, message, NULL, NULL,
                                        G_PRIORITY_DEFAULT, NULL, upgraded_cb, &talk);
  while (talk.connection == NULL && talk.error == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (talk.error);
  g_signal_connect (talk.connection, "message", G_CALLBACK (on_message), &talk);
  for (unsigned i = 0; i < 2; i++)
    {
      talk.completed = FALSE;
      soup_websocket_connection_send_text (
          talk.connection, "{\"type\":\"response.create\",\"model\":\"weir/echo\","
                           "\"input\":\"one two three\"}");
      while (!talk.completed && g_get_monotonic_time () < end_us)
        g_main_context_iteration (NULL, TRUE);
      g_assert_true (talk.completed);
    }
  g_assert_cmpuint (talk.n_events, >, 6);
  g_object_unref (talk.connection);
}

static void
test_who_speaks_no_tls_gets_nothing (Fixture *self, gconstpointer data)
{
  const struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = htons (weir_proxy_get_port (self->proxy)),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  const int64_t end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  char answer[256] = { 0 };
  ssize_t n = -1;

  g_assert_no_errno (connect (fd, (const struct sockaddr *)&address, sizeof address));
  g_assert_cmpint (send (fd, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 35, MSG_NOSIGNAL),
                   ==, 35);
  while (n < 0 && g_get_monotonic_time () < end_us)
    {
      g_main_context_iteration (NULL, FALSE);
      n = recv (fd, answer, sizeof answer - 1, MSG_DONTWAIT);
      if (n < 0 && errno == ECONNRESET)
        n = 0;
    }
  g_assert_cmpint (n, >=, 0);
  g_assert_null (strstr (answer, "HTTP/"));
  close (fd);
  assert_echoes (self, 10);
}

static void
test_a_new_certificate_is_for_new_connections (Fixture *self, gconstpointer data)
{
  g_autoptr (TestCertificate) elsewhere = test_certificate_new (
      &(TestCertificateRequest){ .issuer = self->ca, .name = "elsewhere.test" });
  g_autoptr (WeirConfig) other = NULL;
  g_autoptr (WeirConfig) plain = make_config (NULL, NULL);
  g_autoptr (GError) error = NULL;
  char *certificate;
  char *key;
  Call call;

  assert_echoes (self, 10);
  make_files (elsewhere, &certificate, &key);
  other = make_config (certificate, key);
  weir_proxy_set_config (self->proxy, other, &error);
  g_assert_no_error (error);
  g_object_unref (self->session);
  self->session = make_session (self);
  call_start (&call, self, "/healthz", NULL);
  call_wait (&call);
  g_assert_error (call.error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE);
  call_clear (&call);

  weir_proxy_set_config (self->proxy, plain, &error);
  g_assert_no_error (error);
  assert_echoes (self, 10);
  remove_file (certificate);
  remove_file (key);
}

static void
test_files_that_cannot_be_used_are_named (Fixture *self, gconstpointer data)
{
  g_autoptr (WeirConfig) nowhere = make_config ("/does/not/exist.pem", self->key_file);
  g_autoptr (WeirConfig) no_key
      = make_config (self->certificate_file, self->certificate_file);
  g_autoptr (WeirProxy) proxy = weir_proxy_new (nowhere, -1, on_row, self, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (weir_proxy_listen (proxy, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
  g_assert_nonnull (strstr (error->message, "/does/not/exist.pem"));
  g_assert_cmpuint (weir_proxy_get_port (proxy), ==, 0);

  g_clear_error (&error);
  g_assert_false (weir_proxy_set_config (self->proxy, no_key, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
  assert_echoes (self, 10);
}

#define ADD(name, func) g_test_add ("/tls-port/" name, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  weir_control_session_prepare_process ();
  g_test_init (&argc, &argv, NULL);
  ADD ("bodies-of-any-size-pass", test_bodies_of_any_size);
  ADD ("a-connection-is-kept", test_a_connection_is_kept);
  ADD ("streams-come-piece-by-piece", test_streams_come_piece_by_piece);
  ADD ("a-client-that-leaves-a-stream-is-seen", test_a_client_that_leaves_a_stream_is_seen);
  ADD ("the-control-plane-speaks-tls-too", test_the_control_plane_speaks_tls_too);
  ADD ("a-websocket-speaks-tls-too", test_a_websocket_speaks_tls_too);
  ADD ("who-speaks-no-tls-gets-nothing", test_who_speaks_no_tls_gets_nothing);
  ADD ("a-new-certificate-is-for-new-connections",
       test_a_new_certificate_is_for_new_connections);
  ADD ("files-that-cannot-be-used-are-named", test_files_that_cannot_be_used_are_named);
  return g_test_run ();
}
