/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An account's methods, and the properties that may be written.  The generated skeleton
 * takes whatever is written to it, so the writing is ours: the settings are changed first,
 * and the properties follow when the accounts say so. */

#include "config.h"

#include "control/weir-control-account.h"

#include "control/weir-control-view.h"
#include "store/weir-config-value.h"

#define ERROR_PREFIX "io.github.weirproxy.Weir1.Error."

struct _WeirControlAccount
{
  WeirBusAccountSkeleton parent_instance;

  WeirControl *control; /* (unowned) (nullable) */
  char *id;             /* (owned) */
  int64_t next_us;
};

G_DEFINE_FINAL_TYPE (WeirControlAccount,
                     weir_control_account,
                     WEIR_BUS_TYPE_ACCOUNT_SKELETON)

/* --- what is written --- */

static void
replace_text (char **text, GVariant *value)
{
  const char *fresh = g_variant_get_string (value, NULL);

  g_free (*text);
  *text = *fresh != '\0' ? g_strdup (fresh) : NULL;
}

static void
write_label (WeirAccountSettings *settings, GVariant *value)
{
  replace_text (&settings->label, value);
}

static void
write_enabled (WeirAccountSettings *settings, GVariant *value)
{
  settings->enabled = g_variant_get_boolean (value);
}

static void
write_priority (WeirAccountSettings *settings, GVariant *value)
{
  settings->priority = g_variant_get_int32 (value);
}

static void
write_weight (WeirAccountSettings *settings, GVariant *value)
{
  settings->weight = g_variant_get_uint32 (value);
}

static void
write_prefix (WeirAccountSettings *settings, GVariant *value)
{
  replace_text (&settings->prefix, value);
}

static void
write_excluded_models (WeirAccountSettings *settings, GVariant *value)
{
  g_strfreev (settings->excluded_models);
  settings->excluded_models = g_variant_dup_strv (value, NULL);
}

static void
write_stop_at (WeirAccountSettings *settings, GVariant *value)
{
  settings->stop_at = g_variant_get_double (value);
}

static void
write_any_client (WeirAccountSettings *settings, GVariant *value)
{
  settings->any_client = g_variant_get_boolean (value);
}

/* What reads as it is now stays, with the password that does not cross the bus. */
static void
write_proxy_url (WeirAccountSettings *settings, GVariant *value)
{
  g_autofree char *shown = weir_config_dup_shown_url (settings->proxy_url);

  if (g_strcmp0 (shown, g_variant_get_string (value, NULL)) != 0)
    replace_text (&settings->proxy_url, value);
}

static const struct
{
  const char *name;
  void (*write) (WeirAccountSettings *settings, GVariant *value);
} writers[] = {
  { "Label", write_label },        { "Enabled", write_enabled },
  { "Priority", write_priority },  { "Weight", write_weight },
  { "Prefix", write_prefix },      { "ExcludedModels", write_excluded_models },
  { "StopAt", write_stop_at },     { "AnyClient", write_any_client },
  { "ProxyUrl", write_proxy_url },
};

static gboolean
on_set_property (GDBusConnection *bus,
                 const char *sender,
                 const char *path,
                 const char *interface,
                 const char *name,
                 GVariant *value,
                 GError **error,
                 gpointer user_data)
{
  WeirControlAccount *self = WEIR_CONTROL_ACCOUNT (user_data);
  g_autoptr (WeirAccount) account
      = self->control != NULL
            ? weir_accounts_lookup (self->control->sources.accounts, self->id)
            : NULL;
  g_auto (WeirAccountSettings) settings = { 0 };
  g_autoptr (GError) reason = NULL;

  if (account == NULL)
    weir_error_set (&reason, WEIR_ERROR_NOT_FOUND, "this account is no longer there");
  else
    weir_account_settings_copy (&account->settings, &settings);
  for (size_t i = 0; account != NULL && i < G_N_ELEMENTS (writers); i++)
    if (g_str_equal (writers[i].name, name))
      writers[i].write (&settings, value);
  if (account != NULL
      && weir_accounts_set_settings (self->control->sources.accounts, self->id, &settings,
                                     &reason))
    return TRUE;
  g_propagate_error (error, weir_control_error_new (reason));
  return FALSE;
}

static GDBusInterfaceVTable *
weir_control_account_get_vtable (GDBusInterfaceSkeleton *skeleton)
{
  static GDBusInterfaceVTable vtable;
  GDBusInterfaceSkeletonClass *parent
      = G_DBUS_INTERFACE_SKELETON_CLASS (weir_control_account_parent_class);

  vtable = *parent->get_vtable (skeleton);
  vtable.set_property = on_set_property;
  return &vtable;
}

/* --- methods --- */

/* FALSE: answered, the account is gone. */
static gboolean
is_there (WeirControlAccount *self, GDBusMethodInvocation *call)
{
  if (self->control != NULL)
    return TRUE;
  g_dbus_method_invocation_return_dbus_error (call, ERROR_PREFIX "NotFound",
                                              "This account is no longer there.");
  return FALSE;
}

static gboolean
on_refresh (WeirBusAccount *account, GDBusMethodInvocation *call, gpointer user_data)
{
  WeirControlAccount *self = WEIR_CONTROL_ACCOUNT (account);

  if (!is_there (self, call))
    return TRUE;
  weir_control_refresh (self->control, self->id);
  weir_bus_account_complete_refresh (account, call);
  return TRUE;
}

static gboolean
on_clear_rests (WeirBusAccount *account, GDBusMethodInvocation *call, gpointer user_data)
{
  WeirControlAccount *self = WEIR_CONTROL_ACCOUNT (account);

  if (!is_there (self, call))
    return TRUE;
  weir_control_clear_rests (self->control, self->id);
  weir_bus_account_complete_clear_rests (account, call);
  return TRUE;
}

static gboolean
on_prefer (WeirBusAccount *account, GDBusMethodInvocation *call, gpointer user_data)
{
  WeirControlAccount *self = WEIR_CONTROL_ACCOUNT (account);

  if (!is_there (self, call))
    return TRUE;
  weir_control_prefer_account (self->control, self->id);
  weir_bus_account_complete_prefer (account, call);
  return TRUE;
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *call = user_data;
  g_autoptr (GError) error = NULL;

  if (weir_accounts_remove_finish (WEIR_ACCOUNTS (source), result, &error))
    g_dbus_method_invocation_return_value (call, NULL);
  else
    weir_control_fail (call, error);
}

static gboolean
on_remove (WeirBusAccount *account,
           GDBusMethodInvocation *call,
           gboolean revoke,
           gpointer user_data)
{
  WeirControlAccount *self = WEIR_CONTROL_ACCOUNT (account);

  if (is_there (self, call))
    weir_accounts_remove_async (self->control->sources.accounts, self->id, revoke, NULL,
                                removed_cb, call);
  return TRUE;
}

static void
queried_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) samples = weir_quota_history_query_finish (result, &error);
  GVariantBuilder builder;

  if (samples == NULL)
    {
      weir_control_fail (call, error);
      return;
    }
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(xd)"));
  for (unsigned i = 0; i < samples->len; i++)
    {
      const WeirQuotaHistorySample *sample
          = &g_array_index (samples, WeirQuotaHistorySample, i);

      g_variant_builder_add (&builder, "(xd)", sample->at_us, sample->used_percent);
    }
  g_dbus_method_invocation_return_value (call, g_variant_new ("(a(xd))", &builder));
}

static gboolean
on_get_history (WeirBusAccount *account,
                GDBusMethodInvocation *call,
                const char *window,
                gint64 since_us,
                gpointer user_data)
{
  WeirControlAccount *self = WEIR_CONTROL_ACCOUNT (account);

  if (!is_there (self, call))
    return TRUE;
  if (self->control->sources.history == NULL)
    weir_bus_account_complete_get_history (account, call, g_variant_new ("a(xd)", NULL));
  else
    weir_quota_history_query (self->control->sources.history, self->id, window, since_us,
                              self->control->ends, queried_cb, call);
  return TRUE;
}

/* What a wish for a reset waits for. */
typedef struct
{
  WeirControlAccount *account; /* (owned) */
  GDBusMethodInvocation *call; /* (owned) until it is answered */
} Wish;

static void
reset_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  static const char *const outcomes[] = {
    [WEIR_LIMIT_RESET_DONE] = "done",
    [WEIR_LIMIT_RESET_NOTHING] = "nothing",
    [WEIR_LIMIT_RESET_NONE] = "none",
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (outcomes) == WEIR_LIMIT_RESET_LAST);
  g_autofree Wish *wish = user_data;
  g_autoptr (WeirControlAccount) account = wish->account;
  g_autoptr (GError) error = NULL;
  WeirLimitReset reset = WEIR_LIMIT_RESET_NONE;

  if (!weir_quota_watch_reset_limit_finish (result, &reset, &error))
    {
      weir_control_fail (wish->call, error);
      return;
    }
  /* what rests because of the limit need not any more */
  if (reset == WEIR_LIMIT_RESET_DONE && account->control != NULL)
    weir_control_clear_rests (account->control, account->id);
  weir_bus_account_complete_reset_limit (WEIR_BUS_ACCOUNT (account), wish->call,
                                         outcomes[reset]);
}

static gboolean
on_reset_limit (WeirBusAccount *account, GDBusMethodInvocation *call, gpointer user_data)
{
  WeirControlAccount *self = WEIR_CONTROL_ACCOUNT (account);
  Wish *wish;

  if (!is_there (self, call))
    return TRUE;
  if (self->control->sources.watch == NULL)
    {
      g_dbus_method_invocation_return_dbus_error (
          call, ERROR_PREFIX "NotFound", "No limit of this account can be reset by hand.");
      return TRUE;
    }
  wish = g_new0 (Wish, 1);
  wish->account = g_object_ref (self);
  wish->call = call;
  weir_quota_watch_reset_limit_async (self->control->sources.watch, self->id, NULL,
                                      reset_cb, wish);
  return TRUE;
}

/* --- properties --- */

void
weir_control_account_update (WeirControlAccount *self, const WeirAccount *account)
{
  WeirBusAccount *bus = WEIR_BUS_ACCOUNT (self);
  static const char *const none[] = { NULL };
  const WeirAccountSettings *settings = &account->settings;
  g_autofree char *identity = weir_account_dup_masked_identity (account);
  const gboolean is_own_label
      = identity == NULL || g_strcmp0 (settings->label, account->identity.email) != 0;
  g_autofree char *proxy_url = weir_config_dup_shown_url (settings->proxy_url);
  WeirControlAccountView view;

  weir_control_view_account (self->control, account, &view);
  self->next_us = view.next_us;
  g_object_freeze_notify (G_OBJECT (self));
  weir_bus_account_set_provider (bus, account->row->id);
  weir_bus_account_set_provider_name (bus, account->row->name);
  weir_bus_account_set_label (bus, is_own_label ? settings->label : identity);
  weir_bus_account_set_identity (bus, identity != NULL ? identity : "");
  weir_bus_account_set_plan (bus, view.plan);
  weir_bus_account_set_enabled (bus, settings->enabled);
  weir_bus_account_set_priority (bus, settings->priority);
  weir_bus_account_set_weight (bus, settings->weight);
  weir_bus_account_set_prefix (bus, settings->prefix != NULL ? settings->prefix : "");
  weir_bus_account_set_excluded_models (bus,
                                        settings->excluded_models != NULL
                                            ? (const char *const *)settings->excluded_models
                                            : none);
  weir_bus_account_set_proxy_url (bus, proxy_url);
  weir_bus_account_set_stop_at (bus, settings->stop_at);
  weir_bus_account_set_any_client (bus, settings->any_client);
  weir_bus_account_set_any_client_sentence (bus, view.any_client_sentence);
  weir_bus_account_set_state (bus, view.state);
  weir_bus_account_set_sentence (bus, account->sentence != NULL ? account->sentence : "");
  weir_bus_account_set_rests_until (bus, view.rests_until_us);
  weir_bus_account_set_windows (bus, view.windows);
  weir_bus_account_set_credits (bus, view.credits);
  weir_bus_account_set_quota_sentence (bus, view.quota_sentence);
  weir_bus_account_set_in_flight (bus, view.in_flight);
  g_object_thaw_notify (G_OBJECT (self));
}

int64_t
weir_control_account_get_next_us (WeirControlAccount *self)
{
  return self->next_us;
}

void
weir_control_account_leave (WeirControlAccount *self)
{
  self->control = NULL;
}

static void
weir_control_account_finalize (GObject *object)
{
  WeirControlAccount *self = WEIR_CONTROL_ACCOUNT (object);

  g_free (self->id);
  G_OBJECT_CLASS (weir_control_account_parent_class)->finalize (object);
}

static void
weir_control_account_init (WeirControlAccount *self)
{
  g_signal_connect (self, "handle-refresh", G_CALLBACK (on_refresh), NULL);
  g_signal_connect (self, "handle-clear-rests", G_CALLBACK (on_clear_rests), NULL);
  g_signal_connect (self, "handle-prefer", G_CALLBACK (on_prefer), NULL);
  g_signal_connect (self, "handle-remove", G_CALLBACK (on_remove), NULL);
  g_signal_connect (self, "handle-reset-limit", G_CALLBACK (on_reset_limit), NULL);
  g_signal_connect (self, "handle-get-history", G_CALLBACK (on_get_history), NULL);
}

static void
weir_control_account_class_init (WeirControlAccountClass *class)
{
  G_OBJECT_CLASS (class)->finalize = weir_control_account_finalize;
  G_DBUS_INTERFACE_SKELETON_CLASS (class)->get_vtable = weir_control_account_get_vtable;
}

WeirControlAccount *
weir_control_account_new (WeirControl *control, const char *id)
{
  WeirControlAccount *self = g_object_new (WEIR_TYPE_CONTROL_ACCOUNT, NULL);

  self->control = control;
  self->id = g_strdup (id);
  weir_bus_account_set_id (WEIR_BUS_ACCOUNT (self), id);
  return self;
}
