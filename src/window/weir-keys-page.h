/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The client keys: who may ask, how much, and how much of that is used. */

#include "window/weir-page.h"

#define WEIR_TYPE_KEYS_PAGE (weir_keys_page_get_type ())
G_DECLARE_FINAL_TYPE (WeirKeysPage, weir_keys_page, WEIR, KEYS_PAGE, WeirPage)
