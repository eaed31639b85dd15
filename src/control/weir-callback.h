/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Where a browser comes back to at the end of a sign-in (RFC 8252, 7.3): a port of this
 * machine alone, for one path, as long as one sign-in runs.  Strict: one GET a connection,
 * the Host must be this machine, the caller must be our own user; slow ones make room for
 * others.  What is answered is constant: nothing of a request comes back. */

#include "base/weir-slice.h"
#include "proxy/weir-poller.h"

typedef struct _WeirCallback WeirCallback;

typedef enum
{
  WEIR_CALLBACK_REFUSED, /* 400: not what is waited for */
  WEIR_CALLBACK_TAKEN,
  WEIR_CALLBACK_ENDED, /* it was, and ends the sign-in without success */
} WeirCallbackAnswer;

/* @target: path and query, valid during the call, in which weir_callback_stop may be
 * called. */
typedef WeirCallbackAnswer (*WeirCallbackFunc) (WeirSlice target, gpointer user_data);

/* @path: as it must be asked for, "/callback".  WEIR_ERROR_IO: the port is taken, by whom
 * is said where it can be known. */
WeirCallback *weir_callback_new (WeirPoller *poller,
                                 uint16_t port,
                                 const char *path,
                                 WeirCallbackFunc func,
                                 gpointer user_data,
                                 GError **error);
/* Not from inside the func. */
void weir_callback_free (WeirCallback *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirCallback, weir_callback_free)

/* Nobody is let in any more and the func is not called again; an answer under way still
 * gets there. */
void weir_callback_stop (WeirCallback *self);
