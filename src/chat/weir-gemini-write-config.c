/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tools, their choice, and how to generate, written for Gemini upstreams.
 *
 * Schemas: the service takes JSON Schema as it is in parametersJsonSchema and
 * responseJsonSchema (API reference, Gemini and Vertex, read 2026-10), so that is where
 * they are copied to.  Only a schema with references goes through the allow-list into
 * `parameters` or `responseSchema`: the service refuses many of those in either place. */

#include "config.h"

#include "chat/weir-logprobs.h"
#include "chat/weir-gemini-schema.h"
#include "chat/weir-gemini-writer.h"
#include "chat/weir-thinking.h"
#include "chat/weir-tool-name.h"

#define STOP_MOST 5

static void
report (WeirGeminiWriter *self, const char *loss, const char *where)
{
  if (self->options->on_loss != NULL)
    self->options->on_loss (loss, where, self->options->user_data);
}

static void
write_schema (WeirGeminiWriter *self,
              WeirJsonWriter *w,
              WeirSlice schema,
              const char *json_name,
              const char *openapi_name,
              const char *where)
{
  if (schema.length == 0)
    return;
  if (!weir_gemini_schema_has_references (schema))
    {
      weir_json_add_raw (w, json_name, schema);
      return;
    }
  g_string_truncate (self->scratch, 0);
  if (!weir_gemini_schema_narrow (schema, self->scratch))
    report (self, WEIR_LOSS_SCHEMA_KEYWORD, where);
  weir_json_add_raw (w, openapi_name,
                     (WeirSlice){ self->scratch->str, self->scratch->len });
}

static gboolean
is_function (const WeirTool *tool)
{
  return tool->type == WEIR_TOOL_FUNCTION || tool->type == WEIR_TOOL_CUSTOM;
}

static void
report_function (WeirGeminiWriter *self, const WeirTool *tool, const char *where)
{
  const struct
  {
    gboolean is_said;
    const char *loss;
  } losses[] = {
    { tool->format.length > 0, WEIR_LOSS_TOOL_FORMAT },
    { tool->strict == WEIR_YES, WEIR_LOSS_TOOL_STRICT },
    { tool->deferred == WEIR_YES, WEIR_LOSS_TOOL_DEFERRED },
    { tool->scope_text.length > 0, WEIR_LOSS_TOOL_SCOPE_TEXT },
    { tool->cache.said == WEIR_YES, WEIR_LOSS_CACHE_MARK },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (losses); i++)
    if (losses[i].is_said)
      report (self, losses[i].loss, where);
  weir_loss_report_unknown (self->options->on_loss, self->options->user_data, tool->unknown,
                            where);
}

static void
write_function (WeirGeminiWriter *self, const WeirTool *tool, unsigned index)
{
  const WeirSlice free_text
      = WEIR_SLICE ("{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},"
                    "\"required\":[\"input\"]}");
  g_autofree char *where = g_strdup_printf ("tools[%u]", index);
  WeirJsonWriter *w = &self->json;

  report_function (self, tool, where);
  weir_json_open (w, NULL);
  weir_json_add_escaped (
      w, "name",
      weir_tool_name_map_scoped (tool->scope, tool->name, WEIR_DIALECT_GEMINI, self->name));
  if (tool->description.length > 0)
    weir_json_add_escaped (w, "description", tool->description);
  write_schema (self, w, tool->type == WEIR_TOOL_CUSTOM ? free_text : tool->schema,
                "parametersJsonSchema", "parameters", where);
  weir_json_close (w);
}

static gboolean
write_functions (WeirGeminiWriter *self)
{
  gboolean open = FALSE;
  unsigned index = 0;

  for (const WeirTool *tool = self->request->tools; tool != NULL;
       tool = tool->next, index++)
    {
      if (!is_function (tool))
        continue;
      if (!open)
        {
          weir_json_open (&self->json, NULL);
          weir_json_open_array (&self->json, "functionDeclarations");
          open = TRUE;
        }
      write_function (self, tool, index);
    }
  if (!open)
    return FALSE;
  weir_json_close (&self->json);
  weir_json_close (&self->json);
  return TRUE;
}

/* Tools that vendors run: the same purpose under this one's name. */
static const char *
get_vendor_tool_name (WeirToolType type)
{
  switch (type)
    {
    case WEIR_TOOL_WEB_SEARCH:
      return "googleSearch";
    case WEIR_TOOL_CODE:
      return "codeExecution";
    case WEIR_TOOL_URL_CONTEXT:
      return "urlContext";
    case WEIR_TOOL_FUNCTION:
    case WEIR_TOOL_CUSTOM:
    case WEIR_TOOL_IMAGE_GENERATION:
    case WEIR_TOOL_OTHER:
    case WEIR_TOOL_LAST:
      break;
    }
  return NULL;
}

static gboolean
has_search_settings (const WeirSearch *search)
{
  return search->location.length > 0 || search->depth.length > 0
         || search->allowed.length > 0 || search->blocked.length > 0
         || search->most.length > 0;
}

/* Not beside functions: models before the third generation refuse that, and later ones ask
 * for their record of what the vendor ran to be sent back, for which a client of another
 * dialect has no place (tool combination guide, read 2026-10). */
static void
write_vendor_tools (WeirGeminiWriter *self, gboolean functions)
{
  unsigned index = 0;

  for (const WeirTool *tool = self->request->tools; tool != NULL;
       tool = tool->next, index++)
    {
      const char *name = functions ? NULL : get_vendor_tool_name (tool->type);
      g_autofree char *where = g_strdup_printf ("tools[%u]", index);

      if (is_function (tool) || tool == weir_gemini_get_drawing_tool (self->request))
        continue;
      if (name == NULL)
        {
          report (self, WEIR_LOSS_PROVIDER_TOOL, where);
          continue;
        }
      weir_loss_report_unknown (self->options->on_loss, self->options->user_data,
                                tool->unknown, where);
      if (has_search_settings (&tool->search))
        report (self, WEIR_LOSS_WEB_SEARCH, where);
      weir_json_open (&self->json, NULL);
      weir_json_open (&self->json, name);
      weir_json_close (&self->json);
      weir_json_close (&self->json);
    }
}

/* A choice names a tool without its namespace. */
static void
write_allowed_name (WeirGeminiWriter *self, WeirSlice name)
{
  WeirSlice scope = WEIR_SLICE ("");

  for (const WeirTool *tool = self->request->tools; tool != NULL; tool = tool->next)
    if (is_function (tool) && weir_slice_equal (tool->name, name))
      {
        scope = tool->scope;
        break;
      }
  weir_json_add_escaped (
      &self->json, NULL,
      weir_tool_name_map_scoped (scope, name, WEIR_DIALECT_GEMINI, self->name));
}

/* The mode in this dialect, or NULL where the choice cannot be said or need not be.
 * VALIDATED is AUTO that may be held to a list of names. */
static const char *
get_mode (const WeirToolChoice *choice)
{
  switch (choice->mode)
    {
    case WEIR_CHOICE_AUTO:
      return "AUTO";
    case WEIR_CHOICE_NONE:
      return "NONE";
    case WEIR_CHOICE_REQUIRED:
      return "ANY";
    case WEIR_CHOICE_TOOL:
      return choice->name.length > 0 ? "ANY" : NULL;
    case WEIR_CHOICE_ALLOWED:
      return choice->required ? "ANY" : "VALIDATED";
    case WEIR_CHOICE_UNSAID:
    case WEIR_CHOICE_OTHER:
      break;
    }
  return NULL;
}

static void
write_choice (WeirGeminiWriter *self)
{
  const WeirToolChoice *choice = &self->request->tool_choice;
  const char *mode = get_mode (choice);

  if (choice->parallel == WEIR_NO)
    report (self, WEIR_LOSS_TOOL_PARALLEL, "tool_choice");
  if (mode == NULL && choice->mode != WEIR_CHOICE_UNSAID)
    report (self, WEIR_LOSS_TOOL_CHOICE, "tool_choice");
  if (mode == NULL)
    return;
  weir_json_open (&self->json, WEIR_GEMINI_TOOL_CONFIG);
  weir_json_open (&self->json, "functionCallingConfig");
  weir_json_add_string (&self->json, "mode", mode);
  if (choice->mode == WEIR_CHOICE_TOOL || choice->mode == WEIR_CHOICE_ALLOWED)
    {
      weir_json_open_array (&self->json, "allowedFunctionNames");
      if (choice->mode == WEIR_CHOICE_TOOL)
        write_allowed_name (self, choice->name);
      else
        for (const WeirName *name = choice->names; name != NULL; name = name->next)
          write_allowed_name (self, name->name);
      weir_json_close (&self->json);
    }
  weir_json_close (&self->json);
  weir_json_close (&self->json);
}

void
weir_gemini_write_tools (WeirGeminiWriter *self)
{
  gboolean functions;

  if (self->request->tools == NULL
      || (self->request->n_tools == 1
          && weir_gemini_get_drawing_tool (self->request) != NULL))
    return;
  weir_json_open_array (&self->json, "tools");
  functions = write_functions (self);
  write_vendor_tools (self, functions);
  weir_json_close (&self->json);
  if (functions)
    write_choice (self);
}

static gboolean
holds_word (WeirSlice list, WeirSlice word)
{
  for (size_t i = 0; i + word.length <= list.length; i++)
    if (weir_slice_equal_nocase ((WeirSlice){ list.text + i, word.length }, word))
      return TRUE;
  return FALSE;
}

/* Sound in the answer has no word between the dialects; pictures have. */
static gboolean
asks_for_images (const WeirGeminiWriter *self)
{
  const WeirSlice modalities = self->request->options[WEIR_OPTION_MODALITIES];

  if (weir_gemini_get_drawing_tool (self->request) != NULL)
    return TRUE;
  return holds_word (modalities, WEIR_SLICE ("\"image\""))
         && !holds_word (modalities, WEIR_SLICE ("\"audio\""));
}

gboolean
weir_gemini_check_options (WeirGeminiWriter *self, GError **error)
{
  const WeirTool *drawing = weir_gemini_get_drawing_tool (self->request);
  WeirOption said[WEIR_OPTION_LAST + 1];
  unsigned n_said = 0;

  if (drawing != NULL && !weir_gemini_check_drawing (drawing, error))
    return FALSE;
  for (const WeirGeminiOption *row = weir_gemini_generation_options; row->name != NULL;
       row++)
    if (row->shared)
      said[n_said++] = row->option;
  said[n_said++] = WEIR_OPTION_LOGPROBS;
  said[n_said++] = WEIR_OPTION_TOP_LOGPROBS;
  if (asks_for_images (self))
    said[n_said++] = WEIR_OPTION_MODALITIES;
  said[n_said] = WEIR_OPTION_LAST;
  return weir_loss_check_options (self->request, WEIR_DIALECT_GEMINI, said,
                                  self->options->on_loss, self->options->user_data, error);
}

static gboolean
is_named (const WeirGeminiWriter *self, WeirSlice part)
{
  return holds_word (self->model, part);
}

/* Thinking guide, read 2026-10: the large models of the third generation have no level
 * below low. */
static unsigned
get_levels (const WeirGeminiWriter *self)
{
  if (is_named (self, WEIR_SLICE ("flash")))
    return WEIR_EFFORT_LOW_TO_HIGH | WEIR_EFFORT_BIT (WEIR_EFFORT_MINIMAL);
  return WEIR_EFFORT_LOW_TO_HIGH;
}

/* The same guide, of models that take a budget: what they may be given. */
static void
get_budgets (const WeirGeminiWriter *self, uint64_t *out_least, uint64_t *out_most)
{
  const gboolean known = is_named (self, WEIR_SLICE ("gemini-2.5"));
  const gboolean pro = known && is_named (self, WEIR_SLICE ("pro"));
  const gboolean lite = known && is_named (self, WEIR_SLICE ("lite"));

  *out_least = pro ? 128 : lite ? 512 : 1;
  *out_most = !known ? 0 : pro ? 32768 : 24576;
}

/* Off: the least the model can, where it cannot do without. */
static void
write_thinking_off (WeirGeminiWriter *self, WeirJsonWriter *w)
{
  const gboolean flash = is_named (self, WEIR_SLICE ("flash"));
  const gboolean pro = is_named (self, WEIR_SLICE ("gemini-2.5-pro"));

  if (self->levels)
    weir_json_add_string (w, "thinkingLevel", flash ? "minimal" : "low");
  else
    weir_json_add_uint (w, "thinkingBudget", pro ? 128 : 0);
  if (self->levels || pro)
    report (self, WEIR_LOSS_THINKING_LEVEL, "thinking");
}

static void
write_thinking_level (WeirGeminiWriter *self, WeirJsonWriter *w)
{
  const WeirSlice level = weir_thinking_as_level (&self->thinking, get_levels (self));

  weir_json_add_escaped (w, "thinkingLevel", level);
  if (!weir_slice_equal (level, self->thinking.level))
    report (self, WEIR_LOSS_THINKING_LEVEL, "thinking");
}

static void
write_thinking_budget (WeirGeminiWriter *self, WeirJsonWriter *w)
{
  uint64_t least;
  uint64_t most;
  uint64_t budget;

  get_budgets (self, &least, &most);
  if (!weir_thinking_as_budget (&self->thinking, least, most, &budget))
    {
      report (self, WEIR_LOSS_THINKING_LEVEL, "thinking");
      return;
    }
  weir_json_add_uint (w, "thinkingBudget", budget);
  if (self->thinking.mode == WEIR_THINKING_BUDGET && budget != self->thinking.budget)
    report (self, WEIR_LOSS_RANGE, "thinking");
}

/* Who asks other vendors for thinking mostly gets to see it; here it must be asked for. */
static void
write_thinking_shown (const WeirGeminiWriter *self, WeirJsonWriter *w)
{
  const WeirThinking *thinking = &self->thinking;
  gboolean shown = thinking->shown == WEIR_YES;

  if (thinking->mode == WEIR_THINKING_OFF)
    shown = FALSE;
  else if (thinking->mode != WEIR_THINKING_UNSAID && thinking->shown == WEIR_UNSAID)
    shown = TRUE;
  weir_json_add_boolean (w, "includeThoughts", shown);
}

void
weir_gemini_write_thinking (WeirGeminiWriter *self, WeirJsonWriter *w)
{
  const WeirThinking *thinking = &self->thinking;

  if (thinking->mode == WEIR_THINKING_UNSAID && thinking->shown == WEIR_UNSAID)
    return;
  weir_json_open (w, "thinkingConfig");
  switch (thinking->mode)
    {
    case WEIR_THINKING_UNSAID:
      break;
    case WEIR_THINKING_OFF:
      write_thinking_off (self, w);
      break;
    case WEIR_THINKING_AUTO:
      if (!self->levels) /* with levels it is what happens anyway */
        weir_json_add_int (w, "thinkingBudget", -1);
      break;
    case WEIR_THINKING_LEVEL:
    case WEIR_THINKING_BUDGET:
      if (self->levels)
        write_thinking_level (self, w);
      else
        write_thinking_budget (self, w);
      break;
    }
  write_thinking_shown (self, w);
  weir_json_close (w);
}

static void
write_format (WeirGeminiWriter *self, WeirJsonWriter *w)
{
  const WeirFormat *format = &self->request->response_format;

  if (format->type == WEIR_FORMAT_OTHER)
    report (self, WEIR_LOSS_FORMAT, "response_format");
  if (format->type != WEIR_FORMAT_JSON && format->type != WEIR_FORMAT_SCHEMA)
    return;
  weir_json_add_string (w, "responseMimeType", "application/json");
  if (format->type == WEIR_FORMAT_JSON)
    return;
  if (format->name.length > 0 || format->description.length > 0)
    report (self, WEIR_LOSS_FORMAT_NAME, "response_format");
  write_schema (self, w, format->schema, "responseJsonSchema", "responseSchema",
                "response_format");
}

static void
write_stop (WeirGeminiWriter *self, WeirJsonWriter *w)
{
  unsigned count = 0;

  if (self->request->stop == NULL)
    return;
  weir_json_open_array (w, "stopSequences");
  for (const WeirName *stop = self->request->stop; stop != NULL && count < STOP_MOST;
       stop = stop->next, count++)
    weir_json_add_escaped (w, NULL, stop->name);
  weir_json_close (w);
  if (self->request->n_stop > STOP_MOST)
    report (self, WEIR_LOSS_STOP, "stop");
}

/* How many other tokens to tell of is at least one, and refused alone. */
static void
write_logprobs (const WeirGeminiWriter *self, WeirJsonWriter *w)
{
  const WeirSlice others = self->request->options[WEIR_OPTION_TOP_LOGPROBS];

  if (!weir_logprobs_are_wanted (self->request))
    return;
  weir_json_add_boolean (w, "responseLogprobs", TRUE);
  if (others.length > 0 && !weir_slice_equal (others, WEIR_SLICE ("0")))
    weir_json_add_raw (w, "logprobs", others);
}

void
weir_gemini_write_generation (WeirGeminiWriter *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const WeirSlice *options = self->request->options;
  const WeirTool *drawing = weir_gemini_get_drawing_tool (self->request);
  WeirJsonWriter w;

  weir_json_writer_init (&w, text);
  weir_json_open (&w, NULL);
  for (const WeirGeminiOption *row = weir_gemini_generation_options; row->name != NULL;
       row++)
    if (row->shared && options[row->option].length > 0)
      weir_json_add_raw (&w, row->name, options[row->option]);
  write_logprobs (self, &w);
  if (asks_for_images (self))
    weir_json_add_raw (&w, "responseModalities", WEIR_SLICE ("[\"TEXT\",\"IMAGE\"]"));
  if (drawing != NULL)
    weir_gemini_write_drawing (self, drawing, &w);
  if (self->request->n_choices > 1)
    weir_json_add_uint (&w, "candidateCount", self->request->n_choices);
  write_stop (self, &w);
  write_format (self, &w);
  weir_gemini_write_thinking (self, &w);
  weir_json_close (&w);
  if (text->len > strlen ("{}"))
    weir_json_add_raw (&self->json, WEIR_GEMINI_GENERATION,
                       (WeirSlice){ text->str, text->len });
}
