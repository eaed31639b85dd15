/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A menu as plain data: rows with stable ids.  A row is known by its key
 * ("account/ID/refresh"), which says the same thing in every menu that is built; the number
 * that hosts know it by is taken over from the menu before, and is never used again for
 * another row. */

#include <glib.h>
#include <stdint.h>

/* Characters of a label at most: longer ones are cut by narrow hosts, each in its own way.
 */
#define WEIR_MENU_LABEL_MAX 47

typedef enum
{
  WEIR_MENU_ACTION,  /* does something, or has children */
  WEIR_MENU_TEXT,    /* says something; cannot be chosen */
  WEIR_MENU_CHECK,   /* on or off */
  WEIR_MENU_RADIO,   /* one of several */
  WEIR_MENU_DIVIDER, /* between groups */
} WeirMenuKind;

typedef struct _WeirMenuRow WeirMenuRow;
struct _WeirMenuRow
{
  char *key;   /* (owned): no two rows of a menu have the same */
  int32_t id;  /* 0: the root, or not given yet */
  char *label; /* (owned): plain text; "" for the root and dividers */
  WeirMenuKind kind;
  gboolean is_on;      /* of checks and radios */
  const char *action;  /* (unowned) (nullable): a constant name; NULL: cannot be chosen */
  GVariant *target;    /* (owned) (nullable): what the action is asked with */
  GPtrArray *children; /* (owned) (nullable) of WeirMenuRow */
};

/* An empty menu: its root. */
WeirMenuRow *weir_menu_new (void);
void weir_menu_free (WeirMenuRow *root);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirMenuRow, weir_menu_free)

/* Appends a row to @parent and returns it (unowned).  @label longer than
 * WEIR_MENU_LABEL_MAX is cut with an ellipsis.  @target (nullable): a floating reference is
 * sunk. */
WeirMenuRow *weir_menu_add (WeirMenuRow *parent,
                            WeirMenuKind kind,
                            const char *key,
                            const char *label,
                            const char *action,
                            GVariant *target);
/* The same, where the key is "@folder/@id/@name". */
WeirMenuRow *weir_menu_add_of (WeirMenuRow *parent,
                               WeirMenuKind kind,
                               const char *folder,
                               const char *id,
                               const char *name,
                               const char *label,
                               const char *action,
                               GVariant *target);
/* A divider, unless @parent has no row yet or ends in one. */
void weir_menu_add_divider (WeirMenuRow *parent, const char *key);
/* Takes a divider at the end away again. */
void weir_menu_trim (WeirMenuRow *parent);

/* Can it be chosen or opened? */
gboolean weir_menu_row_is_enabled (const WeirMenuRow *self);

/* (nullable): the row of @id under @root, @root itself with 0. */
WeirMenuRow *weir_menu_lookup (WeirMenuRow *root, int32_t id);

/* Gives every row under @root the id that the row of the same key has under @before
 * (nullable), or the next one: *@next_id is counted on. */
void weir_menu_take_ids (WeirMenuRow *root, WeirMenuRow *before, int32_t *next_id);

/* What an update amounts to. */
typedef enum
{
  WEIR_MENU_SAME,
  WEIR_MENU_TEXTS,  /* the same rows, some say something else */
  WEIR_MENU_LAYOUT, /* rows have come, gone or moved, or are of another kind */
} WeirMenuChange;

/* Compares two menus whose ids are given.  @changed (nullable): appended to, the rows of
 * @root that say something else, when the answer is WEIR_MENU_TEXTS. */
WeirMenuChange
weir_menu_compare (WeirMenuRow *before, WeirMenuRow *root, GPtrArray *changed);
