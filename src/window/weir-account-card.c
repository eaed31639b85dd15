/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The card of an account.  `update` makes the view from all that is known; everything that
 * may change calls it. */

#include "config.h"

#include "window/weir-account-card.h"

#include <glib/gi18n.h>

#include "window/weir-account-actions.h"
#include "window/weir-account-state.h"
#include "window/weir-credit.h"
#include "window/weir-format.h"
#include "window/weir-quota-row.h"
#include "base/weir-service-text.h"
#include "window/weir-wrap-box.h"

struct _WeirAccountCard
{
  GtkListBoxRow parent;

  WeirClient *client;       /* (owned) */
  WeirDBusAccount *account; /* (owned) */
  GSettings *settings;      /* (owned) */
  const char *state_class;  /* (unowned) (nullable): of the style sheet, as last set */

  AdwAvatar *avatar;
  GtkLabel *name_label;
  GtkLabel *plan_label;
  GtkImage *state_image;
  GtkLabel *state_label;
  GtkLabel *age_label;
  GtkButton *sign_in_button;
  GtkMenuButton *menu_button;
  GtkLabel *sentence_label;
  GtkListBox *windows_box;
  GtkLabel *credits_label;
};

enum
{
  PROP_CLIENT = 1,
  PROP_ACCOUNT,
  N_PROPS,
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (WeirAccountCard, weir_account_card, GTK_TYPE_LIST_BOX_ROW)

GtkWidget *
weir_account_card_new (WeirClient *client, WeirDBusAccount *account)
{
  return g_object_new (WEIR_TYPE_ACCOUNT_CARD, "client", client, "account", account, NULL);
}

WeirDBusAccount *
weir_account_card_get_account (WeirAccountCard *self)
{
  g_return_val_if_fail (WEIR_IS_ACCOUNT_CARD (self), NULL);

  return self->account;
}

static void
show_text (GtkLabel *label, const char *text)
{
  gtk_label_set_label (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
}

/* clang-format off */
static const struct
{
  const char *source; /* as Account.Windows says it */
  const char *text;   /* to be translated */
} sources[] = {
  { "answers", N_ ("from answers") },
  { "asked",   N_ ("asked of the vendor") },
};
/* clang-format on */

/* Where the newest reading of the limits comes from, and how old it is. */
static char *
dup_age_text (GVariant *windows, int64_t now_us)
{
  g_autofree char *age = NULL;
  const char *text = NULL;
  int64_t newest_us = 0;

  for (size_t i = 0; windows != NULL && i < g_variant_n_children (windows); i++)
    {
      g_autoptr (GVariant) members = g_variant_get_child_value (windows, i);
      const char *source = "";
      int64_t read_us = 0;

      g_variant_lookup (members, "read", "x", &read_us);
      g_variant_lookup (members, "source", "&s", &source);
      if (read_us <= newest_us)
        continue;
      newest_us = read_us;
      text = NULL;
      for (size_t k = 0; k < G_N_ELEMENTS (sources); k++)
        if (g_str_equal (sources[k].source, source))
          text = _ (sources[k].text);
    }
  age = weir_format_age (newest_us, now_us);
  if (text == NULL)
    return g_steal_pointer (&age);
  return g_strdup_printf ("%s · %s", text, age);
}

static char *
dup_credits_text (GVariant *credits, int64_t now_us)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (size_t i = 0; credits != NULL && i < g_variant_n_children (credits); i++)
    {
      g_autoptr (GVariant) credit = g_variant_get_child_value (credits, i);
      g_autofree char *name = weir_credit_dup_name (credit);
      g_autofree char *amount = weir_credit_dup_amount (credit, now_us);

      if (*amount != '\0')
        g_string_append_printf (text, "%s%s: %s", text->len > 0 ? " · " : "", name, amount);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A rest has an end, which is what one wants to know of it. */
static char *
dup_state_text (WeirDBusAccount *account, const WeirAccountState *look, int64_t now_us)
{
  int64_t rests_until_us = weir_dbus_account_get_rests_until (account);
  g_autofree char *moment = NULL;

  if (rests_until_us <= now_us
      || (!g_str_equal (look->state, "resting") && !g_str_equal (look->state, "exhausted")))
    return g_strdup (_ (look->text));
  moment = weir_format_moment (rests_until_us, now_us);
  /* Translators: a state and a moment: "Used up until 14:20". */
  return g_strdup_printf (_ ("%s until %s"), _ (look->text), moment);
}

static void
show_state (WeirAccountCard *self, int64_t now_us)
{
  const char *state = weir_dbus_account_get_state (self->account);
  const WeirAccountState *look = weir_account_state_get (state);
  g_autofree char *text = dup_state_text (self->account, look, now_us);

  gtk_image_set_from_icon_name (self->state_image, look->icon);
  gtk_label_set_label (self->state_label, text);
  if (self->state_class != NULL)
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self->state_image), self->state_class);
      gtk_widget_remove_css_class (GTK_WIDGET (self->state_label), self->state_class);
    }
  self->state_class = look->css_class;
  if (self->state_class != NULL)
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->state_image), self->state_class);
      gtk_widget_add_css_class (GTK_WIDGET (self->state_label), self->state_class);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->sign_in_button),
                          g_strcmp0 (state, "sign-in") == 0
                              || g_strcmp0 (state, "missing") == 0);
}

/* The sentences of state and quota, one a line: why it is not as it should be. */
static char *
dup_sentences (WeirDBusAccount *account)
{
  g_autofree char *state = weir_service_text_dup (weir_dbus_account_get_sentence (account));
  g_autofree char *quota
      = weir_service_text_dup (weir_dbus_account_get_quota_sentence (account));

  return g_strjoin (*state != '\0' && *quota != '\0' ? "\n" : "", state, quota, NULL);
}

static void
update (WeirAccountCard *self)
{
  WeirDBusAccount *account = self->account;
  gboolean is_private = g_settings_get_boolean (self->settings, "privacy");
  int64_t now_us = weir_client_get_now_us (self->client);
  GVariant *windows = weir_dbus_account_get_windows (account);
  g_autofree char *label
      = weir_format_private (weir_dbus_account_get_label (account), is_private);
  g_autofree char *age = dup_age_text (windows, now_us);
  g_autofree char *credits
      = dup_credits_text (weir_dbus_account_get_credits (account), now_us);
  g_autofree char *sentences = dup_sentences (account);
  g_autofree char *full_name
      = g_strdup_printf ("%s, %s", weir_dbus_account_get_provider_name (account), label);

  adw_avatar_set_text (self->avatar, weir_dbus_account_get_provider_name (account));
  gtk_label_set_label (self->name_label, label);
  show_text (self->plan_label, weir_dbus_account_get_plan (account));
  show_state (self, now_us);
  show_text (self->age_label, age);
  show_text (self->sentence_label, sentences);
  show_text (self->credits_label, credits);
  weir_quota_row_fill (self->windows_box, windows, full_name,
                       weir_quota_row_read_style (self->settings), now_us);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  full_name, -1);
}

static void
activate_menu (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_menu_button_popup (WEIR_ACCOUNT_CARD (widget)->menu_button);
}

static void
on_secondary_click (WeirAccountCard *self)
{
  gtk_menu_button_popup (self->menu_button);
}

static void
activate_sign_in (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_activate_action (
      widget, "win.sign-in-again", "s",
      weir_dbus_account_get_id (WEIR_ACCOUNT_CARD (widget)->account));
}

/* The account's menu, as it is now, and the way to its page. */
static void
fill_menu (GtkMenuButton *button, gpointer user_data)
{
  WeirAccountCard *self = user_data;
  g_autoptr (GMenuModel) menu = weir_account_actions_make_menu (self->account);
  g_autoptr (GMenu) section = g_menu_new ();
  g_autoptr (GMenuItem) item = g_menu_item_new (_ ("_Settings"), NULL);

  g_menu_item_set_action_and_target (item, "win.show-account", "s",
                                     weir_dbus_account_get_id (self->account));
  g_menu_append_item (section, item);
  g_menu_append_section (G_MENU (menu), NULL, G_MENU_MODEL (section));
  gtk_menu_button_set_menu_model (button, menu);
}

static void
weir_account_card_constructed (GObject *object)
{
  WeirAccountCard *self = WEIR_ACCOUNT_CARD (object);

  G_OBJECT_CLASS (weir_account_card_parent_class)->constructed (object);
  g_signal_connect_object (self->account, "g-properties-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->client, "notify::now", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

static void
weir_account_card_set_property (GObject *object,
                                guint id,
                                const GValue *value,
                                GParamSpec *pspec)
{
  WeirAccountCard *self = WEIR_ACCOUNT_CARD (object);

  if (id == PROP_CLIENT)
    self->client = g_value_dup_object (value);
  else if (id == PROP_ACCOUNT)
    self->account = g_value_dup_object (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weir_account_card_dispose (GObject *object)
{
  WeirAccountCard *self = WEIR_ACCOUNT_CARD (object);

  g_clear_object (&self->client);
  g_clear_object (&self->account);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (weir_account_card_parent_class)->dispose (object);
}

static void
weir_account_card_class_init (WeirAccountCardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->constructed = weir_account_card_constructed;
  object_class->dispose = weir_account_card_dispose;
  object_class->set_property = weir_account_card_set_property;
  props[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, WEIR_TYPE_CLIENT, flags);
  props[PROP_ACCOUNT]
      = g_param_spec_object ("account", NULL, NULL, WEIR_DBUS_TYPE_ACCOUNT, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (WEIR_TYPE_WRAP_BOX);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-account-card.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirAccountCard, avatar);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountCard, name_label);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountCard, plan_label);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountCard, state_image);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountCard, state_label);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountCard, age_label);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountCard, sign_in_button);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountCard, menu_button);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountCard, sentence_label);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountCard, windows_box);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountCard, credits_label);
  gtk_widget_class_bind_template_callback (widget_class, on_secondary_click);
  gtk_widget_class_install_action (widget_class, "card.menu", NULL, activate_menu);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Menu, 0, "card.menu", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK,
                                       "card.menu", NULL);
  gtk_widget_class_install_action (widget_class, "card.sign-in", NULL, activate_sign_in);
}

static void
weir_account_card_init (WeirAccountCard *self)
{
  self->settings = g_settings_new (WEIR_APPLICATION_ID);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_menu_button_set_create_popup_func (self->menu_button, fill_menu, self, NULL);
}
