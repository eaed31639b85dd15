/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The keys in the items of `api-keys` and `groups`, and inside `payload`. */

#include "config.h"

#include "store/weir-config-rows.h"

#define CLIENT WEIR_CONFIG_IN_CLIENT_KEY
#define GROUP WEIR_CONFIG_IN_GROUP
#define RULE WEIR_CONFIG_IN_PAYLOAD_RULE
#define MODEL WEIR_CONFIG_IN_PAYLOAD_MODEL
#define IN_CLIENT(member) .offset = offsetof (WeirConfigClientKey, member)
#define IN_GROUP(member) .offset = offsetof (WeirConfigGroup, member)
#define IN_MODEL(member) .offset = offsetof (WeirConfigPayloadModelDraft, member)
#define TEST(kind) IN_MODEL (tests[WEIR_PAYLOAD_TEST_##kind])
#define OURS .since = WEIR_CONFIG_OURS
#define LIMIT RANGE (0, 1000000000), OURS

#define SECTION(name, kind)                                                                \
  {                                                                                        \
    WEIR_CONFIG_IN_PAYLOAD, name, WEIR_CONFIG_TYPE_NODE,                                   \
        .offset = offsetof (WeirConfigPayloadDraft, sections[WEIR_PAYLOAD_##kind])         \
  }

/* clang-format off */
static const WeirConfigKey rows[] = {
  { CLIENT, "key", WEIR_CONFIG_TYPE_SECRET, IN_CLIENT (key), OURS },
  { CLIENT, "api-key", WEIR_CONFIG_TYPE_SECRET, IN_CLIENT (key), OURS },
  { CLIENT, "name", WEIR_CONFIG_TYPE_STRING, IN_CLIENT (name), OURS },
  { CLIENT, "note", WEIR_CONFIG_TYPE_TEXT, IN_CLIENT (note), OURS },
  { CLIENT, "disabled", WEIR_CONFIG_TYPE_BOOL, IN_CLIENT (disabled), OURS },
  { CLIENT, "expires", WEIR_CONFIG_TYPE_TIME, IN_CLIENT (expires_us), OURS },
  { CLIENT, "allowed-models", WEIR_CONFIG_TYPE_GLOBS, IN_CLIENT (allowed_models), OURS },
  { CLIENT, "excluded-models", WEIR_CONFIG_TYPE_GLOBS, IN_CLIENT (excluded_models), OURS },
  { CLIENT, "accounts", WEIR_CONFIG_TYPE_STRINGS, IN_CLIENT (accounts), OURS },
  { CLIENT, "groups", WEIR_CONFIG_TYPE_GLOBS, IN_CLIENT (groups), OURS },
  { CLIENT, "system-prompt", WEIR_CONFIG_TYPE_TEXT, IN_CLIENT (system_prompt), OURS },
  { CLIENT, "requests-per-minute", WEIR_CONFIG_TYPE_COUNT, IN_CLIENT (requests_per_minute), LIMIT },
  { CLIENT, "tokens-per-minute", WEIR_CONFIG_TYPE_COUNT, IN_CLIENT (tokens_per_minute), LIMIT },
  { CLIENT, "requests-per-day", WEIR_CONFIG_TYPE_COUNT, IN_CLIENT (requests_per_day), LIMIT },
  { CLIENT, "concurrent-requests", WEIR_CONFIG_TYPE_COUNT, IN_CLIENT (concurrent_requests), LIMIT },
  { CLIENT, "spending-per-day", WEIR_CONFIG_TYPE_AMOUNT, IN_CLIENT (spending_per_day),
    .is_idle = TRUE, OURS },
  { CLIENT, "spending-per-month", WEIR_CONFIG_TYPE_AMOUNT, IN_CLIENT (spending_per_month),
    .is_idle = TRUE, OURS },

  { GROUP, "name", WEIR_CONFIG_TYPE_GROUP_NAME, IN_GROUP (name), OURS },
  { GROUP, "description", WEIR_CONFIG_TYPE_TEXT, IN_GROUP (description), OURS },
  { GROUP, "accounts", WEIR_CONFIG_TYPE_STRINGS, IN_GROUP (accounts), OURS },
  { GROUP, "prefixes", WEIR_CONFIG_TYPE_STRINGS, IN_GROUP (prefixes), OURS },
  { GROUP, "allowed-models", WEIR_CONFIG_TYPE_GLOBS, IN_GROUP (allowed_models), OURS },
  { GROUP, "strategy", WEIR_CONFIG_TYPE_WORD, IN_GROUP (strategy),
    .words = weir_config_strategies, OURS },
  { GROUP, "exclude-from-default", WEIR_CONFIG_TYPE_BOOL, IN_GROUP (exclude_from_default), OURS },
  { GROUP, "fallback", WEIR_CONFIG_TYPE_GROUP_NAME, IN_GROUP (fallback), OURS },

  SECTION ("default", DEFAULT),
  SECTION ("default-raw", DEFAULT_RAW),
  SECTION ("override", OVERRIDE),
  SECTION ("override-raw", OVERRIDE_RAW),
  SECTION ("filter", FILTER),
  SECTION ("drop-tools", DROP_TOOLS),

  { RULE, "models", WEIR_CONFIG_TYPE_NODE, .offset = offsetof (WeirConfigPayloadRuleDraft, models) },
  { RULE, "params", WEIR_CONFIG_TYPE_NODE, .offset = offsetof (WeirConfigPayloadRuleDraft, params) },

  { MODEL, "name", WEIR_CONFIG_TYPE_STRING, IN_MODEL (name) },
  { MODEL, "protocol", WEIR_CONFIG_TYPE_STRING, IN_MODEL (protocol) },
  { MODEL, "from-protocol", WEIR_CONFIG_TYPE_STRING, IN_MODEL (from_protocol),
    .since = WEIR_CONFIG_SINCE_7 },
  { MODEL, "headers", WEIR_CONFIG_TYPE_NODE, IN_MODEL (headers), .since = WEIR_CONFIG_SINCE_7 },
  { MODEL, "match", WEIR_CONFIG_TYPE_NODE, TEST (MATCH), .since = WEIR_CONFIG_SINCE_7 },
  { MODEL, "not-match", WEIR_CONFIG_TYPE_NODE, TEST (NOT_MATCH), .since = WEIR_CONFIG_SINCE_7 },
  { MODEL, "exist", WEIR_CONFIG_TYPE_NODE, TEST (EXIST), .since = WEIR_CONFIG_SINCE_7 },
  { MODEL, "not-exist", WEIR_CONFIG_TYPE_NODE, TEST (NOT_EXIST), .since = WEIR_CONFIG_SINCE_7 },
};
/* clang-format on */

const WeirConfigRows weir_config_rows_access = { rows, G_N_ELEMENTS (rows) };
