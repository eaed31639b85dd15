/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Links made, used and refused in one line each. */

#include "config.h"

#include "upstream-fixture.h"

#include <glib/gstdio.h>

#include "base/weir-clock.h"

void
upstream_fixture_setup (Fixture *self, gconstpointer data)
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

void
upstream_fixture_teardown (Fixture *self, gconstpointer data)
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

void
on_outcome (WeirLink *link, const GError *error, gpointer user_data)
{
  Outcome *self = user_data;

  g_assert_false (self->called);
  g_assert_true ((link == NULL) != (error == NULL));
  self->called = TRUE;
  self->link = link;
  self->error = error != NULL ? g_error_copy (error) : NULL;
}

void
wait_for (const gboolean *flag)
{
  int64_t end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (!*flag && g_get_monotonic_time () < end_us)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (*flag);
}

WeirTarget *
make_target (const char *scheme, const char *host, unsigned port, const char *proxy_url)
{
  g_autofree char *url = g_strdup_printf ("%s://%s:%u/v1", scheme, host, port);
  g_autoptr (GError) error = NULL;
  WeirTarget *target = weir_target_new (url, proxy_url, "account", &error);

  g_assert_no_error (error);
  return target;
}

WeirLink *
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

WeirLink *
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

void
assert_echoes (WeirLink *link, const char *text)
{
  char buffer[256];

  send_text (link, text);
  g_assert_cmpint (receive (link, buffer, sizeof buffer), ==, (ssize_t)strlen (text));
  g_assert_cmpmem (buffer, strlen (text), text, strlen (text));
}

void
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

void
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

FarEnd *
make_tls_peer (const TestCertificateRequest *request)
{
  g_autoptr (TestCertificate) certificate = test_certificate_new (request);

  return far_end_new (FAR_END_ECHO, test_certificate_export (certificate));
}
