/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where each dialect keeps its system prompt, and one put before it.  Parts and blocks end
 * in a blank line of their own, since vendors join them without one. */

#include "config.h"

#include "chat/weir-system-prompt.h"

#include "base/weir-error.h"
#include "base/weir-json-edit.h"
#include "base/weir-json-write.h"
#include "chat/weir-gemini-fields.h"

typedef struct
{
  WeirJson json;
  WeirJsonEdit edit;
  WeirSlice prompt;
} Insertion;

static void
clear_insertion (Insertion *self)
{
  weir_json_edit_clear (&self->edit);
  weir_json_clear (&self->json);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Insertion, clear_insertion)

/* (transfer full): a JSON string of the prompt, and of @rest (escaped) behind a blank line
 * where there is some. */
static GString *
quote (const Insertion *self, WeirSlice rest)
{
  GString *text = g_string_new ("\"");

  weir_json_escape (text, self->prompt, FALSE);
  if (rest.length > 0)
    g_string_append (text, "\\n\\n");
  g_string_append_len (text, rest.text, (gssize)rest.length);
  return g_string_append_c (text, '"');
}

/* Puts the prompt before the text of the string at @item. */
static void
extend_string (Insertion *self, uint32_t item)
{
  const WeirSlice raw = weir_json_get_raw (&self->json, item);
  g_autoptr (GString) text = quote (self, (WeirSlice){ raw.text + 1, raw.length - 2 });

  weir_json_edit_replace (&self->edit, &self->json, item,
                          (WeirSlice){ text->str, text->len });
}

/* Sets the member @name of @object to the prompt between @before and @after. */
static void
set_prompt (Insertion *self,
            uint32_t object,
            const char *name,
            const char *before,
            const char *after)
{
  g_autoptr (GString) text = quote (self, (WeirSlice){ 0 });

  g_string_prepend (text, before);
  g_string_append (text, after);
  weir_json_edit_set (&self->edit, &self->json, object, name,
                      (WeirSlice){ text->str, text->len });
}

/* Puts one element before those of @array: `@before "prompt" }`.  @is_part: a text that is
 * followed by others. */
static void
prepend (Insertion *self, uint32_t array, const char *before, gboolean is_part)
{
  const uint32_t first = weir_json_first (&self->json, array);
  g_autoptr (GString) text = quote (self, (WeirSlice){ 0 });

  if (is_part && first != 0)
    g_string_insert (text, (gssize)text->len - 1, "\\n\\n");
  g_string_prepend (text, before);
  g_string_append_c (text, '}');
  if (first == 0)
    {
      weir_json_edit_append_element (&self->edit, &self->json, array,
                                     (WeirSlice){ text->str, text->len });
      return;
    }
  g_string_append_c (text, ',');
  g_string_append_len (text, weir_json_get_raw (&self->json, first).text,
                       (gssize)weir_json_get_raw (&self->json, first).length);
  weir_json_edit_replace (&self->edit, &self->json, first,
                          (WeirSlice){ text->str, text->len });
}

/* The member @name of @object: text, parts that begin with @before, or nothing yet. */
static gboolean
extend_member (
    Insertion *self, uint32_t object, const char *name, const char *before, GError **error)
{
  const uint32_t item = weir_json_lookup (&self->json, object, name);
  const WeirJsonType type
      = item != 0 ? weir_json_get_type (&self->json, item) : WEIR_JSON_NULL;

  if (type == WEIR_JSON_NULL)
    set_prompt (self, object, name, "", "");
  else if (type == WEIR_JSON_STRING)
    extend_string (self, item);
  else if (type == WEIR_JSON_ARRAY && before != NULL)
    prepend (self, item, before, TRUE);
  else
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "%s has a wrong type", name);
  return TRUE;
}

static gboolean
insert_chat (Insertion *self, GError **error)
{
  const WeirJson *json = &self->json;
  const uint32_t messages = weir_json_lookup (json, 0, "messages");
  uint32_t first;
  uint32_t role;

  if (messages == 0 || weir_json_get_type (json, messages) != WEIR_JSON_ARRAY)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "messages must be an array");
  first = weir_json_first (json, messages);
  role = first != 0 ? weir_json_lookup (json, first, "role") : 0;
  if (role != 0
      && (weir_json_equals (json, role, "system")
          || weir_json_equals (json, role, "developer")))
    return extend_member (self, first, "content", "{\"type\":\"text\",\"text\":", error);
  prepend (self, messages, "{\"role\":\"system\",\"content\":", FALSE);
  return TRUE;
}

static gboolean
insert_responses (Insertion *self, GError **error)
{
  return extend_member (self, 0, "instructions", NULL, error);
}

static gboolean
insert_anthropic (Insertion *self, GError **error)
{
  return extend_member (self, 0, "system", "{\"type\":\"text\",\"text\":", error);
}

/* A single part, without an array around it, becomes @before "prompt" }, part @after. */
static void
pair_with_part (Insertion *self, uint32_t part, const char *before, const char *after)
{
  const WeirSlice raw = weir_json_get_raw (&self->json, part);
  g_autoptr (GString) text = quote (self, (WeirSlice){ 0 });

  g_string_insert (text, (gssize)text->len - 1, "\\n\\n");
  g_string_prepend (text, before);
  g_string_append (text, "},");
  g_string_append_len (text, raw.text, (gssize)raw.length);
  g_string_append (text, after);
  weir_json_edit_replace (&self->edit, &self->json, part,
                          (WeirSlice){ text->str, text->len });
}

/* A content (`parts`), or a part where a content belongs. */
static gboolean
extend_content (Insertion *self, uint32_t content, GError **error)
{
  const uint32_t parts = weir_json_lookup (&self->json, content, "parts");
  const WeirJsonType type
      = parts != 0 ? weir_json_get_type (&self->json, parts) : WEIR_JSON_NULL;

  if (parts == 0 && weir_json_lookup (&self->json, content, "text") != 0)
    pair_with_part (self, content, "{\"parts\":[{\"text\":", "]}");
  else if (type == WEIR_JSON_NULL)
    set_prompt (self, content, "parts", "[{\"text\":", "}]");
  else if (type == WEIR_JSON_ARRAY)
    prepend (self, parts, "{\"text\":", TRUE);
  else if (type == WEIR_JSON_OBJECT)
    pair_with_part (self, parts, "[{\"text\":", "]");
  else
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "parts has a wrong type");
  return TRUE;
}

/* The Gemini API takes names in two spellings, a string for a content and a part for a list
 * of them (guides, read 2026-10). */
static gboolean
insert_gemini (Insertion *self, GError **error)
{
  static const char name[] = "systemInstruction";
  const WeirJson *json = &self->json;
  const uint32_t inner = weir_gemini_lookup (json, 0, "generateContentRequest");
  const uint32_t root
      = inner != 0 && weir_json_get_type (json, inner) == WEIR_JSON_OBJECT ? inner : 0;
  const uint32_t item = weir_gemini_lookup (json, root, name);
  const WeirJsonType type = item != 0 ? weir_json_get_type (json, item) : WEIR_JSON_NULL;

  if (type == WEIR_JSON_NULL)
    {
      /* null counts as absent, but there must not be one of each spelling */
      weir_json_edit_remove (&self->edit, json, root, "system_instruction");
      set_prompt (self, root, name, "{\"parts\":[{\"text\":", "}]}");
    }
  else if (type == WEIR_JSON_OBJECT)
    return extend_content (self, item, error);
  else if (type == WEIR_JSON_STRING)
    extend_string (self, item);
  else if (type == WEIR_JSON_ARRAY)
    prepend (self, item, "{\"text\":", TRUE);
  else
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "%s has a wrong type", name);
  return TRUE;
}

GBytes *
weir_system_prompt_insert (WeirDialect dialect,
                           WeirSlice body,
                           const char *prompt,
                           GError **error)
{
  static gboolean (*const inserts[]) (Insertion * self, GError * *error)
      = { insert_chat, insert_responses, insert_anthropic, insert_gemini };
  g_auto (Insertion) self = { .prompt = weir_slice_from_string (prompt) };

  G_STATIC_ASSERT (G_N_ELEMENTS (inserts) == WEIR_DIALECT_LAST);

  if (!weir_json_parse (&self.json, body.text, body.length, NULL, error))
    return NULL;
  if (weir_json_get_type (&self.json, 0) != WEIR_JSON_OBJECT)
    {
      weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "the body is no object");
      return NULL;
    }
  if (!inserts[dialect](&self, error))
    return NULL;
  return weir_json_edit_apply (&self.edit, body);
}
