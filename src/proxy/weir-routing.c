/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From the user's file to seats and names.  Nothing is asked of the network here. */

#include "config.h"

#include "proxy/weir-routing.h"

static void
seat_free (gpointer data)
{
  WeirSeat *seat = data;

  g_free (seat->id);
  weir_target_free (seat->target);
  if (seat->fixed_fields != NULL)
    g_string_free (seat->fixed_fields, TRUE);
  g_free (seat);
}

/* "groq", then "groq#2", "groq#3" …: the name is the entry's, the number its turn; a number
 * is passed over where another entry is called just so.  @counts also holds all ids given.
 */
static char *
name_seat (GHashTable *counts, const char *name)
{
  g_autofree char *id = NULL;
  unsigned n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, name)) + 1;

  if (n > 1)
    id = g_strdup_printf ("%s#%u", name, n);
  while (id != NULL && g_hash_table_contains (counts, id))
    {
      g_free (id);
      id = g_strdup_printf ("%s#%u", name, ++n);
    }
  g_hash_table_insert (counts, g_strdup (name), GUINT_TO_POINTER (n));
  if (id == NULL)
    return g_strdup (name);
  g_hash_table_insert (counts, g_strdup (id), GUINT_TO_POINTER (1));
  return g_steal_pointer (&id);
}

static void
add_name (WeirRouting *self, unsigned number, const char *id, const char *upstream_name)
{
  const WeirSeat *seat = g_ptr_array_index (self->seats, number);
  const WeirConfigEntry *entry = seat->entry;
  const char *const *excluded = (const char *const *)entry->excluded_models;

  weir_models_add (self->models, id, entry->name, number, entry->priority, upstream_name,
                   excluded);
  if (entry->prefix != NULL)
    {
      g_autofree char *prefixed = g_strconcat (entry->prefix, "/", id, NULL);

      weir_models_add (self->models, prefixed, entry->name, number, entry->priority,
                       upstream_name, excluded);
    }
}

static void
add_names (WeirRouting *self, unsigned number)
{
  const WeirSeat *seat = g_ptr_array_index (self->seats, number);
  const WeirConfigEntry *entry = seat->entry;
  const char *const *excluded = (const char *const *)entry->excluded_models;

  for (unsigned i = 0; i < entry->models->len; i++)
    {
      const WeirConfigModel *model = g_ptr_array_index (entry->models, i);

      add_name (self, number, model->alias, model->name);
    }
  if (entry->models->len > 0)
    return;
  for (const char *const *glob = seat->provider->serves; *glob != NULL; glob++)
    {
      weir_models_add_glob (self->models, *glob, NULL, entry->name, number, entry->priority,
                            excluded);
      if (entry->prefix != NULL)
        weir_models_add_glob (self->models, *glob, entry->prefix, entry->name, number,
                              entry->priority, excluded);
    }
}

static WeirSeat *
seat_new (const WeirConfigEntry *entry,
          const WeirConfigCredential *credential,
          GError **error)
{
  WeirSeat *seat = g_new0 (WeirSeat, 1);
  gboolean at_vendor;

  seat->provider = weir_provider_lookup (entry->provider);
  at_vendor = entry->base_url == NULL
              || g_strcmp0 (entry->base_url, seat->provider->base_url) == 0;
  seat->entry = entry;
  seat->api_key = credential->api_key;
  seat->auth = at_vendor ? seat->provider->auth : seat->provider->auth_elsewhere;
  seat->target = weir_target_new (entry->base_url != NULL ? entry->base_url
                                                          : seat->provider->base_url,
                                  credential->proxy_url, "", error);
  if (seat->target != NULL)
    return seat;
  g_prefix_error (error, "entry \"%s\" in line %u: ", entry->name, entry->line);
  seat_free (seat);
  return NULL;
}

WeirRouting *
weir_routing_new (WeirConfig *config, GError **error)
{
  g_autoptr (WeirRouting) self = g_rc_box_new0 (WeirRouting);
  g_autoptr (GHashTable) counts
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  self->config = weir_config_ref (config);
  self->seats = g_ptr_array_new_with_free_func (seat_free);
  self->models = weir_models_new ();
  self->keys = weir_client_keys_new (config->client_keys, config->allow_unauthenticated);
  for (unsigned i = 0; i < config->entries->len; i++)
    {
      const WeirConfigEntry *entry = g_ptr_array_index (config->entries, i);

      for (unsigned j = 0; j < entry->credentials->len; j++)
        {
          WeirSeat *seat
              = seat_new (entry, g_ptr_array_index (entry->credentials, j), error);

          if (seat == NULL)
            return NULL;
          seat->id = name_seat (counts, entry->name);
          g_free (seat->target->account);
          seat->target->account = g_strdup (seat->id);
          g_ptr_array_add (self->seats, seat);
          add_names (self, self->seats->len - 1);
        }
    }
  return g_steal_pointer (&self);
}

static void
routing_clear (gpointer data)
{
  WeirRouting *self = data;

  weir_models_free (self->models);
  g_ptr_array_unref (self->seats);
  weir_client_keys_free (self->keys);
  weir_config_unref (self->config);
}

WeirRouting *
weir_routing_ref (WeirRouting *self)
{
  return g_rc_box_acquire (self);
}

void
weir_routing_unref (WeirRouting *self)
{
  if (self != NULL)
    g_rc_box_release_full (self, routing_clear);
}

void
weir_routing_set_models (WeirRouting *self, unsigned seat, const char *const *ids)
{
  const WeirSeat *known = g_ptr_array_index (self->seats, seat);

  /* a vendor's list may leave out names that it serves all the same */
  if (known->entry->kind == WEIR_CONFIG_COMPAT)
    weir_models_remove_globs (self->models, seat);
  for (; *ids != NULL; ids++)
    add_name (self, seat, *ids, *ids);
}
