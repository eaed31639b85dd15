/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A tool that must draw, said to a model that draws by itself (Gemini API, "image
 * generation", read 2026-11): the answer's modalities, and the shape nearest to the size.
 */

#include "config.h"

#include "chat/weir-gemini-writer.h"

/* Shapes that every image model knows. */
static const struct
{
  const char *name;
  unsigned width;
  unsigned height;
} shapes[] = {
  { "1:1", 1, 1 }, { "2:3", 2, 3 }, { "3:2", 3, 2 },   { "3:4", 3, 4 },   { "4:3", 4, 3 },
  { "4:5", 4, 5 }, { "5:4", 5, 4 }, { "9:16", 9, 16 }, { "16:9", 16, 9 }, { "21:9", 21, 9 },
};

/* What the shape and the number of pixels have nothing to do with. */
static const char *const lost[]
    = { "quality",    "background",     "output_format", "output_compression",
        "moderation", "input_fidelity", "partial_images" };

const WeirTool *
weir_gemini_get_drawing_tool (const WeirRequest *request)
{
  const WeirToolChoice *choice = &request->tool_choice;

  if (choice->mode != WEIR_CHOICE_TOOL || choice->type != WEIR_TOOL_IMAGE_GENERATION)
    return NULL;
  for (const WeirTool *tool = request->tools; tool != NULL; tool = tool->next)
    if (tool->type == WEIR_TOOL_IMAGE_GENERATION)
      return tool;
  return NULL;
}

static double
get_distance (double ratio, size_t shape)
{
  const double other = (double)shapes[shape].width / shapes[shape].height;

  return ratio > other ? ratio / other : other / ratio;
}

/* "1024x1536" */
static gboolean
read_size (const char *size, double *out_ratio)
{
  g_auto (GStrv) numbers = g_strsplit (size, "x", 3);
  guint64 width;
  guint64 height;

  if (g_strv_length (numbers) != 2
      || !g_ascii_string_to_unsigned (numbers[0], 10, 1, 1u << 16, &width, NULL)
      || !g_ascii_string_to_unsigned (numbers[1], 10, 1, 1u << 16, &height, NULL))
    return FALSE;
  *out_ratio = (double)width / (double)height;
  return TRUE;
}

static void
report (WeirGeminiWriter *self, const char *name)
{
  weir_loss_report (self->options->on_loss, self->options->user_data,
                    weir_loss_get_option_word (WEIR_OPTION_IMAGE_CONFIG), "%s", name);
}

static void
write_shape (WeirGeminiWriter *self, WeirJsonWriter *w, const char *size)
{
  double ratio;
  size_t best = 0;

  if (g_str_equal (size, "auto"))
    return;
  if (!read_size (size, &ratio))
    {
      report (self, "size");
      return;
    }
  for (size_t i = 1; i < G_N_ELEMENTS (shapes); i++)
    if (get_distance (ratio, i) < get_distance (ratio, best))
      best = i;
  if (get_distance (ratio, best) > 1.001)
    report (self, "size");
  weir_json_open (w, "imageConfig");
  weir_json_add_string (w, "aspectRatio", shapes[best].name);
  weir_json_close (w);
}

void
weir_gemini_write_drawing (WeirGeminiWriter *self, const WeirTool *tool, WeirJsonWriter *w)
{
  g_auto (WeirJson) json = { 0 };
  g_autofree char *size = NULL;
  uint32_t item;

  if (!weir_json_parse (&json, tool->raw.text, tool->raw.length, NULL, NULL))
    return;
  item = weir_json_lookup (&json, 0, "size");
  if (item != 0 && self->request->options[WEIR_OPTION_IMAGE_CONFIG].length == 0)
    size = weir_json_dup_text (&json, item);
  if (size != NULL)
    write_shape (self, w, size);
  for (size_t i = 0; i < G_N_ELEMENTS (lost); i++)
    {
      item = weir_json_lookup (&json, 0, lost[i]);
      if (item != 0 && !weir_json_equals (&json, item, "auto"))
        report (self, lost[i]);
    }
}

gboolean
weir_gemini_check_drawing (const WeirTool *tool, GError **error)
{
  g_auto (WeirJson) json = { 0 };

  if (weir_json_parse (&json, tool->raw.text, tool->raw.length, NULL, NULL)
      && weir_json_lookup (&json, 0, "input_image_mask") != 0)
    return weir_error_set (
        error, WEIR_ERROR_UNSUPPORTED,
        "a mask cannot be said to an upstream that speaks gemini; say in "
        "the prompt what is to be changed");
  return TRUE;
}
