/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The user's rules about request bodies: `payload:` and `drop-tools:`.  Built once by the
 * reader of the configuration, applied to each attempt's body as splices, so that every
 * byte that no rule names stays as it came.
 *
 * Paths are those of base/weir-json-path.h: names and array indices with dots between, `\`
 * before a character of a name that would mean something, `-1` for "behind the last
 * element", `#(name=="x")` for the first element that is so, `#(name=="x")#` for all.  A
 * query only finds, it never makes anything; names behind one may be made. */

#include "base/weir-slice.h"

/* Limits that the builders keep (WEIR_ERROR_CONFIG beyond), besides those of paths. */
#define WEIR_PAYLOAD_RULES_MAX 1000u /* of one payload */
#define WEIR_PAYLOAD_VALUES_MAX 256u /* paths, or names, of one rule */

/* In the order in which they are applied. */
typedef enum
{
  WEIR_PAYLOAD_DEFAULT, /* set where the original has nothing at the path: the first wins */
  WEIR_PAYLOAD_DEFAULT_RAW,
  WEIR_PAYLOAD_OVERRIDE, /* set: the last wins */
  WEIR_PAYLOAD_OVERRIDE_RAW,
  WEIR_PAYLOAD_FILTER,     /* deleted */
  WEIR_PAYLOAD_DROP_TOOLS, /* tools of these names deleted */
  WEIR_PAYLOAD_SECTION_LAST,
} WeirPayloadSection;

typedef enum
{
  WEIR_PAYLOAD_TEST_MATCH,     /* the value at the path is that value */
  WEIR_PAYLOAD_TEST_NOT_MATCH, /* it is not, or there is none */
  WEIR_PAYLOAD_TEST_EXIST,     /* the path is there (null counts) */
  WEIR_PAYLOAD_TEST_NOT_EXIST,
} WeirPayloadTest;

typedef struct _WeirPayload WeirPayload;           /* counted, immutable once shared */
typedef struct _WeirPayloadRule WeirPayloadRule;   /* one item of a section's list */
typedef struct _WeirPayloadModel WeirPayloadModel; /* one item of its `models` */

WeirPayload *weir_payload_new (void);
WeirPayload *weir_payload_ref (WeirPayload *self);
void weir_payload_unref (WeirPayload *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirPayload, weir_payload_unref)

/* "default", "default-raw", …: the key of the configuration. */
const char *weir_payload_section_get_name (WeirPayloadSection section);

/* A rule without a model entry holds for every request. */
WeirPayloadRule *weir_payload_rule_new (WeirPayloadSection section);
void weir_payload_rule_free (WeirPayloadRule *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirPayloadRule, weir_payload_rule_free)

/* One pair of a default or an override: @json is one JSON value, whatever the section (the
 * raw ones differ only in how the file spells it).  FALSE with WEIR_ERROR_CONFIG: a path
 * that is not supported, or no JSON; the message says which and why. */
gboolean weir_payload_rule_add_value (WeirPayloadRule *self,
                                      const char *path,
                                      WeirSlice json,
                                      GError **error);

/* One path of a filter, or one name of drop-tools. */
gboolean
weir_payload_rule_add_path (WeirPayloadRule *self, const char *path, GError **error);

/* (transfer none): one more way in which the rule holds; all that is said of it must be
 * true.  @name: glob (`*`, case counts) of the model; @protocol (nullable, or empty: any):
 * the target's, case does not count.  "responses", "openai-responses" are openai-response.
 */
WeirPayloadModel *
weir_payload_rule_add_model (WeirPayloadRule *self, const char *name, const char *protocol);
void weir_payload_model_set_from_protocol (WeirPayloadModel *self, const char *protocol);
/* The client sent a field called @name (any case) whose value @glob matches (`*`, case
 * counts). */
void
weir_payload_model_add_header (WeirPayloadModel *self, const char *name, const char *glob);
/* A test of the body as it is before any rule, so that no rule makes another hold.
 * @json: the value of a MATCH or NOT_MATCH, one JSON value; else ignored.  Strings are
 * compared decoded, numbers by value, containers byte by byte.  Errors as
 * weir_payload_rule_add_value. */
gboolean weir_payload_model_add_test (WeirPayloadModel *self,
                                      WeirPayloadTest test,
                                      const char *path,
                                      WeirSlice json,
                                      GError **error);

/* Takes @rule (freed on failure too).  FALSE with WEIR_ERROR_CONFIG: too many. */
gboolean weir_payload_add_rule (WeirPayload *self, WeirPayloadRule *rule, GError **error);

gboolean weir_payload_is_empty (const WeirPayload *self);

/* The value of the client's field called @name (any case); FALSE: there is none. */
typedef gboolean (*WeirPayloadLookupHeader) (gpointer user_data,
                                             const char *name,
                                             WeirSlice *out_value);

/* Everything unowned. */
typedef struct
{
  const char *upstream_model;  /* what the upstream calls it, without suffix */
  const char *requested_model; /* what the client said, with its suffix */
  const char *requested_base;  /* the same without suffix */
  const char *protocol; /* the target's: openai, openai-response, claude, gemini, codex,
                           antigravity, … */
  const char *from_protocol; /* the client's: openai, openai-response, claude, gemini */
  const char *root; /* (nullable) the member of the body that paths begin in: "request" for
                       an envelope */
  WeirPayloadLookupHeader lookup_header; /* (nullable): no field was sent */
  gpointer lookup_data;
  char **drop_tools; /* (nullable) the entry's own list, besides the rules' */
} WeirPayloadContext;

/* Applies every rule of @sets that holds.  @sets (members nullable) are ordered: the most
 * specific first (the row's own before the global ones).  Defaults run from the first set
 * to the last and the first wins; overrides from the last set to the first and the last
 * wins; filters and dropped tools add up.
 *
 * @original: the body before thinking was added, which defaults look at; @body: what is
 * changed; both in the target's dialect, and they may be the same bytes.
 *
 * A place that cannot be (a name inside an array, a query that finds nothing) is passed
 * over.  Dropping tools also takes away a choice that names one of them, and an emptied
 * list with what is only allowed beside it.
 *
 * TRUE: *out_body (transfer full) is the new body, or NULL when nothing applies or nothing
 * changes; where no rule can hold nothing is read and nothing allocated.  FALSE: @body or
 * @original is not one JSON object (WEIR_ERROR_BAD_JSON, …), or would grow over 64 MiB
 * (WEIR_ERROR_TOO_LARGE). */
gboolean weir_payload_apply (const WeirPayload *const *sets,
                             unsigned n_sets,
                             const WeirPayloadContext *context,
                             WeirSlice original,
                             WeirSlice body,
                             GBytes **out_body,
                             GError **error);
