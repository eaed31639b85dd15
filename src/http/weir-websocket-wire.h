/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Websocket frames (RFC 6455) as a server reads and writes them: no extensions, so no
 * compression.  Pure: no I/O, and memory only for bytes that have come. */

#include "base/weir-slice.h"

#include <stdint.h>

typedef enum
{
  WEIR_WEBSOCKET_CONTINUATION = 0,
  WEIR_WEBSOCKET_TEXT = 1,
  WEIR_WEBSOCKET_BINARY = 2,
  WEIR_WEBSOCKET_CLOSE = 8,
  WEIR_WEBSOCKET_PING = 9,
  WEIR_WEBSOCKET_PONG = 10,
} WeirWebsocketOpcode;

/* Codes of close frames (7.4.1). */
#define WEIR_WEBSOCKET_NORMAL 1000
#define WEIR_WEBSOCKET_GOING_AWAY 1001
#define WEIR_WEBSOCKET_BROKEN 1002
#define WEIR_WEBSOCKET_TOO_LARGE 1009

#define WEIR_WEBSOCKET_HEAD_MAX 14
#define WEIR_WEBSOCKET_CONTROL_MAX 125

typedef struct
{
  size_t cap; /* of a message's bytes */
  uint8_t head[WEIR_WEBSOCKET_HEAD_MAX];
  unsigned head_length; /* of it that have come */
  gboolean in_payload;
  uint64_t left; /* of the frame's payload */
  uint8_t mask[4];
  unsigned mask_at;
  gboolean final;
  uint8_t opcode;       /* of the frame */
  uint8_t message;      /* opcode of the message under way; 0 between two */
  GByteArray *gathered; /* (owned) (nullable) of the message */
  GByteArray *control;  /* (owned) (nullable) of the control frame */
} WeirWebsocketReader;

typedef enum
{
  WEIR_WEBSOCKET_MORE,
  WEIR_WEBSOCKET_GOT, /* a whole message or control frame */
  WEIR_WEBSOCKET_BAD, /* nothing more can be read: close with the code */
} WeirWebsocketResult;

/* A zeroed reader with a cap is at the start. */
void weir_websocket_reader_clear (WeirWebsocketReader *self);

/* Reads up to one whole message or control frame.  @out_used: how many bytes were used;
 * call again with the rest.  GOT: *out_opcode is TEXT, BINARY, CLOSE, PING or PONG, and
 * *out_payload is valid until the next call.  BAD: *out_code.  Whether a text is UTF-8 its
 * reader sees. */
WeirWebsocketResult weir_websocket_reader_feed (WeirWebsocketReader *self,
                                                WeirSlice bytes,
                                                size_t *out_used,
                                                WeirWebsocketOpcode *out_opcode,
                                                WeirSlice *out_payload,
                                                unsigned *out_code);

/* Writes the head of an unmasked final frame; returns its length. */
size_t weir_websocket_write_head (uint8_t out[WEIR_WEBSOCKET_HEAD_MAX],
                                  WeirWebsocketOpcode opcode,
                                  uint64_t length);

/* (transfer full) (nullable): the value of Sec-WebSocket-Accept for the one of
 * Sec-WebSocket-Key; NULL where that is not the base64 of 16 bytes. */
char *weir_websocket_dup_accept (WeirSlice key);
