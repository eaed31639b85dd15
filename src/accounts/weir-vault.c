/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The vault: what is known, and a queue of operations on what it is kept in.
 *
 *                look                          lock, loss
 *   STARTING ------------> UNLOCKED <=> LOCKED <----------> MISSING
 *
 * Nothing leads back to "not there" but a look into an unlocked store: a store that is
 * locked or gone takes no answer away. */

#include "config.h"

#include "accounts/weir-vault-private.h"

#include "store/weir-config.h"

#define PATIENCE_MS 10000
#define BURST_MS 200 /* changes by others come in bursts */

typedef enum
{
  JOB_LOOK,
  JOB_WRITE,
  JOB_UNLOCK,
  JOB_HOLD, /* somebody else works on what it is kept in */
} JobKind;

typedef struct
{
  JobKind kind;
  WeirVault *vault;   /* (owned) */
  GTask *task;        /* (owned) (nullable): who waits */
  char *name;         /* (owned) (nullable) */
  WeirSecret *secret; /* (owned) (nullable) */
  GSource *timeout;   /* (owned) (nullable) */
} Job;

struct _WeirVault
{
  GObject parent_instance;
  const WeirVaultBackend *backend;
  gpointer store;        /* (owned) the backend's */
  GMainContext *context; /* (owned) */
  WeirVaultFound *known; /* (owned) */
  char *obstacle;        /* (owned) (nullable) */
  GQueue jobs;           /* (owned) of Job */
  gboolean is_busy;
  GTask *held;    /* (owned) (nullable): the work that goes on until it is released */
  GSource *burst; /* (owned) (nullable): a look is due */
  unsigned patience_ms;
};

G_DEFINE_FINAL_TYPE (WeirVault, weir_vault, G_TYPE_OBJECT)

enum
{
  PROP_STATE = 1,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];
static guint changed_signal;
static guint unlock_asked_signal;

gboolean
weir_vault_is_name (const char *name)
{
  static const char *const kinds[] = { "api-key/", "account/" };
  const char *id = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_prefix (name, kinds[i]))
      id = name + strlen (kinds[i]);
  return id != NULL && weir_config_is_vault_name (id);
}

static void
job_free (Job *self)
{
  if (self->timeout != NULL)
    g_source_destroy (self->timeout);
  g_clear_pointer (&self->timeout, g_source_unref);
  g_clear_object (&self->task);
  g_free (self->name);
  weir_secret_unref (self->secret);
  g_object_unref (self->vault);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, job_free)

static void
settle (WeirVault *self, WeirVaultFound *found)
{
  g_autoptr (WeirVaultFound) before = self->known;
  const gboolean is_new_state = before->state != found->state;

  weir_vault_found_keep (found, before);
  self->known = found;
  if (is_new_state)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
  if (!weir_vault_found_equal (before, found))
    g_signal_emit (self, changed_signal, 0);
}

void
weir_vault_lose (WeirVault *self, const char *problem)
{
  WeirVaultFound *found = weir_vault_found_new ();

  found->state = WEIR_VAULT_MISSING;
  found->problem = g_strdup (problem);
  found->is_sealed = self->known->is_sealed;
  settle (self, found);
}

static void run_next (WeirVault *self);

static void
queue_job (Job *job)
{
  WeirVault *vault = job->vault;

  g_queue_push_tail (&vault->jobs, job);
  run_next (vault);
}

static Job *
job_new (WeirVault *vault, JobKind kind, GTask *task)
{
  Job *self = g_new0 (Job, 1);

  self->kind = kind;
  self->vault = g_object_ref (vault);
  self->task = task;
  return self;
}

static gboolean
on_burst_over (gpointer user_data)
{
  WeirVault *self = user_data;

  g_clear_pointer (&self->burst, g_source_unref);
  queue_job (job_new (self, JOB_LOOK, NULL));
  return G_SOURCE_REMOVE;
}

void
weir_vault_look_again (WeirVault *self)
{
  if (self->burst != NULL)
    return;
  self->burst = g_timeout_source_new (BURST_MS);
  g_source_set_callback (self->burst, on_burst_over, self, NULL);
  g_source_attach (self->burst, self->context);
}

static void
lose_slow (WeirVault *self)
{
  g_autofree char *problem = g_strdup_printf ("%s did not answer", self->backend->name);

  weir_vault_lose (self, problem);
}

static void
end_look (Job *job, GTask *work, GError **error)
{
  WeirVault *self = job->vault;
  WeirVaultFound *found = g_task_propagate_pointer (work, error);

  g_clear_error (error);
  if (found != NULL)
    settle (self, found);
  else
    lose_slow (self);
  if (job->task != NULL && self->known->state != WEIR_VAULT_UNLOCKED)
    weir_error_set (error, WEIR_ERROR_IO, "%s", self->known->problem);
}

static void
end_write (Job *job, GTask *work, GError **error)
{
  WeirVault *self = job->vault;

  if (!g_task_propagate_boolean (work, error))
    {
      weir_vault_look_again (self);
      return;
    }
  if (job->secret != NULL)
    g_hash_table_insert (self->known->secrets, g_strdup (job->name),
                         weir_secret_ref (job->secret));
  else
    g_hash_table_remove (self->known->secrets, job->name);
  g_signal_emit (self, changed_signal, 0);
}

/* Whoever waits for an unlocking waits for the look after it. */
static void
end_unlock (Job *job, GTask *work, GError **error)
{
  Job *look = NULL;

  if (!g_task_propagate_boolean (work, error))
    return;
  look = job_new (job->vault, JOB_LOOK, g_steal_pointer (&job->task));
  g_queue_push_head (&job->vault->jobs, look);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Job) job = user_data;
  g_autoptr (WeirVault) self = g_object_ref (job->vault);
  g_autoptr (GError) failure = NULL;
  GTask *work = G_TASK (result);
  const gboolean was_slow = g_cancellable_is_cancelled (g_task_get_cancellable (work));

  self->is_busy = FALSE;
  switch (job->kind)
    {
    case JOB_LOOK:
      end_look (job, work, &failure);
      break;
    case JOB_WRITE:
      end_write (job, work, &failure);
      break;
    case JOB_UNLOCK:
      end_unlock (job, work, &failure);
      break;
    case JOB_HOLD:
      g_task_propagate_boolean (work, NULL);
      break;
    }
  if (job->task != NULL && failure == NULL)
    g_task_return_boolean (job->task, TRUE);
  else if (job->task != NULL && was_slow)
    g_task_return_new_error (job->task, WEIR_ERROR, WEIR_ERROR_IO, "%s did not answer",
                             self->backend->name);
  else if (job->task != NULL)
    g_task_return_error (job->task, g_steal_pointer (&failure));
  run_next (self);
}

static gboolean
on_slow (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_REMOVE;
}

static void
start_job (WeirVault *self, Job *job, GTask *work, GCancellable *patience)
{
  g_autoptr (GTask) hold = NULL;

  if (job->kind == JOB_LOOK || job->kind == JOB_WRITE)
    {
      job->timeout = g_timeout_source_new (self->patience_ms);
      g_source_set_callback (job->timeout, on_slow, g_object_ref (patience),
                             g_object_unref);
      g_source_attach (job->timeout, self->context);
    }
  switch (job->kind)
    {
    case JOB_LOOK:
      self->backend->look (self->store, work);
      break;
    case JOB_WRITE:
      self->backend->write (self->store, job->name, job->secret, work);
      break;
    case JOB_UNLOCK:
      self->backend->unlock (self->store, work);
      break;
    case JOB_HOLD:
      self->held = g_object_ref (work);
      hold = g_steal_pointer (&job->task);
      g_task_return_boolean (hold, TRUE);
      break;
    }
}

/* Nothing is tried that would make the service ask the user unasked. */
static gboolean
may_write (WeirVault *self, GTask *work)
{
  if (self->known->state == WEIR_VAULT_UNLOCKED)
    return TRUE;
  g_task_return_new_error (work, WEIR_ERROR, WEIR_ERROR_IO, "%s",
                           self->known->problem != NULL ? self->known->problem
                                                        : "no answer yet");
  return FALSE;
}

static void
run_next (WeirVault *self)
{
  Job *job = self->is_busy ? NULL : g_queue_pop_head (&self->jobs);
  g_autoptr (GCancellable) patience = NULL;
  g_autoptr (GTask) work = NULL;

  if (job == NULL)
    return;
  self->is_busy = TRUE;
  patience = g_cancellable_new ();
  work = g_task_new (self, patience, on_done, job);
  g_task_set_source_tag (work, (gpointer)(guintptr)run_next);
  if (job->kind != JOB_WRITE || may_write (self, work))
    start_job (self, job, work, patience);
}

WeirVaultState
weir_vault_get_state (WeirVault *self)
{
  return self->known->state;
}

const char *
weir_vault_get_problem (WeirVault *self)
{
  return self->known->problem;
}

gboolean
weir_vault_is_sealed (WeirVault *self)
{
  return self->known->is_sealed;
}

WeirVaultAnswer
weir_vault_lookup (WeirVault *self, const char *name, WeirSecret **out_secret)
{
  gpointer secret = NULL;
  const gboolean is_listed
      = g_hash_table_lookup_extended (self->known->secrets, name, NULL, &secret);

  if (secret != NULL)
    {
      *out_secret = weir_secret_ref (secret);
      return WEIR_VAULT_PRESENT;
    }
  return is_listed || self->known->state != WEIR_VAULT_UNLOCKED ? WEIR_VAULT_UNREACHABLE
                                                                : WEIR_VAULT_ABSENT;
}

char **
weir_vault_list (WeirVault *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GList) names = g_hash_table_get_keys (self->known->secrets);

  names = g_list_sort (names, (GCompareFunc)strcmp);
  for (GList *link = names; link != NULL; link = link->next)
    g_strv_builder_add (builder, link->data);
  return g_strv_builder_end (builder);
}

static void
write_secret (WeirVault *self, const char *name, WeirSecret *secret, GTask *task)
{
  Job *job = NULL;

  if (!weir_vault_is_name (name))
    {
      g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST,
                               "a name is letters, digits and . _ @ + - (at most 128)");
      g_object_unref (task);
      return;
    }
  job = job_new (self, JOB_WRITE, task);
  job->name = g_strdup (name);
  job->secret = secret != NULL ? weir_secret_ref (secret) : NULL;
  queue_job (job);
}

void
weir_vault_store_async (WeirVault *self,
                        const char *name,
                        WeirSecret *secret,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_return_if_fail (secret != NULL);
  g_task_set_source_tag (task, (gpointer)(guintptr)weir_vault_store_async);
  write_secret (self, name, secret, task);
}

gboolean
weir_vault_store_finish (WeirVault *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
weir_vault_delete_async (WeirVault *self,
                         const char *name,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_vault_delete_async);
  write_secret (self, name, NULL, task);
}

gboolean
weir_vault_delete_finish (WeirVault *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
weir_vault_look_async (WeirVault *self,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_vault_look_async);
  queue_job (job_new (self, JOB_LOOK, task));
}

gboolean
weir_vault_look_finish (WeirVault *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
weir_vault_unlock_async (WeirVault *self,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_vault_unlock_async);
  queue_job (job_new (self, JOB_UNLOCK, task));
  g_signal_emit (self, unlock_asked_signal, 0);
}

gboolean
weir_vault_unlock_finish (WeirVault *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
weir_vault_set_patience (WeirVault *self, unsigned patience_ms)
{
  self->patience_ms = patience_ms;
}

void
weir_vault_hold_async (WeirVault *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_vault_hold_async);
  queue_job (job_new (self, JOB_HOLD, task));
}

void
weir_vault_hold_finish (WeirVault *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));
  g_task_propagate_boolean (G_TASK (result), NULL);
}

void
weir_vault_release (WeirVault *self)
{
  g_autoptr (GTask) held = g_steal_pointer (&self->held);

  g_return_if_fail (held != NULL);
  g_task_return_boolean (held, TRUE);
}

static void
move_in (WeirVault *self, WeirVaultPlace place, const char *path)
{
  static const WeirVaultBackend *const backends[] = {
    [WEIR_VAULT_KEYRING] = &weir_vault_backend_keyring,
    [WEIR_VAULT_FILE] = &weir_vault_backend_file,
  };

  if (self->store != NULL)
    self->backend->close (self->store);
  self->backend = backends[place];
  self->store = self->backend->open (self, path);
  g_queue_push_head (&self->jobs, job_new (self, JOB_LOOK, NULL));
}

void
weir_vault_move_in (WeirVault *self, WeirVaultPlace place, const char *path)
{
  g_return_if_fail (self->held != NULL);
  move_in (self, place, path);
  g_signal_emit (self, changed_signal, 0);
}

WeirVaultPlace
weir_vault_get_place (WeirVault *self)
{
  return self->backend == &weir_vault_backend_file ? WEIR_VAULT_FILE : WEIR_VAULT_KEYRING;
}

const char *
weir_vault_get_obstacle (WeirVault *self)
{
  return self->obstacle;
}

void
weir_vault_set_obstacle (WeirVault *self, const char *obstacle)
{
  if (g_strcmp0 (self->obstacle, obstacle) == 0)
    return;
  g_free (self->obstacle);
  self->obstacle = g_strdup (obstacle);
  g_signal_emit (self, changed_signal, 0);
}

WeirVault *
weir_vault_new (WeirVaultPlace place, const char *path)
{
  WeirVault *self = g_object_new (WEIR_TYPE_VAULT, NULL);

  move_in (self, place, path);
  run_next (self);
  return self;
}

static void
weir_vault_init (WeirVault *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->known = weir_vault_found_new ();
  self->patience_ms = PATIENCE_MS;
  g_queue_init (&self->jobs);
}

static void
weir_vault_finalize (GObject *object)
{
  WeirVault *self = WEIR_VAULT (object);

  if (self->burst != NULL)
    g_source_destroy (self->burst);
  g_clear_pointer (&self->burst, g_source_unref);
  g_clear_pointer (&self->store, self->backend->close);
  g_main_context_unref (self->context);
  weir_vault_found_free (self->known);
  g_free (self->obstacle);
  G_OBJECT_CLASS (weir_vault_parent_class)->finalize (object);
}

static void
weir_vault_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  WeirVault *self = WEIR_VAULT (object);

  if (id == PROP_STATE)
    g_value_set_int (value, self->known->state);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
weir_vault_class_init (WeirVaultClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = weir_vault_finalize;
  object_class->get_property = weir_vault_get_property;
  props[PROP_STATE]
      = g_param_spec_int ("state", NULL, NULL, WEIR_VAULT_STARTING, WEIR_VAULT_MISSING,
                          WEIR_VAULT_STARTING, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                 NULL, NULL, NULL, G_TYPE_NONE, 0);
  unlock_asked_signal
      = g_signal_new ("unlock-asked", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 0);
}
