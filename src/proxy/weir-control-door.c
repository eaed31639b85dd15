/* SPDX-License-Identifier: GPL-3.0-or-later */

/* `/` and `/healthz`.  libsoup never sees a head that the strict reader has not accepted.
 */

#include "config.h"

#include "proxy/weir-control-door.h"

#include "proxy/weir-replay-stream.h"

#include <libsoup/soup.h>

struct _WeirControlDoor
{
  SoupServer *server; /* (owned) */
};

static const char welcome[]
    = "{\"message\":\"Weir\",\"endpoints\":[\"POST /v1/chat/completions\","
      "\"POST /v1/completions\",\"POST /v1/embeddings\","
      "\"POST /v1/images/generations\",\"POST /v1/images/edits\","
      "\"POST /v1/responses\",\"GET /v1/responses\","
      "\"POST /v1/responses/compact\",\"POST /v1/responses/input_tokens\","
      "\"GET /v1/responses/{id}\",\"DELETE /v1/responses/{id}\","
      "\"GET /v1/responses/{id}/input_items\",\"POST /v1/messages\","
      "\"POST /v1/messages/count_tokens\","
      "\"POST /v1beta/models/{model}:generateContent\","
      "\"POST /v1beta/models/{model}:streamGenerateContent\","
      "\"POST /v1beta/models/{model}:countTokens\",\"GET /v1/models\","
      "\"GET /v1beta/models\",\"GET /healthz\"]}";
static const char healthy[] = "{\"status\":\"ok\"}";

static void
on_request (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  SoupMessageHeaders *fields = soup_server_message_get_response_headers (message);
  const char *body = g_str_equal (path, "/healthz") ? healthy : welcome;

  soup_message_headers_replace (fields, "Connection", "close");
  soup_message_headers_replace (fields, "Cache-Control", "no-store");
  soup_message_headers_replace (fields, "X-Content-Type-Options", "nosniff");
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC, body,
                                    strlen (body));
}

WeirControlDoor *
weir_control_door_new (void)
{
  WeirControlDoor *self = g_new0 (WeirControlDoor, 1);

  self->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (self->server, NULL, on_request, NULL, NULL);
  return self;
}

void
weir_control_door_free (WeirControlDoor *self)
{
  if (self == NULL)
    return;
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_free (self);
}

void
weir_control_door_accept (WeirControlDoor *self,
                          GIOStream *stream,
                          WeirSlice replay,
                          GSocketAddress *local,
                          GSocketAddress *remote)
{
  g_autoptr (GIOStream) base = stream;
  g_autoptr (GBytes) bytes = g_bytes_new (replay.text, replay.length);
  g_autoptr (GIOStream) whole = weir_replay_stream_new (base, bytes);
  g_autoptr (GError) error = NULL;

  if (!soup_server_accept_iostream (self->server, whole, local, remote, &error))
    g_message ("cannot hand a connection to the control plane: %s", error->message);
}
