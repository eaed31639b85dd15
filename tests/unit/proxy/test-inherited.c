/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sockets of a service manager: each case is a child that begins as the manager would have
 * started it. */

#include "config.h"

#include "proxy/weir-inherited.h"
#include "proxy/weir-listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_FD 3

/* Runs in the child; @port is where descriptor 3 listens. */
typedef void (*Case) (uint16_t port);

static struct sockaddr_in
make_address (uint32_t address, uint16_t port)
{
  return (struct sockaddr_in){
    .sin_family = AF_INET,
    .sin_addr.s_addr = htonl (address),
    .sin_port = htons (port),
  };
}

/* One that listens at 127.0.0.1, blocking and inherited by programs, as managers leave it.
 */
static int
open_listening (uint16_t *out_port)
{
  struct sockaddr_in address = make_address (INADDR_LOOPBACK, 0);
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM, 0);

  g_assert_no_errno (bind (fd, (struct sockaddr *)&address, length));
  g_assert_no_errno (listen (fd, 16));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *)&address, &length));
  *out_port = ntohs (address.sin_port);
  return fd;
}

static void
run_as_started (Case function, int pid_offset)
{
  uint16_t port;
  int fd = open_listening (&port);
  pid_t child = fork ();
  int status = 0;

  if (child == 0)
    {
      g_autofree char *pid = g_strdup_printf ("%d", getpid () + pid_offset);

      /* the second one is no socket at all */
      g_assert_no_errno (dup2 (fd, FIRST_FD));
      g_assert_no_errno (dup2 (open ("/dev/null", O_RDONLY), FIRST_FD + 1));
      g_setenv ("LISTEN_PID", pid, TRUE);
      g_setenv ("LISTEN_FDS", "2", TRUE);
      function (port);
      _exit (0);
    }
  g_assert_no_errno (waitpid (child, &status, 0));
  g_assert_cmpint (status, ==, 0);
  close (fd);
}

static int
ask (uint32_t address, uint16_t port)
{
  struct sockaddr_storage wanted = { 0 };

  *(struct sockaddr_in *)&wanted = make_address (address, port);
  return weir_inherited_dup_socket (&wanted);
}

static void
take_twice (uint16_t port)
{
  for (int i = 0; i < 2; i++)
    {
      int fd = ask (INADDR_LOOPBACK, port);

      g_assert_cmpint (fd, >, FIRST_FD + 1);
      g_assert_cmpint (fcntl (fd, F_GETFL) & O_NONBLOCK, !=, 0);
      g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, !=, 0);
      g_assert_cmpint (fcntl (FIRST_FD, F_GETFD) & FD_CLOEXEC, !=, 0);
      close (fd);
    }
}

static void
ask_elsewhere (uint16_t port)
{
  struct sockaddr_storage v6 = { 0 };

  *(struct sockaddr_in6 *)&v6 = (struct sockaddr_in6){
    .sin6_family = AF_INET6,
    .sin6_addr = in6addr_loopback,
    .sin6_port = htons (port),
  };

  g_assert_cmpint (ask (INADDR_LOOPBACK, (uint16_t)(port ^ 1)), ==, -1);
  g_assert_cmpint (ask (INADDR_ANY, port), ==, -1);
  g_assert_cmpint (weir_inherited_dup_socket (&v6), ==, -1);
}

static void
ask_for_nothing (uint16_t port)
{
  g_assert_cmpint (ask (INADDR_LOOPBACK, port), ==, -1);
}

static void
ignore_client (int fd, const struct sockaddr_storage *remote, gpointer user_data)
{
  close (fd);
}

/* Bound anew, the address would be taken: by the manager. */
static void
listen_there (uint16_t port)
{
  WeirPoller *poller = weir_poller_new (NULL);

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (WeirListener) listener
          = weir_listener_new (poller, "127.0.0.1", port, ignore_client, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (weir_listener_get_port (listener), ==, port);
    }
  weir_poller_free (poller);
}

static void
test_found (void)
{
  run_as_started (take_twice, 0);
}

static void
test_elsewhere (void)
{
  run_as_started (ask_elsewhere, 0);
}

static void
test_other_process (void)
{
  run_as_started (ask_for_nothing, 1);
}

static void
test_listener (void)
{
  run_as_started (listen_there, 0);
}

static void
test_none (void)
{
  ask_for_nothing (80);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inherited/a-socket-is-found-by-its-address-each-time", test_found);
  g_test_add_func ("/inherited/another-address-is-not-there", test_elsewhere);
  g_test_add_func ("/inherited/sockets-for-another-process-are-left", test_other_process);
  g_test_add_func ("/inherited/the-listener-takes-it-over-again-and-again", test_listener);
  g_test_add_func ("/inherited/without-a-manager-there-is-none", test_none);
  return g_test_run ();
}
