/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The vendor's word, and asking for tokens. */

#include "config.h"

#include "accounts-vendor.h"

char *
vendor_dup_tokens (unsigned number)
{
  return g_strdup_printf ("{\"token_type\":\"Bearer\",\"access_token\":\"access-%u\","
                          "\"refresh_token\":\"refresh-%u\",\"expires_in\":3600}",
                          number, number);
}

gboolean
vendor_is_told (const WeirOauthRequest *request, const char *text)
{
  g_autofree char *body = weir_slice_dup (weir_secret_reveal (request->body));

  return strstr (body, text) != NULL;
}

gboolean
vendor_answers (AccountsPlace *place,
                const WeirOauthRequest *request,
                unsigned *out_status,
                char **out_body)
{
  Vendor *vendor = place->vendor_data;
  g_autofree char *wanted = g_strdup_printf ("\"refresh-%u\"", vendor->number);

  if (vendor->is_slow)
    return FALSE;
  if (vendor->status != 0)
    {
      *out_status = vendor->status;
      *out_body = g_strdup (vendor->body);
      return TRUE;
    }
  vendor->is_revoked |= !vendor_is_told (request, wanted);
  *out_status = vendor->is_revoked ? 400 : 200;
  *out_body = vendor->is_revoked ? g_strdup ("{\"error\":\"invalid_grant\"}")
                                 : vendor_dup_tokens (++vendor->number);
  if (vendor->loses)
    *out_status = 0;
  vendor->loses = FALSE;
  return TRUE;
}

WeirAccount *
vendor_begin (AccountsPlace *place, Vendor *vendor, int64_t life_us)
{
  g_autoptr (GError) error = NULL;
  WeirAccount *account = NULL;

  vendor->number = 1;
  place->vendor = vendor_answers;
  place->vendor_data = vendor;
  account
      = accounts_place_add (place, "jane", "access-1", "refresh-1", life_us, NULL, &error);
  g_assert_no_error (error);
  return account;
}

void
vendor_assert_ensured (AccountsPlace *place,
                       const char *id,
                       const char *refused,
                       const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *token = accounts_place_ensure (place, id, refused, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (token, ==, text);
}

void
vendor_assert_not_ensured (AccountsPlace *place,
                           const char *id,
                           const char *refused,
                           WeirError code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *token = accounts_place_ensure (place, id, refused, &error);

  g_assert_null (token);
  g_assert_error (error, WEIR_ERROR, (int)code);
}
