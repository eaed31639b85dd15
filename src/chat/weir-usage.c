/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where each dialect keeps its token counts, and what it leaves out of them.
 *
 * OpenAI Chat (API reference, "usage"; read 2026-10): prompt_tokens holds the cached ones,
 * completion_tokens the reasoning ones.  Servers that speak the same dialect have other
 * names for cached tokens, and xAI counts reasoning apart from completion_tokens.
 * OpenAI Responses: the same under other names.
 * Anthropic (Messages API, "usage" and prompt caching; read 2026-10): input_tokens are only
 * those behind the last cache breakpoint; cache reads and cache writes are counted apart.
 * The counts in message_delta are totals.
 * Gemini (GenerateContentResponse.UsageMetadata; read 2026-10): promptTokenCount holds the
 * cached ones; results of its own tools and thoughts are counted apart.  A count of zero is
 * left out. */

#include "config.h"

#include "chat/weir-usage.h"

typedef struct
{
  const char *object; /* (nullable) member of the usage object that holds the count */
  const char *name;   /* NULL ends the table */
  WeirCount count;
} WeirUsageName;

/* Of two spellings of one count the later row wins. */
/* clang-format off */
static const WeirUsageName chat_names[] = {
  { NULL, "prompt_tokens", WEIR_COUNT_INPUT },
  { NULL, "prompt_cache_hit_tokens", WEIR_COUNT_CACHED }, /* DeepSeek */
  { NULL, "cached_tokens", WEIR_COUNT_CACHED },           /* Moonshot */
  { "prompt_tokens_details", "cached_tokens", WEIR_COUNT_CACHED },
  { "prompt_tokens_details", "cached_creation_tokens", WEIR_COUNT_CACHE_WRITE },
  { "prompt_tokens_details", "cache_write_tokens", WEIR_COUNT_CACHE_WRITE },
  { NULL, "completion_tokens", WEIR_COUNT_OUTPUT },
  { "completion_tokens_details", "reasoning_tokens", WEIR_COUNT_REASONING },
  { NULL, "total_tokens", WEIR_COUNT_TOTAL },
  { NULL, NULL, 0 },
};

static const WeirUsageName responses_names[] = {
  { NULL, "input_tokens", WEIR_COUNT_INPUT },
  { "input_tokens_details", "cached_tokens", WEIR_COUNT_CACHED },
  { "input_tokens_details", "cache_write_tokens", WEIR_COUNT_CACHE_WRITE },
  { NULL, "output_tokens", WEIR_COUNT_OUTPUT },
  { "output_tokens_details", "reasoning_tokens", WEIR_COUNT_REASONING },
  { NULL, "total_tokens", WEIR_COUNT_TOTAL },
  { NULL, NULL, 0 },
};

static const WeirUsageName anthropic_names[] = {
  { NULL, "input_tokens", WEIR_COUNT_INPUT },
  { NULL, "cache_read_input_tokens", WEIR_COUNT_CACHED },
  { NULL, "cache_creation_input_tokens", WEIR_COUNT_CACHE_WRITE },
  { NULL, "output_tokens", WEIR_COUNT_OUTPUT },
  /* Kiro (weir-kiro.h) counts in the same way */
  { NULL, "uncachedInputTokens", WEIR_COUNT_INPUT },
  { NULL, "cacheReadInputTokens", WEIR_COUNT_CACHED },
  { NULL, "cacheWriteInputTokens", WEIR_COUNT_CACHE_WRITE },
  { NULL, "outputTokens", WEIR_COUNT_OUTPUT },
  { NULL, NULL, 0 },
};

static const WeirUsageName gemini_names[] = {
  { NULL, "promptTokenCount", WEIR_COUNT_INPUT },
  { NULL, "cachedContentTokenCount", WEIR_COUNT_CACHED },
  { NULL, "toolUsePromptTokenCount", WEIR_COUNT_TOOL_INPUT },
  { NULL, "candidatesTokenCount", WEIR_COUNT_OUTPUT },
  { NULL, "thoughtsTokenCount", WEIR_COUNT_REASONING },
  { NULL, "totalTokenCount", WEIR_COUNT_TOTAL },
  { NULL, NULL, 0 },
};

static const WeirUsageName *const names[] = {
  [WEIR_DIALECT_OPENAI_CHAT] = chat_names,
  [WEIR_DIALECT_OPENAI_RESPONSES] = responses_names,
  [WEIR_DIALECT_ANTHROPIC] = anthropic_names,
  [WEIR_DIALECT_GEMINI] = gemini_names,
};
/* clang-format on */
G_STATIC_ASSERT (G_N_ELEMENTS (names) == WEIR_DIALECT_LAST);

/* An unknown part counts for nothing; a sum of unknowns stays unknown, as does one that
 * does not fit. */
static uint64_t
add (uint64_t a, uint64_t b)
{
  uint64_t sum;

  if (a == WEIR_USAGE_UNKNOWN)
    return b;
  if (b == WEIR_USAGE_UNKNOWN)
    return a;
  return __builtin_add_overflow (a, b, &sum) ? WEIR_USAGE_UNKNOWN : sum;
}

void
weir_usage_counts_init (WeirUsageCounts *self)
{
  for (size_t i = 0; i < WEIR_COUNT_LAST; i++)
    self->counts[i] = WEIR_USAGE_UNKNOWN;
}

gboolean
weir_usage_counts_read (WeirUsageCounts *self,
                        WeirDialect dialect,
                        const WeirJson *json,
                        uint32_t object,
                        WeirUsageFunc func,
                        gpointer user_data)
{
  const char *inner = NULL; /* the member that @holder is */
  uint32_t holder = object;
  gboolean any = FALSE;

  for (const WeirUsageName *row = names[dialect]; row->name != NULL; row++)
    {
      uint32_t item;

      if (row->object != inner)
        holder
            = row->object != NULL ? weir_json_lookup (json, object, row->object) : object;
      inner = row->object;
      if (inner != NULL && holder == 0)
        continue;
      item = weir_json_lookup (json, holder, row->name);
      if (item == 0 || !weir_json_get_uint (json, item, &self->counts[row->count]))
        continue;
      any = TRUE;
      if (func != NULL)
        func (row->count, item, user_data);
    }
  return any;
}

void
weir_usage_settle (WeirUsage *out, WeirDialect dialect, const WeirUsageCounts *counts)
{
  const uint64_t *count = counts->counts;

  out->input = count[WEIR_COUNT_INPUT];
  out->output = count[WEIR_COUNT_OUTPUT];
  out->cached = count[WEIR_COUNT_CACHED];
  out->cache_write = count[WEIR_COUNT_CACHE_WRITE];
  out->reasoning = count[WEIR_COUNT_REASONING];
  out->total = count[WEIR_COUNT_TOTAL];

  switch (dialect)
    {
    case WEIR_DIALECT_OPENAI_CHAT:
      /* xAI, read 2026-10: total = prompt + completion + reasoning */
      if (out->reasoning != WEIR_USAGE_UNKNOWN && out->reasoning > 0
          && out->output != WEIR_USAGE_UNKNOWN && out->total != WEIR_USAGE_UNKNOWN
          && add (add (out->input, out->output), out->reasoning) == out->total)
        out->output = add (out->output, out->reasoning);
      break;
    case WEIR_DIALECT_OPENAI_RESPONSES:
      break;
    case WEIR_DIALECT_ANTHROPIC:
      if (out->input != WEIR_USAGE_UNKNOWN)
        out->input = add (add (out->input, out->cached), out->cache_write);
      break;
    case WEIR_DIALECT_GEMINI:
      out->input = add (out->input, count[WEIR_COUNT_TOOL_INPUT]);
      out->output = add (out->output, out->reasoning);
      break;
    case WEIR_DIALECT_LAST:
      g_assert_not_reached ();
    }
}
