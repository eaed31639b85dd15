/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The answers are whole by each dialect's own rules (finish reason, usage, last event),
 * since a proxy rightly reports anything less as cut.  Two things are unlike a vendor's:
 * the closing events of a responses stream do not repeat the whole text, and its events
 * after the opening have no sequence number. */

#include "mock-texts.h"

/* clang-format off */
#define CHAT_CHUNK "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"bench-model\",\"choices\":"
#define OPENAI_ERROR "{\"error\":{\"message\":\"@\",\"type\":\"server_error\",\"param\":null,\"code\":null}}"
/* Responses and Anthropic name each event twice. */
#define EVENT(name) "event: " name "\ndata: {\"type\":\"" name "\""
#define RESPONSE(status, output) "{\"id\":\"resp_1\",\"object\":\"response\",\"created_at\":1700000000,\"status\":\"" status "\",\"error\":null,\"incomplete_details\":null,\"model\":\"bench-model\",\"output\":[" output "],\"parallel_tool_calls\":true,\"tool_choice\":\"auto\",\"tools\":[]"
#define RESPONSE_USAGE ",\"usage\":{\"input_tokens\":100,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":50,\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":150}}"
#define RESPONSE_ITEM(status, content) "{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"" status "\",\"role\":\"assistant\",\"content\":[" content "]}"
#define RESPONSE_TEXT(text) "{\"type\":\"output_text\",\"annotations\":[],\"text\":\"" text "\"}"
#define RESPONSE_PLACE ",\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0"
#define GEMINI_BEFORE "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\""
#define GEMINI_USAGE ",\"usageMetadata\":{\"promptTokenCount\":100,\"candidatesTokenCount\":50,\"totalTokenCount\":150},\"modelVersion\":\"bench-model\"}"

const MockTexts mock_texts[BENCH_DIALECT_LAST] = {
  [BENCH_CHAT] = {
    .whole = "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"bench-model\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"@\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":50,\"total_tokens\":150}}",
    .opening = {
      CHAT_CHUNK "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n",
    },
    .piece = CHAT_CHUNK "[{\"index\":0,\"delta\":{\"content\":\"@\"},\"finish_reason\":null}]}\n\n",
    .closing = {
      CHAT_CHUNK "[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
      CHAT_CHUNK "[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":50,\"total_tokens\":150}}\n\n",
      "data: [DONE]\n\n",
    },
    .error = OPENAI_ERROR,
  },
  [BENCH_RESPONSES] = {
    .whole = RESPONSE ("completed", RESPONSE_ITEM ("completed", RESPONSE_TEXT ("@"))) RESPONSE_USAGE,
    .opening = {
      EVENT ("response.created") ",\"sequence_number\":0,\"response\":" RESPONSE ("in_progress", "") "}}\n\n",
      EVENT ("response.output_item.added") ",\"sequence_number\":1,\"output_index\":0,\"item\":" RESPONSE_ITEM ("in_progress", "") "}\n\n",
      EVENT ("response.content_part.added") ",\"sequence_number\":2" RESPONSE_PLACE ",\"part\":" RESPONSE_TEXT ("") "}\n\n",
    },
    .piece = EVENT ("response.output_text.delta") RESPONSE_PLACE ",\"delta\":\"@\"}\n\n",
    .closing = {
      EVENT ("response.output_text.done") RESPONSE_PLACE ",\"text\":\"\"}\n\n",
      EVENT ("response.content_part.done") RESPONSE_PLACE ",\"part\":" RESPONSE_TEXT ("") "}\n\n",
      EVENT ("response.output_item.done") ",\"output_index\":0,\"item\":" RESPONSE_ITEM ("completed", RESPONSE_TEXT ("")) "}\n\n",
      EVENT ("response.completed") ",\"response\":" RESPONSE ("completed", RESPONSE_ITEM ("completed", RESPONSE_TEXT (""))) RESPONSE_USAGE "}\n\n",
    },
    .error = OPENAI_ERROR,
  },
  [BENCH_ANTHROPIC] = {
    .whole = "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-bench\",\"content\":[{\"type\":\"text\",\"text\":\"@\"}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":100,\"output_tokens\":50}}",
    .opening = {
      EVENT ("message_start") ",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-bench\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":100,\"output_tokens\":1}}}\n\n",
      EVENT ("content_block_start") ",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
    },
    .piece = EVENT ("content_block_delta") ",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"@\"}}\n\n",
    .closing = {
      EVENT ("content_block_stop") ",\"index\":0}\n\n",
      EVENT ("message_delta") ",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":50}}\n\n",
      EVENT ("message_stop") "}\n\n",
    },
    .error = "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"@\"}}",
  },
  [BENCH_GEMINI] = {
    .whole = GEMINI_BEFORE "@\"}],\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}]" GEMINI_USAGE,
    .piece = "data: " GEMINI_BEFORE "@\"}],\"role\":\"model\"},\"index\":0}],\"modelVersion\":\"bench-model\"}\r\n\r\n",
    .closing = {
      "data: " GEMINI_BEFORE "\"}],\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}]" GEMINI_USAGE "\r\n\r\n",
    },
    .error = "{\"error\":{\"code\":500,\"message\":\"@\",\"status\":\"INTERNAL\"}}",
  },
};
/* clang-format on */
