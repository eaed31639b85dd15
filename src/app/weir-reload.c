/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Watches two folders, that of the file and that of what it links to, and lets any event in
 * them mean "look again": who renames what there is not worth telling apart.  Looking,
 * comparing and reading are done in a thread. */

#include "config.h"

#include "app/weir-reload.h"

#include <sys/stat.h>

#define QUIET_MS 200   /* after the last event */
#define BURST_MS 2000  /* after the first, even when they do not end */
#define RATE_MS 100    /* events of one file closer together than this are one */
#define SETTLED_MS 150 /* a file changed more lately may be half written */
#define PATIENCE 10    /* looks at a file that does not settle */

/* Tells a file from what stood there before. */
typedef struct
{
  gboolean exists;
  dev_t device;
  ino_t inode;
  off_t size;
  struct timespec changed; /* the inode, so also by chmod */
} Identity;

struct _WeirReload
{
  char *path; /* (owned) */
  WeirReloadFunc func;
  gpointer user_data;
  Identity seen;
  GFileMonitor *here;        /* (owned) (nullable) the folder of @path */
  GFileMonitor *there;       /* (owned) (nullable) the folder of the file it links to */
  char *there_path;          /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) */
  unsigned timer_id;         /* 0: none */
  int64_t burst_us;          /* g_get_monotonic_time of its first event */
  gboolean is_reading;
  gboolean is_wanted; /* something came while it was being read */
  gboolean is_forced;
  unsigned n_unsettled; /* looks in a row */
};

/* What the thread gets and gives. */
typedef struct
{
  char *path; /* (owned) */
  gboolean is_forced;
  gboolean is_impatient;
  Identity seen;
  gboolean is_unsettled; /* it could not be read yet */
  gboolean is_read;      /* neither: it is the one that was seen */
  char *target_folder;   /* (owned) (nullable) */
  WeirConfig *config;    /* (owned) (nullable) */
  GPtrArray *notices;    /* (owned) (nullable) */
  GError *error;         /* (owned) (nullable) */
} Look;

static void look_again (WeirReload *self);

static void
look_free (gpointer data)
{
  Look *look = data;

  g_free (look->path);
  g_free (look->target_folder);
  weir_config_unref (look->config);
  g_clear_pointer (&look->notices, g_ptr_array_unref);
  g_clear_error (&look->error);
  g_free (look);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Look, look_free)

static Identity
identify (const char *path)
{
  struct stat info = { 0 };

  if (stat (path, &info) != 0)
    return (Identity){ 0 };
  return (Identity){
    .exists = TRUE,
    .device = info.st_dev,
    .inode = info.st_ino,
    .size = info.st_size,
    .changed = info.st_ctim,
  };
}

static gboolean
is_same (const Identity *a, const Identity *b)
{
  return a->exists == b->exists && a->device == b->device && a->inode == b->inode
         && a->size == b->size && a->changed.tv_sec == b->changed.tv_sec
         && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* Many write a file in place: emptied, then filled.  What is read in between may be a good
 * configuration of nothing.  A time in the future is the fault of a clock that was set. */
static gboolean
is_settled (const Identity *file)
{
  const int64_t changed_us
      = (int64_t)file->changed.tv_sec * G_USEC_PER_SEC + file->changed.tv_nsec / 1000;
  const int64_t age_us = g_get_real_time () - changed_us;

  return !file->exists || age_us < 0 || age_us > SETTLED_MS * G_TIME_SPAN_MILLISECOND;
}

/* (transfer full) (nullable) */
static char *
dup_target_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  char *target = realpath (path, NULL);
  char *target_folder = target != NULL ? g_path_get_dirname (target) : NULL;

  free (target);
  if (target_folder != NULL && g_str_equal (folder, target_folder))
    g_clear_pointer (&target_folder, g_free);
  return target_folder;
}

/* @now: what stands there; what is read is only good if that is still so behind it. */
static void
read_file (Look *look, const Identity *now)
{
  Identity after;

  look->config = weir_config_load (look->path, &look->notices, &look->error);
  after = identify (look->path);
  look->is_unsettled = !look->is_impatient && !is_same (now, &after);
  look->is_read = !look->is_unsettled;
  look->seen = *now;
}

static void
look_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Look *look = data;
  const Identity now = identify (look->path);

  look->target_folder = dup_target_folder (look->path);
  if (look->is_forced || !is_same (&now, &look->seen))
    {
      look->is_unsettled = !look->is_impatient && !is_settled (&now);
      if (!look->is_unsettled)
        read_file (look, &now);
    }
  g_task_return_boolean (task, TRUE);
}

static gboolean
on_quiet (gpointer user_data)
{
  WeirReload *self = user_data;

  self->timer_id = 0;
  self->burst_us = 0;
  look_again (self);
  return G_SOURCE_REMOVE;
}

static void
wait_for_quiet (WeirReload *self)
{
  const int64_t now_us = g_get_monotonic_time ();

  if (self->burst_us == 0)
    self->burst_us = now_us;
  if (self->timer_id != 0 && now_us - self->burst_us > BURST_MS * G_TIME_SPAN_MILLISECOND)
    return;
  g_clear_handle_id (&self->timer_id, g_source_remove);
  self->timer_id = g_timeout_add (QUIET_MS, on_quiet, self);
}

static void
on_changed (GFileMonitor *monitor,
            GFile *file,
            GFile *other,
            GFileMonitorEvent event,
            gpointer user_data)
{
  WeirReload *self = user_data;

  wait_for_quiet (self);
}

/* (transfer full) (nullable): where the system cannot watch, SIGHUP is still there. */
static GFileMonitor *
watch (WeirReload *self, const char *folder)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  GFileMonitor *monitor
      = g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);

  if (monitor == NULL)
    return NULL;
  g_file_monitor_set_rate_limit (monitor, RATE_MS);
  g_signal_connect (monitor, "changed", G_CALLBACK (on_changed), self);
  return monitor;
}

static void
unwatch (WeirReload *self, GFileMonitor **monitor)
{
  if (*monitor == NULL)
    return;
  g_signal_handlers_disconnect_by_data (*monitor, self);
  g_file_monitor_cancel (*monitor);
  g_clear_object (monitor);
}

/* @folder: (nullable) */
static void
follow (WeirReload *self, const char *folder)
{
  if (g_strcmp0 (folder, self->there_path) == 0)
    return;
  unwatch (self, &self->there);
  g_free (self->there_path);
  self->there_path = g_strdup (folder);
  if (folder != NULL)
    self->there = watch (self, folder);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirReload *self = user_data; /* alive unless cancelled */
  const Look *look = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), NULL))
    return;
  self->is_reading = FALSE;
  follow (self, look->target_folder);
  if (look->is_unsettled)
    {
      self->n_unsettled++;
      self->is_forced = self->is_forced || look->is_forced;
      wait_for_quiet (self);
      return;
    }
  self->n_unsettled = 0;
  self->seen = look->seen;
  if (self->is_wanted)
    look_again (self);
  if (look->is_read)
    self->func (look->config, look->notices, look->error, self->user_data);
}

static void
look_again (WeirReload *self)
{
  g_autoptr (GTask) task = NULL;
  Look *look = NULL;

  self->is_wanted = TRUE;
  if (self->is_reading)
    return;
  look = g_new0 (Look, 1);
  look->path = g_strdup (self->path);
  look->is_forced = self->is_forced;
  look->is_impatient = self->n_unsettled >= PATIENCE;
  look->seen = self->seen;
  self->is_wanted = FALSE;
  self->is_forced = FALSE;
  self->is_reading = TRUE;

  task = g_task_new (NULL, self->cancellable, looked_cb, self);
  g_task_set_source_tag (task, (gpointer)(guintptr)look_again);
  g_task_set_task_data (task, look, look_free);
  g_task_run_in_thread (task, look_in_thread);
}

WeirReload *
weir_reload_new (const char *path, WeirReloadFunc func, gpointer user_data)
{
  WeirReload *self = g_new0 (WeirReload, 1);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *target_folder = dup_target_folder (path);

  self->path = g_strdup (path);
  self->func = func;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  self->here = watch (self, folder);
  follow (self, target_folder);
  self->seen = identify (path);
  return self;
}

void
weir_reload_free (WeirReload *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->timer_id, g_source_remove);
  unwatch (self, &self->here);
  unwatch (self, &self->there);
  g_object_unref (self->cancellable);
  g_free (self->there_path);
  g_free (self->path);
  g_free (self);
}

void
weir_reload_now (WeirReload *self)
{
  self->is_forced = TRUE;
  look_again (self);
}
