/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Accounts handed over in a file, asked for on the bus. */

#include "config.h"

#include "control/weir-control-private.h"

#include "control/weir-hand-over.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

static void
handed_over_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *call = user_data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) ids = weir_hand_over_finish (result, &error);

  if (ids != NULL)
    g_dbus_method_invocation_return_value (call, g_variant_new ("(^as)", ids));
  else
    weir_control_fail (call, error);
}

static gboolean
on_export_accounts (WeirBusManager *manager,
                    GDBusMethodInvocation *call,
                    GUnixFDList *files,
                    const char *const *accounts,
                    const char *form_name,
                    GVariant *handle,
                    gpointer user_data)
{
  WeirControl *self = user_data;
  const WeirSignInTools *tools = self->sources.sign_ins != NULL
                                     ? weir_sign_ins_get_tools (self->sources.sign_ins)
                                     : NULL;
  const int index = g_variant_get_handle (handle);
  const int fd = files != NULL && index >= 0 && index < g_unix_fd_list_get_length (files)
                     ? g_unix_fd_list_get (files, index, NULL)
                     : -1;
  WeirBundleForm form = WEIR_BUNDLE_TEXT;
  g_autoptr (GError) error = NULL;

  if (tools == NULL)
    weir_error_set (&error, WEIR_ERROR_IO, "there can be no accounts; see the log");
  else if (fd < 0)
    weir_error_set (&error, WEIR_ERROR_BAD_REQUEST, "no file was handed over");
  else if (!weir_bundle_form_parse (form_name, &form))
    weir_error_set (&error, WEIR_ERROR_BAD_REQUEST, "there is no form \"%s\"", form_name);
  if (error == NULL)
    {
      weir_hand_over_async (tools->accounts, accounts, form, fd, self->ends, handed_over_cb,
                            call);
      return TRUE;
    }
  if (fd >= 0)
    close (fd);
  weir_control_fail (call, error);
  return TRUE;
}

void
weir_control_connect_exports (WeirControl *self)
{
  g_signal_connect (self->manager, "handle-export-accounts",
                    G_CALLBACK (on_export_accounts), self);
}
