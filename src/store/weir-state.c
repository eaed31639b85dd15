/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Changes wait in a table, the latest of each row only, until the thread takes them all
 * into one transaction.  What the thread has to say it leaves for a source of the main
 * loop. */

#include "config.h"

#include "store/weir-state-file.h"

#include <errno.h>
#include <unistd.h>

#define WAITING_MAX 8192
/* The thread sleeps in real time: nothing but a disk depends on it. */
#define PAUSE_US G_TIME_SPAN_SECOND
/* What is put in one turn of the loop is written in one transaction. */
#define TOGETHER_US (50 * G_TIME_SPAN_MILLISECOND)
#define RETRY_US (30 * G_TIME_SPAN_SECOND)

typedef struct
{
  GSource source;
  WeirState *owner; /* (unowned) */
} Mailbox;

struct _WeirState
{
  char *path; /* (owned) */
  int64_t real_us;
  WeirStateFuncs funcs;
  gpointer user_data;
  GSource *mailbox; /* (owned) */
  GThread *thread;  /* (owned) */

  GMutex lock; /* of what follows */
  GCond wake;
  GCond loaded;
  GHashTable *waiting; /* (owned) of WeirStateRow (owned), itself the key */
  GPtrArray *rows;     /* (owned) (nullable) to tell of: what was loaded */
  GPtrArray *notices;  /* (owned) of char *, to tell of */
  gboolean is_full;    /* and that was said */
  gboolean is_loaded;
  gboolean is_ending;
};

/* The thread's own. */
typedef struct
{
  WeirState *state;
  WeirStateFile *file; /* (owned) (nullable) */
  gboolean is_failing; /* and that was said */
} Writer;

/* --- rows --- */

static guint
hash_row (gconstpointer key)
{
  const WeirStateRow *row = key;

  return g_str_hash (row->subject) ^ g_str_hash (row->part) * 31 ^ row->table;
}

static gboolean
is_same_row (gconstpointer a, gconstpointer b)
{
  const WeirStateRow *left = a;
  const WeirStateRow *right = b;

  return left->table == right->table && g_str_equal (left->subject, right->subject)
         && g_str_equal (left->part, right->part);
}

static GHashTable *
make_table (void)
{
  return g_hash_table_new_full (hash_row, is_same_row, weir_state_row_free, NULL);
}

/* --- what the thread says --- */

/* Under the lock. */
static void
take_notice (WeirState *self, char *text)
{
  g_ptr_array_add (self->notices, text);
  g_source_set_ready_time (self->mailbox, 0);
}

static void
say (Writer *writer, char *text)
{
  g_mutex_lock (&writer->state->lock);
  take_notice (writer->state, text);
  g_mutex_unlock (&writer->state->lock);
}

static void
say_failing (Writer *writer, const GError *error)
{
  if (writer->is_failing)
    return;
  writer->is_failing = TRUE;
  say (writer,
       g_strdup_printf ("%s; what rests and what client keys have used is not kept for the "
                        "next start until that is mended",
                        error->message));
}

static void
deliver (WeirState *self)
{
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) notices = g_ptr_array_new_with_free_func (g_free);

  g_source_set_ready_time (self->mailbox, -1);
  g_mutex_lock (&self->lock);
  rows = g_steal_pointer (&self->rows);
  g_ptr_array_extend_and_steal (notices, g_steal_pointer (&self->notices));
  self->notices = g_ptr_array_new_with_free_func (g_free);
  g_mutex_unlock (&self->lock);

  for (unsigned i = 0; i < notices->len; i++)
    self->funcs.notice (g_ptr_array_index (notices, i), self->user_data);
  if (rows != NULL && !self->is_ending)
    self->funcs.loaded (rows, self->user_data);
}

static gboolean
mailbox_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  deliver (((Mailbox *)source)->owner);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs mailbox_funcs = { .dispatch = mailbox_dispatch };

/* --- the thread --- */

/* FALSE: it was said. */
static gboolean
ensure_open (Writer *writer)
{
  g_autofree char *notice = NULL;
  g_autoptr (GError) error = NULL;

  if (writer->file != NULL)
    return TRUE;
  writer->file = weir_state_file_open (writer->state->path, &notice, &error);
  if (notice != NULL)
    say (writer, g_steal_pointer (&notice));
  if (writer->file == NULL)
    say_failing (writer, error);
  return writer->file != NULL;
}

static void
load (Writer *writer)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (weir_state_row_free);
  g_autoptr (GError) error = NULL;
  WeirState *state = writer->state;
  /* who has nothing to remember gets no file */
  const gboolean is_there = access (state->path, F_OK) == 0 || errno != ENOENT;

  if (is_there && ensure_open (writer)
      && !weir_state_file_load (writer->file, state->real_us, rows, &error))
    {
      say_failing (writer, error);
      g_clear_pointer (&writer->file, weir_state_file_close);
    }
  g_mutex_lock (&state->lock);
  state->rows = g_steal_pointer (&rows);
  state->is_loaded = TRUE;
  g_cond_signal (&state->loaded);
  g_source_set_ready_time (state->mailbox, 0);
  g_mutex_unlock (&state->lock);
}

/* FALSE: it was said. */
static gboolean
write_rows (Writer *writer, GPtrArray *rows)
{
  g_autoptr (GError) error = NULL;
  gboolean is_broken = TRUE;

  /* twice at most: a file that has become broken is set aside by opening it */
  for (unsigned i = 0; is_broken && i < 2; i++)
    {
      g_clear_error (&error);
      if (!ensure_open (writer))
        return FALSE;
      if (weir_state_file_write (writer->file, rows, &error))
        {
          if (writer->is_failing)
            say (writer, g_strdup_printf ("%s is written again", writer->state->path));
          writer->is_failing = FALSE;
          g_mutex_lock (&writer->state->lock);
          writer->state->is_full = FALSE;
          g_mutex_unlock (&writer->state->lock);
          return TRUE;
        }
      is_broken = weir_state_file_is_broken (writer->file);
      g_clear_pointer (&writer->file, weir_state_file_close);
    }
  say_failing (writer, error);
  return FALSE;
}

/* Whatever is known by now is newer than what could not be written. */
static void
put_back (WeirState *state, GPtrArray *rows)
{
  g_mutex_lock (&state->lock);
  for (unsigned i = 0; i < rows->len; i++)
    {
      gpointer *row = &g_ptr_array_index (rows, i);

      if (!g_hash_table_contains (state->waiting, *row))
        g_hash_table_add (state->waiting, g_steal_pointer (row));
    }
  g_mutex_unlock (&state->lock);
}

/* Waits for rows until the end, and from the first one on until @not_before_us. */
static GPtrArray *
take_rows (WeirState *state, int64_t not_before_us, gboolean *out_is_last)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (weir_state_row_free);
  GHashTableIter iter;
  gpointer row;

  g_mutex_lock (&state->lock);
  while (!state->is_ending && g_hash_table_size (state->waiting) == 0)
    g_cond_wait (&state->wake, &state->lock);
  not_before_us = MAX (not_before_us, g_get_monotonic_time () + TOGETHER_US);
  while (!state->is_ending && g_cond_wait_until (&state->wake, &state->lock, not_before_us))
    ;
  g_hash_table_iter_init (&iter, state->waiting);
  while (g_hash_table_iter_next (&iter, &row, NULL))
    {
      g_hash_table_iter_steal (&iter);
      g_ptr_array_add (rows, row);
    }
  *out_is_last = state->is_ending;
  g_mutex_unlock (&state->lock);
  return g_steal_pointer (&rows);
}

static gpointer
run_thread (gpointer data)
{
  Writer writer = { .state = data };
  gboolean is_last = FALSE;
  int64_t not_before_us = 0;

  load (&writer);
  while (!is_last)
    {
      g_autoptr (GPtrArray) rows = take_rows (writer.state, not_before_us, &is_last);

      if (rows->len > 0 && !write_rows (&writer, rows) && !is_last)
        put_back (writer.state, rows);
      not_before_us = g_get_monotonic_time () + (writer.is_failing ? RETRY_US : PAUSE_US);
    }
  weir_state_file_close (writer.file);
  return NULL;
}

/* --- the main thread --- */

WeirState *
weir_state_new (const char *path,
                int64_t real_us,
                const WeirStateFuncs *funcs,
                gpointer user_data)
{
  WeirState *self = g_new0 (WeirState, 1);

  self->path = g_strdup (path);
  self->real_us = real_us;
  self->funcs = *funcs;
  self->user_data = user_data;
  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  g_cond_init (&self->loaded);
  self->waiting = make_table ();
  self->notices = g_ptr_array_new_with_free_func (g_free);
  self->mailbox = g_source_new (&mailbox_funcs, sizeof (Mailbox));
  ((Mailbox *)self->mailbox)->owner = self;
  g_source_set_static_name (self->mailbox, "state");
  g_source_attach (self->mailbox, g_main_context_get_thread_default ());
  self->thread = g_thread_new ("state", run_thread, self);
  return self;
}

void
weir_state_wait (WeirState *self, int64_t most_us)
{
  const int64_t until_us = g_get_monotonic_time () + most_us;

  g_mutex_lock (&self->lock);
  while (!self->is_loaded && g_cond_wait_until (&self->loaded, &self->lock, until_us))
    ;
  g_mutex_unlock (&self->lock);
  deliver (self);
}

void
weir_state_free (WeirState *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->is_ending = TRUE;
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);
  deliver (self);
  g_source_destroy (self->mailbox);
  g_source_unref (self->mailbox);
  g_hash_table_unref (self->waiting);
  g_ptr_array_unref (self->notices);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->wake);
  g_cond_clear (&self->loaded);
  g_free (self->path);
  g_free (self);
}

static void
change (WeirState *self, WeirStateRow *row)
{
  gboolean has_room;

  g_mutex_lock (&self->lock);
  has_room = g_hash_table_size (self->waiting) < WAITING_MAX
             || g_hash_table_contains (self->waiting, row);
  if (has_room)
    {
      if (g_hash_table_size (self->waiting) == 0)
        g_cond_signal (&self->wake);
      g_hash_table_add (self->waiting, row);
    }
  else if (!self->is_full)
    {
      self->is_full = TRUE;
      take_notice (self,
                   g_strdup_printf ("%s is not written fast enough; what comes now is "
                                    "forgotten at the next start",
                                    self->path));
    }
  g_mutex_unlock (&self->lock);
  if (!has_room)
    weir_state_row_free (row);
}

void
weir_state_put (WeirState *self,
                WeirStateTable table,
                const char *subject,
                const char *part,
                int64_t real_us,
                const char *text)
{
  change (self, weir_state_row_new (table, subject, part, real_us, text));
}

void
weir_state_remove (WeirState *self,
                   WeirStateTable table,
                   const char *subject,
                   const char *part)
{
  change (self, weir_state_row_new (table, subject, part, 0, NULL));
}

char *
weir_state_dup_default_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "weir", "state.db", NULL);
}
