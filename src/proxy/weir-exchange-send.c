/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is sent upstream for a request: a head of our own, and the client's bytes as they
 * came, around at most the model's name; or a body made from them, by translation or by the
 * user's rules. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#include "chat/weir-openai-chat-roles.h"
#include "chat/weir-openai-chat-thoughts.h"
#include "chat/weir-thinking.h"
#include "http/weir-http-write.h"
#include "providers/weir-provider-fit.h"

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

static gboolean
is_copy (const WeirConfigHeader *header)
{
  return *header->value == '$';
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
  if (seat->provider->own_client == NULL)
    write_default (seat, out, "User-Agent", "weir/" WEIR_VERSION);
  write_default (seat, out, "Accept-Encoding", "identity");
  if (seat->entry->base_url != NULL)
    {
      g_autofree char *via = g_strconcat ("1.1 ", self->host->instance, NULL);

      write_default (seat, out, "Via", via);
    }
  if (seat->account != NULL)
    weir_exchange_write_vendor_fields (seat, out);
  for (unsigned i = 0; i < headers->len; i++)
    {
      const WeirConfigHeader *header = g_ptr_array_index (headers, i);

      if (!is_copy (header))
        weir_http_write_field (out, header->name, weir_slice_from_string (header->value));
    }
  return out;
}

static void
write_key (WeirExchange *self)
{
  const char *prefix;
  const char *name = weir_auth_get_field (self->seat->auth, &prefix);
  const WeirSecret *secret = weir_exchange_get_secret (self);
  WeirSlice key;

  if (secret == NULL || is_overridden (self->seat->entry, name))
    return;
  key = weir_secret_reveal (secret);
  g_string_append (self->request_head, name);
  g_string_append (self->request_head, ": ");
  g_string_append (self->request_head, prefix);
  g_string_append_len (self->request_head, key.text, (gssize)key.length);
  g_string_append (self->request_head, "\r\n");
}

/* `X-Team: $X-Team`: the client's own, or nothing. */
static void
write_copies (WeirExchange *self)
{
  const GPtrArray *headers = self->seat->entry->headers;

  for (unsigned i = 0; i < headers->len; i++)
    {
      const WeirConfigHeader *header = g_ptr_array_index (headers, i);
      WeirSlice value;

      if (is_copy (header) && weir_exchange_lookup_field (self, header->value + 1, &value))
        weir_http_write_field (self->request_head, header->name, value);
    }
}

/* Does the comma-separated @list hold @word? */
static gboolean
has_word (const char *list, const char *word)
{
  g_auto (GStrv) words = g_strsplit (list, ",", -1);

  for (char **each = words; *each != NULL; each++)
    if (g_str_equal (g_strstrip (*each), word))
      return TRUE;
  return FALSE;
}

/* A list that must hold a word of the provider's, with what the client wants there. */
static void
write_merged_field (WeirExchange *self)
{
  const WeirProvider *provider = self->seat->provider;
  const char *word = provider->merged_field[1];
  g_autofree char *list = NULL;
  g_autofree char *merged = NULL;
  WeirSlice value;

  if (!self->translated
      && weir_exchange_lookup_field (self, provider->merged_field[0], &value))
    list = weir_slice_dup (value);
  if (list == NULL || *list == '\0')
    merged = g_strdup (word);
  else
    merged = has_word (list, word) ? g_strdup (list) : g_strconcat (list, ",", word, NULL);
  write_default (self->seat, self->request_head, provider->merged_field[0], merged);
}

/* The vendor's own program is named as it names itself, everybody else is us. */
static void
write_agent (WeirExchange *self)
{
  WeirSlice value;
  g_autofree char *agent = NULL;

  if (weir_exchange_is_own_client (self, self->seat->provider)
      && weir_exchange_lookup_field (self, "user-agent", &value))
    agent = weir_slice_dup (value);
  write_default (self->seat, self->request_head, "User-Agent",
                 agent != NULL ? agent : "weir/" WEIR_VERSION);
}

static gboolean
is_forwarded (const WeirExchange *self, const char *name)
{
  const WeirProvider *provider = self->seat->provider;

  return !self->translated
         && weir_provider_forwards (provider, weir_slice_from_string (name))
         && g_strcmp0 (name, provider->merged_field[0]) != 0;
}

/* The client's fields by the provider's list, or the provider's default. */
static void
write_client_fields (WeirExchange *self)
{
  const WeirProvider *provider = self->seat->provider;
  const char *end = self->client_fields->str + self->client_fields->len;
  gboolean has_default = FALSE;

  for (const char *name = self->client_fields->str; name < end;)
    {
      const char *value = name + strlen (name) + 1;

      if (is_forwarded (self, name))
        write_default (self->seat, self->request_head, name, value);
      has_default |= !self->translated && g_strcmp0 (name, provider->default_field[0]) == 0;
      name = value + strlen (value) + 1;
    }
  if (provider->default_field[0] != NULL && !has_default)
    write_default (self->seat, self->request_head, provider->default_field[0],
                   provider->default_field[1]);
  if (provider->merged_field[0] != NULL)
    write_merged_field (self);
  if (provider->own_client != NULL)
    write_agent (self);
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

/* What goes out behind the head: the client's bytes around our edits, or what was made of
 * them. */
static WeirSlice
get_body (const WeirExchange *self)
{
  gsize length;
  const char *text;

  if (self->made_body == NULL)
    return weir_connection_get_body (self->connection);
  text = g_bytes_get_data (self->made_body, &length);
  return (WeirSlice){ text, length };
}

static void
set_made_body (WeirExchange *self, GBytes *body)
{
  g_clear_pointer (&self->made_body, g_bytes_unref);
  self->made_body = body;
}

static gboolean
lookup_header (gpointer user_data, const char *name, WeirSlice *out_value)
{
  return weir_exchange_lookup_field (user_data, name, out_value);
}

/* (transfer full): the model as the client said it, without a thinking suffix. */
static char *
dup_requested_base (const WeirExchange *self)
{
  WeirThinking thinking = { 0 };

  return weir_slice_dup (self->has_suffix ? weir_thinking_split_model (
                             weir_slice_from_string (self->model), &thinking)
                                          : weir_slice_from_string (self->model));
}

/* As CLIProxyAPI's payload rules call dialects: of a target, and of a client. */
static const char *const target_names[] = {
  [WEIR_DIALECT_OPENAI_CHAT] = "openai",
  [WEIR_DIALECT_OPENAI_RESPONSES] = "codex",
  [WEIR_DIALECT_ANTHROPIC] = "claude",
  [WEIR_DIALECT_GEMINI] = "gemini",
};
static const char *const client_names[] = {
  [WEIR_DIALECT_OPENAI_CHAT] = "openai",
  [WEIR_DIALECT_OPENAI_RESPONSES] = "openai-response",
  [WEIR_DIALECT_ANTHROPIC] = "claude",
  [WEIR_DIALECT_GEMINI] = "gemini",
};
G_STATIC_ASSERT (G_N_ELEMENTS (target_names) == WEIR_DIALECT_LAST);
G_STATIC_ASSERT (G_N_ELEMENTS (client_names) == WEIR_DIALECT_LAST);

/* The user's rules about bodies: the entry's own, then those of the whole file. */
static gboolean
apply_payload (WeirExchange *self, WeirSlice original, GError **error)
{
  const WeirConfigEntry *entry = self->seat->entry;
  const WeirPayload *sets[] = { entry->payload, self->routing->config->payload };
  g_autofree char *base = dup_requested_base (self);
  const WeirPayloadContext context = {
    .upstream_model = self->seat_route->upstream_name,
    .requested_model = self->model,
    .requested_base = base,
    .protocol = target_names[self->seat->provider->dialect],
    .from_protocol = client_names[self->route->dialect],
    .lookup_header = lookup_header,
    .lookup_data = self,
    .drop_tools = entry->drop_tools,
  };
  GBytes *body = NULL;

  if (!weir_payload_apply (sets, G_N_ELEMENTS (sets), &context, original, get_body (self),
                           &body, error))
    return FALSE;
  if (body != NULL)
    set_made_body (self, body);
  return TRUE;
}

static gboolean
has_rules (const WeirExchange *self)
{
  const WeirConfigEntry *entry = self->seat->entry;

  return (entry->payload != NULL && !weir_payload_is_empty (entry->payload))
         || !weir_payload_is_empty (self->routing->config->payload)
         || *entry->drop_tools != NULL;
}

static gboolean
knows_no_developer (const WeirSeat *seat)
{
  return seat->entry->supports_developer_role == FALSE
         && seat->provider->dialect == WEIR_DIALECT_OPENAI_CHAT;
}

static gboolean
mends_thinking (const WeirSeat *seat)
{
  return seat->entry->mends_thinking && seat->provider->dialect == WEIR_DIALECT_OPENAI_CHAT;
}

/* Does the seat's server refuse what others take? */
static gboolean
is_particular (const WeirSeat *seat)
{
  return seat->provider->drops != NULL || seat->provider->renamed[0] != NULL
         || seat->provider->hook != NULL || knows_no_developer (seat)
         || mends_thinking (seat);
}

/* Puts the body into words that the seat's server knows. */
static gboolean
fit_body (WeirExchange *self, GError **error)
{
  GBytes *body = NULL;

  if (knows_no_developer (self->seat)
      && !weir_openai_chat_avoid_developer (get_body (self), &body, error))
    return FALSE;
  if (body != NULL)
    set_made_body (self, g_steal_pointer (&body));
  if (mends_thinking (self->seat)
      && !weir_openai_chat_mend_thoughts (get_body (self), &body, error))
    return FALSE;
  if (body != NULL)
    set_made_body (self, g_steal_pointer (&body));
  if (!weir_provider_fit_body (self->seat->provider, get_body (self), &body, error))
    return FALSE;
  if (body != NULL)
    set_made_body (self, body);
  if (weir_exchange_get_hook (self) == NULL)
    return TRUE;
  body = weir_exchange_hook_body (self, get_body (self), error);
  if (body != NULL)
    set_made_body (self, body);
  return body != NULL;
}

/* A form goes out, as it came. */
static gboolean
is_form (const WeirExchange *self)
{
  return self->form_type != NULL && !self->translated;
}

static void
rename_model (WeirExchange *self)
{
  const char *name = self->seat_route->upstream_name;

  if (is_form (self))
    weir_json_edit_replace_bytes (&self->edit, self->model_start, self->model_end,
                                  weir_slice_from_string (name));
  else
    weir_json_edit_replace_range (&self->edit, self->model_start, self->model_end, name);
}

/* The body for this seat: the client's, around the model's name, or one made from it. */
static gboolean
make_body (WeirExchange *self, GError **error)
{
  const gboolean ruled = has_rules (self);
  WeirSlice original;

  if (!weir_exchange_translate_request (self, error))
    return FALSE;
  if (!self->translated && self->model_end > 0
      && !g_str_equal (self->model, self->seat_route->upstream_name))
    rename_model (self);
  if (is_form (self))
    return TRUE; /* rules are about JSON */
  if (!ruled && !is_particular (self->seat))
    return TRUE;
  if (!weir_json_edit_is_empty (&self->edit))
    {
      set_made_body (self, weir_json_edit_apply (&self->edit, get_body (self)));
      weir_json_edit_clear (&self->edit);
    }
  original = get_body (self);
  if (ruled && !apply_payload (self, original, error))
    return FALSE;
  return fit_body (self, error);
}

gboolean
weir_exchange_write_request (WeirExchange *self, GError **error)
{
  const WeirSeat *seat = self->seat;
  gboolean sse;
  const GString *fixed;

  if (self->request_head == NULL)
    self->request_head = g_string_sized_new (500);
  explicit_bzero (self->request_head->str, self->request_head->len);
  g_string_truncate (self->request_head, 0);
  weir_json_edit_clear (&self->edit);
  if (!make_body (self, error) || !write_target (self, error))
    return FALSE;

  fixed = ensure_fixed_fields (self);
  g_string_append_len (self->request_head, fixed->str, (gssize)fixed->len);
  sse = self->translated ? self->wants_stream
                         : weir_exchange_get_wanted_form (self) == WEIR_ANSWER_SSE;
  sse = sse || weir_exchange_only_streams (self);
  if (!is_overridden (seat->entry, "Accept"))
    g_string_append (self->request_head, sse ? "Accept: text/event-stream\r\n"
                                             : "Accept: application/json\r\n");
  write_default (seat, self->request_head, "Content-Type",
                 is_form (self) ? self->form_type : "application/json");
  write_key (self);
  write_copies (self);
  write_client_fields (self);
  if (weir_exchange_get_hook (self) != NULL)
    weir_exchange_write_hook_fields (self, get_body (self));
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
