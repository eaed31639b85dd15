/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of the configuration share among themselves: remarks, and the parts of a
 * snapshot. */

#include "store/weir-config-tree.h"

/* Adds a remark to @notices (of WeirConfigNotice); @at with line 0 is the whole file.
 * Beyond a hundred remarks only a first fatal one is still added. */
void weir_config_report (GPtrArray *notices,
                         gboolean fatal,
                         WeirConfigMark at,
                         const char *format,
                         ...) G_GNUC_PRINTF (4, 5);

/* The same, fatal; returns FALSE, so that a reader may write `return weir_config_refuse`.
 */
gboolean weir_config_refuse (GPtrArray *notices, WeirConfigMark at, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

gboolean weir_config_has_fatal (GPtrArray *notices);

/* WEIR_ERROR_CONFIG of every fatal notice, a line each. */
void weir_config_set_error (GPtrArray *notices, const char *file_name, GError **error);

/* Empty, with what is meant where the file says nothing. */
void weir_config_entry_init (WeirConfigEntry *self, WeirConfigKind kind, unsigned line);
WeirConfigClientKey *weir_config_client_key_new (WeirConfigMark at);
WeirConfigGroup *weir_config_group_new (WeirConfigMark at);
WeirConfigChannel *weir_config_channel_new (const char *name);

/* These free what a part holds, not the part. */
void weir_config_entry_clear (WeirConfigEntry *self);
void weir_config_credential_clear (WeirConfigCredential *self);
/* These free all of it. (nullable) */
void weir_config_credential_free (WeirConfigCredential *self);
void weir_config_model_free (WeirConfigModel *self);
void weir_config_header_free (WeirConfigHeader *self);
void weir_config_client_key_free (WeirConfigClientKey *self);
void weir_config_group_free (WeirConfigGroup *self);
void weir_config_channel_free (WeirConfigChannel *self);
void weir_config_vendor_host_free (WeirConfigVendorHost *self);
void weir_config_oauth_client_free (WeirConfigOauthClient *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirConfigCredential, weir_config_credential_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirConfigModel, weir_config_model_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirConfigHeader, weir_config_header_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirConfigClientKey, weir_config_client_key_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirConfigGroup, weir_config_group_free)

/* Fills @config from the tree: types, ranges, the dropping rules of the lists.
 * @root (nullable).  @passthru (nullable): what the variable PASSTHRU_MODELS_JSON holds. */
void weir_config_read (WeirConfig *config,
                       const WeirConfigNode *root,
                       const char *passthru,
                       GPtrArray *notices);

/* The rules between keys.  @with_files: the files that the keys name are looked at too. */
void weir_config_check (const WeirConfig *config,
                        const WeirConfigNode *root,
                        gboolean with_files,
                        GPtrArray *notices);

/* Reads the key files that entries name. */
void weir_config_read_service_accounts (WeirConfig *config, GPtrArray *notices);

/* (transfer full): a random client key of 256 bits, to be wiped. */
char *weir_config_make_key (void);
