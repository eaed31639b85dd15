/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A place in a JSON text, in the language of gjson and sjson as far as it names places:
 * `a.b.0.c`, `-1` behind the last element, `\.` for a dot in a name, `:1` for a member
 * called 1, `#(name=="x")` the first element that is so, `#(name=="x")#` all of them. */

#include "base/weir-json.h"

#define WEIR_JSON_PATH_MAX 512 /* bytes */
#define WEIR_JSON_PATH_STEPS_MAX 16
#define WEIR_JSON_PATH_INDEX_MAX 999

/* A value to compare with. */
typedef struct
{
  WeirJsonType type;
  char *text; /* (owned) (nullable) a string's decoded text; a container's bytes */
  double number;
} WeirJsonValue;

typedef enum
{
  WEIR_JSON_STEP_NAME,   /* a member, or an element where `index` says so */
  WEIR_JSON_STEP_APPEND, /* behind the last element */
  WEIR_JSON_STEP_FIND,   /* the first element for which the query holds */
  WEIR_JSON_STEP_FIND_ALL,
} WeirJsonStepKind;

typedef struct
{
  WeirJsonStepKind kind;
  char *name;          /* (owned) (nullable) of a NAME or APPEND */
  int index;           /* -1: a name only */
  GPtrArray *members;  /* (owned) (nullable) of char *: names from the element to the value
                          of a query; empty: the element itself */
  gboolean negated;    /* `!=`: holds where there is another value */
  WeirJsonValue value; /* of a query */
} WeirJsonStep;

typedef struct
{
  GArray *steps; /* (owned) of WeirJsonStep, at least one */
} WeirJsonPath;

/* NULL with WEIR_ERROR_BAD_REQUEST and what is wrong with it: not of this language, too
 * long, too deep. */
WeirJsonPath *weir_json_path_new (const char *text, GError **error);
void weir_json_path_free (WeirJsonPath *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirJsonPath, weir_json_path_free)

static inline unsigned
weir_json_path_get_length (const WeirJsonPath *self)
{
  return self->steps->len;
}

static inline const WeirJsonStep *
weir_json_path_get_step (const WeirJsonPath *self, unsigned i)
{
  return &g_array_index (self->steps, WeirJsonStep, i);
}

/* The child of @item that @step, which is no FIND_ALL, leads to; 0: there is none. */
uint32_t
weir_json_step_follow (const WeirJsonStep *step, const WeirJson *json, uint32_t item);

/* Does the query of @step hold for the element @item? */
gboolean
weir_json_step_holds (const WeirJsonStep *step, const WeirJson *json, uint32_t item);

/* The first item that the path leads to from @item; 0: there is none. */
uint32_t
weir_json_path_lookup (const WeirJsonPath *self, const WeirJson *json, uint32_t item);

/* FALSE with WEIR_ERROR_BAD_REQUEST, or with what weir_json_parse says: @json is not one
 * JSON value, or a string with NUL in it.  @self is then empty. */
gboolean weir_json_value_init (WeirJsonValue *self, WeirSlice json, GError **error);
void weir_json_value_clear (WeirJsonValue *self);

/* Strings are compared decoded, numbers as doubles, containers byte by byte. */
gboolean
weir_json_value_equals (const WeirJsonValue *self, const WeirJson *json, uint32_t item);
