// SPDX-License-Identifier: GPL-3.0-or-later
//
// The command-line clients through weir, as a user runs them: they write files, look at
// pictures, wait, fail and recover.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CUT, END_EARLY, HANG } from './mock.mjs';
import { streamed, whole } from './answers.mjs';
import { makePng } from './png.mjs';
import { clis, codex, moreClis, startCli } from './clis.mjs';
import { UPSTREAM_KEYS, stage } from './weir.mjs';

const PAUSE_MS = Number(process.env.WEIR_E2E_PAUSE_MS ?? 3000);
const RUN_MS = PAUSE_MS + 45_000;
const LIMIT = { timeout: RUN_MS + 15_000 };
const SAID = 'All is done, says the mock: ✓ “quoted” <b>世界</b>.';
const CONTENT = 'line "one" \\ with \'quotes\' & a tab\t.\nline two: Grüße 🌊\n';

// Words that do not repeat: some clients take repetition for a loop and stop reading.
function makeLongText(length) {
  let text = '';
  for (let number = 0; text.length < length; number++)
    text += `${crypto.createHash('sha256').update(String(number)).digest('base64')} `;
  return text.trimEnd();
}

function asksForStream(record) {
  return record.url.includes(':stream') || JSON.parse(record.body).stream === true;
}

// A stage for @cli.  Its side calls are answered here; play() takes what the real ones get.
async function stageCli(t, cli, options) {
  const { url, mock, home, weir } = await stage(t, options);
  const real = [];
  const play = (...script) => {
    mock.script = (record) => {
      if (record.url.includes(':countTokens'))
        return whole({ totalTokens: 100 });
      if (cli.hasTitleCall && !record.body.includes('"tools"'))
        return streamed(cli.answers.stream('A title'));
      real.push(record);
      const answer = script[Math.min(real.length, script.length) - 1];
      return typeof answer === 'function' ? answer(record) : answer;
    };
  };
  const run = (more) => {
    const client = startCli(cli, home, url, 'Do what must be done.', { limitMs: RUN_MS, ...more });
    t.after(() => client.stop());
    return client;
  };
  return { mock, home, weir, real, play, run, work: path.join(home, 'work') };
}

function assertDone(end, text = SAID) {
  const about = `exit ${end.code} ${end.signal}: ${end.stdout.slice(-500)} `
    + end.stderr.slice(-2000);
  assert.ok(end.stdout.includes(text), about);
  assert.equal(end.code, 0, about);
}

function assertAsked(cli, record) {
  assert.equal(record.url, cli.upstreamUrl);
  if (cli.dialect === 'gemini') {
    assert.equal(record.headers['x-goog-api-key'], UPSTREAM_KEYS.gemini);
  } else {
    assert.equal(JSON.parse(record.body).model, cli.upstreamModel);
    assert.equal(record.headers.authorization, `Bearer ${UPSTREAM_KEYS[cli.dialect]}`);
  }
}

async function writesAFile(t, cli, options) {
  const { weir, real, play, run, work } = await stageCli(t, cli);
  const target = path.join(work, 'written.txt');
  const { call, args } = cli.write(target, CONTENT);
  play(streamed(cli.answers.tool(call, args)), streamed(cli.answers.stream(SAID)));
  assertDone(await run(options).ended);
  assert.equal(fs.readFileSync(target, 'utf8'), CONTENT);
  assert.equal(real.length, 2);
  real.forEach((record) => assertAsked(cli, record));
  const isResult = /"(tool_result|function_call_output|functionResponse|tool_call_id)"/;
  assert.match(real[1].body.toString(), isResult);
  assert.doesNotMatch(real[0].body.toString(), isResult);
  return { weir, real };
}

async function failsOn(t, cli, status, options) {
  const { real, play, run } = await stageCli(t, cli);
  const error = cli.answers.error(status, { 'retry-after': '1' });
  if (cli.keepsTrying && status >= 429) {
    play(error, streamed(cli.answers.stream(SAID)));
    assertDone(await run().ended);
    assert.equal(real.length, 2);
    return;
  }
  play(error);
  const end = await run(options).ended;
  assert.ok(!end.late, `it goes on after ${real.length} calls`);
  assert.notEqual(end.code, 0);
  assert.match(end.stdout + end.stderr, cli.says?.[status] ?? new RegExp(`\\b${status}\\b`));
  assert.ok(real.length <= 4, `${real.length} calls`);
}

// A broken answer is not taken for a whole one: the client asks again and gets the other, or
// (some) ends with an error.
async function survives(t, cli, end, options) {
  const { real, play, run } = await stageCli(t, cli);
  const pieces = cli.answers.stream('This was never said to the end, and must not count.', 8);
  const again = (record) => (asksForStream(record) ? streamed(cli.answers.stream(SAID))
    : cli.answers.text(SAID));
  play(streamed([...pieces.slice(0, 4), 200, end]), again);
  const seen = await run({ attempts: 2, ...options }).ended;
  if (cli.mayGiveUp && real.length === 1) {
    assert.notEqual(seen.code, 0);
    return;
  }
  assertDone(seen);
  assert.equal(real.length, 2);
}

async function leaves(t, cli, options) {
  const { real, play, run } = await stageCli(t, cli);
  play(streamed([...cli.answers.stream(SAID).slice(0, 3), HANG]));
  const client = run(options);
  while (real.length === 0)
    await sleep(20);
  await sleep(500);
  client.stop();
  const left = Date.now();
  await Promise.race([real[0].closed, sleep(1000)]);
  assert.ok(real[0].closedAt, 'the upstream connection is open a second later');
  assert.ok(real[0].closedAt >= left && !real[0].whole);
  assert.equal((await client.ended).signal, 'SIGKILL');
}

for (const cli of clis) {
  describe(cli.name, { concurrency: 2 }, () => {
    test('writes a file and tells of it', LIMIT, (t) => writesAFile(t, cli));

    test('sends a picture byte by byte', LIMIT, async (t) => {
      const { mock, home, play, run } = await stageCli(t, cli);
      const picture = path.join(home, 'work', 'noise.png');
      const bytes = makePng(64);
      fs.mkdirSync(path.dirname(picture));
      fs.writeFileSync(picture, bytes);
      const last = streamed(cli.answers.stream(SAID));
      if (cli.look === undefined) {
        play(last);
      } else {
        const { call, args } = cli.look(picture);
        play(streamed(cli.answers.tool(call, args)), last);
      }
      assertDone(await run({ picture }).ended);
      const encoded = bytes.toString('base64');
      assert.ok(mock.calls.some((record) => record.body.includes(encoded)),
                'the picture is in no request');
    });

    test('takes 3 MB', LIMIT, async (t) => {
      const { play, run } = await stageCli(t, cli);
      const text = makeLongText(3_000_000);
      play(streamed(cli.answers.stream(text, 1500)));
      const end = await run().ended;
      assert.ok(end.stdout.includes(text), `${end.stdout.length} of ${text.length} characters`);
      assert.equal(end.code, 0);
    });

    test('sits out a pause to think', LIMIT, async (t) => {
      const { real, play, run } = await stageCli(t, cli, { keepaliveSeconds: 1 });
      const pieces = cli.answers.stream(SAID);
      pieces.splice(pieces.length - 3, 0, PAUSE_MS);
      play(streamed(pieces));
      assertDone(await run().ended);
      assert.equal(real.length, 1);
    });

    for (const status of [401, 404, 429, 500, 529])
      test(`is told of a ${status}`, LIMIT, (t) => failsOn(t, cli, status));

    test('survives a reset in the middle', LIMIT, (t) => survives(t, cli, CUT));
    test('survives an early end', LIMIT, (t) => survives(t, cli, END_EARLY));

    test('leaves the upstream when it is ended', LIMIT, (t) => leaves(t, cli));
  });
}

for (const cli of moreClis) {
  describe(cli.name, { concurrency: 2 }, () => {
    test('writes a file and tells of it', LIMIT, (t) => writesAFile(t, cli));
    test('survives a reset in the middle', LIMIT, (t) => survives(t, cli, CUT));
  });
}

// Codex warms the websocket up, then sends each turn as what is new behind the last response.
describe('Codex over a websocket', { concurrency: 2 }, () => {
  test('writes a file and tells of it', LIMIT, async (t) => {
    const { weir, real } = await writesAFile(t, codex, { websocket: true });
    assert.equal(weir.output.stderr.match(/GET \/v1\/responses/g)?.length, 2);
    assert.doesNotMatch(weir.output.stderr, /POST/);
    const turns = real.map((record) => JSON.parse(record.body));
    assert.ok(turns.every((turn) => turn.previous_response_id === undefined));
    const first = turns[0].input;
    assert.deepEqual(turns[1].input.slice(0, first.length), first);
    assert.deepEqual(turns[1].input.slice(first.length).map((item) => item.type),
                     ['function_call', 'function_call_output']);
  });

  test('is told of a 404', LIMIT, (t) => failsOn(t, codex, 404, { websocket: true }));
  test('survives a reset in the middle', LIMIT,
       (t) => survives(t, codex, CUT, { websocket: true }));
  test('leaves the upstream when it is ended', LIMIT,
       (t) => leaves(t, codex, { websocket: true }));
});
