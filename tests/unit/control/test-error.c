/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a caller on the bus reads of our errors. */

#include "config.h"

#include "control/weir-control.h"

#define PREFIX "io.github.weirproxy.Weir1.Error."

static void
test_every_error_has_one_of_our_names (void)
{
  static const char *const names[]
      = { "NotFound", "Busy", "Refused", "BadRequest", "Unsupported", "Failed", NULL };

  for (int code = 0; code < WEIR_ERROR_LAST; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (WEIR_ERROR, code, "no");
      const char *name = weir_control_error_get_name (error);

      g_assert_true (g_str_has_prefix (name, PREFIX));
      g_assert_true (g_strv_contains (names, name + strlen (PREFIX)));
    }
}

static void
test_a_message_becomes_a_sentence (void)
{
  static const char *const pairs[][2] = {
    { "cannot listen", "Cannot listen." },
    { "Weir is ending.", "Weir is ending." },
    { "why?", "Why?" },
    { "two lines\n", "Two lines." },
    { "", "" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (WEIR_ERROR, 0, pairs[i][0]);
      g_autofree char *sentence = weir_control_error_dup_sentence (error);

      g_assert_cmpstr (sentence, ==, pairs[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/control-error/every-error-has-one-of-our-names",
                   test_every_error_has_one_of_our_names);
  g_test_add_func ("/control-error/a-message-becomes-a-sentence",
                   test_a_message_becomes_a_sentence);
  return g_test_run ();
}
