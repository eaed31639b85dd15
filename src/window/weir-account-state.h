/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How a state of an account looks: words, a shape, and a class of the style sheet; never a
 * colour alone. */

#include <glib.h>

typedef struct
{
  const char *state; /* as Account.State says it */
  const char *text;  /* to be translated */
  const char *icon;
  const char *css_class; /* (nullable) */
} WeirAccountState;

/* The row of @state; for one that is not known, a row that says so.  Never NULL. */
const WeirAccountState *weir_account_state_get (const char *state);
