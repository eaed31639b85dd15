/* SPDX-License-Identifier: GPL-3.0-or-later */

/* sd_notify(3), read 2026-10: datagrams of VARIABLE=value lines to a unix socket, whose
 * name begins with @ where it is an abstract one. */

#include "config.h"

#include "app/weir-notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct _WeirNotify
{
  int fd; /* -1: nobody to tell */
  struct sockaddr_un address;
  socklen_t address_length;
  guint64 watchdog_us; /* 0: the manager has none for us */
  unsigned watchdog_id;
};

static void
tell (const WeirNotify *self, const char *text)
{
  /* a manager that does not listen must not stop us */
  if (self->fd >= 0)
    sendto (self->fd, text, strlen (text), MSG_DONTWAIT | MSG_NOSIGNAL,
            (const struct sockaddr *)&self->address, self->address_length);
}

static gboolean
set_address (WeirNotify *self, const char *name)
{
  const size_t length = name != NULL ? strlen (name) : 0;

  if (length < 2 || (*name != '/' && *name != '@')
      || length >= sizeof self->address.sun_path)
    return FALSE;
  self->address.sun_family = AF_UNIX;
  memcpy (self->address.sun_path, name, length);
  if (*name == '@')
    self->address.sun_path[0] = '\0';
  self->address_length
      = (socklen_t)(offsetof (struct sockaddr_un, sun_path) + length + (*name == '/'));
  return TRUE;
}

/* Microseconds between two signs of life, 0 for none. */
static guint64
read_watchdog (void)
{
  const char *pid_text = g_getenv ("WATCHDOG_PID");
  const char *text = g_getenv ("WATCHDOG_USEC");
  guint64 pid = (guint64)getpid ();
  guint64 us = 0;

  if (pid_text != NULL
      && !g_ascii_string_to_unsigned (pid_text, 10, 0, G_MAXINT, &pid, NULL))
    return 0;
  if (text == NULL || pid != (guint64)getpid ()
      || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &us, NULL))
    return 0;
  return us;
}

WeirNotify *
weir_notify_new (void)
{
  WeirNotify *self = g_new0 (WeirNotify, 1);

  self->fd = -1;
  if (set_address (self, g_getenv ("NOTIFY_SOCKET")))
    {
      self->fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      self->watchdog_us = read_watchdog ();
    }
  g_unsetenv ("NOTIFY_SOCKET");
  g_unsetenv ("WATCHDOG_PID");
  g_unsetenv ("WATCHDOG_USEC");
  return self;
}

void
weir_notify_free (WeirNotify *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->watchdog_id, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

static gboolean
on_watchdog (gpointer user_data)
{
  tell (user_data, "WATCHDOG=1");
  return G_SOURCE_CONTINUE;
}

void
weir_notify_ready (WeirNotify *self, const char *status)
{
  g_autofree char *text = g_strdup_printf ("READY=1\nSTATUS=%s", status);

  tell (self, text);
  if (self->watchdog_us > 0 && self->watchdog_id == 0)
    self->watchdog_id = g_timeout_add (
        (unsigned)CLAMP (self->watchdog_us / 2000, 1, G_MAXINT), on_watchdog, self);
}

void
weir_notify_reloading (WeirNotify *self)
{
  g_autofree char *text = g_strdup_printf ("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT,
                                           g_get_monotonic_time ());

  tell (self, text);
}

void
weir_notify_stopping (WeirNotify *self, const char *status)
{
  g_autofree char *text = g_strdup_printf ("STOPPING=1\nSTATUS=%s", status);

  tell (self, text);
}
