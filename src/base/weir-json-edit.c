/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Splices over a text that is not touched.  The commas are the whole difficulty: which one
 * goes with a removed member depends on what else is removed, so the removals of an object
 * are made anew each time one of its members is set or removed.  Every member owns the
 * comma before it; of members removed at the start, the first one left gives up its own. */

#include "config.h"

#include "base/weir-json-edit.h"

#include "base/weir-json-write.h"

static void
clear_splice (gpointer data)
{
  WeirJsonSplice *splice = data;

  g_free (splice->text);
}

void
weir_json_edit_clear (WeirJsonEdit *self)
{
  g_clear_pointer (&self->splices, g_array_unref);
}

static size_t
count_splices (const WeirJsonEdit *self)
{
  return self->splices != NULL ? self->splices->len : 0;
}

static WeirJsonSplice *
get_splice (const WeirJsonEdit *self, size_t i)
{
  return &g_array_index (self->splices, WeirJsonSplice, i);
}

static void
drop_splice (WeirJsonEdit *self, size_t i)
{
  g_array_remove_index (self->splices, (unsigned)i);
}

/* The splice that has taken away the byte at @offset, or NULL. */
static const WeirJsonSplice *
find_cover (const WeirJsonEdit *self, size_t offset)
{
  for (size_t i = 0; i < count_splices (self); i++)
    {
      const WeirJsonSplice *splice = get_splice (self, i);

      if (splice->start <= offset && offset < splice->end)
        return splice;
    }
  return NULL;
}

/* Adds @splice in its place, for all those inside it. */
static void
add_splice (WeirJsonEdit *self, WeirJsonSplice splice)
{
  size_t place = 0;

  if (self->splices == NULL)
    {
      self->splices = g_array_new (FALSE, FALSE, sizeof (WeirJsonSplice));
      g_array_set_clear_func (self->splices, clear_splice);
    }
  while (place < self->splices->len)
    {
      const WeirJsonSplice *other = get_splice (self, place);

      if (other->start > splice.start && other->start >= splice.end)
        break;
      if (other->start >= splice.start && other->start < splice.end)
        drop_splice (self, place);
      else
        place++;
    }
  g_array_insert_val (self->splices, (unsigned)place, splice);
}

/* What lies inside a replaced value is gone already. */
void
weir_json_edit_replace_bytes (WeirJsonEdit *self,
                              size_t start,
                              size_t end,
                              WeirSlice json_text)
{
  const WeirJsonSplice *cover = find_cover (self, start);

  if (cover != NULL && (cover->start != start || cover->end > end))
    return;
  add_splice (self, (WeirJsonSplice){
                        .start = start,
                        .end = end,
                        .text = weir_slice_dup (json_text),
                        .length = json_text.length,
                        .kind = WEIR_JSON_SPLICE_REPLACE,
                    });
}

void
weir_json_edit_replace (WeirJsonEdit *self,
                        const WeirJson *json,
                        uint32_t item,
                        WeirSlice json_text)
{
  g_return_if_fail (item < json->n_items);

  weir_json_edit_replace_bytes (self, json->items[item].start, json->items[item].end,
                                json_text);
}

static GString *
quote (const char *text)
{
  GString *quoted = g_string_new ("\"");

  weir_json_escape (quoted, weir_slice_from_string (text), FALSE);
  return g_string_append_c (quoted, '"');
}

void
weir_json_edit_replace_text (WeirJsonEdit *self,
                             const WeirJson *json,
                             uint32_t item,
                             const char *text)
{
  GString *quoted = quote (text);

  weir_json_edit_replace (self, json, item, (WeirSlice){ quoted->str, quoted->len });
  g_string_free (quoted, TRUE);
}

void
weir_json_edit_replace_range (WeirJsonEdit *self,
                              size_t start,
                              size_t end,
                              const char *text)
{
  GString *quoted = quote (text);

  weir_json_edit_replace_bytes (self, start, end, (WeirSlice){ quoted->str, quoted->len });
  g_string_free (quoted, TRUE);
}

/* A recorded object that is still there. */
static gboolean
is_editable (const WeirJsonEdit *self, const WeirJson *json, uint32_t object)
{
  g_return_val_if_fail (object < json->n_items, FALSE);
  g_return_val_if_fail (weir_json_get_type (json, object) == WEIR_JSON_OBJECT, FALSE);
  g_return_val_if_fail ((json->items[object].flags & WEIR_JSON_OPAQUE) == 0, FALSE);

  return find_cover (self, json->items[object].start) == NULL;
}

/* Name items of the members of @object that are removed so far. */
static GHashTable *
collect_removed (const WeirJsonEdit *self, const WeirJson *json, uint32_t object)
{
  GHashTable *removed = g_hash_table_new (NULL, NULL);

  for (uint32_t i = weir_json_first (json, object); i != 0;
       i = weir_json_next (json, object, i))
    {
      const WeirJsonSplice *cover = find_cover (self, json->items[i].start);

      if (cover != NULL && cover->kind == WEIR_JSON_SPLICE_REMOVE)
        g_hash_table_add (removed, GUINT_TO_POINTER (i));
    }
  return removed;
}

static void
drop_removals (WeirJsonEdit *self, const WeirJson *json, uint32_t object)
{
  for (uint32_t i = weir_json_first (json, object); i != 0;
       i = weir_json_next (json, object, i))
    for (size_t k = 0; k < count_splices (self); k++)
      {
        const WeirJsonSplice *splice = get_splice (self, k);

        if (splice->kind == WEIR_JSON_SPLICE_REMOVE && splice->start <= json->items[i].start
            && json->items[i].start < splice->end)
          drop_splice (self, k--);
      }
}

static void
add_removal (WeirJsonEdit *self, size_t start, size_t end)
{
  add_splice (self, (WeirJsonSplice){
                        .start = start,
                        .end = end,
                        .kind = WEIR_JSON_SPLICE_REMOVE,
                    });
}

/* Adds the removals of @container's children in @removed; TRUE when one is left. */
static gboolean
add_removals (WeirJsonEdit *self,
              const WeirJson *json,
              uint32_t container,
              GHashTable *removed)
{
  const uint32_t first = weir_json_first (json, container);
  const uint32_t value = weir_json_get_type (json, container) == WEIR_JSON_OBJECT;
  gboolean any_left = FALSE;
  uint32_t previous_end = 0;

  for (uint32_t i = first; i != 0; i = weir_json_next (json, container, i))
    {
      const gboolean is_removed = g_hash_table_contains (removed, GUINT_TO_POINTER (i));
      const uint32_t end = json->items[i + value].end;

      if (is_removed && any_left)
        add_removal (self, previous_end, end);
      if (!is_removed && !any_left && i != first)
        add_removal (self, json->items[first].start, json->items[i].start);
      any_left = any_left || !is_removed;
      previous_end = end;
    }
  if (first != 0 && !any_left)
    add_removal (self, json->items[first].start, previous_end);
  return any_left;
}

/* The comma before the first appended member stands only behind another member. */
static void
settle_comma (WeirJsonEdit *self, size_t place, gboolean any_left)
{
  for (size_t i = 0; i < count_splices (self); i++)
    {
      WeirJsonSplice *splice = get_splice (self, i);
      const gboolean has_comma = splice->length > 0 && splice->text[0] == ',';

      if (splice->kind != WEIR_JSON_SPLICE_APPEND || splice->start != place)
        continue;
      if (any_left && !has_comma)
        {
          g_autofree char *old = splice->text;

          splice->text = g_strconcat (",", old, NULL);
          splice->length++;
        }
      else if (!any_left && has_comma)
        {
          memmove (splice->text, splice->text + 1, splice->length);
          splice->length--;
        }
      any_left = TRUE;
    }
}

/* Takes back an appended member whose text starts with @prefix: its name and colon. */
static void
drop_appended (WeirJsonEdit *self, size_t place, const char *prefix)
{
  for (size_t i = 0; i < count_splices (self); i++)
    {
      const WeirJsonSplice *splice = get_splice (self, i);

      if (splice->kind == WEIR_JSON_SPLICE_APPEND && splice->start == place
          && g_str_has_prefix (splice->text + (splice->text[0] == ','), prefix))
        {
          drop_splice (self, i);
          return;
        }
    }
}

/* Sets the member to @value, or removes it where that is NULL. */
static void
edit_member (WeirJsonEdit *self,
             const WeirJson *json,
             uint32_t object,
             const char *name,
             const WeirSlice *value)
{
  g_autoptr (GHashTable) removed = NULL;
  g_autoptr (GString) prefix = NULL;
  const size_t place = json->items[object].end - 1;
  gboolean is_set = FALSE;

  if (!is_editable (self, json, object))
    return;
  removed = collect_removed (self, json, object);
  prefix = g_string_append_c (quote (name), ':');
  drop_removals (self, json, object);
  drop_appended (self, place, prefix->str);

  for (uint32_t i = weir_json_first (json, object); i != 0;
       i = weir_json_next (json, object, i))
    {
      if (is_set || !weir_json_equals (json, i, name))
        continue;
      if (value == NULL)
        g_hash_table_add (removed, GUINT_TO_POINTER (i));
      else
        {
          g_hash_table_remove (removed, GUINT_TO_POINTER (i));
          weir_json_edit_replace (self, json, i + 1, *value);
          is_set = TRUE;
        }
    }
  if (value != NULL && !is_set)
    {
      g_string_append_len (prefix, value->text, (gssize)value->length);
      add_splice (self, (WeirJsonSplice){
                            .start = place,
                            .end = place,
                            .text = g_strndup (prefix->str, prefix->len),
                            .length = prefix->len,
                            .kind = WEIR_JSON_SPLICE_APPEND,
                        });
    }
  settle_comma (self, place, add_removals (self, json, object, removed));
}

void
weir_json_edit_set (WeirJsonEdit *self,
                    const WeirJson *json,
                    uint32_t object,
                    const char *name,
                    WeirSlice json_text)
{
  edit_member (self, json, object, name, &json_text);
}

void
weir_json_edit_remove (WeirJsonEdit *self,
                       const WeirJson *json,
                       uint32_t object,
                       const char *name)
{
  edit_member (self, json, object, name, NULL);
}

void
weir_json_edit_append_element (WeirJsonEdit *self,
                               const WeirJson *json,
                               uint32_t array,
                               WeirSlice json_text)
{
  const size_t place = json->items[array].end - 1;
  const gboolean comma = weir_json_first (json, array) != 0;
  g_autofree char *element = weir_slice_dup (json_text);

  add_splice (self, (WeirJsonSplice){
                        .start = place,
                        .end = place,
                        .text = g_strconcat (comma ? "," : "", element, NULL),
                        .length = json_text.length + (comma ? 1 : 0),
                        .kind = WEIR_JSON_SPLICE_APPEND,
                    });
}

void
weir_json_edit_remove_elements (WeirJsonEdit *self,
                                const WeirJson *json,
                                uint32_t array,
                                const uint32_t *elements,
                                size_t n)
{
  g_autoptr (GHashTable) removed = g_hash_table_new (NULL, NULL);

  for (size_t i = 0; i < n; i++)
    g_hash_table_add (removed, GUINT_TO_POINTER (elements[i]));
  add_removals (self, json, array, removed);
}

gboolean
weir_json_edit_is_empty (const WeirJsonEdit *self)
{
  return count_splices (self) == 0;
}

size_t
weir_json_edit_get_length (const WeirJsonEdit *self, size_t text_length)
{
  size_t length = text_length;

  for (size_t i = 0; i < count_splices (self); i++)
    {
      const WeirJsonSplice *splice = get_splice (self, i);

      length = length - (splice->end - splice->start) + splice->length;
    }
  return length;
}

size_t
weir_json_edit_count_runs (const WeirJsonEdit *self)
{
  return 2 * count_splices (self) + 1;
}

size_t
weir_json_edit_get_runs (const WeirJsonEdit *self,
                         WeirSlice text,
                         WeirSlice *runs,
                         size_t n_runs)
{
  size_t offset = 0;
  size_t n = 0;

  g_return_val_if_fail (n_runs >= weir_json_edit_count_runs (self), 0);

  for (size_t i = 0; i < count_splices (self); i++)
    {
      const WeirJsonSplice *splice = get_splice (self, i);

      if (splice->start > offset)
        runs[n++] = (WeirSlice){ text.text + offset, splice->start - offset };
      if (splice->length > 0)
        runs[n++] = (WeirSlice){ splice->text, splice->length };
      offset = splice->end;
    }
  if (text.length > offset)
    runs[n++] = (WeirSlice){ text.text + offset, text.length - offset };
  return n;
}

GBytes *
weir_json_edit_apply (const WeirJsonEdit *self, WeirSlice text)
{
  const size_t length = weir_json_edit_get_length (self, text.length);
  const size_t n_most = weir_json_edit_count_runs (self);
  g_autofree WeirSlice *runs = g_new (WeirSlice, n_most);
  const size_t n_runs = weir_json_edit_get_runs (self, text, runs, n_most);
  char *edited = g_malloc (MAX (length, 1));
  char *to = edited;

  for (size_t i = 0; i < n_runs; i++)
    {
      memcpy (to, runs[i].text, runs[i].length);
      to += runs[i].length;
    }
  return g_bytes_new_take (edited, length);
}
