/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows keep their ids, and a comparison says what has to be told. */

#include "config.h"

#include "tray/weir-menu.h"

static WeirMenuRow *
build (const char *const *keys)
{
  WeirMenuRow *root = weir_menu_new ();

  for (unsigned i = 0; keys[i] != NULL; i++)
    weir_menu_add (root, WEIR_MENU_ACTION, keys[i], keys[i], "act", NULL);
  return root;
}

static int32_t
get_id (WeirMenuRow *root, unsigned at)
{
  const WeirMenuRow *row = g_ptr_array_index (root->children, at);

  return row->id;
}

static void
test_ids_stay (void)
{
  static const char *const first[] = { "a", "b", "c", NULL };
  static const char *const second[] = { "c", "x", "a", NULL };
  static const char *const third[] = { "b", NULL };
  g_autoptr (WeirMenuRow) before = build (first);
  g_autoptr (WeirMenuRow) after = build (second);
  g_autoptr (WeirMenuRow) last = build (third);
  int32_t next_id = 1;

  weir_menu_take_ids (before, NULL, &next_id);
  weir_menu_take_ids (after, before, &next_id);
  g_assert_cmpint (get_id (after, 0), ==, get_id (before, 2));
  g_assert_cmpint (get_id (after, 2), ==, get_id (before, 0));
  g_assert_cmpint (get_id (after, 1), ==, 4);
  weir_menu_take_ids (last, after, &next_id);
  g_assert_cmpint (get_id (last, 0), ==, 5); /* never a number that was another row's */
  g_assert_true (weir_menu_lookup (last, 5) == g_ptr_array_index (last->children, 0));
  g_assert_true (weir_menu_lookup (last, 0) == last);
  g_assert_null (weir_menu_lookup (last, 2));
}

static void
test_texts_are_no_layout (void)
{
  static const char *const keys[] = { "a", "b", NULL };
  g_autoptr (WeirMenuRow) before = build (keys);
  g_autoptr (WeirMenuRow) after = build (keys);
  g_autoptr (GPtrArray) changed = g_ptr_array_new ();
  WeirMenuRow *row = g_ptr_array_index (after->children, 1);
  int32_t next_id = 1;

  weir_menu_take_ids (before, NULL, &next_id);
  weir_menu_take_ids (after, before, &next_id);
  g_assert_cmpint (weir_menu_compare (before, after, changed), ==, WEIR_MENU_SAME);
  g_assert_cmpuint (changed->len, ==, 0);
  g_free (row->label);
  row->label = g_strdup ("B");
  g_assert_cmpint (weir_menu_compare (before, after, changed), ==, WEIR_MENU_TEXTS);
  g_assert_cmpuint (changed->len, ==, 1);
  g_assert_true (g_ptr_array_index (changed, 0) == row);
  row->kind = WEIR_MENU_CHECK;
  g_assert_cmpint (weir_menu_compare (before, after, NULL), ==, WEIR_MENU_LAYOUT);
}

static void
test_dividers_do_not_double (void)
{
  g_autoptr (WeirMenuRow) root = weir_menu_new ();

  weir_menu_add_divider (root, "d0");
  g_assert_cmpuint (root->children->len, ==, 0);
  weir_menu_add (root, WEIR_MENU_TEXT, "a", "a", NULL, NULL);
  weir_menu_add_divider (root, "d1");
  weir_menu_add_divider (root, "d2");
  g_assert_cmpuint (root->children->len, ==, 2);
  weir_menu_trim (root);
  weir_menu_trim (root);
  g_assert_cmpuint (root->children->len, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/menu/rows-keep-their-ids-and-numbers-are-not-used-twice",
                   test_ids_stay);
  g_test_add_func ("/menu/other-texts-are-no-other-layout", test_texts_are_no_layout);
  g_test_add_func ("/menu/dividers-stand-between-rows-only", test_dividers_do_not_double);
  return g_test_run ();
}
