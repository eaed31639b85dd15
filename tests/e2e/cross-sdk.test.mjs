// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every SDK on every upstream that speaks another dialect: the client cannot tell, and the
// upstream's vendor would take every request.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { describe, test } from 'node:test';
import { CUT, END_EARLY } from './mock.mjs';
import { streamed } from './answers.mjs';
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
  const { url, mock } = await stage(t, { prepare: nameModels });
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
  return { client, mock, play, answer, view: views[upstream], model: `the-${upstream}-model` };
}

function assertSaid(face, answer, { text = '', calls = [], finish = 'stop' }) {
  assert.equal(answer.text, text);
  assert.deepEqual(answer.calls.map(({ name, args }) => ({ call: name, args })), calls);
  assert.equal(answer.finish, face.finishes[finish]);
  const { input, output, cached } = answer.usage;
  assert.deepEqual({ input, output, cached, total: answer.usage.total },
                   { input: USAGE.input, output: USAGE.output, cached: USAGE.cached,
                     total: USAGE.input + USAGE.output });
}

function describePair(face, upstream, unable) {
  const scenario = (name, run) => test(name, { ...LIMIT, todo: unable[name] }, async (t) =>
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
      assert.equal(view.temperature(body), 0.25);
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

// What cannot pass yet, and why.
const unable = {};

for (const face of faces) {
  for (const upstream of Object.keys(MODELS).filter((dialect) => dialect !== face.dialect)) {
    const name = `${face.name} on ${upstream}`;
    describe(name, { concurrency: 4 }, () => describePair(face, upstream, unable[name] ?? {}));
  }
}
