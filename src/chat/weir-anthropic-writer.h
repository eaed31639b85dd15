/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files that write Anthropic Messages requests share: not for other dialects. */

#include "base/weir-json-write.h"
#include "chat/weir-loss.h"
#include "chat/weir-request.h"

/* What the models of this name take, as far as it can be told from the name. */
typedef struct
{
  gboolean known;      /* it is one of the vendor's own */
  gboolean adaptive;   /* thinks by effort, not by a budget */
  gboolean samples;    /* takes temperature, top_p, top_k */
  unsigned levels;     /* of effort: bits of WeirEffort */
  uint64_t max_tokens; /* to ask for where the client set no limit */
} WeirAnthropicModel;

typedef struct
{
  const WeirRequest *request;      /* (unowned) */
  const WeirWriteOptions *options; /* (unowned) */
  gboolean own;                    /* the request came in this dialect */
  WeirAnthropicModel model;
  gboolean thinks; /* thinking was asked for */
  WeirJsonWriter json;
  GString *scratch; /* (owned) */
} WeirAnthropicWriter;

void weir_anthropic_model_read (WeirAnthropicModel *self, WeirSlice name);

/* `max_tokens`, `thinking`, `output_config` and what is sampled by. */
void weir_anthropic_write_output (WeirAnthropicWriter *self);

/* Of a request of this dialect: each message as it came, but for what other vendors'
 * thoughts and signatures in it. */
void weir_anthropic_write_own_messages (WeirAnthropicWriter *self);
/* `system` and `messages`. */
gboolean weir_anthropic_write_messages (WeirAnthropicWriter *self, GError **error);
/* May @part go back as the vendor's own thought? */
gboolean weir_anthropic_is_signed_thought (const WeirPart *part);
/* Do results follow a turn of the assistant that does not begin with a thought of the
 * vendor's own?  With a budget the API refuses that; adaptive thinking does not mind. */
gboolean weir_anthropic_is_in_thoughtless_loop (const WeirRequest *request);
/* The last piece of the thought that begins with @part: some clients give it back in
 * several, of which the last has the signature.  @part itself where there is none. */
const WeirPart *weir_anthropic_find_signed (const WeirRequest *request,
                                            const WeirPart *part);

/* A text, picture or document, at @where.  FALSE: WEIR_ERROR_UNSUPPORTED. */
gboolean weir_anthropic_write_part (WeirAnthropicWriter *self,
                                    const WeirPart *part,
                                    const WeirCacheMark *cache,
                                    const char *where,
                                    GError **error);
/* A call, under @id. */
void weir_anthropic_write_call (WeirAnthropicWriter *self,
                                const WeirPart *part,
                                WeirSlice id,
                                const WeirCacheMark *cache,
                                const char *where);
/* A result, under @id. */
void weir_anthropic_write_result (WeirAnthropicWriter *self,
                                  const WeirPart *part,
                                  WeirSlice id,
                                  const WeirCacheMark *cache,
                                  const char *where);
/* A text block that the client did not write. */
void weir_anthropic_write_text (WeirAnthropicWriter *self, WeirSlice escaped);
/* The API refuses texts of white space (seen 2026-07). */
gboolean weir_anthropic_is_blank (WeirSlice escaped);
void weir_anthropic_write_cache_mark (WeirAnthropicWriter *self, const WeirCacheMark *mark);

/* `tools` and `tool_choice`. */
void weir_anthropic_write_tools (WeirAnthropicWriter *self);
/* Must the model call a tool?  It may not think then. */
gboolean weir_anthropic_must_call (const WeirAnthropicWriter *self);

/* Schemas as the API takes them: *@edited (transfer full) holds what is returned where that
 * is not @schema; *@lost: a word that held values back was left out.  Of arguments: that of
 * an object, whatever @schema is.  Of answers: see weir-anthropic-schema.c. */
WeirSlice weir_anthropic_fit_arguments (WeirSlice schema, GBytes **edited, gboolean *lost);
WeirSlice weir_anthropic_fit_answer (WeirSlice schema, GBytes **edited, gboolean *lost);

void weir_anthropic_report (const WeirAnthropicWriter *self,
                            const char *loss,
                            const char *where);
void weir_anthropic_report_option (const WeirAnthropicWriter *self,
                                   WeirOption option,
                                   const char *where);
void weir_anthropic_report_unknown (const WeirAnthropicWriter *self,
                                    const WeirUnknown *unknown,
                                    const char *where);
/* A member that is left out where @text is empty. */
void weir_anthropic_add_text (WeirAnthropicWriter *self, const char *name, WeirSlice text);
