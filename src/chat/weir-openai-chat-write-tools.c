/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tools of other dialects in an OpenAI Chat Completions request (API reference, "create
 * chat completion", read 2026-10).  All of them become functions: free text and a list of
 * allowed tools are words that compatible servers do not know, so a custom tool takes an
 * object with its text in it, and tools that are not allowed are not shown. */

#include "config.h"

#include "chat/weir-openai-chat-writer.h"
#include "chat/weir-openai-fit.h"
#include "chat/weir-tool-name.h"

#define FREE_TEXT                                                                          \
  WEIR_SLICE ("{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},"     \
              "\"required\":[\"input\"]}")

static gboolean
is_function (const WeirTool *tool)
{
  return tool->type == WEIR_TOOL_FUNCTION || tool->type == WEIR_TOOL_CUSTOM;
}

static gboolean
is_allowed (const WeirToolChoice *choice, const WeirTool *tool)
{
  if (choice->mode != WEIR_CHOICE_ALLOWED)
    return TRUE;
  for (const WeirName *name = choice->names; name != NULL; name = name->next)
    if (weir_slice_equal (name->name, tool->name))
      return TRUE;
  return FALSE;
}

static void
report_of_tool (const WeirChatWriter *self, const WeirTool *tool, const char *where)
{
  const WeirWriteOptions *options = self->options;

  if (tool->type == WEIR_TOOL_CUSTOM && tool->format.length > 0)
    weir_chat_report (self, WEIR_LOSS_TOOL_FORMAT, where);
  if (tool->deferred == WEIR_YES)
    weir_chat_report (self, WEIR_LOSS_TOOL_DEFERRED, where);
  if (tool->scope_text.length > 0)
    weir_chat_report (self, WEIR_LOSS_TOOL_SCOPE_TEXT, where);
  if (tool->cache.said != WEIR_UNSAID)
    weir_chat_report (self, WEIR_LOSS_CACHE_MARK, where);
  weir_loss_report_unknown (options->on_loss, options->user_data, tool->unknown, where);
}

static void
write_schema (WeirChatWriter *self, const WeirTool *tool, const char *where)
{
  g_autoptr (GBytes) edited = NULL;
  WeirSlice schema = FREE_TEXT;
  gboolean lost = FALSE;

  if (tool->type != WEIR_TOOL_CUSTOM)
    schema = weir_openai_fit_arguments (tool->schema, &edited, &lost);
  if (lost)
    weir_chat_report (self, WEIR_LOSS_SCHEMA_KEYWORD, where);
  weir_json_add_raw (&self->json, "parameters", schema);
}

static void
write_tool (WeirChatWriter *self, const WeirTool *tool, const char *where)
{
  WeirJsonWriter *json = &self->json;

  weir_json_open (json, NULL);
  weir_json_add_string (json, "type", "function");
  weir_json_open (json, "function");
  weir_json_add_escaped (json, "name",
                         weir_tool_name_map_scoped (tool->scope, tool->name,
                                                    WEIR_DIALECT_OPENAI_CHAT,
                                                    self->scratch));
  weir_chat_add_text (self, "description", tool->description);
  write_schema (self, tool, where);
  if (tool->strict != WEIR_UNSAID)
    weir_json_add_boolean (json, "strict", tool->strict == WEIR_YES);
  weir_json_close (json);
  weir_json_close (json);
}

/* The name of the only tool that may be called, as it is written. */
static WeirSlice
get_chosen (WeirChatWriter *self)
{
  const WeirToolChoice *choice = &self->request->tool_choice;

  for (const WeirTool *tool = self->request->tools; tool != NULL; tool = tool->next)
    if (is_function (tool) && weir_slice_equal (tool->name, choice->name))
      return weir_tool_name_map_scoped (tool->scope, tool->name, WEIR_DIALECT_OPENAI_CHAT,
                                        self->scratch);
  return weir_tool_name_map (choice->name, WEIR_DIALECT_OPENAI_CHAT, self->scratch);
}

static void
write_named (WeirChatWriter *self)
{
  weir_json_open (&self->json, "tool_choice");
  weir_json_add_string (&self->json, "type", "function");
  weir_json_open (&self->json, "function");
  weir_json_add_escaped (&self->json, "name", get_chosen (self));
  weir_json_close (&self->json);
  weir_json_close (&self->json);
}

static void
write_choice (WeirChatWriter *self)
{
  const WeirToolChoice *choice = &self->request->tool_choice;
  const char *word = NULL;

  switch (choice->mode)
    {
    case WEIR_CHOICE_UNSAID:
      break;
    case WEIR_CHOICE_AUTO:
      word = "auto";
      break;
    case WEIR_CHOICE_NONE:
      word = "none";
      break;
    case WEIR_CHOICE_REQUIRED:
      word = "required";
      break;
    case WEIR_CHOICE_ALLOWED:
      word = choice->required ? "required" : "auto";
      break;
    case WEIR_CHOICE_TOOL:
      if (choice->type == WEIR_TOOL_FUNCTION || choice->type == WEIR_TOOL_CUSTOM)
        write_named (self);
      else
        weir_chat_report (self, WEIR_LOSS_TOOL_CHOICE, "tool_choice");
      break;
    case WEIR_CHOICE_OTHER:
      weir_chat_report (self, WEIR_LOSS_TOOL_CHOICE, "tool_choice");
      break;
    }
  if (word != NULL)
    weir_json_add_string (&self->json, "tool_choice", word);
  /* side by side is what happens anyway */
  if (choice->parallel == WEIR_NO)
    weir_json_add_boolean (&self->json, "parallel_tool_calls", FALSE);
}

/* A choice between no tools is refused. */
void
weir_chat_write_tools (WeirChatWriter *self)
{
  const WeirToolChoice *choice = &self->request->tool_choice;
  gboolean any = FALSE;
  unsigned index = 0;

  for (const WeirTool *tool = self->request->tools; tool != NULL;
       tool = tool->next, index++)
    {
      char where[WEIR_LOSS_PLACE_MAX];

      weir_loss_put_tool (where, index);
      if (!is_function (tool))
        weir_chat_report (self, WEIR_LOSS_PROVIDER_TOOL, where);
      if (!is_function (tool) || !is_allowed (choice, tool))
        continue;
      report_of_tool (self, tool, where);
      if (!any)
        weir_json_open_array (&self->json, "tools");
      any = TRUE;
      write_tool (self, tool, where);
    }
  if (any)
    {
      weir_json_close (&self->json);
      write_choice (self);
    }
  else if (choice->mode != WEIR_CHOICE_UNSAID && choice->mode != WEIR_CHOICE_AUTO
           && choice->mode != WEIR_CHOICE_NONE)
    weir_chat_report (self, WEIR_LOSS_TOOL_CHOICE, "tool_choice");
}
