/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Hosts read properties once and again when a signal of the interface says so; they do not
 * listen to PropertiesChanged.  Coordinates of clicks are meaningless on Wayland and not
 * passed on; the deltas and the orientation of a scroll are spelt differently by each host.
 */

#include "config.h"

#include "tray/weir-status-item.h"

#include "tray/weir-tray-watcher.h"
#include "weir-tray-generated.h"

#include "base/weir-translate.h"

#include <string.h>

#define KDE_INTERFACE "org.kde.StatusNotifierItem"
#define FREEDESKTOP_INTERFACE "org.freedesktop.StatusNotifierItem"
/* Real tokens are below a hundred bytes. */
#define TOKEN_MAX_BYTES 4096

struct _WeirStatusItem
{
  GDBusConnection *bus;             /* (owned) */
  const char *menu_path;            /* (unowned): a constant */
  const WeirStatusItemFuncs *funcs; /* (unowned) */
  gpointer user_data;
  GDBusInterfaceInfo freedesktop; /* KDE's by its other name */
  unsigned object_ids[2];
  WeirTrayWatcher *watcher; /* (owned) (nullable): while it is made */
  char *token;              /* (owned) (nullable): of the click that follows */
  char *title;              /* (owned) */
  char *tooltip;            /* (owned) */
  char *label;              /* (owned) */
  const char *status;       /* (unowned): a constant */
  const char *icon_name;    /* (unowned): a constant; "": drawn by us */
  GVariant *pixmaps;        /* (owned) */
  WeirTrayIcon icon;
  WeirTrayTone tone;
};

static void
emit (WeirStatusItem *self, const char *signal, GVariant *parameters)
{
  g_autoptr (GVariant) held = parameters != NULL ? g_variant_ref_sink (parameters) : NULL;

  g_dbus_connection_emit_signal (self->bus, NULL, WEIR_STATUS_ITEM_PATH, KDE_INTERFACE,
                                 signal, held, NULL);
  g_dbus_connection_emit_signal (self->bus, NULL, WEIR_STATUS_ITEM_PATH,
                                 FREEDESKTOP_INTERFACE, signal, held, NULL);
}

static GVariant *
pack_tooltip (const WeirStatusItem *self)
{
  const char *lines = strchr (self->tooltip, '\n');
  g_autofree char *heading = lines != NULL
                                 ? g_strndup (self->tooltip, (gsize)(lines - self->tooltip))
                                 : g_strdup (self->tooltip);
  /* some hosts read markup here */
  g_autofree char *body = g_markup_escape_text (lines != NULL ? lines + 1 : "", -1);

  return g_variant_new ("(s@a(iiay)ss)", self->icon_name, self->pixmaps, heading, body);
}

static GVariant *
pack_no_pixmap (const WeirStatusItem *self)
{
  return g_variant_new_array (G_VARIANT_TYPE ("(iiay)"), NULL, 0);
}

static GVariant *
pack_pixmaps (const WeirStatusItem *self)
{
  return g_variant_ref (self->pixmaps);
}

static GVariant *
pack_menu (const WeirStatusItem *self)
{
  return g_variant_new_object_path (self->menu_path);
}

typedef struct
{
  const char *name;
  const char *constant;                           /* (nullable) */
  size_t offset;                                  /* of a text in WeirStatusItem; 0: none */
  GVariant *(*pack) (const WeirStatusItem *self); /* (nullable) */
} Property;

/* clang-format off */
static const Property properties[] = {
  { "Category",            "ApplicationStatus", 0, NULL },
  { "Id",                  WEIR_APPLICATION_ID, 0, NULL },
  { "IconThemePath",       "", 0, NULL },
  { "OverlayIconName",     "", 0, NULL },
  { "AttentionMovieName",  "", 0, NULL },
  { "XAyatanaLabelGuide",  "100 %", 0, NULL },
  { "Title",               NULL, offsetof (WeirStatusItem, title), NULL },
  { "Status",              NULL, offsetof (WeirStatusItem, status), NULL },
  { "IconName",            NULL, offsetof (WeirStatusItem, icon_name), NULL },
  { "AttentionIconName",   NULL, offsetof (WeirStatusItem, icon_name), NULL },
  { "XAyatanaLabel",       NULL, offsetof (WeirStatusItem, label), NULL },
  { "IconPixmap",          NULL, 0, pack_pixmaps },
  { "AttentionIconPixmap", NULL, 0, pack_pixmaps },
  { "OverlayIconPixmap",   NULL, 0, pack_no_pixmap },
  { "ToolTip",             NULL, 0, pack_tooltip },
  { "Menu",                NULL, 0, pack_menu },
};
/* clang-format on */

static GVariant *
on_get_property (GDBusConnection *bus,
                 const char *sender,
                 const char *path,
                 const char *interface,
                 const char *name,
                 GError **error,
                 gpointer user_data)
{
  const WeirStatusItem *self = user_data;

  for (unsigned i = 0; i < G_N_ELEMENTS (properties); i++)
    {
      const Property *property = &properties[i];

      if (!g_str_equal (name, property->name))
        continue;
      if (property->pack != NULL)
        return property->pack (self);
      if (property->constant != NULL)
        return g_variant_new_string (property->constant);
      return g_variant_new_string (G_STRUCT_MEMBER (const char *, self, property->offset));
    }
  if (g_str_equal (name, "ItemIsMenu"))
    return g_variant_new_boolean (FALSE); /* else some hosts never tell of a click */
  if (g_str_equal (name, "XAyatanaOrderingIndex"))
    return g_variant_new_uint32 (0);
  return g_variant_new_int32 (0); /* WindowId */
}

static gboolean
handle_activate (WeirStatusItem *self, GVariant *in)
{
  g_autofree char *token = g_steal_pointer (&self->token);

  return self->funcs->activate (token, self->user_data);
}

static gboolean
handle_secondary (WeirStatusItem *self, GVariant *in)
{
  g_autofree char *token = g_steal_pointer (&self->token);

  self->funcs->secondary_activate (token, self->user_data);
  return TRUE;
}

static gboolean
handle_scroll (WeirStatusItem *self, GVariant *in)
{
  int32_t delta = 0;

  g_variant_get (in, "(i&s)", &delta, NULL);
  if (delta != 0)
    self->funcs->scroll (delta > 0 ? 1 : -1, self->user_data);
  return TRUE;
}

static gboolean
handle_token (WeirStatusItem *self, GVariant *in)
{
  const char *token = NULL;

  g_variant_get (in, "(&s)", &token);
  g_clear_pointer (&self->token, g_free);
  if (*token != '\0' && strlen (token) <= TOKEN_MAX_BYTES)
    self->token = g_strdup (token);
  return TRUE;
}

/* A host that draws no menu of its own has none to draw: it may try a left click. */
static gboolean
refuse (WeirStatusItem *self, GVariant *in)
{
  return FALSE;
}

static void
on_method_call (GDBusConnection *bus,
                const char *sender,
                const char *path,
                const char *interface,
                const char *method,
                GVariant *parameters,
                GDBusMethodInvocation *invocation,
                gpointer user_data)
{
  static const struct
  {
    const char *name;
    gboolean (*func) (WeirStatusItem *self, GVariant *in);
  } methods[] = {
    { "Activate", handle_activate },
    { "SecondaryActivate", handle_secondary },
    { "XAyatanaSecondaryActivate", handle_secondary },
    { "Scroll", handle_scroll },
    { "ProvideXdgActivationToken", handle_token },
    { "ContextMenu", refuse },
  };
  WeirStatusItem *self = user_data;

  for (unsigned i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      if (!g_str_equal (method, methods[i].name))
        continue;
      if (methods[i].func (self, parameters))
        g_dbus_method_invocation_return_value (invocation, NULL);
      else
        g_dbus_method_invocation_return_error_literal (
            invocation, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD, "show the menu");
      return;
    }
  g_assert_not_reached (); /* GDBus knows the interface */
}

static void
on_taken (gboolean is_taken, gpointer user_data)
{
  WeirStatusItem *self = user_data;

  self->funcs->shown_changed (is_taken, self->user_data);
}

static void
draw (WeirStatusItem *self, const WeirTrayIcon *icon, WeirTrayTone tone)
{
  self->icon = *icon;
  self->tone = tone;
  self->icon_name
      = weir_tray_icon_is_live (icon) ? "" : weir_tray_icon_get_name (icon->kind);
  g_clear_pointer (&self->pixmaps, g_variant_unref);
  self->pixmaps = g_variant_ref_sink (weir_tray_pixmap_pack (icon, tone));
}

WeirStatusItem *
weir_status_item_new (GDBusConnection *bus,
                      const char *menu_path,
                      const WeirStatusItemFuncs *funcs,
                      gpointer user_data,
                      GError **error)
{
  static const GDBusInterfaceVTable vtable
      = { .method_call = on_method_call, .get_property = on_get_property };
  const WeirTrayIcon icon = { WEIR_TRAY_ICON_STOPPED, -1, -1, FALSE };
  g_autoptr (WeirStatusItem) self = g_new0 (WeirStatusItem, 1);
  const GDBusInterfaceInfo *infos[] = { &org_kde_status_notifier_item_interface, NULL };

  self->bus = g_object_ref (bus);
  self->menu_path = menu_path;
  self->funcs = funcs;
  self->user_data = user_data;
  self->title = g_strdup (_ ("Weir"));
  self->tooltip = g_strdup (self->title);
  self->label = g_strdup ("");
  self->status = "Active";
  self->freedesktop = org_kde_status_notifier_item_interface;
  self->freedesktop.name = (char *)FREEDESKTOP_INTERFACE;
  infos[1] = &self->freedesktop;
  draw (self, &icon, WEIR_TRAY_TONE_MIDDLE);
  for (unsigned i = 0; i < G_N_ELEMENTS (infos); i++)
    {
      self->object_ids[i] = g_dbus_connection_register_object (
          bus, WEIR_STATUS_ITEM_PATH, (GDBusInterfaceInfo *)infos[i], &vtable, self, NULL,
          error);
      if (self->object_ids[i] == 0)
        return NULL;
    }
  self->watcher = weir_tray_watcher_new (bus, WEIR_STATUS_ITEM_PATH, on_taken, self);
  return g_steal_pointer (&self);
}

void
weir_status_item_free (WeirStatusItem *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->watcher, weir_tray_watcher_free);
  for (unsigned i = 0; i < G_N_ELEMENTS (self->object_ids); i++)
    if (self->object_ids[i] != 0)
      g_dbus_connection_unregister_object (self->bus, self->object_ids[i]);
  g_clear_pointer (&self->pixmaps, g_variant_unref);
  g_free (self->token);
  g_free (self->title);
  g_free (self->tooltip);
  g_free (self->label);
  g_clear_object (&self->bus);
  g_free (self);
}

/* Takes @value over; TRUE: it is another one. */
static gboolean
replace (char **text, const char *value)
{
  if (g_str_equal (*text, value))
    return FALSE;
  g_free (*text);
  *text = g_strdup (value);
  return TRUE;
}

void
weir_status_item_set_face (WeirStatusItem *self, const WeirStatusItemFace *face)
{
  const gboolean is_redrawn
      = !weir_tray_icon_equal (&self->icon, &face->icon) || self->tone != face->tone;

  if (is_redrawn)
    {
      draw (self, &face->icon, face->tone);
      emit (self, "NewIcon", NULL);
      emit (self, "NewAttentionIcon", NULL);
    }
  if (replace (&self->title, face->title))
    emit (self, "NewTitle", NULL);
  if (replace (&self->tooltip, face->tooltip))
    emit (self, "NewToolTip", NULL);
  if (replace (&self->label, face->label))
    emit (self, "XAyatanaNewLabel", g_variant_new ("(ss)", self->label, "100 %"));
  if (g_str_equal (self->status, face->status))
    return;
  self->status = face->status;
  emit (self, "NewStatus", g_variant_new ("(s)", self->status));
}

gboolean
weir_status_item_is_shown (const WeirStatusItem *self)
{
  return weir_tray_watcher_is_taken (self->watcher);
}
