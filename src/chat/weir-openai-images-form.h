/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The form (multipart/form-data, RFC 7578) in which pictures are sent to be edited, read
 * strictly: what two readers could read in two ways is refused.  Pure.
 *
 * libsoup has a reader of multipart bodies that needs no I/O.  It is not used: it is made
 * for trusted peers (Debian 12's reads past the end of its buffer, CVE-2025-32914), takes
 * bare line feeds and text around the parts, has no cap, and stands above this room. */

#include "base/weir-slice.h"

#define WEIR_FORM_FIELDS_MAX 64u

typedef struct
{
  WeirSlice name;
  WeirSlice filename; /* NULL text: it is no file */
  WeirSlice type;     /* Content-Type; empty: none was said */
  WeirSlice data;     /* the bytes themselves */
} WeirFormField;

/* Slices point into the body that was read. */
typedef struct
{
  WeirFormField fields[WEIR_FORM_FIELDS_MAX];
  unsigned n_fields;
} WeirForm;

/* Is @content_type that of a form?  (What comes behind the type is not looked at.) */
gboolean weir_form_is_type (WeirSlice content_type);

/* Reads @body, whose Content-Type was @content_type.  FALSE: WEIR_ERROR_BAD_REQUEST. */
gboolean
weir_form_parse (WeirForm *self, WeirSlice content_type, WeirSlice body, GError **error);

/* The first field called @name, or NULL. */
const WeirFormField *weir_form_lookup (const WeirForm *self, const char *name);

/* (transfer full): the JSON body that asks for the same: `images` is a list of data URLs,
 * `mask` one; numbers and truths are no strings any more.  NULL: WEIR_ERROR_BAD_REQUEST. */
GBytes *weir_openai_images_form_to_json (const WeirForm *form, GError **error);
