// SPDX-License-Identifier: GPL-3.0-or-later
//
// Pictures: the openai SDK's client.images over upstreams that have the Images API, that draw by
// a tool (Responses) or by themselves (Gemini), and over those that do not draw.

import assert from 'node:assert/strict';
import test from 'node:test';
import { toFile } from 'openai';
import { CUT } from './mock.mjs';
import { streamed, whole } from './answers.mjs';
import { makePng } from './png.mjs';
import { sdks } from './sdks.mjs';
import { UPSTREAM_KEYS, stage } from './weir.mjs';

const LIMIT = { timeout: 20_000 };
const [{ client: makeClient }] = sdks;
const PROMPT = 'a "weir" in the rain ☔';
const PICTURE = Buffer.from('not really a picture').toString('base64');
const SOURCE = makePng(4, 4);

// Adds models that draw.
function prepare(config) {
  config['gemini-api-key'][0].models.push({ name: 'mock-gemini-image', alias: 'draw-gemini' });
  config['codex-api-key'][0].models.push({ name: 'gpt-image-1' });
}

async function set(t) {
  const staged = await stage(t, { prepare });
  return { ...staged, client: makeClient(staged.url) };
}

const item = { id: 'ig_1', type: 'image_generation_call', status: 'completed', size: '1024x1536',
               quality: 'high', background: 'opaque', output_format: 'webp', result: PICTURE,
               revised_prompt: 'a weir, drawn' };
const response = (output, more = {}) => ({
  id: 'resp_1', object: 'response', created_at: 1, status: 'completed', model: 'mock-says',
  error: null, incomplete_details: null, output,
  usage: { input_tokens: 11, output_tokens: 70, total_tokens: 81 }, ...more,
});
const said = (text) => ({ id: 'msg_1', type: 'message', role: 'assistant', status: 'completed',
                          content: [{ type: 'output_text', text, annotations: [] }] });
const event = (value) => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
const geminiAnswer = (parts, finishReason = 'STOP') => ({
  candidates: [{ index: 0, finishReason, content: { role: 'model', parts } }],
  usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 1290, totalTokenCount: 1295 },
});
const geminiPicture = { inlineData: { mimeType: 'image/png', data: PICTURE } };

async function collect(stream) {
  const events = [];
  for await (const one of stream)
    events.push(one);
  return events;
}

// --- upstreams that have the API -----------------------------------------------------------

const ownAnswer = { created: 1700000000, background: 'opaque', size: '1024x1024',
                    data: [{ b64_json: PICTURE }, { b64_json: PICTURE }],
                    usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7,
                             input_tokens_details: { text_tokens: 3, image_tokens: 0 } } };

for (const [model, name, key] of [['gpt-alias', 'mock-chat-2', UPSTREAM_KEYS.chat],
                                  ['gpt-image-1', 'gpt-image-1', UPSTREAM_KEYS.responses]]) {
  test(`${model} draws at an Images API`, LIMIT, async (t) => {
    const { client, mock } = await set(t);
    mock.play(whole(ownAnswer));
    const asked = { model, prompt: PROMPT, n: 2, size: '1024x1024', style: 'vivid' };
    const answer = await client.images.generate(asked);
    assert.deepEqual(JSON.parse(JSON.stringify(answer)), ownAnswer);
    assert.equal(mock.calls[0].url, '/v1/images/generations');
    assert.equal(mock.calls[0].headers.authorization, `Bearer ${key}`);
    assert.deepEqual(mock.json(0), { ...asked, model: name });
  });

  test(`${model} edits at an Images API`, LIMIT, async (t) => {
    const { client, mock } = await set(t);
    mock.play(whole(ownAnswer));
    await client.images.edit({
      model, prompt: PROMPT, n: 2,
      image: [await toFile(SOURCE, 'a.png', { type: 'image/png' }),
              await toFile(SOURCE, 'b.png', { type: 'image/png' })],
      mask: await toFile(SOURCE, 'm.png', { type: 'image/png' }),
    });
    const call = mock.calls[0];
    assert.equal(call.url, '/v1/images/edits');
    assert.equal(Number(call.headers['content-length']), call.body.length);
    const form = await new Response(call.body, {
      headers: { 'content-type': call.headers['content-type'] } }).formData();
    assert.equal(form.get('model'), name);
    assert.equal(form.get('prompt'), PROMPT);
    assert.equal(form.get('n'), '2');
    assert.deepEqual(form.getAll('image[]').map((file) => file.name), ['a.png', 'b.png']);
    assert.deepEqual(Buffer.from(await form.get('mask').arrayBuffer()), SOURCE);
  });
}

const ownEvents = (kind) => [
  event({ type: `${kind}.partial_image`, b64_json: 'AAAA', partial_image_index: 0 }),
  event({ type: `${kind}.completed`, b64_json: PICTURE,
          usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7 } }),
];

test('a stream of an Images API goes through', LIMIT, async (t) => {
  const { client, mock } = await set(t);
  mock.play(streamed(ownEvents('image_generation')));
  const events = await collect(await client.images.generate(
    { model: 'gpt-alias', prompt: PROMPT, stream: true, partial_images: 1 }));
  assert.deepEqual(events.map((one) => one.type),
                   ['image_generation.partial_image', 'image_generation.completed']);
  assert.equal(events[1].b64_json, PICTURE);
});

test('a stream of an edit goes through', LIMIT, async (t) => {
  const { client, mock } = await set(t);
  mock.play(streamed(ownEvents('image_edit')));
  const events = await collect(await client.images.edit(
    { model: 'gpt-alias', prompt: PROMPT, stream: true, image: await toFile(SOURCE, 'a.png') }));
  assert.equal(events.at(-1).type, 'image_edit.completed');
});

test('a cut stream of an Images API is an exception', LIMIT, async (t) => {
  const { client, mock } = await set(t);
  mock.play(streamed([ownEvents('image_generation')[0], CUT]));
  await assert.rejects(async () => collect(await client.images.generate(
    { model: 'gpt-alias', prompt: PROMPT, stream: true })));
  assert.equal(mock.calls.length, 1);
});

// --- Responses -----------------------------------------------------------------------------

test('a model draws by its tool', LIMIT, async (t) => {
  const { client, mock } = await set(t);
  mock.play(whole(response([said('here'), item])));
  const answer = await client.images.generate({
    model: 'codex-alias', prompt: PROMPT, size: '1024x1536', quality: 'high',
    background: 'opaque', output_format: 'webp', output_compression: 60, n: 1 });
  assert.deepEqual(answer.data, [{ b64_json: PICTURE, revised_prompt: 'a weir, drawn' }]);
  assert.equal(answer.size, '1024x1536');
  assert.equal(answer.output_format, 'webp');
  assert.deepEqual(answer.usage, { input_tokens: 11, output_tokens: 70, total_tokens: 81,
                                   input_tokens_details: { text_tokens: 11, image_tokens: 0 } });
  const body = mock.json(0);
  assert.equal(mock.calls[0].url, '/v1/responses');
  assert.equal(body.model, 'mock-codex-2');
  assert.equal(body.store, false);
  assert.deepEqual(body.tool_choice, { type: 'image_generation' });
  assert.deepEqual(body.tools, [{
    type: 'image_generation', action: 'generate', size: '1024x1536', quality: 'high',
    background: 'opaque', output_format: 'webp', output_compression: 60 }]);
  assert.equal(body.input[0].content[0].text, PROMPT);
});

test('a model edits by its tool', LIMIT, async (t) => {
  const { client, mock } = await set(t);
  mock.play(whole(response([item])));
  const url = `data:image/png;base64,${SOURCE.toString('base64')}`;
  const answer = await client.images.edit({
    model: 'codex-alias', prompt: PROMPT, input_fidelity: 'high',
    image: [await toFile(SOURCE, 'a.png', { type: 'image/png' }), await toFile(SOURCE, 'b.bin')],
    mask: await toFile(SOURCE, 'm.png', { type: 'image/png' }) });
  assert.equal(answer.data[0].b64_json, PICTURE);
  assert.equal(answer.usage.input_tokens_details, undefined);
  const body = mock.json(0);
  assert.deepEqual(body.tools, [{ type: 'image_generation', action: 'edit', input_fidelity: 'high',
                                  input_image_mask: { image_url: url } }]);
  assert.deepEqual(body.input[0].content, [
    { type: 'input_text', text: PROMPT }, { type: 'input_image', image_url: url },
    { type: 'input_image', image_url: url }]);
});

test('pictures on their way are told', LIMIT, async (t) => {
  const { client, mock } = await set(t);
  const partial = (index) => event({
    type: 'response.image_generation_call.partial_image', item_id: 'ig_1', output_index: 0,
    partial_image_index: index, partial_image_b64: 'AAAA', size: '1024x1024',
    quality: 'low', background: 'opaque', output_format: 'png' });
  mock.play(streamed([
    event({ type: 'response.created', response: response([], { status: 'in_progress' }) }),
    event({ type: 'response.output_item.added', output_index: 0,
            item: { id: 'ig_1', type: 'image_generation_call', status: 'in_progress' } }),
    partial(0), partial(1),
    event({ type: 'response.output_item.done', output_index: 0, item }),
    event({ type: 'response.completed', response: response([item]) })]));
  const events = await collect(await client.images.generate(
    { model: 'codex-alias', prompt: PROMPT, stream: true, partial_images: 2 }));
  assert.deepEqual(events.map((one) => one.type), [
    'image_generation.partial_image', 'image_generation.partial_image',
    'image_generation.completed']);
  assert.deepEqual(events.slice(0, 2).map((one) => one.partial_image_index), [0, 1]);
  assert.equal(events[0].b64_json, 'AAAA');
  assert.equal(events[2].b64_json, PICTURE);
  assert.equal(events[2].usage.total_tokens, 81);
  assert.equal(events[2].size, '1024x1536');
  assert.equal(mock.json(0).tools[0].partial_images, 2);
  assert.equal(mock.json(0).stream, true);
});

test('a cut drawing is an exception', LIMIT, async (t) => {
  const { client, mock } = await set(t);
  mock.play(streamed([
    event({ type: 'response.created', response: response([], { status: 'in_progress' }) }),
    event({ type: 'response.output_item.added', output_index: 0,
            item: { id: 'ig_1', type: 'image_generation_call', status: 'in_progress' } }), 50, CUT]));
  await assert.rejects(async () => collect(await client.images.generate(
    { model: 'codex-alias', prompt: PROMPT, stream: true })));
  assert.equal(mock.calls.length, 1);
});

test('words instead of a picture are an error that is not retried', LIMIT, async (t) => {
  const { url, mock } = await set(t);
  const client = makeClient(url, { retries: 2 });
  mock.play(whole(response([said('I would rather not')])));
  await assert.rejects(client.images.generate({ model: 'codex-alias', prompt: PROMPT }),
                       (error) => error.status === 400 && /rather not/.test(error.message));
  assert.equal(mock.calls.length, 1);
});

test('an address is a data URL', LIMIT, async (t) => {
  const { client, mock } = await set(t);
  mock.play(whole(response([item])));
  const answer = await client.images.generate(
    { model: 'codex-alias', prompt: PROMPT, response_format: 'url' });
  assert.equal(answer.data[0].url, `data:image/webp;base64,${PICTURE}`);
  assert.equal(answer.data[0].b64_json, undefined);
});

// --- Gemini --------------------------------------------------------------------------------

test('a Gemini model draws', LIMIT, async (t) => {
  const { client, mock } = await set(t);
  mock.play(whole(geminiAnswer([{ text: 'here' }, geminiPicture])));
  const answer = await client.images.generate(
    { model: 'draw-gemini', prompt: PROMPT, size: '1536x1024', quality: 'high' });
  assert.deepEqual(answer.data, [{ b64_json: PICTURE }]);
  assert.equal(answer.output_format, 'png');
  assert.equal(answer.usage.output_tokens, 1290);
  const body = mock.json(0);
  assert.equal(mock.calls[0].url, '/v1beta/models/mock-gemini-image:generateContent');
  assert.deepEqual(body.generationConfig.responseModalities, ['TEXT', 'IMAGE']);
  assert.deepEqual(body.generationConfig.imageConfig, { aspectRatio: '3:2' });
  assert.equal(body.contents[0].parts[0].text, PROMPT);
  assert.equal(body.tools, undefined);
});

test('a Gemini model edits, and streams only the last picture', LIMIT, async (t) => {
  const { client, mock } = await set(t);
  const piece = (value) => `data: ${JSON.stringify(value)}\n\n`;
  mock.play(streamed([piece(geminiAnswer([{ text: 'wait' }], undefined)),
                      piece(geminiAnswer([geminiPicture]))]));
  const events = await collect(await client.images.edit({
    model: 'draw-gemini', prompt: PROMPT, stream: true, partial_images: 2,
    image: await toFile(SOURCE, 'a.png', { type: 'image/png' }) }));
  assert.deepEqual(events.map((one) => one.type), ['image_edit.completed']);
  assert.equal(events[0].b64_json, PICTURE);
  assert.equal(mock.json(0).contents[0].parts[1].inlineData.data, SOURCE.toString('base64'));
});

// --- what is refused -----------------------------------------------------------------------

async function refused(promise, pattern) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.status, 400);
    assert.equal(error.type, 'invalid_request_error');
    assert.match(error.message, pattern);
    return true;
  });
}

test('what cannot be drawn is refused and says why', LIMIT, async (t) => {
  const { client, mock } = await set(t);
  const draw = (asked) => client.images.generate({ prompt: PROMPT, ...asked });
  await refused(draw({ model: 'claude-alias' }), /draw-gemini/);
  await refused(draw({ model: 'gemini-alias' }), /does not draw.*gpt-image-1/);
  await refused(draw({ model: 'weir/echo' }), /text only/);
  await refused(draw({ model: 'codex-alias', n: 2 }), /one picture at a time/);
  await refused(draw({ model: 'draw-gemini', n: 4 }), /one picture at a time/);
  await refused(draw({ model: 'codex-alias', prompt: '' }), /prompt/);
  await refused(draw({ model: 'codex-alias', response_format: 'tiff' }), /response_format/);
  await refused(draw({}), /model/);
  const image = await toFile(SOURCE, 'a.png');
  await refused(client.images.edit({ model: 'draw-gemini', prompt: PROMPT, image, mask: image }),
                /mask/);
  assert.equal(mock.requests.length, 0);
});

test("an upstream's refusal goes through", LIMIT, async (t) => {
  const { client, mock } = await set(t);
  const error = { message: 'blocked by moderation', type: 'image_generation_user_error',
                  param: null, code: 'moderation_blocked' };
  mock.play(whole({ error }, 400));
  for (const model of ['gpt-alias', 'gpt-image-1', 'codex-alias'])
    await assert.rejects(client.images.generate({ model, prompt: PROMPT }),
                         (seen) => seen.status === 400 && /moderation/.test(seen.message));
});
