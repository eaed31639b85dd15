/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The menu in every situation it has to be right in. */

#include "config.h"

#include "tray/weir-tray-menu.h"

#include "tray-fixture.h"

#include <stdlib.h>
#include <string.h>

static WeirMenuRow *
find_key (WeirMenuRow *parent, const char *key)
{
  for (unsigned i = 0; parent->children != NULL && i < parent->children->len; i++)
    {
      WeirMenuRow *row = g_ptr_array_index (parent->children, i);
      WeirMenuRow *found = g_str_equal (row->key, key) ? row : find_key (row, key);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static unsigned
count_rows (const WeirMenuRow *parent)
{
  unsigned n = 0;

  for (unsigned i = 0; i < parent->children->len; i++)
    {
      const WeirMenuRow *row = g_ptr_array_index (parent->children, i);

      n += row->kind != WEIR_MENU_DIVIDER;
    }
  return n;
}

static void
check_rows (const WeirMenuRow *parent, GHashTable *keys)
{
  for (unsigned i = 0; parent->children != NULL && i < parent->children->len; i++)
    {
      WeirMenuRow *row = g_ptr_array_index (parent->children, i);

      g_assert_true (g_hash_table_add (keys, row->key));
      g_assert_cmpint (g_utf8_strlen (row->label, -1), <, 48);
      g_assert_true (row->kind == WEIR_MENU_DIVIDER || *row->label != '\0');
      g_assert_null (strchr (row->label, '\n'));
      g_assert_true (row->children == NULL || row->children->len > 0);
      check_rows (row, keys);
    }
}

/* What holds of every menu. */
static WeirMenuRow *
build (const WeirTrayModel *model)
{
  WeirMenuRow *root = weir_tray_menu_build (model, NULL, NOW_US);
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);

  check_rows (root, keys);
  g_assert_cmpuint (count_rows (root), <=, WEIR_TRAY_MENU_ROWS_MAX);
  return root;
}

static void
assert_label (WeirMenuRow *root, const char *key, const char *expected)
{
  const WeirMenuRow *row = find_key (root, key);

  g_assert_nonnull (row);
  g_assert_cmpstr (row->label, ==, expected);
}

static void
test_no_account (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  g_autoptr (WeirMenuRow) root = build (model);

  assert_label (root, "state", "Running on 127.0.0.1:8317");
  assert_label (root, "switch", "Stop Proxy");
  assert_label (root, "first-account", "Add your first account…");
  assert_label (root, "refresh", "Refresh Quota (updated 2 min ago)");
  g_assert_null (find_key (root, "more-accounts"));
}

static void
test_one_account (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  g_autoptr (WeirMenuRow) root = NULL;

  tray_fixture_add (model, 1, 42.0);
  root = build (model);
  assert_label (root, "account/claude-1/row", "Claude – work 1: 5 h 58 % · week 79 % left");
  assert_label (root, "account/claude-1/inline/0",
                "5 h: 42 % used · resets in 2 h 0 min · on pace");
  assert_label (root, "account/claude-1/window/7 days/",
                "week: 21 % used · resets Fri 06:00");
  assert_label (root, "account/claude-1/identity", "w…@example.org · Max 20x · ready");
  assert_label (root, "account/claude-1/source", "from answers, 1 min ago");
}

static void
test_usual (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  g_autoptr (WeirMenuRow) root = NULL;

  for (unsigned i = 0; i < 4; i++)
    tray_fixture_add (model, i, 10.0 * i);
  tray_fixture_notice (model, "sign-in", "claude-2", "Sign in again: Claude – work 2");
  root = build (model);
  g_assert_cmpuint (count_rows (root), <=, WEIR_TRAY_MENU_ROWS_USUAL);
  assert_label (root, "notice/sign-in/claude-2", "Sign in again: Claude – work 2");
  g_assert_cmpstr (find_key (root, "notice/sign-in/claude-2")->action, ==, "sign-in-again");
}

static void
test_many (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  g_autoptr (WeirMenuRow) root = NULL;
  WeirMenuRow *more = NULL;

  for (unsigned i = 0; i < 60; i++)
    tray_fixture_add (model, i, i);
  for (unsigned i = 0; i < 9; i++)
    {
      g_autofree char *id = g_strdup_printf ("claude-%u", i);

      tray_fixture_notice (model, "exhausted", id,
                           "Claude is used up, resets in 1 h 12 min");
    }
  root = build (model);
  more = find_key (root, "more-accounts");
  g_assert_cmpstr (more->label, ==, "More Accounts (55)");
  g_assert_cmpuint (more->children->len, ==, 55);
  for (unsigned i = 59; i > 54; i--)
    {
      g_autofree char *key = g_strdup_printf ("account/claude-%u/row", i);

      g_assert_nonnull (find_key (root, key));
      g_assert_null (find_key (more, key));
    }
}

static void
test_unknown_is_not_zero (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  g_autoptr (WeirMenuRow) root = NULL;
  WeirTrayAccount *account = tray_fixture_add (model, 1, WEIR_TRAY_UNKNOWN);

  account->windows[1].used_percent = WEIR_TRAY_UNKNOWN;
  tray_fixture_add (model, 2, 0.0)->n_windows = 0;
  root = build (model);
  assert_label (root, "account/claude-1/row", "Claude – work 1: no quota information");
  assert_label (root, "account/claude-1/window/5 hours/",
                "5 h: not known · resets in 2 h 0 min · on pace");
  assert_label (root, "account/claude-2/row", "Claude – work 2: no quota information");
  assert_label (root, "account/claude-2/note", "no quota information");
}

static void
test_offline (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  g_autoptr (WeirMenuRow) root = NULL;

  model->is_offline = TRUE;
  tray_fixture_add (model, 1, 42.0);
  tray_fixture_add (model, 2, 5.0)->state = WEIR_TRAY_ACCOUNT_SIGN_IN;
  root = build (model);
  assert_label (root, "state", "No network – waiting on 127.0.0.1:8317");
  assert_label (root, "account/claude-1/row", "Claude – work 1: 5 h 58 % left (11:59)");
  assert_label (root, "account/claude-2/row", "Claude – work 2: sign-in needed");
}

static void
test_states (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  g_autoptr (WeirMenuRow) root = NULL;
  WeirTrayAccount *account = tray_fixture_add (model, 1, 100.0);

  account->state = WEIR_TRAY_ACCOUNT_EXHAUSTED;
  account->rests_until_us = NOW_US + 72 * 60 * (int64_t)G_USEC_PER_SEC;
  tray_fixture_add (model, 2, 5.0)->state = WEIR_TRAY_ACCOUNT_DISABLED;
  account = tray_fixture_add (model, 3, 0.0);
  account->n_windows = 0;
  account->credits[account->n_credits++] = "Credits: 1120 of 1500 left";
  account->credits[account->n_credits++] = "Extra: 3 of 50 USD left";
  model->state = WEIR_TRAY_FAILED;
  model->problem
      = "Port 8317 is used by cli-proxy-api (process 42); stop it, or set another";
  root = build (model);
  assert_label (root, "state", "Port 8317 is used by cli-proxy-api (process 42)");
  assert_label (root, "switch", "Start Proxy");
  assert_label (root, "account/claude-1/row", "Claude – work 1: used up, 1 h 12 min");
  g_assert_nonnull (find_key (root, "account/claude-1/clear-rests"));
  assert_label (root, "account/claude-2/row", "Claude – work 2: off");
  g_assert_null (find_key (root, "account/claude-2/clear-rests"));
  g_assert_false (find_key (root, "account/claude-2/toggle-account")->is_on);
  assert_label (root, "account/claude-3/row",
                "Claude – work 3: Credits: 1120 of 1500 left");
  assert_label (root, "account/claude-3/credits/1", "Extra: 3 of 50 USD left");
}

static void
test_vendor (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  g_autoptr (WeirMenuRow) root = NULL;
  WeirTrayAccount *account = tray_fixture_add (model, 1, 100.0);

  account->provider = "codex"; /* it has both pages */
  account->resets_left = 2;
  account->resets_expire_us = NOW_US + 7 * 24 * HOUR_US;
  tray_fixture_add (model, 2, 5.0)->provider = "qwen";
  root = build (model);
  assert_label (root, "account/claude-1/reset",
                "Use Limit Reset (2, next expires in 7 d 0 h)…");
  g_assert_cmpstr (find_key (root, "account/claude-1/reset")->action, ==, "reset-limit");
  g_assert_cmpstr (find_key (root, "account/claude-1/usage")->action, ==,
                   "open-usage-page");
  g_assert_cmpstr (find_key (root, "account/claude-1/status")->action, ==,
                   "open-status-page");
  g_assert_null (find_key (root, "account/claude-2/reset"));
  g_assert_null (find_key (root, "account/claude-2/usage"));
}

static void
test_private (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  g_autoptr (WeirMenuRow) root = NULL;
  WeirTrayAccount *account = tray_fixture_add (model, 1, 42.0);

  account->label = "walter.long.name@some.example.org";
  account->identity = "walter.long.name@some.example.org";
  model->is_private = TRUE;
  root = build (model);
  g_assert_null (strstr (find_key (root, "account/claude-1/row")->label, "walter"));
  g_assert_null (strstr (find_key (root, "account/claude-1/identity")->label, "some"));
}

static void
test_long_names (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  g_autoptr (WeirMenuRow) root = NULL;
  WeirTrayAccount *account = tray_fixture_add (model, 1, 42.0);

  account->label = "the account that I use at work when nobody looks\nand more";
  account->provider_name = "Some very long provider of models, Incorporated";
  account->plan = "a plan with a name that is longer than the row may ever be";
  account->sentence = "a sentence that goes on and on and on and on and on and on";
  account->windows[0].scope = "a-family-of-models-with-a-very-long-name";
  account->windows[1].runs_out_us = NOW_US + 20 * HOUR_US;
  root = build (model);
  g_assert_nonnull (
      strstr (find_key (root, "account/claude-1/row")->label, "week 79 % left"));
  assert_label (root, "account/claude-1/window/7 days/",
                "week: 21 % used · resets Fri 06:00");
}

/* Another time and other numbers are never another layout. */
static void
test_time_is_no_layout (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  g_autoptr (WeirMenuRow) before = NULL;
  int32_t next_id = 1;

  for (unsigned i = 0; i < 6; i++)
    tray_fixture_add (model, i, i * 10.0);
  before = build (model);
  weir_menu_take_ids (before, NULL, &next_id);
  for (unsigned i = 0; i < 50; i++)
    {
      g_autoptr (WeirMenuRow) after = NULL;
      WeirTrayAccount *account = &g_array_index (model->accounts, WeirTrayAccount, i % 6);

      account->windows[0].used_percent = i * 2.0;
      after = weir_tray_menu_build (model, account->id, NOW_US + i * HOUR_US);
      weir_menu_take_ids (after, before, &next_id);
      g_assert_cmpint (weir_menu_compare (before, after, NULL), <, WEIR_MENU_LAYOUT);
    }
}

static void
test_choices (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  g_autoptr (WeirMenuRow) root = build (model);
  WeirMenuRow *group = find_key (root, "models/group/Claude");
  WeirMenuRow *device = find_key (root, "add/codex/device");

  g_assert_cmpuint (group->children->len, ==, 12);
  assert_label (root, "models/alias/fast", "fast → claude-model-0");
  g_assert_null (find_key (root, "models/name/fast"));
  g_assert_cmpstr (device->label, ==, "ChatGPT (device code)");
  g_assert_cmpstr (device->action, ==, "add-account");
  g_assert_null (find_key (root, "add/qwen/"));
  g_assert_false (weir_menu_row_is_enabled (find_key (root, "add/qwen/ended")));
}

int
main (int argc, char **argv)
{
  setenv ("TZ", "UTC", 1);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tray-menu/without-an-account-one-row-asks-for-the-first",
                   test_no_account);
  g_test_add_func ("/tray-menu/one-account-shows-its-windows-at-once", test_one_account);
  g_test_add_func ("/tray-menu/the-usual-case-has-at-most-14-rows", test_usual);
  g_test_add_func ("/tray-menu/of-many-accounts-the-tightest-stand-in-front", test_many);
  g_test_add_func ("/tray-menu/unknown-is-never-a-number", test_unknown_is_not_zero);
  g_test_add_func ("/tray-menu/offline-keeps-numbers-with-their-time", test_offline);
  g_test_add_func ("/tray-menu/states-say-what-is-wrong", test_states);
  g_test_add_func ("/tray-menu/pages-and-resets-are-offered-where-there-are-some",
                   test_vendor);
  g_test_add_func ("/tray-menu/addresses-are-not-shown-where-that-is-wished", test_private);
  g_test_add_func ("/tray-menu/the-numbers-survive-long-names", test_long_names);
  g_test_add_func ("/tray-menu/time-and-numbers-never-change-the-layout",
                   test_time_is_no_layout);
  g_test_add_func ("/tray-menu/lists-are-short-and-ended-vendors-cannot-be-chosen",
                   test_choices);
  return g_test_run ();
}
