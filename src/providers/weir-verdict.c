/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Status to verdict.  RFC 9110, 15; 529 is Anthropic's overloaded_error (API errors page,
 * read 2026-10). */

#include "config.h"

#include "providers/weir-verdict.h"

typedef struct
{
  unsigned from;
  unsigned to;
  WeirVerdict verdict;
} Row;

/* clang-format off */
static const Row rows[] = {
  /* the first row that holds the status counts */
  { 200, 299, WEIR_VERDICT_FINE },
  { 300, 399, WEIR_VERDICT_NONSENSE },    /* redirects would carry the key elsewhere */
  { 401, 403, WEIR_VERDICT_ROTATE },      /* this key, its money, its rights */
  { 408, 408, WEIR_VERDICT_ROTATE_ONCE },
  { 429, 429, WEIR_VERDICT_ROTATE },
  { 400, 499, WEIR_VERDICT_CLIENT_FAULT },
  { 503, 503, WEIR_VERDICT_ROTATE },
  { 529, 529, WEIR_VERDICT_ROTATE },
  { 500, 599, WEIR_VERDICT_ROTATE_ONCE },
};
/* clang-format on */

WeirVerdict
weir_verdict_of_status (unsigned status)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (status >= rows[i].from && status <= rows[i].to)
      return rows[i].verdict;
  return WEIR_VERDICT_NONSENSE;
}
