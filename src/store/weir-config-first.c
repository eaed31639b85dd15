/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The first start: a configuration of the example's shape with a client key that nobody
 * else has. */

#include "config.h"

#include "store/weir-config-edit.h"
#include "store/weir-config-private.h"
#include "store/weir-file.h"

#include <errno.h>
#include <sys/random.h>

#include <glib/gstdio.h>

#define KEY_BYTES 32

char *
weir_config_make_key (void)
{
  unsigned char random[KEY_BYTES];
  char *base64 = NULL;
  char *key = NULL;

  if (getrandom (random, sizeof random, 0) != sizeof random)
    g_error ("the system has no random bytes");
  base64 = g_base64_encode (random, sizeof random);
  explicit_bzero (random, sizeof random);
  g_strdelimit (base64, "+", '-');
  g_strdelimit (base64, "/", '_');
  base64[strcspn (base64, "=")] = '\0';
  key = g_strconcat ("sk-weir-", base64, NULL);
  weir_secret_wipe_string (base64);
  return key;
}

/* FALSE and WEIR_ERROR_IO; a folder that is there already keeps its mode. */
static gboolean
make_folder (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;
  /* once more by chmod, because a umask may have taken the owner's bits away */
  if (g_mkdir_with_parents (folder, 0700) == 0 && g_chmod (folder, 0700) == 0)
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_IO, "cannot make the folder %s: %s", folder,
                         g_strerror (errno));
}

gboolean
weir_config_write_first (const char *path, WeirSecret **out_key, GError **error)
{
  char *key = weir_config_make_key ();
  g_autofree char *example = weir_config_make_example ();
  g_autoptr (WeirSecret) secret = weir_secret_new (weir_slice_from_string (key));
  GBytes *bytes = weir_config_edit_append_item (weir_slice_from_string (example),
                                                "api-keys", key, error);
  gsize length = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  gboolean ok = bytes != NULL && make_folder (path, error)
                && weir_file_create (path, (WeirSlice){ text, length }, error);

  weir_secret_wipe_string (key);
  weir_file_wipe (bytes);
  if (ok && out_key != NULL)
    *out_key = g_steal_pointer (&secret);
  return ok;
}
