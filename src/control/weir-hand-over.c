/* SPDX-License-Identifier: GPL-3.0-or-later */

/*   check the file -> tokens of one account after the other -> [pack and write] -> ids */

#include "config.h"

#include "control/weir-hand-over.h"

#include "base/weir-clock.h"
#include "control/weir-auth-file.h"
#include "store/weir-file.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define STALL_MS 30000 /* for whoever reads the pipe */

/* Lives as its task's data. */
typedef struct
{
  WeirAccounts *accounts; /* (owned) */
  WeirBundleForm form;
  gboolean is_chosen;   /* each must be in it */
  GPtrArray *ids;       /* (owned) of char * (owned): to be handed over */
  unsigned next;        /* of them */
  GPtrArray *documents; /* (owned) of WeirBundleDocument (owned) */
  GPtrArray *done;      /* (owned) of char * (owned) */
  int fd;               /* (owned) */
} HandingOver;

static void
handing_over_free (gpointer data)
{
  HandingOver *self = data;

  g_object_unref (self->accounts);
  g_ptr_array_unref (self->ids);
  g_ptr_array_unref (self->documents);
  g_ptr_array_unref (self->done);
  close (self->fd);
  g_free (self);
}

/* --- the file --- */

/* A login that others could read would be theirs as well. */
static gboolean
check_file (int fd, GError **error)
{
  struct stat facts = { 0 };

  if (fstat (fd, &facts) != 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "The file is not open.");
  if (S_ISREG (facts.st_mode)
      && (facts.st_uid != getuid () || (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0))
    return weir_error_set (error, WEIR_ERROR_FORBIDDEN,
                           "Others may read that file; sign-ins are not written to it.");
  if (S_ISREG (facts.st_mode) || S_ISFIFO (facts.st_mode) || S_ISSOCK (facts.st_mode)
      || isatty (fd))
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_FORBIDDEN, "That is neither a file nor a pipe.");
}

/* The descriptor is shared with whoever opened it, so it stays as it is: a pipe that polls
 * as writable takes PIPE_BUF bytes (POSIX, write) without waiting. */
static gboolean
write_bytes (int fd, WeirSlice bytes, GError **error)
{
  while (bytes.length > 0)
    {
      struct pollfd ready = { .fd = fd, .events = POLLOUT };
      const int n_ready = poll (&ready, 1, STALL_MS);
      ssize_t n = 0;

      if (n_ready == 0)
        return weir_error_set (error, WEIR_ERROR_IO, "Nobody reads what is written.");
      n = n_ready > 0 ? write (fd, bytes.text, MIN (bytes.length, PIPE_BUF)) : -1;
      if (n < 0 && errno != EINTR)
        return weir_error_set (error, WEIR_ERROR_IO, "It could not be written: %s.",
                               g_strerror (errno));
      if (n > 0)
        bytes = (WeirSlice){ bytes.text + n, bytes.length - (size_t)n };
    }
  /* a pipe knows no sync */
  if (fsync (fd) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP)
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_IO, "It could not be written: %s.",
                         g_strerror (errno));
}

static void
write_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  HandingOver *self = data;
  GBytes *bytes = weir_bundle_write (self->documents, self->form, weir_clock_real_us ());
  GError *error = NULL;
  WeirSlice text = { NULL, 0 };
  gboolean is_written = FALSE;

  text.text = g_bytes_get_data (bytes, &text.length);
  is_written = write_bytes (self->fd, text, &error);
  weir_file_wipe (bytes);
  if (is_written)
    g_task_return_pointer (task, g_strdupv ((char **)self->done->pdata),
                           (GDestroyNotify)g_strfreev);
  else
    g_task_return_error (task, error);
}

/* --- the accounts --- */

static void read_next (GTask *task);

/* FALSE: it cannot be handed over. */
static gboolean
add_document (HandingOver *self, const char *id, const WeirAccountTokens *tokens)
{
  g_autoptr (WeirAccount) account = weir_accounts_lookup (self->accounts, id);
  GBytes *text = account != NULL ? weir_auth_file_write (account, tokens) : NULL;
  WeirBundleDocument *document = NULL;

  if (text == NULL)
    return FALSE;
  document = g_new0 (WeirBundleDocument, 1);
  document->name = weir_auth_file_dup_name (account);
  document->text = text;
  g_ptr_array_add (self->documents, document);
  g_ptr_array_add (self->done, g_strdup (id));
  return TRUE;
}

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  HandingOver *self = g_task_get_task_data (task);
  const char *id = g_ptr_array_index (self->ids, self->next++);
  g_auto (WeirAccountTokens) tokens = { 0 };
  g_autoptr (GError) error = NULL;

  if (weir_accounts_copy_tokens_finish (self->accounts, result, &tokens, &error)
      && !add_document (self, id, &tokens))
    weir_error_set (&error, WEIR_ERROR_UNSUPPORTED, "%s cannot be handed over", id);
  if (error != NULL && self->is_chosen)
    {
      g_task_return_new_error (task, WEIR_ERROR, (int)weir_error_get_code (error),
                               "Nothing was written: %s.", error->message);
      return;
    }
  if (error != NULL)
    g_message ("%s was not handed over: %s", id, error->message);
  read_next (task);
}

static void
read_next (GTask *task)
{
  HandingOver *self = g_task_get_task_data (task);

  if (self->next < self->ids->len)
    {
      weir_accounts_copy_tokens_async (
          self->accounts, g_ptr_array_index (self->ids, self->next),
          g_task_get_cancellable (task), copied_cb, g_object_ref (task));
      return;
    }
  if (self->documents->len == 0)
    {
      g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_NOT_FOUND,
                               "There is no account that can be handed over.");
      return;
    }
  g_message ("%u sign-ins are handed over in a file", self->documents->len);
  g_ptr_array_add (self->done, NULL);
  g_task_run_in_thread (task, write_in_thread);
}

static void
choose (HandingOver *self, const char *const *ids)
{
  g_autoptr (GPtrArray) all = weir_accounts_list (self->accounts);

  self->is_chosen = ids != NULL && *ids != NULL;
  for (; self->is_chosen && *ids != NULL; ids++)
    g_ptr_array_add (self->ids, g_strdup (*ids));
  for (unsigned i = 0; !self->is_chosen && i < all->len; i++)
    g_ptr_array_add (self->ids,
                     g_strdup (((const WeirAccount *)g_ptr_array_index (all, i))->id));
}

void
weir_hand_over_async (WeirAccounts *accounts,
                      const char *const *ids,
                      WeirBundleForm form,
                      int fd,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  HandingOver *self = g_new0 (HandingOver, 1);
  GError *error = NULL;

  self->accounts = g_object_ref (accounts);
  self->form = form;
  self->ids = g_ptr_array_new_with_free_func (g_free);
  self->documents
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_bundle_document_free);
  self->done = g_ptr_array_new_with_free_func (g_free);
  self->fd = fd;
  g_task_set_source_tag (task, (gpointer)(guintptr)weir_hand_over_async);
  g_task_set_task_data (task, self, handing_over_free);
  if (!check_file (fd, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  choose (self, ids);
  read_next (task);
}

char **
weir_hand_over_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
