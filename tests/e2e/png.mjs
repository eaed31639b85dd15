// SPDX-License-Identifier: GPL-3.0-or-later
//
// Pictures to send about.

import crypto from 'node:crypto';
import zlib from 'node:zlib';

function pngChunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(zlib.crc32(body), body.length + 4);
  return chunk;
}

// A picture of noise, small enough that no client shrinks it.
export function makePng(size) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Array.from({ length: size }, () =>
    Buffer.concat([Buffer.from([0]), crypto.randomBytes(size * 3)]));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), pngChunk('IHDR', header),
                        pngChunk('IDAT', zlib.deflateSync(Buffer.concat(rows))),
                        pngChunk('IEND', Buffer.alloc(0))]);
}
