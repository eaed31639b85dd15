/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Between the files that make the tray's menu. */

#include "tray/weir-tray-menu.h"

typedef struct
{
  const WeirTrayModel *model; /* (unowned) */
  const char *in_icon;        /* (unowned) (nullable) */
  int64_t now_us;
} WeirTrayMenuView;

/* The middle of the menu: what the accounts have left. */
void weir_tray_menu_add_accounts (WeirMenuRow *parent, const WeirTrayMenuView *view);
/* "Models" with its groups. */
void weir_tray_menu_add_models (WeirMenuRow *parent, const WeirTrayModel *model);
/* "Add Account" with the providers. */
void weir_tray_menu_add_providers (WeirMenuRow *parent, const WeirTrayModel *model);
