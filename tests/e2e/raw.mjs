// SPDX-License-Identifier: GPL-3.0-or-later
//
// A client that sends and sees exactly the bytes it is given: no SDK between.

import http from 'node:http';
import { CLIENT_KEY } from './weir.mjs';

// Sends @body (null: none) and resolves to { status, headers, body, whole }.  @onPiece sees
// every piece as it comes, and the request, which it may destroy.
export function send(url, { method = 'POST', headers = {}, body = null, chunked = false,
                            onPiece } = {}) {
  const fields = { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json',
                   ...headers };
  if (body !== null && !chunked)
    fields['content-length'] = Buffer.byteLength(body);
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers: fields, agent: false });
    request.on('error', reject);
    request.on('upgrade', (_, socket) => socket.destroy());
    request.on('response', (response) => {
      const pieces = [];
      const finish = () => resolve({ status: response.statusCode, headers: response.headers,
                                     body: Buffer.concat(pieces), whole: response.complete });
      response.on('data', (piece) => {
        pieces.push(piece);
        onPiece?.(piece, request);
      });
      response.on('end', finish);
      response.on('error', finish);
    });
    if (body !== null && chunked) {
      for (let at = 0; at < body.length; at += 7)
        request.write(body.subarray(at, at + 7));
      request.end();
    } else {
      request.end(body);
    }
  });
}
