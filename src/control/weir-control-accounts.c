/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The accounts on the bus: one object each, as they come and go, and what is asked of one
 * by its id.  Words of change are gathered: all of them are looked at four times a second
 * at most, and when a rest or a window ends by itself. */

#include "config.h"

#include "control/weir-control-account.h"
#include "control/weir-control-view.h"

#include "base/weir-clock.h"

#define ACCOUNT_PATH WEIR_CONTROL_PATH "/Account/"
#define UPDATE_MS 250
#define PRIORITY_MAX 1000

static char *
dup_path (const char *id)
{
  g_autofree char *element = g_strdup (id);

  for (char *p = element; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p))
      *p = '_';
  return g_strconcat (ACCOUNT_PATH, element, NULL);
}

/* (transfer full): the object of @id, made and put on the bus where it is new. */
static WeirControlAccount *
ensure_object (WeirControl *self, const WeirAccount *account)
{
  WeirControlAccount *object = g_hash_table_lookup (self->account_objects, account->id);
  g_autofree char *path = NULL;
  g_autoptr (GDBusObjectSkeleton) place = NULL;

  if (object != NULL)
    {
      weir_control_account_update (object, account);
      return object;
    }
  path = dup_path (account->id);
  object = weir_control_account_new (self, account->id);
  weir_control_account_update (object, account);
  place = g_dbus_object_skeleton_new (path);
  g_dbus_object_skeleton_add_interface (place, G_DBUS_INTERFACE_SKELETON (object));
  g_dbus_object_manager_server_export (self->objects, place);
  g_hash_table_insert (self->account_objects, g_strdup (account->id), object);
  return object;
}

static void
remove_object (WeirControl *self, const char *id, WeirControlAccount *object)
{
  g_autofree char *path = dup_path (id);

  weir_control_account_leave (object);
  g_dbus_object_manager_server_unexport (self->objects, path);
}

static gboolean
is_listed (const GPtrArray *accounts, const char *id)
{
  for (unsigned i = 0; i < accounts->len; i++)
    if (g_str_equal (((const WeirAccount *)g_ptr_array_index (accounts, i))->id, id))
      return TRUE;
  return FALSE;
}

static void
remove_lost (WeirControl *self, const GPtrArray *accounts)
{
  GHashTableIter iter;
  gpointer id;
  gpointer object;

  g_hash_table_iter_init (&iter, self->account_objects);
  while (g_hash_table_iter_next (&iter, &id, &object))
    if (!is_listed (accounts, id))
      {
        remove_object (self, id, object);
        g_hash_table_iter_remove (&iter);
      }
}

static gboolean
update_cb (gpointer user_data)
{
  WeirControl *self = user_data;

  self->update_source = 0;
  weir_control_update_accounts (self);
  return G_SOURCE_REMOVE;
}

/* Something will change by itself at @next_us (since 1970; 0: nothing). */
static void
arm (WeirControl *self, int64_t next_us)
{
  const int64_t wait_us = next_us - weir_clock_real_us ();

  g_clear_handle_id (&self->update_source, g_source_remove);
  if (next_us > 0)
    self->update_source = g_timeout_add (
        (unsigned)CLAMP (wait_us / 1000 + 1, UPDATE_MS, G_MAXINT), update_cb, self);
  self->update_soon = FALSE;
}

void
weir_control_update_accounts (WeirControl *self)
{
  g_autoptr (GPtrArray) accounts = NULL;
  int64_t next_us = 0;

  if (self->sources.accounts == NULL)
    return;
  accounts = weir_accounts_list (self->sources.accounts);
  remove_lost (self, accounts);
  for (unsigned i = 0; i < accounts->len; i++)
    {
      WeirControlAccount *object = ensure_object (self, g_ptr_array_index (accounts, i));
      const int64_t of_account_us = weir_control_account_get_next_us (object);

      if (of_account_us > 0 && (next_us == 0 || of_account_us < next_us))
        next_us = of_account_us;
    }
  weir_bus_manager_set_tightest (self->manager, weir_control_view_tightest (self));
  weir_control_update_attention (self);
  arm (self, next_us);
}

void
weir_control_update_accounts_soon (WeirControl *self)
{
  if (self->sources.accounts == NULL || self->update_soon || self->bus == NULL)
    return; /* on the next bus all of them are looked at anyway */
  g_clear_handle_id (&self->update_source, g_source_remove);
  self->update_source = g_timeout_add (UPDATE_MS, update_cb, self);
  self->update_soon = TRUE;
}

static void
on_accounts_changed (WeirAccounts *accounts, gpointer user_data)
{
  WeirControl *self = user_data;

  weir_control_update_accounts (self);
  weir_control_models_changed (self);
}

void
weir_control_set_sources (WeirControl *self, const WeirControlSources *sources)
{
  const WeirControlSources none = { 0 };

  if (self->sources.accounts != NULL)
    g_signal_handlers_disconnect_by_data (self->sources.accounts, self);
  weir_control_set_sign_ins (self, sources != NULL ? sources->sign_ins : NULL);
  self->sources = sources != NULL ? *sources : none;
  if (self->sources.accounts == NULL)
    {
      g_autoptr (GPtrArray) nobody = g_ptr_array_new ();

      g_clear_handle_id (&self->update_source, g_source_remove);
      remove_lost (self, nobody);
      return;
    }
  g_signal_connect (self->sources.accounts, "changed", G_CALLBACK (on_accounts_changed),
                    self);
  weir_control_update_accounts (self);
}

void
weir_control_quota_changed (WeirControl *self)
{
  weir_control_update_accounts_soon (self);
}

/* --- by their ids --- */

unsigned
weir_control_refresh (WeirControl *self, const char *id)
{
  return self->sources.refresh != NULL
             ? self->sources.refresh (id, self->sources.refresh_data)
             : 0;
}

void
weir_control_toggle_account (WeirControl *self, const char *id)
{
  g_autoptr (WeirAccount) account = self->sources.accounts != NULL
                                        ? weir_accounts_lookup (self->sources.accounts, id)
                                        : NULL;
  g_auto (WeirAccountSettings) settings = { 0 };
  g_autoptr (GError) error = NULL;

  if (account == NULL)
    return;
  weir_account_settings_copy (&account->settings, &settings);
  settings.enabled = !settings.enabled;
  if (!weir_accounts_set_settings (self->sources.accounts, id, &settings, &error))
    g_warning ("%s", error->message);
}

static void
set_priority (WeirControl *self, const WeirAccount *account, int priority)
{
  g_auto (WeirAccountSettings) settings = { 0 };
  g_autoptr (GError) error = NULL;

  weir_account_settings_copy (&account->settings, &settings);
  settings.priority = CLAMP (priority, -PRIORITY_MAX, PRIORITY_MAX);
  if (!weir_accounts_set_settings (self->sources.accounts, account->id, &settings, &error))
    g_warning ("%s", error->message);
}

/* One above all others of its provider; those that are at the top make room. */
void
weir_control_prefer_account (WeirControl *self, const char *id)
{
  g_autoptr (GPtrArray) accounts
      = self->sources.accounts != NULL ? weir_accounts_list (self->sources.accounts) : NULL;
  g_autoptr (WeirAccount) chosen
      = accounts != NULL ? weir_accounts_lookup (self->sources.accounts, id) : NULL;
  int highest = -PRIORITY_MAX;

  if (chosen == NULL)
    return;
  for (unsigned i = 0; i < accounts->len; i++)
    {
      const WeirAccount *account = g_ptr_array_index (accounts, i);

      if (account->row != chosen->row || g_str_equal (account->id, id))
        continue;
      if (account->settings.priority == PRIORITY_MAX)
        set_priority (self, account, PRIORITY_MAX - 1);
      highest = MAX (highest, MIN (account->settings.priority, PRIORITY_MAX - 1));
    }
  if (chosen->settings.priority <= highest)
    set_priority (self, chosen, highest + 1);
}

void
weir_control_clear_rests (WeirControl *self, const char *id)
{
  const WeirSeat *seat = weir_control_lookup_seat (self, id);

  if (seat != NULL && seat->state != NULL)
    weir_pool_seat_clear_rests (seat->state);
  weir_control_update_accounts (self);
}

const char *
weir_control_get_page (const WeirControl *self, const char *id, WeirControlPage page)
{
  g_autoptr (WeirAccount) account = self->sources.accounts != NULL
                                        ? weir_accounts_lookup (self->sources.accounts, id)
                                        : NULL;

  if (account == NULL)
    return NULL;
  return page == WEIR_CONTROL_PAGE_USAGE ? account->row->usage_page
                                         : account->row->status_page;
}
