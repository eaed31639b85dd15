/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the service manager hears. */

#include "app/weir-notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gstdio.h>

/* A manager's socket of the name @name, `@` for an abstract one. */
static int
listen_at (const char *name)
{
  const int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const size_t length = strlen (name);

  g_assert_cmpuint (length, <, sizeof address.sun_path);
  memcpy (address.sun_path, name, length);
  if (*name == '@')
    address.sun_path[0] = '\0';
  g_assert_cmpint (bind (fd, (struct sockaddr *)&address,
                         (socklen_t)(offsetof (struct sockaddr_un, sun_path) + length)),
                   ==, 0);
  return fd;
}

/* (transfer full) (nullable) */
static char *
hear (int fd)
{
  char text[512];
  const ssize_t length = recv (fd, text, sizeof text, 0);

  return length >= 0 ? g_strndup (text, (size_t)length) : NULL;
}

static void
assert_hears (int fd, const char *expected)
{
  g_autofree char *text = hear (fd);

  g_assert_cmpstr (text, ==, expected);
}

static void
check_at (const char *name)
{
  const int fd = listen_at (name);
  g_autoptr (WeirNotify) notify = NULL;
  g_autofree char *reloading = NULL;

  g_setenv ("NOTIFY_SOCKET", name, TRUE);
  notify = weir_notify_new ();
  g_assert_null (g_getenv ("NOTIFY_SOCKET"));
  weir_notify_ready (notify, "http://127.0.0.1:1");
  assert_hears (fd, "READY=1\nSTATUS=http://127.0.0.1:1");
  weir_notify_reloading (notify);
  reloading = hear (fd);
  g_assert_true (g_str_has_prefix (reloading, "RELOADING=1\nMONOTONIC_USEC="));
  weir_notify_stopping (notify, "bye");
  assert_hears (fd, "STOPPING=1\nSTATUS=bye");
  close (fd);
}

static void
test_hears_of_every_state (void)
{
  g_autofree char *folder = g_dir_make_tmp ("weir-notify-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "socket", NULL);
  g_autofree char *abstract = g_strdup_printf ("@weir-test-%d", (int)getpid ());

  check_at (path);
  check_at (abstract);
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_hears_that_the_loop_lives (void)
{
  g_autofree char *name = g_strdup_printf ("@weir-watchdog-%d", (int)getpid ());
  const int fd = listen_at (name);
  g_autofree char *text = NULL;
  g_autoptr (WeirNotify) notify = NULL;

  g_setenv ("NOTIFY_SOCKET", name, TRUE);
  g_setenv ("WATCHDOG_USEC", "20000", TRUE);
  notify = weir_notify_new ();
  weir_notify_ready (notify, "");
  assert_hears (fd, "READY=1\nSTATUS=");
  while ((text = hear (fd)) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (text, ==, "WATCHDOG=1");
  close (fd);
}

static void
test_does_nothing_where_nobody_asked (void)
{
  static const char *const names[] = { "", "@", "relative", "/nonexistent/socket" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (WeirNotify) notify = NULL;

      g_setenv ("NOTIFY_SOCKET", names[i], TRUE);
      notify = weir_notify_new ();
      weir_notify_ready (notify, "");
      weir_notify_stopping (notify, "");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/notify/hears-of-every-state", test_hears_of_every_state);
  g_test_add_func ("/notify/hears-that-the-loop-lives", test_hears_that_the_loop_lives);
  g_test_add_func ("/notify/does-nothing-where-nobody-asked",
                   test_does_nothing_where_nobody_asked);
  return g_test_run ();
}
