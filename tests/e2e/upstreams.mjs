// SPDX-License-Identifier: GPL-3.0-or-later
//
// The four upstreams under their vendors' names for models, and where each dialect's request
// keeps what a test looks for.

import assert from 'node:assert/strict';
import { UPSTREAM_KEYS } from './weir.mjs';

export const MODELS = { chat: 'gpt-5.2', responses: 'gpt-5.2-codex',
                        anthropic: 'claude-sonnet-4-5', gemini: 'gemini-3-pro-preview' };
const paths = { chat: '/v1/chat/completions', responses: '/v1/responses',
                anthropic: '/v1/messages',
                gemini: `/v1beta/models/${MODELS.gemini}:` };

const sections = { chat: 'openai-compatibility', responses: 'codex-api-key',
                   anthropic: 'claude-api-key', gemini: 'gemini-api-key' };

// Gives every upstream in @config one model; @alias: what the client calls it, by dialect;
// without one that upstream is not there.
export function nameModels(config, alias = (dialect) => `the-${dialect}-model`) {
  for (const [dialect, section] of Object.entries(sections)) {
    if (alias(dialect) === undefined)
      delete config[section];
    else
      config[section][0].models = [{ name: MODELS[dialect], alias: alias(dialect) }];
  }
}

// @record went to the right place with the right model and key.
export function assertAsked(upstream, record) {
  const { url, headers } = record;
  assert.ok(url.startsWith(paths[upstream]), url);
  if (upstream !== 'gemini')
    assert.equal(JSON.parse(record.body).model, MODELS[upstream]);
  const key = headers['x-goog-api-key'] ?? headers['x-api-key']
    ?? headers.authorization?.replace('Bearer ', '');
  assert.equal(key, UPSTREAM_KEYS[upstream]);
}

function textOf(content) {
  return typeof content === 'string' ? content : content.map((part) => part.text).join('');
}

// What @record says in @upstream's words.
export const views = {
  chat: {
    system: (body) => body.messages.filter((one) => /system|developer/.test(one.role))
      .map((one) => one.content.map?.((part) => part.text).join('') ?? one.content).join(''),
    limit: (body) => body.max_completion_tokens ?? body.max_tokens,
    temperature: (body) => body.temperature,
    // no `stop`: the model thinks, and OpenAI refuses it there
    choice: (body) => body.tool_choice?.function?.name,
    schema: (body) => body.response_format?.json_schema?.schema,
    results: (body) => body.messages.filter((one) => one.role === 'tool')
      .map((one) => textOf(one.content)),
    image: (body) => body.messages.at(-1).content[1].image_url.url.split(',')[1],
    tools: (body) => body.tools.map((tool) => tool.function.name),
    effort: (body) => body.reasoning_effort,
  },
  responses: {
    system: (body) => body.instructions
      ?? body.input.filter((one) => /system|developer/.test(one.role))
        .map((one) => textOf(one.content)).join(''),
    limit: (body) => body.max_output_tokens,
    temperature: (body) => body.temperature,
    choice: (body) => body.tool_choice?.name,
    schema: (body) => body.text?.format?.schema,
    results: (body) => body.input.filter((one) => one.type === 'function_call_output')
      .map((one) => textOf(one.output)),
    image: (body) => body.input.at(-1).content[1].image_url.split(',')[1],
    tools: (body) => body.tools.map((tool) => tool.name),
    effort: (body) => body.reasoning?.effort,
  },
  anthropic: {
    system: (body) => textOf(body.system),
    limit: (body) => body.max_tokens,
    temperature: (body) => body.temperature,
    stop: (body) => body.stop_sequences,
    choice: (body) => body.tool_choice?.name,
    schema: (body) => body.output_config?.format?.schema,
    results: (body) => body.messages.flatMap((one) => (Array.isArray(one.content)
      ? one.content.filter((block) => block.type === 'tool_result') : []))
      .map((block) => textOf(block.content)),
    image: (body) => body.messages.at(-1).content[1].source.data,
    tools: (body) => body.tools.map((tool) => tool.name),
    effort: (body) => body.thinking?.budget_tokens ?? body.output_config?.effort,
  },
  gemini: {
    system: (body) => body.systemInstruction.parts.map((part) => part.text).join(''),
    limit: (body) => body.generationConfig?.maxOutputTokens,
    temperature: (body) => body.generationConfig?.temperature,
    stop: (body) => body.generationConfig?.stopSequences,
    choice: (body) => body.toolConfig?.functionCallingConfig?.allowedFunctionNames?.[0],
    schema: (body) => body.generationConfig?.responseJsonSchema
      ?? body.generationConfig?.responseSchema,
    results: (body) => body.contents.flatMap((one) => one.parts)
      .filter((part) => part.functionResponse)
      .map((part) => Object.values(part.functionResponse.response).map(textOf).join('')),
    image: (body) => body.contents.at(-1).parts[1].inlineData.data,
    tools: (body) => body.tools.flatMap((tool) => tool.functionDeclarations ?? [])
      .map((tool) => tool.name),
    effort: (body) => body.generationConfig?.thinkingConfig?.thinkingLevel
      ?? body.generationConfig?.thinkingConfig?.thinkingBudget,
  },
};
