/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Jobs go to the thread through a queue; what it has to say it leaves for a source of the
 * main loop, and a query's task returns by itself. */

#include "config.h"

#include "store/weir-quota-history-file.h"

#include "base/weir-clock.h"

#include <errno.h>
#include <unistd.h>

/* What is not written by then is written with the next reading, or never. */
#define WAITING_MAX 4096
#define RETRY_US (30 * G_TIME_SPAN_SECOND)
#define THIN_US (6 * G_TIME_SPAN_HOUR)

typedef enum
{
  JOB_PUT,
  JOB_FORGET,
  JOB_QUERY,
  JOB_END,
} JobKind;

typedef struct
{
  JobKind kind;
  char *subject;             /* (owned) (nullable) */
  WeirQuotaReading *reading; /* (owned) of PUT */
  char *window;              /* (owned) of QUERY */
  int64_t since_us;          /* of QUERY */
  GTask *task;               /* (owned) of QUERY */
} Job;

typedef struct
{
  GSource source;
  WeirQuotaHistory *owner; /* (unowned) */
} Mailbox;

struct _WeirQuotaHistory
{
  char *path; /* (owned) */
  WeirQuotaHistoryFuncs funcs;
  gpointer user_data;
  GSource *mailbox;  /* (owned) */
  GThread *thread;   /* (owned) */
  GAsyncQueue *jobs; /* (owned) of Job (owned) */

  GMutex lock;          /* of what follows */
  GHashTable *readings; /* (owned) (nullable) of WeirQuotaReading by subject, to tell of */
  GPtrArray *notices;   /* (owned) of char *, to tell of */
};

/* The thread's own. */
typedef struct
{
  WeirQuotaHistory *owner;
  WeirQuotaHistoryFile *file; /* (owned) (nullable) */
  gboolean is_failing;        /* and that was said */
  int64_t retry_us; /* real time of the kernel: nothing but a disk depends on it */
  int64_t thin_us;
} Writer;

static void
job_free (gpointer data)
{
  Job *self = data;

  g_free (self->subject);
  g_free (self->reading);
  g_free (self->window);
  g_clear_object (&self->task);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, job_free)

/* --- what the thread says --- */

static void
say (Writer *writer, char *text)
{
  WeirQuotaHistory *owner = writer->owner;

  g_mutex_lock (&owner->lock);
  g_ptr_array_add (owner->notices, text);
  g_source_set_ready_time (owner->mailbox, 0);
  g_mutex_unlock (&owner->lock);
}

static void
give_up (Writer *writer, const GError *error)
{
  const gboolean is_broken
      = writer->file != NULL && weir_quota_history_file_is_broken (writer->file);

  g_clear_pointer (&writer->file, weir_quota_history_file_close);
  /* one that is broken is set aside at once, by opening it */
  writer->retry_us = is_broken ? 0 : g_get_monotonic_time () + RETRY_US;
  if (writer->is_failing || is_broken)
    return;
  writer->is_failing = TRUE;
  say (writer, g_strdup_printf ("%s; what is read of quotas is not kept until that is "
                                "mended",
                                error->message));
}

static gboolean
mailbox_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  WeirQuotaHistory *self = ((Mailbox *)source)->owner;
  g_autoptr (GHashTable) readings = NULL;
  g_autoptr (GPtrArray) notices = NULL;
  GHashTableIter iter;
  gpointer subject;
  gpointer reading;

  g_source_set_ready_time (source, -1);
  g_mutex_lock (&self->lock);
  readings = g_steal_pointer (&self->readings);
  notices = g_steal_pointer (&self->notices);
  self->notices = g_ptr_array_new_with_free_func (g_free);
  g_mutex_unlock (&self->lock);

  for (unsigned i = 0; i < notices->len; i++)
    self->funcs.notice (g_ptr_array_index (notices, i), self->user_data);
  if (readings == NULL)
    return G_SOURCE_CONTINUE;
  g_hash_table_iter_init (&iter, readings);
  while (g_hash_table_iter_next (&iter, &subject, &reading))
    self->funcs.loaded (subject, reading, self->user_data);
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
  if (g_get_monotonic_time () < writer->retry_us)
    return FALSE;
  writer->file = weir_quota_history_file_open (writer->owner->path, &notice, &error);
  if (notice != NULL)
    say (writer, g_steal_pointer (&notice));
  if (writer->file == NULL)
    give_up (writer, error);
  return writer->file != NULL;
}

static gboolean
is_there (const Writer *writer)
{
  return writer->file != NULL || access (writer->owner->path, F_OK) == 0 || errno != ENOENT;
}

static void
load (Writer *writer)
{
  g_autoptr (GHashTable) readings
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GError) error = NULL;
  WeirQuotaHistory *owner = writer->owner;

  /* who has nothing to remember gets no file */
  if (is_there (writer) && ensure_open (writer)
      && !weir_quota_history_file_load (writer->file, weir_clock_real_us (), readings,
                                        &error))
    give_up (writer, error);
  g_mutex_lock (&owner->lock);
  owner->readings = g_steal_pointer (&readings);
  g_source_set_ready_time (owner->mailbox, 0);
  g_mutex_unlock (&owner->lock);
}

static gboolean
write_job (Writer *writer, const Job *job, GError **error)
{
  if (job->kind == JOB_FORGET)
    return weir_quota_history_file_forget (writer->file, job->subject, error);
  return weir_quota_history_file_put (writer->file, job->subject, job->reading, error);
}

static gboolean
write_jobs_once (Writer *writer, GPtrArray *jobs, GError **error)
{
  const int64_t now_us = g_get_monotonic_time ();
  gboolean ok = weir_quota_history_file_begin (writer->file, error);

  for (unsigned i = 0; ok && i < jobs->len; i++)
    ok = write_job (writer, g_ptr_array_index (jobs, i), error);
  if (ok && now_us >= writer->thin_us)
    {
      ok = weir_quota_history_file_thin (writer->file, weir_clock_real_us (), error);
      writer->thin_us = now_us + THIN_US;
    }
  ok = ok && weir_quota_history_file_commit (writer->file, error);
  if (!ok)
    weir_quota_history_file_roll_back (writer->file);
  return ok;
}

/* Twice at most: a file that has become broken is set aside by opening it. */
static void
write_jobs (Writer *writer, GPtrArray *jobs)
{
  for (unsigned i = 0; jobs->len > 0 && i < 2 && ensure_open (writer); i++)
    {
      g_autoptr (GError) error = NULL;

      if (write_jobs_once (writer, jobs, &error))
        {
          if (writer->is_failing)
            say (writer, g_strdup_printf ("%s is written again", writer->owner->path));
          writer->is_failing = FALSE;
          break;
        }
      give_up (writer, error);
    }
  g_ptr_array_set_size (jobs, 0);
}

static void
answer (Writer *writer, const Job *job)
{
  g_autoptr (GError) error = NULL;
  GArray *samples = NULL;

  if (is_there (writer) && ensure_open (writer))
    {
      samples = weir_quota_history_file_query (writer->file, job->subject, job->window,
                                               job->since_us, &error);
      if (samples == NULL)
        give_up (writer, error);
    }
  if (samples == NULL)
    samples = g_array_new (FALSE, FALSE, sizeof (WeirQuotaHistorySample));
  g_task_return_pointer (job->task, samples, (GDestroyNotify)g_array_unref);
}

static gpointer
run_thread (gpointer data)
{
  Writer writer = { .owner = data };
  g_autoptr (GPtrArray) jobs = g_ptr_array_new_with_free_func (job_free);
  gboolean is_ending = FALSE;

  load (&writer);
  while (!is_ending)
    {
      g_autoptr (Job) job = jobs->len > 0 ? g_async_queue_try_pop (writer.owner->jobs)
                                          : g_async_queue_pop (writer.owner->jobs);

      if (job == NULL)
        {
          write_jobs (&writer, jobs);
          continue;
        }
      if (job->kind == JOB_PUT || job->kind == JOB_FORGET)
        {
          g_ptr_array_add (jobs, g_steal_pointer (&job));
          continue;
        }
      write_jobs (&writer, jobs);
      if (job->kind == JOB_QUERY)
        answer (&writer, job);
      is_ending = job->kind == JOB_END;
    }
  weir_quota_history_file_close (writer.file);
  return NULL;
}

/* --- the main thread --- */

WeirQuotaHistory *
weir_quota_history_new (const char *path,
                        const WeirQuotaHistoryFuncs *funcs,
                        gpointer user_data)
{
  WeirQuotaHistory *self = g_new0 (WeirQuotaHistory, 1);

  self->path = g_strdup (path);
  self->funcs = *funcs;
  self->user_data = user_data;
  g_mutex_init (&self->lock);
  self->notices = g_ptr_array_new_with_free_func (g_free);
  self->jobs = g_async_queue_new_full (job_free);
  self->mailbox = g_source_new (&mailbox_funcs, sizeof (Mailbox));
  ((Mailbox *)self->mailbox)->owner = self;
  g_source_set_static_name (self->mailbox, "quota-history");
  g_source_attach (self->mailbox, g_main_context_get_thread_default ());
  self->thread = g_thread_new ("quota-history", run_thread, self);
  return self;
}

static Job *
make_job (JobKind kind, const char *subject)
{
  Job *job = g_new0 (Job, 1);

  job->kind = kind;
  job->subject = g_strdup (subject);
  return job;
}

void
weir_quota_history_free (WeirQuotaHistory *self)
{
  if (self == NULL)
    return;
  g_async_queue_push (self->jobs, make_job (JOB_END, NULL));
  g_thread_join (self->thread);
  g_source_destroy (self->mailbox);
  g_source_unref (self->mailbox);
  g_async_queue_unref (self->jobs);
  g_clear_pointer (&self->readings, g_hash_table_unref);
  g_ptr_array_unref (self->notices);
  g_mutex_clear (&self->lock);
  g_free (self->path);
  g_free (self);
}

void
weir_quota_history_put (WeirQuotaHistory *self,
                        const char *subject,
                        const WeirQuotaReading *reading)
{
  Job *job;

  if (g_async_queue_length (self->jobs) > WAITING_MAX)
    return;
  job = make_job (JOB_PUT, subject);
  job->reading = g_new (WeirQuotaReading, 1);
  *job->reading = *reading;
  g_async_queue_push (self->jobs, job);
}

void
weir_quota_history_forget (WeirQuotaHistory *self, const char *subject)
{
  g_async_queue_push (self->jobs, make_job (JOB_FORGET, subject));
}

void
weir_quota_history_query (WeirQuotaHistory *self,
                          const char *subject,
                          const char *window,
                          int64_t since_us,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  Job *job = make_job (JOB_QUERY, subject);

  job->window = g_strdup (window);
  job->since_us = since_us;
  job->task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (job->task, (gpointer)(guintptr)weir_quota_history_query);
  g_async_queue_push (self->jobs, job);
}

GArray *
weir_quota_history_query_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

char *
weir_quota_history_dup_default_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "weir", "quota.db", NULL);
}
