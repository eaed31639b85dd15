/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who we are to the vendors of accounts, and where their built-in addresses really lead:
 * `oauth-clients` and `vendor-hosts`. */

#include "config.h"

#include "store/weir-config-read.h"

#include "base/weir-redact.h"
#include "providers/weir-provider-oauth.h"
#include "store/weir-config-private.h"
#include "store/weir-config-url.h"

#define SHOWN_BYTES 64

void
weir_config_vendor_host_free (WeirConfigVendorHost *self)
{
  if (self == NULL)
    return;
  g_free (self->origin);
  g_free (self->base_url);
  g_free (self);
}

void
weir_config_oauth_client_free (WeirConfigOauthClient *self)
{
  if (self == NULL)
    return;
  g_free (self->provider);
  g_free (self->client_id);
  weir_secret_unref (self->client_secret);
  g_free (self->vault_name);
  g_free (self);
}

/* (transfer full) (nullable): said in the notices. */
static char *
read_origin (WeirConfigReader *self, const WeirConfigKey *key, const WeirConfigNode *node)
{
  WeirSlice text = weir_config_node_get_text (node);
  g_autofree char *origin
      = g_ascii_strdown (text.length > 0 ? text.text : "", (gssize)text.length);
  g_autofree char *shown = weir_redact (text, SHOWN_BYTES);

  if (weir_config_find_base_url_fault (origin, FALSE) == NULL
      && g_str_has_prefix (origin, "https://")
      && strrchr (origin, '/') == origin + strlen ("https:/"))
    return g_steal_pointer (&origin);
  weir_config_report (self->notices, TRUE, node->start,
                      "\"%s\" in %s must be https:// with a host and nothing behind it, "
                      "such as https://claude.ai",
                      shown, key->path);
  return NULL;
}

void
weir_config_read_vendor_hosts (WeirConfigReader *self,
                               const WeirConfigKey *key,
                               const WeirConfigNode *value,
                               void *field)
{
  if (!weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_MAP))
    return;
  for (unsigned i = 0; i + 1 < value->children->len; i += 2)
    {
      const WeirConfigNode *target = g_ptr_array_index (value->children, i + 1);
      g_autofree char *origin
          = read_origin (self, key, g_ptr_array_index (value->children, i));
      g_autofree char *base_url = NULL;
      const char *fault = NULL;
      WeirConfigVendorHost *host = NULL;

      if (origin == NULL || weir_config_node_is_null (target))
        continue;
      weir_config_read_base_url (self, key, target, &base_url);
      if (base_url == NULL)
        continue;
      fault = weir_config_find_base_url_fault (base_url, FALSE);
      if (fault != NULL)
        {
          gboolean is_plain = g_ascii_strncasecmp (base_url, "http://", 7) == 0
                              && strstr (fault, "plain") != NULL;

          weir_config_report (self->notices, TRUE, target->start, "%s of %s %s", key->path,
                              origin,
                              is_plain ? "is plain http; sign-ins would travel readable. "
                                         "Use https, or an address of this machine"
                                       : fault);
          continue;
        }
      host = g_new0 (WeirConfigVendorHost, 1);
      host->origin = g_steal_pointer (&origin);
      host->base_url = g_steal_pointer (&base_url);
      g_ptr_array_add (*(GPtrArray **)field, host);
    }
}

/* (transfer full) (nullable): said in the notices. */
static WeirConfigOauthClient *
begin_client (WeirConfigReader *self, const WeirConfigKey *key, const WeirConfigNode *name)
{
  g_autofree char *id = weir_slice_dup (weir_config_node_get_text (name));
  const WeirProviderOauth *row = weir_provider_oauth_lookup (id);
  g_autofree char *found = NULL;
  g_autoptr (GString) known = NULL;
  WeirConfigOauthClient *client = NULL;
  const WeirProviderOauth *rows = NULL;
  size_t n = 0;

  if (row != NULL)
    {
      client = g_new0 (WeirConfigOauthClient, 1);
      client->provider = g_strdup (row->id);
      client->line = name->start.line;
      client->column = name->start.column;
      return client;
    }
  found = weir_config_dup_found (name);
  known = g_string_new (NULL);
  rows = weir_provider_oauth_get_table (&n);
  for (size_t i = 0; i < n; i++)
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", rows[i].id);
  weir_config_report (self->notices, TRUE, name->start,
                      "%s in %s is nobody to sign in to; there are %s", found, key->path,
                      known->str);
  return NULL;
}

void
weir_config_read_oauth_clients (WeirConfigReader *self,
                                const WeirConfigKey *key,
                                const WeirConfigNode *value,
                                void *field)
{
  GPtrArray *clients = *(GPtrArray **)field;

  if (!weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_MAP))
    return;
  for (unsigned i = 0; i + 1 < value->children->len; i += 2)
    {
      const WeirConfigNode *name = g_ptr_array_index (value->children, i);
      const WeirConfigNode *map = g_ptr_array_index (value->children, i + 1);
      WeirConfigOauthClient *client = NULL;
      const WeirConfigOauthClient *first = NULL;

      if (weir_config_node_is_null (map)
          || !weir_config_reader_check_kind (self, key, map, WEIR_CONFIG_NODE_MAP))
        continue;
      client = begin_client (self, key, name);
      if (client == NULL)
        continue;
      first = weir_config_lookup_oauth_client (self->config, client->provider);
      if (first != NULL)
        weir_config_report (self->notices, TRUE, name->start,
                            "%s names %s twice (lines %u and %u); remove one", key->path,
                            client->provider, first->line, client->line);
      weir_config_reader_read_map (self, map, key->inside, client);
      g_ptr_array_add (clients, client);
    }
}

const WeirConfigOauthClient *
weir_config_lookup_oauth_client (const WeirConfig *self, const char *provider)
{
  for (unsigned i = 0; i < self->oauth_clients->len; i++)
    {
      const WeirConfigOauthClient *client = g_ptr_array_index (self->oauth_clients, i);

      if (strcmp (client->provider, provider) == 0)
        return client;
    }
  return NULL;
}

char *
weir_config_dup_vendor_url (const WeirConfig *self, const char *url)
{
  for (unsigned i = 0; i < self->vendor_hosts->len; i++)
    {
      const WeirConfigVendorHost *host = g_ptr_array_index (self->vendor_hosts, i);
      size_t length = strlen (host->origin);

      if (g_ascii_strncasecmp (url, host->origin, length) == 0
          && strchr ("/?#", url[length]) != NULL)
        return g_strconcat (host->base_url, url + length, NULL);
    }
  return g_strdup (url);
}
