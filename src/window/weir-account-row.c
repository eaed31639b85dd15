/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The row of an account.  It is dragged by its handle onto another one, whose place it is
 * to take; the page moves it. */

#include "config.h"

#include "window/weir-account-row.h"

#include <glib/gi18n.h>

#include "window/weir-account-actions.h"
#include "window/weir-account-state.h"
#include "window/weir-call.h"
#include "window/weir-format.h"

struct _WeirAccountRow
{
  GtkListBoxRow parent;

  WeirDBusAccount *account; /* (owned) */
  GSettings *settings;      /* (owned) */

  AdwAvatar *avatar;
  GtkLabel *name_label;
  GtkLabel *state_label;
  GtkImage *state_image;
  GtkSwitch *enabled_switch;
  GtkWidget *handle;
  GtkDropTarget *drop_target;
  GtkPopover *menu; /* (unowned) (nullable): once it was asked for */
};

enum
{
  PROP_ACCOUNT = 1,
  N_PROPS,
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (WeirAccountRow, weir_account_row, GTK_TYPE_LIST_BOX_ROW)

GtkWidget *
weir_account_row_new (WeirDBusAccount *account)
{
  return g_object_new (WEIR_TYPE_ACCOUNT_ROW, "account", account, NULL);
}

WeirDBusAccount *
weir_account_row_get_account (WeirAccountRow *self)
{
  g_return_val_if_fail (WEIR_IS_ACCOUNT_ROW (self), NULL);

  return self->account;
}

static void
update (WeirAccountRow *self)
{
  const WeirAccountState *look
      = weir_account_state_get (weir_dbus_account_get_state (self->account));
  const char *plan = weir_dbus_account_get_plan (self->account);
  const char *provider = weir_dbus_account_get_provider_name (self->account);
  g_autofree char *name
      = weir_format_private (weir_dbus_account_get_label (self->account),
                             g_settings_get_boolean (self->settings, "privacy"));
  g_autofree char *state = *plan != '\0' ? g_strdup_printf ("%s · %s", _ (look->text), plan)
                                         : g_strdup (_ (look->text));
  g_autofree char *sentence = g_strdup_printf ("%s, %s, %s", provider, name, state);

  adw_avatar_set_text (self->avatar, provider);
  gtk_label_set_label (self->name_label, name);
  gtk_label_set_label (self->state_label, state);
  gtk_image_set_from_icon_name (self->state_image, look->icon);
  gtk_switch_set_active (self->enabled_switch,
                         weir_dbus_account_get_enabled (self->account));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  sentence, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->enabled_switch),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

/* The switch follows the service: it moves when the property has. */
static gboolean
on_state_set (WeirAccountRow *self, gboolean is_on)
{
  if (is_on != weir_dbus_account_get_enabled (self->account))
    weir_call_set (GTK_WIDGET (self), self->account, "Enabled",
                   g_variant_new_boolean (is_on));
  return FALSE;
}

/* --- the menu --- */

static void
show_menu (WeirAccountRow *self, const GdkRectangle *place)
{
  g_autoptr (GMenuModel) model = weir_account_actions_make_menu (self->account);

  if (self->menu == NULL)
    {
      self->menu = GTK_POPOVER (gtk_popover_menu_new_from_model (NULL));
      gtk_popover_set_has_arrow (self->menu, FALSE);
      gtk_widget_set_parent (GTK_WIDGET (self->menu), GTK_WIDGET (self));
    }
  gtk_popover_menu_set_menu_model (GTK_POPOVER_MENU (self->menu), model);
  gtk_popover_set_pointing_to (self->menu, place);
  gtk_popover_popup (self->menu);
}

static void
on_pressed (WeirAccountRow *self, int n_presses, double x, double y, GtkGesture *gesture)
{
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  show_menu (self, &(GdkRectangle){ (int)x, (int)y, 1, 1 });
}

static void
activate_menu (GtkWidget *widget, const char *name, GVariant *parameter)
{
  int height = gtk_widget_get_height (widget);

  show_menu (WEIR_ACCOUNT_ROW (widget), &(GdkRectangle){ height / 2, height / 2, 1, 1 });
}

static void
weir_account_row_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GTK_WIDGET_CLASS (weir_account_row_parent_class)
      ->size_allocate (widget, width, height, baseline);
  if (WEIR_ACCOUNT_ROW (widget)->menu != NULL)
    gtk_popover_present (WEIR_ACCOUNT_ROW (widget)->menu);
}

/* --- dragging --- */

static GdkContentProvider *
on_drag_prepare (WeirAccountRow *self, double x, double y)
{
  return gdk_content_provider_new_typed (WEIR_TYPE_ACCOUNT_ROW, self);
}

static void
on_drag_begin (WeirAccountRow *self, GdkDrag *drag, GtkDragSource *source)
{
  g_autoptr (GdkPaintable) picture = gtk_widget_paintable_new (GTK_WIDGET (self));

  gtk_drag_source_set_icon (source, picture, 0, 0);
}

static gboolean
on_drop (WeirAccountRow *self, const GValue *value)
{
  WeirAccountRow *dragged = g_value_get_object (value);

  return dragged != self
         && gtk_widget_activate_action (GTK_WIDGET (self), "accounts.move-to", "(ss)",
                                        weir_dbus_account_get_id (dragged->account),
                                        weir_dbus_account_get_id (self->account));
}

void
weir_account_row_set_movable (WeirAccountRow *self, gboolean is_movable)
{
  g_return_if_fail (WEIR_IS_ACCOUNT_ROW (self));

  gtk_widget_set_visible (self->handle, is_movable);
}

static void
weir_account_row_constructed (GObject *object)
{
  WeirAccountRow *self = WEIR_ACCOUNT_ROW (object);

  G_OBJECT_CLASS (weir_account_row_parent_class)->constructed (object);
  g_signal_connect_object (self->account, "g-properties-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::privacy", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

static void
weir_account_row_set_property (GObject *object,
                               guint id,
                               const GValue *value,
                               GParamSpec *pspec)
{
  if (id == PROP_ACCOUNT)
    WEIR_ACCOUNT_ROW (object)->account = g_value_dup_object (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weir_account_row_dispose (GObject *object)
{
  WeirAccountRow *self = WEIR_ACCOUNT_ROW (object);

  g_clear_pointer ((GtkWidget **)&self->menu, gtk_widget_unparent);
  g_clear_object (&self->account);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (weir_account_row_parent_class)->dispose (object);
}

static void
weir_account_row_class_init (WeirAccountRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = weir_account_row_constructed;
  object_class->dispose = weir_account_row_dispose;
  object_class->set_property = weir_account_row_set_property;
  widget_class->size_allocate = weir_account_row_size_allocate;
  props[PROP_ACCOUNT] = g_param_spec_object ("account", NULL, NULL, WEIR_DBUS_TYPE_ACCOUNT,
                                             G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY
                                                 | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-account-row.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirAccountRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountRow, state_label);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountRow, state_image);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountRow, enabled_switch);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountRow, handle);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountRow, drop_target);
  gtk_widget_class_bind_template_callback (widget_class, on_state_set);
  gtk_widget_class_bind_template_callback (widget_class, on_pressed);
  gtk_widget_class_bind_template_callback (widget_class, on_drag_prepare);
  gtk_widget_class_bind_template_callback (widget_class, on_drag_begin);
  gtk_widget_class_bind_template_callback (widget_class, on_drop);
  gtk_widget_class_install_action (widget_class, "menu.popup", NULL, activate_menu);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Menu, 0, "menu.popup", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK,
                                       "menu.popup", NULL);
}

static void
weir_account_row_init (WeirAccountRow *self)
{
  self->settings = g_settings_new (WEIR_APPLICATION_ID);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_drop_target_set_gtypes (self->drop_target, (GType[]){ WEIR_TYPE_ACCOUNT_ROW }, 1);
}
