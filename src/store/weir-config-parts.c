/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The parts of a snapshot: how they begin and end. */

#include "config.h"

#include "store/weir-config-private.h"

void
weir_config_model_free (WeirConfigModel *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->alias);
  g_free (self->display_name);
  g_free (self);
}

void
weir_config_header_free (WeirConfigHeader *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  weir_secret_wipe_string (self->value); /* it may be an Authorization */
  g_free (self);
}

void
weir_config_credential_clear (WeirConfigCredential *self)
{
  g_clear_pointer (&self->api_key, weir_secret_unref);
  g_clear_pointer (&self->vault_name, g_free);
  g_clear_pointer (&self->proxy_url, weir_secret_wipe_string); /* it may hold a password */
}

void
weir_config_credential_free (WeirConfigCredential *self)
{
  if (self == NULL)
    return;
  weir_config_credential_clear (self);
  g_free (self);
}

void
weir_config_entry_init (WeirConfigEntry *self, WeirConfigKind kind, unsigned line)
{
  *self = (WeirConfigEntry){
    .kind = kind,
    .line = line,
    .weight = 1,
    .disable_cooling = -1,
    .request_retry = -1,
    .supports_developer_role = -1,
  };
  self->credentials
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_config_credential_free);
  self->headers = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_config_header_free);
  self->models = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_config_model_free);
  self->error_rules = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_error_rule_free);
  self->excluded_models = g_new0 (char *, 1);
  self->drop_tools = g_new0 (char *, 1);
}

WeirConfigEntry *
weir_config_entry_new (const char *provider, const char *name)
{
  WeirConfigEntry *self = g_new (WeirConfigEntry, 1);

  weir_config_entry_init (self, WEIR_CONFIG_COMPAT, 0);
  self->provider = g_strdup (provider);
  self->name = g_strdup (name);
  return self;
}

void
weir_config_entry_add_header (WeirConfigEntry *self, const char *name, const char *value)
{
  WeirConfigHeader *header = g_new0 (WeirConfigHeader, 1);

  header->name = g_strdup (name);
  header->value = g_strdup (value);
  g_ptr_array_add (self->headers, header);
}

void
weir_config_entry_clear (WeirConfigEntry *self)
{
  g_clear_pointer (&self->provider, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->base_url, g_free);
  g_clear_pointer (&self->prefix, g_free);
  g_clear_pointer (&self->service_account, g_free);
  g_clear_pointer (&self->project, g_free);
  g_clear_pointer (&self->location, g_free);
  g_clear_pointer (&self->credentials, g_ptr_array_unref);
  g_clear_pointer (&self->headers, g_ptr_array_unref);
  g_clear_pointer (&self->models, g_ptr_array_unref);
  g_clear_pointer (&self->excluded_models, g_strfreev);
  g_clear_pointer (&self->error_rules, g_ptr_array_unref);
  g_clear_pointer (&self->payload, weir_payload_unref);
  g_clear_pointer (&self->drop_tools, g_strfreev);
}

void
weir_config_entry_free (WeirConfigEntry *self)
{
  if (self == NULL)
    return;
  weir_config_entry_clear (self);
  g_free (self);
}

WeirConfigClientKey *
weir_config_client_key_new (WeirConfigMark at)
{
  WeirConfigClientKey *self = g_new0 (WeirConfigClientKey, 1);

  self->line = at.line;
  self->column = at.column;
  self->allowed_models = g_new0 (char *, 1);
  self->excluded_models = g_new0 (char *, 1);
  self->accounts = g_new0 (char *, 1);
  self->groups = g_new0 (char *, 1);
  return self;
}

void
weir_config_client_key_free (WeirConfigClientKey *self)
{
  if (self == NULL)
    return;
  weir_secret_unref (self->key);
  g_free (self->name);
  g_free (self->note);
  g_strfreev (self->allowed_models);
  g_strfreev (self->excluded_models);
  g_strfreev (self->accounts);
  g_strfreev (self->groups);
  g_free (self->system_prompt);
  g_free (self);
}

WeirConfigGroup *
weir_config_group_new (WeirConfigMark at)
{
  WeirConfigGroup *self = g_new0 (WeirConfigGroup, 1);

  self->line = at.line;
  self->column = at.column;
  self->accounts = g_new0 (char *, 1);
  self->prefixes = g_new0 (char *, 1);
  self->allowed_models = g_new0 (char *, 1);
  self->strategy = -1;
  return self;
}

void
weir_config_group_free (WeirConfigGroup *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->description);
  g_strfreev (self->accounts);
  g_strfreev (self->prefixes);
  g_strfreev (self->allowed_models);
  g_free (self->fallback);
  g_free (self);
}

WeirConfigChannel *
weir_config_channel_new (const char *name)
{
  WeirConfigChannel *self = g_new0 (WeirConfigChannel, 1);

  self->name = g_strdup (name);
  self->models = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_config_model_free);
  self->excluded_models = g_new0 (char *, 1);
  self->error_rules = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_error_rule_free);
  return self;
}

void
weir_config_channel_free (WeirConfigChannel *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_ptr_array_unref (self->models);
  g_strfreev (self->excluded_models);
  g_ptr_array_unref (self->error_rules);
  g_free (self);
}
