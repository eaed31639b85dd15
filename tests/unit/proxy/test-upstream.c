/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Connections to vendors: what is trusted, what is refused, what is shared, what ends in
 * time. */

#include "config.h"

#include "proxy/weir-upstream.h"

#include <glib/gstdio.h>

#include "base/weir-clock.h"
#include "certificates.h"
#include "far-end.h"
#include "resolver.h"

typedef struct
{
  WeirPoller *poller;
  WeirUpstream *upstream;
  TestCertificate *ca;
  char *ca_file;
  GCancellable *cancellable;
  int64_t offset_us; /* of the driven clock */
} Fixture;

static void
setup (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  weir_clock_set_test_offset (&self->offset_us);
  self->ca = test_certificate_new (
      &(TestCertificateRequest){ .name = "Test Authority", .is_ca = TRUE });
  self->ca_file = test_certificate_write (self->ca);
  self->poller = weir_poller_new (NULL);
  self->upstream = weir_upstream_new (self->poller, self->ca_file, &error);
  g_assert_no_error (error);
  self->cancellable = g_cancellable_new ();
}

static void
teardown (Fixture *self, gconstpointer data)
{
  WeirUpstreamCounts counts;

  weir_upstream_get_counts (self->upstream, &counts);
  g_assert_cmpuint (counts.held, ==, 0);
  weir_upstream_free (self->upstream);
  /* what was abandoned ends in the loop */
  for (unsigned i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  weir_poller_free (self->poller);
  g_remove (self->ca_file);
  g_free (self->ca_file);
  test_certificate_free (self->ca);
  g_object_unref (self->cancellable);
  weir_clock_set_test_offset (NULL);
}

typedef struct
{
  gboolean called;
  WeirLink *link;
  GError *error;
} Outcome;

static void
on_outcome (WeirLink *link, const GError *error, gpointer user_data)
{
  Outcome *self = user_data;

  g_assert_false (self->called);
  g_assert_true ((link == NULL) != (error == NULL));
  self->called = TRUE;
  self->link = link;
  self->error = error != NULL ? g_error_copy (error) : NULL;
}

static void
wait_for (const gboolean *flag)
{
  int64_t end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (!*flag && g_get_monotonic_time () < end_us)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (*flag);
}

static WeirTarget *
make_target (const char *scheme, const char *host, unsigned port, const char *proxy_url)
{
  g_autofree char *url = g_strdup_printf ("%s://%s:%u/v1", scheme, host, port);
  g_autoptr (GError) error = NULL;
  WeirTarget *target = weir_target_new (url, proxy_url, "account", &error);

  g_assert_no_error (error);
  return target;
}

static WeirLink *
connect_target (Fixture *self, const WeirTarget *target, GError **error)
{
  Outcome outcome = { 0 };

  weir_upstream_connect (self->upstream, target, self->cancellable, on_outcome, &outcome);
  g_assert_false (outcome.called);
  wait_for (&outcome.called);
  if (outcome.error != NULL)
    g_propagate_error (error, outcome.error);
  return outcome.link;
}

static WeirLink *
connect_to (Fixture *self,
            const char *scheme,
            const char *host,
            unsigned port,
            const char *proxy_url,
            GError **error)
{
  g_autoptr (WeirTarget) target = make_target (scheme, host, port, proxy_url);

  return connect_target (self, target, error);
}

static void
send_text (WeirLink *link, const char *text)
{
  struct iovec part = { (char *)text, strlen (text) };

  g_assert_cmpint (weir_stream_writev (&link->stream, &part, 1), ==,
                   (ssize_t)strlen (text));
}

static ssize_t
receive (WeirLink *link, char *buffer, size_t length)
{
  ssize_t n;

  while ((n = weir_stream_read (&link->stream, buffer, length)) == WEIR_STREAM_AGAIN)
    g_main_context_iteration (NULL, FALSE);
  return n;
}

static void
assert_echoes (WeirLink *link, const char *text)
{
  char buffer[256];

  send_text (link, text);
  g_assert_cmpint (receive (link, buffer, sizeof buffer), ==, (ssize_t)strlen (text));
  g_assert_cmpmem (buffer, strlen (text), text, strlen (text));
}

static void
assert_works (Fixture *self, const char *scheme, const char *host, unsigned port)
{
  g_autoptr (GError) error = NULL;
  WeirLink *link = connect_to (self, scheme, host, port, NULL, &error);

  g_assert_no_error (error);
  g_assert_false (link->reused);
  g_assert_cmpuint (link->n_requests, ==, 1);
  assert_echoes (link, "hello");
  weir_upstream_discard (self->upstream, link);
}

static void
assert_refused (Fixture *self,
                const char *scheme,
                const char *host,
                unsigned port,
                WeirError code,
                const char *word)
{
  g_autoptr (GError) error = NULL;
  WeirLink *link = connect_to (self, scheme, host, port, NULL, &error);

  g_assert_null (link);
  g_test_message ("%s", error->message);
  g_assert_error (error, WEIR_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, word));
}

static FarEnd *
make_tls_peer (const TestCertificateRequest *request)
{
  g_autoptr (TestCertificate) certificate = test_certificate_new (request);

  return far_end_new (FAR_END_ECHO, test_certificate_export (certificate));
}

static void
test_plain (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = far_end_new (FAR_END_ECHO, NULL);

  assert_works (self, "http", "127.0.0.1", peer->port);
  assert_works (self, "http", "localhost", peer->port);
  assert_works (self, "http", "vendor.test", peer->port);
}

static void
test_right_certificate (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = make_tls_peer (&(TestCertificateRequest){
      .issuer = self->ca, .name = "vendor.test", .address = "127.0.0.1" });

  assert_works (self, "https", "vendor.test", peer->port);
  g_assert_true (far_end_saw (peer, "vendor.test"));
  g_assert_true (far_end_saw (peer, "http/1.1"));
  g_assert_false (far_end_saw (peer, "h2"));
  assert_works (self, "https", "127.0.0.1", peer->port);
  g_assert_false (far_end_saw (peer, "127.0.0.1"));
}

/* More than a record and more than a socket's buffer, in parts of every size. */
static void
test_tls_carries_much (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = make_tls_peer (
      &(TestCertificateRequest){ .issuer = self->ca, .name = "vendor.test" });
  g_autoptr (GError) error = NULL;
  WeirLink *link = connect_to (self, "https", "vendor.test", peer->port, NULL, &error);
  const size_t total = 3u << 20;
  g_autofree char *out = g_malloc (total);
  g_autofree char *in = g_malloc (total);
  size_t n_out = 0;
  size_t n_in = 0;

  g_assert_no_error (error);
  for (size_t i = 0; i < total; i++)
    out[i] = (char)g_test_rand_int ();
  while (n_in < total)
    {
      size_t left = MIN (total - n_out, 200000);
      struct iovec parts[3] = {
        { out + n_out, MIN (left, 5) },
        { out + n_out + MIN (left, 5), 0 },
        { out + n_out + MIN (left, 5), left - MIN (left, 5) },
      };
      ssize_t n = left > 0 ? weir_stream_writev (&link->stream, parts, 3) : 0;

      g_assert_cmpint (n, !=, WEIR_STREAM_FAILED);
      n_out += (size_t)MAX (n, 0);
      n = weir_stream_read (&link->stream, in + n_in, MIN (total - n_in, 50000));
      g_assert_cmpint (n, !=, WEIR_STREAM_FAILED);
      g_assert_cmpint (n, !=, 0);
      n_in += (size_t)MAX (n, 0);
      g_main_context_iteration (NULL, FALSE);
    }
  g_assert_cmpmem (in, total, out, total);
  weir_upstream_discard (self->upstream, link);
}

static void
test_wrong_name (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = make_tls_peer (
      &(TestCertificateRequest){ .issuer = self->ca, .name = "other.test" });

  assert_refused (self, "https", "vendor.test", peer->port, WEIR_ERROR_UPSTREAM_TLS,
                  "for another name");
  assert_refused (self, "https", "127.0.0.1", peer->port, WEIR_ERROR_UPSTREAM_TLS,
                  "for another name");
  g_assert_cmpuint (far_end_count_heard (peer), ==, 0);
}

static void
test_wrong_dates (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) expired
      = make_tls_peer (&(TestCertificateRequest){ .issuer = self->ca,
                                                  .name = "vendor.test",
                                                  .valid_from_days = -20,
                                                  .valid_to_days = -10 });
  g_autoptr (FarEnd) future = make_tls_peer (&(TestCertificateRequest){
      .issuer = self->ca, .name = "vendor.test", .valid_from_days = 10 });

  assert_refused (self, "https", "vendor.test", expired->port, WEIR_ERROR_UPSTREAM_TLS,
                  "expired");
  assert_refused (self, "https", "vendor.test", future->port, WEIR_ERROR_UPSTREAM_TLS,
                  "clock");
  g_assert_cmpuint (far_end_count_heard (expired) + far_end_count_heard (future), ==, 0);
}

static void
test_unknown_issuer (Fixture *self, gconstpointer data)
{
  g_autoptr (TestCertificate) stranger = test_certificate_new (
      &(TestCertificateRequest){ .name = "Stranger", .is_ca = TRUE });
  g_autoptr (FarEnd) peer = make_tls_peer (
      &(TestCertificateRequest){ .issuer = stranger, .name = "vendor.test" });
  g_autoptr (FarEnd) alone
      = make_tls_peer (&(TestCertificateRequest){ .name = "vendor.test" });

  assert_refused (self, "https", "vendor.test", peer->port, WEIR_ERROR_UPSTREAM_TLS,
                  "authority");
  assert_refused (self, "https", "vendor.test", alone->port, WEIR_ERROR_UPSTREAM_TLS,
                  "self-signed");
  g_assert_cmpuint (far_end_count_heard (peer) + far_end_count_heard (alone), ==, 0);
}

static void
test_weak_signature (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = make_tls_peer (
      &(TestCertificateRequest){ .issuer = self->ca, .name = "vendor.test", .sha1 = TRUE });

  assert_refused (self, "https", "vendor.test", peer->port, WEIR_ERROR_UPSTREAM_TLS,
                  "vendor.test");
  g_assert_cmpuint (far_end_count_heard (peer), ==, 0);
}

/* A file of our own adds to the system's store; without it the same server is a stranger.
 */
static void
test_ca_file (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = make_tls_peer (
      &(TestCertificateRequest){ .issuer = self->ca, .name = "vendor.test" });
  g_autoptr (GError) error = NULL;

  assert_works (self, "https", "vendor.test", peer->port);
  weir_upstream_free (self->upstream);
  self->upstream = weir_upstream_new (self->poller, NULL, &error);
  g_assert_no_error (error);
  assert_refused (self, "https", "vendor.test", peer->port, WEIR_ERROR_UPSTREAM_TLS,
                  "authority");
  g_assert_null (weir_upstream_new (self->poller, "/does/not/exist.pem", &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
  g_clear_error (&error);
  g_assert_null (weir_upstream_new (self->poller, "/dev/null", &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
}

static void
test_no_tls_there (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = far_end_new (FAR_END_GARBAGE, NULL);

  assert_refused (self, "https", "vendor.test", peer->port, WEIR_ERROR_UPSTREAM_TLS,
                  "handshake");
}

static void
test_refused_and_unresolved (Fixture *self, gconstpointer data)
{
  FarEnd *peer = far_end_new (FAR_END_ECHO, NULL);
  unsigned port = peer->port;

  far_end_free (peer);
  assert_refused (self, "http", "127.0.0.1", port, WEIR_ERROR_UPSTREAM,
                  "connection refused");
  assert_refused (self, "http", "nowhere.test", port, WEIR_ERROR_UPSTREAM,
                  "cannot be resolved");
}

static void
test_forbidden_addresses (Fixture *self, gconstpointer data)
{
  static const char *const names[]
      = { "metadata.test", "mapped.test", "linklocal6.test", "any.test", "any6.test" };
  g_autoptr (FarEnd) peer = far_end_new (FAR_END_ECHO, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    assert_refused (self, "http", names[i], peer->port, WEIR_ERROR_UPSTREAM,
                    "no name may lead to");
  g_assert_cmpuint (far_end_count_heard (peer), ==, 0);
}

static void
test_own_listener (Fixture *self, gconstpointer data)
{
  static const char *const hosts[]
      = { "127.0.0.1", "localhost", "vendor.test", "0.0.0.0", "127.0.0.2" };
  g_autoptr (FarEnd) peer = far_end_new (FAR_END_ECHO, NULL);
  g_autofree char *proxy_url = g_strdup_printf ("http://127.0.0.1:%u", peer->port);
  g_autoptr (GError) error = NULL;

  assert_works (self, "http", "127.0.0.1", peer->port);
  weir_upstream_set_own_port (self->upstream, peer->port);
  for (size_t i = 0; i < G_N_ELEMENTS (hosts); i++)
    assert_refused (self, "http", hosts[i], peer->port, WEIR_ERROR_LOOP,
                    "leads back to here");
  g_assert_null (connect_to (self, "http", "far.test", 80, proxy_url, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_LOOP);
  weir_upstream_set_own_port (self->upstream, 0);
  assert_works (self, "http", "127.0.0.1", peer->port);
}

static void
check_proxy (Fixture *self, FarEndKind kind, const char *scheme)
{
  g_autoptr (FarEnd) backend
      = make_tls_peer (&(TestCertificateRequest){ .issuer = self->ca, .name = "far.test" });
  g_autoptr (FarEnd) plain = far_end_new (FAR_END_ECHO, NULL);
  g_autoptr (FarEnd) proxy = far_end_new (kind, NULL);
  g_autofree char *url
      = g_strdup_printf ("%s://u:secret@127.0.0.1:%u", scheme, proxy->port);
  g_autoptr (GError) error = NULL;
  WeirLink *link;

  proxy->backend_port = backend->port;
  link = connect_to (self, "https", "far.test", 443, url, &error);
  g_assert_no_error (error);
  assert_echoes (link, "through");
  g_assert_true (far_end_saw (proxy, "far.test"));
  weir_upstream_discard (self->upstream, link);

  proxy->backend_port = plain->port;
  link = connect_to (self, "http", "far.test", 80, url, &error);
  g_assert_no_error (error);
  assert_echoes (link, "through");
  weir_upstream_discard (self->upstream, link);

  /* the name is checked behind a proxy too */
  proxy->backend_port = backend->port;
  g_assert_null (connect_to (self, "https", "elsewhere.test", 443, url, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_UPSTREAM_TLS);
  g_assert_null (strstr (error->message, "secret"));
  g_clear_error (&error);

  /* loopback goes direct */
  link = connect_to (self, "http", "127.0.0.1", plain->port, url, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (far_end_count_accepted (proxy), ==, 3);
  weir_upstream_discard (self->upstream, link);
}

static void
test_http_proxy (Fixture *self, gconstpointer data)
{
  check_proxy (self, FAR_END_HTTP_PROXY, "http");
}

static void
test_socks_proxy (Fixture *self, gconstpointer data)
{
  check_proxy (self, FAR_END_SOCKS5, "socks5");
  check_proxy (self, FAR_END_SOCKS5, "socks5h");
}

static void
test_proxy_faults (Fixture *self, gconstpointer data)
{
  FarEnd *proxy = far_end_new (FAR_END_HTTP_407, NULL);
  g_autofree char *url = g_strdup_printf ("http://u:secret@127.0.0.1:%u", proxy->port);
  g_autoptr (GError) error = NULL;

  g_assert_null (connect_to (self, "https", "far.test", 443, url, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_UPSTREAM);
  g_assert_nonnull (strstr (error->message, "proxy"));
  g_assert_null (strstr (error->message, "secret"));
  g_test_message ("%s", error->message);
  g_clear_error (&error);
  far_end_free (proxy);
  g_assert_null (connect_to (self, "https", "far.test", 443, url, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_UPSTREAM);
  g_assert_nonnull (strstr (error->message, "proxy"));
  g_assert_null (strstr (error->message, "secret"));
  g_test_message ("%s", error->message);
}

static void
test_reuse (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = make_tls_peer (
      &(TestCertificateRequest){ .issuer = self->ca, .name = "vendor.test" });
  g_autoptr (WeirTarget) target = make_target ("https", "vendor.test", peer->port, NULL);
  g_autoptr (WeirTarget) other = weir_target_copy (target);
  g_autoptr (WeirTarget) proxied = weir_target_copy (target);
  WeirLink *first = connect_target (self, target, NULL);
  WeirLink *second = connect_target (self, target, NULL);
  WeirUpstreamCounts counts;

  g_free (other->account);
  other->account = g_strdup ("another");
  proxied->proxy_url = g_strdup ("direct");
  assert_echoes (first, "one");
  assert_echoes (second, "two");
  g_assert_null (weir_upstream_take_idle (self->upstream, target));
  weir_upstream_release (self->upstream, first);
  weir_upstream_release (self->upstream, second);
  g_assert_null (weir_upstream_take_idle (self->upstream, other));
  g_assert_null (weir_upstream_take_idle (self->upstream, proxied));
  /* a ticket of TLS 1.3 that arrives late is no reason to drop */
  for (unsigned i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_true (weir_upstream_take_idle (self->upstream, target) == second);
  g_assert_true (second->reused);
  g_assert_cmpuint (second->n_requests, ==, 2);
  assert_echoes (second, "three");
  g_assert_true (weir_upstream_take_idle (self->upstream, target) == first);
  weir_upstream_get_counts (self->upstream, &counts);
  g_assert_cmpuint (counts.idle, ==, 0);
  g_assert_cmpuint (counts.held, ==, 2);
  g_assert_cmpuint (counts.connects, ==, 2);
  g_assert_cmpuint (counts.reuses, ==, 2);
  weir_upstream_discard (self->upstream, first);
  weir_upstream_release (self->upstream, second);
  weir_upstream_drop_idle (self->upstream);
  g_assert_null (weir_upstream_take_idle (self->upstream, target));
}

static void
wait_for_idle (Fixture *self, unsigned n_idle)
{
  int64_t end_us = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
  WeirUpstreamCounts counts;

  do
    {
      g_main_context_iteration (NULL, FALSE);
      weir_upstream_get_counts (self->upstream, &counts);
    }
  while (counts.idle != n_idle && g_get_monotonic_time () < end_us);
  g_assert_cmpuint (counts.idle, ==, n_idle);
}

static void
check_dropped (Fixture *self, FarEnd *peer, const WeirTarget *target, gboolean in_the_loop)
{
  WeirLink *link;

  /* what the server says between two requests belongs to none */
  link = connect_target (self, target, NULL);
  assert_echoes (link, "ping");
  weir_upstream_release (self->upstream, link);
  far_end_push (peer, "HTTP/1.1 408 Request Timeout\r\n\r\n");
  if (in_the_loop)
    wait_for_idle (self, 0);
  g_assert_null (weir_upstream_take_idle (self->upstream, target));

  link = connect_target (self, target, NULL);
  assert_echoes (link, "ping");
  weir_upstream_release (self->upstream, link);
  far_end_hang_up (peer);
  if (in_the_loop)
    wait_for_idle (self, 0);
  g_assert_null (weir_upstream_take_idle (self->upstream, target));

  /* extra bytes that are there already: not kept at all */
  link = connect_target (self, target, NULL);
  assert_echoes (link, "ping");
  far_end_push (peer, "extra");
  weir_upstream_release (self->upstream, link);
  wait_for_idle (self, 0);
}

static void
test_dropped_plain (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = far_end_new (FAR_END_ECHO, NULL);
  g_autoptr (WeirTarget) target = make_target ("http", "127.0.0.1", peer->port, NULL);

  check_dropped (self, peer, target, TRUE);
  check_dropped (self, peer, target, FALSE);
}

static void
test_dropped_tls (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = make_tls_peer (
      &(TestCertificateRequest){ .issuer = self->ca, .name = "vendor.test" });
  g_autoptr (WeirTarget) target = make_target ("https", "vendor.test", peer->port, NULL);

  check_dropped (self, peer, target, TRUE);
  check_dropped (self, peer, target, FALSE);
}

static void
test_idle_timeout (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = far_end_new (FAR_END_ECHO, NULL);
  g_autoptr (WeirTarget) target = make_target ("http", "127.0.0.1", peer->port, NULL);

  weir_upstream_release (self->upstream, connect_target (self, target, NULL));
  self->offset_us = 59 * WEIR_USEC_PER_SEC;
  for (unsigned i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
  wait_for_idle (self, 1);
  self->offset_us = 61 * WEIR_USEC_PER_SEC;
  wait_for_idle (self, 0);
}

static void
test_idle_cap (Fixture *self, gconstpointer data)
{
  enum
  {
    N_LINKS = 70
  };
  g_autoptr (FarEnd) peer = far_end_new (FAR_END_ECHO, NULL);
  g_autoptr (WeirTarget) target = make_target ("http", "127.0.0.1", peer->port, NULL);
  WeirLink *links[N_LINKS];

  for (unsigned i = 0; i < N_LINKS; i++)
    links[i] = connect_target (self, target, NULL);
  for (unsigned i = 0; i < N_LINKS; i++)
    weir_upstream_release (self->upstream, links[i]);
  wait_for_idle (self, 64);
}

static void
wait_for_connecting (Fixture *self, FarEnd *peer, unsigned n_accepted)
{
  while (far_end_count_accepted (peer) < n_accepted)
    g_main_context_iteration (NULL, FALSE);
  for (unsigned i = 0; i < 50; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
}

static void
test_tls_watchdog (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = far_end_new (FAR_END_SILENT, NULL);
  g_autoptr (WeirTarget) target = make_target ("https", "vendor.test", peer->port, NULL);
  Outcome outcome = { 0 };
  int64_t start_us;

  weir_upstream_connect (self->upstream, target, self->cancellable, on_outcome, &outcome);
  wait_for_connecting (self, peer, 1);
  self->offset_us = 9 * WEIR_USEC_PER_SEC;
  wait_for_connecting (self, peer, 1);
  g_assert_false (outcome.called);
  start_us = g_get_monotonic_time ();
  self->offset_us = 11 * WEIR_USEC_PER_SEC;
  wait_for (&outcome.called);
  g_assert_error (outcome.error, WEIR_ERROR, WEIR_ERROR_UPSTREAM_TIMEOUT);
  g_assert_nonnull (strstr (outcome.error->message, "TLS"));
  while (far_end_count_open (peer) > 0)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 100000);
  g_error_free (outcome.error);
}

static void
test_connect_watchdog (Fixture *self, gconstpointer data)
{
  g_autoptr (WeirTarget) target = make_target ("https", "never.test", 443, NULL);
  Outcome outcome = { 0 };

  weir_upstream_connect (self->upstream, target, self->cancellable, on_outcome, &outcome);
  for (unsigned i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  self->offset_us = 11 * WEIR_USEC_PER_SEC;
  wait_for (&outcome.called);
  g_assert_error (outcome.error, WEIR_ERROR, WEIR_ERROR_UPSTREAM_TIMEOUT);
  g_error_free (outcome.error);
}

static void
check_cancelled (Fixture *self, const char *url, FarEnd *peer)
{
  g_autoptr (WeirTarget) target = weir_target_new (url, NULL, NULL, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Outcome outcome = { 0 };
  WeirUpstreamCounts counts;
  int64_t start_us;

  weir_upstream_connect (self->upstream, target, cancellable, on_outcome, &outcome);
  if (peer != NULL)
    wait_for_connecting (self, peer, 1);
  start_us = g_get_monotonic_time ();
  g_cancellable_cancel (cancellable);
  g_assert_false (outcome.called);
  wait_for (&outcome.called);
  g_assert_error (outcome.error, WEIR_ERROR, WEIR_ERROR_CANCELLED);
  while (peer != NULL && far_end_count_open (peer) > 0)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 100000);
  weir_upstream_get_counts (self->upstream, &counts);
  g_assert_cmpuint (counts.connecting, ==, 0);
  g_error_free (outcome.error);
}

static void
test_cancelling (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = far_end_new (FAR_END_SILENT, NULL);
  g_autofree char *url = g_strdup_printf ("https://vendor.test:%u", peer->port);
  g_autoptr (WeirTarget) target = weir_target_new (url, NULL, NULL, NULL);
  Outcome outcome = { 0 };

  check_cancelled (self, "https://never.test", NULL);
  check_cancelled (self, url, peer);
  /* before it began */
  g_cancellable_cancel (self->cancellable);
  weir_upstream_connect (self->upstream, target, self->cancellable, on_outcome, &outcome);
  g_assert_false (outcome.called);
  wait_for (&outcome.called);
  g_assert_error (outcome.error, WEIR_ERROR, WEIR_ERROR_CANCELLED);
  g_error_free (outcome.error);
}

/* The moment between "connected" and the callback: nobody wants the connection any more. */
static void
test_cancelling_at_any_moment (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = make_tls_peer (
      &(TestCertificateRequest){ .issuer = self->ca, .name = "vendor.test" });
  g_autoptr (WeirTarget) target = make_target ("https", "vendor.test", peer->port, NULL);

  for (unsigned n_turns = 0; n_turns < 60; n_turns++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Outcome outcome = { 0 };

      weir_upstream_connect (self->upstream, target, cancellable, on_outcome, &outcome);
      for (unsigned i = 0; i < n_turns && !outcome.called; i++)
        {
          g_main_context_iteration (NULL, FALSE);
          g_usleep (100);
        }
      if (outcome.called)
        {
          g_assert_no_error (outcome.error);
          weir_upstream_discard (self->upstream, outcome.link);
          continue;
        }
      g_cancellable_cancel (cancellable);
      wait_for (&outcome.called);
      g_assert_error (outcome.error, WEIR_ERROR, WEIR_ERROR_CANCELLED);
      g_error_free (outcome.error);
    }
  while (far_end_count_open (peer) > 0)
    g_main_context_iteration (NULL, FALSE);
}

static void
test_freed_while_connecting (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = far_end_new (FAR_END_SILENT, NULL);
  g_autoptr (WeirTarget) target = make_target ("https", "vendor.test", peer->port, NULL);
  Outcome outcome = { 0 };

  weir_upstream_connect (self->upstream, target, self->cancellable, on_outcome, &outcome);
  wait_for_connecting (self, peer, 1);
  weir_upstream_free (self->upstream);
  self->upstream = weir_upstream_new (self->poller, NULL, NULL);
  while (far_end_count_open (peer) > 0)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (outcome.called);
}

#define ADD(name, func) g_test_add ("/upstream/" name, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_resolver_install ();
  ADD ("a-plain-server-is-reached", test_plain);
  ADD ("the-right-certificate-is-trusted", test_right_certificate);
  ADD ("tls-carries-more-than-a-socket-holds", test_tls_carries_much);
  ADD ("a-wrong-name-is-refused", test_wrong_name);
  ADD ("wrong-dates-are-refused-and-name-the-clock", test_wrong_dates);
  ADD ("an-unknown-issuer-is-refused", test_unknown_issuer);
  ADD ("a-weak-signature-is-refused", test_weak_signature);
  ADD ("a-ca-file-adds-to-the-system", test_ca_file);
  ADD ("a-server-without-tls-is-refused", test_no_tls_there);
  ADD ("refused-and-unresolved-are-told-apart", test_refused_and_unresolved);
  ADD ("names-do-not-lead-to-forbidden-addresses", test_forbidden_addresses);
  ADD ("our-own-listener-is-never-reached", test_own_listener);
  ADD ("an-http-proxy-is-used-but-not-for-loopback", test_http_proxy);
  ADD ("a-socks-proxy-is-used-but-not-for-loopback", test_socks_proxy);
  ADD ("a-proxy-that-fails-is-named-without-its-password", test_proxy_faults);
  ADD ("a-link-is-reused-for-the-same-target-and-account-only", test_reuse);
  ADD ("an-idle-link-that-speaks-or-ends-is-dropped", test_dropped_plain);
  ADD ("an-idle-tls-link-that-speaks-or-ends-is-dropped", test_dropped_tls);
  ADD ("an-idle-link-lives-for-a-minute", test_idle_timeout);
  ADD ("idle-links-are-capped", test_idle_cap);
  ADD ("a-server-that-never-shakes-hands-is-left-in-time", test_tls_watchdog);
  ADD ("a-name-that-never-resolves-is-left-in-time", test_connect_watchdog);
  ADD ("cancelling-closes-at-once", test_cancelling);
  ADD ("cancelling-is-safe-at-any-moment", test_cancelling_at_any_moment);
  ADD ("freeing-cuts-connects-under-way", test_freed_while_connecting);
  return g_test_run ();
}
