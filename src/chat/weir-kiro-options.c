/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What Kiro cannot be told about an answer: nearly everything.  The vendor's own program
 * sends no such wish (aws/amazon-q-developer-cli 2026-04, read 2026-11). */

#include "config.h"

#include "chat/weir-kiro.h"

#include "chat/weir-loss.h"

static const WeirOption said[] = { WEIR_OPTION_LAST };

static void
report (const WeirWriteOptions *options, const char *loss, const char *where)
{
  if (options->on_loss != NULL)
    options->on_loss (loss, where, options->user_data);
}

static gboolean
asks_to_think (const WeirThinking *thinking)
{
  return thinking->mode == WEIR_THINKING_LEVEL || thinking->mode == WEIR_THINKING_BUDGET;
}

gboolean
weir_kiro_check_options (const WeirRequest *request,
                         const WeirWriteOptions *options,
                         GError **error)
{
  const WeirToolChoice *choice = &request->tool_choice;
  const WeirFormatType format = request->response_format.type;

  if (!weir_loss_check_options (request, WEIR_DIALECT_ANTHROPIC, said, options->on_loss,
                                options->user_data, error))
    return FALSE;
  if (request->stop != NULL)
    report (options, WEIR_LOSS_STOP, "stop");
  if (asks_to_think (&request->thinking))
    report (options, WEIR_LOSS_THINKING_LEVEL, "thinking");
  if (format != WEIR_FORMAT_UNSAID && format != WEIR_FORMAT_TEXT)
    report (options, WEIR_LOSS_FORMAT, "response_format");
  if (choice->mode == WEIR_CHOICE_REQUIRED || choice->mode == WEIR_CHOICE_TOOL
      || (choice->mode == WEIR_CHOICE_ALLOWED && choice->required))
    report (options, WEIR_LOSS_TOOL_CHOICE, "tool_choice");
  if (choice->parallel == WEIR_NO)
    report (options, WEIR_LOSS_TOOL_PARALLEL, "tool_choice");
  /* of another dialect they were reported before */
  if (request->origin == WEIR_DIALECT_ANTHROPIC)
    weir_loss_report_unknown (options->on_loss, options->user_data, request->unknown, NULL);
  return TRUE;
}
