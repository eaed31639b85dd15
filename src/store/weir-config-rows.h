/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The parts of the table, and the words its rows are written with. */

#include "store/weir-config-table.h"

typedef struct
{
  const WeirConfigKey *rows;
  size_t n_rows;
} WeirConfigRows;

extern const WeirConfigRows weir_config_rows_file;
extern const WeirConfigRows weir_config_rows_item;
extern const WeirConfigRows weir_config_rows_access;
extern const WeirConfigRows weir_config_rows_later;

/* The names of WeirStrategy. */
extern const WeirConfigWord weir_config_strategies[];

#define FILE_ROW WEIR_CONFIG_IN_FILE
#define ENTRY (WEIR_CONFIG_IN_KEY_ENTRY | WEIR_CONFIG_IN_COMPAT)
#define IN_FILE(member) .offset = offsetof (WeirConfig, member)
#define IN_ENTRY(member) .offset = offsetof (WeirConfigDraft, entry.member)
#define IN_OWN(member) .offset = offsetof (WeirConfigDraft, own.member)
#define IN_CREDENTIAL(member)                                                              \
  .offset = offsetof (WeirConfigCredentialDraft, credential.member)
#define RANGE(low, high) .minimum = (low), .maximum = (high)
