/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The keys in the items of lists: entries of the provider lists, and what is inside them.
 */

#include "config.h"

#include "store/weir-config-rows.h"

/* clang-format off */
static const WeirConfigKey rows[] = {
  { WEIR_CONFIG_IN_COMPAT, "name", WEIR_CONFIG_TYPE_STRING, IN_ENTRY (name) },
  { WEIR_CONFIG_IN_COMPAT, "disabled", WEIR_CONFIG_TYPE_BOOL, .since = WEIR_CONFIG_SINCE_7,
    .offset = offsetof (WeirConfigDraft, disabled) },
  { WEIR_CONFIG_IN_KEY_ENTRY, "api-key", WEIR_CONFIG_TYPE_SECRET, IN_OWN (api_key) },
  { WEIR_CONFIG_IN_KEY_ENTRY, "proxy-url", WEIR_CONFIG_TYPE_PROXY_URL, IN_OWN (proxy_url) },
  { ENTRY, "base-url", WEIR_CONFIG_TYPE_BASE_URL, IN_ENTRY (base_url) },
  { ENTRY, "prefix", WEIR_CONFIG_TYPE_PREFIX, IN_ENTRY (prefix) },
  { ENTRY, "priority", WEIR_CONFIG_TYPE_NUMBER, IN_ENTRY (priority),
    RANGE (-1000000, 1000000) },
  { ENTRY, "weight", WEIR_CONFIG_TYPE_COUNT, IN_ENTRY (weight), RANGE (0, 1000000),
    .since = WEIR_CONFIG_SINCE_7 },
  { ENTRY, "disable-cooling", WEIR_CONFIG_TYPE_SWITCH, IN_ENTRY (disable_cooling),
    .since = WEIR_CONFIG_SINCE_7 },
  { ENTRY, "request-retry", WEIR_CONFIG_TYPE_NUMBER, IN_ENTRY (request_retry),
    RANGE (-1000000, 100), .since = WEIR_CONFIG_SINCE_7 },
  { ENTRY, "allow-plain", WEIR_CONFIG_TYPE_BOOL, IN_ENTRY (allow_plain),
    .since = WEIR_CONFIG_OURS },
  { ENTRY, "headers", WEIR_CONFIG_TYPE_HEADERS, IN_ENTRY (headers) },
  { ENTRY, "models", WEIR_CONFIG_TYPE_MODELS, IN_ENTRY (models) },
  { ENTRY, "excluded-models", WEIR_CONFIG_TYPE_GLOBS, IN_ENTRY (excluded_models) },
  { WEIR_CONFIG_IN_COMPAT, "api-key-entries", WEIR_CONFIG_TYPE_CREDENTIALS,
    IN_ENTRY (credentials) },
  { WEIR_CONFIG_IN_COMPAT, "api-keys", WEIR_CONFIG_TYPE_CREDENTIAL_KEYS,
    IN_ENTRY (credentials), .since = WEIR_CONFIG_SINCE_OLD },
  { WEIR_CONFIG_IN_CREDENTIAL, "api-key", WEIR_CONFIG_TYPE_SECRET, IN_CREDENTIAL (api_key) },
  { WEIR_CONFIG_IN_CREDENTIAL, "proxy-url", WEIR_CONFIG_TYPE_PROXY_URL,
    IN_CREDENTIAL (proxy_url) },
  { WEIR_CONFIG_IN_CREDENTIAL, "weight", WEIR_CONFIG_TYPE_COUNT, IN_CREDENTIAL (weight),
    RANGE (0, 1000000), .since = WEIR_CONFIG_SINCE_7 },
  { WEIR_CONFIG_IN_CREDENTIAL, "disabled", WEIR_CONFIG_TYPE_BOOL, .since = WEIR_CONFIG_OURS,
    .offset = offsetof (WeirConfigCredentialDraft, disabled) },
  { WEIR_CONFIG_IN_MODEL, "name", WEIR_CONFIG_TYPE_STRING,
    .offset = offsetof (WeirConfigModel, name) },
  { WEIR_CONFIG_IN_MODEL, "alias", WEIR_CONFIG_TYPE_STRING,
    .offset = offsetof (WeirConfigModel, alias) },
  { WEIR_CONFIG_IN_MODEL, "display-name", WEIR_CONFIG_TYPE_STRING,
    .since = WEIR_CONFIG_SINCE_7, .offset = offsetof (WeirConfigModel, display_name) },
  { WEIR_CONFIG_IN_MODEL, "max-context-length", WEIR_CONFIG_TYPE_COUNT,
    RANGE (0, 1000000000), .since = WEIR_CONFIG_SINCE_7,
    .offset = offsetof (WeirConfigModel, max_context_length) },
  { WEIR_CONFIG_IN_MODEL, "force-mapping", WEIR_CONFIG_TYPE_BOOL,
    .since = WEIR_CONFIG_SINCE_7, .offset = offsetof (WeirConfigModel, force_mapping) },
};
/* clang-format on */

const WeirConfigRows weir_config_rows_item = { rows, G_N_ELEMENTS (rows) };
