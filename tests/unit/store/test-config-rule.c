/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rules about errors and bodies, and what the oauth-* keys say. */

#include "config-sample.h"

#define ENTRY KEYED "claude-api-key:\n- api-key: k\n  request-scoped-errors:\n"
#define RULE KEYED "payload:\n  "

/* clang-format off */
static const ConfigSample samples[] = {
  { "whole-rule", ENTRY "  - {status: 400, match: [a], action: stop}\n", { NULL } },
  { "rule-without-status", ENTRY "  - {match: [a], action: stop}\n",
    { "?5:5: rule of request-scoped-errors left out: it has no status" } },
  { "rule-without-action", ENTRY "  - {status: 400, match: [a]}\n",
    { "?5:5: rule of request-scoped-errors left out: it has no action" } },
  { "rule-without-match", ENTRY "  - {status: 400, match: [''], action: stop}\n",
    { "?5:5: rule of request-scoped-errors left out: it has no match and no match-regexr" } },
  { "rule-with-a-strange-status", ENTRY "  - {status: 42, match: [a], action: stop}\n",
    { "!5:14: status must be between 100 and 599 (found 42)",
      "?5:5: rule of request-scoped-errors left out: it has no status" } },
  { "rule-with-a-strange-action", ENTRY "  - {status: 400, match: [a], action: halt}\n",
    { "!5:39: action must be one of stop, stop-and-cooldown, continue, continue-and-cooldown (found \"halt\")",
      "?5:5: rule of request-scoped-errors left out: it has no action" } },
  { "rule-with-a-broken-expression", ENTRY "  - {status: 400, match-regexr: ['('], action: stop}\n",
    { "!5:33: match-regexr: *" } },
  { "rule-is-no-map", ENTRY "  - stop\n",
    { "!5:5: an item of request-scoped-errors must be a map with status, match and action" } },
  { "aliases-that-say-nothing",
    KEYED "oauth-model-alias:\n  claude:\n  - {name: a}\n  - {name: a, alias: A}\n  - {name: a, alias: b}\n"
    "  - {name: c, alias: B}\n",
    { "?4:5: alias left out: it needs both name and alias",
      "?5:5: alias left out: name and alias are the same",
      "?7:5: alias left out: the one in line 6 has the same name" } },
  { "aliases-that-go-round",
    KEYED "oauth-model-alias:\n  claude:\n  - {name: a, alias: b}\n  - {name: b, alias: a}\n",
    { "!4:5: alias loop: b -> a -> b (lines 4, 5)" } },
  { "channel-is-no-list", KEYED "oauth-excluded-models: {claude: a}\n",
    { "!2:33: oauth-excluded-models must be a list (lines that begin with -)" } },
  { "payload-with-a-slip", RULE "overide: []\n", { "?3:3: unknown key \"overide\"; did you mean \"override\"?" } },
  { "payload-is-no-list", RULE "override: {a: 1}\n",
    { "!3:13: payload.override must be a list (lines that begin with -)" } },
  { "payload-of-no-model", RULE "override:\n  - params: {a: 1}\n",
    { "?4:5: rule of payload.override left out: it has no list of models; [{name: \"*\"}] is every model" } },
  { "payload-of-a-model-without-name", RULE "filter:\n  - models: [{protocol: claude}]\n    params: [a]\n",
    { "?4:14: rule of payload.filter left out: an item of its models has no name; * is every model" } },
  { "payload-without-params", RULE "default:\n  - models: [{name: '*'}]\n",
    { "?4:5: rule of payload.default left out: it has no params" } },
  { "payload-with-a-list-of-params", RULE "default:\n  - models: [{name: '*'}]\n    params: [a]\n",
    { "?5:13: rule of payload.default left out: its params must be a map of path: value" } },
  { "filter-with-a-map-of-params", RULE "filter:\n  - models: [{name: '*'}]\n    params: {a: 1}\n",
    { "?5:13: rule of payload.filter left out: its params must be a list" } },
  { "payload-that-is-a-word", RULE "filter:\n  - a\n",
    { "?4:5: rule of payload.filter left out: it must be a map with models and params" } },
  { "drop-tools-may-be-words", RULE "drop-tools: [a, b]\n", { NULL } },
  { "tests-of-the-wrong-shape", RULE "filter:\n  - models: [{name: '*', match: [a]}]\n    params: [a]\n",
    { "?4:34: rule of payload.filter left out: its tests must be maps of path: value" } },
  { "tests-of-one-path", RULE "filter:\n  - models: [{name: '*', exist: a, not-exist: [b], match: {c: 1}}]\n    params: [a]\n",
    { NULL } },
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
test_error_rules_hold_what_they_match (void)
{
  g_autoptr (WeirConfig) config = parse (
      ENTRY "  - {status: 400, match: [Aa, b], action: stop}\n"
            "  - {status: 500, match-regexr: ['a+$'], action: Continue-And-Cooldown}\n");
  const WeirConfigEntry *entry = g_ptr_array_index (config->entries, 0);
  const WeirErrorRule *first = g_ptr_array_index (entry->error_rules, 0);
  const WeirErrorRule *second = g_ptr_array_index (entry->error_rules, 1);

  g_assert_cmpuint (entry->error_rules->len, ==, 2);
  g_assert_cmpuint (first->status, ==, 400);
  g_assert_cmpuint (first->match->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (first->match, 0), ==, "Aa");
  g_assert_cmpint (first->action, ==, WEIR_ERROR_RULE_STOP);
  g_assert_cmpuint (second->regexes->len, ==, 1);
  g_assert_cmpint (second->action, ==, WEIR_ERROR_RULE_CONTINUE_AND_COOLDOWN);
}

static void
test_channels_gather_what_three_keys_say (void)
{
  g_autoptr (WeirConfig) config
      = parse ("oauth-model-alias:\n  Claude: [{name: a, alias: b, fork: true}]\n"
               "oauth-excluded-models: {claude: [C*], codex: [d]}\n"
               "oauth-request-scoped-errors:\n"
               "  claude: [{status: 400, match: [x], action: stop}]\n");
  const WeirConfigChannel *claude = g_ptr_array_index (config->channels, 0);
  const WeirConfigModel *model = g_ptr_array_index (claude->models, 0);

  g_assert_cmpuint (config->channels->len, ==, 2);
  g_assert_cmpstr (claude->name, ==, "claude");
  g_assert_cmpstr (model->name, ==, "a");
  g_assert_cmpstr (model->alias, ==, "b");
  g_assert_true (model->fork);
  g_assert_cmpstr (claude->excluded_models[0], ==, "c*");
  g_assert_cmpuint (claude->error_rules->len, ==, 1);
}

static void
test_payload_is_never_absent (void)
{
  g_autoptr (WeirConfig) none = parse ("port: 1\n");
  g_autoptr (WeirConfig) some = parse ("payload: {drop-tools: [a]}\n");

  g_assert_true (weir_payload_is_empty (none->payload));
  g_assert_false (weir_payload_is_empty (some->payload));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_samples ("config-rule", samples, G_N_ELEMENTS (samples));
  g_test_add_func ("/config-rule/error-rules-hold-what-they-match",
                   test_error_rules_hold_what_they_match);
  g_test_add_func ("/config-rule/channels-gather-what-three-keys-say",
                   test_channels_gather_what_three_keys_say);
  g_test_add_func ("/config-rule/payload-is-never-absent", test_payload_is_never_absent);
  return g_test_run ();
}
