/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The base of the window's pages. */

#include "config.h"

#include "window/weir-page.h"

#include "window/weir-wrap-box.h"

typedef struct
{
  WeirClient *client;  /* (owned) (nullable) */
  GSettings *settings; /* (owned) */
} WeirPagePrivate;

enum
{
  PROP_CLIENT = 1,
  N_PROPS,
};
static GParamSpec *props[N_PROPS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (WeirPage, weir_page, ADW_TYPE_BIN)

WeirClient *
weir_page_get_client (WeirPage *self)
{
  WeirPagePrivate *private = weir_page_get_instance_private (self);

  g_return_val_if_fail (WEIR_IS_PAGE (self), NULL);

  return private->client;
}

WeirDBusManager *
weir_page_get_manager (WeirPage *self)
{
  WeirClient *client = weir_page_get_client (self);

  return client != NULL ? weir_client_get_manager (client) : NULL;
}

gboolean
weir_page_is_private (WeirPage *self)
{
  WeirPagePrivate *private = weir_page_get_instance_private (self);

  g_return_val_if_fail (WEIR_IS_PAGE (self), TRUE);

  return g_settings_get_boolean (private->settings, "privacy");
}

void
weir_page_reload (WeirPage *self)
{
  g_return_if_fail (WEIR_IS_PAGE (self));

  if (WEIR_PAGE_GET_CLASS (self)->reload != NULL && weir_page_get_manager (self) != NULL)
    WEIR_PAGE_GET_CLASS (self)->reload (self);
}

void
weir_page_search (WeirPage *self)
{
  g_return_if_fail (WEIR_IS_PAGE (self));

  if (WEIR_PAGE_GET_CLASS (self)->search != NULL)
    WEIR_PAGE_GET_CLASS (self)->search (self);
}

static void
on_privacy_changed (WeirPage *self)
{
  if (WEIR_PAGE_GET_CLASS (self)->restyle != NULL && weir_page_get_manager (self) != NULL)
    WEIR_PAGE_GET_CLASS (self)->restyle (self);
}

/* Behind the bindings of the page's template: its parts have the client before it fills
 * them. */
static void
on_client_changed (WeirPage *self)
{
  WeirClient *client = weir_page_get_client (self);

  if (client == NULL)
    return;
  g_signal_connect_object (client, "notify::state", G_CALLBACK (weir_page_reload), self,
                           G_CONNECT_SWAPPED);
  if (WEIR_PAGE_GET_CLASS (self)->attach != NULL)
    WEIR_PAGE_GET_CLASS (self)->attach (self, client);
  weir_page_reload (self);
}

static void
set_client (WeirPage *self, WeirClient *client)
{
  WeirPagePrivate *private = weir_page_get_instance_private (self);

  if (g_set_object (&private->client, client))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CLIENT]);
}

static void
weir_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_CLIENT)
    g_value_set_object (value, weir_page_get_client (WEIR_PAGE (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weir_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_CLIENT)
    set_client (WEIR_PAGE (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weir_page_dispose (GObject *object)
{
  WeirPagePrivate *private = weir_page_get_instance_private (WEIR_PAGE (object));

  g_clear_object (&private->client);
  g_clear_object (&private->settings);
  G_OBJECT_CLASS (weir_page_parent_class)->dispose (object);
}

static void
weir_page_class_init (WeirPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  g_type_ensure (WEIR_TYPE_WRAP_BOX); /* of their templates */
  object_class->dispose = weir_page_dispose;
  object_class->get_property = weir_page_get_property;
  object_class->set_property = weir_page_set_property;
  props[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, WEIR_TYPE_CLIENT,
                                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                                                | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
weir_page_init (WeirPage *self)
{
  WeirPagePrivate *private = weir_page_get_instance_private (self);

  private->settings = g_settings_new (WEIR_APPLICATION_ID);
  g_signal_connect_object (private->settings, "changed::privacy",
                           G_CALLBACK (on_privacy_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_after (self, "notify::client", G_CALLBACK (on_client_changed), NULL);
}
