/* SPDX-License-Identifier: GPL-3.0-or-later */

/*   a change -> half a second of quiet -> read all files in a thread -> take what is new
 *                                              ^                              |
 *                                              +------- changed meanwhile ----+
 */

#include "config.h"

#include "control/weir-auth-folder.h"

#include <gio/gio.h>

#define QUIET_MS 500
#define FILES_MAX 2000u

struct _WeirAuthFolder
{
  WeirImport *import;    /* (unowned) */
  char *path;            /* (owned): as it was given */
  char *folder;          /* (owned) */
  GFileMonitor *monitor; /* (owned) (nullable) */
  unsigned source;       /* of the quiet */
  GCancellable *stop;    /* (owned) */
  GHashTable *known;     /* (owned) set of char *: digests of tokens that were taken */
  gboolean has_failed;
  gboolean is_reading;
  gboolean is_stale; /* something changed meanwhile */
};

/* A reading, which may outlive the folder. */
typedef struct
{
  WeirAuthFolder *folder; /* (unowned): gone once @stop is cancelled */
  GCancellable *stop;     /* (owned) */
} Reading;

static Reading *
reading_new (WeirAuthFolder *self)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->folder = self;
  reading->stop = g_object_ref (self->stop);
  return reading;
}

static void
reading_free (Reading *self)
{
  g_object_unref (self->stop);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reading, reading_free)

static void
read_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GDir) files = g_dir_open (data, 0, NULL);
  GPtrArray *list = weir_import_list_new ();
  const char *name = NULL;

  while (files != NULL && list->len < FILES_MAX && (name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *path = g_build_filename (data, name, NULL);
      WeirImported *imported = *name != '.' && g_str_has_suffix (name, ".json")
                                   ? weir_import_read_file (path, NULL)
                                   : NULL;

      if (imported != NULL)
        g_ptr_array_add (list, imported);
    }
  g_task_return_pointer (task, list, (GDestroyNotify)g_ptr_array_unref);
}

static void schedule (WeirAuthFolder *self);

static void
taken_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Reading) reading = user_data;
  WeirAuthFolder *self = reading->folder;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) ids = weir_import_take_finish (result, &error);

  if (g_cancellable_is_cancelled (reading->stop))
    return;
  if (ids != NULL)
    g_message ("%u sign-ins of %s are here", g_strv_length (ids), self->path);
  else
    g_hash_table_remove_all (self->known);
  self->has_failed = ids == NULL;
  self->is_reading = FALSE;
  if (self->is_stale)
    schedule (self);
}

/* What is not known yet, without what only the other program may use. */
static GPtrArray *
pick_new (WeirAuthFolder *self, GPtrArray *list)
{
  GPtrArray *picked = weir_import_list_new ();

  for (unsigned i = 0; i < list->len; i++)
    {
      WeirImported *imported = g_ptr_array_index (list, i);
      char digest[17] = "";

      weir_secret_get_digest (imported->row->takes_key ? imported->answer.refresh_token
                                                       : imported->answer.access_token,
                              digest);
      if (g_hash_table_contains (self->known, digest))
        continue;
      g_hash_table_add (self->known, g_strdup (digest));
      /* a key is nobody's to renew, and stays what it is when both have it */
      if (!imported->row->takes_key)
        g_clear_pointer (&imported->answer.refresh_token, weir_secret_unref);
      imported->is_live = TRUE;
      g_ptr_array_add (picked, g_memdup2 (imported, sizeof *imported));
      *imported = (WeirImported){ 0 };
    }
  return picked;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Reading) reading = user_data;
  WeirAuthFolder *self = reading->folder;
  g_autoptr (GPtrArray) list = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autoptr (GPtrArray) picked = NULL;

  if (g_cancellable_is_cancelled (reading->stop))
    return;
  picked = pick_new (self, list);
  if (picked->len > 0)
    {
      weir_import_take_read_async (self->import, g_steal_pointer (&picked), taken_cb,
                                   g_steal_pointer (&reading));
      return;
    }
  self->is_reading = FALSE;
  if (self->is_stale)
    schedule (self);
}

static void
read_all (WeirAuthFolder *self)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, read_cb, reading_new (self));

  self->is_reading = TRUE;
  self->is_stale = FALSE;
  g_task_set_source_tag (task, (gpointer)(guintptr)read_all);
  g_task_set_task_data (task, g_strdup (self->folder), g_free);
  g_task_run_in_thread (task, read_in_thread);
}

static gboolean
on_quiet (gpointer user_data)
{
  WeirAuthFolder *self = user_data;

  self->source = 0;
  read_all (self);
  return G_SOURCE_REMOVE;
}

static void
schedule (WeirAuthFolder *self)
{
  self->is_stale = TRUE;
  if (self->is_reading)
    return;
  if (self->source != 0)
    g_source_remove (self->source);
  self->source = g_timeout_add (QUIET_MS, on_quiet, self);
}

static void
on_changed (GFileMonitor *monitor,
            GFile *file,
            GFile *other,
            GFileMonitorEvent event,
            gpointer user_data)
{
  schedule (user_data);
}

WeirAuthFolder *
weir_auth_folder_new (WeirImport *import, const char *path)
{
  WeirAuthFolder *self = g_new0 (WeirAuthFolder, 1);
  g_autoptr (GFile) file = NULL;

  self->import = import;
  self->path = g_strdup (path);
  self->folder = g_str_has_prefix (path, "~/")
                     ? g_build_filename (g_get_home_dir (), path + 2, NULL)
                     : g_strdup (path);
  self->stop = g_cancellable_new ();
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  file = g_file_new_for_path (self->folder);
  self->monitor = g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect (self->monitor, "changed", G_CALLBACK (on_changed), self);
  read_all (self);
  return self;
}

void
weir_auth_folder_free (WeirAuthFolder *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->stop);
  g_object_unref (self->stop);
  if (self->monitor != NULL)
    g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_clear_object (&self->monitor);
  if (self->source != 0)
    g_source_remove (self->source);
  g_hash_table_unref (self->known);
  g_free (self->folder);
  g_free (self->path);
  g_free (self);
}

void
weir_auth_folder_retry (WeirAuthFolder *self)
{
  if (self->has_failed)
    schedule (self);
}

const char *
weir_auth_folder_get_path (const WeirAuthFolder *self)
{
  return self->path;
}
