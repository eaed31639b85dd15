/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From the text of a file to who serves which name. */

#include "config.h"

#include "proxy/weir-routing.h"

#include "accounts/weir-account-private.h"

#define KEYED "api-keys: [0123456789abcdefghij]\n"

static WeirRouting *
make_routing (const char *yaml)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirConfig) config
      = weir_config_parse (yaml, strlen (yaml), "f", NULL, &error);
  WeirRouting *routing;

  g_assert_no_error (error);
  routing = weir_routing_new (config, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return routing;
}

static const WeirSeat *
get_seat (const WeirRouting *routing, unsigned number)
{
  g_assert_cmpuint (number, <, routing->seats->len);
  return g_ptr_array_index (routing->seats, number);
}

/* `seat id:upstream name` in order, or NULL. */
static void
assert_routes (WeirRouting *routing, const char *id, const char *wanted)
{
  const WeirModel *model = weir_models_lookup (routing->models, id);
  g_autoptr (GString) routes = g_string_new (NULL);

  g_test_message ("%s", id);
  if (wanted == NULL)
    {
      g_assert_null (model);
      return;
    }
  g_assert_nonnull (model);
  for (unsigned i = 0; i < model->routes->len; i++)
    {
      const WeirModelRoute *route = g_ptr_array_index (model->routes, i);

      g_string_append_printf (routes, "%s%s:%s", i > 0 ? " " : "",
                              get_seat (routing, route->seat)->id, route->upstream_name);
    }
  g_assert_cmpstr (routes->str, ==, wanted);
}

static void
test_each_kind_sits_at_its_vendor (void)
{
  g_autoptr (WeirRouting) routing = make_routing (
      KEYED "claude-api-key: [{api-key: ca}]\n"
            "codex-api-key: [{api-key: co, base-url: 'https://api.openai.com/v1'}]\n"
            "gemini-api-key: [{api-key: ge}]\n"
            "vertex-api-key: [{api-key: ve, base-url: 'https://vertex.example/api'}]\n"
            "openai-compatibility: [{name: groq, base-url: 'https://groq.example/v1/', "
            "api-key-entries: [{api-key: gr}]}]\n");
  static const struct
  {
    const char *id;
    const char *authority;
    const char *path;
    const char *key;
    WeirAuth auth;
  } wanted[] = {
    { "claude", "api.anthropic.com", "", "ca", WEIR_AUTH_X_API_KEY },
    { "codex", "api.openai.com", "/v1", "co", WEIR_AUTH_BEARER },
    { "gemini", "generativelanguage.googleapis.com", "", "ge", WEIR_AUTH_X_GOOG_API_KEY },
    { "vertex", "vertex.example", "/api", "ve", WEIR_AUTH_X_GOOG_API_KEY },
    { "groq", "groq.example", "/v1", "gr", WEIR_AUTH_BEARER },
  };

  g_assert_cmpuint (routing->seats->len, ==, G_N_ELEMENTS (wanted));
  for (unsigned i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      const WeirSeat *seat = get_seat (routing, i);

      g_assert_cmpstr (seat->id, ==, wanted[i].id);
      g_assert_cmpstr (seat->target->authority, ==, wanted[i].authority);
      g_assert_cmpstr (seat->target->path, ==, wanted[i].path);
      g_assert_cmpstr (seat->target->account, ==, wanted[i].id);
      g_assert_true (seat->target->tls);
      g_assert_true (weir_slice_equal (weir_secret_reveal (seat->api_key),
                                       weir_slice_from_string (wanted[i].key)));
      g_assert_cmpint (seat->auth, ==, wanted[i].auth);
      g_assert_nonnull (seat->provider);
      g_assert_true (seat->entry == g_ptr_array_index (routing->config->entries, i));
    }
}

static void
test_elsewhere_a_key_is_shown_in_the_common_way (void)
{
  g_autoptr (WeirRouting) routing = make_routing (
      KEYED "claude-api-key:\n"
            "  - {api-key: a, base-url: 'https://claude.example'}\n"
            "  - {api-key: b, base-url: 'https://api.anthropic.com/'}\n"
            "gemini-api-key: [{api-key: c, base-url: 'https://gemini.example'}]\n");

  g_assert_cmpint (get_seat (routing, 0)->auth, ==, WEIR_AUTH_BEARER);
  g_assert_cmpint (get_seat (routing, 1)->auth, ==, WEIR_AUTH_X_API_KEY);
  g_assert_cmpint (get_seat (routing, 2)->auth, ==, WEIR_AUTH_X_GOOG_API_KEY);
}

/* Seat ids part the connections of one account from those of another. */
static void
test_no_two_seats_have_the_same_id (void)
{
  g_autoptr (WeirRouting) routing
      = make_routing (KEYED "claude-api-key: [{api-key: a}, {api-key: b}]\n"
                            "openai-compatibility:\n"
                            "  - {name: groq, base-url: 'https://g.example/v1', "
                            "api-key-entries: [{api-key: c}, {api-key: d}, {api-key: e}]}\n"
                            "  - {name: 'groq#2', base-url: 'https://g.example/v1', "
                            "api-key-entries: [{api-key: f}, {api-key: g}]}\n"
                            "  - {name: claude, base-url: 'https://c.example/v1', "
                            "api-key-entries: [{api-key: h}]}\n");
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_cmpuint (routing->seats->len, ==, 8);
  g_assert_cmpstr (get_seat (routing, 0)->id, ==, "claude");
  g_assert_cmpstr (get_seat (routing, 1)->id, ==, "claude#2");
  g_assert_cmpstr (get_seat (routing, 2)->id, ==, "groq");
  g_assert_cmpstr (get_seat (routing, 4)->id, ==, "groq#3");
  g_assert_cmpstr (get_seat (routing, 7)->id, ==, "claude#3");
  for (unsigned i = 0; i < routing->seats->len; i++)
    {
      g_test_message ("%s", get_seat (routing, i)->id);
      g_assert_true (g_hash_table_add (ids, get_seat (routing, i)->id));
      g_assert_cmpstr (get_seat (routing, i)->target->account, ==,
                       get_seat (routing, i)->id);
    }
}

static void
test_an_entry_of_keys_may_have_a_name (void)
{
  g_autoptr (WeirRouting) routing = make_routing (
      KEYED
      "claude-api-key: [{api-key: a, name: work}, {api-key: b, name: work}, {api-key: "
      "c}]\n"
      "groups: [{name: g, accounts: [work]}]\n");

  g_assert_cmpstr (get_seat (routing, 0)->id, ==, "work");
  g_assert_cmpstr (get_seat (routing, 1)->id, ==, "work#2");
  g_assert_cmpstr (get_seat (routing, 2)->id, ==, "claude");
}

/* --- accounts --- */

static WeirAccount *
make_account (const char *kind, const char *id)
{
  WeirAccount *account = weir_account_new (id, weir_provider_oauth_lookup (kind));

  account->identity.vendor_id = g_strdup ("v");
  account->settings.label = g_strdup ("mine");
  account->settings.enabled = TRUE;
  account->settings.weight = 2;
  account->settings.priority = 7;
  return account;
}

static WeirRouting *
seat_accounts (const char *yaml, GPtrArray *accounts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirConfig) config
      = weir_config_parse (yaml, strlen (yaml), "f", NULL, &error);
  WeirRouting *routing;

  g_assert_no_error (error);
  routing = weir_routing_new (config, accounts, NULL, NULL, &error);
  g_assert_no_error (error);
  return routing;
}

/* Who offers names but has no catalogue to ask shows those that are known of him. */
static void
test_an_account_without_a_catalogue_shows_what_is_known (void)
{
  g_autoptr (GPtrArray) accounts
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_account_unref);
  g_autoptr (WeirRouting) routing = NULL;
  const GPtrArray *listed;
  gboolean found = FALSE;

  g_ptr_array_add (accounts, make_account ("codex", "codex-00000001"));
  routing = seat_accounts (KEYED "oauth-excluded-models: {codex: [gpt-5.1*]}\n", accounts);
  listed = weir_models_get_list (routing->models);
  for (unsigned i = 0; i < listed->len; i++)
    {
      const WeirModel *model = g_ptr_array_index (listed, i);

      found = found || g_str_equal (model->id, "gpt-5.2-codex");
      g_assert_false (g_str_has_prefix (model->id, "gpt-5.1"));
    }
  g_assert_true (found);
  assert_routes (routing, "gpt-5.99", "codex-00000001:gpt-5.99");
}

static void
test_an_account_sits_behind_the_keys (void)
{
  g_autoptr (GPtrArray) accounts
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_account_unref);
  WeirAccount *claude = make_account ("claude", "claude-00000001");
  WeirAccount *off = make_account ("codex", "codex-00000001");
  WeirAccount *astray = make_account ("copilot", "copilot-00000001");
  g_autoptr (WeirRouting) routing = NULL;
  const WeirSeat *seat;
  static const char *const excluded[] = { "Claude-2*", NULL };
  static const char *const headers[] = { "X-Team: blue ", NULL };

  g_ptr_array_add (accounts, claude);
  g_ptr_array_add (accounts, off);
  g_ptr_array_add (accounts, astray);
  claude->settings.prefix = g_strdup ("mine");
  claude->settings.excluded_models = g_strdupv ((char **)excluded);
  claude->settings.headers = g_strdupv ((char **)headers);
  off->settings.enabled = FALSE;
  astray->identity.base_url = g_strdup ("ftp://elsewhere.example");
  g_test_expect_message ("weir", G_LOG_LEVEL_WARNING, "account*cannot serve*");
  routing = seat_accounts (KEYED "claude-api-key: [{api-key: a}]\n"
                                 "oauth-excluded-models: {anthropic: [claude-1*]}\n"
                                 "proxy-url: 'http://p.example'\n"
                                 "vendor-hosts: {'https://api.anthropic.com': "
                                 "'http://127.0.0.1:7'}\n",
                           accounts);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (routing->seats->len, ==, 2);
  g_assert_true (routing->wants_agent);
  seat = get_seat (routing, 1);
  g_assert_cmpstr (seat->id, ==, "claude-00000001");
  g_assert_cmpstr (seat->target->account, ==, seat->id);
  g_assert_cmpstr (seat->target->authority, ==, "127.0.0.1:7");
  g_assert_cmpstr (seat->target->proxy_url, ==, "http://p.example");
  g_assert_true (seat->account == claude);
  g_assert_true (seat->own_client_only);
  g_assert_null (seat->api_key);
  g_assert_cmpint (seat->auth, ==, WEIR_AUTH_BEARER);
  g_assert_cmpuint (seat->entry->headers->len, ==, 1);
  g_assert_cmpstr (((WeirConfigHeader *)seat->entry->headers->pdata[0])->value, ==, "blue");
  assert_routes (routing, "claude-4", "claude-00000001:claude-4 claude:claude-4");
  assert_routes (routing, "mine/claude-4", "claude-00000001:claude-4");
  assert_routes (routing, "claude-2", "claude:claude-2");
  assert_routes (routing, "claude-1", "claude:claude-1");
}

static GPtrArray *
make_offered (const char *const *ids)
{
  GPtrArray *offered = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_offered_free);

  for (; *ids != NULL; ids++)
    g_ptr_array_add (offered, weir_offered_new (*ids, NULL, 7));
  return offered;
}

static void
test_one_account_may_sit_at_two_places (void)
{
  g_autoptr (GPtrArray) accounts
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_account_unref);
  static const char *const chat[] = { "gpt-4.1", NULL };
  static const char *const responses[] = { "gpt-5.4-pro", NULL };
  g_autoptr (WeirRouting) routing = NULL;
  g_autoptr (WeirRouting) again = NULL;

  g_ptr_array_add (accounts, make_account ("copilot", "copilot-1"));
  routing = seat_accounts (KEYED, accounts);
  g_assert_cmpuint (routing->seats->len, ==, 2);
  assert_routes (routing, "gpt-5.1", "copilot-1:gpt-5.1");
  assert_routes (routing, "gpt-5.1-codex", "copilot-1#2:gpt-5.1-codex");
  /* whose rests are one */
  g_assert_cmpstr (get_seat (routing, 0)->identity, ==, get_seat (routing, 1)->identity);
  g_assert_true (get_seat (routing, 0)->account == get_seat (routing, 1)->account);
  /* and whose lists are two, after a reload as before */
  weir_routing_set_offered (routing, 0, make_offered (chat));
  weir_routing_set_offered (routing, 1, make_offered (responses));
  assert_routes (routing, "gpt-5.4-pro", "copilot-1#2:gpt-5.4-pro");
  again = weir_routing_new (routing->config, accounts, NULL, routing, NULL);
  assert_routes (again, "gpt-5.4-pro", "copilot-1#2:gpt-5.4-pro");
  assert_routes (again, "gpt-4.1", "copilot-1:gpt-4.1");
}

static void
test_a_kind_of_accounts_has_other_names_for_models (void)
{
  g_autoptr (GPtrArray) accounts
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_account_unref);
  g_autoptr (GPtrArray) offered
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_offered_free);
  g_autoptr (WeirRouting) routing = NULL;

  g_ptr_array_add (accounts, make_account ("kimi", "kimi-1"));
  g_ptr_array_add (accounts, make_account ("kimi", "kimi-2"));
  routing = seat_accounts (KEYED "oauth-model-alias: {kimi: [{name: kimi-a, alias: a}, "
                                 "{name: kimi-b, alias: b, fork: true}]}\n",
                           accounts);
  assert_routes (routing, "a", "kimi-1:kimi-a kimi-2:kimi-a");
  assert_routes (routing, "kimi-new", "kimi-1:kimi-new kimi-2:kimi-new");
  g_ptr_array_add (offered, weir_offered_new ("kimi-a", NULL, 0));
  g_ptr_array_add (offered, weir_offered_new ("kimi-b", NULL, 0));
  g_ptr_array_add (offered, weir_offered_new ("other", NULL, 0));
  weir_routing_set_offered (routing, 0, g_steal_pointer (&offered));
  /* what one is told is taken to be true of the other until he is told himself */
  assert_routes (routing, "other", "kimi-1:other kimi-2:other");
  assert_routes (routing, "a", "kimi-1:kimi-a kimi-2:kimi-a");
  assert_routes (routing, "b", "kimi-1:kimi-b kimi-2:kimi-b");
  assert_routes (routing, "kimi-b", "kimi-1:kimi-b kimi-2:kimi-b");
}

static void
test_a_keyless_upstream_has_a_seat (void)
{
  g_autoptr (WeirRouting) routing
      = make_routing (KEYED "openai-compatibility:\n"
                            "  - {name: local, base-url: 'http://127.0.0.1:11434/v1'}\n"
                            "proxy-url: socks5://127.0.0.1:1080\n");

  g_assert_cmpuint (routing->seats->len, ==, 1);
  g_assert_null (get_seat (routing, 0)->api_key);
  g_assert_false (get_seat (routing, 0)->target->tls);
  g_assert_cmpstr (get_seat (routing, 0)->target->proxy_url, ==, "socks5://127.0.0.1:1080");
  assert_routes (routing, "whatever", "local:whatever");
}

static void
test_names_aliases_and_prefixes_lead_to_seats (void)
{
  g_autoptr (WeirRouting) routing = make_routing (
      KEYED
      "claude-api-key:\n"
      "  - {api-key: a, prefix: team, models: [{name: sonnet-4, alias: sonnet}, "
      "{name: opus-4}]}\n"
      "  - {api-key: b, priority: 5, models: [{name: sonnet-5, alias: sonnet}]}\n"
      "openai-compatibility:\n"
      "  - {name: groq, base-url: 'https://g.example/v1', "
      "api-key-entries: [{api-key: c}, {api-key: d}], models: [{name: org/qwen, alias: "
      "qwen}, {name: sonnet}]}\n");
  const GPtrArray *list = weir_models_get_list (routing->models);

  assert_routes (routing, "sonnet",
                 "claude#2:sonnet-5 claude:sonnet-4 groq:sonnet groq#2:sonnet");
  assert_routes (routing, "team/sonnet", "claude:sonnet-4");
  assert_routes (routing, "opus-4", "claude:opus-4");
  assert_routes (routing, "team/opus-4", "claude:opus-4");
  assert_routes (routing, "qwen", "groq:org/qwen groq#2:org/qwen");
  /* behind an alias the upstream's own name is not offered, nor is what is not listed */
  assert_routes (routing, "sonnet-4", NULL);
  assert_routes (routing, "org/qwen", NULL);
  assert_routes (routing, "claude-opus-4", NULL);
  assert_routes (routing, "team/qwen", NULL);
  g_assert_cmpuint (list->len, ==, 5);
  g_assert_cmpstr (((const WeirModel *)g_ptr_array_index (list, 0))->owner, ==, "claude");
}

static void
test_what_is_excluded_stays_out (void)
{
  g_autoptr (WeirRouting) routing = make_routing (
      KEYED "claude-api-key:\n"
            "  - {api-key: a, prefix: t, excluded-models: ['claude-3-*', '*-OLD']}\n"
            "  - {api-key: b, models: [{name: claude-3-x, alias: x}, {name: y}], "
            "excluded-models: ['claude-3-*']}\n");

  assert_routes (routing, "claude-4", "claude:claude-4");
  assert_routes (routing, "t/claude-4", "claude:claude-4");
  assert_routes (routing, "claude-3-opus", NULL);
  assert_routes (routing, "t/claude-3-opus", NULL);
  assert_routes (routing, "claude-4-old", NULL);
  assert_routes (routing, "x", NULL);
  assert_routes (routing, "y", "claude#2:y");
}

static void
test_without_a_list_a_vendors_names_are_served (void)
{
  g_autoptr (WeirRouting) routing
      = make_routing (KEYED "claude-api-key: [{api-key: a}]\n"
                            "gemini-api-key: [{api-key: b, priority: -1}]\n"
                            "openai-compatibility: [{name: any, priority: -5, base-url: "
                            "'https://g.example/v1', api-key-entries: [{api-key: c}]}]\n");

  assert_routes (routing, "claude-opus-4", "claude:claude-opus-4 any:claude-opus-4");
  assert_routes (routing, "gemini-2.5-pro", "gemini:gemini-2.5-pro any:gemini-2.5-pro");
  assert_routes (routing, "llama", "any:llama");
  g_assert_cmpuint (weir_models_get_list (routing->models)->len, ==, 0);
}

static void
test_a_list_that_has_become_known_counts (void)
{
  static const char *const ids[] = { "claude-a", "claude-b", "claude-old", NULL };
  static const char *const newer[] = { "claude-a", "claude-new", NULL };
  static const char *const none[] = { NULL };
  g_autoptr (WeirRouting) routing
      = make_routing (KEYED "claude-api-key:\n"
                            "  - {api-key: a, prefix: t, excluded-models: ['*-old']}\n"
                            "  - {api-key: b}\n");

  weir_routing_set_offered (routing, 0, make_offered (ids));
  /* the other key's is not known yet: it is taken to be the same */
  assert_routes (routing, "claude-a", "claude:claude-a claude#2:claude-a");
  assert_routes (routing, "t/claude-b", "claude:claude-b");
  assert_routes (routing, "t/claude-old", NULL);
  assert_routes (routing, "claude-old", "claude#2:claude-old");
  /* a vendor's list may leave names out */
  assert_routes (routing, "t/claude-c", "claude:claude-c");
  g_assert_cmpuint (weir_models_lookup (routing->models, "claude-a")->context_length, ==,
                    7);

  weir_routing_set_offered (routing, 1, make_offered (newer));
  assert_routes (routing, "claude-a", "claude:claude-a claude#2:claude-a");
  assert_routes (routing, "claude-b", "claude:claude-b");
  assert_routes (routing, "claude-new", "claude#2:claude-new");
  weir_routing_set_offered (routing, 1, make_offered (none));
  assert_routes (routing, "claude-a", "claude:claude-a");
  assert_routes (routing, "claude-new", "claude:claude-new claude#2:claude-new");
}

static void
test_a_reload_keeps_what_was_found (void)
{
  static const char *const ids[] = { "llama", NULL };
  const char *yaml = KEYED "openai-compatibility: [{name: any, base-url: "
                           "'https://g.example/v1', api-key-entries: [{api-key: c}]}]\n";
  g_autoptr (WeirRouting) before = make_routing (yaml);
  g_autoptr (WeirRouting) after = NULL;

  weir_routing_set_offered (before, 0, make_offered (ids));
  after = weir_routing_new (before->config, NULL, NULL, before, NULL);
  assert_routes (after, "llama", "any:llama");
  assert_routes (after, "other", NULL);
  g_assert_cmpuint (weir_models_get_list (after->models)->len, ==, 1);
}

static void
test_client_keys_come_from_the_file (void)
{
  g_autoptr (WeirRouting) routing = make_routing (KEYED);
  g_autoptr (WeirRouting) held = weir_routing_ref (routing);
  const char *text = "GET / HTTP/1.1\r\nHost: a\r\nx-api-key: 0123456789abcdefghij\r\n\r\n";
  const WeirClientKey *key;
  WeirKeyMemo memo = { 0 };
  WeirHttpHead head;

  g_assert_true (held == routing);
  g_assert_true (weir_http_head_parse_request (&head, text, strlen (text), NULL));
  g_assert_cmpint (weir_client_keys_check (routing->keys, &head, FALSE, 0, &memo, &key), ==,
                   WEIR_KEY_VALID);
  g_assert_true (key->config == g_ptr_array_index (routing->config->client_keys, 0));
  g_assert_cmpuint (routing->seats->len, ==, 0);
  assert_routes (routing, "claude-opus-4", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/routing/each-kind-sits-at-its-vendor",
                   test_each_kind_sits_at_its_vendor);
  g_test_add_func ("/routing/elsewhere-a-key-is-shown-in-the-common-way",
                   test_elsewhere_a_key_is_shown_in_the_common_way);
  g_test_add_func ("/routing/no-two-seats-have-the-same-id",
                   test_no_two_seats_have_the_same_id);
  g_test_add_func ("/routing/an-entry-of-keys-may-have-a-name",
                   test_an_entry_of_keys_may_have_a_name);
  g_test_add_func ("/routing/an-account-without-a-catalogue-shows-what-is-known",
                   test_an_account_without_a_catalogue_shows_what_is_known);
  g_test_add_func ("/routing/an-account-sits-behind-the-keys",
                   test_an_account_sits_behind_the_keys);
  g_test_add_func ("/routing/one-account-may-sit-at-two-places",
                   test_one_account_may_sit_at_two_places);
  g_test_add_func ("/routing/a-kind-of-accounts-has-other-names-for-models",
                   test_a_kind_of_accounts_has_other_names_for_models);
  g_test_add_func ("/routing/a-keyless-upstream-has-a-seat",
                   test_a_keyless_upstream_has_a_seat);
  g_test_add_func ("/routing/names-aliases-and-prefixes-lead-to-seats",
                   test_names_aliases_and_prefixes_lead_to_seats);
  g_test_add_func ("/routing/what-is-excluded-stays-out", test_what_is_excluded_stays_out);
  g_test_add_func ("/routing/without-a-list-a-vendors-names-are-served",
                   test_without_a_list_a_vendors_names_are_served);
  g_test_add_func ("/routing/a-list-that-has-become-known-counts",
                   test_a_list_that_has_become_known_counts);
  g_test_add_func ("/routing/a-reload-keeps-what-was-found",
                   test_a_reload_keeps_what_was_found);
  g_test_add_func ("/routing/client-keys-come-from-the-file",
                   test_client_keys_come_from_the_file);
  return g_test_run ();
}
