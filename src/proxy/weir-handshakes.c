/* SPDX-License-Identifier: GPL-3.0-or-later */

/* TLS on our own port: GIO shakes hands, then the stream goes on without blocking. */

#include "config.h"

#include "proxy/weir-handshakes.h"

#include "base/weir-clock.h"

#include <unistd.h>

#define HANDSHAKE_US (10 * WEIR_USEC_PER_SEC)

typedef struct
{
  WeirHandshakes *owner;     /* (unowned) (nullable): NULL when it has gone */
  GList link;                /* in the owner's queue */
  GSocketConnection *socket; /* (owned) */
  GCancellable *cancellable; /* (owned) */
  WeirTimer watchdog;
  struct sockaddr_storage remote;
} Handshake;

struct _WeirHandshakes
{
  WeirPoller *poller; /* (unowned) */
  WeirHandshakeFunc func;
  gpointer user_data;
  GQueue under_way; /* of Handshake */
};

WeirHandshakes *
weir_handshakes_new (WeirPoller *poller, WeirHandshakeFunc func, gpointer user_data)
{
  WeirHandshakes *self = g_new0 (WeirHandshakes, 1);

  self->poller = poller;
  self->func = func;
  self->user_data = user_data;
  return self;
}

static void
detach (Handshake *handshake)
{
  WeirHandshakes *self = handshake->owner;

  if (self == NULL)
    return;
  weir_poller_clear_timer (self->poller, &handshake->watchdog);
  g_queue_unlink (&self->under_way, &handshake->link);
  handshake->owner = NULL;
}

void
weir_handshakes_free (WeirHandshakes *self)
{
  if (self == NULL)
    return;
  while (!g_queue_is_empty (&self->under_way))
    {
      Handshake *handshake = g_queue_peek_head (&self->under_way);

      detach (handshake);
      g_cancellable_cancel (handshake->cancellable);
    }
  g_free (self);
}

static void
handshake_free (Handshake *handshake)
{
  detach (handshake);
  g_clear_object (&handshake->socket);
  g_clear_object (&handshake->cancellable);
  g_free (handshake);
}

static void
on_timeout (WeirTimer *timer)
{
  g_cancellable_cancel (WEIR_CONTAINER_OF (timer, Handshake, watchdog)->cancellable);
}

static void
handshake_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Handshake *handshake = user_data;
  WeirHandshakes *self = handshake->owner;

  if (g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, NULL)
      && self != NULL)
    {
      WeirStream stream;

      weir_stream_init_connection (&stream, self->poller, handshake->socket,
                                   G_TLS_CONNECTION (source));
      self->func (&stream, &handshake->remote, self->user_data);
    }
  handshake_free (handshake);
}

void
weir_handshakes_begin (WeirHandshakes *self,
                       int fd,
                       const struct sockaddr_storage *remote,
                       GTlsCertificate *certificate)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);
  g_autoptr (GIOStream) tls = NULL;
  Handshake *handshake;

  if (socket == NULL)
    {
      close (fd);
      return;
    }
  handshake = g_new0 (Handshake, 1);
  handshake->owner = self;
  handshake->link.data = handshake;
  g_queue_push_tail_link (&self->under_way, &handshake->link);
  handshake->remote = *remote;
  handshake->socket = g_socket_connection_factory_create_connection (socket);
  handshake->cancellable = g_cancellable_new ();
  handshake->watchdog.func = on_timeout;
  /* no database: each connection would read a copy of the system's, and no client shows a
   * certificate */
  tls = g_initable_new (
      g_tls_backend_get_server_connection_type (g_tls_backend_get_default ()), NULL, NULL,
      "base-io-stream", handshake->socket, "certificate", certificate, "database", NULL,
      NULL);
  if (tls == NULL)
    {
      handshake_free (handshake);
      return;
    }
  weir_poller_set_timer (self->poller, &handshake->watchdog,
                         weir_clock_now_us () + HANDSHAKE_US);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT,
                                    handshake->cancellable, handshake_cb, handshake);
}
