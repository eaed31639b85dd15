/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tools and the choice between them in an OpenAI Responses request (API reference, "create
 * a model response", read 2026-10). */

#include "config.h"

#include "chat/weir-openai-fit.h"
#include "chat/weir-openai-responses-writer.h"
#include "chat/weir-tool-name.h"

/* Words for tools of the vendor's own; NULL: there is none. */
static const char *const type_words[WEIR_TOOL_LAST] = {
  [WEIR_TOOL_FUNCTION] = "function",
  [WEIR_TOOL_CUSTOM] = "custom",
  [WEIR_TOOL_WEB_SEARCH] = "web_search",
  [WEIR_TOOL_CODE] = "code_interpreter",
  [WEIR_TOOL_IMAGE_GENERATION] = "image_generation",
};

static WeirSlice
map_name (WeirResponsesWriter *self, WeirSlice name)
{
  return weir_tool_name_map (name, WEIR_DIALECT_OPENAI_RESPONSES, self->scratch);
}

/* A function without a word on strictness is strict here, and nowhere else. */
static void
write_function (WeirResponsesWriter *self, const WeirTool *tool, const char *where)
{
  WeirJsonWriter *json = &self->json;
  g_autoptr (GBytes) edited = NULL;
  gboolean lost = FALSE;

  weir_json_add_escaped (json, "name", map_name (self, tool->name));
  weir_responses_add_text (self, "description", tool->description);
  weir_json_add_raw (json, "parameters",
                     weir_openai_fit_arguments (tool->schema, &edited, &lost));
  if (lost)
    weir_responses_report (self, WEIR_LOSS_SCHEMA_KEYWORD, where);
  weir_json_add_boolean (json, "strict", tool->strict == WEIR_YES);
}

/* Chat keeps a grammar one object deeper. */
static void
write_format (WeirResponsesWriter *self, WeirSlice format)
{
  g_auto (WeirJson) json = { 0 };
  uint32_t grammar;

  if (!weir_json_parse (&json, format.text, format.length, NULL, NULL))
    return;
  grammar = weir_json_lookup (&json, 0, "grammar");
  if (grammar == 0)
    {
      weir_json_add_raw (&self->json, "format", format);
      return;
    }
  weir_json_open (&self->json, "format");
  weir_json_add_string (&self->json, "type", "grammar");
  for (uint32_t i = weir_json_first (&json, grammar); i != 0;
       i = weir_json_next (&json, grammar, i))
    {
      g_autofree char *name = weir_json_dup_text (&json, i);

      if (name != NULL)
        weir_json_add_raw (&self->json, name, weir_json_get_raw (&json, i + 1));
    }
  weir_json_close (&self->json);
}

static void
write_custom (WeirResponsesWriter *self, const WeirTool *tool)
{
  weir_json_add_escaped (&self->json, "name", map_name (self, tool->name));
  weir_responses_add_text (self, "description", tool->description);
  if (tool->format.length > 0)
    write_format (self, tool->format);
}

static void
write_search (WeirResponsesWriter *self, const WeirSearch *search, const char *where)
{
  WeirJsonWriter *json = &self->json;

  if (search->depth.length > 0)
    weir_json_add_raw (json, "search_context_size", search->depth);
  if (search->location.length > 0)
    weir_json_add_raw (json, "user_location", search->location);
  if (search->allowed.length > 0 || search->blocked.length > 0)
    weir_json_open (json, "filters");
  if (search->allowed.length > 0)
    weir_json_add_raw (json, "allowed_domains", search->allowed);
  if (search->blocked.length > 0)
    weir_json_add_raw (json, "blocked_domains", search->blocked);
  if (search->allowed.length > 0 || search->blocked.length > 0)
    weir_json_close (json);
  if (search->most.length > 0)
    weir_responses_report (self, WEIR_LOSS_WEB_SEARCH, where);
}

static void
report_of_tool (const WeirResponsesWriter *self, const WeirTool *tool, const char *where)
{
  if (tool->cache.said != WEIR_UNSAID)
    weir_responses_report (self, WEIR_LOSS_CACHE_MARK, where);
  if (tool->deferred == WEIR_YES)
    weir_responses_report (self, WEIR_LOSS_TOOL_DEFERRED, where);
  weir_responses_report_unknown (self, tool->unknown, where);
}

static gboolean
goes_as_it_came (const WeirTool *tool)
{
  return tool->origin == WEIR_DIALECT_OPENAI_RESPONSES && tool->raw.length > 0;
}

static gboolean
has_word (const WeirTool *tool)
{
  return goes_as_it_came (tool) || type_words[tool->type] != NULL;
}

static void
write_tool (WeirResponsesWriter *self, const WeirTool *tool, unsigned index)
{
  char where[WEIR_LOSS_PLACE_MAX];

  if (goes_as_it_came (tool))
    {
      weir_json_add_raw (&self->json, NULL, tool->raw);
      return;
    }
  weir_loss_put_tool (where, index);
  report_of_tool (self, tool, where);
  weir_json_open (&self->json, NULL);
  weir_json_add_string (&self->json, "type", type_words[tool->type]);
  if (tool->type == WEIR_TOOL_FUNCTION)
    write_function (self, tool, where);
  else if (tool->type == WEIR_TOOL_CUSTOM)
    write_custom (self, tool);
  else if (tool->type == WEIR_TOOL_WEB_SEARCH)
    write_search (self, &tool->search, where);
  else if (tool->type == WEIR_TOOL_CODE)
    weir_json_add_raw (&self->json, "container", WEIR_SLICE ("{\"type\":\"auto\"}"));
  weir_json_close (&self->json);
}

static void
open_namespace (WeirResponsesWriter *self, const WeirTool *first)
{
  weir_json_open (&self->json, NULL);
  weir_json_add_string (&self->json, "type", "namespace");
  weir_json_add_escaped (&self->json, "name", first->scope);
  weir_responses_add_text (self, "description", first->scope_text);
  for (const WeirUnknown *unknown = first->unknown; unknown != NULL;
       unknown = unknown->next)
    if (!weir_responses_was_in (unknown, first->raw))
      weir_responses_add_unknown (self, unknown, strlen ("namespace."));
  weir_json_open_array (&self->json, "tools");
}

static void
close_namespace (WeirResponsesWriter *self)
{
  weir_json_close (&self->json);
  weir_json_close (&self->json);
}

static void
write_list (WeirResponsesWriter *self)
{
  WeirSlice scope = { NULL };
  unsigned index = 0;

  weir_json_open_array (&self->json, "tools");
  for (const WeirTool *tool = self->request->tools; tool != NULL;
       tool = tool->next, index++)
    {
      if (!has_word (tool))
        continue;
      if (!weir_slice_equal (scope, tool->scope))
        {
          if (scope.length > 0)
            close_namespace (self);
          scope = tool->scope;
          if (scope.length > 0)
            open_namespace (self, tool);
        }
      write_tool (self, tool, index);
    }
  if (scope.length > 0)
    close_namespace (self);
  weir_json_close (&self->json);
}

static void
write_named (WeirResponsesWriter *self, const char *name, const char *type, WeirSlice tool)
{
  weir_json_open (&self->json, name);
  weir_json_add_string (&self->json, "type", type);
  if (tool.length > 0)
    weir_json_add_escaped (&self->json, "name", map_name (self, tool));
  weir_json_close (&self->json);
}

static void
write_allowed (WeirResponsesWriter *self)
{
  const WeirToolChoice *choice = &self->request->tool_choice;

  weir_json_open (&self->json, "tool_choice");
  weir_json_add_string (&self->json, "type", "allowed_tools");
  weir_json_add_string (&self->json, "mode", choice->required ? "required" : "auto");
  weir_json_open_array (&self->json, "tools");
  for (const WeirName *name = choice->names; name != NULL; name = name->next)
    write_named (self, NULL, "function", name->name);
  weir_json_close (&self->json);
  weir_json_close (&self->json);
}

static void
write_choice (WeirResponsesWriter *self)
{
  const WeirToolChoice *choice = &self->request->tool_choice;
  const char *word = type_words[choice->type];

  switch (choice->mode)
    {
    case WEIR_CHOICE_UNSAID:
      return;
    case WEIR_CHOICE_AUTO:
      weir_json_add_string (&self->json, "tool_choice", "auto");
      return;
    case WEIR_CHOICE_NONE:
      weir_json_add_string (&self->json, "tool_choice", "none");
      return;
    case WEIR_CHOICE_REQUIRED:
      weir_json_add_string (&self->json, "tool_choice", "required");
      return;
    case WEIR_CHOICE_TOOL:
      if (word != NULL)
        write_named (self, "tool_choice", word, choice->name);
      else
        weir_responses_report (self, WEIR_LOSS_TOOL_CHOICE, "tool_choice");
      return;
    case WEIR_CHOICE_ALLOWED:
      write_allowed (self);
      return;
    case WEIR_CHOICE_OTHER:
      weir_responses_report (self, WEIR_LOSS_TOOL_CHOICE, "tool_choice");
      return;
    }
}

/* FALSE: none is left. */
static gboolean
report_lost_tools (const WeirResponsesWriter *self)
{
  gboolean any = FALSE;
  unsigned index = 0;

  for (const WeirTool *tool = self->request->tools; tool != NULL;
       tool = tool->next, index++)
    if (has_word (tool))
      any = TRUE;
    else
      weir_loss_report (self->options->on_loss, self->options->user_data,
                        WEIR_LOSS_PROVIDER_TOOL, "tools[%u]", index);
  return any;
}

static void
report_lost_choice (const WeirResponsesWriter *self)
{
  const WeirToolChoiceMode mode = self->request->tool_choice.mode;

  if (mode != WEIR_CHOICE_UNSAID && mode != WEIR_CHOICE_AUTO && mode != WEIR_CHOICE_NONE)
    weir_responses_report (self, WEIR_LOSS_TOOL_CHOICE, "tool_choice");
}

/* A choice between no tools is refused by the vendor. */
void
weir_responses_write_tools (WeirResponsesWriter *self)
{
  const WeirToolChoice *choice = &self->request->tool_choice;
  const gboolean any = report_lost_tools (self);

  if (any)
    write_list (self);
  if (self->own && choice->raw.length > 0)
    weir_json_add_raw (&self->json, "tool_choice", choice->raw);
  else if (any)
    write_choice (self);
  else
    report_lost_choice (self);
  if (choice->parallel != WEIR_UNSAID && (any || self->own))
    weir_json_add_boolean (&self->json, "parallel_tool_calls",
                           choice->parallel == WEIR_YES);
}
