/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Seats of accounts: what the user decided about one, and what the configuration says of
 * its kind, as an entry like those of keys.  And where service accounts have theirs. */

#include "config.h"

#include "proxy/weir-routing-private.h"

#include "providers/weir-service-account.h"

const WeirConfigChannel *
weir_routing_lookup_channel (const WeirConfig *config, const WeirSeat *seat)
{
  for (unsigned i = 0; i < config->channels->len; i++)
    {
      const WeirConfigChannel *channel = g_ptr_array_index (config->channels, i);

      if (weir_provider_oauth_lookup (channel->name) == seat->account->row)
        return channel;
    }
  return NULL;
}

static void
add_globs_to (GPtrArray *out, char *const *globs)
{
  for (; globs != NULL && *globs != NULL; globs++)
    g_ptr_array_add (out, g_ascii_strdown (*globs, -1));
}

static void
exclude_models (WeirConfigEntry *entry,
                const WeirAccountSettings *settings,
                const WeirProvider *provider,
                const WeirConfigChannel *channel)
{
  g_autoptr (GPtrArray) globs = g_ptr_array_new ();

  add_globs_to (globs, settings->excluded_models);
  add_globs_to (globs, (char *const *)provider->excludes);
  add_globs_to (globs, channel != NULL ? channel->excluded_models : NULL);
  g_ptr_array_add (globs, NULL);
  g_strfreev (entry->excluded_models);
  entry->excluded_models = (char **)g_ptr_array_steal (globs, NULL);
}

/* "Name: value", checked where it was set. */
static void
add_header (WeirConfigEntry *entry, const char *line)
{
  const char *colon = strchr (line, ':');
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;

  if (colon == NULL || colon == line)
    return;
  name = g_strndup (line, (gsize)(colon - line));
  value = g_strstrip (g_strdup (colon + 1));
  weir_config_entry_add_header (entry, name, value);
}

static WeirConfigEntry *
make_entry (const WeirAccount *account,
            const WeirProvider *provider,
            const WeirConfigChannel *channel)
{
  const WeirAccountSettings *settings = &account->settings;
  WeirConfigEntry *entry = weir_config_entry_new (account->row->id, account->row->id);

  entry->prefix = g_strdup (settings->prefix);
  entry->priority = settings->priority;
  entry->weight = (int)settings->weight;
  exclude_models (entry, settings, provider, channel);
  for (char **line = settings->headers; line != NULL && *line != NULL; line++)
    add_header (entry, *line);
  if (channel == NULL)
    return entry;
  g_ptr_array_unref (entry->error_rules);
  entry->error_rules = g_ptr_array_ref (channel->error_rules);
  return entry;
}

static WeirTarget *
make_target (const WeirConfig *config, const WeirSeat *seat, GError **error)
{
  const WeirAccount *account = seat->account;
  const char *base_url = account->identity.base_url;
  const char *proxy_url = account->settings.proxy_url;
  g_autofree char *url = weir_config_dup_vendor_url (
      config, base_url != NULL ? base_url : seat->provider->base_url);

  return weir_target_new (url, proxy_url != NULL ? proxy_url : config->proxy_url, NULL,
                          error);
}

static void
identify (WeirSeat *seat)
{
  g_autofree char *text = g_strconcat ("account/", seat->account->id, NULL);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  g_strlcpy (seat->identity, sum, sizeof seat->identity);
}

/* Its vendor has to be asked for a new sign-in first. */
static gboolean
lacks_tokens (const WeirAccount *account)
{
  return account->state == WEIR_ACCOUNT_SIGN_IN || account->state == WEIR_ACCOUNT_MISSING;
}

WeirSeat *
weir_routing_make_account_seat (const WeirConfig *config,
                                WeirAccount *account,
                                const WeirProvider *provider)
{
  g_autoptr (GError) error = NULL;
  WeirSeat *seat = g_new0 (WeirSeat, 1);

  seat->provider = provider;
  seat->account = weir_account_ref (account);
  seat->own_entry
      = make_entry (account, provider, weir_routing_lookup_channel (config, seat));
  seat->entry = seat->own_entry;
  seat->lacks_key = lacks_tokens (account);
  seat->weight = account->settings.weight;
  seat->auth = provider->auth;
  seat->takes_token = TRUE;
  seat->own_client_only = provider->own_client != NULL && !account->settings.any_client;
  seat->target = make_target (config, seat, &error);
  if (seat->target != NULL)
    {
      g_clear_pointer (&seat->target->account, g_free);
      identify (seat);
      return seat;
    }
  g_warning ("account \"%s\" cannot serve: %s", account->id, error->message);
  weir_routing_seat_free (seat);
  return NULL;
}

char *
weir_routing_dup_project_url (const WeirConfig *config,
                              const WeirConfigEntry *entry,
                              const WeirSecret *service_account)
{
  const char *location = entry->location != NULL ? entry->location : "global";
  const gboolean is_global = g_str_equal (location, "global");
  g_autofree char *host = g_strdup_printf ("https://%s%saiplatform.googleapis.com",
                                           is_global ? "" : location, is_global ? "" : "-");
  g_autofree char *base = weir_config_dup_vendor_url (
      config, entry->base_url != NULL ? entry->base_url : host);
  g_autofree char *project = g_strdup (entry->project);
  g_autofree char *escaped = NULL;

  if (project == NULL && service_account != NULL)
    project = weir_service_account_dup_project (service_account);
  if (project == NULL)
    return NULL;
  escaped = g_uri_escape_string (project, ":", FALSE);
  return g_strdup_printf ("%s/v1/projects/%s/locations/%s", base, escaped, location);
}
