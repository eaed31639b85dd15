/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The entries of the provider lists, with CLIProxyAPI's rules on which of them are left out
 * (its source of 6.9 and 7.2, read 2026-08).  It leaves out in silence; here every omission
 * that the file does not ask for is a notice. */

#include "config.h"

#include "store/weir-config-read.h"

#include "base/weir-redact.h"
#include "providers/weir-provider.h"
#include "store/weir-config-private.h"
#include "store/weir-config-url.h"

#define SHOWN_BYTES 64

static const char *const kind_names[] = {
  [WEIR_CONFIG_CLAUDE] = "claude",
  [WEIR_CONFIG_CODEX] = "codex",
  [WEIR_CONFIG_GEMINI] = "gemini",
  [WEIR_CONFIG_VERTEX] = "vertex",
  [WEIR_CONFIG_COMPAT] = "openai-compatibility",
};
G_STATIC_ASSERT (G_N_ELEMENTS (kind_names) == WEIR_CONFIG_KIND_LAST);

/* The rows of the lists themselves. */
static const char *const kind_providers[] = {
  [WEIR_CONFIG_CLAUDE] = "claude", [WEIR_CONFIG_CODEX] = "codex",
  [WEIR_CONFIG_GEMINI] = "gemini", [WEIR_CONFIG_VERTEX] = "vertex",
  [WEIR_CONFIG_COMPAT] = "compat",
};
G_STATIC_ASSERT (G_N_ELEMENTS (kind_providers) == WEIR_CONFIG_KIND_LAST);

void
weir_config_draft_clear (WeirConfigDraft *self)
{
  weir_config_entry_clear (&self->entry);
  weir_config_credential_clear (&self->own);
  weir_secret_unref (self->service_account);
  g_free (self->model);
  g_free (self->routing_name);
  g_free (self->upstream_model);
}

/* What the entry says of itself is its first credential, or all it has; only a proxy-url is
 * for those of its list that have none. */
void
weir_config_draft_complete_credentials (WeirConfigDraft *self)
{
  GPtrArray *credentials = self->entry.credentials;

  if (self->own.proxy_url != NULL && *self->own.proxy_url == '\0')
    g_clear_pointer (&self->own.proxy_url, g_free);
  for (unsigned i = 0; i < credentials->len; i++)
    {
      WeirConfigCredential *credential = g_ptr_array_index (credentials, i);

      if (credential->weight < 0)
        credential->weight = self->entry.weight;
      if (credential->proxy_url == NULL)
        credential->proxy_url = g_strdup (self->own.proxy_url);
    }
  if (credentials->len > 0 && self->own.api_key == NULL)
    return;
  self->own.weight = self->entry.weight;
  g_ptr_array_insert (credentials, 0, g_memdup2 (&self->own, sizeof self->own));
  self->own = (WeirConfigCredential){ 0 };
}

/* All of them stand there, but each is switched off: that is no keyless upstream. */
static gboolean
has_only_disabled_keys (const WeirConfigDraft *draft, const WeirConfigNode *node)
{
  const WeirConfigNode *listed = weir_config_node_lookup (node, "api-key-entries");

  return draft->entry.credentials->len == 0 && draft->own.api_key == NULL && listed != NULL
         && listed->kind == WEIR_CONFIG_NODE_LIST && listed->children->len > 0;
}

static const char *
find_compat_lack (const WeirConfigDraft *draft, const WeirConfigNode *node)
{
  const char *id = draft->entry.provider;
  const WeirProvider *provider = weir_provider_lookup (id != NULL ? id : "compat");
  gboolean has_url = draft->entry.base_url != NULL;
  gboolean has_key = draft->own.api_key != NULL || draft->entry.credentials->len > 0;

  if (!has_url && provider->base_url == NULL && provider->base_url_hint != NULL)
    return "it has no base-url, such as https://RESOURCE.openai.azure.com/openai/v1";
  if (!has_url && provider->base_url == NULL)
    return "it has no base-url";
  if (has_only_disabled_keys (draft, node))
    return "all of its keys are disabled";
  if (!has_url && !provider->keyless && !has_key && draft->entry.headers->len == 0)
    return "it has no api-key";
  return NULL;
}

/* (nullable): what an entry of this kind cannot do without and lacks. */
static const char *
find_lack (const WeirConfigDraft *draft, const WeirConfigNode *node)
{
  gboolean has_key = draft->own.api_key != NULL;
  gboolean has_url = draft->entry.base_url != NULL;

  switch (draft->entry.kind)
    {
    case WEIR_CONFIG_CLAUDE:
    case WEIR_CONFIG_GEMINI:
      return has_key || has_url ? NULL : "it has neither api-key nor base-url";
    case WEIR_CONFIG_CODEX:
      return has_url ? NULL : "it has no base-url";
    case WEIR_CONFIG_VERTEX:
      return has_key || draft->entry.is_service_account
                 ? NULL
                 : "it has neither api-key nor service-account";
    case WEIR_CONFIG_COMPAT:
      return find_compat_lack (draft, node);
    case WEIR_CONFIG_KIND_LAST:
      break;
    }
  return NULL;
}

/* (transfer full) (nullable): equal for entries of which CLIProxyAPI keeps the first only.
 */
static char *
dup_identity (const WeirConfigDraft *draft)
{
  const WeirConfigEntry *entry = &draft->entry;
  GString *identity = NULL;
  char digest[17] = "";

  if (entry->kind != WEIR_CONFIG_GEMINI && entry->kind != WEIR_CONFIG_VERTEX)
    return NULL;
  if (draft->own.api_key != NULL)
    weir_secret_get_digest (draft->own.api_key, digest);
  identity = g_string_new (digest);
  g_string_append_printf (identity, "\n%s", entry->base_url != NULL ? entry->base_url : "");
  if (entry->kind == WEIR_CONFIG_VERTEX)
    {
      if (entry->is_service_account)
        g_string_append_printf (identity, "\n%s\n%s\n%s",
                                entry->service_account != NULL ? entry->service_account
                                                               : "",
                                entry->project != NULL ? entry->project : "",
                                entry->location != NULL ? entry->location : "");
      return g_string_free (identity, FALSE);
    }
  g_string_append_printf (identity, "\n%s\n%s",
                          draft->own.proxy_url != NULL ? draft->own.proxy_url : "",
                          entry->prefix != NULL ? entry->prefix : "");
  for (unsigned i = 0; i < entry->headers->len; i++)
    {
      const WeirConfigHeader *header = g_ptr_array_index (entry->headers, i);

      g_string_append_printf (identity, "\n%s:%s", header->name, header->value);
    }
  return g_string_free (identity, FALSE);
}

/* A part of a path and, the location, of a host. */
static gboolean
is_part (const char *text)
{
  return text == NULL
         || (g_ascii_isalnum (*text)
             && strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-.:") == strlen (text));
}

static void
clear_empty (char **text)
{
  if (*text != NULL && **text == '\0')
    g_clear_pointer (text, g_free);
}

/* (nullable): what is wrong with the service account. */
static const char *
settle_service_account (WeirConfigDraft *draft)
{
  WeirConfigEntry *entry = &draft->entry;
  WeirSlice text;

  clear_empty (&entry->project);
  clear_empty (&entry->location);
  if (draft->service_account == NULL)
    return entry->project == NULL && entry->location == NULL
               ? NULL
               : "project-id and location belong to a service-account";
  if (entry->kind != WEIR_CONFIG_VERTEX)
    return "service-account belongs to vertex-api-key";
  if (draft->own.api_key != NULL)
    return "it has an api-key and a service-account; one of them is needed";
  if (!is_part (entry->project) || !is_part (entry->location)
      || (entry->location != NULL && strpbrk (entry->location, ".:") != NULL))
    return "project-id and location are ids: lower case letters, digits and -";
  entry->is_service_account = TRUE;
  text = weir_secret_reveal (draft->service_account);
  if (weir_slice_has_prefix (text, WEIR_SLICE ("vault:")))
    draft->own.api_key = g_steal_pointer (&draft->service_account);
  else if (weir_slice_has_prefix (text, WEIR_SLICE ("/"))
           || weir_slice_has_prefix (text, WEIR_SLICE ("~/")))
    entry->service_account = weir_slice_dup (text);
  else
    return "service-account must be an absolute path, or vault:NAME";
  return NULL;
}

/* An entry of openai-compatibility is called as its provider where it has one. */
static void
complete_name (WeirConfigReader *self, const WeirConfigNode *node, WeirConfigEntry *entry)
{
  gboolean has_name = entry->name != NULL && *entry->name != '\0';

  if (!has_name)
    {
      g_free (entry->name);
      entry->name
          = g_strdup (entry->provider != NULL ? entry->provider : kind_names[entry->kind]);
    }
  if (!has_name && entry->kind == WEIR_CONFIG_COMPAT && entry->provider == NULL)
    weir_config_report (self->notices, FALSE, node->start,
                        "this entry of %s has no name; it is called \"%s\"", self->list,
                        entry->name);
  if (entry->provider == NULL)
    entry->provider = g_strdup (kind_providers[entry->kind]);
}

void
weir_config_draft_check_base_url (WeirConfigReader *reader,
                                  const WeirConfigNode *node,
                                  const WeirConfigEntry *entry)
{
  const char *fault = NULL;
  g_autofree char *shown = NULL;

  if (entry->base_url == NULL)
    return;
  fault = weir_config_find_base_url_fault (entry->base_url, entry->allow_plain);
  if (fault == NULL)
    return;
  shown = weir_redact (weir_slice_from_string (entry->name), SHOWN_BYTES);
  weir_config_report (reader->notices, TRUE,
                      weir_config_node_lookup (node, "base-url")->start,
                      "base-url of \"%s\" %s", shown, fault);
}

/* That was said; what else the entry lacks depends on what was meant. */
static gboolean
has_unknown_provider (const WeirConfigDraft *draft, const WeirConfigNode *node)
{
  const WeirConfigNode *named = weir_config_node_lookup (node, "provider");

  return draft->entry.kind == WEIR_CONFIG_COMPAT && draft->entry.provider == NULL
         && named != NULL && !weir_config_node_is_null (named);
}

static void
read_entry (WeirConfigReader *self,
            const WeirConfigKey *key,
            const WeirConfigNode *node,
            GHashTable *seen)
{
  g_auto (WeirConfigDraft) draft = { 0 };
  g_autofree char *identity = NULL;
  const char *lack = NULL;
  const WeirConfigNode *first = NULL;

  weir_config_entry_init (&draft.entry, key->kind, node->start.line);
  draft.own.weight = -1;
  weir_config_reader_read_map (self, node, key->inside, &draft);
  if (draft.disabled || has_unknown_provider (&draft, node))
    return;
  lack = settle_service_account (&draft);
  if (lack != NULL)
    {
      weir_config_report (self->notices, TRUE, node->start, "entry of %s: %s", key->path,
                          lack);
      return;
    }
  lack = find_lack (&draft, node);
  if (lack != NULL)
    {
      weir_config_report (self->notices, FALSE, node->start, "entry of %s left out: %s",
                          key->path, lack);
      return;
    }
  identity = dup_identity (&draft);
  first = identity != NULL ? g_hash_table_lookup (seen, identity) : NULL;
  if (first != NULL)
    {
      weir_config_report (self->notices, FALSE, node->start,
                          "entry of %s left out: it repeats the one in line %u", key->path,
                          first->start.line);
      return;
    }
  if (identity != NULL)
    g_hash_table_insert (seen, g_steal_pointer (&identity), (gpointer)node);
  draft.entry.request_retry = MAX (draft.entry.request_retry, -1);
  complete_name (self, node, &draft.entry);
  weir_config_draft_complete_credentials (&draft);
  weir_config_draft_check_base_url (self, node, &draft.entry);
  g_ptr_array_add (self->config->entries, g_memdup2 (&draft.entry, sizeof draft.entry));
  draft.entry = (WeirConfigEntry){ 0 };
}

void
weir_config_read_entries (WeirConfigReader *self,
                          const WeirConfigKey *key,
                          const WeirConfigNode *value,
                          void *field)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (!weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_LIST))
    return;
  self->list = key->path;
  for (unsigned i = 0; i < value->children->len; i++)
    {
      const WeirConfigNode *item = g_ptr_array_index (value->children, i);

      if (item->kind == WEIR_CONFIG_NODE_MAP)
        read_entry (self, key, item, seen);
      else if (!weir_config_node_is_null (item))
        weir_config_report (self->notices, TRUE, item->start,
                            "an item of %s must be a map (lines of key: value)", key->path);
    }
  self->list = NULL;
}
