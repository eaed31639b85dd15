/* SPDX-License-Identifier: GPL-3.0-or-later */

/* YAML bytes to a tree, on libyaml's events.  Everything that could make libyaml slow (deep
 * nesting, heaps of directives) or that could hide something (aliases, tags, a second
 * document) is refused here.  What the keys mean is none of this file's business. */

#include "config.h"

#include "store/weir-config-tree.h"

#include "base/weir-redact.h"
#include "store/weir-config-private.h"

#include <yaml.h>

#define MAX_DEPTH 32
#define MAX_NODES 100000
#define SHOWN_BYTES 64

typedef struct
{
  yaml_parser_t parser;
  WeirSlice text;     /* (unowned) */
  GPtrArray *notices; /* (unowned) of WeirConfigNotice */
  size_t n_nodes;
} Loader;

static WeirConfigMark
mark_from_yaml (yaml_mark_t mark)
{
  return (WeirConfigMark){
    .index = mark.index,
    .line = (unsigned)mark.line + 1,
    .column = (unsigned)mark.column + 1,
  };
}

/* Only for messages, so a walk from the start is fast enough. */
static WeirConfigMark
mark_from_offset (WeirSlice text, size_t offset)
{
  WeirConfigMark mark = { .line = 1, .column = 1 };

  for (size_t i = 0; i < offset && i < text.length; i++)
    {
      gboolean is_break
          = text.text[i] == '\n'
            || (text.text[i] == '\r' && !(i + 1 < text.length && text.text[i + 1] == '\n'));

      if (((unsigned char)text.text[i] & 0xc0) == 0x80)
        continue;
      mark.index++;
      mark.column = is_break ? 1 : mark.column + 1;
      mark.line += is_break ? 1 : 0;
    }
  return mark;
}

size_t
weir_config_index_to_offset (WeirSlice text, size_t index)
{
  size_t offset = 0;

  while (offset < text.length && index > 0)
    {
      offset++;
      while (offset < text.length && ((unsigned char)text.text[offset] & 0xc0) == 0x80)
        offset++;
      index--;
    }
  return offset;
}

void
weir_config_tree_free (WeirConfigNode *self)
{
  if (self == NULL)
    return;
  if (self->text != NULL)
    explicit_bzero (self->text, self->length);
  g_free (self->text);
  g_clear_pointer (&self->children, g_ptr_array_unref);
  g_free (self);
}

const WeirConfigNode *
weir_config_node_lookup (const WeirConfigNode *map, const char *key)
{
  if (map == NULL || map->kind != WEIR_CONFIG_NODE_MAP)
    return NULL;
  for (unsigned i = 0; i + 1 < map->children->len; i += 2)
    {
      const WeirConfigNode *name = g_ptr_array_index (map->children, i);

      if (strcmp (name->text, key) == 0)
        return g_ptr_array_index (map->children, i + 1);
    }
  return NULL;
}

gboolean
weir_config_node_is_null (const WeirConfigNode *self)
{
  static const char *const words[] = { "", "~", "null", "Null", "NULL", NULL };

  if (self == NULL)
    return TRUE;
  return self->kind == WEIR_CONFIG_NODE_SCALAR && self->style == WEIR_CONFIG_STYLE_PLAIN
         && g_strv_contains (words, self->text);
}

WeirSlice
weir_config_node_get_text (const WeirConfigNode *self)
{
  WeirSlice text = { NULL, 0 };

  if (self == NULL || self->kind != WEIR_CONFIG_NODE_SCALAR)
    return text;
  text = (WeirSlice){ self->text, self->length };
  while (text.length > 0 && g_ascii_isspace (text.text[0]))
    text = (WeirSlice){ text.text + 1, text.length - 1 };
  while (text.length > 0 && g_ascii_isspace (text.text[text.length - 1]))
    text.length--;
  return text;
}

/* FALSE: said in the notices. */
static gboolean
check_encoding (WeirSlice text, GPtrArray *notices)
{
  const char *end = NULL;
  WeirConfigMark at = { .line = 1, .column = 1 };
  size_t offset = 0;

  if (weir_slice_has_prefix (text, WEIR_SLICE ("\xff\xfe"))
      || weir_slice_has_prefix (text, WEIR_SLICE ("\xfe\xff")))
    return weir_config_refuse (notices, at,
                               "the file is UTF-16 (offset 0); save it as UTF-8");
  if (weir_slice_has_prefix (text, WEIR_SLICE ("\xef\xbb\xbf")))
    return weir_config_refuse (
        notices, at,
        "the file begins with a byte order mark (offset 0); save it as "
        "UTF-8 without one");
  while (offset < text.length
         && ((unsigned char)text.text[offset] >= 0x20 || text.text[offset] == '\t'
             || text.text[offset] == '\n' || text.text[offset] == '\r')
         && text.text[offset] != 0x7f)
    offset++;
  if (offset < text.length)
    return weir_config_refuse (notices, mark_from_offset (text, offset),
                               "a %s byte (0x%02x) at offset %" G_GSIZE_FORMAT
                               "; save the file as UTF-8 text",
                               text.text[offset] == '\0' ? "NUL" : "control",
                               (unsigned)(unsigned char)text.text[offset], offset);
  if (text.length == 0 || g_utf8_validate_len (text.text, text.length, &end))
    return TRUE;
  offset = (size_t)(end - text.text);
  return weir_config_refuse (notices, mark_from_offset (text, offset),
                             "not UTF-8 (byte 0x%02x at offset %" G_GSIZE_FORMAT
                             "); save the file as UTF-8",
                             (unsigned)(unsigned char)*end, offset);
}

/* libyaml compares each %TAG line with all before it. */
static gboolean
check_directives (WeirSlice text, GPtrArray *notices)
{
  for (size_t i = 0; i < text.length; i++)
    if (text.text[i] == '%'
        && (i == 0 || text.text[i - 1] == '\n' || text.text[i - 1] == '\r'))
      return weir_config_refuse (notices, mark_from_offset (text, i),
                                 "directives (%%NAME) are not supported; remove the line");
  return TRUE;
}

/* The mark of a tab among the blanks before the first character of @offset's line. */
static gboolean
find_tab (WeirSlice text, size_t offset, WeirConfigMark *out_at)
{
  size_t start = MIN (offset, text.length);

  while (start > 0 && text.text[start - 1] != '\n' && text.text[start - 1] != '\r')
    start--;
  while (start < text.length && text.text[start] == ' ')
    start++;
  if (start == text.length || text.text[start] != '\t')
    return FALSE;
  *out_at = mark_from_offset (text, start);
  return TRUE;
}

static void
report_syntax (Loader *self)
{
  const yaml_parser_t *parser = &self->parser;
  WeirConfigMark at = mark_from_yaml (parser->problem_mark);
  const char *problem = parser->problem != NULL ? parser->problem : "cannot be read";

  if (parser->error == YAML_READER_ERROR)
    at = mark_from_offset (self->text, parser->problem_offset);
  if (find_tab (self->text, weir_config_index_to_offset (self->text, at.index), &at))
    weir_config_report (self->notices, TRUE, at,
                        "a tab is used for indentation here; YAML allows only spaces");
  else if (parser->context != NULL && parser->context_mark.line + 1 != at.line)
    weir_config_report (self->notices, TRUE, at, "not YAML: %s (%s in line %u)", problem,
                        parser->context, (unsigned)parser->context_mark.line + 1);
  else
    weir_config_report (self->notices, TRUE, at, "not YAML: %s", problem);
}

static void
wipe_event (yaml_event_t *event)
{
  if (event->type == YAML_SCALAR_EVENT && event->data.scalar.value != NULL)
    explicit_bzero (event->data.scalar.value, event->data.scalar.length);
  yaml_event_delete (event);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (yaml_event_t, wipe_event)

static gboolean
next_event (Loader *self, yaml_event_t *out_event)
{
  if (yaml_parser_parse (&self->parser, out_event))
    return TRUE;
  report_syntax (self);
  return FALSE;
}

static void
free_child (gpointer child)
{
  weir_config_tree_free (child);
}

static WeirConfigNode *
node_new (WeirConfigNodeKind kind, const yaml_event_t *event, gboolean is_flow)
{
  WeirConfigNode *node = g_new0 (WeirConfigNode, 1);

  node->kind = kind;
  node->start = mark_from_yaml (event->start_mark);
  node->end_index = event->end_mark.index;
  if (kind == WEIR_CONFIG_NODE_SCALAR)
    return node;
  node->style = is_flow ? WEIR_CONFIG_STYLE_FLOW : WEIR_CONFIG_STYLE_BLOCK;
  node->children = g_ptr_array_new_with_free_func (free_child);
  return node;
}

static WeirConfigNode *
scalar_new (yaml_event_t *event)
{
  WeirConfigNode *node = node_new (WEIR_CONFIG_NODE_SCALAR, event, FALSE);
  yaml_scalar_style_t style = event->data.scalar.style;

  node->length = event->data.scalar.length;
  node->text = g_strndup ("", node->length);
  memcpy (node->text, event->data.scalar.value, node->length);
  if (style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE)
    node->style = WEIR_CONFIG_STYLE_QUOTED;
  else if (style != YAML_PLAIN_SCALAR_STYLE)
    node->style = WEIR_CONFIG_STYLE_BLOCK;
  return node;
}

/* The reason why a node with this anchor and tag is refused, or NULL. */
static const char *
find_decoration (const yaml_event_t *event)
{
  const yaml_char_t *anchor = NULL;
  const yaml_char_t *tag = NULL;

  if (event->type == YAML_ALIAS_EVENT)
    return "aliases (*name) are not supported; write the value out";
  if (event->type == YAML_SCALAR_EVENT)
    {
      anchor = event->data.scalar.anchor;
      tag = event->data.scalar.tag;
    }
  else if (event->type == YAML_SEQUENCE_START_EVENT)
    {
      anchor = event->data.sequence_start.anchor;
      tag = event->data.sequence_start.tag;
    }
  else if (event->type == YAML_MAPPING_START_EVENT)
    {
      anchor = event->data.mapping_start.anchor;
      tag = event->data.mapping_start.tag;
    }
  if (anchor != NULL)
    return "anchors (&name) are not supported; remove it";
  return tag != NULL ? "tags (!name) are not supported; remove it" : NULL;
}

static gboolean
check_node (Loader *self, const yaml_event_t *event, unsigned depth)
{
  WeirConfigMark at = mark_from_yaml (event->start_mark);
  const char *decoration = find_decoration (event);

  if (decoration != NULL)
    return weir_config_refuse (self->notices, at, "%s", decoration);
  if (event->type != YAML_SCALAR_EVENT && depth >= MAX_DEPTH)
    return weir_config_refuse (self->notices, at, "nested too deeply (more than %d levels)",
                               MAX_DEPTH);
  if (++self->n_nodes > MAX_NODES)
    return weir_config_refuse (self->notices, at, "more than %d values", MAX_NODES);
  return TRUE;
}

/* Files may hold thousands of keys, so they are looked up in a table. */
static gboolean
check_key (Loader *self, GHashTable *seen, const WeirConfigNode *key)
{
  g_autofree char *shown = NULL;
  const WeirConfigNode *first = NULL;

  if (key->kind != WEIR_CONFIG_NODE_SCALAR || strlen (key->text) != key->length)
    return weir_config_refuse (self->notices, key->start, "a key must be a plain word");
  first = g_hash_table_lookup (seen, key->text);
  if (first == NULL)
    {
      g_hash_table_insert (seen, key->text, (gpointer)key);
      return TRUE;
    }
  shown = weir_redact (weir_config_node_get_text (key), SHOWN_BYTES);
  weir_config_report (self->notices, TRUE, key->start,
                      "\"%s\" is set twice (lines %u and %u); remove one", shown,
                      first->start.line, key->start.line);
  return TRUE;
}

/* (nullable): NULL after a notice, or at the end of the collection that @event ends. */
static WeirConfigNode *
read_node (Loader *self, yaml_event_t *event, unsigned depth)
{
  g_autoptr (WeirConfigNode) node = NULL;
  g_autoptr (GHashTable) seen = NULL;
  gboolean is_map = event->type == YAML_MAPPING_START_EVENT;

  if (!check_node (self, event, depth))
    return NULL;
  if (event->type == YAML_SCALAR_EVENT)
    return scalar_new (event);

  if (is_map)
    node = node_new (WEIR_CONFIG_NODE_MAP, event,
                     event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
  else
    node = node_new (WEIR_CONFIG_NODE_LIST, event,
                     event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
  seen = is_map ? g_hash_table_new (g_str_hash, g_str_equal) : NULL;
  for (;;)
    {
      g_auto (yaml_event_t) inner = { 0 };
      WeirConfigNode *child = NULL;
      gboolean is_key = is_map && node->children->len % 2 == 0;

      if (!next_event (self, &inner))
        return NULL;
      if (inner.type == YAML_MAPPING_END_EVENT || inner.type == YAML_SEQUENCE_END_EVENT)
        {
          node->end_index = inner.end_mark.index;
          return g_steal_pointer (&node);
        }
      child = read_node (self, &inner, depth + 1);
      if (child == NULL)
        return NULL;
      g_ptr_array_add (node->children, child);
      if (is_key && !check_key (self, seen, child))
        return NULL;
    }
}

static WeirConfigNode *
read_stream (Loader *self)
{
  g_autoptr (WeirConfigNode) root = NULL;

  for (;;)
    {
      g_auto (yaml_event_t) event = { 0 };

      if (!next_event (self, &event))
        return NULL;
      if (event.type == YAML_STREAM_END_EVENT)
        return g_steal_pointer (&root);
      if (event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_END_EVENT)
        continue;
      if (event.type == YAML_DOCUMENT_START_EVENT && root == NULL)
        continue;
      if (event.type == YAML_DOCUMENT_START_EVENT)
        {
          weir_config_report (
              self->notices, TRUE, mark_from_yaml (event.start_mark),
              "a second document (---) begins here; the file must hold one");
          return NULL;
        }
      root = read_node (self, &event, 0);
      if (root == NULL)
        return NULL;
    }
}

WeirConfigNode *
weir_config_tree_new (WeirSlice text, GPtrArray *notices)
{
  Loader self = { .text = text, .notices = notices };
  WeirConfigNode *root = NULL;

  if (text.length > WEIR_CONFIG_MAX_BYTES)
    {
      weir_config_report (notices, TRUE, (WeirConfigMark){ 0 }, "larger than 1 MiB");
      return NULL;
    }
  if (!check_encoding (text, notices) || !check_directives (text, notices))
    return NULL;
  if (!yaml_parser_initialize (&self.parser))
    g_error ("out of memory");
  yaml_parser_set_input_string (
      &self.parser, (const unsigned char *)(text.length > 0 ? text.text : ""), text.length);
  yaml_parser_set_encoding (&self.parser, YAML_UTF8_ENCODING);
  root = read_stream (&self);
  /* its working buffer saw every secret of the file */
  explicit_bzero (self.parser.buffer.start,
                  (size_t)(self.parser.buffer.end - self.parser.buffer.start));
  explicit_bzero (self.parser.raw_buffer.start,
                  (size_t)(self.parser.raw_buffer.end - self.parser.raw_buffer.start));
  yaml_parser_delete (&self.parser);
  return root;
}
