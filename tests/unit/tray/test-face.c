/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Icon, title and tooltip. */

#include "config.h"

#include "tray/weir-tray-face.h"

#include "tray-fixture.h"

#include <stdlib.h>
#include <string.h>

static void
assert_icon (const WeirTrayModel *model, WeirTrayIconKind kind, int upper, int lower)
{
  const WeirTrayIcon icon = weir_tray_face_get_icon (model, NULL, NOW_US);

  g_assert_cmpint (icon.kind, ==, kind);
  g_assert_cmpint (icon.upper, ==, upper);
  g_assert_cmpint (icon.lower, ==, lower);
}

static void
test_icon (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  WeirTrayAccount *account = NULL;

  assert_icon (model, WEIR_TRAY_ICON_NO_ACCOUNT, -1, -1);
  account = tray_fixture_add (model, 1, 40.0);
  assert_icon (model, WEIR_TRAY_ICON_RUNNING, 600, 800);
  account->windows[0].used_percent = 81.0;
  assert_icon (model, WEIR_TRAY_ICON_WARNING, 190, 800);
  account->windows[0].used_percent = WEIR_TRAY_UNKNOWN;
  assert_icon (model, WEIR_TRAY_ICON_RUNNING, 800, 800);
  account->state = WEIR_TRAY_ACCOUNT_EXHAUSTED;
  assert_icon (model, WEIR_TRAY_ICON_ATTENTION, 800, 800);
  g_assert_cmpstr (weir_tray_face_get_status (model, WEIR_TRAY_ICON_ATTENTION), ==,
                   "NeedsAttention");
  model->is_offline = TRUE;
  assert_icon (model, WEIR_TRAY_ICON_OFFLINE, -1, -1);
  model->secrets_locked = TRUE;
  assert_icon (model, WEIR_TRAY_ICON_LOCKED, -1, -1);
  model->state = WEIR_TRAY_STOPPED;
  assert_icon (model, WEIR_TRAY_ICON_STOPPED, -1, -1);
  g_assert_cmpstr (weir_tray_face_get_status (model, WEIR_TRAY_ICON_STOPPED), ==, "Active");
  model->hides_stopped = TRUE;
  g_assert_cmpstr (weir_tray_face_get_status (model, WEIR_TRAY_ICON_STOPPED), ==,
                   "Passive");
  model->state = WEIR_TRAY_FAILED;
  assert_icon (model, WEIR_TRAY_ICON_ATTENTION, -1, -1);
}

static void
test_one_of_many (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  const WeirTrayAccount *next = NULL;

  tray_fixture_add (model, 1, 40.0);
  tray_fixture_add (model, 2, 60.0);
  tray_fixture_add (model, 3, 10.0)->state = WEIR_TRAY_ACCOUNT_SIGN_IN;
  g_assert_cmpstr (weir_tray_face_get_account (model, NULL)->id, ==, "claude-2");
  g_assert_cmpstr (weir_tray_face_get_account (model, "claude-1")->id, ==, "claude-1");
  g_assert_cmpstr (weir_tray_face_get_account (model, "gone")->id, ==, "claude-2");
  next = weir_tray_face_get_next (model, "claude-3", 1);
  g_assert_cmpstr (next->id, ==, "claude-1");
  next = weir_tray_face_get_next (model, "claude-1", -1);
  g_assert_cmpstr (next->id, ==, "claude-3");
  /* one that waits for the user is told by the shape, whichever is shown */
  assert_icon (model, WEIR_TRAY_ICON_ATTENTION, 400, 700);
}

static void
test_texts (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  g_autofree char *title = NULL;
  g_autofree char *tooltip = NULL;
  g_autofree char *label = NULL;

  tray_fixture_add (model, 1, 40.0);
  tray_fixture_add (model, 2, 60.0);
  model->has_label = TRUE;
  title = weir_tray_face_dup_title (model, NULL, NOW_US);
  g_assert_cmpstr (title, ==, "Weir – Claude – work 2: 5 h 40 % · week 70 % left");
  tooltip = weir_tray_face_dup_tooltip (model, "claude-1", NOW_US);
  g_assert_cmpstr (tooltip, ==,
                   "Running on 127.0.0.1:8317\n"
                   "Claude – work 1: 5 h 40 % used, resets 14:00\n"
                   "Claude – work 2: 5 h 60 % used, resets 14:00\n"
                   "Updated 11:58");
  label = weir_tray_face_dup_label (model, NULL, NOW_US);
  g_assert_cmpstr (label, ==, "40 %");
}

static void
test_tooltip_is_bounded (void)
{
  g_autoptr (WeirTrayModel) model = tray_fixture_new ();
  g_autofree char *tooltip = NULL;
  g_auto (GStrv) lines = NULL;

  for (unsigned i = 0; i < 100; i++)
    tray_fixture_add (model, i, i);
  tooltip = weir_tray_face_dup_tooltip (model, NULL, NOW_US);
  lines = g_strsplit (tooltip, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 8);
}

int
main (int argc, char **argv)
{
  setenv ("TZ", "UTC", 1);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/face/the-icon-says-the-worst-first", test_icon);
  g_test_add_func ("/face/the-tightest-that-serves-stands-for-all", test_one_of_many);
  g_test_add_func ("/face/title-tooltip-and-label-are-plain-lines", test_texts);
  g_test_add_func ("/face/the-tooltip-has-eight-lines-at-most", test_tooltip_is_bounded);
  return g_test_run ();
}
