/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a widget asks of the service: a call whose failure becomes a toast, and whose end
 * nobody else waits for. */

#include <gio/gio.h>
#include <gtk/gtk.h>

/* Calls @method of @proxy (the generated proxies are ones).
 * @arguments: (nullable): a tuple; a floating reference is taken.
 * @done: (nullable): the toast when it succeeded. */
void weir_call (GtkWidget *widget,
                gpointer proxy,
                const char *method,
                GVariant *arguments,
                const char *done);

/* Sets a property of the remote object; the proxy's own copy follows by its signal. */
void weir_call_set (GtkWidget *widget, gpointer proxy, const char *name, GVariant *value);

/* Shows @text in the window that @widget is in. */
void weir_call_toast (GtkWidget *widget, const char *text);

/* Shows @error likewise; silent where it was cancelled. */
void weir_call_toast_error (GtkWidget *widget, const GError *error);
