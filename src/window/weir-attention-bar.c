/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The info bar: a view of Manager.Attention. */

#include "config.h"

#include "window/weir-attention-bar.h"

#include <glib/gi18n.h>

#include "window/weir-format.h"
#include "base/weir-service-text.h"

struct _WeirAttentionBar
{
  WeirPage parent;

  GtkInfoBar *bar;
  GtkLabel *label;
  GtkButton *button;
  char *sentence; /* (owned) */
  char *closed;   /* (owned) (nullable): the sentence that the user closed */
};

enum
{
  PROP_SENTENCE = 1,
  N_PROPS,
};
static GParamSpec *props[N_PROPS];

/* clang-format off */
static const struct
{
  const char *kind;   /* as Manager.Attention says it */
  const char *button; /* to be translated */
  const char *action;
  gboolean takes_subject;
} remedies[] = {
  { "sign-in",         N_ ("_Sign In"),            "win.sign-in-again",  TRUE  },
  { "exhausted",       N_ ("_Details"),            "win.show-account",   TRUE  },
  { "secrets-locked",  N_ ("_Unlock"),             "win.unlock-secrets", FALSE },
  { "secrets-missing", N_ ("_Details"),            "win.preferences",    FALSE },
  { "config",          N_ ("_Edit Configuration"), "win.edit-config",    FALSE },
  { "proxy",           N_ ("_Start"),              "win.toggle-proxy",   FALSE },
};
/* clang-format on */

G_DEFINE_FINAL_TYPE (WeirAttentionBar, weir_attention_bar, WEIR_TYPE_PAGE)

static void
set_sentence (WeirAttentionBar *self, const char *sentence)
{
  if (g_strcmp0 (self->sentence, sentence) == 0)
    return;
  g_free (self->sentence);
  self->sentence = g_strdup (sentence);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SENTENCE]);
}

static void
show_remedy (WeirAttentionBar *self, const char *kind, const char *subject)
{
  gtk_widget_set_visible (GTK_WIDGET (self->button), FALSE);
  for (size_t i = 0; i < G_N_ELEMENTS (remedies); i++)
    if (g_str_equal (remedies[i].kind, kind))
      {
        GtkActionable *button = GTK_ACTIONABLE (self->button);

        gtk_button_set_label (self->button, _ (remedies[i].button));
        /* the target first: action and target must agree while the name is set */
        gtk_actionable_set_action_name (button, NULL);
        gtk_actionable_set_action_target_value (
            button, remedies[i].takes_subject ? g_variant_new_string (subject) : NULL);
        gtk_actionable_set_action_name (button, remedies[i].action);
        gtk_widget_set_visible (GTK_WIDGET (self->button), TRUE);
      }
}

/* The service says what, and we of whom. */
static char *
dup_sentence (WeirAttentionBar *self, const char *subject, const char *said)
{
  WeirPage *page = WEIR_PAGE (self);
  g_autofree char *sentence = weir_service_text_dup (said);
  g_autofree char *text = NULL;
  g_autoptr (WeirDBusAccount) account
      = weir_client_lookup_account (weir_page_get_client (page), subject);

  if (account != NULL)
    /* Translators: vendor, account, and a sentence: "Claude work: Sign in again." */
    text = g_strdup_printf (C_ ("attention", "%s %s: %s"),
                            weir_dbus_account_get_provider_name (account),
                            weir_dbus_account_get_label (account), sentence);
  return weir_format_private (text != NULL ? text : sentence, weir_page_is_private (page));
}

static void
update (WeirAttentionBar *self)
{
  WeirDBusManager *manager = weir_page_get_manager (WEIR_PAGE (self));
  GVariant *list = manager != NULL ? weir_dbus_manager_get_attention (manager) : NULL;
  size_t n = list != NULL ? g_variant_n_children (list) : 0;
  const char *kind;
  const char *subject;
  const char *said;
  g_autofree char *sentence = NULL;
  g_autofree char *text = NULL;

  if (n == 0)
    {
      gtk_info_bar_set_revealed (self->bar, FALSE);
      g_clear_pointer (&self->closed, g_free);
      set_sentence (self, "");
      return;
    }
  g_variant_get_child (list, 0, "(&s&s&s)", &kind, &subject, &said);
  sentence = dup_sentence (self, subject, said);
  if (n > 1)
    /* Translators: a sentence, and how many more there are. */
    text = g_strdup_printf (ngettext ("%s (and %d more)", "%s (and %d more)", n - 1),
                            sentence, (int)n - 1);
  else
    text = g_strdup (sentence);
  gtk_label_set_label (self->label, text);
  gtk_info_bar_set_message_type (
      self->bar, g_str_equal (kind, "exhausted") ? GTK_MESSAGE_INFO : GTK_MESSAGE_WARNING);
  show_remedy (self, kind, subject);
  gtk_info_bar_set_revealed (self->bar, g_strcmp0 (self->closed, sentence) != 0);
  set_sentence (self, sentence);
}

static void
on_response (WeirAttentionBar *self, int response)
{
  g_free (self->closed);
  self->closed = g_strdup (self->sentence);
  gtk_info_bar_set_revealed (self->bar, FALSE);
}

static void
weir_attention_bar_reload (WeirPage *page)
{
  WeirDBusManager *manager = weir_page_get_manager (page);

  g_signal_handlers_disconnect_by_data (manager, page); /* a reload of the same one */
  g_signal_connect_object (manager, "notify::attention", G_CALLBACK (update), page,
                           G_CONNECT_SWAPPED);
  update (WEIR_ATTENTION_BAR (page));
}

static void
weir_attention_bar_restyle (WeirPage *page)
{
  update (WEIR_ATTENTION_BAR (page));
}

static void
weir_attention_bar_attach (WeirPage *page, WeirClient *client)
{
  g_signal_connect_object (client, "notify::state", G_CALLBACK (update), page,
                           G_CONNECT_SWAPPED);
}

static void
weir_attention_bar_get_property (GObject *object,
                                 guint id,
                                 GValue *value,
                                 GParamSpec *pspec)
{
  if (id == PROP_SENTENCE)
    g_value_set_string (value, WEIR_ATTENTION_BAR (object)->sentence);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weir_attention_bar_finalize (GObject *object)
{
  WeirAttentionBar *self = WEIR_ATTENTION_BAR (object);

  g_free (self->sentence);
  g_free (self->closed);
  G_OBJECT_CLASS (weir_attention_bar_parent_class)->finalize (object);
}

static void
weir_attention_bar_class_init (WeirAttentionBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->finalize = weir_attention_bar_finalize;
  object_class->get_property = weir_attention_bar_get_property;
  props[PROP_SENTENCE] = g_param_spec_string ("sentence", NULL, NULL, "",
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  WEIR_PAGE_CLASS (klass)->attach = weir_attention_bar_attach;
  WEIR_PAGE_CLASS (klass)->reload = weir_attention_bar_reload;
  WEIR_PAGE_CLASS (klass)->restyle = weir_attention_bar_restyle;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-attention-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirAttentionBar, bar);
  gtk_widget_class_bind_template_child (widget_class, WeirAttentionBar, label);
  gtk_widget_class_bind_template_child (widget_class, WeirAttentionBar, button);
  gtk_widget_class_bind_template_callback (widget_class, on_response);
}

static void
weir_attention_bar_init (WeirAttentionBar *self)
{
  self->sentence = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (self));
}
