/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sockets that listen: which addresses, what is said when one is taken, and what happens
 * when no descriptor is left. */

#include "config.h"

#include "proxy/weir-listener.h"

#include "base/weir-clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define CLIENTS 8

typedef struct
{
  WeirPoller *poller;
  volatile int64_t offset_us; /* of the driven clock */
  unsigned n_accepted;
  int last_family;
} Fixture;

static void
on_accept (int fd, const struct sockaddr_storage *remote, gpointer user_data)
{
  Fixture *self = user_data;
  int no_delay = 0;
  socklen_t length = sizeof no_delay;

  g_assert_cmpint (fcntl (fd, F_GETFL) & O_NONBLOCK, !=, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, !=, 0);
  g_assert_no_errno (getsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &length));
  g_assert_cmpint (no_delay, !=, 0);
  self->last_family = remote->ss_family;
  self->n_accepted++;
  close (fd);
}

static void
setup (Fixture *self, gconstpointer data)
{
  weir_clock_set_test_offset (&self->offset_us);
  self->poller = weir_poller_new (NULL);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  weir_poller_free (self->poller);
  weir_clock_set_test_offset (NULL);
}

static WeirListener *
listen_on (Fixture *self, const char *host, uint16_t port)
{
  g_autoptr (GError) error = NULL;
  WeirListener *listener
      = weir_listener_new (self->poller, host, port, on_accept, self, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (weir_listener_get_port (listener), !=, 0);
  if (port != 0)
    g_assert_cmpuint (weir_listener_get_port (listener), ==, port);
  return listener;
}

static socklen_t
make_loopback (int family, uint16_t port, struct sockaddr_storage *out)
{
  struct sockaddr_in *v4 = (struct sockaddr_in *)out;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

  *out = (struct sockaddr_storage){ .ss_family = (sa_family_t)family };
  if (family == AF_INET)
    {
      v4->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
      v4->sin_port = htons (port);
      return sizeof *v4;
    }
  v6->sin6_addr = in6addr_loopback;
  v6->sin6_port = htons (port);
  return sizeof *v6;
}

/* A connected socket, or -1. */
static int
knock (int family, uint16_t port)
{
  struct sockaddr_storage address;
  socklen_t length = make_loopback (family, port, &address);
  int fd = socket (family, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  if (connect (fd, (struct sockaddr *)&address, length) == 0)
    return fd;
  close (fd);
  return -1;
}

static gboolean
has_ipv6 (void)
{
  struct sockaddr_storage address;
  socklen_t length = make_loopback (AF_INET6, 0, &address);
  int fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gboolean bound = fd >= 0 && bind (fd, (struct sockaddr *)&address, length) == 0;

  if (fd >= 0)
    close (fd);
  return bound;
}

static void
assert_accepts (Fixture *self, int family, uint16_t port)
{
  const unsigned n_before = self->n_accepted;
  int fd = knock (family, port);

  g_assert_cmpint (fd, >=, 0);
  for (unsigned i = 0; i < 20 && self->n_accepted == n_before; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (self->n_accepted, ==, n_before + 1);
  g_assert_cmpint (self->last_family, ==, family);
  close (fd);
}

static void
test_port_0_is_one_port_for_both_families (Fixture *self, gconstpointer data)
{
  static const char *const hosts[] = { "", "localhost", "*" };

  for (unsigned i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autoptr (WeirListener) listener = listen_on (self, hosts[i], 0);
      const uint16_t port = weir_listener_get_port (listener);

      assert_accepts (self, AF_INET, port);
      if (has_ipv6 ())
        assert_accepts (self, AF_INET6, port);
    }
}

static void
test_a_literal_is_that_address_alone (Fixture *self, gconstpointer data)
{
  g_autoptr (WeirListener) v4 = listen_on (self, "127.0.0.1", 0);

  assert_accepts (self, AF_INET, weir_listener_get_port (v4));
  if (!has_ipv6 ())
    return;
  g_assert_cmpint (knock (AF_INET6, weir_listener_get_port (v4)), <, 0);
  {
    g_autoptr (WeirListener) v6 = listen_on (self, "::1", 0);

    assert_accepts (self, AF_INET6, weir_listener_get_port (v6));
    g_assert_cmpint (knock (AF_INET, weir_listener_get_port (v6)), <, 0);
  }
}

static void
test_what_is_freed_is_free_at_once (Fixture *self, gconstpointer data)
{
  uint16_t port = 0;

  for (unsigned i = 0; i < 5; i++)
    {
      g_autoptr (WeirListener) listener = listen_on (self, "", port);

      port = weir_listener_get_port (listener);
      assert_accepts (self, AF_INET, port);
    }
  g_assert_cmpint (knock (AF_INET, port), <, 0);
}

static void
assert_fails (Fixture *self, const char *host, uint16_t port, const char *word)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (weir_listener_new (self->poller, host, port, on_accept, self, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, word));
}

static void
test_a_taken_port_names_who_has_it (Fixture *self, gconstpointer data)
{
  g_autoptr (WeirListener) listener = listen_on (self, "127.0.0.1", 0);
  const uint16_t port = weir_listener_get_port (listener);
  g_autofree char *place = g_strdup_printf ("port %u is used by ", port);
  g_autofree char *holder = g_strdup_printf ("(process %ld)", (long)getpid ());

  assert_fails (self, "", port, place);
  assert_fails (self, "", port, " on 127.0.0.1; ");
  assert_fails (self, "", port, holder);
  assert_fails (self, "127.0.0.1", port, holder);
  assert_fails (self, "127.0.0.1", port, "--port");
}

/* Half a listener would serve some clients and not others. */
static void
test_both_addresses_or_none (Fixture *self, gconstpointer data)
{
  g_autoptr (WeirListener) v6 = NULL;
  uint16_t port;

  if (!has_ipv6 ())
    {
      g_test_skip ("no IPv6 here");
      return;
    }
  v6 = listen_on (self, "::1", 0);
  port = weir_listener_get_port (v6);
  assert_fails (self, "", port, " on ::1; ");
  g_assert_cmpint (knock (AF_INET, port), <, 0);
}

static void
test_what_is_no_address_is_refused (Fixture *self, gconstpointer data)
{
  assert_fails (self, "not an address", 0, "not an address");
  assert_fails (self, "203.0.113.7", 0, "203.0.113.7");
}

/* Takes every descriptor that is left, in a row that begins at *@out_first. */
static unsigned
exhaust_descriptors (int *out_first)
{
  unsigned n = 0;
  int fd;

  while ((fd = fcntl (STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
    {
      if (n++ == 0)
        *out_first = fd;
    }
  g_assert_cmpint (errno, ==, EMFILE);
  return n;
}

static gboolean
was_told_busy (int client)
{
  char answer[128] = { 0 };
  ssize_t n = recv (client, answer, sizeof answer - 1, MSG_DONTWAIT);

  return n > 0 && g_str_has_prefix (answer, "HTTP/1.1 503 ");
}

static void
turn_for (int64_t real_us)
{
  const int64_t until_us = g_get_monotonic_time () + real_us;

  while (g_get_monotonic_time () < until_us)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
}

static void
run_out_of_descriptors (Fixture *self)
{
  g_autoptr (WeirListener) listener = listen_on (self, "127.0.0.1", 0);
  struct rlimit old;
  struct rlimit low = { 64, 64 };
  int clients[CLIENTS];
  unsigned n_taken;
  int first = -1;

  for (unsigned i = 0; i < CLIENTS; i++)
    clients[i] = knock (AF_INET, weir_listener_get_port (listener));
  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &old));
  low.rlim_max = old.rlim_max;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &low));
  n_taken = exhaust_descriptors (&first);
  g_assert_cmpuint (n_taken, >, 2);

  /* one is told, then there is a pause */
  turn_for (60000);
  g_assert_cmpuint (self->n_accepted, ==, 0);
  g_assert_true (was_told_busy (clients[0]));
  g_assert_false (was_told_busy (clients[1]));

  /* the next turn tells the next one: the reserve has come back */
  self->offset_us += 200 * 1000;
  turn_for (60000);
  g_assert_cmpuint (self->n_accepted, ==, 0);
  g_assert_true (was_told_busy (clients[1]));

  /* with descriptors at hand all the others come in */
  close (first);
  self->offset_us += 200 * 1000;
  turn_for (60000);
  g_assert_cmpuint (self->n_accepted, ==, CLIENTS - 2);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &old));
  assert_accepts (self, AF_INET, weir_listener_get_port (listener));
  for (unsigned i = 0; i < CLIENTS; i++)
    close (clients[i]);
}

static void
test_it_outlives_a_lack_of_descriptors (Fixture *self, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      run_out_of_descriptors (self);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*no descriptors are left*");
}

#define ADD(name, func) g_test_add ("/listener/" name, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("port-0-is-one-port-for-both-families", test_port_0_is_one_port_for_both_families);
  ADD ("a-literal-is-that-address-alone", test_a_literal_is_that_address_alone);
  ADD ("what-is-freed-is-free-at-once", test_what_is_freed_is_free_at_once);
  ADD ("a-taken-port-names-who-has-it", test_a_taken_port_names_who_has_it);
  ADD ("both-addresses-or-none", test_both_addresses_or_none);
  ADD ("what-is-no-address-is-refused", test_what_is_no_address_is_refused);
  ADD ("it-outlives-a-lack-of-descriptors", test_it_outlives_a_lack_of_descriptors);
  return g_test_run ();
}
