// SPDX-License-Identifier: GPL-3.0-or-later
//
// The four SDK dialects through weir: what a program sees when all goes well, and that it is
// never told a broken answer is a whole one.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CUT, END_EARLY, HANG } from './mock.mjs';
import { streamed } from './answers.mjs';
import { collect, sdks, sentBodies, upstreamPath } from './sdks.mjs';
import { CLIENT_KEY, UPSTREAM_KEYS, stage } from './weir.mjs';

const PAUSE_MS = Number(process.env.WEIR_E2E_PAUSE_MS ?? 3000);
const LIMIT = { timeout: PAUSE_MS + 30_000 };
const TEXT = 'Grüße aus dem Wehr: "a\\b" <世界> 🌊, and some more words to cut into pieces.';
const ASK = 'Say something.';

function assertUpstreamKey(sdk, record) {
  const key = UPSTREAM_KEYS[sdk.dialect];
  if (sdk.dialect === 'gemini')
    assert.equal(record.headers['x-goog-api-key'], key);
  else
    assert.equal(record.headers.authorization, `Bearer ${key}`);
}

// Resolves once the upstream's side of @record is closed; fails after a second.
async function assertClosedSoon(record) {
  const left = Date.now();
  await Promise.race([record.closed, sleep(1000)]);
  assert.ok(record.closedAt, `the upstream connection is still open ${Date.now() - left} ms `
    + 'after the client left');
  assert.ok(!record.whole, 'the upstream was let to the end');
}

async function until(condition, what, limitMs = 5000) {
  const end = Date.now() + limitMs;
  while (!condition()) {
    assert.ok(Date.now() < end, `waited ${limitMs} ms for ${what}`);
    await sleep(10);
  }
}

function describeSdk(sdk) {
  const scenario = (name, run, options) => test(name, LIMIT, async (t) => {
    const { url, mock, home } = await stage(t, options);
    await run({ client: sdk.client(url), url, mock, home });
  });

  scenario('a text arrives and the request goes up as it was', async ({ client, mock }) => {
    mock.play(sdk.answers.text(TEXT));
    assert.equal(await sdk.text(client, { model: sdk.plain, prompt: ASK }), TEXT);
    assert.equal(mock.calls.length, 1);
    assert.equal(mock.calls[0].url, upstreamPath(sdk, sdk.plain, false));
    assert.ok(sentBodies.includes(mock.calls[0].body.toString()));
    assertUpstreamKey(sdk, mock.calls[0]);
  });

  scenario('an alias becomes the upstream name', async ({ client, mock }) => {
    mock.play(sdk.answers.text(TEXT));
    assert.equal(await sdk.text(client, { model: sdk.alias, prompt: ASK }), TEXT);
    assert.equal(mock.calls[0].url, upstreamPath(sdk, sdk.aliasUpstream, false));
    const expected = sentBodies.map((body) =>
      body.replace(`"${sdk.alias}"`, `"${sdk.aliasUpstream}"`));
    assert.ok(expected.includes(mock.calls[0].body.toString()));
  });

  scenario('a stream arrives piece by piece', async ({ client, mock }) => {
    const pieces = sdk.answers.stream(TEXT);
    const waiting = pieces.length - 2;
    pieces.splice(waiting, 0, 500);
    mock.play(streamed(pieces));
    const arrivals = [];
    let text = '';
    for await (const piece of sdk.stream(client, { model: sdk.alias, prompt: ASK })) {
      text += piece;
      arrivals.push(Date.now());
    }
    assert.equal(text, TEXT);
    const closedAt = mock.calls[0].closedAt ?? Date.now();
    assert.ok(closedAt - arrivals[0] > 300, 'the first piece came only with the last');
    assert.equal(mock.calls[0].url, upstreamPath(sdk, sdk.aliasUpstream, true));
    assertUpstreamKey(sdk, mock.calls[0]);
  });

  scenario('a tool call writes a file and its result goes up', async ({ client, mock, home }) => {
    const target = path.join(home, 'written.txt');
    const content = `{"quoted": "${TEXT}"}\n`;
    mock.play(streamed(sdk.answers.tool('write_file', { path: target, content })),
              sdk.answers.text('done'));
    const run = (name, args) => {
      assert.equal(name, 'write_file');
      fs.writeFileSync(args.path, args.content);
      return 'it is written';
    };
    assert.equal(await sdk.tool(client, { model: sdk.alias, prompt: ASK }, run), 'done');
    assert.equal(fs.readFileSync(target, 'utf8'), content);
    assert.equal(sdk.sentToolResult(mock.json(1)), 'it is written');
  });

  scenario('a picture goes up byte by byte', async ({ client, mock }) => {
    const picture = crypto.randomBytes(1_500_000);
    mock.play(sdk.answers.text(TEXT));
    await sdk.text(client, { model: sdk.alias, prompt: ASK, image: picture.toString('base64') });
    assert.deepEqual(Buffer.from(sdk.sentImage(mock.json(0)), 'base64'), picture);
  });

  scenario('3 MB arrive whole, at once and as a stream', async ({ client, mock }) => {
    const long = TEXT.repeat(Math.ceil(3_000_000 / Buffer.byteLength(TEXT)));
    mock.play(sdk.answers.text(long), streamed(sdk.answers.stream(long, 3000)));
    assert.ok(await sdk.text(client, { model: sdk.plain, prompt: ASK }) === long);
    assert.ok(await collect(sdk.stream(client, { model: sdk.plain, prompt: ASK })) === long);
  });

  scenario('an upstream that compresses is understood', async ({ client, mock }) => {
    mock.play({ ...sdk.answers.text(TEXT.repeat(100)), gzip: true });
    assert.equal(await sdk.text(client, { model: sdk.plain, prompt: ASK }), TEXT.repeat(100));
  });

  for (const status of [400, 401, 404, 429, 500, 529]) {
    scenario(`an upstream's ${status} is the SDK's own exception`, async ({ client, mock }) => {
      const isRight = (error) => {
        assert.ok(error instanceof sdk.errors[status], `${error.constructor.name}: ${error}`);
        assert.equal(error.status, status);
        assert.match(error.message, /the mock answers/);
        return true;
      };
      mock.play(sdk.answers.error(status));
      await assert.rejects(sdk.text(client, { model: sdk.plain, prompt: ASK }), isRight);
      assert.equal(mock.calls.length, 1);
      await assert.rejects(collect(sdk.stream(client, { model: sdk.plain, prompt: ASK })),
                           isRight);
      assert.ok(mock.calls.length <= 2, `${mock.calls.length} calls for two`);
    });
  }

  scenario('retry-after is handed on and the next try goes through', async ({ url, mock }) => {
    mock.play(sdk.answers.error(429, { 'retry-after': '1' }), sdk.answers.text(TEXT));
    const client = sdk.client(url, { retries: 3 });
    assert.equal(await sdk.text(client, { model: sdk.plain, prompt: ASK }), TEXT);
    assert.equal(mock.calls.length, 2);
  });

  scenario('an error inside the stream is an exception', async ({ client, mock }) => {
    const pieces = sdk.answers.stream(TEXT);
    mock.play(streamed([...pieces.slice(0, -3), sdk.answers.streamError]));
    await assert.rejects(collect(sdk.stream(client, { model: sdk.plain, prompt: ASK })));
    assert.equal(mock.calls.length, 1);
  });

  for (const [how, end] of [['reset', CUT], ['an early end', END_EARLY]]) {
    scenario(`${how} between two events is an exception`, async ({ client, mock }) => {
      const pieces = sdk.answers.stream(TEXT);
      mock.play(streamed([...pieces.slice(0, pieces.length - 2), 100, end]));
      await assert.rejects(collect(sdk.stream(client, { model: sdk.plain, prompt: ASK })));
      assert.equal(mock.calls.length, 1);
    });
    scenario(`${how} inside an event is an exception`, async ({ client, mock }) => {
      const pieces = sdk.answers.stream(TEXT);
      const last = pieces.at(-1);
      mock.play(streamed([...pieces.slice(0, -1), last.slice(0, last.length / 2), 100, end]));
      await assert.rejects(collect(sdk.stream(client, { model: sdk.plain, prompt: ASK })));
      assert.equal(mock.calls.length, 1);
    });
    scenario(`${how} before the first event is an exception`, async ({ client, mock }) => {
      mock.play(streamed([end]));
      await assert.rejects(collect(sdk.stream(client, { model: sdk.plain, prompt: ASK })));
    });
  }

  scenario('half a document is an exception', async ({ client, mock }) => {
    const { headers, body } = sdk.answers.text(TEXT);
    mock.play({ headers: { ...headers, 'content-length': Buffer.byteLength(body) },
                pieces: [body.slice(0, body.length / 2), 100, CUT] });
    await assert.rejects(sdk.text(client, { model: sdk.plain, prompt: ASK }));
  });

  scenario('leaving in the middle closes the upstream', async ({ client, mock }) => {
    const pieces = sdk.answers.stream(TEXT);
    mock.play(streamed([...pieces.slice(0, -1), HANG]));
    const controller = new AbortController();
    const ask = { model: sdk.plain, prompt: ASK, signal: controller.signal };
    const reading = (async () => {
      for await (const piece of sdk.stream(client, ask)) {
        assert.ok(piece.length > 0);
        controller.abort();
      }
    })().catch(() => {});
    await until(() => controller.signal.aborted, 'the first piece');
    await assertClosedSoon(mock.calls[0]);
    await reading;
  });

  scenario('leaving before the first byte closes the upstream', async ({ client, mock }) => {
    mock.play(HANG);
    const controller = new AbortController();
    const ask = { model: sdk.plain, prompt: ASK, signal: controller.signal };
    const reading = assert.rejects(collect(sdk.stream(client, ask)));
    await until(() => mock.calls.length === 1, 'the request');
    controller.abort();
    await assertClosedSoon(mock.calls[0]);
    await reading;
  });

  scenario('a pause to think is sat out', async ({ client, mock }) => {
    const pieces = sdk.answers.stream(TEXT);
    pieces.splice(pieces.length - 2, 0, PAUSE_MS);
    mock.play(streamed(pieces));
    const startedAt = Date.now();
    const text = await collect(sdk.stream(client, { model: sdk.plain, prompt: ASK }));
    assert.equal(text, TEXT);
    assert.ok(Date.now() - startedAt >= PAUSE_MS - 50);
  }, { keepaliveSeconds: 1 });

  scenario('a late head is waited for', async ({ client, mock }) => {
    mock.play({ ...sdk.answers.text(TEXT), delay: PAUSE_MS });
    assert.equal(await sdk.text(client, { model: sdk.plain, prompt: ASK }), TEXT);
  }, { keepaliveSeconds: 1 });

  scenario('twenty streams at once do not mix', async ({ client, mock }) => {
    mock.script = (record) => {
      const said = /number (\d+)/.exec(record.body.toString())[1];
      const pieces = sdk.answers.stream(`${said}: ${TEXT}`, 10);
      return streamed(pieces.flatMap((piece) => [piece, 5]));
    };
    const numbers = Array.from({ length: 20 }, (_, index) => 1000 + index);
    const texts = await Promise.all(numbers.map((number) =>
      collect(sdk.stream(client, { model: sdk.alias, prompt: `number ${number}` }))));
    assert.deepEqual(texts, numbers.map((number) => `${number}: ${TEXT}`));
  });

  scenario('a key that is not ours is refused here', async ({ url, mock }) => {
    const client = sdk.client(url, { key: `${CLIENT_KEY}x` });
    await assert.rejects(sdk.text(client, { model: sdk.plain, prompt: ASK }), (error) => {
      assert.ok(error instanceof sdk.errors[401]);
      assert.equal(error.status, 401);
      return true;
    });
    assert.equal(mock.requests.length, 0);
  });

  scenario('a model that nobody serves is refused here', async ({ client, mock }) => {
    const ask = { model: 'nobody-serves-this', prompt: ASK };
    await assert.rejects(sdk.text(client, ask), (error) => {
      assert.ok(error instanceof sdk.errors[404]);
      assert.equal(error.status, 404);
      return true;
    });
    assert.equal(mock.requests.length, 0);
  });

  scenario('weir/echo answers without an upstream', async ({ client, mock }) => {
    const ask = { model: 'weir/echo', prompt: TEXT };
    assert.ok((await sdk.text(client, ask)).includes(TEXT));
    assert.ok((await collect(sdk.stream(client, ask))).includes(TEXT));
    assert.equal(mock.requests.length, 0);
  });
}

for (const sdk of sdks)
  describe(sdk.name, { concurrency: 4 }, () => describeSdk(sdk));
