/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Single values of the configuration as text, for faces that show them one by one. */

#include "store/weir-config-table.h"

/* (transfer full) (nullable): what @config has for the row @key (of
 * WEIR_CONFIG_IN_SETTINGS), as weir_config_edit_set_scalar takes it; NULL: the row is not
 * one value. */
char *weir_config_dup_value (const WeirConfig *config, const WeirConfigKey *key);

/* (transfer full): the address @url (nullable: "") with "…" in the place of a password. */
char *weir_config_dup_shown_url (const char *url);
