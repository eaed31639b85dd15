/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Files as they lie on the disk: size, mode, owner, folder. */

#include "store/weir-config.h"

#include <unistd.h>

#include <glib/gstdio.h>

typedef struct
{
  char *folder; /* (owned) */
  char *path;   /* (owned) */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("weir-load-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "config.yaml", NULL);
  g_assert_true (
      g_file_set_contents (self->path, "api-keys: [0123456789abcdefghij]\n", -1, NULL));
  g_assert_cmpint (g_chmod (self->path, 0600), ==, 0);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_unlink (self->path);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->folder);
  g_free (self->path);
}

/* What is said of the file, or NULL. */
static char *
load (Fixture *self, gboolean *out_usable)
{
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirConfig) config = weir_config_load (self->path, &notices, &error);

  *out_usable = config != NULL;
  if (config == NULL)
    return g_strdup (error->message);
  g_assert_cmpuint (notices->len, <=, 1);
  return notices->len == 0
             ? NULL
             : weir_config_notice_format (g_ptr_array_index (notices, 0), self->path);
}

static void
assert_said (Fixture *self, gboolean usable, const char *format)
{
  gboolean is_usable = FALSE;
  g_autofree char *said = load (self, &is_usable);
  g_auto (GStrv) parts = g_strsplit (format != NULL ? format : "", "FILE", -1);
  g_autofree char *once = g_strjoinv (self->path, parts);
  g_auto (GStrv) again = g_strsplit (once, "FOLDER", -1);
  g_autofree char *wanted = g_strjoinv (self->folder, again);

  g_assert_cmpint (is_usable, ==, usable);
  g_assert_cmpstr (said, ==, format != NULL ? wanted : NULL);
}

static void
test_good_file_is_silent (Fixture *self, gconstpointer data)
{
  assert_said (self, TRUE, NULL);
}

static void
test_loose_mode_is_said (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (g_chmod (self->path, 0644), ==, 0);
  assert_said (self, TRUE,
               "FILE: mode 0644 lets others at the keys in it; run: chmod 600 FILE");
}

static void
test_folder_for_everybody_is_refused (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (g_chmod (self->folder, 0777), ==, 0);
  assert_said (
      self, FALSE,
      "FILE: its folder FOLDER can be changed by everybody; run: chmod o-w FOLDER");
  g_assert_cmpint (g_chmod (self->folder, 01777), ==, 0);
  assert_said (self, TRUE, NULL); /* there nobody can move what is not theirs */
}

static void
test_file_of_another_user_is_refused (Fixture *self, gconstpointer data)
{
  g_autofree char *said = NULL;
  gboolean usable = TRUE;

  if (geteuid () != 0 || chown (self->path, 12345, 12345) != 0)
    {
      g_test_skip ("only root can give a file away");
      return;
    }
  said = load (self, &usable);
  g_assert_false (usable);
  g_assert_nonnull (strstr (said, ": belongs to another user (uid 12345); run: chown 0 "));
}

static void
test_large_file_is_refused (Fixture *self, gconstpointer data)
{
  g_autofree char *big = g_strnfill (2 << 20, '#');

  g_assert_true (g_file_set_contents (self->path, big, -1, NULL));
  g_chmod (self->path, 0600);
  assert_said (self, FALSE, "FILE: larger than 1 MiB");
}

static void
test_errors_name_the_file (Fixture *self, gconstpointer data)
{
  g_assert_true (g_file_set_contents (self->path, "port: x\ndebug: z\n", -1, NULL));
  g_chmod (self->path, 0600);
  assert_said (self, FALSE,
               "FILE:1:7: port must be a whole number (found \"x\")\n"
               "FILE:2:8: debug must be true or false (found \"z\")");
}

static void
test_missing_file_is_an_input_error (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (weir_config_load ("/nowhere/at/all", &notices, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_cmpuint (notices->len, ==, 0);
}

static void
test_default_path (Fixture *self, gconstpointer data)
{
  g_autofree char *path = weir_config_dup_default_path ();

  g_assert_true (g_str_has_suffix (path, "/weir/config.yaml"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                \
  g_test_add ("/config-load/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("good-file-is-silent", test_good_file_is_silent);
  ADD ("loose-mode-is-said", test_loose_mode_is_said);
  ADD ("folder-for-everybody-is-refused", test_folder_for_everybody_is_refused);
  ADD ("file-of-another-user-is-refused", test_file_of_another_user_is_refused);
  ADD ("large-file-is-refused", test_large_file_is_refused);
  ADD ("errors-name-the-file", test_errors_name_the_file);
  ADD ("missing-file-is-an-input-error", test_missing_file_is_an_input_error);
  ADD ("default-path", test_default_path);
  return g_test_run ();
}
