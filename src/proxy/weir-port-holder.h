/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>

/* (transfer full) (nullable): "nginx (process 1234)": the program of this user that listens
 * on TCP @port; NULL when it cannot be known. */
char *weir_port_holder_dup_name (uint16_t port);
