// SPDX-License-Identifier: GPL-3.0-or-later
//
// Same dialect on both sides: the very bytes go up and come back, whatever they look like.
// Only the value of the model's name may change, and only where an alias is used.

import assert from 'node:assert/strict';
import test from 'node:test';
import { streamed } from './answers.mjs';
import * as answers from './answers.mjs';
import { send } from './raw.mjs';
import { CLIENT_KEY, stage } from './weir.mjs';

const PAUSE_MS = Number(process.env.WEIR_E2E_PAUSE_MS ?? 3000);
const LIMIT = { timeout: PAUSE_MS + 20_000 };

// Numbers no double holds, escapes of every kind, names that look like the one to change.
const ODD_FIELDS = String.raw`"huge" : 1e400,` + '\t'
  + String.raw`"minus":-0, "tenth":0.10,"exact":12345678901234567890.1234567890E+05 ,
  "escapes":"\u00e9\/\b\f\"\\ \ud83c\udf0a \u2028 \u0000 é 世界 ` + '\u2028'
  + String.raw` \"model\":\"x\"", "mod\u0065l2":null,"":[ ],`
  + '"nested":{"model" : "inner", "stream":7}';
const ODD_TEXT = String.raw`h\u00e9 \"model\": \"mock\" \ud83c\udf0a 世界`;

const cases = [
  {
    name: 'chat', path: () => '/v1/chat/completions', plain: 'mock-chat-1',
    alias: 'gpt-alias', aliasUpstream: 'mock-chat-2',
    body: (model, stream) => `\r\n { ${ODD_FIELDS},"z":[1 ,2.50], "model"\t:  ${model}  ,`
      + `"a":true,${stream ? '"stream" : true,' : ''}\n"messages":[ {"content":"${ODD_TEXT}",`
      + '"role":"user", "model":"mock-chat-1"}]}\n\n',
    whole: '\n{"id" :"c1", "object":"chat.completion","huge":1e400, "z":-0,"tenth":0.10,'
      + `"choices":[ {"index":0,"message":{"role":"assistant","content":"${ODD_TEXT}"},`
      + '"finish_reason":"stop"} ],\t"model":"mock-says" }\r\n',
    stream: ': a comment\n\nid: 7\nretry: 10\nunknown: field\n'
      + `data:{"choices":[{"index":0,"delta":{"content":"${ODD_TEXT}"},"huge":1e400}]}\n\n`
      + 'data:   {"choices":[{"index":0,"delta":{ },"finish_reason":"stop"}], "tenth":0.10}\r\n'
      + '\r\n\r\n'
      + 'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"odd":-0}}\n\n'
      + 'data: [DONE]\n\n',
  },
  {
    name: 'responses', path: () => '/v1/responses', plain: 'mock-codex-1',
    alias: 'codex-alias', aliasUpstream: 'mock-codex-2',
    body: (model, stream) => `{"input" : [{"role":"user","content":"${ODD_TEXT}"}],${ODD_FIELDS},`
      + `${stream ? '"stream":\ntrue ,' : ''} "model":${model}}`,
    whole: `{ "id":"r1","object":"response","status":"completed","huge":1e400,"output":[ {"type":`
      + `"message","content":[{"type":"output_text","text":"${ODD_TEXT}"}] } ], "tenth":0.10}`,
    stream: 'event: response.created\ndata: {"type":"response.created", "z":-0,'
      + '"response":{"id":"r1","huge":1e400}}\n\n'
      + 'event:response.output_text.delta\r\n'
      + `data:{ "type":"response.output_text.delta","delta":"${ODD_TEXT}"}\r\n\r\n`
      + 'event: response.unknown_thing\ndata: {"type":"response.unknown_thing"}\n\n'
      + 'event: response.completed\ndata: {"type":"response.completed","response":{"id":"r1",'
      + '"status":"completed","output":[],"usage":{"input_tokens":1,"output_tokens":2}}, "t":0.10}'
      + '\n\n',
  },
  {
    name: 'anthropic', path: () => '/v1/messages?beta=true', plain: 'mock-claude-1',
    alias: 'claude-alias', aliasUpstream: 'mock-claude-2',
    headers: { 'anthropic-version': '2023-06-01',
               'anthropic-beta': 'one-2025-01-01,two-2026-02-02' },
    body: (model, stream) => `{"max_tokens":1024,  "model":${model},${ODD_FIELDS},`
      + `"messages":[{"role":"user","content":"${ODD_TEXT}"}]${stream ? ',"stream":true' : ''} } `,
    whole: '{"id":"m1","type":"message" ,"role":"assistant","huge":1e400, "tenth":0.10,"content":'
      + `[{"type":"text","text":"${ODD_TEXT}"}],"stop_reason":"end_turn","usage":{"input_tokens":1,`
      + '"output_tokens":2} }\n',
    stream: 'event: message_start\ndata: {"type":"message_start", "z":-0,"message":{"id":"m1",'
      + '"usage":{"input_tokens":1,"output_tokens":1}}}\n\n'
      + ': a comment\n\nevent: ping\ndata: {"type": "ping"}\n\n'
      + 'event: content_block_start\ndata: {"type":"content_block_start","index":0,'
      + '"content_block":{"type":"odd_new_block","huge":1e400}}\n\n'
      + 'event: content_block_delta\ndata:{"type":"content_block_delta","index":0,"delta":'
      + `{"type":"text_delta","text":"${ODD_TEXT}"}}\r\n\r\n`
      + 'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
      + 'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},'
      + '"usage":{"output_tokens":2, "odd":0.10}}\n\n'
      + 'event: message_stop\ndata: {"type":"message_stop"  }\n\n',
  },
  {
    name: 'gemini', plain: 'mock-gemini-1', alias: 'gemini-alias', aliasUpstream: 'mock-gemini-2',
    path: (model, stream) => `/v1beta/models/${model}:`
      + (stream ? 'streamGenerateContent?alt=sse' : 'generateContent'),
    body: () => `{"contents" : [{"role":"user","parts":[{"text":"${ODD_TEXT}"}]}], ${ODD_FIELDS} }`,
    whole: `{ "candidates":[{"content":{"parts":[{"text":"${ODD_TEXT}"}],"role":"model"},`
      + '"finishReason":"STOP"}],"huge":1e400, "z":-0,"tenth":0.10}\n',
    stream: `data: {"candidates":[{"content":{"parts":[{"text":"${ODD_TEXT}"}]}}], "z":-0}\r\n\r\n`
      + 'data: {"candidates": [{"content": {"parts": [{"text": ""}]},"finishReason":"STOP"}],'
      + '"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2}, "t":0.10}\r\n\r\n',
  },
  {
    name: 'gemini as an array', plain: 'mock-gemini-1', alias: 'gemini-alias',
    aliasUpstream: 'mock-gemini-2', onlyStream: true,
    path: (model) => `/v1beta/models/${model}:streamGenerateContent`,
    body: () => `{"contents" : [{"role":"user","parts":[{"text":"${ODD_TEXT}"}]}], ${ODD_FIELDS} }`,
    streamType: 'application/json',
    stream: `[{"candidates":[{"content":{"parts":[{"text":"${ODD_TEXT}"}]}}], "huge":1e400}\n,\r\n`
      + '{"candidates": [{"content": {"parts": [{"text": ""}]},"finishReason":"STOP"}],'
      + '"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2}, "t":0.10}\n]\n',
  },
];

function cutInPieces(text, size) {
  const bytes = Buffer.from(text);
  const pieces = [];
  for (let at = 0; at < bytes.length; at += size)
    pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

// The fields of @record named in @headers, to be compared with them.
function pick(record, headers) {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, record.headers[name]]));
}

for (const dialect of cases) {
  for (const streaming of dialect.onlyStream ? [true] : [false, true]) {
    for (const aliased of [false, true]) {
      for (const chunked of [false, true]) {
        const name = [dialect.name, streaming ? 'stream' : 'whole', aliased ? 'alias' : 'no alias',
                      chunked ? 'chunked request' : 'counted request'].join(', ');
        test(`the very bytes both ways: ${name}`, LIMIT, async (t) => {
          const { url, mock } = await stage(t);
          const model = aliased ? dialect.alias : dialect.plain;
          const upstreamModel = aliased ? dialect.aliasUpstream : dialect.plain;
          const headers = dialect.headers ?? {};
          const answer = streaming
            ? { headers: { 'content-type': dialect.streamType ?? 'text/event-stream' },
                pieces: cutInPieces(dialect.stream, 7) }
            : { headers: { 'content-type': 'application/json' }, body: dialect.whole };
          mock.play(answer);

          const seen = await send(`${url}${dialect.path(model, streaming)}`, {
            body: Buffer.from(dialect.body(JSON.stringify(model), streaming)), chunked, headers });

          assert.equal(seen.status, 200, seen.body.toString());
          const [record] = mock.calls;
          assert.equal(record.url, dialect.path(upstreamModel, streaming));
          assert.equal(record.body.toString(),
                       dialect.body(JSON.stringify(upstreamModel), streaming));
          assert.deepEqual(pick(record, headers), headers);
          assert.match(record.headers['content-type'], /^application\/json\b/);
          assert.equal(seen.body.toString(), streaming ? dialect.stream : dialect.whole);
          assert.ok(seen.whole);
          assert.ok(seen.headers['content-type'].startsWith(answer.headers['content-type']));
        });
      }
    }
  }
}

test('an alias spelt with escapes is the same alias', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const [chat] = cases;
  mock.play({ headers: { 'content-type': 'application/json' }, body: chat.whole });
  const seen = await send(`${url}${chat.path()}`,
                          { body: Buffer.from(chat.body(String.raw`"gpt\u002dal\u0069as"`)) });
  assert.equal(seen.status, 200, seen.body.toString());
  assert.equal(mock.calls[0].body.toString(), chat.body('"mock-chat-2"'));
});

test('a name with a slash and a colon is a name like any other', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const [chat] = cases;
  mock.play({ headers: { 'content-type': 'application/json' }, body: chat.whole });
  const seen = await send(`${url}${chat.path()}`,
                          { body: Buffer.from(chat.body('"ft:odd/name:1"')) });
  assert.equal(seen.status, 200, seen.body.toString());
  assert.equal(mock.calls[0].body.toString(), chat.body('"mock-chat-4"'));
});

test('12 MB go up and come back unchanged', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const filler = 'a1\\u00e9 世界 '.repeat(600_000);
  const up = Buffer.from('{"model" : "mock-chat-1",'
    + `"messages":[{"role":"user","content":"${filler}"}]}`);
  const down = `{"choices":[{"index":0,"finish_reason":"stop","message":{"content":"${filler}"}}]}`;
  mock.play({ headers: { 'content-type': 'application/json' }, body: down });
  const seen = await send(`${url}/v1/chat/completions`, { body: up });
  assert.equal(seen.status, 200);
  assert.ok(mock.calls[0].body.equals(up));
  assert.ok(seen.body.equals(Buffer.from(down)));
});

// A keep-alive may stand between two events and nowhere else; Gemini's readers know none.
for (const dialect of cases.slice(0, 4)) {
  const events = answers[dialect.name].stream('some words to pause between');
  const middle = events.findIndex((event) => event.includes('some wo')) + 1;
  const pauses = [['after the first words', middle], ['before the first word', 1]];

  for (const [when, at] of dialect.name === 'gemini' ? pauses.slice(0, 1) : pauses) {
    test(`keep-alive in a pause ${when}: ${dialect.name}`, LIMIT, async (t) => {
      const { url, mock } = await stage(t, { keepaliveSeconds: 1 });
      mock.play(streamed([...events.slice(0, at), PAUSE_MS, ...events.slice(at)]));
      const seen = await send(`${url}${dialect.path(dialect.plain, true)}`, {
        body: dialect.body(`"${dialect.plain}"`, true), headers: dialect.headers });
      const text = seen.body.toString();
      const comments = text.match(/^:.*\n\n/gm) ?? [];
      assert.equal(text.replace(/^:.*\n\n/gm, ''), events.join(''));
      if (dialect.name === 'gemini')
        assert.equal(comments.length, 0);
      else
        assert.ok(comments.length >= Math.floor(PAUSE_MS / 1000) - 1 && comments.length > 0,
                  `${comments.length} keep-alives in ${PAUSE_MS} ms`);
    });
  }

  test(`no keep-alive inside an event: ${dialect.name}`, LIMIT, async (t) => {
    const { url, mock } = await stage(t, { keepaliveSeconds: 1 });
    const [before, cut, after] = [events.slice(0, middle), events[middle],
                                  events.slice(middle + 1)];
    const half = cut.length / 2;
    mock.play(streamed([...before, cut.slice(0, half), 2500, cut.slice(half), ...after]));
    const seen = await send(`${url}${dialect.path(dialect.plain, true)}`, {
      body: dialect.body(`"${dialect.plain}"`, true), headers: dialect.headers });
    assert.equal(seen.body.toString().replace(/^:.*\n\n/gm, ''), events.join(''));
  });
}

// A key in the address is Gemini's way only: addresses end up in logs.
const keyPlaces = [
  ['bearer', (url) => [url, { authorization: `Bearer ${CLIENT_KEY}` }]],
  ['x-api-key', (url) => [url, { 'x-api-key': CLIENT_KEY }]],
  ['x-goog-api-key', (url) => [url, { 'x-goog-api-key': CLIENT_KEY }]],
  ['key=', (url) => [`${url}${url.includes('?') ? '&' : '?'}key=${CLIENT_KEY}`, {}]],
];

for (const dialect of cases.slice(0, 4)) {
  test(`the client's key may stand in any usual place: ${dialect.name}`, LIMIT, async (t) => {
    const { url, mock } = await stage(t);
    mock.play({ headers: { 'content-type': 'application/json' }, body: dialect.whole });
    const places = keyPlaces.slice(0, dialect.name === 'gemini' ? 4 : 3);
    for (const [place, put] of places) {
      const [target, headers] = put(`${url}${dialect.path(dialect.plain, false)}`);
      const seen = await send(target, {
        body: dialect.body(`"${dialect.plain}"`, false),
        headers: { authorization: [], ...dialect.headers, ...headers } });
      assert.equal(seen.status, 200, `${place}: ${seen.body}`);
    }
    assert.equal(mock.calls.length, places.length);
    const targets = new Set(mock.calls.map((record) => record.url));
    assert.deepEqual([...targets], [dialect.path(dialect.plain, false)]);
  });
}

test('what tells of the client stays here', LIMIT, async (t) => {
  const { url, mock } = await stage(t);
  const [chat] = cases;
  mock.play({ headers: { 'content-type': 'application/json' }, body: chat.whole });
  const personal = { cookie: 'session=1', referer: 'http://127.0.0.1/',
                     'x-forwarded-for': '10.0.0.1', 'x-real-ip': '10.0.0.1',
                     'proxy-authorization': 'Basic eDp5' };
  const seen = await send(`${url}${chat.path()}`,
                          { body: chat.body('"mock-chat-1"'), headers: personal });
  assert.equal(seen.status, 200, seen.body.toString());
  for (const name of Object.keys(personal))
    assert.equal(mock.calls[0].headers[name], undefined, name);
  assert.equal(mock.calls[0].headers.host, `127.0.0.1:${mock.port}`);
});
