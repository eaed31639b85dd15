/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Groups of accounts, and what of them a client key may use.  What was worked out once is
 * kept: there are as many scopes as keys and groups, and requests come often. */

#include "config.h"

#include "chat/weir-thinking.h"
#include "proxy/weir-routing-private.h"

typedef struct
{
  const WeirConfigClientKey *key; /* (unowned) (nullable) */
  const WeirConfigGroup *group;   /* (unowned) (nullable) */
} ScopeKey;

typedef struct
{
  ScopeKey of;
  gboolean is_all;
  guint8 seats[];
} Scope;

static unsigned
scope_hash (gconstpointer data)
{
  const ScopeKey *of = data;

  return g_direct_hash (of->key) * 31 + g_direct_hash (of->group);
}

static gboolean
scope_equal (gconstpointer a, gconstpointer b)
{
  const ScopeKey *left = a;
  const ScopeKey *right = b;

  return left->key == right->key && left->group == right->group;
}

GHashTable *
weir_routing_scopes_new (void)
{
  return g_hash_table_new_full (scope_hash, scope_equal, NULL, g_free);
}

const WeirConfigGroup *
weir_routing_lookup_group (const WeirRouting *self, WeirSlice name)
{
  for (unsigned i = 0; i < self->config->groups->len; i++)
    {
      const WeirConfigGroup *group = g_ptr_array_index (self->config->groups, i);

      if (weir_slice_equal_nocase (name, weir_slice_from_string (group->name)))
        return group;
    }
  return NULL;
}

static gboolean
matches_any (char **globs, const char *text)
{
  for (; *globs != NULL; globs++)
    if (weir_glob_matches (*globs, text))
      return TRUE;
  return FALSE;
}

static gboolean
is_among (char **globs, const WeirSeat *seat)
{
  return matches_any (globs, seat->id) || matches_any (globs, seat->entry->name);
}

static gboolean
is_member (const WeirConfigGroup *group, const WeirSeat *seat)
{
  if (is_among (group->accounts, seat))
    return TRUE;
  return seat->entry->prefix != NULL
         && g_strv_contains ((const char *const *)group->prefixes, seat->entry->prefix);
}

/* Nobody has it to himself. */
static gboolean
is_open (const WeirRouting *self, const WeirSeat *seat)
{
  for (unsigned i = 0; i < self->config->groups->len; i++)
    {
      const WeirConfigGroup *group = g_ptr_array_index (self->config->groups, i);

      if (group->exclude_from_default && is_member (group, seat))
        return FALSE;
    }
  return TRUE;
}

gboolean
weir_caller_is_welcome (const WeirCaller *self)
{
  const WeirConfigClientKey *key = self->key != NULL ? self->key->config : NULL;

  if (self->group == NULL || key == NULL || *key->groups == NULL)
    return TRUE;
  for (char **name = key->groups; *name != NULL; name++)
    if (g_ascii_strcasecmp (*name, self->group->name) == 0)
      return TRUE;
  return FALSE;
}

gboolean
weir_routing_fall_back (const WeirRouting *self, WeirCaller *caller)
{
  const char *name = caller->group != NULL ? caller->group->fallback : NULL;
  WeirCaller next = { .key = caller->key };

  if (name == NULL)
    return FALSE;
  next.group = weir_routing_lookup_group (self, weir_slice_from_string (name));
  if (!weir_caller_is_welcome (&next))
    return FALSE;
  *caller = next;
  return TRUE;
}

static gboolean
is_in_groups_of (const WeirRouting *self,
                 const WeirConfigClientKey *key,
                 const WeirSeat *seat)
{
  for (char **name = key->groups; *name != NULL; name++)
    {
      const WeirConfigGroup *group
          = weir_routing_lookup_group (self, weir_slice_from_string (*name));

      if (group != NULL && is_member (group, seat))
        return TRUE;
    }
  return FALSE;
}

static gboolean
may_use (const WeirRouting *self, const ScopeKey *of, const WeirSeat *seat)
{
  const WeirConfigClientKey *key = of->key;

  if (key != NULL && *key->accounts != NULL && !is_among (key->accounts, seat))
    return FALSE;
  if (of->group != NULL)
    return is_member (of->group, seat);
  if (key != NULL && *key->groups != NULL)
    return is_in_groups_of (self, key, seat);
  return is_open (self, seat);
}

static Scope *
scope_new (const WeirRouting *self, const ScopeKey *of)
{
  Scope *scope = g_malloc0 (sizeof *scope + self->seats->len / 8 + 1);

  scope->of = *of;
  scope->is_all = TRUE;
  for (unsigned i = 0; i < self->seats->len; i++)
    if (may_use (self, of, g_ptr_array_index (self->seats, i)))
      scope->seats[i / 8] = (guint8)(scope->seats[i / 8] | 1u << (i % 8));
    else
      scope->is_all = FALSE;
  return scope;
}

const guint8 *
weir_routing_get_scope (WeirRouting *self, const WeirCaller *caller)
{
  const WeirConfigClientKey *key = caller->key != NULL ? caller->key->config : NULL;
  const ScopeKey of = { key, caller->group };
  Scope *scope;

  if (self->config->groups->len == 0 && (key == NULL || *key->accounts == NULL))
    return NULL;
  scope = g_hash_table_lookup (self->scopes, &of);
  if (scope == NULL)
    {
      scope = scope_new (self, &of);
      g_hash_table_insert (self->scopes, &scope->of, scope);
    }
  return scope->is_all ? NULL : scope->seats;
}

static gboolean
serves_any (const guint8 *scope, const WeirModel *model)
{
  for (unsigned i = 0; i < model->routes->len; i++)
    if (weir_scope_has (
            scope, ((const WeirModelRoute *)g_ptr_array_index (model->routes, i))->seat))
      return TRUE;
  return FALSE;
}

/* `auto`: the first of the list that the caller may ask for. */
static WeirModel *
choose_model (WeirRouting *self, const WeirCaller *caller)
{
  const GPtrArray *models = weir_models_get_list (self->models);
  const guint8 *scope = weir_routing_get_scope (self, caller);

  for (unsigned i = 0; i < models->len; i++)
    {
      WeirModel *model = g_ptr_array_index (models, i);

      if (serves_any (scope, model) && weir_caller_allows_model (caller, model->id, model))
        return model;
    }
  return NULL;
}

static WeirModel *
lookup (WeirRouting *self, const WeirCaller *caller, const char *name)
{
  WeirModel *model = weir_models_lookup (self->models, name);

  if (model == NULL && g_ascii_strcasecmp (name, "auto") == 0)
    return choose_model (self, caller);
  if (model == NULL || !serves_any (weir_routing_get_scope (self, caller), model))
    return NULL;
  return model;
}

WeirModel *
weir_routing_lookup_model (WeirRouting *self,
                           const WeirCaller *caller,
                           const char *name,
                           gboolean *out_has_suffix)
{
  WeirModel *model = lookup (self, caller, name);
  const WeirSlice whole = weir_slice_from_string (name);
  WeirThinking thinking = { 0 };
  g_autofree char *base = NULL;
  WeirSlice bare;

  if (out_has_suffix != NULL)
    *out_has_suffix = FALSE;
  if (model != NULL || !weir_slice_has_suffix (whole, WEIR_SLICE (")")))
    return model;
  bare = weir_thinking_split_model (whole, &thinking);
  if (bare.length == whole.length)
    return NULL;
  base = weir_slice_dup (bare);
  if (out_has_suffix != NULL)
    *out_has_suffix = TRUE;
  return lookup (self, caller, base);
}

static gboolean
group_allows (const WeirConfigGroup *group, const char *id)
{
  const char *slash = strchr (id, '/');

  if (group == NULL || *group->allowed_models == NULL
      || matches_any (group->allowed_models, id))
    return TRUE;
  return slash != NULL && matches_any (group->allowed_models, slash + 1);
}

gboolean
weir_caller_allows_model (const WeirCaller *self, const char *name, const WeirModel *model)
{
  return group_allows (self->group, model != NULL ? model->id : name)
         && (self->key == NULL || weir_client_key_allows_model (self->key, name, model));
}
