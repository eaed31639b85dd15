/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What an upstream's reply means: for the request (hand it on, or ask another seat) and for
 * the account (how long it rests, and what of it).  Tables over bytes: pure, and nothing in
 * here trusts what it reads. */

#include "base/weir-error.h"
#include "providers/weir-provider.h"

/* No reply makes anybody rest longer than this, whatever it says. */
#define WEIR_VERDICT_REST_MAX_US ((int64_t)8 * 24 * 3600 * G_USEC_PER_SEC)

typedef enum
{
  WEIR_VERDICT_FINE,         /* an answer: read it */
  WEIR_VERDICT_CLIENT_FAULT, /* handed on as it is: another seat would say the same */
  WEIR_VERDICT_ROTATE, /* another seat may do better; the last one's reply is handed on */
  WEIR_VERDICT_ROTATE_ONCE, /* the same, but only one more seat is asked */
  WEIR_VERDICT_NONSENSE,    /* not an answer at all: 502 */
} WeirVerdictAction;

typedef enum
{
  WEIR_REST_NONE,    /* nobody rests */
  WEIR_REST_MODEL,   /* this upstream model at this account */
  WEIR_REST_ACCOUNT, /* all of the account */
} WeirRestScope;

typedef enum
{
  WEIR_REST_FOR_NOTHING,       /* with WEIR_REST_NONE */
  WEIR_REST_RATE_LIMIT,        /* too fast: seconds to minutes */
  WEIR_REST_QUOTA,             /* a window's or a day's allowance is used up */
  WEIR_REST_UNAUTHORIZED,      /* the key or the sign-in is refused */
  WEIR_REST_PAYMENT,           /* no money, no plan, not allowed */
  WEIR_REST_NOT_FOUND,         /* this account does not know the model */
  WEIR_REST_MODEL_UNSUPPORTED, /* it knows the model and will not serve it */
  WEIR_REST_TRANSIENT,         /* the upstream stumbled (408, 5xx, a cut answer) */
  WEIR_REST_OVERLOADED,        /* the upstream says it is too busy (503, 529) */
  WEIR_REST_CHALLENGE,         /* a page for browsers instead of an answer */
  WEIR_REST_UNREACHABLE,       /* no answer at all: connect, TLS, silence */
  WEIR_REST_REASON_LAST,
} WeirRestReason;

typedef struct
{
  WeirVerdictAction action;
  WeirRestScope scope;
  WeirRestReason reason;
  int64_t rest_us; /* 0 to WEIR_VERDICT_REST_MAX_US; 0: nobody said how long, the pool's
                      own rule for the reason counts */
  gboolean stated; /* the vendor said how long; else rest_us is this table's own word */
} WeirVerdict;

/* What a rule of the user's does with an error answer of the request's own making. */
typedef enum
{
  WEIR_ERROR_RULE_STOP,                  /* hand it on, nobody rests */
  WEIR_ERROR_RULE_STOP_AND_COOLDOWN,     /* hand it on, rest as the answer says */
  WEIR_ERROR_RULE_CONTINUE,              /* ask another seat, nobody rests */
  WEIR_ERROR_RULE_CONTINUE_AND_COOLDOWN, /* ask another seat, rest as the answer says */
  WEIR_ERROR_RULE_LAST,
} WeirErrorRuleAction;

/* One item of `request-scoped-errors`: holds for an answer of this status whose body has
 * one of the texts (case counts) or matches one of the expressions. */
typedef struct
{
  unsigned status;
  GPtrArray *match;   /* (owned) of char * (owned) */
  GPtrArray *regexes; /* (owned) of GRegex */
  WeirErrorRuleAction action;
} WeirErrorRule;

WeirErrorRule *weir_error_rule_new (unsigned status, WeirErrorRuleAction action);
void weir_error_rule_free (WeirErrorRule *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirErrorRule, weir_error_rule_free)

/* @text must not be empty. */
void weir_error_rule_add_match (WeirErrorRule *self, const char *text);
/* Adds a Perl-compatible expression; FALSE with WEIR_ERROR_CONFIG and what is wrong with
 * it where.  One that costs too much at run time does not match. */
gboolean
weir_error_rule_add_regex (WeirErrorRule *self, const char *pattern, GError **error);

/* Everything unowned.  A reply is an error answer with its body, or an error inside a
 * stream whose head said 200 (@error_type, @message; @status is then what the dialect says
 * it stands for, 0 where it does not say). */
typedef struct
{
  unsigned status;
  const WeirProvider *provider; /* (nullable) */
  WeirSlice fields;             /* "Name: value\r\n" lines that were kept of the head */
  WeirSlice body;               /* of an error answer; may be empty */
  const char *error_type;       /* (nullable) of an error inside a stream */
  const char *message;          /* (nullable) the same */
  const GPtrArray *rules;       /* (nullable) of WeirErrorRule: the first that holds wins */
  int64_t real_us;              /* now, since 1970: dates are counted from it */
} WeirReply;

/* The head's status alone: enough to decide whether a body is gathered.  @status: of a
 * response's head (1xx never gets here). */
WeirVerdict weir_verdict_of_status (unsigned status);

/* All of the reply. */
WeirVerdict weir_verdict_of_reply (const WeirReply *reply);

/* There was no answer, or not a whole one.  What is ours (WEIR_ERROR_CANCELLED,
 * _INTERNAL, …) makes nobody rest. */
WeirVerdict weir_verdict_of_failure (WeirError code);

/* Is a field called @name (any case) read here, so that it must be among the fields kept
 * of an error answer's head? */
gboolean weir_verdict_reads_field (WeirSlice name);

/* For logs and the state file: "rate-limit", "quota", …; the reason of a name, or
 * WEIR_REST_FOR_NOTHING. */
const char *weir_rest_reason_get_name (WeirRestReason reason);
WeirRestReason weir_rest_reason_from_name (const char *name);
