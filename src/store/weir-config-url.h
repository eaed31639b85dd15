/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What addresses a configuration may hold. */

#include <glib.h>

/* TRUE for "localhost" and the literals of 127.0.0.0/8 and ::1. */
gboolean weir_config_is_loopback (const char *host);

/* (nullable): what is wrong with a base-url, to stand behind `base-url of "x" `; a constant
 * without a part of @url. */
const char *weir_config_find_base_url_fault (const char *url, gboolean allow_plain);

/* The same for a proxy-url, to stand behind `proxy-url `.  "", "direct" and "none" are
 * fine. */
const char *weir_config_find_proxy_url_fault (const char *url);
