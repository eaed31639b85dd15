/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Changes to a JSON text that leave every other byte as it came: a list of splices at byte
 * offsets, applied once or sent as segments without building the whole. */

#include "base/weir-json.h"

typedef enum
{
  WEIR_JSON_SPLICE_REPLACE, /* another value */
  WEIR_JSON_SPLICE_REMOVE,  /* members or elements, with their commas */
  WEIR_JSON_SPLICE_APPEND,  /* one more member, before the closing brace */
} WeirJsonSpliceKind;

typedef struct
{
  size_t start; /* offset in the text of the first byte replaced */
  size_t end;   /* offset behind the last byte replaced; == start inserts */
  char *text;   /* (owned) (nullable) what stands there instead */
  size_t length;
  WeirJsonSpliceKind kind;
} WeirJsonSplice;

typedef struct
{
  GArray *
      splices; /* (owned) (nullable) of WeirJsonSplice, ordered by start, not overlapping */
} WeirJsonEdit;

/* The edits are made in any order, all with the table of the same text.  A later edit of
 * the same thing replaces the earlier; one inside something that has been replaced or
 * removed does nothing. */

/* A zeroed WeirJsonEdit is a valid empty one. */
void weir_json_edit_clear (WeirJsonEdit *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirJsonEdit, weir_json_edit_clear)

/* Replaces the value at @item by @json_text, which must be one JSON value. */
void weir_json_edit_replace (WeirJsonEdit *self,
                             const WeirJson *json,
                             uint32_t item,
                             WeirSlice json_text);

/* As above with a string made from UTF-8 @text. */
void weir_json_edit_replace_text (WeirJsonEdit *self,
                                  const WeirJson *json,
                                  uint32_t item,
                                  const char *text);

/* As above for a value that is known by its place: the bytes from @start to before @end. */
void weir_json_edit_replace_range (WeirJsonEdit *self,
                                   size_t start,
                                   size_t end,
                                   const char *text);

/* As above with @bytes as they are: for bodies that are no JSON and of which nothing else
 * is edited. */
void weir_json_edit_replace_bytes (WeirJsonEdit *self,
                                   size_t start,
                                   size_t end,
                                   WeirSlice bytes);

/* Sets the member @name of @object, which must be a recorded object: replaces its value
 * (the first one's, if there are two) or appends the member. */
void weir_json_edit_set (WeirJsonEdit *self,
                         const WeirJson *json,
                         uint32_t object,
                         const char *name,
                         WeirSlice json_text);

/* Removes the member @name of @object, which must be a recorded object, with one comma, if
 * it is there; all of them if there are several, and one that was appended.  Members of one
 * object may be removed and appended in any order; the result stays JSON. */
void weir_json_edit_remove (WeirJsonEdit *self,
                            const WeirJson *json,
                            uint32_t object,
                            const char *name);

/* Adds an element behind the last of @array, or removes those at @elements with their
 * commas.  @array must be a recorded array; only one of the two, and only once, for the
 * same array; elements that stay may be edited besides. */
void weir_json_edit_append_element (WeirJsonEdit *self,
                                    const WeirJson *json,
                                    uint32_t array,
                                    WeirSlice json_text);
void weir_json_edit_remove_elements (WeirJsonEdit *self,
                                     const WeirJson *json,
                                     uint32_t array,
                                     const uint32_t *elements,
                                     size_t n);

gboolean weir_json_edit_is_empty (const WeirJsonEdit *self);

/* Bytes of the edited text. */
size_t weir_json_edit_get_length (const WeirJsonEdit *self, size_t text_length);

/* The edited text as runs, in order, none of them empty: slices of @text and of the
 * splices. Returns how many were written; @n_runs must be at least 2 * splices + 1
 * (weir_json_edit_count_runs). */
size_t weir_json_edit_count_runs (const WeirJsonEdit *self);
size_t weir_json_edit_get_runs (const WeirJsonEdit *self,
                                WeirSlice text,
                                WeirSlice *runs,
                                size_t n_runs);

/* (transfer full): the edited text. */
GBytes *weir_json_edit_apply (const WeirJsonEdit *self, WeirSlice text);
