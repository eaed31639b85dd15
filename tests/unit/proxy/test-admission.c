/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who may speak: tables of heads.  What a web page can send is at the heart of it. */

#include "config.h"

#include "proxy/weir-admission.h"

typedef struct
{
  const char *local; /* "v4", "v6", "tls", "lan" */
  const char *fields;
  int wanted; /* a WeirError, or -1 */
} Row;

#define GOOD (-1)
#define ASTRAY WEIR_ERROR_MISDIRECTED
#define FORBIDDEN WEIR_ERROR_FORBIDDEN
#define MEDIA WEIR_ERROR_MEDIA_TYPE

static WeirLocal
get_local (const char *name)
{
  if (g_str_equal (name, "v6"))
    return (WeirLocal){ "::1", 8317, FALSE, TRUE };
  if (g_str_equal (name, "tls"))
    return (WeirLocal){ "127.0.0.1", 8317, TRUE, TRUE };
  if (g_str_equal (name, "lan"))
    return (WeirLocal){ "192.168.1.5", 8317, FALSE, FALSE };
  if (g_str_equal (name, "web"))
    return (WeirLocal){ "127.0.0.1", 80, FALSE, TRUE };
  if (g_str_equal (name, "tlsweb"))
    return (WeirLocal){ "127.0.0.1", 443, TRUE, TRUE };
  g_assert_cmpstr (name, ==, "v4");
  return (WeirLocal){ "127.0.0.1", 8317, FALSE, TRUE };
}

/* clang-format off */
static const Row hosts[] = {
  /* our own addresses, with our port */
  { "v4", "Host: 127.0.0.1:8317", GOOD },
  { "v4", "Host: localhost:8317", GOOD },
  { "v4", "Host: LocalHost:8317", GOOD },
  { "v6", "Host: [::1]:8317", GOOD },
  { "v6", "Host: localhost:8317", GOOD },
  { "tls", "Host: 127.0.0.1:8317", GOOD },
  { "lan", "Host: 192.168.1.5:8317", GOOD },
  { "web", "Host: 127.0.0.1", GOOD },
  { "web", "Host: localhost", GOOD },
  { "web", "Host: 127.0.0.1:80", GOOD },
  { "tlsweb", "Host: localhost", GOOD },
  /* another port, or none */
  { "v4", "Host: 127.0.0.1:8318", ASTRAY },
  { "v4", "Host: 127.0.0.1", ASTRAY },
  { "v4", "Host: localhost", ASTRAY },
  { "v4", "Host: localhost:80", ASTRAY },
  { "v6", "Host: [::1]", ASTRAY },
  { "v6", "Host: [::1]:1", ASTRAY },
  { "tlsweb", "Host: localhost:80", ASTRAY },
  { "web", "Host: localhost:443", ASTRAY },
  { "v4", "Host: 127.0.0.1:0", ASTRAY },
  { "v4", "Host: 127.0.0.1:", ASTRAY },
  { "v4", "Host: 127.0.0.1:73853", ASTRAY },
  { "v4", "Host: 127.0.0.1:+8317", ASTRAY },
  { "v4", "Host: 127.0.0.1:8317:8317", ASTRAY },
  /* names of others, and names that look like ours */
  { "v4", "Host: evil.example", ASTRAY },
  { "v4", "Host: evil.example:8317", ASTRAY },
  { "v4", "Host: 127.0.0.1.nip.example:8317", ASTRAY },
  { "v4", "Host: localhost.evil:8317", ASTRAY },
  { "v4", "Host: evil.localhost:8317", ASTRAY },
  { "v4", "Host: localhost.:8317", ASTRAY },
  { "v4", "Host: 127.0.0.1.:8317", ASTRAY },
  { "v4", "Host: user@127.0.0.1:8317", ASTRAY },
  { "v4", "Host: 127.0.0.1:8317@evil", ASTRAY },
  { "v4", "Host: 127.0.0.1:8317/", ASTRAY },
  { "v4", "Host: ", ASTRAY },
  { "v4", "Host: :8317", ASTRAY },
  { "v4", "Host: localhost%00:8317", ASTRAY },
  { "v4", "Host: l%6fcalhost:8317", ASTRAY },
  { "lan", "Host: localhost:8317", ASTRAY },
  { "lan", "Host: 127.0.0.1:8317", ASTRAY },
  { "lan", "Host: 192.168.1.50:8317", ASTRAY },
  /* other spellings of our addresses */
  { "v4", "Host: 0.0.0.0:8317", ASTRAY },
  { "v4", "Host: [::]:8317", ASTRAY },
  { "v6", "Host: [::]:8317", ASTRAY },
  { "v4", "Host: 127.1:8317", ASTRAY },
  { "v4", "Host: 2130706433:8317", ASTRAY },
  { "v4", "Host: 0x7f.0.0.1:8317", ASTRAY },
  { "v4", "Host: 0177.0.0.1:8317", ASTRAY },
  { "v4", "Host: 127.0.0.01:8317", ASTRAY },
  { "v4", "Host: [::ffff:127.0.0.1]:8317", ASTRAY },
  { "v4", "Host: [127.0.0.1]:8317", ASTRAY },
  { "v4", "Host: [localhost]:8317", ASTRAY },
  { "v4", "Host: [::1]:8317", ASTRAY },
  { "v6", "Host: 127.0.0.1:8317", ASTRAY },
  { "v6", "Host: ::1:8317", ASTRAY },
  { "v6", "Host: [::1%25lo]:8317", ASTRAY },
  { "v6", "Host: [0:0:0:0:0:0:0:1]:8317", ASTRAY },
};

#define OURS "Host: 127.0.0.1:8317\r\n"
static const Row origins[] = {
  { "v4", OURS "Accept: *", GOOD },
  { "v4", OURS "Origin: http://127.0.0.1:8317", GOOD },
  { "v4", "Host: localhost:8317\r\nOrigin: http://localhost:8317", GOOD },
  { "v6", "Host: [::1]:8317\r\nOrigin: http://[::1]:8317", GOOD },
  { "tls", OURS "Origin: https://127.0.0.1:8317", GOOD },
  { "tls", OURS "Origin: http://127.0.0.1:8317", FORBIDDEN },
  { "v4", OURS "Origin: https://127.0.0.1:8317", FORBIDDEN },
  { "v4", OURS "Origin: http://localhost:8317", FORBIDDEN },
  { "v4", OURS "Origin: http://127.0.0.1:8318", FORBIDDEN },
  { "v4", OURS "Origin: http://127.0.0.1", FORBIDDEN },
  { "v4", OURS "Origin: http://127.0.0.1:8317/", FORBIDDEN },
  { "v4", OURS "Origin: http://127.0.0.1:8317.evil.example", FORBIDDEN },
  { "v4", OURS "Origin: http://evil.example/http://127.0.0.1:8317", FORBIDDEN },
  { "v4", OURS "Origin: http://user@127.0.0.1:8317", FORBIDDEN },
  { "v4", OURS "Origin: http://evil127.0.0.1:8317", FORBIDDEN },
  { "v4", OURS "Origin: https://evil.example", FORBIDDEN },
  { "v4", OURS "Origin: null", FORBIDDEN },
  { "v4", OURS "Origin: file://", FORBIDDEN },
  { "v4", OURS "Origin: http://", FORBIDDEN },
  { "v4", OURS "Origin:", FORBIDDEN },
  { "v4", OURS "Origin: *", FORBIDDEN },
  { "v4", OURS "Origin: moz-extension://0a1b", FORBIDDEN },
  { "v4", OURS "Origin: chrome-extension://abc", FORBIDDEN },
  { "v4", OURS "Origin: http://127.0.0.1:8317 http://evil.example", FORBIDDEN },
  { "v4", OURS "Origin: http://127.0.0.1:8317\r\nOrigin: http://evil.example", FORBIDDEN },
  { "v4", OURS "Origin: http://evil.example\r\nOrigin: http://127.0.0.1:8317", FORBIDDEN },
  { "v4", OURS "Sec-Fetch-Site: none", GOOD },
  { "v4", OURS "Sec-Fetch-Site: same-origin", GOOD },
  { "v4", OURS "Sec-Fetch-Site: cross-site", FORBIDDEN },
  { "v4", OURS "sec-fetch-site: same-site", FORBIDDEN },
  { "v4", OURS "Sec-Fetch-Site: Cross-Site", FORBIDDEN },
  { "v4", OURS "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site", FORBIDDEN },
  { "v4", OURS "Origin: http://127.0.0.1:8317\r\nSec-Fetch-Site: cross-site", FORBIDDEN },
  /* the Host goes first: a rebound name hears nothing else */
  { "v4", "Host: evil.example:8317\r\nOrigin: http://evil.example:8317", ASTRAY },
};

static const Row contents[] = {
  { "v4", "Content-Type: application/json", GOOD },
  { "v4", "content-type: Application/JSON", GOOD },
  { "v4", "Content-Type: application/json; charset=utf-8", GOOD },
  { "v4", "Content-Type: application/json ;charset=utf-8", GOOD },
  { "v4", "Content-Type: application/json;", GOOD },
  { "v4", "Content-Type: application/json\r\nContent-Encoding: identity", GOOD },
  { "v4", "Content-Type: application/json\r\nContent-Encoding:", GOOD },
  { "v4", "Accept: *", MEDIA },
  { "v4", "Content-Type:", MEDIA },
  { "v4", "Content-Type: text/plain", MEDIA },
  { "v4", "Content-Type: text/plain;charset=UTF-8", MEDIA },
  { "v4", "Content-Type: text/plain; application/json", MEDIA },
  { "v4", "Content-Type: application/x-www-form-urlencoded", MEDIA },
  { "v4", "Content-Type: multipart/form-data; boundary=application/json", MEDIA },
  { "v4", "Content-Type: application/jsonp", MEDIA },
  { "v4", "Content-Type: application/json, text/plain", MEDIA },
  { "v4", "Content-Type: text/plain, application/json", MEDIA },
  { "v4", "Content-Type: ;application/json", MEDIA },
  { "v4", "Content-Type: application/json\r\nContent-Encoding: gzip", MEDIA },
  { "v4", "Content-Type: application/json\r\nContent-Encoding: zstd", MEDIA },
  { "v4", "Content-Type: application/json\r\nContent-Encoding: identity, gzip", MEDIA },
  { "v4", "Content-Type: application/json\r\nContent-Encoding: identity\r\nContent-Encoding: gzip", MEDIA },
  { "v4", "Content-Type: application/json\r\nContent-Type: text/plain", MEDIA },
  { "v4", "Content-Type: text/plain\r\nContent-Type: application/json", MEDIA },
};
/* clang-format on */

static void
parse (WeirHttpHead *head, const char *version, const char *fields, char **out_text)
{
  g_autoptr (GError) error = NULL;

  *out_text = g_strdup_printf ("POST /v1/messages HTTP/%s\r\n%s\r\n\r\n", version, fields);
  weir_http_head_parse_request (head, *out_text, strlen (*out_text), &error);
  g_assert_no_error (error);
}

static void
check (const Row *row, gboolean passed, const GError *error)
{
  g_test_message ("%s %s", row->local, row->fields);
  g_assert_cmpint (passed, ==, row->wanted == GOOD);
  if (row->wanted == GOOD)
    g_assert_no_error (error);
  else
    g_assert_error (error, WEIR_ERROR, row->wanted);
}

static void
check_origin (const Row *row)
{
  WeirLocal local = get_local (row->local);
  WeirHttpHead head;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gboolean passed;

  text = g_strdup_printf ("POST / HTTP/1.1\r\n%s\r\n\r\n", row->fields);
  /* what no head may say does not even get here */
  if (!weir_http_head_parse_request (&head, text, strlen (text), NULL))
    {
      g_test_message ("no head: %s", row->fields);
      g_assert_cmpint (row->wanted, !=, GOOD);
      return;
    }
  passed = weir_admission_check_origin (&head, &local, &error);
  check (row, passed, error);
}

static void
test_only_our_own_hosts_are_served (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (hosts); i++)
    check_origin (&hosts[i]);
}

static void
test_only_our_own_pages_are_served (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (origins); i++)
    check_origin (&origins[i]);
}

static void
test_only_json_is_taken (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autofree char *fields = g_strconcat ("Host: a\r\n", contents[i].fields, NULL);
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;
      WeirHttpHead head;
      gboolean passed;

      parse (&head, "1.1", fields, &text);
      passed = weir_admission_check_content (&head, FALSE, &error);
      check (&contents[i], passed, error);
    }
}

static void
test_a_form_is_taken_where_it_may_be (void)
{
  static const struct
  {
    const char *type;
    gboolean taken;
  } rows[] = {
    { "multipart/form-data; boundary=x", TRUE },
    { "Multipart/Form-Data;boundary=x", TRUE },
    { "application/json", TRUE },
    { "multipart/mixed; boundary=x", FALSE },
    { "multipart/form-data2", FALSE },
    { "application/x-www-form-urlencoded", FALSE },
    { "text/plain", FALSE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *fields
          = g_strconcat ("Host: a\r\nContent-Type: ", rows[i].type, NULL);
      g_autofree char *text = NULL;
      WeirHttpHead head;

      parse (&head, "1.1", fields, &text);
      g_assert_true (weir_admission_check_content (&head, TRUE, NULL) == rows[i].taken);
      if (rows[i].taken && i < 2)
        g_assert_false (weir_admission_check_content (&head, FALSE, NULL));
    }
}

static void
test_an_old_client_needs_no_host_but_no_wrong_one (void)
{
  WeirLocal local = get_local ("v4");
  WeirHttpHead head;
  g_autofree char *without = NULL;
  g_autofree char *wrong = NULL;

  parse (&head, "1.0", "Accept: *", &without);
  g_assert_true (weir_admission_check_origin (&head, &local, NULL));
  parse (&head, "1.0", "Host: evil.example:8317", &wrong);
  g_assert_false (weir_admission_check_origin (&head, &local, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/admission/only-our-own-hosts-are-served",
                   test_only_our_own_hosts_are_served);
  g_test_add_func ("/admission/only-our-own-pages-are-served",
                   test_only_our_own_pages_are_served);
  g_test_add_func ("/admission/only-json-is-taken", test_only_json_is_taken);
  g_test_add_func ("/admission/a-form-is-taken-where-it-may-be",
                   test_a_form_is_taken_where_it_may_be);
  g_test_add_func ("/admission/an-old-client-needs-no-host-but-no-wrong-one",
                   test_an_old_client_needs_no_host_but_no_wrong_one);
  return g_test_run ();
}
