/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A message asks, an exchange answers on the same connection, and its events leave as
 * frames.  What a response needs of those before it the exchange recalls; here only a
 * warm-up is answered, which asks no model anything. */

#include "config.h"

#include "proxy/weir-websocket.h"

#include "base/weir-clock.h"
#include "base/weir-sse.h"
#include "chat/weir-response-message.h"
#include "chat/weir-response-recorder.h"
#include "http/weir-http-write.h"
#include "http/weir-websocket-wire.h"

typedef struct
{
  WeirExchangeHost *host;     /* (unowned) */
  WeirConnection *connection; /* (unowned) until closed */
  const WeirRoute *route;
  char key_name[WEIR_KEY_NAME_BYTES];
  char *group;     /* (owned) (nullable) name of the group it was opened in */
  GString *fields; /* (owned) name NUL value NUL … of the handshake: as if each request had
                      them */
  WeirWebsocketReader reader;
  WeirSse sse;      /* of the answer under way */
  GBytes *waiting;  /* (owned) (nullable) a message that came while another is answered */
  GBytes *last;     /* (owned) (nullable) the last create, its input left out */
  char *last_id;    /* (owned) (nullable) of the last response */
  WeirTimer next;   /* to answer @waiting; in the end frees the memory */
  gboolean busy;    /* an exchange answers */
  gboolean ended;   /* and its last event has gone out */
  gboolean retired; /* close behind the answer */
  gboolean closing; /* a close frame was sent */
} WeirWebsocket;

static const WeirJsonLimits shallow = { .record_depth = 1 };

static gboolean
send_frame (WeirWebsocket *self, WeirWebsocketOpcode opcode, WeirSlice payload)
{
  uint8_t head[WEIR_WEBSOCKET_HEAD_MAX];
  struct iovec parts[2] = {
    { head, weir_websocket_write_head (head, opcode, payload.length) },
    { (void *)payload.text, payload.length },
  };

  if (self->closing)
    return FALSE;
  return weir_connection_send (self->connection, parts, payload.length > 0 ? 2 : 1);
}

static void
close_with (WeirWebsocket *self, WeirSlice reason)
{
  if (self->closing)
    return;
  send_frame (self, WEIR_WEBSOCKET_CLOSE, reason);
  self->closing = TRUE;
  if (self->connection->exchange != NULL)
    self->connection->owner_funcs->left (self->connection);
  weir_connection_hang_up (self->connection);
}

static void
close_with_code (WeirWebsocket *self, unsigned code)
{
  const char payload[2] = { (char)(code >> 8), (char)code };

  close_with (self, (WeirSlice){ payload, sizeof payload });
}

static void
send_text (WeirWebsocket *self, const GString *text)
{
  send_frame (self, WEIR_WEBSOCKET_TEXT, (WeirSlice){ text->str, text->len });
}

/* @body: what an HTTP client would have got. */
static void
send_error_body (WeirWebsocket *self, unsigned status, WeirSlice body)
{
  g_autoptr (GString) out = g_string_new (NULL);

  weir_response_message_add_error (out, status, body);
  send_text (self, out);
}

static void
send_error (WeirWebsocket *self, WeirError code, const char *message)
{
  g_autoptr (GString) body = g_string_new (NULL);

  weir_protocol_get (self->route->dialect)->write_error (body, code, 0, message, NULL);
  send_error_body (self, weir_error_get_info (code)->status,
                   (WeirSlice){ body->str, body->len });
}

/* A message that does not become an exchange. */
static void
refuse (WeirWebsocket *self, WeirError code, const char *message)
{
  const WeirErrorInfo *info = weir_error_get_info (code);
  WeirLogRow row = {
    .number = ++self->host->n_requests,
    .route = self->route->name,
    .client_key = *self->key_name != '\0' ? self->key_name : NULL,
    .outcome = "refused",
    .error = info->code,
    .detail = message,
    .status = info->status,
    .tokens_in = WEIR_USAGE_UNKNOWN,
    .tokens_out = WEIR_USAGE_UNKNOWN,
    .tokens_cached = WEIR_USAGE_UNKNOWN,
    .first_byte_us = -1,
    .total_us = -1,
  };

  self->host->n_refused++;
  self->host->log (&row, self->host->log_data);
  send_error (self, code, message);
}

/* --- what is asked --- */

/* Who asks, by the configuration of now.  FALSE: he was told that he may not any more. */
static gboolean
find_caller (WeirWebsocket *self, WeirCaller *out)
{
  const WeirRouting *routing = self->host->routing;

  *out = (WeirCaller){ 0 };
  out->key = weir_client_keys_lookup (routing->keys, self->key_name, weir_clock_real_us ());
  if (self->group != NULL)
    out->group = weir_routing_lookup_group (routing, weir_slice_from_string (self->group));
  if (out->key != NULL && (out->group != NULL) == (self->group != NULL)
      && weir_caller_is_welcome (out))
    return TRUE;
  refuse (self, WEIR_ERROR_UNAUTHORIZED,
          out->key == NULL
              ? "the client key is no longer one of the configuration's api-keys"
              : "the client key may no longer ask in this group");
  return FALSE;
}

static void
ask (WeirWebsocket *self, GBytes *body)
{
  const char *end = self->fields->str + self->fields->len;
  WeirHttpHead head = { .minor = 1 };
  WeirCaller caller;
  gsize length;
  const char *text = g_bytes_get_data (body, &length);

  if (!find_caller (self, &caller))
    return;
  for (const char *name = self->fields->str; name < end;)
    {
      const WeirSlice value = weir_slice_from_string (name + strlen (name) + 1);

      head.fields[head.n_fields++]
          = (WeirHttpField){ weir_slice_from_string (name), value };
      name = value.text + value.length + 1;
    }
  if (!weir_connection_set_body (self->connection, (WeirSlice){ text, length }))
    {
      refuse (self, WEIR_ERROR_OVERLOADED, "too many large requests are under way");
      return;
    }
  self->busy = TRUE;
  weir_exchange_new (self->host, self->host->routing, self->connection, self->route, &head,
                     &caller, NULL);
  weir_exchange_begin (self->connection->exchange);
}

/* The items of what @json follows, if it follows something. */
static gboolean
add_previous (WeirWebsocket *self, const WeirJson *json, GString *items)
{
  uint32_t previous = weir_json_lookup (json, 0, "previous_response_id");
  g_autofree char *id = previous != 0 ? weir_json_dup_text (json, previous) : NULL;
  WeirStoredResponse known;

  if (id == NULL)
    return TRUE;
  if (!weir_response_store_lookup (self->host->responses, self->key_name, id,
                                   weir_clock_now_us (), &known))
    return FALSE;
  g_string_append_len (items, known.items.text, (gssize)known.items.length);
  return TRUE;
}

/* Nothing is generated; the input is remembered for the response that follows. */
static void
warm_up (WeirWebsocket *self, const WeirJson *json)
{
  uint32_t model = weir_json_lookup (json, 0, "model");
  WeirSlice raw = model != 0 ? weir_json_get_raw (json, model) : WEIR_SLICE ("");
  g_autoptr (GString) items = g_string_new (NULL);
  int64_t now_us = weir_clock_now_us ();
  char id[24];

  if (!add_previous (self, json, items)
      || !weir_response_store_append_input (items, json,
                                            weir_json_lookup (json, 0, "input")))
    {
      refuse (self, WEIR_ERROR_RESPONSE_NOT_FOUND,
              "\"input\" is no list, or the response that previous_response_id names is "
              "not known");
      return;
    }
  self->host->n_requests++;
  weir_exchange_make_id (self->host, id);
  g_free (self->last_id);
  self->last_id = g_strconcat ("resp_", id, NULL);
  weir_response_store_put (
      self->host->responses, self->key_name, self->last_id,
      &(WeirStoredResponse){ .items = { items->str, items->len }, .keeper = "" }, now_us);
  for (int completed = FALSE; completed <= TRUE; completed++)
    {
      g_autoptr (GString) out = g_string_new (NULL);

      weir_response_message_add_warm_up (out, completed, self->last_id, raw,
                                         weir_clock_real_us () / WEIR_USEC_PER_SEC);
      send_text (self, out);
    }
}

static void
create (WeirWebsocket *self, const WeirJson *json)
{
  uint32_t generate = weir_json_lookup (json, 0, "generate");
  g_autoptr (GBytes) body = NULL;

  g_clear_pointer (&self->last, g_bytes_unref);
  self->last = weir_response_message_create (json, TRUE);
  if (generate != 0 && weir_json_get_type (json, generate) == WEIR_JSON_FALSE)
    {
      warm_up (self, json);
      return;
    }
  body = weir_response_message_create (json, FALSE);
  ask (self, body);
}

/* More input for what was asked last. */
static void
append (WeirWebsocket *self, const WeirJson *json)
{
  g_autoptr (GBytes) body = NULL;

  if (self->last != NULL && self->last_id != NULL)
    body = weir_response_message_append (json, self->last, self->last_id);
  if (body != NULL)
    ask (self, body);
  else
    refuse (self, WEIR_ERROR_BAD_REQUEST,
            "response.append needs a list \"input\" and a response to go on with");
}

static void
answer_message (WeirWebsocket *self, WeirSlice text)
{
  g_auto (WeirJson) json = { 0 };
  g_autoptr (GError) error = NULL;
  WeirCaller caller;
  uint32_t type;

  self->connection->began_us = weir_clock_now_us ();
  if (!find_caller (self, &caller))
    return;
  if (!weir_json_parse (&json, text.text, text.length, &shallow, &error)
      || !weir_json_check_names (&json, 0, &error))
    {
      refuse (self, weir_error_get_code (error), error->message);
      return;
    }
  type = weir_json_lookup (&json, 0, "type");
  if (type != 0 && weir_json_equals (&json, type, "response.create"))
    create (self, &json);
  else if (type != 0 && weir_json_equals (&json, type, "response.append"))
    append (self, &json);
  else
    refuse (self, WEIR_ERROR_BAD_REQUEST,
            "a message must be an object whose \"type\" is \"response.create\" or "
            "\"response.append\"");
}

static void
on_message (WeirWebsocket *self, WeirSlice text)
{
  if (self->retired)
    refuse (self, WEIR_ERROR_SHUTTING_DOWN, "Weir is shutting down");
  else if (!self->busy && self->waiting == NULL)
    answer_message (self, text);
  else if (self->waiting == NULL)
    self->waiting = g_bytes_new (text.text, text.length);
  else
    refuse (self, WEIR_ERROR_LIMITED,
            "one response at a time on a connection; the next one already waits");
}

static void
on_next (WeirTimer *timer)
{
  WeirWebsocket *self = WEIR_CONTAINER_OF (timer, WeirWebsocket, next);
  g_autoptr (GBytes) message = g_steal_pointer (&self->waiting);
  gsize length;
  const char *text;

  if (message == NULL || self->closing)
    return;
  text = g_bytes_get_data (message, &length);
  answer_message (self, (WeirSlice){ text, length });
}

/* --- what is answered --- */

/* The id for response.append. */
static void
note_created (WeirWebsocket *self, WeirSlice data)
{
  static const WeirJsonLimits deeper = { .record_depth = 2 };
  g_auto (WeirJson) json = { 0 };
  uint32_t response;
  uint32_t id;

  if (!weir_json_parse (&json, data.text, data.length, &deeper, NULL)
      || (response = weir_json_lookup (&json, 0, "response")) == 0
      || (id = weir_json_lookup (&json, response, "id")) == 0)
    return;
  g_free (self->last_id);
  self->last_id = weir_json_dup_text (&json, id);
}

static gboolean
on_event (WeirSlice name, WeirSlice data, gpointer user_data)
{
  static const char *const last[]
      = { "response.completed", "response.incomplete", "response.failed", "error" };
  WeirWebsocket *self = user_data;
  WeirSlice type = weir_response_recorder_get_type (name, data);

  if (weir_slice_equal (data, WEIR_SLICE ("[DONE]")))
    return TRUE;
  for (size_t i = 0; i < G_N_ELEMENTS (last); i++)
    self->ended |= weir_slice_equal (type, weir_slice_from_string (last[i]));
  if (weir_slice_equal (type, WEIR_SLICE ("response.created")))
    note_created (self, data);
  if (weir_slice_equal (type, WEIR_SLICE ("error")))
    {
      g_autoptr (GString) out = g_string_new (NULL);

      weir_response_message_add_error_event (out, data);
      send_text (self, out);
    }
  else
    send_frame (self, WEIR_WEBSOCKET_TEXT, data);
  return TRUE;
}

/* The exchange has said its last word. */
static void
finish_answer (WeirWebsocket *self)
{
  weir_connection_drop_body (self->connection);
  weir_sse_clear (&self->sse);
  weir_sse_init (&self->sse, on_event, self);
  self->busy = FALSE;
  self->ended = FALSE;
  if (self->retired)
    close_with_code (self, WEIR_WEBSOCKET_GOING_AWAY);
  else if (self->waiting != NULL)
    weir_poller_set_timer (self->host->poller, &self->next, 0);
}

static void
on_answer (gpointer upgraded, unsigned status, GBytes *body)
{
  gsize length;
  const char *text = g_bytes_get_data (body, &length);

  send_error_body (upgraded, status, (WeirSlice){ text, length });
  finish_answer (upgraded);
}

static gboolean
on_write (gpointer upgraded, const struct iovec *parts, int n_parts)
{
  WeirWebsocket *self = upgraded;

  for (int i = 0; i < n_parts; i++)
    weir_sse_feed (&self->sse, parts[i].iov_base, parts[i].iov_len, NULL, NULL, NULL);
  return !weir_connection_is_congested (self->connection);
}

static void
on_end (gpointer upgraded)
{
  WeirWebsocket *self = upgraded;

  if (!self->ended)
    send_error (self, WEIR_ERROR_CUT, "the answer ended before its last event");
  finish_answer (self);
}

/* --- the connection --- */

static void
on_quiet (gpointer upgraded)
{
  send_frame (upgraded, WEIR_WEBSOCKET_PING, WEIR_SLICE (""));
}

static void
on_retire (gpointer upgraded)
{
  WeirWebsocket *self = upgraded;

  self->retired = TRUE;
  if (!self->busy)
    close_with_code (self, WEIR_WEBSOCKET_GOING_AWAY);
}

static void
on_free (WeirTimer *timer)
{
  WeirWebsocket *self = WEIR_CONTAINER_OF (timer, WeirWebsocket, next);

  g_string_free (self->fields, TRUE);
  g_free (self->group);
  weir_websocket_reader_clear (&self->reader);
  weir_sse_clear (&self->sse);
  g_clear_pointer (&self->waiting, g_bytes_unref);
  g_clear_pointer (&self->last, g_bytes_unref);
  g_free (self->last_id);
  g_free (self);
}

static void
on_closed (gpointer upgraded)
{
  WeirWebsocket *self = upgraded;

  self->closing = TRUE;
  self->next.func = on_free;
  weir_poller_set_timer (self->host->poller, &self->next, 0);
}

static void
on_frame (WeirWebsocket *self, WeirWebsocketOpcode opcode, WeirSlice payload)
{
  switch (opcode)
    {
    case WEIR_WEBSOCKET_TEXT:
    case WEIR_WEBSOCKET_BINARY:
      on_message (self, payload);
      break;
    case WEIR_WEBSOCKET_PING:
      send_frame (self, WEIR_WEBSOCKET_PONG, payload);
      break;
    case WEIR_WEBSOCKET_CLOSE:
      payload.length = payload.length >= 2 ? 2 : 0; /* its code, said back */
      close_with (self, payload);
      break;
    case WEIR_WEBSOCKET_CONTINUATION:
    case WEIR_WEBSOCKET_PONG:
      break;
    }
}

static void
on_bytes (gpointer upgraded, WeirSlice bytes)
{
  WeirWebsocket *self = upgraded;
  WeirWebsocketResult result = WEIR_WEBSOCKET_GOT;

  while (result == WEIR_WEBSOCKET_GOT && !self->closing)
    {
      size_t used = 0;
      WeirWebsocketOpcode opcode;
      WeirSlice payload;
      unsigned code;

      result = weir_websocket_reader_feed (&self->reader, bytes, &used, &opcode, &payload,
                                           &code);
      bytes.text += used;
      bytes.length -= used;
      if (result == WEIR_WEBSOCKET_GOT)
        on_frame (self, opcode, payload);
      else if (result == WEIR_WEBSOCKET_BAD)
        close_with_code (self, code);
    }
}

static const WeirUpgrade upgrade = {
  .bytes = on_bytes,
  .quiet = on_quiet,
  .retire = on_retire,
  .closed = on_closed,
  .answer = on_answer,
  .write = on_write,
  .end = on_end,
  .cut = on_end,
};

/* (transfer full) (nullable): what Sec-WebSocket-Accept must say. */
static char *
read_handshake (const WeirHttpHead *head, GError **error)
{
  char *accept = NULL;

  if (!weir_http_head_has_token (head, "upgrade", "websocket")
      || !weir_slice_equal (weir_http_head_get (head, "sec-websocket-version"),
                            WEIR_SLICE ("13")))
    weir_error_set (error, WEIR_ERROR_UPGRADE_REQUIRED,
                    "only a websocket of version 13 is spoken here; or use POST");
  else if (head->method != WEIR_HTTP_GET || head->minor == 0
           || head->framing != WEIR_HTTP_FRAMING_NONE
           || weir_http_head_count (head, "sec-websocket-version") != 1
           || weir_http_head_count (head, "sec-websocket-key") != 1
           || (accept
               = weir_websocket_dup_accept (weir_http_head_get (head, "sec-websocket-key")))
                  == NULL)
    weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "the websocket handshake is broken");
  return accept;
}

gboolean
weir_websocket_accept (WeirExchangeHost *host,
                       WeirConnection *connection,
                       const WeirRoute *route,
                       const WeirHttpHead *head,
                       const WeirCaller *caller,
                       GError **error)
{
  g_autofree char *accept = read_handshake (head, error);
  g_autoptr (GString) fields = NULL;
  WeirSlice turn_state = weir_http_head_get (head, "x-codex-turn-state");
  WeirWebsocket *self;

  if (accept == NULL)
    return FALSE;
  self = g_new0 (WeirWebsocket, 1);
  self->host = host;
  self->connection = connection;
  self->route = route;
  self->reader.cap = WEIR_BODY_MAX;
  self->next.func = on_next;
  weir_sse_init (&self->sse, on_event, self);
  g_strlcpy (self->key_name, caller->key->name, sizeof self->key_name);
  self->group = caller->group != NULL ? g_strdup (caller->group->name) : NULL;
  self->fields = weir_exchange_dup_fields (head, WEIR_EXCHANGE_FIELDS_ALL);
  fields = g_string_new ("Upgrade: websocket\r\nConnection: Upgrade\r\n");
  weir_http_write_field (fields, "Sec-WebSocket-Accept", weir_slice_from_string (accept));
  if (turn_state.length > 0)
    weir_http_write_field (fields, "x-codex-turn-state", turn_state);
  weir_connection_upgrade (connection, &upgrade, self,
                           (WeirSlice){ fields->str, fields->len });
  return TRUE;
}
