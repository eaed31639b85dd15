/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From the user's file to seats and names.  Nothing is asked of the network here. */

#include "config.h"

#include "proxy/weir-routing-private.h"

void
weir_routing_seat_free (gpointer data)
{
  WeirSeat *seat = data;

  g_free (seat->id);
  weir_config_entry_free (seat->own_entry);
  weir_account_unref (seat->account);
  weir_target_free (seat->target);
  g_clear_pointer (&seat->state, weir_pool_seat_unref);
  g_clear_pointer (&seat->offered, g_ptr_array_unref);
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

static WeirModelOffer
make_offer (const WeirRouting *self, unsigned number)
{
  const WeirSeat *seat = g_ptr_array_index (self->seats, number);
  const WeirConfigEntry *entry = seat->entry;

  return (WeirModelOffer){
    .owner = entry->is_passthru ? "passthru" : entry->name,
    .seat = number,
    .priority = entry->priority,
    .weight = seat->weight,
    .excluded = (const char *const *)entry->excluded_models,
  };
}

/* Under its own name, unless only the prefixed one counts, and behind the prefix. */
static void
add_name (WeirRouting *self, const char *id, const WeirModelOffer *offer)
{
  const WeirSeat *seat = g_ptr_array_index (self->seats, offer->seat);
  const char *prefix = seat->entry->prefix;
  g_autofree char *prefixed = NULL;

  if (prefix == NULL || !self->config->force_model_prefix || g_str_equal (prefix, id))
    weir_models_add (self->models, id, offer);
  if (prefix == NULL)
    return;
  prefixed = g_strconcat (prefix, "/", id, NULL);
  weir_models_add (self->models, prefixed, offer);
}

/* What it said itself, else what another key at the same address was told. */
static const GPtrArray *
find_offered (const WeirRouting *self, const WeirSeat *seat)
{
  for (unsigned i = 0; seat->offered == NULL && i < self->seats->len; i++)
    {
      const WeirSeat *other = g_ptr_array_index (self->seats, i);

      if (other->offered != NULL && other->provider == seat->provider
          && g_str_equal (other->target->authority, seat->target->authority)
          && g_str_equal (other->target->path, seat->target->path))
        return other->offered;
    }
  return seat->offered;
}

/* Is @id known by its other names only? */
static gboolean
is_renamed (const WeirRouting *self, const WeirSeat *seat, const char *id)
{
  const WeirConfigChannel *channel
      = seat->account != NULL ? weir_routing_lookup_channel (self->config, seat) : NULL;
  gboolean renamed = FALSE;

  for (unsigned i = 0; channel != NULL && i < channel->models->len; i++)
    {
      const WeirConfigModel *model = g_ptr_array_index (channel->models, i);

      if (g_ascii_strcasecmp (model->name, id) != 0)
        continue;
      if (model->fork)
        return FALSE;
      renamed = TRUE;
    }
  return renamed;
}

static void
add_offered (WeirRouting *self, unsigned number, const GPtrArray *list)
{
  const WeirSeat *seat = g_ptr_array_index (self->seats, number);
  WeirModelOffer offer = make_offer (self, number);

  for (unsigned i = 0; i < list->len; i++)
    {
      const WeirOffered *offered = g_ptr_array_index (list, i);

      offer.upstream_name = offered->id;
      offer.display_name = offered->display_name;
      offer.context_length = offered->context_length;
      if (!is_renamed (self, seat, offered->id))
        add_name (self, offered->id, &offer);
    }
}

static void
add_known (WeirRouting *self, unsigned number)
{
  const WeirSeat *seat = g_ptr_array_index (self->seats, number);
  const char *const *name = seat->provider->known;
  const WeirModelOffer offer = make_offer (self, number);

  for (; name != NULL && *name != NULL; name++)
    if (!is_renamed (self, seat, *name))
      {
        WeirModelOffer named = offer;

        named.upstream_name = *name;
        add_name (self, *name, &named);
      }
}

static void
add_listed (WeirRouting *self, unsigned number)
{
  const WeirSeat *seat = g_ptr_array_index (self->seats, number);
  WeirModelOffer offer = make_offer (self, number);

  for (unsigned i = 0; i < seat->entry->models->len; i++)
    {
      const WeirConfigModel *model = g_ptr_array_index (seat->entry->models, i);

      offer.upstream_name = model->name;
      offer.display_name = model->display_name;
      offer.context_length = model->max_context_length;
      offer.max_output = model->max_output;
      offer.renames_answers = model->force_mapping;
      add_name (self, model->alias, &offer);
    }
}

static void
add_globs (WeirRouting *self, unsigned number)
{
  const WeirSeat *seat = g_ptr_array_index (self->seats, number);
  const char *prefix = seat->entry->prefix;
  const WeirModelOffer offer = make_offer (self, number);

  for (const char *const *glob = seat->provider->serves; *glob != NULL; glob++)
    {
      if (prefix == NULL || !self->config->force_model_prefix)
        weir_models_add_glob (self->models, *glob, NULL, &offer);
      if (prefix != NULL)
        weir_models_add_glob (self->models, *glob, prefix, &offer);
    }
}

/* `oauth-model-alias`: other names of what accounts of a kind serve. */
static void
add_aliases (WeirRouting *self, unsigned number)
{
  const WeirSeat *seat = g_ptr_array_index (self->seats, number);
  const WeirConfigChannel *channel = weir_routing_lookup_channel (self->config, seat);
  WeirModelOffer offer = make_offer (self, number);

  for (unsigned i = 0; channel != NULL && i < channel->models->len; i++)
    {
      const WeirConfigModel *model = g_ptr_array_index (channel->models, i);

      offer.upstream_name = model->name;
      offer.display_name = model->display_name;
      offer.context_length = model->max_context_length;
      offer.renames_answers = model->force_mapping;
      add_name (self, model->alias, &offer);
    }
}

/* A vendor's list may leave out names that it serves all the same; who serves whatever he
 * is asked for is taken at his list. */
static gboolean
has_globs (const WeirSeat *seat)
{
  return seat->offered == NULL || !g_str_equal (seat->provider->serves[0], "*");
}

static void
add_names (WeirRouting *self, unsigned number)
{
  const WeirSeat *seat = g_ptr_array_index (self->seats, number);

  if (seat->entry->models->len > 0)
    {
      add_listed (self, number);
      return;
    }
  if (seat->account != NULL)
    add_aliases (self, number);
  if (find_offered (self, seat) != NULL)
    add_offered (self, number, find_offered (self, seat));
  else
    add_known (self, number);
  if (has_globs (seat))
    add_globs (self, number);
}

static void
identify (WeirSeat *seat)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  char key[17] = "";
  g_autofree char *text = NULL;

  if (seat->api_key != NULL)
    weir_secret_get_digest (seat->api_key, key);
  text = g_strdup_printf ("%s\n%s%s\n%s", seat->provider->id, seat->target->authority,
                          seat->target->path, key);
  g_checksum_update (sum, (const guchar *)text, -1);
  g_strlcpy (seat->identity, g_checksum_get_string (sum), sizeof seat->identity);
}

/* (transfer full): where the seat's requests go. */
static char *
dup_base_url (const WeirConfig *config, WeirSeat *seat)
{
  const WeirConfigEntry *entry = seat->entry;
  char *url = NULL;

  if (entry->is_service_account)
    {
      url = weir_routing_dup_project_url (config, entry, seat->api_key);
      seat->lacks_key = seat->api_key == NULL || url == NULL;
    }
  if (url != NULL)
    return url;
  return g_strdup (entry->base_url != NULL ? entry->base_url
                   : seat->provider->base_url != NULL
                       ? seat->provider->base_url
                       : "https://aiplatform.googleapis.com");
}

static WeirSeat *
seat_new (const WeirConfig *config,
          const WeirConfigEntry *entry,
          const WeirConfigCredential *credential,
          GError **error)
{
  WeirSeat *seat = g_new0 (WeirSeat, 1);
  g_autofree char *base_url = NULL;
  gboolean at_vendor;

  seat->provider = weir_provider_lookup (entry->is_service_account ? "vertex-project"
                                                                   : entry->provider);
  seat->takes_token = entry->is_service_account;
  at_vendor = entry->base_url == NULL
              || g_strcmp0 (entry->base_url, seat->provider->base_url) == 0;
  seat->entry = entry;
  seat->api_key = credential->api_key;
  seat->lacks_key = credential->vault_name != NULL && credential->api_key == NULL;
  seat->weight = (unsigned)MAX (credential->weight, 0);
  seat->auth = at_vendor ? seat->provider->auth : seat->provider->auth_elsewhere;
  base_url = dup_base_url (config, seat);
  seat->target = weir_target_new (base_url, credential->proxy_url, "", error);
  if (seat->target != NULL)
    {
      identify (seat);
      return seat;
    }
  g_prefix_error (error, "entry \"%s\" in line %u: ", entry->name, entry->line);
  weir_routing_seat_free (seat);
  return NULL;
}

/* What is known of the account: from the pool, where it outlives configurations. */
static void
find_state (const WeirRouting *self, WeirSeat *seat, WeirPool *pool)
{
  const WeirConfig *config = self->config;
  const WeirConfigEntry *entry = seat->entry;
  const WeirPoolSeatRules rules = {
    .disable_cooling
    = entry->lenient
      || (entry->disable_cooling >= 0 ? entry->disable_cooling : config->disable_cooling),
    .stop_at = seat->account != NULL ? seat->account->settings.stop_at / 100 : 0,
    .rounds_max
    = entry->request_retry >= 0 ? (unsigned)entry->request_retry : config->request_retry,
  };
  g_autofree char *host
      = g_strconcat (seat->target->authority, " ",
                     seat->target->proxy_url != NULL ? seat->target->proxy_url : "", NULL);

  seat->state = weir_pool_ensure_seat (pool, seat->identity, host);
  weir_pool_seat_set_rules (seat->state, &rules);
}

static void
take_over_offered (WeirSeat *seat, const WeirRouting *before)
{
  for (unsigned i = 0; i < before->seats->len; i++)
    {
      const WeirSeat *old = g_ptr_array_index (before->seats, i);

      /* an account may have a seat for each of its vendor's endpoints */
      if (old->offered != NULL && old->provider == seat->provider
          && g_str_equal (old->identity, seat->identity))
        {
          seat->offered = g_ptr_array_ref (old->offered);
          return;
        }
    }
}

/* One credential of an entry becomes a seat. */
static gboolean
add_seat (WeirRouting *self,
          GHashTable *counts,
          const WeirConfigEntry *entry,
          const WeirConfigCredential *credential,
          GError **error)
{
  WeirSeat *seat = seat_new (self->config, entry, credential, error);

  if (seat == NULL)
    return FALSE;
  seat->id = name_seat (counts, entry->name);
  g_free (seat->target->account);
  seat->target->account = g_strdup (seat->id);
  g_ptr_array_add (self->seats, seat);
  return TRUE;
}

/* FALSE: it cannot serve there. */
static gboolean
add_account (WeirRouting *self,
             GHashTable *counts,
             WeirAccount *account,
             const WeirProvider *provider)
{
  WeirSeat *seat = weir_routing_make_account_seat (self->config, account, provider);

  if (seat == NULL)
    return FALSE;
  seat->id = name_seat (counts, seat->account->id);
  seat->target->account = g_strdup (seat->id);
  self->wants_agent |= seat->provider->own_client != NULL;
  g_ptr_array_add (self->seats, seat);
  return TRUE;
}

/* Accounts that serve; one that cannot takes nobody with it. */
static void
add_accounts (WeirRouting *self, GHashTable *counts, const GPtrArray *accounts)
{
  for (unsigned i = 0; accounts != NULL && i < accounts->len; i++)
    {
      WeirAccount *account = g_ptr_array_index (accounts, i);
      const WeirProvider *provider = weir_provider_lookup_account (account->row->id);

      if (!account->settings.enabled)
        continue;
      while (provider != NULL && add_account (self, counts, account, provider))
        provider = provider->beside;
    }
}

/* The rest of what a seat is, once all of them are there. */
static void
complete_seats (WeirRouting *self, WeirPool *pool, const WeirRouting *before)
{
  self->states = g_new0 (WeirPoolSeat *, self->seats->len + 1);
  for (unsigned i = 0; i < self->seats->len; i++)
    {
      WeirSeat *seat = g_ptr_array_index (self->seats, i);

      if (before != NULL)
        take_over_offered (seat, before);
      if (pool != NULL && !seat->lacks_key)
        find_state (self, seat, pool);
      self->states[i] = seat->state;
    }
  for (unsigned i = 0; i < self->seats->len; i++)
    add_names (self, i);
}

/* `$Name` in headers, or conditions of payload rules. */
static gboolean
wants_fields (const WeirConfig *config)
{
  if (!weir_payload_is_empty (config->payload))
    return TRUE;
  for (unsigned i = 0; i < config->entries->len; i++)
    {
      const WeirConfigEntry *entry = g_ptr_array_index (config->entries, i);

      if (entry->payload != NULL && !weir_payload_is_empty (entry->payload))
        return TRUE;
      for (unsigned j = 0; j < entry->headers->len; j++)
        if (*((const WeirConfigHeader *)g_ptr_array_index (entry->headers, j))->value
            == '$')
          return TRUE;
    }
  return FALSE;
}

WeirRouting *
weir_routing_new (WeirConfig *config,
                  const GPtrArray *accounts,
                  WeirPool *pool,
                  const WeirRouting *before,
                  GError **error)
{
  g_autoptr (WeirRouting) self = g_rc_box_new0 (WeirRouting);
  g_autoptr (GHashTable) counts
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  self->config = weir_config_ref (config);
  self->seats = g_ptr_array_new_with_free_func (weir_routing_seat_free);
  self->models = weir_models_new ();
  self->keys = weir_client_keys_new (config->client_keys, config->allow_unauthenticated);
  self->scopes = weir_routing_scopes_new ();
  for (unsigned i = 0; i < config->entries->len; i++)
    {
      const WeirConfigEntry *entry = g_ptr_array_index (config->entries, i);

      for (unsigned j = 0; j < entry->credentials->len; j++)
        if (!add_seat (self, counts, entry, g_ptr_array_index (entry->credentials, j),
                       error))
          return NULL;
    }
  add_accounts (self, counts, accounts);
  complete_seats (self, pool, before);
  self->wants_fields = wants_fields (config);
  return g_steal_pointer (&self);
}

static void
routing_clear (gpointer data)
{
  WeirRouting *self = data;

  weir_models_free (self->models);
  g_ptr_array_unref (self->seats);
  weir_client_keys_free (self->keys);
  g_hash_table_unref (self->scopes);
  g_free (self->states);
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
weir_routing_set_offered (WeirRouting *self, unsigned seat, GPtrArray *offered)
{
  WeirSeat *known = g_ptr_array_index (self->seats, seat);

  g_clear_pointer (&known->offered, g_ptr_array_unref);
  known->offered = offered;
  for (unsigned i = 0; i < self->seats->len; i++)
    {
      const WeirSeat *other = g_ptr_array_index (self->seats, i);

      if (other->entry->models->len > 0 || find_offered (self, other) != offered)
        continue;
      weir_models_remove_names (self->models, i);
      if (!has_globs (other))
        weir_models_remove_globs (self->models, i);
      if (other->account != NULL)
        add_aliases (self, i);
      add_offered (self, i, offered);
    }
}
