/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Secrets go from one place to another: one by one, each read back, and in the end both
 * places are looked at again and compared.  What somebody else changes meanwhile is copied
 * once more.  And they are taken away from a place. */

#include "config.h"

#include "accounts/weir-vault-private.h"

#define SPARE_STORES 100 /* for what changes meanwhile */

typedef struct
{
  WeirVault *to;        /* (owned) */
  gboolean is_compared; /* since the last store */
  unsigned n_left;      /* stores until it is given up */
} Copy;

static void
copy_free (gpointer data)
{
  Copy *self = data;

  g_object_unref (self->to);
  g_free (self);
}

/* (transfer full) (nullable): a name in @from whose secret @to does not have. */
static char *
find_missing (WeirVault *from, WeirVault *to)
{
  g_auto (GStrv) names = weir_vault_list (from);

  for (unsigned i = 0; names[i] != NULL; i++)
    {
      g_autoptr (WeirSecret) here = NULL;
      g_autoptr (WeirSecret) there = NULL;

      if (weir_vault_lookup (from, names[i], &here) != WEIR_VAULT_PRESENT
          || weir_vault_lookup (to, names[i], &there) != WEIR_VAULT_PRESENT
          || !weir_secret_equal (here, there))
        return g_strdup (names[i]);
    }
  return NULL;
}

static void copy_next (GTask *task);

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (weir_vault_store_finish (WEIR_VAULT (source), result, &error))
    copy_next (task);
  else
    g_task_return_error (task, error);
}

static void
store_missing (GTask *task, const char *name)
{
  Copy *self = g_task_get_task_data (task);
  g_autoptr (WeirSecret) secret = NULL;

  if (weir_vault_lookup (g_task_get_source_object (task), name, &secret)
          != WEIR_VAULT_PRESENT
      || self->n_left == 0)
    {
      g_task_return_new_error (
          task, WEIR_ERROR, WEIR_ERROR_IO,
          secret == NULL ? "%s cannot be read" : "%s does not stay as it is", name);
      return;
    }
  self->n_left--;
  self->is_compared = FALSE;
  weir_vault_store_async (self->to, name, secret, NULL, stored_cb, g_object_ref (task));
}

static void
looked_to_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (weir_vault_look_finish (WEIR_VAULT (source), result, &error))
    copy_next (task);
  else
    g_task_return_error (task, error);
}

static void
looked_from_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Copy *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (!weir_vault_look_finish (WEIR_VAULT (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  self->is_compared = TRUE;
  weir_vault_look_async (self->to, NULL, looked_to_cb, g_object_ref (task));
}

static void
copy_next (GTask *task)
{
  WeirVault *from = g_task_get_source_object (task);
  const Copy *self = g_task_get_task_data (task);
  g_autofree char *name = find_missing (from, self->to);

  if (name != NULL)
    store_missing (task, name);
  else if (!self->is_compared)
    weir_vault_look_async (from, NULL, looked_from_cb, g_object_ref (task));
  else
    g_task_return_boolean (task, TRUE);
}

void
weir_vault_copy_async (WeirVault *from,
                       WeirVault *to,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (from, NULL, callback, user_data);
  g_auto (GStrv) names = weir_vault_list (from);
  Copy *self = g_new0 (Copy, 1);

  self->to = g_object_ref (to);
  self->n_left = g_strv_length (names) + SPARE_STORES;
  g_task_set_source_tag (task, (gpointer)(guintptr)weir_vault_copy_async);
  g_task_set_task_data (task, self, copy_free);
  copy_next (task);
}

gboolean
weir_vault_copy_finish (WeirVault *from, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, from), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- taking away --- */

typedef struct
{
  char **names; /* (owned) */
  unsigned n_done;
} Clearing;

static void
clearing_free (gpointer data)
{
  Clearing *self = data;

  g_strfreev (self->names);
  g_free (self);
}

static void clear_next (GTask *task);

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (weir_vault_delete_finish (WEIR_VAULT (source), result, &error))
    clear_next (task);
  else
    g_task_return_error (task, error);
}

static void
clear_next (GTask *task)
{
  Clearing *self = g_task_get_task_data (task);
  const char *name = self->names[self->n_done];

  if (name == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  self->n_done++;
  weir_vault_delete_async (g_task_get_source_object (task), name, NULL, deleted_cb,
                           g_object_ref (task));
}

void
weir_vault_clear_async (WeirVault *self,
                        const char *const *names,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Clearing *clearing = g_new0 (Clearing, 1);

  clearing->names = g_strdupv ((char **)names);
  g_task_set_source_tag (task, (gpointer)(guintptr)weir_vault_clear_async);
  g_task_set_task_data (task, clearing, clearing_free);
  clear_next (task);
}

gboolean
weir_vault_clear_finish (WeirVault *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
