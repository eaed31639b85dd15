/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a dialect cannot say.  Each loss has one word, used in logs, in the ledger and in
 * tests, and one sentence for people.  What must not be lost is refused instead. */

#include "chat/weir-request.h"

/* Of requests; those of options (weir_loss_check_options) have words of their own. */
#define WEIR_LOSS_SIGNATURE "signature"
#define WEIR_LOSS_THINKING "thinking"
#define WEIR_LOSS_THINKING_REDACTED "thinking-redacted"
#define WEIR_LOSS_THINKING_UNSIGNED "thinking-unsigned"
#define WEIR_LOSS_THINKING_LEVEL "thinking-level"
#define WEIR_LOSS_THINKING_SUMMARY "thinking-summary"
#define WEIR_LOSS_CALL_WITHOUT_RESULT "call-without-result"
#define WEIR_LOSS_CALL_ARGUMENTS "call-arguments"
#define WEIR_LOSS_RESULT_ERROR "result-error"
#define WEIR_LOSS_RESULT_MEDIA "result-media"
#define WEIR_LOSS_IMAGE_DETAIL "image-detail"
#define WEIR_LOSS_IMAGE_URL "image-url"
#define WEIR_LOSS_MEDIA_NAME "media-name"
#define WEIR_LOSS_MEDIA_CONTEXT "media-context"
#define WEIR_LOSS_MEDIA_ASSISTANT "media-assistant"
#define WEIR_LOSS_CACHE_MARK "cache-mark"
#define WEIR_LOSS_CITATIONS "citations"
#define WEIR_LOSS_REFUSAL "refusal"
#define WEIR_LOSS_EMPTY_TEXT "empty-text"
#define WEIR_LOSS_PART "part"
#define WEIR_LOSS_UNKNOWN_MEMBER "unknown-member"
#define WEIR_LOSS_MESSAGE_NAME "message-name"
#define WEIR_LOSS_MESSAGE_PHASE "message-phase"
#define WEIR_LOSS_ITEM_ID "item-id"
#define WEIR_LOSS_SYSTEM_POSITION "system-position"
#define WEIR_LOSS_SYSTEM_MEDIA "system-media"
#define WEIR_LOSS_PREFILL "prefill"
#define WEIR_LOSS_PROVIDER_TOOL "provider-tool"
#define WEIR_LOSS_WEB_SEARCH "web-search"
#define WEIR_LOSS_TOOL_FORMAT "tool-format"
#define WEIR_LOSS_TOOL_STRICT "tool-strict"
#define WEIR_LOSS_TOOL_DEFERRED "tool-deferred"
#define WEIR_LOSS_TOOL_SCOPE_TEXT "tool-scope-text"
#define WEIR_LOSS_TOOL_CHOICE "tool-choice"
#define WEIR_LOSS_TOOL_PARALLEL "tool-parallel"
#define WEIR_LOSS_SCHEMA_KEYWORD "schema-keyword"
#define WEIR_LOSS_FORMAT "response-format"
#define WEIR_LOSS_FORMAT_NAME "response-format-name"
#define WEIR_LOSS_STOP "stop-sequences"
#define WEIR_LOSS_RANGE "range"
/* Of answers. */
#define WEIR_LOSS_ANSWER_CHOICE "answer-choice"
#define WEIR_LOSS_ANSWER_IMAGE "answer-image"
#define WEIR_LOSS_ANSWER_PART "answer-part"
#define WEIR_LOSS_ANSWER_REFUSAL "answer-refusal"
#define WEIR_LOSS_ANSWER_SIGNATURE "answer-signature"
#define WEIR_LOSS_ANSWER_THINKING "answer-thinking"

/* The sentence of @loss, one of the words above or of an option; NULL: no such word. */
const char *weir_loss_lookup_sentence (const char *loss);

/* The word that the loss of @option is reported by. */
const char *weir_loss_get_option_word (WeirOption option);

/* Does @option, being @value, ask for what happens anyway?  Then it is no loss. */
gboolean weir_loss_is_harmless (WeirOption option, WeirSlice value);

#define WEIR_LOSS_PLACE_MAX 64

/* Write `tools[3]`, `messages[3]` and `messages[3].parts[1]`: by hand, since it is done for
 * each part and seldom read. */
void weir_loss_put_tool (char out[WEIR_LOSS_PLACE_MAX], unsigned tool);
void weir_loss_put_message (char out[WEIR_LOSS_PLACE_MAX], unsigned message);
void weir_loss_put_part (char out[WEIR_LOSS_PLACE_MAX], unsigned message, unsigned part);

/* Tells @on_loss (nullable: does nothing) of @loss at a place made by @where and what
 * follows it, as printf. */
void weir_loss_report (WeirLossFunc on_loss,
                       gpointer user_data,
                       const char *loss,
                       const char *where,
                       ...) G_GNUC_PRINTF (4, 5);

/* One WEIR_LOSS_UNKNOWN_MEMBER each, at @where (nullable), a dot and its name. */
void weir_loss_report_unknown (WeirLossFunc on_loss,
                               gpointer user_data,
                               const WeirUnknown *unknown,
                               const char *where);

/* The pass over options and n_choices that the four writers share.  @said: what @target
 * can say, ended by WEIR_OPTION_LAST (the writer writes those).  Every other option that
 * @request has is reported, or refused: FALSE with WEIR_ERROR_UNSUPPORTED and its name.  A
 * value that is harmless (`background: false`, `top_logprobs: 0`, a penalty of 0, …) is
 * neither.  A request for several choices is refused for Responses and
 * Anthropic.  @on_loss (nullable). */
gboolean weir_loss_check_options (const WeirRequest *request,
                                  WeirDialect target,
                                  const WeirOption *said,
                                  WeirLossFunc on_loss,
                                  gpointer user_data,
                                  GError **error);
