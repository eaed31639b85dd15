/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Files that a caller hands over are read in a thread, once and to a bound; and the text
 * for a bug report. */

#include "config.h"

#include "control/weir-control-private.h"

#include "base/weir-clock.h"
#include "proxy/weir-proxy-view.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define FILE_MAX_BYTES ((size_t)4 << 20)

/* What came of the reading. */
typedef struct
{
  WeirConfig *config; /* (owned) (nullable) */
  GPtrArray *notices; /* (owned) (nullable) of WeirConfigNotice */
} Checked;

static void
checked_free (gpointer data)
{
  Checked *self = data;

  weir_config_unref (self->config);
  g_clear_pointer (&self->notices, g_ptr_array_unref);
  g_free (self);
}

/* (transfer full) (nullable): all of the file, from its beginning wherever it stands. */
static char *
read_file (int fd, size_t *out_length, GError **error)
{
  g_autofree char *text = NULL;
  struct stat info = { 0 };
  size_t length = 0;

  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "only a regular file can be read");
      return NULL;
    }
  text = g_malloc (FILE_MAX_BYTES + 1);
  while (length <= FILE_MAX_BYTES)
    {
      const ssize_t n
          = pread (fd, text + length, FILE_MAX_BYTES + 1 - length, (off_t)length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "the file cannot be read: %s",
                          g_strerror (errno));
          return NULL;
        }
      if (n == 0)
        break;
      length += (size_t)n;
    }
  if (length > FILE_MAX_BYTES)
    {
      weir_error_set (error, WEIR_ERROR_TOO_LARGE, "the file is larger than 4 MiB");
      return NULL;
    }
  *out_length = length;
  return g_steal_pointer (&text);
}

static void
check_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refusal = NULL;
  Checked *checked = NULL;
  size_t length = 0;
  char *text = read_file (*(const int *)data, &length, &error);

  if (text == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  checked = g_new0 (Checked, 1);
  checked->config
      = weir_config_parse (text, length, "config.yaml", &checked->notices, &refusal);
  explicit_bzero (text, length); /* it may hold keys */
  g_free (text);
  g_task_return_pointer (task, checked, checked_free);
}

static void
close_file (gpointer data)
{
  close (*(const int *)data);
  g_free (data);
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refusal = NULL;
  g_autoptr (WeirRouting) routing = NULL;
  Checked *checked = g_task_propagate_pointer (G_TASK (result), &error);
  GVariantBuilder builder;

  if (checked == NULL)
    {
      weir_control_fail (call, error);
      return;
    }
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(uubss)"));
  for (unsigned i = 0; checked->notices != NULL && i < checked->notices->len; i++)
    {
      const WeirConfigNotice *notice = g_ptr_array_index (checked->notices, i);

      g_variant_builder_add (&builder, "(uubss)", notice->line, notice->column,
                             notice->fatal, "", notice->text);
    }
  if (checked->config != NULL)
    routing = weir_routing_new (checked->config, NULL, NULL, NULL, &refusal);
  if (refusal != NULL)
    g_variant_builder_add (&builder, "(uubss)", 0, 0, TRUE, "", refusal->message);
  checked_free (checked);
  g_dbus_method_invocation_return_value (call, g_variant_new ("(a(uubss))", &builder));
}

void
weir_control_check_config (GDBusMethodInvocation *call,
                           GUnixFDList *files,
                           GVariant *handle)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = g_task_new (NULL, NULL, checked_cb, call);
  const int index = g_variant_get_handle (handle);
  const int fd = files != NULL && index >= 0 && index < g_unix_fd_list_get_length (files)
                     ? g_unix_fd_list_get (files, index, NULL)
                     : -1;

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_control_check_config);
  if (fd < 0)
    {
      weir_error_set (&error, WEIR_ERROR_BAD_REQUEST, "no file was handed over");
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_task_set_task_data (task, g_memdup2 (&fd, sizeof fd), close_file);
  g_task_run_in_thread (task, check_in_thread);
}

/* --- diagnostics --- */

static void
append_system (GString *out)
{
  struct utsname system = { 0 };
  const char *desktop = g_getenv ("XDG_CURRENT_DESKTOP");
  const char *session = g_getenv ("XDG_SESSION_TYPE");
  g_autofree char *name = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);

  uname (&system);
  g_string_append_printf (out, "system: %s, %s %s, %s\n", name != NULL ? name : "unknown",
                          system.sysname, system.release, system.machine);
  g_string_append_printf (out, "desktop: %s, %s%s\n", desktop != NULL ? desktop : "none",
                          session != NULL ? session : "no session",
                          g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) ? ", Flatpak"
                                                                             : "");
  g_string_append_printf (out, "GLib %u.%u.%u\n", glib_major_version, glib_minor_version,
                          glib_micro_version);
}

/* Seats by vendor, for their names may be people's. */
static void
append_seats (GString *out, const WeirRouting *routing)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer name;
  gpointer count;

  for (unsigned i = 0; i < routing->seats->len; i++)
    {
      const WeirSeat *seat = g_ptr_array_index (routing->seats, i);
      const unsigned n
          = GPOINTER_TO_UINT (g_hash_table_lookup (counts, (gpointer)seat->provider->id));

      g_hash_table_insert (counts, (gpointer)seat->provider->id, GUINT_TO_POINTER (n + 1));
    }
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &name, &count))
    g_string_append_printf (out, "seats of %s: %u\n", (const char *)name,
                            GPOINTER_TO_UINT (count));
  g_string_append_printf (out, "models: %u\nclient keys: %u\n",
                          weir_models_get_list (routing->models)->len,
                          routing->config->client_keys->len);
}

static void
append_failures (GString *out, const WeirActivity *activity)
{
  const WeirActivityExchange *exchange = NULL;

  for (unsigned i = 0; (exchange = weir_activity_get (activity, i)) != NULL; i++)
    if (*exchange->error != '\0')
      g_string_append_printf (out, "failed: %s %s -> %s, status %u, %s, %u attempts\n",
                              exchange->operation, exchange->client, exchange->upstream,
                              exchange->status, exchange->error, exchange->attempts);
}

char *
weir_control_dup_diagnostics (WeirControl *self)
{
  const WeirActivityTotals *totals = weir_activity_get_totals (self->activity);
  GString *out = g_string_new ("weir " WEIR_VERSION "\n");

  append_system (out);
  g_string_append_printf (
      out, "state: %s\nsecrets: %s\nconfiguration: %s\n",
      weir_bus_manager_get_state (self->manager),
      weir_bus_manager_get_secrets (self->manager),
      *weir_bus_manager_get_config_problem (self->manager) != '\0' ? "refused" : "taken");
  g_string_append_printf (
      out, "requests: %" G_GUINT64_FORMAT ", failed: %" G_GUINT64_FORMAT "\n",
      totals->requests, totals->failed);
  g_string_append_printf (out, "accounts: %u\n", g_hash_table_size (self->account_objects));
  if (self->proxy != NULL)
    append_seats (out, weir_proxy_get_routing (self->proxy));
  append_failures (out, self->activity);
  return g_string_free (out, FALSE);
}
