// SPDX-License-Identifier: GPL-3.0-or-later
//
// One turn of a model, said in each upstream's dialect, as a stream or whole: the same turn four
// times, so that a test can ask of every client what it made of it.
//
// A turn is { blocks, finish, json }; a block is { thought, signature }, { text } or
// { call: name, args, id, signature }.  finish: 'stop', 'calls' or 'length'.  Every turn took
// 100 tokens of which 40 were cached, and gave 30 of which 10 were thoughts.

import { split, streamed, whole } from './answers.mjs';

export const USAGE = { input: 100, cached: 40, output: 30, thoughts: 10 };
const MODEL = 'mock-says';
const PIECES = 5;

const dataEvent = (value) => `data: ${JSON.stringify(value)}\n\n`;
const namedEvent = (value) => `event: ${value.type}\n${dataEvent(value)}`;
const finishOf = (turn) =>
  turn.finish ?? (turn.blocks.some((block) => block.call !== undefined) ? 'calls' : 'stop');
const idOf = (block, index, prefix) => block.id ?? `${prefix}${index}`;

// --- OpenAI Chat -------------------------------------------------------------------------

const chatFinishes = { stop: 'stop', calls: 'tool_calls', length: 'length' };
const chatUsage = { prompt_tokens: 100, completion_tokens: 30, total_tokens: 130,
                    prompt_tokens_details: { cached_tokens: 40 },
                    completion_tokens_details: { reasoning_tokens: 10 } };

const chatCall = (block, index) => ({
  id: idOf(block, index, 'call_up'), type: 'function',
  function: { name: block.call, arguments: JSON.stringify(block.args) },
});

function chatWhole(turn) {
  const calls = turn.blocks.filter((block) => block.call !== undefined);
  const said = (name) => turn.blocks.map((block) => block[name] ?? '').join('');
  return {
    id: 'chatcmpl-up', object: 'chat.completion', created: 1700000000, model: MODEL,
    choices: [{ index: 0, finish_reason: chatFinishes[finishOf(turn)], message: {
      role: 'assistant', content: said('text') || null,
      ...(said('thought') && { reasoning_content: said('thought') }),
      ...(calls.length > 0 && { tool_calls: calls.map(chatCall) }),
    } }],
    usage: chatUsage,
  };
}

function chatStream(turn, count) {
  const head = { id: 'chatcmpl-up', object: 'chat.completion.chunk', created: 1700000000,
                 model: MODEL };
  const chunk = (delta, finish = null) =>
    ({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] });
  let calls = 0;
  const deltas = turn.blocks.flatMap((block) => {
    if (block.thought !== undefined)
      return split(block.thought, count).map((piece) => ({ reasoning_content: piece }));
    if (block.text !== undefined)
      return split(block.text, count).map((piece) => ({ content: piece }));
    const index = calls++;
    const call = chatCall(block, index);
    const args = split(call.function.arguments, count);
    return [{ tool_calls: [{ index, ...call, function: { name: block.call, arguments: '' } }] },
            ...args.map((piece) => ({ tool_calls: [{ index,
                                                     function: { arguments: piece } }] }))];
  });
  return [...[{ role: 'assistant', content: '' }, ...deltas].map((delta) => chunk(delta)),
          chunk({}, chatFinishes[finishOf(turn)]), { ...head, choices: [], usage: chatUsage }]
    .map(dataEvent).concat('data: [DONE]\n\n');
}

// --- OpenAI Responses --------------------------------------------------------------------

function responsesItem(block, index) {
  if (block.thought !== undefined)
    return { id: `rs_up${index}`, type: 'reasoning',
             summary: [{ type: 'summary_text', text: block.thought }],
             ...(block.signature && { encrypted_content: block.signature }) };
  if (block.text !== undefined)
    return { id: `msg_up${index}`, type: 'message', status: 'completed', role: 'assistant',
             content: [{ type: 'output_text', text: block.text, annotations: [] }] };
  return { id: `fc_up${index}`, type: 'function_call', status: 'completed',
           call_id: idOf(block, index, 'call_up'), name: block.call,
           arguments: JSON.stringify(block.args) };
}

function responsesWhole(turn) {
  const isShort = finishOf(turn) === 'length';
  return {
    id: 'resp_up', object: 'response', created_at: 1700000000, model: MODEL, error: null,
    status: isShort ? 'incomplete' : 'completed',
    incomplete_details: isShort ? { reason: 'max_output_tokens' } : null,
    instructions: null, metadata: {}, output: turn.blocks.map(responsesItem),
    parallel_tool_calls: true, temperature: 1, tool_choice: 'auto', tools: [], top_p: 1,
    usage: { input_tokens: 100, input_tokens_details: { cached_tokens: 40 },
             output_tokens: 30, output_tokens_details: { reasoning_tokens: 10 },
             total_tokens: 130 },
  };
}

function responsesBlock(block, index, count) {
  const item = responsesItem(block, index);
  const at = { item_id: item.id, output_index: index };
  const added = { type: 'response.output_item.added', output_index: index };
  const done = { type: 'response.output_item.done', output_index: index, item };
  const deltas = (type, text, more) =>
    split(text, count).map((delta) => ({ type, ...at, ...more, delta }));
  if (block.thought !== undefined) {
    const part = { ...at, summary_index: 0 };
    const text = block.thought;
    return [
      { ...added, item: { id: item.id, type: 'reasoning', summary: [] } },
      { type: 'response.reasoning_summary_part.added', ...part,
        part: { type: 'summary_text', text: '' } },
      ...deltas('response.reasoning_summary_text.delta', text, part),
      { type: 'response.reasoning_summary_text.done', ...part, text },
      { type: 'response.reasoning_summary_part.done', ...part,
        part: { type: 'summary_text', text } },
      done];
  }
  if (block.text !== undefined) {
    const part = { ...at, content_index: 0 };
    const said = (text) => ({ type: 'output_text', text, annotations: [] });
    return [
      { ...added, item: { ...item, status: 'in_progress', content: [] } },
      { type: 'response.content_part.added', ...part, part: said('') },
      ...deltas('response.output_text.delta', block.text, { ...part, logprobs: [] }),
      { type: 'response.output_text.done', ...part, text: block.text, logprobs: [] },
      { type: 'response.content_part.done', ...part, part: said(block.text) },
      done];
  }
  return [
    { ...added, item: { ...item, status: 'in_progress', arguments: '' } },
    ...deltas('response.function_call_arguments.delta', item.arguments),
    { type: 'response.function_call_arguments.done', ...at, name: item.name,
      arguments: item.arguments },
    done];
}

function responsesStream(turn, count) {
  const end = responsesWhole(turn);
  const begun = { ...end, status: 'in_progress', incomplete_details: null, output: [],
                  usage: null };
  return [{ type: 'response.created', response: begun },
          { type: 'response.in_progress', response: begun },
          ...turn.blocks.flatMap((block, index) => responsesBlock(block, index, count)),
          { type: `response.${end.status}`, response: end }]
    .map((event, index) => namedEvent({ ...event, sequence_number: index }));
}

// --- Anthropic Messages ------------------------------------------------------------------

const anthropicFinishes = { stop: 'end_turn', calls: 'tool_use', length: 'max_tokens' };
const anthropicUsage = { input_tokens: 60, cache_read_input_tokens: 40,
                         cache_creation_input_tokens: 0, output_tokens: 30 };

function anthropicBlock(block, index) {
  if (block.thought !== undefined)
    return { type: 'thinking', thinking: block.thought, signature: block.signature ?? 'U2ln' };
  if (block.text !== undefined)
    return { type: 'text', text: block.text };
  return { type: 'tool_use', id: idOf(block, index, 'toolu_up'), name: block.call,
           input: block.args };
}

const anthropicWhole = (turn) => ({
  id: 'msg_up', type: 'message', role: 'assistant', model: MODEL,
  content: turn.blocks.map(anthropicBlock), stop_reason: anthropicFinishes[finishOf(turn)],
  stop_sequence: null, usage: anthropicUsage,
});

function anthropicBlockEvents(block, index, count) {
  const said = anthropicBlock(block, index);
  const empty = { thinking: { thinking: '', signature: '' }, text: { text: '' },
                  tool_use: { input: {} } }[said.type];
  const deltas = {
    thinking: () => [
      ...split(said.thinking, count).map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature: said.signature }],
    text: () => split(said.text, count).map((text) => ({ type: 'text_delta', text })),
    tool_use: () => ['', ...split(JSON.stringify(said.input), count)]
      .map((partial) => ({ type: 'input_json_delta', partial_json: partial })),
  }[said.type]();
  return [{ type: 'content_block_start', index, content_block: { ...said, ...empty } },
          ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
          { type: 'content_block_stop', index }];
}

function anthropicStream(turn, count) {
  const end = anthropicWhole(turn);
  const start = { ...end, content: [], stop_reason: null,
                  usage: { ...anthropicUsage, output_tokens: 1 } };
  return [{ type: 'message_start', message: start }, { type: 'ping' },
          ...turn.blocks.flatMap((block, index) => anthropicBlockEvents(block, index, count)),
          { type: 'message_delta',
            delta: { stop_reason: end.stop_reason, stop_sequence: null },
            usage: { output_tokens: 30 } },
          { type: 'message_stop' }].map(namedEvent);
}

// --- Google Gemini -----------------------------------------------------------------------

const geminiFinishes = { stop: 'STOP', calls: 'STOP', length: 'MAX_TOKENS' };

const geminiChunk = (parts, finish) => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0,
                 ...(finish && { finishReason: finish }) }],
  usageMetadata: { promptTokenCount: 100, cachedContentTokenCount: 40, candidatesTokenCount: 20,
                   thoughtsTokenCount: 10, totalTokenCount: 130 },
  modelVersion: MODEL, responseId: 'resp-up',
});

function geminiPart(block) {
  const signature = block.signature && { thoughtSignature: block.signature };
  if (block.thought !== undefined)
    return { text: block.thought, thought: true };
  if (block.text !== undefined)
    return { text: block.text, ...signature };
  return { functionCall: { name: block.call, args: block.args,
                           ...(block.id && { id: block.id }) }, ...signature };
}

// As the real service does: a text's signature comes behind it, with an empty text.
function geminiStream(turn, count) {
  const parts = turn.blocks.flatMap((block) => {
    if (block.call !== undefined)
      return [geminiPart(block)];
    const { signature, ...said } = block;
    const name = block.text === undefined ? 'thought' : 'text';
    return [...split(said[name], count).map((piece) => geminiPart({ [name]: piece })),
            ...(signature === undefined || name === 'thought'
              ? [] : [geminiPart({ text: '', signature })])];
  });
  if (parts.length === 0)
    parts.push({ text: '' });
  const finish = geminiFinishes[finishOf(turn)];
  return parts.map((part, index) =>
    dataEvent(geminiChunk([part], index === parts.length - 1 ? finish : undefined)));
}

const geminiWhole = (turn) =>
  geminiChunk(turn.blocks.map(geminiPart), geminiFinishes[finishOf(turn)]);

// -----------------------------------------------------------------------------------------

const speakers = {
  chat: [chatWhole, chatStream],
  responses: [responsesWhole, responsesStream],
  anthropic: [anthropicWhole, anthropicStream],
  gemini: [geminiWhole, geminiStream],
};

// The events of @turn in @dialect, one element each; every text in @count pieces.
export const pieces = (dialect, turn, count = PIECES) => speakers[dialect][1](turn, count);

// The answer to @record, whole or as a stream, whichever it asks for.
export function say(dialect, record, turn, count = PIECES) {
  return wantsStream(dialect, record) ? streamed(pieces(dialect, turn, count))
    : whole(speakers[dialect][0](turn));
}

export function wantsStream(dialect, record) {
  return dialect === 'gemini' ? record.url.includes(':streamGenerateContent')
    : JSON.parse(record.body).stream === true;
}
