/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The place of a page. */

#include "config.h"

#include "window/weir-page-slot.h"

struct _WeirPageSlot
{
  AdwBin parent;

  WeirClient *client; /* (owned) (nullable) */
  GType page_type;
};

enum
{
  PROP_CLIENT = 1,
  PROP_PAGE_TYPE,
  N_PROPS,
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (WeirPageSlot, weir_page_slot, ADW_TYPE_BIN)

WeirPage *
weir_page_slot_ensure_page (WeirPageSlot *self)
{
  g_return_val_if_fail (WEIR_IS_PAGE_SLOT (self), NULL);

  if (adw_bin_get_child (ADW_BIN (self)) == NULL)
    {
      GtkWidget *page = g_object_new (self->page_type, NULL);

      g_object_bind_property (self, "client", page, "client", G_BINDING_SYNC_CREATE);
      adw_bin_set_child (ADW_BIN (self), page);
    }
  return WEIR_PAGE (adw_bin_get_child (ADW_BIN (self)));
}

static void
weir_page_slot_map (GtkWidget *widget)
{
  weir_page_slot_ensure_page (WEIR_PAGE_SLOT (widget));
  GTK_WIDGET_CLASS (weir_page_slot_parent_class)->map (widget);
}

static void
weir_page_slot_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  WeirPageSlot *self = WEIR_PAGE_SLOT (object);

  if (id == PROP_CLIENT)
    g_value_set_object (value, self->client);
  else if (id == PROP_PAGE_TYPE)
    g_value_set_gtype (value, self->page_type);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weir_page_slot_set_property (GObject *object,
                             guint id,
                             const GValue *value,
                             GParamSpec *pspec)
{
  WeirPageSlot *self = WEIR_PAGE_SLOT (object);

  if (id == PROP_CLIENT)
    g_set_object (&self->client, g_value_get_object (value));
  else if (id == PROP_PAGE_TYPE)
    self->page_type = g_value_get_gtype (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weir_page_slot_dispose (GObject *object)
{
  g_clear_object (&WEIR_PAGE_SLOT (object)->client);
  G_OBJECT_CLASS (weir_page_slot_parent_class)->dispose (object);
}

static void
weir_page_slot_class_init (WeirPageSlotClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = weir_page_slot_dispose;
  object_class->get_property = weir_page_slot_get_property;
  object_class->set_property = weir_page_slot_set_property;
  GTK_WIDGET_CLASS (klass)->map = weir_page_slot_map;
  props[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, WEIR_TYPE_CLIENT, flags);
  props[PROP_PAGE_TYPE]
      = g_param_spec_gtype ("page-type", NULL, NULL, WEIR_TYPE_PAGE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
weir_page_slot_init (WeirPageSlot *self)
{
  self->page_type = WEIR_TYPE_PAGE;
}
