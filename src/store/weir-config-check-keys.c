/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Client keys: that they cannot be guessed, and that what they may ask is not nothing. */

#include "config.h"

#include "store/weir-config-check.h"

#include "base/weir-clock.h"
#include "base/weir-redact.h"

#define MIN_KEY_CHARACTERS 20
#define SHOWN_BYTES 64

/* `your-api-key`, alone or numbered, as CLIProxyAPI's example has it. */
static gboolean
is_sample_key (WeirSlice text)
{
  WeirSlice stem = WEIR_SLICE ("your-api-key");

  if (!weir_slice_has_prefix (text, stem))
    return FALSE;
  for (size_t i = stem.length; i < text.length; i++)
    if (text.text[i] != '-' && !g_ascii_isdigit (text.text[i]))
      return FALSE;
  return text.length <= MIN_KEY_CHARACTERS;
}

/* The text of an item of api-keys, or of the key in it. */
static const WeirConfigNode *
get_key_node (const WeirConfigNode *item)
{
  const WeirConfigNode *key = weir_config_node_lookup (item, "key");

  if (item->kind != WEIR_CONFIG_NODE_MAP)
    return item;
  return key != NULL ? key : weir_config_node_lookup (item, "api-key");
}

static void
check_strength (const WeirConfigChecker *self)
{
  const WeirConfigNode *list = weir_config_node_lookup (self->root, "api-keys");
  gboolean fatal = weir_config_listens_wider (self->config);

  for (unsigned i = 0;
       list != NULL && list->kind == WEIR_CONFIG_NODE_LIST && i < list->children->len; i++)
    {
      const WeirConfigNode *node = get_key_node (g_ptr_array_index (list->children, i));
      WeirSlice text = { NULL, 0 };

      if (node != NULL)
        text = weir_config_node_get_text (node);
      if (text.length == 0)
        continue;
      if (is_sample_key (text))
        {
          char *suggestion = weir_config_make_key ();

          weir_config_report (self->notices, fatal, node->start,
                              "\"%.*s\" is the published sample key; use: %s",
                              (int)text.length, text.text, suggestion);
          weir_secret_wipe_string (suggestion);
        }
      else if (g_utf8_strlen (text.text, (gssize)text.length) < MIN_KEY_CHARACTERS)
        weir_config_report (self->notices, fatal, node->start,
                            "item %u of api-keys is shorter than %d characters and can be "
                            "guessed; use a longer one",
                            i + 1, MIN_KEY_CHARACTERS);
    }
}

/* (transfer full): how messages call the key. */
static char *
dup_title (const WeirConfigClientKey *key)
{
  g_autofree char *shown = NULL;

  if (key->name == NULL || *key->name == '\0')
    return g_strdup ("this key");
  shown = weir_redact (weir_slice_from_string (key->name), SHOWN_BYTES);
  return g_strdup_printf ("key \"%s\"", shown);
}

static gboolean
is_kept_from_default (const WeirConfig *config, const WeirConfigEntry *entry)
{
  for (unsigned i = 0; i < config->groups->len; i++)
    {
      const WeirConfigGroup *group = g_ptr_array_index (config->groups, i);

      if (group->exclude_from_default && weir_config_group_has_entry (group, entry))
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_entry_by_group (const WeirConfig *config,
                    const WeirConfigClientKey *key,
                    const WeirConfigEntry *entry)
{
  for (char **name = key->groups; *name != NULL; name++)
    {
      const WeirConfigGroup *group = weir_config_find_group (config, *name);

      if (group != NULL
              ? weir_config_group_has_entry (group, entry)
              : strcmp (*name, "default") == 0 && !is_kept_from_default (config, entry))
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_account (const WeirConfigClientKey *key, const WeirConfigEntry *entry)
{
  for (char **account = key->accounts; *account != NULL; account++)
    if (weir_config_entry_is_called (entry, *account))
      return TRUE;
  return FALSE;
}

static void
check_rights (const WeirConfigChecker *self,
              const WeirConfigClientKey *key,
              const char *title,
              WeirConfigMark at)
{
  const WeirConfig *config = self->config;
  gboolean knows_groups = TRUE;

  weir_config_check_accounts (self, title, key->accounts, at);
  for (char **name = key->groups; *name != NULL; name++)
    if (strcmp (*name, "default") != 0 && weir_config_find_group (config, *name) == NULL)
      {
        weir_config_report_no_group (self, title, *name, at);
        knows_groups = FALSE;
      }
  if (key->accounts[0] == NULL || key->groups[0] == NULL || !knows_groups)
    return;
  for (unsigned i = 0; i < config->entries->len; i++)
    {
      const WeirConfigEntry *entry = g_ptr_array_index (config->entries, i);

      if (has_account (key, entry) && has_entry_by_group (config, key, entry))
        return;
    }
  weir_config_report (self->notices, TRUE, at,
                      "accounts and groups of %s have no entry in common, so it could ask "
                      "nobody; change one",
                      title);
}

static void
check_expiry (const WeirConfigChecker *self,
              const WeirConfigClientKey *key,
              const char *title,
              WeirConfigMark at)
{
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *shown = NULL;

  if (key->expires_us == 0 || key->expires_us > weir_clock_real_us ())
    return;
  time = g_date_time_new_from_unix_utc (key->expires_us / WEIR_USEC_PER_SEC);
  shown = time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
  weir_config_report (self->notices, FALSE, at,
                      "%s has expired (%s) and is refused; remove it, or change expires",
                      title, shown != NULL ? shown : "long ago");
}

void
weir_config_check_client_keys (const WeirConfigChecker *self)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  check_strength (self);
  for (unsigned i = 0; i < self->config->client_keys->len; i++)
    {
      const WeirConfigClientKey *key = g_ptr_array_index (self->config->client_keys, i);
      g_autofree char *title = dup_title (key);
      WeirConfigMark at = { 0, key->line, key->column };
      const WeirConfigClientKey *first = NULL;

      check_rights (self, key, title, at);
      check_expiry (self, key, title, at);
      if (key->name == NULL || *key->name == '\0')
        continue;
      first = g_hash_table_lookup (names, key->name);
      if (first == NULL)
        g_hash_table_insert (names, key->name, (gpointer)key);
      else
        weir_config_report (self->notices, FALSE, at,
                            "%s has the name of another one (lines %u and %u); give each "
                            "its own",
                            title, first->line, key->line);
    }
}
