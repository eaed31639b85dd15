/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A page of a kept response's input items, as OpenAI lists them ("list input items", read
 * 2026-11).  Pure. */

#include "base/weir-slice.h"

#define WEIR_RESPONSE_PAGE_MAX 100u
#define WEIR_RESPONSE_PAGE_USUAL 20u

typedef struct
{
  unsigned limit; /* 1 to WEIR_RESPONSE_PAGE_MAX */
  gboolean ascending;
  const char *after; /* (nullable): the id behind which the page begins */
} WeirResponsePage;

/* Appends the page of @items (JSON values with commas between).  Items come as they were
 * sent, with what the reference has in each and clients may leave out: an id made of @id
 * and the item's place, a message's type, status and list of parts.  FALSE:
 * WEIR_ERROR_BAD_REQUEST, `after` is no item's id. */
gboolean weir_response_page_write (GString *out,
                                   WeirSlice items,
                                   const char *id,
                                   const WeirResponsePage *page,
                                   GError **error);
