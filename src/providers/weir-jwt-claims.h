/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a JSON Web Token says of its holder, read without verifying its signature.  Hence
 * only for tokens that came from the token endpoint itself over our own TLS connection
 * (OpenID Connect Core, 3.1.3.7, point 6), and only to name an account and its plan:
 * nothing is allowed because of a claim. */

#include "base/weir-error.h"
#include "base/weir-slice.h"

#include <stdint.h>

#define WEIR_JWT_BYTES_MAX (32u << 10)
#define WEIR_JWT_TEXT_MAX 320u /* bytes of one claim; a longer one counts as absent */

typedef struct
{
  char *subject;         /* (owned) (nullable) */
  char *email;           /* (owned) (nullable) */
  char *account_id;      /* (owned) (nullable) ChatGPT's account, of a Codex sign-in */
  char *plan;            /* (owned) (nullable) ChatGPT's plan: "plus", "pro", "team" */
  int64_t expires_at_us; /* since 1970; 0: not said, or nonsense */
} WeirJwtClaims;

/* A zeroed WeirJwtClaims is a valid empty one. */
void weir_jwt_claims_clear (WeirJwtClaims *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirJwtClaims, weir_jwt_claims_clear)

/* @token: three parts, strict base64url without padding, the middle one a JSON object.
 * Claims that are absent, of another type, too long or hold control characters are absent.
 * @out must be empty and stays so on failure, which is WEIR_ERROR_BAD_UPSTREAM; the message
 * holds nothing of the token. */
gboolean weir_jwt_claims_read (WeirSlice token, WeirJwtClaims *out, GError **error);
