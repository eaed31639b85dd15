// SPDX-License-Identifier: GPL-3.0-or-later
//
// One face for the four ways a program speaks to a model: openai (Chat and Responses),
// @anthropic-ai/sdk and @google/genai.  A test asks the same thing of each; what differs is
// here.  stream() ends without an exception only where the SDK says that the answer is whole.

import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, ApiError } from '@google/genai';
import * as answers from './answers.mjs';
import { CLIENT_KEY } from './weir.mjs';

const TIMEOUT_MS = 120_000;
const TOOL = {
  name: 'write_file',
  description: 'Writes a file',
  parameters: {
    type: 'object',
    properties: { path: { type: 'string' }, content: { type: 'string' } },
    required: ['path', 'content'],
  },
};

// Every body that an SDK hands to fetch, in order: what weir must not change.
export const sentBodies = [];
const realFetch = globalThis.fetch;
globalThis.fetch = (resource, init) => {
  if (init?.body !== undefined)
    sentBodies.push(init.body);
  return realFetch(resource, init);
};

const openai = (url, { retries = 0, key = CLIENT_KEY } = {}) =>
  new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: retries, timeout: TIMEOUT_MS });

const openaiErrors = {
  400: OpenAI.BadRequestError, 401: OpenAI.AuthenticationError, 404: OpenAI.NotFoundError,
  429: OpenAI.RateLimitError, 500: OpenAI.InternalServerError, 529: OpenAI.InternalServerError,
};

const chat = {
  name: 'openai chat',
  dialect: 'chat',
  path: '/v1/chat/completions',
  plain: 'mock-chat-1',
  alias: 'gpt-alias',
  aliasUpstream: 'mock-chat-2',
  answers: answers.chat,
  errors: openaiErrors,
  client: openai,

  request: ({ model, prompt, image }) => ({
    model,
    messages: [{
      role: 'user',
      content: image === undefined ? prompt : [
        { type: 'text', text: prompt },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } },
      ],
    }],
  }),
  async text(client, ask) {
    const answer = await client.chat.completions.create(this.request(ask));
    return answer.choices[0].message.content;
  },
  async * stream(client, ask) {
    const events = await client.chat.completions.create(
      { ...this.request(ask), stream: true, stream_options: { include_usage: true } },
      { signal: ask.signal });
    for await (const event of events) {
      const piece = event.choices[0]?.delta.content;
      if (piece)
        yield piece;
    }
  },
  async tool(client, ask, run) {
    const tools = [{ type: 'function', function: TOOL }];
    const request = { ...this.request(ask), tools };
    const message = await client.chat.completions.stream(request).finalMessage();
    const call = message.tool_calls[0];
    const result = run(call.function.name, JSON.parse(call.function.arguments));
    request.messages.push(message,
                          { role: 'tool', tool_call_id: call.id, content: result });
    const last = await client.chat.completions.create(request);
    return last.choices[0].message.content;
  },
  sentImage: (body) => body.messages[0].content[1].image_url.url.split(',')[1],
  sentToolResult: (body) => body.messages.at(-1).content,
};

async function* responsesText(events) {
  let whole = false;
  for await (const event of events) {
    if (event.type === 'response.output_text.delta')
      yield event.delta;
    else if (event.type === 'response.failed' || event.type === 'error')
      throw new Error(`the answer failed: ${JSON.stringify(event)}`);
    else if (event.type === 'response.completed')
      whole = true;
  }
  if (!whole)
    throw new Error('the answer ended without its last event');
}

const responses = {
  name: 'openai responses',
  dialect: 'responses',
  path: '/v1/responses',
  plain: 'mock-codex-1',
  alias: 'codex-alias',
  aliasUpstream: 'mock-codex-2',
  answers: answers.responses,
  errors: openaiErrors,
  client: openai,

  request: ({ model, prompt, image }) => ({
    model,
    input: [{
      role: 'user',
      content: image === undefined ? prompt : [
        { type: 'input_text', text: prompt },
        { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${image}` },
      ],
    }],
  }),
  async text(client, ask) {
    return (await client.responses.create(this.request(ask))).output_text;
  },
  async * stream(client, ask) {
    yield* responsesText(await client.responses.create({ ...this.request(ask), stream: true },
                                                       { signal: ask.signal }));
  },
  async tool(client, ask, run) {
    const request = { ...this.request(ask), tools: [{ type: 'function', strict: false, ...TOOL }] };
    const answer = await client.responses.stream(request).finalResponse();
    const call = answer.output[0];
    const output = run(call.name, JSON.parse(call.arguments));
    request.input.push({ type: 'function_call', call_id: call.call_id, name: call.name,
                         arguments: call.arguments },
                       { type: 'function_call_output', call_id: call.call_id, output });
    return (await client.responses.create(request)).output_text;
  },
  sentImage: (body) => body.input[0].content[1].image_url.split(',')[1],
  sentToolResult: (body) => body.input.at(-1).output,
};

const anthropic = {
  name: 'anthropic',
  dialect: 'anthropic',
  path: '/v1/messages',
  plain: 'mock-claude-1',
  alias: 'claude-alias',
  aliasUpstream: 'mock-claude-2',
  answers: answers.anthropic,
  errors: {
    400: Anthropic.BadRequestError, 401: Anthropic.AuthenticationError,
    404: Anthropic.NotFoundError, 429: Anthropic.RateLimitError,
    500: Anthropic.InternalServerError, 529: Anthropic.InternalServerError,
  },
  client: (url, { retries = 0, key = CLIENT_KEY } = {}) =>
    new Anthropic({ apiKey: key, baseURL: url, maxRetries: retries, timeout: TIMEOUT_MS }),

  request: ({ model, prompt, image }) => ({
    model,
    max_tokens: 1024,
    messages: [{
      role: 'user',
      content: image === undefined ? prompt : [
        { type: 'text', text: prompt },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } },
      ],
    }],
  }),
  async text(client, ask) {
    return (await client.messages.create(this.request(ask))).content[0].text;
  },
  async * stream(client, ask) {
    const events = await client.messages.create({ ...this.request(ask), stream: true },
                                                { signal: ask.signal });
    for await (const event of events) {
      if (event.type === 'content_block_delta')
        yield event.delta.text;
    }
  },
  async tool(client, ask, run) {
    const tool = { name: TOOL.name, description: TOOL.description,
                   input_schema: TOOL.parameters };
    const request = { ...this.request(ask), tools: [tool] };
    const message = await client.messages.stream(request).finalMessage();
    const call = message.content[0];
    const content = run(call.name, call.input);
    request.messages.push({ role: 'assistant', content: message.content },
                          { role: 'user',
                            content: [{ type: 'tool_result', tool_use_id: call.id, content }] });
    return (await client.messages.create(request)).content[0].text;
  },
  sentImage: (body) => body.messages[0].content[1].source.data,
  sentToolResult: (body) => body.messages.at(-1).content[0].content,
};

const gemini = {
  name: 'genai',
  dialect: 'gemini',
  plain: 'mock-gemini-1',
  alias: 'gemini-alias',
  aliasUpstream: 'mock-gemini-2',
  answers: answers.gemini,
  errors: Object.fromEntries([400, 401, 404, 429, 500, 529].map((status) => [status, ApiError])),
  client: (url, { retries = 0, key = CLIENT_KEY, apiVersion = 'v1beta' } = {}) =>
    new GoogleGenAI({ apiKey: key, apiVersion,
                      httpOptions: { baseUrl: url, timeout: TIMEOUT_MS,
                                     retryOptions: { attempts: retries + 1 } } }),

  request: ({ model, prompt, image, signal }) => ({
    model,
    contents: [{
      role: 'user',
      parts: [{ text: prompt },
              ...(image === undefined
                ? [] : [{ inlineData: { mimeType: 'image/png', data: image } }])],
    }],
    config: { abortSignal: signal },
  }),
  async text(client, ask) {
    return (await client.models.generateContent(this.request(ask))).text;
  },
  async * stream(client, ask) {
    let whole = false;
    for await (const chunk of await client.models.generateContentStream(this.request(ask))) {
      whole ||= chunk.candidates?.[0]?.finishReason !== undefined;
      if (chunk.text)
        yield chunk.text;
    }
    if (!whole)
      throw new Error('the answer ended without a finish reason');
  },
  async tool(client, ask, run) {
    const request = this.request(ask);
    request.config.tools = [{ functionDeclarations: [
      { name: TOOL.name, description: TOOL.description, parametersJsonSchema: TOOL.parameters }] }];
    let call;
    for await (const chunk of await client.models.generateContentStream(request))
      call ??= chunk.functionCalls?.[0];
    const output = run(call.name, call.args);
    request.contents.push({ role: 'model', parts: [{ functionCall: call }] },
                          { role: 'user',
                            parts: [{ functionResponse: { name: call.name,
                                                          response: { output } } }] });
    return (await client.models.generateContent(request)).text;
  },
  sentImage: (body) => body.contents[0].parts[1].inlineData.data,
  sentToolResult: (body) => body.contents.at(-1).parts[0].functionResponse.response.output,
};

// What a stream says in the end.
export async function collect(pieces) {
  let text = '';
  for await (const piece of pieces)
    text += piece;
  return text;
}

export const sdks = [chat, responses, anthropic, gemini];

// The path and the model under which @sdk's upstream must be asked for @upstreamModel.
export function upstreamPath(sdk, upstreamModel, streaming) {
  if (sdk.dialect !== 'gemini')
    return sdk.path;
  return `/v1beta/models/${upstreamModel}:`
    + (streaming ? 'streamGenerateContent?alt=sse' : 'generateContent');
}
