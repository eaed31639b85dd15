/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Shared by the files of the control: weir-control.c (life and properties),
 * weir-control-manager.c (methods), weir-control-lists.c (what they give),
 * weir-control-accounts.c and weir-control-logins.c (the other objects),
 * weir-control-settings.c (single values of the configuration), weir-control-check.c (files
 * that are handed over), weir-control-trial.c (one question through the proxy). */

#include "control/weir-control.h"
#include "weir-control-generated.h"

struct _WeirControl
{
  const WeirControlFuncs *funcs; /* (unowned) */
  gpointer user_data;
  GDBusConnection *bus;              /* (owned) (nullable) */
  WeirBusManager *manager;           /* (owned) */
  GDBusObjectManagerServer *objects; /* (owned) */
  WeirActivity *activity;            /* (owned) */
  WeirProxy *proxy;                  /* (unowned) (nullable) */
  WeirVault *vault;                  /* (owned) (nullable) */
  WeirControlState state;
  char *serving;        /* (owned) (nullable) seat of the last answer */
  GPtrArray *changes;   /* (owned) of GTask: changes of settings; the first is under way */
  GPtrArray *reloaders; /* (owned) of GDBusMethodInvocation: wait for the reading */
  GCancellable *ends;   /* (owned) cancelled when the control goes */
  WeirControlSources sources;
  GHashTable *account_objects; /* (owned) id (owned) -> WeirControlAccount (owned) */
  unsigned update_source;
  gboolean update_soon;
  unsigned flush_source;
  gboolean exchanges_changed;
  gboolean models_changed;
  unsigned tests_under_way;
};

/* The caller hears @error as a sentence under one of our names. */
void weir_control_fail (GDBusMethodInvocation *call, const GError *error);
/* (transfer full): for GDBus to write in a reply. */
GError *weir_control_error_new (const GError *error);
/* Attention is made anew. */
void weir_control_update_attention (WeirControl *self);
/* (transfer full): proxy's address, NULL while it does not listen. */
char *weir_control_dup_endpoint (const WeirControl *self);

/* weir-control-manager.c: answers the methods of self->manager from now on. */
void weir_control_connect_manager (WeirControl *self);

/* Told with what else is gathered. */
void weir_control_models_changed (WeirControl *self);

/* weir-control-accounts.c: all account objects, now or within a moment. */
void weir_control_update_accounts (WeirControl *self);
void weir_control_update_accounts_soon (WeirControl *self);

/* weir-control-logins.c */
void weir_control_set_sign_ins (WeirControl *self, WeirSignIns *sign_ins);
/* (transfer full) (nullable): the path of the Login object. */
char *weir_control_begin_login (WeirControl *self,
                                const char *provider,
                                GVariant *options,
                                GError **error);

/* weir-control-settings.c: answers the methods about single values. */
void weir_control_connect_settings (WeirControl *self);

/* weir-control-import.c: answers the methods about sign-ins of other programs. */
void weir_control_connect_imports (WeirControl *self);
/* weir-control-export.c: answers the method that hands accounts over. */
void weir_control_connect_exports (WeirControl *self);

/* weir-control-lists.c: each (transfer floating) of aa{sv} */
GVariant *weir_control_list_providers (void);
GVariant *weir_control_list_models (WeirControl *self);
GVariant *weir_control_list_exchanges (WeirControl *self, unsigned limit);
GVariant *weir_control_list_usage (WeirControl *self, int64_t since_us);
GVariant *weir_control_list_keys (WeirControl *self);

/* weir-control-check.c */
/* Answers @call with what stands in the configuration behind @handle. */
void weir_control_check_config (GDBusMethodInvocation *call,
                                GUnixFDList *files,
                                GVariant *handle);
/* (transfer full) */
char *weir_control_dup_diagnostics (WeirControl *self);

/* weir-control-trial.c: answers @call with what came of one question. */
void
weir_control_try_model (WeirControl *self, GDBusMethodInvocation *call, const char *model);
