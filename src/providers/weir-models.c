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
  const char *glob;            /* (unowned) */
  const char *prefix;          /* (unowned) (nullable) */
  const char *owner;           /* (unowned) */
  const char *const *excluded; /* (unowned) (nullable) */
  unsigned seat;
  int priority;
} Glob;

struct _WeirModels
{
  GPtrArray *list;     /* (owned) of WeirModel: exact names */
  GHashTable *by_id;   /* (owned) id (borrowed) -> WeirModel (borrowed) */
  GHashTable *by_glob; /* (owned) id (borrowed) -> WeirModel (owned) */
  GArray *globs;       /* (owned) of Glob */
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
  g_ptr_array_unref (model->routes);
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

static void
model_add_route (WeirModel *model, unsigned seat, int priority, const char *upstream_name)
{
  WeirModelRoute *route;
  unsigned at = 0;

  for (unsigned i = 0; i < model->routes->len; i++)
    {
      const WeirModelRoute *other = g_ptr_array_index (model->routes, i);

      if (other->seat == seat && g_str_equal (other->upstream_name, upstream_name))
        return;
      if (other->priority >= priority)
        at = i + 1;
    }
  route = g_new0 (WeirModelRoute, 1);
  route->seat = seat;
  route->priority = priority;
  route->weight = 1;
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
  g_hash_table_unref (self->by_glob);
  g_ptr_array_unref (self->list);
  g_array_unref (self->globs);
  g_free (self);
}

void
weir_models_add (WeirModels *self,
                 const char *id,
                 const char *owner,
                 unsigned seat,
                 int priority,
                 const char *upstream_name,
                 const char *const *excluded)
{
  WeirModel *model = g_hash_table_lookup (self->by_id, id);

  if (is_excluded (id, excluded) || is_excluded (upstream_name, excluded))
    return;
  if (model == NULL)
    {
      model = model_new (id, owner);
      g_ptr_array_add (self->list, model);
      g_hash_table_insert (self->by_id, model->id, model);
      g_hash_table_remove (self->by_glob, id);
    }
  model_add_route (model, seat, priority, upstream_name);
}

void
weir_models_add_glob (WeirModels *self,
                      const char *glob,
                      const char *prefix,
                      const char *owner,
                      unsigned seat,
                      int priority,
                      const char *const *excluded)
{
  Glob row = { glob, prefix, owner, excluded, seat, priority };

  g_array_append_val (self->globs, row);
}

void
weir_models_remove_globs (WeirModels *self, unsigned seat)
{
  for (unsigned i = self->globs->len; i-- > 0;)
    if (g_array_index (self->globs, Glob, i).seat == seat)
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
      || is_excluded (id, glob->excluded))
    return NULL;
  return id;
}

WeirModel *
weir_models_lookup (WeirModels *self, const char *id)
{
  WeirModel *model = g_hash_table_lookup (self->by_id, id);

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
        model = model_new (id, glob->owner);
      model_add_route (model, glob->seat, glob->priority, upstream_name);
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
