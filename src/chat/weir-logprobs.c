/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Probabilities of tokens in the spelling of OpenAI (API reference, "chat completion
 * object", read 2026-10) and in that of Gemini (LogprobsResult, read 2026-10). */

#include "config.h"

#include "chat/weir-logprobs.h"

#include "chat/weir-text.h"

#define RESULT "logprobsResult"

gboolean
weir_logprobs_are_wanted (const WeirRequest *request)
{
  return weir_slice_equal (request->options[WEIR_OPTION_LOGPROBS], WEIR_SLICE ("true"));
}

/* The member @name of @object when it is of @type, or 0. */
static uint32_t
lookup (const WeirJson *json, uint32_t object, const char *name, WeirJsonType type)
{
  uint32_t item = 0;

  if (weir_json_get_type (json, object) == WEIR_JSON_OBJECT)
    item = weir_json_lookup (json, object, name);
  return item != 0 && weir_json_get_type (json, item) == type ? item : 0;
}

static WeirSlice
get_text (const WeirJson *json, uint32_t string)
{
  const WeirSlice quoted = weir_json_get_raw (json, string);

  return (WeirSlice){ quoted.text + 1, quoted.length - 2 };
}

/* The bytes of a token as numbers.  A token may be a part of a letter: then its text does
 * not say them. */
static void
write_bytes (WeirJsonWriter *writer, WeirSlice token)
{
  g_autoptr (GString) plain = g_string_new (NULL);

  weir_text_unescape (token, plain);
  if (strstr (plain->str, "\xef\xbf\xbd") != NULL)
    {
      weir_json_add_null (writer, "bytes");
      return;
    }
  weir_json_open_array (writer, "bytes");
  for (size_t i = 0; i < plain->len; i++)
    weir_json_add_uint (writer, NULL, (guchar)plain->str[i]);
  weir_json_close (writer);
}

/* The names under which one spelling has a token's members. */
typedef struct
{
  const char *token;
  const char *logprob;
} Spelling;

static const Spelling openai = { "token", "logprob" };
static const Spelling gemini = { "token", "logProbability" };

/* Opens the object of a token, as @to spells it.  FALSE, and nothing was written: @item,
 * spelt as @from, is none. */
static gboolean
open_token (WeirJsonWriter *writer,
            const WeirJson *json,
            uint32_t item,
            const Spelling *from,
            const Spelling *to)
{
  const uint32_t token = lookup (json, item, from->token, WEIR_JSON_STRING);
  const uint32_t logprob = lookup (json, item, from->logprob, WEIR_JSON_NUMBER);

  if (token == 0 || logprob == 0)
    return FALSE;
  weir_json_open (writer, NULL);
  weir_json_add_escaped (writer, to->token, get_text (json, token));
  weir_json_add_raw (writer, to->logprob, weir_json_get_raw (json, logprob));
  if (to == &gemini)
    return TRUE;
  if (lookup (json, item, "bytes", WEIR_JSON_ARRAY) != 0)
    weir_json_add_raw (
        writer, "bytes",
        weir_json_get_raw (json, lookup (json, item, "bytes", WEIR_JSON_ARRAY)));
  else
    write_bytes (writer, get_text (json, token));
  return TRUE;
}

/* The other tokens that might have stood for @object, which holds them as @member. */
static void
write_others (WeirJsonWriter *writer,
              const char *name,
              const WeirJson *json,
              uint32_t object,
              const char *member,
              const Spelling *from,
              const Spelling *to)
{
  const uint32_t list = lookup (json, object, member, WEIR_JSON_ARRAY);

  weir_json_open_array (writer, name);
  for (uint32_t i = list != 0 ? weir_json_first (json, list) : 0; i != 0;
       i = weir_json_next (json, list, i))
    if (open_token (writer, json, i, from, to))
      weir_json_close (writer);
  weir_json_close (writer);
}

/* FALSE: @raw is no array. */
static gboolean
parse (WeirJson *json, WeirSlice raw)
{
  return raw.length > 0 && weir_json_parse (json, raw.text, raw.length, NULL, NULL)
         && weir_json_get_type (json, 0) == WEIR_JSON_ARRAY;
}

void
weir_logprobs_write (WeirJsonWriter *writer, const char *name, WeirSlice raw)
{
  g_auto (WeirJson) json = { 0 };
  const gboolean some = parse (&json, raw);

  weir_json_open_array (writer, name);
  for (uint32_t i = some ? weir_json_first (&json, 0) : 0; i != 0;
       i = weir_json_next (&json, 0, i))
    {
      if (!open_token (writer, &json, i, &openai, &openai))
        continue;
      write_others (writer, "top_logprobs", &json, i, "top_logprobs", &openai, &openai);
      weir_json_close (writer);
    }
  weir_json_close (writer);
}

void
weir_logprobs_write_result (WeirJsonWriter *writer, WeirSlice raw)
{
  g_auto (WeirJson) json = { 0 };

  if (!parse (&json, raw))
    return;
  weir_json_open (writer, RESULT);
  weir_json_open_array (writer, "topCandidates");
  for (uint32_t i = weir_json_first (&json, 0); i != 0; i = weir_json_next (&json, 0, i))
    {
      weir_json_open (writer, NULL);
      write_others (writer, "candidates", &json, i, "top_logprobs", &openai, &gemini);
      weir_json_close (writer);
    }
  weir_json_close (writer);
  weir_json_open_array (writer, "chosenCandidates");
  for (uint32_t i = weir_json_first (&json, 0); i != 0; i = weir_json_next (&json, 0, i))
    if (open_token (writer, &json, i, &openai, &gemini))
      weir_json_close (writer);
  weir_json_close (writer);
  weir_json_close (writer);
}

void
weir_logprobs_read_result (const WeirJson *json, uint32_t result, GString *out)
{
  const uint32_t chosen = lookup (json, result, "chosenCandidates", WEIR_JSON_ARRAY);
  const uint32_t tops = lookup (json, result, "topCandidates", WEIR_JSON_ARRAY);
  uint32_t top = tops != 0 ? weir_json_first (json, tops) : 0; /* of the next token */
  WeirJsonWriter writer;

  if (chosen == 0 || weir_json_first (json, chosen) == 0)
    return;
  weir_json_writer_init (&writer, out);
  weir_json_open_array (&writer, NULL);
  for (uint32_t i = weir_json_first (json, chosen); i != 0;
       i = weir_json_next (json, chosen, i))
    {
      if (open_token (&writer, json, i, &gemini, &openai))
        {
          write_others (&writer, "top_logprobs", json, top, "candidates", &gemini, &openai);
          weir_json_close (&writer);
        }
      if (top != 0)
        top = weir_json_next (json, tops, top);
    }
  weir_json_close (&writer);
}
