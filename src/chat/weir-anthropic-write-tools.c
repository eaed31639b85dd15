/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tools of other dialects, and the choice between them, in an Anthropic Messages request
 * (API reference, read 2026-10). */

#include "config.h"

#include "chat/weir-anthropic-writer.h"
#include "chat/weir-tool-name.h"

/* The vendor's search that every one of its models since 3.5 takes without a beta. */
#define SEARCH_TYPE "web_search_20250305"
#define SEARCH_NAME "web_search"

#define FREE_TEXT                                                                          \
  "{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},"                 \
  "\"required\":[\"input\"]}"

static gboolean
is_function (const WeirTool *tool)
{
  return tool->type == WEIR_TOOL_FUNCTION || tool->type == WEIR_TOOL_CUSTOM;
}

static const WeirTool *
find_function (const WeirRequest *request, WeirSlice name)
{
  for (const WeirTool *tool = request->tools; tool != NULL; tool = tool->next)
    if (is_function (tool) && weir_slice_equal (tool->name, name))
      return tool;
  return NULL;
}

/* Is @tool one of those that may be called?  Others are not shown. */
static gboolean
is_allowed (const WeirRequest *request, const WeirTool *tool)
{
  const WeirToolChoice *choice = &request->tool_choice;

  if (choice->mode != WEIR_CHOICE_ALLOWED)
    return TRUE;
  for (const WeirName *name = choice->names; name != NULL; name = name->next)
    if (weir_slice_equal (name->name, tool->name))
      return TRUE;
  return FALSE;
}

/* A function of that name would stand in its way. */
static gboolean
can_search (const WeirAnthropicWriter *self)
{
  return self->model.known
         && find_function (self->request, WEIR_SLICE (SEARCH_NAME)) == NULL;
}

static void
write_schema (WeirAnthropicWriter *self, WeirSlice schema, const char *where)
{
  g_autoptr (GBytes) edited = NULL;
  gboolean lost = FALSE;

  schema = weir_anthropic_fit_arguments (schema, &edited, &lost);
  if (lost)
    weir_anthropic_report (self, WEIR_LOSS_SCHEMA_KEYWORD, where);
  weir_json_add_raw (&self->json, "input_schema", schema);
}

/* Strictness has limits here that other vendors' schemas do not keep to. */
static void
report_of_tool (const WeirAnthropicWriter *self, const WeirTool *tool, const char *where)
{
  if (tool->strict == WEIR_YES)
    weir_anthropic_report (self, WEIR_LOSS_TOOL_STRICT, where);
  if (tool->deferred == WEIR_YES)
    weir_anthropic_report (self, WEIR_LOSS_TOOL_DEFERRED, where);
  if (tool->format.length > 0)
    weir_anthropic_report (self, WEIR_LOSS_TOOL_FORMAT, where);
  if (tool->scope_text.length > 0)
    weir_anthropic_report (self, WEIR_LOSS_TOOL_SCOPE_TEXT, where);
  weir_anthropic_report_unknown (self, tool->unknown, where);
}

static void
write_function (WeirAnthropicWriter *self, const WeirTool *tool, const char *where)
{
  WeirJsonWriter *json = &self->json;

  report_of_tool (self, tool, where);
  weir_json_open (json, NULL);
  weir_json_add_escaped (json, "name",
                         weir_tool_name_map_scoped (tool->scope, tool->name,
                                                    WEIR_DIALECT_ANTHROPIC, self->scratch));
  weir_anthropic_add_text (self, "description", tool->description);
  if (tool->type == WEIR_TOOL_CUSTOM)
    weir_json_add_raw (json, "input_schema", WEIR_SLICE (FREE_TEXT));
  else
    write_schema (self, tool->schema, where);
  weir_anthropic_write_cache_mark (self, &tool->cache);
  weir_json_close (json);
}

static void
write_search (WeirAnthropicWriter *self, const WeirTool *tool, const char *where)
{
  const struct
  {
    const char *name;
    WeirSlice value;
  } settings[] = {
    { "max_uses", tool->search.most },
    { "allowed_domains", tool->search.allowed },
    { "blocked_domains", tool->search.blocked },
    { "user_location", tool->search.location },
  };

  if (tool->search.depth.length > 0)
    weir_anthropic_report (self, WEIR_LOSS_WEB_SEARCH, where);
  weir_anthropic_report_unknown (self, tool->unknown, where);
  weir_json_open (&self->json, NULL);
  weir_json_add_string (&self->json, "type", SEARCH_TYPE);
  weir_json_add_string (&self->json, "name", SEARCH_NAME);
  for (size_t i = 0; i < G_N_ELEMENTS (settings); i++)
    if (settings[i].value.length > 0)
      weir_json_add_raw (&self->json, settings[i].name, settings[i].value);
  weir_json_close (&self->json);
}

static gboolean
is_written (const WeirAnthropicWriter *self, const WeirTool *tool)
{
  return is_allowed (self->request, tool)
         && (is_function (tool)
             || (tool->type == WEIR_TOOL_WEB_SEARCH && can_search (self)));
}

static gboolean
has_tools (const WeirAnthropicWriter *self)
{
  for (const WeirTool *tool = self->request->tools; tool != NULL; tool = tool->next)
    if (is_written (self, tool))
      return TRUE;
  return FALSE;
}

static void
write_list (WeirAnthropicWriter *self)
{
  gboolean searches = FALSE;
  unsigned index = 0;

  weir_json_open_array (&self->json, "tools");
  for (const WeirTool *tool = self->request->tools; tool != NULL;
       tool = tool->next, index++)
    {
      char where[WEIR_LOSS_PLACE_MAX];

      weir_loss_put_tool (where, index);
      if (!is_written (self, tool) || (searches && !is_function (tool)))
        continue;
      if (is_function (tool))
        {
          write_function (self, tool, where);
          continue;
        }
      write_search (self, tool, where);
      searches = TRUE;
    }
  weir_json_close (&self->json);
}

static void
report_missing (const WeirAnthropicWriter *self)
{
  unsigned index = 0;

  for (const WeirTool *tool = self->request->tools; tool != NULL;
       tool = tool->next, index++)
    if (!is_written (self, tool) && is_allowed (self->request, tool))
      weir_loss_report (self->options->on_loss, self->options->user_data,
                        WEIR_LOSS_PROVIDER_TOOL, "tools[%u]", index);
}

/* The one tool that must be called, or NULL. */
static const WeirTool *
find_chosen (const WeirRequest *request)
{
  const WeirToolChoice *choice = &request->tool_choice;

  if (choice->mode == WEIR_CHOICE_TOOL)
    return find_function (request, choice->name);
  if (choice->mode == WEIR_CHOICE_ALLOWED && choice->required && choice->names != NULL
      && choice->names->next == NULL)
    return find_function (request, choice->names->name);
  return NULL;
}

static const char *
get_choice_word (const WeirAnthropicWriter *self)
{
  const WeirToolChoice *choice = &self->request->tool_choice;

  if (find_chosen (self->request) != NULL)
    return "tool";
  switch (choice->mode)
    {
    case WEIR_CHOICE_NONE:
      return "none";
    case WEIR_CHOICE_REQUIRED:
      return "any";
    case WEIR_CHOICE_ALLOWED:
      return choice->required ? "any" : "auto";
    case WEIR_CHOICE_UNSAID:
    case WEIR_CHOICE_AUTO:
    case WEIR_CHOICE_TOOL:
    case WEIR_CHOICE_OTHER:
      break;
    }
  return "auto";
}

gboolean
weir_anthropic_must_call (const WeirAnthropicWriter *self)
{
  const WeirToolChoice *choice = &self->request->tool_choice;
  const char *word;

  if (self->own)
    return choice->mode == WEIR_CHOICE_REQUIRED || choice->mode == WEIR_CHOICE_TOOL;
  word = get_choice_word (self);
  return has_tools (self) && (strcmp (word, "any") == 0 || strcmp (word, "tool") == 0);
}

static void
write_choice (WeirAnthropicWriter *self)
{
  const WeirToolChoice *choice = &self->request->tool_choice;
  const WeirTool *chosen = find_chosen (self->request);
  const char *word = get_choice_word (self);
  const gboolean alone = choice->parallel == WEIR_NO && strcmp (word, "none") != 0;
  WeirJsonWriter *json = &self->json;

  if (choice->mode == WEIR_CHOICE_OTHER
      || (choice->mode == WEIR_CHOICE_TOOL && chosen == NULL))
    weir_anthropic_report (self, WEIR_LOSS_TOOL_CHOICE, "tool_choice");
  if (choice->mode == WEIR_CHOICE_UNSAID && !alone)
    return;
  weir_json_open (json, "tool_choice");
  weir_json_add_string (json, "type", word);
  if (chosen != NULL)
    weir_json_add_escaped (json, "name",
                           weir_tool_name_map_scoped (chosen->scope, chosen->name,
                                                      WEIR_DIALECT_ANTHROPIC,
                                                      self->scratch));
  if (alone)
    weir_json_add_boolean (json, "disable_parallel_tool_use", TRUE);
  weir_json_close (json);
}

/* A choice between no tools is refused. */
void
weir_anthropic_write_tools (WeirAnthropicWriter *self)
{
  const WeirToolChoiceMode mode = self->request->tool_choice.mode;

  report_missing (self);
  if (has_tools (self))
    {
      write_list (self);
      write_choice (self);
    }
  else if (mode != WEIR_CHOICE_UNSAID && mode != WEIR_CHOICE_AUTO
           && mode != WEIR_CHOICE_NONE)
    weir_anthropic_report (self, WEIR_LOSS_TOOL_CHOICE, "tool_choice");
}
