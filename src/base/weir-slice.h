/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A run of bytes that somebody else owns.  Never NUL-terminated, may hold NUL; length 0 is
 * the empty run and then text may be NULL. */

#include <glib.h>
#include <string.h>

typedef struct
{
  const char *text; /* (unowned) (nullable) */
  size_t length;
} WeirSlice;

#define WEIR_SLICE(literal) ((WeirSlice){ "" literal, sizeof (literal) - 1 })

static inline WeirSlice
weir_slice_from_string (const char *text)
{
  return (WeirSlice){ text, text != NULL ? strlen (text) : 0 };
}

static inline gboolean
weir_slice_equal (WeirSlice a, WeirSlice b)
{
  return a.length == b.length && (a.length == 0 || memcmp (a.text, b.text, a.length) == 0);
}

/* ASCII case does not count. */
static inline gboolean
weir_slice_equal_nocase (WeirSlice a, WeirSlice b)
{
  /* most names differ in length or in the first letter: those cost no call */
  return a.length == b.length
         && (a.length == 0
             || (((*a.text ^ *b.text) & ~0x20) == 0
                 && g_ascii_strncasecmp (a.text, b.text, a.length) == 0));
}

static inline gboolean
weir_slice_has_prefix (WeirSlice a, WeirSlice prefix)
{
  return a.length >= prefix.length
         && (prefix.length == 0 || memcmp (a.text, prefix.text, prefix.length) == 0);
}

static inline gboolean
weir_slice_has_suffix (WeirSlice a, WeirSlice suffix)
{
  return a.length >= suffix.length
         && (suffix.length == 0
             || memcmp (a.text + a.length - suffix.length, suffix.text, suffix.length)
                    == 0);
}

/* (transfer full): the bytes with a NUL behind them. */
static inline char *
weir_slice_dup (WeirSlice a)
{
  return g_strndup (a.text != NULL ? a.text : "", a.length);
}
