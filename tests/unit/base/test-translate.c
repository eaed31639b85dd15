/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One text of one language, written as gettext's tools would write it; $LANGUAGE names the
 * language. */

#include "config.h"

#include "base/weir-translate.h"

#include <glib/gstdio.h>
#include <locale.h>

#define ENGLISH "Quit"
#define GERMAN "Beend\xc3\xab"
#define HEADER "Content-Type: text/plain; charset=UTF-8\n"

/* A .mo file: seven numbers, two tables of length and place, the texts. */
static void
write_language (const char *folder)
{
  g_autofree char *inner = g_build_filename (folder, "de", "LC_MESSAGES", NULL);
  g_autofree char *path = g_build_filename (inner, GETTEXT_PACKAGE ".mo", NULL);
  static const char texts[] = "\0" ENGLISH "\0" HEADER "\0" GERMAN;
  const guint32 english = 60 + 1;
  const guint32 header = english + sizeof ENGLISH;
  const guint32 german = header + sizeof HEADER;
  const guint32 numbers[] = {
    0x950412de, 0,
    2,          28,
    44,         0,
    60,         0,
    60,         sizeof ENGLISH - 1,
    english,    sizeof HEADER - 1,
    header,     sizeof GERMAN - 1,
    german,
  };
  g_autoptr (GByteArray) file = g_byte_array_new ();

  g_byte_array_append (file, (const guint8 *)numbers, sizeof numbers);
  g_byte_array_append (file, (const guint8 *)texts, sizeof texts);
  g_assert_cmpint (g_mkdir_with_parents (inner, 0700), ==, 0);
  g_assert_true (
      g_file_set_contents (path, (const char *)file->data, (gssize)file->len, NULL));
}

static void
remove_language (const char *folder)
{
  g_autofree char *language = g_build_filename (folder, "de", NULL);
  g_autofree char *inner = g_build_filename (language, "LC_MESSAGES", NULL);
  g_autofree char *path = g_build_filename (inner, GETTEXT_PACKAGE ".mo", NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (inner), ==, 0);
  g_assert_cmpint (g_rmdir (language), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_only_marked_texts_change (void)
{
  g_autofree char *folder = g_dir_make_tmp ("weir-translate-XXXXXX", NULL);

  write_language (folder);
  g_assert_cmpstr (_ (ENGLISH), ==, ENGLISH);
  weir_translate_init (folder);
  g_assert_cmpstr (_ (ENGLISH), ==, GERMAN);
  g_assert_cmpstr (_ ("nobody has translated this"), ==, "nobody has translated this");
  g_assert_cmpstr (N_ (ENGLISH), ==, ENGLISH);
  g_assert_cmpstr (setlocale (LC_ALL, NULL), ==, "C");
  g_assert_cmpstr (g_dgettext (GETTEXT_PACKAGE, ENGLISH), ==, ENGLISH);
  remove_language (folder);
}

/* C.UTF-8 is a locale of every machine, but glibc 2.41 translates nothing in it; 2.36 did.
 */
static const char *
find_locale (void)
{
  static const char *const names[] = { "de_DE.UTF-8", "en_US.UTF-8" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      locale_t locale = newlocale (LC_ALL_MASK, names[i], (locale_t)0);

      if (locale == (locale_t)0)
        continue;
      freelocale (locale);
      return names[i];
    }
  return "C.UTF-8";
}

int
main (int argc, char **argv)
{
  g_setenv ("LC_ALL", find_locale (), TRUE);
  g_setenv ("LANGUAGE", "de", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/translate/only-marked-texts-change", test_only_marked_texts_change);
  return g_test_run ();
}
