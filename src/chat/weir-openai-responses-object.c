/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The response object of OpenAI Responses and the items in it (API reference, "the response
 * object", read 2026-10): what streams say at their ends and whole answers are.  When which
 * of it is sent is not decided here. */

#include "config.h"

#include "chat/weir-openai-responses-encode.h"
#include "chat/weir-logprobs.h"
#include "chat/weir-openai-responses.h"
#include "chat/weir-signature.h"

/* Fronts of ids; an id must have the right one when it comes back. */
static const char *const id_fronts[WEIR_BLOCK_LAST] = {
  "msg", "rs", "rs", "fc", "ctc", "msg", "ig", "item",
};

static const char *const status_words[] = {
  "in_progress",
  "completed",
  "incomplete",
  "failed",
};

/* Members of the response that repeat those of the request, and what stands there where the
 * request said nothing. */
/* clang-format off */
static const struct
{
  const char *name;
  WeirSlice otherwise;
} echoes[] = {
  { "instructions", { "null", 4 } },
  { "max_output_tokens", { "null", 4 } },
  { "max_tool_calls", { "null", 4 } },
  { "metadata", { "{}", 2 } },
  { "parallel_tool_calls", { "true", 4 } },
  { "previous_response_id", { "null", 4 } },
  { "prompt_cache_key", { "null", 4 } },
  { "reasoning", { "{\"effort\":null,\"summary\":null}", 30 } },
  { "safety_identifier", { "null", 4 } },
  { "service_tier", { "\"auto\"", 6 } },
  { "store", { "true", 4 } },
  { "temperature", { "1.0", 3 } },
  { "text", { "{\"format\":{\"type\":\"text\"}}", 26 } },
  { "tool_choice", { "\"auto\"", 6 } },
  { "tools", { "[]", 2 } },
  { "top_logprobs", { "0", 1 } },
  { "top_p", { "1.0", 3 } },
  { "truncation", { "\"disabled\"", 10 } },
  { "user", { "null", 4 } },
};

/* Words for the ends that are not the model's own. */
static const char *const reasons[WEIR_FINISH_LAST] = {
  [WEIR_FINISH_LENGTH] = "max_output_tokens",
  [WEIR_FINISH_REFUSAL] = "content_filter",
};
/* clang-format on */

WeirBlockType
weir_responses_get_type (const WeirFoldBlock *block)
{
  return block->type == WEIR_BLOCK_IMAGE && block->name.length == 0 ? WEIR_BLOCK_TEXT
                                                                    : block->type;
}

void
weir_responses_add_item_id (const WeirResponsesEncoder *self,
                            WeirJsonWriter *json,
                            const char *name,
                            WeirBlockType type,
                            unsigned index)
{
  const char *id = self->base.options.id;
  char text[128];

  g_snprintf (text, sizeof text, "%s_%s_%u", id_fronts[type], id != NULL ? id : "", index);
  weir_json_add_escaped (json, name, weir_slice_from_string (text));
}

static void
add_logprobs (WeirJsonWriter *json, const WeirFoldBlock *block, gboolean done)
{
  g_autoptr (GString) scratch = NULL;
  WeirSlice raw = WEIR_SLICE ("");

  if (done && block->logprobs != NULL)
    {
      scratch = g_string_new (NULL);
      raw = weir_fold_get_logprobs (block, scratch);
    }
  weir_logprobs_write (json, "logprobs", raw);
}

void
weir_responses_add_part (WeirJsonWriter *json,
                         const char *name,
                         const WeirFoldBlock *block,
                         gboolean done)
{
  const WeirSlice text = done ? weir_fold_get_text (block) : WEIR_SLICE ("");

  weir_json_open (json, name);
  if (weir_responses_get_type (block) == WEIR_BLOCK_REFUSAL)
    {
      weir_json_add_string (json, "type", "refusal");
      weir_json_add_escaped (json, "refusal", text);
    }
  else
    {
      weir_json_add_string (json, "type", "output_text");
      weir_json_open_array (json, "annotations");
      weir_json_close (json);
      add_logprobs (json, block, done);
      weir_json_add_escaped (json, "text", text);
    }
  weir_json_close (json);
}

static void
add_message (WeirJsonWriter *json,
             const WeirFoldBlock *block,
             const char *status,
             gboolean done)
{
  weir_json_add_string (json, "type", "message");
  weir_json_add_string (json, "status", status);
  weir_json_add_string (json, "role", "assistant");
  weir_json_open_array (json, "content");
  if (done)
    weir_responses_add_part (json, NULL, block, TRUE);
  weir_json_close (json);
}

/* A member `encrypted_content` whose text has @mark in front. */
static void
add_opaque (WeirJsonWriter *json, const char *mark, WeirSlice signature)
{
  g_autoptr (GString) text = g_string_new (mark);

  g_string_append_len (text, signature.text, (gssize)signature.length);
  weir_json_add_escaped (json, "encrypted_content", (WeirSlice){ text->str, text->len });
}

/* The service looks a thought without one up by its id, and finds none of another's: what
 * nobody signed must be known for that when it comes back. */
static void
add_unsigned (const WeirResponsesEncoder *self, WeirJsonWriter *json)
{
  g_autoptr (GString) text = g_string_new (NULL);

  weir_json_add_escaped (
      json, "encrypted_content",
      weir_signature_wrap (self->base.options.upstream, WEIR_SLICE (""), text));
}

/* Redacted thoughts of this dialect's own servers are thoughts without a summary. */
static void
add_thought (const WeirResponsesEncoder *self,
             WeirJsonWriter *json,
             const WeirFoldBlock *block,
             gboolean done)
{
  const WeirSlice signature = weir_fold_get_signature (block);
  const gboolean foreign = self->base.options.upstream != WEIR_DIALECT_OPENAI_RESPONSES;
  const gboolean marked = foreign && block->type == WEIR_BLOCK_REDACTED_THINKING;

  weir_json_add_string (json, "type", "reasoning");
  weir_json_open_array (json, "summary");
  if (done && weir_fold_get_text (block).length > 0)
    {
      weir_json_open (json, NULL);
      weir_json_add_string (json, "type", "summary_text");
      weir_json_add_escaped (json, "text", weir_fold_get_text (block));
      weir_json_close (json);
    }
  weir_json_close (json);
  if (done && signature.length > 0)
    add_opaque (json, marked ? WEIR_RESPONSES_REDACTED : "", signature);
  else if (done && foreign)
    add_unsigned (self, json);
}

static void
add_call (WeirJsonWriter *json,
          const WeirFoldBlock *block,
          const char *status,
          gboolean done)
{
  const gboolean custom = block->type == WEIR_BLOCK_CUSTOM_CALL;
  WeirSlice text = done ? weir_fold_get_text (block) : WEIR_SLICE ("");

  if (done && !custom && text.length == 0)
    text = WEIR_SLICE ("{}");
  weir_json_add_string (json, "type", custom ? "custom_tool_call" : "function_call");
  weir_json_add_string (json, "status", status);
  weir_json_add_escaped (json, custom ? "input" : "arguments", text);
  weir_json_add_escaped (json, "call_id", block->id);
  weir_json_add_escaped (json, "name", block->name);
  if (block->scope.length > 0)
    weir_json_add_escaped (json, "namespace", block->scope);
}

static void
add_picture (WeirJsonWriter *json,
             const WeirFoldBlock *block,
             const char *status,
             gboolean done)
{
  const WeirSlice front = WEIR_SLICE ("image/");
  WeirSlice format = block->name;

  weir_json_add_string (json, "type", "image_generation_call");
  weir_json_add_string (json, "status", status);
  if (!done)
    return;
  if (weir_slice_has_prefix (format, front))
    {
      format.text += front.length;
      format.length -= front.length;
    }
  weir_json_add_escaped (json, "output_format", format);
  weir_json_add_escaped (json, "result", weir_fold_get_text (block));
}

void
weir_responses_add_item (const WeirResponsesEncoder *self,
                         WeirJsonWriter *json,
                         const char *name,
                         const WeirFoldBlock *block,
                         unsigned index,
                         const char *status,
                         gboolean done)
{
  const WeirBlockType type = weir_responses_get_type (block);

  if (type == WEIR_BLOCK_OTHER)
    {
      weir_json_add_raw (json, name,
                         block->raw.length > 0 ? block->raw : WEIR_SLICE ("{}"));
      return;
    }
  weir_json_open (json, name);
  weir_responses_add_item_id (self, json, "id", type, index);
  switch (type)
    {
    case WEIR_BLOCK_TEXT:
    case WEIR_BLOCK_REFUSAL:
      add_message (json, block, status, done);
      break;
    case WEIR_BLOCK_THINKING:
    case WEIR_BLOCK_REDACTED_THINKING:
      add_thought (self, json, block, done);
      break;
    case WEIR_BLOCK_TOOL_CALL:
    case WEIR_BLOCK_CUSTOM_CALL:
      add_call (json, block, status, done);
      break;
    case WEIR_BLOCK_IMAGE:
      add_picture (json, block, status, done);
      break;
    case WEIR_BLOCK_OTHER:
    case WEIR_BLOCK_LAST:
      g_assert_not_reached ();
    }
  weir_json_close (json);
}

void
weir_responses_add_carrier (const WeirResponsesEncoder *self,
                            WeirJsonWriter *json,
                            const char *name,
                            const WeirFoldBlock *block,
                            unsigned index)
{
  weir_json_open (json, name);
  weir_responses_add_item_id (self, json, "id", WEIR_BLOCK_THINKING, index);
  weir_json_add_string (json, "type", "reasoning");
  weir_json_open_array (json, "summary");
  weir_json_close (json);
  add_opaque (json, WEIR_RESPONSES_OF_CALL, weir_fold_get_signature (block));
  weir_json_close (json);
}

/* What a limit cut short is not complete: the last item. */
static void
add_output (const WeirResponsesEncoder *self,
            WeirJsonWriter *json,
            WeirResponseStatus status)
{
  const guint n_blocks = self->fold.blocks->len;

  weir_json_open_array (json, "output");
  for (guint i = 0; i < n_blocks && status != WEIR_RESPONSE_IN_PROGRESS; i++)
    {
      const WeirFoldBlock *block = weir_fold_get_block (&self->fold, i);
      const WeirResponsesItem *item = &g_array_index (self->items, WeirResponsesItem, i);
      const gboolean cut
          = !block->closed || (status == WEIR_RESPONSE_INCOMPLETE && i + 1 == n_blocks);

      if (item->carried)
        weir_responses_add_carrier (self, json, NULL, block, item->index - 1);
      weir_responses_add_item (self, json, NULL, block, item->index,
                               cut ? "incomplete" : "completed", TRUE);
    }
  weir_json_close (json);
}

static void
add_usage (const WeirResponsesEncoder *self, WeirJsonWriter *json)
{
  const WeirUsage *usage = &self->fold.usage;

  if (usage->input == WEIR_USAGE_UNKNOWN && usage->output == WEIR_USAGE_UNKNOWN)
    {
      weir_json_add_null (json, "usage");
      return;
    }
  weir_json_open (json, "usage");
  weir_json_add_uint (json, "input_tokens", weir_encoder_count (usage->input));
  weir_json_open (json, "input_tokens_details");
  weir_json_add_uint (json, "cached_tokens", weir_encoder_count (usage->cached));
  if (usage->cache_write != WEIR_USAGE_UNKNOWN)
    weir_json_add_uint (json, "cache_write_tokens", usage->cache_write);
  weir_json_close (json);
  weir_json_add_uint (json, "output_tokens", weir_encoder_count (usage->output));
  weir_json_open (json, "output_tokens_details");
  weir_json_add_uint (json, "reasoning_tokens", weir_encoder_count (usage->reasoning));
  weir_json_close (json);
  weir_json_add_uint (json, "total_tokens", weir_encoder_sum_total (usage));
  weir_json_close (json);
}

/* Only a client of this dialect has members that can be repeated to it. */
static void
add_echoes (const WeirResponsesEncoder *self, WeirJsonWriter *json)
{
  const WeirRequest *request = self->base.options.request;
  const gboolean own = request != NULL && request->origin == WEIR_DIALECT_OPENAI_RESPONSES;

  for (size_t i = 0; i < G_N_ELEMENTS (echoes); i++)
    {
      const uint32_t item = own ? weir_json_lookup (&request->json, 0, echoes[i].name) : 0;
      const char *previous = g_str_equal (echoes[i].name, "previous_response_id")
                                 ? self->base.options.previous
                                 : NULL;
      const gboolean said
          = item != 0 && weir_json_get_type (&request->json, item) != WEIR_JSON_NULL;

      if (previous != NULL)
        weir_json_add_string (json, echoes[i].name, previous);
      else
        weir_json_add_raw (json, echoes[i].name,
                           said ? weir_json_get_raw (&request->json, item)
                                : echoes[i].otherwise);
    }
}

static const WeirFoldChoice *
get_choice (const WeirResponsesEncoder *self)
{
  return self->fold.choices->len > 0 ? weir_fold_get_choice (&self->fold, 0) : NULL;
}

/* Other reasons than the model's own that have no word here are said in the upstream's. */
WeirResponseStatus
weir_responses_get_status (const WeirResponsesEncoder *self)
{
  const WeirFoldChoice *choice = get_choice (self);

  if (choice == NULL || !choice->finished)
    return WEIR_RESPONSE_COMPLETED;
  if (reasons[choice->finish] != NULL
      || (choice->finish == WEIR_FINISH_OTHER && choice->word.length > 0))
    return WEIR_RESPONSE_INCOMPLETE;
  return WEIR_RESPONSE_COMPLETED;
}

static void
add_reason (const WeirResponsesEncoder *self,
            WeirJsonWriter *json,
            WeirResponseStatus status)
{
  const WeirFoldChoice *choice = get_choice (self);

  if (status != WEIR_RESPONSE_INCOMPLETE || choice == NULL)
    {
      weir_json_add_null (json, "incomplete_details");
      return;
    }
  weir_json_open (json, "incomplete_details");
  if (reasons[choice->finish] != NULL)
    weir_json_add_string (json, "reason", reasons[choice->finish]);
  else
    weir_json_add_escaped (json, "reason", choice->word);
  weir_json_close (json);
}

static void
add_failure (WeirJsonWriter *json, const WeirResponseFailure *failure)
{
  if (failure == NULL)
    {
      weir_json_add_null (json, "error");
      return;
    }
  weir_json_open (json, "error");
  weir_json_add_string (json, "code", failure->code);
  weir_json_add_string (json, "message", failure->message);
  weir_json_close (json);
}

static void
add_response_id (const WeirResponsesEncoder *self, WeirJsonWriter *json)
{
  const WeirEncodeOptions *options = &self->base.options;
  g_autofree char *id = NULL;

  if (options->upstream == WEIR_DIALECT_OPENAI_RESPONSES && self->fold.id.length > 0)
    {
      weir_json_add_escaped (json, "id", self->fold.id);
      return;
    }
  id = g_strconcat ("resp_", options->id, NULL);
  weir_json_add_string (json, "id", id);
}

void
weir_responses_add_response (const WeirResponsesEncoder *self,
                             WeirJsonWriter *json,
                             WeirResponseStatus status,
                             const WeirResponseFailure *failure)
{
  const WeirEncodeOptions *options = &self->base.options;

  add_response_id (self, json);
  weir_json_add_string (json, "object", "response");
  weir_json_add_int (json, "created_at", options->created_s);
  weir_json_add_string (json, "status", status_words[status]);
  weir_json_add_boolean (json, "background", FALSE);
  add_failure (json, failure);
  add_reason (self, json, status);
  weir_json_add_escaped (json, "model",
                         options->model.length > 0 ? options->model : self->fold.model);
  add_output (self, json, status);
  add_echoes (self, json);
  if (status == WEIR_RESPONSE_IN_PROGRESS)
    weir_json_add_null (json, "usage");
  else
    add_usage (self, json);
}
