// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a well-behaved upstream says, per dialect: whole answers, streams, tool calls, errors.
// Every stream is a list of events, one element each, so that a test can put a pause or a cut
// between any two.  Nothing here knows of weir.

const JSON_TYPE = { 'content-type': 'application/json' };
const SSE_TYPE = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };

export const whole = (value, status = 200, headers = {}) =>
  ({ status, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(value) });

export const streamed = (pieces) => ({ status: 200, headers: SSE_TYPE, pieces });

const dataEvent = (value) => `data: ${JSON.stringify(value)}\n\n`;
const namedEvent = (value) => `event: ${value.type}\n${dataEvent(value)}`;

// @count of @text's pieces, all of them non-empty, that together are @text.
export function split(text, count = 4) {
  const size = Math.max(1, Math.ceil(text.length / count));
  const pieces = [];
  for (let at = 0; at < text.length; at += size)
    pieces.push(text.slice(at, at + size));
  return pieces;
}

const errorTypes = {
  400: ['invalid_request_error', 'invalid_request_error', 'INVALID_ARGUMENT'],
  401: ['invalid_request_error', 'authentication_error', 'UNAUTHENTICATED'],
  403: ['invalid_request_error', 'permission_error', 'PERMISSION_DENIED'],
  404: ['invalid_request_error', 'not_found_error', 'NOT_FOUND'],
  429: ['rate_limit_error', 'rate_limit_error', 'RESOURCE_EXHAUSTED'],
  500: ['server_error', 'api_error', 'INTERNAL'],
  529: ['server_error', 'overloaded_error', 'UNAVAILABLE'],
};
const errorMessage = (status) => `the mock answers ${status}`;

function openaiError(status, headers) {
  return whole({ error: { message: errorMessage(status), type: errorTypes[status][0],
                          param: null, code: null } }, status, headers);
}

// --- OpenAI Chat -------------------------------------------------------------------------

const chatUsage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

function chatChunk(delta, finish = null, more = {}) {
  return dataEvent({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1700000000,
                     model: 'mock-says', choices: [{ index: 0, delta, finish_reason: finish }],
                     ...more });
}

function chatEnd(finish) {
  return [chatChunk({}, finish),
          dataEvent({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1700000000,
                      model: 'mock-says', choices: [], usage: chatUsage }),
          'data: [DONE]\n\n'];
}

export const chat = {
  text: (text) => whole({
    id: 'chatcmpl-1', object: 'chat.completion', created: 1700000000, model: 'mock-says',
    choices: [{ index: 0, message: { role: 'assistant', content: text },
                finish_reason: 'stop' }],
    usage: chatUsage,
  }),
  stream: (text, count) => [
    chatChunk({ role: 'assistant', content: '' }),
    ...split(text, count).map((piece) => chatChunk({ content: piece })),
    ...chatEnd('stop'),
  ],
  tool: (name, args) => [
    chatChunk({ role: 'assistant', content: null,
                tool_calls: [{ index: 0, id: 'call_1', type: 'function',
                               function: { name, arguments: '' } }] }),
    ...split(JSON.stringify(args), 3).map((piece) =>
      chatChunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
    ...chatEnd('tool_calls'),
  ],
  error: openaiError,
  streamError: dataEvent({ error: { message: errorMessage(529), type: 'server_error' } }),
  models: () => whole({ object: 'list', data: [] }),
};

// --- OpenAI Responses --------------------------------------------------------------------

const responsesUsage = { input_tokens: 11, input_tokens_details: { cached_tokens: 0 },
                         output_tokens: 7, output_tokens_details: { reasoning_tokens: 0 },
                         total_tokens: 18 };

const responseObject = (status, output) => ({
  id: 'resp_1', object: 'response', created_at: 1700000000, status, model: 'mock-says',
  error: null, incomplete_details: null, instructions: null, metadata: {}, output,
  parallel_tool_calls: true, temperature: 1, tool_choice: 'auto', tools: [], top_p: 1,
  usage: status === 'completed' ? responsesUsage : null,
});

const messageItem = (text, status = 'completed') => ({
  id: 'msg_1', type: 'message', status, role: 'assistant',
  content: text === null ? [] : [{ type: 'output_text', text, annotations: [] }],
});

function responsesEvents(events, output) {
  const all = [{ type: 'response.created', response: responseObject('in_progress', []) },
               ...events,
               { type: 'response.completed', response: responseObject('completed', output) }];
  return all.map((event, index) => namedEvent({ ...event, sequence_number: index }));
}

export const responses = {
  text: (text) => whole(responseObject('completed', [messageItem(text)])),
  stream: (text, count) => {
    const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    const part = (said) => ({ type: 'output_text', text: said, annotations: [] });
    return responsesEvents([
      { type: 'response.output_item.added', output_index: 0,
        item: messageItem(null, 'in_progress') },
      { type: 'response.content_part.added', ...at, part: part('') },
      ...split(text, count).map((delta) =>
        ({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })),
      { type: 'response.output_text.done', ...at, text, logprobs: [] },
      { type: 'response.content_part.done', ...at, part: part(text) },
      { type: 'response.output_item.done', output_index: 0, item: messageItem(text) },
    ], [messageItem(text)]);
  },
  tool: (name, args, namespace) => {
    const item = (status, said) => ({ id: 'fc_1', type: 'function_call', status,
                                      call_id: 'call_1', name, arguments: said,
                                      ...(namespace && { namespace }) });
    const said = JSON.stringify(args);
    return responsesEvents([
      { type: 'response.output_item.added', output_index: 0, item: item('in_progress', '') },
      ...split(said, 3).map((delta) => ({ type: 'response.function_call_arguments.delta',
                                          item_id: 'fc_1', output_index: 0, delta })),
      { type: 'response.function_call_arguments.done', item_id: 'fc_1', output_index: 0,
        name, arguments: said },
      { type: 'response.output_item.done', output_index: 0, item: item('completed', said) },
    ], [item('completed', said)]);
  },
  error: openaiError,
  streamError: namedEvent({ type: 'error', code: 'server_error', message: errorMessage(529),
                            param: null, sequence_number: 4 }),
};

// --- Anthropic Messages ------------------------------------------------------------------

function anthropicMessage(content, stopReason, usage = { input_tokens: 11, output_tokens: 7 }) {
  return { id: 'msg_1', type: 'message', role: 'assistant', model: 'mock-says', content,
           stop_reason: stopReason, stop_sequence: null, usage };
}

function anthropicEvents(block, deltas, stopReason) {
  return [
    { type: 'message_start',
      message: anthropicMessage([], null, { input_tokens: 11, output_tokens: 1 }) },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'ping' },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: 7 } },
    { type: 'message_stop' },
  ].map(namedEvent);
}

const anthropicError = (status) => ({
  type: 'error', error: { type: errorTypes[status][1], message: errorMessage(status) },
  request_id: 'req_mock',
});

export const anthropic = {
  text: (text) => whole(anthropicMessage([{ type: 'text', text }], 'end_turn')),
  stream: (text, count) => anthropicEvents(
    { type: 'text', text: '' },
    split(text, count).map((piece) => ({ type: 'text_delta', text: piece })), 'end_turn'),
  tool: (name, args, id = 'toolu_1') => anthropicEvents(
    { type: 'tool_use', id, name, input: {} },
    split(JSON.stringify(args), 3).map((piece) =>
      ({ type: 'input_json_delta', partial_json: piece })), 'tool_use'),
  error: (status, headers) => whole(anthropicError(status), status, headers),
  streamError: namedEvent(anthropicError(529)),
};

// --- Google Gemini -----------------------------------------------------------------------

const geminiUsage = { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 };

const geminiChunk = (parts, finish) => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0,
                 ...(finish && { finishReason: finish }) }],
  usageMetadata: geminiUsage, modelVersion: 'mock-says', responseId: 'resp-1',
});

export const gemini = {
  text: (text) => whole(geminiChunk([{ text }], 'STOP')),
  stream: (text, count) => {
    const pieces = split(text, count);
    return pieces.map((piece, index) =>
      dataEvent(geminiChunk([{ text: piece }],
                            index === pieces.length - 1 ? 'STOP' : undefined)));
  },
  tool: (name, args) => [
    dataEvent(geminiChunk([{ functionCall: { name, args } }])),
    dataEvent(geminiChunk([{ text: '' }], 'STOP')),
  ],
  error: (status, headers) => whole(
    { error: { code: status, message: errorMessage(status), status: errorTypes[status][2] } },
    status, headers),
  streamError: dataEvent({ error: { code: 503, message: errorMessage(529),
                                    status: 'UNAVAILABLE' } }),
};
