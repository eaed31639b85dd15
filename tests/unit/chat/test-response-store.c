/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-response-store.h"

#include "base/weir-clock.h"
#include "base/weir-error.h"

#define HOUR_US (3600 * WEIR_USEC_PER_SEC)
#define ROOMY (1u << 20)

static gboolean
knows (WeirResponseStore *store, const char *owner, const char *id, int64_t now_us)
{
  WeirStoredResponse stored;

  return weir_response_store_lookup (store, owner, id, now_us, &stored);
}

static void
put_items (WeirResponseStore *store,
           const char *owner,
           const char *id,
           const char *keeper,
           WeirSlice items,
           int64_t now_us)
{
  weir_response_store_put (
      store, owner, id, &(WeirStoredResponse){ .items = items, .keeper = keeper }, now_us);
}

static void
put (WeirResponseStore *store, const char *id, int64_t now_us)
{
  put_items (store, "key", id, "", WEIR_SLICE ("{\"a\":1}"), now_us);
}

static void
test_what_was_put_is_found (void)
{
  g_autoptr (WeirResponseStore) store = weir_response_store_new (4, ROOMY, HOUR_US);
  WeirStoredResponse stored;

  put_items (store, "key", "resp_1", "codex#1", WEIR_SLICE ("1,2"), 0);
  put_items (store, "key", "resp_1", "codex#2", WEIR_SLICE ("1,2,3"), 0);
  g_assert_true (weir_response_store_lookup (store, "key", "resp_1", 1, &stored));
  g_assert_true (weir_slice_equal (stored.items, WEIR_SLICE ("1,2,3")));
  g_assert_cmpstr (stored.keeper, ==, "codex#2");
  g_assert_cmpuint (weir_response_store_count (store), ==, 1);
}

static void
test_nobody_sees_another_owners (void)
{
  g_autoptr (WeirResponseStore) store = weir_response_store_new (4, ROOMY, HOUR_US);

  put_items (store, "ours", "resp_1", "", WEIR_SLICE ("1"), 0);
  g_assert_false (knows (store, "theirs", "resp_1", 0));
  g_assert_false (knows (store, "", "resp_1", 0));
  g_assert_false (knows (store, "", "ours\nresp_1", 0));
  g_assert_true (knows (store, "ours", "resp_1", 0));
}

static void
test_the_longest_unused_goes_first (void)
{
  g_autoptr (WeirResponseStore) store = weir_response_store_new (2, ROOMY, HOUR_US);

  put (store, "a", 0);
  put (store, "b", 0);
  g_assert_true (knows (store, "key", "a", 0));
  put (store, "c", 0);
  g_assert_true (knows (store, "key", "a", 0));
  g_assert_false (knows (store, "key", "b", 0));
  g_assert_true (knows (store, "key", "c", 0));
}

static void
test_an_hour_behind_the_last_use_it_is_gone (void)
{
  g_autoptr (WeirResponseStore) store = weir_response_store_new (8, ROOMY, HOUR_US);

  put (store, "a", 0);
  put (store, "b", 0);
  g_assert_true (knows (store, "key", "a", HOUR_US - 1));
  g_assert_false (knows (store, "key", "b", HOUR_US));
  g_assert_true (knows (store, "key", "a", HOUR_US));
  put (store, "c", 3 * HOUR_US);
  g_assert_cmpuint (weir_response_store_count (store), ==, 1);
}

static void
test_bytes_are_bounded (void)
{
  g_autoptr (WeirResponseStore) store = weir_response_store_new (1000, 4096, HOUR_US);
  g_autofree char *large = g_strnfill (5000, '1');

  for (unsigned i = 0; i < 100; i++)
    {
      g_autofree char *id = g_strdup_printf ("resp_%u", i);

      put_items (store, "key", id, "", (WeirSlice){ large, i * 10 }, 0);
      g_assert_cmpuint (weir_response_store_get_bytes (store), <=, 4096);
      g_assert_true (knows (store, "key", id, 0));
    }
  put_items (store, "key", "large", "", (WeirSlice){ large, 5000 }, 0);
  g_assert_false (knows (store, "key", "large", 0));
  g_assert_true (knows (store, "key", "resp_99", 0));
}

static void
test_a_response_is_read_as_it_was_put (void)
{
  g_autoptr (WeirResponseStore) store = weir_response_store_new (4, ROOMY, HOUR_US);
  const WeirStoredResponse put = { .items = WEIR_SLICE ("1,2,3"),
                                   .input_length = 3,
                                   .whole = WEIR_SLICE ("{\"id\":\"resp_1\"}"),
                                   .keeper = "" };
  WeirStoredResponse got;

  weir_response_store_put (store, "key", "resp_1", &put, 0);
  g_assert_true (weir_response_store_lookup (store, "key", "resp_1", 0, &got));
  g_assert_true (weir_slice_equal (got.whole, put.whole));
  g_assert_cmpuint (got.input_length, ==, 3);
  g_assert_cmpuint (weir_response_store_get_bytes (store), >=,
                    put.items.length + put.whole.length);
}

static void
test_what_was_removed_is_gone (void)
{
  g_autoptr (WeirResponseStore) store = weir_response_store_new (4, ROOMY, HOUR_US);

  put (store, "a", 0);
  put (store, "b", 0);
  weir_response_store_remove (store, "other", "a");
  g_assert_true (knows (store, "key", "a", 0));
  weir_response_store_remove (store, "key", "a");
  weir_response_store_remove (store, "key", "a");
  g_assert_false (knows (store, "key", "a", 0));
  weir_response_store_remove (store, "key", "b");
  g_assert_cmpuint (weir_response_store_get_bytes (store), ==, 0);
}

static void
assert_expands (const char *body, const char *items, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) out = weir_response_store_expand (
      weir_slice_from_string (body), weir_slice_from_string (items), &error);
  gsize length;
  const char *text;

  g_assert_no_error (error);
  text = g_bytes_get_data (out, &length);
  g_assert_cmpmem (text, length, expected, strlen (expected));
}

static void
test_a_request_grows_by_what_was (void)
{
  assert_expands (
      "{\"model\":\"m\", \"previous_response_id\":\"r\",\"input\":[ {\"b\":2} ]}",
      "{\"a\":1}", "{\"model\":\"m\",\"input\":[{\"a\":1},{\"b\":2}]}");
  assert_expands ("{\"input\":\"hi\",\"previous_response_id\":\"r\",\"t\":1e400}", "1",
                  "{\"input\":[1,{\"role\":\"user\",\"content\":\"hi\"}],\"t\":1e400}");
  assert_expands ("{\"previous_response_id\":\"r\",\"input\":[ ]}", "1,2",
                  "{\"input\":[1,2]}");
  assert_expands ("{\"previous_response_id\":\"r\"}", "1", "{\"input\":[1]}");
  assert_expands ("{\"previous_response_id\":\"r\",\"input\":[3]}", "", "{\"input\":[3]}");
}

static void
test_what_is_no_request_does_not_grow (void)
{
  static const char *const bodies[] = { "", "[]", "{\"input\":7}", "{\"input\":{}}", "{" };

  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (weir_response_store_expand (weir_slice_from_string (bodies[i]),
                                                 WEIR_SLICE ("1"), &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/response-store/what-was-put-is-found", test_what_was_put_is_found);
  g_test_add_func ("/response-store/nobody-sees-another-owners",
                   test_nobody_sees_another_owners);
  g_test_add_func ("/response-store/the-longest-unused-goes-first",
                   test_the_longest_unused_goes_first);
  g_test_add_func ("/response-store/an-hour-behind-the-last-use-it-is-gone",
                   test_an_hour_behind_the_last_use_it_is_gone);
  g_test_add_func ("/response-store/bytes-are-bounded", test_bytes_are_bounded);
  g_test_add_func ("/response-store/a-response-is-read-as-it-was-put",
                   test_a_response_is_read_as_it_was_put);
  g_test_add_func ("/response-store/what-was-removed-is-gone",
                   test_what_was_removed_is_gone);
  g_test_add_func ("/response-store/a-request-grows-by-what-was",
                   test_a_request_grows_by_what_was);
  g_test_add_func ("/response-store/what-is-no-request-does-not-grow",
                   test_what_is_no_request_does_not_grow);
  return g_test_run ();
}
