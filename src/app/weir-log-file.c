/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The log's file: appended to, renamed when full, and looked after once a second because
 * somebody else may move it. */

#include "config.h"

#include "app/weir-log-file.h"

#include "base/weir-clock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define LOOK_US WEIR_USEC_PER_SEC

struct _WeirLogFile
{
  char *path;   /* (owned) */
  char *folder; /* (owned) */
  char *prefix; /* (owned) of the names of full files: "weir-" */
  uint64_t max_bytes;
  uint64_t max_total_bytes; /* 0: no bound */
  int fd;                   /* -1: not open */
  uint64_t size;
  int64_t looked_at_us;
};

/* A full file. */
typedef struct
{
  char *path; /* (owned) */
  uint64_t size;
} Old;

static void
old_free (gpointer data)
{
  Old *old = data;

  g_free (old->path);
  g_free (old);
}

/* The names hold the time, so their order is that of age. */
static int
compare_old (gconstpointer a, gconstpointer b)
{
  const Old *const *left = a;
  const Old *const *right = b;

  return g_strcmp0 ((*left)->path, (*right)->path);
}

static gboolean
open_file (WeirLogFile *self, GError **error)
{
  struct stat info = { 0 };

  self->fd
      = open (self->path,
              O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
  if (self->fd < 0 || fstat (self->fd, &info) != 0)
    return weir_error_set (error, WEIR_ERROR_IO, "cannot open the log %s: %s", self->path,
                           g_strerror (errno));
  if (!S_ISREG (info.st_mode))
    {
      close (self->fd);
      self->fd = -1;
      return weir_error_set (error, WEIR_ERROR_IO, "the log %s is not a regular file",
                             self->path);
    }
  self->size = (uint64_t)info.st_size;
  return TRUE;
}

static void
close_file (WeirLogFile *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static GPtrArray *
list_old (const WeirLogFile *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (old_free);
  g_autoptr (GDir) folder = g_dir_open (self->folder, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      struct stat info = { 0 };
      Old *old = NULL;

      if (!g_str_has_prefix (name, self->prefix) || !g_str_has_suffix (name, ".log")
          || lstat (path, &info) != 0 || !S_ISREG (info.st_mode))
        continue;
      old = g_new0 (Old, 1);
      old->path = g_steal_pointer (&path);
      old->size = (uint64_t)info.st_size;
      g_ptr_array_add (list, old);
    }
  g_ptr_array_sort (list, compare_old);
  return list;
}

/* Leaves room for one full file. */
static void
remove_oldest (const WeirLogFile *self)
{
  g_autoptr (GPtrArray) list = NULL;
  uint64_t total = self->max_bytes;

  if (self->max_total_bytes == 0)
    return;
  list = list_old (self);
  for (unsigned i = 0; i < list->len; i++)
    total += ((const Old *)g_ptr_array_index (list, i))->size;
  for (unsigned i = 0; i < list->len && total > self->max_total_bytes; i++)
    {
      const Old *old = g_ptr_array_index (list, i);

      if (g_unlink (old->path) == 0)
        total -= old->size;
    }
}

/* Where the rename fails the file goes on to grow: better a large log than none. */
static void
set_aside (WeirLogFile *self)
{
  const int64_t now_us = weir_clock_real_us ();
  const time_t seconds = (time_t)(now_us / WEIR_USEC_PER_SEC);
  g_autofree char *name = NULL;
  char stamp[32];
  struct tm day = { 0 };

  gmtime_r (&seconds, &day);
  strftime (stamp, sizeof stamp, "%Y%m%dT%H%M%S", &day);
  name = g_strdup_printf ("%s/%s%s.%06dZ.log", self->folder, self->prefix, stamp,
                          (int)(now_us % WEIR_USEC_PER_SEC));
  if (renameat2 (AT_FDCWD, self->path, AT_FDCWD, name, RENAME_NOREPLACE) == 0
      || (errno == EINVAL && g_rename (self->path, name) == 0))
    close_file (self);
  remove_oldest (self);
}

/* Another program may have moved, removed or emptied it. */
static void
look_after (WeirLogFile *self)
{
  const int64_t now_us = weir_clock_now_us ();
  struct stat ours = { 0 };
  struct stat there = { 0 };

  if (self->fd < 0 || now_us - self->looked_at_us < LOOK_US)
    return;
  self->looked_at_us = now_us;
  if (fstat (self->fd, &ours) != 0 || lstat (self->path, &there) != 0
      || ours.st_dev != there.st_dev || ours.st_ino != there.st_ino)
    close_file (self);
  else
    self->size = (uint64_t)ours.st_size;
}

WeirLogFile *
weir_log_file_new (const char *path,
                   uint64_t max_bytes,
                   uint64_t max_total_bytes,
                   GError **error)
{
  g_autoptr (WeirLogFile) self = g_new0 (WeirLogFile, 1);
  g_autofree char *base = g_path_get_basename (path);

  g_return_val_if_fail (g_str_has_suffix (path, ".log"), NULL);

  self->fd = -1;
  self->path = g_strdup (path);
  self->folder = g_path_get_dirname (path);
  base[strlen (base) - strlen (".log")] = '\0';
  self->prefix = g_strconcat (base, "-", NULL);
  self->max_total_bytes = max_total_bytes;
  self->max_bytes = max_total_bytes == 0 ? max_bytes : MIN (max_bytes, max_total_bytes / 2);
  self->looked_at_us = weir_clock_now_us ();
  if (g_mkdir_with_parents (self->folder, 0700) != 0)
    {
      weir_error_set (error, WEIR_ERROR_IO, "cannot make the folder %s: %s", self->folder,
                      g_strerror (errno));
      return NULL;
    }
  if (!open_file (self, error))
    return NULL;
  remove_oldest (self);
  return g_steal_pointer (&self);
}

void
weir_log_file_free (WeirLogFile *self)
{
  if (self == NULL)
    return;
  close_file (self);
  g_free (self->path);
  g_free (self->folder);
  g_free (self->prefix);
  g_free (self);
}

gboolean
weir_log_file_write (WeirLogFile *self, WeirSlice line, GError **error)
{
  ssize_t written;

  look_after (self);
  if (self->fd >= 0 && self->size > 0 && self->size + line.length > self->max_bytes)
    set_aside (self);
  if (self->fd < 0 && !open_file (self, error))
    return FALSE;

  written = write (self->fd, line.text, line.length);
  if (written > 0)
    self->size += (uint64_t)written;
  if (written == (ssize_t)line.length)
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_IO, "cannot write to the log %s: %s", self->path,
                         g_strerror (written < 0 ? errno : ENOSPC));
}

char *
weir_log_file_dup_default_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "weir", "weir.log", NULL);
}
