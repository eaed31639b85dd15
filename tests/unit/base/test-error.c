/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-error.h"

#include <gio/gio.h>

static void
test_every_row_is_whole (void)
{
  for (int code = 0; code < WEIR_ERROR_LAST; code++)
    {
      const WeirErrorInfo *info = weir_error_get_info ((WeirError)code);

      g_assert_cmpuint (info->status, >=, 400);
      g_assert_cmpuint (info->status, <, 600);
      g_assert_nonnull (info->code);
      g_assert_nonnull (info->openai_type);
      g_assert_nonnull (info->anthropic_type);
      g_assert_nonnull (info->gemini_status);
    }
}

static void
test_codes_are_distinct (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int code = 0; code < WEIR_ERROR_LAST; code++)
    g_assert_true (
        g_hash_table_add (seen, (gpointer)weir_error_get_info ((WeirError)code)->code));
}

static void
test_foreign_errors_have_a_code (void)
{
  g_autoptr (GError) ours = NULL;
  g_autoptr (GError) left = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "left");
  g_autoptr (GError) other = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "other");

  g_assert_false (weir_error_set (&ours, WEIR_ERROR_LOOP, "came from %d", 1));
  g_assert_cmpstr (ours->message, ==, "came from 1");
  g_assert_cmpint (weir_error_get_code (ours), ==, WEIR_ERROR_LOOP);
  g_assert_cmpint (weir_error_get_code (left), ==, WEIR_ERROR_CANCELLED);
  g_assert_cmpint (weir_error_get_code (other), ==, WEIR_ERROR_INTERNAL);
  g_assert_false (weir_error_set (NULL, WEIR_ERROR_LOOP, "nobody listens"));
}

static void
test_an_upstream_status_has_a_code (void)
{
  static const struct
  {
    unsigned status;
    WeirError code;
  } cases[] = {
    { 400, WEIR_ERROR_BAD_REQUEST },      { 401, WEIR_ERROR_UNAUTHORIZED },
    { 402, WEIR_ERROR_BILLING },          { 403, WEIR_ERROR_FORBIDDEN },
    { 404, WEIR_ERROR_NOT_FOUND },        { 408, WEIR_ERROR_REQUEST_TIMEOUT },
    { 413, WEIR_ERROR_TOO_LARGE },        { 422, WEIR_ERROR_BAD_REQUEST },
    { 429, WEIR_ERROR_LIMITED },          { 500, WEIR_ERROR_UPSTREAM },
    { 502, WEIR_ERROR_UPSTREAM },         { 503, WEIR_ERROR_OVERLOADED },
    { 504, WEIR_ERROR_UPSTREAM_TIMEOUT }, { 529, WEIR_ERROR_OVERLOADED },
    { 302, WEIR_ERROR_UPSTREAM },         { 0, WEIR_ERROR_UPSTREAM },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (weir_error_from_status (cases[i].status), ==, cases[i].code);

  /* who is to blame stays who was to blame */
  for (unsigned status = 100; status < 1000; status++)
    {
      const WeirErrorInfo *info = weir_error_get_info (weir_error_from_status (status));

      g_assert_cmpuint (info->status / 100, ==, status / 100 == 4 ? 4 : 5);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/every-row-is-whole", test_every_row_is_whole);
  g_test_add_func ("/error/codes-are-distinct", test_codes_are_distinct);
  g_test_add_func ("/error/foreign-errors-have-a-code", test_foreign_errors_have_a_code);
  g_test_add_func ("/error/an-upstream-status-has-a-code",
                   test_an_upstream_status_has_a_code);
  return g_test_run ();
}
