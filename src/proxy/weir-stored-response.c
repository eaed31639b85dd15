/* SPDX-License-Identifier: GPL-3.0-or-later */

/* OpenAI API reference, "get", "delete" and "cancel a response", read 2026-11. */

#include "config.h"

#include "proxy/weir-stored-response.h"

#include "base/weir-clock.h"
#include "base/weir-json-write.h"
#include "base/weir-redact.h"
#include "chat/weir-response-page.h"

#define ID_SHOWN 128

static GBytes *
set_not_found (const char *id, GError **error)
{
  g_autofree char *shown = weir_redact (weir_slice_from_string (id), ID_SHOWN);

  weir_error_set (error, WEIR_ERROR_NOT_FOUND, "Response with id '%s' not found.", shown);
  return NULL;
}

static gboolean
is_true (WeirSlice query, const char *name)
{
  g_autofree char *value = weir_http_query_dup (query, name);

  return g_strcmp0 (value, "true") == 0;
}

static GBytes *
get_whole (const WeirStoredResponse *stored, WeirSlice query, GError **error)
{
  if (!is_true (query, "stream"))
    return g_bytes_new (stored->whole.text, stored->whole.length);
  weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                  "a response that has ended is not streamed again; ask for it without "
                  "'stream'");
  return NULL;
}

static gboolean
read_page (WeirSlice query, WeirResponsePage *page, GError **error)
{
  g_autofree char *limit = weir_http_query_dup (query, "limit");
  g_autofree char *order = weir_http_query_dup (query, "order");
  guint64 number = WEIR_RESPONSE_PAGE_USUAL;

  if (limit != NULL
      && !g_ascii_string_to_unsigned (limit, 10, 1, WEIR_RESPONSE_PAGE_MAX, &number, NULL))
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "'limit' must be 1 to %u",
                           WEIR_RESPONSE_PAGE_MAX);
  if (order != NULL && !g_str_equal (order, "asc") && !g_str_equal (order, "desc"))
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "'order' must be asc or desc");
  page->limit = (unsigned)number;
  page->ascending = g_strcmp0 (order, "asc") == 0;
  return TRUE;
}

static GBytes *
list_input (const WeirStoredResponse *stored,
            const char *id,
            WeirSlice query,
            GError **error)
{
  g_autofree char *after = weir_http_query_dup (query, "after");
  WeirResponsePage page = { .after = after };
  g_autoptr (GString) out = g_string_new (NULL);

  if (!read_page (query, &page, error)
      || !weir_response_page_write (
          out, (WeirSlice){ stored->items.text, stored->input_length }, id, &page, error))
    return NULL;
  return g_string_free_to_bytes (g_steal_pointer (&out));
}

static GBytes *
say_deleted (const char *id)
{
  GString *out = g_string_new (NULL);
  WeirJsonWriter w;

  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "id", id);
  weir_json_add_string (&w, "object", "response");
  weir_json_add_boolean (&w, "deleted", TRUE);
  weir_json_close (&w);
  return g_string_free_to_bytes (out);
}

GBytes *
weir_stored_response_answer (WeirResponseStore *store,
                             const WeirRoute *route,
                             const char *owner,
                             const char *id,
                             WeirSlice query,
                             GError **error)
{
  WeirStoredResponse stored;

  if (!weir_response_store_lookup (store, owner, id, weir_clock_now_us (), &stored)
      || stored.whole.length == 0)
    return set_not_found (id, error);
  if (route->method == WEIR_HTTP_DELETE)
    {
      weir_response_store_remove (store, owner, id);
      return say_deleted (id);
    }
  if (route->method == WEIR_HTTP_GET && *route->verb == '\0')
    return get_whole (&stored, query, error);
  if (route->method == WEIR_HTTP_GET)
    return list_input (&stored, id, query, error);
  weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                  "Cannot cancel a synchronous response: it has ended.");
  return NULL;
}
