/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An account's identity, of the claims of its tokens, of what the token endpoint said with
 * them, or of what the vendor answers when it is asked. */

#include "config.h"

#include "control/weir-identity.h"

#include "base/weir-json.h"
#include "providers/weir-jwt-claims.h"
#include "providers/weir-oauth-aws.h"

gboolean
weir_identity_needs_user (const WeirProviderOauth *row)
{
  return row->user_url != NULL;
}

/* (transfer full) (nullable): text or a whole number, of one line. */
static char *
read_member (const WeirJson *json, uint32_t object, const char *name)
{
  const uint32_t item = weir_json_lookup (json, object, name);
  g_autofree char *text = NULL;
  uint64_t number = 0;

  if (item == 0)
    return NULL;
  if (weir_json_get_uint (json, item, &number))
    return g_strdup_printf ("%" G_GUINT64_FORMAT, number);
  text = weir_json_dup_text (json, item);
  if (text == NULL || *text == '\0' || strlen (text) > WEIR_IDENTITY_TEXT_MAX)
    return NULL;
  for (const char *c = text; *c != '\0'; c++)
    if ((unsigned char)*c < 0x20 || *c == 0x7f)
      return NULL;
  return g_steal_pointer (&text);
}

/* GitHub REST API, "Get the authenticated user" (id, login, email); Google's userinfo (id,
 * email); both read 2026-10.  Kiro's getUsageLimits (userInfo: userId, email), 2026-11. */
static void
read_user (WeirSlice user, WeirAccountIdentity *out)
{
  g_auto (WeirJson) json = { 0 };
  g_autofree char *login = NULL;
  uint32_t info;

  if (!weir_json_parse (&json, user.text, user.length, NULL, NULL)
      || weir_json_get_type (&json, 0) != WEIR_JSON_OBJECT)
    return;
  info = weir_json_lookup (&json, 0, "userInfo");
  out->vendor_id = read_member (&json, 0, "id");
  if (out->vendor_id == NULL)
    out->vendor_id = read_member (&json, 0, "sub");
  if (out->vendor_id == NULL && info != 0)
    out->vendor_id = read_member (&json, info, "userId");
  login = read_member (&json, 0, "login");
  out->email
      = login != NULL ? g_steal_pointer (&login) : read_member (&json, info, "email");
}

/* What @from has and @to has not. */
static void
fill (char **to, char **from)
{
  if (*to == NULL)
    *to = g_steal_pointer (from);
}

static void
read_claims (const WeirSecret *token, WeirAccountIdentity *out)
{
  g_auto (WeirJwtClaims) claims = { 0 };

  if (token == NULL || !weir_jwt_claims_read (weir_secret_reveal (token), &claims, NULL))
    return;
  fill (&out->vendor_id, &claims.account_id);
  fill (&out->vendor_id, &claims.subject);
  fill (&out->email, &claims.email);
  fill (&out->plan, &claims.plan);
}

gboolean
weir_identity_read (const WeirProviderOauth *row,
                    const WeirOauthAnswer *tokens,
                    WeirSlice user,
                    WeirAccountIdentity *out,
                    GError **error)
{
  if (user.length > 0)
    read_user (user, out);
  if (tokens->profile != NULL)
    {
      out->project = g_strdup (tokens->profile);
      out->base_url = weir_oauth_aws_dup_base_url (tokens->profile);
    }
  if (out->vendor_id == NULL)
    out->vendor_id = g_strdup (tokens->subject);
  if (out->email == NULL)
    out->email = g_strdup (tokens->email);
  read_claims (tokens->id_token, out);
  read_claims (tokens->access_token, out);
  if (out->vendor_id == NULL)
    out->vendor_id = g_strdup (out->email);
  if (out->vendor_id != NULL)
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                         "%s did not say whose account it is. Please try again later.",
                         row->name);
}
