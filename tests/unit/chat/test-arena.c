/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-arena.h"

#include <stddef.h>

#define MOST 3000

static void
test_pieces_are_zeroed_and_apart (void)
{
  WeirArena arena = { 0 };
  guchar *pieces[MOST / 7 + 1];
  unsigned n = 0;

  for (size_t size = 0; size < MOST; size += 7, n++)
    {
      pieces[n] = weir_arena_allocate (&arena, size);
      g_assert_cmpuint ((guintptr)pieces[n] % _Alignof(max_align_t), ==, 0);
      for (size_t i = 0; i < size; i++)
        g_assert_cmpuint (pieces[n][i], ==, 0);
      memset (pieces[n], (int)(n % 255) + 1, size);
    }
  for (unsigned k = 0; k < n; k++)
    for (size_t i = 0; i < k * 7; i++)
      g_assert_cmpuint (pieces[k][i], ==, k % 255 + 1);
  weir_arena_clear (&arena);
}

static void
test_copies_outlive_what_was_copied (void)
{
  WeirArena arena = { 0 };
  char text[] = "said";
  const WeirSlice copy = weir_arena_copy (&arena, (WeirSlice){ text, 4 });
  const WeirSlice none = weir_arena_copy (&arena, (WeirSlice){ NULL, 0 });

  memset (text, 'x', 4);
  g_assert_true (weir_slice_equal (copy, WEIR_SLICE ("said")));
  g_assert_cmpuint (none.length, ==, 0);
  g_assert_nonnull (none.text);
  weir_arena_clear (&arena);
  weir_arena_clear (&arena); /* an empty one again */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arena/pieces-are-zeroed-and-apart", test_pieces_are_zeroed_and_apart);
  g_test_add_func ("/arena/copies-outlive-what-was-copied",
                   test_copies_outlive_what_was_copied);
  return g_test_run ();
}
