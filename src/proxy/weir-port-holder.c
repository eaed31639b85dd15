/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who has a port, from /proc (proc(5): net/tcp, PID/fd, PID/comm).  Only for a message. */

#include "config.h"

#include "proxy/weir-port-holder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TCP_LISTEN 0x0a

/* The socket's inode, or 0. */
static unsigned long
find_inode (const char *table, uint16_t port)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (table, &text, NULL, NULL))
    return 0;
  lines = g_strsplit (text, "\n", -1);
  for (unsigned i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    {
      unsigned local_port;
      unsigned state;
      unsigned long inode;

      if (sscanf (
              lines[i],
              " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x %*x:%*x %*x %*u %*u %lu",
              &local_port, &state, &inode)
              == 3
          && local_port == port && state == TCP_LISTEN)
        return inode;
    }
  return 0;
}

static gboolean
has_socket (const char *process, const char *wanted)
{
  g_autofree char *folder = g_build_filename ("/proc", process, "fd", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);

      if (g_strcmp0 (target, wanted) == 0)
        return TRUE;
    }
  return FALSE;
}

char *
weir_port_holder_dup_name (uint16_t port)
{
  unsigned long inode = find_inode ("/proc/net/tcp", port);
  g_autofree char *wanted = NULL;
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *process;

  if (inode == 0)
    inode = find_inode ("/proc/net/tcp6", port);
  if (inode == 0 || dir == NULL)
    return NULL;
  wanted = g_strdup_printf ("socket:[%lu]", inode);
  while ((process = g_dir_read_name (dir)) != NULL)
    if (g_ascii_isdigit (*process) && has_socket (process, wanted))
      {
        g_autofree char *path = g_build_filename ("/proc", process, "comm", NULL);
        g_autofree char *name = NULL;

        if (!g_file_get_contents (path, &name, NULL, NULL))
          return NULL;
        return g_strdup_printf ("%s (process %s)", g_strchomp (name), process);
      }
  return NULL;
}
