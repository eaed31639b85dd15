/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of upstreams that have the Images API themselves, watched on their way through
 * (API reference, "image streaming events", read 2026-11). */

#include "config.h"

#include "chat/weir-openai-images.h"

#include "chat/weir-decoder.h"

static gboolean
read_error (WeirDecoder *self, uint32_t object)
{
  return weir_openai_read_failure (self, weir_decoder_lookup_item (self, object, "error"));
}

static gboolean
finish (WeirDecoder *self, GError **error)
{
  if (weir_decoder_ensure_choice (self, 0, error) == NULL)
    return FALSE;
  weir_decoder_say_usage (self, weir_decoder_lookup_item (self, 0, "usage"));
  weir_decoder_say_finish (self, 0, WEIR_FINISH_STOP, WEIR_SLICE (""), WEIR_SLICE (""));
  return TRUE;
}

static gboolean
read_event (WeirDecoder *self, WeirSlice name, WeirSlice data, GError **error)
{
  WeirSlice type = weir_decoder_lookup_text (self, 0, "type");

  if (type.length == 0)
    type = name;
  if (read_error (self, 0))
    return TRUE;
  if (weir_slice_equal (type, WEIR_SLICE ("error")))
    {
      weir_decoder_fail (self, weir_decoder_lookup_item (self, 0, "code"),
                         weir_decoder_lookup_item (self, 0, "message"), 0);
      return TRUE;
    }
  self->vague = TRUE; /* there may be another picture */
  weir_decoder_note_content (self);
  weir_decoder_say_raw (self, 0, type, data);
  return !weir_slice_has_suffix (type, WEIR_SLICE (".completed")) || finish (self, error);
}

static gboolean
read_document (WeirDecoder *self, gboolean *out_answer, GError **error)
{
  *out_answer = weir_decoder_lookup_item (self, 0, "data") != 0;
  return finish (self, error);
}

/* Counts are called as in Responses. */
static const WeirAnswerReader reader = {
  .dialect = WEIR_DIALECT_OPENAI_RESPONSES,
  .read_event = read_event,
  .read_document = read_document,
  .read_error = read_error,
  .ends_unmarked = TRUE,
  .done_word = TRUE,
};

WeirDecoder *
weir_openai_images_decoder_new (WeirAnswerForm form)
{
  return weir_decoder_new_of_reader (&reader, form, NULL, NULL);
}
