// SPDX-License-Identifier: GPL-3.0-or-later
//
// A scripted upstream: one HTTP server on a free port that writes down every request (raw
// bytes) and answers what the test's script says.  It knows no dialect.
//
// An answer is { status, headers, body } for a whole one (gzip: true compresses it for those who
// accept that), or { status, headers, pieces } for a streamed one; delay: milliseconds of silence
// before the head.  A piece is bytes or text to send, a number of milliseconds to stay silent, or
// one of CUT (reset the connection), END_EARLY (end it properly, here and now) and HANG (say
// nothing more until the other side leaves).  An answer that is HANG never even has a head.

import http from 'node:http';
import zlib from 'node:zlib';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export const CUT = Symbol('cut');
export const END_EARLY = Symbol('end early');
export const HANG = Symbol('hang');

async function readBody(request) {
  const pieces = [];
  for await (const piece of request)
    pieces.push(piece);
  return Buffer.concat(pieces);
}

// TRUE while the answer may go on.
async function sendPiece(response, record, piece) {
  if (typeof piece === 'number')
    await Promise.race([sleep(piece), record.closed]);
  else if (piece === CUT)
    response.socket.resetAndDestroy();
  else if (piece === HANG)
    await record.closed;
  else if (piece !== END_EARLY && !response.write(piece))
    await Promise.race([once(response, 'drain'), record.closed]);
  return typeof piece !== 'symbol' && !response.destroyed;
}

async function sendAnswer(response, record, answer) {
  if (answer === HANG)
    return record.closed;
  if (answer.delay !== undefined)
    await Promise.race([sleep(answer.delay), record.closed]);
  const headers = { ...answer.headers };
  if (answer.pieces === undefined) {
    let body = Buffer.from(answer.body ?? '');
    if (answer.gzip && /\bgzip\b/.test(record.headers['accept-encoding'] ?? '')) {
      body = zlib.gzipSync(body);
      headers['content-encoding'] = 'gzip';
    }
    headers['content-length'] = body.length;
    response.writeHead(answer.status ?? 200, headers);
    return response.end(body);
  }
  response.writeHead(answer.status ?? 200, headers);
  response.flushHeaders();
  for (const piece of answer.pieces) {
    if (!await sendPiece(response, record, piece)) {
      if (piece === END_EARLY)
        break;
      return undefined;
    }
  }
  return response.end();
}

export class Mock {
  requests = [];
  // What to answer: (record, how many came before it) => answer.
  script = () => ({ status: 500, body: 'the mock has no script' });

  static async start() {
    const mock = new Mock();
    mock.server = http.createServer((request, response) => mock.serve(request, response));
    mock.server.keepAliveTimeout = 60_000;
    mock.server.on('upgrade', (request, socket) => {
      mock.requests.push({ method: request.method, url: request.url,
                           headers: request.headers, rawHeaders: request.rawHeaders,
                           body: Buffer.alloc(0), upgrade: true });
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
    });
    mock.server.listen(0, '127.0.0.1');
    await once(mock.server, 'listening');
    mock.port = mock.server.address().port;
    return mock;
  }

  async serve(request, response) {
    const record = { method: request.method, url: request.url, headers: request.headers,
                     rawHeaders: request.rawHeaders, startedAt: Date.now(), whole: false };
    record.closed = new Promise((resolve) => {
      response.on('close', () => {
        record.closedAt = Date.now();
        record.whole = response.writableFinished;
        resolve();
      });
    });
    response.on('error', () => {});
    try {
      record.body = await readBody(request);
    } catch {
      return; // the sender left in the middle: nothing to record but that
    }
    const before = this.requests.length;
    this.requests.push(record);
    try {
      await sendAnswer(response, record, this.script(record, before));
    } catch (error) {
      record.error = error;
      response.destroy();
    }
  }

  // The answers in turn; what comes after the last one gets the last one again.
  play(...answers) {
    const first = this.requests.length;
    this.script = (record, before) => answers[Math.min(before - first, answers.length - 1)];
  }

  // Requests that reach the model, in the order of arrival.
  get calls() {
    return this.requests.filter((record) => record.method === 'POST');
  }

  json(index) {
    return JSON.parse(this.calls.at(index).body);
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
