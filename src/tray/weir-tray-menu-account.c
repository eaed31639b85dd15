/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rows of accounts: one a row with a submenu; one alone with its windows in line; more
 * than six by how tight they are. */

#include "config.h"

#include "tray/weir-tray-menu-private.h"

#include "tray/weir-tray-line.h"
#include "tray/weir-tray-text.h"

#include "base/weir-translate.h"

#define ROWS_MAX 6
#define FOLDER "account"

static void
add_text (WeirMenuRow *parent, const char *id, const char *name, const char *label)
{
  weir_menu_add_of (parent, WEIR_MENU_TEXT, FOLDER, id, name, label, NULL, NULL);
}

static void
add_action (WeirMenuRow *parent,
            const char *id,
            const char *name,
            const char *label,
            const char *action)
{
  weir_menu_add_of (parent, WEIR_MENU_ACTION, FOLDER, id, name, label, action,
                    g_variant_new_string (id));
}

static void
add_choice (WeirMenuRow *parent,
            WeirMenuKind kind,
            const char *id,
            const char *label,
            const char *action,
            gboolean is_on)
{
  WeirMenuRow *row = weir_menu_add_of (parent, kind, FOLDER, id, action, label, action,
                                       g_variant_new_string (id));

  row->is_on = is_on;
}

static void
add_divider (WeirMenuRow *parent, const char *id, const char *name)
{
  g_autofree char *key = g_strjoin ("/", FOLDER, id, name, NULL);

  weir_menu_add_divider (parent, key);
}

/* What is known, as texts. */
static void
add_facts (WeirMenuRow *parent,
           const WeirTrayMenuView *view,
           const WeirTrayAccount *account)
{
  g_autofree char *identity = weir_tray_line_identity (view->model, account);
  g_autofree char *source = weir_tray_line_source (account, view->now_us);

  add_text (parent, account->id, "identity", identity);
  if (account->sentence != NULL)
    add_text (parent, account->id, "sentence", account->sentence);
  for (unsigned i = 0; i < account->n_windows; i++)
    {
      g_autofree char *line = weir_tray_line_window (&account->windows[i], view->now_us);
      g_autofree char *name = g_strdup_printf (
          "window/%s/%s", account->windows[i].name,
          account->windows[i].scope != NULL ? account->windows[i].scope : "");

      add_text (parent, account->id, name, line);
    }
  for (unsigned i = 0; i < account->n_credits; i++)
    {
      g_autofree char *name = g_strdup_printf ("credits/%u", i);

      add_text (parent, account->id, name, account->credits[i]);
    }
  if (account->quota_note != NULL)
    add_text (parent, account->id, "note", account->quota_note);
  else if (account->n_windows == 0 && account->n_credits == 0)
    add_text (parent, account->id, "note", _ ("no quota information"));
  if (source != NULL)
    add_text (parent, account->id, "source", source);
}

/* Spends something, so the window asks first. */
static void
add_reset (WeirMenuRow *parent, const WeirTrayAccount *account, int64_t now_us)
{
  g_autofree char *left = NULL;
  g_autofree char *label = NULL;

  if (account->resets_left == 0)
    return;
  if (account->resets_expire_us > now_us)
    {
      left = weir_tray_text_countdown (account->resets_expire_us, now_us);
      label = g_strdup_printf (_ ("Use Limit Reset (%u, next expires in %s)…"),
                               account->resets_left, left);
    }
  else
    label = g_strdup_printf (_ ("Use Limit Reset (%u)…"), account->resets_left);
  add_action (parent, account->id, "reset", label, "reset-limit");
}

static void
add_pages (WeirMenuRow *parent,
           const WeirTrayMenuView *view,
           const WeirTrayAccount *account)
{
  const WeirTrayProvider *provider
      = weir_tray_model_lookup_provider (view->model, account->provider);

  if (provider != NULL && provider->has_usage)
    add_action (parent, account->id, "usage", _ ("Open Vendor Usage Page"),
                "open-usage-page");
  if (provider != NULL && provider->has_status)
    add_action (parent, account->id, "status", _ ("Open Vendor Status Page"),
                "open-status-page");
}

static void
add_choices (WeirMenuRow *parent,
             const WeirTrayMenuView *view,
             const WeirTrayAccount *account)
{
  const char *id = account->id;

  add_divider (parent, id, "choices");
  add_choice (parent, WEIR_MENU_CHECK, id, _ ("Use This Account"), "toggle-account",
              account->state != WEIR_TRAY_ACCOUNT_DISABLED);
  add_choice (parent, WEIR_MENU_RADIO, id, _ ("Preferred Account"), "prefer-account",
              account->is_preferred);
  add_choice (parent, WEIR_MENU_CHECK, id, _ ("Show in Icon"), "show-in-icon",
              g_strcmp0 (view->in_icon, id) == 0);
  add_divider (parent, id, "verbs");
  add_reset (parent, account, view->now_us);
  if (account->state == WEIR_TRAY_ACCOUNT_RESTING
      || account->state == WEIR_TRAY_ACCOUNT_EXHAUSTED)
    add_action (parent, id, "clear-rests", _ ("Clear Cool-Down"), "clear-rests");
  add_action (parent, id, "refresh", _ ("Refresh Now"), "refresh");
  add_pages (parent, view, account);
  add_divider (parent, id, "end");
  add_action (parent, id, "again", _ ("Sign In Again…"), "sign-in-again");
  add_action (parent, id, "details", _ ("Details…"), "show-account");
}

static void
add_account (WeirMenuRow *parent,
             const WeirTrayMenuView *view,
             const WeirTrayAccount *account)
{
  g_autofree char *label = weir_tray_line_account (view->model, account, view->now_us);
  WeirMenuRow *row = weir_menu_add_of (parent, WEIR_MENU_ACTION, FOLDER, account->id, "row",
                                       label, NULL, NULL);

  add_facts (row, view, account);
  add_choices (row, view, account);
}

/* The one account: what is known of it without opening anything. */
static void
add_only_account (WeirMenuRow *parent,
                  const WeirTrayMenuView *view,
                  const WeirTrayAccount *account)
{
  unsigned shown = 0;

  add_account (parent, view, account);
  for (unsigned i = 0; i < account->n_windows && shown < 3; i++)
    {
      g_autofree char *line = weir_tray_line_window (&account->windows[i], view->now_us);
      g_autofree char *name = g_strdup_printf ("inline/%u", i);

      add_text (parent, account->id, name, line);
      shown++;
    }
}

void
weir_tray_menu_add_accounts (WeirMenuRow *parent, const WeirTrayMenuView *view)
{
  const GArray *accounts = view->model->accounts;
  g_autoptr (GPtrArray) tightest = NULL;
  g_autofree char *more = NULL;
  WeirMenuRow *rest = NULL;

  if (accounts->len == 0)
    weir_menu_add (parent, WEIR_MENU_ACTION, "first-account", _ ("Add your first account…"),
                   "show", g_variant_new_string ("accounts"));
  else if (accounts->len == 1)
    add_only_account (parent, view, &g_array_index (accounts, WeirTrayAccount, 0));
  else if (accounts->len <= ROWS_MAX)
    for (unsigned i = 0; i < accounts->len; i++)
      add_account (parent, view, &g_array_index (accounts, WeirTrayAccount, i));
  if (accounts->len <= ROWS_MAX)
    return;
  tightest = weir_tray_model_dup_tightest (view->model);
  for (unsigned i = 0; i < ROWS_MAX - 1; i++)
    add_account (parent, view, g_ptr_array_index (tightest, i));
  more = g_strdup_printf (_ ("More Accounts (%u)"), tightest->len - (ROWS_MAX - 1));
  rest = weir_menu_add (parent, WEIR_MENU_ACTION, "more-accounts", more, NULL, NULL);
  for (unsigned i = ROWS_MAX - 1; i < tightest->len; i++)
    add_account (rest, view, g_ptr_array_index (tightest, i));
}
