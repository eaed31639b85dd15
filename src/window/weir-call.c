/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Calls that end in a toast.  The widget may be gone when the answer comes: it is held
 * weakly. */

#include "config.h"

#include "window/weir-call.h"

typedef struct
{
  GWeakRef widget;
  char *done; /* (owned) (nullable) */
} WeirCall;

static WeirCall *
call_new (GtkWidget *widget, const char *done)
{
  WeirCall *self = g_new0 (WeirCall, 1);

  g_weak_ref_init (&self->widget, widget);
  self->done = g_strdup (done);
  return self;
}

static void
call_free (WeirCall *self)
{
  g_weak_ref_clear (&self->widget);
  g_free (self->done);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirCall, call_free)

void
weir_call_toast (GtkWidget *widget, const char *text)
{
  gtk_widget_activate_action (widget, "win.toast", "s", text);
}

void
weir_call_toast_error (GtkWidget *widget, const GError *error)
{
  g_autoptr (GError) shown = g_error_copy (error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_dbus_error_strip_remote_error (shown);
  weir_call_toast (widget, shown->message);
}

static void
called_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirCall) call = user_data;
  g_autoptr (GtkWidget) widget = g_weak_ref_get (&call->widget);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);

  if (widget == NULL)
    return;
  if (reply == NULL)
    weir_call_toast_error (widget, error);
  else if (call->done != NULL)
    weir_call_toast (widget, call->done);
}

void
weir_call (GtkWidget *widget,
           gpointer proxy,
           const char *method,
           GVariant *arguments,
           const char *done)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));
  g_return_if_fail (G_IS_DBUS_PROXY (proxy));

  g_dbus_proxy_call (proxy, method, arguments, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL,
                     called_cb, call_new (widget, done));
}

void
weir_call_set (GtkWidget *widget, gpointer proxy, const char *name, GVariant *value)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));
  g_return_if_fail (G_IS_DBUS_PROXY (proxy));

  weir_call (widget, proxy, "org.freedesktop.DBus.Properties.Set",
             g_variant_new ("(ssv)", g_dbus_proxy_get_interface_name (proxy), name, value),
             NULL);
}
