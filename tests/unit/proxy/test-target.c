/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Base URLs and proxy URLs: what is taken, what is refused, and that no message quotes
 * them. */

#include "config.h"

#include "proxy/weir-target.h"

static void
test_good_urls (void)
{
  static const struct
  {
    const char *url;
    const char *host;
    const char *authority;
    const char *path;
    uint16_t port;
    gboolean tls;
  } cases[] = {
    { "https://api.Example.com", "api.example.com", "api.example.com", "", 443, TRUE },
    { "https://h/v1/", "h", "h", "/v1", 443, TRUE },
    { "http://h:80/v1beta//", "h", "h", "/v1beta", 80, FALSE },
    { "HTTP://127.0.0.1:8080", "127.0.0.1", "127.0.0.1:8080", "", 8080, FALSE },
    { "https://[::1]:443/a%20b", "::1", "[::1]", "/a%20b", 443, TRUE },
    { "http://[2001:DB8::1]:443", "2001:db8::1", "[2001:db8::1]:443", "", 443, FALSE },
    { "https://b\xc3\xbc.example", "xn--b-eha.example", "xn--b-eha.example", "", 443,
      TRUE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (WeirTarget) target = weir_target_new (cases[i].url, "", NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (target->host, ==, cases[i].host);
      g_assert_cmpstr (target->authority, ==, cases[i].authority);
      g_assert_cmpstr (target->path, ==, cases[i].path);
      g_assert_cmpuint (target->port, ==, cases[i].port);
      g_assert_cmpint (target->tls, ==, cases[i].tls);
      g_assert_null (target->proxy_url);
      g_assert_cmpstr (target->account, ==, "");
    }
}

static void
test_bad_urls (void)
{
  static const char *const urls[] = {
    "",
    "api.example.com",
    "//api.example.com",
    "ftp://h",
    "https://",
    "https:///v1",
    "https://user:hunter2@h",
    "https://hunter2@h",
    "https://h/?key=hunter2",
    "https://h/#hunter2",
    "https://h:0",
    "https://h:65536",
    "https://h:x",
    "https://a b",
    "https://h/a b",
    "https://h/\r\nX: y",
    "https://h\r\n",
    "https://[fe80::1%25eth0]",
    "https://[::1",
    "https://a/b\x7f",
    "https://a%2fb/",
    "https://a%0db/",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (WeirTarget) target = weir_target_new (urls[i], NULL, NULL, &error);

      g_test_message ("%zu %s", i, urls[i]);
      g_assert_null (target);
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
      g_assert_null (strstr (error->message, "hunter2"));
    }
}

static void
test_proxy_urls (void)
{
  static const char *const good[] = {
    "direct",
    "http://proxy:3128",
    "https://proxy",
    "socks5://127.0.0.1:1080",
    "socks5h://u:p@[::1]:1080",
  };
  static const char *const bad[]
      = { "proxy:3128", "ftp://u:hunter2@p", "socks4://p", "http://",
          "none",       "http://u:hunter2@" };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (WeirTarget) target = weir_target_new ("https://h", good[i], "a", &error);

      g_assert_no_error (error);
      g_assert_cmpstr (target->proxy_url, ==, good[i]);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (weir_target_new ("https://h", bad[i], "a", &error));
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
      g_assert_null (strstr (error->message, "hunter2"));
    }
}

static void
test_equality (void)
{
  static const char *const differing[][3] = {
    { "http://h:443", NULL, "a" },      { "https://g", NULL, "a" },
    { "https://h:444", NULL, "a" },     { "https://h", "direct", "a" },
    { "https://h", "http://p:1", "a" }, { "https://h", NULL, "b" },
  };
  g_autoptr (WeirTarget) one = weir_target_new ("https://h/v1", NULL, "a", NULL);
  g_autoptr (WeirTarget) same = weir_target_new ("https://H:443/v2", "", "a", NULL);
  g_autoptr (WeirTarget) copy = weir_target_copy (one);

  g_assert_true (weir_target_equal (one, same));
  g_assert_true (weir_target_equal (one, copy));
  g_assert_cmpuint (weir_target_hash (one), ==, weir_target_hash (same));
  for (size_t i = 0; i < G_N_ELEMENTS (differing); i++)
    {
      g_autoptr (WeirTarget) other
          = weir_target_new (differing[i][0], differing[i][1], differing[i][2], NULL);

      g_assert_false (weir_target_equal (one, other));
    }
}

static void
test_loopback (void)
{
  static const char *const near[]
      = { "http://127.0.0.1", "http://127.8.9.1", "http://[::1]", "http://LOCALHOST",
          "http://a.localhost" };
  static const char *const far[] = { "http://128.0.0.1", "http://localhost.example",
                                     "http://[::2]", "http://10.0.0.1" };

  for (size_t i = 0; i < G_N_ELEMENTS (near); i++)
    {
      g_autoptr (WeirTarget) target = weir_target_new (near[i], NULL, NULL, NULL);

      g_assert_true (weir_target_is_loopback (target));
    }
  for (size_t i = 0; i < G_N_ELEMENTS (far); i++)
    {
      g_autoptr (WeirTarget) target = weir_target_new (far[i], NULL, NULL, NULL);

      g_assert_false (weir_target_is_loopback (target));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/target/good-urls-are-taken-apart", test_good_urls);
  g_test_add_func ("/target/bad-urls-are-refused-and-not-quoted", test_bad_urls);
  g_test_add_func ("/target/proxy-urls-are-checked-and-not-quoted", test_proxy_urls);
  g_test_add_func ("/target/only-the-path-may-differ", test_equality);
  g_test_add_func ("/target/loopback-is-known-by-name-and-address", test_loopback);
  return g_test_run ();
}
