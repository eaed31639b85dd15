/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The one list of the configuration's keys.  Reader, example file, suggestions for typing
 * errors and editor all ask here. */

#include "store/weir-config-tree.h"

/* Which map a key stands in; a key may stand in several. */
typedef enum
{
  WEIR_CONFIG_IN_FILE = 1 << 0,
  WEIR_CONFIG_IN_TLS = 1 << 1,
  WEIR_CONFIG_IN_STREAMING = 1 << 2,
  WEIR_CONFIG_IN_KEY_ENTRY = 1 << 3, /* an item of claude-api-key and its like */
  WEIR_CONFIG_IN_COMPAT = 1 << 4,    /* an item of openai-compatibility */
  WEIR_CONFIG_IN_CREDENTIAL = 1 << 5,
  WEIR_CONFIG_IN_MODEL = 1 << 6,
  WEIR_CONFIG_IN_ROUTING = 1 << 7,
  WEIR_CONFIG_IN_QUOTA_EXCEEDED = 1 << 8,
  WEIR_CONFIG_IN_CLIENT_KEY = 1 << 9,
  WEIR_CONFIG_IN_GROUP = 1 << 10,
  WEIR_CONFIG_IN_PASSTHRU = 1 << 11,
  WEIR_CONFIG_IN_RATE_LIMIT = 1 << 12, /* of passthru */
  WEIR_CONFIG_IN_ERROR_RULE = 1 << 13,
  WEIR_CONFIG_IN_CHANNEL = 1 << 14, /* what an oauth-* key holds for a channel */
  WEIR_CONFIG_IN_ALIAS = 1 << 15,   /* an item of oauth-model-alias */
  WEIR_CONFIG_IN_PAYLOAD = 1 << 16,
  WEIR_CONFIG_IN_PAYLOAD_RULE = 1 << 17,
  WEIR_CONFIG_IN_PAYLOAD_MODEL = 1 << 18,
  WEIR_CONFIG_IN_OAUTH_CLIENT = 1 << 19, /* a value of oauth-clients */
  WEIR_CONFIG_IN_TRAY = 1 << 20,
  WEIR_CONFIG_IN_MODEL_OVERRIDE = 1 << 21, /* of passthru */
} WeirConfigPlace;

/* The places whose keys are fields of WeirConfig. */
#define WEIR_CONFIG_IN_SETTINGS                                                            \
  (WEIR_CONFIG_IN_FILE | WEIR_CONFIG_IN_TLS | WEIR_CONFIG_IN_STREAMING                     \
   | WEIR_CONFIG_IN_ROUTING | WEIR_CONFIG_IN_QUOTA_EXCEEDED | WEIR_CONFIG_IN_TRAY)

typedef enum
{
  WEIR_CONFIG_TYPE_BOOL,        /* gboolean */
  WEIR_CONFIG_TYPE_PORT,        /* uint16_t */
  WEIR_CONFIG_TYPE_COUNT,       /* unsigned; below zero counts as zero */
  WEIR_CONFIG_TYPE_SECONDS,     /* unsigned; the same */
  WEIR_CONFIG_TYPE_NUMBER,      /* int */
  WEIR_CONFIG_TYPE_WORD,        /* int or an enum: one of the row's words */
  WEIR_CONFIG_TYPE_SWITCH,      /* int: TRUE or FALSE, where absent is a third */
  WEIR_CONFIG_TYPE_DURATION,    /* unsigned seconds, from 1h30m */
  WEIR_CONFIG_TYPE_STRING,      /* char *, without blanks around it */
  WEIR_CONFIG_TYPE_HOST,        /* char * */
  WEIR_CONFIG_TYPE_BASE_URL,    /* char *, without slashes at the end; NULL where empty */
  WEIR_CONFIG_TYPE_PROXY_URL,   /* char * */
  WEIR_CONFIG_TYPE_PREFIX,      /* char *, without slashes around it; NULL where empty */
  WEIR_CONFIG_TYPE_SECRET,      /* WeirSecret * */
  WEIR_CONFIG_TYPE_TIME,        /* int64_t: real microseconds since 1970 */
  WEIR_CONFIG_TYPE_AMOUNT,      /* double, not below zero */
  WEIR_CONFIG_TYPE_TEXT,        /* char *, also of several lines; NULL where empty */
  WEIR_CONFIG_TYPE_STRINGS,     /* char **, as they stand */
  WEIR_CONFIG_TYPE_GROUP_NAME,  /* char *, lower case; NULL where empty */
  WEIR_CONFIG_TYPE_PROVIDER,    /* char *: the id of a provider row */
  WEIR_CONFIG_TYPE_CLIENT_KEYS, /* GPtrArray * of WeirConfigClientKey */
  WEIR_CONFIG_TYPE_GROUPS,      /* GPtrArray * of WeirConfigGroup */
  WEIR_CONFIG_TYPE_ERROR_RULES, /* GPtrArray * of WeirErrorRule */
  WEIR_CONFIG_TYPE_CHANNELS,    /* GPtrArray * of WeirConfigChannel, one kind of it */
  WEIR_CONFIG_TYPE_ALIASES,     /* GPtrArray * of WeirConfigModel, of a channel */
  WEIR_CONFIG_TYPE_PAYLOAD,     /* WeirPayload * */
  WEIR_CONFIG_TYPE_NODE,        /* const WeirConfigNode *: the value as it stands */
  WEIR_CONFIG_TYPE_GLOBS,       /* char ** */
  WEIR_CONFIG_TYPE_HEADERS,     /* GPtrArray * of WeirConfigHeader */
  WEIR_CONFIG_TYPE_MODELS,      /* GPtrArray * of WeirConfigModel */
  WEIR_CONFIG_TYPE_CREDENTIALS, /* GPtrArray * of WeirConfigCredential, from maps */
  WEIR_CONFIG_TYPE_CREDENTIAL_KEYS, /* the same, from strings */
  WEIR_CONFIG_TYPE_ENTRIES,         /* GPtrArray * of WeirConfigEntry */
  WEIR_CONFIG_TYPE_PASSTHRU,        /* the same, a model a row */
  WEIR_CONFIG_TYPE_OAUTH_CLIENTS,   /* GPtrArray * of WeirConfigOauthClient */
  WEIR_CONFIG_TYPE_VENDOR_HOSTS,    /* GPtrArray * of WeirConfigVendorHost */
  WEIR_CONFIG_TYPE_SECTION,         /* a map of further keys of the same struct */
  WEIR_CONFIG_TYPE_LATER,           /* CLIProxyAPI's; accepted, without effect here */
  WEIR_CONFIG_TYPE_LAST,
} WeirConfigType;

/* Where a key that is read comes from. */
typedef enum
{
  WEIR_CONFIG_SINCE_6,   /* CLIProxyAPI 6.9 and newer */
  WEIR_CONFIG_SINCE_7,   /* CLIProxyAPI 7.2 */
  WEIR_CONFIG_SINCE_OLD, /* CLIProxyAPI before 7 only */
  WEIR_CONFIG_OURS,      /* no key of CLIProxyAPI */
} WeirConfigSince;

/* One of the words that a key of words may hold. */
typedef struct
{
  const char *text; /* lower case */
  int value;        /* the first of those with the same value is the one that is shown */
} WeirConfigWord;

typedef struct
{
  unsigned places;  /* WeirConfigPlace, one or several */
  const char *path; /* with its section: `tls.cert` */
  WeirConfigType type;
  size_t offset;               /* in WeirConfig, or in the part that the place is */
  int64_t minimum;             /* numbers only */
  int64_t maximum;             /* numbers only */
  unsigned inside;             /* sections: the place of the keys in it */
  const WeirConfigWord *words; /* words only; ends with a NULL text */
  WeirConfigKind kind;         /* entries only */
  WeirConfigSince since;
  gboolean is_idle;    /* read, but without effect in this version */
  const char *initial; /* (nullable): the value where the file gives none, as in YAML */
  const char *example; /* (nullable): what the example shows, where not @initial */
  const char *help;    /* (nullable): lines for the example file */
} WeirConfigKey;

/* What the keys of one entry become: the offsets of its rows are in here. */
typedef struct
{
  WeirConfigEntry entry;
  WeirConfigCredential own; /* of the entry itself, not of a list in it */
  gboolean disabled;
  WeirSecret *service_account; /* (owned) (nullable): a path, or "vault:NAME" */

  /* passthru only */
  char *model;          /* (owned) (nullable) */
  char *routing_name;   /* (owned) (nullable) */
  char *upstream_model; /* (owned) (nullable) */
  unsigned context_window;
  unsigned max_tokens;
  unsigned real_context; /* of model-override: come before the two above */
  unsigned real_output;
  int keeps_model;    /* rate-limit.disable-model-suspend, or -1 */
  int keeps_provider; /* rate-limit.disable-provider-suspend, or -1 */
} WeirConfigDraft;

/* The same for an item of api-key-entries. */
typedef struct
{
  WeirConfigCredential credential;
  gboolean disabled;
} WeirConfigCredentialDraft;

/* The same for an item of request-scoped-errors. */
typedef struct
{
  int status;
  char **match;   /* (owned) (nullable) */
  char **regexes; /* (owned) (nullable) */
  int action;     /* WeirErrorRuleAction, or -1 */
} WeirConfigErrorRuleDraft;

/* The same for `payload` and what is in it. */
typedef struct
{
  const WeirConfigNode *sections[WEIR_PAYLOAD_SECTION_LAST];
} WeirConfigPayloadDraft;

typedef struct
{
  const WeirConfigNode *models;
  const WeirConfigNode *params;
} WeirConfigPayloadRuleDraft;

typedef struct
{
  char *name;          /* (owned) (nullable) */
  char *protocol;      /* (owned) (nullable) */
  char *from_protocol; /* (owned) (nullable) */
  const WeirConfigNode *headers;
  const WeirConfigNode *tests[WEIR_PAYLOAD_TEST_NOT_EXIST + 1];
} WeirConfigPayloadModelDraft;

/* The row @index (from 0) in the order of the example file; NULL behind the last. */
const WeirConfigKey *weir_config_table_get_row (size_t index);

/* The row of the key @name in @place, or NULL. */
const WeirConfigKey *weir_config_table_lookup (unsigned place, const char *name);

/* The row with @path, among the keys of the file and its sections, or NULL. */
const WeirConfigKey *weir_config_table_lookup_path (const char *path);

/* The row in @place whose name is a typing error away from @name, or NULL. */
const WeirConfigKey *weir_config_table_suggest (unsigned place, const char *name);

/* Is @candidate a typing error away from @name, and nearer than what was found before?
 * @nearest: 0 for the first candidate; how many slips lead to the nearest one, then. */
gboolean weir_config_is_nearer (const char *name, const char *candidate, unsigned *nearest);

/* The path without its section. */
const char *weir_config_key_get_name (const WeirConfigKey *key);
