/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Documents, requests and answers as texts that can be compared and read. */

#include "config.h"

#include "golden.h"

#include "base/weir-json-write.h"

#define WIDTH_MAX 92

static void
indent (GString *out, unsigned depth)
{
  g_string_append_c (out, '\n');
  for (unsigned i = 0; i < depth; i++)
    g_string_append (out, "  ");
}

/* White space outside strings is left out. */
static void
append_dense (GString *out, WeirSlice raw)
{
  gboolean inside = FALSE;

  for (size_t i = 0; i < raw.length; i++)
    {
      if (inside && raw.text[i] == '\\')
        g_string_append_c (out, raw.text[i++]);
      else if (raw.text[i] == '"')
        inside = !inside;
      else if (!inside && strchr (" \t\r\n", raw.text[i]) != NULL)
        continue;
      g_string_append_c (out, raw.text[i]);
    }
}

static gboolean
is_container (const WeirJson *json, uint32_t item)
{
  return weir_json_get_type (json, item) == WEIR_JSON_ARRAY
         || weir_json_get_type (json, item) == WEIR_JSON_OBJECT;
}

static void
print_item (const WeirJson *json, uint32_t item, unsigned depth, GString *out)
{
  const WeirSlice raw = weir_json_get_raw (json, item);
  const gboolean object = weir_json_get_type (json, item) == WEIR_JSON_OBJECT;
  const char *between = "";

  if (!is_container (json, item) || 2 * depth + raw.length < WIDTH_MAX)
    {
      append_dense (out, raw);
      return;
    }
  g_string_append_c (out, object ? '{' : '[');
  for (uint32_t i = weir_json_first (json, item); i != 0;
       i = weir_json_next (json, item, i))
    {
      g_string_append (out, between);
      between = ",";
      indent (out, depth + 1);
      if (object)
        {
          append_dense (out, weir_json_get_raw (json, i));
          g_string_append (out, ": ");
        }
      print_item (json, object ? i + 1 : i, depth + 1, out);
    }
  indent (out, depth);
  g_string_append_c (out, object ? '}' : ']');
}

char *
golden_print_json (WeirSlice text)
{
  g_auto (WeirJson) json = { 0 };
  GString *out = g_string_new (NULL);

  if (weir_json_parse (&json, text.text, text.length, NULL, NULL))
    print_item (&json, 0, 0, out);
  else
    {
      g_string_append (out, "not JSON: ");
      g_string_append_len (out, text.text, (gssize)text.length);
    }
  g_string_append_c (out, '\n');
  return g_string_free (out, FALSE);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static void
normalise_item (const WeirJson *json, uint32_t item, GString *out)
{
  const WeirJsonType type = weir_json_get_type (json, item);
  g_autoptr (GPtrArray) members = NULL;

  if (type == WEIR_JSON_STRING)
    {
      g_string_append_c (out, '"');
      weir_json_append_text (json, item, out);
      g_string_append_c (out, '"');
      return;
    }
  if (!is_container (json, item))
    {
      append_dense (out, weir_json_get_raw (json, item));
      return;
    }
  members = g_ptr_array_new_with_free_func (g_free);
  for (uint32_t i = weir_json_first (json, item); i != 0;
       i = weir_json_next (json, item, i))
    {
      GString *member = g_string_new (NULL);

      if (type == WEIR_JSON_OBJECT)
        {
          weir_json_append_text (json, i, member);
          g_string_append_c (member, ':');
        }
      normalise_item (json, type == WEIR_JSON_OBJECT ? i + 1 : i, member);
      g_ptr_array_add (members, g_string_free (member, FALSE));
    }
  if (type == WEIR_JSON_OBJECT)
    g_ptr_array_sort (members, compare_texts);
  g_string_append_c (out, type == WEIR_JSON_OBJECT ? '{' : '[');
  for (guint i = 0; i < members->len; i++)
    g_string_append_printf (out, "%s,", (const char *)g_ptr_array_index (members, i));
  g_string_append_c (out, type == WEIR_JSON_OBJECT ? '}' : ']');
}

char *
golden_normalise_json (WeirSlice text)
{
  g_auto (WeirJson) json = { 0 };
  GString *out;

  if (!weir_json_parse (&json, text.text, text.length, NULL, NULL))
    return NULL;
  out = g_string_new (NULL);
  normalise_item (&json, 0, out);
  return g_string_free (out, FALSE);
}

char *
golden_print_changes (WeirSlice text, WeirSlice other)
{
  g_auto (WeirJson) old = { 0 };
  g_auto (WeirJson) new = { 0 };
  GString *out = g_string_new (NULL);

  if (!weir_json_parse (&old, text.text, text.length, NULL, NULL)
      || !weir_json_parse (&new, other.text, other.length, NULL, NULL))
    return g_string_free (out, FALSE);
  for (uint32_t i = weir_json_first (&new, 0); i != 0; i = weir_json_next (&new, 0, i))
    {
      g_autofree char *name = weir_json_dup_text (&new, i);
      const uint32_t item = name != NULL ? weir_json_lookup (&old, 0, name) : 0;

      if (item != 0
          && weir_slice_equal (weir_json_get_raw (&old, item),
                               weir_json_get_raw (&new, i + 1)))
        continue;
      g_string_append_printf (out, "stream: \"%s\": ", name);
      append_dense (out, weir_json_get_raw (&new, i + 1));
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

/* Escaped bytes, decoded. */
static void
append_decoded (GString *out, WeirSlice text)
{
  g_autoptr (GString) quoted = g_string_new ("\"");
  g_auto (WeirJson) json = { 0 };

  g_string_append_len (quoted, text.text, (gssize)text.length);
  g_string_append_c (quoted, '"');
  if (weir_json_parse (&json, quoted->str, quoted->len, NULL, NULL))
    weir_json_append_text (&json, 0, out);
}

/* The same without white space, which dialects that join texts may put between them. */
static void
append_words (GString *out, WeirSlice text)
{
  g_autoptr (GString) decoded = g_string_new (NULL);

  append_decoded (decoded, text);
  for (gsize i = 0; i < decoded->len; i++)
    if (strchr (" \n", decoded->str[i]) == NULL)
      g_string_append_c (out, decoded->str[i]);
}

static void
append_value (GString *out, WeirSlice json)
{
  g_autofree char *normal = golden_normalise_json (json);

  g_string_append (out, normal != NULL ? normal : "(none)");
}

static void
append_result (GString *out, const WeirResult *result)
{
  g_autoptr (GString) scratch = g_string_new (NULL);

  g_string_append (out, "result ");
  append_words (out, weir_value_get_text (&result->value, scratch));
  for (const WeirPart *part = result->parts; part != NULL; part = part->next)
    if (part->type == WEIR_PART_TEXT)
      append_words (out, part->text);
  g_string_append_c (out, '\n');
}

static void
append_scoped (GString *out, WeirSlice scope, WeirSlice name)
{
  append_decoded (out, scope);
  if (scope.length > 0)
    g_string_append (out, "__");
  append_decoded (out, name);
}

static void
append_call (GString *out, const WeirCall *call, const WeirResult *result)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  WeirSlice arguments = WEIR_SLICE ("{}");

  (void)weir_call_get_object (call, scratch, &arguments);
  g_string_append (out, "call ");
  append_scoped (out, call->scope, call->name);
  g_string_append_c (out, ' ');
  append_value (out, arguments);
  g_string_append_c (out, '\n');
  if (result != NULL)
    append_result (out, result);
}

/* The result of @call, wherever it stands. */
static const WeirResult *
lookup_result (const WeirRequest *request, const WeirCall *call)
{
  for (const WeirMessage *message = request->messages; message != NULL;
       message = message->next)
    for (const WeirPart *part = message->parts; part != NULL; part = part->next)
      if (part->type == WEIR_PART_RESULT && part->result.of == call)
        return &part->result;
  return NULL;
}

static gboolean
may_be_called (const WeirToolChoice *choice, WeirSlice name)
{
  const WeirName *allowed = choice->names;

  if (choice->mode == WEIR_CHOICE_TOOL && choice->type <= WEIR_TOOL_CUSTOM)
    return weir_slice_equal (choice->name, name);
  if (choice->mode != WEIR_CHOICE_ALLOWED)
    return TRUE;
  while (allowed != NULL && !weir_slice_equal (allowed->name, name))
    allowed = allowed->next;
  return allowed != NULL;
}

static void
append_tools (GString *out, const WeirRequest *request)
{
  for (const WeirTool *tool = request->tools; tool != NULL; tool = tool->next)
    {
      if (tool->type > WEIR_TOOL_CUSTOM
          || !may_be_called (&request->tool_choice, tool->name))
        continue;
      g_string_append (out, "tool ");
      append_scoped (out, tool->scope, tool->name);
      g_string_append_c (out, '\n');
    }
}

/* A document of plain text is a text where the dialect has no documents. */
static WeirSlice
get_text (const WeirPart *part)
{
  if (part->type == WEIR_PART_FILE && part->media.source == WEIR_MEDIA_TEXT)
    return part->media.data;
  return part->type == WEIR_PART_TEXT ? part->text : WEIR_SLICE ("");
}

char *
golden_digest_request (const WeirRequest *request)
{
  GString *out = g_string_new ("system ");
  g_autoptr (GString) turns = g_string_new (NULL);
  g_autoptr (GString) calls = g_string_new (NULL);
  WeirRole last = WEIR_ROLE_SYSTEM;

  for (const WeirMessage *message = request->messages; message != NULL;
       message = message->next)
    for (const WeirPart *part = message->parts; part != NULL; part = part->next)
      {
        const WeirSlice text = get_text (part);

        if (part->type == WEIR_PART_CALL)
          append_call (calls, &part->call, lookup_result (request, &part->call));
        if (text.length == 0)
          continue;
        if (message->role <= WEIR_ROLE_DEVELOPER)
          {
            append_words (out, text);
            continue;
          }
        if (message->role != last)
          g_string_append (turns, message->role == WEIR_ROLE_USER ? "\nuser " : "\nmodel ");
        last = message->role;
        append_words (turns, text);
      }
  g_string_append_printf (out, "%s\n%s", turns->str, calls->str);
  append_tools (out, request);
  return g_string_free (out, FALSE);
}

static void
append_count (GString *out, const char *name, uint64_t count)
{
  if (count != WEIR_USAGE_UNKNOWN && count != 0)
    g_string_append_printf (out, " %s=%" G_GUINT64_FORMAT, name, count);
}

/* A custom call's text stands in `input` where the client has only functions. */
static void
append_arguments (GString *out, WeirBlockType type, const GString *text)
{
  if (type == WEIR_BLOCK_CUSTOM_CALL)
    g_string_append_printf (out, "{input:\"%s\",}", text->str);
  else
    append_value (out,
                  text->len > 0 ? (WeirSlice){ text->str, text->len } : WEIR_SLICE ("{}"));
}

static const char *
name_finish (WeirFinish finish)
{
  switch (finish)
    {
    case WEIR_FINISH_LENGTH:
      return "length";
    case WEIR_FINISH_TOOL_CALLS:
      return "calls";
    case WEIR_FINISH_REFUSAL:
      return "refusal";
    case WEIR_FINISH_STOP:
    case WEIR_FINISH_STOP_SEQUENCE:
    case WEIR_FINISH_PAUSE:
    case WEIR_FINISH_BROKEN:
    case WEIR_FINISH_OTHER:
    case WEIR_FINISH_LAST:
      break;
    }
  return "stop"; /* not every dialect tells these apart */
}

char *
golden_digest_answer (const WeirFold *fold)
{
  GString *out = g_string_new (NULL);
  g_autoptr (GString) texts = g_string_new (NULL);
  g_autoptr (GString) thoughts = g_string_new (NULL);

  for (guint i = 0; i < fold->blocks->len; i++)
    {
      const WeirFoldBlock *block = weir_fold_get_block (fold, i);
      const WeirSlice text = weir_fold_get_text (block);
      g_autoptr (GString) decoded = g_string_new (NULL);

      append_decoded (decoded, text);
      if (block->type == WEIR_BLOCK_TEXT || block->type == WEIR_BLOCK_REFUSAL)
        g_string_append (texts, decoded->str);
      else if (block->type == WEIR_BLOCK_THINKING)
        g_string_append (thoughts, decoded->str);
      else if (block->type == WEIR_BLOCK_TOOL_CALL || block->type == WEIR_BLOCK_CUSTOM_CALL)
        {
          g_string_append (out, "call ");
          append_decoded (out, block->name);
          g_string_append_c (out, ' ');
          append_arguments (out, block->type, decoded);
          g_string_append_c (out, '\n');
        }
    }
  g_string_append_printf (out, "text %s\nthoughts %s\nusage", texts->str, thoughts->str);
  append_count (out, "input", fold->usage.input);
  append_count (out, "output", fold->usage.output);
  append_count (out, "cached", fold->usage.cached);
  for (guint i = 0; i < fold->choices->len; i++)
    g_string_append_printf (out, "\nfinish %s",
                            name_finish (weir_fold_get_choice (fold, i)->finish));
  g_string_append_c (out, '\n');
  return g_string_free (out, FALSE);
}
