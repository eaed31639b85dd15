/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Which models an upstream offers, asked of itself. */

#include "providers/weir-models.h"
#include "providers/weir-provider.h"
#include "proxy/weir-control-session.h"

#define WEIR_DISCOVERY_MODELS_MAX 2000
#define WEIR_DISCOVERY_NAME_MAX 256 /* bytes */
#define WEIR_DISCOVERY_PAGES_MAX 5

/* Reads one page of a model list of @provider (in its dialect; its `endpoint` and the
 * members behind it count) and appends to @models (of WeirOffered, owned)
 * those whose names are new, printable and not too long, at most WEIR_DISCOVERY_MODELS_MAX
 * in all. *out_next (transfer full) is the query that asks for the next page, or NULL.
 * WEIR_ERROR_BAD_UPSTREAM. */
gboolean weir_discovery_read_page (const WeirProvider *provider,
                                   GBytes *page,
                                   GPtrArray *models,
                                   char **out_next,
                                   GError **error);

/* Asks `/models` behind an OpenAI base URL, `/v1/models` behind an Anthropic one and
 * `/v1beta/models` behind a Gemini one, up to five pages; or for the list of @project
 * (nullable), where @provider has one.  @fields hold the credential and are copied; they
 * end with a NULL name. */
void weir_discovery_fetch_async (WeirControlSession *session,
                                 const WeirTarget *target,
                                 const WeirProvider *provider,
                                 const char *project,
                                 const WeirControlField *fields,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);

/* (transfer full): of WeirOffered (owned), in the upstream's order, each once; Gemini's
 * without "models/".  Errors of weir_control_session_get, and WEIR_ERROR_BAD_UPSTREAM for a
 * status other than 200 (named in the message) or a body that is no such list. */
GPtrArray *weir_discovery_fetch_finish (GAsyncResult *result, GError **error);
