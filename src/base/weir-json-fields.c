/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The one loop that fills structs from objects.  What a field means is its table's matter.
 */

#include "config.h"

#include "base/weir-json-fields.h"

#include "base/weir-error.h"

#define FIELDS_MAX 64 /* one bit each in the mask of those seen */

/* The index of the field called as the name at @item, or -1. */
static int
find_field (const WeirJson *json, uint32_t item, const WeirField *fields)
{
  for (int i = 0; fields[i].name != NULL; i++)
    if (weir_json_equals (json, item, fields[i].name))
      return i;
  return -1;
}

static gboolean
read_typed (const WeirJson *json, uint32_t item, WeirFieldType type, gpointer place)
{
  const WeirJsonType found = weir_json_get_type (json, item);
  const WeirSlice raw = weir_json_get_raw (json, item);

  switch (type)
    {
    case WEIR_FIELD_UINT:
      return weir_json_get_uint (json, item, place);
    case WEIR_FIELD_BOOLEAN:
      *(gboolean *)place = found == WEIR_JSON_TRUE;
      return found == WEIR_JSON_TRUE || found == WEIR_JSON_FALSE;
    case WEIR_FIELD_RAW:
      *(WeirSlice *)place = raw;
      return TRUE;
    case WEIR_FIELD_TEXT:
      if (found == WEIR_JSON_STRING)
        *(WeirSlice *)place = (WeirSlice){ raw.text + 1, raw.length - 2 };
      return found == WEIR_JSON_STRING;
    case WEIR_FIELD_ITEM:
      *(uint32_t *)place = item;
      return TRUE;
    case WEIR_FIELD_OBJECT:
      *(uint32_t *)place = item;
      return found == WEIR_JSON_OBJECT;
    case WEIR_FIELD_ARRAY:
      *(uint32_t *)place = item;
      return found == WEIR_JSON_ARRAY;
    }
  return FALSE;
}

static gboolean
read_field (const WeirJson *json,
            uint32_t item,
            const WeirField *field,
            gpointer out,
            GError **error)
{
  static const char *const wanted[] = {
    [WEIR_FIELD_UINT] = "a whole number from 0 on",
    [WEIR_FIELD_BOOLEAN] = "true or false",
    [WEIR_FIELD_RAW] = "a value",
    [WEIR_FIELD_TEXT] = "a string",
    [WEIR_FIELD_ITEM] = "a value",
    [WEIR_FIELD_OBJECT] = "an object",
    [WEIR_FIELD_ARRAY] = "an array",
  };

  if (read_typed (json, item, field->type, (char *)out + field->offset))
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field '%s' must be %s",
                         field->name, wanted[field->type]);
}

static gboolean
check_required (const WeirField *fields, uint64_t filled, GError **error)
{
  for (unsigned i = 0; fields[i].name != NULL; i++)
    if (fields[i].required && (filled >> i & 1) == 0)
      return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field '%s' is missing",
                             fields[i].name);
  return TRUE;
}

gboolean
weir_json_read_members (const WeirJson *json,
                        uint32_t object,
                        const WeirField *fields,
                        gpointer out,
                        WeirMemberFunc other,
                        gpointer user_data,
                        GError **error)
{
  uint64_t seen = 0;
  uint64_t filled = 0;

  if (object >= json->n_items || weir_json_get_type (json, object) != WEIR_JSON_OBJECT)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "an object is missing");

  for (uint32_t i = weir_json_first (json, object); i != 0;
       i = weir_json_next (json, object, i))
    {
      const gboolean is_null = weir_json_get_type (json, i + 1) == WEIR_JSON_NULL;
      const int found = find_field (json, i, fields);
      const uint64_t bit = found >= 0 ? UINT64_C (1) << found : 0;

      g_assert (found < FIELDS_MAX);
      if ((seen & bit) != 0)
        return weir_error_set (error, WEIR_ERROR_JSON_DUPLICATE, "field '%s' stands twice",
                               fields[found].name);
      seen |= bit;
      if (is_null)
        continue;
      if (found >= 0 && !read_field (json, i + 1, &fields[found], out, error))
        return FALSE;
      if (found < 0 && other != NULL && !other (i, user_data, error))
        return FALSE;
      filled |= bit;
    }
  return check_required (fields, filled, error);
}

gboolean
weir_json_read_fields (const WeirJson *json,
                       uint32_t object,
                       const WeirField *fields,
                       gpointer out,
                       GError **error)
{
  return weir_json_read_members (json, object, fields, out, NULL, NULL, error);
}
