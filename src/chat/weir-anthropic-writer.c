/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What every part of a Messages request's writer needs: to add a little, and to say what is
 * lost. */

#include "config.h"

#include "chat/weir-anthropic-writer.h"

void
weir_anthropic_report (const WeirAnthropicWriter *self, const char *loss, const char *where)
{
  weir_loss_report (self->options->on_loss, self->options->user_data, loss, "%s", where);
}

void
weir_anthropic_report_option (const WeirAnthropicWriter *self,
                              WeirOption option,
                              const char *where)
{
  weir_anthropic_report (self, weir_loss_get_option_word (option), where);
}

void
weir_anthropic_report_unknown (const WeirAnthropicWriter *self,
                               const WeirUnknown *unknown,
                               const char *where)
{
  weir_loss_report_unknown (self->options->on_loss, self->options->user_data, unknown,
                            where);
}

void
weir_anthropic_add_text (WeirAnthropicWriter *self, const char *name, WeirSlice text)
{
  if (text.length > 0)
    weir_json_add_escaped (&self->json, name, text);
}
