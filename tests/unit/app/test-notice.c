/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is told, how often, and in which words. */

#include "config.h"

#include "app/weir-notice-watch.h"

#include <stdlib.h>
#include <string.h>

#define HOUR_US (3600 * (int64_t)G_USEC_PER_SEC)
/* Monday 7 December 2026, 12:00 UTC */
#define NOW_US (INT64_C (1796644800) * G_USEC_PER_SEC)

typedef struct
{
  WeirNoticeMemory *memory; /* (owned) */
  WeirNoticeWatch *watch;   /* (owned) */
  WeirTrayModel *model;     /* (owned) */
  GString *told;            /* (owned): a line each */
  GString *buttons;         /* (owned): of the last */
  int64_t now_us;
} Fixture;

static void
on_tell (const WeirNoticeEvent *event, gpointer user_data)
{
  Fixture *self = user_data;
  g_auto (WeirNoticeText) text = { 0 };

  weir_notice_write (event, self->now_us, &text);
  g_assert_nonnull (text.action);
  g_assert_true (g_str_has_prefix (text.action, "app."));
  g_assert_nonnull (text.target);
  g_string_append_printf (self->told, "%s|%s|%s\n", text.id, text.title, text.body);
  g_string_truncate (self->buttons, 0);
  for (unsigned i = 0; i < text.n_buttons; i++)
    {
      g_assert_true (g_str_has_prefix (text.buttons[i].action, "app."));
      g_string_append_printf (self->buttons, "%s=%s ", text.buttons[i].label,
                              text.buttons[i].action);
    }
}

static void
on_withdraw (const char *id, gpointer user_data)
{
  Fixture *self = user_data;

  g_string_append_printf (self->told, "-%s\n", id);
}

static const WeirNoticeWatchFuncs funcs = { .tell = on_tell, .withdraw = on_withdraw };

static void
set_up (Fixture *self, gconstpointer data)
{
  self->memory = weir_notice_memory_new ();
  self->watch = weir_notice_watch_new (self->memory, &funcs, self);
  self->model = weir_tray_model_new ();
  self->model->state = WEIR_TRAY_RUNNING;
  self->told = g_string_new (NULL);
  self->buttons = g_string_new (NULL);
  self->now_us = NOW_US;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  weir_notice_watch_free (self->watch);
  weir_notice_memory_free (self->memory);
  weir_tray_model_unref (self->model);
  g_string_free (self->told, TRUE);
  g_string_free (self->buttons, TRUE);
}

static void
add (Fixture *self, const char *id, const char *label, double used_percent)
{
  const WeirTrayAccount account = { .id = id,
                                    .provider_name = "Claude",
                                    .label = label,
                                    .windows = { { .name = "5 hours",
                                                   .used_percent = used_percent,
                                                   .resets_us = NOW_US + 2 * HOUR_US,
                                                   .length_us = 5 * HOUR_US } },
                                    .n_windows = 1 };

  g_array_append_val (self->model->accounts, account);
}

static WeirTrayAccount *
get (Fixture *self, unsigned i)
{
  return &g_array_index (self->model->accounts, WeirTrayAccount, i);
}

static void
expect (Fixture *self, const char *told)
{
  weir_notice_watch_look (self->watch, self->model, self->now_us);
  g_assert_cmpstr (self->told->str, ==, told);
  g_string_truncate (self->told, 0);
  /* whatever it was, it is told once */
  g_assert_false (weir_notice_watch_look (self->watch, self->model, self->now_us));
  g_assert_cmpstr (self->told->str, ==, "");
}

/* As a new process would know it. */
static void
restart (Fixture *self)
{
  g_autofree char *text = weir_notice_memory_write (self->memory, self->now_us);

  weir_notice_watch_free (self->watch);
  weir_notice_memory_free (self->memory);
  self->memory = weir_notice_memory_new ();
  weir_notice_memory_read (self->memory, weir_slice_from_string (text));
  self->watch = weir_notice_watch_new (self->memory, &funcs, self);
}

static void
test_thresholds (Fixture *self, gconstpointer data)
{
  add (self, "c-1", "work", 79.0);
  expect (self, "");
  get (self, 0)->windows[0].used_percent = 80.0;
  expect (self, "quota/c-1/5 hours|Claude – work: 20 % of the limit left (5 h)|"
                "Resets 14:00.\n");
  get (self, 0)->windows[0].used_percent = 91.0;
  expect (self, "");
  restart (self);
  expect (self, "");
  get (self, 0)->windows[0].used_percent = 96.0;
  expect (self,
          "quota/c-1/5 hours|Claude – work: 4 % of the limit left (5 h)|Resets 14:00.\n");
  /* the next cycle */
  self->now_us = NOW_US + 3 * HOUR_US;
  get (self, 0)->windows[0].resets_us = NOW_US + 7 * HOUR_US;
  get (self, 0)->windows[0].used_percent = 1.0;
  expect (self, "");
  get (self, 0)->windows[0].used_percent = 85.0;
  expect (self, "quota/c-1/5 hours|Claude – work: 15 % of the limit left (5 h)|"
                "Resets 19:00.\n");
}

static void
test_own_thresholds (Fixture *self, gconstpointer data)
{
  self->model->left = 50;
  self->model->left_last = 0;
  add (self, "c-1", "work", 50.0);
  expect (self, "quota/c-1/5 hours|Claude – work: 50 % of the limit left (5 h)|"
                "Resets 14:00.\n");
  get (self, 0)->windows[0].used_percent = 99.0;
  expect (self, "");
}

static void
test_several_at_once (Fixture *self, gconstpointer data)
{
  add (self, "c-1", "work", 99.0);
  expect (self,
          "quota/c-1/5 hours|Claude – work: 1 % of the limit left (5 h)|Resets 14:00.\n");
  g_assert_cmpstr (self->buttons->str, ==,
                   "Details=app.show-account Snooze Until Reset=app.snooze ");
  get (self, 0)->windows[0].used_percent = 90.0;
  expect (self, "");
}

static void
test_silence (Fixture *self, gconstpointer data)
{
  add (self, "c-1", "work", -1.0);
  add (self, "c-2", "minute", 99.0);
  get (self, 1)->windows[0].length_us = 60 * (int64_t)G_USEC_PER_SEC;
  add (self, "c-3", "model", 99.0);
  get (self, 2)->windows[0].scope = "opus";
  add (self, "c-4", "off", 99.0);
  get (self, 3)->state = WEIR_TRAY_ACCOUNT_DISABLED;
  add (self, "c-5", "over", 99.0);
  get (self, 4)->windows[0].resets_us = NOW_US - 1;
  expect (self, "");
}

static void
test_pace (Fixture *self, gconstpointer data)
{
  add (self, "c-1", "work", 50.0);
  get (self, 0)->windows[0].runs_out_us = NOW_US + 50 * 60 * (int64_t)G_USEC_PER_SEC;
  expect (self, "quota/c-1/5 hours|Claude – work may run out 12:50|"
                "That is 70 minutes before the reset.\n");
  get (self, 0)->windows[0].runs_out_us = 0;
  expect (self, "");
  get (self, 0)->windows[0].runs_out_us = NOW_US + HOUR_US;
  expect (self, "");
}

static void
test_snooze (Fixture *self, gconstpointer data)
{
  add (self, "c-1", "work", 85.0);
  weir_notice_watch_snooze (self->watch, "c-1", "5 hours", NOW_US + 2 * HOUR_US);
  expect (self, "");
  restart (self);
  expect (self, "");
  get (self, 0)->state = WEIR_TRAY_ACCOUNT_EXHAUSTED;
  get (self, 0)->rests_until_us = NOW_US + 2 * HOUR_US;
  expect (self, "used-up/c-1|Claude – work is used up|First reset 14:00.\n");
}

static void
test_used_up (Fixture *self, gconstpointer data)
{
  add (self, "c-1", "work", 50.0);
  add (self, "c-2", "home", 50.0);
  get (self, 0)->state = WEIR_TRAY_ACCOUNT_EXHAUSTED;
  get (self, 0)->rests_until_us = NOW_US + 70 * HOUR_US;
  expect (self, "used-up/c-1|Claude – work is used up|New requests go to Claude – home.\n");
  g_assert_cmpstr (self->buttons->str, ==,
                   "Details=app.show-account Undo=app.clear-rests ");
  get (self, 1)->state = WEIR_TRAY_ACCOUNT_EXHAUSTED;
  get (self, 1)->rests_until_us = NOW_US + 69 * HOUR_US;
  get (self, 1)->resets_left = 2;
  /* nothing is left of the vendor: its first reset counts, whichever it is of */
  expect (self, "used-up/c-2|Claude is used up|First reset Thu 09:00.\n");
  g_assert_cmpstr (self->buttons->str, ==,
                   "Use Limit Reset…=app.reset-limit Details=app.show-account ");
  get (self, 0)->state = WEIR_TRAY_ACCOUNT_RESTING;
  expect (self, "");
  get (self, 0)->state = WEIR_TRAY_ACCOUNT_READY;
  restart (self);
  expect (self, "-used-up/c-1\nused-up/c-1|Claude – work is available again|"
                "It answers requests since 12:00.\n");
}

static void
test_markup (Fixture *self, gconstpointer data)
{
  add (self, "c-1", "<a href='x'>work</a>", 50.0);
  get (self, 0)->state = WEIR_TRAY_ACCOUNT_SIGN_IN;
  expect (self,
          "sign-in/c-1|Sign in to Claude again|The vendor no longer accepts the saved "
          "sign-in of Claude – ‹a href='x'›work‹/a›.\n");
}

static void
test_sign_in (Fixture *self, gconstpointer data)
{
  add (self, "c-1", "work", 50.0);
  get (self, 0)->state = WEIR_TRAY_ACCOUNT_SIGN_IN;
  expect (self,
          "sign-in/c-1|Sign in to Claude again|The vendor no longer accepts the saved "
          "sign-in of Claude – work.\n");
  restart (self);
  expect (self, "");
  get (self, 0)->state = WEIR_TRAY_ACCOUNT_LOCKED; /* nobody knows */
  expect (self, "");
  get (self, 0)->state = WEIR_TRAY_ACCOUNT_READY;
  expect (self, "-sign-in/c-1\n");
  get (self, 0)->state = WEIR_TRAY_ACCOUNT_SIGN_IN;
  weir_notice_watch_look (self->watch, self->model, self->now_us);
  g_assert_true (g_str_has_prefix (self->told->str, "sign-in/c-1|"));
}

static void
test_proxy_and_keyring (Fixture *self, gconstpointer data)
{
  self->model->secrets_locked = TRUE;
  expect (self, ""); /* without an account nobody needs it */
  add (self, "c-1", "work", 50.0);
  get (self, 0)->state = WEIR_TRAY_ACCOUNT_LOCKED;
  expect (self,
          "keyring|Unlock your keyring|Saved sign-ins are needed to answer requests.\n");
  self->model->secrets_locked = FALSE;
  self->model->state = WEIR_TRAY_FAILED;
  self->model->problem = "Port 8317 is in use by \"node\" (4242).";
  expect (self, "proxy|The proxy could not start|Port 8317 is in use by \"node\" (4242).\n"
                "-keyring\n");
  self->model->state = WEIR_TRAY_RUNNING;
  expect (self, "-proxy\n");
}

static void
test_memory (void)
{
  static const char lines[]
      = "50 a b\n\nx y\n-5 z\n99\n77 \n9999999999999999999999 c\n60 d";
  g_autoptr (WeirNoticeMemory) memory = weir_notice_memory_new ();
  g_autofree char *text = NULL;
  g_autofree char *later = NULL;

  weir_notice_memory_read (memory, weir_slice_from_string (NULL));
  weir_notice_memory_read (memory, weir_slice_from_string (lines));
  text = weir_notice_memory_write (memory, 0);
  g_assert_cmpstr (text, ==, "50 a b\n9223372036854775807 c\n60 d\n");
  g_assert_true (weir_notice_memory_has (memory, "a b", 49));
  g_assert_false (weir_notice_memory_has (memory, "a b", 50));
  later = weir_notice_memory_write (memory, 55);
  g_assert_cmpstr (later, ==, "9223372036854775807 c\n60 d\n");
  for (unsigned i = 0; i < 4 * WEIR_NOTICE_MEMORY_MAX; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i);

      weir_notice_memory_add (memory, key, 1000 + i);
    }
  g_assert_false (weir_notice_memory_has (memory, "key-0", 0));
  g_assert_true (weir_notice_memory_has (memory, "c", 0));
}

#define ADD(path, func) g_test_add ("/notice/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  setenv ("TZ", "UTC", 1);
  g_test_init (&argc, &argv, NULL);
  ADD ("each-threshold-is-told-once-a-cycle-also-over-a-restart", test_thresholds);
  ADD ("thresholds-are-the-users", test_own_thresholds);
  ADD ("of-several-at-once-the-least-is-told", test_several_at_once);
  ADD ("what-is-unknown-brief-over-or-off-is-not-told", test_silence);
  ADD ("running-out-before-the-reset-is-told-once", test_pace);
  ADD ("snoozing-leaves-only-that-it-is-used-up", test_snooze);
  ADD ("used-up-says-who-serves-instead-and-is-taken-back", test_used_up);
  ADD ("a-sign-in-is-asked-for-once-until-it-is-done", test_sign_in);
  ADD ("a-body-holds-nothing-that-is-read-as-markup", test_markup);
  ADD ("a-proxy-that-failed-and-a-locked-keyring-are-told", test_proxy_and_keyring);
  g_test_add_func ("/notice/the-memory-is-bounded-and-reads-only-what-it-wrote",
                   test_memory);
  return g_test_run ();
}
