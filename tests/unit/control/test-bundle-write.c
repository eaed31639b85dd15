/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is handed over is what comes in again, whichever archive it is in; and an archive
 * that is broken anywhere is never another one. */

#include "config.h"

#include "accounts/weir-account-private.h"
#include "base/weir-json.h"
#include "control/weir-auth-file.h"
#include "control/weir-bundle-write.h"
#include "control/weir-import-read.h"
#include "control/weir-wiped.h"
#include "store/weir-file.h"

#define NOW_US (1760000000 * (int64_t)G_USEC_PER_SEC)

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
add (GPtrArray *documents, const char *name, const char *text)
{
  WeirBundleDocument *document = g_new0 (WeirBundleDocument, 1);

  document->name = g_strdup (name);
  document->text = g_bytes_new (text, strlen (text));
  g_ptr_array_add (documents, document);
}

/* (transfer full): three documents as @form; @wanted: how unpack gives them. */
static GByteArray *
make (WeirBundleForm form, GString *wanted)
{
  g_autoptr (GPtrArray) documents
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_bundle_document_free);
  g_autofree char *long_text = g_strnfill (70000, 'x');
  GByteArray *bytes = g_byte_array_new ();
  GBytes *written = NULL;

  add (documents, "a.json", "{\"a\":1}");
  add (documents, "empty.json", "");
  add (documents, "long.json", long_text);
  g_string_printf (wanted, "a.json={\"a\":1};empty.json=;long.json=%s;", long_text);
  written = weir_bundle_write (documents, form, NOW_US);
  g_byte_array_append (bytes, g_bytes_get_data (written, NULL),
                       (guint)g_bytes_get_size (written));
  weir_file_wipe (written);
  return bytes;
}

static WeirSlice
view (const GByteArray *bytes)
{
  return (WeirSlice){ (const char *)bytes->data, bytes->len };
}

static void
test_round_trip (void)
{
  for (unsigned form = 0; form < WEIR_BUNDLE_FORM_LAST; form++)
    {
      g_autoptr (GString) wanted = g_string_new (NULL);
      g_autoptr (GByteArray) bytes = make ((WeirBundleForm)form, wanted);
      g_autoptr (GByteArray) again = make ((WeirBundleForm)form, wanted);
      g_autofree char *found = unpack (view (bytes));

      g_assert_cmpstr (found, ==, wanted->str);
      g_assert_cmpmem (bytes->data, bytes->len, again->data, again->len);
    }
}

static void
test_zip_cut (void)
{
  g_autoptr (GString) wanted = g_string_new (NULL);
  g_autoptr (GByteArray) bytes = make (WEIR_BUNDLE_ZIP, wanted);

  for (unsigned i = 0; i < bytes->len; i++)
    {
      g_autofree char *found = unpack ((WeirSlice){ (const char *)bytes->data, i });

      g_assert_true (found[0] == '!');
    }
}

/* A name may have become another one; a text must not. */
static void
check_text (const char *name, WeirSlice text, gpointer user_data)
{
  g_autofree char *whole = g_strdup_printf ("=%.*s;", (int)text.length, text.text);

  g_assert_nonnull (strstr (user_data, whole));
}

static void
test_zip_flipped (void)
{
  g_autoptr (GString) wanted = g_string_new (NULL);
  g_autoptr (GByteArray) bytes = make (WEIR_BUNDLE_ZIP, wanted);

  for (unsigned i = 0; i < bytes->len; i++)
    for (unsigned bit = 0; bit < 8; bit++)
      {
        bytes->data[i] ^= (guint8)(1u << bit);
        weir_bundle_read (view (bytes), check_text, wanted->str, NULL);
        bytes->data[i] ^= (guint8)(1u << bit);
      }
}

/* Writes @value in @n bytes at @at, lowest first. */
static void
put (GByteArray *bytes, size_t at, uint64_t value, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    bytes->data[at + i] = (guint8)(value >> (8 * i));
}

/* A change of the first entry of the directory, and what is said of it. */
typedef struct
{
  unsigned at;
  unsigned n;
  uint64_t value;
  const char *wanted; /* a part of what is found */
} Change;

static void
test_zip_refused (void)
{
  static const Change changes[] = {
    { 8, 2, 1, "!The zip archive has a password" },
    { 10, 2, 12, "!The zip archive has a password" },
    { 24, 4, 0xffffffff, "!There is more" },
    { 24, 4, 6, "!The zip archive is broken." },
    { 42, 4, 0xfffffff0, "!The zip archive is broken." },
    { 20, 4, 0x7fffffff, "!The zip archive is broken." },
    { 28, 2, 0xffff, "!The zip archive is broken." },
    { 38, 4, 0xa1ff0000, "empty.json=;" },     /* a link is left */
    { 46, 6, 0x6e6f736a2f2e, "empty.json=;" }, /* "./json" is no *.json */
  };
  g_autoptr (GString) wanted = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GByteArray) bytes = make (WEIR_BUNDLE_ZIP, wanted);
      const char *start = memmem (bytes->data, bytes->len, "PK\001\002", 4);
      g_autofree char *found = NULL;

      put (bytes, (size_t)(start - (const char *)bytes->data) + changes[i].at,
           changes[i].value, changes[i].n);
      found = unpack (view (bytes));
      g_assert_true (g_str_has_prefix (found, changes[i].wanted));
    }
}

/* Many megabytes of blanks, which say that they are a short document. */
static void
test_zip_bomb (void)
{
  g_autoptr (GByteArray) bytes = NULL;
  g_autoptr (GPtrArray) documents
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_bundle_document_free);
  g_autofree char *blanks = g_strnfill (32 << 20, ' ');
  g_autofree char *found = NULL;
  GBytes *written = NULL;
  const char *start = NULL;

  add (documents, "bomb.json", blanks);
  written = weir_bundle_write (documents, WEIR_BUNDLE_ZIP, NOW_US);
  bytes = g_bytes_unref_to_array (written);
  g_assert_cmpuint (bytes->len, <, WEIR_BUNDLE_BYTES_MAX);
  found = unpack (view (bytes));
  g_assert_true (g_str_has_prefix (found, "!There is more"));
  start = memmem (bytes->data, bytes->len, "PK\001\002", 4);
  put (bytes, (size_t)(start - (const char *)bytes->data) + 24, 100, 4);
  g_free (found);
  found = unpack (view (bytes));
  g_assert_true (g_str_has_prefix (found, "!The zip archive is broken."));
}

/* --- documents --- */

static WeirSecret *
secret (const char *text)
{
  return weir_secret_new (weir_slice_from_string (text));
}

static void
check_again (const WeirAccount *account, const WeirAccountTokens *tokens)
{
  GBytes *bytes = weir_auth_file_write (account, tokens);
  const gboolean is_key
      = g_str_equal (account->row->id, "iflow") || account->row->takes_key;
  g_auto (WeirImported) imported = { 0 };
  g_autoptr (GError) error = NULL;
  WeirSlice text = { NULL, 0 };

  g_assert_nonnull (bytes);
  text.text = g_bytes_get_data (bytes, &text.length);
  g_assert_true (weir_imported_read (text, &imported, &error));
  g_assert_no_error (error);
  g_assert_true (imported.row == account->row);
  if (account->row->takes_key)
    g_assert_null (imported.answer.access_token);
  else
    g_assert_true (weir_secret_equal (imported.answer.access_token, tokens->access_token));
  if (imported.answer.refresh_token != NULL)
    g_assert_true (
        weir_secret_equal (imported.answer.refresh_token, tokens->refresh_token));
  else
    g_assert_true (is_key || g_str_equal (account->row->id, "copilot"));
  if (imported.expires_us != 0)
    g_assert_cmpint (imported.expires_us, ==, tokens->expires_us);
  g_assert_cmpstr (imported.answer.email, ==, account->identity.email);
  if (imported.answer.subject != NULL)
    g_assert_cmpstr (imported.answer.subject, ==, account->identity.vendor_id);
  else /* those who are asked who it is */
    g_assert_true (is_key || account->row->user_url != NULL);
  g_assert_cmpstr (imported.project, ==, account->identity.project);
  g_assert_cmpstr (imported.base_url, ==, account->identity.base_url);
  g_assert_cmpstr (imported.note, ==, account->settings.label);
  g_assert_cmpstr (imported.prefix, ==, account->settings.prefix);
  g_assert_cmpstr (imported.proxy_url, ==, account->settings.proxy_url);
  g_assert_cmpint (imported.priority, ==, account->settings.priority);
  g_assert_true (imported.disabled == !account->settings.enabled);
  weir_file_wipe (bytes);
}

static void
test_every_provider (void)
{
  size_t n = 0;
  const WeirProviderOauth *rows = weir_provider_oauth_get_table (&n);
  g_auto (WeirAccountTokens) tokens = {
    .access_token = secret ("access"),
    .refresh_token = secret ("refresh"),
    .expires_us = NOW_US + 3600 * (int64_t)G_USEC_PER_SEC,
    .obtained_us = NOW_US,
  };
  g_auto (WeirAccountTokens) key = {
    .access_token = secret ("access"),
    .refresh_token
    = secret ("{\"type\":\"service_account\",\"project_id\":\"p\",\"private_key\":\"k\","
              "\"client_email\":\"vendor-1\","
              "\"token_uri\":\"https://oauth2.googleapis.com/token\"}"),
  };

  for (size_t i = 0; i < n; i++)
    {
      g_autoptr (WeirAccount) account = weir_account_new ("codex-7f3a91c2", &rows[i]);

      account->identity.vendor_id = g_strdup ("vendor-1");
      account->identity.email
          = g_strdup (rows[i].takes_key ? "vendor-1" : "a\"b@example.org");
      account->identity.project = g_strdup ("project-1");
      account->identity.base_url
          = g_strdup (rows[i].takes_key ? "https://asia-east1-aiplatform.googleapis.com/v1/"
                                          "projects/project-1/locations/asia-east1"
                                        : "https://host.example/v1");
      account->settings.label = g_strdup ("W\303\266rk");
      account->settings.prefix = g_strdup ("work");
      account->settings.proxy_url = g_strdup ("socks5://user:word@127.0.0.1:9");
      account->settings.priority = -7;
      if (g_str_equal (rows[i].id, "kiro"))
        g_assert_null (weir_auth_file_write (account, &tokens));
      else
        check_again (account, rows[i].takes_key ? &key : &tokens);
      account->is_live = TRUE;
      g_assert_null (weir_auth_file_write (account, &tokens));
    }
}

static void
test_names (void)
{
  g_autoptr (WeirAccount) account
      = weir_account_new ("gemini-cli-7f3a91c2", weir_provider_oauth_lookup ("gemini-cli"));
  g_autofree char *bare = weir_auth_file_dup_name (account);
  g_autofree char *name = NULL;

  g_assert_cmpstr (bare, ==, "gemini-7f3a91c2.json");
  account->identity.email = g_strdup ("../a/\303\266@x");
  name = weir_auth_file_dup_name (account);
  g_assert_cmpstr (name, ==, "gemini-.._a___@x-7f3a91c2.json");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle-write/what-goes-out-comes-in-again", test_round_trip);
  g_test_add_func ("/bundle-write/each-vendor's-sign-in-comes-in-again",
                   test_every_provider);
  g_test_add_func ("/bundle-write/names-are-those-of-files", test_names);
  g_test_add_func ("/import-zip/any-cut-is-refused", test_zip_cut);
  g_test_add_func ("/import-zip/any-flipped-bit-changes-no-document", test_zip_flipped);
  g_test_add_func ("/import-zip/what-is-odd-is-refused-or-left", test_zip_refused);
  g_test_add_func ("/import-zip/a-bomb-is-no-bundle", test_zip_bomb);
  return g_test_run ();
}
