/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What was used over a day, a week or a month: totals, and a chart or its table. */

#include "window/weir-page.h"

#define WEIR_TYPE_USAGE_PANE (weir_usage_pane_get_type ())
G_DECLARE_FINAL_TYPE (WeirUsagePane, weir_usage_pane, WEIR, USAGE_PANE, WeirPage)
