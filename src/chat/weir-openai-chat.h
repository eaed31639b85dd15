/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of OpenAI Chat Completions share: not for other dialects. */

#include "chat/weir-encoder.h"
#include "chat/weir-read.h"

/* The body's members that are options: the reader and the writer share their names. */
extern const WeirReadOption weir_chat_options[];

/* Legacy spelling of tools, calls and their choice: a tool of that spelling has this as its
 * type_name, and a call of it no id. */
#define WEIR_CHAT_FUNCTIONS "functions"

/* Everything in the body but `messages`, which is returned: 0 where there is none. */
gboolean weir_chat_read_body (WeirRequest *self, uint32_t *out_messages, GError **error);

/* The list `messages`. */
gboolean weir_chat_read_messages (WeirRequest *self, uint32_t list, GError **error);

/* The parts in @list, behind those of @message or, where that is NULL, of @result. */
gboolean weir_chat_read_parts (WeirRequest *self,
                               WeirMessage *message,
                               WeirResult *result,
                               uint32_t list,
                               GError **error);
/* `cache_control`, which some compatible vendors took over: an object. */
void weir_chat_read_cache_mark (WeirRequest *self, uint32_t item, WeirCacheMark *out);
/* `image_url` or `video_url` of a part: a string, or an object with `url`. */
gboolean
weir_chat_read_place (WeirRequest *self, uint32_t item, WeirPart *part, GError **error);

gboolean weir_chat_read_tools (WeirRequest *self, uint32_t list, GError **error);
/* `functions`, the legacy spelling of tools. */
gboolean weir_chat_read_functions (WeirRequest *self, uint32_t list, GError **error);
/* `web_search_options`: a tool for searching, which other dialects have in their lists. */
gboolean weir_chat_read_search (WeirRequest *self, uint32_t object, GError **error);
gboolean weir_chat_read_tool_choice (WeirRequest *self, uint32_t item, GError **error);
/* `function_call`, the legacy spelling of tool_choice. */
gboolean weir_chat_read_function_choice (WeirRequest *self, uint32_t item, GError **error);

/* `reasoning_effort` and what compatible vendors say instead of it. */
typedef struct
{
  WeirSlice effort;
  uint32_t thinking;        /* Zhipu, Moonshot, Volcengine: {type, budget_tokens} */
  uint32_t reasoning;       /* OpenRouter: {effort, max_tokens, enabled, exclude} */
  uint32_t enable_thinking; /* Qwen, SiliconFlow: a truth */
  uint32_t thinking_budget; /* and its tokens */
  uint32_t include_reasoning;
} WeirChatThinking;

gboolean
weir_chat_read_thinking (WeirRequest *self, const WeirChatThinking *read, GError **error);

/* Members of an answer's message that have no event of their own; the decoder hands them on
 * as RAW. */
gboolean weir_chat_is_note (WeirSlice name);
