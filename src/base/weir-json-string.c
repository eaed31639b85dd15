/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The scan of a JSON string, 64 bytes a step.  Quotes behind a backslash are found by
 * arithmetic on the masks, not by looking at every backslash: an agent's history has one
 * escape in forty bytes, and a branch for each would be mispredicted.  Decoding is not
 * done here. */

#include "config.h"

#include "base/weir-json-string.h"

#define EVEN_BITS UINT64_C (0x5555555555555555)
#define ODD_BITS (~EVEN_BITS)

static const char *
fail (WeirJsonString *self, const char *where, const char *problem)
{
  self->problem = problem;
  self->where = where;
  return NULL;
}

/* Bits of the bytes that are escaped by a backslash before them.  The second backslash of a
 * pair is left out, unless the pair straddles two blocks.  @carry: byte 0 is escaped; left
 * set when the first byte of the next block is. */
static inline uint64_t
find_escaped (uint64_t backslashes, uint64_t *carry)
{
  const uint64_t first = *carry;
  uint64_t starts, behind_odd, behind_even;

  backslashes &= ~first;
  starts = backslashes & ~(backslashes << 1);
  /* adding the start of a run ripples through it: the sum has a bit behind the run */
  behind_even = (backslashes + (starts & EVEN_BITS)) & ~backslashes;
  *carry = __builtin_add_overflow (backslashes, starts & ODD_BITS, &behind_odd);
  behind_odd &= ~backslashes;
  return first | (behind_even & ODD_BITS) | (behind_odd & EVEN_BITS);
}

static gboolean
is_escape (WeirJsonString *self, const char *p)
{
  if (*p != 'u')
    return *p != '\0' && strchr ("\"\\/bfnrt", *p) != NULL;
  if (self->end - p < 5)
    return FALSE;
  for (int i = 1; i <= 4; i++)
    if (!g_ascii_isxdigit (p[i]))
      return FALSE;
  return TRUE;
}

static gboolean
check_escapes (WeirJsonString *self, const char *p, uint64_t escaped)
{
  for (; escaped != 0; escaped &= escaped - 1)
    {
      const char *letter = p + __builtin_ctzll (escaped);

      if (letter >= self->end)
        return fail (self, self->end, "string without end") != NULL;
      if (!is_escape (self, letter))
        return fail (self, letter, "invalid escape") != NULL;
    }
  return TRUE;
}

static inline gboolean
is_tail (unsigned char byte)
{
  return (byte & 0xc0) == 0x80;
}

unsigned
weir_json_measure_character (const char *text, const char *end)
{
  const unsigned char *p = (const unsigned char *)text;
  const size_t left = (size_t)(end - text);

  if (p[0] >= 0xe0 && p[0] < 0xf0)
    {
      const unsigned char least = p[0] == 0xe0 ? 0xa0 : 0x80;
      const unsigned char most = p[0] == 0xed ? 0x9f : 0xbf;

      return left >= 3 && p[1] >= least && p[1] <= most && is_tail (p[2]) ? 3 : 0;
    }
  if (p[0] >= 0xc2 && p[0] < 0xe0)
    return left >= 2 && is_tail (p[1]) ? 2 : 0;
  if (p[0] >= 0xf0 && p[0] < 0xf5)
    {
      const unsigned char least = p[0] == 0xf0 ? 0x90 : 0x80;
      const unsigned char most = p[0] == 0xf4 ? 0x8f : 0xbf;

      return left >= 4 && p[1] >= least && p[1] <= most && is_tail (p[2]) && is_tail (p[3])
                 ? 4
                 : 0;
    }
  return 0;
}

/* Skips the characters beyond ASCII at @p. */
static const char *
scan_characters (WeirJsonString *self, const char *p)
{
  if (p >= self->end)
    return fail (self, self->end, "string without end");
  if ((unsigned char)*p < 0x20)
    return fail (self, p, "control byte in a string");
  while (p < self->end && (*p & 0x80) != 0)
    {
      const unsigned length = weir_json_measure_character (p, self->end);

      if (length == 0)
        return fail (self, p, "invalid UTF-8");
      p += length;
    }
  return p;
}

const char *
weir_json_string_scan_long (WeirJsonString *self, const char *p)
{
  uint64_t any_backslash = 0;
  uint64_t carry = 0;

  for (;;)
    {
      char tail[WEIR_JSON_BLOCK];
      const char *bytes = p;
      WeirJsonBlock block;
      uint64_t escaped, stops, checked;

      if (G_UNLIKELY (self->end - p < WEIR_JSON_BLOCK))
        {
          /* zeros behind the text are control bytes: the scan stops there */
          memset (tail, 0, sizeof tail);
          if (p < self->end)
            memcpy (tail, p, (size_t)(self->end - p));
          bytes = tail;
        }
      weir_json_block_read (&block, bytes);
      escaped = find_escaped (block.backslash, &carry);
      stops = (block.quote & ~escaped) | block.special;
      checked = stops ^ (stops - 1); /* up to the first stop; all where there is none */
      any_backslash |= block.backslash & checked;
      escaped &= checked & ~(block.quote | block.letter_n | block.backslash);
      if (G_UNLIKELY (escaped != 0) && !check_escapes (self, p, escaped))
        return NULL;
      if (stops == 0)
        {
          p += WEIR_JSON_BLOCK;
          continue;
        }
      p += __builtin_ctzll (stops);
      if ((block.quote & stops & -stops) != 0)
        {
          self->escaped = any_backslash != 0;
          return p + 1;
        }
      p = scan_characters (self, p);
      if (p == NULL)
        return NULL;
      carry = 0;
    }
}
