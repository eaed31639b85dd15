/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Archives with plain files at their root, for their owner alone.  Layouts: POSIX.1-1988,
 * "ustar Interchange Format"; PKWARE, "APPNOTE.TXT", version 6.3.10, sections 4.3.7, 4.3.12
 * and 4.3.16, read 2026-11. */

#include "config.h"

#include "control/weir-bundle-write.h"

#include "control/weir-wiped.h"
#include "store/weir-file.h"

#include <string.h>
#include <sys/stat.h>

#define BLOCK 512u
#define FILE_MODE 0600u

#define ZIP_VERSION 20u /* 2.0: files that are deflated */
#define ZIP_UNIX (3u << 8)
#define ZIP_DEFLATED 8u
#define ZIP_FIRST_YEAR 1980

static const char *const names[] = {
  [WEIR_BUNDLE_TEXT] = "bundle",
  [WEIR_BUNDLE_TAR] = "tar.gz",
  [WEIR_BUNDLE_ZIP] = "zip",
};
G_STATIC_ASSERT (G_N_ELEMENTS (names) == WEIR_BUNDLE_FORM_LAST);

gboolean
weir_bundle_form_parse (const char *name, WeirBundleForm *out)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], name) == 0)
      {
        *out = (WeirBundleForm)i;
        return TRUE;
      }
  return FALSE;
}

void
weir_bundle_document_free (WeirBundleDocument *self)
{
  g_free (self->name);
  weir_file_wipe (self->text);
  g_free (self);
}

static WeirSlice
get_text (const WeirBundleDocument *document)
{
  WeirSlice text = { NULL, 0 };

  text.text = g_bytes_get_data (document->text, &text.length);
  return text;
}

/* --- tar --- */

static void
append_tar_header (WeirWiped *out, const char *name, size_t length, int64_t real_us)
{
  struct
  {
    char name[100];
    char mode[8];
    char user[8];
    char group[8];
    char size[12];
    char time[12];
    char sum[8];
    char type;
    char link[100];
    char magic[6];
    char version[2];
    char rest[247];
  } header = { .type = '0', .magic = "ustar", .version = { '0', '0' } };
  unsigned sum = 0;

  G_STATIC_ASSERT (sizeof header == BLOCK);
  g_strlcpy (header.name, name, sizeof header.name);
  g_snprintf (header.mode, sizeof header.mode, "%07o", FILE_MODE);
  g_snprintf (header.user, sizeof header.user, "%07o", 0);
  g_snprintf (header.group, sizeof header.group, "%07o", 0);
  g_snprintf (header.size, sizeof header.size, "%011o", (unsigned)length);
  g_snprintf (header.time, sizeof header.time, "%011" G_GINT64_MODIFIER "o",
              (guint64)(real_us / G_USEC_PER_SEC));
  memset (header.sum, ' ', sizeof header.sum);
  for (size_t i = 0; i < sizeof header; i++)
    sum += ((const unsigned char *)&header)[i];
  g_snprintf (header.sum, sizeof header.sum, "%06o", sum);
  weir_wiped_append (out, (WeirSlice){ (const char *)&header, sizeof header });
}

static void
write_tar (GPtrArray *documents, int64_t real_us, WeirWiped *out)
{
  g_auto (WeirWiped) tar = { 0 };

  for (unsigned i = 0; i < documents->len; i++)
    {
      const WeirBundleDocument *document = g_ptr_array_index (documents, i);
      const WeirSlice text = get_text (document);

      append_tar_header (&tar, document->name, text.length, real_us);
      weir_wiped_append (&tar, text);
      weir_wiped_append_zeros (&tar, (BLOCK - text.length % BLOCK) % BLOCK);
    }
  weir_wiped_append_zeros (&tar, (size_t)2 * BLOCK);
  weir_wiped_deflate (out, weir_wiped_get_slice (&tar), WEIR_WIPED_GZIP);
}

static void
write_text (GPtrArray *documents, int64_t real_us, WeirWiped *out)
{
  g_auto (WeirWiped) tar = { 0 };
  gint state = 0;
  gint save = 0;
  gsize length = 0;

  write_tar (documents, real_us, &tar);
  weir_wiped_append_zeros (out, tar.length / 3 * 4 + 8);
  length = g_base64_encode_step ((const guchar *)tar.text, tar.length, FALSE, out->text,
                                 &state, &save);
  length += g_base64_encode_close (FALSE, out->text + length, &state, &save);
  out->length = length;
}

/* --- zip --- */

/* Date in the upper half, time in the lower, as MS-DOS had them. */
static uint32_t
make_dos_time (int64_t real_us)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (real_us / G_USEC_PER_SEC);
  const int year = g_date_time_get_year (date);
  const int day = (MAX (year, ZIP_FIRST_YEAR) - ZIP_FIRST_YEAR) << 9
                  | g_date_time_get_month (date) << 5 | g_date_time_get_day_of_month (date);
  const int time = g_date_time_get_hour (date) << 11 | g_date_time_get_minute (date) << 5
                   | g_date_time_get_second (date) / 2;

  return (uint32_t)day << 16 | (uint32_t)time;
}

/* What a file's two records have in common. */
static void
append_zip_facts (WeirWiped *out,
                  const WeirBundleDocument *document,
                  size_t packed,
                  int64_t real_us)
{
  const WeirSlice text = get_text (document);

  weir_wiped_append_number (out, ZIP_VERSION, 2);
  weir_wiped_append_number (out, 0, 2);
  weir_wiped_append_number (out, ZIP_DEFLATED, 2);
  weir_wiped_append_number (out, make_dos_time (real_us), 4);
  weir_wiped_append_number (out, weir_wiped_sum (text), 4);
  weir_wiped_append_number (out, packed, 4);
  weir_wiped_append_number (out, text.length, 4);
  weir_wiped_append_number (out, strlen (document->name), 2);
  weir_wiped_append_number (out, 0, 2);
}

static void
append_zip_file (WeirWiped *out,
                 WeirWiped *directory,
                 const WeirBundleDocument *document,
                 int64_t real_us)
{
  const WeirSlice name = weir_slice_from_string (document->name);
  const size_t start = out->length;
  g_auto (WeirWiped) packed = { 0 };

  weir_wiped_deflate (&packed, get_text (document), WEIR_WIPED_DEFLATE);
  weir_wiped_append (out, WEIR_SLICE ("PK\003\004"));
  append_zip_facts (out, document, packed.length, real_us);
  weir_wiped_append (out, name);
  weir_wiped_append (out, weir_wiped_get_slice (&packed));

  weir_wiped_append (directory, WEIR_SLICE ("PK\001\002"));
  weir_wiped_append_number (directory, ZIP_UNIX | ZIP_VERSION, 2);
  append_zip_facts (directory, document, packed.length, real_us);
  weir_wiped_append_number (directory, 0, 6); /* no comment, one disk, no kind */
  weir_wiped_append_number (directory, (uint32_t)(S_IFREG | FILE_MODE) << 16, 4);
  weir_wiped_append_number (directory, start, 4);
  weir_wiped_append (directory, name);
}

static void
write_zip (GPtrArray *documents, int64_t real_us, WeirWiped *out)
{
  g_auto (WeirWiped) directory = { 0 };
  size_t start = 0;

  for (unsigned i = 0; i < documents->len; i++)
    append_zip_file (out, &directory, g_ptr_array_index (documents, i), real_us);
  start = out->length;
  weir_wiped_append (out, weir_wiped_get_slice (&directory));
  weir_wiped_append (out, WEIR_SLICE ("PK\005\006"));
  weir_wiped_append_number (out, 0, 4); /* one disk */
  weir_wiped_append_number (out, documents->len, 2);
  weir_wiped_append_number (out, documents->len, 2);
  weir_wiped_append_number (out, directory.length, 4);
  weir_wiped_append_number (out, start, 4);
  weir_wiped_append_number (out, 0, 2);
}

GBytes *
weir_bundle_write (GPtrArray *documents, WeirBundleForm form, int64_t real_us)
{
  g_auto (WeirWiped) out = { 0 };

  switch (form)
    {
    case WEIR_BUNDLE_TEXT:
      write_text (documents, real_us, &out);
      break;
    case WEIR_BUNDLE_TAR:
      write_tar (documents, real_us, &out);
      break;
    case WEIR_BUNDLE_ZIP:
      write_zip (documents, real_us, &out);
      break;
    case WEIR_BUNDLE_FORM_LAST:
      g_assert_not_reached ();
    }
  return weir_wiped_steal_bytes (&out);
}
