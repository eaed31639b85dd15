/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who has a port: ourselves, another process, nobody. */

#include "config.h"

#include "proxy/weir-port-holder.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef union
{
  struct sockaddr any;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
} Address;

/* A socket bound to a free port of loopback, or -1. */
static int
take_port (int family, uint16_t *out_port)
{
  Address address = { .any.sa_family = (sa_family_t)family };
  socklen_t length = family == AF_INET ? sizeof address.in : sizeof address.in6;
  int fd = socket (family, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (family == AF_INET)
    address.in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  else
    address.in6.sin6_addr = in6addr_loopback;
  if (fd < 0 || bind (fd, &address.any, length) != 0)
    return -1;
  g_assert_no_errno (getsockname (fd, &address.any, &length));
  *out_port = ntohs (family == AF_INET ? address.in.sin_port : address.in6.sin6_port);
  return fd;
}

static void
test_a_listener_of_ours_is_named (void)
{
  static const int families[] = { AF_INET, AF_INET6 };
  g_autofree char *own_name = NULL;
  g_autofree char *wanted = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/comm", &own_name, NULL, NULL));
  wanted = g_strdup_printf ("%s (process %ld)", g_strchomp (own_name), (long)getpid ());
  for (unsigned i = 0; i < G_N_ELEMENTS (families); i++)
    {
      g_autofree char *holder = NULL;
      g_autofree char *nobody = NULL;
      uint16_t port = 0;
      int fd = take_port (families[i], &port);

      if (fd < 0 && families[i] == AF_INET6)
        continue;
      g_assert_no_errno (listen (fd, 1));
      holder = weir_port_holder_dup_name (port);
      g_assert_cmpstr (holder, ==, wanted);
      close (fd);
      nobody = weir_port_holder_dup_name (port);
      g_assert_null (nobody);
    }
}

static void
test_a_port_that_is_only_used_has_no_holder (void)
{
  g_autofree char *holder = NULL;
  uint16_t port = 0;
  int fd = take_port (AF_INET, &port);

  g_assert_cmpint (fd, >=, 0);
  holder = weir_port_holder_dup_name (port);
  g_assert_null (holder);
  close (fd);
}

/* Listens, tells the port, waits until nobody holds @stop any more. */
static void
serve_as_child (int tell, int stop)
{
  uint16_t port = 0;
  int fd = take_port (AF_INET, &port);
  char byte;

  if (fd < 0 || listen (fd, 1) != 0 || prctl (PR_SET_NAME, "a) 7 name") != 0
      || write (tell, &port, sizeof port) != sizeof port || read (stop, &byte, 1) != 0)
    _exit (EXIT_FAILURE);
  _exit (EXIT_SUCCESS);
}

static void
test_another_process_is_named (void)
{
  int told[2];
  int stop[2];
  uint16_t port = 0;
  int status = -1;
  pid_t child;
  g_autofree char *holder = NULL;
  g_autofree char *wanted = NULL;

  g_assert_no_errno (pipe (told));
  g_assert_no_errno (pipe (stop));
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      close (stop[1]);
      serve_as_child (told[1], stop[0]);
    }
  g_assert_cmpint (read (told[0], &port, sizeof port), ==, sizeof port);
  holder = weir_port_holder_dup_name (port);
  wanted = g_strdup_printf ("a) 7 name (process %ld)", (long)child);
  g_assert_cmpstr (holder, ==, wanted);
  close (stop[1]);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  close (stop[0]);
  close (told[0]);
  close (told[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/port-holder/a-listener-of-ours-is-named",
                   test_a_listener_of_ours_is_named);
  g_test_add_func ("/port-holder/a-port-that-is-only-used-has-no-holder",
                   test_a_port_that_is_only_used_has_no_holder);
  g_test_add_func ("/port-holder/another-process-is-named", test_another_process_is_named);
  return g_test_run ();
}
