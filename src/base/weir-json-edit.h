/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Changes to a JSON text that leave every other byte as it came: a list of splices at byte
 * offsets, applied once or sent as segments without building the whole. */

#include "base/weir-json.h"

typedef struct
{
  size_t start; /* offset in the text of the first byte replaced */
  size_t end;   /* offset behind the last byte replaced; == start inserts */
  char *text;   /* (owned) what stands there instead */
  size_t length;
} WeirJsonSplice;

typedef struct
{
  GArray *
      splices; /* (owned) (nullable) of WeirJsonSplice, ordered by start, not overlapping */
} WeirJsonEdit;

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

/* Sets the member @name of @object: replaces its value or appends the member.  A later edit
 * of the same member replaces the earlier. */
void weir_json_edit_set (WeirJsonEdit *self,
                         const WeirJson *json,
                         uint32_t object,
                         const char *name,
                         WeirSlice json_text);

/* Removes the member @name of @object with one comma, if it is there.  Several members of
 * one object may be removed and appended; the result stays JSON. */
void weir_json_edit_remove (WeirJsonEdit *self,
                            const WeirJson *json,
                            uint32_t object,
                            const char *name);

gboolean weir_json_edit_is_empty (const WeirJsonEdit *self);

/* Bytes of the edited text. */
size_t weir_json_edit_get_length (const WeirJsonEdit *self, size_t text_length);

/* The edited text as runs, in order: slices of @text and of the splices.  Returns how many
 * were written; @n_runs must be at least 2 * splices + 1 (weir_json_edit_count_runs). */
size_t weir_json_edit_count_runs (const WeirJsonEdit *self);
size_t weir_json_edit_get_runs (const WeirJsonEdit *self,
                                WeirSlice text,
                                WeirSlice *runs,
                                size_t n_runs);

/* (transfer full): the edited text. */
GBytes *weir_json_edit_apply (const WeirJsonEdit *self, WeirSlice text);
