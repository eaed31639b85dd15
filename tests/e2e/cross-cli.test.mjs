// SPDX-License-Identifier: GPL-3.0-or-later
//
// The command-line clients on upstreams that speak another dialect: one whole turn of work
// each, with thoughts, parallel calls, a picture and their results, and the ways it can fail.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { CUT, END_EARLY } from './mock.mjs';
import * as answers from './answers.mjs';
import { whole } from './answers.mjs';
import { clis, codex, moreClis, startCli } from './clis.mjs';
import { makePng } from './png.mjs';
import { pieces, say } from './turns.mjs';
import { MODELS, assertAsked, nameModels, views } from './upstreams.mjs';
import { validate } from './validate.mjs';
import { stage } from './weir.mjs';

const RUN_MS = 45_000;
const LIMIT = { timeout: RUN_MS + 15_000 };
const SAID = 'All is done, says the mock: ✓ “quoted” <b>世界</b>.';
const CONTENT = 'line "one" \\ with \'quotes\' & a tab\t.\nline two: Grüße 🌊\n';
const THOUGHT = 'I shall write two files, "one" \\ and two.';
const SIGNATURE = crypto.createHash('sha512').update('signed').digest('base64');

function toolNames(upstream, body) {
  return body.tools === undefined ? [] : views[upstream].tools(body);
}

// A stage on which @cli's model is @upstream's; every request must be one that @upstream's
// vendor would take.  Requests without tools are side calls and get a title.
async function stageCli(t, cli, upstream) {
  const alias = (dialect) => (dialect === upstream ? cli.model : undefined);
  const { url, mock, home } = await stage(t, {
    prepare: (config) => nameModels(config, alias) });
  const real = [];
  const refusals = [];
  const play = (...script) => {
    mock.script = (record) => {
      const body = JSON.parse(record.body);
      try {
        assertAsked(upstream, record);
        validate(upstream, record);
      } catch (error) {
        refusals.push(error);
      }
      if (toolNames(upstream, body).length === 0)
        return say(upstream, record, { blocks: [{ text: 'A title' }] });
      real.push(record);
      const answer = script[Math.min(real.length, script.length) - 1];
      return answer.blocks === undefined ? answer : say(upstream, record, answer);
    };
  };
  const run = async (options) => {
    const client = startCli(cli, home, url, 'Do what must be done.',
                            { limitMs: RUN_MS, ...options });
    t.after(() => client.stop());
    const end = await client.ended;
    if (refusals.length > 0)
      throw refusals[0];
    return end;
  };
  return { mock, real, play, run, work: path.join(home, 'work') };
}

function assertDone(end) {
  const about = `exit ${end.code} ${end.signal}: ${end.stdout.slice(-500)} `
    + end.stderr.slice(-3000);
  assert.ok(end.stdout.includes(SAID), about);
  assert.equal(end.code, 0, about);
}

async function works(t, cli, upstream, options) {
  const { real, play, run, work } = await stageCli(t, cli, upstream);
  const picture = path.join(work, 'noise.png');
  const bytes = makePng(32);
  fs.mkdirSync(work);
  fs.writeFileSync(picture, bytes);
  const targets = ['one.txt', 'two.txt'].map((name) => path.join(work, name));
  const calls = targets.map((target) => cli.write(target, CONTENT));
  if (cli.look !== undefined)
    calls.push(cli.look(picture));
  if (upstream === 'gemini')
    calls[0].signature = SIGNATURE;
  play({ blocks: [{ thought: THOUGHT, signature: SIGNATURE }, { text: 'I write.' }, ...calls] },
       { blocks: [{ text: SAID }] });
  assertDone(await run({ picture, ...options }));
  for (const target of targets)
    assert.equal(fs.readFileSync(target, 'utf8'), CONTENT);
  assert.equal(real.length, 2);
  const bodies = real.map((record) => JSON.parse(record.body));
  for (const { call } of calls)
    assert.ok(toolNames(upstream, bodies[0]).includes(call), `${call} is not offered`);
  assert.equal(views[upstream].results(bodies[0]).length, 0);
  assert.equal(views[upstream].results(bodies[1]).length, calls.length);
  assert.ok(real[1].body.includes(bytes.toString('base64')), 'the picture is not there');
  if (cli.keeps.includes(upstream))
    assert.ok(real[1].body.includes(SIGNATURE), 'the signature did not come back');
}

async function isTold(t, cli, upstream, status) {
  const { real, play, run } = await stageCli(t, cli, upstream);
  play(answers[upstream].error(status));
  const end = await run();
  assert.ok(!end.late, `it goes on after ${real.length} calls`);
  assert.notEqual(end.code, 0);
  assert.match(end.stdout + end.stderr, cli.says?.[status] ?? /the mock answers|\b401\b/);
  assert.ok(real.length <= 4, `${real.length} calls`);
}

// A broken answer never counts: the client asks again, or (some) ends with an error.
async function survives(t, cli, upstream, end) {
  const { real, play, run } = await stageCli(t, cli, upstream);
  const events = pieces(upstream, { blocks: [{ text: 'Never said to the end.' }] }, 8);
  play(answers.streamed([...events.slice(0, 5), 100, end]), { blocks: [{ text: SAID }] });
  const seen = await run({ attempts: 2 });
  if (cli.mayGiveUp && real.length === 1) {
    assert.notEqual(seen.code, 0);
    return;
  }
  assertDone(seen);
  assert.equal(real.length, 2);
}

const foreign = (cli) => Object.keys(MODELS).filter((dialect) => dialect !== cli.dialect);

for (const cli of [...clis, ...moreClis]) {
  describe(`${cli.name} on a foreign upstream`, { concurrency: 2 }, () => {
    for (const upstream of foreign(cli))
      test(`does its work on ${upstream}`, LIMIT, (t) => works(t, cli, upstream));
  });
}

test('Codex does its work on a foreign upstream over a websocket', LIMIT, (t) =>
  works(t, codex, 'anthropic', { websocket: true }));

// Each way to fail once per client; the upstreams take turns.
clis.forEach((cli, index) => {
  const upstreams = foreign(cli);
  const turn = (number) => upstreams[(index + number) % upstreams.length];
  describe(`${cli.name} on a foreign upstream that fails`, { concurrency: 2 }, () => {
    test(`is told of a 401 by ${turn(0)}`, LIMIT, (t) => isTold(t, cli, turn(0), 401));
    test(`survives a reset by ${turn(1)}`, LIMIT, (t) => survives(t, cli, turn(1), CUT));
    test(`survives an early end by ${turn(2)}`, LIMIT,
         (t) => survives(t, cli, turn(2), END_EARLY));
  });
});

// Both shorten a conversation when they know that it is too long, and say so of a first turn.
const tooLong = {
  chat: { error: { message: 'This model\'s maximum context length is 8192 tokens.',
                   type: 'invalid_request_error', param: null,
                   code: 'context_length_exceeded' } },
  anthropic: { type: 'error', error: { type: 'invalid_request_error',
                                       message: 'prompt is too long: 210000 tokens > 200000' } },
};
for (const [cli, upstream, said] of [[clis[0], 'chat', /cannot be compacted/],
                                     [codex, 'anthropic', /ran out of room/]]) {
  test(`${cli.name} knows when ${upstream} finds its conversation too long`, LIMIT, async (t) => {
    const { real, play, run } = await stageCli(t, cli, upstream);
    play(whole(tooLong[upstream], 400));
    const end = await run();
    assert.notEqual(end.code, 0);
    assert.match(end.stdout + end.stderr, said);
    assert.equal(real.length, 1);
  });
}
