/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is known of a place of secrets. */

#include "config.h"

#include "accounts/weir-vault-private.h"

WeirVaultFound *
weir_vault_found_new (void)
{
  WeirVaultFound *self = g_new0 (WeirVaultFound, 1);

  self->secrets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify)weir_secret_unref);
  return self;
}

void
weir_vault_found_free (WeirVaultFound *self)
{
  if (self == NULL)
    return;
  g_free (self->problem);
  g_clear_pointer (&self->secrets, g_hash_table_unref);
  g_free (self);
}

void
weir_vault_found_keep (WeirVaultFound *self, const WeirVaultFound *before)
{
  const gboolean is_complete = self->state == WEIR_VAULT_UNLOCKED;
  GHashTableIter iter;
  gpointer name = NULL;
  gpointer secret = NULL;

  g_hash_table_iter_init (&iter, before->secrets);
  while (g_hash_table_iter_next (&iter, &name, &secret))
    {
      const gboolean is_listed = g_hash_table_contains (self->secrets, name);

      if (is_complete && !is_listed)
        continue;
      if (g_hash_table_lookup (self->secrets, name) == NULL)
        g_hash_table_insert (self->secrets, g_strdup (name),
                             secret != NULL ? weir_secret_ref (secret) : NULL);
    }
}

static gboolean
is_same_secret (const WeirSecret *a, const WeirSecret *b)
{
  return a == b || (a != NULL && b != NULL && weir_secret_equal (a, b));
}

static gboolean
is_same_table (GHashTable *a, GHashTable *b)
{
  GHashTableIter iter;
  gpointer name = NULL;
  gpointer secret = NULL;
  gpointer other = NULL;

  if (g_hash_table_size (a) != g_hash_table_size (b))
    return FALSE;
  g_hash_table_iter_init (&iter, a);
  while (g_hash_table_iter_next (&iter, &name, &secret))
    if (!g_hash_table_lookup_extended (b, name, NULL, &other)
        || !is_same_secret (secret, other))
      return FALSE;
  return TRUE;
}

gboolean
weir_vault_found_equal (const WeirVaultFound *a, const WeirVaultFound *b)
{
  return a->state == b->state && a->is_sealed == b->is_sealed
         && g_strcmp0 (a->problem, b->problem) == 0
         && is_same_table (a->secrets, b->secrets);
}
