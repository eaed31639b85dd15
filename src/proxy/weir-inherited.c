/* SPDX-License-Identifier: GPL-3.0-or-later */

/* sd_listen_fds(3), read 2026-11: descriptors from 3 on, $LISTEN_FDS of them, meant for the
 * process $LISTEN_PID.  Their names are not looked at: the address says which is which. */

#include "config.h"

#include "proxy/weir-inherited.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define FIRST_FD 3
#define FDS_MAX 16

static int
count_sockets (void)
{
  const char *process = g_getenv ("LISTEN_PID");
  const char *number = g_getenv ("LISTEN_FDS");
  guint64 pid;
  guint64 count;

  if (process == NULL || number == NULL
      || !g_ascii_string_to_unsigned (process, 10, 1, G_MAXINT32, &pid, NULL)
      || !g_ascii_string_to_unsigned (number, 10, 0, FDS_MAX, &count, NULL)
      || pid != (guint64)getpid ())
    return 0;
  return (int)count;
}

static gboolean
is_same (const struct sockaddr_storage *one, const struct sockaddr_storage *other)
{
  const struct sockaddr_in *v4 = (const struct sockaddr_in *)one;
  const struct sockaddr_in *other_v4 = (const struct sockaddr_in *)other;
  const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)one;
  const struct sockaddr_in6 *other_v6 = (const struct sockaddr_in6 *)other;

  if (one->ss_family != other->ss_family)
    return FALSE;
  if (one->ss_family == AF_INET)
    return v4->sin_port == other_v4->sin_port
           && v4->sin_addr.s_addr == other_v4->sin_addr.s_addr;
  return one->ss_family == AF_INET6 && v6->sin6_port == other_v6->sin6_port
         && memcmp (&v6->sin6_addr, &other_v6->sin6_addr, sizeof v6->sin6_addr) == 0;
}

static gboolean
listens_at (int fd, const struct sockaddr_storage *address)
{
  struct sockaddr_storage own = { 0 };
  socklen_t length = sizeof own;
  int is_listening = 0;
  socklen_t size = sizeof is_listening;

  return getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) == 0
         && is_listening && getsockname (fd, (struct sockaddr *)&own, &length) == 0
         && is_same (&own, address);
}

int
weir_inherited_dup_socket (const struct sockaddr_storage *address)
{
  int end = FIRST_FD + count_sockets ();

  for (int fd = FIRST_FD; fd < end; fd++)
    {
      int copy;

      fcntl (fd, F_SETFD, FD_CLOEXEC); /* they come without it */
      if (!listens_at (fd, address))
        continue;
      copy = fcntl (fd, F_DUPFD_CLOEXEC, FIRST_FD);
      if (copy >= 0)
        fcntl (copy, F_SETFL, fcntl (copy, F_GETFL) | O_NONBLOCK);
      return copy;
    }
  return -1;
}
