/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-text.h"

static void
test_escapes_become_what_they_spell (void)
{
  g_autoptr (GString) out = g_string_new ("kept ");

  weir_text_unescape (WEIR_SLICE (""), out);
  weir_text_unescape (WEIR_SLICE ("plain "), out);
  weir_text_unescape (WEIR_SLICE ("a\\n\\\"\\u00e9\\ud83d\\ude00 \\ud800"), out);
  g_assert_cmpstr (out->str, ==, "kept plain a\n\"\xc3\xa9\xf0\x9f\x98\x80 \xef\xbf\xbd");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/escapes-become-what-they-spell",
                   test_escapes_become_what_they_spell);
  return g_test_run ();
}
