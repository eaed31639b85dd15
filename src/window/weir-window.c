/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window: what is seen in which state of the client, and its size over time. */

#include "config.h"

#include "window/weir-window-private.h"

#include <glib/gi18n.h>

#include "window/weir-account-actions.h"
#include "window/weir-accounts-page.h"
#include "window/weir-activity-page.h"
#include "window/weir-attention-bar.h"
#include "window/weir-keys-page.h"
#include "window/weir-models-page.h"
#include "window/weir-page-slot.h"
#include "window/weir-quota-page.h"

struct _WeirWindow
{
  AdwApplicationWindow parent;

  WeirClient *client;  /* (owned) */
  GSettings *settings; /* (owned) */
  gboolean is_welcomed;
  GPtrArray *lasting_toasts; /* (owned) of AdwToast */

  AdwToastOverlay *toasts;
  GtkStack *state_stack;
  AdwStatusPage *gone_page;
  AdwViewStack *pages;
  WeirPageSlot *accounts_slot;
};

enum
{
  PROP_CLIENT = 1,
  N_PROPS,
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (WeirWindow, weir_window, ADW_TYPE_APPLICATION_WINDOW)

GtkWindow *
weir_window_new (GtkApplication *application, WeirClient *client)
{
  return g_object_new (WEIR_TYPE_WINDOW, "application", application, "client", client,
                       NULL);
}

WeirClient *
weir_window_get_client (WeirWindow *self)
{
  return self->client;
}

WeirPage *
weir_window_get_page (WeirWindow *self)
{
  GtkWidget *child = adw_view_stack_get_visible_child (self->pages);

  return WEIR_IS_PAGE_SLOT (child) ? weir_page_slot_ensure_page (WEIR_PAGE_SLOT (child))
                                   : NULL;
}

void
weir_window_show_page (WeirWindow *self, const char *name)
{
  if (adw_view_stack_get_child_by_name (self->pages, name) != NULL)
    adw_view_stack_set_visible_child_name (self->pages, name);
}

void
weir_window_show_account (WeirWindow *self, const char *id)
{
  weir_window_show_page (self, "accounts");
  weir_accounts_page_show (
      WEIR_ACCOUNTS_PAGE (weir_page_slot_ensure_page (self->accounts_slot)), id);
}

void
weir_window_add_toast (WeirWindow *self, AdwToast *toast)
{
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
on_lasting_toast_dismissed (WeirWindow *self, AdwToast *toast)
{
  g_ptr_array_remove (self->lasting_toasts, toast);
}

void
weir_window_add_lasting_toast (WeirWindow *self, AdwToast *toast)
{
  g_ptr_array_add (self->lasting_toasts, g_object_ref (toast));
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (on_lasting_toast_dismissed),
                           self, G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static gboolean
weir_window_close_request (GtkWindow *window)
{
  WeirWindow *self = WEIR_WINDOW (window);

  while (self->lasting_toasts->len > 0)
    {
      g_autoptr (AdwToast) toast = g_object_ref (self->lasting_toasts->pdata[0]);

      adw_toast_dismiss (toast);
    }
  return GTK_WINDOW_CLASS (weir_window_parent_class)->close_request (window);
}

/* The introduction, to whoever has neither seen it nor an account. */
static void
welcome (WeirWindow *self)
{
  GListModel *accounts = weir_client_get_accounts (self->client);

  if (self->is_welcomed || g_settings_get_boolean (self->settings, "first-run-done")
      || g_list_model_get_n_items (accounts) > 0)
    return;
  self->is_welcomed = TRUE;
  gtk_widget_activate_action (GTK_WIDGET (self), "win.first-run", NULL);
}

static void
update_state (WeirWindow *self)
{
  static const char *const names[] = {
    [WEIR_CLIENT_CONNECTING] = "connecting",
    [WEIR_CLIENT_GONE] = "gone",
    [WEIR_CLIENT_OUTDATED] = "outdated",
    [WEIR_CLIENT_READY] = "pages",
  };
  g_autofree char *problem = NULL;

  g_object_get (self->client, "problem", &problem, NULL);
  if (problem != NULL && *problem != '\0')
    {
      g_autofree char *escaped = g_markup_escape_text (problem, -1);

      adw_status_page_set_description (self->gone_page, escaped);
    }
  else
    adw_status_page_set_description (self->gone_page,
                                     _ ("Programs that ask it get no answer now."));
  gtk_stack_set_visible_child_name (self->state_stack,
                                    names[weir_client_get_state (self->client)]);
  if (weir_client_get_state (self->client) == WEIR_CLIENT_READY)
    welcome (self);
}

/* The title says what needs attention, for whoever cannot see the bar. */
static char *
dup_title (gpointer object, const char *sentence)
{
  if (sentence == NULL || *sentence == '\0')
    return g_strdup (_ ("Weir"));
  /* Translators: %s is a sentence about what needs attention. */
  return g_strdup_printf (_ ("Weir – %s"), sentence);
}

static void
weir_window_constructed (GObject *object)
{
  WeirWindow *self = WEIR_WINDOW (object);

  G_OBJECT_CLASS (weir_window_parent_class)->constructed (object);
  g_signal_connect_object (self->client, "notify::state", G_CALLBACK (update_state), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->client, "notify::problem", G_CALLBACK (update_state), self,
                           G_CONNECT_SWAPPED);
  update_state (self);
}

static void
weir_window_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (weir_window_parent_class)->map (widget);
  weir_client_sort (WEIR_WINDOW (widget)->client);
  weir_client_set_watched (WEIR_WINDOW (widget)->client, TRUE);
}

static void
weir_window_unmap (GtkWidget *widget)
{
  weir_client_set_watched (WEIR_WINDOW (widget)->client, FALSE);
  GTK_WIDGET_CLASS (weir_window_parent_class)->unmap (widget);
}

static void
weir_window_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_CLIENT)
    g_value_set_object (value, WEIR_WINDOW (object)->client);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weir_window_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_CLIENT)
    WEIR_WINDOW (object)->client = g_value_dup_object (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weir_window_dispose (GObject *object)
{
  WeirWindow *self = WEIR_WINDOW (object);

  G_OBJECT_CLASS (weir_window_parent_class)->dispose (object);
  g_clear_object (&self->client);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->lasting_toasts, g_ptr_array_unref);
}

static void
weir_window_class_init (WeirWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = weir_window_constructed;
  object_class->dispose = weir_window_dispose;
  object_class->get_property = weir_window_get_property;
  object_class->set_property = weir_window_set_property;
  GTK_WINDOW_CLASS (klass)->close_request = weir_window_close_request;
  widget_class->map = weir_window_map;
  widget_class->unmap = weir_window_unmap;
  props[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, WEIR_TYPE_CLIENT,
                                            G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY
                                                | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (WEIR_TYPE_ACCOUNTS_PAGE);
  g_type_ensure (WEIR_TYPE_ACTIVITY_PAGE);
  g_type_ensure (WEIR_TYPE_ATTENTION_BAR);
  g_type_ensure (WEIR_TYPE_KEYS_PAGE);
  g_type_ensure (WEIR_TYPE_MODELS_PAGE);
  g_type_ensure (WEIR_TYPE_PAGE_SLOT);
  g_type_ensure (WEIR_TYPE_QUOTA_PAGE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-window.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, WeirWindow, state_stack);
  gtk_widget_class_bind_template_child (widget_class, WeirWindow, gone_page);
  gtk_widget_class_bind_template_child (widget_class, WeirWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, WeirWindow, accounts_slot);
  gtk_widget_class_bind_template_callback (widget_class, dup_title);
  weir_window_install_actions (widget_class);
  weir_account_actions_install (widget_class);
}

static void
weir_window_init (WeirWindow *self)
{
  g_autoptr (GAction) privacy = NULL;

  self->settings = g_settings_new (WEIR_APPLICATION_ID);
  self->lasting_toasts = g_ptr_array_new_with_free_func (g_object_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
  privacy = g_settings_create_action (self->settings, "privacy");
  g_action_map_add_action (G_ACTION_MAP (self), privacy);
  g_settings_bind (self->settings, "width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "height", self, "default-height",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "is-maximized", self, "maximized",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "page", self->pages, "visible-child-name",
                   G_SETTINGS_BIND_DEFAULT);
}
