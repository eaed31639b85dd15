/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What stands beside the words in a request to Kiro (members as in weir-kiro-write.c). */

#include "config.h"

#include "chat/weir-kiro-writer.h"

#define NO_ARGUMENTS WEIR_SLICE ("{\"type\":\"object\",\"properties\":{}}")

void
weir_kiro_report (const WeirKiroWriter *self, const char *loss, const char *where)
{
  if (self->options->on_loss != NULL)
    self->options->on_loss (loss, where, self->options->user_data);
}

typedef void (*WritePart) (WeirKiroWriter *self, const WeirPart *part, const char *where);

/* Those of the whole turn, each with its place in the request. */
static void
write_parts (WeirKiroWriter *self,
             const char *name,
             const WeirKiroTurn *turn,
             WeirPartType type,
             WritePart write)
{
  unsigned m = turn->number;

  weir_json_open_array (&self->json, name);
  for (const WeirMessage *message = turn->first; message != turn->end;
       message = message->next, m++)
    {
      unsigned p = 0;

      for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
        {
          char where[WEIR_LOSS_PLACE_MAX];

          weir_loss_put_part (where, m, p);
          if (part->type == type)
            write (self, part, where);
        }
    }
  weir_json_close (&self->json);
}

const char *
weir_kiro_get_format (const WeirMedia *media)
{
  static const char *const formats[] = { "png", "jpeg", "gif", "webp" };

  for (size_t i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autofree char *type = g_strconcat ("image/", formats[i], NULL);

      if (weir_slice_equal_nocase (media->media_type, weir_slice_from_string (type)))
        return formats[i];
    }
  return NULL;
}

static void
write_image (WeirKiroWriter *self, const WeirPart *part, gboolean *open)
{
  if (!*open)
    weir_json_open_array (&self->json, "images");
  *open = TRUE;
  weir_json_open (&self->json, NULL);
  weir_json_add_string (&self->json, "format", weir_kiro_get_format (&part->media));
  weir_json_open (&self->json, "source");
  weir_json_add_escaped (&self->json, "bytes", part->media.data);
  weir_json_close (&self->json);
  weir_json_close (&self->json);
}

static gboolean
is_sayable_image (const WeirPart *part)
{
  return part->type == WEIR_PART_IMAGE && part->media.source == WEIR_MEDIA_DATA
         && weir_kiro_get_format (&part->media) != NULL;
}

void
weir_kiro_write_images (WeirKiroWriter *self, const WeirKiroTurn *turn)
{
  gboolean open = FALSE;

  for (const WeirMessage *message = turn->first; message != turn->end;
       message = message->next)
    for (const WeirPart *part = message->parts; part != NULL; part = part->next)
      {
        const WeirPart *inner = part->type == WEIR_PART_RESULT ? part->result.parts : NULL;

        if (is_sayable_image (part))
          write_image (self, part, &open);
        for (; inner != NULL; inner = inner->next)
          if (is_sayable_image (inner))
            write_image (self, inner, &open);
      }
  if (open)
    weir_json_close (&self->json);
}

static void
write_result_text (WeirKiroWriter *self, WeirSlice escaped)
{
  weir_json_open (&self->json, NULL);
  weir_json_add_escaped (&self->json, "text", escaped);
  weir_json_close (&self->json);
}

static void
write_result (WeirKiroWriter *self, const WeirPart *part, const char *where)
{
  const WeirResult *result = &part->result;

  weir_json_open (&self->json, NULL);
  weir_json_add_escaped (&self->json, "toolUseId", result->of->id);
  weir_json_add_string (&self->json, "status",
                        result->is_error == WEIR_YES ? "error" : "success");
  weir_json_open_array (&self->json, "content");
  if (result->value.spelling != WEIR_SPELLING_ABSENT || result->parts == NULL)
    write_result_text (self, weir_value_get_text (&result->value, self->scratch));
  for (const WeirPart *inner = result->parts; inner != NULL; inner = inner->next)
    if (inner->type == WEIR_PART_TEXT)
      write_result_text (self, inner->text);
    else
      weir_kiro_report (
          self, inner->type == WEIR_PART_OTHER ? WEIR_LOSS_PART : WEIR_LOSS_RESULT_MEDIA,
          where);
  weir_json_close (&self->json);
  weir_json_close (&self->json);
}

gboolean
weir_kiro_has_results (const WeirKiroTurn *turn)
{
  for (const WeirMessage *message = turn->first; message != turn->end;
       message = message->next)
    for (const WeirPart *part = message->parts; part != NULL; part = part->next)
      if (part->type == WEIR_PART_RESULT)
        return TRUE;
  return FALSE;
}

void
weir_kiro_write_results (WeirKiroWriter *self, const WeirKiroTurn *turn)
{
  write_parts (self, "toolResults", turn, WEIR_PART_RESULT, write_result);
}

/* --- tools --- */

static void
write_tool (WeirKiroWriter *self, const WeirTool *tool)
{
  weir_json_open (&self->json, NULL);
  weir_json_open (&self->json, "toolSpecification");
  weir_json_add_escaped (&self->json, "name", tool->name);
  /* one must be there, and it must not be empty */
  weir_json_add_escaped (&self->json, "description",
                         tool->description.length > 0 ? tool->description : tool->name);
  weir_json_open (&self->json, "inputSchema");
  weir_json_add_raw (&self->json, "json",
                     tool->schema.length > 0 ? tool->schema : NO_ARGUMENTS);
  weir_json_close (&self->json);
  weir_json_close (&self->json);
  weir_json_close (&self->json);
}

gboolean
weir_kiro_has_tools (const WeirKiroWriter *self)
{
  if (self->request->tool_choice.mode == WEIR_CHOICE_NONE)
    return FALSE;
  for (const WeirTool *tool = self->request->tools; tool != NULL; tool = tool->next)
    if (tool->type == WEIR_TOOL_FUNCTION)
      return TRUE;
  return FALSE;
}

static void
report_tool (const WeirKiroWriter *self, const WeirTool *tool, const char *where)
{
  if (tool->type == WEIR_TOOL_WEB_SEARCH)
    weir_kiro_report (self, WEIR_LOSS_WEB_SEARCH, where);
  else if (tool->type != WEIR_TOOL_FUNCTION)
    weir_kiro_report (self, WEIR_LOSS_PROVIDER_TOOL, where);
  if (tool->strict == WEIR_YES)
    weir_kiro_report (self, WEIR_LOSS_TOOL_STRICT, where);
  if (tool->deferred == WEIR_YES)
    weir_kiro_report (self, WEIR_LOSS_TOOL_DEFERRED, where);
  if (tool->cache.said == WEIR_YES)
    weir_kiro_report (self, WEIR_LOSS_CACHE_MARK, where);
}

void
weir_kiro_write_tools (WeirKiroWriter *self)
{
  unsigned t = 0;

  weir_json_open_array (&self->json, "tools");
  for (const WeirTool *tool = self->request->tools; tool != NULL; tool = tool->next, t++)
    {
      char where[WEIR_LOSS_PLACE_MAX];

      weir_loss_put_tool (where, t);
      report_tool (self, tool, where);
      if (tool->type == WEIR_TOOL_FUNCTION)
        write_tool (self, tool);
    }
  weir_json_close (&self->json);
}

/* --- calls --- */

static void
write_call (WeirKiroWriter *self, const WeirPart *part, const char *where)
{
  WeirSlice arguments = WEIR_SLICE ("{}");

  if (!weir_call_get_object (&part->call, self->scratch, &arguments))
    {
      weir_kiro_report (self, WEIR_LOSS_CALL_ARGUMENTS, where);
      arguments = WEIR_SLICE ("{}");
    }
  weir_json_open (&self->json, NULL);
  weir_json_add_escaped (&self->json, "toolUseId", part->call.id);
  weir_json_add_escaped (&self->json, "name", part->call.name);
  weir_json_add_raw (&self->json, "input", arguments);
  weir_json_close (&self->json);
}

void
weir_kiro_write_calls (WeirKiroWriter *self, const WeirKiroTurn *turn)
{
  write_parts (self, "toolUses", turn, WEIR_PART_CALL, write_call);
}
