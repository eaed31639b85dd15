/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Sign-ins as other programs keep them: CLIProxyAPI's auth files (and those of its
 * relatives), Claude Code's, Codex's, Gemini CLI's and Copilot's own, gh's; and key files
 * of Google's service accounts.  Pure; strict about tokens, patient about everything else.
 */

#include "providers/weir-oauth.h"

#define WEIR_IMPORT_DOCUMENT_MAX (256u << 10)

typedef struct
{
  const WeirProviderOauth *row; /* (unowned) */
  const char *program;          /* (unowned): "Claude Code" */
  WeirOauthAnswer answer;       /* (owned) tokens, and whose they are as far as it says; a
                                   key (its row takes_key) is the refresh token, and there
                                   is no access token yet */
  int64_t expires_us;           /* of the access token, since 1970; 0: not known */
  char *plan;                   /* (owned) (nullable) */
  char *project;                /* (owned) (nullable) */
  char *base_url;               /* (owned) (nullable) */
  /* what the user had set there */
  char *note;      /* (owned) (nullable) */
  char *prefix;    /* (owned) (nullable) */
  char *proxy_url; /* (owned) (nullable) */
  int priority;
  gboolean is_live; /* the file stays another program's, which renews it */
  gboolean disabled;
} WeirImported;

/* A zeroed one holds nothing. */
void weir_imported_clear (WeirImported *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirImported, weir_imported_clear)

/* @text: one JSON object (or gh's YAML) of at most WEIR_IMPORT_DOCUMENT_MAX bytes; whoever
 * has them wipes them.  @out must be empty and stays so on failure: WEIR_ERROR_UNSUPPORTED
 * (it is a sign-in, but none that can be used here), else WEIR_ERROR_BAD_REQUEST; messages
 * are sentences for the user and hold nothing of the text. */
gboolean weir_imported_read (WeirSlice text, WeirImported *out, GError **error);
