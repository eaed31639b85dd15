/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The wrapping of signatures: twelve letters that are base64 themselves and name version
 * and origin, then the signature in base64. */

#include "config.h"

#include "chat/weir-signature.h"

#include "base/weir-json-write.h"
#include "chat/weir-text.h"

#define THOUGHT_ID "rs_"
#define THOUGHT_ID_RARE 3 /* the low line, behind a quote */

#define MARK "WeirSig1"
#define MARK_LENGTH 8
#define WORD_LENGTH 4 /* three bytes' worth, so that the base64 behind it stays aligned */

static const char words[][WORD_LENGTH + 1] = {
  [WEIR_DIALECT_OPENAI_CHAT] = "chat",
  [WEIR_DIALECT_OPENAI_RESPONSES] = "resp",
  [WEIR_DIALECT_ANTHROPIC] = "anth",
  [WEIR_DIALECT_GEMINI] = "gemi",
};
G_STATIC_ASSERT (G_N_ELEMENTS (words) == WEIR_DIALECT_LAST);

/* *@out_origin: whose it is.  FALSE: not one of ours. */
static gboolean
read_mark (WeirSlice signature, WeirDialect *out_origin)
{
  if (!weir_slice_has_prefix (signature, WEIR_SLICE (MARK))
      || signature.length < MARK_LENGTH + WORD_LENGTH)
    return FALSE;
  for (unsigned i = 0; i < G_N_ELEMENTS (words); i++)
    if (memcmp (signature.text + MARK_LENGTH, words[i], WORD_LENGTH) == 0)
      {
        *out_origin = (WeirDialect)i;
        return TRUE;
      }
  return FALSE;
}

WeirSlice
weir_signature_wrap (WeirDialect origin, WeirSlice signature, GString *scratch)
{
  g_autoptr (GString) plain = NULL;
  g_autofree char *encoded = NULL;
  WeirDialect before;

  g_return_val_if_fail (origin < WEIR_DIALECT_LAST, signature);

  if (read_mark (signature, &before))
    return signature;
  plain = g_string_sized_new (signature.length);
  weir_text_unescape (signature, plain);
  encoded = g_base64_encode ((const guchar *)plain->str, plain->len);
  g_string_assign (scratch, MARK);
  g_string_append (scratch, words[origin]);
  g_string_append (scratch, encoded);
  return (WeirSlice){ scratch->str, scratch->len };
}

/* Either alphabet, padded or not; an escaped `/` or `=` too.  FALSE: no base64. */
static gboolean
normalise (WeirSlice encoded, GString *out)
{
  weir_text_unescape (encoded, out);
  while (out->len > 0 && out->str[out->len - 1] == '=')
    g_string_truncate (out, out->len - 1);
  for (size_t i = 0; i < out->len; i++)
    {
      char *letter = &out->str[i];

      if (*letter == '-')
        *letter = '+';
      else if (*letter == '_')
        *letter = '/';
      else if (!g_ascii_isalnum (*letter) && *letter != '+' && *letter != '/')
        return FALSE;
    }
  if (out->len % 4 == 1)
    return FALSE;
  while (out->len % 4 != 0)
    g_string_append_c (out, '=');
  return TRUE;
}

WeirSlice
weir_signature_unwrap (WeirRequest *request, WeirSlice signature, WeirPart *part)
{
  g_autoptr (GString) text = NULL;
  g_autofree guchar *plain = NULL;
  gsize length;
  WeirDialect origin;

  if (!read_mark (signature, &origin))
    return signature;
  text = g_string_new (NULL);
  signature.text += MARK_LENGTH + WORD_LENGTH;
  signature.length -= MARK_LENGTH + WORD_LENGTH;
  part->origin = origin;
  part->raw = WEIR_SLICE ("");
  if (!normalise (signature, text))
    return WEIR_SLICE ("");
  plain = g_base64_decode (text->str, &length);
  g_string_truncate (text, 0);
  weir_json_escape (text, (WeirSlice){ (const char *)plain, length }, FALSE);
  return weir_request_copy (request, (WeirSlice){ text->str, text->len });
}

gboolean
weir_signature_is_made_up_id (WeirSlice id)
{
  const WeirSlice front = WEIR_SLICE (THOUGHT_ID);
  size_t digits = 0;

  if (!weir_slice_has_prefix (id, front))
    return FALSE;
  while (digits < id.length && g_ascii_isdigit (id.text[id.length - 1 - digits]))
    digits++;
  return digits > 0 && id.length > front.length + digits
         && id.text[id.length - 1 - digits] == '_';
}

/* As memmem, by the byte at @rare of @mark: one that is seldom in text is found many times
 * faster than a word.  Where it is not seldom after all the word is looked for. */
static const char *
find_mark (WeirSlice body, WeirSlice mark, size_t rare)
{
  const char *const end = body.text + body.length;
  size_t patience = 16 + body.length / 64;
  const char *from = body.text;

  while ((size_t)(end - from) >= mark.length)
    {
      const char *hit = memchr (from + rare, mark.text[rare], (size_t)(end - from) - rare);

      if (hit == NULL || (size_t)(end - hit) + rare < mark.length)
        return NULL;
      from = hit - rare;
      if (memcmp (from, mark.text, mark.length) == 0)
        return from;
      from++;
      if (patience-- == 0)
        return memmem (from, (size_t)(end - from), mark.text, mark.length);
    }
  return NULL;
}

static gboolean
holds_made_up_id (WeirSlice body)
{
  const WeirSlice mark = WEIR_SLICE ("\"" THOUGHT_ID);
  const char *end = body.text + body.length;
  const char *found = find_mark (body, mark, THOUGHT_ID_RARE);

  while (found != NULL)
    {
      const char *id = found + 1;
      const char *quote = memchr (id, '"', (size_t)(end - id));

      if (quote == NULL)
        return FALSE;
      if (weir_signature_is_made_up_id ((WeirSlice){ id, (size_t)(quote - id) }))
        return TRUE;
      found
          = find_mark ((WeirSlice){ quote, (size_t)(end - quote) }, mark, THOUGHT_ID_RARE);
    }
  return FALSE;
}

gboolean
weir_signature_occurs_in (WeirSlice body)
{
  if (body.length == 0)
    return FALSE;
  return find_mark (body, WEIR_SLICE (MARK), 0) != NULL || holds_made_up_id (body);
}
