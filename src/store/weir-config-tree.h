/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A YAML file as a tree with marks: the small, strict part of YAML that a configuration
 * needs.  One document, UTF-8, no anchors, aliases, tags or directives, no key twice. */

#include "base/weir-slice.h"
#include "store/weir-config.h"

#define WEIR_CONFIG_MAX_BYTES ((size_t)1024 * 1024)

typedef struct
{
  size_t index;    /* characters (not bytes) before it */
  unsigned line;   /* from 1 */
  unsigned column; /* in characters, from 1 */
} WeirConfigMark;

typedef enum
{
  WEIR_CONFIG_NODE_SCALAR,
  WEIR_CONFIG_NODE_LIST,
  WEIR_CONFIG_NODE_MAP,
} WeirConfigNodeKind;

typedef enum
{
  WEIR_CONFIG_STYLE_PLAIN,  /* a scalar without quotes */
  WEIR_CONFIG_STYLE_QUOTED, /* a scalar in quotes */
  WEIR_CONFIG_STYLE_BLOCK,  /* a scalar behind | or >; a list or map by indentation */
  WEIR_CONFIG_STYLE_FLOW,   /* a list or map in brackets */
} WeirConfigStyle;

typedef struct
{
  WeirConfigNodeKind kind;
  WeirConfigStyle style;
  WeirConfigMark start;
  size_t end_index; /* characters before its end; not meaningful for block lists and maps */
  char *text;       /* (owned) (nullable): of a scalar, wiped when freed */
  size_t length;    /* of the text in bytes */
  GPtrArray *children; /* (owned) (nullable): items; or key, value, key, value ... */
} WeirConfigNode;

/* (transfer full): an array that owns its WeirConfigNotice. */
GPtrArray *weir_config_notices_new (void);

/* (transfer full) (nullable): the root; NULL for a file without a document, and after a
 * fatal notice.  @notices gets what is wrong; a key that stands twice is such a notice and
 * both values stay in the tree. */
WeirConfigNode *weir_config_tree_new (WeirSlice text, GPtrArray *notices);
void weir_config_tree_free (WeirConfigNode *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirConfigNode, weir_config_tree_free)

/* The value of @key, or NULL where @map (nullable) is no map or has no such key. */
const WeirConfigNode *weir_config_node_lookup (const WeirConfigNode *map, const char *key);

/* Absent, empty, `~` or `null`. */
gboolean weir_config_node_is_null (const WeirConfigNode *self);

/* The text of a scalar without blanks around it; empty for anything else. */
WeirSlice weir_config_node_get_text (const WeirConfigNode *self);

/* The byte offset of the character @index in the file. */
size_t weir_config_index_to_offset (WeirSlice text, size_t index);
