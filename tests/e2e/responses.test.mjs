// SPDX-License-Identifier: GPL-3.0-or-later
//
// What stands around a response: its tokens counted beforehand, itself read and deleted
// behind.

import assert from 'node:assert/strict';
import test from 'node:test';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { streamed, whole } from './answers.mjs';
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

// --- a response read again -----------------------------------------------------------------

const chatAnswer = whole({
  id: 'chatcmpl-1', object: 'chat.completion', created: 1700000000, model: 'mock-says',
  choices: [{ index: 0, message: { role: 'assistant', content: 'little' },
              finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
});
const ownAnswer = responses.answers.text('little');

async function notFound(promise) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.status, 404);
    assert.match(error.message, /^404 Response with id '.*' not found\.$/);
    assert.equal(error.type, 'invalid_request_error');
    return true;
  });
}

for (const [model, answer] of [['gpt-alias', chatAnswer], ['codex-alias', ownAnswer]]) {
  test(`a response of ${model} is read again and deleted`, LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    const client = responses.client(url);
    mock.play(answer);
    const said = await client.responses.create({ model, input: QUESTION });
    const read = await client.responses.retrieve(said.id);
    assert.equal(read.output_text, 'little');
    assert.deepEqual(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify(said)));
    await assert.rejects(client.responses.cancel(said.id), { status: 400 });
    await assert.rejects(client.responses.retrieve(said.id, { stream: true }), { status: 400 });
    assert.deepEqual(await client.responses.delete(said.id),
                     { id: said.id, object: 'response', deleted: true });
    await notFound(client.responses.retrieve(said.id));
    await notFound(client.responses.delete(said.id));
    assert.equal(mock.requests.length, 1);
  });
}

test('a streamed response is read again', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const client = responses.client(url);
  mock.play({ ...ownAnswer, ...{ body: undefined }, headers: { 'content-type': 'text/event-stream' },
              pieces: responses.answers.stream('streamed words') });
  const final = await client.responses.stream({ model: 'codex-alias', input: QUESTION })
    .finalResponse();
  assert.equal((await client.responses.retrieve(final.id)).output_text, 'streamed words');
});

test('the input items of a response are listed', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const client = responses.client(url);
  const list = async (id, query) => {
    const items = [];
    for await (const item of client.responses.inputItems.list(id, query))
      items.push(item);
    return items;
  };
  mock.play(chatAnswer, chatAnswer);
  const first = await client.responses.create({ model: 'gpt-alias', input: QUESTION });
  const texts = ['one', 'two', 'three'];
  const second = await client.responses.create(
    { model: 'gpt-alias', previous_response_id: first.id,
      input: texts.map((content) => ({ role: 'user', content })) });
  for (const limit of [1, 2, 100]) {
    const items = await list(second.id, { order: 'asc', limit });
    assert.deepEqual(items.map((item) => item.content[0].text),
                     [QUESTION, 'little', ...texts]);
    assert.deepEqual((await list(second.id, { limit })).reverse(), items);
    assert.equal(new Set(items.map((item) => item.id)).size, 5);
  }
  assert.equal((await list(first.id))[0].content[0].type, 'input_text');
  await assert.rejects(list(first.id, { limit: 1000 }), { status: 400 });
  await notFound(list('resp_nobody'));
});

test('what was not to be stored cannot be read', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const client = responses.client(url);
  mock.play(ownAnswer);
  const said = await client.responses.create(
    { model: 'codex-alias', input: QUESTION, store: false });
  await notFound(client.responses.retrieve(said.id));
  await notFound(client.responses.inputItems.list(said.id));
  await notFound(client.responses.delete(said.id));
  await notFound(client.responses.cancel(said.id));
});

test("another key's response cannot be read", LIMIT, async (t) => {
  const other = 'sk-weir-e2e-other-0123456789abcdef0123';
  const { url, mock } = await stage(t, { prepare: (config) => config['api-keys'].push(other) });
  mock.play(ownAnswer);
  const said = await responses.client(url).responses.create(
    { model: 'codex-alias', input: QUESTION });
  const stranger = responses.client(url, { key: other });
  await notFound(stranger.responses.retrieve(said.id));
  await notFound(stranger.responses.delete(said.id));
  assert.equal((await responses.client(url).responses.retrieve(said.id)).id, said.id);
});

// Codex compacts its conversation when it reads this code in a response that has failed.
test('a response that failed by the client\'s fault is passed on as it is', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const [created] = responses.answers.stream('never said');
  const failed = { type: 'response.failed', sequence_number: 1, response: {
    id: 'resp_1', object: 'response', status: 'failed', output: [], usage: null,
    error: { code: 'context_length_exceeded', message: 'Your input exceeds the window.' } } };
  mock.play(streamed([created, `event: ${failed.type}\ndata: ${JSON.stringify(failed)}\n\n`]));
  const events = [];
  const ask = { model: responses.plain, input: QUESTION, stream: true };
  try {
    for await (const event of await responses.client(url).responses.create(ask))
      events.push(event);
  } catch (error) {
    assert.match(String(error), /terminated/); // behind the last event the connection is cut
  }
  assert.deepEqual(events.at(-1), failed);
});

for (const model of ['gpt-alias', 'claude-alias', 'gemini-alias']) {
  test(`a response of ${model} is stored, and the next one names it`, LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    const upstream = sdks.find((sdk) => sdk.alias === model);
    mock.play(upstream.answers.text('first'), upstream.answers.text('second'),
              streamed(upstream.answers.stream('third')));
    const client = responses.client(url);
    const first = await client.responses.create({ model, input: QUESTION });
    assert.equal(first.store, true);
    assert.equal(first.previous_response_id, null);
    const second = await client.responses.create(
      { model, input: 'And?', previous_response_id: first.id });
    assert.equal(second.previous_response_id, first.id);
    const third = await client.responses.stream(
      { model, input: 'And?', previous_response_id: second.id, store: false }).finalResponse();
    assert.equal(third.previous_response_id, second.id);
    assert.equal(third.store, false);
    assert.equal((await client.responses.retrieve(second.id)).previous_response_id, first.id);
    for (const word of [QUESTION, 'first', 'And?', 'second'])
      assert.ok(mock.calls.at(-1).body.includes(word), word);
  });
}

for (const model of ['codex-alias', 'claude-alias']) {
  test(`the SDK's websocket speaks with ${model}`, LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    const upstream = sdks.find((sdk) => sdk.alias === model);
    mock.play(streamed(upstream.answers.stream('some words')));
    const socket = new ResponsesWS(responses.client(url));
    t.after(() => socket.close());
    let text = '';
    await new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('response.output_text.delta', (event) => { text += event.delta; });
      socket.on('response.completed', resolve);
      socket.socket.on('open',
                       () => socket.send({ type: 'response.create', model, input: QUESTION }));
    });
    assert.equal(text, 'some words');
    assert.equal(mock.json(0).model, upstream.aliasUpstream);
  });
}
