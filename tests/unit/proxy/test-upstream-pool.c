/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which links are kept, shared and dropped. */

#include "config.h"

#include "upstream-fixture.h"

#include "base/weir-clock.h"
#include "resolver.h"

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

#define ADD(name, func)                                                                    \
  g_test_add ("/upstream-pool/" name, Fixture, NULL, upstream_fixture_setup, func,         \
              upstream_fixture_teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_resolver_install ();
  ADD ("a-link-is-reused-for-the-same-target-and-account-only", test_reuse);
  ADD ("an-idle-link-that-speaks-or-ends-is-dropped", test_dropped_plain);
  ADD ("an-idle-tls-link-that-speaks-or-ends-is-dropped", test_dropped_tls);
  ADD ("an-idle-link-lives-for-a-minute", test_idle_timeout);
  ADD ("idle-links-are-capped", test_idle_cap);
  return g_test_run ();
}
