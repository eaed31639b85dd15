/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whom the upstream leg trusts, and what TLS carries. */

#include "config.h"

#include "upstream-fixture.h"

#include "base/weir-clock.h"
#include "resolver.h"

static void
test_right_certificate (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = make_tls_peer (&(TestCertificateRequest){
      .issuer = self->ca, .name = "vendor.test", .address = "127.0.0.1" });

  assert_works (self, "https", "vendor.test", peer->port);
  g_assert_true (far_end_saw (peer, "vendor.test"));
  g_assert_true (far_end_saw (peer, "http/1.1"));
  g_assert_false (far_end_saw (peer, "\002h2"));
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

/* A stream that is framed by its end must not be cut unseen (RFC 8446, 6.1). */
static void
test_ends (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = make_tls_peer (
      &(TestCertificateRequest){ .issuer = self->ca, .name = "vendor.test" });
  char byte;

  for (unsigned i = 0; i < 6; i++)
    {
      WeirLink *link = connect_to (self, "https", "vendor.test", peer->port, NULL, NULL);
      ssize_t n;

      assert_echoes (link, "hello");
      if (i % 2 == 0)
        far_end_arm_reset (peer);
      far_end_hang_up (peer);
      while ((n = weir_stream_read (&link->stream, &byte, 1)) == WEIR_STREAM_AGAIN)
        g_main_context_iteration (NULL, FALSE);
      g_assert_cmpint (n, ==, WEIR_STREAM_FAILED);
      g_assert_cmpint (weir_stream_read (&link->stream, &byte, 1), ==, WEIR_STREAM_FAILED);
      weir_upstream_discard (self->upstream, link);
    }
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
test_old_tls (Fixture *self, gconstpointer data)
{
  g_autoptr (TestCertificate) certificate = test_certificate_new (
      &(TestCertificateRequest){ .issuer = self->ca, .name = "vendor.test" });
  g_autoptr (FarEnd) peer
      = far_end_new (FAR_END_OLD_TLS, test_certificate_export (certificate));

  assert_refused (self, "https", "vendor.test", peer->port, WEIR_ERROR_UPSTREAM_TLS,
                  "handshake");
}

static void
test_no_tls_there (Fixture *self, gconstpointer data)
{
  g_autoptr (FarEnd) peer = far_end_new (FAR_END_GARBAGE, NULL);

  assert_refused (self, "https", "vendor.test", peer->port, WEIR_ERROR_UPSTREAM_TLS,
                  "handshake");
}

#define ADD(name, func)                                                                    \
  g_test_add ("/upstream-tls/" name, Fixture, NULL, upstream_fixture_setup, func,          \
              upstream_fixture_teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_resolver_install ();
  ADD ("the-right-certificate-is-trusted", test_right_certificate);
  ADD ("tls-carries-more-than-a-socket-holds", test_tls_carries_much);
  ADD ("an-end-without-goodbye-is-a-failure", test_ends);
  ADD ("a-wrong-name-is-refused", test_wrong_name);
  ADD ("wrong-dates-are-refused-and-name-the-clock", test_wrong_dates);
  ADD ("an-unknown-issuer-is-refused", test_unknown_issuer);
  ADD ("a-weak-signature-is-refused", test_weak_signature);
  ADD ("a-ca-file-adds-to-the-system", test_ca_file);
  ADD ("a-server-that-knows-only-tls-1.1-is-refused", test_old_tls);
  ADD ("a-server-without-tls-is-refused", test_no_tls_there);
  return g_test_run ();
}
