/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Accounts and sign-ins without a proxy and without a bus, for tests: verbs come by the
 * standard input, a line each, and what happens goes to the standard output as a JSON
 * document a line.  The clock is that of weir-under-test; --config names a file.
 *
 *   begin PROVIDER WAY REPLACES   "-" for none; the browser is not opened
 *   open PROVIDER WAY             the same, and it is
 *   paste NUMBER TEXT
 *   cancel NUMBER
 *   accounts                      a line with all of them
 *   token ID REFUSED              "-": none was refused
 *   import PATH                   takes what the file holds
 *   found                         a line with what other programs have
 *   take ID                       of those
 *   watch FOLDER                  as auth-dir
 *   quit
 *
 * Verbs are answered by a line with "verb"; "changed" tells of a sign-in. */

#include "config.h"

#include "accounts/weir-accounts.h"
#include "accounts/weir-vault-home.h"
#include "base/weir-clock.h"
#include "base/weir-json-write.h"
#include "control/weir-auth-folder.h"
#include "control/weir-import-bundle.h"
#include "control/weir-import.h"
#include "control/weir-sign-ins.h"
#include "proxy/weir-trust.h"
#include "store/weir-file.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct
{
  GMainLoop *loop;
  WeirPoller *poller;
  WeirVendorCalls *calls;
  WeirAccounts *accounts;
  WeirSignIns *sign_ins;
  WeirImport *import;
  WeirAuthFolder *folder;
  GDataInputStream *input;
} Program;

/* Begins a document; finish prints it. */
static GString *
begin (WeirJsonWriter *w, const char *what)
{
  GString *out = g_string_new (NULL);

  weir_json_writer_init (w, out);
  weir_json_open (w, NULL);
  weir_json_add_string (w, "event", what);
  return out;
}

static void
finish (WeirJsonWriter *w, GString *out)
{
  weir_json_close (w);
  printf ("%s\n", out->str);
  fflush (stdout);
  g_string_free (out, TRUE);
}

static void
print_result (const char *verb, const char *text, const GError *error)
{
  WeirJsonWriter w;
  GString *out = begin (&w, "verb");

  weir_json_add_string (&w, "verb", verb);
  weir_json_add_string (&w, "result", text != NULL ? text : "");
  weir_json_add_string (&w, "error", error != NULL ? error->message : "");
  finish (&w, out);
}

static void
on_changed (WeirSignIn *sign_in, gpointer number)
{
  WeirJsonWriter w;
  GString *out = begin (&w, "changed");

  weir_json_add_uint (&w, "number", GPOINTER_TO_UINT (number));
  weir_json_add_string (&w, "provider", weir_sign_in_get_row (sign_in)->id);
  weir_json_add_string (&w, "state",
                        weir_sign_in_state_get_name (weir_sign_in_get_state (sign_in)));
  weir_json_add_string (&w, "sentence", weir_sign_in_get_sentence (sign_in));
  weir_json_add_string (&w, "url", weir_sign_in_get_url (sign_in));
  weir_json_add_string (&w, "full_url", weir_sign_in_get_full_url (sign_in));
  weir_json_add_string (&w, "user_code", weir_sign_in_get_user_code (sign_in));
  weir_json_add_boolean (&w, "can_paste", weir_sign_in_can_paste (sign_in));
  weir_json_add_string (&w, "account", weir_sign_in_get_account (sign_in));
  finish (&w, out);
}

static void
on_added (WeirSignIns *sign_ins, WeirSignIn *sign_in, unsigned number, gpointer user_data)
{
  g_signal_connect (sign_in, "changed", G_CALLBACK (on_changed), GUINT_TO_POINTER (number));
}

static void
on_removed (WeirSignIns *sign_ins, WeirSignIn *sign_in, unsigned number, gpointer user_data)
{
  WeirJsonWriter w;
  GString *out = begin (&w, "removed");

  weir_json_add_uint (&w, "number", number);
  finish (&w, out);
}

static void
on_notice (WeirAccounts *accounts, const char *sentence, gpointer user_data)
{
  WeirJsonWriter w;
  GString *out = begin (&w, "notice");

  weir_json_add_string (&w, "sentence", sentence);
  finish (&w, out);
}

static const char *
none (const char *word)
{
  return g_strcmp0 (word, "-") == 0 ? NULL : word;
}

static void
begin_sign_in (Program *self, char **words, gboolean opens)
{
  g_autoptr (GError) error = NULL;
  unsigned number = 0;
  g_autofree char *text = NULL;

  weir_sign_ins_begin (self->sign_ins, words[1], none (words[2]),
                       words[2] != NULL ? none (words[3]) : NULL, opens, &number, &error);
  text = g_strdup_printf ("%u", number);
  print_result (words[0], text, error);
}

static void
paste (Program *self, char **words)
{
  g_autofree char *text = g_strjoinv (" ", words + 2);
  g_autoptr (GError) error = NULL;
  WeirSignIn *sign_in = weir_sign_ins_lookup (
      self->sign_ins, (unsigned)g_ascii_strtoull (words[1], NULL, 10));

  weir_sign_in_paste (sign_in, text, &error);
  print_result ("paste", "", error);
}

static void
list_accounts (Program *self)
{
  g_autoptr (GPtrArray) list = weir_accounts_list (self->accounts);
  WeirJsonWriter w;
  GString *out = begin (&w, "accounts");

  weir_json_open_array (&w, "accounts");
  for (unsigned i = 0; i < list->len; i++)
    {
      const WeirAccount *account = g_ptr_array_index (list, i);

      weir_json_open (&w, NULL);
      weir_json_add_string (&w, "id", account->id);
      weir_json_add_string (&w, "provider", account->row->id);
      weir_json_add_string (&w, "vendor_id", account->identity.vendor_id);
      weir_json_add_string (&w, "email",
                            account->identity.email != NULL ? account->identity.email : "");
      weir_json_add_string (&w, "plan",
                            account->identity.plan != NULL ? account->identity.plan : "");
      weir_json_add_string (&w, "project",
                            account->identity.project != NULL ? account->identity.project
                                                              : "");
      weir_json_add_string (&w, "label", account->settings.label);
      weir_json_add_string (&w, "state", weir_account_state_get_name (account->state));
      weir_json_add_int (&w, "expires_us", account->expires_us);
      weir_json_close (&w);
    }
  weir_json_close (&w);
  finish (&w, out);
}

static void
ensured_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirSecret) token
      = weir_accounts_ensure_token_finish (WEIR_ACCOUNTS (source), result, &error);
  g_autofree char *text
      = token != NULL ? weir_slice_dup (weir_secret_reveal (token)) : NULL;

  print_result ("token", text, error);
}

static void
ask_token (Program *self, char **words)
{
  g_autoptr (WeirSecret) refused = none (words[2]) != NULL
                                       ? weir_secret_new (weir_slice_from_string (words[2]))
                                       : NULL;

  weir_accounts_ensure_token_async (self->accounts, words[1], refused, NULL, ensured_cb,
                                    NULL);
}

static void
taken_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) ids = weir_import_take_finish (result, &error);
  g_autofree char *text = ids != NULL ? g_strjoinv (" ", ids) : NULL;

  print_result ("import", text, error);
}

static void
take_file (Program *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = weir_file_read (path, WEIR_BUNDLE_BYTES_MAX + 1, NULL, NULL, &error);

  g_assert_no_error (error);
  weir_import_take_async (self->import, bytes, taken_cb, NULL);
  weir_file_wipe (bytes);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GPtrArray) found = weir_import_find_finish (result);
  WeirJsonWriter w;
  GString *out = begin (&w, "found");

  weir_json_open_array (&w, "found");
  for (unsigned i = 0; i < found->len; i++)
    {
      const WeirImportFound *one = g_ptr_array_index (found, i);

      weir_json_open (&w, NULL);
      weir_json_add_string (&w, "id", one->id);
      weir_json_add_string (&w, "program", one->program);
      weir_json_add_string (&w, "provider", one->row->id);
      weir_json_add_string (&w, "path", one->path);
      weir_json_add_string (&w, "identity", one->identity);
      weir_json_close (&w);
    }
  weir_json_close (&w);
  finish (&w, out);
}

/* FALSE: it was the last. */
static gboolean
handle (Program *self, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  const char *verb = words[0] != NULL ? words[0] : "";

  if (g_str_equal (verb, "begin") || g_str_equal (verb, "open"))
    begin_sign_in (self, words, g_str_equal (verb, "open"));
  else if (g_str_equal (verb, "paste"))
    paste (self, words);
  else if (g_str_equal (verb, "cancel"))
    weir_sign_in_cancel (weir_sign_ins_lookup (
        self->sign_ins, (unsigned)g_ascii_strtoull (words[1], NULL, 10)));
  else if (g_str_equal (verb, "accounts"))
    list_accounts (self);
  else if (g_str_equal (verb, "token"))
    ask_token (self, words);
  else if (g_str_equal (verb, "import"))
    take_file (self, words[1]);
  else if (g_str_equal (verb, "found"))
    weir_import_find_async (self->import, found_cb, NULL);
  else if (g_str_equal (verb, "take"))
    weir_import_take_found_async (self->import, words[1], taken_cb, NULL);
  else if (g_str_equal (verb, "watch"))
    self->folder = weir_auth_folder_new (self->import, words[1]);
  else
    return FALSE;
  return TRUE;
}

static void
line_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *self = user_data;
  g_autofree char *line
      = g_data_input_stream_read_line_finish (self->input, result, NULL, NULL);

  if (line == NULL || !handle (self, line))
    g_main_loop_quit (self->loop);
  else
    g_data_input_stream_read_line_async (self->input, G_PRIORITY_DEFAULT, NULL, line_cb,
                                         self);
}

static void
map_clock (void)
{
  const int fd = open (g_getenv ("WEIR_TEST_CLOCK"), O_RDONLY | O_CLOEXEC);
  const volatile int64_t *cell
      = mmap (NULL, sizeof (int64_t), PROT_READ, MAP_SHARED, fd, 0);

  g_assert (cell != MAP_FAILED);
  close (fd);
  weir_clock_set_test_offset (cell);
}

static void
open_all (Program *self, WeirConfig *config)
{
  g_autofree char *secrets = weir_vault_home_dup_default_path ();
  g_autofree char *path = weir_accounts_dup_default_path ();
  g_autoptr (WeirTrust) trust = weir_trust_new (NULL, NULL);
  g_autoptr (WeirVault) vault = weir_vault_new (WEIR_VAULT_FILE, secrets);
  g_autoptr (GError) error = NULL;
  WeirSignInTools tools = { 0 };

  self->poller = tools.poller = weir_poller_new (NULL);
  self->calls = tools.calls
      = weir_vendor_calls_new (self->poller, G_TLS_DATABASE (trust), config);
  self->accounts = tools.accounts
      = weir_accounts_new (path, vault, weir_vendor_calls_send,
                           weir_vendor_calls_get_client, self->calls, &error);
  g_assert_no_error (error);
  g_signal_connect (self->accounts, "notice", G_CALLBACK (on_notice), NULL);
  self->sign_ins = weir_sign_ins_new (&tools);
  g_signal_connect (self->sign_ins, "added", G_CALLBACK (on_added), self);
  g_signal_connect (self->sign_ins, "removed", G_CALLBACK (on_removed), self);
  self->import = weir_import_new (self->calls, self->accounts);
  while (weir_vault_get_state (vault) == WEIR_VAULT_STARTING)
    g_main_context_iteration (NULL, TRUE);
}

static void
close_all (Program *self)
{
  weir_auth_folder_free (self->folder);
  weir_import_free (self->import);
  g_object_unref (self->sign_ins);
  g_object_unref (self->accounts);
  weir_vendor_calls_free (self->calls);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  weir_poller_free (self->poller);
  g_object_unref (self->input);
  g_main_loop_unref (self->loop);
}

int
main (int argc, char **argv)
{
  g_autoptr (GInputStream) standard = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirConfig) config = NULL;
  Program self = { .loop = g_main_loop_new (NULL, FALSE) };

  g_assert (argc == 3 && g_str_equal (argv[1], "--config"));
  g_log_writer_default_set_use_stderr (TRUE);
  weir_control_session_prepare_process ();
  if (g_getenv ("WEIR_TEST_CLOCK") != NULL)
    map_clock ();
  config = weir_config_load (argv[2], NULL, &error);
  g_assert_no_error (error);
  self.input = g_data_input_stream_new (standard);
  open_all (&self, config);
  print_result ("start", "", NULL);
  g_data_input_stream_read_line_async (self.input, G_PRIORITY_DEFAULT, NULL, line_cb,
                                       &self);
  g_main_loop_run (self.loop);
  close_all (&self);
  return 0;
}
