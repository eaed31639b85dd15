/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The registry of names.  Who of the seats is picked is the pool's business. */

#include "config.h"

#include "providers/weir-models.h"

#include <string.h>

/* Names that only a glob served are remembered up to here; beyond, the memory starts anew.
 */
#define GLOB_NAMES_MAX 4096
/* Clients choose these names: a longer one is nobody's and would only cost memory. */
#define GLOB_NAME_BYTES_MAX 512

typedef struct
{
  const char *glob;   /* (unowned) */
  const char *prefix; /* (unowned) (nullable) */
  WeirModelOffer offer;
} Glob;

struct _WeirModels
{
  GPtrArray *list;       /* (owned) of WeirModel: exact names */
  GHashTable *by_id;     /* (owned) id (borrowed) -> WeirModel (borrowed) */
  GHashTable *by_folded; /* (owned) id in lower case (owned) -> WeirModel (borrowed), the
                            first of its kind */
  GHashTable *by_glob;   /* (owned) id (borrowed) -> WeirModel (owned) */
  GArray *globs;         /* (owned) of Glob */
};

static void
route_free (gpointer data)
{
  WeirModelRoute *route = data;

  g_free (route->upstream_name);
  g_free (route);
}

static void
model_clear (gpointer data)
{
  WeirModel *model = data;

  g_free (model->id);
  g_free (model->display_name);
  g_ptr_array_unref (model->routes);
}

WeirOffered *
weir_offered_new (const char *id, const char *display_name, uint64_t context_length)
{
  WeirOffered *self = g_new0 (WeirOffered, 1);

  self->id = g_strdup (id);
  self->display_name = g_strdup (display_name);
  self->context_length = context_length;
  return self;
}

void
weir_offered_free (WeirOffered *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->display_name);
  g_free (self);
}

WeirModel *
weir_model_ref (WeirModel *self)
{
  return g_rc_box_acquire (self);
}

void
weir_model_unref (WeirModel *self)
{
  if (self != NULL)
    g_rc_box_release_full (self, model_clear);
}

static WeirModel *
model_new (const char *id, const char *owner)
{
  WeirModel *model = g_rc_box_new0 (WeirModel);

  model->id = g_strdup (id);
  model->owner = owner;
  model->routes = g_ptr_array_new_with_free_func (route_free);
  return model;
}

/* A route of the same seat and name is there already. */
static gboolean
has_route (const WeirModel *model, unsigned seat, const char *upstream_name)
{
  for (unsigned i = 0; i < model->routes->len; i++)
    {
      const WeirModelRoute *other = g_ptr_array_index (model->routes, i);

      if (other->seat == seat && g_str_equal (other->upstream_name, upstream_name))
        return TRUE;
    }
  return FALSE;
}

static void
model_add_route (WeirModel *model, const WeirModelOffer *offer, const char *upstream_name)
{
  WeirModelRoute *route;
  unsigned at = 0;

  if (has_route (model, offer->seat, upstream_name))
    return;
  for (unsigned i = 0; i < model->routes->len; i++)
    if (((const WeirModelRoute *)g_ptr_array_index (model->routes, i))->priority
        >= offer->priority)
      at = i + 1;
  route = g_new0 (WeirModelRoute, 1);
  route->seat = offer->seat;
  route->priority = offer->priority;
  route->weight = offer->weight;
  route->renames_answers = offer->renames_answers;
  route->upstream_name = g_strdup (upstream_name);
  g_ptr_array_insert (model->routes, (int)at, route);
}

gboolean
weir_glob_matches (const char *glob, const char *text)
{
  const char *star = NULL; /* the last `*` seen, and where in the text it began to match */
  const char *resume = NULL;

  while (*text != '\0')
    if (*glob == '*')
      {
        star = glob++;
        resume = text;
      }
    else if (*glob != '\0' && g_ascii_tolower (*glob) == g_ascii_tolower (*text))
      {
        glob++;
        text++;
      }
    else if (star != NULL)
      {
        glob = star + 1;
        text = ++resume;
      }
    else
      return FALSE;
  while (*glob == '*')
    glob++;
  return *glob == '\0';
}

static gboolean
is_excluded (const char *id, const char *const *excluded)
{
  for (; excluded != NULL && *excluded != NULL; excluded++)
    if (weir_glob_matches (*excluded, id))
      return TRUE;
  return FALSE;
}

WeirModels *
weir_models_new (void)
{
  WeirModels *self = g_new0 (WeirModels, 1);

  self->list = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_model_unref);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_folded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->by_glob = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                         (GDestroyNotify)weir_model_unref);
  self->globs = g_array_new (FALSE, FALSE, sizeof (Glob));
  return self;
}

void
weir_models_free (WeirModels *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->by_folded);
  g_hash_table_unref (self->by_glob);
  g_ptr_array_unref (self->list);
  g_array_unref (self->globs);
  g_free (self);
}

/* Its place in the two indices; an id that differs in case only keeps what it has. */
static void
index_model (WeirModels *self, WeirModel *model)
{
  g_autofree char *folded = g_ascii_strdown (model->id, -1);

  g_hash_table_insert (self->by_id, model->id, model);
  if (!g_hash_table_contains (self->by_folded, folded))
    g_hash_table_insert (self->by_folded, g_steal_pointer (&folded), model);
}

void
weir_models_add (WeirModels *self, const char *id, const WeirModelOffer *offer)
{
  WeirModel *model = g_hash_table_lookup (self->by_id, id);

  if (is_excluded (id, offer->excluded)
      || is_excluded (offer->upstream_name, offer->excluded))
    return;
  if (model == NULL)
    {
      model = model_new (id, offer->owner);
      g_ptr_array_add (self->list, model);
      index_model (self, model);
      g_hash_table_remove_all (self->by_glob);
    }
  if (model->display_name == NULL)
    model->display_name = g_strdup (offer->display_name);
  if (model->context_length == 0)
    model->context_length = offer->context_length;
  if (model->max_output == 0)
    model->max_output = offer->max_output;
  model_add_route (model, offer, offer->upstream_name);
}

void
weir_models_add_glob (WeirModels *self,
                      const char *glob,
                      const char *prefix,
                      const WeirModelOffer *offer)
{
  Glob row = { glob, prefix, *offer };

  g_array_append_val (self->globs, row);
}

/* (transfer full) (nullable): @model without the routes of @seat; NULL: nothing is left. */
static WeirModel *
dup_without (const WeirModel *model, unsigned seat)
{
  WeirModel *copy = model_new (model->id, model->owner);

  copy->display_name = g_strdup (model->display_name);
  copy->context_length = model->context_length;
  copy->max_output = model->max_output;
  copy->cursor = model->cursor;
  for (unsigned i = 0; i < model->routes->len; i++)
    {
      const WeirModelRoute *route = g_ptr_array_index (model->routes, i);
      WeirModelRoute *kept;

      if (route->seat == seat)
        continue;
      kept = g_memdup2 (route, sizeof *route);
      kept->upstream_name = g_strdup (route->upstream_name);
      g_ptr_array_add (copy->routes, kept);
    }
  if (copy->routes->len > 0)
    return copy;
  weir_model_unref (copy);
  return NULL;
}

static gboolean
is_served_by (const WeirModel *model, unsigned seat)
{
  for (unsigned i = 0; i < model->routes->len; i++)
    if (((const WeirModelRoute *)g_ptr_array_index (model->routes, i))->seat == seat)
      return TRUE;
  return FALSE;
}

void
weir_models_remove_names (WeirModels *self, unsigned seat)
{
  g_autoptr (GPtrArray) before = g_steal_pointer (&self->list);

  self->list = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_model_unref);
  g_hash_table_remove_all (self->by_id);
  g_hash_table_remove_all (self->by_folded);
  for (unsigned i = 0; i < before->len; i++)
    {
      WeirModel *model = g_ptr_array_index (before, i);
      WeirModel *kept
          = is_served_by (model, seat) ? dup_without (model, seat) : weir_model_ref (model);

      if (kept == NULL)
        continue;
      g_ptr_array_add (self->list, kept);
      index_model (self, kept);
    }
}

void
weir_models_remove_globs (WeirModels *self, unsigned seat)
{
  for (unsigned i = self->globs->len; i-- > 0;)
    if (g_array_index (self->globs, Glob, i).offer.seat == seat)
      g_array_remove_index (self->globs, i);
  g_hash_table_remove_all (self->by_glob);
}

/* The upstream name when the glob serves @id, else NULL. */
static const char *
glob_serves (const Glob *glob, const char *id)
{
  if (glob->prefix != NULL)
    {
      size_t length = strlen (glob->prefix);

      if (strncmp (id, glob->prefix, length) != 0 || id[length] != '/')
        return NULL;
      id += length + 1;
    }
  if (*id == '\0' || !weir_glob_matches (glob->glob, id)
      || is_excluded (id, glob->offer.excluded))
    return NULL;
  return id;
}

WeirModel *
weir_models_lookup (WeirModels *self, const char *id)
{
  WeirModel *model = g_hash_table_lookup (self->by_id, id);

  if (model == NULL && strlen (id) <= GLOB_NAME_BYTES_MAX)
    {
      g_autofree char *folded = g_ascii_strdown (id, -1);

      model = g_hash_table_lookup (self->by_folded, folded);
    }
  if (model == NULL)
    model = g_hash_table_lookup (self->by_glob, id);
  if (model != NULL || strlen (id) > GLOB_NAME_BYTES_MAX)
    return model;

  for (unsigned i = 0; i < self->globs->len; i++)
    {
      const Glob *glob = &g_array_index (self->globs, Glob, i);
      const char *upstream_name = glob_serves (glob, id);

      if (upstream_name == NULL)
        continue;
      if (model == NULL)
        model = model_new (id, glob->offer.owner);
      model_add_route (model, &glob->offer, upstream_name);
    }
  if (model == NULL)
    return NULL;
  if (g_hash_table_size (self->by_glob) >= GLOB_NAMES_MAX)
    g_hash_table_remove_all (self->by_glob);
  g_hash_table_insert (self->by_glob, model->id, model);
  return model;
}

const GPtrArray *
weir_models_get_list (const WeirModels *self)
{
  return self->list;
}
