/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How the files of the check share the work. */

#include "store/weir-config-private.h"

typedef struct
{
  const WeirConfig *config;   /* (unowned) */
  const WeirConfigNode *root; /* (unowned) (nullable) */
  GPtrArray *notices;         /* (unowned) of WeirConfigNotice */
} WeirConfigChecker;

/* The mark of a value, or the whole file where the key is absent. */
WeirConfigMark weir_config_checker_find_mark (const WeirConfigChecker *self,
                                              const char *key);

/* Client keys: what they may present, and what they may ask. */
void weir_config_check_client_keys (const WeirConfigChecker *self);
/* The files of tls; reads them, and blocks. */
void weir_config_check_tls_files (const WeirConfigChecker *self);
/* Groups: what they are made of, and where they lead. */
void weir_config_check_groups (const WeirConfigChecker *self);
/* Names of models and of entries. */
void weir_config_check_names (const WeirConfigChecker *self);

/* Is @glob (a name, or with `*`) one of an entry or of one of its seats ("groq#2")? */
gboolean weir_config_entry_is_called (const WeirConfigEntry *entry, const char *glob);

/* Is the entry in the group, by name or prefix? */
gboolean weir_config_group_has_entry (const WeirConfigGroup *group,
                                      const WeirConfigEntry *entry);

/* (nullable): the group called @name. */
const WeirConfigGroup *weir_config_find_group (const WeirConfig *config, const char *name);

/* Reports at @at what is wrong with a list of names of accounts, each of which must be an
 * entry of the file; @whose stands before the message. */
void weir_config_check_accounts (const WeirConfigChecker *self,
                                 const char *whose,
                                 char *const *accounts,
                                 WeirConfigMark at);

/* Reports that there is no group called @name. */
void weir_config_report_no_group (const WeirConfigChecker *self,
                                  const char *whose,
                                  const char *name,
                                  WeirConfigMark at);
