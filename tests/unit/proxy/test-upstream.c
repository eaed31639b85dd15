/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Connections to vendors: what is reached, what is refused, what ends in time. */

#include "config.h"

#include "upstream-fixture.h"

#include "base/weir-clock.h"
#include "resolver.h"

static void
test_plain (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = far_end_new (FAR_END_ECHO, NULL);

  assert_works (self, "http", "127.0.0.1", peer->port);
  assert_works (self, "http", "localhost", peer->port);
  assert_works (self, "http", "vendor.test", peer->port);
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
check_proxy (Fixture *self, const char *scheme, FarEnd *proxy)
{
  g_autoptr (FarEnd) backend
      = make_tls_peer (&(TestCertificateRequest){ .issuer = self->ca, .name = "far.test" });
  g_autoptr (FarEnd) plain = far_end_new (FAR_END_ECHO, NULL);
  g_autofree char *url
      = g_strdup_printf ("%s://u:secret@localhost:%u", scheme, proxy->port);
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
  g_autoptr (FarEnd) proxy = far_end_new (FAR_END_HTTP_PROXY, NULL);

  check_proxy (self, "http", proxy);
}

/* GIO judges the proxy's own certificate: by its default database, and by the proxy's
 * address even where the URL says a name. */
static void
test_https_proxy (Fixture *self, gconstpointer data)
{
  g_autoptr (TestCertificate) certificate = test_certificate_new (&(TestCertificateRequest){
      .issuer = self->ca, .name = "localhost", .address = "127.0.0.1" });
  g_autoptr (FarEnd) proxy
      = far_end_new (FAR_END_HTTP_PROXY, test_certificate_export (certificate));
  GTlsBackend *backend = g_tls_backend_get_default ();
  g_autoptr (GTlsDatabase) database = NULL;
  g_autofree char *url = g_strdup_printf ("https://localhost:%u", proxy->port);
  g_autoptr (GError) error = NULL;

  g_assert_null (connect_to (self, "https", "far.test", 443, url, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_UPSTREAM);
  g_test_message ("%s", error->message);
  g_clear_error (&error);
  database = g_tls_file_database_new (self->ca_file, &error);
  g_assert_no_error (error);
  g_tls_backend_set_default_database (backend, database);
  proxy->n_accepted = 0;
  check_proxy (self, "https", proxy);
  g_tls_backend_set_default_database (backend, NULL);
}

static void
test_socks_proxy (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) proxy = far_end_new (FAR_END_SOCKS5, NULL);
  g_autoptr (FarEnd) again = far_end_new (FAR_END_SOCKS5, NULL);

  check_proxy (self, "socks5", proxy);
  check_proxy (self, "socks5h", again);
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

#define ADD(name, func)                                                                    \
  g_test_add ("/upstream/" name, Fixture, NULL, upstream_fixture_setup, func,              \
              upstream_fixture_teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_resolver_install ();
  ADD ("a-plain-server-is-reached", test_plain);
  ADD ("refused-and-unresolved-are-told-apart", test_refused_and_unresolved);
  ADD ("names-do-not-lead-to-forbidden-addresses", test_forbidden_addresses);
  ADD ("our-own-listener-is-never-reached", test_own_listener);
  ADD ("an-http-proxy-is-used-but-not-for-loopback", test_http_proxy);
  ADD ("an-https-proxy-is-used-but-not-for-loopback", test_https_proxy);
  ADD ("a-socks-proxy-is-used-but-not-for-loopback", test_socks_proxy);
  ADD ("a-proxy-that-fails-is-named-without-its-password", test_proxy_faults);
  ADD ("a-server-that-never-shakes-hands-is-left-in-time", test_tls_watchdog);
  ADD ("a-name-that-never-resolves-is-left-in-time", test_connect_watchdog);
  ADD ("cancelling-closes-at-once", test_cancelling);
  ADD ("cancelling-is-safe-at-any-moment", test_cancelling_at_any_moment);
  ADD ("freeing-cuts-connects-under-way", test_freed_while_connecting);
  return g_test_run ();
}
