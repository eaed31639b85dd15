/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sign-ins as other programs keep them, one by one and in bundles. */

#include "config.h"

#include "control/weir-import-bundle.h"
#include "control/weir-import-read.h"

#include <gio/gio.h>

#define KEY_OF(endpoint)                                                                   \
  "\"type\":\"service_account\",\"project_id\":\"my-project\",\"private_key\":\"k\","      \
  "\"client_email\":\"me@my-project.example\",\"token_uri\":\"" endpoint "\""
#define KEY KEY_OF ("https://oauth2.googleapis.com/token")

typedef struct
{
  const char *text;
  const char *wanted; /* "provider access refresh expires-in-s subject email", "-": none; or
                         a part of the message */
} Case;

static const Case cases[] = {
  { "{\"id_token\":\"\",\"access_token\":\"a\",\"refresh_token\":\"r\",\"last_refresh\":"
    "\"2026-10-01T00:00:00Z\",\"email\":\"u@x\",\"type\":\"claude\",\"expired\":"
    "\"2001-09-09T01:46:40Z\"}",
    "claude a r 1000000000 - u@x" },
  { "{\"type\":\"codex\",\"access_token\":\"a\",\"refresh_token\":\"r\",\"id_token\":\"i\","
    "\"account_id\":\"acc\",\"email\":\"u@x\",\"expired\":\"0001-01-01T00:00:00Z\"}",
    "codex a r 0 acc u@x" },
  { "{\"type\":\"gemini\",\"token\":{\"access_token\":\"a\",\"refresh_token\":\"r\","
    "\"expiry\":\"2001-09-09T01:46:40Z\"},\"project_id\":\"p\",\"email\":\"u@x\"}",
    "gemini-cli a r 1000000000 - u@x" },
  { "{\"type\":\"antigravity\",\"access_token\":\"a\",\"refresh_token\":\"r\",\"project_"
    "id\":"
    "\"p\",\"expired\":\"2001-09-09T03:46:40+02:00\"}",
    "antigravity a r 1000000000 - -" },
  { "{\"type\":\"qwen\",\"access_token\":\"a\",\"resource_url\":\"portal.qwen.ai\"}",
    "qwen a - 0 - -" },
  { "{\"type\":\"iflow\",\"access_token\":\"a\",\"refresh_token\":\"r\",\"api_key\":\"k\"}",
    "iflow k - 0 - -" },
  { "{\"type\":\"kimi\",\"access_token\":\"a\",\"refresh_token\":\"r\",\"device_id\":"
    "\"d\"}",
    "kimi a r 0 - -" },
  { "{\"type\":\"xai\",\"access_token\":\"a\"}", "xai a - 0 - -" },
  { "{\"github_token\":\"g\",\"copilot_token_expiry\":\"x\",\"username\":\"cat\",\"type\":"
    "\"copilot\"}",
    "copilot g - 0 - cat" },
  { "{\"claudeAiOauth\":{\"accessToken\":\"a\",\"refreshToken\":\"r\",\"expiresAt\":"
    "1000000000000,\"scopes\":[\"user:inference\"],\"subscriptionType\":\"max\"}}",
    "claude a r 1000000000 - -" },
  { "{\"OPENAI_API_KEY\":null,\"tokens\":{\"id_token\":\"i\",\"access_token\":\"a\","
    "\"refresh_token\":\"r\",\"account_id\":\"acc\"},\"last_refresh\":\"x\"}",
    "codex a r 0 acc -" },
  { "{\"access_token\":\"a\",\"refresh_token\":\"r\",\"scope\":\"s\",\"token_type\":"
    "\"Bearer\",\"id_token\":\"i\",\"expiry_date\":1000000000000}",
    "gemini-cli a r 1000000000 - -" },
  { "{\"github.com:Iv1.b507a08c87ecfe98\":{\"user\":\"cat\",\"oauth_token\":\"g\"}}",
    "copilot g - 0 - cat" },
  { "{\"github.com\":{\"user\":\"cat\",\"oauth_token\":\"g\"}}", "copilot g - 0 - cat" },

  { "{\"type\":\"vertex\",\"service_account\":{},\"project_id\":\"p\"}",
    "service account cannot be used: its \"type\"" },
  { "{\"type\":\"vertex\",\"access_token\":\"a\"}", "not known here" },
  { "{\"type\":\"service_account\",\"private_key\":\"k\"}",
    "service account cannot be used: it has no \"client_email\"" },
  { "{" KEY_OF ("https://evil.example/token") "}", "elsewhere than at Google's" },
  { "{\"type\":\"vertex\",\"location\":\"a/b\",\"service_account\":{" KEY "}}",
    "does not say which project" },
  { "{\"type\":\"cursor\",\"access_token\":\"a\"}", "not known here" },
  { "{\"type\":\"kiro\",\"access_token\":\"a\",\"refresh_token\":\"r\"}",
    "kiro a r 0 - -" },
  /* without its client a token cannot be renewed */
  { "{\"accessToken\":\"a\",\"refreshToken\":\"r\",\"authMethod\":\"IdC\","
    "\"expiresAt\":\"2026-11-01T00:00:00.000Z\",\"clientIdHash\":\"00\"}",
    "kiro a - 1793491200 - -" },
  { "{\"accessToken\":\"a\",\"refreshToken\":\"r\",\"authMethod\":\"social\","
    "\"provider\":\"Google\"}",
    "kiro a r 0 client-ce770667e5f9b0d8 -" },
  { "{\"type\":\"kiro\",\"access_token\":\"a\",\"refresh_token\":\"r\",\"client_id\":\"c\","
    "\"client_secret\":\"s\",\"expires_at\":\"2026-11-01T00:00:00Z\",\"email\":\"e\"}",
    "kiro a aws:eyJyZWZyZXNoVG9rZW4iOiJyIiwiY2xpZW50SWQiOiJjIiwiY2xpZW50U2VjcmV0IjoicyJ9 "
    "1793491200 client-2e7d2c03a9507ae2 e" },
  { "{\"type\":5}", "not known here" },
  { "{\"type\":\"claude\",\"access_token\":\"a b\"}", "no token" },
  { "{\"type\":\"claude\",\"access_token\":\"a\\u0000b\"}", "no token" },
  { "{\"type\":\"claude\",\"access_token\":\"\"}", "no token" },
  { "{\"type\":\"claude\",\"access_token\":7}", "no token" },
  { "{\"type\":\"claude\"}", "no token" },
  { "{\"OPENAI_API_KEY\":\"sk-x\",\"tokens\":null}", "no sign-in" },
  { "{\"claudeAiOauth\":[]}", "no sign-in" },
  { "{\"type\":\"claude\",\"type\":\"codex\",\"access_token\":\"a\"}", "no sign-in" },
  { "{}", "no sign-in" },
  { "[]", "no sign-in" },
  { "", "no sign-in" },
  { "{\"type\":\"claude\",", "no sign-in" },
};

static char *
describe (const WeirImported *imported)
{
  const WeirOauthAnswer *answer = &imported->answer;
  g_autofree char *access = weir_slice_dup (weir_secret_reveal (answer->access_token));
  g_autofree char *refresh
      = answer->refresh_token != NULL
            ? weir_slice_dup (weir_secret_reveal (answer->refresh_token))
            : g_strdup ("-");

  return g_strdup_printf ("%s %s %s %" G_GINT64_FORMAT " %s %s", imported->row->id, access,
                          refresh, (gint64)(imported->expires_us / G_USEC_PER_SEC),
                          answer->subject != NULL ? answer->subject : "-",
                          answer->email != NULL ? answer->email : "-");
}

static void
test_cases (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (WeirImported) imported = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *found = NULL;

      g_test_message ("%s", cases[i].text);
      if (weir_imported_read (weir_slice_from_string (cases[i].text), &imported, &error))
        {
          found = describe (&imported);
          g_assert_cmpstr (found, ==, cases[i].wanted);
          g_assert_nonnull (imported.program);
          continue;
        }
      g_assert_nonnull (strstr (error->message, cases[i].wanted));
      g_assert_true (g_str_has_suffix (error->message, "."));
      g_assert_null (imported.row);
      g_assert_null (imported.answer.access_token);
    }
}

/* The key's own file, and CLIProxyAPI's. */
static void
test_keys (void)
{
  static const char inside[]
      = "{\"type\":\"vertex\",\"service_account\":{" KEY "},\"project_id\":\"other\","
        "\"email\":\"x\",\"location\":\"us-central1\",\"prefix\":\"work\"}";
  g_auto (WeirImported) bare = { 0 };
  g_auto (WeirImported) imported = { 0 };

  g_assert_true (weir_imported_read (WEIR_SLICE ("{" KEY "}"), &bare, NULL));
  g_assert_cmpstr (bare.row->id, ==, "vertex");
  g_assert_null (bare.answer.access_token);
  g_assert_cmpstr (bare.answer.subject, ==, "me@my-project.example");
  g_assert_cmpstr (bare.project, ==, "my-project");
  g_assert_cmpstr (bare.base_url, ==,
                   "https://aiplatform.googleapis.com/v1/projects/my-project/"
                   "locations/global");
  g_assert_true (weir_imported_read (weir_slice_from_string (inside), &imported, NULL));
  g_assert_true (weir_slice_equal (weir_secret_reveal (imported.answer.refresh_token),
                                   weir_secret_reveal (bare.answer.refresh_token)));
  g_assert_cmpstr (imported.project, ==, "other");
  g_assert_cmpstr (imported.prefix, ==, "work");
  g_assert_cmpstr (imported.base_url, ==,
                   "https://us-central1-aiplatform.googleapis.com/v1/projects/other/"
                   "locations/us-central1");
}

static void
test_hosts (void)
{
  static const Case hosts[] = {
    { "github.com:\n    user: cat\n    oauth_token: gho_1\n    git_protocol: https\n",
      "copilot gho_1 - 0 - cat" },
    { "ghe.example:\n  oauth_token: no\n  user: x\ngithub.com:\n  users:\n    dog:\n"
      "      oauth_token: gho_2\n    cat:\n      oauth_token: gho_3\n  user: cat\n",
      "copilot gho_3 - 0 - cat" },
    { "github.com:\n    users:\n        cat:\n    git_protocol: https\n    user: cat\n",
      "in the keyring" },
    { "github.com:\n    oauth_token: \"a b\"\n", "in the keyring" },
    { "github.com: [x\n", "no sign-in" },
    { "github.com: &a {oauth_token: *a}\n", "no sign-in" },
    { "x: 1\ngithub.com: 7\n", "in the keyring" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      const WeirSlice text = weir_slice_from_string (hosts[i].text);
      g_auto (WeirImported) imported = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *found = NULL;

      if (weir_imported_read (text, &imported, &error))
        found = describe (&imported);
      else
        found = g_strdup (error->message);
      g_assert_nonnull (strstr (found, hosts[i].wanted));
    }
}

static void
test_settings (void)
{
  static const char text[]
      = "{\"type\":\"qwen\",\"access_token\":\"a\",\"resource_url\":\"portal.qwen.ai\","
        "\"disabled\":true,\"priority\":\"7\",\"prefix\":\"work\",\"note\":\"mine\","
        "\"proxy_url\":\"socks5://127.0.0.1:1\"}";
  g_auto (WeirImported) imported = { 0 };
  g_auto (WeirImported) other = { 0 };

  g_assert_true (weir_imported_read (weir_slice_from_string (text), &imported, NULL));
  g_assert_true (imported.disabled);
  g_assert_cmpint (imported.priority, ==, 7);
  g_assert_cmpstr (imported.prefix, ==, "work");
  g_assert_cmpstr (imported.note, ==, "mine");
  g_assert_cmpstr (imported.proxy_url, ==, "socks5://127.0.0.1:1");
  g_assert_cmpstr (imported.base_url, ==, "https://portal.qwen.ai/v1");
  g_assert_true (
      weir_imported_read (WEIR_SLICE ("{\"type\":\"qwen\",\"access_token\":\"a\","
                                      "\"resource_url\":\"evil.example/@x\","
                                      "\"priority\":5000}"),
                          &other, NULL));
  g_assert_null (other.base_url);
  g_assert_cmpint (other.priority, ==, 0);
}

/* --- bundles --- */

static void
collect (const char *name, WeirSlice text, gpointer user_data)
{
  g_string_append_printf (user_data, "%s=%.*s;", name, (int)text.length, text.text);
}

/* (transfer full): what is found in @bytes, or "!" and the message. */
static char *
unpack (WeirSlice bytes)
{
  GString *found = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (!weir_bundle_read (bytes, collect, found, &error))
    {
      g_assert_true (g_str_has_suffix (error->message, "."));
      g_string_printf (found, "!%s", error->message);
    }
  return g_string_free (found, FALSE);
}

static void
add_file (GByteArray *tar, const char *name, char type, const char *text)
{
  static const guint8 zeros[512];
  char block[512] = { 0 };
  unsigned sum = 0;
  size_t length = strlen (text);

  g_strlcpy (block, name, 100);
  g_snprintf (block + 100, 8, "%07o", 0600);
  g_snprintf (block + 124, 12, "%011o", (unsigned)length);
  memset (block + 148, ' ', 8);
  block[156] = type;
  memcpy (block + 257, "ustar", 6);
  for (size_t i = 0; i < sizeof block; i++)
    sum += (unsigned char)block[i];
  g_snprintf (block + 148, 8, "%06o", sum);
  g_byte_array_append (tar, (const guint8 *)block, sizeof block);
  g_byte_array_append (tar, (const guint8 *)text, (guint)length);
  g_byte_array_append (tar, zeros, (guint)((512 - length % 512) % 512));
}

static GByteArray *
make_tar (void)
{
  static const guint8 zeros[1024];
  GByteArray *tar = g_byte_array_new ();

  add_file (tar, "auths/", '5', "");
  add_file (tar, "auths/a.json", '0', "{\"a\":1}");
  add_file (tar, "auths/.hidden.json", '0', "{}");
  add_file (tar, "auths/notes.txt", '0', "x");
  add_file (tar, "auths/link.json", '2', "");
  add_file (tar, "../../b.json", '\0', "{\"b\":2}");
  g_byte_array_append (tar, zeros, sizeof zeros);
  return tar;
}

static GByteArray *
zip (GByteArray *bytes)
{
  g_autoptr (GZlibCompressor) zlib
      = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6);
  GByteArray *out = g_byte_array_new ();
  gsize taken = 0;
  gsize made = 0;

  g_byte_array_set_size (out, bytes->len + 1024);
  g_assert_cmpint (g_converter_convert (G_CONVERTER (zlib), bytes->data, bytes->len,
                                        out->data, out->len, G_CONVERTER_INPUT_AT_END,
                                        &taken, &made, NULL),
                   ==, G_CONVERTER_FINISHED);
  g_byte_array_set_size (out, (guint)made);
  return out;
}

static WeirSlice
view (const GByteArray *bytes)
{
  return (WeirSlice){ (const char *)bytes->data, bytes->len };
}

static void
test_bundles (void)
{
  static const char wanted[] = "a.json={\"a\":1};b.json={\"b\":2};";
  g_autoptr (GByteArray) tar = make_tar ();
  g_autoptr (GByteArray) zipped = zip (tar);
  g_autofree char *encoded = g_base64_encode (zipped->data, zipped->len);
  g_autofree char *from_tar = unpack (view (tar));
  g_autofree char *from_zip = unpack (view (zipped));
  g_autofree char *from_base64 = unpack (weir_slice_from_string (encoded));
  g_autofree char *from_object = unpack (WEIR_SLICE (" {\"a\":1}\n"));
  g_autofree char *from_array = unpack (WEIR_SLICE ("[{\"a\":1}, {\"b\":[2]}]"));

  g_assert_cmpstr (from_tar, ==, wanted);
  g_assert_cmpstr (from_zip, ==, wanted);
  g_assert_cmpstr (from_base64, ==, wanted);
  g_assert_cmpstr (from_object, ==, "={\"a\":1};");
  g_assert_cmpstr (from_array, ==, "={\"a\":1};={\"b\":[2]};");
}

static void
test_broken_bundles (void)
{
  static const char *const broken[]
      = { "", " ", "[", "{", "x", "PK\003\004rest", "####", "AAAA" };
  g_autoptr (GByteArray) tar = make_tar ();
  g_autoptr (GByteArray) zipped = zip (tar);

  for (size_t i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autofree char *found = unpack (weir_slice_from_string (broken[i]));

      g_assert_true (found[0] == '!');
    }
  /* any cut of either is an error or a part, and nothing worse */
  for (unsigned i = 0; i < tar->len; i += 7)
    {
      g_autofree char *found = unpack ((WeirSlice){ (const char *)tar->data, i });

      g_assert_nonnull (found);
    }
  for (unsigned i = 0; i < zipped->len; i++)
    {
      g_autofree char *found = unpack ((WeirSlice){ (const char *)zipped->data, i });

      g_assert_true (found[0] == '!');
    }
}

static void
test_bomb (void)
{
  g_autoptr (GByteArray) zeros = g_byte_array_new ();
  g_autoptr (GByteArray) zipped = NULL;
  g_autofree char *found = NULL;

  g_byte_array_set_size (zeros, 64 << 20);
  memset (zeros->data, 0, zeros->len);
  zipped = zip (zeros);
  g_assert_cmpuint (zipped->len, <, WEIR_BUNDLE_BYTES_MAX);
  found = unpack (view (zipped));
  g_assert_true (g_str_has_prefix (found, "!There is more"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import-read/each-format-is-known-by-what-is-in-it", test_cases);
  g_test_add_func ("/import-read/settings-come-along", test_settings);
  g_test_add_func ("/import-read/gh's-hosts-are-read", test_hosts);
  g_test_add_func ("/import-read/a-service-account's-key-is-one", test_keys);
  g_test_add_func ("/import-bundle/layers-are-taken-off", test_bundles);
  g_test_add_func ("/import-bundle/what-is-broken-is-said", test_broken_bundles);
  g_test_add_func ("/import-bundle/a-bomb-is-no-bundle", test_bomb);
  return g_test_run ();
}
