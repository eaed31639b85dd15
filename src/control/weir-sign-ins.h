/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The sign-ins under way: several at once, one for each vendor, and each a minute behind
 * its end, so that it can be shown how it ended.  On the main loop.
 *
 * Signals: "added" (WeirSignIn, unsigned number), "removed" (the same): numbers grow from 1
 * and are not used again. */

#include "control/weir-sign-in.h"

#define WEIR_SIGN_INS_KEEP_US (60 * (int64_t)G_USEC_PER_SEC)

#define WEIR_TYPE_SIGN_INS (weir_sign_ins_get_type ())
G_DECLARE_FINAL_TYPE (WeirSignIns, weir_sign_ins, WEIR, SIGN_INS, GObject)

/* @tools: copied; see WeirSignInTools. */
WeirSignIns *weir_sign_ins_new (const WeirSignInTools *tools);

/* (transfer none): begins; where one to the same vendor is under way that one is cancelled.
 * Errors are sentences for the user: WEIR_ERROR_NOT_FOUND (no such vendor), else as
 * weir_login_new.
 *
 * @provider: id of a row, or another name of it.  @way (nullable): "browser", "paste",
 * "device"; NULL: the vendor's first; WEIR_ERROR_BAD_REQUEST.  @replaces (nullable), and
 * @opens_browser: as weir_sign_in_new.  @out_number (nullable). */
WeirSignIn *weir_sign_ins_begin (WeirSignIns *self,
                                 const char *provider,
                                 const char *way,
                                 const char *replaces,
                                 gboolean opens_browser,
                                 unsigned *out_number,
                                 GError **error);

/* (transfer none) (nullable) */
WeirSignIn *weir_sign_ins_lookup (WeirSignIns *self, unsigned number);

/* What they are made of, as long as they live. */
const WeirSignInTools *weir_sign_ins_get_tools (WeirSignIns *self);

/* How many are not over yet. */
unsigned weir_sign_ins_count_open (WeirSignIns *self);
/* Cancels all of them: before the process goes. */
void weir_sign_ins_cancel_all (WeirSignIns *self);
