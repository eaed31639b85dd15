/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What `previous_response_id` and `/v1/responses/{id}` mean: finished responses by their
 * id, each with the items that led to it and those that it added.  Bounded by count, bytes
 * and age; whoever was not asked for the longest time is forgotten first.  An owner never
 * sees another's.  Pure. */

#include "base/weir-json.h"

typedef struct _WeirResponseStore WeirResponseStore;

/* @max_age_us: behind the last use. */
WeirResponseStore *
weir_response_store_new (unsigned max_count, size_t max_bytes, int64_t max_age_us);
void weir_response_store_free (WeirResponseStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirResponseStore, weir_response_store_free)

typedef struct
{
  WeirSlice items;     /* JSON values with commas between, no brackets */
  size_t input_length; /* of @items: what led to it, without the comma behind */
  WeirSlice whole;    /* the response object as the client got it; empty: it can be followed
                       * and not read, for its client said that it is not to be stored */
  const char *keeper; /* who else remembers it, and can be asked by its id; "": nobody */
} WeirStoredResponse;

/* Remembers a copy of @response as @id for @owner.  An older one of the same id is
 * replaced. What is larger than the store is not kept. */
void weir_response_store_put (WeirResponseStore *self,
                              const char *owner,
                              const char *id,
                              const WeirStoredResponse *response,
                              int64_t now_us);

/* FALSE: not known (any more).  What @out points to is valid until the next call. */
gboolean weir_response_store_lookup (WeirResponseStore *self,
                                     const char *owner,
                                     const char *id,
                                     int64_t now_us,
                                     WeirStoredResponse *out);

/* Forgets @id; nothing where it is not known. */
void
weir_response_store_remove (WeirResponseStore *self, const char *owner, const char *id);

unsigned weir_response_store_count (const WeirResponseStore *self);
size_t weir_response_store_get_bytes (const WeirResponseStore *self);

/* Appends the items of a request's `input` as above: a list's items, a string as the
 * message that it stands for, nothing for 0.  FALSE when it is neither. */
gboolean
weir_response_store_append_input (GString *out, const WeirJson *json, uint32_t input);

/* (transfer full): the request @body with @items before its own input and without
 * `previous_response_id`; all other bytes as they were.  NULL with WEIR_ERROR_BAD_JSON or
 * _BAD_REQUEST. */
GBytes *weir_response_store_expand (WeirSlice body, WeirSlice items, GError **error);
