// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is said first is passed on at once, whatever it is; and who leaves is noticed, whenever.

import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HANG } from './mock.mjs';
import * as answers from './answers.mjs';
import { streamed } from './answers.mjs';
import { send } from './raw.mjs';
import { CLIENT_KEY, stage } from './weir.mjs';

const LIMIT = { timeout: 20_000 };
const data = (value) => `data: ${JSON.stringify(value)}\n\n`;
const named = (value) => `event: ${value.type}\n${data(value)}`;

const chatDelta = (delta) => data({ id: 'c', object: 'chat.completion.chunk', created: 1,
                                    model: 'm', choices: [{ index: 0, delta,
                                                            finish_reason: null }] });
const geminiPart = (part) => data({ candidates: [{ content: { parts: [part], role: 'model' },
                                                   index: 0 }] });
const blockStart = (block) => named({ type: 'content_block_start', index: 0,
                                      content_block: block });
const blockDelta = (delta) => named({ type: 'content_block_delta', index: 0, delta });

// [what it is, the events that say it]; the start and the end of the answer stand around them.
const firstWords = {
  chat: [
    ['text', [chatDelta({ content: 'a' })]],
    ['reasoning_content', [chatDelta({ reasoning_content: 'a' })]],
    ['reasoning', [chatDelta({ reasoning: 'a' })]],
    ['refusal', [chatDelta({ refusal: 'a' })]],
    ['function call', [chatDelta({ function_call: { name: 'f', arguments: '' } })]],
    ['audio', [chatDelta({ audio: { id: 'a', data: 'AAAA' } })]],
    ['tool call', [chatDelta({ tool_calls: [{ index: 0, id: 'x', type: 'function',
                                              function: { name: 'f', arguments: '' } }] })]],
  ],
  responses: [
    ['reasoning summary', [named({ type: 'response.reasoning_summary_text.delta', item_id: 'r',
                                   output_index: 0, summary_index: 0, delta: 'a' })]],
    ['reasoning text', [named({ type: 'response.reasoning_text.delta', item_id: 'r',
                                output_index: 0, content_index: 0, delta: 'a' })]],
    ['function call', [named({ type: 'response.output_item.added', output_index: 0,
                               item: { type: 'function_call', id: 'f', call_id: 'c', name: 'f',
                                       arguments: '', status: 'in_progress' } })]],
    ...['web_search_call', 'image_generation_call', 'mcp_call', 'custom_tool_call', 'new_thing']
      .map((type) => [type, [named({ type: 'response.output_item.added', output_index: 0,
                                     item: { type, id: 'w', status: 'in_progress' } })]]),
  ],
  anthropic: [
    ['thinking', [blockStart({ type: 'thinking', thinking: '', signature: '' }),
                  blockDelta({ type: 'thinking_delta', thinking: 'a' })]],
    ['redacted thinking', [blockStart({ type: 'redacted_thinking', data: 'abc' })]],
    ['tool use', [blockStart({ type: 'tool_use', id: 't', name: 'f', input: {} })]],
    ['server tool use', [blockStart({ type: 'server_tool_use', id: 't', name: 'web_search',
                                      input: {} })]],
    ['a new kind of block', [blockStart({ type: 'new_thing' })]],
  ],
  gemini: [
    ['thought', [geminiPart({ text: 'a', thought: true })]],
    ['function call', [geminiPart({ functionCall: { name: 'f', args: {} } })]],
    ['picture', [geminiPart({ inlineData: { mimeType: 'image/png', data: 'AAAA' } })]],
    ['code', [geminiPart({ executableCode: { language: 'PYTHON', code: '1' } })]],
  ],
};

const targets = {
  chat: ['/v1/chat/completions', { model: 'gpt-alias', stream: true, messages: [] }],
  responses: ['/v1/responses', { model: 'codex-alias', stream: true, input: 'x' }],
  anthropic: ['/v1/messages', { model: 'claude-alias', stream: true, max_tokens: 9,
                                messages: [{ role: 'user', content: 'x' }] }],
  gemini: ['/v1beta/models/gemini-alias:streamGenerateContent?alt=sse', { contents: [] }],
};

// When the bytes of @words arrived, in milliseconds from the start; undefined: never.
async function sendAndWatch(url, words) {
  const startedAt = Date.now();
  let text = '';
  let seenAt;
  const [path, body] = url.target;
  const seen = await send(`${url.base}${path}`, {
    body: JSON.stringify(body),
    onPiece: (piece) => {
      text += piece;
      if (seenAt === undefined && text.includes(words))
        seenAt = Date.now() - startedAt;
    },
  });
  assert.equal(seen.status, 200, seen.body.toString());
  return { seenAt, seen };
}

for (const [dialect, cases] of Object.entries(firstWords)) {
  describe(`${dialect}: passed on at once`, { concurrency: 4 }, () => {
    const all = answers[dialect].stream('text');
    const started = { chat: 1, responses: 1, anthropic: 1, gemini: 0 }[dialect];
    for (const [what, events] of cases) {
      test(what, LIMIT, async (t) => {
        const { url, mock } = await stage(t);
        const words = events.join('');
        mock.play(streamed([...all.slice(0, started), ...events, 1500, ...all.slice(started)]));
        const { seenAt, seen } = await sendAndWatch({ base: url, target: targets[dialect] },
                                                    words);
        assert.ok(seen.body.includes(words));
        assert.ok(seenAt < 1000, `it came ${seenAt} ms after it was asked for`);
      });
    }
  });
}

test('an old completion is passed on piece by piece', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const piece = (text, finish) => data({ id: 'c', object: 'text_completion', created: 1,
                                         model: 'm', choices: [{ index: 0, text,
                                                                 finish_reason: finish }] });
  mock.play(streamed([piece('some', null), 1500, piece(' words', 'stop'), 'data: [DONE]\n\n']));
  const target = ['/v1/completions', { model: 'gpt-alias', stream: true, prompt: 'x' }];
  const { seenAt } = await sendAndWatch({ base: url, target }, piece('some', null));
  assert.ok(seenAt < 1000, `it came ${seenAt} ms after it was asked for`);
});

// Leaves 300 ms after the request; the upstream must notice within a second.
async function leaves(t, dialect, answer) {
  const { url, mock } = await stage(t);
  const [path, body] = targets[dialect];
  mock.play(answer);
  const request = http.request(`${url}${path}`, {
    method: 'POST', agent: false,
    headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' } });
  request.on('error', () => {});
  request.on('response', (response) => response.resume().on('error', () => {}));
  request.end(JSON.stringify(body));
  await sleep(300);
  assert.equal(mock.calls.length, 1);
  request.destroy();
  await Promise.race([mock.calls[0].closed, sleep(1000)]);
  assert.ok(mock.calls[0].closedAt, 'the upstream connection is open a second later');
}

describe('leaving is noticed', { concurrency: 4 }, () => {
  for (const dialect of Object.keys(targets)) {
    const events = answers[dialect].stream('some words');
    test(`${dialect}: before the head`, LIMIT, (t) => leaves(t, dialect, HANG));
    test(`${dialect}: after the head`, LIMIT, (t) => leaves(t, dialect, streamed([HANG])));
    test(`${dialect}: after the first event`, LIMIT,
         (t) => leaves(t, dialect, streamed([events[0], HANG])));
    test(`${dialect}: in the middle of an event`, LIMIT, (t) => leaves(
      t, dialect, streamed([events[0], events[1].slice(0, events[1].length / 2), HANG])));
    test(`${dialect}: while the upstream never stops talking`, LIMIT, (t) => leaves(
      t, dialect, streamed(function* talk() {
        yield events[0];
        for (;;)
          yield* [events[1], 1];
      }())));
  }
});

// Gemini's streams have no last event: there the upstream's end is the answer's.
for (const dialect of ['chat', 'responses', 'anthropic']) {
  test(`${dialect}: the last event ends the answer, not the upstream`, LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    const events = answers[dialect].stream('some words');
    mock.play(streamed([...events, HANG]));
    const startedAt = Date.now();
    const [path, body] = targets[dialect];
    const seen = await send(`${url}${path}`, { body: JSON.stringify(body) });
    assert.ok(Date.now() - startedAt < 1000, 'it waited for the upstream to hang up');
    assert.ok(seen.whole);
    assert.equal(seen.body.toString(), events.join(''));
  });
}
