/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a client asked and what is sent upstream for it.  The body is read once, for its
 * envelope; its bytes go on as they came, around at most the model's name. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#include "base/weir-clock.h"
#include "base/weir-json-fields.h"
#include "http/weir-http-write.h"

typedef struct
{
  uint32_t model;
  uint32_t stream;
  uint32_t store;
  uint32_t previous;
} Envelope;

static const WeirField envelope_fields[] = {
  { "model", WEIR_FIELD_ITEM, offsetof (Envelope, model), FALSE },
  { "stream", WEIR_FIELD_ITEM, offsetof (Envelope, stream), FALSE },
  { "store", WEIR_FIELD_ITEM, offsetof (Envelope, store), FALSE },
  { "previous_response_id", WEIR_FIELD_ITEM, offsetof (Envelope, previous), FALSE },
  { NULL },
};

/* Client fields that some provider may see, kept until it is known which one is asked. */
void
weir_exchange_read_head (WeirExchange *self, const WeirHttpHead *head)
{
  static const char *const kept[] = {
    "anthropic-version", "anthropic-beta", "openai-beta",     "idempotency-key",
    "session-id",        "session_id",     "conversation_id",
  };

  for (unsigned i = 0; i < head->n_fields; i++)
    for (size_t j = 0; j < G_N_ELEMENTS (kept); j++)
      if (weir_slice_equal_nocase (head->fields[i].name, weir_slice_from_string (kept[j])))
        {
          if (self->client_fields == NULL)
            self->client_fields = g_string_new (NULL);
          g_string_append_len (self->client_fields, kept[j], (gssize)strlen (kept[j]) + 1);
          g_string_append_len (self->client_fields, head->fields[i].value.text,
                               (gssize)head->fields[i].value.length);
          g_string_append_c (self->client_fields, '\0');
        }
}

/* The query without the client's key. */
static char *
strip_query (WeirSlice query)
{
  g_autoptr (GString) out = NULL;

  if (query.length == 0)
    return NULL;
  out = g_string_new (NULL);
  for (size_t at = 0; at < query.length;)
    {
      const char *start = query.text + at;
      const char *ampersand = memchr (start, '&', query.length - at);
      size_t length = ampersand != NULL ? (size_t)(ampersand - start) : query.length - at;
      WeirSlice pair = { start, length };

      if (length > 0 && !weir_slice_has_prefix (pair, WEIR_SLICE ("key="))
          && !weir_slice_has_prefix (pair, WEIR_SLICE ("auth_token=")))
        {
          if (out->len > 0)
            g_string_append_c (out, '&');
          g_string_append_len (out, start, (gssize)length);
        }
      at += length + 1;
    }
  return out->len > 0 ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}

WeirExchange *
weir_exchange_new (WeirExchangeHost *host,
                   WeirRouting *routing,
                   WeirConnection *connection,
                   const WeirRoute *route,
                   const WeirHttpHead *head,
                   const char *key_name,
                   const char *model)
{
  WeirExchange *self = g_new0 (WeirExchange, 1);

  self->host = host;
  self->connection = connection;
  self->routing = weir_routing_ref (routing);
  self->route = route;
  self->protocol = weir_protocol_get (route->dialect);
  self->began_us = connection->began_us;
  self->first_byte_us = -1;
  self->rotations_left = WEIR_EXCHANGE_ATTEMPTS_MAX - 1;
  self->model = g_strdup (model);
  self->query = strip_query (head->query);
  self->link.data = self;
  self->failure.code = WEIR_ERROR_NO_ACCOUNT;
  g_strlcpy (self->key_name, key_name, sizeof self->key_name);
  weir_exchange_make_id (host, self->id);
  weir_exchange_read_head (self, head);
  g_queue_push_tail_link (&host->exchanges, &self->link);
  host->n_requests++;
  connection->exchange = self;
  return self;
}

static gboolean
read_model (WeirExchange *self, uint32_t item, GError **error)
{
  const WeirJson *json = &self->host->table;
  WeirSlice raw;

  if (self->model != NULL)
    return TRUE; /* the path's word counts */
  if (item == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "the request names no model");
  self->model = weir_json_dup_text (json, item);
  if (self->model == NULL || *self->model == '\0')
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "\"model\" must be a text that is not empty");
  raw = weir_json_get_raw (json, item);
  self->model_start = (size_t)(raw.text - json->text);
  self->model_end = self->model_start + raw.length;
  return TRUE;
}

/* `stream` counts only as JSON true; anything but a boolean or null is an error. */
static gboolean
read_stream (WeirExchange *self, uint32_t item, GError **error)
{
  WeirJsonType type
      = item != 0 ? weir_json_get_type (&self->host->table, item) : WEIR_JSON_NULL;

  if (type != WEIR_JSON_NULL && type != WEIR_JSON_TRUE && type != WEIR_JSON_FALSE)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "\"stream\" must be true or false");
  self->wants_stream
      = self->route->operation == WEIR_OPERATION_STREAM
        || (type == WEIR_JSON_TRUE && self->route->dialect != WEIR_DIALECT_GEMINI
            && (self->route->operation == WEIR_OPERATION_ANSWER
                || self->route->operation == WEIR_OPERATION_COMPLETIONS));
  return TRUE;
}

gboolean
weir_exchange_read_request (WeirExchange *self, GError **error)
{
  static const WeirJsonLimits shallow = { .record_depth = 1 };
  WeirSlice body = weir_connection_get_body (self->connection);
  WeirJson *json = &self->host->table;
  Envelope envelope = { 0 };

  self->bytes_in = body.length;
  if (!weir_json_parse (json, body.text, body.length, &shallow, error))
    return FALSE;
  if (weir_json_get_type (json, 0) != WEIR_JSON_OBJECT)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "the request body must be a JSON object");
  if (!weir_json_check_names (json, 0, error)
      || !weir_json_read_fields (json, 0, envelope_fields, &envelope, error))
    return FALSE;
  if (!read_model (self, envelope.model, error)
      || !read_stream (self, envelope.stream, error))
    return FALSE;
  /* Responses are stored unless the client says no: sending one twice leaves two */
  self->is_stateful = self->route->dialect == WEIR_DIALECT_OPENAI_RESPONSES
                      && self->route->operation != WEIR_OPERATION_COUNT_TOKENS
                      && (envelope.store == 0
                          || weir_json_get_type (json, envelope.store) != WEIR_JSON_FALSE);
  if (envelope.previous != 0 && self->route->dialect == WEIR_DIALECT_OPENAI_RESPONSES)
    self->previous = weir_json_dup_text (json, envelope.previous);
  return TRUE;
}

/* The form in which the client expects its answer. */
WeirAnswerForm
weir_exchange_get_wanted_form (const WeirExchange *self)
{
  g_autofree char *alt = NULL;

  if (!self->wants_stream)
    return WEIR_ANSWER_WHOLE;
  if (self->route->dialect != WEIR_DIALECT_GEMINI)
    return WEIR_ANSWER_SSE;
  if (self->query != NULL)
    alt = weir_http_query_dup (weir_slice_from_string (self->query), "alt");
  return g_strcmp0 (alt, "sse") == 0 ? WEIR_ANSWER_SSE : WEIR_ANSWER_ARRAY;
}

gboolean
weir_exchange_start_echo (WeirExchange *self, GError **error)
{
  WeirSlice body = weir_connection_get_body (self->connection);
  WeirJson *json = &self->host->table;

  self->form = weir_exchange_get_wanted_form (self);
  if (!weir_json_parse (json, body.text, body.length, NULL, error))
    return FALSE;
  self->echo = weir_echo_new (self->route->dialect, self->route->operation, self->form,
                              json, self->id, weir_clock_real_us (), error);
  weir_json_shrink (json);
  return self->echo != NULL;
}

static gboolean
is_overridden (const WeirConfigEntry *entry, const char *name)
{
  for (unsigned i = 0; i < entry->headers->len; i++)
    {
      const WeirConfigHeader *header = g_ptr_array_index (entry->headers, i);

      if (g_ascii_strcasecmp (header->name, name) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
write_default (const WeirSeat *seat, GString *out, const char *name, const char *value)
{
  if (!is_overridden (seat->entry, name))
    weir_http_write_field (out, name, weir_slice_from_string (value));
}

/* The same for every request to the seat: ours, then what the user's headers say. */
static GString *
ensure_fixed_fields (WeirExchange *self)
{
  WeirSeat *seat = self->seat;
  const GPtrArray *headers = seat->entry->headers;
  GString *out = seat->fixed_fields;

  if (out != NULL)
    return out;
  out = seat->fixed_fields = g_string_new (NULL);
  weir_http_write_field (out, "Host", weir_slice_from_string (seat->target->authority));
  write_default (seat, out, "User-Agent", "weir/" WEIR_VERSION);
  write_default (seat, out, "Content-Type", "application/json");
  write_default (seat, out, "Accept-Encoding", "identity");
  if (seat->entry->base_url != NULL)
    {
      g_autofree char *via = g_strconcat ("1.1 ", self->host->instance, NULL);

      write_default (seat, out, "Via", via);
    }
  for (unsigned i = 0; i < headers->len; i++)
    {
      const WeirConfigHeader *header = g_ptr_array_index (headers, i);

      weir_http_write_field (out, header->name, weir_slice_from_string (header->value));
    }
  return out;
}

static void
write_key (WeirExchange *self)
{
  const char *prefix;
  const char *name = weir_auth_get_field (self->seat->auth, &prefix);
  WeirSlice key;

  if (self->seat->api_key == NULL || is_overridden (self->seat->entry, name))
    return;
  key = weir_secret_reveal (self->seat->api_key);
  g_string_append (self->request_head, name);
  g_string_append (self->request_head, ": ");
  g_string_append (self->request_head, prefix);
  g_string_append_len (self->request_head, key.text, (gssize)key.length);
  g_string_append (self->request_head, "\r\n");
}

/* The client's fields by the provider's list, or the provider's default. */
static void
write_client_fields (WeirExchange *self)
{
  const WeirProvider *provider = self->seat->provider;
  const char *end = self->client_fields != NULL
                        ? self->client_fields->str + self->client_fields->len
                        : NULL;
  gboolean has_default = FALSE;

  for (const char *name = end != NULL ? self->client_fields->str : NULL; name < end;)
    {
      const char *value = name + strlen (name) + 1;

      if (!self->translated
          && weir_provider_forwards (provider, weir_slice_from_string (name)))
        write_default (self->seat, self->request_head, name, value);
      has_default |= !self->translated && g_strcmp0 (name, provider->default_field[0]) == 0;
      name = value + strlen (value) + 1;
    }
  if (provider->default_field[0] != NULL && !has_default)
    write_default (self->seat, self->request_head, provider->default_field[0],
                   provider->default_field[1]);
}

/* A translated request asks for its form in the target's own way. */
static const char *
get_query (const WeirExchange *self)
{
  if (!self->translated)
    return self->query;
  return self->wants_stream && self->seat->provider->dialect == WEIR_DIALECT_GEMINI
             ? "alt=sse"
             : NULL;
}

static gboolean
write_target (WeirExchange *self, GError **error)
{
  const WeirSeat *seat = self->seat;
  const char *query = get_query (self);
  g_autofree char *path = weir_provider_dup_path (
      seat->provider, weir_exchange_get_operation (self), self->seat_route->upstream_name);
  g_autofree char *target = NULL;

  if (path == NULL)
    return weir_error_set (error, WEIR_ERROR_UNSUPPORTED, "%s does not offer %s", seat->id,
                           self->route->name);
  target = g_strconcat (seat->target->path, path, query != NULL ? "?" : NULL, query, NULL);
  weir_http_write_request_line (self->request_head, WEIR_HTTP_POST,
                                weir_slice_from_string (target));
  return TRUE;
}

/* What goes out behind the head: the client's bytes around our edits, or the translation.
 */
static WeirSlice
get_body (const WeirExchange *self)
{
  gsize length;
  const char *text;

  if (!self->translated)
    return weir_connection_get_body (self->connection);
  text = g_bytes_get_data (self->translated_body, &length);
  return (WeirSlice){ text, length };
}

gboolean
weir_exchange_write_request (WeirExchange *self, GError **error)
{
  const WeirSeat *seat = self->seat;
  gboolean sse;
  const GString *fixed;

  if (self->request_head == NULL)
    self->request_head = g_string_sized_new (1024);
  explicit_bzero (self->request_head->str, self->request_head->len);
  g_string_truncate (self->request_head, 0);
  weir_json_edit_clear (&self->edit);
  if (!weir_exchange_translate_request (self, error) || !write_target (self, error))
    return FALSE;
  if (!self->translated && self->model_end > 0
      && !g_str_equal (self->model, self->seat_route->upstream_name))
    weir_json_edit_replace_range (&self->edit, self->model_start, self->model_end,
                                  self->seat_route->upstream_name);

  fixed = ensure_fixed_fields (self);
  g_string_append_len (self->request_head, fixed->str, (gssize)fixed->len);
  sse = self->translated ? self->wants_stream
                         : weir_exchange_get_wanted_form (self) == WEIR_ANSWER_SSE;
  if (!is_overridden (seat->entry, "Accept"))
    g_string_append (self->request_head, sse ? "Accept: text/event-stream\r\n"
                                             : "Accept: application/json\r\n");
  write_key (self);
  write_client_fields (self);
  weir_http_write_field_uint (
      self->request_head, "Content-Length",
      weir_json_edit_get_length (&self->edit, get_body (self).length));
  weir_http_write_end (self->request_head);
  return TRUE;
}

WeirSlice *
weir_exchange_dup_runs (WeirExchange *self, unsigned *out_n)
{
  size_t n = weir_json_edit_count_runs (&self->edit);
  WeirSlice *runs = g_new (WeirSlice, n + 1);

  runs[0] = (WeirSlice){ self->request_head->str, self->request_head->len };
  n = weir_json_edit_get_runs (&self->edit, get_body (self), runs + 1, n);
  *out_n = (unsigned)n + 1;
  return runs;
}
