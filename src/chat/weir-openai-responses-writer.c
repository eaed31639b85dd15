/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What every part of a Responses request's writer needs: to add a little, and to say what
 * is lost. */

#include "config.h"

#include "chat/weir-openai-responses-writer.h"

#include "chat/weir-text.h"

void
weir_responses_report (const WeirResponsesWriter *self, const char *loss, const char *where)
{
  weir_loss_report (self->options->on_loss, self->options->user_data, loss, "%s", where);
}

void
weir_responses_report_unknown (const WeirResponsesWriter *self,
                               const WeirUnknown *unknown,
                               const char *where)
{
  weir_loss_report_unknown (self->options->on_loss, self->options->user_data, unknown,
                            where);
}

void
weir_responses_add_text (WeirResponsesWriter *self, const char *name, WeirSlice text)
{
  if (text.length > 0)
    weir_json_add_escaped (&self->json, name, text);
}

void
weir_responses_add_unknown (WeirResponsesWriter *self,
                            const WeirUnknown *unknown,
                            size_t skip)
{
  g_autoptr (GString) name = g_string_new (NULL);

  weir_text_unescape ((WeirSlice){ unknown->name.text + skip, unknown->name.length - skip },
                      name);
  weir_json_add_raw (&self->json, name->str, unknown->value);
}
