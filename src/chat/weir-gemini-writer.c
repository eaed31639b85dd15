/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What every part of a Gemini request's writer needs: to add a little, and to say what is
 * lost. */

#include "config.h"

#include "chat/weir-gemini-writer.h"

void
weir_gemini_writer_report (WeirGeminiWriter *self, const char *loss)
{
  weir_loss_report (self->options->on_loss, self->options->user_data, loss,
                    "messages[%u].parts[%u]", self->message, self->part);
}

void
weir_gemini_writer_close (WeirGeminiWriter *self)
{
  if (self->side == WEIR_GEMINI_NOBODY)
    return;
  weir_json_close (&self->json);
  weir_json_close (&self->json);
  self->side = WEIR_GEMINI_NOBODY;
}

void
weir_gemini_writer_open (WeirGeminiWriter *self, WeirGeminiSide side)
{
  if (self->side == side)
    return;
  weir_gemini_writer_close (self);
  weir_json_open (&self->json, NULL);
  weir_json_add_string (&self->json, "role", side == WEIR_GEMINI_MODEL ? "model" : "user");
  weir_json_open_array (&self->json, "parts");
  self->side = side;
  self->n_calls = 0;
}
