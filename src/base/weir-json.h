/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Bytes seen as JSON (RFC 8259, strict, UTF-8 strict): one scan leaves a flat table of byte
 * ranges over the untouched text.  No recursion, no copy, no number is ever converted
 * unless it is asked for.  The table is reused: a WeirJson that is parsed again allocates
 * nothing once warm. */

#include "base/weir-slice.h"

#include <stdint.h>

typedef enum
{
  WEIR_JSON_NULL,
  WEIR_JSON_FALSE,
  WEIR_JSON_TRUE,
  WEIR_JSON_NUMBER,
  WEIR_JSON_STRING,
  WEIR_JSON_ARRAY,
  WEIR_JSON_OBJECT,
  WEIR_JSON_NAME, /* the name of a member: its value is the very next item */
} WeirJsonType;

typedef enum
{
  WEIR_JSON_ESCAPED = 1 << 0, /* a string or name that holds at least one backslash */
  WEIR_JSON_OPAQUE
  = 1 << 1, /* a container at record_depth: what is in it was checked, not recorded */
} WeirJsonFlags;

/* Items stand in document order; item 0 is the root. */
typedef struct
{
  uint32_t start; /* offset of the value's first byte; a string's quotes belong to it */
  uint32_t end;   /* offset behind its last byte */
  uint32_t next;  /* index of the item behind this one and everything in it; a name's is
                   * its value */
  uint8_t type;   /* WeirJsonType */
  uint8_t flags;  /* WeirJsonFlags */
  uint16_t depth; /* 0 for the root, 1 for its members, … */
} WeirJsonItem;

typedef struct
{
  uint16_t max_depth; /* containers inside each other, at most; 0 means 128 */
  uint16_t
      record_depth;   /* items deeper than this are checked but not recorded; 0 means all */
  uint32_t max_items; /* tokens in the whole text, recorded or not; 0 means 2 000 000 */
  uint32_t max_name;  /* bytes of a member's name as it is spelt; 0 means 1024 */
} WeirJsonLimits;

typedef struct
{
  const char *text; /* (unowned) must outlive every use of the table */
  size_t length;
  WeirJsonItem *items; /* (owned) */
  uint32_t n_items;
  uint32_t n_allocated;
} WeirJson;

/* A zeroed WeirJson is a valid empty one. */
void weir_json_clear (WeirJson *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirJson, weir_json_clear)

/* For a table that is kept from text to text: gives back what only a large one needed.  The
 * text that was parsed is forgotten. */
void weir_json_shrink (WeirJson *self);

/* Reads exactly one document with optional white space around it.  @length at most
 * UINT32_MAX.  @limits (nullable): the defaults.  On failure the table is empty and @error
 * is WEIR_ERROR_BAD_JSON, WEIR_ERROR_JSON_TOO_DEEP or WEIR_ERROR_TOO_LARGE; the message
 * names the byte offset and never quotes the text.  A lone surrogate escape (\ud800) is
 * legal JSON grammar and is accepted here; weir_json_append_text says what becomes of it.
 */
gboolean weir_json_parse (WeirJson *self,
                          const char *text,
                          size_t length,
                          const WeirJsonLimits *limits,
                          GError **error);

static inline WeirJsonType
weir_json_get_type (const WeirJson *self, uint32_t item)
{
  return (WeirJsonType)self->items[item].type;
}

/* The item's own bytes, a string's quotes included. */
static inline WeirSlice
weir_json_get_raw (const WeirJson *self, uint32_t item)
{
  const WeirJsonItem *it = &self->items[item];

  return (WeirSlice){ self->text + it->start, it->end - it->start };
}

/* Children of a recorded container:
 *   for (i = weir_json_first (j, object); i != 0; i = weir_json_next (j, object, i)) …
 * In an object @i is the NAME item and @i + 1 its value; in an array @i is the element.
 * Both return 0 for "no more" (item 0 is the root and nobody's child). */
uint32_t weir_json_first (const WeirJson *self, uint32_t container);
uint32_t weir_json_next (const WeirJson *self, uint32_t container, uint32_t child);

/* The value of the member called @name, or 0.  The first one wins; use
 * weir_json_check_names where two would be an attack.  Names with escapes are compared
 * decoded.  @object may be anything: what is no recorded object has no members.  Mind that
 * 0 is also the root: test the answer before looking for something inside it. */
uint32_t weir_json_lookup (const WeirJson *self, uint32_t object, const char *name);

/* FALSE with WEIR_ERROR_JSON_DUPLICATE when a name stands twice in @object (not deeper), or
 * with WEIR_ERROR_BAD_JSON when a name holds \u0000. */
gboolean weir_json_check_names (const WeirJson *self, uint32_t object, GError **error);

/* Use weir_json_equals: this is its part for texts that begin alike. */
gboolean weir_json_equals_wholly (const WeirJson *self, uint32_t item, const char *text);

/* Does the string or name at @item, decoded, equal @text?  Most names differ in the first
 * letter: what is asked for many of them calls nothing. */
static inline gboolean
weir_json_equals (const WeirJson *self, uint32_t item, const char *text)
{
  char first;

  if (item >= self->n_items
      || (self->items[item].type != WEIR_JSON_STRING
          && self->items[item].type != WEIR_JSON_NAME))
    return FALSE;
  first = self->text[self->items[item].start + 1];
  return (first == *text || first == '\\' || first == '"')
         && weir_json_equals_wholly (self, item, text);
}

/* Appends the decoded text of a string or name to @out as valid UTF-8: a lone surrogate
 * becomes U+FFFD.  Embedded NUL is kept. */
void weir_json_append_text (const WeirJson *self, uint32_t item, GString *out);

/* (transfer full) (nullable): the decoded text; NULL when @item is no string or holds NUL.
 */
char *weir_json_dup_text (const WeirJson *self, uint32_t item);

/* TRUE and the value when @item is a number without sign, fraction and exponent that fits.
 */
gboolean weir_json_get_uint (const WeirJson *self, uint32_t item, uint64_t *out_value);
