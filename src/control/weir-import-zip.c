/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A zip archive is read by its directory, which stands at its end; what stands before the
 * files is only measured.  Layout: PKWARE, "APPNOTE.TXT", version 6.3.10, sections 4.3.7,
 * 4.3.12 and 4.3.16, read 2026-11.  Left out: zip64, archives in parts, encryption, every
 * method but stored and deflated.
 *
 * A library (libarchive) was weighed: it brings ten others into a service that has none of
 * them, for what is a directory of fixed records and zlib. */

#include "config.h"

#include "control/weir-import-zip.h"

#include "control/weir-import-read.h"
#include "control/weir-wiped.h"

#include <string.h>
#include <sys/stat.h>

#define END_BYTES 22u
#define COMMENT_MAX 65535u
#define ENTRY_BYTES 46u
#define LOCAL_BYTES 30u
#define ENCRYPTED 1u
#define STORED 0u
#define DEFLATED 8u
#define MADE_BY_UNIX 3u

/* One file, as the directory has it. */
typedef struct
{
  unsigned flags;
  unsigned method;
  uint32_t sum;
  size_t packed;
  size_t unpacked;
  size_t local;  /* where it stands */
  unsigned mode; /* of UNIX; 0: not said */
  WeirSlice name;
} Entry;

static uint32_t
read_number (WeirSlice bytes, size_t at, unsigned n)
{
  uint32_t value = 0;

  for (unsigned i = 0; i < n; i++)
    value |= (uint32_t)(unsigned char)bytes.text[at + i] << (8 * i);
  return value;
}

static gboolean
has_mark (WeirSlice bytes, size_t at, const char *mark)
{
  return memcmp (bytes.text + at, mark, 4) == 0;
}

static gboolean
fail_broken (GError **error)
{
  return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "The zip archive is broken.");
}

static gboolean
fail_large (GError **error)
{
  return weir_error_set (error, WEIR_ERROR_TOO_LARGE,
                         "There is more in it than a folder of sign-ins would hold.");
}

/* Where the end's record stands, whose comment reaches to the last byte. */
static gboolean
find_end (WeirSlice bytes, size_t *out)
{
  for (size_t comment = 0; comment <= COMMENT_MAX && END_BYTES + comment <= bytes.length;
       comment++)
    {
      const size_t at = bytes.length - END_BYTES - comment;

      if (has_mark (bytes, at, "PK\005\006") && read_number (bytes, at + 20, 2) == comment)
        {
          *out = at;
          return TRUE;
        }
    }
  return FALSE;
}

/* *at moves behind it.  FALSE: there is none. */
static gboolean
read_entry (WeirSlice directory, size_t *at, Entry *out)
{
  const size_t left = directory.length - *at;
  size_t name_length = 0;
  size_t length = 0;

  if (left < ENTRY_BYTES || !has_mark (directory, *at, "PK\001\002"))
    return FALSE;
  name_length = read_number (directory, *at + 28, 2);
  length = ENTRY_BYTES + name_length + read_number (directory, *at + 30, 2)
           + read_number (directory, *at + 32, 2);
  if (length > left)
    return FALSE;
  *out = (Entry){
    .flags = read_number (directory, *at + 8, 2),
    .method = read_number (directory, *at + 10, 2),
    .sum = read_number (directory, *at + 16, 4),
    .packed = read_number (directory, *at + 20, 4),
    .unpacked = read_number (directory, *at + 24, 4),
    .local = read_number (directory, *at + 42, 4),
    .name = { directory.text + *at + ENTRY_BYTES, name_length },
  };
  if (read_number (directory, *at + 5, 1) == MADE_BY_UNIX)
    out->mode = read_number (directory, *at + 38, 4) >> 16;
  *at += length;
  return TRUE;
}

/* (transfer full) (nullable): NULL for what is no sign-in's file. */
static char *
dup_file_name (const Entry *entry)
{
  g_autofree char *path = g_strndup (entry->name.text, entry->name.length);
  g_autofree char *name = g_path_get_basename (path);

  if (strlen (path) != entry->name.length || *name == '.' || strchr (name, '\\') != NULL
      || !g_str_has_suffix (name, ".json") || !g_str_is_ascii (name)
      || ((entry->mode & S_IFMT) != 0 && !S_ISREG (entry->mode)))
    return NULL;
  return g_steal_pointer (&name);
}

/* The file's bytes as they stand in the archive. */
static gboolean
find_packed (WeirSlice bytes, const Entry *entry, WeirSlice *out)
{
  size_t start = 0;

  if (bytes.length < LOCAL_BYTES || entry->local > bytes.length - LOCAL_BYTES
      || !has_mark (bytes, entry->local, "PK\003\004"))
    return FALSE;
  start = entry->local + LOCAL_BYTES + read_number (bytes, entry->local + 26, 2)
          + read_number (bytes, entry->local + 28, 2);
  if (start > bytes.length || entry->packed > bytes.length - start)
    return FALSE;
  *out = (WeirSlice){ bytes.text + start, entry->packed };
  return TRUE;
}

static gboolean
unpack (WeirSlice bytes, const Entry *entry, WeirWiped *out, GError **error)
{
  WeirSlice packed = { NULL, 0 };

  if ((entry->flags & ENCRYPTED) != 0
      || (entry->method != STORED && entry->method != DEFLATED))
    return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                           "The zip archive has a password, or is packed in a way that is "
                           "not read here.");
  if (entry->unpacked > WEIR_IMPORT_DOCUMENT_MAX)
    return fail_large (error);
  if (!find_packed (bytes, entry, &packed))
    return fail_broken (error);
  if (entry->method == STORED && packed.length == entry->unpacked)
    weir_wiped_append (out, packed);
  else if (entry->method == STORED
           || weir_wiped_inflate (out, packed, WEIR_WIPED_DEFLATE, entry->unpacked)
                  != WEIR_WIPED_WHOLE)
    return fail_broken (error);
  if (out->length != entry->unpacked
      || weir_wiped_sum (weir_wiped_get_slice (out)) != entry->sum)
    return fail_broken (error);
  return TRUE;
}

/* What has been read of an archive. */
typedef struct
{
  unsigned n;
  size_t unpacked;
} Read;

static gboolean
read_file (WeirSlice bytes,
           const Entry *entry,
           Read *read,
           WeirBundleFunc func,
           gpointer user_data,
           GError **error)
{
  g_autofree char *name = dup_file_name (entry);
  g_auto (WeirWiped) text = { 0 };

  if (name == NULL)
    return TRUE;
  read->n++;
  read->unpacked += entry->unpacked;
  if (read->n > WEIR_BUNDLE_DOCUMENTS_MAX || read->unpacked > WEIR_BUNDLE_UNPACKED_MAX)
    return fail_large (error);
  if (!unpack (bytes, entry, &text, error))
    return FALSE;
  func (name, weir_wiped_get_slice (&text), user_data);
  return TRUE;
}

gboolean
weir_zip_read (WeirSlice bytes, WeirBundleFunc func, gpointer user_data, GError **error)
{
  WeirSlice directory = { NULL, 0 };
  Read read = { 0 };
  Entry entry = { 0 };
  size_t end = 0;
  size_t start = 0;
  size_t at = 0;
  unsigned n = 0;

  if (!find_end (bytes, &end))
    return fail_broken (error);
  directory.length = read_number (bytes, end + 12, 4);
  start = read_number (bytes, end + 16, 4);
  if (start > end || directory.length > end - start)
    return fail_broken (error);
  directory.text = bytes.text + start;
  while (at < directory.length)
    {
      if (!read_entry (directory, &at, &entry))
        return fail_broken (error);
      if (!read_file (bytes, &entry, &read, func, user_data, error))
        return FALSE;
      n++;
    }
  return n == read_number (bytes, end + 10, 2) || fail_broken (error);
}
