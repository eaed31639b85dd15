/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a tray says of an account, a line a fact.  Pure; each result is at most
 * WEIR_MENU_LABEL_MAX characters long and the caller's (transfer full). */

#include "tray/weir-tray-model.h"

/* "Running on 127.0.0.1:8317", "Stopped", or the problem. */
char *weir_tray_line_state (const WeirTrayModel *model);

/* "Claude – work", with the mail address masked anew where the model is private. */
char *weir_tray_line_account_name (const WeirTrayModel *model,
                                   const WeirTrayAccount *account);
/* The name, and what is left: "Claude – work: 5 h 58 % · week 39 % left".  What does not
 * fit is left away, the tightest window last. */
char *weir_tray_line_account (const WeirTrayModel *model,
                              const WeirTrayAccount *account,
                              int64_t now_us);
/* "Claude – work: 5 h 42 % used, resets 14:20". */
char *weir_tray_line_tooltip (const WeirTrayModel *model,
                              const WeirTrayAccount *account,
                              int64_t now_us);
/* "w…@e… · Max 20x · ready". */
char *weir_tray_line_identity (const WeirTrayModel *model, const WeirTrayAccount *account);
/* "5 h: 42 % used · resets in 2 h 17 min · on pace". */
char *weir_tray_line_window (const WeirTrayWindow *window, int64_t now_us);
/* (nullable): "from answers, 1 min ago". */
char *weir_tray_line_source (const WeirTrayAccount *account, int64_t now_us);
