/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A vendor that gives a new refresh token with each renewal and revokes everything when an
 * old one is used again. */

#include "accounts-fixture.h"

#define MINUTE_US (60 * (int64_t)G_USEC_PER_SEC)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)

/* What the vendor is like. */
typedef struct
{
  unsigned number;     /* of the refresh token that it takes */
  gboolean is_revoked; /* an old one was used again */
  gboolean loses;      /* the next answer comes to nothing on the wire */
  unsigned status;     /* 0: it answers as it should */
  const char *body;    /* of another status */
  gboolean is_slow;    /* the test answers */
} Vendor;

/* (transfer full): its answer with the tokens of that number. */
char *vendor_dup_tokens (unsigned number);
/* TRUE: the body of @request holds @text. */
gboolean vendor_is_told (const WeirOauthRequest *request, const char *text);
/* A VendorFunc whose data is a Vendor. */
gboolean vendor_answers (AccountsPlace *place,
                         const WeirOauthRequest *request,
                         unsigned *out_status,
                         char **out_body);
/* (transfer full): an account whose tokens have number 1, at @vendor. */
WeirAccount *vendor_begin (AccountsPlace *place, Vendor *vendor, int64_t life_us);
/* Asking for a token, @refused (nullable), gives @text, or that error. */
void vendor_assert_ensured (AccountsPlace *place,
                            const char *id,
                            const char *refused,
                            const char *text);
void vendor_assert_not_ensured (AccountsPlace *place,
                                const char *id,
                                const char *refused,
                                WeirError code);
