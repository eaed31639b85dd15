/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-fold.h"

static WeirEvent
open_event (unsigned choice, unsigned block, WeirBlockType type)
{
  return (WeirEvent){
    .type = WEIR_EVENT_BLOCK_OPEN, .choice = choice, .block = block, .block_type = type
  };
}

static void
put_delta (WeirFold *fold, unsigned choice, unsigned block, const char *text)
{
  weir_fold_put (fold, &(WeirEvent){ .type = WEIR_EVENT_DELTA,
                                     .choice = choice,
                                     .block = block,
                                     .text = weir_slice_from_string (text) });
}

static void
assert_slice (WeirSlice slice, const char *expected)
{
  g_autofree char *text = weir_slice_dup (slice);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_pieces_become_blocks (void)
{
  g_auto (WeirFold) fold = { 0 };
  WeirEvent call = open_event (0, 1, WEIR_BLOCK_TOOL_CALL);
  WeirEvent thought = open_event (0, 0, WEIR_BLOCK_THINKING);
  char gone[] = "call_1";

  weir_fold_init (&fold);
  weir_fold_put (&fold, &(WeirEvent){ .type = WEIR_EVENT_START,
                                      .id = WEIR_SLICE ("msg"),
                                      .model = WEIR_SLICE ("m") });
  weir_fold_put (&fold, &thought);
  put_delta (&fold, 0, 0, "hm");
  weir_fold_put (&fold,
                 &(WeirEvent){ .type = WEIR_EVENT_DELTA, .signature = WEIR_SLICE ("S") });
  weir_fold_put (&fold, &(WeirEvent){ .type = WEIR_EVENT_BLOCK_CLOSE });
  call.id = weir_slice_from_string (gone);
  call.name = WEIR_SLICE ("f");
  call.scope = WEIR_SLICE ("files");
  weir_fold_put (&fold, &call);
  memset (gone, 'x', sizeof gone - 1); /* events last for one call only */
  call.block = 2;
  weir_fold_put (&fold, &call);
  put_delta (&fold, 0, 1, "{");
  put_delta (&fold, 0, 2, "[");
  put_delta (&fold, 0, 1, "}");
  put_delta (&fold, 0, 9, "of no block");
  weir_fold_put (&fold, &(WeirEvent){ .type = WEIR_EVENT_PING });
  weir_fold_put (&fold, &(WeirEvent){ .type = WEIR_EVENT_FINISH,
                                      .finish = WEIR_FINISH_STOP_SEQUENCE,
                                      .text = WEIR_SLICE ("stop"),
                                      .name = WEIR_SLICE ("END") });
  weir_fold_put (&fold, &(WeirEvent){ .type = WEIR_EVENT_USAGE, .usage = { .input = 7 } });

  g_assert_true (weir_fold_check (&fold, NULL));
  assert_slice (fold.id, "msg");
  g_assert_cmpuint (fold.blocks->len, ==, 3);
  assert_slice (weir_fold_get_text (weir_fold_get_block (&fold, 0)), "hm");
  assert_slice (weir_fold_get_signature (weir_fold_get_block (&fold, 0)), "S");
  g_assert_true (weir_fold_get_block (&fold, 0)->closed);
  assert_slice (weir_fold_get_block (&fold, 1)->id, "call_1");
  assert_slice (weir_fold_get_block (&fold, 1)->scope, "files");
  assert_slice (weir_fold_get_text (weir_fold_get_block (&fold, 1)), "{}");
  assert_slice (weir_fold_get_text (weir_fold_lookup (&fold, 0, 2)), "[");
  assert_slice (weir_fold_get_signature (weir_fold_lookup (&fold, 0, 2)), "");
  g_assert_null (weir_fold_lookup (&fold, 1, 0));
  g_assert_true (weir_fold_get_choice (&fold, 0)->finished);
  assert_slice (weir_fold_get_choice (&fold, 0)->stop_sequence, "END");
  g_assert_cmpuint (fold.usage.input, ==, 7);
}

static void
test_choices_stay_apart (void)
{
  g_auto (WeirFold) fold = { 0 };
  WeirEvent second = open_event (2, 0, WEIR_BLOCK_TEXT);
  WeirEvent first = open_event (0, 0, WEIR_BLOCK_TEXT);

  weir_fold_init (&fold);
  weir_fold_put (&fold, &second);
  weir_fold_put (&fold, &first);
  put_delta (&fold, 0, 0, "a");
  put_delta (&fold, 2, 0, "b");
  g_assert_cmpuint (fold.choices->len, ==, 3);
  g_assert_true (weir_fold_get_choice (&fold, 0)->seen);
  g_assert_false (weir_fold_get_choice (&fold, 1)->seen);
  assert_slice (weir_fold_get_text (weir_fold_get_block (&fold, 0)), "b");
  g_assert_cmpuint (fold.usage.input, ==, WEIR_USAGE_UNKNOWN);
}

static void
test_too_much_is_refused (void)
{
  g_auto (WeirFold) fold = { 0 };
  g_autofree char *piece = g_strnfill (1 << 20, 'x');
  WeirEvent open = open_event (0, 0, WEIR_BLOCK_TEXT);

  weir_fold_init (&fold);
  weir_fold_put (&fold, &open);
  for (unsigned i = 0; i < WEIR_FOLD_MAX >> 20; i++)
    put_delta (&fold, 0, 0, piece);
  g_assert_true (weir_fold_check (&fold, NULL));
  put_delta (&fold, 0, 0, "x");
  g_assert_false (weir_fold_check (&fold, NULL));
  g_assert_cmpuint (weir_fold_get_block (&fold, 0)->text->len, ==, WEIR_FOLD_MAX);

  weir_fold_clear (&fold);
  weir_fold_init (&fold);
  open.choice = UINT_MAX;
  weir_fold_put (&fold, &open);
  g_assert_false (weir_fold_check (&fold, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fold/pieces-become-blocks", test_pieces_become_blocks);
  g_test_add_func ("/fold/choices-stay-apart", test_choices_stay_apart);
  g_test_add_func ("/fold/too-much-is-refused", test_too_much_is_refused);
  return g_test_run ();
}
