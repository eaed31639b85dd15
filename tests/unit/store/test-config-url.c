/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which addresses are fine; the sentences on the others are in test-config-entry.c. */

#include "store/weir-config-url.h"

static void
test_loopback_is_known_by_literal (void)
{
  static const char *const near[]
      = { "localhost", "LocalHost", "127.0.0.1", "127.9.9.9", "::1" };
  static const char *const far[]
      = { "",           "0.0.0.0", "::",          "127.1",           "2130706433",
          "::ffff:0:1", "[::1]",   "localhost.x", "127.0.0.1.x.org", "169.254.169.254" };

  for (size_t i = 0; i < G_N_ELEMENTS (near); i++)
    g_assert_true (weir_config_is_loopback (near[i]));
  for (size_t i = 0; i < G_N_ELEMENTS (far); i++)
    g_assert_false (weir_config_is_loopback (far[i]));
}

static void
test_base_urls (void)
{
  static const char *const good[]
      = { "https://x.example",       "https://x.example:8443/v1",
          "HTTPS://x.example/a%20b", "http://127.0.0.1:11434/v1",
          "http://[::1]:8080",       "http://localhost" };
  static const char *const bad[] = { "",
                                     "x.example",
                                     "//x.example",
                                     "https:x.example",
                                     "https://",
                                     "https:///v1",
                                     "ftp://x.example",
                                     "file:///etc/passwd",
                                     "https://u@x.example",
                                     "https://u:p@x.example",
                                     "https://@x.example",
                                     "https://x.example#f",
                                     "https://x.example?",
                                     "https://x.example/ v1",
                                     "https://x.example/\n",
                                     "https://x.example\\@y",
                                     "https://x.ex\xc3\xa4mple",
                                     "https://x.example:99999",
                                     "https://[::1",
                                     "http://x.example",
                                     "http://127.0.0.1.x.example",
                                     "http://192.168.0.1" };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_null (weir_config_find_base_url_fault (good[i], FALSE));
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_nonnull (weir_config_find_base_url_fault (bad[i], FALSE));
  g_assert_null (weir_config_find_base_url_fault ("http://192.168.0.1", TRUE));
  g_assert_nonnull (weir_config_find_base_url_fault ("ftp://192.168.0.1", TRUE));
}

static void
test_proxy_urls (void)
{
  static const char *const good[] = { "",
                                      "direct",
                                      "None",
                                      "http://p:3128",
                                      "https://u:p@p:3128",
                                      "socks5://127.0.0.1:1080",
                                      "socks5h://p:1080" };
  static const char *const bad[]
      = { "p:3128", "socks4://p", "ftp://p", "http://", "http://p p", "http://p:x" };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_null (weir_config_find_proxy_url_fault (good[i]));
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_nonnull (weir_config_find_proxy_url_fault (bad[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config-url/loopback-is-known-by-literal",
                   test_loopback_is_known_by_literal);
  g_test_add_func ("/config-url/base-urls", test_base_urls);
  g_test_add_func ("/config-url/proxy-urls", test_proxy_urls);
  return g_test_run ();
}
