/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The grammar of JSON: one pass over the bytes that fills the table of a WeirJson.  The
 * state is a depth and one bit a container; nothing recurses.  Each scan_ function takes
 * the byte it starts at and returns the byte behind what it read, or NULL with the problem
 * noted.  Looking things up in the table lives in weir-json.c. */

#include "config.h"

#include "base/weir-error.h"
#include "base/weir-json-string.h"
#include "base/weir-json.h"

#define DEFAULT_MAX_DEPTH 128
#define DEFAULT_MAX_ITEMS 2000000
#define DEFAULT_MAX_NAME 1024
#define FIRST_ITEMS 48

typedef struct
{
  WeirJson *json;
  WeirJsonString string; /* also holds the end of the text and the problem */
  WeirError code;        /* of the problem */
  unsigned max_depth;
  unsigned record_depth;
  uint32_t items_left;
  uint32_t max_name;
  unsigned depth;     /* open containers */
  uint32_t container; /* innermost open one that is recorded; its `next` is its parent */
  uint64_t
      objects[(UINT16_MAX + 1) / 64]; /* bit i: the container at depth i is an object */
} Scanner;

static const char *
fail (Scanner *self, const char *where, WeirError code, const char *problem)
{
  self->code = code;
  self->string.where = where;
  self->string.problem = problem;
  return NULL;
}

static const char *
fail_at_token (Scanner *self, const char *where, const char *problem)
{
  if (where >= self->string.end)
    return fail (self, self->string.end, WEIR_ERROR_BAD_JSON, "text ends early");
  return fail (self, where, WEIR_ERROR_BAD_JSON, problem);
}

static const char *
skip_long_space (const Scanner *self, const char *p)
{
  while (p < self->string.end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    p++;
  return p;
}

static inline const char *
skip_space (const Scanner *self, const char *p)
{
  if (G_LIKELY (p < self->string.end && ' ' < *p))
    return p;
  return skip_long_space (self, p);
}

static inline gboolean
is_at (const Scanner *self, const char *p, char byte)
{
  return p < self->string.end && *p == byte;
}

static inline gboolean
is_digit_at (const Scanner *self, const char *p)
{
  return p < self->string.end && *p >= '0' && *p <= '9';
}

static void
grow_table (WeirJson *json)
{
  json->n_allocated = json->n_allocated == 0 ? FIRST_ITEMS : json->n_allocated * 2;
  json->items = g_renew (WeirJsonItem, json->items, json->n_allocated);
}

/* Counts a token and records it unless it lies too deep. */
static inline gboolean
add_item (Scanner *self, WeirJsonType type, const char *start, const char *end, int flags)
{
  WeirJson *json = self->json;

  if (G_UNLIKELY (self->items_left == 0))
    return fail (self, start, WEIR_ERROR_TOO_LARGE, "too many values") != NULL;
  self->items_left--;
  if (self->depth > self->record_depth)
    return TRUE;
  if (G_UNLIKELY (json->n_items == json->n_allocated))
    grow_table (json);
  json->items[json->n_items] = (WeirJsonItem){
    .start = (uint32_t)(start - json->text),
    .end = (uint32_t)(end - json->text),
    .next = json->n_items + 1,
    .type = (uint8_t)type,
    .flags = (uint8_t)flags,
    .depth = (uint16_t)self->depth,
  };
  json->n_items++;
  return TRUE;
}

static inline const char *
scan_string (Scanner *self, const char *p, WeirJsonType type)
{
  const char *behind = weir_json_string_scan (&self->string, p + 1);

  if (G_UNLIKELY (behind == NULL))
    return NULL;
  if (!add_item (self, type, p, behind, self->string.escaped ? WEIR_JSON_ESCAPED : 0))
    return NULL;
  return behind;
}

static const char *
scan_number (Scanner *self, const char *p)
{
  const char *start = p;

  if (*p == '-')
    p++;
  if (!is_digit_at (self, p))
    return fail_at_token (self, p, "invalid number");
  if (*p == '0' && is_digit_at (self, p + 1))
    return fail_at_token (self, p, "number with a leading zero");
  while (is_digit_at (self, p))
    p++;
  if (is_at (self, p, '.'))
    {
      p++;
      if (!is_digit_at (self, p))
        return fail_at_token (self, p, "invalid number");
      while (is_digit_at (self, p))
        p++;
    }
  if (is_at (self, p, 'e') || is_at (self, p, 'E'))
    {
      p++;
      if (is_at (self, p, '+') || is_at (self, p, '-'))
        p++;
      if (!is_digit_at (self, p))
        return fail_at_token (self, p, "invalid number");
      while (is_digit_at (self, p))
        p++;
    }
  return add_item (self, WEIR_JSON_NUMBER, start, p, 0) ? p : NULL;
}

static const char *
scan_literal (Scanner *self, const char *p, WeirSlice literal, WeirJsonType type)
{
  const WeirSlice rest = { p, (size_t)(self->string.end - p) };

  if (!weir_slice_has_prefix (rest, literal))
    return fail_at_token (self, p, "invalid literal");
  return add_item (self, type, p, p + literal.length, 0) ? p + literal.length : NULL;
}

static const char *
scan_scalar (Scanner *self, const char *p)
{
  switch (*p)
    {
    case '"':
      return scan_string (self, p, WEIR_JSON_STRING);
    case 'n':
      return scan_literal (self, p, WEIR_SLICE ("null"), WEIR_JSON_NULL);
    case 't':
      return scan_literal (self, p, WEIR_SLICE ("true"), WEIR_JSON_TRUE);
    case 'f':
      return scan_literal (self, p, WEIR_SLICE ("false"), WEIR_JSON_FALSE);
    default:
      if (*p == '-' || is_digit_at (self, p))
        return scan_number (self, p);
      return fail_at_token (self, p, "a value is missing");
    }
}

/* A member's name and its colon. */
static inline const char *
scan_name (Scanner *self, const char *p)
{
  const char *start;

  p = start = skip_space (self, p);
  if (!is_at (self, p, '"'))
    return fail_at_token (self, p, "a name is missing");
  p = scan_string (self, p, WEIR_JSON_NAME);
  if (p == NULL)
    return NULL;
  if (p - start - 2 > (ptrdiff_t)self->max_name)
    return fail (self, start, WEIR_ERROR_TOO_LARGE, "name too long");
  p = skip_space (self, p);
  if (!is_at (self, p, ':'))
    return fail_at_token (self, p, "a colon is missing");
  return p + 1;
}

static inline gboolean
is_in_object (const Scanner *self)
{
  const unsigned level = self->depth - 1;

  return (self->objects[level / 64] >> (level % 64) & 1) != 0;
}

static inline const char *
close_container (Scanner *self, const char *p)
{
  WeirJson *json = self->json;

  self->depth--;
  if (self->depth <= self->record_depth)
    {
      WeirJsonItem *item = &json->items[self->container];

      self->container = item->next;
      item->next = json->n_items;
      item->end = (uint32_t)(p + 1 - json->text);
    }
  return p + 1;
}

/* Reads `{` or `[`, and the first name of an object, or the closer of an empty container:
 * then @out_is_open is FALSE. */
static inline const char *
open_container (Scanner *self, const char *p, gboolean *out_is_open)
{
  const gboolean is_object = *p == '{';
  const unsigned level = self->depth;
  const uint64_t bit = UINT64_C (1) << (level % 64);

  if (level == self->max_depth)
    return fail (self, p, WEIR_ERROR_JSON_TOO_DEEP, "too many containers in each other");
  if (!add_item (self, is_object ? WEIR_JSON_OBJECT : WEIR_JSON_ARRAY, p, p,
                 level == self->record_depth ? WEIR_JSON_OPAQUE : 0))
    return NULL;
  if (level <= self->record_depth)
    {
      const uint32_t item = self->json->n_items - 1;

      self->json->items[item].next = self->container;
      self->container = item;
    }
  if (is_object)
    self->objects[level / 64] |= bit;
  else
    self->objects[level / 64] &= ~bit;
  self->depth++;
  p = skip_space (self, p + 1);
  *out_is_open = !is_at (self, p, is_object ? '}' : ']');
  if (!*out_is_open)
    return close_container (self, p);
  return is_object ? scan_name (self, p) : p;
}

/* What stands behind a complete value: closers, then a comma and in an object the next
 * name.  At the end of the document the depth is 0. */
static inline const char *
scan_behind_value (Scanner *self, const char *p)
{
  while (self->depth > 0)
    {
      const gboolean in_object = is_in_object (self);

      p = skip_space (self, p);
      if (is_at (self, p, ','))
        return in_object ? scan_name (self, p + 1) : p + 1;
      if (!is_at (self, p, in_object ? '}' : ']'))
        return fail_at_token (self, p, "a comma or the end of the container is missing");
      p = close_container (self, p);
    }
  return p;
}

static const char *
scan_value (Scanner *self, const char *p)
{
  while (p != NULL)
    {
      gboolean is_open = FALSE;

      p = skip_space (self, p);
      if (p == self->string.end)
        return fail_at_token (self, p, NULL);
      if (*p == '{' || *p == '[')
        p = open_container (self, p, &is_open);
      else
        p = scan_scalar (self, p);
      if (p == NULL || is_open)
        continue;
      p = scan_behind_value (self, p);
      if (self->depth == 0)
        break;
    }
  return p;
}

gboolean
weir_json_parse (WeirJson *self,
                 const char *text,
                 size_t length,
                 const WeirJsonLimits *limits,
                 GError **error)
{
  const WeirJsonLimits none = { 0 };
  const WeirJsonLimits *given = limits != NULL ? limits : &none;
  Scanner scanner;
  const char *p;

  if (text == NULL)
    text = ""; /* an empty run may have no place */
  self->text = text;
  self->length = length;
  self->n_items = 0;
  if (length > UINT32_MAX)
    return weir_error_set (error, WEIR_ERROR_TOO_LARGE, "JSON text longer than 4 GiB");

  /* `objects` stays as it is: a bit is written before it is read */
  scanner.json = self;
  scanner.string = (WeirJsonString){
    .end = text + length,
    .problem = "no value",
    .where = text,
  };
  scanner.code = WEIR_ERROR_BAD_JSON;
  scanner.max_depth = given->max_depth != 0 ? given->max_depth : DEFAULT_MAX_DEPTH;
  scanner.record_depth = given->record_depth != 0 ? given->record_depth : UINT16_MAX;
  scanner.items_left = given->max_items != 0 ? given->max_items : DEFAULT_MAX_ITEMS;
  scanner.max_name = given->max_name != 0 ? given->max_name : DEFAULT_MAX_NAME;
  scanner.depth = 0;
  scanner.container = 0;

  p = scan_value (&scanner, text);
  if (p != NULL)
    p = skip_space (&scanner, p);
  if (p != NULL && p != scanner.string.end)
    p = fail_at_token (&scanner, p, "bytes behind the document");
  if (p != NULL)
    return TRUE;

  self->n_items = 0;
  return weir_error_set (error, scanner.code, "%s at byte %zu of the JSON text",
                         scanner.string.problem, (size_t)(scanner.string.where - text));
}
