/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the user wants: an immutable snapshot read from the YAML file, replaced whole on
 * reload.  Keys are CLIProxyAPI's where it has one; the table in weir-config-rows-*.c is
 * the one list of keys, types, ranges, defaults and help. */

#include "base/weir-error.h"
#include "base/weir-secret.h"

#include <gio/gio.h>
#include <stdint.h>

#define WEIR_CONFIG_DEFAULT_PORT 8317

typedef enum
{
  WEIR_CONFIG_CLAUDE, /* claude-api-key */
  WEIR_CONFIG_CODEX,  /* codex-api-key: OpenAI Responses */
  WEIR_CONFIG_GEMINI, /* gemini-api-key */
  WEIR_CONFIG_VERTEX, /* vertex-api-key */
  WEIR_CONFIG_COMPAT, /* openai-compatibility: OpenAI Chat */
  WEIR_CONFIG_KIND_LAST,
} WeirConfigKind;

typedef struct
{
  char *name;  /* (owned) the upstream's id */
  char *alias; /* (owned) the id clients use; equal to name where the file gives none */
} WeirConfigModel;

typedef struct
{
  char *name;  /* (owned) a token */
  char *value; /* (owned) checked for control bytes */
} WeirConfigHeader;

/* One credential of an entry. */
typedef struct
{
  WeirSecret *api_key; /* (owned) (nullable): NULL is a keyless upstream */
  char *proxy_url;     /* (owned) (nullable): its own, else the file's; "direct"; NULL: what
                          the environment and the desktop say */
} WeirConfigCredential;

/* One entry of a provider list. */
typedef struct
{
  WeirConfigKind kind;
  char *name;     /* (owned) compat: its name; else "claude", "codex", "gemini", "vertex" */
  char *base_url; /* (owned) (nullable): without a slash at the end; NULL is the vendor's
                     own */
  char *prefix;   /* (owned) (nullable): no slash in it */
  GPtrArray *credentials; /* (owned) of WeirConfigCredential, at least one */
  GPtrArray *headers;     /* (owned) of WeirConfigHeader */
  GPtrArray *models; /* (owned) of WeirConfigModel; empty: whatever the upstream offers */
  char **excluded_models; /* (owned) lower case globs with `*`; never NULL */
  int priority;
  gboolean allow_plain; /* http:// to an address that is not loopback was consented to */
  unsigned line;        /* of the entry in the file, for messages */
} WeirConfigEntry;

typedef struct
{
  char *path; /* (owned) (nullable): the file it was read from */

  char *host; /* (owned) "" binds 127.0.0.1 and ::1, with listen_lan every address; else one
                 IP literal (no brackets) or "localhost" */
  gboolean listen_lan;
  uint16_t port; /* 0: any free one */
  gboolean tls_enable;
  char *tls_certificate; /* (owned) path of a PEM file; "" where unset */
  char *tls_key;         /* (owned) path of a PEM file; "" where unset */

  GPtrArray *api_keys; /* (owned) of WeirSecret */
  gboolean allow_unauthenticated;

  char *proxy_url;        /* (owned) "" where unset: the environment's and desktop's proxy;
                             "direct" */
  char *upstream_ca_file; /* (owned) "" where unset: extra trusted CA certificates for
                             upstreams, PEM */
  unsigned request_retry;
  unsigned max_retry_credentials; /* 0: all */
  unsigned max_retry_interval_s;
  unsigned
      streaming_keepalive_s; /* SSE comment after that much silence; default 15; 0: never */
  unsigned nonstream_keepalive_s; /* blank line on unary answers; 0: never */
  unsigned head_timeout_s;    /* upstream head watchdog: key streaming.head-timeout-seconds,
                                 default 300 */
  unsigned silence_timeout_s; /* upstream silence watchdog: key
                                 streaming.silence-timeout-seconds, default 300 */
  gboolean echo_model;        /* key echo-model, default true: the built-in weir/echo */

  gboolean debug;
  gboolean logging_to_file;
  unsigned logs_max_total_size_mb; /* 0: no bound */

  GPtrArray *entries; /* (owned) of WeirConfigEntry, in the order of the file */
} WeirConfig;

/* One remark about a file: said at start or reload, also where the file is usable. */
typedef struct
{
  gboolean fatal;
  unsigned line;   /* from 1; 0 where it concerns the whole file */
  unsigned column; /* from 1 */
  char *text;      /* (owned) what is wrong and what would be right; no secret in it */
} WeirConfigNotice;

/* Reads a configuration.  @file_name stands in messages only.  Never NULL for a file that
 * can be used; on failure NULL and WEIR_ERROR_CONFIG whose message is every fatal notice as
 * `FILE:LINE:COLUMN: text`, a line each.  @out_notices (nullable) (transfer full): of
 * WeirConfigNotice, remarks of either kind; set on failure too. */
WeirConfig *weir_config_parse (const char *text,
                               size_t length,
                               const char *file_name,
                               GPtrArray **out_notices,
                               GError **error);

/* The same from a file: at most 1 MiB, a regular file (symbolic links are followed) of ours
 * or root's, in a folder that not everybody can change; looser modes than 0600 are a
 * notice. WEIR_ERROR_IO where it cannot be read at all.  Blocking: for start,
 * --check-config and the reload's thread. */
WeirConfig *weir_config_load (const char *path, GPtrArray **out_notices, GError **error);

/* TRUE where somebody on another machine can connect. */
gboolean weir_config_listens_wider (const WeirConfig *self);

WeirConfig *weir_config_ref (WeirConfig *self); /* atomic */
void weir_config_unref (WeirConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirConfig, weir_config_unref)

/* (transfer full): `FILE:LINE:COLUMN: text`. */
char *weir_config_notice_format (const WeirConfigNotice *notice, const char *file_name);

/* (transfer full): $XDG_CONFIG_HOME/weir/config.yaml. */
char *weir_config_dup_default_path (void);

/* Writes a first configuration to @path (directory 0700, file 0600, by temp file, fsync,
 * rename, fsync of the directory) with a random 256-bit client key, bound to loopback.
 * Fails with WEIR_ERROR_IO, also when the file exists.  @out_key (nullable) (transfer
 * full): the key, to be shown once. */
gboolean weir_config_write_first (const char *path, WeirSecret **out_key, GError **error);

/* (transfer full): the text of config.example.yaml, made from the table. */
char *weir_config_make_example (void);
