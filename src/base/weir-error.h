/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Everything that can go wrong, with its spelling in HTTP and in each client dialect: one
 * row an error, in weir-error.c.  A row's texts are constants: none holds input. */

#include <glib.h>

typedef enum
{
  WEIR_ERROR_BAD_REQUEST, /* 400: the request is not what the protocol says */
  WEIR_ERROR_BAD_FRAMING, /* 400, and the connection is closed: HTTP/1.1 itself is broken */
  WEIR_ERROR_BAD_JSON,    /* 400: body is not strict JSON */
  WEIR_ERROR_JSON_TOO_DEEP,  /* 400 */
  WEIR_ERROR_JSON_DUPLICATE, /* 400: a name stands twice in an object that is read */
  WEIR_ERROR_UNSUPPORTED,    /* 400: understood, but the chosen upstream cannot say it */
  WEIR_ERROR_THREAD,         /* 400: a conversation kept on the vendor's server */
  WEIR_ERROR_CONTEXT,        /* 400: more than the model can take, says the upstream */
  WEIR_ERROR_UNAUTHORIZED,   /* 401: no client key, or not one of ours */
  WEIR_ERROR_BILLING,        /* 402: the upstream wants money */
  WEIR_ERROR_FORBIDDEN,      /* 403: Origin, Sec-Fetch, peer uid, key limits */
  WEIR_ERROR_NOT_FOUND,      /* 404: no such path */
  WEIR_ERROR_RESPONSE_NOT_FOUND, /* 400: previous_response_id names nothing that is known */
  WEIR_ERROR_MODEL_NOT_FOUND,    /* 404: no upstream serves that model */
  WEIR_ERROR_METHOD_NOT_ALLOWED, /* 405, with Allow */
  WEIR_ERROR_REQUEST_TIMEOUT,    /* 408: head or body did not come in time */
  WEIR_ERROR_TOO_LARGE,          /* 413 */
  WEIR_ERROR_TARGET_TOO_LONG,    /* 414 */
  WEIR_ERROR_MEDIA_TYPE,         /* 415: content type or content coding */
  WEIR_ERROR_EXPECTATION,        /* 417 */
  WEIR_ERROR_MISDIRECTED,        /* 421: Host is not ours */
  WEIR_ERROR_UPGRADE_REQUIRED,   /* 426: only a websocket is spoken here, version 13 */
  WEIR_ERROR_LIMITED,            /* 429, with Retry-After where known */
  WEIR_ERROR_HEAD_TOO_LARGE,     /* 431 */
  WEIR_ERROR_INTERNAL,           /* 500: our own fault */
  WEIR_ERROR_NOT_IMPLEMENTED,    /* 501: method or transfer coding unknown */
  WEIR_ERROR_UPSTREAM,           /* 502: unreachable, refused, reset before an answer */
  WEIR_ERROR_UPSTREAM_TLS,       /* 502: certificate or handshake refused */
  WEIR_ERROR_BAD_UPSTREAM,       /* 502: the answer breaks HTTP, SSE, JSON or its dialect */
  WEIR_ERROR_CUT,                /* 502: the answer ended before its last event */
  WEIR_ERROR_NO_ACCOUNT,         /* 503: entries serve the model, none can now */
  WEIR_ERROR_OVERLOADED,         /* 503: our own caps */
  WEIR_ERROR_SHUTTING_DOWN,      /* 503 */
  WEIR_ERROR_UPSTREAM_TIMEOUT,   /* 504: no head, or silence, for too long */
  WEIR_ERROR_HTTP_VERSION,       /* 505 */
  WEIR_ERROR_LOOP,               /* 508: the request came from ourselves */
  WEIR_ERROR_CONFIG, /* (500) the configuration cannot be used; message has FILE:LINE:COLUMN
                      */
  WEIR_ERROR_IO,     /* (500) a file or socket of ours */
  WEIR_ERROR_CANCELLED, /* (499) the client left */
  WEIR_ERROR_LAST,
} WeirError;

#define WEIR_ERROR (weir_error_quark ())
GQuark weir_error_quark (void);

typedef struct
{
  unsigned status;         /* HTTP status code of the answer */
  const char *code;        /* stable machine name, also `error.code` in the OpenAI shapes */
  const char *openai_type; /* `error.type`, OpenAI API reference, read 2026-10 */
  const char *anthropic_type; /* `error.type`, Anthropic API errors page, read 2026-10 */
  const char *gemini_status;  /* `error.status`, google.rpc.Code names */
} WeirErrorInfo;

/* The row of @code, which must be below WEIR_ERROR_LAST.  Never NULL. */
const WeirErrorInfo *weir_error_get_info (WeirError code);

/* The code of @error when it is ours, else WEIR_ERROR_INTERNAL (or _CANCELLED for a GIO
 * cancellation). */
WeirError weir_error_get_code (const GError *error);

/* The code that an upstream's error answer of @status stands for. */
WeirError weir_error_from_status (unsigned status);

/* Sets @error (nullable) and returns FALSE, so that a reader may write
 * `return weir_error_set (…);`. */
gboolean weir_error_set (GError **error, WeirError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
