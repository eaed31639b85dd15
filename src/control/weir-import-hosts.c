/* SPDX-License-Identifier: GPL-3.0-or-later */

/* gh 2.40 and later (read 2026-11): under the host `user:` names who is signed in, and
 * `users:` has all of them; each may have its `oauth_token:`, the host that of its user.
 * Without one it lies in the keyring, by a name that is gh's own. */

#include "config.h"

#include "control/weir-import-hosts.h"

#include "store/weir-config-tree.h"

#include <string.h>

#define HOST "github.com"
#define LOGIN_BYTES_MAX 100u

gboolean
weir_import_hosts_knows (WeirSlice text)
{
  const char *end = text.text + text.length;
  const char *line = text.text;

  while (line != NULL && line < end)
    {
      const WeirSlice rest = { line, (size_t)(end - line) };

      if (weir_slice_has_prefix (rest, WEIR_SLICE (HOST ":")))
        return TRUE;
      line = memchr (line, '\n', rest.length);
      line = line != NULL ? line + 1 : NULL;
    }
  return FALSE;
}

static gboolean
is_word (WeirSlice text, size_t max)
{
  if (text.length == 0 || text.length > max)
    return FALSE;
  for (size_t i = 0; i < text.length; i++)
    if (!g_ascii_isgraph (text.text[i]))
      return FALSE;
  return TRUE;
}

/* The token of the host's user, or an empty text. */
static WeirSlice
find_token (const WeirConfigNode *host, const char *user)
{
  const WeirConfigNode *users = weir_config_node_lookup (host, "users");
  const WeirConfigNode *own = user != NULL ? weir_config_node_lookup (users, user) : NULL;
  const WeirConfigNode *token = weir_config_node_lookup (own, "oauth_token");

  if (token == NULL)
    token = weir_config_node_lookup (host, "oauth_token");
  return weir_config_node_get_text (token);
}

gboolean
weir_import_hosts_read (WeirSlice text, WeirImported *out, GError **error)
{
  g_autoptr (GPtrArray) notices = weir_config_notices_new ();
  g_autoptr (WeirConfigNode) root = text.length <= WEIR_IMPORT_DOCUMENT_MAX
                                        ? weir_config_tree_new (text, notices)
                                        : NULL;
  const WeirConfigNode *host = weir_config_node_lookup (root, HOST);
  const WeirSlice name = weir_config_node_get_text (weir_config_node_lookup (host, "user"));
  g_autofree char *user = is_word (name, LOGIN_BYTES_MAX) ? weir_slice_dup (name) : NULL;
  const WeirSlice token = find_token (host, user);

  if (host == NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "This is no sign-in of a program that is known here.");
  if (!is_word (token, WEIR_OAUTH_TOKEN_MAX))
    return weir_error_set (
        error, WEIR_ERROR_UNSUPPORTED,
        "GitHub's program keeps this sign-in in the keyring, for itself; "
        "please sign in here: weir login copilot.");
  out->row = weir_provider_oauth_lookup ("copilot");
  out->program = "GitHub CLI";
  out->answer.access_token = weir_secret_new (token);
  out->answer.email = g_steal_pointer (&user);
  out->answer.outcome = WEIR_OAUTH_TOKENS;
  return TRUE;
}
