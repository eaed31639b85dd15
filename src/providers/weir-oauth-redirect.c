/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a browser brought back.  It may come from anybody who reaches the listener, or from
 * a clipboard, so it is nothing until its state is ours. */

#include "config.h"

#include "providers/weir-oauth.h"

#include "base/weir-redact.h"

#include <string.h>

#define WORD_MAX 64u
#define REFUSAL_MAX 200u

typedef enum
{
  FIELD_CODE,
  FIELD_STATE,
  FIELD_ERROR,
  FIELD_ERROR_DESCRIPTION,
  FIELD_ISSUER,
  FIELD_LAST,
} Field;

static const char *const field_names[FIELD_LAST]
    = { "code", "state", "error", "error_description", "iss" };

typedef struct
{
  char *values[FIELD_LAST]; /* (owned) (nullable) decoded; secrets may be among them */
} Fields;

static void
fields_clear (Fields *self)
{
  for (unsigned i = 0; i < FIELD_LAST; i++)
    g_clear_pointer (&self->values[i], weir_secret_wipe_string);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fields, fields_clear)

static WeirSlice
trim (WeirSlice text)
{
  while (text.length > 0 && g_ascii_isspace (text.text[0]))
    text = (WeirSlice){ text.text + 1, text.length - 1 };
  while (text.length > 0 && g_ascii_isspace (text.text[text.length - 1]))
    text.length--;
  return text;
}

/* What stands before the first @c; *out_rest is what stands behind it.  FALSE: there is
 * none, and the whole is before it. */
static gboolean
cut (WeirSlice text, char c, WeirSlice *out_before, WeirSlice *out_rest)
{
  const char *place = text.length > 0 ? memchr (text.text, c, text.length) : NULL;
  size_t before = place != NULL ? (size_t)(place - text.text) : text.length;
  size_t rest = place != NULL ? before + 1 : before;

  *out_before = (WeirSlice){ text.text, before };
  *out_rest = (WeirSlice){ text.text + rest, text.length - rest };
  return place != NULL;
}

/* (transfer full) (nullable): the text of a form's value; NULL where an escape is broken or
 * stands for a control byte, or where the text is not UTF-8. */
static char *
dup_decoded (WeirSlice text)
{
  char *out = g_malloc (text.length + 1);
  size_t length = 0;

  for (size_t i = 0; i < text.length; i++)
    {
      char c = text.text[i] == '+' ? ' ' : text.text[i];

      if (c == '%')
        {
          int high = i + 2 < text.length ? g_ascii_xdigit_value (text.text[i + 1]) : -1;
          int low = i + 2 < text.length ? g_ascii_xdigit_value (text.text[i + 2]) : -1;

          c = high < 0 || low < 0 ? '\0' : (char)(high << 4 | low);
          i += 2;
        }
      out[length++] = c;
    }
  out[length] = '\0';
  for (size_t i = 0; i < length; i++)
    if (g_ascii_iscntrl (out[i]))
      length = 0;
  if ((length > 0 || text.length == 0) && g_utf8_validate (out, (gssize)length, NULL))
    return out;
  weir_secret_wipe_string (out);
  return NULL;
}

static gboolean
read_pair (WeirSlice pair, Fields *out, GError **error)
{
  WeirSlice name, value;
  g_autofree char *decoded_name = NULL;

  cut (pair, '=', &name, &value);
  decoded_name = dup_decoded (name);
  if (decoded_name == NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "a parameter has a broken name");
  for (unsigned i = 0; i < FIELD_LAST; i++)
    {
      if (strcmp (decoded_name, field_names[i]) != 0)
        continue;
      if (out->values[i] != NULL)
        return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "%s stands there twice",
                               field_names[i]);
      out->values[i] = dup_decoded (value);
      if (out->values[i] == NULL)
        return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "%s cannot be read",
                               field_names[i]);
    }
  return TRUE;
}

static gboolean
read_query (WeirSlice query, Fields *out, GError **error)
{
  while (query.length > 0)
    {
      WeirSlice pair;

      cut (query, '&', &pair, &query);
      if (!read_pair (pair, out, error))
        return FALSE;
    }
  return TRUE;
}

/* The way an address of this machine may be spelt: a browser shows what was asked for, but
 * people type what they know. */
static gboolean
skip_host (WeirSlice *address)
{
  static const char *const hosts[]
      = { "http://localhost", "http://127.0.0.1", "http://[::1]" };

  for (size_t i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      WeirSlice host = weir_slice_from_string (hosts[i]);

      if (!weir_slice_has_prefix (*address, host))
        continue;
      *address = (WeirSlice){ address->text + host.length, address->length - host.length };
      return TRUE;
    }
  return FALSE;
}

/* The query of @address, which begins with a scheme or a slash. */
static gboolean
find_query (const char *redirect_uri,
            WeirSlice address,
            WeirSlice *out_query,
            GError **error)
{
  WeirSlice expected = weir_slice_from_string (redirect_uri);
  WeirSlice place;

  if (redirect_uri == NULL || !skip_host (&expected))
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "this sign-in has no address to come back to");
  if (address.text[0] == '/')
    {
      WeirSlice port;

      cut (expected, '/', &port, &expected);
      expected = (WeirSlice){ expected.text - 1, expected.length + 1 };
    }
  else if (!skip_host (&address))
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "the address is not one of this machine");
  cut (address, '?', &place, out_query);
  if (weir_slice_equal (place, expected))
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                         "the address is not where this sign-in comes back to");
}

static gboolean
is_plain (WeirSlice text)
{
  for (size_t i = 0; i < text.length; i++)
    if (!g_ascii_isgraph (text.text[i]))
      return FALSE;
  return text.length > 0;
}

/* As Claude's page shows it: what a code and its state are without a query. */
static void
read_code_and_state (WeirSlice code, WeirSlice state, Fields *out)
{
  out->values[FIELD_CODE] = weir_slice_dup (code);
  out->values[FIELD_STATE] = weir_slice_dup (state);
}

static gboolean
read_fields (const WeirProviderOauth *row, WeirSlice text, Fields *out, GError **error)
{
  gboolean has_place;
  WeirSlice before, fragment;

  if (text.length > WEIR_OAUTH_REDIRECT_MAX)
    return weir_error_set (error, WEIR_ERROR_TOO_LARGE, "that is too long for an address");
  if (!is_plain (text))
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "that is neither an address nor a code");
  has_place
      = text.text[0] == '/' || g_strstr_len (text.text, (gssize)text.length, "://") != NULL;
  if (cut (text, '#', &before, &fragment) && !has_place
      && memchr (text.text, '&', text.length) == NULL)
    {
      read_code_and_state (before, fragment, out);
      return TRUE;
    }
  /* browsers put marks of their own into the fragment; an answer never comes there */
  if (has_place && before.length > 0)
    {
      if (!find_query (row->redirect_uri, before, &before, error))
        return FALSE;
    }
  else if (before.length > 0 && before.text[0] == '?')
    before = (WeirSlice){ before.text + 1, before.length - 1 };
  return read_query (before, out, error);
}

static gboolean
is_ours (const WeirSecret *state, const char *text)
{
  g_autoptr (WeirSecret) sent = weir_secret_new (weir_slice_from_string (text));

  return sent != NULL && weir_secret_equal (state, sent);
}

/* What may be shown of a refusal: a word as RFC 6749 4.1.2.1 has them, and its text. */
static char *
dup_refusal (const Fields *fields)
{
  const char *word = fields->values[FIELD_ERROR];
  const char *text = fields->values[FIELD_ERROR_DESCRIPTION];
  g_autofree char *whole = NULL;

  for (const char *p = word; *p != '\0'; p++)
    if ((!g_ascii_islower (*p) && *p != '_') || (size_t)(p - word) >= WORD_MAX)
      return g_strdup ("refused");
  whole = text != NULL && *text != '\0' ? g_strdup_printf ("%s: %s", word, text)
                                        : g_strdup (word);
  return weir_redact (weir_slice_from_string (whole), REFUSAL_MAX);
}

void
weir_oauth_redirect_clear (WeirOauthRedirect *self)
{
  g_clear_pointer (&self->code, weir_secret_unref);
  g_clear_pointer (&self->refusal, g_free);
}

gboolean
weir_oauth_read_redirect (const WeirProviderOauth *row,
                          const WeirSecret *state,
                          WeirSlice text,
                          WeirOauthRedirect *out,
                          GError **error)
{
  g_auto (Fields) fields = { 0 };
  const char *code, *refusal, *issuer;

  if (!read_fields (row, trim (text), &fields, error))
    return FALSE;
  code = fields.values[FIELD_CODE];
  refusal = fields.values[FIELD_ERROR];
  issuer = fields.values[FIELD_ISSUER];
  if (fields.values[FIELD_STATE] == NULL || !is_ours (state, fields.values[FIELD_STATE]))
    return weir_error_set (error, WEIR_ERROR_FORBIDDEN,
                           "that does not belong to this sign-in");
  if (issuer != NULL && row->issuer != NULL && strcmp (issuer, row->issuer) != 0)
    return weir_error_set (error, WEIR_ERROR_FORBIDDEN,
                           "that does not come from %s: another issuer", row->name);
  if ((code != NULL) == (refusal != NULL))
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "there must be a code or an error");
  if ((code != NULL && *code == '\0') || (refusal != NULL && *refusal == '\0'))
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "the code or error is empty");
  if (code != NULL)
    {
      out->code = weir_secret_new (weir_slice_from_string (code));
      return out->code != NULL
             || weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "the code is no code");
    }
  out->refusal = dup_refusal (&fields);
  return TRUE;
}
