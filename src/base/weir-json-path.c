/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Paths: a reader of the notation, and steps over the table of a text.  Nothing here
 * changes a text. */

#include "config.h"

#include "base/weir-json-path.h"

#include "base/weir-error.h"

static void
clear_step (gpointer data)
{
  WeirJsonStep *step = data;

  g_free (step->name);
  g_clear_pointer (&step->members, g_ptr_array_unref);
  weir_json_value_clear (&step->value);
}

void
weir_json_path_free (WeirJsonPath *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->steps);
  g_free (self);
}

static double
read_number (WeirSlice raw)
{
  char digits[64];

  if (raw.length >= sizeof digits)
    return 0;
  memcpy (digits, raw.text, raw.length);
  digits[raw.length] = '\0';
  return g_ascii_strtod (digits, NULL);
}

gboolean
weir_json_value_init (WeirJsonValue *self, WeirSlice json, GError **error)
{
  g_auto (WeirJson) table = { 0 };

  *self = (WeirJsonValue){ 0 };
  if (!weir_json_parse (&table, json.text, json.length, NULL, error))
    return FALSE;
  self->type = weir_json_get_type (&table, 0);
  if (self->type == WEIR_JSON_NUMBER)
    self->number = read_number (weir_json_get_raw (&table, 0));
  else if (self->type == WEIR_JSON_STRING)
    self->text = weir_json_dup_text (&table, 0);
  else
    self->text = weir_slice_dup (weir_json_get_raw (&table, 0));
  if (self->type == WEIR_JSON_STRING && self->text == NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "a string with NUL in it");
  return TRUE;
}

void
weir_json_value_clear (WeirJsonValue *self)
{
  g_free (self->text);
  *self = (WeirJsonValue){ 0 };
}

gboolean
weir_json_value_equals (const WeirJsonValue *self, const WeirJson *json, uint32_t item)
{
  if (weir_json_get_type (json, item) != self->type)
    return FALSE;
  if (self->type == WEIR_JSON_STRING)
    return weir_json_equals (json, item, self->text);
  if (self->type == WEIR_JSON_NUMBER)
    {
      const double number = read_number (weir_json_get_raw (json, item));

      return number >= self->number && number <= self->number;
    }
  return weir_slice_equal (weir_json_get_raw (json, item),
                           weir_slice_from_string (self->text));
}

static gboolean
refuse (GError **error, const char *why)
{
  return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "%s", why);
}

/* Takes a name up to one of @ends or the end, without its escapes. */
static gboolean
take_name (const char **text, const char *ends, GString *out, GError **error)
{
  const char *p = *text;

  if (*p == '@' || *p == '!' || *p == '{' || *p == '[')
    return refuse (error, "modifiers and multipaths are not supported in a path");
  for (; *p != '\0' && strchr (ends, *p) == NULL; p++)
    {
      if (*p == '*' || *p == '?' || *p == '|')
        return refuse (error, "wildcards and pipes are not supported in a path");
      if (*p == '#' && p == *text)
        return refuse (error, "`#` needs a query in a path: #(name==\"x\")");
      if (*p == '\\' && *++p == '\0')
        return refuse (error, "a path must not end in a backslash");
      g_string_append_c (out, *p);
    }
  if (out->len == 0)
    return refuse (error, "a name in a path must not be empty");
  *text = p;
  return TRUE;
}

/* `a.b` before the operator of a query; nothing: the element itself. */
static gboolean
read_members (const char **text, WeirJsonStep *step, GError **error)
{
  step->members = g_ptr_array_new_with_free_func (g_free);
  if (**text == '=' || **text == '!')
    return TRUE;
  for (;;)
    {
      g_autoptr (GString) name = g_string_new (NULL);

      if (step->members->len == WEIR_JSON_PATH_STEPS_MAX)
        return refuse (error, "a query in a path is too deep");
      if (!take_name (text, ".=!<>%~)", name, error))
        return FALSE;
      g_ptr_array_add (step->members, g_strdup (name->str));
      if (**text != '.')
        return TRUE;
      ++*text;
    }
}

/* Behind the `)` that ends a query, or NULL; quotes hide it. */
static const char *
find_query_end (const char *text)
{
  gboolean quoted = FALSE;

  for (; *text != '\0'; text++)
    {
      if (*text == '\\' && text[1] != '\0')
        text++;
      else if (*text == '"')
        quoted = !quoted;
      else if (*text == ')' && !quoted)
        return text;
    }
  return NULL;
}

/* Behind `#(`. */
static gboolean
read_query (const char **text, WeirJsonStep *step, GError **error)
{
  const char *end;

  if (!read_members (text, step, error))
    return FALSE;
  step->negated = **text == '!';
  if (((*text)[0] != '=' && (*text)[0] != '!') || (*text)[1] != '=')
    return refuse (error, "a query in a path must compare with == or !=");
  *text += 2;
  end = find_query_end (*text);
  if (end == NULL)
    return refuse (error, "a query in a path must end in `)`");
  if (!weir_json_value_init (&step->value, (WeirSlice){ *text, (size_t)(end - *text) },
                             NULL))
    return refuse (error,
                   "a query in a path must compare with a JSON value: \"x\", 1, true");
  *text = end + 1;
  step->kind = **text == '#' ? WEIR_JSON_STEP_FIND_ALL : WEIR_JSON_STEP_FIND;
  *text += step->kind == WEIR_JSON_STEP_FIND_ALL;
  return TRUE;
}

/* -1: @name is no index. */
static int
read_index (const char *name)
{
  const size_t length = strlen (name);
  uint64_t index;

  if (length > 1 && *name == '0')
    return -1;
  return g_ascii_string_to_unsigned (name, 10, 0, WEIR_JSON_PATH_INDEX_MAX, &index, NULL)
             ? (int)index
             : -1;
}

static gboolean
read_step (const char **text, WeirJsonStep *step, GError **error)
{
  g_autoptr (GString) name = NULL;
  const char *start = *text;
  const gboolean forced = *start == ':' && g_ascii_isdigit (start[1]);

  step->index = -1;
  if (g_str_has_prefix (start, "#("))
    {
      *text += 2;
      return read_query (text, step, error);
    }
  name = g_string_new (NULL);
  *text += forced;
  if (!take_name (text, ".", name, error))
    return FALSE;
  step->kind = strcmp (name->str, "-1") == 0 && *start == '-' ? WEIR_JSON_STEP_APPEND
                                                              : WEIR_JSON_STEP_NAME;
  if (!forced && g_ascii_isdigit (*start))
    step->index = read_index (name->str);
  step->name = g_strdup (name->str);
  return TRUE;
}

static gboolean
read_steps (WeirJsonPath *self, const char *text, GError **error)
{
  for (;;)
    {
      if (self->steps->len == WEIR_JSON_PATH_STEPS_MAX)
        return refuse (error, "a path has too many steps");
      g_array_set_size (self->steps, self->steps->len + 1);
      if (!read_step (&text,
                      &g_array_index (self->steps, WeirJsonStep, self->steps->len - 1),
                      error))
        return FALSE;
      if (*text == '\0')
        return TRUE;
      if (*text++ != '.')
        return refuse (error, "a query in a path must be followed by a dot");
    }
}

/* Names are written into texts: with these rules none grows beyond what weir_json_parse
 * takes of a name. */
static gboolean
is_plain (const char *text, GError **error)
{
  if (strlen (text) > WEIR_JSON_PATH_MAX)
    return refuse (error, "a path is too long");
  if (!g_utf8_validate (text, -1, NULL))
    return refuse (error, "a path must be UTF-8");
  for (; *text != '\0'; text++)
    if (g_ascii_iscntrl (*text))
      return refuse (error, "a path must not hold control characters");
  return TRUE;
}

WeirJsonPath *
weir_json_path_new (const char *text, GError **error)
{
  g_autoptr (WeirJsonPath) self = g_new0 (WeirJsonPath, 1);

  self->steps = g_array_new (FALSE, TRUE, sizeof (WeirJsonStep));
  g_array_set_clear_func (self->steps, clear_step);
  return is_plain (text, error) && read_steps (self, text, error) ? g_steal_pointer (&self)
                                                                  : NULL;
}

static uint32_t
get_element (const WeirJson *json, uint32_t array, int index)
{
  uint32_t i = index < 0 ? 0 : weir_json_first (json, array);

  while (i != 0 && index-- > 0)
    i = weir_json_next (json, array, i);
  return i;
}

gboolean
weir_json_step_holds (const WeirJsonStep *step, const WeirJson *json, uint32_t item)
{
  for (unsigned i = 0; i < step->members->len; i++)
    {
      item = weir_json_lookup (json, item, g_ptr_array_index (step->members, i));
      if (item == 0)
        return FALSE;
    }
  return weir_json_value_equals (&step->value, json, item) != step->negated;
}

uint32_t
weir_json_step_follow (const WeirJsonStep *step, const WeirJson *json, uint32_t item)
{
  const WeirJsonType type = weir_json_get_type (json, item);

  if (type == WEIR_JSON_OBJECT)
    return step->name != NULL ? weir_json_lookup (json, item, step->name) : 0;
  if (type != WEIR_JSON_ARRAY || step->kind == WEIR_JSON_STEP_APPEND)
    return 0;
  if (step->kind == WEIR_JSON_STEP_NAME)
    return get_element (json, item, step->index);
  for (uint32_t i = weir_json_first (json, item); i != 0;
       i = weir_json_next (json, item, i))
    if (weir_json_step_holds (step, json, i))
      return i;
  return 0;
}

static uint32_t
lookup_from (const WeirJsonPath *self, const WeirJson *json, uint32_t item, unsigned first);

/* The first of the elements of @array for which step @i holds that leads on to the end. */
static uint32_t
lookup_any (const WeirJsonPath *self, const WeirJson *json, uint32_t array, unsigned i)
{
  const WeirJsonStep *step = weir_json_path_get_step (self, i);

  if (weir_json_get_type (json, array) != WEIR_JSON_ARRAY)
    return 0;
  for (uint32_t k = weir_json_first (json, array); k != 0;
       k = weir_json_next (json, array, k))
    {
      const uint32_t found
          = weir_json_step_holds (step, json, k) ? lookup_from (self, json, k, i + 1) : 0;

      if (found != 0)
        return found;
    }
  return 0;
}

static uint32_t
lookup_from (const WeirJsonPath *self, const WeirJson *json, uint32_t item, unsigned first)
{
  for (unsigned i = first; i < self->steps->len; i++)
    {
      const WeirJsonStep *step = weir_json_path_get_step (self, i);

      if (step->kind == WEIR_JSON_STEP_FIND_ALL)
        return lookup_any (self, json, item, i);
      item = weir_json_step_follow (step, json, item);
      if (item == 0)
        return 0;
    }
  return item;
}

uint32_t
weir_json_path_lookup (const WeirJsonPath *self, const WeirJson *json, uint32_t item)
{
  return lookup_from (self, json, item, 0);
}
