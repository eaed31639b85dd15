/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A tray without a proxy: shows what lines on the standard input say, and says on the
 * standard output what was chosen.  For tests and for looking at it.
 *
 *   accounts N             N accounts, each with less left than the one before
 *   used I PERCENT         of the short window of the Ith, from 0
 *   account I STATE        ready, exhausted, sign-in, off
 *   state STATE            running, stopped, failed
 *   notice KIND SUBJECT    one more
 *   set MEMBER 0|1         offline, locked, hides, private, label
 *   click KIND             window, menu, toggle
 */

#include "config.h"

#include "tray/weir-tray.h"

#include "base/weir-clock.h"

#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <stdlib.h>

#define HOUR_US (3600 * WEIR_USEC_PER_SEC)

typedef struct
{
  WeirTray *tray; /* (owned) */
  unsigned n_accounts;
  double used[64];
  WeirTrayAccountState states[64];
  GPtrArray *notices; /* (owned) of char **: kind, subject */
  WeirTrayState state;
  WeirTrayClick click;
  gboolean is_offline;
  gboolean is_locked;
  gboolean hides;
  gboolean is_private;
  gboolean has_label;
  GMainLoop *loop; /* (owned) */
} Demo;

static void
add_account (const Demo *self, WeirTrayModel *model, unsigned i)
{
  static const char *const providers[] = { "Claude", "Codex", "Copilot", "Gemini" };
  static const char *const labels[]
      = { "work", "home", "j…@example.org", "an_account", "the team's plan" };
  const int64_t now_us = weir_clock_real_us ();
  g_autofree char *id = g_strdup_printf ("demo-%u", i);
  WeirTrayAccount account = { .id = weir_tray_model_keep (model, id),
                              .provider_name = providers[i % G_N_ELEMENTS (providers)],
                              .label = labels[i % G_N_ELEMENTS (labels)],
                              .identity = "j…@example.org",
                              .plan = "Max 20x",
                              .source = "answers",
                              .provider = "codex",
                              .read_us = now_us - 90 * WEIR_USEC_PER_SEC,
                              .state = self->states[i],
                              .is_preferred = i == 0,
                              .n_windows = 2 };

  if (account.state == WEIR_TRAY_ACCOUNT_EXHAUSTED)
    account.rests_until_us = now_us + 2 * HOUR_US;
  account.windows[0] = (WeirTrayWindow){ .name = "5 hours",
                                         .used_percent = self->used[i],
                                         .resets_us = now_us + 2 * HOUR_US,
                                         .length_us = 5 * HOUR_US,
                                         .pace = "on pace" };
  account.windows[1] = (WeirTrayWindow){ .name = "7 days",
                                         .used_percent = self->used[i] / 2,
                                         .resets_us = now_us + 90 * HOUR_US,
                                         .length_us = 168 * HOUR_US };
  g_array_append_val (model->accounts, account);
}

static WeirTrayModel *
build_model (const Demo *self)
{
  static const WeirTrayProvider providers[]
      = { { .id = "claude", .name = "Claude" },
          { .id = "codex", .name = "ChatGPT", .has_device = TRUE, .has_usage = TRUE } };
  static const WeirTrayModelName names[] = { { .owner = "Claude", .id = "claude-opus-4" },
                                             { .owner = "Claude", .id = "claude-sonnet-4" },
                                             { .owner = "Codex", .id = "gpt-5" } };
  WeirTrayModel *model = weir_tray_model_new ();

  model->state = self->state;
  model->problem = "Port 8317 is used by \"node\" (4242)";
  model->endpoint = "http://127.0.0.1:8317";
  model->updated_us = weir_clock_real_us () - 120 * WEIR_USEC_PER_SEC;
  model->left_click = self->click;
  model->is_offline = self->is_offline;
  model->secrets_locked = self->is_locked;
  model->hides_stopped = self->hides;
  model->is_private = self->is_private;
  model->has_label = self->has_label;
  g_array_append_vals (model->providers, providers, G_N_ELEMENTS (providers));
  g_array_append_vals (model->model_names, names, G_N_ELEMENTS (names));
  for (unsigned i = 0; i < self->n_accounts; i++)
    add_account (self, model, i);
  for (unsigned i = 0; i < self->notices->len; i++)
    {
      char **words = g_ptr_array_index (self->notices, i);
      const WeirTrayNotice notice
          = { weir_tray_model_keep (model, words[0]),
              weir_tray_model_keep (model, words[1]), "Sign in again: Claude – work" };

      g_array_append_val (model->notices, notice);
    }
  return model;
}

static void
set_member (Demo *self, const char *name, gboolean value)
{
  const struct
  {
    const char *name;
    gboolean *member;
  } members[] = {
    { "offline", &self->is_offline }, { "locked", &self->is_locked },
    { "hides", &self->hides },        { "private", &self->is_private },
    { "label", &self->has_label },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (members); i++)
    if (g_str_equal (name, members[i].name))
      *members[i].member = value;
}

static unsigned
choose (const char *word, const char *const *words)
{
  for (unsigned i = 0; words[i] != NULL; i++)
    if (g_str_equal (word, words[i]))
      return i;
  return 0;
}

static void
obey (Demo *self, char **words)
{
  static const char *const states[] = { "starting", "running", "stopped", "failed", NULL };
  static const char *const account_states[]
      = { "ready", "resting", "exhausted", "off", "sign-in", NULL };
  static const char *const clicks[] = { "window", "menu", "toggle", NULL };
  const unsigned n = g_strv_length (words);
  const unsigned i = n > 1 ? MIN ((unsigned)strtoul (words[1], NULL, 10), 63) : 0;

  if (n < 2)
    return;
  if (g_str_equal (words[0], "accounts"))
    self->n_accounts = i;
  else if (g_str_equal (words[0], "state"))
    self->state = (WeirTrayState)choose (words[1], states);
  else if (g_str_equal (words[0], "click"))
    self->click = (WeirTrayClick)choose (words[1], clicks);
  else if (n < 3)
    return;
  else if (g_str_equal (words[0], "used"))
    self->used[i] = g_ascii_strtod (words[2], NULL);
  else if (g_str_equal (words[0], "account"))
    self->states[i] = (WeirTrayAccountState)choose (words[2], account_states);
  else if (g_str_equal (words[0], "notice"))
    g_ptr_array_add (self->notices, g_strdupv (words + 1));
  else if (g_str_equal (words[0], "set"))
    set_member (self, words[1], words[2][0] == '1');
}

static void
line_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Demo *self = user_data;
  GDataInputStream *stream = G_DATA_INPUT_STREAM (source);
  g_autofree char *line = g_data_input_stream_read_line_finish (stream, result, NULL, NULL);
  g_auto (GStrv) words = NULL;

  if (line == NULL)
    {
      g_main_loop_quit (self->loop);
      return;
    }
  words = g_strsplit (line, " ", 3);
  obey (self, words);
  weir_tray_take_model (self->tray, build_model (self));
  printf ("done\n");
  fflush (stdout);
  g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT, NULL, line_cb, self);
}

static void
on_activated (const char *action, GVariant *target, const char *token, gpointer user_data)
{
  g_autofree char *text = target != NULL ? g_variant_print (target, FALSE) : g_strdup ("-");

  printf ("action %s %s %s\n", action, text, token != NULL ? token : "-");
  fflush (stdout);
}

static void
on_shown_changed (gboolean is_shown, gpointer user_data)
{
  printf ("shown %d\n", is_shown);
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  static const WeirTrayFuncs funcs
      = { .activated = on_activated, .shown_changed = on_shown_changed };
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_autoptr (GInputStream) input = g_unix_input_stream_new (0, FALSE);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (input);
  Demo self = { .state = WEIR_TRAY_RUNNING };

  if (bus == NULL)
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (self.used); i++)
    self.used[i] = 9.0 * (i + 1) > 97.0 ? 97.0 : 9.0 * (i + 1);
  self.loop = g_main_loop_new (NULL, FALSE);
  self.notices = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  self.tray = weir_tray_new (bus, &funcs, &self, &error);
  if (self.tray == NULL)
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
  weir_tray_take_model (self.tray, build_model (&self));
  printf ("name %s\n", g_dbus_connection_get_unique_name (bus));
  fflush (stdout);
  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL, line_cb, &self);
  g_main_loop_run (self.loop);
  weir_tray_free (self.tray);
  g_ptr_array_unref (self.notices);
  g_main_loop_unref (self.loop);
  return 0;
}
