/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reader, writer, bridge and encoder put together for one exchange.  What each of them does
 * is theirs. */

#include "config.h"

#include "chat/weir-translation.h"

#include "base/weir-json-write.h"
#include "chat/weir-bridge.h"
#include "chat/weir-openai-completions.h"
#include "chat/weir-openai-images.h"

#define LOSSES_MAX 512
#define OUTPUT_BYTES 512 /* room that most events of a stream need */
#define OUTPUT_KEPT 4096 /* a stream does not keep what one large event needed */
#define WRITTEN_MORE 256 /* bytes that a body may grow by before it is copied */

struct _WeirTranslation
{
  WeirTranslationOptions options; /* model is not kept */
  WeirRequest *request;           /* (owned) */
  GString *model;                 /* (owned) escaped: what the client called it */
  GBytes *body;                   /* (owned) (nullable) the last one written */
  WeirDialect body_for;           /* which dialect it is in */
  GString *body_model;            /* (owned) (nullable) escaped: which model it names */
  WeirEncoder *encoder;           /* (owned) (nullable) */
  WeirBridge *bridge;             /* (owned) (nullable) */
  GString *output;                /* (owned) (nullable) NULL once it was taken */
  GString *losses;                /* (owned) (nullable) */
};

gboolean
weir_translation_is_possible (WeirDialect client, WeirDialect upstream)
{
  return weir_protocol_get (client)->read_request != NULL
         && weir_protocol_get (client)->encoder != NULL
         && weir_protocol_get (upstream)->write_request != NULL;
}

static void
on_loss (const char *loss, const char *where, gpointer user_data)
{
  WeirTranslation *self = user_data;
  size_t length = strlen (loss);
  const char *found;

  if (self->losses == NULL)
    self->losses = g_string_new (NULL);
  found = strstr (self->losses->str, loss);
  for (; found != NULL; found = strstr (found + 1, loss))
    if ((found == self->losses->str || found[-1] == ',')
        && (found[length] == ',' || found[length] == '\0'))
      return;
  if (self->losses->len + length >= LOSSES_MAX)
    return;
  if (self->losses->len > 0)
    g_string_append_c (self->losses, ',');
  g_string_append (self->losses, loss);
}

static WeirRequest *
read_request (const WeirTranslation *self, GBytes *body, GError **error)
{
  const WeirTranslationOptions *options = &self->options;
  WeirSlice model = { NULL, 0 };

  if (options->path_model)
    model = (WeirSlice){ self->model->str, self->model->len };
  switch (options->asked)
    {
    case WEIR_ASKED_COMPLETION:
      return weir_openai_completions_read_request (body, model, options->stream, error);
    case WEIR_ASKED_IMAGE:
      return weir_openai_images_read_generation (body, error);
    case WEIR_ASKED_IMAGE_EDIT:
      return weir_openai_images_read_edit (body, error);
    case WEIR_ASKED_IN_RESPONSES:
      return weir_protocol_get (WEIR_DIALECT_OPENAI_RESPONSES)
          ->read_request (body, model, options->stream, error);
    case WEIR_ASKED_ANSWER:
      break;
    }
  return weir_protocol_get (options->client)
      ->read_request (body, model, options->stream, error);
}

WeirTranslation *
weir_translation_new (GBytes *body, const WeirTranslationOptions *options, GError **error)
{
  g_autoptr (WeirTranslation) self = g_new0 (WeirTranslation, 1);

  self->options = *options;
  self->options.model = NULL;
  self->model = g_string_new (NULL);
  self->output = g_string_sized_new (OUTPUT_BYTES);
  weir_json_escape (self->model, weir_slice_from_string (options->model), FALSE);
  self->request = read_request (self, body, error);
  return self->request != NULL ? g_steal_pointer (&self) : NULL;
}

static void
end_answer (WeirTranslation *self)
{
  g_clear_pointer (&self->bridge, weir_bridge_free);
  g_clear_pointer (&self->encoder, weir_encoder_free);
  if (self->output != NULL)
    g_string_truncate (self->output, 0);
}

static void
free_string (GString *string)
{
  if (string != NULL)
    g_string_free (string, TRUE);
}

/* The body that was written last, and what was remembered of it. */
static void
clear_body (WeirTranslation *self)
{
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_pointer (&self->body_model, free_string);
}

void
weir_translation_free (WeirTranslation *self)
{
  if (self == NULL)
    return;
  end_answer (self);
  weir_request_free (self->request);
  clear_body (self);
  free_string (self->model);
  free_string (self->output);
  free_string (self->losses);
  g_free (self);
}

const WeirRequest *
weir_translation_get_request (const WeirTranslation *self)
{
  return self->request;
}

GBytes *
weir_translation_write (WeirTranslation *self,
                        WeirDialect upstream,
                        const char *upstream_model,
                        GError **error)
{
  g_autoptr (GString) model = g_string_new (NULL);
  GString *out;
  WeirWriteOptions options
      = { .stream = self->options.stream, .on_loss = on_loss, .user_data = self };

  weir_json_escape (model, weir_slice_from_string (upstream_model), FALSE);
  if (self->body != NULL && self->body_for == upstream
      && g_string_equal (self->body_model, model))
    return g_bytes_ref (self->body);
  options.model = (WeirSlice){ model->str, model->len };
  if (self->losses != NULL)
    g_string_truncate (self->losses, 0);
  out = g_string_sized_new (g_bytes_get_size (self->request->body) + WRITTEN_MORE);
  if (!weir_protocol_get (upstream)->write_request (self->request, &options, out, error))
    {
      g_string_free (out, TRUE);
      return NULL;
    }
  clear_body (self);
  self->body = g_string_free_to_bytes (out);
  self->body_for = upstream;
  self->body_model = g_steal_pointer (&model);
  return g_bytes_ref (self->body);
}

static const WeirEncoderClass *
get_encoder (const WeirTranslationOptions *options)
{
  switch (options->asked)
    {
    case WEIR_ASKED_COMPLETION:
      return &weir_openai_completions_encoder;
    case WEIR_ASKED_IMAGE:
      return &weir_openai_images_encoder;
    case WEIR_ASKED_IMAGE_EDIT:
      return &weir_openai_image_edits_encoder;
    case WEIR_ASKED_IN_RESPONSES:
    case WEIR_ASKED_ANSWER:
      break;
    }
  return weir_protocol_get (options->client)->encoder;
}

void
weir_translation_begin (WeirTranslation *self, WeirDialect upstream)
{
  WeirEncodeOptions options = {
    .form = self->options.form,
    .model = { self->model->str, self->model->len },
    .id = self->options.id,
    .created_s = self->options.created_s,
    .request = self->request,
    .previous = self->options.previous,
    .upstream = upstream,
    .on_loss = on_loss,
    .user_data = self,
  };

  end_answer (self);
  self->encoder = weir_encoder_new_of_class (get_encoder (&self->options), &options);
  self->bridge = weir_bridge_new (self->encoder);
  weir_bridge_set_output (self->bridge, self->output);
}

void
weir_translation_settle (WeirTranslation *self)
{
  clear_body (self);
  weir_request_reduce (self->request);
}

void
weir_translation_sink (const WeirEvent *event, gpointer translation)
{
  WeirTranslation *self = translation;

  weir_bridge_sink (event, self->bridge);
}

GString *
weir_translation_get_output (WeirTranslation *self)
{
  return self->output;
}

void
weir_translation_clear_output (WeirTranslation *self)
{
  g_string_truncate (self->output, 0);
  if (self->output->allocated_len <= OUTPUT_KEPT)
    return;
  g_string_free (self->output, TRUE);
  self->output = g_string_sized_new (OUTPUT_BYTES);
  if (self->bridge != NULL)
    weir_bridge_set_output (self->bridge, self->output);
}

GBytes *
weir_translation_take_output (WeirTranslation *self)
{
  return g_string_free_to_bytes (g_steal_pointer (&self->output));
}

gboolean
weir_translation_end (WeirTranslation *self, GError **error)
{
  return weir_bridge_end (self->bridge, error);
}

void
weir_translation_fail (WeirTranslation *self,
                       WeirError code,
                       unsigned status,
                       const char *message)
{
  weir_encoder_fail (self->encoder, code, status, message, self->output);
}

void
weir_translation_note_loss (WeirTranslation *self, const char *loss)
{
  on_loss (loss, NULL, self);
}

const char *
weir_translation_get_losses (const WeirTranslation *self)
{
  return self->losses != NULL && self->losses->len > 0 ? self->losses->str : NULL;
}
