/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who may come in and how far: client keys with rights, groups, and what they name. */

#include "config-sample.h"

#include "base/weir-clock.h"

#define ENTRIES                                                                            \
  "openai-compatibility:\n"                                                                \
  "- {name: groq, base-url: 'https://x.example', api-keys: [a, b]}\n"                      \
  "- {name: far, base-url: 'https://y.example', prefix: team}\n"                           \
  "- {name: off, base-url: 'https://z.example', disabled: true}\n"
#define KEY "0123456789abcdefghij"
#define ITEM KEYED ENTRIES "groups:\n- name: work\n  accounts: [groq]\n"

/* clang-format off */
static const ConfigSample samples[] = {
  { "item-without-key", "allow-unauthenticated: true\napi-keys:\n- name: x\n",
    { "?3:3: an item of api-keys without key is left out" } },
  { "slip-in-an-item", "api-keys:\n- key: " KEY "\n  nmae: x\n",
    { "?3:3: unknown key \"nmae\"; did you mean \"name\"?" } },
  { "short-key-in-a-map", "api-keys:\n- {name: x, key: hunter2}\n",
    { "?2:18: item 1 of api-keys is shorter than 20 characters and can be guessed; use a longer one" } },
  { "sample-key-in-a-map", "listen-lan: true\napi-keys:\n- api-key: your-api-key\n",
    { "!3:12: \"your-api-key\" is the published sample key; use: sk-weir-*" } },
  { "key-twice-with-rights", "api-keys:\n- " KEY "\n- key: " KEY "\n  name: x\n",
    { "!3:3: api-keys holds the same key twice (lines 2 and 3); remove one, since each has rights of its own" } },
  { "name-twice", "api-keys:\n- {key: " KEY "1, name: x}\n- {key: " KEY "2, name: x}\n",
    { "?3:3: key \"x\" has the name of another one (lines 2 and 3); give each its own" } },
  { "expired", "api-keys:\n- {key: " KEY ", name: x, expires: 2001-02-03}\n",
    { "?2:3: key \"x\" has expired (2001-02-04T00:00:00Z) and is refused; remove it, or change expires" } },
  { "expires-far-away", "api-keys:\n- {key: " KEY ", expires: '9999-12-31T10:00:00+01:00'}\n", { NULL } },
  { "expires-in-words", "api-keys:\n- {key: " KEY ", expires: tomorrow}\n",
    { "!2:40: expires must be a date such as 2030-12-31 or a time such as 2030-12-31T18:00:00Z (found \"tomorrow\")" } },
  { "limit-below-zero", "api-keys:\n- {key: " KEY ", requests-per-day: -1}\n",
    { "?2:49: requests-per-day is below zero (found -1); taken as 0" } },
  { "spending-waits-for-prices", "api-keys:\n- {key: " KEY ", spending-per-day: 2.50}\n",
    { "?2:49: accepted, but without effect in this version: api-keys.spending-per-day" } },
  { "spending-is-a-number", "api-keys:\n- {key: " KEY ", spending-per-month: 1e9}\n",
    { "!2:51: spending-per-month must be a number such as 2.50 (found \"1e9\")",
      "?2:51: accepted, but without effect in this version: api-keys.spending-per-month" } },
  { "key-of-an-unknown-group", ITEM "api-keyz: 1\n",
    { "?9:1: unknown key \"api-keyz\"; did you mean \"api-keys\"?" } },
  { "key-of-a-group", ENTRIES "groups:\n- {name: Work, accounts: [groq]}\napi-keys:\n- {key: " KEY ", groups: [work, default]}\n",
    { NULL } },
  { "key-of-a-group-with-a-slip", ENTRIES "groups:\n- {name: work, accounts: [groq]}\napi-keys:\n- {key: " KEY ", groups: [wrk]}\n",
    { "!8:3: this key names the group \"wrk\", which is not in groups; did you mean \"work\"?" } },
  { "key-of-no-group", "api-keys:\n- {key: " KEY ", name: x, groups: [wrk]}\n",
    { "!2:3: key \"x\" names the group \"wrk\", which is not in groups; add it there" } },
  { "key-of-an-unknown-account", ENTRIES "api-keys:\n- {key: " KEY ", name: x, accounts: [grok]}\n",
    { "!6:3: key \"x\" names \"grok\", which is no entry of this file; did you mean \"groq\"?" } },
  { "key-of-accounts", ENTRIES "api-keys:\n- {key: " KEY ", accounts: [groq, 'groq#2', 'f*', off]}\n", { NULL } },
  { "key-of-accounts-that-may-come", ENTRIES "api-keys:\n- {key: " KEY ", accounts: ['mail*']}\n",
    { "?6:3: this key names \"mail*\", which is no entry of this file" } },
  { "nothing-in-common",
    ENTRIES "groups:\n- {name: work, accounts: [groq]}\napi-keys:\n- {key: " KEY ", name: x, accounts: [far], groups: [work]}\n",
    { "!8:3: accounts and groups of key \"x\" have no entry in common, so it could ask nobody; change one" } },
  { "in-common-by-prefix",
    ENTRIES "groups:\n- {name: work, prefixes: [team]}\napi-keys:\n- {key: " KEY ", accounts: [far], groups: [work]}\n", { NULL } },
  { "in-common-by-default",
    ENTRIES "groups:\n- {name: work, accounts: [groq]}\napi-keys:\n- {key: " KEY ", accounts: [groq], groups: [default]}\n", { NULL } },
  { "kept-from-default",
    ENTRIES "groups:\n- {name: work, accounts: [groq], exclude-from-default: true}\n"
    "api-keys:\n- {key: " KEY ", accounts: [groq], groups: [default]}\n",
    { "!8:3: accounts and groups of this key have no entry in common, so it could ask nobody; change one" } },
  { "group-without-name", KEYED ENTRIES "groups:\n- accounts: [groq]\n",
    { "!7:3: a group needs a name of letters, digits, - and _" } },
  { "group-with-a-strange-name", KEYED ENTRIES "groups:\n- {name: a/b, accounts: [groq]}\n",
    { "!7:10: name of a group may hold letters, digits, - and _ (found \"a/b\")",
      "!7:3: a group needs a name of letters, digits, - and _" } },
  { "group-is-no-map", KEYED "groups: [work]\n", { "!2:10: an item of groups must be a map with name" } },
  { "group-called-default", KEYED ENTRIES "groups:\n- {name: /Default/, accounts: [groq]}\n",
    { "!7:3: \"default\" is what no group keeps for itself; give the group another name" } },
  { "group-twice", KEYED ENTRIES "groups:\n- {name: a, accounts: [groq]}\n- {name: A, accounts: [far]}\n",
    { "!8:3: two groups are named \"a\" (lines 7 and 8); give each its own name" } },
  { "group-of-nobody", KEYED "groups:\n- name: a\n",
    { "?3:3: group \"a\" has neither accounts nor prefixes, so it serves nobody" } },
  { "group-of-an-unknown-entry", KEYED ENTRIES "groups:\n- {name: a, accounts: [nobody]}\n",
    { "!7:3: group \"a\" names \"nobody\", which is no entry of this file; name one, or remove it" } },
  { "group-of-an-unknown-prefix", KEYED ENTRIES "groups:\n- {name: a, prefixes: [x]}\n",
    { "?7:3: group \"a\" names the prefix \"x\", which no entry of this file has" } },
  { "group-with-unknown-fallback", KEYED ENTRIES "groups:\n- {name: a, accounts: [far], fallback: b}\n",
    { "!7:3: group \"a\" names the group \"b\", which is not in groups; add it there" } },
  { "fallback-goes-round",
    KEYED ENTRIES "groups:\n- {name: x, accounts: [far], fallback: a}\n"
    "- {name: a, accounts: [far], fallback: b}\n- {name: b, accounts: [far], fallback: a}\n",
    { "!8:3: fallback of groups goes round: x -> a -> b -> a; remove one" } },
  { "fallback-to-itself", KEYED ENTRIES "groups:\n- {name: a, accounts: [far], fallback: a}\n",
    { "!7:3: fallback of groups goes round: a -> a; remove one" } },
  { "fallback-chain",
    KEYED ENTRIES "groups:\n- {name: a, accounts: [far], fallback: b}\n- {name: b, accounts: [far], fallback: default}\n",
    { NULL } },
  { "group-with-a-strange-strategy", KEYED ENTRIES "groups:\n- {name: a, accounts: [far], strategy: best}\n",
    { "!7:40: strategy must be one of round-robin, fill-first, weighted-round-robin, quota-aware (found \"best\")" } },
};
/* clang-format on */

static WeirConfig *
parse (const char *yaml)
{
  g_autoptr (GError) error = NULL;
  WeirConfig *config = weir_config_parse (yaml, strlen (yaml), "f", NULL, &error);

  g_assert_no_error (error);
  return config;
}

static void
assert_words (char **words, const char *joined)
{
  g_autofree char *found = g_strjoinv (" ", words);

  g_assert_cmpstr (found, ==, joined);
}

static void
test_key_holds_its_rights (void)
{
  g_autoptr (WeirConfig) config
      = parse (ENTRIES "api-keys:\n- " KEY "1\n- key: ' " KEY "2'\n"
                       "  name: laptop\n  note: |\n    two\n    lines\n  disabled: true\n"
                       "  expires: 2100-01-01T01:00:00+01:00\n"
                       "  allowed-models: [Claude-*, claude-*]\n  excluded-models: [x]\n"
                       "  accounts: [groq]\n  system-prompt: \"a\\nb\"\n"
                       "  requests-per-minute: 1\n  tokens-per-minute: 2\n"
                       "  requests-per-day: 3\n  concurrent-requests: 4\n"
                       "  spending-per-day: 5.5\n  spending-per-month: 6\n");
  const WeirConfigClientKey *plain = g_ptr_array_index (config->client_keys, 0);
  const WeirConfigClientKey *key = g_ptr_array_index (config->client_keys, 1);

  g_assert_cmpuint (config->client_keys->len, ==, 2);
  g_assert_null (plain->name);
  g_assert_false (plain->disabled);
  g_assert_cmpint (plain->expires_us, ==, 0);
  assert_words (plain->allowed_models, "");
  assert_words (plain->groups, "");
  g_assert_true (weir_slice_equal (weir_secret_reveal (key->key), WEIR_SLICE (KEY "2")));
  g_assert_cmpstr (key->name, ==, "laptop");
  g_assert_cmpstr (key->note, ==, "two\nlines");
  g_assert_true (key->disabled);
  g_assert_cmpint (key->expires_us, ==, INT64_C (4102444800) * WEIR_USEC_PER_SEC);
  assert_words (key->allowed_models, "claude-*");
  assert_words (key->excluded_models, "x");
  assert_words (key->accounts, "groq");
  g_assert_cmpstr (key->system_prompt, ==, "a\nb");
  g_assert_cmpuint (key->requests_per_minute, ==, 1);
  g_assert_cmpuint (key->tokens_per_minute, ==, 2);
  g_assert_cmpuint (key->requests_per_day, ==, 3);
  g_assert_cmpuint (key->concurrent_requests, ==, 4);
  g_assert_cmpfloat (key->spending_per_day, ==, 5.5);
  g_assert_cmpfloat (key->spending_per_month, ==, 6);
  g_assert_cmpuint (key->line, ==, 7);
}

static void
test_group_holds_its_parts (void)
{
  g_autoptr (WeirConfig) config
      = parse (ENTRIES "groups:\n- name: /Work_1/\n  description: d\n  accounts: [Groq]\n"
                       "  prefixes: [team]\n  allowed-models: [A*]\n  strategy: FF\n"
                       "  exclude-from-default: yes\n  fallback: Default\n"
                       "- {name: rest, accounts: ['*']}\n");
  const WeirConfigGroup *work = g_ptr_array_index (config->groups, 0);
  const WeirConfigGroup *rest = g_ptr_array_index (config->groups, 1);

  g_assert_cmpuint (config->groups->len, ==, 2);
  g_assert_cmpstr (work->name, ==, "work_1");
  g_assert_cmpstr (work->description, ==, "d");
  assert_words (work->accounts, "Groq");
  assert_words (work->prefixes, "team");
  assert_words (work->allowed_models, "a*");
  g_assert_cmpint (work->strategy, ==, WEIR_STRATEGY_FILL_FIRST);
  g_assert_true (work->exclude_from_default);
  g_assert_cmpstr (work->fallback, ==, "default");
  g_assert_cmpuint (work->line, ==, 6);
  g_assert_cmpint (rest->strategy, ==, -1);
  g_assert_null (rest->fallback);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_samples ("config-access", samples, G_N_ELEMENTS (samples));
  g_test_add_func ("/config-access/key-holds-its-rights", test_key_holds_its_rights);
  g_test_add_func ("/config-access/group-holds-its-parts", test_group_holds_its_parts);
  return g_test_run ();
}
