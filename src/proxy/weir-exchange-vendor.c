/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the vendor of an account wants beyond its dialect: fields, what stands round bodies
 * and answers, and whom it lets be served. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#include "http/weir-http-write.h"

gboolean
weir_exchange_is_own_client (const WeirExchange *self, const WeirProvider *provider)
{
  WeirSlice agent;

  if (provider->own_client == NULL)
    return TRUE;
  return weir_exchange_lookup_field (self, "user-agent", &agent)
         && weir_slice_has_prefix (agent, weir_slice_from_string (provider->own_client));
}

char *
weir_exchange_dup_client_refusal (const WeirExchange *self)
{
  const guint8 *scope = weir_routing_get_scope (self->routing, &self->caller);
  const GPtrArray *routes = self->entry->routes;

  for (unsigned i = 0; i < routes->len; i++)
    {
      const WeirModelRoute *route = g_ptr_array_index (routes, i);
      const WeirSeat *seat = g_ptr_array_index (self->routing->seats, route->seat);

      if (weir_scope_has (scope, route->seat) && seat->own_client_only
          && !weir_exchange_is_own_client (self, seat->provider))
        return g_strdup_printf ("the account \"%s\" serves %s's own program only; \"any "
                                "client\" in its settings lets others be served, where its "
                                "vendor's terms allow that",
                                seat->account->settings.label, seat->provider->name);
    }
  return NULL;
}

gboolean
weir_exchange_only_streams (const WeirExchange *self)
{
  const WeirHook *hook = weir_exchange_get_hook (self);

  return hook != NULL && hook->fold != NULL
         && weir_exchange_get_operation (self) == WEIR_OPERATION_ANSWER;
}

static void
on_loss (const char *loss, const char *where, gpointer user_data)
{
  weir_translation_note_loss (user_data, loss);
}

static WeirHookRequest
describe (const WeirExchange *self)
{
  const WeirAccount *account = self->seat->account;
  WeirTranslation *translation = self->translated ? self->translation : NULL;

  return (WeirHookRequest){
    .operation = weir_exchange_get_operation (self),
    .model = self->seat_route->upstream_name,
    .project = account != NULL ? account->identity.project : NULL,
    .id = self->id,
    .asked = translation != NULL ? weir_translation_get_request (translation) : NULL,
    .on_loss = translation != NULL ? on_loss : NULL,
    .loss_data = translation,
  };
}

GBytes *
weir_exchange_hook_body (const WeirExchange *self, WeirSlice body, GError **error)
{
  const WeirHook *hook = weir_exchange_get_hook (self);
  const WeirHookRequest request = describe (self);

  if (hook->write_request == NULL)
    return g_bytes_new (body.text, body.length);
  return hook->write_request (&request, body, error);
}

static gboolean
is_set_by_user (const WeirSeat *seat, const char *name)
{
  for (unsigned i = 0; i < seat->entry->headers->len; i++)
    {
      const WeirConfigHeader *header = g_ptr_array_index (seat->entry->headers, i);

      if (g_ascii_strcasecmp (header->name, name) == 0)
        return TRUE;
    }
  return FALSE;
}

void
weir_exchange_write_vendor_fields (const WeirSeat *seat, GString *out)
{
  const WeirProvider *provider = seat->provider;
  const char *const *field = provider->fields;

  for (; field != NULL && *field != NULL; field += 2)
    if (!is_set_by_user (seat, field[0]))
      weir_http_write_field (out, field[0], weir_slice_from_string (field[1]));
  if (provider->account_field != NULL && !is_set_by_user (seat, provider->account_field))
    weir_http_write_field (out, provider->account_field,
                           weir_slice_from_string (seat->account->identity.vendor_id));
}

void
weir_exchange_write_hook_fields (WeirExchange *self, WeirSlice body)
{
  const WeirHook *hook = weir_exchange_get_hook (self);
  const WeirHookRequest request = describe (self);

  if (hook->write_fields != NULL)
    hook->write_fields (&request, body, self->request_head);
}

static void
hold (WeirExchange *self, WeirSlice whole)
{
  GByteArray *held = g_byte_array_sized_new ((guint)whole.length);

  g_byte_array_append (held, (const guint8 *)whole.text, (guint)whole.length);
  g_byte_array_unref (self->held);
  self->held = held;
}

/* A stream begins with a field, a document with a brace. */
static gboolean
is_document (WeirSlice whole)
{
  for (size_t i = 0; i < whole.length; i++)
    if (!g_ascii_isspace (whole.text[i]))
      return whole.text[i] == '{';
  return FALSE;
}

gboolean
weir_exchange_unhook_whole (WeirExchange *self, GError **error)
{
  const WeirHook *hook = weir_exchange_get_hook (self);
  const WeirSlice whole = { (const char *)self->held->data, self->held->len };
  g_autoptr (GBytes) folded = NULL;

  if (hook == NULL)
    return TRUE;
  if (hook->unwrap != NULL)
    {
      const WeirSlice inner = hook->unwrap (whole);

      if (inner.length != whole.length)
        hold (self, inner);
      return TRUE;
    }
  if (!weir_exchange_only_streams (self) || is_document (whole))
    return TRUE;
  folded = hook->fold (whole, error);
  if (folded == NULL)
    return FALSE;
  hold (self, (WeirSlice){ g_bytes_get_data (folded, NULL), g_bytes_get_size (folded) });
  return TRUE;
}

void
weir_exchange_begin_unhooking (WeirExchange *self)
{
  const WeirHook *hook = weir_exchange_get_hook (self);

  if (hook != NULL && (hook->unwrap != NULL || hook->write_message != NULL)
      && self->form == WEIR_ANSWER_SSE)
    self->hooked = weir_hook_stream_new (hook);
}

gboolean
weir_exchange_is_token_refused (const WeirExchange *self)
{
  const WeirHook *hook = weir_exchange_get_hook (self);
  const WeirSlice body = { (const char *)self->held->data, self->held->len };

  return self->reply_status == 401
         || (hook != NULL && hook->refuses_token != NULL
             && hook->refuses_token (self->reply_status, body));
}

gboolean
weir_exchange_is_unhooked (const WeirExchange *self)
{
  return self->hooked == NULL || weir_hook_stream_is_idle (self->hooked);
}
