// SPDX-License-Identifier: GPL-3.0-or-later
//
// The smaller calls of the SDKs: lists of models, token counts, embeddings, old completions.

import assert from 'node:assert/strict';
import test from 'node:test';
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { ApiError } from '@google/genai';
import { CUT } from './mock.mjs';
import { streamed, whole } from './answers.mjs';
import { send } from './raw.mjs';
import { sdks } from './sdks.mjs';
import { CLIENT_KEY, MODELS, UPSTREAM_KEYS, stage } from './weir.mjs';

const LIMIT = { timeout: 20_000 };
const [chat, , anthropic, gemini] = sdks;
const ALL_MODELS = [...Object.values(MODELS).flatMap((models) => Object.keys(models)), 'weir/echo'];

async function collect(items) {
  const all = [];
  for await (const item of items)
    all.push(item);
  return all;
}

function assertLists(ids, expected = ALL_MODELS) {
  for (const id of expected)
    assert.ok(ids.includes(id), `${id} is not in ${ids}`);
  assert.equal(new Set(ids).size, ids.length, `twice: ${ids}`);
}

test('openai lists the models', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const models = await collect(chat.client(url).models.list());
  assertLists(models.map((model) => model.id));
  assert.ok(models.every((model) => model.object === 'model'));
  assert.equal(mock.requests.length, 0);
});

test('openai retrieves one model', LIMIT, async (t) => {
  const { url } = await stage(t);
  assert.equal((await chat.client(url).models.retrieve('gpt-alias')).id, 'gpt-alias');
});

test('anthropic lists the models', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const models = await collect(anthropic.client(url).models.list({ limit: 1000 }));
  assertLists(models.map((model) => model.id));
  assert.ok(models.every((model) => model.type === 'model' && model.display_name));
  assert.equal(mock.requests.length, 0);
});

for (const apiVersion of ['v1beta', 'v1']) {
  test(`genai lists the models under ${apiVersion}`, LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    const models = await collect(await gemini.client(url, { apiVersion }).models.list());
    assertLists(models.map((model) => model.name.replace(/^models\//, '')),
                Object.keys(MODELS.gemini));
    assert.ok(models.every((model) => model.name.startsWith('models/')));
    assert.equal(mock.requests.length, 0);
  });

  test(`genai gets one model under ${apiVersion}`, LIMIT, async (t) => {
    const { url } = await stage(t);
    const model = await gemini.client(url, { apiVersion }).models.get({ model: 'gemini-alias' });
    assert.equal(model.name, 'models/gemini-alias');
  });

  test(`genai speaks under ${apiVersion}`, LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    const client = gemini.client(url, { apiVersion });
    mock.play(gemini.answers.text('some'), streamed(gemini.answers.stream('words')));
    assert.equal(await gemini.text(client, { model: 'gemini-alias', prompt: 'x' }), 'some');
    const pieces = await collect(gemini.stream(client, { model: 'gemini-alias', prompt: 'x' }));
    assert.equal(pieces.join(''), 'words');
    assert.match(mock.calls[0].url, /^\/v1(beta)?\/models\/mock-gemini-2:generateContent$/);
  });
}

test('a list of models needs a key', LIMIT, async (t) => {
  const { url } = await stage(t);
  const seen = await send(`${url}/v1/models`, { method: 'GET',
                                                headers: { authorization: 'Bearer nobody' } });
  assert.equal(seen.status, 401);
});

test('anthropic counts tokens', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  mock.play(whole({ input_tokens: 4711 }));
  const count = await anthropic.client(url).messages.countTokens(
    { model: 'claude-alias', messages: [{ role: 'user', content: 'how much?' }] });
  assert.equal(count.input_tokens, 4711);
  assert.equal(mock.calls[0].url, '/v1/messages/count_tokens');
  assert.equal(mock.json(0).model, 'mock-claude-2');
  assert.equal(mock.calls[0].headers.authorization, `Bearer ${UPSTREAM_KEYS.anthropic}`);
});

test('genai counts tokens', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  mock.play(whole({ totalTokens: 4711 }));
  const count = await gemini.client(url).models.countTokens(
    { model: 'gemini-alias', contents: 'how much?' });
  assert.equal(count.totalTokens, 4711);
  assert.equal(mock.calls[0].url, '/v1beta/models/mock-gemini-2:countTokens');
  assert.equal(mock.calls[0].headers['x-goog-api-key'], UPSTREAM_KEYS.gemini);
});

test('openai makes embeddings', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const vector = Array.from({ length: 1536 }, (_, index) => Math.fround(Math.sin(index)));
  const packed = Buffer.from(new Float32Array(vector).buffer).toString('base64');
  mock.play(whole({ object: 'list', model: 'mock-says',
                    data: [{ object: 'embedding', index: 0, embedding: packed }],
                    usage: { prompt_tokens: 3, total_tokens: 3 } }));
  const answer = await chat.client(url).embeddings.create(
    { model: 'embed-alias', input: ['some words'] });
  assert.deepEqual(answer.data[0].embedding, vector);
  assert.equal(mock.calls[0].url, '/v1/embeddings');
  assert.equal(mock.json(0).model, 'mock-embed-1');
});

const completion = (text, finish) => ({
  id: 'cmpl-1', object: 'text_completion', created: 1700000000, model: 'mock-says',
  choices: [{ index: 0, text, logprobs: null, finish_reason: finish }],
});

test('openai completes a prompt', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  mock.play(whole(completion('and they lived', 'stop')));
  const answer = await chat.client(url).completions.create(
    { model: 'gpt-alias', prompt: 'Once upon a time' });
  assert.equal(answer.choices[0].text, 'and they lived');
  assert.equal(mock.calls[0].url, '/v1/completions');
  assert.equal(mock.json(0).prompt, 'Once upon a time');
  assert.equal(mock.json(0).model, 'mock-chat-2');
});

// Some editors send the one where the other is spoken, and read Chat.
test('a body of Responses is understood at Chat', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const tool = { name: 'look', parameters: { type: 'object', properties: {} } };
  mock.play(chat.answers.text('some'), streamed(chat.answers.stream('words')));
  const ask = { model: 'gpt-alias', instructions: 'Be brief.', store: false,
                input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hello' }] },
                        { type: 'function_call', call_id: 'c', name: 'look', arguments: '{}' },
                        { type: 'function_call_output', call_id: 'c', output: 'seen' }],
                tools: [{ type: 'function', ...tool }] };
  const answer = await chat.client(url).chat.completions.create(ask);
  assert.equal(answer.choices[0].message.content, 'some');
  const pieces = await collect(await chat.client(url).chat.completions.create(
    { ...ask, stream: true }));
  assert.equal(pieces.map((piece) => piece.choices[0]?.delta.content ?? '').join(''), 'words');
  for (const body of [mock.json(0), mock.json(1)]) {
    assert.equal(body.model, 'mock-chat-2');
    assert.deepEqual(body.messages.map((message) => message.role),
                     ['system', 'user', 'assistant', 'tool']);
    assert.deepEqual(body.tools, [{ type: 'function', function: tool }]);
    assert.equal(body.input, undefined);
  }
  assert.deepEqual([mock.json(0).stream, mock.json(1).stream], [undefined, true]);
  await assert.rejects(chat.client(url).chat.completions.create({ ...ask, input: 7 }),
                       OpenAI.BadRequestError);
});

test('openai completes a prompt piece by piece', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const events = [completion('and they', null), completion(' lived', 'stop')]
    .map((value) => `data: ${JSON.stringify(value)}\n\n`);
  mock.play(streamed([...events, 'data: [DONE]\n\n']));
  const pieces = await collect(await chat.client(url).completions.create(
    { model: 'gpt-alias', prompt: 'Once upon a time', stream: true }));
  assert.equal(pieces.map((piece) => piece.choices[0].text).join(''), 'and they lived');
});

test('a cut completion is an exception', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  mock.play(streamed([`data: ${JSON.stringify(completion('and they', null))}\n\n`, CUT]));
  await assert.rejects(async () => collect(await chat.client(url).completions.create(
    { model: 'gpt-alias', prompt: 'Once upon a time', stream: true })));
});

// What tools, and those who set them up, make of the address.
const bases = {
  'openai chat': ['', '/', '/v1/', '/v1/v1', '/v1beta/openai', '/api/provider/openai',
                  '/api/provider/openai/v1'],
  'openai responses': ['', '/v1/v1', '/backend-api/codex'],
  anthropic: ['/', '/v1', '/api/provider/anthropic'],
  genai: ['/v1beta', '/v1', '/api/provider/google'],
};
for (const sdk of sdks) {
  test(`${sdk.name} finds its way from other base addresses`, LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    for (const base of bases[sdk.name]) {
      const client = sdk.client(url);
      if (client.baseURL !== undefined)
        client.baseURL = `${url}${base}`;
      mock.play(sdk.answers.text('some'), streamed(sdk.answers.stream('words')));
      const ask = { model: sdk.plain, prompt: 'x' };
      const asked = sdk.dialect === 'gemini' ? gemini.client(`${url}${base}`) : client;
      assert.equal(await sdk.text(asked, ask), 'some', base);
      assert.equal((await collect(sdk.stream(asked, ask))).join(''), 'words', base);
    }
  });
}

test('what is not served is refused in the client\'s own words', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const google = gemini.client(url);
  const refused = [
    [() => anthropic.client(url).beta.files.list(), Anthropic.NotFoundError, /not_found_error/],
    [() => anthropic.client(url).messages.batches.list(), Anthropic.NotFoundError,
     /not_found_error/],
    [() => chat.client(url).files.list(), OpenAI.NotFoundError, /no such path/],
    [() => chat.client(url).moderations.create({ input: 'x' }), OpenAI.NotFoundError,
     /no such path/],
    [() => google.models.embedContent({ model: gemini.plain, contents: 'x' }), ApiError,
     /"status":"NOT_FOUND"/],
    [() => google.files.list(), ApiError, /"status":"NOT_FOUND"/],
  ];
  for (const [attempt, kind, text] of refused) {
    await assert.rejects(attempt, (error) => {
      assert.ok(error instanceof kind, `${error.constructor.name}: ${error}`);
      assert.equal(error.status, 404);
      assert.match(error.message, text);
      return true;
    });
  }
  assert.equal(mock.requests.length, 0);
});

test('a path that is not ours is a 404 in JSON', LIMIT, async (t) => {
  const { url } = await stage(t);
  const seen = await send(`${url}/v1/no/such/thing`, { body: '{}' });
  assert.equal(seen.status, 404);
  assert.ok(JSON.parse(seen.body).error);
});
