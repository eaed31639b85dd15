/* SPDX-License-Identifier: GPL-3.0-or-later */

/* CLIProxyAPI's keys that have no effect here yet (its source of versions 6.9 and 7.2, read
 * 2026-08): a file of it is never called wrong. */

#include "config.h"

#include "store/weir-config-rows.h"

#define LATER(place, name, version)                                                        \
  {                                                                                        \
    (place), name, WEIR_CONFIG_TYPE_LATER, .since = WEIR_CONFIG_SINCE_##version            \
  }
/* clang-format off */
static const WeirConfigKey rows[] = {
  LATER (FILE_ROW, "ampcode", OLD),
  LATER (FILE_ROW, "amp-model-mappings", OLD),
  LATER (FILE_ROW, "amp-restrict-management-to-localhost", OLD),
  LATER (FILE_ROW, "amp-upstream-api-key", OLD),
  LATER (FILE_ROW, "amp-upstream-url", OLD),
  LATER (FILE_ROW, "antigravity", 7),
  LATER (FILE_ROW, "antigravity-signature-bypass-strict", 6),
  LATER (FILE_ROW, "antigravity-signature-cache-enabled", 6),
  LATER (FILE_ROW, "auth-auto-refresh-workers", 6),
  LATER (FILE_ROW, "claude-code", 7),
  LATER (FILE_ROW, "claude-header-defaults", 6),
  LATER (FILE_ROW, "codex", 7),
  LATER (FILE_ROW, "codex-header-defaults", 6),
  LATER (FILE_ROW, "commercial-mode", 6),
  LATER (FILE_ROW, "credential-concurrency", 7),
  LATER (FILE_ROW, "credential-in-flight", 7),
  LATER (FILE_ROW, "disable-claude-cloak-mode", 7),
  LATER (FILE_ROW, "disable-image-generation", 7),
  LATER (FILE_ROW, "enable-gemini-cli-endpoint", OLD),
  LATER (FILE_ROW, "error-logs-max-files", 6),
  LATER (FILE_ROW, "generative-language-api-key", OLD),
  LATER (FILE_ROW, "gpt-image-2-base-model", 7),
  LATER (FILE_ROW, "interactions-api-key", 7),
  LATER (FILE_ROW, "plugins", 7),
  LATER (FILE_ROW, "pprof", 6),
  LATER (FILE_ROW, "redis-usage-queue-retention-seconds", 7),
  LATER (FILE_ROW, "remote-management", 6),
  LATER (FILE_ROW, "request-log", 6),
  LATER (FILE_ROW, "usage-statistics-enabled", 6),
  LATER (FILE_ROW, "video-result-auth-cache-ttl", 7),
  LATER (FILE_ROW, "ws-auth", 6),
  LATER (FILE_ROW, "xai", 7),
  LATER (FILE_ROW, "xai-api-key", 7),
  LATER (WEIR_CONFIG_IN_ROUTING, "routing.session-affinity-subagents", 7),
  LATER (WEIR_CONFIG_IN_COMPAT, "support-prompt-cache-key", 7),
  LATER (WEIR_CONFIG_IN_KEY_ENTRY, "alpha-search", 7),
  LATER (WEIR_CONFIG_IN_KEY_ENTRY, "cloak", 6),
  LATER (WEIR_CONFIG_IN_KEY_ENTRY, "experimental-cch-signing", 6),
  LATER (WEIR_CONFIG_IN_KEY_ENTRY, "fingerprint-profile", 7),
  LATER (WEIR_CONFIG_IN_KEY_ENTRY, "rebuild-mid-system-message", 7),
  LATER (WEIR_CONFIG_IN_KEY_ENTRY, "websockets", 6),
  LATER (WEIR_CONFIG_IN_MODEL, "image", 7),
  LATER (WEIR_CONFIG_IN_MODEL, "input-modalities", 7),
  LATER (WEIR_CONFIG_IN_MODEL, "is-compat", 7),
  LATER (WEIR_CONFIG_IN_MODEL, "output-modalities", 7),
  LATER (WEIR_CONFIG_IN_MODEL, "thinking", 7),
  LATER (WEIR_CONFIG_IN_PASSTHRU, "truncate-tools", OLD),
  LATER (WEIR_CONFIG_IN_MODEL_OVERRIDE, "thinking", OLD),
};
/* clang-format on */

const WeirConfigRows weir_config_rows_later = { rows, G_N_ELEMENTS (rows) };
