/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The tray's menu, made of a model.  Pure: the same model and time give the same rows, and
 * each row's key stays the same from one model to the next.
 *
 * Actions that rows ask for, with what they are asked with:
 *
 *   start, stop, quit            -
 *   copy                   s     "openai", "claude", "gemini": a base URL
 *   copy-model             s     what a client asks for
 *   show                   s     page of the window: "quota", "accounts", "models",
 * "agents", "keys", "test", "import", "environment", "preferences" show-account           s
 * id: its page add-account            (ss)  provider, way ("": the provider's first)
 *   sign-in-again          s     id
 *   toggle-account         s     id: on or off
 *   prefer-account         s     id
 *   clear-rests            s     id
 *   open-usage-page        s     id: its vendor's page of what is used
 *   open-status-page       s     id: … of what does not work now
 *   reset-limit            s     id: the window asks whether it is to be
 *   refresh                s     id, or "": all
 *   unlock                 -     the keyring
 *   show-in-icon           s     id; kept by WeirTray itself
 */

#include "tray/weir-menu.h"
#include "tray/weir-tray-model.h"

/* Rows at the top that are no dividers: at most, and in the usual case (four accounts, one
 * notice). */
#define WEIR_TRAY_MENU_ROWS_MAX 18
#define WEIR_TRAY_MENU_ROWS_USUAL 14

/* @in_icon (nullable): id of the account that the icon shows.  Ids of rows are not given.
 */
WeirMenuRow *
weir_tray_menu_build (const WeirTrayModel *model, const char *in_icon, int64_t now_us);
