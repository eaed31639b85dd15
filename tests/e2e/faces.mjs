// SPDX-License-Identifier: GPL-3.0-or-later
//
// The SDKs once more, for tests in which client and upstream speak different dialects: one
// question in each SDK's own request, its own stream helper, and what it understood in one form:
// { text, thought, calls: [{ id, name, args }], finish, usage, native }.  usage counts as
// turns.mjs does; native is the answer as the SDK gave it, to be handed back as it is.
//
// A question is { model, system, prompt, image, tools, choice, schema, effort, limit,
// temperature, stop }; all but model and prompt may be missing.

import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import { sdks } from './sdks.mjs';

// Without the members of @value that are undefined.
const tidy = (value) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
const joined = (list, take) => list.map((one) => take(one) ?? '').join('');
const parsed = (text) => JSON.parse(text);

const chat = {
  begin: (ask) => tidy({
    model: ask.model,
    messages: [
      ...(ask.system === undefined ? [] : [{ role: 'system', content: ask.system }]),
      { role: 'user', content: ask.image === undefined ? ask.prompt : [
        { type: 'text', text: ask.prompt },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${ask.image}` } }] }],
    tools: ask.tools?.map((tool) => ({ type: 'function', function: tool })),
    tool_choice: ask.choice && { type: 'function', function: { name: ask.choice } },
    response_format: ask.schema && { type: 'json_schema', json_schema: {
      name: 'answer', strict: true, schema: ask.schema } },
    reasoning_effort: ask.effort,
    max_completion_tokens: ask.limit,
    temperature: ask.temperature,
    stop: ask.stop,
  }),
  finishes: { stop: 'stop', calls: 'tool_calls', length: 'length' },
  // The helper keeps only the last piece of a member that it does not know, such as thoughts;
  // whoever shows them joins the pieces.
  async follow(client, request, signal) {
    const stream = client.chat.completions.stream(
      { ...request, stream_options: { include_usage: true } }, { signal });
    let thought = '';
    stream.on('chunk', (chunk) => {
      thought += chunk.choices[0]?.delta.reasoning_content ?? '';
    });
    const completion = await stream.finalChatCompletion();
    const { message } = completion.choices[0];
    if (thought !== '')
      message.reasoning_content = thought;
    delete message.parsed; // of the helper, not of the answer
    message.tool_calls?.forEach((call) => delete call.function.parsed_arguments);
    return completion;
  },
  async answer(client, request, { streaming, signal } = {}) {
    const completion = streaming ? await this.follow(client, request, signal)
      : await client.chat.completions.create(request, { signal });
    const [choice] = completion.choices;
    const { usage } = completion;
    return {
      native: choice.message,
      text: choice.message.content ?? '',
      thought: choice.message.reasoning_content ?? '',
      calls: (choice.message.tool_calls ?? []).map((call) => ({
        id: call.id, name: call.function.name, args: parsed(call.function.arguments) })),
      finish: choice.finish_reason,
      usage: usage && { input: usage.prompt_tokens, output: usage.completion_tokens,
                        cached: usage.prompt_tokens_details?.cached_tokens,
                        total: usage.total_tokens },
    };
  },
  carryOn(request, answer, results, prompt) {
    request.messages.push(answer.native, ...results.map((result) => (
      { role: 'tool', tool_call_id: result.id, content: result.output })));
    if (prompt !== undefined)
      request.messages.push({ role: 'user', content: prompt });
  },
};

const responses = {
  begin: (ask) => tidy({
    model: ask.model,
    instructions: ask.system,
    input: [{ role: 'user', content: ask.image === undefined ? ask.prompt : [
      { type: 'input_text', text: ask.prompt },
      { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${ask.image}` }] }],
    tools: ask.tools?.map((tool) => ({ type: 'function', strict: false, ...tool })),
    tool_choice: ask.choice && { type: 'function', name: ask.choice },
    text: ask.schema && { format: { type: 'json_schema', name: 'answer', strict: true,
                                    schema: ask.schema } },
    reasoning: ask.effort && { effort: ask.effort, summary: 'auto' },
    include: ask.effort && ['reasoning.encrypted_content'],
    max_output_tokens: ask.limit,
    temperature: ask.temperature,
    store: false,
  }),
  finishes: { stop: 'completed', calls: 'completed', length: 'incomplete' },
  // A failure is an event to the helper, not an exception.
  async follow(client, request, signal) {
    const stream = client.responses.stream(request, { signal });
    for await (const event of stream) {
      if (event.type === 'response.failed')
        throw new Error(event.response.error.message);
      if (event.type === 'error')
        throw new Error(event.message);
    }
    const response = await stream.finalResponse();
    for (const item of response.output) {
      delete item.parsed_arguments; // of the helper, not of the answer
      item.content?.forEach((part) => delete part.parsed);
    }
    return response;
  },
  async answer(client, request, { streaming, signal } = {}) {
    const response = streaming ? await this.follow(client, request, signal)
      : await client.responses.create(request, { signal });
    const thoughts = response.output.filter((item) => item.type === 'reasoning');
    return {
      native: response.output,
      text: response.output_text,
      thought: joined(thoughts, (item) => joined(item.summary, (part) => part.text)
        || joined(item.content ?? [], (part) => part.text)),
      calls: response.output.filter((item) => item.type === 'function_call').map((item) => ({
        id: item.call_id, name: item.name, args: parsed(item.arguments) })),
      finish: response.status,
      usage: response.usage && { input: response.usage.input_tokens,
                                 output: response.usage.output_tokens,
                                 cached: response.usage.input_tokens_details?.cached_tokens,
                                 total: response.usage.total_tokens },
    };
  },
  carryOn(request, answer, results, prompt) {
    request.input.push(...answer.native, ...results.map((result) => (
      { type: 'function_call_output', call_id: result.id, output: result.output })));
    if (prompt !== undefined)
      request.input.push({ role: 'user', content: prompt });
  },
};

const budgets = { low: 1024, medium: 4096, high: 8192 };

const anthropic = {
  begin: (ask) => tidy({
    model: ask.model,
    max_tokens: ask.limit ?? 16_000,
    system: ask.system,
    messages: [{ role: 'user', content: ask.image === undefined ? ask.prompt : [
      { type: 'text', text: ask.prompt },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: ask.image } }] }],
    tools: ask.tools?.map(({ name, description, parameters }) => (
      { name, description, input_schema: parameters })),
    tool_choice: ask.choice && { type: 'tool', name: ask.choice },
    output_config: ask.schema && { format: jsonSchemaOutputFormat(ask.schema) },
    thinking: ask.effort && { type: 'enabled', budget_tokens: budgets[ask.effort] },
    temperature: ask.temperature,
    stop_sequences: ask.stop,
  }),
  finishes: { stop: 'end_turn', calls: 'tool_use', length: 'max_tokens' },
  async answer(client, request, { streaming, signal } = {}) {
    const message = streaming
      ? await client.messages.stream(request, { signal }).finalMessage()
      : await client.messages.create(request, { signal });
    const of = (type) => message.content.filter((block) => block.type === type);
    const { usage } = message;
    const cached = usage.cache_read_input_tokens ?? 0;
    const input = usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0);
    return {
      native: message.content,
      text: joined(of('text'), (block) => block.text),
      thought: joined(of('thinking'), (block) => block.thinking),
      calls: of('tool_use').map((block) => ({ id: block.id, name: block.name,
                                              args: block.input })),
      finish: message.stop_reason,
      usage: { input, cached, output: usage.output_tokens, total: input + usage.output_tokens },
    };
  },
  carryOn(request, answer, results, prompt) {
    request.messages.push({ role: 'assistant', content: answer.native });
    const content = results.map((result) => (
      { type: 'tool_result', tool_use_id: result.id, content: result.output }));
    if (prompt !== undefined)
      content.push({ type: 'text', text: prompt });
    request.messages.push({ role: 'user', content });
  },
};

const gemini = {
  begin: (ask) => ({
    model: ask.model,
    contents: [{ role: 'user', parts: [
      { text: ask.prompt },
      ...(ask.image === undefined
        ? [] : [{ inlineData: { mimeType: 'image/png', data: ask.image } }])] }],
    config: tidy({
      systemInstruction: ask.system,
      tools: ask.tools && [{ functionDeclarations: ask.tools.map((tool) => (
        { name: tool.name, description: tool.description,
          parametersJsonSchema: tool.parameters })) }],
      toolConfig: ask.choice && { functionCallingConfig: { mode: 'ANY',
                                                           allowedFunctionNames: [ask.choice] } },
      responseMimeType: ask.schema && 'application/json',
      responseJsonSchema: ask.schema,
      thinkingConfig: ask.effort && { includeThoughts: true, thinkingBudget: budgets[ask.effort] },
      maxOutputTokens: ask.limit,
      temperature: ask.temperature,
      stopSequences: ask.stop,
    }),
  }),
  finishes: { stop: 'STOP', calls: 'STOP', length: 'MAX_TOKENS' },
  // The package folds no stream: what its users keep is the list of parts.
  async answer(client, request, { streaming, signal } = {}) {
    const asked = { ...request, config: { ...request.config, abortSignal: signal } };
    const chunks = [];
    if (streaming) {
      for await (const chunk of await client.models.generateContentStream(asked))
        chunks.push(chunk);
    } else {
      chunks.push(await client.models.generateContent(asked));
    }
    const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
    const finish = chunks.map((chunk) => chunk.candidates?.[0]?.finishReason).findLast(Boolean);
    const usage = chunks.map((chunk) => chunk.usageMetadata).findLast(Boolean);
    if (finish === undefined)
      throw new Error('the answer ended without a finish reason');
    return {
      native: parts,
      text: joined(parts.filter((part) => !part.thought), (part) => part.text),
      thought: joined(parts.filter((part) => part.thought), (part) => part.text),
      calls: parts.filter((part) => part.functionCall).map((part) => part.functionCall),
      finish,
      usage: usage && { input: usage.promptTokenCount, cached: usage.cachedContentTokenCount,
                        output: usage.candidatesTokenCount + (usage.thoughtsTokenCount ?? 0),
                        total: usage.totalTokenCount },
    };
  },
  carryOn(request, answer, results, prompt) {
    request.contents.push({ role: 'model', parts: answer.native });
    const parts = results.map((result) => ({ functionResponse: tidy({
      id: result.id, name: result.name, response: { output: result.output } }) }));
    if (prompt !== undefined)
      parts.push({ text: prompt });
    request.contents.push({ role: 'user', parts });
  },
};

const own = { chat, responses, anthropic, gemini };

export const faces = sdks.map(({ name, dialect, client, errors }) =>
  ({ name, dialect, client, errors, ...own[dialect] }));
