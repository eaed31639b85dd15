/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whole files, read with a bound and written so that a crash leaves the old or the new one
 * and never a mixture. */

#include "config.h"

#include "store/weir-file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0600

/* A directory held open and the name of a file in it. */
typedef struct
{
  int directory;   /* descriptor, or -1 */
  char *name;      /* (owned) */
  char *temporary; /* (owned) */
} Place;

static void
place_clear (Place *self)
{
  if (self->directory >= 0)
    close (self->directory);
  g_free (self->name);
  g_free (self->temporary);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

/* FALSE: @error tells what could not be done to @path, by errno. */
static gboolean
fail (GError **error, const char *what, const char *path)
{
  int reason = errno;

  return weir_error_set (error, WEIR_ERROR_IO, "cannot %s %s: %s", what, path,
                         g_strerror (reason));
}

static gboolean
place_open (Place *out_place, const char *path, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path);
  uint64_t random = 0;

  if (path[0] == '\0' || g_str_has_suffix (path, "/"))
    return weir_error_set (error, WEIR_ERROR_IO, "\"%s\" does not name a file", path);
  if (getrandom (&random, sizeof random, 0) != sizeof random)
    return fail (error, "get random bytes for", path);
  out_place->name = g_path_get_basename (path);
  out_place->temporary
      = g_strdup_printf (".%.64s.%016" PRIx64 ".tmp", out_place->name, random);
  out_place->directory = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return out_place->directory >= 0 || fail (error, "open the folder", directory);
}

static gboolean
write_all (int file, WeirSlice bytes)
{
  while (bytes.length > 0)
    {
      ssize_t written = write (file, bytes.text, bytes.length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return FALSE;
      bytes.text += written;
      bytes.length -= (size_t)written;
    }
  return TRUE;
}

/* The mode is set once more because a umask may have taken the owner's bits away. */
static gboolean
write_temporary (const Place *place, WeirSlice bytes)
{
  int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int file = openat (place->directory, place->temporary, flags, FILE_MODE);
  gboolean ok = FALSE;

  if (file < 0)
    return FALSE;
  ok = fchmod (file, FILE_MODE) == 0 && write_all (file, bytes) && fsync (file) == 0;
  if (close (file) == 0 && ok)
    return TRUE;
  unlinkat (place->directory, place->temporary, 0);
  return FALSE;
}

/* Not every file system can rename without replacing; all others that matter have links. */
static gboolean
rename_new (const Place *place)
{
  if (renameat2 (place->directory, place->temporary, place->directory, place->name,
                 RENAME_NOREPLACE)
      == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  if (linkat (place->directory, place->temporary, place->directory, place->name, 0) != 0)
    return FALSE;
  unlinkat (place->directory, place->temporary, 0);
  return TRUE;
}

static gboolean
write_file (const char *path, WeirSlice bytes, gboolean may_replace, GError **error)
{
  g_auto (Place) place = { .directory = -1 };
  struct stat info = { 0 };
  gboolean is_there = FALSE;
  gboolean ok = FALSE;

  if (!place_open (&place, path, error))
    return FALSE;
  is_there = fstatat (place.directory, place.name, &info, AT_SYMLINK_NOFOLLOW) == 0;
  if (is_there && !may_replace)
    return weir_error_set (error, WEIR_ERROR_IO, "cannot create %s: it exists", path);
  if (is_there && !S_ISREG (info.st_mode))
    return weir_error_set (error, WEIR_ERROR_IO,
                           "cannot replace %s: it is a link or no regular file", path);
  if (!write_temporary (&place, bytes))
    return fail (error, "write", path);
  if (may_replace)
    ok = renameat (place.directory, place.temporary, place.directory, place.name) == 0;
  else
    ok = rename_new (&place);
  if (!ok)
    {
      fail (error, may_replace ? "replace" : "create", path);
      unlinkat (place.directory, place.temporary, 0);
      return FALSE;
    }
  return fsync (place.directory) == 0 || fail (error, "sync the folder of", path);
}

gboolean
weir_file_replace (const char *path, WeirSlice bytes, GError **error)
{
  return write_file (path, bytes, TRUE, error);
}

gboolean
weir_file_create (const char *path, WeirSlice bytes, GError **error)
{
  return write_file (path, bytes, FALSE, error);
}

static GBytes *
read_all (int file, size_t max_bytes, const char *path, GError **error)
{
  size_t room = max_bytes + 1; /* one more tells whether there is more */
  g_autofree char *buffer = g_malloc (room);
  size_t length = 0;

  while (length < room)
    {
      ssize_t n = read (file, buffer + length, room - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          fail (error, "read", path);
          explicit_bzero (buffer, length);
          return NULL;
        }
      if (n == 0)
        return g_bytes_new_take (g_steal_pointer (&buffer), length);
      length += (size_t)n;
    }
  explicit_bzero (buffer, length);
  weir_error_set (error, WEIR_ERROR_TOO_LARGE,
                  "%s is larger than %" G_GSIZE_FORMAT " bytes", path, max_bytes);
  return NULL;
}

GBytes *
weir_file_read (const char *path,
                size_t max_bytes,
                unsigned *out_mode,
                unsigned *out_uid,
                GError **error)
{
  /* a pipe of that name must not hold us up */
  int file = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat info = { 0 };
  GBytes *bytes = NULL;

  if (file < 0)
    {
      fail (error, "open", path);
      return NULL;
    }
  if (fstat (file, &info) != 0)
    fail (error, "look at", path);
  else if (!S_ISREG (info.st_mode))
    weir_error_set (error, WEIR_ERROR_IO, "cannot read %s: it is no regular file", path);
  else
    bytes = read_all (file, max_bytes, path, error);
  close (file);
  if (bytes == NULL)
    return NULL;
  if (out_mode != NULL)
    *out_mode = info.st_mode & 07777;
  if (out_uid != NULL)
    *out_uid = info.st_uid;
  return bytes;
}

void
weir_file_wipe (GBytes *bytes)
{
  gsize length = 0;
  char *data = NULL;

  if (bytes == NULL)
    return;
  data = g_bytes_unref_to_data (bytes, &length);
  if (data == NULL)
    return;
  explicit_bzero (data, length);
  g_free (data);
}
