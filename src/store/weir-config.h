/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the user wants: an immutable snapshot read from the YAML file, replaced whole on
 * reload.  Keys are CLIProxyAPI's where it has one; the table in weir-config-rows-*.c is
 * the one list of keys, types, ranges, defaults and help. */

#include "base/weir-error.h"
#include "base/weir-secret.h"
#include "providers/weir-payload.h"
#include "providers/weir-verdict.h"

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

/* Whose turn it is among the seats of one priority. */
typedef enum
{
  WEIR_STRATEGY_ROUND_ROBIN,
  WEIR_STRATEGY_FILL_FIRST,
  WEIR_STRATEGY_WEIGHTED,
  WEIR_STRATEGY_QUOTA_AWARE,
  WEIR_STRATEGY_LAST,
} WeirStrategy;

/* Where secrets are kept. */
typedef enum
{
  WEIR_CONFIG_SECRETS_KEYRING,
  WEIR_CONFIG_SECRETS_FILE,
} WeirConfigSecrets;

/* What a left click on the tray's icon does. */
typedef enum
{
  WEIR_CONFIG_CLICK_WINDOW,
  WEIR_CONFIG_CLICK_MENU,
  WEIR_CONFIG_CLICK_TOGGLE,
} WeirConfigClick;

/* What a middle click does. */
typedef enum
{
  WEIR_CONFIG_MIDDLE_CLICK_TOGGLE,
  WEIR_CONFIG_MIDDLE_CLICK_REFRESH,
  WEIR_CONFIG_MIDDLE_CLICK_COPY,
} WeirConfigMiddleClick;

/* When an upstream may have acted on a request although no answer came. */
typedef enum
{
  WEIR_RETRY_AMBIGUOUS_NEVER,
  WEIR_RETRY_AMBIGUOUS_ONCE,
} WeirRetryAmbiguous;

typedef struct
{
  char *name;  /* (owned) the upstream's id */
  char *alias; /* (owned) the id clients use; equal to name where the file gives none */
  char *display_name;          /* (owned) (nullable): for lists */
  unsigned max_context_length; /* tokens; 0: not known */
  unsigned max_output;         /* tokens of an answer, for lists; 0: not known */
  gboolean force_mapping;      /* answers name the alias as their model */
  gboolean fork;               /* oauth-model-alias: the name itself is offered too */
} WeirConfigModel;

typedef struct
{
  char *name;  /* (owned) a token */
  char *value; /* (owned) checked for control bytes; `$Name` is the client's field Name */
} WeirConfigHeader;

/* One credential of an entry. */
typedef struct
{
  WeirSecret *api_key; /* (owned) (nullable): NULL is a keyless upstream, or one that has a
                          vault_name */
  char *vault_name;    /* (owned) (nullable): what the file calls "vault:NAME" instead */
  char *proxy_url;     /* (owned) (nullable): its own, else the file's; "direct"; NULL: what
                          the environment and the desktop say */
  int weight;          /* its own, else the entry's; 0: never by weight */
} WeirConfigCredential;

/* One entry of a provider list, or one model of passthru. */
typedef struct
{
  WeirConfigKind kind;
  char *provider; /* (owned) id of a provider row: the list's ("claude", "codex", "gemini",
                     "vertex", "compat"), or what `provider` says */
  char *name;     /* (owned) what it says; else "claude", "codex", "gemini", "vertex";
                     "passthru:MODEL" */
  char *base_url; /* (owned) (nullable): without a slash at the end; NULL is the vendor's
                     own */
  char *prefix;   /* (owned) (nullable): no slash in it */
  gboolean is_service_account; /* its one key is not a key but a service account's key file
                                  (weir-service-account.h) */
  char *service_account;       /* (owned) (nullable): the path of that, where it has one */
  char *project;          /* (owned) (nullable): of Google Cloud, other than the file's */
  char *location;         /* (owned) (nullable): of Google Cloud, other than "global" */
  GPtrArray *credentials; /* (owned) of WeirConfigCredential, at least one */
  GPtrArray *headers;     /* (owned) of WeirConfigHeader */
  GPtrArray *models; /* (owned) of WeirConfigModel; empty: whatever the upstream offers */
  char **excluded_models; /* (owned) lower case globs with `*`; never NULL */
  GPtrArray *error_rules; /* (owned) of WeirErrorRule */
  WeirPayload *payload;   /* (owned) (nullable): passthru: its own rules */
  char **drop_tools;      /* (owned) names of tools that do not go upstream; never NULL */
  int priority;
  int weight;           /* 0: never by weight */
  int disable_cooling;  /* -1: as the file says */
  int request_retry;    /* -1: as the file says */
  gboolean allow_plain; /* http:// to an address that is not loopback was consented to */
  gboolean is_passthru;
  gboolean lenient;        /* passthru: a failure rests neither the model nor the account */
  gboolean mends_thinking; /* passthru: calls of tools go up with a thought, where the
                              client has lost it */
  int supports_developer_role; /* passthru: -1: not said; FALSE: developer messages go up as
                                  system messages */
  unsigned line;               /* of the entry in the file, for messages */
} WeirConfigEntry;

/* Who may come in, and how far. */
typedef struct
{
  WeirSecret *key; /* (owned) */
  char *name;      /* (owned) (nullable) */
  char *note;      /* (owned) (nullable) */
  gboolean disabled;
  int64_t expires_us;     /* real time since 1970; 0: never */
  char **allowed_models;  /* (owned) lower case globs with `*`; empty: all; never NULL */
  char **excluded_models; /* (owned) the same; empty: none */
  char **accounts; /* (owned) globs of seat ids and entry names; empty: all; never NULL */
  char **groups;   /* (owned) names of groups; empty: as without groups; never NULL */
  char *system_prompt;          /* (owned) (nullable): put before the client's own */
  unsigned requests_per_minute; /* of these: 0: no limit */
  unsigned tokens_per_minute;
  unsigned requests_per_day;
  unsigned concurrent_requests;
  double spending_per_day;   /* USD */
  double spending_per_month; /* USD */
  unsigned line;             /* of the key in the file, for messages */
  unsigned column;
} WeirConfigClientKey;

/* A named part of the accounts: /g/NAME/v1/... */
typedef struct
{
  char *name;            /* (owned) lower case letters, digits, `_` and `-` */
  char *description;     /* (owned) (nullable) */
  char **accounts;       /* (owned) globs of seat ids and entry names; never NULL */
  char **prefixes;       /* (owned) of entries; never NULL */
  char **allowed_models; /* (owned) lower case globs with `*`; empty: all; never NULL */
  int strategy;          /* WeirStrategy; -1: as the file says */
  gboolean exclude_from_default; /* its accounts serve nobody who does not name it */
  char *fallback; /* (owned) (nullable): another group's name, or "default" */
  unsigned line;  /* of the group in the file, for messages */
  unsigned column;
} WeirConfigGroup;

/* What the oauth-* keys say of one kind of account. */
typedef struct
{
  char *name;             /* (owned) lower case: "claude", "codex" ... */
  GPtrArray *models;      /* (owned) of WeirConfigModel */
  char **excluded_models; /* (owned) lower case globs with `*`; never NULL */
  GPtrArray *error_rules; /* (owned) of WeirErrorRule */
} WeirConfigChannel;

/* Another address for a vendor's. */
typedef struct
{
  char *origin;   /* (owned) lower case, without a slash at the end: "https://claude.ai" */
  char *base_url; /* (owned) without a slash at the end; https, or http on loopback */
} WeirConfigVendorHost;

/* Who we are to a vendor when somebody signs in to it. */
typedef struct
{
  char *provider;            /* (owned) id of a row of weir-provider-oauth.h */
  char *client_id;           /* (owned) (nullable): NULL or "" is the row's */
  WeirSecret *client_secret; /* (owned) (nullable): as a credential's api_key */
  char *vault_name;          /* (owned) (nullable) */
  unsigned line;             /* of its name in the file, for messages */
  unsigned column;
} WeirConfigOauthClient;

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

  GPtrArray *client_keys; /* (owned) of WeirConfigClientKey, no key twice */
  gboolean allow_unauthenticated;
  GPtrArray *groups; /* (owned) of WeirConfigGroup, no name twice */

  char *proxy_url;        /* (owned) "" where unset: the environment's and desktop's proxy;
                             "direct" */
  char *upstream_ca_file; /* (owned) "" where unset: extra trusted CA certificates for
                             upstreams, PEM */
  gboolean passthrough_headers;
  WeirConfigSecrets secrets;

  WeirStrategy strategy;
  gboolean session_affinity; /* default TRUE */
  unsigned session_affinity_ttl_s;
  gboolean force_model_prefix;
  unsigned request_retry;         /* further rounds */
  unsigned max_retry_credentials; /* 0: all */
  unsigned max_retry_interval_s;
  WeirRetryAmbiguous retry_ambiguous;
  gboolean disable_cooling;
  gboolean save_cooldown_status;
  int transient_error_cooldown_s; /* 0: 60; -1: none */
  gboolean switch_project;        /* quota-exceeded.switch-project */
  gboolean switch_preview_model;  /* quota-exceeded.switch-preview-model */
  gboolean antigravity_credits;   /* quota-exceeded.antigravity-credits */

  unsigned
      streaming_keepalive_s; /* SSE comment after that much silence; default 15; 0: never */
  unsigned bootstrap_retries;     /* of a stream, before its first byte */
  unsigned nonstream_keepalive_s; /* blank line on unary answers; 0: never */
  unsigned head_timeout_s;    /* upstream head watchdog: key streaming.head-timeout-seconds,
                                 default 300 */
  unsigned silence_timeout_s; /* upstream silence watchdog: key
                                 streaming.silence-timeout-seconds, default 300 */
  gboolean echo_model;        /* key echo-model, default true: the built-in weir/echo */

  gboolean debug;
  gboolean logging_to_file;
  unsigned logs_max_total_size_mb; /* 0: no bound */

  gboolean tray_enable; /* default TRUE */
  WeirConfigClick tray_left_click;
  WeirConfigMiddleClick tray_middle_click;
  gboolean tray_hide_stopped;
  gboolean tray_show_percent;
  gboolean tray_hide_addresses; /* in notifications and search, too */
  gboolean notifications;       /* default TRUE */
  unsigned notify_left;         /* percent left at which one is sent; 0: at none */
  unsigned notify_left_last;    /* … and once more */

  GPtrArray *entries;   /* (owned) of WeirConfigEntry: the lists in the order of the file,
                           then   passthru */
  GPtrArray *channels;  /* (owned) of WeirConfigChannel, no name twice */
  WeirPayload *payload; /* (owned) never NULL */

  char *auth_dir;           /* (owned) "" where unset; "~/" is the home folder */
  GPtrArray *oauth_clients; /* (owned) of WeirConfigOauthClient, no provider twice */
  GPtrArray
      *vendor_hosts; /* (owned) of WeirConfigVendorHost; the first one that fits counts */
} WeirConfig;

/* (transfer full): an entry that stands in no list: @name of the provider row @provider,
 * with what is meant where a file says nothing. */
WeirConfigEntry *weir_config_entry_new (const char *provider, const char *name);
void weir_config_entry_free (WeirConfigEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirConfigEntry, weir_config_entry_free)
/* As one of its `headers`. */
void
weir_config_entry_add_header (WeirConfigEntry *self, const char *name, const char *value);

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

/* The same from a file, with the rows of passthru that the variable PASSTHRU_MODELS_JSON
 * holds: at most 1 MiB, a regular file (symbolic links are followed) of ours
 * or root's, in a folder that not everybody can change; looser modes than 0600 are a
 * notice. WEIR_ERROR_IO where it cannot be read at all.  Blocking: for start,
 * --check-config and the reload's thread. */
WeirConfig *weir_config_load (const char *path, GPtrArray **out_notices, GError **error);

/* Some key stands in the vault. */
gboolean weir_config_needs_vault (const WeirConfig *self);

/* (transfer full) (nullable): the key called @vault_name; NULL: *out_problem (transfer
 * full) says why not and what to do, lower case, no full stop. */
typedef WeirSecret *(*WeirConfigKeyFunc) (const char *vault_name,
                                          char **out_problem,
                                          gpointer user_data);

/* Fills the keys that stand in the vault; for each that is not there a remark is added to
 * @notices (of WeirConfigNotice).  The one change after the reading: call it before anybody
 * else has @self. */
void weir_config_fill_keys (WeirConfig *self,
                            WeirConfigKeyFunc func,
                            gpointer user_data,
                            GPtrArray *notices);

/* (nullable): what the file says of @provider, an id of weir-provider-oauth.h. */
const WeirConfigOauthClient *weir_config_lookup_oauth_client (const WeirConfig *self,
                                                              const char *provider);

/* (transfer full): where a request for @url, an address that is built in, goes: elsewhere
 * where vendor-hosts says so of its origin, path and query kept.  Every built-in address
 * goes through here before it is used. */
char *weir_config_dup_vendor_url (const WeirConfig *self, const char *url);

/* The NAME of "vault:NAME": 1 to 128 of A-Z a-z 0-9 . _ @ + - that begin with a letter or
 * digit. */
gboolean weir_config_is_vault_name (const char *name);

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
