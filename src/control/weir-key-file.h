/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The first token of a service account: whoever imports a key sees at once whether Google
 * still knows it.  On the main loop; the key signs in a thread. */

#include "control/weir-vendor-call.h"

/* @row: takes keys.  @proxy_url (nullable).  Finish: @answer gets access_token and
 * expires_in_us; it must hold neither.  Messages of errors are sentences for the user. */
void weir_key_file_ask_async (WeirVendorCalls *calls,
                              const WeirProviderOauth *row,
                              WeirSecret *key,
                              const char *proxy_url,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean
weir_key_file_ask_finish (GAsyncResult *result, WeirOauthAnswer *answer, GError **error);
