/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The detail of a request: a row for each member that is known. */

#include "config.h"

#include "window/weir-exchange-detail.h"

#include <glib/gi18n.h>

#include "window/weir-exchange-row.h"
#include "window/weir-format.h"

#define SEAT "seat"

struct _WeirExchangeDetail
{
  AdwBin parent;

  char *text; /* (owned) (nullable): the same, to be copied */
  GtkLabel *error_label;
  GtkListBox *members_box;
};

G_DEFINE_FINAL_TYPE (WeirExchangeDetail, weir_exchange_detail, ADW_TYPE_BIN)

typedef char *(*DupText) (WeirRecord *exchange, const char *member);

static char *
dup_plain (WeirRecord *exchange, const char *member)
{
  return g_strdup (weir_record_get_text (exchange, member));
}

static char *
dup_count (WeirRecord *exchange, const char *member)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT, weir_record_get_integer (exchange, member));
}

static char *
dup_span (WeirRecord *exchange, const char *member)
{
  return weir_format_duration (weir_record_get_integer (exchange, member));
}

static char *
dup_vendor_model (WeirRecord *exchange, const char *member)
{
  const char *model = weir_record_get_text (exchange, member);

  return g_strdup (g_str_equal (model, weir_record_get_text (exchange, "model")) ? ""
                                                                                 : model);
}

/* The way in words: what happened to the request's bytes. */
static char *
dup_pass (WeirRecord *exchange, const char *member)
{
  static const struct
  {
    const char *pass;
    const char *text; /* to be translated */
  } passes[] = {
    { "untouched", N_ ("byte by byte as it came") },
    { "edited", N_ ("with a few values changed") },
    { "translated", N_ ("translated into the vendor's dialect") },
  };
  const char *pass = weir_record_get_text (exchange, member);

  for (size_t i = 0; i < G_N_ELEMENTS (passes); i++)
    if (g_str_equal (passes[i].pass, pass))
      return g_strdup (_ (passes[i].text));
  return g_strdup (pass);
}

static char *
dup_list (WeirRecord *exchange, const char *member)
{
  g_auto (GStrv) list = weir_record_dup_list (exchange, member);

  return g_strjoinv (", ", list);
}

static char *
dup_began (WeirRecord *exchange, const char *member)
{
  g_autoptr (GDateTime) began = g_date_time_new_from_unix_local (
      weir_record_get_integer (exchange, member) / G_USEC_PER_SEC);

  return began != NULL ? g_date_time_format (began, "%Y-%m-%d %H:%M:%S") : g_strdup ("");
}

static char *
dup_status (WeirRecord *exchange, const char *member)
{
  return weir_exchange_row_dup_status (exchange);
}

/* clang-format off */
static const struct
{
  const char *title; /* to be translated */
  const char *member;
  DupText dup_text;
} rows[] = {
  { N_ ("Began"),            "began",          dup_began },
  { N_ ("Status"),           "status",         dup_status },
  { N_ ("Asked for"),        "operation",      dup_plain },
  { N_ ("Program"),          "agent",          dup_plain },
  { N_ ("Client key"),       "key",            dup_plain },
  { N_ ("Model"),            "model",          dup_plain },
  { N_ ("Vendor's model"),   "upstream-model", dup_vendor_model },
  { N_ ("Served by"),        SEAT,             dup_plain },
  { N_ ("Asked in"),         "client",         dup_plain },
  { N_ ("Sent on in"),       "upstream",       dup_plain },
  { N_ ("Passed on"),        "pass",           dup_pass },
  { N_ ("Lost on the way"),  "losses",         dup_list },
  { N_ ("Attempts"),         "attempts",       dup_count },
  { N_ ("First byte after"), "first-byte",     dup_span },
  { N_ ("Took"),             "total",          dup_span },
  { N_ ("Tokens read"),      "input-tokens",   dup_count },
  { N_ ("Of the cache"),     "cached-tokens",  dup_count },
  { N_ ("Tokens written"),   "output-tokens",  dup_count },
};
/* clang-format on */

/* Rows stay where they are: a request that moves on must not take the focus away. */
void
weir_exchange_detail_show (WeirExchangeDetail *self, WeirRecord *exchange, const char *seat)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *error = weir_record_get_text (exchange, "error");

  g_return_if_fail (WEIR_IS_EXCHANGE_DETAIL (self));

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GtkWidget *row
          = GTK_WIDGET (gtk_list_box_get_row_at_index (self->members_box, (int)i));
      g_autofree char *value = g_str_equal (rows[i].member, SEAT)
                                   ? g_strdup (seat)
                                   : rows[i].dup_text (exchange, rows[i].member);

      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), value);
      gtk_widget_set_visible (row, *value != '\0');
      if (*value != '\0')
        g_string_append_printf (text, "%s: %s\n", rows[i].member, value);
    }
  gtk_label_set_label (self->error_label, error);
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), *error != '\0');
  if (*error != '\0')
    g_string_append_printf (text, "error: %s\n", error);
  g_free (self->text);
  self->text = g_string_free (g_steal_pointer (&text), FALSE);
}

static void
on_copy_clicked (WeirExchangeDetail *self)
{
  if (self->text != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.copy", "s", self->text);
}

static void
weir_exchange_detail_finalize (GObject *object)
{
  g_free (WEIR_EXCHANGE_DETAIL (object)->text);
  G_OBJECT_CLASS (weir_exchange_detail_parent_class)->finalize (object);
}

static void
weir_exchange_detail_class_init (WeirExchangeDetailClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = weir_exchange_detail_finalize;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-exchange-detail.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeDetail, error_label);
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeDetail, members_box);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
}

static void
weir_exchange_detail_init (WeirExchangeDetail *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title",
                                     _ (rows[i].title), NULL);

      gtk_widget_add_css_class (row, "property-row");
      gtk_list_box_append (self->members_box, row);
    }
}
