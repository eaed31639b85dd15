/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The top of the tray's menu, from what is most to what is least asked for.  The rows of
 * accounts and the lists to choose from have files of their own. */

#include "config.h"

#include "tray/weir-tray-menu.h"

#include "tray/weir-tray-line.h"
#include "tray/weir-tray-menu-private.h"
#include "tray/weir-tray-text.h"

#include "base/weir-translate.h"

#define NOTICES_MAX 2

static void
add_plain (WeirMenuRow *parent, const char *key, const char *label, const char *action)
{
  weir_menu_add (parent, WEIR_MENU_ACTION, key, label, action, NULL);
}

static void
add_page (WeirMenuRow *parent, const char *key, const char *label, const char *page)
{
  weir_menu_add (parent, WEIR_MENU_ACTION, key, label, "show", g_variant_new_string (page));
}

static void
add_copies (WeirMenuRow *parent, const WeirTrayModel *model)
{
  static const struct
  {
    const char *name;
    const char *label;
  } copies[] = {
    { "openai", N_ ("OpenAI Style URL (/v1)") },
    { "claude", N_ ("Claude Style URL") },
    { "gemini", N_ ("Gemini Style URL") },
  };
  WeirMenuRow *copy
      = weir_menu_add (parent, WEIR_MENU_ACTION, "copy", _ ("Copy Endpoint"), NULL, NULL);

  for (unsigned i = 0; i < G_N_ELEMENTS (copies); i++)
    weir_menu_add_of (copy, WEIR_MENU_ACTION, "copy", "url", copies[i].name,
                      _ (copies[i].label), *model->endpoint != '\0' ? "copy" : NULL,
                      g_variant_new_string (copies[i].name));
  weir_menu_add_divider (copy, "copy/more");
  add_page (copy, "copy/keys", _ ("Client Keys…"), "keys");
  add_page (copy, "copy/environment", _ ("Environment for a Shell…"), "environment");
}

static void
add_state (WeirMenuRow *root, const WeirTrayModel *model)
{
  g_autofree char *line = weir_tray_line_state (model);
  const gboolean is_up
      = model->state == WEIR_TRAY_RUNNING || model->state == WEIR_TRAY_STARTING;

  weir_menu_add (root, WEIR_MENU_TEXT, "state", line, NULL, NULL);
  if (is_up)
    add_plain (root, "switch", _ ("Stop Proxy"), "stop");
  else
    add_plain (root, "switch", _ ("Start Proxy"), "start");
  add_copies (root, model);
}

/* What a click on @notice does; the target is floating and may be NULL. */
static const char *
get_notice_action (const WeirTrayNotice *notice, GVariant **out_target)
{
  static const struct
  {
    const char *kind;
    const char *action;
    const char *page; /* NULL: the subject */
  } rows[] = {
    { "sign-in", "sign-in-again", NULL },
    { "exhausted", "show-account", NULL },
    { "secrets-missing", "show", "accounts" },
    { "config", "show", "preferences" },
  };

  *out_target = NULL;
  if (g_str_equal (notice->kind, "secrets-locked"))
    return "unlock";
  for (unsigned i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (notice->kind, rows[i].kind))
      {
        *out_target
            = g_variant_new_string (rows[i].page != NULL ? rows[i].page : notice->subject);
        return rows[i].action;
      }
  *out_target = g_variant_new_string ("quota");
  return "show";
}

/* (transfer full): one that is about an account says which. */
static char *
dup_notice_label (const WeirTrayModel *model, const WeirTrayNotice *notice, int64_t now_us)
{
  const WeirTrayAccount *account = weir_tray_model_lookup (model, notice->subject);
  g_autofree char *name = NULL;

  if (account == NULL)
    return g_strdup (notice->sentence);
  if (!g_str_equal (notice->kind, "sign-in"))
    return weir_tray_line_account (model, account, now_us);
  name = weir_tray_line_account_name (model, account);
  return g_strdup_printf (_ ("Sign in again: %s"), name);
}

static void
add_notices (WeirMenuRow *root, const WeirTrayModel *model, int64_t now_us)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  weir_menu_add_divider (root, "divider/notices");
  for (unsigned i = 0; i < model->notices->len && g_hash_table_size (seen) < NOTICES_MAX;
       i++)
    {
      const WeirTrayNotice *notice = &g_array_index (model->notices, WeirTrayNotice, i);
      char *key = g_strjoin ("/", "notice", notice->kind, notice->subject, NULL);
      g_autofree char *label = dup_notice_label (model, notice, now_us);
      GVariant *target = NULL;
      const char *action = NULL;

      if (!g_hash_table_add (seen, key))
        continue;
      action = get_notice_action (notice, &target);
      weir_menu_add (root, WEIR_MENU_ACTION, key, label, action, target);
    }
}

static void
add_end (WeirMenuRow *root, const WeirTrayModel *model, int64_t now_us)
{
  g_autofree char *age = NULL;
  g_autofree char *refresh = NULL;

  if (model->updated_us > 0)
    {
      age = weir_tray_text_age (model->updated_us, now_us);
      refresh = g_strdup_printf (_ ("Refresh Quota (updated %s)"), age);
    }
  weir_menu_add_divider (root, "divider/end");
  weir_menu_add (root, WEIR_MENU_ACTION, "refresh",
                 refresh != NULL ? refresh : _ ("Refresh Quota"), "refresh",
                 g_variant_new_string (""));
  add_page (root, "open", _ ("Open Weir"), "quota");
  add_page (root, "preferences", _ ("Preferences"), "preferences");
  add_plain (root, "quit", _ ("Quit"), "quit");
}

WeirMenuRow *
weir_tray_menu_build (const WeirTrayModel *model, const char *in_icon, int64_t now_us)
{
  const WeirTrayMenuView view = { .model = model, .in_icon = in_icon, .now_us = now_us };
  WeirMenuRow *root = weir_menu_new ();

  add_state (root, model);
  add_notices (root, model, now_us);
  weir_menu_add_divider (root, "divider/accounts");
  weir_tray_menu_add_accounts (root, &view);
  weir_menu_add_divider (root, "divider/lists");
  weir_tray_menu_add_models (root, model);
  weir_tray_menu_add_providers (root, model);
  add_end (root, model, now_us);
  return root;
}
