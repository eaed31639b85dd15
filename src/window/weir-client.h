/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the window knows of the service, all of it by the session bus.
 *
 * It starts the service when it is not there, meets it again when it comes back, and
 * refuses one that speaks an older interface than this window was built for. */

#include <gio/gio.h>
#include <stdint.h>

#include "weir-client-generated.h"

#define WEIR_SERVICE_NAME "io.github.weirproxy.Weir"
#define WEIR_SERVICE_PATH "/io/github/weirproxy/Weir1"
#define WEIR_SERVICE_ACTIONS_PATH "/io/github/weirproxy/Weir"
#define WEIR_PROTOCOL_VERSION 1

typedef enum
{
  WEIR_CLIENT_CONNECTING, /* asked for, not there yet */
  WEIR_CLIENT_GONE,       /* it does not run; see the property "problem" */
  WEIR_CLIENT_OUTDATED,   /* it runs, but is older than this window */
  WEIR_CLIENT_READY,
} WeirClientState;

#define WEIR_TYPE_CLIENT_STATE (weir_client_state_get_type ())
GType weir_client_state_get_type (void);

/* Properties: "state"; "problem" (why it is GONE, for the user; may be empty); "now"
 * (microseconds since 1970; it changes as long as somebody looks, and is what texts about
 * time are made from).
 * Signals: "exchanges-changed", "models-changed", "accounts-changed" (an account came, went
 * or changed). */
#define WEIR_TYPE_CLIENT (weir_client_get_type ())
G_DECLARE_FINAL_TYPE (WeirClient, weir_client, WEIR, CLIENT, GObject)

/* Begins to look for the service at once. */
WeirClient *weir_client_new (void);

WeirClientState weir_client_get_state (WeirClient *self);

/* (nullable): not NULL exactly while the state is READY. */
WeirDBusManager *weir_client_get_manager (WeirClient *self);

/* Of WeirDBusAccount: by provider, in it the tightest first.  Borrowed; the same list for
 * the client's life.  The order is made when an account comes and by weir_client_sort, not
 * while somebody reads. */
GListModel *weir_client_get_accounts (WeirClient *self);

/* Of WeirDBusLogin; likewise. */
GListModel *weir_client_get_logins (WeirClient *self);

/* (nullable) (transfer full): the account of that id. */
WeirDBusAccount *weir_client_lookup_account (WeirClient *self, const char *id);

/* (transfer full): what the user calls the account @seat ("work"), or @seat itself, which
 * then is that of a key.
 * @is_private: without addresses. */
char *weir_client_dup_seat_label (WeirClient *self, const char *seat, gboolean is_private);

/* (transfer full): likewise, with its vendor: "Claude – work". */
char *weir_client_dup_seat_name (WeirClient *self, const char *seat, gboolean is_private);

void weir_client_sort (WeirClient *self);

/* Takes @account out of the list though it is still there, or puts it back: the user
 * removed it and may change their mind. */
void
weir_client_set_hidden (WeirClient *self, WeirDBusAccount *account, gboolean is_hidden);

/* Starts the service where it does not run; ends one that is OUTDATED first. */
void weir_client_restart_service (WeirClient *self);

int64_t weir_client_get_now_us (WeirClient *self);

/* FALSE while nobody sees the window: then the time stands still and nothing wakes up. */
void weir_client_set_watched (WeirClient *self, gboolean is_watched);
