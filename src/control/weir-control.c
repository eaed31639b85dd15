/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The control's life and what the Manager's properties say.  What changes with every
 * request is gathered and told four times a second at most. */

#include "config.h"

#include "control/weir-control-private.h"

#include "base/weir-clock.h"
#include "proxy/weir-proxy-view.h"

#define FLUSH_MS 250

static const char *const state_names[] = {
  [WEIR_CONTROL_STARTING] = "starting",
  [WEIR_CONTROL_RUNNING] = "running",
  [WEIR_CONTROL_STOPPED] = "stopped",
  [WEIR_CONTROL_FAILED] = "failed",
};
G_STATIC_ASSERT (G_N_ELEMENTS (state_names) == WEIR_CONTROL_STATE_LAST);

static const char *const vault_names[] = {
  [WEIR_VAULT_STARTING] = "starting",
  [WEIR_VAULT_UNLOCKED] = "unlocked",
  [WEIR_VAULT_LOCKED] = "locked",
  [WEIR_VAULT_MISSING] = "missing",
};

char *
weir_control_dup_endpoint (const WeirControl *self)
{
  if (self->proxy == NULL || weir_proxy_get_port (self->proxy) == 0)
    return NULL;
  return weir_proxy_dup_url (self->proxy);
}

static GVariant *
make_totals (const WeirControl *self)
{
  const WeirActivityTotals *totals = weir_activity_get_totals (self->activity);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "requests", "t", totals->requests);
  g_variant_dict_insert (&dict, "failed", "t", totals->failed);
  g_variant_dict_insert (&dict, "in-flight", "u",
                         self->proxy != NULL ? weir_proxy_count_open (self->proxy) : 0);
  g_variant_dict_insert (&dict, "input-tokens", "t", totals->tokens_in);
  g_variant_dict_insert (&dict, "cached-tokens", "t", totals->tokens_cached);
  g_variant_dict_insert (&dict, "output-tokens", "t", totals->tokens_out);
  return g_variant_dict_end (&dict);
}

static gboolean
flush_cb (gpointer user_data)
{
  WeirControl *self = user_data;
  const WeirActivityExchange *newest = weir_activity_get (self->activity, 0);

  self->flush_source = 0;
  weir_bus_manager_set_totals (self->manager, make_totals (self));
  if (self->serving != NULL)
    weir_bus_manager_set_serving (self->manager, self->serving);
  if (self->exchanges_changed)
    weir_bus_manager_emit_exchanges_changed (self->manager,
                                             newest != NULL ? newest->number : 0);
  if (self->models_changed)
    weir_bus_manager_emit_models_changed (self->manager);
  self->exchanges_changed = FALSE;
  self->models_changed = FALSE;
  return G_SOURCE_REMOVE;
}

/* Nobody waits for a bus that is not there. */
static void
flush_soon (WeirControl *self)
{
  if (self->flush_source == 0 && self->bus != NULL)
    self->flush_source = g_timeout_add (FLUSH_MS, flush_cb, self);
}

static void
on_request_began (gpointer data, gpointer user_data)
{
  WeirControl *self = user_data;

  self->exchanges_changed = TRUE;
  flush_soon (self);
}

void
weir_control_models_changed (WeirControl *self)
{
  self->models_changed = TRUE;
  flush_soon (self);
}

static void
on_models_changed (gpointer data, gpointer user_data)
{
  weir_control_models_changed (user_data);
}

void
weir_control_add_row (const WeirLogRow *row, gpointer user_data)
{
  WeirControl *self = user_data;

  weir_activity_add (self->activity, row, weir_clock_real_us ());
  if (row->account != NULL && row->error == NULL
      && g_strcmp0 (row->account, self->serving) != 0)
    {
      g_free (self->serving);
      self->serving = g_strdup (row->account);
    }
  on_request_began (NULL, self);
  weir_control_update_accounts_soon (self);
}

const WeirActivity *
weir_control_get_activity (const WeirControl *self)
{
  return self->activity;
}

WeirControl *
weir_control_new (const WeirControlFuncs *funcs, gpointer user_data)
{
  WeirControl *self = g_new0 (WeirControl, 1);

  self->funcs = funcs;
  self->user_data = user_data;
  self->activity = weir_activity_new ();
  self->reloaders = g_ptr_array_new_with_free_func (g_object_unref);
  self->changes = g_ptr_array_new_with_free_func (g_object_unref);
  self->ends = g_cancellable_new ();
  self->account_objects
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->objects = g_dbus_object_manager_server_new (WEIR_CONTROL_PATH);
  self->manager = weir_bus_manager_skeleton_new ();
  g_object_set (self->manager, "version", WEIR_VERSION, "protocol-version",
                WEIR_CONTROL_PROTOCOL_VERSION, "state", state_names[WEIR_CONTROL_STARTING],
                "problem", "", "endpoint", "", "attention", g_variant_new ("a(sss)", NULL),
                "tightest", g_variant_new ("(ssdx)", "", "", -1.0, (gint64)0), "serving",
                "", "totals", make_totals (self), "secrets", "starting", "secrets-problem",
                "", "config-path", "", "config-problem", "", NULL);
  weir_control_connect_manager (self);
  return self;
}

static void
leave_bus (WeirControl *self)
{
  if (self->bus == NULL)
    return;
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->manager));
  g_dbus_object_manager_server_set_connection (self->objects, NULL);
  g_clear_object (&self->bus);
}

void
weir_control_free (WeirControl *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->ends);
  weir_control_set_sources (self, NULL);
  weir_control_set_proxy (self, NULL);
  weir_control_set_vault (self, NULL);
  g_clear_handle_id (&self->flush_source, g_source_remove);
  for (unsigned i = 0; i < self->reloaders->len; i++)
    weir_bus_manager_complete_reload (
        self->manager, g_object_ref (g_ptr_array_index (self->reloaders, i)));
  g_ptr_array_unref (self->reloaders);
  g_ptr_array_unref (self->changes);
  leave_bus (self);
  g_hash_table_unref (self->account_objects);
  g_signal_handlers_disconnect_by_data (self->manager, self);
  g_object_unref (self->objects);
  g_object_unref (self->manager);
  g_object_unref (self->ends);
  weir_activity_free (self->activity);
  g_free (self->serving);
  g_free (self);
}

gboolean
weir_control_export (WeirControl *self, GDBusConnection *bus, GError **error)
{
  GDBusInterfaceSkeleton *skeleton = G_DBUS_INTERFACE_SKELETON (self->manager);

  leave_bus (self);
  if (!g_dbus_interface_skeleton_export (skeleton, bus, WEIR_CONTROL_PATH, error))
    return FALSE;
  g_dbus_object_manager_server_set_connection (self->objects, bus);
  self->bus = g_object_ref (bus);
  weir_control_update_accounts (self);
  return TRUE;
}

/* --- what is the matter --- */

/* (kind, subject, sentence) of those whose State the user should see to. */
static void
add_accounts (WeirControl *self, GVariantBuilder *builder, const char *state)
{
  GHashTableIter iter;
  gpointer id;
  gpointer object;

  g_hash_table_iter_init (&iter, self->account_objects);
  while (g_hash_table_iter_next (&iter, &id, &object))
    {
      const char *sentence = weir_bus_account_get_sentence (object);

      if (!g_str_equal (weir_bus_account_get_state (object), state))
        continue;
      g_variant_builder_add (builder, "(sss)", state, id,
                             *sentence != '\0'                  ? sentence
                             : g_str_equal (state, "exhausted") ? "Nothing is left of it."
                                                                : "Sign in again.");
    }
}

static void
add_attention (GVariantBuilder *builder,
               const char *kind,
               const char *subject,
               const char *sentence)
{
  g_variant_builder_add (builder, "(sss)", kind, subject, sentence);
}

/* Is there anything that lies, or would lie, with the secrets? */
static gboolean
wants_secrets (const WeirControl *self)
{
  const WeirRouting *routing
      = self->proxy != NULL ? weir_proxy_get_routing (self->proxy) : NULL;

  return g_hash_table_size (self->account_objects) > 0
         || (routing != NULL && weir_config_needs_vault (routing->config));
}

void
weir_control_update_attention (WeirControl *self)
{
  const char *problem = weir_bus_manager_get_problem (self->manager);
  const char *config_problem = weir_bus_manager_get_config_problem (self->manager);
  const char *secrets_problem = weir_bus_manager_get_secrets_problem (self->manager);
  const char *secrets = weir_bus_manager_get_secrets (self->manager);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sss)"));
  if (*problem != '\0')
    add_attention (&builder, "proxy", "", problem);
  if (*secrets_problem != '\0' && wants_secrets (self))
    add_attention (&builder,
                   g_str_equal (secrets, "locked") ? "secrets-locked" : "secrets-missing",
                   "", secrets_problem);
  add_accounts (self, &builder, "sign-in");
  add_accounts (self, &builder, "exhausted");
  if (*config_problem != '\0')
    add_attention (&builder, "config", "", config_problem);
  weir_bus_manager_set_attention (self->manager, g_variant_builder_end (&builder));
}

void
weir_control_set_state (WeirControl *self, WeirControlState state, const char *problem)
{
  g_autofree char *endpoint = weir_control_dup_endpoint (self);

  self->state = state;
  weir_bus_manager_set_state (self->manager, state_names[state]);
  weir_bus_manager_set_problem (self->manager, problem != NULL ? problem : "");
  weir_bus_manager_set_endpoint (
      self->manager, state == WEIR_CONTROL_RUNNING && endpoint != NULL ? endpoint : "");
  weir_control_update_attention (self);
}

void
weir_control_set_proxy (WeirControl *self, WeirProxy *proxy)
{
  const WeirProxyWatch watch = {
    .request_began = on_request_began,
    .models_changed = on_models_changed,
    .user_data = self,
  };
  const WeirProxyWatch none = { 0 };

  if (self->proxy != NULL)
    weir_proxy_set_watch (self->proxy, &none);
  self->proxy = proxy;
  if (proxy != NULL)
    weir_proxy_set_watch (proxy, &watch);
}

static const char *
name_secrets (WeirVault *vault)
{
  const WeirVaultState state = weir_vault_get_state (vault);

  if (state != WEIR_VAULT_UNLOCKED || weir_vault_get_place (vault) != WEIR_VAULT_FILE)
    return vault_names[state];
  return weir_vault_is_sealed (vault) ? "encrypted-file" : "file";
}

static void
on_vault_changed (WeirVault *vault, gpointer user_data)
{
  WeirControl *self = user_data;
  const char *problem = weir_vault_get_problem (vault);

  if (weir_vault_get_obstacle (vault) != NULL)
    problem = weir_vault_get_obstacle (vault);
  weir_bus_manager_set_secrets (self->manager, name_secrets (vault));
  weir_bus_manager_set_secrets_problem (self->manager, problem != NULL ? problem : "");
  weir_control_update_attention (self);
}

void
weir_control_set_vault (WeirControl *self, WeirVault *vault)
{
  if (self->vault == vault)
    return;
  if (self->vault != NULL)
    g_signal_handlers_disconnect_by_data (self->vault, self);
  g_set_object (&self->vault, vault);
  if (vault == NULL)
    return;
  g_signal_connect (vault, "changed", G_CALLBACK (on_vault_changed), self);
  on_vault_changed (vault, self);
}

void
weir_control_set_config (WeirControl *self, const char *path, const char *problem)
{
  g_autoptr (GPtrArray) reloaders = g_steal_pointer (&self->reloaders);

  self->reloaders = g_ptr_array_new_with_free_func (g_object_unref);
  weir_bus_manager_set_config_path (self->manager, path);
  weir_bus_manager_set_config_problem (self->manager, problem != NULL ? problem : "");
  weir_control_update_attention (self);
  for (unsigned i = 0; i < reloaders->len; i++)
    {
      GDBusMethodInvocation *call = g_object_ref (g_ptr_array_index (reloaders, i));

      if (problem == NULL)
        weir_bus_manager_complete_reload (self->manager, call);
      else
        g_dbus_method_invocation_return_dbus_error (
            call, "io.github.weirproxy.Weir1.Error.BadRequest", problem);
    }
  weir_control_models_changed (self);
}
