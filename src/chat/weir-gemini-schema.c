/* SPDX-License-Identifier: GPL-3.0-or-later */

/* JSON Schema made a Schema of Gemini's.  One node is made of all schemas that hold at its
 * place at once (its facets): the one written there, what it refers to, and all of allOf.
 * Of each keyword the first facet's counts; properties are those of all. */

#include "config.h"

#include "chat/weir-gemini-schema.h"

#include "base/weir-json-write.h"
#include "base/weir-json.h"

#define FACETS_MAX 16
#define DEPTH_MAX 24
#define OUTPUT_MAX (256u << 10) /* a few references can spell a tree of any size */

typedef enum
{
  TYPE_STRING = 1 << 0,
  TYPE_NUMBER = 1 << 1,
  TYPE_INTEGER = 1 << 2,
  TYPE_BOOLEAN = 1 << 3,
  TYPE_ARRAY = 1 << 4,
  TYPE_OBJECT = 1 << 5,
  TYPE_NULL = 1 << 6,
  TYPE_ANY = (1 << 6) - 1,
} Type;

static const struct
{
  const char *word; /* in JSON Schema */
  const char *name; /* in a Schema */
  Type type;
} types[] = {
  { "string", "STRING", TYPE_STRING },    { "number", "NUMBER", TYPE_NUMBER },
  { "integer", "INTEGER", TYPE_INTEGER }, { "boolean", "BOOLEAN", TYPE_BOOLEAN },
  { "array", "ARRAY", TYPE_ARRAY },       { "object", "OBJECT", TYPE_OBJECT },
  { "null", "NULL", TYPE_NULL },
};

/* Keywords that are copied as they are. */
static const struct
{
  const char *name;
  unsigned of; /* types that have it */
  WeirJsonType value;
} copied[] = {
  { "title", TYPE_ANY, WEIR_JSON_STRING },
  { "description", TYPE_ANY, WEIR_JSON_STRING },
  { "pattern", TYPE_STRING, WEIR_JSON_STRING },
  { "minLength", TYPE_STRING, WEIR_JSON_NUMBER },
  { "maxLength", TYPE_STRING, WEIR_JSON_NUMBER },
  { "minimum", TYPE_NUMBER | TYPE_INTEGER, WEIR_JSON_NUMBER },
  { "maximum", TYPE_NUMBER | TYPE_INTEGER, WEIR_JSON_NUMBER },
  { "minItems", TYPE_ARRAY, WEIR_JSON_NUMBER },
  { "maxItems", TYPE_ARRAY, WEIR_JSON_NUMBER },
  { "minProperties", TYPE_OBJECT, WEIR_JSON_NUMBER },
  { "maxProperties", TYPE_OBJECT, WEIR_JSON_NUMBER },
};

/* Formats that the service knows; it refuses others. */
static const struct
{
  const char *name;
  unsigned of;
} formats[] = {
  { "date-time", TYPE_STRING }, { "float", TYPE_NUMBER },  { "double", TYPE_NUMBER },
  { "int32", TYPE_INTEGER },    { "int64", TYPE_INTEGER },
};

/* Keywords that are read elsewhere here, or hold no value back. */
static const char *const harmless[] = {
  "type",    "properties", "required", "items",       "enum",     "const",
  "anyOf",   "oneOf",      "allOf",    "nullable",    "format",   "$ref",
  "$schema", "$id",        "$defs",    "definitions", "$comment", "$anchor",
  "default", "examples",   "example",  "deprecated",  "readOnly", "writeOnly",
};

typedef struct _Node Node;
struct _Node
{
  const Node *parent; /* (nullable) */
  unsigned depth;
  uint32_t facets[FACETS_MAX];
  unsigned n_facets;
};

typedef struct
{
  const WeirJson *json;
  GString *out;
  size_t start;
  gboolean lost;
} Narrower;

static void
write_node (Narrower *self, const Node *parent, uint32_t item, gboolean nullable);

/* The schema that "#/a/b" points to, or 0; "#" alone is the root, which would hold itself.
 */
static uint32_t
resolve (const WeirJson *json, uint32_t reference)
{
  g_autofree char *text = weir_json_dup_text (json, reference);
  g_auto (GStrv) steps = NULL;
  uint32_t item = 0;

  if (text == NULL || !g_str_has_prefix (text, "#/"))
    return 0;
  steps = g_strsplit (text + 2, "/", DEPTH_MAX);
  for (unsigned i = 0; steps[i] != NULL; i++)
    {
      g_autoptr (GString) step = g_string_new (steps[i]);

      g_string_replace (step, "~1", "/", 0);
      g_string_replace (step, "~0", "~", 0);
      item = weir_json_lookup (json, item, step->str);
      if (item == 0)
        return 0;
    }
  return weir_json_get_type (json, item) == WEIR_JSON_OBJECT ? item : 0;
}

static gboolean
stands_in (const Node *node, uint32_t item)
{
  for (; node != NULL; node = node->parent)
    for (unsigned i = 0; i < node->n_facets; i++)
      if (node->facets[i] == item)
        return TRUE;
  return FALSE;
}

/* Adds @item and whatever else it says must hold.  @node grows as it is walked, so this
 * needs no recursion. */
static void
gather_facets (Narrower *self, Node *node, uint32_t item)
{
  const WeirJson *json = self->json;

  node->facets[node->n_facets++] = item;
  for (unsigned i = 0; i < node->n_facets; i++)
    {
      uint32_t reference = weir_json_lookup (json, node->facets[i], "$ref");
      uint32_t all = weir_json_lookup (json, node->facets[i], "allOf");
      uint32_t target = reference != 0 ? resolve (json, reference) : 0;

      if (reference != 0
          && (target == 0 || node->n_facets == FACETS_MAX || stands_in (node, target)))
        self->lost = TRUE;
      else if (reference != 0)
        node->facets[node->n_facets++] = target;
      if (all == 0 || weir_json_get_type (json, all) != WEIR_JSON_ARRAY)
        continue;
      for (uint32_t a = weir_json_first (json, all); a != 0;
           a = weir_json_next (json, all, a))
        if (node->n_facets < FACETS_MAX && weir_json_get_type (json, a) == WEIR_JSON_OBJECT)
          node->facets[node->n_facets++] = a;
        else
          self->lost = TRUE;
    }
}

/* The value of the first facet's keyword @name that has one, or 0. */
static uint32_t
find (const Narrower *self, const Node *node, const char *name)
{
  for (unsigned i = 0; i < node->n_facets; i++)
    {
      const uint32_t item = weir_json_lookup (self->json, node->facets[i], name);

      if (item != 0)
        return item;
    }
  return 0;
}

static uint32_t
find_typed (const Narrower *self, const Node *node, const char *name, WeirJsonType type)
{
  const uint32_t item = find (self, node, name);

  return item != 0 && weir_json_get_type (self->json, item) == type ? item : 0;
}

static unsigned
get_type_of_word (const WeirJson *json, uint32_t item)
{
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    if (weir_json_get_type (json, item) == WEIR_JSON_STRING
        && (weir_json_equals (json, item, types[i].word)
            || weir_json_equals (json, item, types[i].name)))
      return types[i].type;
  return 0;
}

static unsigned
get_type_of_value (const WeirJson *json, uint32_t item)
{
  switch (weir_json_get_type (json, item))
    {
    case WEIR_JSON_NULL:
      return TYPE_NULL;
    case WEIR_JSON_FALSE:
    case WEIR_JSON_TRUE:
      return TYPE_BOOLEAN;
    case WEIR_JSON_NUMBER:
      return TYPE_NUMBER;
    case WEIR_JSON_STRING:
      return TYPE_STRING;
    case WEIR_JSON_ARRAY:
      return TYPE_ARRAY;
    case WEIR_JSON_OBJECT:
      return TYPE_OBJECT;
    case WEIR_JSON_NAME:
      break;
    }
  return 0;
}

/* The types that @node allows: those it says, else those its keywords speak of. */
static unsigned
get_types (const Narrower *self, const Node *node)
{
  const WeirJson *json = self->json;
  uint32_t type = find (self, node, "type");
  uint32_t values = find_typed (self, node, "enum", WEIR_JSON_ARRAY);
  uint32_t constant = find (self, node, "const");
  unsigned found = 0;

  if (type != 0 && weir_json_get_type (json, type) == WEIR_JSON_ARRAY)
    for (uint32_t i = weir_json_first (json, type); i != 0;
         i = weir_json_next (json, type, i))
      found |= get_type_of_word (json, i);
  else if (type != 0)
    found = get_type_of_word (json, type);
  if (found != 0)
    return found;
  if (find (self, node, "properties") != 0)
    return TYPE_OBJECT;
  if (find (self, node, "items") != 0)
    return TYPE_ARRAY;
  if (constant != 0)
    return get_type_of_value (json, constant);
  for (uint32_t i = values != 0 ? weir_json_first (json, values) : 0; i != 0;
       i = weir_json_next (json, values, i))
    found |= get_type_of_value (json, i);
  return found;
}

static void
write_copied (const Narrower *self, const Node *node, unsigned type, WeirJsonWriter *w)
{
  for (size_t i = 0; i < G_N_ELEMENTS (copied); i++)
    {
      const uint32_t item = find_typed (self, node, copied[i].name, copied[i].value);

      if (item != 0 && (copied[i].of & type) != 0)
        weir_json_add_raw (w, copied[i].name, weir_json_get_raw (self->json, item));
    }
}

static void
write_format (Narrower *self, const Node *node, unsigned type, WeirJsonWriter *w)
{
  const uint32_t item = find_typed (self, node, "format", WEIR_JSON_STRING);

  if (item == 0)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (formats); i++)
    if ((formats[i].of & type) != 0 && weir_json_equals (self->json, item, formats[i].name))
      {
        weir_json_add_string (w, "format", formats[i].name);
        return;
      }
  self->lost = TRUE;
}

/* Only strings may be listed. */
static void
write_values (Narrower *self, const Node *node, unsigned type, WeirJsonWriter *w)
{
  const WeirJson *json = self->json;
  uint32_t values = find_typed (self, node, "enum", WEIR_JSON_ARRAY);
  const uint32_t constant = find (self, node, "const");

  if (values == 0 && constant == 0)
    return;
  if (type != TYPE_STRING)
    {
      self->lost = TRUE;
      return;
    }
  weir_json_open_array (w, "enum");
  if (constant != 0 && weir_json_get_type (json, constant) == WEIR_JSON_STRING)
    weir_json_add_raw (w, NULL, weir_json_get_raw (json, constant));
  for (uint32_t i = constant == 0 ? weir_json_first (json, values) : 0; i != 0;
       i = weir_json_next (json, values, i))
    if (weir_json_get_type (json, i) == WEIR_JSON_STRING)
      weir_json_add_raw (w, NULL, weir_json_get_raw (json, i));
  weir_json_close (w);
}

/* The value of the property called as the name at @name in the first @n_facets facets. */
static gboolean
has_property (const Narrower *self, const Node *node, unsigned n_facets, uint32_t name)
{
  g_autofree char *text = weir_json_dup_text (self->json, name);

  for (unsigned i = 0; text != NULL && i < n_facets; i++)
    {
      const uint32_t list = weir_json_lookup (self->json, node->facets[i], "properties");

      if (list != 0 && weir_json_lookup (self->json, list, text) != 0)
        return TRUE;
    }
  return FALSE;
}

static void
write_properties (Narrower *self, const Node *node, WeirJsonWriter *w)
{
  const WeirJson *json = self->json;
  gboolean first = TRUE;

  if (find_typed (self, node, "properties", WEIR_JSON_OBJECT) == 0)
    return;
  weir_json_add_raw (w, "properties", WEIR_SLICE ("{"));
  for (unsigned f = 0; f < node->n_facets; f++)
    {
      const uint32_t list = weir_json_lookup (json, node->facets[f], "properties");

      if (list == 0 || weir_json_get_type (json, list) != WEIR_JSON_OBJECT)
        continue;
      for (uint32_t i = weir_json_first (json, list); i != 0;
           i = weir_json_next (json, list, i))
        {
          const WeirSlice name = weir_json_get_raw (json, i);

          if (has_property (self, node, f, i))
            continue;
          if (!first)
            g_string_append_c (self->out, ',');
          first = FALSE;
          g_string_append_len (self->out, name.text, (gssize)name.length);
          g_string_append_c (self->out, ':');
          write_node (self, node, i + 1, FALSE);
        }
    }
  g_string_append_c (self->out, '}');
}

static void
write_required (const Narrower *self, const Node *node, WeirJsonWriter *w)
{
  const WeirJson *json = self->json;
  gboolean open = FALSE;

  for (unsigned f = 0; f < node->n_facets; f++)
    {
      const uint32_t list = weir_json_lookup (json, node->facets[f], "required");

      if (list == 0 || weir_json_get_type (json, list) != WEIR_JSON_ARRAY)
        continue;
      for (uint32_t i = weir_json_first (json, list); i != 0;
           i = weir_json_next (json, list, i))
        {
          if (weir_json_get_type (json, i) != WEIR_JSON_STRING
              || !has_property (self, node, node->n_facets, i))
            continue;
          if (!open)
            weir_json_open_array (w, "required");
          open = TRUE;
          weir_json_add_raw (w, NULL, weir_json_get_raw (json, i));
        }
    }
  if (open)
    weir_json_close (w);
}

/* The service wants to know what is in an array. */
static void
write_items (Narrower *self, const Node *node, WeirJsonWriter *w)
{
  uint32_t items = find (self, node, "items");

  if (items != 0 && weir_json_get_type (self->json, items) == WEIR_JSON_ARRAY)
    {
      self->lost = TRUE;
      items = weir_json_first (self->json, items);
    }
  if (items == 0)
    {
      self->lost = TRUE;
      weir_json_add_raw (w, "items", WEIR_SLICE ("{\"type\":\"STRING\"}"));
      return;
    }
  weir_json_add_raw (w, "items", WEIR_SLICE (""));
  write_node (self, node, items, FALSE);
}

static void
write_of_type (Narrower *self, const Node *node, unsigned type, gboolean nullable)
{
  WeirJsonWriter w;

  weir_json_writer_init (&w, self->out);
  weir_json_open (&w, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].type == (Type)type)
      weir_json_add_string (&w, "type", types[i].name);
  write_copied (self, node, type, &w);
  write_format (self, node, type, &w);
  if (nullable)
    weir_json_add_boolean (&w, "nullable", TRUE);
  write_values (self, node, type, &w);
  if (type == TYPE_OBJECT)
    {
      write_properties (self, node, &w);
      write_required (self, node, &w);
    }
  if (type == TYPE_ARRAY)
    write_items (self, node, &w);
  weir_json_close (&w);
}

/* Several types at once: one alternative each. */
static void
write_types (Narrower *self, const Node *node, unsigned found, gboolean nullable)
{
  gboolean first = TRUE;

  g_string_append (self->out, "{\"anyOf\":[");
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    {
      if ((types[i].type & found) == 0)
        continue;
      if (!first)
        g_string_append_c (self->out, ',');
      first = FALSE;
      write_of_type (self, node, types[i].type, nullable);
    }
  g_string_append (self->out, "]}");
}

static gboolean
is_null_schema (const WeirJson *json, uint32_t item)
{
  const uint32_t type = weir_json_lookup (json, item, "type");

  return type != 0 && get_type_of_word (json, type) == TYPE_NULL;
}

/* Alternatives exclude every other keyword in a Schema; "or null" is told by a mark. */
static void
write_alternatives (Narrower *self, const Node *node, uint32_t list, gboolean nullable)
{
  const WeirJson *json = self->json;
  unsigned count = 0;
  unsigned written = 0;

  for (uint32_t i = weir_json_first (json, list); i != 0;
       i = weir_json_next (json, list, i))
    if (is_null_schema (json, i))
      nullable = TRUE;
    else
      count++;
  if (count != 1)
    g_string_append (self->out, "{\"anyOf\":[");
  for (uint32_t i = weir_json_first (json, list); i != 0;
       i = weir_json_next (json, list, i))
    {
      if (is_null_schema (json, i))
        continue;
      if (written++ > 0)
        g_string_append_c (self->out, ',');
      write_node (self, node, i, nullable);
    }
  if (count == 0)
    g_string_append (self->out, "{\"type\":\"NULL\"}");
  if (count != 1)
    g_string_append (self->out, "]}");
}

static void
note_losses (Narrower *self, const Node *node)
{
  const WeirJson *json = self->json;

  for (unsigned f = 0; f < node->n_facets; f++)
    for (uint32_t i = weir_json_first (json, node->facets[f]); i != 0;
         i = weir_json_next (json, node->facets[f], i))
      {
        gboolean known = weir_json_equals (json, i, "additionalProperties")
                         && weir_json_get_type (json, i + 1) == WEIR_JSON_FALSE;

        for (size_t k = 0; !known && k < G_N_ELEMENTS (harmless); k++)
          known = weir_json_equals (json, i, harmless[k]);
        for (size_t k = 0; !known && k < G_N_ELEMENTS (copied); k++)
          known = weir_json_equals (json, i, copied[k].name);
        if (!known)
          {
            self->lost = TRUE;
            return;
          }
      }
}

static void
write_node (Narrower *self, const Node *parent, uint32_t item, gboolean nullable)
{
  const WeirJson *json = self->json;
  Node node = { .parent = parent, .depth = parent != NULL ? parent->depth + 1 : 0 };
  uint32_t alternatives;
  unsigned found;

  if (weir_json_get_type (json, item) != WEIR_JSON_OBJECT || node.depth >= DEPTH_MAX
      || self->out->len - self->start > OUTPUT_MAX)
    {
      self->lost = TRUE;
      g_string_append (self->out, "{\"type\":\"OBJECT\"}");
      return;
    }
  gather_facets (self, &node, item);
  note_losses (self, &node);
  alternatives = find_typed (self, &node, "anyOf", WEIR_JSON_ARRAY);
  if (alternatives == 0)
    alternatives = find_typed (self, &node, "oneOf", WEIR_JSON_ARRAY);
  found = get_types (self, &node);
  nullable = nullable || (found & TYPE_NULL) != 0
             || find_typed (self, &node, "nullable", WEIR_JSON_TRUE) != 0;
  if ((found & TYPE_ANY) != 0)
    found &= TYPE_ANY;
  if (alternatives != 0 && (found & TYPE_ANY) == 0)
    write_alternatives (self, &node, alternatives, nullable);
  else if ((found & (found - 1)) != 0)
    write_types (self, &node, found, nullable);
  else
    {
      self->lost = self->lost || found == 0 || alternatives != 0;
      write_of_type (self, &node, found != 0 ? found : TYPE_OBJECT, nullable);
    }
}

gboolean
weir_gemini_schema_has_references (WeirSlice schema)
{
  static const char name[] = "\"$ref\"";

  return schema.length > 0
         && memmem (schema.text, schema.length, name, strlen (name)) != NULL;
}

gboolean
weir_gemini_schema_narrow (WeirSlice schema, GString *out)
{
  g_auto (WeirJson) json = { 0 };
  Narrower self = { .json = &json, .out = out, .start = out->len };

  if (!weir_json_parse (&json, schema.text, schema.length, NULL, NULL))
    {
      g_string_append (out, "{\"type\":\"OBJECT\"}");
      return FALSE;
    }
  write_node (&self, NULL, 0, FALSE);
  return !self.lost;
}
