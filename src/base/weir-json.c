/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Questions to the table of a parsed text: children, members, decoded strings, numbers.
 * The scan that fills the table is in weir-json-scan.c; here the text is known to be
 * good. */

#include "config.h"

#include "base/weir-json.h"

#include "base/weir-error.h"

/* Up to here each name is compared with each: no allocation, and faster than sorting. */
#define FEW_NAMES 24

/* 80 KiB of items: more than any event of a stream has. */
#define KEPT_ITEMS 4096

void
weir_json_clear (WeirJson *self)
{
  g_clear_pointer (&self->items, g_free);
  *self = (WeirJson){ 0 };
}

void
weir_json_shrink (WeirJson *self)
{
  if (self->n_allocated > KEPT_ITEMS)
    weir_json_clear (self);
  self->text = NULL;
  self->length = 0;
  self->n_items = 0;
}

uint32_t
weir_json_first (const WeirJson *self, uint32_t container)
{
  if (container >= self->n_items || self->items[container].type == WEIR_JSON_NAME)
    return 0;
  return self->items[container].next > container + 1 ? container + 1 : 0;
}

uint32_t
weir_json_next (const WeirJson *self, uint32_t container, uint32_t child)
{
  const uint32_t value = self->items[child].type == WEIR_JSON_NAME ? child + 1 : child;
  const uint32_t next = self->items[value].next;

  return next < self->items[container].next ? next : 0;
}

static inline gboolean
is_text (const WeirJson *self, uint32_t item)
{
  return item < self->n_items
         && (self->items[item].type == WEIR_JSON_STRING
             || self->items[item].type == WEIR_JSON_NAME);
}

/* The bytes between the quotes. */
static inline WeirSlice
get_inner (const WeirJson *self, uint32_t item)
{
  const WeirJsonItem *it = &self->items[item];

  return (WeirSlice){ self->text + it->start + 1, it->end - it->start - 2 };
}

static unsigned
decode_hex (const char *digits)
{
  unsigned value = 0;

  for (int i = 0; i < 4; i++)
    value = value << 4 | (unsigned)g_ascii_xdigit_value (digits[i]);
  return value;
}

/* Appends what the escape at @p (its backslash) means and returns the byte behind it. */
static const char *
append_escape (GString *out, const char *p, const char *end)
{
  static const char letters[] = "bfnrt";
  static const char meanings[] = "\b\f\n\r\t";
  const char *letter = strchr (letters, p[1]);
  gunichar character;

  if (p[1] != 'u')
    {
      g_string_append_c (out, letter != NULL ? meanings[letter - letters] : p[1]);
      return p + 2;
    }
  character = decode_hex (p + 2);
  p += 6;
  if (character >= 0xd800 && character < 0xdc00 && end - p >= 6 && p[0] == '\\'
      && p[1] == 'u')
    {
      const gunichar low = decode_hex (p + 2);

      if (low >= 0xdc00 && low < 0xe000)
        {
          character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
          p += 6;
        }
    }
  if (character >= 0xd800 && character < 0xe000)
    character = 0xfffd;
  g_string_append_unichar (out, character);
  return p;
}

static void
append_decoded (GString *out, WeirSlice escaped)
{
  const char *p = escaped.text;
  const char *end = p + escaped.length;

  while (p < end)
    {
      const char *backslash = memchr (p, '\\', (size_t)(end - p));

      if (backslash == NULL)
        backslash = end;
      g_string_append_len (out, p, backslash - p);
      p = backslash < end ? append_escape (out, backslash, end) : end;
    }
}

gboolean
weir_json_equals_wholly (const WeirJson *self, uint32_t item, const char *text)
{
  g_autoptr (GString) decoded = NULL;

  if ((self->items[item].flags & WEIR_JSON_ESCAPED) == 0)
    {
      const WeirSlice inner = get_inner (self, item);

      /* a good text holds no NUL: @text does not end inside it unnoticed */
      return strncmp (inner.text, text, inner.length) == 0 && text[inner.length] == '\0';
    }
  decoded = g_string_new (NULL);
  append_decoded (decoded, get_inner (self, item));
  return weir_slice_equal ((WeirSlice){ decoded->str, decoded->len },
                           weir_slice_from_string (text));
}

uint32_t
weir_json_lookup (const WeirJson *self, uint32_t object, const char *name)
{
  uint32_t end;

  if (object >= self->n_items || self->items[object].type != WEIR_JSON_OBJECT)
    return 0;
  end = self->items[object].next;
  for (uint32_t i = object + 1; i < end; i = self->items[i + 1].next)
    {
      const WeirJsonItem *item = &self->items[i];
      const char *inner = self->text + item->start + 1;
      const size_t length = item->end - item->start - 2;

      if ((item->flags & WEIR_JSON_ESCAPED) != 0)
        {
          if (weir_json_equals (self, i, name))
            return i + 1;
        }
      else if (*inner == *name && strncmp (inner, name, length) == 0
               && name[length] == '\0')
        return i + 1;
    }
  return 0;
}

static int
compare_slices (gconstpointer a, gconstpointer b)
{
  const WeirSlice *left = a;
  const WeirSlice *right = b;

  if (left->length != right->length)
    return left->length < right->length ? -1 : 1;
  return left->length != 0 ? memcmp (left->text, right->text, left->length) : 0;
}

static gboolean
fail_duplicate (const WeirJson *self, uint32_t object, GError **error)
{
  return weir_error_set (error, WEIR_ERROR_JSON_DUPLICATE,
                         "a name stands twice in the object at byte %u of the JSON text",
                         self->items[object].start);
}

/* For objects with many names or with escapes in one: the decoded names, sorted. */
static gboolean
check_decoded_names (const WeirJson *self, uint32_t object, GError **error)
{
  g_autoptr (GPtrArray) decoded
      = g_ptr_array_new_with_free_func (g_free); /* of the decoded names' bytes */
  g_autoptr (GArray) names = g_array_new (FALSE, FALSE, sizeof (WeirSlice));

  for (uint32_t i = weir_json_first (self, object); i != 0;
       i = weir_json_next (self, object, i))
    {
      WeirSlice name = get_inner (self, i);

      if ((self->items[i].flags & WEIR_JSON_ESCAPED) != 0)
        {
          GString *text = g_string_new (NULL);

          append_decoded (text, name);
          name = (WeirSlice){ text->str, text->len };
          g_ptr_array_add (decoded, g_string_free (text, FALSE));
          if (memchr (name.text, '\0', name.length) != NULL)
            return weir_error_set (error, WEIR_ERROR_BAD_JSON,
                                   "a name with \\u0000 at byte %u of the JSON text",
                                   self->items[i].start);
        }
      g_array_append_val (names, name);
    }
  g_array_sort (names, compare_slices);
  for (unsigned i = 1; i < names->len; i++)
    if (weir_slice_equal (g_array_index (names, WeirSlice, i - 1),
                          g_array_index (names, WeirSlice, i)))
      return fail_duplicate (self, object, error);
  return TRUE;
}

gboolean
weir_json_check_names (const WeirJson *self, uint32_t object, GError **error)
{
  WeirSlice seen[FEW_NAMES];
  unsigned n_seen = 0;

  for (uint32_t i = weir_json_first (self, object); i != 0;
       i = weir_json_next (self, object, i))
    {
      if (self->items[i].type != WEIR_JSON_NAME)
        return TRUE;
      if (n_seen == FEW_NAMES || (self->items[i].flags & WEIR_JSON_ESCAPED) != 0)
        return check_decoded_names (self, object, error);
      seen[n_seen] = get_inner (self, i);
      for (unsigned k = 0; k < n_seen; k++)
        if (weir_slice_equal (seen[k], seen[n_seen]))
          return fail_duplicate (self, object, error);
      n_seen++;
    }
  return TRUE;
}

void
weir_json_append_text (const WeirJson *self, uint32_t item, GString *out)
{
  g_return_if_fail (is_text (self, item));

  append_decoded (out, get_inner (self, item));
}

char *
weir_json_dup_text (const WeirJson *self, uint32_t item)
{
  GString *text;

  if (!is_text (self, item))
    return NULL;
  text = g_string_sized_new (get_inner (self, item).length + 1);
  append_decoded (text, get_inner (self, item));
  return g_string_free (text, strlen (text->str) != text->len);
}

gboolean
weir_json_get_uint (const WeirJson *self, uint32_t item, uint64_t *out_value)
{
  uint64_t value = 0;
  WeirSlice raw;

  if (item >= self->n_items || self->items[item].type != WEIR_JSON_NUMBER)
    return FALSE;
  raw = weir_json_get_raw (self, item);
  for (size_t i = 0; i < raw.length; i++)
    if (!g_ascii_isdigit (raw.text[i]) || __builtin_mul_overflow (value, 10, &value)
        || __builtin_add_overflow (value, (uint64_t)(raw.text[i] - '0'), &value))
      return FALSE;
  *out_value = value;
  return TRUE;
}
