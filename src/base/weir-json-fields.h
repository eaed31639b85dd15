/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A struct filled from an object by a table of fields. */

#include "base/weir-json.h"

typedef enum
{
  WEIR_FIELD_UINT,    /* uint64_t; a negative, fractional or non-number value is an error */
  WEIR_FIELD_BOOLEAN, /* gboolean */
  WEIR_FIELD_RAW,     /* WeirSlice: the value's own bytes, whatever it is */
  WEIR_FIELD_TEXT,   /* WeirSlice: a string's bytes between its quotes, escapes as they came
                      */
  WEIR_FIELD_ITEM,   /* uint32_t: index of the value, whatever it is */
  WEIR_FIELD_OBJECT, /* uint32_t: index of the value, which must be an object */
  WEIR_FIELD_ARRAY,  /* uint32_t: index of the value, which must be an array */
} WeirFieldType;

typedef struct
{
  const char *name; /* NULL ends the table */
  WeirFieldType type;
  size_t offset;
  gboolean required;
} WeirField;

/* Walks the members of @object once.  A member that is null counts as absent; members that
 * are not in @fields are left alone.  What is absent keeps its value in @out.  Errors, all
 * with the field's name: a wrong type or a missing required field is
 * WEIR_ERROR_BAD_REQUEST, a field that stands twice WEIR_ERROR_JSON_DUPLICATE; @object no
 * object is WEIR_ERROR_BAD_REQUEST too. */
gboolean weir_json_read_fields (const WeirJson *json,
                                uint32_t object,
                                const WeirField *fields,
                                gpointer out,
                                GError **error);

/* Takes the member called as @name (an item of @json): one that is in no table. */
typedef gboolean (*WeirMemberFunc) (uint32_t name, gpointer user_data, GError **error);

/* weir_json_read_fields where the other members count as well: each of them that is not
 * null is given to @other.  Its errors end the walk. */
gboolean weir_json_read_members (const WeirJson *json,
                                 uint32_t object,
                                 const WeirField *fields,
                                 gpointer out,
                                 WeirMemberFunc other,
                                 gpointer user_data,
                                 GError **error);
