/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tools that the user does not want upstreams to see.  They are found by their shape, which
 * tells the dialects apart: Chat and older Chat (`function.name`, `functions`), Responses
 * and Anthropic (`name`, or a `type` of the vendor's), Gemini (`functionDeclarations`).
 * With a tool goes a choice that names it, and with the last tool what is only allowed
 * beside tools. */

#include "config.h"

#include "providers/weir-payload-private.h"

#include "base/weir-error.h"

typedef struct
{
  WeirPayloadBody *body;
  const GPtrArray *names; /* of char * */
  uint32_t root;
} Dropping;

/* Members that an upstream refuses where there are no tools. */
static const char *const beside_tools[] = {
  "tool_choice",
  "parallel_tool_calls",
  "toolConfig",
  "tool_config",
};

/* Is the string at @item one of the names, or does it end in two underscores and one of
 * them, as clients spell the tools of their servers? */
static gboolean
is_unwanted (const Dropping *self, uint32_t item)
{
  g_autofree char *text = NULL;

  if (item == 0)
    return FALSE;
  text = weir_json_dup_text (&self->body->json, item);
  for (unsigned i = 0; text != NULL && i < self->names->len; i++)
    {
      const char *name = g_ptr_array_index (self->names, i);
      const size_t name_length = strlen (name);
      const size_t length = strlen (text);

      if (strcmp (text, name) == 0)
        return TRUE;
      if (length > name_length + 2 && g_str_has_suffix (text, name)
          && strncmp (text + length - name_length - 2, "__", 2) == 0)
        return TRUE;
    }
  return FALSE;
}

/* The string that a tool, or a choice of one, is called by; 0: it has none. */
static uint32_t
lookup_tool_name (const WeirJson *json, uint32_t tool)
{
  static const char *const holders[] = { "function", "custom" };
  uint32_t name = weir_json_lookup (json, tool, "name");
  uint32_t type;

  if (name != 0)
    return name;
  for (size_t i = 0; i < G_N_ELEMENTS (holders); i++)
    {
      const uint32_t holder = weir_json_lookup (json, tool, holders[i]);

      if (holder != 0)
        return weir_json_lookup (json, holder, "name");
    }
  type = weir_json_lookup (json, tool, "type");
  return type != 0 && !weir_json_equals (json, type, "function") ? type : 0;
}

/* Deletes from @list the elements that @judge is TRUE for, unless that would be all of
 * them; returns how many are left. */
static unsigned
filter_list (const Dropping *self,
             uint32_t list,
             gboolean (*judge) (const Dropping *self, uint32_t element))
{
  const WeirJson *json = &self->body->json;
  g_autoptr (GArray) gone = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  unsigned n_left = 0;

  for (uint32_t i = weir_json_first (json, list); i != 0;
       i = weir_json_next (json, list, i))
    if (judge (self, i))
      g_array_append_val (gone, i);
    else
      n_left++;
  if (gone->len > 0 && n_left > 0)
    weir_json_edit_remove_elements (&self->body->edit, json, list,
                                    (const uint32_t *)(void *)gone->data, gone->len);
  return gone->len > 0 ? n_left : MAX (n_left, 1);
}

/* An array under one of two names in @object, or 0. */
static uint32_t
lookup_list (const WeirJson *json,
             uint32_t object,
             const char *name,
             const char *other,
             const char **out_name)
{
  uint32_t list = weir_json_lookup (json, object, name);

  *out_name = list != 0 ? name : other;
  list = list != 0 ? list : weir_json_lookup (json, object, other);
  return list != 0 && weir_json_get_type (json, list) == WEIR_JSON_ARRAY ? list : 0;
}

static unsigned
count_members (const WeirJson *json, uint32_t object)
{
  unsigned n = 0;

  for (uint32_t i = weir_json_first (json, object); i != 0;
       i = weir_json_next (json, object, i))
    n++;
  return n;
}

static gboolean
is_tool_unwanted (const Dropping *self, uint32_t tool)
{
  return is_unwanted (self, lookup_tool_name (&self->body->json, tool));
}

/* The same for an element of `tools`, which with Gemini holds several: those that are left
 * keep it. */
static gboolean
is_entry_unwanted (const Dropping *self, uint32_t entry)
{
  const WeirJson *json = &self->body->json;
  const char *name;
  const uint32_t list
      = lookup_list (json, entry, "functionDeclarations", "function_declarations", &name);

  if (list == 0)
    return is_tool_unwanted (self, entry);
  if (filter_list (self, list, is_tool_unwanted) > 0)
    return FALSE;
  if (count_members (json, entry) == 1)
    return TRUE;
  weir_json_edit_remove (&self->body->edit, json, entry, name);
  return FALSE;
}

/* TRUE: the choice names an unwanted tool, or only such. */
static gboolean
is_choice_unwanted (const Dropping *self, uint32_t choice)
{
  const WeirJson *json = &self->body->json;
  const uint32_t inner = weir_json_lookup (json, choice, "allowed_tools");
  const uint32_t tools = weir_json_lookup (json, inner != 0 ? inner : choice, "tools");

  if (weir_json_get_type (json, choice) != WEIR_JSON_OBJECT)
    return FALSE;
  if (tools != 0 && weir_json_get_type (json, tools) == WEIR_JSON_ARRAY)
    return filter_list (self, tools, is_tool_unwanted) == 0;
  return is_tool_unwanted (self, choice);
}

static void
drop_choice (const Dropping *self, const char *name)
{
  const WeirJson *json = &self->body->json;
  const uint32_t choice = weir_json_lookup (json, self->root, name);

  if (choice != 0 && is_choice_unwanted (self, choice))
    weir_json_edit_remove (&self->body->edit, json, self->root, name);
}

/* Gemini's choice: names of functions that may be called. */
static void
drop_allowed_names (const Dropping *self)
{
  const WeirJson *json = &self->body->json;
  const char *config_name = "toolConfig";
  uint32_t config = weir_json_lookup (json, self->root, config_name);
  const char *calling_name = "functionCallingConfig";
  const char *name;
  uint32_t calling;
  uint32_t list;

  if (config == 0)
    config = weir_json_lookup (json, self->root, "tool_config");
  calling = config != 0 ? weir_json_lookup (json, config, calling_name) : 0;
  if (config != 0 && calling == 0)
    {
      calling_name = "function_calling_config";
      calling = weir_json_lookup (json, config, calling_name);
    }
  if (calling == 0)
    return;
  list = lookup_list (json, calling, "allowedFunctionNames", "allowed_function_names",
                      &name);
  if (list != 0 && filter_list (self, list, is_unwanted) == 0)
    weir_json_edit_remove (&self->body->edit, json, config, calling_name);
}

gboolean
weir_payload_body_drop_tools (WeirPayloadBody *self, const GPtrArray *names, GError **error)
{
  Dropping dropping = { self, names, 0 };
  const char *name;
  uint32_t list;

  if (!weir_payload_body_flush (self, error))
    return FALSE;
  if (!weir_payload_body_get_root (self, &dropping.root))
    return TRUE;
  list = lookup_list (&self->json, dropping.root, "functions", "functions", &name);
  if (list != 0 && filter_list (&dropping, list, is_tool_unwanted) == 0)
    {
      weir_json_edit_remove (&self->edit, &self->json, dropping.root, "functions");
      weir_json_edit_remove (&self->edit, &self->json, dropping.root, "function_call");
    }
  else
    drop_choice (&dropping, "function_call");
  list = lookup_list (&self->json, dropping.root, "tools", "tools", &name);
  if (list != 0 && filter_list (&dropping, list, is_entry_unwanted) == 0)
    {
      weir_json_edit_remove (&self->edit, &self->json, dropping.root, "tools");
      for (size_t i = 0; i < G_N_ELEMENTS (beside_tools); i++)
        weir_json_edit_remove (&self->edit, &self->json, dropping.root, beside_tools[i]);
      return TRUE;
    }
  drop_choice (&dropping, "tool_choice");
  drop_allowed_names (&dropping);
  return TRUE;
}
