/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The user's language for the texts that the service shows (tray, notifications, search),
 * and for what the window shows of the service's; for nothing else: what libraries say of
 * errors, numbers and dates stays in the C locale, so that logs and answers read the same
 * on every machine. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define _(text) weir_translate (text)
#define N_(text) (text)

/* Finds out the user's language from the environment; before it, and where that language is
 * not installed, texts stay as they are.  Once, before other threads show texts.
 * @folder: where translations lie, such as /usr/share/locale. */
void weir_translate_init (const char *folder);

/* Returns: (transfer none): @text in the user's language, UTF-8; @text itself where there
 * is no translation.  Any thread. */
const char *weir_translate (const char *text) G_GNUC_FORMAT (1);

/* The same of a text that holds the number @n; @one and @many as in ngettext. */
const char *weir_translate_plural (const char *one, const char *many, unsigned long n)
    G_GNUC_FORMAT (1) G_GNUC_FORMAT (2);

G_END_DECLS
