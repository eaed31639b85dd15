// SPDX-License-Identifier: GPL-3.0-or-later
//
// What stands around a response: its tokens counted beforehand, itself read and deleted
// behind.

import assert from 'node:assert/strict';
import test from 'node:test';
import { whole } from './answers.mjs';
import { sdks } from './sdks.mjs';
import { stage } from './weir.mjs';

const LIMIT = { timeout: 20_000 };
const [, responses, anthropic, gemini] = sdks;
const QUESTION = 'how much?';

// How to ask each SDK's counter.
const counters = {
  responses: async (url, model) => {
    const count = await responses.client(url).responses.inputTokens.count(
      { model, input: QUESTION, instructions: 'be brief' });
    assert.equal(count.object, 'response.input_tokens');
    return count.input_tokens;
  },
  anthropic: async (url, model) => (await anthropic.client(url).messages.countTokens(
    { model, system: 'be brief', messages: [{ role: 'user', content: QUESTION }] })).input_tokens,
  gemini: async (url, model) => (await gemini.client(url).models.countTokens(
    { model, contents: QUESTION })).totalTokens,
};

// What each vendor's counter is asked and says.
const upstreams = {
  responses: { model: 'codex-alias', name: 'mock-codex-2', path: '/v1/responses/input_tokens',
               refused: ['stream', 'store', 'max_output_tokens'],
               answer: { object: 'response.input_tokens', input_tokens: 4711 } },
  anthropic: { model: 'claude-alias', name: 'mock-claude-2', path: '/v1/messages/count_tokens',
               refused: ['stream', 'max_tokens'], answer: { input_tokens: 4711 } },
  gemini: { model: 'gemini-alias', path: '/v1beta/models/mock-gemini-2:countTokens',
            refused: ['model', 'stream'], answer: { totalTokens: 4711 } },
};

for (const [client, count] of Object.entries(counters)) {
  for (const [dialect, upstream] of Object.entries(upstreams)) {
    test(`a ${client} client's tokens are counted by ${dialect}`, LIMIT, async (t) => {
      const { url, mock } = await stage(t);
      mock.play(whole(upstream.answer));
      assert.equal(await count(url, upstream.model), 4711);
      assert.equal(mock.calls.length, 1);
      assert.equal(mock.calls[0].url, upstream.path);
      const body = mock.json(0);
      assert.ok(mock.calls[0].body.includes(QUESTION));
      for (const name of upstream.refused)
        assert.ok(!(name in body), `${name} was sent to a counter`);
      if (dialect !== 'gemini')
        assert.equal(body.model, upstream.name);
      if (dialect === 'gemini' && client !== 'gemini')
        assert.equal(body.generateContentRequest.model, 'models/mock-gemini-2');
    });
  }

  for (const model of ['gpt-alias', ...Object.values(upstreams).map((row) => row.model)]) {
    test(`a ${client} client's tokens are estimated for ${model}`, LIMIT, async (t) => {
      const { url, mock } = await stage(t);
      mock.play(whole({ error: { message: 'no such path' } }, 404));
      const tokens = await count(url, model);
      assert.ok(tokens > 0 && tokens < 100, `${tokens}`);
    });
  }
}

test('a count that fails is an error', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  mock.play(whole({ error: { message: 'no', type: 'invalid_request_error' } }, 400));
  await assert.rejects(counters.responses(url, 'codex-alias'), { status: 400 });
  mock.play(whole({ error: { code: 400, message: 'no', status: 'INVALID_ARGUMENT' } }, 400));
  await assert.rejects(counters.responses(url, 'gemini-alias'), { status: 400 });
  mock.play(whole({ words: 7 }));
  await assert.rejects(counters.responses(url, 'claude-alias'), { status: 502 });
});
