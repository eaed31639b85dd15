/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* 64 bytes of JSON text at once, as bit masks: bit i tells about byte i.  SSE2 where there
 * is any, else eight bytes at a time in ordinary registers.  Only for weir-json-string.c
 * and the probe of short strings. */

#include <glib.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__) && !defined(WEIR_JSON_PORTABLE)
#define WEIR_JSON_SSE2 1
#include <emmintrin.h>
#else
#define WEIR_JSON_SSE2 0
#endif

#define WEIR_JSON_BLOCK 64

typedef struct
{
  uint64_t quote;     /* " */
  uint64_t backslash; /* \ */
  uint64_t letter_n;  /* n: behind a backslash the commonest byte of all */
  uint64_t special;   /* control bytes and everything that is not ASCII */
} WeirJsonBlock;

#if WEIR_JSON_SSE2

#define WEIR_JSON_PROBE 16

/* Offset of the first byte in the WEIR_JSON_PROBE bytes at @p that a plain string cannot
 * hold: quote, backslash, control byte, byte from 0x80 on.  WEIR_JSON_PROBE for none. */
static inline unsigned
weir_json_probe (const char *p)
{
  const __m128i bytes = _mm_loadu_si128 ((const __m128i *)(const void *)p);
  const __m128i hits
      = _mm_or_si128 (_mm_or_si128 (_mm_cmpeq_epi8 (bytes, _mm_set1_epi8 ('"')),
                                    _mm_cmpeq_epi8 (bytes, _mm_set1_epi8 ('\\'))),
                      _mm_cmplt_epi8 (bytes, _mm_set1_epi8 (0x20)));

  return (unsigned)__builtin_ctz ((unsigned)_mm_movemask_epi8 (hits) | 1u << 16);
}

static inline void
weir_json_block_read (WeirJsonBlock *self, const char *p)
{
  *self = (WeirJsonBlock){ 0 };
  for (unsigned i = 0; i < WEIR_JSON_BLOCK; i += 16)
    {
      const __m128i bytes = _mm_loadu_si128 ((const __m128i *)(const void *)(p + i));
      const __m128i quote = _mm_cmpeq_epi8 (bytes, _mm_set1_epi8 ('"'));
      const __m128i backslash = _mm_cmpeq_epi8 (bytes, _mm_set1_epi8 ('\\'));
      const __m128i letter_n = _mm_cmpeq_epi8 (bytes, _mm_set1_epi8 ('n'));
      const __m128i special = _mm_cmplt_epi8 (bytes, _mm_set1_epi8 (0x20));

      self->quote |= (uint64_t)(unsigned)_mm_movemask_epi8 (quote) << i;
      self->backslash |= (uint64_t)(unsigned)_mm_movemask_epi8 (backslash) << i;
      self->letter_n |= (uint64_t)(unsigned)_mm_movemask_epi8 (letter_n) << i;
      self->special |= (uint64_t)(unsigned)_mm_movemask_epi8 (special) << i;
    }
}

#else

#define WEIR_JSON_PROBE 8
#define WEIR_JSON_EACH(byte) (UINT64_C (0x0101010101010101) * (byte))
#define WEIR_JSON_HIGH WEIR_JSON_EACH (0x80)

static inline uint64_t
weir_json_load (const char *p)
{
  uint64_t bytes;

  memcpy (&bytes, p, sizeof bytes);
  return GUINT64_FROM_LE (bytes);
}

/* The high bit of every byte of @bytes that equals @byte. */
static inline uint64_t
weir_json_find (uint64_t bytes, uint64_t byte)
{
  const uint64_t other = bytes ^ WEIR_JSON_EACH (byte);

  return ~(((other & ~WEIR_JSON_HIGH) + ~WEIR_JSON_HIGH) | other) & WEIR_JSON_HIGH;
}

/* The high bit of every byte that is below 0x20 or above 0x7f. */
static inline uint64_t
weir_json_find_special (uint64_t bytes)
{
  const uint64_t above = (bytes & ~WEIR_JSON_HIGH) + WEIR_JSON_EACH (0x80 - 0x20);

  return (~above | bytes) & WEIR_JSON_HIGH;
}

/* High bits of eight bytes gathered into the low eight bits. */
static inline uint64_t
weir_json_gather (uint64_t hits)
{
  return ((hits >> 7) * UINT64_C (0x0102040810204080)) >> 56;
}

static inline unsigned
weir_json_probe (const char *p)
{
  const uint64_t bytes = weir_json_load (p);
  const uint64_t hits = weir_json_find (bytes, '"') | weir_json_find (bytes, '\\')
                        | weir_json_find_special (bytes);

  return hits == 0 ? WEIR_JSON_PROBE : (unsigned)__builtin_ctzll (hits) / 8;
}

static inline void
weir_json_block_read (WeirJsonBlock *self, const char *p)
{
  *self = (WeirJsonBlock){ 0 };
  for (unsigned i = 0; i < WEIR_JSON_BLOCK; i += 8)
    {
      const uint64_t bytes = weir_json_load (p + i);

      self->quote |= weir_json_gather (weir_json_find (bytes, '"')) << i;
      self->backslash |= weir_json_gather (weir_json_find (bytes, '\\')) << i;
      self->letter_n |= weir_json_gather (weir_json_find (bytes, 'n')) << i;
      self->special |= weir_json_gather (weir_json_find_special (bytes)) << i;
    }
}

#endif
