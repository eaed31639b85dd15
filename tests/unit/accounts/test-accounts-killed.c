/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A program that renews a sign-in without end and is killed at some moment, again and
 * again, and two such programs on one vault.  The vendor takes each refresh token once, and
 * revokes everything when one comes twice; what it knows lies in a file, written before it
 * answers.
 *
 * The one thing that may be lost is the wire itself: what the vendor has given and nobody
 * has put down yet.  The test then lets the vendor take the token before that once more,
 * and counts.  WEIR_TEST_LONG asks for a thousand deaths. */

#include "config.h"

#include "accounts-fixture.h"

#include "accounts/weir-escrow.h"
#include "base/weir-clock.h"
#include "store/weir-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEATHS 40
#define DEATHS_LONG 1000
#define LIFE_US (3600 * (int64_t)G_USEC_PER_SEC)
#define STEP_US (600 * (int64_t)G_USEC_PER_SEC) /* that the victim's clock jumps */
#define LATEST_US 200000                        /* of a death */
#define RACE_SECONDS 3

enum
{
  EXIT_LOST = 3, /* the vendor, or the vault, has the sign-in no more */
  EXIT_GONE = 4,
  EXIT_STUCK = 5,
};

/* --- the vendor --- */

typedef struct
{
  unsigned number;  /* of the token that it takes */
  unsigned revoked; /* an old one came */
} Vendor;

static void
read_vendor (const char *folder, Vendor *out)
{
  g_autofree char *path = g_build_filename (folder, "vendor", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "%u %u", &out->number, &out->revoked), ==, 2);
}

static void
write_vendor (const char *folder, const Vendor *vendor)
{
  g_autofree char *path = g_build_filename (folder, "vendor", NULL);
  g_autofree char *text = g_strdup_printf ("%u %u", vendor->number, vendor->revoked);

  g_assert_true (weir_file_replace (path, weir_slice_from_string (text), NULL));
}

/* Programs ask it at the same time, and are told one after the other. */
static int
lock_vendor (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "vendor.lock", NULL);
  const int descriptor = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (descriptor, >=, 0);
  while (flock (descriptor, LOCK_EX) != 0)
    g_assert_cmpint (errno, ==, EINTR);
  return descriptor;
}

static gboolean
vendor_answers (AccountsPlace *place,
                const WeirOauthRequest *request,
                unsigned *out_status,
                char **out_body)
{
  const char *folder = place->vendor_data;
  g_autofree char *body = weir_slice_dup (weir_secret_reveal (request->body));
  g_autofree char *wanted = NULL;
  const int lock = lock_vendor (folder);
  Vendor vendor = { 0 };

  read_vendor (folder, &vendor);
  wanted = g_strdup_printf ("\"refresh-%u\"", vendor.number);
  if (strstr (body, wanted) == NULL)
    vendor.revoked = 1;
  vendor.number += vendor.revoked == 0;
  write_vendor (folder, &vendor);
  close (lock);
  *out_status = vendor.revoked ? 400 : 200;
  *out_body
      = vendor.revoked
            ? g_strdup ("{\"error\":\"invalid_grant\"}")
            : g_strdup_printf ("{\"access_token\":\"access-%u\","
                               "\"refresh_token\":\"refresh-%u\",\"expires_in\":3600}",
                               vendor.number, vendor.number);
  return TRUE;
}

/* --- the victim --- */

static void
leave (int code)
{
  _exit (code);
}

static WeirAccount *
find_account (AccountsPlace *place)
{
  g_autoptr (GPtrArray) list = weir_accounts_list (place->accounts);

  return list->len == 1 ? weir_account_ref (g_ptr_array_index (list, 0)) : NULL;
}

/* Time passes quickly, and nothing may be lost. */
static void
live (AccountsPlace *place, unsigned turns)
{
  for (unsigned i = 0; i < turns; i++)
    {
      g_autoptr (WeirAccount) account = find_account (place);

      if (account == NULL)
        leave (EXIT_GONE);
      if (account->state != WEIR_ACCOUNT_READY)
        leave (EXIT_LOST);
      place->offset_us += STEP_US;
      for (unsigned k = 0; k < 8; k++)
        if (!g_main_context_iteration (NULL, FALSE))
          g_usleep (200);
    }
}

static int
run_victim (const char *folder, const char *name, const char *what)
{
  AccountsPlace place = { 0 };
  g_autoptr (WeirAccount) account = NULL;

  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  place.is_hurried = TRUE;
  place.vendor = vendor_answers;
  place.vendor_data = (gpointer)folder;
  accounts_place_open_at (&place, folder, name);
  if (g_str_equal (what, "--begin"))
    account
        = accounts_place_add (&place, "jane", "access-1", "refresh-1", LIFE_US, NULL, NULL);
  else if (g_str_equal (what, "--live"))
    live (&place, G_MAXUINT);
  else if (g_str_equal (what, "--race"))
    live (&place, RACE_SECONDS * 500);
  else
    live (&place, 50);
  accounts_place_pass (&place, 0);
  accounts_place_close (&place);
  g_ptr_array_unref (place.notices);
  g_free (place.vault_place.path);
  g_free (place.path);
  return 0;
}

/* --- the test --- */

static GPid
start (const char *folder, const char *name, const char *what)
{
  const char *arguments[] = { "/proc/self/exe", what, folder, name, NULL };
  g_autoptr (GError) error = NULL;
  GPid pid = 0;

  g_spawn_async (NULL, (char **)arguments, NULL,
                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN
                     | G_SPAWN_STDOUT_TO_DEV_NULL,
                 NULL, NULL, &pid, &error);
  g_assert_no_error (error);
  return pid;
}

static int
await_end (GPid pid)
{
  int status = 0;

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return WIFEXITED (status) ? WEXITSTATUS (status) : -WTERMSIG (status);
}

/* What is on the disk of the account. */
typedef struct
{
  uint64_t file;    /* generation in the file of accounts */
  uint64_t newest;  /* of the vault and the escrow */
  unsigned number;  /* of the newest refresh token */
  gboolean is_kept; /* in the escrow alone */
} Found;

static unsigned
read_number (const WeirSecret *line)
{
  g_auto (WeirAccountTokens) tokens = { 0 };
  g_autofree char *text = NULL;
  unsigned number = 0;

  g_assert_true (weir_account_tokens_read (line, &tokens, NULL, NULL));
  text = weir_slice_dup (weir_secret_reveal (tokens.refresh_token));
  g_assert_cmpint (sscanf (text, "refresh-%u", &number), ==, 1);
  return number;
}

static void
find_in_vault (const char *folder, const char *id, Found *out, WeirSecret **out_key)
{
  g_autofree char *path = g_build_filename (folder, "secrets", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (unsigned i = 0; lines[i] != NULL; i++)
    {
      char *blank = strchr (lines[i], ' ');
      uint64_t generation = 0;
      g_autofree char *whose = NULL;
      g_autoptr (WeirSecret) secret = NULL;

      if (blank == NULL || g_str_has_prefix (lines[i], "weir "))
        continue;
      *blank = '\0';
      secret = vault_secret (blank + 1);
      whose = weir_account_tokens_parse_name (lines[i], &generation);
      if (g_str_equal (lines[i], WEIR_ESCROW_KEY_NAME))
        *out_key = weir_secret_ref (secret);
      if (g_strcmp0 (whose, id) != 0 || generation <= out->newest)
        continue;
      out->newest = generation;
      out->number = read_number (secret);
    }
}

static void
look (const char *folder, Found *out)
{
  g_autofree char *path = g_build_filename (folder, "one", "accounts.db", NULL);
  g_autofree char *escrow = g_build_filename (folder, "one", "escrow", NULL);
  g_autoptr (WeirAccountsFile) file = weir_accounts_file_open (path, NULL, NULL);
  g_auto (WeirAccountsLoaded) loaded = { 0 };
  g_autoptr (WeirSecret) key = NULL;
  g_autoptr (WeirSecret) line = NULL;
  const WeirAccount *account = NULL;
  uint64_t generation = 0;

  g_assert_nonnull (file);
  g_assert_true (weir_accounts_file_load (file, &loaded, NULL));
  g_assert_cmpuint (loaded.accounts->len, ==, 1);
  account = g_ptr_array_index (loaded.accounts, 0);
  out->file = account->generation;
  find_in_vault (folder, account->id, out, &key);
  if (key != NULL)
    line = weir_escrow_read (escrow, account->id, key, &generation, NULL);
  if (line == NULL || generation <= out->newest)
    return;
  out->newest = generation;
  out->number = read_number (line);
  out->is_kept = TRUE;
}

/* Nothing but the wire is lost; and that, so that the next life may begin, is mended. */
static void
judge (const char *folder, Found *before, unsigned *n_wire, unsigned *n_kept)
{
  Found found = { 0 };
  Vendor vendor = { 0 };

  look (folder, &found);
  read_vendor (folder, &vendor);
  g_assert_cmpuint (vendor.revoked, ==, 0);
  g_assert_cmpuint (found.file, >=, before->file);
  g_assert_cmpuint (found.newest, >=, before->newest);
  g_assert_cmpuint (found.newest, >=, found.file);
  g_assert_cmpuint (found.number, <=, vendor.number);
  g_assert_cmpuint (found.number + 1, >=, vendor.number);
  *n_kept += found.is_kept;
  *before = found;
  if (found.number == vendor.number)
    return;
  ++*n_wire;
  vendor.number = found.number;
  write_vendor (folder, &vendor);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

static char *
begin (void)
{
  char *folder = g_dir_make_tmp ("weir-killed-XXXXXX", NULL);
  const Vendor vendor = { .number = 1 };

  write_vendor (folder, &vendor);
  g_assert_cmpint (await_end (start (folder, "one", "--begin")), ==, 0);
  return folder;
}

static void
test_killed (void)
{
  const unsigned deaths = g_getenv ("WEIR_TEST_LONG") != NULL ? DEATHS_LONG : DEATHS;
  g_autofree char *folder = begin ();
  Found found = { 0 };
  unsigned n_wire = 0;
  unsigned n_kept = 0;

  for (unsigned i = 0; i < deaths; i++)
    {
      const GPid pid = start (folder, "one", "--live");

      g_usleep ((gulong)g_test_rand_int_range (1000, LATEST_US));
      g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
      g_assert_cmpint (await_end (pid), ==, -SIGKILL);
      judge (folder, &found, &n_wire, &n_kept);
    }
  g_assert_cmpint (await_end (start (folder, "one", "--end")), ==, 0);
  judge (folder, &found, &n_wire, &n_kept);
  g_test_message ("%u renewals, %u deaths; on the wire %u, in the escrow %u",
                  found.number - 1, deaths, n_wire, n_kept);
  g_assert_cmpuint (found.number, >, 1);
  remove_tree (folder);
}

/* Two programs, other folders, one vault: no token is sent twice, by either. */
static void
test_race (void)
{
  g_autofree char *folder = begin ();
  Vendor vendor = { 0 };
  GPid one = start (folder, "one", "--race");
  GPid other = start (folder, "other", "--race");

  g_assert_cmpint (await_end (one), ==, 0);
  g_assert_cmpint (await_end (other), ==, 0);
  read_vendor (folder, &vendor);
  g_assert_cmpuint (vendor.revoked, ==, 0);
  g_assert_cmpuint (vendor.number, >, 3);
  g_test_message ("%u renewals", vendor.number - 1);
  remove_tree (folder);
}

int
main (int argc, char **argv)
{
  if (argc == 4)
    return run_victim (argv[2], argv[3], argv[1]);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/accounts/killed-at-any-moment-lose-no-sign-in", test_killed);
  g_test_add_func ("/accounts/of-two-programs-never-use-a-token-twice", test_race);
  return g_test_run ();
}
