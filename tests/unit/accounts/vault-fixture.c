/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Waiting for a vault, and a folder for it. */

#include "config.h"

#include "vault-fixture.h"

#include <glib/gstdio.h>

#define PATIENCE_US (20 * G_USEC_PER_SEC)

void
vault_place_set_up (VaultPlace *place, gconstpointer data)
{
  place->folder = g_dir_make_tmp ("weir-vault-XXXXXX", NULL);
  g_assert_nonnull (place->folder);
  place->path = g_build_filename (place->folder, "weir", "secrets", NULL);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) folder = NULL;
  const char *name = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    folder = g_dir_open (path, 0, NULL);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

void
vault_place_tear_down (VaultPlace *place, gconstpointer data)
{
  remove_tree (place->folder);
  g_free (place->folder);
  g_free (place->path);
}

WeirSecret *
vault_secret (const char *text)
{
  return weir_secret_new ((WeirSlice){ text, strlen (text) });
}

static void
go_round (int64_t since_us)
{
  g_assert_cmpint (g_get_monotonic_time () - since_us, <, PATIENCE_US);
  if (!g_main_context_iteration (NULL, FALSE))
    g_usleep (1000);
}

void
vault_await (WeirVault *vault, WeirVaultState state)
{
  const int64_t since_us = g_get_monotonic_time ();

  while (weir_vault_get_state (vault) != state)
    go_round (since_us);
}

static gboolean
answers (WeirVault *vault, const char *name, WeirVaultAnswer answer, const char *text)
{
  g_autoptr (WeirSecret) secret = NULL;
  g_autoptr (WeirSecret) wanted = text != NULL ? vault_secret (text) : NULL;

  if (weir_vault_lookup (vault, name, &secret) != answer)
    return FALSE;
  return wanted == NULL || weir_secret_equal (secret, wanted);
}

void
vault_await_answer (WeirVault *vault,
                    const char *name,
                    WeirVaultAnswer answer,
                    const char *text)
{
  const int64_t since_us = g_get_monotonic_time ();

  while (!answers (vault, name, answer, text))
    go_round (since_us);
}

void
vault_spin (unsigned ms)
{
  const int64_t until_us = g_get_monotonic_time () + (int64_t)ms * 1000;

  while (g_get_monotonic_time () < until_us)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static void
await_result (GAsyncResult **result)
{
  const int64_t since_us = g_get_monotonic_time ();

  while (*result == NULL)
    go_round (since_us);
}

gboolean
vault_store (WeirVault *vault, const char *name, const char *text, GError **error)
{
  g_autoptr (WeirSecret) secret = vault_secret (text);
  g_autoptr (GAsyncResult) result = NULL;

  weir_vault_store_async (vault, name, secret, NULL, keep_result, &result);
  await_result (&result);
  return weir_vault_store_finish (vault, result, error);
}

gboolean
vault_delete (WeirVault *vault, const char *name, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  weir_vault_delete_async (vault, name, NULL, keep_result, &result);
  await_result (&result);
  return weir_vault_delete_finish (vault, result, error);
}

gboolean
vault_unlock (WeirVault *vault, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  weir_vault_unlock_async (vault, NULL, keep_result, &result);
  await_result (&result);
  return weir_vault_unlock_finish (vault, result, error);
}

void
vault_assert_answer (WeirVault *vault,
                     const char *name,
                     WeirVaultAnswer answer,
                     const char *text)
{
  g_assert_true (answers (vault, name, answer, text));
}

void
vault_close (WeirVault *vault)
{
  const int64_t since_us = g_get_monotonic_time ();
  GWeakRef weak;
  gpointer rest = NULL;

  g_weak_ref_init (&weak, vault);
  g_object_unref (vault);
  while ((rest = g_weak_ref_get (&weak)) != NULL)
    {
      g_object_unref (rest);
      go_round (since_us);
    }
  g_weak_ref_clear (&weak);
}
