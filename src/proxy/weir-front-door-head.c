/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The order of the rules: peer uid, Host, Origin, Sec-Fetch-Site, path and method, client
 * key, group, content type.  A refused request never reaches a handler, and its body is not
 * read. */

#include "config.h"

#include "proxy/weir-front-door-private.h"

#include "base/weir-clock.h"
#include "proxy/weir-admission.h"
#include "proxy/weir-model-list.h"
#include "proxy/weir-stored-response.h"
#include "proxy/weir-websocket.h"

static void
answer_json (WeirConnection *connection,
             WeirFrontDoor *self,
             WeirDialect dialect,
             unsigned status,
             const char *extra_fields,
             GBytes *body,
             gboolean close)
{
  g_autoptr (GString) fields = g_string_new (extra_fields);
  char id[24];

  self->host->n_requests++;
  weir_exchange_make_id (self->host, id);
  weir_exchange_write_fields (fields, dialect, id);
  weir_connection_answer (connection, status, body != NULL ? "application/json" : NULL,
                          (WeirSlice){ fields->str, fields->len }, body, close);
}

static void
log_refusal (WeirFrontDoor *self, const char *route, const GError *error, unsigned status)
{
  const WeirErrorInfo *info = weir_error_get_info (weir_error_get_code (error));
  WeirLogRow row = {
    .number = self->host->n_requests + 1, /* its answer counts it */
    .route = route,
    .outcome = "refused",
    .error = info->code,
    .detail = error->message,
    .status = status,
    .tokens_in = WEIR_USAGE_UNKNOWN,
    .tokens_out = WEIR_USAGE_UNKNOWN,
    .tokens_cached = WEIR_USAGE_UNKNOWN,
    .first_byte_us = -1,
    .total_us = -1,
  };

  self->host->n_refused++;
  self->host->log (&row, self->host->log_data);
}

void
weir_front_door_refuse (WeirConnection *connection,
                        WeirDialect dialect,
                        const char *route,
                        const char *extra_fields,
                        const GError *error)
{
  WeirFrontDoor *self = connection->owner;
  WeirError code = weir_error_get_code (error);
  const WeirErrorInfo *info = weir_error_get_info (code);
  GString *text = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;

  weir_protocol_get (dialect)->write_error (text, code, 0, error->message, NULL);
  body = g_string_free_to_bytes (text);
  log_refusal (self, route, error, info->status);
  answer_json (connection, self, dialect, info->status, extra_fields, body, TRUE);
}

static WeirHeadResult
refuse_head (WeirConnection *connection,
             const WeirHttpHead *head,
             const char *extra_fields,
             WeirError code,
             const char *message)
{
  g_autoptr (GError) error = NULL;

  weir_error_set (&error, code, "%s", message);
  weir_front_door_refuse (connection, weir_routes_guess_dialect (head->path), "-",
                          extra_fields, error);
  return WEIR_HEAD_REFUSED;
}

/* A path that is nobody's: the client's other fields say which dialect it would read. */
static WeirHeadResult
refuse_path (WeirConnection *connection, const WeirHttpHead *head)
{
  const WeirDialect dialect = weir_routes_guess_dialect (head->path);
  g_autoptr (GError) error = NULL;

  weir_error_set (&error, WEIR_ERROR_NOT_FOUND,
                  "there is no such path; GET / lists those that are");
  weir_front_door_refuse (connection,
                          dialect == WEIR_DIALECT_OPENAI_CHAT
                              ? weir_model_list_choose (head, dialect)
                              : dialect,
                          "-", NULL, error);
  return WEIR_HEAD_REFUSED;
}

static WeirHeadResult
hand_over (WeirFrontDoor *self, WeirConnection *connection, WeirSlice raw)
{
  struct sockaddr_storage address = { 0 };
  socklen_t length = sizeof address;
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocketAddress) remote = NULL;
  GIOStream *stream;

  if (getsockname (connection->stream.fd, (struct sockaddr *)&address, &length) == 0)
    local = g_socket_address_new_from_native (&address, length);
  length = sizeof address;
  if (getpeername (connection->stream.fd, (struct sockaddr *)&address, &length) == 0)
    remote = g_socket_address_new_from_native (&address, length);
  stream
      = local != NULL && remote != NULL ? weir_connection_take_stream (connection) : NULL;
  if (stream != NULL)
    weir_control_door_accept (self->control, stream, raw, local, remote);
  return WEIR_HEAD_TAKEN;
}

static WeirHeadResult
check_key (WeirFrontDoor *self,
           WeirConnection *connection,
           const WeirHttpHead *head,
           const WeirRoute *route,
           const WeirClientKey **out_key)
{
  switch (weir_client_keys_check (self->routing->keys, head, route->key_in_query,
                                  weir_clock_real_us (), &connection->memo, out_key))
    {
    case WEIR_KEY_VALID:
      return WEIR_HEAD_ACCEPT;
    case WEIR_KEY_AMBIGUOUS:
      return refuse_head (connection, head, NULL, WEIR_ERROR_BAD_REQUEST,
                          "the request shows two different client keys");
    case WEIR_KEY_MISSING:
      return refuse_head (
          connection, head, "WWW-Authenticate: Bearer\r\n", WEIR_ERROR_UNAUTHORIZED,
          "a client key is missing: send one of the configuration's api-keys as "
          "Authorization: Bearer, x-api-key or x-goog-api-key");
    case WEIR_KEY_EXPIRED:
      return refuse_head (connection, head, "WWW-Authenticate: Bearer\r\n",
                          WEIR_ERROR_UNAUTHORIZED,
                          "the client key has expired; it is one of the configuration's "
                          "api-keys, whose \"expires\" has passed");
    case WEIR_KEY_WRONG:
      break;
    }
  if (!weir_guess_limit_take (self->guesses, connection->peer, weir_clock_now_us ()))
    return refuse_head (
        connection, head, "Retry-After: 6\r\n", WEIR_ERROR_LIMITED,
        "too many wrong client keys; the right one is accepted at any time");
  return refuse_head (connection, head, "WWW-Authenticate: Bearer\r\n",
                      WEIR_ERROR_UNAUTHORIZED,
                      "the client key is not one of the configuration's api-keys");
}

static WeirHeadResult
answer_response (WeirFrontDoor *self,
                 WeirConnection *connection,
                 const WeirHttpHead *head,
                 const WeirRoute *route,
                 const char *id,
                 const char *key_name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = weir_stored_response_answer (self->host->responses, route,
                                                         key_name, id, head->query, &error);

  if (body != NULL)
    {
      answer_json (connection, self, route->dialect, 200, NULL, body, FALSE);
      return WEIR_HEAD_ANSWERED;
    }
  weir_front_door_refuse (connection, route->dialect, route->name, NULL, error);
  return WEIR_HEAD_REFUSED;
}

static WeirHeadResult
answer_models (WeirFrontDoor *self,
               WeirConnection *connection,
               const WeirHttpHead *head,
               const WeirRoute *route,
               const WeirCaller *caller,
               const char *model)
{
  WeirDialect dialect = weir_model_list_choose (head, route->dialect);
  g_autoptr (GBytes) body = NULL;

  if (route->kind == WEIR_ROUTE_MODELS)
    body = weir_model_list_write (self->routing, caller, dialect, self->since_us);
  else
    body
        = weir_model_list_write_one (self->routing, caller, dialect, model, self->since_us);
  if (body == NULL)
    {
      g_autoptr (GError) error = NULL;

      weir_error_set (&error, WEIR_ERROR_MODEL_NOT_FOUND, "no account serves this model");
      weir_front_door_refuse (connection, dialect, route->name, NULL, error);
      return WEIR_HEAD_REFUSED;
    }
  answer_json (connection, self, dialect, 200, NULL, body, FALSE);
  return WEIR_HEAD_ANSWERED;
}

/* The key fits: what is asked? */
static WeirHeadResult
serve (WeirFrontDoor *self,
       WeirConnection *connection,
       const WeirHttpHead *head,
       const WeirRoute *route,
       WeirSlice raw_model,
       const WeirCaller *caller)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *model = NULL;

  if (raw_model.length > 0 && (model = weir_http_percent_decode (raw_model)) == NULL)
    return refuse_head (connection, head, NULL, WEIR_ERROR_BAD_REQUEST,
                        "the model in the path is not valid percent-encoded UTF-8");
  switch (route->kind)
    {
    case WEIR_ROUTE_MODELS:
    case WEIR_ROUTE_MODEL:
      return answer_models (self, connection, head, route, caller, model);
    case WEIR_ROUTE_RESPONSE:
      return answer_response (self, connection, head, route, model, caller->key->name);
    case WEIR_ROUTE_WEBSOCKET:
      if (weir_websocket_accept (self->host, connection, route, head, caller, &error))
        return WEIR_HEAD_UPGRADED;
      return refuse_head (connection, head,
                          "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
                          weir_error_get_code (error), error->message);
    case WEIR_ROUTE_EXCHANGE:
    case WEIR_ROUTE_CONTROL:
      break;
    }
  if (!weir_admission_check_content (head, route->operation == WEIR_OPERATION_IMAGE_EDIT,
                                     &error))
    return refuse_head (connection, head, NULL, weir_error_get_code (error),
                        error->message);
  weir_exchange_new (self->host, self->routing, connection, route, head, caller, model);
  return WEIR_HEAD_ACCEPT;
}

static gboolean
is_ours_in_via (WeirFrontDoor *self, const WeirHttpHead *head)
{
  for (unsigned i = 0; i < head->n_fields; i++)
    if (weir_slice_equal_nocase (head->fields[i].name, WEIR_SLICE ("via"))
        && memmem (head->fields[i].value.text, head->fields[i].value.length,
                   self->host->instance, strlen (self->host->instance))
               != NULL)
      return TRUE;
  return FALSE;
}

static WeirHeadResult
answer_options (WeirFrontDoor *self, WeirConnection *connection, const WeirHttpHead *head)
{
  WeirSlice group;
  WeirSlice model;
  const char *allow = NULL;
  g_autofree char *field = NULL;

  weir_routes_match (WEIR_HTTP_METHOD_LAST, weir_routes_split_group (head->path, &group),
                     &model, &allow);
  field = g_strdup_printf ("Allow: %s\r\n",
                           allow != NULL ? allow : "GET, HEAD, POST, OPTIONS");
  answer_json (connection, self, WEIR_DIALECT_OPENAI_CHAT, 204, field, NULL, FALSE);
  return WEIR_HEAD_ANSWERED;
}

/* The key fits; does it fit the group? */
static WeirHeadResult
check_group (WeirFrontDoor *self,
             WeirConnection *connection,
             const WeirHttpHead *head,
             WeirSlice name,
             WeirCaller *caller)
{
  caller->group = weir_routing_lookup_group (self->routing, name);
  if (caller->group == NULL)
    return refuse_head (connection, head, NULL, WEIR_ERROR_NOT_FOUND,
                        "there is no such group; groups are named in the configuration");
  if (!weir_caller_is_welcome (caller))
    return refuse_head (connection, head, NULL, WEIR_ERROR_FORBIDDEN,
                        "the client key may not ask in this group");
  return WEIR_HEAD_ACCEPT;
}

static WeirHeadResult
route_head (WeirFrontDoor *self,
            WeirConnection *connection,
            const WeirHttpHead *head,
            WeirSlice raw)
{
  WeirCaller caller = { NULL, NULL };
  WeirSlice group;
  WeirSlice model;
  const char *allow;
  const WeirSlice path = weir_routes_split_group (head->path, &group);
  const WeirRoute *route = weir_routes_match (head->method, path, &model, &allow);
  WeirHeadResult keyed;

  if (route != NULL && route->kind == WEIR_ROUTE_WEBSOCKET && !head->upgrade)
    {
      route = NULL; /* a plain GET is not what the path is for */
      allow = "POST, OPTIONS";
    }
  if (route == NULL && allow != NULL)
    {
      g_autofree char *field = g_strdup_printf ("Allow: %s\r\n", allow);

      return refuse_head (connection, head, field, WEIR_ERROR_METHOD_NOT_ALLOWED,
                          "the path does not take this method");
    }
  if (route == NULL)
    return refuse_path (connection, head);
  if (route->kind == WEIR_ROUTE_CONTROL && group.length > 0)
    return refuse_head (connection, head, NULL, WEIR_ERROR_NOT_FOUND,
                        "only models are asked for in a group");
  if (route->kind == WEIR_ROUTE_CONTROL)
    {
      if (head->framing != WEIR_HTTP_FRAMING_NONE && head->content_length > 0)
        return refuse_head (connection, head, NULL, WEIR_ERROR_TOO_LARGE,
                            "this path takes no body");
      return hand_over (self, connection, raw);
    }
  keyed = route->needs_key ? check_key (self, connection, head, route, &caller.key)
                           : WEIR_HEAD_ACCEPT;
  if (keyed != WEIR_HEAD_ACCEPT)
    return keyed;
  if (group.length > 0)
    {
      keyed = check_group (self, connection, head, group, &caller);
      if (keyed != WEIR_HEAD_ACCEPT)
        return keyed;
    }
  return serve (self, connection, head, route, model, &caller);
}

WeirHeadResult
weir_front_door_read_head (WeirConnection *connection,
                           const WeirHttpHead *head,
                           WeirSlice raw)
{
  WeirFrontDoor *self = connection->owner;
  g_autoptr (GError) error = NULL;

  if (connection->refuse)
    return refuse_head (connection, head, NULL, WEIR_ERROR_FORBIDDEN,
                        "this proxy serves the user who started it, and nobody else");
  if (!weir_admission_check_origin (head, &connection->local, &error))
    return refuse_head (connection, head, NULL, weir_error_get_code (error),
                        error->message);
  if (self->draining)
    return refuse_head (connection, head, "Retry-After: 5\r\n", WEIR_ERROR_SHUTTING_DOWN,
                        "Weir is shutting down");
  if (is_ours_in_via (self, head))
    return refuse_head (
        connection, head, NULL, WEIR_ERROR_LOOP,
        "this request was sent by this very proxy: a base-url points back to it");
  if (head->method == WEIR_HTTP_OPTIONS)
    return answer_options (self, connection, head);
  return route_head (self, connection, head, raw);
}
