/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Input items made whole, and a window over them. */

#include "config.h"

#include "chat/weir-response-page.h"

#include "base/weir-error.h"
#include "base/weir-json-edit.h"
#include "base/weir-json-write.h"

typedef struct
{
  GPtrArray *items; /* (owned) of GBytes, in the order of sending */
  GPtrArray *ids;   /* (owned) of each: a JSON string's bytes with its quotes */
  const char *id;   /* (unowned) the response's */
} Shelf;

static void
free_string (gpointer data)
{
  g_string_free (data, TRUE);
}

/* The item's own id, or one made for it, with quotes. */
static GString *
make_id (const Shelf *self, const WeirJson *json, const char *front)
{
  uint32_t own = weir_json_lookup (json, 0, "id");
  GString *out = g_string_new (NULL);
  g_autofree char *made = NULL;

  if (own != 0 && weir_json_get_type (json, own) == WEIR_JSON_STRING)
    {
      WeirSlice raw = weir_json_get_raw (json, own);

      g_string_append_len (out, raw.text, (gssize)raw.length);
      return out;
    }
  made = g_strdup_printf ("%s_%u_%s", front, self->items->len, self->id);
  g_string_append_c (out, '"');
  weir_json_escape (out, weir_slice_from_string (made), FALSE);
  g_string_append_c (out, '"');
  return out;
}

/* "some words": [{"type":"input_text","text":"some words"}] */
static void
make_parts (const WeirJson *json, uint32_t content, gboolean own, WeirJsonEdit *edit)
{
  g_autoptr (GString) list = g_string_new (NULL);
  WeirJsonWriter w;

  weir_json_writer_init (&w, list);
  weir_json_open_array (&w, NULL);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "type", own ? "output_text" : "input_text");
  weir_json_add_raw (&w, "text", weir_json_get_raw (json, content));
  if (own)
    weir_json_add_raw (&w, "annotations", WEIR_SLICE ("[]"));
  weir_json_close (&w);
  weir_json_close (&w);
  weir_json_edit_replace (edit, json, content, (WeirSlice){ list->str, list->len });
}

static void
make_message (const WeirJson *json, WeirJsonEdit *edit)
{
  uint32_t content = weir_json_lookup (json, 0, "content");
  uint32_t role = weir_json_lookup (json, 0, "role");

  if (weir_json_lookup (json, 0, "type") == 0)
    weir_json_edit_set (edit, json, 0, "type", WEIR_SLICE ("\"message\""));
  if (weir_json_lookup (json, 0, "status") == 0)
    weir_json_edit_set (edit, json, 0, "status", WEIR_SLICE ("\"completed\""));
  if (content != 0 && weir_json_get_type (json, content) == WEIR_JSON_STRING)
    make_parts (json, content, role != 0 && weir_json_equals (json, role, "assistant"),
                edit);
}

static void
add_item (Shelf *self, WeirSlice text)
{
  static const WeirJsonLimits shallow = { .record_depth = 1 };
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  uint32_t type;
  gboolean message;
  GString *id;

  if (!weir_json_parse (&json, text.text, text.length, &shallow, NULL)
      || weir_json_get_type (&json, 0) != WEIR_JSON_OBJECT)
    return;
  type = weir_json_lookup (&json, 0, "type");
  message = type == 0 || weir_json_equals (&json, type, "message");
  id = make_id (self, &json, message ? "msg" : "item");
  weir_json_edit_set (&edit, &json, 0, "id", (WeirSlice){ id->str, id->len });
  if (message)
    make_message (&json, &edit);
  g_ptr_array_add (self->items, weir_json_edit_apply (&edit, text));
  g_ptr_array_add (self->ids, id);
}

static void
add_items (Shelf *self, WeirSlice items)
{
  static const WeirJsonLimits limits = { .record_depth = 1 };
  g_autoptr (GString) list = g_string_sized_new (items.length + 2);
  g_auto (WeirJson) json = { 0 };

  g_string_append_c (list, '[');
  g_string_append_len (list, items.text, (gssize)items.length);
  g_string_append_c (list, ']');
  if (!weir_json_parse (&json, list->str, list->len, &limits, NULL))
    return;
  for (uint32_t i = weir_json_first (&json, 0); i != 0; i = weir_json_next (&json, 0, i))
    add_item (self, weir_json_get_raw (&json, i));
}

static WeirSlice
get_id (const Shelf *self, guint index)
{
  const GString *id = g_ptr_array_index (self->ids, index);

  return (WeirSlice){ id->str, id->len };
}

/* Place @at of the order asked for, as a place in the order of sending. */
static guint
turn (const Shelf *self, const WeirResponsePage *page, guint at)
{
  return page->ascending ? at : self->items->len - 1 - at;
}

/* Where the page begins. */
static gboolean
find_start (const Shelf *self, const WeirResponsePage *page, guint *out, GError **error)
{
  g_autoptr (GString) wanted = g_string_new ("\"");

  *out = 0;
  if (page->after == NULL)
    return TRUE;
  weir_json_escape (wanted, weir_slice_from_string (page->after), FALSE);
  g_string_append_c (wanted, '"');
  for (guint at = 0; at < self->items->len; at++)
    if (weir_slice_equal (get_id (self, turn (self, page, at)),
                          (WeirSlice){ wanted->str, wanted->len }))
      {
        *out = at + 1;
        return TRUE;
      }
  return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                         "'after' is the id of none of the response's input items");
}

static void
write_edge (WeirJsonWriter *w, const Shelf *self, const char *name, gboolean any, guint at)
{
  if (any)
    weir_json_add_raw (w, name, get_id (self, at));
  else
    weir_json_add_null (w, name);
}

static void
write_page (GString *out, const Shelf *self, const WeirResponsePage *page, guint start)
{
  guint end = MIN (self->items->len, start + page->limit);
  gboolean any = start < end;
  WeirJsonWriter w;

  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "object", "list");
  weir_json_open_array (&w, "data");
  for (guint at = start; at < end; at++)
    {
      gsize length;
      const char *text = g_bytes_get_data (
          g_ptr_array_index (self->items, turn (self, page, at)), &length);

      weir_json_add_raw (&w, NULL, (WeirSlice){ text, length });
    }
  weir_json_close (&w);
  write_edge (&w, self, "first_id", any, any ? turn (self, page, start) : 0);
  write_edge (&w, self, "last_id", any, any ? turn (self, page, end - 1) : 0);
  weir_json_add_boolean (&w, "has_more", end < self->items->len);
  weir_json_close (&w);
}

gboolean
weir_response_page_write (GString *out,
                          WeirSlice items,
                          const char *id,
                          const WeirResponsePage *page,
                          GError **error)
{
  g_autoptr (GPtrArray) kept
      = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (free_string);
  Shelf self = { kept, ids, id };
  guint start;

  g_return_val_if_fail (page->limit > 0 && page->limit <= WEIR_RESPONSE_PAGE_MAX, FALSE);

  add_items (&self, items);
  if (!find_start (&self, page, &start, error))
    return FALSE;
  write_page (out, &self, page, start);
  return TRUE;
}
