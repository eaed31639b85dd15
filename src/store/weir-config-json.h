/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A value of the file as JSON, for rules about bodies. */

#include "store/weir-config-tree.h"

/* Appends @node: words without quotes are null, true, false and numbers where YAML 1.2
 * takes them for such (its core schema, without .inf and .nan), everything else is text. */
void weir_config_node_write_json (const WeirConfigNode *node, GString *out);
