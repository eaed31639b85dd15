/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sign-ins that come from elsewhere, and those that go there.  The service reads and writes
 * the files, whose descriptors it is given: no secret passes the bus or this program, but
 * for what comes by a pipe. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_BYTES_MAX ((size_t)4 << 20)

static const char warning[]
    = "This is a login: whoever has it has these accounts. Carry it over a safe way, and\n"
      "delete it when the server has it. Where two programs renew the same sign-in, the\n"
      "vendor takes one of them for a thief and ends it for both: when the server serves\n"
      "an account, forget it here (weir logout ACCOUNT, without --revoke).\n";

/* (transfer full): the accounts' ids, or NULL: @error. */
static GVariant *
call_with_file (
    WeirCli *self, const char *method, GVariant *parameters, int fd, GError **error)
{
  g_autoptr (GUnixFDList) files = g_unix_fd_list_new_from_array (&fd, 1);

  return g_dbus_connection_call_with_unix_fd_list_sync (
      self->bus, WEIR_APPLICATION_ID, WEIR_CLI_PATH, WEIR_CLI_INTERFACE ".Manager", method,
      parameters, G_VARIANT_TYPE ("(as)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, files,
      NULL, NULL, error);
}

static void
print_ids (GVariant *reply, FILE *out)
{
  g_autoptr (GVariantIter) ids = NULL;
  const char *id;

  g_variant_get (reply, "(as)", &ids);
  while (g_variant_iter_next (ids, "&s", &id))
    fprintf (out, "%s\n", id);
}

/* --- import --- */

/* What a pipe brings, in memory that has no name; -1: errno says why. */
static int
spool (int from)
{
  const int to = memfd_create ("weir-import", MFD_CLOEXEC);
  size_t length = 0;
  char buffer[4096];
  ssize_t n = 0;

  while (to >= 0 && length <= INPUT_BYTES_MAX
         && (n = read (from, buffer, sizeof buffer)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 || write (to, buffer, (size_t)n) != n)
        {
          explicit_bzero (buffer, sizeof buffer);
          close (to);
          return -1;
        }
      length += (size_t)n;
    }
  explicit_bzero (buffer, sizeof buffer);
  return to;
}

/* "-" is the standard input.  -1: it cannot be read. */
static int
open_input (const char *path)
{
  struct stat facts = { 0 };
  const int fd = g_str_equal (path, "-") ? fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                         : open (path, O_RDONLY | O_CLOEXEC);
  int spooled = -1;

  if (fd < 0 || fstat (fd, &facts) != 0 || S_ISREG (facts.st_mode))
    return fd;
  spooled = spool (fd);
  close (fd);
  return spooled;
}

/* FALSE: it is said already. */
static gboolean
set_prefix (WeirCli *self, GVariant *reply)
{
  g_autoptr (GVariantIter) ids = NULL;
  const char *id;

  g_variant_get (reply, "(as)", &ids);
  while (self->options.prefix != NULL && g_variant_iter_next (ids, "&s", &id))
    {
      g_autofree char *path = weir_cli_dup_account_path (id);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) done
          = weir_cli_call (self, path, "org.freedesktop.DBus.Properties", "Set",
                           g_variant_new ("(ssv)", WEIR_CLI_INTERFACE ".Account", "Prefix",
                                          g_variant_new_string (self->options.prefix)),
                           &error);

      if (done == NULL)
        return weir_cli_report (error) == WEIR_CLI_OK;
    }
  return TRUE;
}

static int
import_file (WeirCli *self, const char *path)
{
  const int fd = open_input (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  if (fd < 0)
    return weir_cli_fail (WEIR_CLI_USAGE, "%s cannot be read", path);
  reply = call_with_file (self, "ImportCredentials", g_variant_new ("(h)", 0), fd, &error);
  if (reply == NULL)
    return weir_cli_report (error);
  print_ids (reply, stdout);
  return set_prefix (self, reply) ? WEIR_CLI_OK : WEIR_CLI_NO;
}

static int
import_found (WeirCli *self)
{
  static const char *const heading[]
      = { "ID", "PROGRAM", "VENDOR", "IDENTITY", "PATH", NULL };
  static const char *const members[] = { "id", "program", "provider", "identity", "path" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) list = weir_cli_fetch (self, "ListImportable", NULL, &error);
  WeirCliGrid *grid;

  if (list == NULL)
    return weir_cli_report (error);
  if (self->options.json)
    {
      weir_cli_print_json (list);
      return WEIR_CLI_OK;
    }
  grid = weir_cli_grid_new (heading);
  for (size_t i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (list, i);

      for (size_t j = 0; j < G_N_ELEMENTS (members); j++)
        weir_cli_grid_add (grid, weir_cli_get_text (row, members[j]));
    }
  weir_cli_grid_print (grid);
  return WEIR_CLI_OK;
}

int
weir_cli_import (WeirCli *self, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  const char *id = NULL;

  if (word == NULL)
    return import_found (self);
  if (g_str_equal (word, "-") || g_file_test (word, G_FILE_TEST_EXISTS))
    return import_file (self, word);
  reply = weir_cli_call_manager (self, "ImportFound", g_variant_new ("(s)", word), &error);
  if (reply == NULL)
    return weir_cli_report (error);
  g_variant_get (reply, "(&s)", &id);
  printf ("%s\n", id);
  return WEIR_CLI_OK;
}

/* --- export --- */

/* As the file's name ends; text is what an environment variable can hold. */
static const char *
find_form (const char *path)
{
  if (g_str_has_suffix (path, ".zip"))
    return "zip";
  if (g_str_has_suffix (path, ".tar.gz") || g_str_has_suffix (path, ".tgz"))
    return "tar.gz";
  return "bundle";
}

/* (transfer full) (nullable): the ids of the accounts that the words behind "export" name.
 */
static char **
find_ids (WeirCli *self, GError **error)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  for (unsigned i = 1; i < self->n_words; i++)
    {
      g_autoptr (GVariant) account = NULL;
      g_autofree char *path = weir_cli_find_account (self, self->words[i], &account, error);

      if (path == NULL)
        return NULL;
      g_strv_builder_add (ids, weir_cli_get_text (account, "Id"));
    }
  return g_strv_builder_end (ids);
}

/* A file is never overwritten.  -1: it is said already, *out_status is the exit's. */
static int
open_output (const char *path, int *out_status)
{
  int fd = -1;

  *out_status = WEIR_CLI_USAGE;
  if (path == NULL && isatty (STDOUT_FILENO))
    weir_cli_fail (*out_status, "sign-ins are not shown: say --output FILE, or pipe them "
                                "(--output - prints them all the same)");
  else if (path == NULL || g_str_equal (path, "-"))
    fd = fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  else
    {
      fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
      if (fd < 0)
        weir_cli_fail (*out_status, "%s cannot be made: %s", path, g_strerror (errno));
    }
  return fd;
}

int
weir_cli_export (WeirCli *self)
{
  const char *path = self->options.output;
  const gboolean is_file = path != NULL && !g_str_equal (path, "-");
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_auto (GStrv) ids = find_ids (self, &error);
  int status = WEIR_CLI_OK;
  int fd = -1;

  if (ids == NULL)
    return weir_cli_report (error);
  fd = open_output (path, &status);
  if (fd < 0)
    return status;
  reply = call_with_file (
      self, "ExportAccounts",
      g_variant_new ("(^assh)", ids, is_file ? find_form (path) : "bundle", 0), fd, &error);
  if (reply == NULL)
    {
      if (is_file)
        unlink (path);
      return weir_cli_report (error);
    }
  if (!is_file && isatty (STDOUT_FILENO))
    fputc ('\n', stdout);
  print_ids (reply, is_file ? stdout : stderr);
  fputs (warning, stderr);
  return WEIR_CLI_OK;
}
