/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Another name for a model: exact lines, and every other byte of the file stays. */

#include "config.h"

#include <glib.h>
#include <string.h>

#include "window/weir-alias.h"

#define ITEM "- {name: \"m\", alias: \"a\", fork: true}\n"

typedef struct
{
  const char *name;
  const char *before;
  const char *after; /* (nullable): NULL where it is left to the user */
} Case;

/* clang-format off */
static const Case cases[] = {
  { "an-empty-file", "", "oauth-model-alias:\n  claude:\n    " ITEM },
  { "a-file-without-the-key", "port: 1 # p\n", "port: 1 # p\noauth-model-alias:\n  claude:\n    " ITEM },
  { "no-line-end", "port: 1", "port: 1\noauth-model-alias:\n  claude:\n    " ITEM },
  { "the-key-without-a-value", "oauth-model-alias: # x\nport: 1\n",
    "oauth-model-alias: # x\n  claude:\n    " ITEM "port: 1\n" },
  { "another-channel", "oauth-model-alias:\n    codex:\n        - {name: b}\nport: 1\n",
    "oauth-model-alias:\n    claude:\n      " ITEM "    codex:\n        - {name: b}\nport: 1\n" },
  { "the-channel", "oauth-model-alias:\n  claude:  # c\n\n    # d\n    - name: x\n      alias: y\n",
    "oauth-model-alias:\n  claude:  # c\n    " ITEM "\n    # d\n    - name: x\n      alias: y\n" },
  { "the-channel-behind-another", "oauth-model-alias:\n  codex:\n    - {name: b}\n  claude:\n    - {name: c}\n",
    "oauth-model-alias:\n  codex:\n    - {name: b}\n  claude:\n    " ITEM "    - {name: c}\n" },
  { "items-without-indentation", "oauth-model-alias:\n  claude:\n  - name: x\n",
    "oauth-model-alias:\n  claude:\n  " ITEM "  - name: x\n" },
  { "quotes", "\"oauth-model-alias\":\n  'claude':\n    - {name: c}\n",
    "\"oauth-model-alias\":\n  'claude':\n    " ITEM "    - {name: c}\n" },
  { "an-empty-channel", "oauth-model-alias:\n  claude:\n  codex:\n    - {name: c}\n",
    "oauth-model-alias:\n  claude:\n    " ITEM "  codex:\n    - {name: c}\n" },
  { "a-name-that-begins-so", "oauth-model-alias:\n  claudette:\n    - {name: c}\n",
    "oauth-model-alias:\n  claude:\n    " ITEM "  claudette:\n    - {name: c}\n" },
  { "the-key-in-a-comment", "#oauth-model-alias:\n#  claude:\n",
    "#oauth-model-alias:\n#  claude:\noauth-model-alias:\n  claude:\n    " ITEM },
  { "the-key-of-something-deeper", "x:\n  oauth-model-alias:\n",
    "x:\n  oauth-model-alias:\noauth-model-alias:\n  claude:\n    " ITEM },
  { "braces", "oauth-model-alias: {claude: []}\n", NULL },
  { "brackets", "oauth-model-alias:\n  claude: [{name: x}]\n", NULL },
  { "a-file-in-braces", "{port: 1}\n", NULL },
  { "an-end-marker", "port: 1\n...\n", NULL },
};
/* clang-format on */

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  g_autofree char *after = weir_alias_insert (test->before, "claude", "m", "a");

  g_assert_cmpstr (after, ==, test->after);
}

/* With the lines that were added taken out again, it is the text from before. */
static void
test_rest (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    for (size_t length = 0; length <= strlen (cases[i].before); length++)
      {
        g_autofree char *before = g_strndup (cases[i].before, length);
        g_autofree char *after = weir_alias_insert (before, "claude", "m", "a");
        const char *at = after;

        if (after == NULL)
          continue;
        for (const char *each = before; *each != '\0'; each++)
          {
            at = strchr (at, *each);
            g_assert_nonnull (at);
            at++;
          }
        g_assert_nonnull (strstr (after, ITEM));
      }
}

static void
test_names (void)
{
  g_assert_true (weir_alias_is_name ("haiku"));
  g_assert_true (weir_alias_is_name ("work/größe-4.5:x"));
  g_assert_false (weir_alias_is_name (""));
  g_assert_false (weir_alias_is_name ("two words"));
  g_assert_false (weir_alias_is_name ("line\nbreak"));
  g_assert_false (weir_alias_is_name ("a\"b"));
  g_assert_false (weir_alias_is_name ("a\\b"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/alias/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/alias/what-was-there-stays", test_rest);
  g_test_add_func ("/alias/a-name-is-one-word", test_names);
  return g_test_run ();
}
