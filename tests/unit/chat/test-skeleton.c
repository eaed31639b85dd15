/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-skeleton.h"

static const char learnt[] = "{\"n\":7,\"a\":\"x\",\"t\":\"old\",\"f\":null}";

static void
learn (WeirSkeleton *skeleton)
{
  g_auto (WeirJson) json = { 0 };

  g_assert_true (weir_json_parse (&json, learnt, strlen (learnt), NULL, NULL));
  weir_skeleton_begin (skeleton);
  weir_skeleton_add_text (skeleton, &json, weir_json_lookup (&json, 0, "t"));
  weir_skeleton_add_number (skeleton, &json, weir_json_lookup (&json, 0, "n"), 2);
  weir_skeleton_learn (skeleton, weir_slice_from_string (learnt));
}

static gboolean
match (const char *event, uint64_t *out_number)
{
  g_auto (WeirSkeleton) skeleton = { 0 };
  uint64_t numbers[3] = { 0 };
  gboolean matched;

  learn (&skeleton);
  matched = weir_skeleton_match (&skeleton, weir_slice_from_string (event), numbers);
  *out_number = numbers[2];
  return matched;
}

static void
test_only_holes_may_differ (void)
{
  static const struct
  {
    const char *event;
    gboolean matches;
    uint64_t number;
  } rows[] = {
    { "{\"n\":7,\"a\":\"x\",\"t\":\"old\",\"f\":null}", TRUE, 7 },
    { "{\"n\":123,\"a\":\"x\",\"t\":\"\",\"f\":null}", TRUE, 123 },
    { "{\"n\":0,\"a\":\"x\",\"t\":\"a \\\" b \\\\\",\"f\":null}", TRUE, 0 },
    { "{\"n\":7,\"a\":\"y\",\"t\":\"old\",\"f\":null}", FALSE, 0 },
    { "{\"n\":7,\"a\":\"x\",\"t\":\"old\",\"f\":true}", FALSE, 0 },
    { "{\"n\":7,\"a\":\"x\",\"t\":\"old\",\"f\":null} ", FALSE, 0 },
    { "{\"n\":7,\"a\":\"x\",\"t\":\"old\",\"f\":null", FALSE, 0 },
    { "{\"n\":7,\"a\":\"x\",\"t\":\"old\\\",\"f\":null}", FALSE, 0 },
    { "{\"n\":7,\"a\":\"x\",\"t\":\"old\",\"e\":1,\"f\":null}", FALSE, 0 },
    { "{\"n\":-7,\"a\":\"x\",\"t\":\"old\",\"f\":null}", FALSE, 0 },
    { "{\"n\":07,\"a\":\"x\",\"t\":\"old\",\"f\":null}", FALSE, 0 },
    { "{\"n\":7.5,\"a\":\"x\",\"t\":\"old\",\"f\":null}", FALSE, 0 },
    { "{\"n\":,\"a\":\"x\",\"t\":\"old\",\"f\":null}", FALSE, 0 },
    { "{\"n\":99999999999999999999,\"a\":\"x\",\"t\":\"old\",\"f\":null}", FALSE, 0 },
    { "", FALSE, 0 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      uint64_t number;

      g_assert_cmpint (match (rows[i].event, &number), ==, rows[i].matches);
      g_assert_cmpuint (number, ==, rows[i].number);
    }
}

static void
test_no_prefix_matches (void)
{
  for (size_t end = 0; end < strlen (learnt); end++)
    {
      g_autofree char *prefix = g_strndup (learnt, end);
      uint64_t number;

      g_assert_false (match (prefix, &number));
    }
}

static void
test_what_is_spoilt_is_not_learnt (void)
{
  g_auto (WeirSkeleton) skeleton = { 0 };
  g_auto (WeirJson) json = { 0 };
  WeirSlice event = weir_slice_from_string ("{\"t\":\"a\",\"n\":-1}");
  uint64_t numbers[1];

  g_assert_true (weir_json_parse (&json, event.text, event.length, NULL, NULL));
  weir_skeleton_begin (&skeleton);
  weir_skeleton_learn (&skeleton, event);
  g_assert_false (weir_skeleton_match (&skeleton, event, numbers)); /* no hole */

  for (size_t i = 0; i <= WEIR_SKELETON_HOLES; i++)
    weir_skeleton_add_text (&skeleton, &json, weir_json_lookup (&json, 0, "t"));
  weir_skeleton_learn (&skeleton, event);
  g_assert_false (weir_skeleton_match (&skeleton, event, numbers)); /* too many */

  weir_skeleton_begin (&skeleton);
  weir_skeleton_add_text (&skeleton, &json, weir_json_lookup (&json, 0, "t"));
  weir_skeleton_add_number (&skeleton, &json, weir_json_lookup (&json, 0, "n"), 0);
  weir_skeleton_learn (&skeleton, event);
  g_assert_false (weir_skeleton_match (&skeleton, event, numbers)); /* a sign */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/skeleton/only-holes-may-differ", test_only_holes_may_differ);
  g_test_add_func ("/skeleton/no-prefix-matches", test_no_prefix_matches);
  g_test_add_func ("/skeleton/what-is-spoilt-is-not-learnt",
                   test_what_is_spoilt_is_not_learnt);
  return g_test_run ();
}
