/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A line that says where, and a line for each name that was left behind. */

#include "config.h"

#include "accounts/weir-vault-note.h"

#include "store/weir-file.h"

#include <errno.h>
#include <glib/gstdio.h>

#define MAX_BYTES ((size_t)4 << 20)

static const char *const heads[] = {
  [WEIR_VAULT_KEYRING] = "weir secrets are in the keyring",
  [WEIR_VAULT_FILE] = "weir secrets are in the file",
};

void
weir_vault_note_clear (WeirVaultNote *self)
{
  g_clear_pointer (&self->left, g_strfreev);
}

char *
weir_vault_note_dup_path (const char *path)
{
  return g_strconcat (path, ".place", NULL);
}

void
weir_vault_note_read (const char *path, WeirVaultNote *out)
{
  g_autofree char *note_path = weir_vault_note_dup_path (path);
  g_autoptr (GBytes) bytes = weir_file_read (note_path, MAX_BYTES, NULL, NULL, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GStrvBuilder) left = g_strv_builder_new ();

  *out = (WeirVaultNote){ 0 };
  if (bytes == NULL)
    return;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  lines = g_strsplit (text, "\n", -1);
  for (unsigned i = 0; i < G_N_ELEMENTS (heads); i++)
    if (g_strcmp0 (lines[0], heads[i]) == 0)
      *out = (WeirVaultNote){ .is_there = TRUE, .place = (WeirVaultPlace)i };
  for (unsigned i = 1; out->is_there && lines[i] != NULL; i++)
    if (weir_vault_is_name (lines[i]))
      g_strv_builder_add (left, lines[i]);
  out->left = g_strv_builder_end (left);
  if (out->left[0] == NULL)
    g_clear_pointer (&out->left, g_strfreev);
}

gboolean
weir_vault_note_write (const char *path, const WeirVaultNote *note, GError **error)
{
  g_autofree char *note_path = weir_vault_note_dup_path (path);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *left = note->left != NULL ? g_strjoinv ("\n", note->left) : NULL;
  g_autofree char *text
      = g_strconcat (heads[note->place], "\n", left, left != NULL ? "\n" : NULL, NULL);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    return weir_error_set (error, WEIR_ERROR_IO, "cannot make the folder %s: %s", folder,
                           g_strerror (errno));
  return weir_file_replace (note_path, weir_slice_from_string (text), error);
}
