/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the built-in model is asked to repeat: the text of the last message of the user. */

#include "config.h"

#include "providers/weir-echo-private.h"

/* Where each dialect keeps its messages and their text. */
typedef struct
{
  const char *messages;
  const char *content; /* of a message: a string or a list of parts */
} Shape;

static const Shape shapes[WEIR_DIALECT_LAST] = {
  [WEIR_DIALECT_OPENAI_CHAT] = { "messages", "content" },
  [WEIR_DIALECT_OPENAI_RESPONSES] = { "input", "content" },
  [WEIR_DIALECT_ANTHROPIC] = { "messages", "content" },
  [WEIR_DIALECT_GEMINI] = { "contents", "parts" },
};

static gboolean
is_type (const WeirJson *json, uint32_t item, WeirJsonType type)
{
  return item != 0 && weir_json_get_type (json, item) == type;
}

static void
append_text (const WeirJson *json, uint32_t item, GString *out)
{
  g_autofree char *text = weir_json_dup_text (json, item);

  if (text != NULL)
    g_string_append (out, text);
}

/* A string, or a list of parts whose `text` counts. */
static void
append_content (const WeirJson *json, uint32_t content, GString *out)
{
  if (is_type (json, content, WEIR_JSON_STRING))
    append_text (json, content, out);
  if (!is_type (json, content, WEIR_JSON_ARRAY))
    return;
  for (uint32_t i = weir_json_first (json, content); i != 0;
       i = weir_json_next (json, content, i))
    {
      uint32_t text = weir_json_lookup (json, i, "text");

      if (is_type (json, text, WEIR_JSON_STRING))
        append_text (json, text, out);
    }
}

/* Only Gemini may leave the role out; an item of Responses without one is no message but a
 * call, its result, reasoning. */
static gboolean
is_user (const WeirEcho *self, const WeirJson *json, uint32_t message)
{
  uint32_t role = weir_json_lookup (json, message, "role");

  if (role == 0)
    return self->dialect == WEIR_DIALECT_GEMINI;
  return weir_json_equals (json, role, "user");
}

/* The last message of the user, or 0. */
static uint32_t
find_last (const WeirEcho *self, const WeirJson *json, uint32_t messages)
{
  uint32_t last = 0;

  for (uint32_t i = weir_json_first (json, messages); i != 0;
       i = weir_json_next (json, messages, i))
    if (weir_json_get_type (json, i) == WEIR_JSON_OBJECT && is_user (self, json, i))
      last = i;
  return last;
}

static void
read_prompt (const WeirJson *json, GString *out)
{
  uint32_t prompt = weir_json_lookup (json, 0, "prompt");

  if (is_type (json, prompt, WEIR_JSON_ARRAY))
    prompt = weir_json_first (json, prompt);
  append_content (json, prompt, out);
}

static void
read_messages (const WeirEcho *self, const WeirJson *json, GString *out)
{
  const Shape *shape = &shapes[self->dialect];
  uint32_t messages = weir_json_lookup (json, 0, shape->messages);
  uint32_t last;

  if (is_type (json, messages, WEIR_JSON_STRING))
    {
      append_text (json, messages, out);
      return;
    }
  last = is_type (json, messages, WEIR_JSON_ARRAY) ? find_last (self, json, messages) : 0;
  if (last != 0)
    append_content (json, weir_json_lookup (json, last, shape->content), out);
}

GString *
weir_echo_read (WeirEcho *self, const WeirJson *body, GError **error)
{
  GString *text = g_string_new (NULL);
  uint32_t options = weir_json_lookup (body, 0, "stream_options");
  uint32_t include = options != 0 ? weir_json_lookup (body, options, "include_usage") : 0;

  self->wants_usage = is_type (body, include, WEIR_JSON_TRUE);
  if (self->operation == WEIR_OPERATION_COMPLETIONS)
    read_prompt (body, text);
  else
    read_messages (self, body, text);
  if (text->len > 0)
    return text;
  g_string_free (text, TRUE);
  weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                  "there is no text of a user in the request for %s to repeat",
                  WEIR_ECHO_MODEL);
  return NULL;
}
