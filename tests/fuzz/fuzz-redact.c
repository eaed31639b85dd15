/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A planted secret never survives.  The first byte chooses its spelling, the second what
 * parts it from the text before it; the rest is the text around it, cut at a NUL.  Text
 * before it that leaves a quote or an escape open makes another text of the spelling, so it
 * has neither. */

#include "base/weir-redact.h"

#include <stdint.h>

#define CANARY "Zq7Wm2Rt9Xc4Vb6N"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char *const spellings[] = {
  "Authorization: Bearer " CANARY,
  "authorization: Basic " CANARY,
  "Bearer " CANARY,
  "x-api-key: " CANARY,
  "x-goog-api-key:" CANARY,
  "Cookie: a=b; c=" CANARY,
  "key=" CANARY,
  "code=" CANARY,
  "state=" CANARY,
  "api_key=" CANARY,
  "{\"api_key\":\"" CANARY "\"}",
  "\"access_token\" : \"" CANARY "\"",
  "{\\\"client_secret\\\":\\\"" CANARY "\\\"}",
  "password: '" CANARY "'",
  "apikey: " CANARY,
  "api-key: \"" CANARY "\"",
  "https://user:" CANARY "@host/",
  "https://" CANARY "@host/",
  "sk-" CANARY,
  "AIza" CANARY,
  "ghp_" CANARY,
  "gho_" CANARY,
  "xai-" CANARY,
  "eyJ" CANARY "." CANARY "." CANARY,
};

static const char *const gaps[] = { " ", "\n", "\t", "&", "?", ",", ";", "(" };

static void
check_shown (const char *shown, size_t max)
{
  g_assert_cmpuint (strlen (shown), <=, max);
  g_assert_true (g_utf8_validate (shown, -1, NULL));
  for (const char *p = shown; *p != '\0'; p++)
    g_assert_false (g_ascii_iscntrl (*p));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *plain = NULL;
  g_autofree char *shown = NULL;
  const uint8_t *rest;
  size_t i = 2;
  size_t max;

  /* the fuzzer learns the canary, but where it is no secret it may be shown */
  if (size < 2 || memmem (data, size, CANARY, strlen (CANARY)) != NULL)
    return 0;
  for (; i < size && data[i] != '\0'; i++)
    g_string_append_c (text, strchr ("\"'\\", data[i]) == NULL ? (char)data[i] : '_');
  g_string_append (text, gaps[data[1] % G_N_ELEMENTS (gaps)]);
  g_string_append (text, spellings[data[0] % G_N_ELEMENTS (spellings)]);
  g_string_append_c (text, ' ');
  rest = data + i;
  g_string_append_len (text, (const char *)rest, (gssize)(size - i));

  max = 4 * text->len + 64;
  shown = weir_redact ((WeirSlice){ text->str, text->len }, max);
  check_shown (shown, max);
  g_assert_null (strstr (shown, CANARY));

  max = data[1];
  plain = weir_redact ((WeirSlice){ (const char *)data, size }, max);
  check_shown (plain, max);
  return 0;
}
