/* SPDX-License-Identifier: GPL-3.0-or-later */

/* gettext asks the calling thread for its locale: each question lends it one in which only
 * the language of messages is the user's. */

#include "config.h"

#include "base/weir-translate.h"

#include <libintl.h>
#include <locale.h>

static locale_t users; /* 0: none, or one that is not installed */

void
weir_translate_init (const char *folder)
{
  bindtextdomain (GETTEXT_PACKAGE, folder);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  if (users == (locale_t)0)
    users = newlocale (LC_MESSAGES_MASK, "", (locale_t)0);
}

const char *
weir_translate (const char *text)
{
  const char *translated;
  locale_t before;

  if (users == (locale_t)0)
    return text;
  before = uselocale (users);
  translated = dgettext (GETTEXT_PACKAGE, text);
  uselocale (before);
  return translated;
}

const char *
weir_translate_plural (const char *one, const char *many, unsigned long n)
{
  const char *translated;
  locale_t before;

  if (users == (locale_t)0)
    return n == 1 ? one : many;
  before = uselocale (users);
  translated = dngettext (GETTEXT_PACKAGE, one, many, n);
  uselocale (before);
  return translated;
}
