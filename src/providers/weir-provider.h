/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A provider is a row: where it is, which dialect it speaks, how to authenticate, which
 * client fields it may see.  Absent means ordinary. */

#include "chat/weir-protocol.h"

/* What is asked of a model. */
typedef enum
{
  WEIR_OPERATION_ANSWER,      /* chat completions, responses, messages, generateContent */
  WEIR_OPERATION_STREAM,      /* the same where streaming has a path of its own (Gemini) */
  WEIR_OPERATION_COMPLETIONS, /* OpenAI's older text completions */
  WEIR_OPERATION_EMBEDDINGS,
  WEIR_OPERATION_COUNT_TOKENS,
  WEIR_OPERATION_COMPACT, /* OpenAI Responses: a conversation made short */
  WEIR_OPERATION_IMAGE,   /* OpenAI's Images API */
  WEIR_OPERATION_IMAGE_EDIT,
  WEIR_OPERATION_LAST,
} WeirOperation;

typedef enum
{
  WEIR_AUTH_BEARER,         /* Authorization: Bearer KEY */
  WEIR_AUTH_X_API_KEY,      /* x-api-key: KEY */
  WEIR_AUTH_X_GOOG_API_KEY, /* x-goog-api-key: KEY */
  WEIR_AUTH_API_KEY,        /* api-key: KEY */
  WEIR_AUTH_LAST,
} WeirAuth;

typedef struct _WeirHook WeirHook; /* weir-hook.h */

typedef struct _WeirProvider WeirProvider;

struct _WeirProvider
{
  const char *id;   /* "claude" */
  const char *name; /* "Anthropic API" */
  WeirDialect dialect;
  const char *base_url;      /* (nullable): the vendor's own; NULL: the entry must say */
  const char *base_url_hint; /* (nullable): what one looks like where the entry must say */
  gboolean keyless;          /* serves without a key: a server on this machine */
  WeirAuth auth;             /* at the vendor's own base URL */
  WeirAuth auth_elsewhere;   /* at a base URL of the user's */
  /* behind the base URL; `{model}` stands for the percent-encoded model; NULL: not offered
   */
  const char *paths[WEIR_OPERATION_LAST];
  const char *models_path;   /* (nullable): the catalogue, behind the base URL */
  const char *const *serves; /* globs of the names it serves when an entry lists none */
  const char *const
      *known; /* (nullable): of those that have no catalogue, names that are
                 shown, with NULL at the end; others are served all the same */
  const char *const
      *forwards; /* client fields that go upstream, lower case, NULL-terminated */
  const char *default_field[2]; /* sent when the client sent none: name, value; or NULL */
  gboolean done_optional;       /* its Chat streams may end without [DONE] */
  gboolean counts_bare;         /* see weir_token_count_write_request */
  const char *const *drops; /* (nullable): members of a body that it would refuse, with NULL
                               at the end */
  const char
      *renamed[2]; /* a member of a body that it would refuse, and what it calls it */

  /* of accounts */
  const WeirHook *hook;      /* (nullable): how it deviates from its dialect */
  gboolean keeps_nothing;    /* no response of it can be followed by its id */
  const char *const *fields; /* (nullable): header fields of every request: names and values
                                by turns, with NULL at the end */
  const char *account_field; /* (nullable): carries the vendor's id of the account */
  const char *merged_field[2]; /* a field and a word that must be in its list, whatever the
                                  client says there; or NULL */
  const char *own_client;      /* (nullable): how the User-Agent of the vendor's own program
                                  begins: others are served where the account says so.  That of
                                  this program goes upstream */
  const WeirProvider *beside;  /* (nullable): where the same account serves other models */
  const char *const *excludes; /* (nullable): lower case globs of names that it does not
                                  serve, with NULL at the end */
  gboolean lists_by_project;   /* its catalogue is asked by POST for the account's project,
                                  and   has a member for each model, of which those count that
                                  `serves` matches (Code Assist) */
  const char *endpoint;        /* (nullable): a listed model that names its endpoints
                                  (`supported_endpoints`) must name this one */
  const char *other_endpoint; /* (nullable): one that names this one, too, or none at all is
                                 served there, unless `serves` matches */
};

/* Every row. */
const WeirProvider *weir_provider_table_get (size_t *out_n);

/* The row called @id ("anthropic", "kimi" and the like are other names of rows),
 * or NULL. */
const WeirProvider *weir_provider_lookup (const char *id);

/* Where requests of accounts go: rows by the ids of the rows of weir-provider-oauth.h. */
const WeirProvider *weir_provider_account_table_get (size_t *out_n);
/* The row for accounts of @id ("claude"), or NULL. */
const WeirProvider *weir_provider_lookup_account (const char *id);

/* The field name that carries a key: "Authorization", "x-api-key", "x-goog-api-key";
 * *out_prefix is "Bearer " or "". */
const char *weir_auth_get_field (WeirAuth auth, const char **out_prefix);

/* (transfer full): the path of @operation with the model in it; NULL when not offered. */
char *weir_provider_dup_path (const WeirProvider *self,
                              WeirOperation operation,
                              const char *model);

/* May a client's field called @name (any case) go upstream? */
gboolean weir_provider_forwards (const WeirProvider *self, WeirSlice name);
