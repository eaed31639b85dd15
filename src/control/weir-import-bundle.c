/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Layers are taken off one by one, each at most once: base64, then gzip, then tar; or zip
 * (weir-import-zip.c). */

#include "config.h"

#include "control/weir-import-bundle.h"

#include "base/weir-json.h"
#include "control/weir-import-hosts.h"
#include "control/weir-import-zip.h"
#include "control/weir-wiped.h"

#include <string.h>

#define BLOCK 512u

/* POSIX.1-1988, "ustar Interchange Format": offsets in a header block */
#define TAR_NAME 0u
#define TAR_NAME_BYTES 100u
#define TAR_SIZE 124u
#define TAR_SIZE_BYTES 12u
#define TAR_CHECKSUM 148u
#define TAR_CHECKSUM_BYTES 8u
#define TAR_TYPE 156u
#define TAR_MAGIC 257u

static gboolean
fail_large (GError **error)
{
  return weir_error_set (error, WEIR_ERROR_TOO_LARGE,
                         "There is more in it than a folder of sign-ins would hold.");
}

static gboolean
fail_broken (GError **error)
{
  return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                         "This is neither a sign-in nor an archive of them, or it is "
                         "broken.");
}

static gboolean
is_base64 (WeirSlice bytes)
{
  for (size_t i = 0; i < bytes.length; i++)
    if (!g_ascii_isalnum (bytes.text[i]) && strchr ("+/=\r\n", bytes.text[i]) == NULL)
      return FALSE;
  return memchr (bytes.text, '\0', bytes.length) == NULL;
}

static void
decode_base64 (WeirSlice bytes, WeirWiped *out)
{
  gint state = 0;
  guint saved = 0;

  weir_wiped_append_zeros (out, bytes.length / 4 * 3 + 3);
  out->length = g_base64_decode_step (bytes.text, bytes.length, (guchar *)out->text, &state,
                                      &saved);
}

static gboolean
unzip (WeirSlice bytes, WeirWiped *out, GError **error)
{
  switch (weir_wiped_inflate (out, bytes, WEIR_WIPED_GZIP, WEIR_BUNDLE_UNPACKED_MAX))
    {
    case WEIR_WIPED_WHOLE:
      return TRUE;
    case WEIR_WIPED_TOO_LARGE:
      return fail_large (error);
    case WEIR_WIPED_BROKEN:
      break;
    }
  return fail_broken (error);
}

/* FALSE: no octal number. */
static gboolean
read_octal (const char *field, size_t length, size_t *out)
{
  size_t value = 0;
  size_t i = 0;

  while (i < length && field[i] == ' ')
    i++;
  if (i == length || field[i] < '0' || field[i] > '7')
    return FALSE;
  for (; i < length && field[i] >= '0' && field[i] <= '7'; i++)
    value = value * 8 + (size_t)(field[i] - '0');
  *out = value;
  return i == length || field[i] == ' ' || field[i] == '\0';
}

static gboolean
is_header (const char *block)
{
  size_t wanted = 0;
  size_t sum = 0;

  for (size_t i = 0; i < BLOCK; i++)
    sum += i >= TAR_CHECKSUM && i < TAR_CHECKSUM + TAR_CHECKSUM_BYTES
               ? (size_t)' '
               : (size_t)(unsigned char)block[i];
  return read_octal (block + TAR_CHECKSUM, TAR_CHECKSUM_BYTES, &wanted) && wanted == sum;
}

/* (transfer full) (nullable): NULL for what is no sign-in's file. */
static char *
dup_file_name (const char *block)
{
  g_autofree char *path = g_strndup (block + TAR_NAME, TAR_NAME_BYTES);
  g_autofree char *name = g_path_get_basename (path);

  if ((block[TAR_TYPE] != '0' && block[TAR_TYPE] != '\0') || *name == '.'
      || !g_str_has_suffix (name, ".json") || !g_str_is_ascii (name))
    return NULL;
  return g_steal_pointer (&name);
}

static gboolean
read_tar (WeirSlice bytes, WeirBundleFunc func, gpointer user_data, GError **error)
{
  unsigned n = 0;

  while (bytes.length >= BLOCK && bytes.text[0] != '\0')
    {
      g_autofree char *name = NULL;
      size_t size = 0;
      size_t padded = 0;

      if (!is_header (bytes.text)
          || !read_octal (bytes.text + TAR_SIZE, TAR_SIZE_BYTES, &size)
          || size > bytes.length - BLOCK)
        return fail_broken (error);
      name = dup_file_name (bytes.text);
      if (name != NULL && ++n > WEIR_BUNDLE_DOCUMENTS_MAX)
        return fail_large (error);
      if (name != NULL)
        func (name, (WeirSlice){ bytes.text + BLOCK, size }, user_data);
      padded = MIN (BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK, bytes.length);
      bytes = (WeirSlice){ bytes.text + padded, bytes.length - padded };
    }
  return TRUE;
}

static gboolean
read_json (WeirSlice bytes, WeirBundleFunc func, gpointer user_data, GError **error)
{
  static const WeirJsonLimits limits = { .max_depth = 17, .record_depth = 1 };
  g_auto (WeirJson) json = { 0 };
  unsigned n = 0;

  if (!weir_json_parse (&json, bytes.text, bytes.length, &limits, NULL))
    return fail_broken (error);
  if (weir_json_get_type (&json, 0) != WEIR_JSON_ARRAY)
    {
      func ("", bytes, user_data);
      return TRUE;
    }
  for (uint32_t item = weir_json_first (&json, 0); item != 0;
       item = weir_json_next (&json, 0, item))
    {
      if (++n > WEIR_BUNDLE_DOCUMENTS_MAX)
        return fail_large (error);
      func ("", weir_json_get_raw (&json, item), user_data);
    }
  return TRUE;
}

static WeirSlice
trim (WeirSlice bytes)
{
  while (bytes.length > 0 && g_ascii_isspace (bytes.text[0]))
    bytes = (WeirSlice){ bytes.text + 1, bytes.length - 1 };
  while (bytes.length > 0 && g_ascii_isspace (bytes.text[bytes.length - 1]))
    bytes.length--;
  return bytes;
}

static gboolean
is_json (WeirSlice bytes)
{
  const WeirSlice text = trim (bytes);

  return text.length > 0 && (text.text[0] == '{' || text.text[0] == '[');
}

/* Neither in base64 nor compressed. */
static gboolean
read_plain (WeirSlice bytes, WeirBundleFunc func, gpointer user_data, GError **error)
{
  if (is_json (bytes))
    return read_json (trim (bytes), func, user_data, error);
  if (bytes.length >= BLOCK && is_header (bytes.text))
    return read_tar (bytes, func, user_data, error);
  if (weir_slice_has_prefix (bytes, WEIR_SLICE ("PK\003\004"))
      || weir_slice_has_prefix (bytes, WEIR_SLICE ("PK\005\006")))
    return weir_zip_read (bytes, func, user_data, error);
  if (weir_import_hosts_knows (bytes))
    {
      func ("", bytes, user_data);
      return TRUE;
    }
  return fail_broken (error);
}

gboolean
weir_bundle_read (WeirSlice bytes, WeirBundleFunc func, gpointer user_data, GError **error)
{
  g_auto (WeirWiped) decoded = { 0 };
  g_auto (WeirWiped) unzipped = { 0 };

  if (bytes.length > WEIR_BUNDLE_BYTES_MAX)
    return fail_large (error);
  if (bytes.length > 0 && !is_json (bytes) && is_base64 (trim (bytes)))
    {
      decode_base64 (trim (bytes), &decoded);
      bytes = weir_wiped_get_slice (&decoded);
    }
  if (weir_slice_has_prefix (bytes, WEIR_SLICE ("\x1f\x8b")))
    {
      if (!unzip (bytes, &unzipped, error))
        return FALSE;
      bytes = weir_wiped_get_slice (&unzipped);
    }
  return read_plain (bytes, func, user_data, error);
}
