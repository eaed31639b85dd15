/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Bytes that grow and leave no copy behind, and zlib (RFC 1950 to 1952) working in such
 * memory: for archives of sign-ins.  Pure. */

#include "base/weir-slice.h"

#include <gio/gio.h>
#include <stdint.h>

typedef struct
{
  char *text; /* (owned) (nullable) */
  size_t length;
  size_t room;
} WeirWiped;

/* A zeroed one is a valid empty one. */
void weir_wiped_clear (WeirWiped *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirWiped, weir_wiped_clear)

WeirSlice weir_wiped_get_slice (const WeirWiped *self);
void weir_wiped_append (WeirWiped *self, WeirSlice bytes);
/* @value in @n bytes (at most 8), lowest first. */
void weir_wiped_append_number (WeirWiped *self, uint64_t value, unsigned n);
void weir_wiped_append_zeros (WeirWiped *self, size_t n);
/* (transfer full): to be released by weir_file_wipe; @self is empty then. */
GBytes *weir_wiped_steal_bytes (WeirWiped *self);

typedef enum
{
  WEIR_WIPED_GZIP,
  WEIR_WIPED_DEFLATE, /* bare, as in a zip archive */
} WeirWipedForm;

typedef enum
{
  WEIR_WIPED_WHOLE,
  WEIR_WIPED_BROKEN,
  WEIR_WIPED_TOO_LARGE, /* there is more in it than @max bytes */
} WeirWipedOutcome;

/* Unpacks @bytes behind what @self holds, up to the end of its stream. */
WeirWipedOutcome
weir_wiped_inflate (WeirWiped *self, WeirSlice bytes, WeirWipedForm form, size_t max);
/* Packs @bytes behind what @self holds. */
void weir_wiped_deflate (WeirWiped *self, WeirSlice bytes, WeirWipedForm form);
/* CRC-32 as gzip and zip have it. */
uint32_t weir_wiped_sum (WeirSlice bytes);
