/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Amazon's sign-in, as Kiro has it: no client is known beforehand, so each sign-in
 * registers one, and what renews its tokens later is the token, that client and where both
 * are known.  They are kept together in the place of the refresh token.  Bodies are JSON in
 * camel case (AWS IAM Identity Center OIDC API reference: RegisterClient,
 * StartDeviceAuthorization, CreateToken; read 2026-11).  For weir-oauth*.c and importers.
 */

#include "providers/weir-oauth.h"

typedef struct
{
  WeirSecret *token; /* (owned) */
  char *client_id;   /* (owned) (nullable): NULL: Kiro's own sign-in by Google or GitHub */
  WeirSecret *client_secret; /* (owned) (nullable) */
  char *region;              /* (owned) (nullable): NULL: "us-east-1" */
} WeirOauthAwsGrant;

/* A zeroed one holds nothing. */
void weir_oauth_aws_grant_clear (WeirOauthAwsGrant *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirOauthAwsGrant, weir_oauth_aws_grant_clear)

/* (transfer full) (nullable): all of it as one word; NULL where that is too long. */
WeirSecret *weir_oauth_aws_grant_write (const WeirOauthAwsGrant *self);
/* @out must be empty.  FALSE: @word is no such word. */
gboolean weir_oauth_aws_grant_read (const WeirSecret *word, WeirOauthAwsGrant *out);

/* Letters, digits and "-": a name that may stand in an address. */
gboolean weir_oauth_aws_is_region (const char *text);
/* (transfer full) (nullable): where requests of a profile go that is not of the ordinary
 * region; @profile: its ARN. */
char *weir_oauth_aws_dup_base_url (const char *profile);

/* As of weir-oauth.h, for rows of WEIR_OAUTH_DEVICE_AWS; @out must be empty. */
void weir_oauth_aws_write_register (const WeirOauthClient *client, WeirOauthRequest *out);
void weir_oauth_aws_write_device (const WeirOauthClient *client, WeirOauthRequest *out);
void weir_oauth_aws_write_poll (const WeirOauthClient *client,
                                const WeirSecret *device_code,
                                WeirOauthRequest *out);
/* @word: of weir_oauth_aws_grant_write; any other is taken for a token of Kiro's own. */
void weir_oauth_aws_write_refresh (const WeirOauthClient *client,
                                   const WeirSecret *word,
                                   WeirOauthRequest *out);

/* The token *@token (owned), which came for @before, becomes such a word itself. */
void weir_oauth_aws_renew (const WeirSecret *before, WeirSecret **token);
