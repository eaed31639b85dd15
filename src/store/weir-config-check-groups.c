/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Groups and lists of accounts: whatever they name is there. */

#include "config.h"

#include "store/weir-config-check.h"

#include "base/weir-redact.h"
#include "providers/weir-models.h"
#include "providers/weir-provider.h"
#include "store/weir-config-table.h"

#define SHOWN_BYTES 64
#define CHAIN_BYTES 200

/* The seats of an entry are called as it, from the second on with `#` and a number. */
gboolean
weir_config_entry_is_called (const WeirConfigEntry *entry, const char *glob)
{
  const char *mark = strrchr (glob, '#');
  g_autofree char *name = NULL;

  if (weir_glob_matches (glob, entry->name))
    return TRUE;
  if (mark == NULL || mark[1] == '\0'
      || strspn (mark + 1, "*0123456789") != strlen (mark + 1))
    return FALSE;
  name = g_strndup (glob, (gsize)(mark - glob));
  return weir_glob_matches (name, entry->name);
}

gboolean
weir_config_group_has_entry (const WeirConfigGroup *group, const WeirConfigEntry *entry)
{
  for (char **account = group->accounts; *account != NULL; account++)
    if (weir_config_entry_is_called (entry, *account))
      return TRUE;
  return entry->prefix != NULL
         && g_strv_contains ((const char *const *)group->prefixes, entry->prefix);
}

const WeirConfigGroup *
weir_config_find_group (const WeirConfig *config, const char *name)
{
  for (unsigned i = 0; i < config->groups->len; i++)
    {
      const WeirConfigGroup *group = g_ptr_array_index (config->groups, i);

      if (strcmp (group->name, name) == 0)
        return group;
    }
  return NULL;
}

static const char *
find_nearest_group (const WeirConfig *config, const char *name)
{
  unsigned nearest = 0;
  const char *found = NULL;

  for (unsigned i = 0; i < config->groups->len; i++)
    {
      const WeirConfigGroup *group = g_ptr_array_index (config->groups, i);

      if (weir_config_is_nearer (name, group->name, &nearest))
        found = group->name;
    }
  return found;
}

void
weir_config_report_no_group (const WeirConfigChecker *self,
                             const char *whose,
                             const char *name,
                             WeirConfigMark at)
{
  g_autofree char *shown = weir_redact (weir_slice_from_string (name), SHOWN_BYTES);
  const char *near = find_nearest_group (self->config, name);

  if (near != NULL)
    weir_config_report (self->notices, TRUE, at,
                        "%s names the group \"%s\", which is not in groups; did you mean "
                        "\"%s\"?",
                        whose, shown, near);
  else
    weir_config_report (self->notices, TRUE, at,
                        "%s names the group \"%s\", which is not in groups; add it there",
                        whose, shown);
}

static gboolean
is_account (const WeirConfig *config, const char *glob)
{
  for (unsigned i = 0; i < config->entries->len; i++)
    if (weir_config_entry_is_called (g_ptr_array_index (config->entries, i), glob))
      return TRUE;
  return FALSE;
}

/* "claude", or "claude-7f3a91c2": a kind of accounts, or one of them, which no file can
 * know. */
static gboolean
is_signed_in (const char *name)
{
  const char *dash = strrchr (name, '-');
  g_autofree char *kind = NULL;

  if (weir_provider_lookup_account (name) != NULL)
    return TRUE;
  if (dash == NULL || dash[1] == '\0'
      || strspn (dash + 1, "0123456789abcdef") != strlen (dash + 1))
    return FALSE;
  kind = g_strndup (name, (gsize)(dash - name));
  return weir_provider_lookup_account (kind) != NULL;
}

/* An entry that is switched off or was left out is no typing error. */
static gboolean
is_absent_entry (const WeirConfigChecker *self, const char *name)
{
  const WeirConfigKey *key = NULL;

  for (size_t i = 0; (key = weir_config_table_get_row (i)) != NULL; i++)
    {
      const WeirConfigNode *list = key->type == WEIR_CONFIG_TYPE_ENTRIES
                                       ? weir_config_node_lookup (self->root, key->path)
                                       : NULL;

      for (unsigned j = 0;
           list != NULL && list->kind == WEIR_CONFIG_NODE_LIST && j < list->children->len;
           j++)
        {
          const WeirConfigNode *item = g_ptr_array_index (list->children, j);
          const WeirConfigNode *own = weir_config_node_lookup (item, "name");

          if (own == NULL)
            own = weir_config_node_lookup (item, "provider");
          if (own != NULL
              && weir_slice_equal_nocase (weir_config_node_get_text (own),
                                          weir_slice_from_string (name)))
            return TRUE;
        }
    }
  return FALSE;
}

static const char *
find_nearest_entry (const WeirConfig *config, const char *name)
{
  unsigned nearest = 0;
  const char *found = NULL;

  for (unsigned i = 0; i < config->entries->len; i++)
    {
      const WeirConfigEntry *entry = g_ptr_array_index (config->entries, i);

      if (weir_config_is_nearer (name, entry->name, &nearest))
        found = entry->name;
    }
  return found;
}

void
weir_config_check_accounts (const WeirConfigChecker *self,
                            const char *whose,
                            char *const *accounts,
                            WeirConfigMark at)
{
  for (char *const *account = accounts; *account != NULL; account++)
    {
      g_autofree char *shown = weir_redact (weir_slice_from_string (*account), SHOWN_BYTES);
      const char *near = NULL;

      if (is_account (self->config, *account) || is_absent_entry (self, *account)
          || is_signed_in (*account))
        continue;
      if (strchr (*account, '*') != NULL)
        {
          weir_config_report (self->notices, FALSE, at,
                              "%s names \"%s\", which is no entry of this file", whose,
                              shown);
          continue;
        }
      near = find_nearest_entry (self->config, *account);
      if (near != NULL)
        weir_config_report (self->notices, TRUE, at,
                            "%s names \"%s\", which is no entry of this file; did you mean "
                            "\"%s\"?",
                            whose, shown, near);
      else
        weir_config_report (self->notices, TRUE, at,
                            "%s names \"%s\", which is no entry of this file; name one, or "
                            "remove it",
                            whose, shown);
    }
}

static void
check_prefixes (const WeirConfigChecker *self,
                const WeirConfigGroup *group,
                const char *whose)
{
  for (char **prefix = group->prefixes; *prefix != NULL; prefix++)
    {
      g_autofree char *shown = weir_redact (weir_slice_from_string (*prefix), SHOWN_BYTES);
      gboolean found = FALSE;

      for (unsigned i = 0; !found && i < self->config->entries->len; i++)
        {
          const WeirConfigEntry *entry = g_ptr_array_index (self->config->entries, i);

          found = g_strcmp0 (entry->prefix, *prefix) == 0;
        }
      if (!found)
        weir_config_report (
            self->notices, FALSE, (WeirConfigMark){ 0, group->line, group->column },
            "%s names the prefix \"%s\", which no entry of this file has", whose, shown);
    }
}

/* Every group is walked over once: `walk` holds the number of the walk that saw it. */
static void
check_fallbacks (const WeirConfigChecker *self)
{
  GPtrArray *groups = self->config->groups;
  g_autoptr (GHashTable) walks = g_hash_table_new (NULL, NULL);

  for (unsigned i = 0; i < groups->len; i++)
    {
      const WeirConfigGroup *group = g_ptr_array_index (groups, i);
      g_autoptr (GString) chain = g_string_new (group->name);
      g_autofree char *shown = NULL;

      while (group != NULL && !g_hash_table_contains (walks, group))
        {
          g_hash_table_insert (walks, (gpointer)group, GUINT_TO_POINTER (i + 1));
          group = group->fallback != NULL
                      ? weir_config_find_group (self->config, group->fallback)
                      : NULL;
          if (group != NULL && chain->len < CHAIN_BYTES)
            g_string_append_printf (chain, " -> %s", group->name);
        }
      shown = weir_redact ((WeirSlice){ chain->str, chain->len }, CHAIN_BYTES);
      if (group != NULL && GPOINTER_TO_UINT (g_hash_table_lookup (walks, group)) == i + 1)
        weir_config_report (self->notices, TRUE,
                            (WeirConfigMark){ 0, group->line, group->column },
                            "fallback of groups goes round: %s; remove one", shown);
    }
}

void
weir_config_check_groups (const WeirConfigChecker *self)
{
  for (unsigned i = 0; i < self->config->groups->len; i++)
    {
      const WeirConfigGroup *group = g_ptr_array_index (self->config->groups, i);
      g_autofree char *shown
          = weir_redact (weir_slice_from_string (group->name), SHOWN_BYTES);
      g_autofree char *whose = g_strdup_printf ("group \"%s\"", shown);
      WeirConfigMark at = { 0, group->line, group->column };

      weir_config_check_accounts (self, whose, group->accounts, at);
      check_prefixes (self, group, whose);
      if (group->accounts[0] == NULL && group->prefixes[0] == NULL)
        weir_config_report (self->notices, FALSE, at,
                            "%s has neither accounts nor prefixes, so it serves nobody",
                            whose);
      if (group->fallback != NULL && strcmp (group->fallback, "default") != 0
          && weir_config_find_group (self->config, group->fallback) == NULL)
        weir_config_report_no_group (self, whose, group->fallback, at);
    }
  check_fallbacks (self);
}
