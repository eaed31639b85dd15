/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The payload of a token.  Head and signature are looked at only as far as that they are
 * base64url. */

#include "config.h"

#include "providers/weir-jwt-claims.h"

#include "base/weir-json.h"

/* Codex CLI's sign-in, read 2026-10: names of the claims that hold the account. */
#define CODEX_CLAIM "https://api.openai.com/auth"
#define CODEX_PROFILE_CLAIM "https://api.openai.com/profile"

/* Later dates (year 5138) are nonsense. */
#define EXPIRES_MAX_S 1e11

static int
get_digit (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* RFC 4648, 5, without padding; bits that no byte needs must be zero.  @out has room for
 * every byte; NULL: the digits are only checked. */
static gboolean
decode (WeirSlice text, char *out, size_t *out_length)
{
  unsigned bits = 0;
  unsigned n_bits = 0;
  size_t length = 0;

  for (size_t i = 0; i < text.length; i++)
    {
      int digit = get_digit (text.text[i]);

      if (digit < 0)
        return FALSE;
      bits = bits << 6 | (unsigned)digit;
      n_bits += 6;
      if (n_bits < 8)
        continue;
      n_bits -= 8;
      if (out != NULL)
        out[length] = (char)(bits >> n_bits & 0xff);
      length++;
      bits &= (1u << n_bits) - 1;
    }
  *out_length = length;
  return n_bits < 6 && bits == 0;
}

static gboolean
split (WeirSlice token, WeirSlice *out_payload)
{
  const char *end = token.text + token.length;
  const char *first = memchr (token.text, '.', token.length);
  const char *second;
  size_t length;

  if (first == NULL)
    return FALSE;
  second = memchr (first + 1, '.', (size_t)(end - first - 1));
  if (second == NULL)
    return FALSE;
  *out_payload = (WeirSlice){ first + 1, (size_t)(second - first - 1) };
  /* a third dot is no digit */
  return decode ((WeirSlice){ token.text, (size_t)(first - token.text) }, NULL, &length)
         && decode ((WeirSlice){ second + 1, (size_t)(end - second - 1) }, NULL, &length);
}

static char *
dup_claim (const WeirJson *json, uint32_t object, const char *name)
{
  uint32_t item = weir_json_lookup (json, object, name);
  g_autofree char *text = NULL;

  if (item == 0)
    return NULL;
  text = weir_json_dup_text (json, item);
  if (text == NULL || *text == '\0' || strlen (text) > WEIR_JWT_TEXT_MAX)
    return NULL;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return NULL;
  return g_steal_pointer (&text);
}

static int64_t
read_expiry (const WeirJson *json)
{
  uint32_t item = weir_json_lookup (json, 0, "exp");
  g_autofree char *digits = NULL;
  double seconds;

  if (item == 0 || weir_json_get_type (json, item) != WEIR_JSON_NUMBER)
    return 0;
  digits = weir_slice_dup (weir_json_get_raw (json, item));
  seconds = g_ascii_strtod (digits, NULL);
  return seconds > 0 && seconds < EXPIRES_MAX_S ? (int64_t)(seconds * G_USEC_PER_SEC) : 0;
}

static void
read_claims (const WeirJson *json, WeirJwtClaims *out)
{
  uint32_t codex = weir_json_lookup (json, 0, CODEX_CLAIM);
  uint32_t profile = weir_json_lookup (json, 0, CODEX_PROFILE_CLAIM);

  out->subject = dup_claim (json, 0, "sub");
  out->email = dup_claim (json, 0, "email");
  out->expires_at_us = read_expiry (json);
  if (out->email == NULL && profile != 0)
    out->email = dup_claim (json, profile, "email");
  if (codex == 0)
    return;
  out->account_id = dup_claim (json, codex, "chatgpt_account_id");
  out->plan = dup_claim (json, codex, "chatgpt_plan_type");
}

void
weir_jwt_claims_clear (WeirJwtClaims *self)
{
  g_free (self->subject);
  g_free (self->email);
  g_free (self->account_id);
  g_free (self->plan);
  *self = (WeirJwtClaims){ 0 };
}

gboolean
weir_jwt_claims_read (WeirSlice token, WeirJwtClaims *out, GError **error)
{
  static const WeirJsonLimits limits = { .max_depth = 16, .max_items = 4096 };
  g_auto (WeirJson) json = { 0 };
  g_autofree char *text = NULL;
  WeirSlice payload;
  size_t length;

  if (token.length == 0 || token.length > WEIR_JWT_BYTES_MAX)
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM, "a token of no usable size");
  if (!split (token, &payload))
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM, "a token of another shape");
  text = g_malloc (payload.length + 1);
  if (!decode (payload, text, &length)
      || !weir_json_parse (&json, text, length, &limits, NULL)
      || weir_json_get_type (&json, 0) != WEIR_JSON_OBJECT
      || !weir_json_check_names (&json, 0, NULL))
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM, "a token without claims");
  read_claims (&json, out);
  return TRUE;
}
