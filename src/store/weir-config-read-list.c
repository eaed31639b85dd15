/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The lists and maps inside an entry of a provider list, with CLIProxyAPI's rules on which
 * items are left out (its source of 6.9 and 7.2, read 2026-08).  It leaves out in silence;
 * here an omission is a notice.  The entries themselves are in weir-config-read-entry.c. */

#include "config.h"

#include "store/weir-config-read.h"

#include "base/weir-redact.h"
#include "store/weir-config-private.h"

#define SHOWN_BYTES 64

/* The items without blanks around them, none twice and none empty. */
static void
read_words (WeirConfigReader *self,
            const WeirConfigKey *key,
            const WeirConfigNode *value,
            gboolean lower,
            char ***field)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (!weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_LIST))
    return;
  for (unsigned i = 0; i < value->children->len; i++)
    {
      const WeirConfigNode *item = g_ptr_array_index (value->children, i);
      WeirSlice text = weir_config_node_get_text (item);
      const char *start = text.length > 0 ? text.text : "";
      g_autofree char *word = lower ? g_ascii_strdown (start, (gssize)text.length)
                                    : g_strndup (start, text.length);

      if (item->kind != WEIR_CONFIG_NODE_SCALAR)
        weir_config_report (self->notices, TRUE, item->start,
                            "an item of %s must be a single value", key->path);
      else if (*word != '\0' && !g_hash_table_contains (seen, word))
        {
          g_strv_builder_add (words, word);
          g_hash_table_add (seen, g_steal_pointer (&word));
        }
    }
  g_strfreev (*field);
  *field = g_strv_builder_end (words);
}

void
weir_config_read_globs (WeirConfigReader *self,
                        const WeirConfigKey *key,
                        const WeirConfigNode *value,
                        void *field)
{
  read_words (self, key, value, TRUE, field);
}

void
weir_config_read_strings (WeirConfigReader *self,
                          const WeirConfigKey *key,
                          const WeirConfigNode *value,
                          void *field)
{
  read_words (self, key, value, FALSE, field);
}

/* RFC 9110, section 5.6.2: the characters of a token. */
static gboolean
is_token (WeirSlice text)
{
  for (size_t i = 0; i < text.length; i++)
    if (!g_ascii_isalnum (text.text[i])
        && (text.text[i] == '\0' || strchr ("!#$%&'*+-.^_`|~", text.text[i]) == NULL))
      return FALSE;
  return text.length > 0;
}

static gboolean
has_control (WeirSlice text)
{
  for (size_t i = 0; i < text.length; i++)
    if ((unsigned char)text.text[i] < 0x20 || text.text[i] == 0x7f)
      return TRUE;
  return FALSE;
}

/* These frame the message or name its peer: whoever sends it writes them. */
static gboolean
is_framing (const char *name)
{
  static const char *const names[] = { "host",
                                       "content-length",
                                       "transfer-encoding",
                                       "connection",
                                       "keep-alive",
                                       "upgrade",
                                       "trailer",
                                       "te",
                                       "expect",
                                       "content-type",
                                       NULL };
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return g_strv_contains (names, lower);
}

static void
read_header (WeirConfigReader *self,
             const WeirConfigNode *name_node,
             const WeirConfigNode *value_node,
             GPtrArray *headers)
{
  WeirSlice name = weir_config_node_get_text (name_node);
  WeirSlice value = weir_config_node_get_text (value_node);
  g_autofree char *shown = weir_redact (name, SHOWN_BYTES);
  g_autoptr (WeirConfigHeader) header = NULL;

  if (value_node->kind != WEIR_CONFIG_NODE_SCALAR)
    weir_config_report (self->notices, TRUE, value_node->start,
                        "header %s must be a single value", shown);
  else if (name.length == 0 || value.length == 0 || weir_config_node_is_null (value_node))
    return; /* CLIProxyAPI's way of switching a header off */
  else if (!is_token (name))
    weir_config_report (self->notices, TRUE, name_node->start,
                        "\"%s\" is no header name; letters, digits and - are", shown);
  else if (has_control (value))
    weir_config_report (self->notices, TRUE, value_node->start,
                        "header %s holds a control character", shown);
  else if (value.text[0] == '$'
           && !is_token ((WeirSlice){ value.text + 1, value.length - 1 }))
    weir_config_report (self->notices, FALSE, value_node->start,
                        "header %s left out: behind $ stands the name of a header of the "
                        "client, such as $X-Team",
                        shown);
  else
    {
      header = g_new0 (WeirConfigHeader, 1);
      header->name = weir_slice_dup (name);
      header->value = weir_slice_dup (value);
      if (!is_framing (header->name))
        g_ptr_array_add (headers, g_steal_pointer (&header));
      else
        weir_config_report (self->notices, FALSE, name_node->start,
                            "header %s left out: it is written for each request anew",
                            shown);
    }
}

void
weir_config_read_headers (WeirConfigReader *self,
                          const WeirConfigKey *key,
                          const WeirConfigNode *value,
                          void *field)
{
  if (!weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_MAP))
    return;
  for (unsigned i = 0; i + 1 < value->children->len; i += 2)
    read_header (self, g_ptr_array_index (value->children, i),
                 g_ptr_array_index (value->children, i + 1), *(GPtrArray **)field);
}

static void
complete_model (WeirConfigReader *self,
                const WeirConfigNode *at,
                WeirConfigModel *model,
                GPtrArray *models)
{
  g_autoptr (WeirConfigModel) owned = model;
  gboolean has_name = model->name != NULL && *model->name != '\0';
  gboolean has_alias = model->alias != NULL && *model->alias != '\0';
  gboolean needs_both = g_strcmp0 (self->list, "vertex-api-key") == 0;

  if (!has_name || (needs_both && !has_alias))
    {
      weir_config_report (self->notices, FALSE, at->start, "model left out: it has no %s",
                          has_name ? "alias" : "name");
      return;
    }
  if (!has_alias)
    {
      g_free (model->alias);
      model->alias = g_strdup (model->name);
    }
  g_ptr_array_add (models, g_steal_pointer (&owned));
}

void
weir_config_read_models (WeirConfigReader *self,
                         const WeirConfigKey *key,
                         const WeirConfigNode *value,
                         void *field)
{
  if (!weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_LIST))
    return;
  for (unsigned i = 0; i < value->children->len; i++)
    {
      const WeirConfigNode *item = g_ptr_array_index (value->children, i);
      WeirConfigModel *model = NULL;

      if (item->kind != WEIR_CONFIG_NODE_MAP)
        {
          weir_config_report (self->notices, TRUE, item->start,
                              "an item of %s must be a map with name and alias", key->path);
          continue;
        }
      model = g_new0 (WeirConfigModel, 1);
      weir_config_reader_read_map (self, item, WEIR_CONFIG_IN_MODEL, model);
      complete_model (self, item, model, *(GPtrArray **)field);
    }
}

static void
add_credential (GPtrArray *credentials, WeirConfigCredential *parts)
{
  WeirConfigCredential *credential = g_memdup2 (parts, sizeof *parts);

  *parts = (WeirConfigCredential){ 0 };
  if (credential->proxy_url != NULL && *credential->proxy_url == '\0')
    g_clear_pointer (&credential->proxy_url, g_free);
  g_ptr_array_add (credentials, credential);
}

void
weir_config_read_credentials (WeirConfigReader *self,
                              const WeirConfigKey *key,
                              const WeirConfigNode *value,
                              void *field)
{
  if (!weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_LIST))
    return;
  for (unsigned i = 0; i < value->children->len; i++)
    {
      const WeirConfigNode *item = g_ptr_array_index (value->children, i);
      WeirConfigCredentialDraft draft = { .credential = { .weight = -1 } };

      if (item->kind != WEIR_CONFIG_NODE_MAP)
        {
          weir_config_report (self->notices, TRUE, item->start,
                              "an item of %s must be a map with api-key", key->path);
          continue;
        }
      weir_config_reader_read_map (self, item, WEIR_CONFIG_IN_CREDENTIAL, &draft);
      if (draft.disabled)
        weir_config_credential_clear (&draft.credential);
      else
        add_credential (*(GPtrArray **)field, &draft.credential);
    }
}

void
weir_config_read_credential_keys (WeirConfigReader *self,
                                  const WeirConfigKey *key,
                                  const WeirConfigNode *value,
                                  void *field)
{
  g_autoptr (GPtrArray) secrets
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_secret_unref);

  weir_config_read_secrets (self, key, value, &secrets);
  for (unsigned i = 0; i < secrets->len; i++)
    {
      WeirConfigCredential credential
          = { .api_key = weir_secret_ref (g_ptr_array_index (secrets, i)), .weight = -1 };

      add_credential (*(GPtrArray **)field, &credential);
    }
}
