/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is remembered of requests. */

#include "config.h"

#include "control/weir-activity.h"

#define HOUR_US ((int64_t)3600 * G_USEC_PER_SEC)
#define NOON_US (500000 * HOUR_US)

static WeirLogRow
make_row (uint64_t number, const char *seat, const char *error)
{
  return (WeirLogRow){
    .number = number,
    .id = "weir-1",
    .route = "POST /v1/messages",
    .model = "opus",
    .account = seat,
    .client_dialect = "anthropic",
    .outcome = error != NULL ? "failed" : "complete",
    .error = error,
    .status = error != NULL ? 502 : 200,
    .tokens_in = 10,
    .tokens_out = 3,
    .tokens_cached = WEIR_USAGE_UNKNOWN,
    .first_byte_us = 5,
    .total_us = 9,
  };
}

static void
test_the_newest_come_first (void)
{
  g_autoptr (WeirActivity) activity = weir_activity_new ();
  const WeirActivityExchange *exchange;

  g_assert_null (weir_activity_get (activity, 0));
  for (uint64_t i = 1; i <= 3 * WEIR_ACTIVITY_EXCHANGES_MAX + 7; i++)
    {
      const WeirLogRow row = make_row (i, "claude", NULL);
      const uint64_t kept = MIN (i, WEIR_ACTIVITY_EXCHANGES_MAX);

      weir_activity_add (activity, &row, NOON_US);
      for (uint64_t j = 0; j < kept; j += 83)
        {
          exchange = weir_activity_get (activity, (unsigned)j);
          g_assert_cmpuint (exchange->number, ==, i - j);
        }
      g_assert_null (weir_activity_get (activity, (unsigned)kept));
    }
}

static void
test_sums_are_of_hour_seat_and_model (void)
{
  g_autoptr (WeirActivity) activity = weir_activity_new ();
  const WeirLogRow fine = make_row (1, "claude", NULL);
  const WeirLogRow other = make_row (2, "groq", NULL);
  const WeirLogRow bad = make_row (3, "claude", "cut");
  const WeirLogRow nobody = make_row (4, NULL, "unauthorized");
  const GArray *usages = weir_activity_get_usage (activity);
  const WeirActivityUsage *first;

  weir_activity_add (activity, &fine, NOON_US);
  weir_activity_add (activity, &other, NOON_US + 1);
  weir_activity_add (activity, &bad, NOON_US + HOUR_US - 1);
  weir_activity_add (activity, &nobody, NOON_US + 5);
  weir_activity_add (activity, &fine, NOON_US + HOUR_US);
  g_assert_cmpuint (usages->len, ==, 3);
  first = &g_array_index (usages, WeirActivityUsage, 0);
  g_assert_cmpint (first->hour_us, ==, NOON_US);
  g_assert_cmpstr (first->seat, ==, "claude");
  g_assert_cmpuint (first->requests, ==, 2);
  g_assert_cmpuint (first->failed, ==, 1);
  g_assert_cmpuint (first->tokens_in, ==, 20);
  g_assert_cmpuint (first->tokens_cached, ==, 0);
  g_assert_cmpuint (weir_activity_get_totals (activity)->requests, ==, 5);
  g_assert_cmpuint (weir_activity_get_totals (activity)->failed, ==, 2);
}

static void
test_memory_is_bounded (void)
{
  g_autoptr (WeirActivity) activity = weir_activity_new ();

  for (unsigned i = 0; i < 2 * WEIR_ACTIVITY_USAGE_MAX; i++)
    {
      const WeirLogRow row = make_row (i, "claude", NULL);

      weir_activity_add (activity, &row, NOON_US + i * HOUR_US);
      g_assert_cmpuint (weir_activity_get_usage (activity)->len, <=,
                        WEIR_ACTIVITY_USAGE_MAX);
    }
}

static void
test_long_texts_are_cut_between_characters (void)
{
  g_autoptr (GString) name = g_string_new (NULL);

  for (unsigned i = 0; i < 100; i++)
    {
      WeirActivityExchange exchange;
      WeirLogRow row = make_row (1, name->str, NULL);

      row.model = name->str;
      weir_activity_read_row (&row, NOON_US, &exchange);
      g_assert_true (g_utf8_validate (exchange.model, -1, NULL));
      g_assert_true (g_str_has_prefix (name->str, exchange.model));
      g_assert_true (g_utf8_validate (exchange.seat, -1, NULL));
      g_string_append (name, i % 3 == 0 ? "a" : "\xe2\x82\xac");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/activity/the-newest-come-first", test_the_newest_come_first);
  g_test_add_func ("/activity/sums-are-of-hour-seat-and-model",
                   test_sums_are_of_hour_seat_and_model);
  g_test_add_func ("/activity/memory-is-bounded", test_memory_is_bounded);
  g_test_add_func ("/activity/long-texts-are-cut-between-characters",
                   test_long_texts_are_cut_between_characters);
  return g_test_run ();
}
