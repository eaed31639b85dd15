/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The Activity page: its parts, and what opens and closes the detail. */

#include "config.h"

#include "window/weir-activity-page.h"

#include "window/weir-exchange-detail.h"
#include "window/weir-exchange-list.h"
#include "window/weir-usage-pane.h"

struct _WeirActivityPage
{
  WeirPage parent;

  AdwFlap *flap;
  WeirUsagePane *usage;
  WeirExchangeList *exchanges;
  WeirExchangeDetail *detail;
  int64_t shown; /* id of what the detail shows */
};

G_DEFINE_FINAL_TYPE (WeirActivityPage, weir_activity_page, WEIR_TYPE_PAGE)

static void
show_detail (WeirActivityPage *self, WeirRecord *exchange)
{
  g_autofree char *seat = weir_client_dup_seat_name (
      weir_page_get_client (WEIR_PAGE (self)), weir_record_get_text (exchange, "seat"),
      weir_page_is_private (WEIR_PAGE (self)));

  self->shown = weir_record_get_integer (exchange, "id");
  weir_exchange_detail_show (self->detail, exchange, seat);
}

static void
on_chosen (WeirActivityPage *self, WeirRecord *exchange)
{
  show_detail (self, exchange);
  adw_flap_set_reveal_flap (self->flap, TRUE);
}

/* What is shown moves on while it is looked at. */
static void
on_exchanges_changed (GListModel *exchanges,
                      unsigned position,
                      unsigned n_removed,
                      unsigned n_added,
                      WeirActivityPage *self)
{
  for (unsigned i = position; i < position + n_added; i++)
    {
      g_autoptr (WeirRecord) exchange = g_list_model_get_item (exchanges, i);

      if (self->shown != 0 && weir_record_get_integer (exchange, "id") == self->shown)
        show_detail (self, exchange);
    }
}

static void
close_detail (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_flap_set_reveal_flap (WEIR_ACTIVITY_PAGE (widget)->flap, FALSE);
}

static void
weir_activity_page_reload (WeirPage *page)
{
  weir_page_reload (WEIR_PAGE (WEIR_ACTIVITY_PAGE (page)->usage));
  weir_page_reload (WEIR_PAGE (WEIR_ACTIVITY_PAGE (page)->exchanges));
}

static void
weir_activity_page_search (WeirPage *page)
{
  weir_page_search (WEIR_PAGE (WEIR_ACTIVITY_PAGE (page)->exchanges));
}

static void
weir_activity_page_class_init (WeirActivityPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  WEIR_PAGE_CLASS (klass)->reload = weir_activity_page_reload;
  WEIR_PAGE_CLASS (klass)->search = weir_activity_page_search;
  g_type_ensure (WEIR_TYPE_EXCHANGE_DETAIL);
  g_type_ensure (WEIR_TYPE_EXCHANGE_LIST);
  g_type_ensure (WEIR_TYPE_USAGE_PANE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-activity-page.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirActivityPage, flap);
  gtk_widget_class_bind_template_child (widget_class, WeirActivityPage, usage);
  gtk_widget_class_bind_template_child (widget_class, WeirActivityPage, exchanges);
  gtk_widget_class_bind_template_child (widget_class, WeirActivityPage, detail);
  gtk_widget_class_bind_template_callback (widget_class, on_chosen);
  gtk_widget_class_install_action (widget_class, "activity.close-detail", NULL,
                                   close_detail);
}

static void
weir_activity_page_init (WeirActivityPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (weir_exchange_list_get_exchanges (self->exchanges),
                           "items-changed", G_CALLBACK (on_exchanges_changed), self, 0);
}
