/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How hard to think, as OpenAI Chat Completions says it and as the servers do that imitate
 * it (their own references, read 2026-10).  A member whose value is none of those known
 * here is kept as unknown: the name alone does not say whose it is. */

#include "config.h"

#include "chat/weir-openai-chat.h"
#include "chat/weir-thinking.h"

typedef struct
{
  WeirSlice type;
  uint32_t budget;
} Thinking;

typedef struct
{
  WeirSlice effort;
  WeirSlice summary;
  uint32_t max_tokens;
  gboolean enabled; /* -1: not said; so is exclude */
  gboolean exclude;
} Reasoning;

static const WeirField thinking_fields[] = {
  { "type", WEIR_FIELD_TEXT, offsetof (Thinking, type) },
  { "budget_tokens", WEIR_FIELD_ITEM, offsetof (Thinking, budget) },
  { NULL },
};

static const WeirField reasoning_fields[] = {
  { "effort", WEIR_FIELD_TEXT, offsetof (Reasoning, effort) },
  { "summary", WEIR_FIELD_TEXT, offsetof (Reasoning, summary) },
  { "max_tokens", WEIR_FIELD_ITEM, offsetof (Reasoning, max_tokens) },
  { "enabled", WEIR_FIELD_BOOLEAN, offsetof (Reasoning, enabled) },
  { "exclude", WEIR_FIELD_BOOLEAN, offsetof (Reasoning, exclude) },
  { NULL },
};

/* FALSE: @item is 0 or no truth; if it is something else, it is kept as unknown. */
static gboolean
read_truth (WeirRequest *self, uint32_t item, gboolean *out_truth)
{
  WeirJsonType type;

  if (item == 0)
    return FALSE;
  type = weir_json_get_type (&self->json, item);
  if (type != WEIR_JSON_TRUE && type != WEIR_JSON_FALSE)
    {
      weir_request_add_unknown (self, &self->unknown, NULL, item - 1);
      return FALSE;
    }
  *out_truth = type == WEIR_JSON_TRUE;
  return TRUE;
}

static void
set_on (WeirThinking *thinking, gboolean on)
{
  if (!on)
    weir_thinking_set_budget (thinking, 0);
  else if (thinking->mode == WEIR_THINKING_UNSAID)
    weir_thinking_set_budget (thinking, -1);
}

static void
set_budget (WeirRequest *self, uint32_t item)
{
  uint64_t budget;

  if (item != 0 && weir_json_get_uint (&self->json, item, &budget))
    weir_thinking_set_budget (&self->thinking, (int64_t)MIN (budget, INT64_MAX));
}

static gboolean
read_thinking (WeirRequest *self, uint32_t item, GError **error)
{
  WeirThinking *thinking = &self->thinking;
  Thinking read = { 0 };

  if (item == 0)
    return TRUE;
  if (weir_json_get_type (&self->json, item) != WEIR_JSON_OBJECT)
    {
      weir_request_add_unknown (self, &self->unknown, NULL, item - 1);
      return TRUE;
    }
  if (!weir_read_object (self, item, thinking_fields, &read, "thinking", &self->unknown,
                         error))
    return FALSE;
  thinking->raw = weir_json_get_raw (&self->json, item);
  if (weir_slice_equal (read.type, WEIR_SLICE ("disabled")))
    {
      set_on (thinking, FALSE);
      return TRUE;
    }
  if (read.type.length > 0)
    set_on (thinking, TRUE);
  set_budget (self, read.budget);
  return TRUE;
}

static gboolean
read_reasoning (WeirRequest *self, uint32_t item, GError **error)
{
  WeirThinking *thinking = &self->thinking;
  Reasoning read = { .enabled = -1, .exclude = -1 };

  if (item == 0)
    return TRUE;
  if (weir_json_get_type (&self->json, item) != WEIR_JSON_OBJECT)
    {
      weir_request_add_unknown (self, &self->unknown, NULL, item - 1);
      return TRUE;
    }
  if (!weir_read_object (self, item, reasoning_fields, &read, "reasoning", &self->unknown,
                         error))
    return FALSE;
  thinking->raw = weir_json_get_raw (&self->json, item);
  if (read.enabled >= 0)
    set_on (thinking, read.enabled);
  set_budget (self, read.max_tokens);
  weir_thinking_set_level (thinking, read.effort);
  weir_thinking_set_summary (thinking, read.summary);
  if (read.exclude >= 0)
    thinking->shown = read.exclude ? WEIR_NO : WEIR_YES;
  return TRUE;
}

/* OpenAI's own member comes last: it goes before all others. */
gboolean
weir_chat_read_thinking (WeirRequest *self, const WeirChatThinking *read, GError **error)
{
  WeirThinking *thinking = &self->thinking;
  gboolean truth;

  if (read_truth (self, read->enable_thinking, &truth))
    set_on (thinking, truth);
  if (thinking->mode != WEIR_THINKING_OFF)
    set_budget (self, read->thinking_budget);
  if (!read_thinking (self, read->thinking, error))
    {
      g_prefix_error (error, "thinking: ");
      return FALSE;
    }
  if (!read_reasoning (self, read->reasoning, error))
    {
      g_prefix_error (error, "reasoning: ");
      return FALSE;
    }
  if (read_truth (self, read->include_reasoning, &truth))
    thinking->shown = truth ? WEIR_YES : WEIR_NO;
  weir_thinking_set_level (thinking, read->effort);
  /* who asks for thinking and has no word for showing it, sees it */
  if (read->effort.length > 0 && thinking->shown == WEIR_UNSAID)
    thinking->shown = thinking->mode == WEIR_THINKING_OFF ? WEIR_NO : WEIR_YES;
  return TRUE;
}
