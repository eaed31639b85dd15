/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The vault where there is no session bus. */

#include "config.h"

#include "vault-fixture.h"

static void
test_no_bus (void)
{
  WeirVault *vault = weir_vault_new (WEIR_VAULT_KEYRING, NULL);
  g_autoptr (GError) error = NULL;

  vault_await (vault, WEIR_VAULT_MISSING);
  g_assert_nonnull (strstr (weir_vault_get_problem (vault), "option secrets"));
  vault_assert_answer (vault, "api-key/a", WEIR_VAULT_UNREACHABLE, NULL);
  g_assert_false (vault_store (vault, "api-key/a", "sk-planted", &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_clear_error (&error);
  g_assert_false (vault_delete (vault, "api-key/a", &error));
  g_clear_error (&error);
  g_assert_false (vault_unlock (vault, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  vault_close (vault);
}

/* What is asked for before anybody has answered is answered in its turn. */
static void
test_at_once (void)
{
  WeirVault *vault = weir_vault_new (WEIR_VAULT_KEYRING, NULL);

  g_assert_false (vault_store (vault, "api-key/a", "sk-planted", NULL));
  vault_close (vault);
  vault_close (weir_vault_new (WEIR_VAULT_KEYRING, NULL));
}

int
main (int argc, char **argv)
{
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vault-no-bus/says-so-and-answers-unreachable", test_no_bus);
  g_test_add_func ("/vault-no-bus/nothing-hangs-or-leaks", test_at_once);
  return g_test_run ();
}
