/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How Gemini spells the members of a request: readers and the writer share these. */

#include "base/weir-json-fields.h"
#include "chat/weir-request.h"

/* Objects whose members are read into the request itself: unknown ones of theirs are kept
 * under a name with this prefix. */
#define WEIR_GEMINI_GENERATION "generationConfig"
#define WEIR_GEMINI_TOOL_CONFIG "toolConfig"
/* Models from the third generation on refuse a turn whose first call is unsigned; this is
 * the value that the guide to thought signatures (read 2026-10) gives for histories that
 * come from elsewhere. */
#define WEIR_GEMINI_SIGNATURE_OF_OTHERS "skip_thought_signature_validator"

/* The signature of another vendor's thought travels on the next call too, behind one of
 * these words: clients return calls as they came, but few of them return thoughts.  Four
 * letters of base64, so that the whole stays base64 as the wrapped signature is. */
#define WEIR_GEMINI_OF_THOUGHT "Mind"
#define WEIR_GEMINI_OF_REDACTED "Dark"

/* A setting of generationConfig, or of the body itself, that is one JSON value. */
typedef struct
{
  const char *name; /* camelCase */
  WeirOption option;
  WeirJsonType type; /* WEIR_JSON_TRUE stands for both truths */
  gboolean shared;   /* other dialects mean the same by the same value */
} WeirGeminiOption;

/* Both end with a row without a name. */
extern const WeirGeminiOption weir_gemini_generation_options[];
extern const WeirGeminiOption weir_gemini_body_options[];

/* Is the name at @item @camel, in its own spelling or in snake_case?  The service takes
 * both (JSON of protocol buffers). */
gboolean weir_gemini_spells (const WeirJson *json, uint32_t item, const char *camel);

/* The value of the member of @object that is called @camel in either spelling, or 0. */
uint32_t weir_gemini_lookup (const WeirJson *json, uint32_t object, const char *camel);

/* What is known of the members of an object. */
typedef struct
{
  const WeirField *fields;
  const WeirGeminiOption *options; /* (nullable): go to the options of the request */
  const char *prefix; /* (nullable) and a dot stand before the names of unknown members */
} WeirGeminiShape;

/* As weir_json_read_fields, but for these: names count in either spelling (both at once are
 * two of a name), every other name is checked for twins too, and members that are unknown
 * and not null are kept in *@unknown. */
gboolean weir_gemini_read_members (WeirRequest *request,
                                   uint32_t object,
                                   const WeirGeminiShape *shape,
                                   gpointer out,
                                   WeirUnknown **unknown,
                                   GError **error);

/* Elements of @list: those of an array; anything else is its own only element, which is
 * how the service reads a lone object where a list is asked for.
 *   for (i = weir_gemini_first (j, list); i != 0; i = weir_gemini_next (j, list, i)) … */
static inline uint32_t
weir_gemini_first (const WeirJson *json, uint32_t list)
{
  if (list == 0 || weir_json_get_type (json, list) != WEIR_JSON_ARRAY)
    return list;
  return weir_json_first (json, list);
}

static inline uint32_t
weir_gemini_next (const WeirJson *json, uint32_t list, uint32_t item)
{
  return item == list ? 0 : weir_json_next (json, list, item);
}
