/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The place of a page in the window: the page itself is made when it is first seen, so that
 * the window opens with no more than what is on the screen.
 *
 * Properties: "client" (WeirClient), given on to the page; "page-type" (GType of a
 * WeirPage). */

#include "window/weir-page.h"

#define WEIR_TYPE_PAGE_SLOT (weir_page_slot_get_type ())
G_DECLARE_FINAL_TYPE (WeirPageSlot, weir_page_slot, WEIR, PAGE_SLOT, AdwBin)

/* Makes it now where it is not there yet.  Borrowed. */
WeirPage *weir_page_slot_ensure_page (WeirPageSlot *self);
