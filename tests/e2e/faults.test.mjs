// SPDX-License-Identifier: GPL-3.0-or-later
//
// Upstreams that do not behave, as the SDKs come to see them, and weir's own end.

import assert from 'node:assert/strict';
import http from 'node:http';
import zlib from 'node:zlib';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { streamed, whole } from './answers.mjs';
import { send } from './raw.mjs';
import { collect, sdks } from './sdks.mjs';
import { CLIENT_KEY, UPSTREAM_KEYS, stage } from './weir.mjs';

const LIMIT = { timeout: 30_000 };
const TEXT = 'some words that were said';
const PAGE = '<!doctype html><title>Sign in to the hotel</title>';
const HTML = { 'content-type': 'text/html' };
const [chat] = sdks;

// Neither a whole answer nor a stream; both fail in the SDK's own way with @status.
async function assertBothFail(sdk, url, status) {
  const client = sdk.client(url);
  const ask = { model: sdk.plain, prompt: 'x' };
  for (const attempt of [() => sdk.text(client, ask), () => collect(sdk.stream(client, ask))]) {
    await assert.rejects(attempt, (error) => {
      assert.ok(error instanceof sdk.errors[500], `${error.constructor.name}: ${error}`);
      assert.equal(error.status, status, String(error));
      return true;
    });
  }
}

function describeFaults(sdk) {
  test('an upstream that is not there is a 502', LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    await mock.stop();
    await assertBothFail(sdk, url, 502);
  });

  test('a redirect is not followed', LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    mock.play({ status: 307, headers: { location: '/v1/elsewhere' } });
    await assertBothFail(sdk, url, 502);
    assert.ok(mock.requests.every((record) => record.url !== '/v1/elsewhere'));
  });

  test('a page instead of an answer is a 502', LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    mock.play({ headers: HTML, body: PAGE });
    await assertBothFail(sdk, url, 502);
  });

  test('a gateway\'s error page is an error of its status', LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    mock.play({ status: 503, headers: HTML, body: PAGE });
    await assertBothFail(sdk, url, 503);
  });

  test('an answer that is compressed unasked is unpacked', LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    const client = sdk.client(url);
    const ask = { model: sdk.plain, prompt: 'x' };
    const compressed = ({ status, headers, body }, coding, compress) =>
      ({ status, headers: { ...headers, 'content-encoding': coding }, body: compress(body) });
    const stream = { ...streamed([]), pieces: undefined,
                     body: sdk.answers.stream(TEXT).join('') };
    for (const [coding, compress] of [['gzip', zlib.gzipSync], ['deflate', zlib.deflateSync]]) {
      mock.play(compressed(sdk.answers.text(TEXT), coding, compress));
      assert.equal(await sdk.text(client, ask), TEXT);
      mock.play(compressed(stream, coding, compress));
      assert.equal(await collect(sdk.stream(client, ask)), TEXT);
      mock.play(compressed(sdk.answers.error(400), coding, compress));
      await assert.rejects(sdk.text(client, ask), /the mock answers 400/);
    }
    mock.play(compressed(sdk.answers.error(400), 'br', zlib.brotliCompressSync));
    await assert.rejects(sdk.text(client, ask), (error) => {
      assert.equal(error.status, 400);
      assert.doesNotMatch(error.message, /[^\x20-\x7e\n]/);
      return true;
    });
  });

  test('connections that the upstream drops between calls are not noticed', LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    const idle = new Map();
    mock.server.on('request', ({ socket }, response) => {
      clearTimeout(idle.get(socket));
      response.on('close', () => idle.set(socket, setTimeout(() => socket.destroy(), 10)));
    });
    mock.play(sdk.answers.text(TEXT));
    const client = sdk.client(url);
    for (let call = 0; call < 10; call++) {
      assert.equal(await sdk.text(client, { model: sdk.plain, prompt: 'x' }), TEXT);
      await sleep(call * 2);
    }
    assert.equal(mock.calls.length, 10);
  });

  test('ten calls in a row share connections', LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    let connections = 0;
    mock.server.on('connection', () => connections++);
    mock.script = (_, before) => (before % 2 === 0 ? sdk.answers.text(TEXT)
      : streamed(sdk.answers.stream(TEXT)));
    const client = sdk.client(url);
    const ask = { model: sdk.plain, prompt: 'x' };
    for (let call = 0; call < 5; call++) {
      assert.equal(await sdk.text(client, ask), TEXT);
      assert.equal(await collect(sdk.stream(client, ask)), TEXT);
    }
    assert.ok(connections <= 3, `${connections} connections to the upstream`);
  });

  test('an upstream\'s error does not tell its key', LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    const key = UPSTREAM_KEYS[sdk.dialect];
    mock.play({ ...whole({ type: 'error', error: { message: `bad key: ${key}`, code: 401,
                                                   type: 'authentication_error' } }, 401),
                headers: { 'content-type': 'application/json', 'x-echo': `Bearer ${key}` } });
    await assert.rejects(sdk.text(sdk.client(url), { model: sdk.plain, prompt: 'x' }), (error) => {
      assert.equal(error.status, 401);
      const headers = JSON.stringify([...error.headers?.entries() ?? []]);
      assert.ok(!`${error.message}${headers}`.includes(key), 'the key is in the client\'s error');
      return true;
    });
  });
}

for (const sdk of sdks)
  describe(sdk.name, { concurrency: 4 }, () => describeFaults(sdk));

test('what an upstream wants of a browser is dropped', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const answer = chat.answers.text(TEXT);
  const unwanted = { 'set-cookie': 'a=b', 'access-control-allow-origin': '*', refresh: '1',
                     location: 'http://127.0.0.1:9/', server: 'mock', 'alt-svc': 'h3=":443"' };
  mock.play({ ...answer, headers: { ...answer.headers, ...unwanted } });
  const seen = await send(`${url}${chat.path}`, { body: JSON.stringify(chat.request(
    { model: chat.plain, prompt: 'x' })) });
  assert.equal(seen.status, 200);
  delete unwanted.server;
  for (const name of Object.keys(unwanted))
    assert.equal(seen.headers[name], undefined, name);
});

test('a body held back for 100-continue is asked for', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const body = JSON.stringify(chat.request({ model: chat.plain, prompt: 'y'.repeat(2_000_000) }));
  mock.play(chat.answers.text(TEXT));
  const request = http.request(`${url}${chat.path}`, {
    method: 'POST', agent: false,
    headers: { expect: '100-continue', authorization: `Bearer ${CLIENT_KEY}`,
               'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } });
  request.flushHeaders();
  await once(request, 'continue');
  request.end(body);
  const [response] = await once(request, 'response');
  assert.equal(response.statusCode, 200);
  response.resume();
  await once(response, 'end');
  assert.equal(mock.calls[0].body.toString(), body);
});

test('SIGTERM lets a stream come to its end', LIMIT, async (t) => {
  const { url, mock, weir } = await stage(t);
  const pieces = chat.answers.stream(TEXT, 4);
  mock.play(streamed([...pieces.slice(0, 3), 1500, ...pieces.slice(3)]));
  let text = '';
  for await (const piece of chat.stream(chat.client(url), { model: chat.plain, prompt: 'x' })) {
    if (text === '')
      weir.child.kill('SIGTERM');
    text += piece;
  }
  assert.equal(text, TEXT);
  assert.deepEqual(await weir.exited, { code: 0, signal: null });
});
