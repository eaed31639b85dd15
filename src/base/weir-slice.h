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
  if (a.length != b.length)
    return FALSE;
  for (size_t i = 0; i < a.length; i++)
    if (a.text[i] != b.text[i]
        && ((a.text[i] ^ b.text[i]) != 0x20 || !g_ascii_isalpha (a.text[i])))
      return FALSE;
  return TRUE;
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

/* g_string_append_len, without a call where there is room: heads and documents are made of
 * many short texts. */
static inline void
weir_slice_append (WeirSlice a, GString *out)
{
  if (G_UNLIKELY (out->allocated_len - out->len <= a.length))
    {
      g_string_append_len (out, a.text, (gssize)a.length);
      return;
    }
  if (a.length > 0)
    memcpy (out->str + out->len, a.text, a.length);
  out->len += a.length;
  out->str[out->len] = '\0';
}

/* (transfer full): the bytes with a NUL behind them. */
static inline char *
weir_slice_dup (WeirSlice a)
{
  return g_strndup (a.text != NULL ? a.text : "", a.length);
}
