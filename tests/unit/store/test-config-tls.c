/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The files of tls, when a configuration is read from a file. */

#include "../proxy/certificates.h"
#include "store/weir-config.h"

#include <glib/gstdio.h>

typedef struct
{
  char *path;            /* (owned) of the configuration */
  char *certificate;     /* (owned) paths, of two pairs; the second one is old */
  char *key;             /* (owned) */
  char *old_certificate; /* (owned) */
  char *old_key;         /* (owned) */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  TestCertificateRequest fresh = { .name = "localhost" };
  TestCertificateRequest old
      = { .name = "localhost", .valid_from_days = -9, .valid_to_days = -2 };
  g_autoptr (TestCertificate) one = test_certificate_new (&fresh);
  g_autoptr (TestCertificate) other = test_certificate_new (&old);
  g_autofree char *folder = g_dir_make_tmp ("weir-tls-XXXXXX", NULL);

  self->path = g_build_filename (folder, "config.yaml", NULL);
  self->certificate = test_certificate_write (one);
  self->key = test_certificate_write_key (one);
  self->old_certificate = test_certificate_write (other);
  self->old_key = test_certificate_write_key (other);
}

static void
remove_file (char *path)
{
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_free (path);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = g_path_get_dirname (self->path);

  remove_file (self->path);
  remove_file (self->certificate);
  remove_file (self->key);
  remove_file (self->old_certificate);
  remove_file (self->old_key);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Loads a file that names these two; @said is the beginning of the one remark, or NULL. */
static void
assert_said (Fixture *self,
             const char *certificate,
             const char *key,
             gboolean usable,
             const char *said)
{
  g_autofree char *yaml
      = g_strdup_printf ("api-keys: [0123456789abcdefghij]\ntls:\n  enable: true\n"
                         "  cert: %s\n  key: %s\n",
                         certificate, key);
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (WeirConfig) config = NULL;
  g_autofree char *line = NULL;

  g_assert_true (g_file_set_contents (self->path, yaml, -1, NULL));
  g_chmod (self->path, 0600);
  config = weir_config_load (self->path, &notices, NULL);
  g_assert_cmpint (config != NULL, ==, usable);
  g_assert_cmpuint (notices->len, ==, said != NULL ? 1 : 0);
  if (said == NULL)
    return;
  line = weir_config_notice_format (g_ptr_array_index (notices, 0), "f");
  g_assert_true (g_str_has_prefix (line, said));
}

static void
test_pair_is_silent (Fixture *self, gconstpointer data)
{
  assert_said (self, self->certificate, self->key, TRUE, NULL);
}

static void
test_key_of_another_is_said (Fixture *self, gconstpointer data)
{
  assert_said (self, self->certificate, self->old_key, FALSE,
               "f:5:8: tls.key does not fit the certificate in tls.cert");
}

static void
test_files_that_cannot_be_read_are_said (Fixture *self, gconstpointer data)
{
  assert_said (self, self->certificate, self->certificate, FALSE,
               "f:5:8: tls.key cannot be read as a private key (PEM): ");
  assert_said (self, self->key, self->key, FALSE,
               "f:4:9: tls.cert cannot be read as a certificate (PEM): ");
  assert_said (self, "/nowhere", self->key, FALSE,
               "f:4:9: tls.cert cannot be read as a certificate (PEM): ");
}

static void
test_old_certificate_is_said (Fixture *self, gconstpointer data)
{
  assert_said (self, self->old_certificate, self->old_key, TRUE,
               "f:4:9: the certificate in tls.cert has expired (");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                \
  g_test_add ("/config-tls/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("pair-is-silent", test_pair_is_silent);
  ADD ("key-of-another-is-said", test_key_of_another_is_said);
  ADD ("files-that-cannot-be-read-are-said", test_files_that_cannot_be_read_are_said);
  ADD ("old-certificate-is-said", test_old_certificate_is_said);
  return g_test_run ();
}
