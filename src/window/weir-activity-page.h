/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What was used, and what is asked right now, with one request in full beside it. */

#include "window/weir-page.h"

#define WEIR_TYPE_ACTIVITY_PAGE (weir_activity_page_get_type ())
G_DECLARE_FINAL_TYPE (WeirActivityPage, weir_activity_page, WEIR, ACTIVITY_PAGE, WeirPage)
