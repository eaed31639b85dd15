/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The page that is open all day: how the proxy is, what is reset next, and every account
 * with its limits. */

#include "window/weir-page.h"

#define WEIR_TYPE_QUOTA_PAGE (weir_quota_page_get_type ())
G_DECLARE_FINAL_TYPE (WeirQuotaPage, weir_quota_page, WEIR, QUOTA_PAGE, WeirPage)
