/* SPDX-License-Identifier: GPL-3.0-or-later */

/* API keys that the file does not hold but calls by name: `api-key: "vault:NAME"`. */

#include "config.h"

#include "store/weir-config-read.h"

#include "store/weir-config-private.h"

#define MARK WEIR_SLICE ("vault:")
#define NAME_MAX_LENGTH 128

gboolean
weir_config_is_vault_name (const char *name)
{
  if (!g_ascii_isalnum (*name) || strlen (name) > NAME_MAX_LENGTH)
    return FALSE;
  for (; *name != '\0'; name++)
    if (!g_ascii_isalnum (*name) && strchr ("._@+-", *name) == NULL)
      return FALSE;
  return TRUE;
}

/* What was read as a secret is a name, and no secret from now on. */
static void
settle (WeirConfigReader *self,
        const char *key,
        WeirConfigMark at,
        WeirSecret **secret,
        char **out_name)
{
  WeirSlice text = *secret != NULL ? weir_secret_reveal (*secret) : MARK;
  g_autofree char *name = NULL;

  if (*secret == NULL || !weir_slice_has_prefix (text, MARK))
    return;
  name = g_strndup (text.text + MARK.length, text.length - MARK.length);
  if (weir_config_is_vault_name (name))
    *out_name = g_steal_pointer (&name);
  else
    weir_config_report (self->notices, TRUE, at,
                        "%s \"vault:...\" must name a key by letters, digits and "
                        ". _ @ + - (at most %d)",
                        key, NAME_MAX_LENGTH);
  g_clear_pointer (secret, weir_secret_unref);
}

void
weir_config_settle_vault_names (WeirConfigReader *self)
{
  for (unsigned i = 0; i < self->config->entries->len; i++)
    {
      const WeirConfigEntry *entry = g_ptr_array_index (self->config->entries, i);

      for (unsigned j = 0; j < entry->credentials->len; j++)
        {
          WeirConfigCredential *credential = g_ptr_array_index (entry->credentials, j);

          settle (self, "api-key", (WeirConfigMark){ .line = entry->line, .column = 1 },
                  &credential->api_key, &credential->vault_name);
        }
    }
  for (unsigned i = 0; i < self->config->oauth_clients->len; i++)
    {
      WeirConfigOauthClient *client = g_ptr_array_index (self->config->oauth_clients, i);

      settle (self, "client-secret",
              (WeirConfigMark){ .line = client->line, .column = client->column },
              &client->client_secret, &client->vault_name);
    }
}

gboolean
weir_config_needs_vault (const WeirConfig *self)
{
  for (unsigned i = 0; i < self->entries->len; i++)
    {
      const WeirConfigEntry *entry = g_ptr_array_index (self->entries, i);

      for (unsigned j = 0; j < entry->credentials->len; j++)
        if (((WeirConfigCredential *)g_ptr_array_index (entry->credentials, j))->vault_name
            != NULL)
          return TRUE;
    }
  for (unsigned i = 0; i < self->oauth_clients->len; i++)
    if (((WeirConfigOauthClient *)g_ptr_array_index (self->oauth_clients, i))->vault_name
        != NULL)
      return TRUE;
  return FALSE;
}

static void
fill_entry (const WeirConfigEntry *entry,
            WeirConfigKeyFunc func,
            gpointer user_data,
            GPtrArray *notices)
{
  for (unsigned i = 0; i < entry->credentials->len; i++)
    {
      WeirConfigCredential *credential = g_ptr_array_index (entry->credentials, i);
      g_autofree char *problem = NULL;

      if (credential->vault_name == NULL || credential->api_key != NULL)
        continue;
      credential->api_key = func (credential->vault_name, &problem, user_data);
      if (credential->api_key == NULL)
        weir_config_report (notices, FALSE,
                            (WeirConfigMark){ .line = entry->line, .column = 1 },
                            "entry \"%s\" rests without its key \"vault:%s\": %s",
                            entry->name, credential->vault_name, problem);
    }
}

void
weir_config_fill_keys (WeirConfig *self,
                       WeirConfigKeyFunc func,
                       gpointer user_data,
                       GPtrArray *notices)
{
  for (unsigned i = 0; i < self->entries->len; i++)
    fill_entry (g_ptr_array_index (self->entries, i), func, user_data, notices);
  for (unsigned i = 0; i < self->oauth_clients->len; i++)
    {
      WeirConfigOauthClient *client = g_ptr_array_index (self->oauth_clients, i);
      g_autofree char *problem = NULL;

      if (client->vault_name == NULL || client->client_secret != NULL)
        continue;
      client->client_secret = func (client->vault_name, &problem, user_data);
      if (client->client_secret == NULL)
        weir_config_report (
            notices, FALSE,
            (WeirConfigMark){ .line = client->line, .column = client->column },
            "accounts of %s lack their client secret \"vault:%s\": %s", client->provider,
            client->vault_name, problem);
    }
}
