/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Values of the snapshot, written as the file would. */

#include "config.h"

#include "store/weir-config-value.h"

#include <string.h>

#define HIDDEN "…"

static char *
dup_word (const WeirConfigKey *key, int value)
{
  for (const WeirConfigWord *word = key->words; word->text != NULL; word++)
    if (word->value == value)
      return g_strdup (word->text);
  return NULL;
}

char *
weir_config_dup_value (const WeirConfig *config, const WeirConfigKey *key)
{
  const char *at = (const char *)config + key->offset;
  const char *text = NULL;
  unsigned count = 0;
  uint16_t port = 0;
  int number = 0;

  if ((key->places & WEIR_CONFIG_IN_SETTINGS) == 0)
    return NULL;
  if (key->type == WEIR_CONFIG_TYPE_BOOL || key->type == WEIR_CONFIG_TYPE_NUMBER
      || key->type == WEIR_CONFIG_TYPE_WORD)
    memcpy (&number, at, sizeof number);
  else if (key->type == WEIR_CONFIG_TYPE_COUNT || key->type == WEIR_CONFIG_TYPE_SECONDS
           || key->type == WEIR_CONFIG_TYPE_DURATION)
    memcpy (&count, at, sizeof count);
  else if (key->type == WEIR_CONFIG_TYPE_PORT)
    memcpy (&port, at, sizeof port);
  else if (key->type == WEIR_CONFIG_TYPE_STRING || key->type == WEIR_CONFIG_TYPE_HOST
           || key->type == WEIR_CONFIG_TYPE_PROXY_URL)
    memcpy (&text, at, sizeof text);
  else
    return NULL;

  if (key->type == WEIR_CONFIG_TYPE_BOOL)
    return g_strdup (number ? "true" : "false");
  if (key->type == WEIR_CONFIG_TYPE_WORD)
    return dup_word (key, number);
  if (key->type == WEIR_CONFIG_TYPE_NUMBER)
    return g_strdup_printf ("%d", number);
  if (key->type == WEIR_CONFIG_TYPE_PORT)
    return g_strdup_printf ("%u", (unsigned)port);
  if (key->type == WEIR_CONFIG_TYPE_DURATION)
    return g_strdup_printf ("%us", count);
  if (key->type == WEIR_CONFIG_TYPE_COUNT || key->type == WEIR_CONFIG_TYPE_SECONDS)
    return g_strdup_printf ("%u", count);
  return g_strdup (text != NULL ? text : "");
}

char *
weir_config_dup_shown_url (const char *url)
{
  const char *authority = url != NULL ? strstr (url, "://") : NULL;
  const char *at = authority != NULL ? strrchr (authority, '@') : NULL;
  const char *colon
      = at != NULL ? memchr (authority + 3, ':', (size_t)(at - authority - 3)) : NULL;

  if (colon == NULL)
    return g_strdup (url != NULL ? url : "");
  return g_strdup_printf ("%.*s:" HIDDEN "%s", (int)(colon - url), url, at);
}
