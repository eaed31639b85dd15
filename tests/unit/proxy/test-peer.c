/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Real connections on loopback, and the kernel's word about them. */

#include "proxy/weir-peer.h"

#include <netinet/in.h>
#include <sys/wait.h>
#include <unistd.h>

typedef union
{
  struct sockaddr any;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
} Address;

typedef struct
{
  int listener;
  int client;
  int server;
  Address local;  /* of the server's end */
  Address remote; /* of the client's */
} Pair;

static const struct in6_addr mapped_loopback
    = { { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1 } } };

static socklen_t
make_address (int family, gboolean is_mapped, in_port_t port, Address *out)
{
  *out = (Address){ 0 };
  out->any.sa_family = (sa_family_t)family;
  if (family == AF_INET)
    {
      out->in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
      out->in.sin_port = port;
      return sizeof out->in;
    }
  out->in6.sin6_addr = is_mapped ? mapped_loopback : in6addr_loopback;
  out->in6.sin6_port = port;
  return sizeof out->in6;
}

static in_port_t
listen_at (Pair *pair, int family, gboolean is_mapped)
{
  Address address;
  socklen_t length = make_address (family, is_mapped, 0, &address);

  *pair = (Pair){ .listener = socket (family, SOCK_STREAM, 0), .client = -1 };
  if (pair->listener < 0 || bind (pair->listener, &address.any, length) != 0)
    return 0;
  g_assert_no_errno (listen (pair->listener, 1));
  g_assert_no_errno (getsockname (pair->listener, &address.any, &length));
  return family == AF_INET ? address.in.sin_port : address.in6.sin6_port;
}

static int
connect_to (int family, gboolean is_mapped, in_port_t port)
{
  Address address;
  socklen_t length = make_address (family, is_mapped, port, &address);
  int fd = socket (family, SOCK_STREAM, 0);

  g_assert_no_errno (connect (fd, &address.any, length));
  return fd;
}

static void
accept_one (Pair *pair)
{
  socklen_t length = sizeof pair->remote;

  pair->server = accept (pair->listener, &pair->remote.any, &length);
  g_assert_no_errno (pair->server);
  length = sizeof pair->local;
  g_assert_no_errno (getsockname (pair->server, &pair->local.any, &length));
}

static void
pair_init (Pair *pair)
{
  in_port_t port = listen_at (pair, AF_INET, FALSE);

  pair->client = connect_to (AF_INET, FALSE, port);
  accept_one (pair);
}

static void
pair_clear (Pair *pair)
{
  if (pair->client >= 0)
    close (pair->client);
  close (pair->server);
  close (pair->listener);
}

static WeirPeer
look_up (const Pair *pair)
{
  WeirPeer peer = { 0 };

  g_assert_true (weir_peer_lookup (&pair->local.any, &pair->remote.any, &peer));
  return peer;
}

static void
test_a_client_of_ours_is_ours (void)
{
  static const struct
  {
    int server_family;
    gboolean server_is_mapped;
    int client_family;
    gboolean client_is_mapped;
  } cases[] = {
    { AF_INET, FALSE, AF_INET, FALSE }, { AF_INET6, FALSE, AF_INET6, FALSE },
    { AF_INET6, TRUE, AF_INET, FALSE }, { AF_INET, FALSE, AF_INET6, TRUE },
    { AF_INET6, TRUE, AF_INET6, TRUE },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Pair pair;
      WeirPeer peer;
      in_port_t port = listen_at (&pair, cases[i].server_family, cases[i].server_is_mapped);

      if (port == 0)
        continue; /* no IPv6 here */
      pair.client = connect_to (cases[i].client_family, cases[i].client_is_mapped, port);
      accept_one (&pair);
      peer = look_up (&pair);
      g_assert_true (peer.has_owner);
      g_assert_cmpuint (peer.uid, ==, getuid ());
      pair_clear (&pair);
    }
}

static void
test_a_client_that_only_stopped_sending_still_waits (void)
{
  Pair pair;
  WeirPeer peer;

  pair_init (&pair);
  g_assert_no_errno (shutdown (pair.client, SHUT_WR));
  peer = look_up (&pair);
  g_assert_true (peer.has_owner);
  g_assert_cmpuint (peer.uid, ==, getuid ());
  pair_clear (&pair);
}

static void
test_a_client_that_closed_has_gone (void)
{
  Pair pair;
  WeirPeer peer;

  pair_init (&pair);
  g_assert_no_errno (close (pair.client));
  pair.client = -1;
  peer = look_up (&pair);
  g_assert_false (peer.has_owner);
  g_assert_cmpuint (peer.uid, ==, (uid_t)-1);
  pair_clear (&pair);
}

static void
test_a_client_that_stopped_and_then_closed_has_gone (void)
{
  Pair pair;

  pair_init (&pair);
  g_assert_no_errno (shutdown (pair.client, SHUT_WR));
  g_assert_no_errno (close (pair.client));
  pair.client = -1;
  g_assert_false (look_up (&pair).has_owner);
  pair_clear (&pair);
}

/* A close with unread bytes resets the connection: neither end is left. */
static void
test_a_client_that_reset_has_gone (void)
{
  Pair pair;

  pair_init (&pair);
  g_assert_true (look_up (&pair).has_owner);
  g_assert_cmpint (send (pair.server, "a", 1, MSG_NOSIGNAL), ==, 1);
  g_assert_no_errno (close (pair.client));
  pair.client = -1;
  g_assert_false (look_up (&pair).has_owner);
  pair_clear (&pair);
}

/* The kernel offers a listener where no connection is. */
static void
test_a_listener_is_no_client (void)
{
  Pair pair;
  Address swapped;

  pair_init (&pair);
  swapped = pair.local;
  pair.local = pair.remote;
  pair.local.in.sin_port = htons (1);
  pair.remote = swapped;
  g_assert_false (look_up (&pair).has_owner);
  pair_clear (&pair);
}

static void
test_another_user_is_told_from_us (void)
{
  const uid_t other = 65534;
  Pair pair;
  WeirPeer peer;
  in_port_t port = listen_at (&pair, AF_INET, FALSE);
  pid_t child;

  if (geteuid () != 0)
    {
      close (pair.listener);
      g_test_skip ("only the superuser can be two users");
      return;
    }
  child = fork ();
  if (child == 0)
    {
      char byte;
      int fd;

      if (setuid (other) != 0)
        _exit (1);
      fd = connect_to (AF_INET, FALSE, port);
      _exit (read (fd, &byte, 1) != 0); /* until the server closes */
    }
  accept_one (&pair);
  peer = look_up (&pair);
  g_assert_true (peer.has_owner);
  g_assert_cmpuint (peer.uid, ==, other);
  pair_clear (&pair);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
}

static void
test_other_families_are_not_known (void)
{
  const struct sockaddr unix_address = { .sa_family = AF_UNIX };
  WeirPeer peer = { .uid = 7 };
  Address in;
  Address in6;

  make_address (AF_INET, FALSE, 1, &in);
  make_address (AF_INET6, FALSE, 1, &in6);
  g_assert_false (weir_peer_lookup (&unix_address, &in.any, &peer));
  g_assert_false (weir_peer_lookup (&in.any, &unix_address, &peer));
  g_assert_false (weir_peer_lookup (&in.any, &in6.any, &peer));
  g_assert_cmpuint (peer.uid, ==, 7);
}

static void
test_the_answer_is_quick (void)
{
  const unsigned rounds = 1000;
  gint64 best_us = G_MAXINT64;
  gint64 start_us;
  Pair pair;

  pair_init (&pair);
  start_us = g_get_monotonic_time ();
  for (unsigned i = 0; i < rounds; i++)
    {
      gint64 before_us = g_get_monotonic_time ();

      g_assert_true (look_up (&pair).has_owner);
      best_us = MIN (best_us, g_get_monotonic_time () - before_us);
    }
  g_test_message ("best %d us, mean %.1f us", (int)best_us,
                  (double)(g_get_monotonic_time () - start_us) / rounds);
  g_assert_cmpint (best_us, <, 5000);
  pair_clear (&pair);
}

static gboolean
is_known_here (void)
{
  WeirPeer peer;
  Pair pair;
  gboolean is_known;

  pair_init (&pair);
  is_known = weir_peer_lookup (&pair.local.any, &pair.remote.any, &peer);
  pair_clear (&pair);
  return is_known;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/peer/other-families-are-not-known", test_other_families_are_not_known);
  if (!is_known_here ())
    {
      g_test_message ("this kernel does not diagnose sockets");
      return g_test_run ();
    }
  g_test_add_func ("/peer/a-client-of-ours-is-ours", test_a_client_of_ours_is_ours);
  g_test_add_func ("/peer/a-client-that-only-stopped-sending-still-waits",
                   test_a_client_that_only_stopped_sending_still_waits);
  g_test_add_func ("/peer/a-client-that-closed-has-gone",
                   test_a_client_that_closed_has_gone);
  g_test_add_func ("/peer/a-client-that-stopped-and-then-closed-has-gone",
                   test_a_client_that_stopped_and_then_closed_has_gone);
  g_test_add_func ("/peer/a-client-that-reset-has-gone", test_a_client_that_reset_has_gone);
  g_test_add_func ("/peer/a-listener-is-no-client", test_a_listener_is_no_client);
  g_test_add_func ("/peer/another-user-is-told-from-us", test_another_user_is_told_from_us);
  g_test_add_func ("/peer/the-answer-is-quick", test_the_answer_is_quick);
  return g_test_run ();
}
