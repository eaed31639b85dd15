/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Between the vault and the configurations. */

#include "config.h"

#include "app/weir-keys.h"

#define WAIT_US (2 * G_USEC_PER_SEC)

struct _WeirKeys
{
  void (*changed) (gpointer user_data);
  gpointer user_data;
  WeirVaultHome *home; /* (owned) (nullable) */
  WeirVault *vault;    /* (unowned) (nullable): the home's */
  gboolean is_held;
  gboolean is_announced; /* that secrets lie in a file */
  GHashTable *filled;    /* (owned) name -> digest of the key, or "" where there was none */
};

static char *
dup_vault_name (const char *name)
{
  return g_strconcat ("api-key/", name, NULL);
}

static WeirVaultAnswer
look_up (WeirKeys *self, const char *name, WeirSecret **out_key)
{
  g_autofree char *vault_name = dup_vault_name (name);

  return weir_vault_lookup (self->vault, vault_name, out_key);
}

static char *
dup_digest (const WeirSecret *key)
{
  char digest[17] = "";

  if (key != NULL)
    weir_secret_get_digest (key, digest);
  return g_strdup (digest);
}

/* It was the user's choice, and is said where it counts. */
static void
announce (WeirKeys *self)
{
  g_autofree char *path = weir_vault_home_dup_default_path ();
  const gboolean is_file = weir_vault_get_state (self->vault) == WEIR_VAULT_UNLOCKED
                           && weir_vault_get_place (self->vault) == WEIR_VAULT_FILE;

  if (is_file && !self->is_announced)
    g_message ("secrets lie in %s, which is %s", path,
               weir_vault_is_sealed (self->vault)
                   ? "encrypted by the credential weir-secrets-key"
                   : "not encrypted, as the configuration says");
  self->is_announced = is_file;
}

static void
on_vault_changed (WeirKeys *self)
{
  GHashTableIter iter;
  gpointer name = NULL;
  gpointer before = NULL;

  announce (self);
  g_hash_table_iter_init (&iter, self->filled);
  while (g_hash_table_iter_next (&iter, &name, &before))
    {
      g_autoptr (WeirSecret) key = NULL;
      g_autofree char *now = NULL;

      look_up (self, name, &key);
      now = dup_digest (key);
      if (!g_str_equal (now, before))
        {
          self->changed (self->user_data);
          return;
        }
    }
}

WeirKeys *
weir_keys_new (void (*changed) (gpointer user_data), gpointer user_data)
{
  WeirKeys *self = g_new0 (WeirKeys, 1);

  self->changed = changed;
  self->user_data = user_data;
  self->filled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

static void
close_vault (WeirKeys *self)
{
  if (self->vault != NULL)
    g_signal_handlers_disconnect_by_data (self->vault, self);
  self->vault = NULL;
  g_clear_object (&self->home);
}

void
weir_keys_free (WeirKeys *self)
{
  if (self == NULL)
    return;
  close_vault (self);
  g_hash_table_unref (self->filled);
  g_free (self);
}

static WeirVaultPlace
get_place (const WeirConfig *config)
{
  return config->secrets == WEIR_CONFIG_SECRETS_FILE ? WEIR_VAULT_FILE : WEIR_VAULT_KEYRING;
}

WeirVaultHome *
weir_keys_open_home (const WeirConfig *config)
{
  g_autofree char *path = weir_vault_home_dup_default_path ();

  return weir_vault_home_new (path, get_place (config));
}

static void
on_notice (WeirVaultHome *home, const char *sentence, gpointer user_data)
{
  g_message ("%s", sentence);
}

static void
ensure_vault (WeirKeys *self, const WeirConfig *config)
{
  if (self->home == NULL)
    {
      self->home = weir_keys_open_home (config);
      self->vault = weir_vault_home_get_vault (self->home);
      g_signal_connect (self->home, "notice", G_CALLBACK (on_notice), NULL);
      g_signal_connect_swapped (self->vault, "changed", G_CALLBACK (on_vault_changed),
                                self);
    }
  weir_vault_home_want (self->home, get_place (config));
}

static char *
explain (WeirKeys *self, WeirVaultAnswer answer, const char *name)
{
  const char *problem = weir_vault_get_problem (self->vault);

  if (answer == WEIR_VAULT_ABSENT)
    return g_strdup_printf ("there is no such key; weir --store-key %s takes it", name);
  if (weir_vault_get_state (self->vault) == WEIR_VAULT_LOCKED)
    return g_strdup_printf ("%s (weir --list-keys asks for it)", problem);
  return g_strdup (problem != NULL ? problem : "nobody has answered yet");
}

static WeirSecret *
find_key (const char *name, char **out_problem, gpointer user_data)
{
  WeirKeys *self = user_data;
  WeirSecret *key = NULL;
  const WeirVaultAnswer answer = look_up (self, name, &key);

  if (key == NULL)
    *out_problem = explain (self, answer, name);
  g_hash_table_insert (self->filled, g_strdup (name), dup_digest (key));
  return key;
}

void
weir_keys_fill (WeirKeys *self, WeirConfig *config, GPtrArray *notices)
{
  g_hash_table_remove_all (self->filled);
  if (!self->is_held && !weir_config_needs_vault (config))
    {
      close_vault (self);
      return;
    }
  ensure_vault (self, config);
  weir_config_fill_keys (config, find_key, self, notices);
}

WeirVault *
weir_keys_hold_vault (WeirKeys *self, const WeirConfig *config)
{
  self->is_held = TRUE;
  ensure_vault (self, config);
  return self->vault;
}

void
weir_keys_wait_for (WeirVault *vault)
{
  const int64_t until_us = g_get_monotonic_time () + WAIT_US;

  while (weir_vault_get_state (vault) == WEIR_VAULT_STARTING
         && g_get_monotonic_time () < until_us)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

void
weir_keys_wait (WeirKeys *self, const WeirConfig *config)
{
  if (!weir_config_needs_vault (config))
    return;
  ensure_vault (self, config);
  weir_keys_wait_for (self->vault);
}
