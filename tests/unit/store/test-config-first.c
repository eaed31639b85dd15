/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The first start: the file is private, is accepted without a remark, and is never written
 * over. */

#include "store/weir-config.h"

#include <sys/stat.h>

#include <glib/gstdio.h>

static unsigned
get_mode (const char *path)
{
  GStatBuf info;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

static void
test_first_file_is_private_and_good (void)
{
  g_autofree char *top = g_dir_make_tmp ("weir-first-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (top, "a", "weir", NULL);
  g_autofree char *path = g_build_filename (folder, "config.yaml", NULL);
  g_autofree char *middle = g_path_get_dirname (folder);
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirSecret) key = NULL;
  g_autoptr (WeirSecret) other = NULL;
  g_autoptr (WeirConfig) config = NULL;

  g_assert_true (weir_config_write_first (path, &key, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (get_mode (path), ==, 0600);
  g_assert_cmpuint (get_mode (folder), ==, 0700);

  config = weir_config_load (path, &notices, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (notices->len, ==, 0);
  g_assert_cmpstr (config->path, ==, path);
  g_assert_false (weir_config_listens_wider (config));
  g_assert_cmpuint (config->client_keys->len, ==, 1);
  g_assert_true (weir_secret_equal (
      key, ((WeirConfigClientKey *)g_ptr_array_index (config->client_keys, 0))->key));
  g_assert_cmpuint (weir_secret_reveal (key).length, ==, strlen ("sk-weir-") + 43);

  g_assert_false (weir_config_write_first (path, &other, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_null (other);

  g_unlink (path);
  g_assert_true (weir_config_write_first (path, &other, NULL));
  g_assert_false (weir_secret_equal (key, other));
  g_unlink (path);
  g_rmdir (folder);
  g_rmdir (middle);
  g_rmdir (top);
}

static void
test_folder_that_cannot_be_made_is_an_error (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (weir_config_write_first ("/dev/null/weir/config.yaml", NULL, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config-first/file-is-private-and-good",
                   test_first_file_is_private_and_good);
  g_test_add_func ("/config-first/folder-that-cannot-be-made-is-an-error",
                   test_folder_that_cannot_be_made_is_an_error);
  return g_test_run ();
}
