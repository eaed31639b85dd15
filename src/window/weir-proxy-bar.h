/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How the proxy is: whether it listens and where, who serves now, the addresses to copy,
 * and the button that starts and stops it. */

#include "window/weir-page.h"

#define WEIR_TYPE_PROXY_BAR (weir_proxy_bar_get_type ())
G_DECLARE_FINAL_TYPE (WeirProxyBar, weir_proxy_bar, WEIR, PROXY_BAR, WeirPage)
