/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-secret.h"

static void
test_only_one_line_is_a_secret (void)
{
  g_autofree char *most = g_strnfill (64 << 10, 'x');
  g_autofree char *more = g_strnfill ((64 << 10) + 1, 'x');
  g_autoptr (WeirSecret) large = weir_secret_new (weir_slice_from_string (most));
  g_autoptr (WeirSecret) foreign = weir_secret_new (WEIR_SLICE ("gr\303\274n"));

  g_assert_nonnull (large);
  g_assert_nonnull (foreign);
  g_assert_null (weir_secret_new (weir_slice_from_string (more)));
  g_assert_null (weir_secret_new ((WeirSlice){ 0 }));
  g_assert_null (weir_secret_new (WEIR_SLICE ("a\nb")));
  g_assert_null (weir_secret_new (WEIR_SLICE ("a\0b")));
  g_assert_null (weir_secret_new (WEIR_SLICE ("a\x7f")));
  weir_secret_unref (NULL);
}

static void
test_every_length_is_kept (void)
{
  g_autofree char *text = g_strnfill (9000, 'k');

  for (size_t length = 1; length <= 9000; length += length < 4000 || length > 4200 ? 97 : 1)
    {
      g_autoptr (WeirSecret) secret = weir_secret_new ((WeirSlice){ text, length });
      g_autoptr (WeirSecret) same = weir_secret_ref (secret);
      g_autofree char *masked = weir_secret_dup_masked (secret);

      g_assert_true (
          weir_slice_equal (weir_secret_reveal (same), (WeirSlice){ text, length }));
      g_assert_cmpstr (masked, ==, length < 16 ? "…" : "kkk…kkkk");
    }
}

static void
test_equal_is_equal_in_every_byte (void)
{
  static const char text[] = "sk-0123456789abcdef";
  g_autoptr (WeirSecret) secret = weir_secret_new (WEIR_SLICE ("sk-0123456789abcdef"));
  g_autoptr (WeirSecret) same = weir_secret_new (WEIR_SLICE ("sk-0123456789abcdef"));
  g_autoptr (WeirSecret) longer = weir_secret_new (WEIR_SLICE ("sk-0123456789abcdef0"));

  g_assert_true (weir_secret_equal (secret, same));
  g_assert_false (weir_secret_equal (secret, longer));
  for (size_t i = 0; i < sizeof text - 1; i++)
    {
      char other_text[sizeof text];
      g_autoptr (WeirSecret) other = NULL;

      memcpy (other_text, text, sizeof text);
      other_text[i] = (char)(other_text[i] ^ 1);
      other = weir_secret_new (weir_slice_from_string (other_text));
      g_assert_false (weir_secret_equal (secret, other));
    }
}

static void
test_only_mask_and_digest_are_for_eyes (void)
{
  g_autoptr (WeirSecret) secret = weir_secret_new (WEIR_SLICE ("sk-0123456789ab1f3a"));
  g_autoptr (WeirSecret) foreign = weir_secret_new (WEIR_SLICE ("gr\303\274n456789abcdef"));
  g_autoptr (WeirSecret) abc = weir_secret_new (WEIR_SLICE ("abc"));
  g_autofree char *masked = weir_secret_dup_masked (secret);
  g_autofree char *nothing = weir_secret_dup_masked (foreign);
  char hex[17];

  g_assert_cmpstr (masked, ==, "sk-…1f3a");
  g_assert_cmpstr (nothing, ==, "…");
  /* FIPS 180-2, appendix B.1 */
  weir_secret_get_digest (abc, hex);
  g_assert_cmpstr (hex, ==, "ba7816bf8f01cfea");
}

static void
test_a_string_is_wiped (void)
{
  weir_secret_wipe_string (NULL);
  weir_secret_wipe_string (g_strdup ("secret"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/secret/only-one-line-is-a-secret", test_only_one_line_is_a_secret);
  g_test_add_func ("/secret/every-length-is-kept", test_every_length_is_kept);
  g_test_add_func ("/secret/equal-is-equal-in-every-byte",
                   test_equal_is_equal_in_every_byte);
  g_test_add_func ("/secret/only-mask-and-digest-are-for-eyes",
                   test_only_mask_and_digest_are_for_eyes);
  g_test_add_func ("/secret/a-string-is-wiped", test_a_string_is_wiped);
  return g_test_run ();
}
