/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A real gnome-keyring-daemon on a bus of its own: one bus for all tests of a program, one
 * daemon and home for each. */

#include "vault-fixture.h"

#include <gio/gio.h>

#define KEYRING_PASSWORD "correct horse"

typedef struct
{
  VaultPlace place;
  GSubprocess *keyring; /* (owned) (nullable) */
} KeyringSession;

/* FALSE: there is no such program here, which has been said.  Before g_test_run. */
gboolean keyring_start_bus (void);
void keyring_stop_bus (void);
/* (transfer full) */
GDBusConnection *keyring_get_bus (void);
/* (transfer full): asks the service. */
GVariant *keyring_call (const char *path,
                        const char *interface,
                        const char *method,
                        GVariant *arguments);

/* @password (nullable): NULL leaves the login collection as it is: locked, or not there. */
void keyring_start (KeyringSession *session, const char *password);
void keyring_stop (KeyringSession *session);
void keyring_set_up (KeyringSession *session, gconstpointer password);
void keyring_tear_down (KeyringSession *session, gconstpointer password);

void keyring_lock (void);
/* As a desktop's login does it, since there is nobody to type. */
void keyring_unlock (const char *password);
