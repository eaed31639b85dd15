/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where browsers come back to: who is let in, what is asked for, what is answered. */

#include "config.h"

#include "control/weir-callback.h"

#include "base/weir-clock.h"
#include "base/weir-error.h"
#include "proxy/weir-listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOW 50

typedef struct
{
  WeirPoller *poller;
  WeirCallback *callback;
  uint16_t port;
  int64_t offset_us; /* of the driven clock */
  GString *heard;    /* what the func got, a line each */
  WeirCallbackAnswer answer;
  gboolean stops;
} Fixture;

static WeirCallbackAnswer
on_target (WeirSlice target, gpointer user_data)
{
  Fixture *self = user_data;

  g_string_append_printf (self->heard, "%.*s\n", (int)target.length, target.text);
  if (self->stops)
    weir_callback_stop (self->callback);
  return self->answer;
}

static void
on_none (int fd, const struct sockaddr_storage *remote, gpointer user_data)
{
  close (fd);
}

/* Any port that is free on both addresses. */
static uint16_t
find_port (WeirPoller *poller)
{
  g_autoptr (WeirListener) listener
      = weir_listener_new (poller, "localhost", 0, on_none, NULL, NULL);

  return weir_listener_get_port (listener);
}

static void
setup (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  weir_clock_set_test_offset (&self->offset_us);
  self->poller = weir_poller_new (NULL);
  self->heard = g_string_new (NULL);
  self->answer = WEIR_CALLBACK_TAKEN;
  self->port = find_port (self->poller);
  self->callback = weir_callback_new (self->poller, self->port, "/auth/callback", on_target,
                                      self, &error);
  g_assert_no_error (error);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  weir_callback_free (self->callback);
  weir_poller_free (self->poller);
  g_string_free (self->heard, TRUE);
  weir_clock_set_test_offset (NULL);
}

/* -1: nobody listens. */
static int
knock (const Fixture *self)
{
  const struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = htons (self->port),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (connect (fd, (const struct sockaddr *)&address, sizeof address) == 0)
    return fd;
  close (fd);
  return -1;
}

/* (transfer full): everything that comes back on @fd, which is closed. */
static char *
hear (int fd)
{
  g_autoptr (GString) heard = g_string_new (NULL);
  const int64_t until_us = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < until_us)
    {
      char bytes[4096];
      ssize_t n = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);

      if (n > 0)
        g_string_append_len (heard, bytes, n);
      else if (n == 0 || errno != EAGAIN)
        break;
      else
        g_main_context_iteration (NULL, FALSE);
    }
  close (fd);
  return g_string_free (g_steal_pointer (&heard), FALSE);
}

static void
say (int fd, const char *text)
{
  g_assert_cmpint (send (fd, text, strlen (text), MSG_NOSIGNAL), ==, strlen (text));
}

/* (transfer full): what is answered to @request, in which PORT is the port. */
static char *
ask (const Fixture *self, const char *request)
{
  g_autofree char *port = g_strdup_printf ("%u", self->port);
  g_auto (GStrv) parts = g_strsplit (request, "PORT", -1);
  g_autofree char *text = g_strjoinv (port, parts);
  int fd = knock (self);

  g_assert_cmpint (fd, >=, 0);
  say (fd, text);
  return hear (fd);
}

typedef struct
{
  const char *request;
  const char *status;
  const char *heard; /* (nullable) */
} Case;

static const Case cases[] = {
  { "GET /auth/callback?code=a&state=b HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n", "200",
    "/auth/callback?code=a&state=b\n" },
  { "GET /auth/callback?code=a HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nOrigin: null\r\n"
    "Sec-Fetch-Site: cross-site\r\nCookie: a=b\r\n\r\n",
    "200", "/auth/callback?code=a\n" },
  { "GET /auth/callback HTTP/1.1\r\nHost: [::1]:PORT\r\n\r\n", "200", "/auth/callback\n" },
  { "POST /auth/callback?code=a HTTP/1.1\r\nHost: localhost:PORT\r\nContent-Length: 1\r\n"
    "\r\nx",
    "405", NULL },
  { "HEAD /auth/callback?code=a HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n", "405", NULL },
  { "CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n", "405", NULL },
  { "GET /auth/callback/?code=a HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n", "404", NULL },
  { "GET /auth/callback/x?code=a HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n", "404", NULL },
  { "GET /favicon.ico HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n", "404", NULL },
  { "GET /auth/callback?code=a HTTP/1.1\r\nHost: evil.example:PORT\r\n\r\n", "421", NULL },
  { "GET /auth/callback?code=a HTTP/1.1\r\nHost: localhost:1\r\n\r\n", "421", NULL },
  { "GET /auth/callback?code=a HTTP/1.1\r\nHost: localhost\r\n\r\n", "421", NULL },
  { "GET http://evil.example/auth/callback HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n", "4",
    NULL },
  { "GET /auth/callback?code=a HTTP/1.1\r\n\r\n", "400", NULL },
  { "GET /auth/callback?code=a HTTP/1.1\r\nHost: localhost:PORT\r\nContent-Length: 1\r\n"
    "\r\nx",
    "400", NULL },
  { "\x16\x03\x01\x02\r\n\r\n", "400", NULL },
};

static void
test_requests (Fixture *self, gconstpointer data)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *answer = ask (self, cases[i].request);
      g_autofree char *start = g_strconcat ("HTTP/1.1 ", cases[i].status, NULL);

      g_test_message ("%s", cases[i].request);
      g_assert_true (g_str_has_prefix (answer, start));
      g_assert_nonnull (strstr (answer, "\r\nContent-Security-Policy: default-src 'none'"));
      g_assert_nonnull (strstr (answer, "\r\nCache-Control: no-store\r\n"));
      g_assert_nonnull (strstr (answer, "\r\nConnection: close\r\n"));
      g_assert_null (strstr (answer, "evil"));
      g_assert_null (strstr (answer, "code="));
      g_assert_cmpstr (self->heard->str, ==, cases[i].heard != NULL ? cases[i].heard : "");
      g_string_truncate (self->heard, 0);
    }
}

static void
test_pages (Fixture *self, gconstpointer data)
{
  static const char request[]
      = "GET /auth/callback?error=%3Cscript%3E HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n";
  g_autofree char *taken = ask (self, request);
  g_autofree char *refused = NULL;
  g_autofree char *ended = NULL;

  self->answer = WEIR_CALLBACK_REFUSED;
  refused = ask (self, request);
  self->answer = WEIR_CALLBACK_ENDED;
  ended = ask (self, request);
  g_assert_true (g_str_has_prefix (refused, "HTTP/1.1 400 "));
  g_assert_true (g_str_has_prefix (ended, "HTTP/1.1 200 "));
  g_assert_cmpstr (taken, !=, ended);
  g_assert_null (strstr (taken, "script"));
  g_assert_null (strstr (refused, "script"));
  g_assert_null (strstr (ended, "script"));
}

static void
test_pieces (Fixture *self, gconstpointer data)
{
  g_autofree char *head
      = g_strdup_printf ("GET /auth/callback?code=a HTTP/1.1\r\nHost: localhost:%u\r\n"
                         "Cookie: a=%0*d\r\n\r\n",
                         self->port, 9000, 0);
  g_autofree char *answer = NULL;
  int fd = knock (self);

  for (const char *c = head; *c != '\0'; c += MIN (strlen (c), 97))
    {
      g_assert_cmpint (send (fd, c, MIN (strlen (c), 97), MSG_NOSIGNAL), >, 0);
      g_main_context_iteration (NULL, FALSE);
    }
  answer = hear (fd);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
}

/* However many wait and say nothing, the one that speaks is heard. */
static void
test_slow (Fixture *self, gconstpointer data)
{
  int fds[SLOW];
  g_autofree char *answer = NULL;

  for (unsigned i = 0; i < SLOW; i++)
    {
      fds[i] = knock (self);
      say (fds[i], "GET /auth");
      g_main_context_iteration (NULL, FALSE);
    }
  answer = ask (self, cases[0].request);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  for (unsigned i = 1; i < SLOW; i++)
    close (fds[i]);

  /* and none of them stays */
  fds[1] = knock (self);
  g_main_context_iteration (NULL, FALSE);
  self->offset_us += 11 * WEIR_USEC_PER_SEC;
  g_free (answer);
  answer = hear (fds[1]);
  g_assert_cmpstr (answer, ==, "");
  close (fds[0]);
}

static void
test_stop (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = NULL;
  g_autofree char *late = NULL;
  int fd = knock (self);

  while (g_main_context_iteration (NULL, FALSE))
    continue;
  self->stops = TRUE;
  answer = ask (self, cases[0].request);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  g_assert_cmpint (knock (self), ==, -1);

  /* who was let in before gets no more than a page */
  g_string_truncate (self->heard, 0);
  {
    g_autofree char *text = g_strdup_printf (
        "GET /auth/callback?code=a HTTP/1.1\r\nHost: localhost:%u\r\n\r\n", self->port);

    say (fd, text);
  }
  late = hear (fd);
  g_assert_true (g_str_has_prefix (late, "HTTP/1.1 400 "));
  g_assert_cmpstr (self->heard->str, ==, "");
}

static void
test_taken_port (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *port = g_strdup_printf ("port %u", self->port);

  g_assert_null (
      weir_callback_new (self->poller, self->port, "/", on_target, self, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_nonnull (strstr (error->message, port));
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/callback/only-a-get-of-the-path-on-this-machine-is-heard", test_requests);
  ADD ("/callback/pages-are-constant", test_pages);
  ADD ("/callback/a-head-may-come-in-pieces-and-be-long", test_pieces);
  ADD ("/callback/slow-callers-make-room-and-do-not-stay", test_slow);
  ADD ("/callback/once-stopped-nobody-is-let-in", test_stop);
  ADD ("/callback/a-port-that-is-taken-is-named", test_taken_port);
  return g_test_run ();
}
