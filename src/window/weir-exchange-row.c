/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The row of a request: one look, made once, since a request that changes is another
 * record. */

#include "config.h"

#include "window/weir-exchange-row.h"

#include <glib/gi18n.h>

#include "window/weir-format.h"
#include "window/weir-wrap-box.h"

struct _WeirExchangeRow
{
  GtkListBoxRow parent;

  WeirRecord *exchange; /* (owned) */

  GtkLabel *time_label;
  GtkLabel *agent_label;
  GtkLabel *model_label;
  GtkLabel *seat_label;
  GtkImage *status_image;
  GtkLabel *status_label;
  GtkLabel *duration_label;
  GtkLabel *tokens_label;
};

G_DEFINE_FINAL_TYPE (WeirExchangeRow, weir_exchange_row, GTK_TYPE_LIST_BOX_ROW)

WeirRecord *
weir_exchange_row_get_exchange (WeirExchangeRow *self)
{
  g_return_val_if_fail (WEIR_IS_EXCHANGE_ROW (self), NULL);

  return self->exchange;
}

static gboolean
is_open (WeirRecord *exchange)
{
  return g_str_equal (weir_record_get_text (exchange, "phase"), "open");
}

char *
weir_exchange_row_dup_status (WeirRecord *exchange)
{
  int64_t status = weir_record_get_integer (exchange, "status");

  if (is_open (exchange))
    return g_strdup (_ ("under way"));
  if (status == 0)
    return g_strdup (_ ("cut"));
  return g_strdup_printf ("%d", (int)status);
}

/* "200 · 2×": it took two. */
static char *
dup_status_and_attempts (WeirRecord *exchange)
{
  int64_t attempts = weir_record_get_integer (exchange, "attempts");
  g_autofree char *status = weir_exchange_row_dup_status (exchange);

  if (attempts < 2)
    return g_steal_pointer (&status);
  return g_strdup_printf ("%s · %d×", status, (int)attempts);
}

/* As one sentence. */
static char *
dup_sentence (WeirRecord *exchange, const char *time, const char *agent, const char *seat)
{
  int64_t attempts = weir_record_get_integer (exchange, "attempts");
  g_autofree char *status = weir_exchange_row_dup_status (exchange);
  g_autofree char *duration
      = weir_format_duration (weir_record_get_integer (exchange, "total"));
  g_autofree char *model = g_strdup (weir_record_get_text (exchange, "model"));
  g_autofree char *tries = NULL;
  const char *parts[] = { time, agent, model, seat, status, duration, NULL, NULL };
  GString *sentence = g_string_new (NULL);

  if (attempts > 1)
    {
      tries = g_strdup_printf (
          ngettext ("%d attempt", "%d attempts", (unsigned long)attempts), (int)attempts);
      parts[6] = tries;
    }
  for (size_t i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0')
      g_string_append_printf (sentence, "%s%s", sentence->len > 0 ? ", " : "", parts[i]);
  return g_string_free (sentence, FALSE);
}

static char *
dup_tokens (WeirRecord *exchange)
{
  g_autofree char *input = NULL;
  g_autofree char *output = NULL;

  if (is_open (exchange))
    return g_strdup ("");
  input = weir_format_count (weir_record_get_integer (exchange, "input-tokens"));
  output = weir_format_count (weir_record_get_integer (exchange, "output-tokens"));
  /* Translators: tokens read and written: "12.4 k / 480". */
  return g_strdup_printf (C_ ("tokens", "%s / %s"), input, output);
}

static char *
dup_time (WeirRecord *exchange)
{
  g_autoptr (GDateTime) began = g_date_time_new_from_unix_local (
      weir_record_get_integer (exchange, "began") / G_USEC_PER_SEC);

  return began != NULL ? g_date_time_format (began, "%H:%M:%S") : g_strdup ("");
}

/* "claude-cli/2.1 (external, cli)": the name is enough here. */
static char *
dup_agent (WeirRecord *exchange)
{
  const char *agent = weir_record_get_text (exchange, "agent");

  return g_strndup (agent, strcspn (agent, "/ ("));
}

static void
show_status (WeirExchangeRow *self)
{
  int64_t status = weir_record_get_integer (self->exchange, "status");
  gboolean is_good = status >= 200 && status < 400;
  g_autofree char *text = dup_status_and_attempts (self->exchange);
  const char *icon = is_good ? "emblem-ok-symbolic" : "dialog-warning-symbolic";
  const char *css_class = is_good ? "success" : "error";

  gtk_label_set_label (self->status_label, text);
  if (is_open (self->exchange))
    {
      gtk_image_set_from_icon_name (self->status_image, "content-loading-symbolic");
      return;
    }
  gtk_image_set_from_icon_name (self->status_image, icon);
  gtk_widget_add_css_class (GTK_WIDGET (self->status_image), css_class);
  if (!is_good)
    gtk_widget_add_css_class (GTK_WIDGET (self->status_label), css_class);
}

GtkWidget *
weir_exchange_row_new (WeirRecord *exchange, const char *seat)
{
  WeirExchangeRow *self = g_object_new (WEIR_TYPE_EXCHANGE_ROW, NULL);
  g_autofree char *time = dup_time (exchange);
  g_autofree char *agent = dup_agent (exchange);
  g_autofree char *tokens = dup_tokens (exchange);
  g_autofree char *duration
      = weir_format_duration (weir_record_get_integer (exchange, "total"));
  g_autofree char *sentence = dup_sentence (exchange, time, agent, seat);

  self->exchange = g_object_ref (exchange);
  gtk_label_set_label (self->time_label, time);
  gtk_label_set_label (self->agent_label, agent);
  gtk_label_set_label (self->model_label, weir_record_get_text (exchange, "model"));
  gtk_label_set_label (self->seat_label, seat);
  gtk_label_set_label (self->duration_label, duration);
  gtk_label_set_label (self->tokens_label, tokens);
  show_status (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  sentence, -1);
  return GTK_WIDGET (self);
}

static void
weir_exchange_row_dispose (GObject *object)
{
  g_clear_object (&WEIR_EXCHANGE_ROW (object)->exchange);
  G_OBJECT_CLASS (weir_exchange_row_parent_class)->dispose (object);
}

static void
weir_exchange_row_class_init (WeirExchangeRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_exchange_row_dispose;
  g_type_ensure (WEIR_TYPE_WRAP_BOX);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-exchange-row.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeRow, time_label);
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeRow, agent_label);
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeRow, model_label);
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeRow, seat_label);
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeRow, status_image);
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeRow, status_label);
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeRow, duration_label);
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeRow, tokens_label);
}

static void
weir_exchange_row_init (WeirExchangeRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
