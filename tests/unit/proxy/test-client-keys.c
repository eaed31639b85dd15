/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which keys open, and how fast one may guess. */

#include "config.h"

#include "proxy/weir-client-keys.h"

#include "base/weir-clock.h"

#define FIRST "sk-weir-0123456789abcdef"
#define SECOND "sk-weir-fedcba9876543210"
#define STRANGER "sk-else-0123456789abcdef"
/* the first 8 hex digits of their SHA-256 */
static char first_name[WEIR_KEY_NAME_BYTES];
static char second_name[WEIR_KEY_NAME_BYTES];

static void
name_key (const char *key, char out_name[WEIR_KEY_NAME_BYTES])
{
  g_autofree char *hex = g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);

  g_strlcpy (out_name, hex, WEIR_KEY_NAME_BYTES);
}

#define NOW_REAL_US ((int64_t)1700000000 * WEIR_USEC_PER_SEC)

/* The keys of all tests, for they must outlive whatever knows them. */
static GPtrArray *configs; /* (owned) of WeirConfigClientKey */

static void
free_config (gpointer data)
{
  WeirConfigClientKey *key = data;

  weir_secret_unref (key->key);
  g_free (key);
}

static WeirConfigClientKey *
make_config (const char *text)
{
  WeirConfigClientKey *key = g_new0 (WeirConfigClientKey, 1);

  key->key = weir_secret_new (weir_slice_from_string (text));
  g_ptr_array_add (configs, key);
  return key;
}

static WeirClientKeys *
make_keys (const char *first, const char *second, gboolean open)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();

  if (first != NULL)
    g_ptr_array_add (keys, make_config (first));
  if (second != NULL)
    g_ptr_array_add (keys, make_config (second));
  return weir_client_keys_new (keys, open);
}

/* The first is disabled, the second expires now and has limits. */
static WeirClientKeys *
make_limited_keys (gboolean open)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  WeirConfigClientKey *key = make_config (FIRST);

  key->disabled = TRUE;
  g_ptr_array_add (keys, key);
  key = make_config (SECOND);
  key->expires_us = NOW_REAL_US;
  key->requests_per_minute = 1;
  key->tokens_per_minute = 2;
  key->requests_per_day = 3;
  key->concurrent_requests = 4;
  g_ptr_array_add (keys, key);
  return weir_client_keys_new (keys, open);
}

static WeirKeyResult
check_head (const WeirClientKeys *keys,
            const WeirHttpHead *head,
            gboolean query_allowed,
            int64_t real_us,
            WeirKeyMemo *memo,
            char out_name[WEIR_KEY_NAME_BYTES])
{
  const WeirClientKey *key = NULL;
  WeirKeyResult result
      = weir_client_keys_check (keys, head, query_allowed, real_us, memo, &key);

  g_assert_cmpint (result == WEIR_KEY_VALID, ==, key != NULL);
  g_strlcpy (out_name, key != NULL ? key->name : "", WEIR_KEY_NAME_BYTES);
  if (key != NULL)
    {
      g_assert_true (weir_client_keys_lookup (keys, key->name, real_us) == key);
      g_assert_cmpint (key->config == NULL, ==, *key->name == '\0');
    }
  return result;
}

/* A request with @query behind `?` (nullable) and @fields, each ended by CRLF. */
static WeirKeyResult
check_with (const WeirClientKeys *keys,
            const char *query,
            const char *fields,
            gboolean query_allowed,
            WeirKeyMemo *memo,
            char out_name[WEIR_KEY_NAME_BYTES])
{
  g_autofree char *text
      = g_strdup_printf ("GET /%s%s HTTP/1.1\r\nHost: a\r\n%s\r\n",
                         query != NULL ? "?" : "", query != NULL ? query : "", fields);
  g_autoptr (GError) error = NULL;
  WeirHttpHead head;

  weir_http_head_parse_request (&head, text, strlen (text), &error);
  g_assert_no_error (error);
  return check_head (keys, &head, query_allowed, NOW_REAL_US, memo, out_name);
}

static void
assert_check (const WeirClientKeys *keys,
              const char *query,
              const char *fields,
              WeirKeyResult wanted,
              const char *name)
{
  char out_name[WEIR_KEY_NAME_BYTES] = "unset";
  WeirKeyMemo memo = { 0 };

  /* twice: what is remembered changes nothing */
  for (unsigned i = 0; i < 2; i++)
    {
      g_test_message ("%s %s", query, fields);
      g_assert_cmpint (check_with (keys, query, fields, TRUE, &memo, out_name), ==, wanted);
      if (wanted == WEIR_KEY_VALID)
        g_assert_cmpstr (out_name, ==, name);
      else
        g_assert_cmpstr (out_name, ==, "");
    }
}

static void
test_every_place_of_a_key_opens (void)
{
  g_autoptr (WeirClientKeys) keys = make_keys (FIRST, SECOND, FALSE);
  static const char *const fields[] = {
    "Authorization: Bearer " FIRST "\r\n",
    "authorization: bearer " FIRST "\r\n",
    "Authorization: BEARER   " FIRST "\r\n",
    "Authorization: " FIRST "\r\n",
    "X-Api-Key: " FIRST "\r\n",
    "x-goog-api-key: " FIRST "\r\n",
    "x-api-key: \t" FIRST " \t\r\n",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (fields); i++)
    assert_check (keys, NULL, fields[i], WEIR_KEY_VALID, first_name);
  assert_check (keys, "key=" FIRST, "", WEIR_KEY_VALID, first_name);
  assert_check (keys, "alt=sse&key=" SECOND, "", WEIR_KEY_VALID, second_name);
  assert_check (keys,
                "key=%73"
                "k-weir-0123456789abcdef",
                "", WEIR_KEY_VALID, first_name);
  assert_check (keys, NULL, "", WEIR_KEY_MISSING, NULL);
  assert_check (keys, "alt=sse", "Accept: *\r\n", WEIR_KEY_MISSING, NULL);
  assert_check (keys, "key=", "", WEIR_KEY_MISSING, NULL);
  assert_check (keys, NULL, "x-api-key:\r\n", WEIR_KEY_MISSING, NULL);
}

static void
test_no_neighbour_of_a_key_opens (void)
{
  g_autoptr (WeirClientKeys) keys = make_keys (FIRST, SECOND, FALSE);
  static const char *const queries[] = {
    "key=" FIRST "%20",
    "key=%20" FIRST,
    "key=" FIRST "x",
    "key=" SECOND SECOND,
  };

  for (size_t at = 0; at < strlen (FIRST); at++)
    for (unsigned bit = 0; bit < 7; bit++)
      {
        g_autofree char *wrong = g_strdup (FIRST);
        g_autofree char *field = NULL;

        wrong[at] = (char)(wrong[at] ^ (1 << bit));
        if (!g_ascii_isgraph (wrong[at]))
          continue;
        field = g_strdup_printf ("x-api-key: %s\r\n", wrong);
        assert_check (keys, NULL, field, WEIR_KEY_WRONG, NULL);
      }
  for (size_t length = 1; length < strlen (FIRST); length++)
    {
      g_autofree char *prefix = g_strdup_printf ("x-api-key: %.*s\r\n", (int)length, FIRST);
      g_autofree char *suffix = g_strdup_printf ("x-api-key: %s\r\n", &FIRST[length]);

      assert_check (keys, NULL, prefix, WEIR_KEY_WRONG, NULL);
      assert_check (keys, NULL, suffix, WEIR_KEY_WRONG, NULL);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (queries); i++)
    assert_check (keys, queries[i], "", WEIR_KEY_WRONG, NULL);
  assert_check (keys, NULL, "x-api-key: SK-WEIR-0123456789ABCDEF\r\n", WEIR_KEY_WRONG,
                NULL);
  assert_check (keys, NULL, "x-api-key: Bearer " FIRST "\r\n", WEIR_KEY_WRONG, NULL);
  assert_check (keys, NULL, "Authorization: Basic " FIRST "\r\n", WEIR_KEY_WRONG, NULL);
  assert_check (keys, NULL, "Authorization: Bearer" FIRST "\r\n", WEIR_KEY_WRONG, NULL);
  /* its name is no key */
  {
    g_autofree char *field = g_strdup_printf ("x-api-key: %s\r\n", first_name);

    assert_check (keys, NULL, field, WEIR_KEY_WRONG, NULL);
  }
}

static void
test_control_bytes_never_open (void)
{
  static const char *const queries[]
      = { "key=" FIRST "%00", "key=" FIRST "%0A", "key=" FIRST "%00x", "key=" FIRST "%zz" };
  g_autoptr (WeirClientKeys) keys = make_keys (FIRST, NULL, FALSE);

  for (size_t i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      char name[WEIR_KEY_NAME_BYTES];
      WeirKeyMemo memo = { 0 };
      g_autofree char *text
          = g_strdup_printf ("GET /?%s HTTP/1.1\r\nHost: a\r\n\r\n", queries[i]);
      WeirHttpHead head;

      if (weir_http_head_parse_request (&head, text, strlen (text), NULL))
        g_assert_cmpint (check_head (keys, &head, TRUE, NOW_REAL_US, &memo, name), !=,
                         WEIR_KEY_VALID);
    }
}

static void
test_two_of_ours_are_too_many (void)
{
  g_autoptr (WeirClientKeys) keys = make_keys (FIRST, SECOND, FALSE);

  assert_check (keys, NULL, "Authorization: Bearer " FIRST "\r\nx-api-key: " SECOND "\r\n",
                WEIR_KEY_AMBIGUOUS, NULL);
  assert_check (keys, "key=" SECOND, "x-goog-api-key: " FIRST "\r\n", WEIR_KEY_AMBIGUOUS,
                NULL);
  /* the same one twice is one */
  assert_check (keys, "key=" FIRST, "x-api-key: " FIRST "\r\nAuthorization: " FIRST "\r\n",
                WEIR_KEY_VALID, first_name);
}

static void
test_a_stranger_beside_ours_does_not_count (void)
{
  g_autoptr (WeirClientKeys) keys = make_keys (FIRST, SECOND, FALSE);

  assert_check (keys, NULL,
                "Authorization: Bearer " STRANGER "\r\nx-api-key: " SECOND "\r\n",
                WEIR_KEY_VALID, second_name);
  assert_check (keys, "key=" STRANGER, "x-api-key: " FIRST "\r\n", WEIR_KEY_VALID,
                first_name);
  assert_check (keys, "key=" STRANGER, "x-api-key: " STRANGER "\r\n", WEIR_KEY_WRONG, NULL);
}

static void
test_a_key_in_the_address_is_taken_only_where_allowed (void)
{
  g_autoptr (WeirClientKeys) keys = make_keys (FIRST, SECOND, FALSE);
  char name[WEIR_KEY_NAME_BYTES];
  WeirKeyMemo memo = { 0 };

  g_assert_cmpint (check_with (keys, "key=" FIRST, "", FALSE, &memo, name), ==,
                   WEIR_KEY_MISSING);
  g_assert_cmpint (check_with (keys, "key=" FIRST, "", TRUE, &memo, name), ==,
                   WEIR_KEY_VALID);
  /* and what is remembered does not open the other door */
  g_assert_cmpint (check_with (keys, "key=" FIRST, "", FALSE, &memo, name), ==,
                   WEIR_KEY_MISSING);
  /* where it is not taken it cannot disturb either */
  g_assert_cmpint (
      check_with (keys, "key=" SECOND, "x-api-key: " FIRST "\r\n", FALSE, &memo, name), ==,
      WEIR_KEY_VALID);
  g_assert_cmpstr (name, ==, first_name);
}

static void
test_an_open_house_takes_anybody (void)
{
  g_autoptr (WeirClientKeys) keys = make_keys (FIRST, NULL, TRUE);
  g_autoptr (WeirClientKeys) none = make_keys (NULL, NULL, TRUE);
  g_autoptr (WeirClientKeys) closed = make_keys (NULL, NULL, FALSE);

  assert_check (keys, NULL, "", WEIR_KEY_VALID, "");
  assert_check (keys, NULL, "x-api-key: " STRANGER "\r\n", WEIR_KEY_VALID, "");
  assert_check (keys, NULL, "x-api-key: " FIRST "\r\n", WEIR_KEY_VALID, first_name);
  assert_check (none, NULL, "x-api-key: " STRANGER "\r\n", WEIR_KEY_VALID, "");
  assert_check (closed, NULL, "x-api-key: " STRANGER "\r\n", WEIR_KEY_WRONG, NULL);
  assert_check (closed, NULL, "", WEIR_KEY_MISSING, NULL);
}

static void
test_a_memory_ends_with_its_keys (void)
{
  g_autoptr (WeirClientKeys) before = make_keys (FIRST, NULL, FALSE);
  g_autoptr (WeirClientKeys) after = make_keys (SECOND, NULL, FALSE);
  char name[WEIR_KEY_NAME_BYTES];
  WeirKeyMemo memo = { 0 };

  g_assert_cmpint (
      check_with (before, NULL, "x-api-key: " FIRST "\r\n", FALSE, &memo, name), ==,
      WEIR_KEY_VALID);
  g_assert_cmpuint (memo.length, ==, strlen (FIRST));
  g_assert_cmpint (check_with (after, NULL, "x-api-key: " FIRST "\r\n", FALSE, &memo, name),
                   ==, WEIR_KEY_WRONG);
  g_assert_cmpstr (name, ==, "");
  /* another key on the same connection */
  g_assert_cmpint (
      check_with (before, NULL, "x-api-key: " STRANGER "\r\n", FALSE, &memo, name), ==,
      WEIR_KEY_WRONG);
  g_assert_cmpint (
      check_with (after, NULL, "x-api-key: " SECOND "\r\n", FALSE, &memo, name), ==,
      WEIR_KEY_VALID);
  g_assert_cmpstr (name, ==, second_name);
  g_assert_cmpint (check_with (after, NULL, "", FALSE, &memo, name), ==, WEIR_KEY_MISSING);
}

static void
test_a_key_that_is_too_long_to_remember_opens (void)
{
  g_autofree char *tail = g_strnfill (3000, 'k');
  g_autofree char *field = g_strdup_printf ("x-api-key: %s\r\n", tail);
  g_autoptr (WeirClientKeys) keys = make_keys (tail, NULL, FALSE);
  char name[WEIR_KEY_NAME_BYTES];

  name_key (tail, name);
  assert_check (keys, NULL, field, WEIR_KEY_VALID, name);
}

static void
test_a_disabled_key_is_a_wrong_one (void)
{
  g_autoptr (WeirClientKeys) keys = make_limited_keys (FALSE);
  g_autoptr (WeirClientKeys) open = make_limited_keys (TRUE);

  assert_check (keys, NULL, "x-api-key: " FIRST "\r\n", WEIR_KEY_WRONG, NULL);
  assert_check (open, NULL, "x-api-key: " FIRST "\r\n", WEIR_KEY_VALID, "");
  g_assert_null (weir_client_keys_lookup (keys, first_name, 0));
  g_assert_null (weir_client_keys_lookup (keys, "", 0));
  g_assert_cmpstr (weir_client_keys_lookup (open, first_name, 0)->name, ==, "");
}

static void
test_a_key_expires_on_time (void)
{
  static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nx-api-key: " SECOND "\r\n\r\n";
  g_autoptr (WeirClientKeys) keys = make_limited_keys (FALSE);
  g_autoptr (WeirClientKeys) open = make_limited_keys (TRUE);
  const WeirClientKey *key;
  WeirKeyMemo memo = { 0 };
  WeirKeyMemo open_memo = { 0 };
  WeirHttpHead head;
  char name[WEIR_KEY_NAME_BYTES];

  g_assert_true (weir_http_head_parse_request (&head, text, strlen (text), NULL));
  g_assert_cmpint (check_head (keys, &head, FALSE, NOW_REAL_US - 1, &memo, name), ==,
                   WEIR_KEY_VALID);
  g_assert_cmpstr (name, ==, second_name);
  g_assert_cmpint (check_head (open, &head, FALSE, NOW_REAL_US - 1, &open_memo, name), ==,
                   WEIR_KEY_VALID);
  /* also where it is remembered */
  for (unsigned i = 0; i < 2; i++)
    {
      g_assert_cmpint (check_head (keys, &head, FALSE, NOW_REAL_US, &memo, name), ==,
                       WEIR_KEY_EXPIRED);
      g_assert_cmpint (check_head (open, &head, FALSE, NOW_REAL_US, &open_memo, name), ==,
                       WEIR_KEY_VALID);
      g_assert_cmpstr (name, ==, "");
    }
  g_assert_null (weir_client_keys_lookup (keys, second_name, NOW_REAL_US));
  /* a guess beside it is a guess; ours beside it opens */
  assert_check (keys, NULL, "x-api-key: " STRANGER "\r\n", WEIR_KEY_WRONG, NULL);
  key = weir_client_keys_lookup (keys, second_name, NOW_REAL_US - 1);
  g_assert_cmpuint (key->limits.requests_per_minute, ==, 1);
  g_assert_cmpuint (key->limits.tokens_per_minute, ==, 2);
  g_assert_cmpuint (key->limits.requests_per_day, ==, 3);
  g_assert_cmpuint (key->limits.concurrent, ==, 4);
}

static void
test_an_expired_key_beside_a_good_one_does_not_count (void)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autoptr (WeirClientKeys) keys = NULL;
  WeirConfigClientKey *expired = make_config (SECOND);

  expired->expires_us = 1;
  g_ptr_array_add (list, expired);
  g_ptr_array_add (list, make_config (FIRST));
  keys = weir_client_keys_new (list, FALSE);
  assert_check (keys, NULL, "Authorization: " SECOND "\r\nx-api-key: " FIRST "\r\n",
                WEIR_KEY_VALID, first_name);
  assert_check (keys, NULL, "Authorization: " SECOND "\r\nx-api-key: " STRANGER "\r\n",
                WEIR_KEY_EXPIRED, NULL);
}

static void
test_guesses_are_ten_a_minute (void)
{
  g_autoptr (WeirGuessLimit) limit = weir_guess_limit_new ();
  int64_t now_us = 5 * WEIR_USEC_PER_SEC;

  for (unsigned i = 0; i < 10; i++)
    g_assert_true (weir_guess_limit_take (limit, "a", now_us));
  for (unsigned i = 0; i < 1000; i++)
    g_assert_false (weir_guess_limit_take (limit, "a", now_us));
  /* another peer has its own */
  g_assert_true (weir_guess_limit_take (limit, "b", now_us));
  /* one comes back every six seconds, and refusals do not push it off */
  now_us += 59 * WEIR_USEC_PER_SEC / 10;
  g_assert_false (weir_guess_limit_take (limit, "a", now_us));
  now_us += 2 * WEIR_USEC_PER_SEC / 10;
  g_assert_true (weir_guess_limit_take (limit, "a", now_us));
  g_assert_false (weir_guess_limit_take (limit, "a", now_us));
  /* never more than ten at once */
  now_us += 3600 * WEIR_USEC_PER_SEC;
  for (unsigned i = 0; i < 10; i++)
    g_assert_true (weir_guess_limit_take (limit, "a", now_us));
  g_assert_false (weir_guess_limit_take (limit, "a", now_us));
}

static void
test_an_hour_of_guessing_is_some_hundred_guesses (void)
{
  g_autoptr (WeirGuessLimit) limit = weir_guess_limit_new ();
  unsigned n_taken = 0;

  for (int64_t now_us = 0; now_us < 3600 * WEIR_USEC_PER_SEC; now_us += 1000)
    n_taken += weir_guess_limit_take (limit, "a", now_us) ? 1 : 0;
  g_assert_cmpuint (n_taken, >=, 608);
  g_assert_cmpuint (n_taken, <=, 610);
}

static void
test_many_peers_cost_bounded_memory (void)
{
  g_autoptr (WeirGuessLimit) limit = weir_guess_limit_new ();

  for (unsigned i = 0; i < 100000; i++)
    {
      g_autofree char *peer = g_strdup_printf ("2001:db8::%x", i);

      g_assert_true (weir_guess_limit_take (limit, peer, 0));
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  configs = g_ptr_array_new_with_free_func (free_config);
  name_key (FIRST, first_name);
  name_key (SECOND, second_name);
  g_test_add_func ("/client-keys/every-place-of-a-key-opens",
                   test_every_place_of_a_key_opens);
  g_test_add_func ("/client-keys/no-neighbour-of-a-key-opens",
                   test_no_neighbour_of_a_key_opens);
  g_test_add_func ("/client-keys/control-bytes-never-open", test_control_bytes_never_open);
  g_test_add_func ("/client-keys/two-of-ours-are-too-many", test_two_of_ours_are_too_many);
  g_test_add_func ("/client-keys/a-stranger-beside-ours-does-not-count",
                   test_a_stranger_beside_ours_does_not_count);
  g_test_add_func ("/client-keys/a-key-in-the-address-is-taken-only-where-allowed",
                   test_a_key_in_the_address_is_taken_only_where_allowed);
  g_test_add_func ("/client-keys/an-open-house-takes-anybody",
                   test_an_open_house_takes_anybody);
  g_test_add_func ("/client-keys/a-memory-ends-with-its-keys",
                   test_a_memory_ends_with_its_keys);
  g_test_add_func ("/client-keys/a-key-that-is-too-long-to-remember-opens",
                   test_a_key_that_is_too_long_to_remember_opens);
  g_test_add_func ("/client-keys/a-disabled-key-is-a-wrong-one",
                   test_a_disabled_key_is_a_wrong_one);
  g_test_add_func ("/client-keys/a-key-expires-on-time", test_a_key_expires_on_time);
  g_test_add_func ("/client-keys/an-expired-key-beside-a-good-one-does-not-count",
                   test_an_expired_key_beside_a_good_one_does_not_count);
  g_test_add_func ("/client-keys/guesses-are-ten-a-minute", test_guesses_are_ten_a_minute);
  g_test_add_func ("/client-keys/an-hour-of-guessing-is-some-hundred-guesses",
                   test_an_hour_of_guessing_is_some_hundred_guesses);
  g_test_add_func ("/client-keys/many-peers-cost-bounded-memory",
                   test_many_peers_cost_bounded_memory);
  status = g_test_run ();
  g_ptr_array_unref (configs);
  return status;
}
