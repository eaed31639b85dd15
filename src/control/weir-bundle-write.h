/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Many documents as one file, for another machine; weir-import-bundle.h reads it.  Pure. */

#include "control/weir-import-bundle.h"

#include <gio/gio.h>
#include <stdint.h>

typedef enum
{
  WEIR_BUNDLE_TEXT, /* base64 of a gzip'd tar archive: AUTH_BUNDLE */
  WEIR_BUNDLE_TAR,  /* gzip'd */
  WEIR_BUNDLE_ZIP,  /* AUTH_ZIP_URL */
  WEIR_BUNDLE_FORM_LAST,
} WeirBundleForm;

/* "bundle", "tar.gz" and "zip"; FALSE: it is none of them. */
gboolean weir_bundle_form_parse (const char *name, WeirBundleForm *out);

typedef struct
{
  char *name;   /* (owned): of the file, at most 99 bytes of ASCII, no slash */
  GBytes *text; /* (owned) */
} WeirBundleDocument;

/* Wipes its text. */
void weir_bundle_document_free (WeirBundleDocument *self);

/* (transfer full): of WeirBundleDocument; to be released by weir_file_wipe.  @real_us: the
 * time that stands in the archive, since 1970.  The same documents make the same bytes. */
GBytes *weir_bundle_write (GPtrArray *documents, WeirBundleForm form, int64_t real_us);
