/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-response-page.h"

#include "base/weir-error.h"

#define ITEMS                                                                              \
  "{\"role\":\"user\",\"content\":\"a\"},"                                                 \
  "{\"type\":\"message\",\"id\":\"msg_own\",\"role\":\"assistant\",\"content\":\"b\"},"    \
  "{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"d\"}"

static char *
list (const char *items, unsigned limit, gboolean ascending, const char *after)
{
  const WeirResponsePage page = { limit, ascending, after };
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (weir_response_page_write (out, weir_slice_from_string (items), "resp_1",
                                           &page, &error));
  g_assert_no_error (error);
  return g_strndup (out->str, out->len);
}

static void
test_items_are_made_whole (void)
{
  g_autofree char *out = list (ITEMS, 20, TRUE, NULL);

  g_assert_cmpstr (
      out, ==,
      "{\"object\":\"list\",\"data\":["
      "{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"a\"}],"
      "\"id\":\"msg_0_resp_1\",\"type\":\"message\",\"status\":\"completed\"},"
      "{\"type\":\"message\",\"id\":\"msg_own\",\"role\":\"assistant\",\"content\":"
      "[{\"type\":\"output_text\",\"text\":\"b\",\"annotations\":[]}],"
      "\"status\":\"completed\"},"
      "{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"d\","
      "\"id\":\"item_2_resp_1\"}],"
      "\"first_id\":\"msg_0_resp_1\",\"last_id\":\"item_2_resp_1\",\"has_more\":false}");
}

static void
test_no_items_are_an_empty_page (void)
{
  g_autofree char *out = list ("", 20, FALSE, NULL);

  g_assert_cmpstr (out, ==,
                   "{\"object\":\"list\",\"data\":[],\"first_id\":null,\"last_id\":null,"
                   "\"has_more\":false}");
}

/* Page by page every item comes once, whatever the size of a page and the order. */
static void
test_every_way_to_turn_pages_shows_all (void)
{
  static const char *const ids[] = { "msg_0_resp_1", "msg_own", "item_2_resp_1" };

  for (unsigned limit = 1; limit <= 4; limit++)
    for (int ascending = FALSE; ascending <= TRUE; ascending++)
      {
        const char *after = NULL;

        for (unsigned n = 0; n < 3; n += limit)
          {
            g_autofree char *out = list (ITEMS, limit, ascending, after);

            for (unsigned i = 0; i < 3; i++)
              {
                unsigned at = ascending ? i : 2 - i;
                g_autofree char *member = g_strdup_printf ("\"id\":\"%s\"", ids[i]);

                g_assert_true ((strstr (out, member) != NULL)
                               == (at >= n && at < n + limit));
              }
            g_assert_true ((strstr (out, "\"has_more\":true") != NULL) == (n + limit < 3));
            after = n + limit < 3 ? ids[ascending ? n + limit - 1 : 3 - n - limit] : NULL;
          }
      }
}

static void
test_a_page_behind_nothing_is_refused (void)
{
  const WeirResponsePage page = { 20, FALSE, "msg_other" };
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (
      weir_response_page_write (out, WEIR_SLICE (ITEMS), "resp_1", &page, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/response-page/items-are-made-whole", test_items_are_made_whole);
  g_test_add_func ("/response-page/no-items-are-an-empty-page",
                   test_no_items_are_an_empty_page);
  g_test_add_func ("/response-page/every-way-to-turn-pages-shows-all",
                   test_every_way_to_turn_pages_shows_all);
  g_test_add_func ("/response-page/a-page-behind-nothing-is-refused",
                   test_a_page_behind_nothing_is_refused);
  return g_test_run ();
}
