/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A body under edit.  An operation is planned first: the places it leads to, found in the
 * table of the text.  Where one of them touches what an earlier operation has changed, the
 * earlier ones are applied and the text is read anew; so the result is that of operations
 * done one after another, but a text is mostly read once. */

#include "config.h"

#include "providers/weir-payload-private.h"

#include "base/weir-error.h"
#include "base/weir-json-write.h"

typedef enum
{
  PLACE_VALUE,    /* `item` is replaced, or its member or element goes */
  PLACE_MEMBER,   /* a member is added to `container` */
  PLACE_ELEMENTS, /* elements of `container` come or go */
} PlaceKind;

/* Where an operation lands: the steps from @step on do not exist there yet. */
typedef struct
{
  PlaceKind kind;
  uint32_t container;
  uint32_t item;
  unsigned step;
  gboolean idle; /* nothing is done here, but what happened here before matters */
} Place;

/* What an operation has touched, for those that come later. */
typedef struct
{
  size_t start;
  size_t end;
  const char *name; /* (unowned) (nullable) of a member that was added at @start */
} Mark;

void
weir_payload_body_clear (WeirPayloadBody *self)
{
  g_clear_pointer (&self->owned, g_bytes_unref);
  g_clear_pointer (&self->marks, g_array_unref);
  weir_json_clear (&self->json);
  weir_json_edit_clear (&self->edit);
}

static gboolean
read_table (WeirPayloadBody *self, GError **error)
{
  if (!weir_json_parse (&self->json, self->text.text, self->text.length, NULL, error))
    return FALSE;
  if (weir_json_get_type (&self->json, 0) != WEIR_JSON_OBJECT)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "the body is no object");
  return TRUE;
}

gboolean
weir_payload_body_init (WeirPayloadBody *self,
                        WeirSlice text,
                        const char *root,
                        GError **error)
{
  *self = (WeirPayloadBody){ .text = text, .root = root };
  self->marks = g_array_new (FALSE, FALSE, sizeof (Mark));
  return read_table (self, error);
}

static gboolean
apply_edits (WeirPayloadBody *self, GError **error)
{
  GBytes *edited;

  g_array_set_size (self->marks, 0);
  if (weir_json_edit_get_length (&self->edit, self->text.length) > WEIR_PAYLOAD_BODY_MAX)
    return weir_error_set (error, WEIR_ERROR_TOO_LARGE,
                           "the payload rules make the body too large");
  edited = weir_json_edit_apply (&self->edit, self->text);
  weir_json_edit_clear (&self->edit);
  g_clear_pointer (&self->owned, g_bytes_unref);
  self->owned = edited;
  self->text.text = g_bytes_get_data (edited, &self->text.length);
  return TRUE;
}

gboolean
weir_payload_body_flush (WeirPayloadBody *self, GError **error)
{
  return weir_json_edit_is_empty (&self->edit)
         || (apply_edits (self, error) && read_table (self, error));
}

gboolean
weir_payload_body_finish (WeirPayloadBody *self, GBytes **out_body, GError **error)
{
  if (!weir_json_edit_is_empty (&self->edit) && !apply_edits (self, error))
    return FALSE;
  *out_body = g_steal_pointer (&self->owned);
  return TRUE;
}

gboolean
weir_payload_body_get_root (const WeirPayloadBody *self, uint32_t *out_item)
{
  const uint32_t item
      = self->root != NULL ? weir_json_lookup (&self->json, 0, self->root) : 0;

  if (self->root != NULL
      && (item == 0 || weir_json_get_type (&self->json, item) != WEIR_JSON_OBJECT))
    return FALSE;
  *out_item = item;
  return TRUE;
}

static void
add_place (GArray *places, PlaceKind kind, Place place, gboolean idle)
{
  place.kind = kind;
  place.idle = idle;
  g_array_append_val (places, place);
}

/* The place at which a path ends because @step leads nowhere from @from. */
static void
add_dead_end (GArray *places,
              const WeirJson *json,
              const WeirJsonStep *step,
              Place from,
              gboolean makes)
{
  const WeirJsonType type = weir_json_get_type (json, from.item);
  const gboolean is_query = step->name == NULL;
  const gboolean is_element = step->kind == WEIR_JSON_STEP_APPEND || step->index >= 0;
  const Place inside = { .container = from.item, .item = from.item, .step = from.step };

  if (type == WEIR_JSON_OBJECT && !is_query)
    add_place (places, PLACE_MEMBER, inside, !makes);
  else if (type == WEIR_JSON_ARRAY)
    add_place (places, PLACE_ELEMENTS, inside, !makes || is_query || !is_element);
  else
    add_place (places, PLACE_VALUE, from, !makes || is_query || type == WEIR_JSON_OBJECT);
}

/* Adds the places that @path leads to from @from on.  @makes: what is missing may be made;
 * else what is there goes. */
static void
plan (const WeirJson *json,
      const WeirJsonPath *path,
      Place from,
      gboolean makes,
      GArray *places)
{
  gboolean in_array;

  for (; from.step < weir_json_path_get_length (path); from.step++)
    {
      const WeirJsonStep *step = weir_json_path_get_step (path, from.step);
      const uint32_t next = weir_json_step_follow (step, json, from.item);

      if (next == 0)
        {
          add_dead_end (places, json, step, from, makes);
          return;
        }
      if (step->name == NULL) /* which one it finds depends on all of them */
        add_place (places, PLACE_ELEMENTS, (Place){ .container = from.item }, TRUE);
      for (uint32_t i = weir_json_next (json, from.item, next);
           step->kind == WEIR_JSON_STEP_FIND_ALL && i != 0;
           i = weir_json_next (json, from.item, i))
        if (weir_json_step_holds (step, json, i))
          plan (json, path,
                (Place){ .container = from.item, .item = i, .step = from.step + 1 }, makes,
                places);
      from.container = from.item;
      from.item = next;
    }
  in_array = weir_json_get_type (json, from.container) == WEIR_JSON_ARRAY;
  add_place (places, !makes && in_array ? PLACE_ELEMENTS : PLACE_VALUE, from, FALSE);
}

static Mark
get_mark (const WeirPayloadBody *self, const WeirJsonPath *path, const Place *place)
{
  const WeirJsonItem *container = &self->json.items[place->container];
  const WeirJsonItem *item = &self->json.items[place->item];

  if (place->kind == PLACE_MEMBER)
    return (Mark){ container->end - 1, container->end,
                   weir_json_path_get_step (path, place->step)->name };
  if (place->kind == PLACE_ELEMENTS)
    return (Mark){ container->start, container->end, NULL };
  return (Mark){ item->start, item->end, NULL };
}

/* Two members added to one object touch only when they have one name. */
static gboolean
do_touch (const Mark *a, const Mark *b)
{
  if (a->name != NULL && b->name != NULL)
    return a->start == b->start && strcmp (a->name, b->name) == 0;
  return a->start < b->end && b->start < a->end;
}

static gboolean
touches (const WeirPayloadBody *self, const WeirJsonPath *path, const GArray *places)
{
  for (unsigned i = 0; i < places->len; i++)
    {
      const Mark mark = get_mark (self, path, &g_array_index (places, Place, i));

      for (unsigned k = 0; k < self->marks->len; k++)
        if (do_touch (&mark, &g_array_index (self->marks, Mark, k)))
          return TRUE;
    }
  return FALSE;
}

/* (transfer full): the places of an operation, in a text that no earlier operation has
 * changed there; NULL as weir_payload_body_flush. */
static GArray *
settle (WeirPayloadBody *self, const WeirJsonPath *path, gboolean makes, GError **error)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (Place));
  uint32_t root;

  for (int i = 0; i < 2; i++)
    {
      g_array_set_size (places, 0);
      if (weir_payload_body_get_root (self, &root))
        plan (&self->json, path, (Place){ .item = root }, makes, places);
      if (!touches (self, path, places))
        break;
      if (!weir_payload_body_flush (self, error))
        return NULL;
    }
  for (unsigned i = 0; i < places->len;)
    if (g_array_index (places, Place, i).idle)
      g_array_remove_index (places, i);
    else
      {
        const Mark mark = get_mark (self, path, &g_array_index (places, Place, i++));

        g_array_append_val (self->marks, mark);
      }
  return g_steal_pointer (&places);
}

/* (transfer full): @json inside the containers that the steps from @first on need. */
static GString *
wrap (const WeirJsonPath *path, unsigned first, WeirSlice json)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) closers = g_string_new (NULL);

  for (unsigned i = first; i < weir_json_path_get_length (path); i++)
    {
      const WeirJsonStep *step = weir_json_path_get_step (path, i);
      const gboolean is_array = step->kind == WEIR_JSON_STEP_APPEND || step->index >= 0;

      if (step->name == NULL)
        return NULL; /* a query makes nothing */
      g_string_append_c (text, is_array ? '[' : '{');
      g_string_prepend_c (closers, is_array ? ']' : '}');
      for (int k = 0; is_array && k < step->index; k++)
        g_string_append (text, "null,");
      if (is_array)
        continue;
      g_string_append_c (text, '"');
      weir_json_escape (text, weir_slice_from_string (step->name), FALSE);
      g_string_append (text, "\":");
    }
  g_string_append_len (text, json.text, (gssize)json.length);
  g_string_append (text, closers->str);
  return g_steal_pointer (&text);
}

/* Elements of null up to the one that the step names. */
static void
pad (GString *text, const WeirJson *json, uint32_t array, const WeirJsonStep *step)
{
  int n = 0;

  for (uint32_t i = weir_json_first (json, array); i != 0;
       i = weir_json_next (json, array, i))
    n++;
  for (; step->kind == WEIR_JSON_STEP_NAME && n < step->index; n++)
    g_string_prepend (text, "null,");
}

gboolean
weir_payload_body_set (WeirPayloadBody *self,
                       const WeirJsonPath *path,
                       WeirSlice json,
                       GError **error)
{
  g_autoptr (GArray) places = settle (self, path, TRUE, error);

  if (places == NULL)
    return FALSE;
  for (unsigned i = 0; i < places->len; i++)
    {
      const Place *place = &g_array_index (places, Place, i);
      const gboolean inside = place->kind != PLACE_VALUE;
      g_autoptr (GString) text = wrap (path, place->step + (inside ? 1 : 0), json);

      if (text == NULL)
        continue;
      if (place->kind == PLACE_ELEMENTS)
        {
          pad (text, &self->json, place->container,
               weir_json_path_get_step (path, place->step));
          weir_json_edit_append_element (&self->edit, &self->json, place->container,
                                         (WeirSlice){ text->str, text->len });
        }
      else if (place->kind == PLACE_MEMBER)
        weir_json_edit_set (&self->edit, &self->json, place->container,
                            weir_json_path_get_step (path, place->step)->name,
                            (WeirSlice){ text->str, text->len });
      else
        weir_json_edit_replace (&self->edit, &self->json, place->item,
                                (WeirSlice){ text->str, text->len });
    }
  return TRUE;
}

/* Deletes the elements of @places from the @i-th on that are of its container; returns how
 * many. */
static unsigned
remove_elements (WeirPayloadBody *self, const GArray *places, unsigned i)
{
  const uint32_t container = g_array_index (places, Place, i).container;
  g_autoptr (GArray) elements = g_array_new (FALSE, FALSE, sizeof (uint32_t));

  for (; i < places->len && g_array_index (places, Place, i).container == container; i++)
    g_array_append_val (elements, g_array_index (places, Place, i).item);
  weir_json_edit_remove_elements (&self->edit, &self->json, container,
                                  (const uint32_t *)(void *)elements->data, elements->len);
  return elements->len;
}

gboolean
weir_payload_body_remove (WeirPayloadBody *self, const WeirJsonPath *path, GError **error)
{
  const WeirJsonStep *last
      = weir_json_path_get_step (path, weir_json_path_get_length (path) - 1);
  g_autoptr (GArray) places = settle (self, path, FALSE, error);

  if (places == NULL)
    return FALSE;
  for (unsigned i = 0; i < places->len;)
    {
      const Place *place = &g_array_index (places, Place, i);

      if (place->kind == PLACE_ELEMENTS)
        i += remove_elements (self, places, i);
      else
        {
          weir_json_edit_remove (&self->edit, &self->json, place->container, last->name);
          i++;
        }
    }
  return TRUE;
}
