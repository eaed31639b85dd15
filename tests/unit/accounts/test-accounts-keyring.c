/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Renewals beside a real keyring that is locked, killed or gone at the wrong moment. */

#include "config.h"

#include "accounts-vendor.h"
#include "keyring-fixture.h"

#include "base/weir-clock.h"

typedef struct
{
  KeyringSession session;
  AccountsPlace place;
  Vendor vendor;
  WeirAccount *account; /* (owned) */
  char *escrow;         /* (owned): its file */
} Case;

static void
set_up (Case *self, gconstpointer data)
{
  AccountsPlace *place = &self->place;

  keyring_set_up (&self->session, KEYRING_PASSWORD);
  place->has_keyring = TRUE;
  accounts_place_open_at (place, self->session.place.folder, "accounts");
  self->account = vendor_begin (place, &self->vendor, HOUR_US);
  accounts_place_await_secrets (place, "escrow-key", 1);
  self->escrow = g_build_filename (place->accounts->escrow, self->account->id, NULL);
}

static void
tear_down (Case *self, gconstpointer data)
{
  accounts_place_close (&self->place);
  weir_clock_set_test_offset (NULL);
  g_ptr_array_unref (self->place.notices);
  g_free (self->place.vault_place.path);
  g_free (self->place.path);
  weir_account_unref (self->account);
  g_free (self->escrow);
  keyring_tear_down (&self->session, NULL);
}

static gboolean
has_escrow (const Case *self)
{
  return g_file_test (self->escrow, G_FILE_TEST_EXISTS);
}

/* Until what lay in the escrow is in the vault. */
static void
await_merged (Case *self)
{
  const int64_t since_us = g_get_monotonic_time ();

  while (has_escrow (self))
    {
      g_assert_cmpint (g_get_monotonic_time () - since_us, <, 10 * G_USEC_PER_SEC);
      accounts_place_pass (&self->place, 0);
    }
}

/* A renewal while the vault takes nothing. */
static void
renew_aside (Case *self)
{
  self->place.offset_us += HOUR_US;
  vendor_assert_ensured (&self->place, self->account->id, NULL, "access-2");
  accounts_place_pass (&self->place, 0);
  g_assert_true (has_escrow (self));
  g_assert_true (accounts_place_was_told (&self->place, "kept encrypted"));
}

static void
assert_kept (Case *self)
{
  accounts_place_restart (&self->place);
  accounts_place_assert_token (&self->place, self->account->id, "access-2");
  g_assert_cmpuint (self->vendor.number, ==, 2);
  g_assert_false (self->vendor.is_revoked);
}

static void
test_locked (Case *self, gconstpointer data)
{
  keyring_lock ();
  vault_await (self->place.vault, WEIR_VAULT_LOCKED);
  renew_aside (self);
  keyring_unlock (KEYRING_PASSWORD);
  await_merged (self);
  assert_kept (self);
}

static void
test_killed (Case *self, gconstpointer data)
{
  keyring_stop (&self->session);
  vault_await (self->place.vault, WEIR_VAULT_MISSING);
  renew_aside (self);
  keyring_start (&self->session, NULL);
  vault_await (self->place.vault, WEIR_VAULT_LOCKED);
  keyring_unlock (KEYRING_PASSWORD);
  await_merged (self);
  assert_kept (self);
}

/* The program ends before the keyring opens, and begins again before it does. */
static void
test_locked_at_start (Case *self, gconstpointer data)
{
  keyring_lock ();
  vault_await (self->place.vault, WEIR_VAULT_LOCKED);
  renew_aside (self);
  accounts_place_close (&self->place);
  accounts_place_open_closed (&self->place, WEIR_VAULT_LOCKED);
  accounts_place_assert_state (&self->place, self->account->id, WEIR_ACCOUNT_LOCKED);
  accounts_place_assert_token (&self->place, self->account->id, NULL);
  g_assert_true (has_escrow (self));
  keyring_unlock (KEYRING_PASSWORD);
  await_merged (self);
  accounts_place_assert_state (&self->place, self->account->id, WEIR_ACCOUNT_READY);
  assert_kept (self);
}

#define ADD(name, func)                                                                    \
  g_test_add ("/accounts-keyring/" name, Case, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("weir-run-XXXXXX", NULL);
  int status;

  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_test_init (&argc, &argv, NULL);
  if (!keyring_start_bus ())
    return 0;
  ADD ("what-is-renewed-while-it-is-locked-waits-in-the-escrow", test_locked);
  ADD ("what-is-renewed-while-it-is-dead-waits-in-the-escrow", test_killed);
  ADD ("what-waits-in-the-escrow-waits-over-a-restart", test_locked_at_start);
  status = g_test_run ();
  keyring_stop_bus ();
  return status;
}
