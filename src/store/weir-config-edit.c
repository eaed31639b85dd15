/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Edits by splices at libyaml's marks.  YAML has many ways to write a thing, and a splice
 * that is right in one is wrong in another; so every edit is read back and is refused
 * unless the two trees differ in the one intended place. */

#include "config.h"

#include "store/weir-config-edit.h"

#include "store/weir-config-private.h"
#include "store/weir-config-table.h"
#include "store/weir-file.h"

/* Text that may hold a key. */
typedef char Wiped;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Wiped, weir_secret_wipe_string)

typedef struct
{
  WeirSlice text;           /* (unowned) */
  WeirConfigNode *root;     /* (owned) (nullable) */
  const WeirConfigKey *key; /* (unowned) */
  char *section;            /* (owned) (nullable): the part of the path before the dot */
  const char *name;         /* (unowned): the part behind it */
  const char *line_end;     /* (unowned): as the file has it */
} Editor;

static void
editor_clear (Editor *self)
{
  g_clear_pointer (&self->root, weir_config_tree_free);
  g_clear_pointer (&self->section, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Editor, editor_clear)

static WeirConfigNode *
read_tree (WeirSlice text, GError **error)
{
  g_autoptr (GPtrArray) notices = weir_config_notices_new ();
  g_autoptr (WeirConfigNode) root = weir_config_tree_new (text, notices);

  if (!weir_config_has_fatal (notices))
    return g_steal_pointer (&root);
  weir_config_set_error (notices, "configuration", error);
  return NULL;
}

static gboolean
editor_init (Editor *self, WeirSlice text, const char *key_path, GError **error)
{
  g_autoptr (GError) failure = NULL;
  const char *dot = strchr (key_path, '.');
  const char *first_end = text.length > 0 ? memchr (text.text, '\n', text.length) : NULL;

  self->text = text;
  self->key = weir_config_table_lookup_path (key_path);
  if (self->key == NULL)
    return weir_error_set (error, WEIR_ERROR_CONFIG, "there is no key \"%s\"", key_path);
  self->section = dot != NULL ? g_strndup (key_path, (size_t)(dot - key_path)) : NULL;
  self->name = weir_config_key_get_name (self->key);
  self->line_end
      = first_end != NULL && first_end > text.text && first_end[-1] == '\r' ? "\r\n" : "\n";
  self->root = read_tree (text, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (weir_config_node_is_null (self->root) || self->root->kind == WEIR_CONFIG_NODE_MAP)
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_CONFIG, "the file holds no keys");
}

/* (nullable): the map that holds the key, where it is there. */
static const WeirConfigNode *
find_parent (const Editor *self)
{
  if (self->section == NULL)
    return weir_config_node_is_null (self->root) ? NULL : self->root;
  return weir_config_node_lookup (self->root, self->section);
}

/* (transfer full): as a YAML double-quoted scalar of one line. */
static char *
quote (const char *value)
{
  GString *out = g_string_sized_new (4 * strlen (value) + 3); /* it never grows */

  g_string_append_c (out, '"');
  for (const char *c = value; *c != '\0'; c++)
    if (*c == '"' || *c == '\\')
      g_string_append_printf (out, "\\%c", *c);
    else if ((unsigned char)*c < 0x20 || *c == 0x7f)
      g_string_append_printf (out, "\\x%02x", (unsigned)(unsigned char)*c);
    else
      g_string_append_c (out, *c);
  g_string_append_c (out, '"');
  return g_string_free (out, FALSE);
}

/* Keys of text are quoted always: 1e3 or yes would mean something else to other readers. */
static char *
format_value (const WeirConfigKey *key, const char *value)
{
  gboolean is_bare = *value != '\0' && key->type <= WEIR_CONFIG_TYPE_NUMBER;

  for (const char *c = value; is_bare && *c != '\0'; c++)
    is_bare = g_ascii_isalnum (*c) || (c == value && *c == '-');
  return is_bare ? g_strdup (value) : quote (value);
}

/* (transfer full) */
static GBytes *
splice (const Editor *self, size_t start, size_t end, const char *insert)
{
  size_t added = strlen (insert);
  size_t length = self->text.length - (end - start) + added;
  char *out = g_malloc (length + 1);

  if (start > 0)
    memcpy (out, self->text.text, start);
  memcpy (out + start, insert, added);
  if (end < self->text.length)
    memcpy (out + start + added, self->text.text + end, self->text.length - end);
  return g_bytes_new_take (out, length);
}

static size_t
get_start (const Editor *self, const WeirConfigNode *node)
{
  return weir_config_index_to_offset (self->text, node->start.index);
}

/* The end of the last thing that is written of @node; libyaml ends a block only at the next
 * token, behind the comments in between. */
static size_t
find_end (const Editor *self, const WeirConfigNode *node)
{
  while (node->kind != WEIR_CONFIG_NODE_SCALAR && node->style == WEIR_CONFIG_STYLE_BLOCK
         && node->children->len > 0)
    node = g_ptr_array_index (node->children, node->children->len - 1);
  return weir_config_index_to_offset (self->text, node->end_index);
}

/* The start of the line behind the one that @offset is in; @offset itself at a line start,
 * where a block scalar has ended. */
static size_t
find_next_line (const Editor *self, size_t offset)
{
  while (offset > 0 && offset < self->text.length && self->text.text[offset - 1] != '\n')
    offset++;
  return offset;
}

/* A line of its own behind what ends at @end, @indent blanks in. */
static GBytes *
insert_line (const Editor *self, size_t end, size_t indent, const char *line)
{
  size_t offset = find_next_line (self, end);
  gboolean is_open = offset > 0 && self->text.text[offset - 1] != '\n';
  g_autoptr (Wiped) insert = g_strdup_printf ("%s%*s%s%s", is_open ? self->line_end : "",
                                              (int)indent, "", line, self->line_end);

  return splice (self, offset, offset, insert);
}

/* `[a]` or `{a}` becomes `[a, new]`. */
static GBytes *
insert_in_flow (const Editor *self, const WeirConfigNode *parent, const char *item)
{
  unsigned n = parent->children->len;
  size_t offset = n > 0 ? find_end (self, g_ptr_array_index (parent->children, n - 1))
                        : get_start (self, parent) + 1;
  g_autoptr (Wiped) insert = g_strconcat (n > 0 ? ", " : "", item, NULL);

  return splice (self, offset, offset, insert);
}

/* Another value in the place of one that is there. */
static GBytes *
replace_value (const Editor *self, const WeirConfigNode *node, const char *value)
{
  size_t start = get_start (self, node);
  size_t end = weir_config_index_to_offset (self->text, node->end_index);
  gboolean is_tight = start > 0 && self->text.text[start - 1] == ':';
  /* a block scalar ends behind its last line end */
  gboolean had_line_end = end > start && self->text.text[end - 1] == '\n';
  g_autoptr (Wiped) insert
      = g_strconcat (is_tight ? " " : "", value, had_line_end ? self->line_end : "", NULL);

  return splice (self, start, end, insert);
}

/* Adds `name: value` where the key is not there; with its section where that is not there
 * either.  NULL where the section is no map. */
static GBytes *
insert_key (const Editor *self, const char *value)
{
  const WeirConfigNode *parent = find_parent (self);
  gboolean has_section = self->section == NULL || parent != NULL;
  g_autoptr (Wiped) pair = g_strdup_printf ("%s: %s", self->name, value);
  g_autoptr (Wiped) braced = g_strdup_printf ("{%s}", pair);
  g_autoptr (Wiped) line
      = has_section ? g_strdup (pair) : g_strdup_printf ("%s: %s", self->section, braced);
  const WeirConfigNode *first = NULL;

  if (!has_section)
    parent = self->root;
  if (weir_config_node_is_null (parent) && parent != self->root)
    return replace_value (self, parent, braced);
  if (weir_config_node_is_null (parent))
    return insert_line (self, self->text.length, 0, line);
  if (parent->kind != WEIR_CONFIG_NODE_MAP)
    return NULL;
  if (parent->style == WEIR_CONFIG_STYLE_FLOW)
    return insert_in_flow (self, parent, line);
  first = g_ptr_array_index (parent->children, 0);
  return insert_line (self, find_end (self, parent), first->start.column - 1, line);
}

/* A line `- item` and no more: whatever shares it with the item would go with it.  NULL
 * where something does. */
static GBytes *
remove_line (const Editor *self, const WeirConfigNode *item)
{
  size_t start = get_start (self, item);
  size_t end = find_next_line (self, find_end (self, item));

  while (start > 0
         && (self->text.text[start - 1] == ' ' || self->text.text[start - 1] == '\t'))
    start--;
  if (start == 0 || self->text.text[start - 1] != '-')
    return NULL;
  start--;
  while (start > 0 && self->text.text[start - 1] == ' ')
    start--;
  if (start > 0 && self->text.text[start - 1] != '\n')
    return NULL;
  return splice (self, start, end, "");
}

/* The item and one comma; the one behind it, else the one before. */
static GBytes *
remove_in_flow (const Editor *self, const WeirConfigNode *item)
{
  const char *text = self->text.text;
  size_t start = get_start (self, item);
  size_t end = find_end (self, item);
  size_t comma = end;

  while (comma < self->text.length && g_ascii_isspace (text[comma]))
    comma++;
  if (comma < self->text.length && text[comma] == ',')
    {
      end = comma + 1;
      while (end < self->text.length && text[end] == ' ')
        end++;
      return splice (self, start, end, "");
    }
  while (start > 0 && g_ascii_isspace (text[start - 1]))
    start--;
  if (text[start - 1] == ',')
    start--;
  else
    start = get_start (self, item);
  return splice (self, start, end, "");
}

/* Scalars by text, whatever their quotes. */
static gboolean
is_same (const WeirConfigNode *a, const WeirConfigNode *b)
{
  if (a->kind != b->kind)
    return FALSE;
  if (a->kind == WEIR_CONFIG_NODE_SCALAR)
    return weir_config_node_is_null (a) == weir_config_node_is_null (b)
           && a->length == b->length && memcmp (a->text, b->text, a->length) == 0;
  if (a->children->len != b->children->len)
    return FALSE;
  for (unsigned i = 0; i < a->children->len; i++)
    if (!is_same (g_ptr_array_index (a->children, i), g_ptr_array_index (b->children, i)))
      return FALSE;
  return TRUE;
}

/* The index of the next pair from @at on whose key is not @except; or behind the end. */
static unsigned
skip_key (const WeirConfigNode *map, unsigned at, const char *except)
{
  unsigned end = weir_config_node_is_null (map) ? 0 : map->children->len;

  while (at < end
         && strcmp (((const WeirConfigNode *)g_ptr_array_index (map->children, at))->text,
                    except)
                == 0)
    at += 2;
  return at < end ? at : G_MAXUINT;
}

/* Two maps (nullable, may be null values) with the same pairs but for the key @except. */
static gboolean
is_same_but (const WeirConfigNode *a, const WeirConfigNode *b, const char *except)
{
  unsigned i = skip_key (a, 0, except);
  unsigned j = skip_key (b, 0, except);

  while (i != G_MAXUINT && j != G_MAXUINT)
    {
      if (!is_same (g_ptr_array_index (a->children, i), g_ptr_array_index (b->children, j))
          || !is_same (g_ptr_array_index (a->children, i + 1),
                       g_ptr_array_index (b->children, j + 1)))
        return FALSE;
      i = skip_key (a, i + 2, except);
      j = skip_key (b, j + 2, except);
    }
  return i == G_MAXUINT && j == G_MAXUINT;
}

/* (nullable): the items; NULL where there is no list. */
static GPtrArray *
get_items (const WeirConfigNode *list)
{
  return list != NULL && list->kind == WEIR_CONFIG_NODE_LIST ? list->children : NULL;
}

/* @longer is @shorter (nullable) with one more item at @index. */
static gboolean
is_same_list_but (const WeirConfigNode *longer,
                  const WeirConfigNode *shorter,
                  unsigned index)
{
  GPtrArray *many = get_items (longer);
  GPtrArray *few = get_items (shorter);
  unsigned n_few = few != NULL ? few->len : 0;

  if (many == NULL || many->len != n_few + 1 || index >= many->len)
    return FALSE;
  for (unsigned i = 0; i < n_few; i++)
    if (!is_same (g_ptr_array_index (few, i),
                  g_ptr_array_index (many, i < index ? i : i + 1)))
      return FALSE;
  return TRUE;
}

static gboolean
has_text (const WeirConfigNode *node, const char *value)
{
  return node != NULL && node->kind == WEIR_CONFIG_NODE_SCALAR
         && node->length == strlen (value) && memcmp (node->text, value, node->length) == 0;
}

/* Everything but the value of the key must read as before. */
static gboolean
keeps_the_rest (const Editor *before, const Editor *after)
{
  if (before->section == NULL)
    return is_same_but (before->root, after->root, before->name);
  return is_same_but (before->root, after->root, before->section)
         && is_same_but (find_parent (before), find_parent (after), before->name);
}

static const WeirConfigNode *
find_value (const Editor *self)
{
  return weir_config_node_lookup (find_parent (self), self->name);
}

/* Consumes @bytes; NULL and @error unless it reads as @before with the change: with @value
 * (nullable) set or appended, or without the item @index. */
static GBytes *
check_result (const Editor *before,
              GBytes *bytes,
              const char *value,
              unsigned index,
              gboolean is_list,
              GError **error)
{
  g_auto (Editor) after = { 0 };
  gsize length = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  gboolean ok
      = bytes != NULL
        && editor_init (&after, (WeirSlice){ text, length }, before->key->path, NULL)
        && keeps_the_rest (before, &after);
  const WeirConfigNode *old = find_value (before);
  const WeirConfigNode *new = ok ? find_value (&after) : NULL;

  if (ok && !is_list)
    ok = has_text (new, value);
  else if (ok && value == NULL)
    ok = is_same_list_but (old, new, index);
  else if (ok)
    ok = is_same_list_but (new, old, index)
         && has_text (g_ptr_array_index (new->children, index), value);
  if (ok)
    return bytes;
  weir_file_wipe (bytes);
  weir_error_set (error, WEIR_ERROR_CONFIG,
                  "%s cannot be changed in the way the file is written; edit it by hand",
                  before->key->path);
  return NULL;
}

GBytes *
weir_config_edit_set_scalar (WeirSlice text,
                             const char *key_path,
                             const char *value,
                             GError **error)
{
  g_auto (Editor) self = { 0 };
  g_autoptr (Wiped) formatted = NULL;
  const WeirConfigNode *node = NULL;
  GBytes *bytes = NULL;

  if (!editor_init (&self, text, key_path, error))
    return NULL;
  formatted = format_value (self.key, value);
  node = find_value (&self);
  if (node == NULL)
    bytes = insert_key (&self, formatted);
  else if (node->kind == WEIR_CONFIG_NODE_SCALAR)
    bytes = replace_value (&self, node, formatted);
  return check_result (&self, bytes, value, 0, FALSE, error);
}

GBytes *
weir_config_edit_append_item (WeirSlice text,
                              const char *key_path,
                              const char *value,
                              GError **error)
{
  g_auto (Editor) self = { 0 };
  g_autoptr (Wiped) quoted = quote (value);
  g_autoptr (Wiped) listed = g_strdup_printf ("[%s]", quoted);
  g_autoptr (Wiped) line = g_strdup_printf ("- %s", quoted);
  const WeirConfigNode *node = NULL;
  GPtrArray *items = NULL;
  GBytes *bytes = NULL;

  if (!editor_init (&self, text, key_path, error))
    return NULL;
  node = find_value (&self);
  items = get_items (node);
  if (node == NULL)
    bytes = insert_key (&self, listed);
  else if (weir_config_node_is_null (node))
    bytes = replace_value (&self, node, listed);
  else if (items != NULL && node->style == WEIR_CONFIG_STYLE_FLOW)
    bytes = insert_in_flow (&self, node, quoted);
  else if (items != NULL)
    bytes = insert_line (&self, find_end (&self, node), node->start.column - 1, line);
  return check_result (&self, bytes, value, items != NULL ? items->len : 0, TRUE, error);
}

GBytes *
weir_config_edit_remove_item (WeirSlice text,
                              const char *key_path,
                              unsigned index,
                              GError **error)
{
  g_auto (Editor) self = { 0 };
  const WeirConfigNode *node = NULL;
  const WeirConfigNode *item = NULL;
  GBytes *bytes = NULL;

  if (!editor_init (&self, text, key_path, error))
    return NULL;
  node = find_value (&self);
  if (get_items (node) == NULL || index >= node->children->len)
    {
      weir_error_set (error, WEIR_ERROR_CONFIG, "%s has no item %u", key_path, index + 1);
      return NULL;
    }
  item = g_ptr_array_index (node->children, index);
  bytes = node->style == WEIR_CONFIG_STYLE_FLOW ? remove_in_flow (&self, item)
                                                : remove_line (&self, item);
  return check_result (&self, bytes, NULL, index, TRUE, error);
}
