// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every SDK on every upstream that speaks another dialect: the client cannot tell, and the
// upstream's vendor would take every request.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CUT, END_EARLY, HANG } from './mock.mjs';
import { streamed, whole } from './answers.mjs';
import * as answers from './answers.mjs';
import { faces } from './faces.mjs';
import { USAGE, pieces, say } from './turns.mjs';
import { MODELS, assertAsked, nameModels, views } from './upstreams.mjs';
import { validate } from './validate.mjs';
import { stage } from './weir.mjs';

const LIMIT = { timeout: 30_000 };
const TEXT = 'Grüße aus dem Wehr: "a\\b" <世界> 🌊\u2028 and a line\nand some more words.';
const THOUGHT = 'First I think about it, "quoted" \\ 🌊,\nthen I say it.';
const SIGNATURE = crypto.createHash('sha512').update('signed').digest('base64');
const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'number' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
};
const TOOLS = [
  { name: 'get_weather', description: 'Tells the weather of a city.', parameters: {
    type: 'object',
    properties: {
      city: { type: 'string', description: 'A city, "quoted" or not' },
      unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
      days: { type: 'array', items: { type: 'integer', minimum: 0 } },
    },
    required: ['city'],
    additionalProperties: false,
  } },
  { name: 'list-files', description: 'Lists files.', parameters: {
    type: 'object', properties: {} } },
];
const CALLS = [
  { call: 'get_weather', args: { city: 'Zürich "HB"', unit: 'celsius', days: [0, 1] } },
  { call: 'get_weather', args: { city: '東京' } },
  { call: 'list-files', args: {} },
];

// A stage on which @upstream takes the turns of play() in turn and validates what it is asked.
async function stagePair(t, face, upstream) {
  const { url, mock } = await stage(t, { prepare: nameModels, keepaliveSeconds: 1 });
  const refusals = [];
  const play = (...turns) => {
    const first = mock.requests.length;
    mock.script = (record, before) => {
      try {
        validate(upstream, record);
        assertAsked(upstream, record);
      } catch (error) {
        refusals.push(error);
      }
      const turn = turns[Math.min(before - first, turns.length - 1)];
      return turn.blocks === undefined ? turn : say(upstream, record, turn, turn.pieces);
    };
  };
  const client = face.client(url);
  const answer = async (request, options) => {
    try {
      return await face.answer(client, request, options);
    } finally {
      if (refusals.length > 0)
        throw refusals[0];
    }
  };
  return { url, client, mock, play, answer, view: views[upstream], model: `the-${upstream}-model` };
}

// Call ids as the vendors' models make them, or as a server of many models does.
const stepIds = { chat: 'functions.get_weather:', responses: `call_${'x'.repeat(24)}`,
                  anthropic: 'toolu_01', gemini: 'function-call-' };
const oddNames = { chat: { length: 64, odd: '9lives' }, responses: { length: 64, odd: '-' },
                   anthropic: { length: 128, odd: '_9' },
                   gemini: { length: 64, odd: '_a.b:c-d' } };

const openaiTooLong = { error: {
  message: 'This model\'s maximum context length is 8192 tokens. However, you have more.',
  type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' } };
const tooLong = {
  chat: openaiTooLong,
  responses: openaiTooLong,
  anthropic: { type: 'error', error: { type: 'invalid_request_error',
                                       message: 'prompt is too long: 210000 tokens > 200000' } },
  gemini: { error: { code: 400, status: 'INVALID_ARGUMENT', message:
    'The input token count (2) exceeds the maximum number of tokens allowed (1).' } },
};

function assertSaid(face, answer, { text = '', calls = [], finish = 'stop' }) {
  assert.equal(answer.text, text);
  assert.deepEqual(answer.calls.map(({ name, args }) => ({ call: name, args })), calls);
  assert.equal(answer.finish, face.finishes[finish]);
  const { input, output, cached } = answer.usage;
  assert.deepEqual({ input, output, cached, total: answer.usage.total },
                   { input: USAGE.input, output: USAGE.output, cached: USAGE.cached,
                     total: USAGE.input + USAGE.output });
}

function describePair(face, upstream) {
  const scenario = (name, run) => test(name, LIMIT, async (t) =>
    run(await stagePair(t, face, upstream)));

  for (const streaming of [false, true]) {
    const how = streaming ? 'as a stream' : 'at once';

    scenario(`a text arrives ${how}`, async ({ play, answer, model, mock, view }) => {
      play({ blocks: [{ text: TEXT }] });
      const request = face.begin({ model, system: 'Be "short".', prompt: `Say: ${TEXT}`,
                                   limit: 4000, temperature: 0.25,
                                   ...(view.stop && { stop: ['END', '"]'] }) });
      assertSaid(face, await answer(request, { streaming }), { text: TEXT });
      const body = mock.json(0);
      assert.equal(view.system(body), 'Be "short".');
      assert.equal(view.limit(body), 4000);
      assert.equal(view.temperature(body), upstream === 'responses' ? undefined : 0.25);
      if (view.stop !== undefined && face.dialect !== 'responses')
        assert.deepEqual(view.stop(body), ['END', '"]']);
      assert.ok(mock.calls[0].body.includes(JSON.stringify(TEXT).slice(1, 20)));
    });

    scenario(`parallel calls are made and answered ${how}`, async (s) => {
      s.play({ blocks: [{ text: 'I look.' }, ...CALLS] }, { blocks: [{ text: TEXT }] });
      const request = face.begin({ model: s.model, prompt: 'Look.', tools: TOOLS });
      const first = await s.answer(request, { streaming });
      assertSaid(face, first, { text: 'I look.', calls: CALLS, finish: 'calls' });
      assert.deepEqual(s.view.tools(s.mock.json(0)), TOOLS.map((tool) => tool.name));
      const results = first.calls.map(({ id, name }, index) => (
        { id, name, output: `result "${index}" ${TEXT}` }));
      face.carryOn(request, first, results);
      assertSaid(face, await s.answer(request, { streaming }), { text: TEXT });
      assert.deepEqual(s.view.results(s.mock.json(1)), results.map((result) => result.output));
      face.carryOn(request, { native: first.native }, results, 'And again.');
    });

    scenario(`the end of its tokens is told ${how}`, async ({ play, answer, model }) => {
      play({ blocks: [{ text: TEXT }], finish: 'length' });
      assertSaid(face, await answer(face.begin({ model, prompt: 'Go.' }), { streaming }),
                 { text: TEXT, finish: 'length' });
    });

    scenario(`thoughts come back where they were thought ${how}`, async (s) => {
      const [call] = CALLS;
      s.play({ blocks: [{ thought: THOUGHT, signature: SIGNATURE },
                        { ...call, ...(upstream === 'gemini' && { signature: SIGNATURE }) }] },
             { blocks: [{ text: TEXT }] });
      const request = face.begin({ model: s.model, prompt: 'Think.', tools: TOOLS,
                                   effort: 'medium' });
      const first = await s.answer(request, { streaming });
      assertSaid(face, first, { calls: [call], finish: 'calls' });
      assert.equal(first.thought, THOUGHT);
      assert.ok(s.view.effort(s.mock.json(0)) !== undefined, 'nobody asked it to think');
      const [{ id, name }] = first.calls;
      face.carryOn(request, first, [{ id, name, output: 'sunny' }]);
      assertSaid(face, await s.answer(request, { streaming }), { text: TEXT });
      // Chat upstreams sign nothing, and Chat clients return no member that they do not know
      if (upstream !== 'chat' && face.dialect !== 'chat')
        assert.ok(s.mock.calls[1].body.includes(SIGNATURE), 'the signature did not come back');
    });
  }

  scenario('a loop of several steps keeps its thoughts', async (s) => {
    const step = (number) => {
      const signature = Buffer.from(`${SIGNATURE} ${number}`).toString('base64');
      return { signature, turn: { blocks: [
        { thought: `${THOUGHT} ${number}`, signature },
        { ...CALLS[0], id: `${stepIds[upstream]}${number}`,
          ...(upstream === 'gemini' && { signature }) },
        { ...CALLS[1], id: `${stepIds[upstream]}${number}b` }] } };
    };
    const steps = [0, 1, 2].map(step);
    s.play(...steps.map(({ turn }) => turn), { blocks: [{ text: TEXT }] });
    const request = face.begin({ model: s.model, prompt: 'Think.', tools: TOOLS,
                                 effort: 'high' });
    for (const [number, { turn }] of steps.entries()) {
      const answer = await s.answer(request, { streaming: number !== 1 });
      assertSaid(face, answer, { calls: [CALLS[0], CALLS[1]], finish: 'calls' });
      assert.equal(answer.calls.length, turn.blocks.length - 1);
      face.carryOn(request, answer, answer.calls.map(({ id, name }) => (
        { id, name, output: `${number}` })));
    }
    const last = await s.answer(request);
    assertSaid(face, last, { text: TEXT });
    assert.deepEqual(s.view.results(s.mock.json(-1)), ['0', '0', '1', '1', '2', '2']);
    if (upstream !== 'chat' && face.dialect !== 'chat') {
      for (const { signature } of steps)
        assert.ok(s.mock.calls.at(-1).body.includes(signature), 'a signature did not come back');
    }
    face.carryOn(request, last, [], 'And now?');
    assertSaid(face, await s.answer(request), { text: TEXT });
  });

  scenario('names that only one vendor allows come back', async (s) => {
    const names = ['a'.repeat(oddNames[face.dialect].length), oddNames[face.dialect].odd];
    const tools = names.map((name) => ({ ...TOOLS[0], name }));
    s.mock.script = (record) => {
      validate(upstream, record);
      const offered = s.view.tools(JSON.parse(record.body));
      return say(upstream, record, s.mock.calls.length > 1 ? { blocks: [{ text: TEXT }] }
        : { blocks: offered.map((call) => ({ call, args: { city: 'x' } })) });
    };
    const request = face.begin({ model: s.model, prompt: 'Go.', tools, choice: names[1] });
    const answer = await s.answer(request);
    assert.deepEqual(answer.calls.map((call) => call.name), names);
    face.carryOn(request, answer, answer.calls.map(({ id, name }) => ({ id, name,
                                                                        output: name })));
    assertSaid(face, await s.answer(request), { text: TEXT });
    assert.deepEqual(s.view.results(s.mock.json(1)), names);
  });

  scenario('an answer of nothing is whole', async ({ play, answer, model }) => {
    for (const streaming of [false, true]) {
      play({ blocks: [] });
      assertSaid(face, await answer(face.begin({ model, prompt: 'Go.' }), { streaming }), {});
    }
  });

  scenario('retry-after is handed on and the next try goes through', async (s) => {
    s.play(answers[upstream].error(429, { 'retry-after': '1' }), { blocks: [{ text: TEXT }] });
    const startedAt = Date.now();
    const client = face.client(s.url, { retries: 2 });
    assertSaid(face, await face.answer(client, face.begin({ model: s.model, prompt: 'Go.' })),
               { text: TEXT });
    assert.equal(s.mock.calls.length, 2);
    assert.ok(face.dialect === 'gemini' || Date.now() - startedAt >= 900, 'it did not wait');
  });

  scenario('leaving in the middle closes the upstream', async (s) => {
    s.play(streamed([...pieces(upstream, { blocks: [{ text: TEXT }] }).slice(0, 4), HANG]));
    const controller = new AbortController();
    const reading = assert.rejects(s.answer(face.begin({ model: s.model, prompt: 'Go.' }),
                                            { streaming: true, signal: controller.signal }));
    while (s.mock.calls.length === 0)
      await sleep(10);
    await sleep(100);
    controller.abort();
    await reading;
    await Promise.race([s.mock.calls[0].closed, sleep(1000)]);
    assert.ok(s.mock.calls[0].closedAt, 'the upstream connection is open a second later');
  });

  scenario('a pause to think is sat out', async (s) => {
    const events = pieces(upstream, { blocks: [{ text: TEXT }] });
    events.splice(3, 0, 1500);
    s.play(streamed(events));
    assertSaid(face, await s.answer(face.begin({ model: s.model, prompt: 'Go.' }),
                                    { streaming: true }), { text: TEXT });
  });

  scenario('a forced tool is forced', async ({ play, answer, model, mock, view }) => {
    play({ blocks: [CALLS[0]] });
    await answer(face.begin({ model, prompt: 'Go.', tools: TOOLS, choice: 'get_weather' }));
    assert.equal(view.choice(mock.json(0)), 'get_weather');
  });

  scenario('a picture goes up byte by byte', async ({ play, answer, model, mock, view }) => {
    const image = crypto.randomBytes(300_001).toString('base64');
    play({ blocks: [{ text: TEXT }] });
    await answer(face.begin({ model, prompt: 'Look.', image }));
    assert.ok(view.image(mock.json(0)) === image);
  });

  scenario('an answer has the shape that was asked for', async (s) => {
    const value = { city: 'Zürich', degrees: -0.5 };
    s.play({ blocks: [{ text: JSON.stringify(value) }] });
    const { text } = await s.answer(face.begin({ model: s.model, prompt: 'Go.',
                                                 schema: SCHEMA }));
    assert.deepEqual(JSON.parse(text), value);
    const { additionalProperties, ...least } = SCHEMA;
    const { additionalProperties: ignored, ...sent } = s.view.schema(s.mock.json(0));
    assert.deepEqual(sent, least);
  });

  scenario('a megabyte arrives whole', async ({ play, answer, model }) => {
    const text = TEXT.repeat(Math.ceil(1_000_000 / TEXT.length));
    play({ blocks: [{ text }], pieces: 2000 });
    const { text: said } = await answer(face.begin({ model, prompt: 'Go.' }),
                                        { streaming: true });
    assert.ok(said === text, `${said.length} of ${text.length} characters`);
  });

  for (const status of [400, 401, 404, 429, 500, 529]) {
    scenario(`an upstream's ${status} is the SDK's own exception`, async (s) => {
      s.play(answers[upstream].error(status));
      for (const streaming of [false, true]) {
        const request = face.begin({ model: s.model, prompt: 'Go.' });
        await assert.rejects(s.answer(request, { streaming }), (error) => {
          assert.ok(error instanceof face.errors[status], `${error.constructor.name}: ${error}`);
          assert.equal(error.status, status);
          assert.match(error.message, new RegExp(`the mock answers ${status}`));
          return true;
        });
      }
    });
  }

  scenario('a conversation that is too long is known as one', async (s) => {
    s.play(whole(tooLong[upstream], 400));
    await assert.rejects(s.answer(face.begin({ model: s.model, prompt: 'Go.' })), (error) => {
      assert.equal(error.status, 400);
      if (face.dialect === 'anthropic')
        assert.match(error.message, /prompt is too long/);
      else if (face.dialect !== 'gemini')
        assert.equal(error.code, 'context_length_exceeded');
      return true;
    });
  });

  for (const [how, end] of [['a reset', CUT], ['an early end', END_EARLY],
                            ['an error', answers[upstream].streamError]]) {
    scenario(`${how} in the middle is an exception`, async ({ play, answer, model, mock }) => {
      const events = pieces(upstream, { blocks: [{ text: TEXT }, CALLS[0]] });
      play(streamed([...events.slice(0, -3), 50, end]));
      const request = face.begin({ model, prompt: 'Go.', tools: TOOLS });
      await assert.rejects(answer(request, { streaming: true }), (error) => {
        assert.ok(!(error instanceof assert.AssertionError), error.message);
        if (how === 'an error')
          assert.match(error.message, /the mock answers 529/);
        return true;
      });
      assert.equal(mock.calls.length, 1);
    });
  }
}

// The conversation goes on with another vendor's model at every turn, and comes back.
async function wanders(t, face) {
  const { url, mock } = await stage(t, { prepare: nameModels });
  const way = ['anthropic', 'gemini', 'responses', 'chat', 'anthropic', 'responses', 'gemini'];
  const client = face.client(url);
  const request = face.begin({ model: 'x', prompt: 'Think.', tools: TOOLS, effort: 'medium' });
  const refusals = [];
  for (const [index, upstream] of way.entries()) {
    const blocks = [{ thought: `${THOUGHT} ${upstream}`, signature: SIGNATURE },
                    { text: `I look ${index}.` },
                    { ...CALLS[0], id: `${stepIds[upstream]}${index}`, signature: SIGNATURE },
                    { ...CALLS[2], id: `${stepIds[upstream]}${index}b` }];
    mock.script = (record) => {
      try {
        assertAsked(upstream, record);
        validate(upstream, record);
      } catch (error) {
        refusals.push(error);
      }
      return say(upstream, record, { blocks });
    };
    request.model = `the-${upstream}-model`;
    const answer = await face.answer(client, request, { streaming: index % 2 === 0 });
    assert.deepEqual(refusals.map((error) => error.message), []);
    assertSaid(face, answer, { text: `I look ${index}.`, calls: [CALLS[0], CALLS[2]],
                               finish: 'calls' });
    assert.equal(views[upstream].results(mock.json(-1)).length, 2 * index);
    const isLast = index % 3 === 2; // else the loop of calls goes on
    face.carryOn(request, answer, answer.calls.map(({ id, name }) => ({ id, name,
                                                                        output: 'here' })),
                 isLast ? 'And now?' : undefined);
  }
}

// Thoughts that nobody signed are not shown to a vendor who signs.
async function comesHome(t, face) {
  const { url, mock } = await stage(t, { prepare: nameModels });
  const client = face.client(url);
  const request = face.begin({ model: 'the-chat-model', prompt: 'Think.', tools: TOOLS,
                               effort: 'medium' });
  mock.script = (record) => say('chat', record, { blocks: [{ thought: THOUGHT }, CALLS[0]] });
  const first = await face.answer(client, request, { streaming: true });
  assert.equal(first.thought, THOUGHT);
  const [{ id, name }] = first.calls;
  face.carryOn(request, first, [{ id, name, output: 'here' }]);
  request.model = `the-${face.dialect}-model`;
  mock.script = (record) => say(face.dialect, record, { blocks: [{ text: TEXT }] });
  assertSaid(face, await face.answer(client, request), { text: TEXT });
  validate(face.dialect, mock.calls.at(-1));
}

const anthropicFace = faces.find((face) => face.dialect === 'anthropic');

function describeAnthropicOn(upstream) {
  const scenario = (name, run) => test(name, LIMIT, async (t) =>
    run(await stagePair(t, anthropicFace, upstream)));

  scenario('a result may be a picture, or an error', async (s) => {
    const image = crypto.randomBytes(3000).toString('base64');
    s.play({ blocks: [CALLS[0], CALLS[2]] }, { blocks: [{ text: TEXT }] });
    const request = anthropicFace.begin({ model: s.model, prompt: 'Go.', tools: TOOLS });
    const first = await s.answer(request);
    anthropicFace.carryOn(request, first, [
      { id: first.calls[0].id, output: [
        { type: 'text', text: 'a picture' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } }] },
      { id: first.calls[1].id, output: 'it is not there' }]);
    request.messages.at(-1).content[1].is_error = true;
    await s.answer(request);
    assert.ok(s.mock.calls[1].body.includes(image), 'the picture is not there');
    assert.ok(s.mock.calls[1].body.includes('it is not there'));
  });

  scenario('system text inside the conversation goes up', async (s) => {
    s.play({ blocks: [{ text: TEXT }] });
    const request = anthropicFace.begin({ model: s.model, prompt: 'Go.', system: [
      { type: 'text', text: 'one', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'two' }] });
    request.messages.push({ role: 'system', content: 'three' });
    await s.answer(request, { streaming: true });
    for (const text of ['one', 'two', 'three'])
      assert.match(s.mock.calls[0].body.toString(), new RegExp(text));
  });

  scenario('tokens are counted where nobody else counts them', async (s) => {
    s.mock.script = () => ({ status: 404, body: 'no such path' });
    const { input_tokens: count } = await s.client.messages.countTokens({
      model: s.model, messages: [{ role: 'user', content: TEXT.repeat(10) }] });
    assert.ok(count > 50 && count < 2000, `${count} tokens`);
  });
}

for (const face of faces)
  test(`${face.name} changes its model at every turn`, LIMIT, (t) => wanders(t, face));
for (const face of faces.filter(({ dialect }) => dialect !== 'chat'))
  test(`${face.name} comes home from Chat`, LIMIT, (t) => comesHome(t, face));

// Gemini's own clients return calls and texts with their signatures, but no thoughts.
for (const upstream of ['responses', 'anthropic'])
  test(`a Gemini client that returns no thoughts keeps the signature of ${upstream}`, LIMIT,
       async (t) => {
         const face = faces.find(({ dialect }) => dialect === 'gemini');
         const { mock, play, answer, model } = await stagePair(t, face, upstream);
         play({ blocks: [{ thought: THOUGHT, signature: SIGNATURE }, CALLS[0]] },
              { blocks: [{ text: TEXT }] });
         const request = face.begin({ model, prompt: 'Think.', tools: TOOLS, effort: 'low' });
         const first = await answer(request, { streaming: true });
         const [{ id, name }] = first.calls;
         face.carryOn(request, { native: first.native.filter((part) => !part.thought) },
                      [{ id, name, output: 'here' }]);
         assertSaid(face, await answer(request), { text: TEXT });
         const body = mock.calls[1].body.toString();
         assert.equal(body.split(SIGNATURE).length - 1, 1, 'once, as its vendor made it');
         assert.ok(!body.includes('WeirSig1'));
       });

for (const upstream of ['chat', 'responses', 'gemini'])
  describe(`Anthropic's own on ${upstream}`, { concurrency: 3 }, () =>
    describeAnthropicOn(upstream));

for (const face of faces) {
  for (const upstream of Object.keys(MODELS).filter((dialect) => dialect !== face.dialect)) {
    const name = `${face.name} on ${upstream}`;
    describe(name, { concurrency: 4 }, () => describePair(face, upstream));
  }
}
