/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Trees of rows, their ids, and what two of them differ in.  Pure; who speaks of them on
 * the bus is weir-dbus-menu. */

#include "config.h"

#include "tray/weir-menu.h"

#include "tray/weir-tray-text.h"

void
weir_menu_free (WeirMenuRow *root)
{
  if (root == NULL)
    return;
  g_clear_pointer (&root->children, g_ptr_array_unref);
  g_clear_pointer (&root->target, g_variant_unref);
  g_free (root->key);
  g_free (root->label);
  g_free (root);
}

static void
free_row (gpointer row)
{
  weir_menu_free (row);
}

WeirMenuRow *
weir_menu_new (void)
{
  WeirMenuRow *root = g_new0 (WeirMenuRow, 1);

  root->key = g_strdup ("");
  root->label = g_strdup ("");
  root->children = g_ptr_array_new_with_free_func (free_row);
  return root;
}

WeirMenuRow *
weir_menu_add (WeirMenuRow *parent,
               WeirMenuKind kind,
               const char *key,
               const char *label,
               const char *action,
               GVariant *target)
{
  WeirMenuRow *row = g_new0 (WeirMenuRow, 1);

  row->key = g_strdup (key);
  row->label = weir_tray_text_elide (label, WEIR_MENU_LABEL_MAX);
  row->kind = kind;
  row->action = action;
  row->target = target != NULL ? g_variant_ref_sink (target) : NULL;
  if (parent->children == NULL)
    parent->children = g_ptr_array_new_with_free_func (free_row);
  g_ptr_array_add (parent->children, row);
  return row;
}

WeirMenuRow *
weir_menu_add_of (WeirMenuRow *parent,
                  WeirMenuKind kind,
                  const char *folder,
                  const char *id,
                  const char *name,
                  const char *label,
                  const char *action,
                  GVariant *target)
{
  g_autofree char *key = g_strjoin ("/", folder, id, name, NULL);

  return weir_menu_add (parent, kind, key, label, action, target);
}

static gboolean
ends_in_divider (const WeirMenuRow *parent)
{
  const WeirMenuRow *last = NULL;

  if (parent->children == NULL || parent->children->len == 0)
    return FALSE;
  last = g_ptr_array_index (parent->children, parent->children->len - 1);
  return last->kind == WEIR_MENU_DIVIDER;
}

void
weir_menu_add_divider (WeirMenuRow *parent, const char *key)
{
  if (parent->children != NULL && parent->children->len > 0 && !ends_in_divider (parent))
    weir_menu_add (parent, WEIR_MENU_DIVIDER, key, "", NULL, NULL);
}

void
weir_menu_trim (WeirMenuRow *parent)
{
  if (ends_in_divider (parent))
    g_ptr_array_set_size (parent->children, (int)parent->children->len - 1);
}

gboolean
weir_menu_row_is_enabled (const WeirMenuRow *self)
{
  return self->action != NULL || self->children != NULL;
}

WeirMenuRow *
weir_menu_lookup (WeirMenuRow *root, int32_t id)
{
  if (root->id == id)
    return root;
  for (unsigned i = 0; root->children != NULL && i < root->children->len; i++)
    {
      WeirMenuRow *found = weir_menu_lookup (g_ptr_array_index (root->children, i), id);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
collect_keys (const WeirMenuRow *parent, GHashTable *ids)
{
  for (unsigned i = 0; parent->children != NULL && i < parent->children->len; i++)
    {
      WeirMenuRow *row = g_ptr_array_index (parent->children, i);

      g_hash_table_insert (ids, row->key, GINT_TO_POINTER (row->id));
      collect_keys (row, ids);
    }
}

static void
give_ids (WeirMenuRow *parent, GHashTable *ids, int32_t *next_id)
{
  for (unsigned i = 0; parent->children != NULL && i < parent->children->len; i++)
    {
      WeirMenuRow *row = g_ptr_array_index (parent->children, i);

      row->id = GPOINTER_TO_INT (g_hash_table_lookup (ids, row->key));
      if (row->id == 0)
        row->id = (*next_id)++;
      give_ids (row, ids, next_id);
    }
}

void
weir_menu_take_ids (WeirMenuRow *root, WeirMenuRow *before, int32_t *next_id)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  if (before != NULL)
    collect_keys (before, ids);
  give_ids (root, ids, next_id);
}

static unsigned
count_children (const WeirMenuRow *row)
{
  return row->children != NULL ? row->children->len : 0;
}

static gboolean
says_the_same (const WeirMenuRow *a, const WeirMenuRow *b)
{
  return g_str_equal (a->label, b->label) && a->is_on == b->is_on
         && weir_menu_row_is_enabled (a) == weir_menu_row_is_enabled (b);
}

WeirMenuChange
weir_menu_compare (WeirMenuRow *before, WeirMenuRow *root, GPtrArray *changed)
{
  WeirMenuChange change = WEIR_MENU_SAME;

  if (before->id != root->id || before->kind != root->kind
      || count_children (before) != count_children (root)
      || (before->children == NULL) != (root->children == NULL))
    return WEIR_MENU_LAYOUT;
  if (!says_the_same (before, root))
    {
      change = WEIR_MENU_TEXTS;
      if (changed != NULL)
        g_ptr_array_add (changed, root);
    }
  for (unsigned i = 0; i < count_children (root); i++)
    {
      WeirMenuRow *old_row = g_ptr_array_index (before->children, i);
      WeirMenuRow *new_row = g_ptr_array_index (root->children, i);

      const WeirMenuChange below = weir_menu_compare (old_row, new_row, changed);

      if (below == WEIR_MENU_LAYOUT)
        return below;
      change = MAX (change, below);
    }
  return change;
}
