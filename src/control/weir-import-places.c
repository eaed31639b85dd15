/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A list of files, and the one that tells who a Claude Code sign-in belongs to. */

#include "config.h"

#include "control/weir-import-places.h"

#include "base/weir-json.h"
#include "store/weir-file.h"

#include <string.h>

#define FILES_MAX 2000u
#define CLAUDE_BYTES_MAX ((size_t)8 << 20)

/* (transfer full): paths, those that are not there among them. */
static GPtrArray *
list_paths (void)
{
  const char *home = g_get_home_dir ();
  const char *config = g_get_user_config_dir ();
  const char *codex = g_getenv ("CODEX_HOME");
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = g_build_filename (home, ".cli-proxy-api", NULL);
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  const char *name = NULL;

  g_ptr_array_add (paths, g_build_filename (home, ".claude", ".credentials.json", NULL));
  g_ptr_array_add (paths, codex != NULL
                              ? g_build_filename (codex, "auth.json", NULL)
                              : g_build_filename (home, ".codex", "auth.json", NULL));
  g_ptr_array_add (paths, g_build_filename (home, ".gemini", "oauth_creds.json", NULL));
  g_ptr_array_add (
      paths, g_build_filename (home, ".aws", "sso", "cache", "kiro-auth-token.json", NULL));
  g_ptr_array_add (paths, g_build_filename (config, "github-copilot", "apps.json", NULL));
  g_ptr_array_add (paths, g_build_filename (config, "github-copilot", "hosts.json", NULL));
  g_ptr_array_add (paths, g_build_filename (config, "gh", "hosts.yml", NULL));
  while (files != NULL && paths->len < FILES_MAX
         && (name = g_dir_read_name (files)) != NULL)
    if (*name != '.' && g_str_has_suffix (name, ".json"))
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  return paths;
}

static char *
make_id (const char *path)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);

  return g_strndup (digest, 16);
}

/* Claude Code keeps beside its tokens whose they are: ~/.claude.json (read 2026-10). */
static void
read_claude_identity (WeirImported *imported)
{
  static const WeirJsonLimits limits = { .record_depth = 2 };
  g_autofree char *path = g_build_filename (g_get_home_dir (), ".claude.json", NULL);
  g_auto (WeirJson) json = { 0 };
  GBytes *bytes = weir_file_read (path, CLAUDE_BYTES_MAX, NULL, NULL, NULL);
  size_t length = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  uint32_t account = 0;

  if (text != NULL && weir_json_parse (&json, text, length, &limits, NULL))
    account = weir_json_lookup (&json, 0, "oauthAccount");
  if (account != 0)
    {
      const uint32_t uuid = weir_json_lookup (&json, account, "accountUuid");
      const uint32_t email = weir_json_lookup (&json, account, "emailAddress");

      imported->answer.subject = uuid != 0 ? weir_json_dup_text (&json, uuid) : NULL;
      imported->answer.email = email != 0 ? weir_json_dup_text (&json, email) : NULL;
    }
  weir_file_wipe (bytes);
}

static WeirImported *
read_path (const char *path, GError **error)
{
  WeirImported *imported = weir_import_read_file (path, error);

  if (imported != NULL && strcmp (imported->program, "Claude Code") == 0)
    read_claude_identity (imported);
  return imported;
}

/* (transfer full): "j…@example.org" */
static char *
mask (const char *identity)
{
  const char *at = identity != NULL ? strchr (identity, '@') : NULL;

  if (identity == NULL || *identity == '\0')
    return g_strdup ("");
  return g_strdup_printf ("%.*s…%s", (int)(g_utf8_next_char (identity) - identity),
                          identity, at != NULL ? at : "");
}

static WeirImportFound *
find_one (const char *path)
{
  WeirImported *imported = read_path (path, NULL);
  WeirImportFound *found = NULL;

  if (imported == NULL)
    return NULL;
  found = g_new0 (WeirImportFound, 1);
  found->id = make_id (path);
  found->program = imported->program;
  found->row = imported->row;
  found->path = g_strdup (path);
  found->identity = mask (imported->answer.email);
  weir_imported_clear (imported);
  g_free (imported);
  return found;
}

GPtrArray *
weir_import_places_find (void)
{
  g_autoptr (GPtrArray) paths = list_paths ();
  GPtrArray *found
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_import_found_free);

  for (unsigned i = 0; i < paths->len; i++)
    {
      WeirImportFound *one = find_one (g_ptr_array_index (paths, i));

      if (one != NULL)
        g_ptr_array_add (found, one);
    }
  return found;
}

WeirImported *
weir_import_places_read (const char *id, GError **error)
{
  g_autoptr (GPtrArray) paths = list_paths ();

  for (unsigned i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      g_autofree char *candidate = make_id (path);

      if (strcmp (candidate, id) == 0)
        return read_path (path, error);
    }
  weir_error_set (error, WEIR_ERROR_NOT_FOUND, "That sign-in is not there any more.");
  return NULL;
}
