/* SPDX-License-Identifier: GPL-3.0-or-later */

/* OpenAI's Images API: who can draw, and the form in which pictures come.  An upstream that
 * has the API is sent what came; one that draws in conversation is asked by translation
 * (chat/weir-openai-images.h). */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#include "chat/weir-openai-images-form.h"
#include "chat/weir-openai-model.h"

#define NAMES_MAX 8u

gboolean
weir_exchange_is_picture (const WeirExchange *self)
{
  return self->route->operation == WEIR_OPERATION_IMAGE
         || self->route->operation == WEIR_OPERATION_IMAGE_EDIT;
}

/* The vendor whose models answer in Responses has the API beside it, for those models that
 * do nothing but draw. */
gboolean
weir_exchange_has_own_path (const WeirExchange *self,
                            const WeirProvider *provider,
                            const char *upstream_name)
{
  if (provider->paths[self->route->operation] == NULL)
    return FALSE;
  if (provider->dialect == self->route->dialect)
    return TRUE;
  return weir_exchange_is_picture (self)
         && weir_openai_model_draws (weir_slice_from_string (upstream_name));
}

static gboolean
is_named_for_it (const char *name)
{
  return strstr (name, "image") != NULL || strstr (name, "banana") != NULL
         || strstr (name, "dall-e") != NULL;
}

gboolean
weir_exchange_can_draw (const WeirExchange *self,
                        const WeirProvider *provider,
                        const char *upstream_name)
{
  if (weir_exchange_has_own_path (self, provider, upstream_name))
    return TRUE;
  switch (provider->dialect)
    {
    case WEIR_DIALECT_OPENAI_RESPONSES:
      return TRUE; /* by its tool */
    case WEIR_DIALECT_GEMINI:
      return is_named_for_it (upstream_name);
    case WEIR_DIALECT_OPENAI_CHAT:
    case WEIR_DIALECT_ANTHROPIC:
    case WEIR_DIALECT_LAST:
      break;
    }
  return FALSE;
}

/* @surely: its name says so. */
static gboolean
draws (const WeirExchange *self, const WeirModel *model, gboolean surely)
{
  const guint8 *scope = weir_routing_get_scope (self->routing, &self->caller);

  if (!weir_caller_allows_model (&self->caller, model->id, model))
    return FALSE;
  for (unsigned i = 0; i < model->routes->len; i++)
    {
      const WeirModelRoute *route = g_ptr_array_index (model->routes, i);
      const WeirSeat *seat = g_ptr_array_index (self->routing->seats, route->seat);

      if (weir_scope_has (scope, route->seat)
          && weir_exchange_can_draw (self, seat->provider, route->upstream_name)
          && (!surely || is_named_for_it (route->upstream_name)))
        return TRUE;
    }
  return FALSE;
}

static void
list_drawers (const WeirExchange *self, gboolean surely, GString *out)
{
  const GPtrArray *models = weir_models_get_list (self->routing->models);
  unsigned n = 0;

  for (unsigned i = 0; i < models->len && n <= NAMES_MAX; i++)
    {
      const WeirModel *model = g_ptr_array_index (models, i);

      if (!draws (self, model, surely))
        continue;
      g_string_append (out, n == 0 ? "; ask one of these: " : ", ");
      g_string_append (out, n++ == NAMES_MAX ? "…" : model->id);
    }
}

/* No seat of the model draws: say which models do, or else which may. */
void
weir_exchange_refuse_drawing (WeirExchange *self)
{
  g_autoptr (GString) message = g_string_new (NULL);
  size_t length;

  g_string_append_printf (message, "the model \"%s\" does not draw", self->entry->id);
  length = message->len;
  list_drawers (self, TRUE, message);
  if (message->len == length)
    list_drawers (self, FALSE, message);
  weir_exchange_answer_error (self, WEIR_ERROR_UNSUPPORTED, message->str);
}

static gboolean
parse_form (const WeirExchange *self, WeirForm *form, GError **error)
{
  return weir_form_parse (form, weir_slice_from_string (self->form_type),
                          weir_connection_get_body (self->connection), error);
}

gboolean
weir_exchange_read_form (WeirExchange *self, GError **error)
{
  WeirSlice body = weir_connection_get_body (self->connection);
  const WeirFormField *model;
  const WeirFormField *stream;
  WeirForm form;

  if (!parse_form (self, &form, error))
    return FALSE;
  model = weir_form_lookup (&form, "model");
  stream = weir_form_lookup (&form, "stream");
  if (model == NULL || model->data.length == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "the request names no model");
  if (!g_utf8_validate (model->data.text, (gssize)model->data.length, NULL))
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "\"model\" must be UTF-8");
  self->model = weir_slice_dup (model->data);
  self->model_start = (size_t)(model->data.text - body.text);
  self->model_end = self->model_start + model->data.length;
  self->wants_stream
      = stream != NULL && weir_slice_equal (stream->data, WEIR_SLICE ("true"));
  return TRUE;
}

GBytes *
weir_exchange_lend_json_body (const WeirExchange *self, GError **error)
{
  WeirSlice body = weir_connection_get_body (self->connection);
  WeirForm form;

  if (self->form_type == NULL)
    return g_bytes_new_static (body.text, body.length);
  if (!parse_form (self, &form, error))
    return NULL;
  return weir_openai_images_form_to_json (&form, error);
}
