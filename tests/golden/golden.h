/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The golden matrix: every case of every dialect, said to every other one.  A case is a
 * file as a client or a vendor writes it; what becomes of it stands beside it in
 * NAME.expected, one section a target.  The README says how to work with them. */

#include "chat/weir-fold.h"
#include "chat/weir-request.h"

typedef struct
{
  char *folder;       /* (owned) tests/golden */
  char *build_folder; /* (owned) where NAME.expected.new goes */
  gboolean update;
  const char *only; /* (nullable) cases whose path has this in it */
  unsigned n_points;
  unsigned n_failed;
  GHashTable *seen; /* (owned) a set: what the cases have shown, for the table */
} Golden;

/* A part of an expectation.  A NULL text: the pair cannot be had. */
typedef struct
{
  char *name; /* (owned) */
  char *text; /* (owned) (nullable) */
} GoldenSection;

GPtrArray *golden_sections_new (void);
/* Takes @text. */
void golden_sections_take (GPtrArray *sections, const char *name, char *text);

/* One TAP point.  @why (nullable): what it broke; NULL is success. */
void golden_point (Golden *self, const char *name, const char *why);
/* Compares @sections with NAME.expected in FOLDER/@path, one point each; writes it anew
 * where asked to. */
void golden_compare (Golden *self, const char *path, const GPtrArray *sections);
/* (transfer full): the bytes of FOLDER/@path; NULL: there is no such file. */
GBytes *golden_read (const Golden *self, const char *path);
/* All that concerns the case @name of @dialect. */
void golden_check_request (Golden *self, WeirDialect dialect, const char *name);
void golden_check_answer (Golden *self, WeirDialect dialect, const char *name);

/* golden-table.c */

/* @kind: "lost" (of requests) or "answer"; @losses: words with commas between, or NULL. */
void golden_note_losses (Golden *self,
                         const char *kind,
                         WeirDialect client,
                         WeirDialect upstream,
                         const char *losses);
void golden_note_refusal (Golden *self,
                          WeirDialect client,
                          WeirDialect upstream,
                          const char *message);
/* (transfer full): Markdown, a table for each pair. */
char *golden_print_table (const Golden *self);
/* One TAP point: the README at @path ends with the table; written anew where asked to. */
void golden_check_readme (Golden *self, const char *path);

/* golden-text.c */

/* (transfer full): the JSON document @text on many lines, its bytes untouched but for white
 * space.  What is no strict JSON comes back as `not JSON: ` and its bytes. */
char *golden_print_json (WeirSlice text);
/* (transfer full): the same with sorted names and decoded strings: equal texts mean equal
 * documents.  NULL: no JSON. */
char *golden_normalise_json (WeirSlice text);
/* (transfer full): the members of the object @other that @text has not or has otherwise. */
char *golden_print_changes (WeirSlice text, WeirSlice other);
/* (transfer full): what must survive every translation: texts, calls, results, tools. */
char *golden_digest_request (const WeirRequest *request);
char *golden_digest_answer (const WeirFold *fold);
