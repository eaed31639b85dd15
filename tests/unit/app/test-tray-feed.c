/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From what the bus says to what the tray shows. */

#include "config.h"

#include "app/weir-tray-feed-private.h"

#define HOUR_US (3600 * (int64_t)G_USEC_PER_SEC)

static const WeirTrayAccount *
read_account (WeirTrayModel *model, const char *id, int priority, const char *windows)
{
  g_autoptr (WeirBusAccount) account = weir_bus_account_skeleton_new ();
  g_autoptr (GVariant) parsed
      = g_variant_parse (G_VARIANT_TYPE ("aa{sv}"), windows, NULL, NULL, NULL);

  g_assert_nonnull (parsed);
  g_object_set (account, "id", id, "provider-name", "Claude", "label", "work", "state",
                "ready", "priority", priority, "windows", parsed, NULL);
  weir_tray_feed_read_account (model, account);
  return &g_array_index (model->accounts, WeirTrayAccount, model->accounts->len - 1);
}

static void
test_unknown (void)
{
  g_autoptr (WeirTrayModel) model = weir_tray_model_new ();
  const WeirTrayAccount *account
      = read_account (model, "claude-1", 0,
                      "[{'name': <'5 hours'>, 'used': <-1.0>}, {'name': <'week'>},"
                      " {'name': <'day'>, 'used': <'many'>}, {'used': <3.0>},"
                      " {'name': <'month'>, 'used': <400.0>, 'resets': <int64 -5>}]");

  g_assert_cmpuint (account->n_windows, ==, 4);
  for (unsigned i = 0; i < 4; i++)
    {
      g_assert_cmpfloat (account->windows[i].used_percent, <, 0.0);
      g_assert_cmpint (account->windows[i].resets_us, ==, 0);
    }
  g_assert_null (account->source);
  g_assert_null (account->plan);
}

static void
test_known (void)
{
  g_autoptr (WeirTrayModel) model = weir_tray_model_new ();
  const WeirTrayAccount *account = read_account (
      model, "claude-1", 0,
      "[{'name': <'5 hours'>, 'used': <42.0>, 'began': <int64 1000000>,"
      " 'resets': <int64 18001000000>, 'source': <'answers'>, 'read': <int64 77>,"
      " 'scope': <''>, 'pace': <'on pace'>}]");

  g_assert_cmpuint (account->n_windows, ==, 1);
  g_assert_cmpfloat (account->windows[0].used_percent, ==, 42.0);
  g_assert_cmpint (account->windows[0].length_us, ==, 5 * HOUR_US);
  g_assert_null (account->windows[0].scope);
  g_assert_cmpstr (account->windows[0].pace, ==, "on pace");
  g_assert_cmpint (account->read_us, ==, 77);
  weir_tray_feed_finish (model);
  g_assert_cmpint (model->updated_us, ==, 77);
}

static void
test_credits (void)
{
  g_autoptr (WeirTrayModel) model = weir_tray_model_new ();
  g_autoptr (WeirBusAccount) account = weir_bus_account_skeleton_new ();
  const WeirTrayAccount *read = NULL;

  g_object_set (account, "id", "codex-1", "provider", "codex", "credits",
                g_variant_new_parsed (
                    "[{'id': <'credits'>, 'name': <'Credits'>, 'left': <3.2>,"
                    "  'of': <50.0>, 'unit': <'USD'>},"
                    " {'id': <'limit-resets'>, 'name': <'Limit resets'>, 'left': <2.0>,"
                    "  'unit': <'resets'>, 'expires': <int64 99>},"
                    " {'name': <'unlimited'>}, {'name': <'Extra'>, 'left': <7.0>}]"),
                NULL);
  weir_tray_feed_read_account (model, account);
  read = weir_tray_model_lookup (model, "codex-1");
  g_assert_cmpstr (read->provider, ==, "codex");
  g_assert_cmpuint (read->n_credits, ==, 2);
  g_assert_cmpstr (read->credits[0], ==, "Credits: 3.2 of 50 USD left");
  g_assert_cmpstr (read->credits[1], ==, "Extra: 7 left");
  g_assert_cmpuint (read->resets_left, ==, 2);
  g_assert_cmpint (read->resets_expire_us, ==, 99);
}

static void
test_preferred (void)
{
  g_autoptr (WeirTrayModel) model = weir_tray_model_new ();

  read_account (model, "claude-2", 1, "@aa{sv} []");
  weir_tray_feed_finish (model);
  g_assert_false (weir_tray_model_lookup (model, "claude-2")->is_preferred);
  read_account (model, "claude-1", 0, "@aa{sv} []");
  weir_tray_feed_finish (model);
  g_assert_true (weir_tray_model_lookup (model, "claude-2")->is_preferred);
  g_assert_false (weir_tray_model_lookup (model, "claude-1")->is_preferred);
  g_assert_cmpstr (g_array_index (model->accounts, WeirTrayAccount, 0).id, ==, "claude-1");
}

static void
test_manager (void)
{
  g_autoptr (WeirTrayModel) model = weir_tray_model_new ();
  g_autoptr (WeirBusManager) manager = weir_bus_manager_skeleton_new ();

  weir_tray_feed_read_manager (model, manager); /* nothing is said yet */
  g_assert_cmpint (model->state, ==, WEIR_TRAY_STARTING);
  g_object_set (manager, "state", "failed", "problem", "Port 8317 is used", "endpoint", "",
                "secrets", "locked", "attention",
                g_variant_new_parsed ("[('sign-in', 'claude-1', 'Sign in again')]"), NULL);
  weir_tray_feed_read_manager (model, manager);
  g_assert_cmpint (model->state, ==, WEIR_TRAY_FAILED);
  g_assert_cmpstr (model->problem, ==, "Port 8317 is used");
  g_assert_true (model->secrets_locked);
  g_assert_cmpuint (model->notices->len, ==, 1);
  g_assert_cmpstr (g_array_index (model->notices, WeirTrayNotice, 0).subject, ==,
                   "claude-1");
}

static void
test_lists (void)
{
  g_autoptr (WeirTrayModel) model = weir_tray_model_new ();
  g_autoptr (GVariant) providers = g_variant_ref_sink (g_variant_new_parsed (
      "[{'id': <'a'>, 'name': <'A'>, 'standing': <'open'>, 'ways': <['browser', "
      "'device']>, 'usage-page': <'https://a.example'>, 'status-page': <''>},"
      " {'id': <'b'>, 'name': <'B'>, 'standing': <'ended'>, 'ways': <['device']>},"
      " {'name': <'nobody'>}]"));
  g_autoptr (GVariant) models = g_variant_ref_sink (g_variant_new_parsed (
      "[{'id': <'m'>, 'owner': <'x'>}, {'id': <'n'>}, {'owner': <'y'>}]"));

  weir_tray_feed_read_providers (model, providers);
  g_assert_cmpuint (model->providers->len, ==, 2);
  g_assert_true (g_array_index (model->providers, WeirTrayProvider, 0).has_device);
  g_assert_false (g_array_index (model->providers, WeirTrayProvider, 1).has_device);
  g_assert_true (g_array_index (model->providers, WeirTrayProvider, 1).is_ended);
  g_assert_true (g_array_index (model->providers, WeirTrayProvider, 0).has_usage);
  g_assert_false (g_array_index (model->providers, WeirTrayProvider, 0).has_status);
  weir_tray_feed_read_models (model, models);
  g_assert_cmpuint (model->model_names->len, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tray-feed/what-is-not-said-or-makes-no-sense-is-not-known",
                   test_unknown);
  g_test_add_func ("/tray-feed/windows-are-read-with-their-length", test_known);
  g_test_add_func ("/tray-feed/credits-are-lines-and-resets-a-number", test_credits);
  g_test_add_func ("/tray-feed/the-preferred-one-stands-above-others-of-its-vendor",
                   test_preferred);
  g_test_add_func ("/tray-feed/state-and-attention-are-the-managers", test_manager);
  g_test_add_func ("/tray-feed/lists-are-read-as-far-as-they-make-sense", test_lists);
  return g_test_run ();
}
