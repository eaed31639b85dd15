/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The file is written in a thread, the newest text behind the one that is on its way; one
 * that cannot be written costs a repetition after the next start and nothing else. */

#include "config.h"

#include "app/weir-notices.h"

#include "app/weir-notice-desk.h"
#include "app/weir-notice-watch.h"

#include "base/weir-clock.h"
#include "store/weir-file.h"

#include <string.h>

#define FILE_MAX_BYTES (256 * 1024)

struct _WeirNotices
{
  GApplication *application; /* (unowned) */
  WeirNoticeDesk *desk;      /* (owned) */
  WeirNoticeMemory *memory;  /* (owned) */
  WeirNoticeWatch *watch;    /* (owned) */
  char *path;                /* (owned) */
  gboolean is_writing;
  gboolean is_dirty;         /* changed while it is written */
  GCancellable *cancellable; /* (owned): of the callbacks */
};

static void save (WeirNotices *self);

typedef struct
{
  char *path; /* (owned) */
  char *text; /* (owned) */
} Save;

static void
free_save (gpointer data)
{
  Save *self = data;

  g_free (self->path);
  g_free (self->text);
  g_free (self);
}

static void
save_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Save *self = data;
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (folder, 0700);
  if (!weir_file_replace (self->path, weir_slice_from_string (self->text), &error))
    g_debug ("%s", error->message);
  g_task_return_boolean (task, TRUE);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirNotices *self = user_data; /* alive unless cancelled */

  if (g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    return;
  self->is_writing = FALSE;
  if (self->is_dirty)
    save (self);
}

static void
save (WeirNotices *self)
{
  g_autoptr (GTask) task = NULL;
  Save *data = NULL;

  self->is_dirty = self->is_writing;
  if (self->is_writing)
    return;
  self->is_writing = TRUE;
  data = g_new0 (Save, 1);
  data->path = g_strdup (self->path);
  data->text = weir_notice_memory_write (self->memory, weir_clock_real_us ());
  task = g_task_new (NULL, self->cancellable, saved_cb, self);
  g_task_set_source_tag (task, (gpointer)(guintptr)save);
  g_task_set_task_data (task, data, free_save);
  g_task_run_in_thread (task, save_in_thread);
}

static void
on_tell (const WeirNoticeEvent *event, gpointer user_data)
{
  WeirNotices *self = user_data;
  g_auto (WeirNoticeText) text = { 0 };

  weir_notice_write (event, weir_clock_real_us (), &text);
  weir_notice_desk_show (self->desk, &text);
}

static void
on_withdraw (const char *id, gpointer user_data)
{
  WeirNotices *self = user_data;

  weir_notice_desk_withdraw (self->desk, id);
}

static void
on_snooze (GSimpleAction *action, GVariant *target, gpointer user_data)
{
  WeirNotices *self = user_data;
  const char *account = NULL;
  const char *window = NULL;
  gint64 until_us = 0;

  g_variant_get (target, "(&s&sx)", &account, &window, &until_us);
  weir_notice_watch_snooze (self->watch, account, window, until_us);
  save (self);
}

WeirNotices *
weir_notices_new (GApplication *application, const char *path)
{
  static const WeirNoticeWatchFuncs funcs = { .tell = on_tell, .withdraw = on_withdraw };
  g_autoptr (GSimpleAction) snooze
      = g_simple_action_new ("snooze", G_VARIANT_TYPE ("(ssx)"));
  g_autoptr (GBytes) kept = weir_file_read (path, FILE_MAX_BYTES, NULL, NULL, NULL);
  WeirNotices *self = g_new0 (WeirNotices, 1);
  WeirSlice text = { 0 };

  self->application = application;
  self->path = g_strdup (path);
  self->cancellable = g_cancellable_new ();
  self->desk = weir_notice_desk_new (application);
  self->memory = weir_notice_memory_new ();
  self->watch = weir_notice_watch_new (self->memory, &funcs, self);
  if (kept != NULL)
    text.text = g_bytes_get_data (kept, &text.length);
  weir_notice_memory_read (self->memory, text);
  g_signal_connect (snooze, "activate", G_CALLBACK (on_snooze), self);
  g_action_map_add_action (G_ACTION_MAP (application), G_ACTION (snooze));
  return self;
}

void
weir_notices_free (WeirNotices *self)
{
  if (self == NULL)
    return;
  g_action_map_remove_action (G_ACTION_MAP (self->application), "snooze");
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  weir_notice_watch_free (self->watch);
  weir_notice_memory_free (self->memory);
  weir_notice_desk_free (self->desk);
  g_free (self->path);
  g_free (self);
}

void
weir_notices_set_bus (WeirNotices *self, GDBusConnection *bus)
{
  weir_notice_desk_set_bus (self->desk, bus);
}

void
weir_notices_look (WeirNotices *self, const WeirTrayModel *model)
{
  if (weir_notice_watch_look (self->watch, model, weir_clock_real_us ()))
    save (self);
}

char *
weir_notices_dup_default_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "weir", "notices", NULL);
}
