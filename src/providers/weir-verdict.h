/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What an upstream's reply means for the request: hand it on, or ask another seat.  A
 * table; what it means for the account comes with accounts. */

#include <glib.h>

typedef enum
{
  WEIR_VERDICT_FINE,         /* an answer: read it */
  WEIR_VERDICT_CLIENT_FAULT, /* handed on as it is: another seat would say the same */
  WEIR_VERDICT_ROTATE, /* another seat may do better; the last one's reply is handed on */
  WEIR_VERDICT_ROTATE_ONCE, /* the same, but only one more seat is asked */
  WEIR_VERDICT_NONSENSE,    /* not an answer at all: 502 */
} WeirVerdict;

/* @status: of a response's head, 100 to 599 (1xx never gets here). */
WeirVerdict weir_verdict_of_status (unsigned status);
