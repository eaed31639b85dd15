/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The line about the proxy itself. */

#include "config.h"

#include "window/weir-proxy-bar.h"

#include <glib/gi18n.h>

struct _WeirProxyBar
{
  WeirPage parent;

  GtkImage *image;
  GtkLabel *state_label;
  GtkLabel *detail_label;
  GtkWidget *copy_button;
  GtkButton *toggle_button;
};

G_DEFINE_FINAL_TYPE (WeirProxyBar, weir_proxy_bar, WEIR_TYPE_PAGE)

/* clang-format off */
static const struct
{
  const char *state;  /* as Manager.State says it */
  const char *text;   /* to be translated */
  const char *icon;
  const char *button; /* to be translated */
} looks[] = {
  { "running",  N_ ("Running"),  "emblem-ok-symbolic",            N_ ("Sto_p") },
  { "starting", N_ ("Starting"), "content-loading-symbolic",      N_ ("Sto_p") },
  { "stopped",  N_ ("Stopped"),  "media-playback-stop-symbolic",  N_ ("_Start") },
  { "failed",   N_ ("Not running"), "dialog-warning-symbolic",    N_ ("_Start") },
};
/* clang-format on */

static char *
dup_state_text (const char *text, const char *endpoint)
{
  const char *host = strstr (endpoint, "://");

  if (host == NULL)
    return g_strdup (text);
  /* Translators: a state and an address: "Running on 127.0.0.1:8317". */
  return g_strdup_printf (_ ("%s on %s"), text, host + strlen ("://"));
}

static char *
dup_detail (WeirPage *page, WeirDBusManager *manager)
{
  const char *problem = weir_dbus_manager_get_problem (manager);
  const char *serving = weir_dbus_manager_get_serving (manager);
  g_autofree char *name = NULL;

  if (problem != NULL && *problem != '\0')
    return g_strdup (problem);
  if (serving == NULL || *serving == '\0')
    return g_strdup ("");
  name = weir_client_dup_seat_name (weir_page_get_client (page), serving,
                                    weir_page_is_private (page));
  /* Translators: %s is an account: "Now serving: Claude – work". */
  return g_strdup_printf (_ ("Now serving: %s"), name);
}

static void
update (WeirProxyBar *self)
{
  WeirDBusManager *manager = weir_page_get_manager (WEIR_PAGE (self));
  const char *state;
  const char *endpoint;
  g_autofree char *text = NULL;
  g_autofree char *detail = NULL;
  size_t look = 0;

  if (manager == NULL)
    return;
  state = weir_dbus_manager_get_state (manager);
  endpoint = weir_dbus_manager_get_endpoint (manager);
  while (look + 1 < G_N_ELEMENTS (looks) && g_strcmp0 (looks[look].state, state) != 0)
    look++;
  detail = dup_detail (WEIR_PAGE (self), manager);
  text = dup_state_text (_ (looks[look].text), endpoint);
  gtk_image_set_from_icon_name (self->image, looks[look].icon);
  gtk_label_set_label (self->state_label, text);
  gtk_widget_set_visible (self->copy_button, *endpoint != '\0');
  gtk_label_set_label (self->detail_label, detail);
  gtk_widget_set_visible (GTK_WIDGET (self->detail_label), *detail != '\0');
  gtk_button_set_label (self->toggle_button, _ (looks[look].button));
}

static void
weir_proxy_bar_reload (WeirPage *page)
{
  WeirDBusManager *manager = weir_page_get_manager (page);

  g_signal_handlers_disconnect_by_data (manager, page); /* a reload of the same one */
  g_signal_connect_object (manager, "g-properties-changed", G_CALLBACK (update), page,
                           G_CONNECT_SWAPPED);
  update (WEIR_PROXY_BAR (page));
}

static void
weir_proxy_bar_restyle (WeirPage *page)
{
  update (WEIR_PROXY_BAR (page));
}

static void
weir_proxy_bar_class_init (WeirProxyBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  WEIR_PAGE_CLASS (klass)->reload = weir_proxy_bar_reload;
  WEIR_PAGE_CLASS (klass)->restyle = weir_proxy_bar_restyle;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-proxy-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirProxyBar, image);
  gtk_widget_class_bind_template_child (widget_class, WeirProxyBar, state_label);
  gtk_widget_class_bind_template_child (widget_class, WeirProxyBar, detail_label);
  gtk_widget_class_bind_template_child (widget_class, WeirProxyBar, copy_button);
  gtk_widget_class_bind_template_child (widget_class, WeirProxyBar, toggle_button);
}

static void
weir_proxy_bar_init (WeirProxyBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
