/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The command line as the user typed it, read and checked. */

#include "base/weir-error.h"

typedef enum
{
  WEIR_VERB_RUN, /* serve until told to stop */
  WEIR_VERB_CHECK_CONFIG,
  WEIR_VERB_STORE_KEY,
  WEIR_VERB_LIST_KEYS,
  WEIR_VERB_DELETE_KEY,
  WEIR_VERB_IMPORT_ACCOUNTS,
  WEIR_VERB_VERSION,
  WEIR_VERB_HELP,
} WeirVerb;

typedef enum
{
  WEIR_LOG_AUTO, /* the journal's fields where the log goes to the journal, else text */
  WEIR_LOG_TEXT,
  WEIR_LOG_JSON,
} WeirLogFormat;

typedef struct
{
  WeirVerb verb;
  gboolean is_service; /* --gapplication-service: started by the desktop or by systemd */
  char *config_path;   /* (owned) (nullable): NULL is the default one */
  int port;            /* 0 to 65535; -1: the configuration's */
  WeirLogFormat log_format;
  char *key_name; /* (owned) (nullable): of STORE_KEY and DELETE_KEY; is a vault's name */
  char *import_path; /* (owned) (nullable): of IMPORT_ACCOUNTS; "-": the standard input */
  char *help;        /* (owned) the text of `weir help` */
} WeirOptions;

/* Reads @arguments (NULL-terminated, the program's name first; not changed).  On failure
 * WEIR_ERROR_BAD_REQUEST says what is wrong and where to look; @out_options is untouched.
 */
gboolean
weir_options_parse (const char *const *arguments, WeirOptions *out_options, GError **error);
void weir_options_clear (WeirOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirOptions, weir_options_clear)
