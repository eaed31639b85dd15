/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sign-ins on the bus: an object for each, from its beginning to a minute behind its end.
 */

#include "config.h"

#include "control/weir-control-private.h"

#define LOGIN_PATH WEIR_CONTROL_PATH "/Login/"

static char *
dup_path (unsigned number)
{
  return g_strdup_printf (LOGIN_PATH "%u", number);
}

static void
update (WeirBusLogin *login, WeirSignIn *sign_in)
{
  const WeirProviderOauth *row = weir_sign_in_get_row (sign_in);

  g_object_set (login, "provider", row->id, "provider-name", row->name, "way",
                weir_sign_in_way_get_name (weir_sign_in_get_way (sign_in)), "state",
                weir_sign_in_state_get_name (weir_sign_in_get_state (sign_in)), "sentence",
                weir_sign_in_get_sentence (sign_in), "url", weir_sign_in_get_url (sign_in),
                "full-url", weir_sign_in_get_full_url (sign_in), "user-code",
                weir_sign_in_get_user_code (sign_in), "can-paste",
                weir_sign_in_can_paste (sign_in), "expires-at",
                weir_sign_in_get_expires_us (sign_in), "account",
                weir_sign_in_get_account (sign_in), NULL);
}

static void
on_changed (WeirSignIn *sign_in, gpointer user_data)
{
  update (user_data, sign_in);
}

static gboolean
on_submit_callback (WeirBusLogin *login,
                    GDBusMethodInvocation *call,
                    const char *text,
                    gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (weir_sign_in_paste (user_data, text, &error))
    weir_bus_login_complete_submit_callback (login, call);
  else
    weir_control_fail (call, error);
  return TRUE;
}

static gboolean
on_cancel (WeirBusLogin *login, GDBusMethodInvocation *call, gpointer user_data)
{
  weir_sign_in_cancel (user_data);
  weir_bus_login_complete_cancel (login, call);
  return TRUE;
}

static void
on_added (WeirSignIns *sign_ins, WeirSignIn *sign_in, unsigned number, gpointer user_data)
{
  WeirControl *self = user_data;
  g_autofree char *path = dup_path (number);
  g_autoptr (GDBusObjectSkeleton) place = g_dbus_object_skeleton_new (path);
  g_autoptr (WeirBusLogin) login = weir_bus_login_skeleton_new ();

  update (login, sign_in);
  g_signal_connect_object (sign_in, "changed", G_CALLBACK (on_changed), login, 0);
  g_signal_connect_object (login, "handle-submit-callback", G_CALLBACK (on_submit_callback),
                           sign_in, 0);
  g_signal_connect_object (login, "handle-cancel", G_CALLBACK (on_cancel), sign_in, 0);
  g_dbus_object_skeleton_add_interface (place, G_DBUS_INTERFACE_SKELETON (login));
  g_dbus_object_manager_server_export (self->objects, place);
}

static void
on_removed (WeirSignIns *sign_ins, WeirSignIn *sign_in, unsigned number, gpointer user_data)
{
  WeirControl *self = user_data;
  g_autofree char *path = dup_path (number);

  g_dbus_object_manager_server_unexport (self->objects, path);
}

void
weir_control_set_sign_ins (WeirControl *self, WeirSignIns *sign_ins)
{
  if (self->sources.sign_ins != NULL)
    g_signal_handlers_disconnect_by_data (self->sources.sign_ins, self);
  if (sign_ins == NULL)
    return;
  g_signal_connect (sign_ins, "added", G_CALLBACK (on_added), self);
  g_signal_connect (sign_ins, "removed", G_CALLBACK (on_removed), self);
}

/* What a caller may say in @options: name and type. */
static const struct
{
  const char *name;
  const char *type;
} option_keys[] = {
  { "way", "s" },
  { "account", "s" },
  { "callback-port", "u" },
};

static gboolean
is_known_option (const char *name, GVariant *value)
{
  for (size_t i = 0; i < G_N_ELEMENTS (option_keys); i++)
    if (g_str_equal (option_keys[i].name, name)
        && g_str_equal (option_keys[i].type, g_variant_get_type_string (value)))
      return TRUE;
  return FALSE;
}

static gboolean
check_options (GVariant *options, GError **error)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    if (!is_known_option (name, value))
      {
        weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                        "a sign-in has no option \"%.64s\" of that type", name);
        g_variant_unref (value); /* the loop would have, had it gone on */
        return FALSE;
      }
  return TRUE;
}

/* Vendors come back to the port that they know and to no other. */
static gboolean
check_port (const char *provider, GVariant *options, GError **error)
{
  const WeirProviderOauth *row = weir_provider_oauth_lookup (provider);
  guint32 port = 0;

  if (row == NULL || !g_variant_lookup (options, "callback-port", "u", &port)
      || port == weir_provider_oauth_get_port (row))
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                         "%s comes back to port %u only; where that is taken, paste the "
                         "address that the browser ended on",
                         row->name, weir_provider_oauth_get_port (row));
}

char *
weir_control_begin_login (WeirControl *self,
                          const char *provider,
                          GVariant *options,
                          GError **error)
{
  const char *way = NULL;
  const char *account = NULL;
  unsigned number = 0;

  if (!check_options (options, error) || !check_port (provider, options, error))
    return NULL;
  if (self->sources.sign_ins == NULL)
    {
      weir_error_set (error, WEIR_ERROR_UNSUPPORTED, "no accounts can be kept here");
      return NULL;
    }
  g_variant_lookup (options, "way", "&s", &way);
  g_variant_lookup (options, "account", "&s", &account);
  if (weir_sign_ins_begin (self->sources.sign_ins, provider, way, account, FALSE, &number,
                           error)
      == NULL)
    return NULL;
  return dup_path (number);
}
