/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A member of Account.Credits in words. */

#include <glib.h>
#include <stdint.h>

/* (transfer full): its name, "Limit resets". */
char *weir_credit_dup_name (GVariant *credit);

/* (transfer full): how much of it is left, "2 resets (until Fri 09:00)"; empty where that
 * has no number. */
char *weir_credit_dup_amount (GVariant *credit, int64_t now_us);

/* How many times Account.ResetLimit may be called for it; 0: it is another kind of credit.
 */
unsigned weir_credit_get_resets (GVariant *credit);
