/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Shared by the files of the command line: weir-cli.c (what is typed), weir-cli-table.c
 * (verbs and options as data), weir-cli-bus.c (asking the service), weir-cli-text.c (how
 * answers look), and a file for each family of verbs. */

#include "cli/weir-cli.h"

#include <gio/gio.h>
#include <stdint.h>

#define WEIR_CLI_PATH "/io/github/weirproxy/Weir1"
#define WEIR_CLI_INTERFACE "io.github.weirproxy.Weir1"

typedef struct
{
  gboolean json;
  gboolean follow;
  gboolean help;
  gboolean refresh;
  gboolean reset;
  gboolean revoke;
  gboolean device;
  gboolean no_browser;
  int callback_port; /* 0: the vendor's own */
  int limit;
  double min_left;     /* percent */
  char *format;        /* (owned) (nullable) */
  char *shell;         /* (owned) (nullable) */
  char *window;        /* (owned) (nullable) */
  char *account;       /* (owned) (nullable) */
  char *callback;      /* (owned) (nullable) */
  char *owner;         /* (owned) (nullable) */
  char *output;        /* (owned) (nullable) */
  char *prefix;        /* (owned) (nullable) */
  char *vertex_import; /* (owned) (nullable) */
} WeirCliOptions;

typedef struct _WeirCliVerb WeirCliVerb;

typedef struct
{
  const WeirCliVerb *verb;
  WeirCliOptions options;
  const char *const *words; /* (unowned) behind the verb and its options */
  unsigned n_words;
  GDBusConnection *bus; /* (owned) (nullable) */
} WeirCli;

/* What the first word behind a verb is, for completion. */
typedef enum
{
  WEIR_CLI_WORDS_NONE,
  WEIR_CLI_WORDS_ACCOUNT,
  WEIR_CLI_WORDS_MODEL,
  WEIR_CLI_WORDS_PROVIDER,
  WEIR_CLI_WORDS_FIXED, /* the verb's own */
  WEIR_CLI_WORDS_COMMAND,
} WeirCliWords;

/* Of WeirCliOption.words: all there are. */
#define WEIR_CLI_ACCOUNTS "accounts"
#define WEIR_CLI_FILES ":files"

typedef struct
{
  char letter; /* in WeirCliVerb.options */
  char brief;  /* '\0': none */
  GOptionArg kind;
  size_t offset; /* in WeirCliOptions */
  const char *name;
  const char *value; /* (nullable): what its argument is called */
  const char *help;
  const char *words; /* (nullable): what its argument can be: words, blanks between, or
                        one of the above */
} WeirCliOption;

struct _WeirCliVerb
{
  const char *name;
  const char *words_help; /* "[ACCOUNT]" */
  const char *options;    /* letters of its options */
  unsigned min_words;
  unsigned max_words;
  WeirCliWords words;
  const char *fixed;   /* (nullable): words, blanks between */
  const char *summary; /* half a line */
  const char *help;    /* whole sentences */
  int (*run) (WeirCli *self);
};

/* CLIProxyAPI's way to ask for a sign-in. */
typedef struct
{
  const char *option;   /* "--claude-login" */
  const char *provider; /* of `weir login` */
  const char *way;      /* (nullable) */
} WeirCliAlias;

/* --- weir-cli-table.c: each ends with a NULL name --- */
extern const WeirCliVerb weir_cli_verbs[];
extern const WeirCliOption weir_cli_options[];
extern const WeirCliAlias weir_cli_aliases[];
const WeirCliVerb *weir_cli_lookup_verb (const char *name);

/* --- weir-cli-bus.c --- */
/* FALSE: said already; the exit status is WEIR_CLI_UNAVAILABLE. @may_start: starts the
 * service where it is not there, and says so. */
gboolean weir_cli_connect (WeirCli *self, gboolean may_start);
/* Is there a service?  Says nothing. */
gboolean weir_cli_find (WeirCli *self);
/* (transfer full) (nullable): the reply's tuple.  @parameters (nullable), floating. */
GVariant *weir_cli_call (WeirCli *self,
                         const char *path,
                         const char *interface,
                         const char *method,
                         GVariant *parameters,
                         GError **error);
/* The same of the Manager. */
GVariant *weir_cli_call_manager (WeirCli *self,
                                 const char *method,
                                 GVariant *parameters,
                                 GError **error);
/* (transfer full) (nullable): the one thing that a method of the Manager gives. */
GVariant *
weir_cli_fetch (WeirCli *self, const char *method, GVariant *parameters, GError **error);
/* (transfer full) (nullable): a{sv} */
GVariant *weir_cli_get_properties (WeirCli *self,
                                   const char *path,
                                   const char *interface,
                                   GError **error);
/* Says it and returns the exit status. */
int weir_cli_fail (int status, const char *format, ...) G_GNUC_PRINTF (2, 3);
int weir_cli_report (const GError *error);

/* --- weir-cli-text.c --- */
gboolean weir_cli_is_terminal (void);
/* Prints @value as one JSON document and a line feed: a{sv} is an object, a tuple an
 * array. */
void weir_cli_print_json (GVariant *value);
/* Cells by rows; the first row is the heading; cut to the terminal's width. */
typedef struct _WeirCliGrid WeirCliGrid;
WeirCliGrid *weir_cli_grid_new (const char *const *heading);
void weir_cli_grid_add (WeirCliGrid *self, const char *cell); /* in reading order */
void weir_cli_grid_print (WeirCliGrid *self);                 /* and frees it */
/* (transfer full): "2 h 14 min" until @until_us; "" where it is 0. */
char *weir_cli_dup_span (int64_t until_us);
/* (transfer full): "1.2M" */
char *weir_cli_dup_count (uint64_t count);
/* "" where @dict has no such text.  Borrowed from @dict. */
const char *weir_cli_get_text (GVariant *dict, const char *name);
double weir_cli_get_double (GVariant *dict, const char *name, double otherwise);
int64_t weir_cli_get_int (GVariant *dict, const char *name); /* of any integer; 0 */
gboolean weir_cli_get_truth (GVariant *dict, const char *name);

/* --- the verbs --- */
int weir_cli_status (WeirCli *self);
int weir_cli_start (WeirCli *self);
int weir_cli_stop (WeirCli *self);
int weir_cli_restart (WeirCli *self);
int weir_cli_reload (WeirCli *self);
int weir_cli_open (WeirCli *self);
int weir_cli_config (WeirCli *self);
int weir_cli_diagnostics (WeirCli *self);
int weir_cli_quota (WeirCli *self);
int weir_cli_accounts (WeirCli *self);
int weir_cli_guard (WeirCli *self);
int weir_cli_login (WeirCli *self);
int weir_cli_logout (WeirCli *self);
int weir_cli_models (WeirCli *self);
int weir_cli_keys (WeirCli *self);
int weir_cli_test (WeirCli *self);
int weir_cli_monitor (WeirCli *self);
int weir_cli_env (WeirCli *self);
int weir_cli_run_command (WeirCli *self);
int weir_cli_complete (const char *const *words);

/* weir-cli-transfer.c: `weir accounts import [WORD]` and `weir accounts export ...`.
 * @word (nullable): a file, or an id of what other programs left here. */
int weir_cli_import (WeirCli *self, const char *word);
int weir_cli_export (WeirCli *self);

/* weir-cli-accounts.c: (transfer full) (nullable): the path of the account that @word
 * names: its id, the beginning of one, its label, or a provider that has but one.
 * @out_properties (transfer full): a{sv}. */
char *weir_cli_find_account (WeirCli *self,
                             const char *word,
                             GVariant **out_properties,
                             GError **error);
/* (transfer full): of the account called @id. */
char *weir_cli_dup_account_path (const char *id);
/* (transfer full) (nullable): of a{sv}, in the order of ids. */
GPtrArray *weir_cli_list_accounts (WeirCli *self, GError **error);
