/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/weir-http-head.h"

static void
test_a_query_parameter_is_found_and_decoded (void)
{
  static const struct
  {
    const char *query;
    const char *value; /* of `key` */
  } cases[] = {
    { "key=a", "a" },     { "a=b&key=c%2Fd%20e&key=f", "c/d e" },
    { "key", "" },        { "key=", "" },
    { "key=a=b", "a=b" }, { "key=a+b", "a+b" },
    { "&&key=a&", "a" },  { "monkey=a", NULL },
    { "keys=a", NULL },   { "KEY=a", NULL },
    { "", NULL },         { "key=%zz", NULL },
    { "key=%4", NULL },   { "key=%0a", NULL },
    { "key=%00", NULL },  { "key=%7f", NULL },
    { "key=%ff", NULL },  { "key=%c3%a4", "\xc3\xa4" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *value
          = weir_http_query_dup (weir_slice_from_string (cases[i].query), "key");

      g_test_message ("%s", cases[i].query);
      g_assert_cmpstr (value, ==, cases[i].value);
    }
}

static void
test_every_byte_survives_its_escape (void)
{
  for (unsigned byte = 0; byte < 256; byte++)
    {
      g_autofree char *escaped = g_strdup_printf ("a%%%02xb%%%02X", byte, byte);
      g_autofree char *text = weir_http_percent_decode (weir_slice_from_string (escaped));

      if (byte < 0x20 || byte >= 0x7f)
        g_assert_null (text);
      else
        {
          g_autofree char *expected = g_strdup_printf ("a%cb%c", (char)byte, (char)byte);

          g_assert_cmpstr (text, ==, expected);
        }
    }
}

static const struct
{
  const char *text;
  const char *host; /* NULL: refused */
  unsigned port;
  gboolean is_ipv6;
} authorities[] = {
  { "localhost", "localhost", 0, FALSE },
  { "127.0.0.1:8317", "127.0.0.1", 8317, FALSE },
  { "my_host-1.local:65535", "my_host-1.local", 65535, FALSE },
  { "[::1]:8317", "::1", 8317, TRUE },
  { "[::ffff:127.0.0.1]", "::ffff:127.0.0.1", 0, TRUE },
  { "", NULL, 0, FALSE },
  { ":80", NULL, 0, FALSE },
  { "a:", NULL, 0, FALSE },
  { "a:0", NULL, 0, FALSE },
  { "a:080", NULL, 0, FALSE },
  { "a:65536", NULL, 0, FALSE },
  { "a:99999", NULL, 0, FALSE },
  { "a:100000", NULL, 0, FALSE },
  { "a:8x", NULL, 0, FALSE },
  { "a:+8", NULL, 0, FALSE },
  { "a:80:80", NULL, 0, FALSE },
  { "user@a", NULL, 0, FALSE },
  { "user:password@a", NULL, 0, FALSE },
  { "a b", NULL, 0, FALSE },
  { "a/b", NULL, 0, FALSE },
  { "a%41", NULL, 0, FALSE },
  { "a,b", NULL, 0, FALSE },
  { "::1", NULL, 0, FALSE },
  { "[]", NULL, 0, FALSE },
  { "[::1", NULL, 0, FALSE },
  { "[::1]x", NULL, 0, FALSE },
  { "[::1]80", NULL, 0, FALSE },
  { "[::1]:", NULL, 0, FALSE },
  { "[127.0.0.1]", NULL, 0, FALSE },
  { "[fe80::1%25lo]", NULL, 0, FALSE },
  { "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]", NULL, 0, FALSE },
  { "\xc3\xa4", NULL, 0, FALSE },
};

static void
test_authorities_are_read_strictly (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (authorities); i++)
    {
      WeirHttpAuthority authority = { .port = 7 };
      gboolean accepted = weir_http_authority_parse (
          weir_slice_from_string (authorities[i].text), &authority);

      g_test_message ("%s", authorities[i].text);
      g_assert_cmpint (accepted, ==, authorities[i].host != NULL);
      if (!accepted)
        {
          g_assert_cmpuint (authority.port, ==, 7);
          continue;
        }
      g_assert_cmpmem (authority.host.text, authority.host.length, authorities[i].host,
                       strlen (authorities[i].host));
      g_assert_cmpuint (authority.port, ==, authorities[i].port);
      g_assert_cmpint (authority.is_ipv6, ==, authorities[i].is_ipv6);
    }
}

static void
test_a_long_name_is_no_authority (void)
{
  g_autofree char *name = g_strnfill (254, 'a');
  WeirHttpAuthority authority;

  g_assert_true (weir_http_authority_parse ((WeirSlice){ name, 253 }, &authority));
  g_assert_false (weir_http_authority_parse ((WeirSlice){ name, 254 }, &authority));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/uri/a-query-parameter-is-found-and-decoded",
                   test_a_query_parameter_is_found_and_decoded);
  g_test_add_func ("/uri/every-byte-survives-its-escape",
                   test_every_byte_survives_its_escape);
  g_test_add_func ("/uri/authorities-are-read-strictly",
                   test_authorities_are_read_strictly);
  g_test_add_func ("/uri/a-long-name-is-no-authority", test_a_long_name_is_no_authority);
  return g_test_run ();
}
