/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bodies of requests against the rules of the four services (API references, read
 * 2026-10): members and their types, whose turn it is, and that every call has its result
 * where it must stand. */

#include "config.h"

#include "fuzz-valid.h"

#include "base/weir-json.h"

#define FAULT_UNLESS(truth, text)                                                          \
  if (!(truth))                                                                            \
  return text

typedef struct
{
  WeirJson json;
  GHashTable *open; /* ids of calls that have no result yet */
} Body;

typedef const char *(*FindFunc) (Body *self, uint32_t item);

static WeirSlice
get_text (const Body *self, uint32_t object, const char *name)
{
  const uint32_t item = weir_json_lookup (&self->json, object, name);
  WeirSlice raw;

  if (item == 0 || weir_json_get_type (&self->json, item) != WEIR_JSON_STRING)
    return (WeirSlice){ NULL };
  raw = weir_json_get_raw (&self->json, item);
  return (WeirSlice){ raw.text + 1, raw.length - 2 };
}

static gboolean
has (const Body *self, uint32_t object, const char *name, WeirJsonType type)
{
  const uint32_t item = weir_json_lookup (&self->json, object, name);

  return item != 0 && weir_json_get_type (&self->json, item) == type;
}

static gboolean
is (const Body *self, uint32_t object, const char *name, const char *word)
{
  return weir_slice_equal (get_text (self, object, name), weir_slice_from_string (word));
}

static uint32_t
get_list (const Body *self, uint32_t object, const char *name)
{
  return has (self, object, name, WEIR_JSON_ARRAY)
             ? weir_json_lookup (&self->json, object, name)
             : 0;
}

static gboolean
is_empty (const Body *self, uint32_t list)
{
  return list == 0 || weir_json_first (&self->json, list) == 0;
}

static const char *
for_each (Body *self, uint32_t list, FindFunc find)
{
  const char *fault = NULL;

  for (uint32_t i = list != 0 ? weir_json_first (&self->json, list) : 0;
       i != 0 && fault == NULL; i = weir_json_next (&self->json, list, i))
    fault = find (self, i);
  return fault;
}

/* [a-zA-Z0-9_-]{1,@most}, and what stands in @extra. */
static gboolean
is_word (WeirSlice text, size_t most, const char *extra)
{
  if (text.length == 0 || text.length > most)
    return FALSE;
  for (size_t i = 0; i < text.length; i++)
    if (!g_ascii_isalnum (text.text[i]) && strchr ("_-", text.text[i]) == NULL
        && strchr (extra, text.text[i]) == NULL)
      return FALSE;
  return TRUE;
}

static void
open_call (Body *self, WeirSlice id)
{
  g_hash_table_add (self->open, weir_slice_dup (id));
}

/* FALSE: no call waits for it. */
static gboolean
close_call (Body *self, WeirSlice id)
{
  g_autofree char *text = weir_slice_dup (id);

  return g_hash_table_remove (self->open, text);
}

static gboolean
has_open_calls (const Body *self)
{
  return g_hash_table_size (self->open) > 0;
}

static const char *
find_in_chat_part (Body *self, uint32_t part)
{
  if (is (self, part, "type", "text"))
    return has (self, part, "text", WEIR_JSON_STRING) ? NULL : "a text without text";
  if (is (self, part, "type", "image_url"))
    return get_text (self, weir_json_lookup (&self->json, part, "image_url"), "url").length
                   > 0
               ? NULL
               : "a picture without a place";
  if (is (self, part, "type", "input_audio"))
    return has (self, part, "input_audio", WEIR_JSON_OBJECT) ? NULL : "sound without data";
  if (is (self, part, "type", "file"))
    return has (self, part, "file", WEIR_JSON_OBJECT) ? NULL : "a file without data";
  return "a part of no type";
}

static const char *
find_in_chat_call (Body *self, uint32_t call)
{
  const uint32_t function = weir_json_lookup (&self->json, call, "function");

  FAULT_UNLESS (is (self, call, "type", "function") && function != 0, "a call of no type");
  FAULT_UNLESS (get_text (self, call, "id").length > 0, "a call without an id");
  FAULT_UNLESS (is_word (get_text (self, function, "name"), 64, ""), "a call of no name");
  FAULT_UNLESS (has (self, function, "arguments", WEIR_JSON_STRING),
                "a call without arguments");
  open_call (self, get_text (self, call, "id"));
  return NULL;
}

static const char *
find_in_chat_message (Body *self, uint32_t message)
{
  const uint32_t list = get_list (self, message, "content");
  const uint32_t calls = get_list (self, message, "tool_calls");
  const gboolean said = has (self, message, "content", WEIR_JSON_STRING);

  if (is (self, message, "role", "tool"))
    {
      FAULT_UNLESS (said, "a result without content");
      FAULT_UNLESS (close_call (self, get_text (self, message, "tool_call_id")),
                    "a result without its call");
      return NULL;
    }
  FAULT_UNLESS (!has_open_calls (self), "a call without its result");
  if (is (self, message, "role", "assistant"))
    {
      FAULT_UNLESS (said || calls != 0 || has (self, message, "refusal", WEIR_JSON_STRING),
                    "an assistant who says nothing");
      FAULT_UNLESS (calls == 0 || !is_empty (self, calls), "an empty list of calls");
      return for_each (self, calls, find_in_chat_call);
    }
  FAULT_UNLESS (is (self, message, "role", "user") || is (self, message, "role", "system"),
                "a message of nobody");
  FAULT_UNLESS (said || !is_empty (self, list), "a message without content");
  return for_each (self, list, find_in_chat_part);
}

static const char *
find_in_chat_tool (Body *self, uint32_t tool)
{
  const uint32_t function = weir_json_lookup (&self->json, tool, "function");

  FAULT_UNLESS (is (self, tool, "type", "function") && function != 0, "a tool of no type");
  FAULT_UNLESS (is_word (get_text (self, function, "name"), 64, ""), "a tool of no name");
  return has (self, function, "parameters", WEIR_JSON_OBJECT) ? NULL
                                                              : "a tool without a schema";
}

static const char *
find_in_chat (Body *self)
{
  const uint32_t tools = weir_json_lookup (&self->json, 0, "tools");
  const uint32_t stop = get_list (self, 0, "stop");
  const char *fault = for_each (self, get_list (self, 0, "messages"), find_in_chat_message);
  unsigned n_stop = 0;

  FAULT_UNLESS (has (self, 0, "messages", WEIR_JSON_ARRAY), "no messages");
  FAULT_UNLESS (fault == NULL, fault);
  FAULT_UNLESS (!has_open_calls (self), "a call without its result");
  FAULT_UNLESS (tools == 0 || !is_empty (self, tools), "an empty list of tools");
  FAULT_UNLESS (tools != 0 || weir_json_lookup (&self->json, 0, "tool_choice") == 0,
                "a choice between no tools");
  for (uint32_t i = stop != 0 ? weir_json_first (&self->json, stop) : 0; i != 0;
       i = weir_json_next (&self->json, stop, i))
    n_stop++;
  FAULT_UNLESS (n_stop <= 4, "too many stop sequences");
  return for_each (self, tools, find_in_chat_tool);
}

static const char *
find_in_item (Body *self, uint32_t item)
{
  const WeirSlice id = get_text (self, item, "call_id");
  const gboolean custom = is (self, item, "type", "custom_tool_call");

  if (is (self, item, "type", "message"))
    return !is_empty (self, get_list (self, item, "content")) ? NULL
                                                              : "a message without content";
  if (is (self, item, "type", "reasoning"))
    return get_list (self, item, "summary") != 0
                   && get_text (self, item, "encrypted_content").length > 0
               ? NULL
               : "a thought that cannot be gone on from";
  if (custom || is (self, item, "type", "function_call"))
    {
      FAULT_UNLESS (id.length > 0 && id.length <= 64, "a call without an id");
      FAULT_UNLESS (is_word (get_text (self, item, "name"), 64, ""), "a call of no name");
      FAULT_UNLESS (has (self, item, custom ? "input" : "arguments", WEIR_JSON_STRING),
                    "a call without arguments");
      open_call (self, id);
      return NULL;
    }
  FAULT_UNLESS (is (self, item, "type", "function_call_output")
                    || is (self, item, "type", "custom_tool_call_output"),
                "an item of no type");
  FAULT_UNLESS (close_call (self, id), "a result without its call");
  return weir_json_lookup (&self->json, item, "output") != 0 ? NULL
                                                             : "a result without output";
}

static const char *
find_in_responses (Body *self)
{
  const uint32_t tools = weir_json_lookup (&self->json, 0, "tools");
  const char *fault = for_each (self, get_list (self, 0, "input"), find_in_item);

  FAULT_UNLESS (has (self, 0, "input", WEIR_JSON_ARRAY), "no input");
  FAULT_UNLESS (fault == NULL, fault);
  FAULT_UNLESS (!has_open_calls (self), "a call without its result");
  FAULT_UNLESS (tools == 0 || !is_empty (self, tools), "an empty list of tools");
  FAULT_UNLESS (tools != 0 || weir_json_lookup (&self->json, 0, "tool_choice") == 0,
                "a choice between no tools");
  return NULL;
}

static const char *
find_in_block (Body *self, uint32_t block)
{
  static const char *const others[]
      = { "image", "document", "thinking", "redacted_thinking" };
  const WeirSlice text = get_text (self, block, "text");

  if (is (self, block, "type", "text"))
    return text.length > 0 ? NULL : "an empty text";
  if (is (self, block, "type", "tool_use"))
    {
      FAULT_UNLESS (is_word (get_text (self, block, "id"), 128, ""), "a call of no id");
      FAULT_UNLESS (is_word (get_text (self, block, "name"), 128, ""), "a call of no name");
      FAULT_UNLESS (has (self, block, "input", WEIR_JSON_OBJECT), "a call without input");
      open_call (self, get_text (self, block, "id"));
      return NULL;
    }
  if (is (self, block, "type", "tool_result"))
    return close_call (self, get_text (self, block, "tool_use_id"))
               ? NULL
               : "a result without its call";
  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    if (is (self, block, "type", others[i]))
      return NULL;
  return "a block of no type";
}

/* Users begin, end and take turns; results stand first in the turn behind their calls. */
static const char *
find_in_turns (Body *self, uint32_t list)
{
  gboolean user = FALSE;

  for (uint32_t i = weir_json_first (&self->json, list); i != 0;
       i = weir_json_next (&self->json, list, i))
    {
      const uint32_t blocks = get_list (self, i, "content");
      gboolean rest = FALSE;
      const char *fault;

      FAULT_UNLESS (is (self, i, "role", user ? "assistant" : "user"), "a turn of nobody");
      FAULT_UNLESS (!is_empty (self, blocks), "an empty turn");
      for (uint32_t b = weir_json_first (&self->json, blocks); b != 0 && !user;
           b = weir_json_next (&self->json, blocks, b))
        {
          const gboolean is_result = is (self, b, "type", "tool_result");

          FAULT_UNLESS (!is_result || !rest, "a result behind something else");
          rest = rest || !is_result;
        }
      fault = for_each (self, blocks, find_in_block);
      FAULT_UNLESS (fault == NULL, fault);
      user = !user;
      FAULT_UNLESS (!user || !has_open_calls (self), "a call without its result");
    }
  return user ? NULL : "the user does not end it";
}

static const char *
find_in_anthropic_tool (Body *self, uint32_t tool)
{
  const uint32_t schema = weir_json_lookup (&self->json, tool, "input_schema");

  FAULT_UNLESS (is_word (get_text (self, tool, "name"), 128, ""), "a tool of no name");
  return has (self, tool, "type", WEIR_JSON_STRING)
                 || (schema != 0 && is (self, schema, "type", "object"))
             ? NULL
             : "a tool without a schema";
}

static const char *
find_in_anthropic (Body *self)
{
  const uint32_t tools = weir_json_lookup (&self->json, 0, "tools");
  const uint32_t system = weir_json_lookup (&self->json, 0, "system");
  const char *fault;

  FAULT_UNLESS (has (self, 0, "max_tokens", WEIR_JSON_NUMBER), "no limit");
  FAULT_UNLESS (!is_empty (self, get_list (self, 0, "messages")), "no messages");
  fault = find_in_turns (self, get_list (self, 0, "messages"));
  FAULT_UNLESS (fault == NULL, fault);
  FAULT_UNLESS (system == 0 || !is_empty (self, system), "an empty system");
  FAULT_UNLESS (tools == 0 || !is_empty (self, tools), "an empty list of tools");
  FAULT_UNLESS (tools != 0 || weir_json_lookup (&self->json, 0, "tool_choice") == 0,
                "a choice between no tools");
  return for_each (self, tools, find_in_anthropic_tool);
}

/* How many parts of @content are a @kind. */
static unsigned
count_parts (const Body *self, uint32_t content, const char *kind)
{
  const uint32_t parts = get_list (self, content, "parts");
  unsigned count = 0;

  for (uint32_t i = parts != 0 ? weir_json_first (&self->json, parts) : 0; i != 0;
       i = weir_json_next (&self->json, parts, i))
    count += weir_json_lookup (&self->json, i, kind) != 0;
  return count;
}

static const char *
find_in_gemini_part (Body *self, uint32_t part)
{
  static const char *const kinds[]
      = { "text", "inlineData", "fileData", "functionCall", "functionResponse" };
  const uint32_t call = weir_json_lookup (&self->json, part, "functionCall");
  unsigned count = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    count += weir_json_lookup (&self->json, part, kinds[i]) != 0;
  FAULT_UNLESS (count == 1, "a part of no kind, or of two");
  FAULT_UNLESS (call == 0
                    || (is_word (get_text (self, call, "name"), 64, ".:")
                        && has (self, call, "args", WEIR_JSON_OBJECT)),
                "a call without name or arguments");
  return NULL;
}

/* A batch of calls has as many results in the content behind it. */
static const char *
find_in_contents (Body *self, uint32_t list)
{
  unsigned calls = 0;

  for (uint32_t i = weir_json_first (&self->json, list); i != 0;
       i = weir_json_next (&self->json, list, i))
    {
      const char *fault;

      FAULT_UNLESS (is (self, i, "role", "user") || is (self, i, "role", "model"),
                    "a content of nobody");
      FAULT_UNLESS (!is_empty (self, get_list (self, i, "parts")), "an empty content");
      FAULT_UNLESS (count_parts (self, i, "functionResponse") == calls,
                    "not as many results as calls");
      fault = for_each (self, get_list (self, i, "parts"), find_in_gemini_part);
      FAULT_UNLESS (fault == NULL, fault);
      calls = count_parts (self, i, "functionCall");
    }
  return calls == 0 ? NULL : "a call without its result";
}

static const char *
find_in_gemini (Body *self)
{
  FAULT_UNLESS (has (self, 0, "contents", WEIR_JSON_ARRAY), "no contents");
  return find_in_contents (self, get_list (self, 0, "contents"));
}

const char *
fuzz_find_fault (WeirDialect dialect, WeirSlice body)
{
  static const char *(*const finders[]) (Body * self) = {
    [WEIR_DIALECT_OPENAI_CHAT] = find_in_chat,
    [WEIR_DIALECT_OPENAI_RESPONSES] = find_in_responses,
    [WEIR_DIALECT_ANTHROPIC] = find_in_anthropic,
    [WEIR_DIALECT_GEMINI] = find_in_gemini,
  };
  const WeirJsonLimits limits = { .max_depth = 512 }; /* writers wrap what they copy */
  g_autoptr (GHashTable) open
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (WeirJson) json = { 0 };
  Body self;

  G_STATIC_ASSERT (G_N_ELEMENTS (finders) == WEIR_DIALECT_LAST);
  if (!weir_json_parse (&json, body.text, body.length, &limits, NULL))
    return "no JSON";
  FAULT_UNLESS (weir_json_get_type (&json, 0) == WEIR_JSON_OBJECT, "no object");
  FAULT_UNLESS (weir_json_check_names (&json, 0, NULL), "a member that stands twice");
  self = (Body){ json, open };
  return finders[dialect](&self);
}
