/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What lies in the escrow comes back for the same key and account, or not at all. */

#include "config.h"

#include "accounts/weir-escrow.h"
#include "accounts/weir-seal.h"

#include "vault-fixture.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

typedef struct
{
  VaultPlace place;
  char *folder; /* (owned) */
  char *path;   /* (owned) */
  WeirSecret *key;
  WeirSecret *line;
} Escrow;

static void
set_up (Escrow *self, gconstpointer data)
{
  vault_place_set_up (&self->place, data);
  self->folder = g_build_filename (self->place.folder, "escrow", NULL);
  self->path = g_build_filename (self->folder, "claude-1", NULL);
  self->key = weir_seal_make_key ();
  self->line = vault_secret ("{\"access_token\":\"a\"}");
  g_assert_true (
      weir_escrow_write (self->folder, "claude-1", 7, self->key, self->line, NULL));
}

static void
tear_down (Escrow *self, gconstpointer data)
{
  weir_secret_unref (self->key);
  weir_secret_unref (self->line);
  g_free (self->folder);
  g_free (self->path);
  vault_place_tear_down (&self->place, data);
}

static gboolean
comes_back (Escrow *self, const char *id, const WeirSecret *key)
{
  uint64_t generation = 0;
  g_autoptr (WeirSecret) line = weir_escrow_read (self->folder, id, key, &generation, NULL);

  g_assert_true (line == NULL || weir_secret_equal (line, self->line));
  g_assert_true (line == NULL || generation == 7);
  return line != NULL;
}

static void
test_comes_back (Escrow *self, gconstpointer data)
{
  g_auto (GStrv) ids = weir_escrow_list (self->folder);
  struct stat info;

  g_assert_true (comes_back (self, "claude-1", self->key));
  g_assert_cmpuint (g_strv_length (ids), ==, 1);
  g_assert_cmpint (stat (self->path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
  g_assert_true (weir_escrow_remove (self->folder, "claude-1", NULL));
  g_assert_true (weir_escrow_remove (self->folder, "claude-1", NULL));
  g_assert_false (comes_back (self, "claude-1", self->key));
}

static void
test_other_key (Escrow *self, gconstpointer data)
{
  g_autoptr (WeirSecret) other = weir_seal_make_key ();
  g_autoptr (WeirSecret) no_key = vault_secret ("0123");
  g_autoptr (GError) error = NULL;
  uint64_t generation = 0;

  g_assert_false (weir_secret_equal (other, self->key));
  g_assert_false (comes_back (self, "claude-1", other));
  g_assert_null (weir_escrow_read (self->folder, "claude-1", no_key, &generation, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
}

/* No byte of it may be another one, and it may not be another's. */
static void
test_changed (Escrow *self, gconstpointer data)
{
  g_autofree char *bytes = NULL;
  g_autofree char *other = g_build_filename (self->folder, "claude-2", NULL);
  size_t length = 0;

  g_assert_true (g_file_get_contents (self->path, &bytes, &length, NULL));
  g_assert_null (g_strstr_len (bytes, (gssize)length, "access_token"));
  for (size_t i = 0; i < length; i++)
    {
      bytes[i] ^= 1;
      g_assert_true (g_file_set_contents (self->path, bytes, (gssize)length, NULL));
      g_assert_false (comes_back (self, "claude-1", self->key));
      g_assert_true (g_file_set_contents (self->path, bytes, (gssize)i, NULL));
      g_assert_false (comes_back (self, "claude-1", self->key));
      bytes[i] ^= 1;
    }
  g_assert_true (g_file_set_contents (other, bytes, (gssize)length, NULL));
  g_assert_false (comes_back (self, "claude-2", self->key));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/escrow/gives-back-what-it-was-given", Escrow, NULL, set_up, test_comes_back,
              tear_down);
  g_test_add ("/escrow/opens-for-its-key-alone", Escrow, NULL, set_up, test_other_key,
              tear_down);
  g_test_add ("/escrow/that-was-changed-gives-nothing", Escrow, NULL, set_up, test_changed,
              tear_down);
  return g_test_run ();
}
