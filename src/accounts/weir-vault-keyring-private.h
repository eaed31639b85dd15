/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of the vault's keyring share. */

#include "accounts/weir-vault-private.h"

#include <libsecret/secret.h>

#define WEIR_VAULT_KEYRING_SUBSCRIPTIONS 3

#define WEIR_VAULT_GONE_TEXT                                                               \
  "no keyring service runs; start one, or set the option secrets to file"

typedef struct
{
  WeirVault *vault;      /* (unowned) */
  GCancellable *closing; /* (owned) */
  GDBusConnection *bus;  /* (owned) (nullable) */
  guint watch;           /* of the service's name, 0: none */
  guint subscriptions[WEIR_VAULT_KEYRING_SUBSCRIPTIONS];
  gboolean was_gone;
  gboolean is_known;     /* what is behind it: */
  gboolean is_portal;    /* no service, but a file */
  GFileMonitor *monitor; /* (owned) (nullable): of that file */
  GList *locked; /* (owned) of GDBusProxy: items of ours that the last look found locked */
} WeirVaultKeyring;

/* One operation under way. */
typedef struct
{
  WeirVaultKeyring *keyring; /* (unowned): lives while an operation does */
  WeirVaultFound *found;     /* (owned) (nullable) */
  char *name;                /* (owned) (nullable) */
  WeirSecret *secret;        /* (owned) (nullable) */
  SecretService *service;    /* (owned) (nullable) */
  gboolean is_second;        /* try of a write */
} WeirVaultOperation;

/* (transfer none): the task's. */
WeirVaultOperation *weir_vault_operation_begin (WeirVaultKeyring *keyring, GTask *task);
/* Fails @task; libsecret's and the bus's errors say what was refused and hold no secret. */
void weir_vault_operation_fail (GTask *task, const char *what, const GError *reason);

/* The backend's functions of these names. */
void weir_vault_keyring_look (gpointer keyring, GTask *task);
void weir_vault_keyring_write (gpointer keyring,
                               const char *name,
                               WeirSecret *secret,
                               GTask *task);
void weir_vault_keyring_forget_locked (WeirVaultKeyring *self);
