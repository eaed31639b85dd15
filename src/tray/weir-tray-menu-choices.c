/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The submenus that offer lists: models to copy, providers to sign in to. */

#include "config.h"

#include "tray/weir-tray-menu-private.h"

#include "base/weir-translate.h"

#define GROUPS_MAX 12
#define NAMES_MAX 12 /* of a group; the window has all of them */
#define PROVIDERS_MAX 24

static void
add_page (WeirMenuRow *parent, const char *folder, const char *page, const char *label)
{
  weir_menu_add_of (parent, WEIR_MENU_ACTION, folder, "page", page, label, "show",
                    g_variant_new_string (page));
}

static WeirMenuRow *
ensure_group (WeirMenuRow *parent, GHashTable *groups, const char *owner)
{
  WeirMenuRow *group = g_hash_table_lookup (groups, owner);

  if (group != NULL || g_hash_table_size (groups) == GROUPS_MAX)
    return group;
  group = weir_menu_add_of (parent, WEIR_MENU_ACTION, "models", "group", owner, owner, NULL,
                            NULL);
  g_hash_table_insert (groups, (gpointer)owner, group);
  return group;
}

/* The user's own names. */
static void
add_aliases (WeirMenuRow *parent, const WeirTrayModel *model)
{
  WeirMenuRow *group = NULL;

  for (unsigned i = 0; i < model->model_names->len; i++)
    {
      const WeirTrayModelName *name
          = &g_array_index (model->model_names, WeirTrayModelName, i);
      g_autofree char *label = NULL;

      if (name->target == NULL || (group != NULL && group->children->len == NAMES_MAX))
        continue;
      if (group == NULL)
        group = weir_menu_add (parent, WEIR_MENU_ACTION, "models/aliases", _ ("Aliases"),
                               NULL, NULL);
      label = g_strdup_printf ("%s → %s", name->id, name->target);
      weir_menu_add_of (group, WEIR_MENU_ACTION, "models", "alias", name->id, label,
                        "copy-model", g_variant_new_string (name->id));
    }
}

void
weir_tray_menu_add_models (WeirMenuRow *parent, const WeirTrayModel *model)
{
  WeirMenuRow *models
      = weir_menu_add (parent, WEIR_MENU_ACTION, "models", _ ("Models"), NULL, NULL);
  g_autoptr (GHashTable) groups = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (unsigned i = 0; i < model->model_names->len; i++)
    {
      const WeirTrayModelName *name
          = &g_array_index (model->model_names, WeirTrayModelName, i);
      WeirMenuRow *group
          = name->target == NULL ? ensure_group (models, groups, name->owner) : NULL;

      if (group == NULL || (group->children != NULL && group->children->len == NAMES_MAX)
          || !g_hash_table_add (seen, (gpointer)name->id))
        continue;
      weir_menu_add_of (group, WEIR_MENU_ACTION, "models", "name", name->id, name->id,
                        "copy-model", g_variant_new_string (name->id));
    }
  add_aliases (models, model);
  weir_menu_add_divider (models, "models/end");
  add_page (models, "models", "test", _ ("Test a Model…"));
  add_page (models, "models", "models", _ ("All Models…"));
}

static void
add_way (WeirMenuRow *parent, const WeirTrayProvider *provider, const char *way)
{
  const gboolean is_device = g_str_equal (way, "device");
  g_autofree char *label = is_device
                               ? g_strdup_printf (_ ("%s (device code)"), provider->name)
                               : g_strdup (provider->name);

  weir_menu_add_of (parent, WEIR_MENU_ACTION, "add", provider->id, way, label,
                    "add-account", g_variant_new ("(ss)", provider->id, way));
}

static void
add_ended (WeirMenuRow *parent, const WeirTrayModel *model)
{
  WeirMenuRow *ended = NULL;

  for (unsigned i = 0; i < MIN (model->providers->len, PROVIDERS_MAX); i++)
    {
      const WeirTrayProvider *provider
          = &g_array_index (model->providers, WeirTrayProvider, i);
      const char *why = provider->sentence != NULL ? provider->sentence : provider->name;

      if (!provider->is_ended)
        continue;
      if (ended == NULL)
        ended = weir_menu_add (parent, WEIR_MENU_ACTION, "add/ended", _ ("Discontinued"),
                               NULL, NULL);
      weir_menu_add_of (ended, WEIR_MENU_TEXT, "add", provider->id, "ended", why, NULL,
                        NULL);
    }
}

void
weir_tray_menu_add_providers (WeirMenuRow *parent, const WeirTrayModel *model)
{
  WeirMenuRow *add
      = weir_menu_add (parent, WEIR_MENU_ACTION, "add", _ ("Add Account"), NULL, NULL);

  for (unsigned i = 0; i < MIN (model->providers->len, PROVIDERS_MAX); i++)
    {
      const WeirTrayProvider *provider
          = &g_array_index (model->providers, WeirTrayProvider, i);

      if (provider->is_ended)
        continue;
      add_way (add, provider, "");
      if (provider->has_device)
        add_way (add, provider, "device");
    }
  weir_menu_add_divider (add, "add/others");
  add_page (add, "add", "keys", _ ("API Key or Compatible Server…"));
  add_page (add, "add", "import", _ ("Import from Other Apps…"));
  add_ended (add, model);
}
