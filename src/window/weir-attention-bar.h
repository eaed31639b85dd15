/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The bar over every page that says what the user should see to, the most urgent thing
 * first, with the one button that does it.  Closed, it comes again with the next change. */

#include "window/weir-page.h"

#define WEIR_TYPE_ATTENTION_BAR (weir_attention_bar_get_type ())
G_DECLARE_FINAL_TYPE (WeirAttentionBar, weir_attention_bar, WEIR, ATTENTION_BAR, WeirPage)

/* Property: "sentence", what it says; empty while there is nothing. */
