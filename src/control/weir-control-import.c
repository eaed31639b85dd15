/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sign-ins of other programs, asked for on the bus. */

#include "config.h"

#include "control/weir-control-private.h"

#include "control/weir-import-bundle.h"
#include "control/weir-import.h"
#include "store/weir-file.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

/* One call under way. */
typedef struct
{
  WeirBusManager *manager;     /* (unowned): lives as long as the calls to it */
  GDBusMethodInvocation *call; /* (unowned): taken by its answer */
  WeirImport *import;          /* (owned) */
} Asked;

static void
asked_free (Asked *self)
{
  weir_import_free (self->import);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asked, asked_free)

/* (transfer full) (nullable): NULL is answered already. */
static Asked *
ask (WeirControl *self, GDBusMethodInvocation *call)
{
  const WeirSignInTools *tools = self->sources.sign_ins != NULL
                                     ? weir_sign_ins_get_tools (self->sources.sign_ins)
                                     : NULL;
  g_autoptr (GError) error = NULL;
  Asked *asked = NULL;

  if (tools == NULL)
    {
      weir_error_set (&error, WEIR_ERROR_IO, "there can be no accounts; see the log");
      weir_control_fail (call, error);
      return NULL;
    }
  asked = g_new0 (Asked, 1);
  asked->manager = self->manager;
  asked->call = call;
  asked->import = weir_import_new (tools->calls, tools->accounts);
  return asked;
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Asked) asked = user_data;
  g_autoptr (GPtrArray) found = weir_import_find_finish (result);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (unsigned i = 0; i < found->len; i++)
    {
      const WeirImportFound *one = g_ptr_array_index (found, i);
      GVariantDict dict;

      g_variant_dict_init (&dict, NULL);
      g_variant_dict_insert (&dict, "id", "s", one->id);
      g_variant_dict_insert (&dict, "program", "s", one->program);
      g_variant_dict_insert (&dict, "provider", "s", one->row->id);
      g_variant_dict_insert (&dict, "path", "s", one->path);
      g_variant_dict_insert (&dict, "identity", "s", one->identity);
      g_variant_builder_add_value (&list, g_variant_dict_end (&dict));
    }
  weir_bus_manager_complete_list_importable (asked->manager, asked->call,
                                             g_variant_builder_end (&list));
}

static gboolean
on_list_importable (WeirBusManager *manager,
                    GDBusMethodInvocation *call,
                    gpointer user_data)
{
  Asked *asked = ask (user_data, call);

  if (asked != NULL)
    weir_import_find_async (asked->import, found_cb, asked);
  return TRUE;
}

static void
taken_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Asked) asked = user_data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) ids = weir_import_take_finish (result, &error);

  if (ids == NULL)
    weir_control_fail (asked->call, error);
  else if (g_str_equal (g_dbus_method_invocation_get_method_name (asked->call),
                        "ImportFound"))
    weir_bus_manager_complete_import_found (asked->manager, asked->call, ids[0]);
  else
    weir_bus_manager_complete_import_credentials (asked->manager, asked->call, NULL,
                                                  (const char *const *)ids);
}

static gboolean
on_import_found (WeirBusManager *manager,
                 GDBusMethodInvocation *call,
                 const char *id,
                 gpointer user_data)
{
  Asked *asked = ask (user_data, call);

  if (asked != NULL)
    weir_import_take_found_async (asked->import, id, taken_cb, asked);
  return TRUE;
}

static void
read_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", *(const int *)data);
  GError *error = NULL;
  GBytes *bytes = weir_file_read (path, WEIR_BUNDLE_BYTES_MAX, NULL, NULL, &error);

  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify)weir_file_wipe);
  else
    g_task_return_error (task, error);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Asked *asked = user_data;
  g_autoptr (GError) error = NULL;
  GBytes *bytes = g_task_propagate_pointer (G_TASK (result), &error);

  if (bytes == NULL)
    {
      weir_control_fail (asked->call, error);
      asked_free (asked);
      return;
    }
  weir_import_take_async (asked->import, bytes, taken_cb, asked);
  weir_file_wipe (bytes);
}

static void
close_file (gpointer data)
{
  close (*(const int *)data);
  g_free (data);
}

static gboolean
on_import_credentials (WeirBusManager *manager,
                       GDBusMethodInvocation *call,
                       GUnixFDList *files,
                       GVariant *handle,
                       gpointer user_data)
{
  const int index = g_variant_get_handle (handle);
  const int fd = files != NULL && index >= 0 && index < g_unix_fd_list_get_length (files)
                     ? g_unix_fd_list_get (files, index, NULL)
                     : -1;
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;
  Asked *asked = NULL;

  if (fd < 0)
    {
      weir_error_set (&error, WEIR_ERROR_BAD_REQUEST, "no file was handed over");
      weir_control_fail (call, error);
      return TRUE;
    }
  asked = ask (user_data, call);
  if (asked == NULL)
    {
      close (fd);
      return TRUE;
    }
  task = g_task_new (NULL, NULL, read_cb, asked);
  g_task_set_source_tag (task, (gpointer)(guintptr)on_import_credentials);
  g_task_set_task_data (task, g_memdup2 (&fd, sizeof fd), close_file);
  g_task_run_in_thread (task, read_in_thread);
  return TRUE;
}

void
weir_control_connect_imports (WeirControl *self)
{
  g_signal_connect (self->manager, "handle-list-importable",
                    G_CALLBACK (on_list_importable), self);
  g_signal_connect (self->manager, "handle-import-found", G_CALLBACK (on_import_found),
                    self);
  g_signal_connect (self->manager, "handle-import-credentials",
                    G_CALLBACK (on_import_credentials), self);
}
