/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rules between keys: who may come in from where, and TLS; names and rights are in
 * weir-config-check-*.c.  Where the outcome differs from CLIProxyAPI's for the same file, a
 * notice says so once. */

#include "config.h"

#include "store/weir-config-check.h"
#include "store/weir-config-url.h"

WeirConfigMark
weir_config_checker_find_mark (const WeirConfigChecker *self, const char *key)
{
  const WeirConfigNode *node = weir_config_node_lookup (self->root, key);

  return node != NULL ? node->start : (WeirConfigMark){ 0 };
}

static void
check_reach (const WeirConfigChecker *self)
{
  const WeirConfig *config = self->config;
  gboolean has_keys = config->client_keys->len > 0;
  const WeirConfigNode *host = weir_config_node_lookup (self->root, "host");

  if (*config->host != '\0' && !config->listen_lan
      && !weir_config_is_loopback (config->host))
    weir_config_report (
        self->notices, TRUE, weir_config_checker_find_mark (self, "host"),
        "host %s would open the proxy to the network; set listen-lan: true if "
        "you mean it",
        config->host);
  if (config->listen_lan && !has_keys)
    weir_config_report (self->notices, TRUE,
                        weir_config_checker_find_mark (self, "listen-lan"),
                        "listen-lan needs at least one entry in api-keys");
  if (config->allow_unauthenticated && weir_config_listens_wider (config))
    weir_config_report (self->notices, TRUE,
                        weir_config_checker_find_mark (self, "allow-unauthenticated"),
                        "allow-unauthenticated is for this machine only; remove it, or "
                        "listen-lan");

  /* here CLIProxyAPI would do something else */
  if (host != NULL && host->kind == WEIR_CONFIG_NODE_SCALAR
      && weir_config_node_get_text (host).length == 0
      && weir_config_node_lookup (self->root, "listen-lan") == NULL)
    weir_config_report (
        self->notices, FALSE, weir_config_checker_find_mark (self, "host"),
        "an empty host listens on this machine only; set listen-lan: true to "
        "let others in");
  if (!has_keys && !config->listen_lan && !config->allow_unauthenticated)
    weir_config_report (
        self->notices, FALSE, weir_config_checker_find_mark (self, "api-keys"),
        "api-keys is empty, so every request is refused (401); add a key, or "
        "set allow-unauthenticated: true");
}

static void
check_tls (const WeirConfigChecker *self)
{
  const WeirConfig *config = self->config;

  if (config->tls_enable && (*config->tls_certificate == '\0' || *config->tls_key == '\0'))
    weir_config_report (self->notices, TRUE, weir_config_checker_find_mark (self, "tls"),
                        "tls.enable needs tls.cert and tls.key, paths of PEM files");
}

void
weir_config_check (const WeirConfig *config,
                   const WeirConfigNode *root,
                   gboolean with_files,
                   GPtrArray *notices)
{
  WeirConfigChecker self = { .config = config, .root = root, .notices = notices };

  check_reach (&self);
  check_tls (&self);
  if (with_files)
    weir_config_check_tls_files (&self);
  weir_config_check_client_keys (&self);
  weir_config_check_groups (&self);
  weir_config_check_names (&self);
}
