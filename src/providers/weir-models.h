/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Which seats serve a model name.  Names are exact first; globs are what a seat serves
 * while its own list is not known.  Pure. */

#include <glib.h>
#include <stdint.h>

typedef struct
{
  unsigned seat;            /* number of the seat, the owner's */
  int priority;             /* higher is asked first */
  unsigned weight;          /* its share by the weighted strategies; 0: never asked */
  char *upstream_name;      /* (owned) what the upstream calls it */
  gboolean renames_answers; /* its answers name the model as the client does */
  unsigned picked;          /* when it had its turn last; the pool's */
  int current;              /* what it is owed by weight; the pool's */
} WeirModelRoute;

/* Counted: a request holds the model it asked for while the registry moves on. */
typedef struct
{
  char *id;                /* (owned) what clients call it */
  const char *owner;       /* (unowned) for lists: "claude", "groq"; outlives the models */
  char *display_name;      /* (owned) (nullable) for lists */
  uint64_t context_length; /* tokens; 0: not known */
  uint64_t max_output;     /* tokens; 0: not known */
  GPtrArray *routes; /* (owned) of WeirModelRoute, highest priority first, else in order of
                        adding */
  unsigned cursor;   /* counts the turns; the pool's */
} WeirModel;

WeirModel *weir_model_ref (WeirModel *self);
void weir_model_unref (WeirModel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirModel, weir_model_unref)

/* A name that an upstream says it offers. */
typedef struct
{
  char *id;                /* (owned) */
  char *display_name;      /* (owned) (nullable) */
  uint64_t context_length; /* tokens; 0: it does not say */
} WeirOffered;

WeirOffered *
weir_offered_new (const char *id, const char *display_name, uint64_t context_length);
void weir_offered_free (WeirOffered *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirOffered, weir_offered_free)

typedef struct _WeirModels WeirModels;

WeirModels *weir_models_new (void);
void weir_models_free (WeirModels *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirModels, weir_models_free)

/* What a seat offers under a name, or under all names of a glob. */
typedef struct
{
  const char *owner; /* outlives the models */
  unsigned seat;
  int priority;
  unsigned weight;
  const char *const *excluded; /* (nullable): NULL-terminated lower-case globs of names that
                                  it does not serve; outlives the models */
  /* of a name: */
  const char *upstream_name;
  const char *display_name; /* (nullable) */
  uint64_t context_length;  /* 0: not known */
  uint64_t max_output;      /* 0: not known */
  gboolean renames_answers;
} WeirModelOffer;

/* Adds a name, unless the offer excludes it or its upstream name.  The same name, seat and
 * upstream name twice counts once; the first that knows a display name or a context length
 * tells it. */
void weir_models_add (WeirModels *self, const char *id, const WeirModelOffer *offer);

/* Adds names by glob: asked only when no exact name matches.  The glob's match behind
 * @prefix (nullable; `prefix/`) is the upstream name.  Strings must outlive the models. */
void weir_models_add_glob (WeirModels *self,
                           const char *glob,
                           const char *prefix,
                           const WeirModelOffer *offer);

/* Forgets the globs of @seat: its list has become known. */
void weir_models_remove_globs (WeirModels *self, unsigned seat);

/* Forgets the names of @seat: its list has changed.  Who holds a model goes on with what it
 * was. */
void weir_models_remove_names (WeirModels *self, unsigned seat);

/* (transfer none): the model called @id, or NULL.  A name as it was added comes before one
 * that differs in ASCII case, and that before a glob.  A name found by glob is remembered
 * (bounded), so that its round robin has a place; one of more than 512 bytes is not found.
 */
WeirModel *weir_models_lookup (WeirModels *self, const char *id);

/* (transfer none): the exact names in the order of adding, of WeirModel. */
const GPtrArray *weir_models_get_list (const WeirModels *self);

/* Glob with `*` only; ASCII case does not count.  Linear in both. */
gboolean weir_glob_matches (const char *glob, const char *text);
