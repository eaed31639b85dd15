/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Weir on the session bus: the objects of io.github.weirproxy.Weir1.xml.  It shows what the
 * rest of the program is and passes on what faces want; everything works without a bus, and
 * goes on when the bus dies.  On the main loop. */

#include "accounts/weir-accounts.h"
#include "accounts/weir-quota-board.h"
#include "control/weir-activity.h"
#include "control/weir-sign-ins.h"
#include "control/weir-quota-watch.h"
#include "proxy/weir-proxy.h"
#include "store/weir-quota-history.h"

#define WEIR_CONTROL_PATH "/io/github/weirproxy/Weir1"
#define WEIR_CONTROL_PROTOCOL_VERSION 1

typedef struct _WeirControl WeirControl;

typedef enum
{
  WEIR_CONTROL_STARTING,
  WEIR_CONTROL_RUNNING,
  WEIR_CONTROL_STOPPED, /* by the user */
  WEIR_CONTROL_FAILED,
  WEIR_CONTROL_STATE_LAST,
} WeirControlState;

/* What faces want of the application. */
typedef struct
{
  /* Listens again; FALSE: @error says why not. */
  gboolean (*start) (gpointer user_data, GError **error);
  void (*stop) (gpointer user_data);   /* listens no more, lets open answers end */
  void (*reload) (gpointer user_data); /* weir_control_set_config is called later */
  void (*quit) (gpointer user_data);
} WeirControlFuncs;

/* @funcs stays the caller's and must outlive it, as all that is set below. */
WeirControl *weir_control_new (const WeirControlFuncs *funcs, gpointer user_data);
void weir_control_free (WeirControl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirControl, weir_control_free)

/* Puts the objects on @bus, before the name is taken there; once more on another one when
 * that was closed. */
gboolean weir_control_export (WeirControl *self, GDBusConnection *bus, GError **error);

/* @problem (nullable): a sentence, of FAILED. */
void
weir_control_set_state (WeirControl *self, WeirControlState state, const char *problem);
/* (nullable): NULL before it goes. */
void weir_control_set_proxy (WeirControl *self, WeirProxy *proxy);
/* @vault: (nullable). */
void weir_control_set_vault (WeirControl *self, WeirVault *vault);
/* What is known of accounts and done with them; each member (nullable) (unowned). */
typedef struct
{
  WeirAccounts *accounts;
  WeirSignIns *sign_ins;
  WeirQuotaBoard *board;
  WeirQuotaHistory *history;
  /* Asks vendors what is left of the account @id, or of all (""): of how many. */
  unsigned (*refresh) (const char *id, gpointer user_data);
  gpointer refresh_data;
  WeirQuotaWatch *watch; /* resets limits */
} WeirControlSources;

/* (nullable): NULL before they go. */
void weir_control_set_sources (WeirControl *self, const WeirControlSources *sources);
/* The board says something else. */
void weir_control_quota_changed (WeirControl *self);

/* The file at @path was read.  @problem (nullable): why it was refused. */
void weir_control_set_config (WeirControl *self, const char *path, const char *problem);

/* --- what the actions of the application do --- */

gboolean weir_control_is_running (const WeirControl *self);
gboolean weir_control_start (WeirControl *self, GError **error);
void weir_control_stop (WeirControl *self);
void weir_control_reload (WeirControl *self);
void weir_control_quit (WeirControl *self);
void weir_control_unlock (WeirControl *self);
/* Of accounts: @id "" is all of them, one that is not there nobody. */
unsigned weir_control_refresh (WeirControl *self, const char *id); /* of how many */
void weir_control_toggle_account (WeirControl *self, const char *id);
void weir_control_prefer_account (WeirControl *self, const char *id);
void weir_control_clear_rests (WeirControl *self, const char *id);

/* Pages of an account's vendor, for a browser. */
typedef enum
{
  WEIR_CONTROL_PAGE_USAGE,  /* what was used */
  WEIR_CONTROL_PAGE_STATUS, /* what does not work now */
} WeirControlPage;

/* (nullable): a constant; NULL: there is none, or no such account. */
const char *
weir_control_get_page (const WeirControl *self, const char *id, WeirControlPage page);

/* A WeirLogFunc: @self is the WeirControl. */
void weir_control_add_row (const WeirLogRow *row, gpointer self);

const WeirActivity *weir_control_get_activity (const WeirControl *self);

/* "io.github.weirproxy.Weir1.Error.Busy" of @error, for a reply. */
const char *weir_control_error_get_name (const GError *error);
/* (transfer full): a sentence for the user: "Cannot listen on …." */
char *weir_control_error_dup_sentence (const GError *error);
