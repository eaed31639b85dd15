/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of the Images API, whole and streamed.  Pictures are told at the end, since the
 * usage that stands beside the last one comes behind it upstream; partial ones at once. */

#include "config.h"

#include "chat/weir-openai-images.h"

#include "base/weir-error.h"
#include "chat/weir-fold.h"
#include "chat/weir-text.h"

#define WORDS_MAX 300u

/* How a picture was drawn, as far as its item says it: escaped. */
typedef enum
{
  SETTING_REVISED_PROMPT,
  SETTING_SIZE,
  SETTING_QUALITY,
  SETTING_BACKGROUND,
  SETTING_LAST,
} Setting;

static const char *const setting_names[SETTING_LAST]
    = { "revised_prompt", "size", "quality", "background" };

typedef struct
{
  WeirEncoder base;
  WeirFold fold;                /* pictures and usage */
  GString *words;               /* (owned) escaped: the first of what was said */
  char *settings[SETTING_LAST]; /* (owned) (nullable) of the last picture */
  gboolean refused;
} ImagesEncoder;

static void
init (WeirEncoder *base)
{
  ImagesEncoder *self = (ImagesEncoder *)base;

  weir_fold_init (&self->fold);
  self->words = g_string_new (NULL);
}

static void
clear (WeirEncoder *base)
{
  ImagesEncoder *self = (ImagesEncoder *)base;

  weir_fold_clear (&self->fold);
  g_string_free (self->words, TRUE);
  for (unsigned i = 0; i < SETTING_LAST; i++)
    g_free (self->settings[i]);
}

static gboolean
is_edit (const ImagesEncoder *self)
{
  return self->base.class == &weir_openai_image_edits_encoder;
}

/* The request asked for addresses. */
static gboolean
wants_url (const ImagesEncoder *self)
{
  const WeirJson *json = &self->base.options.request->json;
  uint32_t item = weir_json_lookup (json, 0, "response_format");

  return item != 0 && weir_json_equals (json, item, "url");
}

static void
read_settings (ImagesEncoder *self, WeirSlice item)
{
  static const WeirJsonLimits shallow = { .record_depth = 1 };
  g_auto (WeirJson) json = { 0 };

  if (item.length == 0 || !weir_json_parse (&json, item.text, item.length, &shallow, NULL))
    return;
  for (unsigned i = 0; i < SETTING_LAST; i++)
    {
      uint32_t value = weir_json_lookup (&json, 0, setting_names[i]);
      WeirSlice raw = value != 0 ? weir_json_get_raw (&json, value) : WEIR_SLICE ("");

      g_clear_pointer (&self->settings[i], g_free);
      if (value != 0 && weir_json_get_type (&json, value) == WEIR_JSON_STRING)
        self->settings[i] = g_strndup (raw.text + 1, raw.length - 2);
    }
}

/* @otherwise (nullable): what is said where nobody said anything. */
static void
add_settings (const ImagesEncoder *self, WeirJsonWriter *w, const char *otherwise)
{
  for (unsigned i = SETTING_SIZE; i < SETTING_LAST; i++)
    if (self->settings[i] != NULL)
      weir_json_add_escaped (w, setting_names[i],
                             weir_slice_from_string (self->settings[i]));
    else if (otherwise != NULL)
      weir_json_add_string (w, setting_names[i], otherwise);
}

/* image/png: png */
static void
add_format (WeirJsonWriter *w, WeirSlice media_type)
{
  const char *slash = memchr (media_type.text, '/', media_type.length);

  if (slash != NULL)
    weir_json_add_escaped (
        w, "output_format",
        (WeirSlice){ slash + 1,
                     (size_t)(media_type.text + media_type.length - slash - 1) });
}

static void
add_usage (const ImagesEncoder *self, WeirJsonWriter *w)
{
  const WeirUsage *usage = &self->fold.usage;
  const WeirRequest *request = self->base.options.request;

  if (usage->input == WEIR_USAGE_UNKNOWN)
    return;
  weir_json_open (w, "usage");
  weir_json_add_uint (w, "input_tokens", usage->input);
  weir_json_add_uint (w, "output_tokens", weir_encoder_count (usage->output));
  weir_json_add_uint (w, "total_tokens", weir_encoder_sum_total (usage));
  if (request->messages != NULL && request->messages->n_parts == 1)
    {
      weir_json_open (w, "input_tokens_details");
      weir_json_add_uint (w, "text_tokens", usage->input);
      weir_json_add_uint (w, "image_tokens", 0);
      weir_json_close (w);
    }
  weir_json_close (w);
}

/* `b64_json`, or `url` where that is asked for or all there is. */
static void
add_picture (const ImagesEncoder *self, WeirJsonWriter *w, const WeirFoldBlock *block)
{
  g_autoptr (GString) url = NULL;

  if (block->name.length == 0)
    {
      weir_json_add_escaped (w, "url", weir_fold_get_text (block));
      return;
    }
  if (!wants_url (self))
    {
      weir_json_add_escaped (w, "b64_json", weir_fold_get_text (block));
      return;
    }
  url = g_string_sized_new (weir_fold_get_text (block).length + 64);
  g_string_append_printf (url, "data:%.*s;base64,", (int)block->name.length,
                          block->name.text);
  weir_slice_append (weir_fold_get_text (block), url);
  weir_json_add_escaped (w, "url", (WeirSlice){ url->str, url->len });
}

static void
open_event (ImagesEncoder *self, const char *kind, GString *out, WeirJsonWriter *w)
{
  g_autofree char *type
      = g_strconcat (is_edit (self) ? "image_edit." : "image_generation.", kind, NULL);

  weir_encoder_begin_event (&self->base, type, out, w);
  weir_json_add_string (w, "type", type);
}

static void
copy (WeirJsonWriter *w, const char *name, const WeirJson *json, const char *from)
{
  uint32_t item = weir_json_lookup (json, 0, from);

  if (item != 0)
    weir_json_add_raw (w, name, weir_json_get_raw (json, item));
}

/* A picture on its way, as Responses tells it. */
static void
put_partial (ImagesEncoder *self, const WeirEvent *event, GString *out)
{
  static const char *const copied[]
      = { "partial_image_index", "size", "quality", "background", "output_format" };
  static const WeirJsonLimits shallow = { .record_depth = 1 };
  g_auto (WeirJson) json = { 0 };
  WeirJsonWriter w;

  if (self->base.options.form != WEIR_ANSWER_SSE
      || !weir_slice_equal (event->name,
                            WEIR_SLICE ("response.image_generation_call.partial_image"))
      || !weir_json_parse (&json, event->raw.text, event->raw.length, &shallow, NULL))
    return;
  open_event (self, "partial_image", out, &w);
  copy (&w, "b64_json", &json, "partial_image_b64");
  weir_json_add_int (&w, "created_at", self->base.options.created_s);
  for (size_t i = 0; i < G_N_ELEMENTS (copied); i++)
    copy (&w, copied[i], &json, copied[i]);
  weir_encoder_end_event (&self->base, &w);
}

static void
put (WeirEncoder *base, const WeirEvent *event, GString *out)
{
  ImagesEncoder *self = (ImagesEncoder *)base;
  const gboolean is_picture = event->block_type == WEIR_BLOCK_IMAGE;

  switch (event->type)
    {
    case WEIR_EVENT_START:
    case WEIR_EVENT_USAGE:
      weir_fold_put (&self->fold, event);
      break;
    case WEIR_EVENT_BLOCK_OPEN:
    case WEIR_EVENT_BLOCK_CLOSE:
      if (is_picture && event->type == WEIR_EVENT_BLOCK_OPEN)
        read_settings (self, event->raw);
      if (is_picture)
        weir_fold_put (&self->fold, event);
      break;
    case WEIR_EVENT_DELTA:
      if (is_picture)
        weir_fold_put (&self->fold, event);
      else if ((event->block_type == WEIR_BLOCK_TEXT
                || event->block_type == WEIR_BLOCK_REFUSAL)
               && self->words->len + event->text.length <= WORDS_MAX)
        g_string_append_len (self->words, event->text.text, (gssize)event->text.length);
      break;
    case WEIR_EVENT_FINISH:
      self->refused |= event->finish == WEIR_FINISH_REFUSAL;
      break;
    case WEIR_EVENT_RAW:
      put_partial (self, event, out);
      break;
    case WEIR_EVENT_PING:
    case WEIR_EVENT_ERROR:
    case WEIR_EVENT_LAST:
      break;
    }
}

static void
say_pictures (ImagesEncoder *self, GString *out)
{
  for (guint i = 0; i < self->fold.blocks->len; i++)
    {
      const WeirFoldBlock *block = weir_fold_get_block (&self->fold, i);
      WeirJsonWriter w;

      open_event (self, "completed", out, &w);
      add_picture (self, &w, block);
      weir_json_add_int (&w, "created_at", self->base.options.created_s);
      add_settings (self, &w, "auto");
      add_format (&w, block->name);
      if (i + 1 == self->fold.blocks->len)
        add_usage (self, &w);
      weir_encoder_end_event (&self->base, &w);
    }
}

static void
write_document (ImagesEncoder *self, GString *out)
{
  const WeirFold *fold = &self->fold;
  WeirJsonWriter w;

  weir_encoder_begin_document (&self->base, out, &w);
  weir_json_add_int (&w, "created", self->base.options.created_s);
  add_settings (self, &w, NULL);
  add_format (&w, weir_fold_get_block (fold, 0)->name);
  weir_json_open_array (&w, "data");
  for (guint i = 0; i < fold->blocks->len; i++)
    {
      const char *prompt = self->settings[SETTING_REVISED_PROMPT];

      weir_json_open (&w, NULL);
      add_picture (self, &w, weir_fold_get_block (fold, i));
      if (prompt != NULL && i + 1 == fold->blocks->len)
        weir_json_add_escaped (&w, "revised_prompt", weir_slice_from_string (prompt));
      weir_json_close (&w);
    }
  weir_json_close (&w);
  add_usage (self, &w);
  weir_encoder_end_document (&self->base, &w);
}

static gboolean
set_no_picture (const ImagesEncoder *self, GError **error)
{
  g_autoptr (GString) words = g_string_new (NULL);

  weir_text_unescape ((WeirSlice){ self->words->str, self->words->len }, words);
  return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "the model %s%s%s",
                         self->refused ? "refused to draw" : "drew nothing",
                         words->len > 0 ? "; it said: " : "", words->str);
}

static gboolean
end (WeirEncoder *base, GString *out, GError **error)
{
  ImagesEncoder *self = (ImagesEncoder *)base;

  if (!weir_fold_check (&self->fold, error))
    return FALSE;
  if (self->fold.blocks->len == 0)
    return set_no_picture (self, error);
  if (base->options.form == WEIR_ANSWER_SSE)
    say_pictures (self, out);
  else
    write_document (self, out);
  return TRUE;
}

/* Clients look for `error` in the data of any event. */
static void
fail (WeirEncoder *base, WeirError code, unsigned status, const char *message, GString *out)
{
  weir_protocol_get (WEIR_DIALECT_OPENAI_CHAT)
      ->write_stream_error (out, WEIR_ANSWER_SSE, code, message, base->options.id);
}

/* Of Responses, for its partial pictures have no word of their own between the dialects and
 * come as they are. */
const WeirEncoderClass weir_openai_images_encoder = {
  .dialect = WEIR_DIALECT_OPENAI_RESPONSES,
  .size = sizeof (ImagesEncoder),
  .init = init,
  .clear = clear,
  .put = put,
  .end = end,
  .fail = fail,
};

const WeirEncoderClass weir_openai_image_edits_encoder = {
  .dialect = WEIR_DIALECT_OPENAI_RESPONSES,
  .size = sizeof (ImagesEncoder),
  .init = init,
  .clear = clear,
  .put = put,
  .end = end,
  .fail = fail,
};
