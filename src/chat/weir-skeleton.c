/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Learning and comparing the shape of an event.  What may be learnt is the dialects'
 * business. */

#include "config.h"

#include "chat/weir-skeleton.h"

static void
add_hole (WeirSkeleton *self, uint32_t start, uint32_t end, uint8_t slot)
{
  size_t at = self->n_holes;

  if (self->n_holes == WEIR_SKELETON_HOLES)
    {
      self->spoilt = TRUE;
      return;
    }
  for (; at > 0 && self->holes[at - 1].start > start; at--)
    self->holes[at] = self->holes[at - 1];
  self->holes[at] = (WeirSkeletonHole){ start, end, slot };
  self->n_holes++;
}

void
weir_skeleton_clear (WeirSkeleton *self)
{
  g_free (self->bytes);
  *self = (WeirSkeleton){ 0 };
}

void
weir_skeleton_begin (WeirSkeleton *self)
{
  self->n_holes = 0;
  self->length = 0;
  self->has_numbers = FALSE;
  self->spoilt = FALSE;
}

void
weir_skeleton_add_text (WeirSkeleton *self, const WeirJson *json, uint32_t item)
{
  const WeirJsonItem *it = &json->items[item];

  g_return_if_fail (it->type == WEIR_JSON_STRING);

  add_hole (self, it->start + 1, it->end - 1, WEIR_SKELETON_TEXT);
}

void
weir_skeleton_add_number (WeirSkeleton *self,
                          const WeirJson *json,
                          uint32_t item,
                          uint8_t slot)
{
  const WeirJsonItem *it = &json->items[item];
  uint64_t value;

  if (!weir_json_get_uint (json, item, &value))
    {
      self->spoilt = TRUE;
      return;
    }
  self->has_numbers = TRUE;
  add_hole (self, it->start, it->end, slot);
}

void
weir_skeleton_learn (WeirSkeleton *self, WeirSlice event)
{
  if (self->spoilt || self->n_holes == 0 || event.length > WEIR_SKELETON_BYTES)
    return;
  if (event.length > self->n_allocated)
    {
      self->bytes = g_realloc (self->bytes, event.length);
      self->n_allocated = (uint16_t)event.length;
    }
  memcpy (self->bytes, event.text, event.length);
  self->length = (uint16_t)event.length;
}

/* The quote that ends the string whose text starts at @at, or NULL. */
static const char *
find_quote (const char *at, const char *end)
{
  const char *quote = at;

  while ((quote = memchr (quote, '"', (size_t)(end - quote))) != NULL)
    {
      const char *behind = quote;

      while (behind > at && behind[-1] == '\\')
        behind--;
      if ((quote - behind) % 2 == 0)
        return quote;
      quote++;
    }
  return NULL;
}

/* Behind the digits at @at, or NULL where no JSON integer of at most 18 digits stands. */
static const char *
read_number (const char *at, const char *end, uint64_t *out_value)
{
  const char *digit = at;
  uint64_t value = 0;

  for (; digit < end && *digit >= '0' && *digit <= '9'; digit++)
    value = value * 10 + (uint64_t)(*digit - '0');
  if (digit == at || digit - at > 18 || (*at == '0' && digit - at > 1))
    return NULL;
  *out_value = value;
  return digit;
}

gboolean
weir_skeleton_match (const WeirSkeleton *self, WeirSlice event, uint64_t *numbers)
{
  uint64_t values[WEIR_SKELETON_HOLES];
  const char *at = event.text;
  const char *end;
  uint32_t learnt = 0;

  if (self->length == 0 || event.length == 0)
    return FALSE;
  end = event.text + event.length;
  for (size_t i = 0; i < self->n_holes; i++)
    {
      const WeirSkeletonHole *hole = &self->holes[i];
      size_t fixed = hole->start - learnt;

      if ((size_t)(end - at) < fixed || memcmp (at, self->bytes + learnt, fixed) != 0)
        return FALSE;
      at += fixed;
      at = hole->slot == WEIR_SKELETON_TEXT ? find_quote (at, end)
                                            : read_number (at, end, &values[i]);
      if (at == NULL)
        return FALSE;
      learnt = hole->end;
    }
  if ((size_t)(end - at) != self->length - learnt
      || memcmp (at, self->bytes + learnt, self->length - learnt) != 0)
    return FALSE;

  for (size_t i = 0; i < self->n_holes; i++)
    if (self->holes[i].slot != WEIR_SKELETON_TEXT)
      numbers[self->holes[i].slot] = values[i];
  return TRUE;
}
