/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a client asked.  The body is read once, for its envelope: the model, whether to
 * stream, and which conversation it belongs to. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#include "base/weir-clock.h"
#include "base/weir-json-fields.h"
#include "chat/weir-openai-images-form.h"
#include "chat/weir-session-key.h"
#include "chat/weir-system-prompt.h"

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

/* What some provider may see (weir_provider_forwards has the last word). */
static const char *const forwarded[]
    = { "anthropic-version", "anthropic-beta", "openai-beta", "idempotency-key", NULL };
/* What a provider of its own program may see. */
static const char *const agent_fields[] = { "user-agent", "x-app", NULL };
/* What a rule of the user's may look at or copy, but for these. */
static const char *const private_fields[] = {
  "authorization",
  "x-api-key",
  "x-goog-api-key",
  "cookie",
  "proxy-authorization",
  "host",
  "connection",
  "content-length",
  "upgrade",
  "transfer-encoding",
  "sec-websocket-key",
  "te",
  "keep-alive",
  "trailer",
  "expect",
  NULL,
};

/* (nullable): @name as @list spells it. */
static const char *
find_field (const char *const *list, WeirSlice name)
{
  const char first = name.length > 0 ? g_ascii_tolower (*name.text) : '\0';

  for (; *list != NULL; list++)
    if (**list == first && weir_slice_equal_nocase (name, weir_slice_from_string (*list)))
      return *list;
  return NULL;
}

static gboolean
is_wanted (WeirSlice name, WeirExchangeFields which)
{
  if (which == WEIR_EXCHANGE_FIELDS_ALL)
    return find_field (private_fields, name) == NULL;
  return find_field (forwarded, name) != NULL
         || find_field (weir_session_fields, name) != NULL
         || (which == WEIR_EXCHANGE_FIELDS_WITH_AGENT
             && find_field (agent_fields, name) != NULL);
}

GString *
weir_exchange_dup_fields (const WeirHttpHead *head, WeirExchangeFields which)
{
  GString *out = g_string_new (NULL);

  for (unsigned i = 0; i < head->n_fields; i++)
    {
      const WeirHttpField *field = &head->fields[i];
      const size_t start = out->len;

      if (!is_wanted (field->name, which))
        continue;
      g_string_append_len (out, field->name.text, (gssize)field->name.length);
      for (size_t j = start; j < out->len; j++)
        out->str[j] = g_ascii_tolower (out->str[j]);
      g_string_append_c (out, '\0');
      g_string_append_len (out, field->value.text, (gssize)field->value.length);
      g_string_append_c (out, '\0');
    }
  return out;
}

gboolean
weir_exchange_lookup_field (const WeirExchange *self,
                            const char *name,
                            WeirSlice *out_value)
{
  const char *at = self->client_fields->str;
  const char *end = at + self->client_fields->len;

  while (at < end)
    {
      const char *value = at + strlen (at) + 1;

      if (g_ascii_strcasecmp (at, name) == 0)
        {
          *out_value = weir_slice_from_string (value);
          return TRUE;
        }
      at = value + strlen (value) + 1;
    }
  return FALSE;
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

/* "claude-cli/2.1.0 (external, cli)" says claude-cli/2.1.0. */
static void
read_agent (const WeirHttpHead *head, char *out, size_t room)
{
  const WeirSlice text = weir_http_head_get (head, "user-agent");
  size_t n = 0;

  while (n < text.length && n + 1 < room && g_ascii_isgraph (text.text[n]))
    {
      out[n] = text.text[n];
      n++;
    }
  out[n] = '\0';
}

WeirExchange *
weir_exchange_new (WeirExchangeHost *host,
                   WeirRouting *routing,
                   WeirConnection *connection,
                   const WeirRoute *route,
                   const WeirHttpHead *head,
                   const WeirCaller *caller,
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
  self->caller = *caller;
  self->retry_at_us = -1;
  self->queued_us = -1;
  self->number = host->n_requests + 1;
  weir_exchange_make_id (host, self->id);
  read_agent (head, self->agent, sizeof self->agent);
  if (weir_form_is_type (weir_http_head_get (head, "content-type")))
    self->form_type = weir_slice_dup (weir_http_head_get (head, "content-type"));
  self->client_fields = weir_exchange_dup_fields (
      head, routing->wants_fields  ? WEIR_EXCHANGE_FIELDS_ALL
            : routing->wants_agent ? WEIR_EXCHANGE_FIELDS_WITH_AGENT
                                   : WEIR_EXCHANGE_FIELDS_FEW);
  g_queue_push_tail_link (&host->exchanges, &self->link);
  host->n_requests++;
  connection->exchange = self;
  if (host->began != NULL)
    host->began (NULL, host->began_data);
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
                || self->route->operation == WEIR_OPERATION_COMPLETIONS
                || weir_exchange_is_picture (self)));
  return TRUE;
}

/* Some editors send a body of Responses where Chat is spoken, and read Chat. */
static gboolean
is_for_responses (const WeirExchange *self)
{
  const WeirJson *json = &self->host->table;

  return self->route->dialect == WEIR_DIALECT_OPENAI_CHAT
         && self->route->operation == WEIR_OPERATION_ANSWER
         && weir_json_lookup (json, 0, "messages") == 0
         && weir_json_lookup (json, 0, "input") != 0;
}

/* The dialect of the body, which need not be that of the answer. */
static WeirDialect
get_body_dialect (const WeirExchange *self)
{
  return self->is_respelt ? WEIR_DIALECT_OPENAI_RESPONSES : self->route->dialect;
}

static gboolean
lookup_field (gpointer user_data, const char *name, WeirSlice *out_value)
{
  return weir_exchange_lookup_field (user_data, name, out_value);
}

/* One seat alone has no choice, and then nobody need be remembered. */
static gboolean
has_choice (WeirExchange *self)
{
  const WeirModel *model
      = weir_routing_lookup_model (self->routing, &self->caller, self->model, NULL);

  return model == NULL || model->routes->len > 1;
}

/* Which seat served the conversation before is the pool's memory, by this name. */
static void
read_session (WeirExchange *self)
{
  WeirSessionKey key;

  if (!self->routing->config->session_affinity || !has_choice (self)
      || !weir_session_key_find (get_body_dialect (self), &self->host->table, lookup_field,
                                 self, &key))
    return;
  g_snprintf (self->session, sizeof self->session, "%s:%016" G_GINT64_MODIFIER "x",
              self->caller.key->name, key.hash);
  self->session_is_new = key.is_opening;
}

gboolean
weir_exchange_read_request (WeirExchange *self, GError **error)
{
  static const WeirJsonLimits shallow = { .record_depth = 2 };
  WeirSlice body = weir_connection_get_body (self->connection);
  WeirJson *json = &self->host->table;
  Envelope envelope = { 0 };

  self->bytes_in = body.length;
  self->is_stateful = weir_exchange_is_picture (self); /* each one is paid */
  if (self->form_type != NULL)
    return weir_exchange_read_form (self, error);
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
  self->is_respelt = is_for_responses (self);
  /* Responses are stored unless the client says no: sending one twice leaves two */
  if (get_body_dialect (self) == WEIR_DIALECT_OPENAI_RESPONSES
      && self->route->operation != WEIR_OPERATION_COUNT_TOKENS)
    self->is_stateful = envelope.store == 0
                        || weir_json_get_type (json, envelope.store) != WEIR_JSON_FALSE;
  if (envelope.previous != 0 && self->route->dialect == WEIR_DIALECT_OPENAI_RESPONSES)
    self->previous = weir_json_dup_text (json, envelope.previous);
  read_session (self);
  return TRUE;
}

gboolean
weir_exchange_replace_body (WeirExchange *self, GBytes *body, GError **error)
{
  static const WeirJsonLimits shallow = { .record_depth = 1 };
  WeirJson *json = &self->host->table;
  WeirSlice text;

  text.text = g_bytes_get_data (body, &text.length);
  if (!weir_connection_set_body (self->connection, text))
    return weir_error_set (error, WEIR_ERROR_TOO_LARGE,
                           "the request is too large with all that belongs to it");
  self->is_replaced = TRUE;
  if (self->model_end == 0)
    return TRUE;
  text = weir_connection_get_body (self->connection);
  if (!weir_json_parse (json, text.text, text.length, &shallow, error))
    return FALSE;
  text = weir_json_get_raw (json, weir_json_lookup (json, 0, "model"));
  self->model_start = (size_t)(text.text - json->text);
  self->model_end = self->model_start + text.length;
  return TRUE;
}

static gboolean
has_system_prompt (const WeirExchange *self)
{
  const WeirConfigClientKey *key = self->caller.key->config;

  return key != NULL && key->system_prompt != NULL && *key->system_prompt != '\0'
         && (self->route->operation == WEIR_OPERATION_ANSWER
             || self->route->operation == WEIR_OPERATION_STREAM
             || self->route->operation == WEIR_OPERATION_COUNT_TOKENS);
}

gboolean
weir_exchange_add_system_prompt (WeirExchange *self, GError **error)
{
  g_autoptr (GBytes) body = NULL;

  if (!has_system_prompt (self))
    return TRUE;
  body = weir_system_prompt_insert (get_body_dialect (self),
                                    weir_connection_get_body (self->connection),
                                    self->caller.key->config->system_prompt, error);
  return body != NULL && weir_exchange_replace_body (self, body, error);
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

  if (weir_exchange_is_picture (self))
    return weir_error_set (error, WEIR_ERROR_UNSUPPORTED, "%s answers with text only",
                           WEIR_ECHO_MODEL);
  self->form = weir_exchange_get_wanted_form (self);
  if (!weir_json_parse (json, body.text, body.length, NULL, error))
    return FALSE;
  self->echo = weir_echo_new (self->route->dialect, self->route->operation, self->form,
                              json, self->id, weir_clock_real_us (), error);
  weir_json_shrink (json);
  return self->echo != NULL;
}
