/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Edits: exact bytes for the shapes YAML has, and on the example file that whatever is not
 * edited keeps its bytes. */

#include "store/weir-config-edit.h"
#include "store/weir-config.h"

typedef struct
{
  const char *name;
  const char *before;
  const char *path;
  const char *value; /* (nullable): NULL removes the item @index */
  const char *after; /* (nullable): NULL where the edit is refused */
  unsigned index;
  gboolean is_list;
} Case;

/* clang-format off */
static const Case cases[] = {
  /* name                       before                        path          value    after */
  { "number",                   "port: 1 # p\nhost: x\n",     "port",       "2",     "port: 2 # p\nhost: x\n" },
  { "text",                     "host:   x\n",                "host",       "::1",   "host:   \"::1\"\n" },
  { "text-in-quotes",           "host: 'x' # y\n",            "host",       "a\"b\\", "host: \"a\\\"b\\\\\" # y\n" },
  { "empty-text",               "host: x",                    "host",       "",      "host: \"\"" },
  { "empty-value",              "port:\nhost: x\n",           "port",       "2",     "port: 2\nhost: x\n" },
  { "empty-value-and-comment",  "port: # p\nhost: x\n",       "port",       "2",     "port: 2 # p\nhost: x\n" },
  { "block-text",               "host: |\n  x\n# c\nport: 1\n", "host",     "y",     "host: \"y\"\n# c\nport: 1\n" },
  { "non-ascii-before",         "# \xc3\xa4\xe2\x82\xac\nport: 1\n", "port", "2",    "# \xc3\xa4\xe2\x82\xac\nport: 2\n" },
  { "in-a-section",             "tls:\n  enable: no # e\n",   "tls.enable", "true",  "tls:\n  enable: true # e\n" },
  { "in-braces",                "tls: {enable: no, cert: a}\n", "tls.enable", "true", "tls: {enable: true, cert: a}\n" },
  { "new-key",                  "host: x # h\n# end\n",       "port",       "2",     "host: x # h\nport: 2\n# end\n" },
  { "new-key-without-line-end", "host: x",                    "port",       "2",     "host: x\nport: 2\n" },
  { "new-key-in-dos-lines",     "host: x\r\n# c\r\n",         "port",       "2",     "host: x\r\nport: 2\r\n# c\r\n" },
  { "new-key-in-empty-file",    "",                           "port",       "2",     "port: 2\n" },
  { "new-key-under-comments",   "# a\n# b",                   "port",       "2",     "# a\n# b\nport: 2\n" },
  { "new-key-behind-block",     "host: |\n  x\n\n# c\n",      "port",       "2",     "host: |\n  x\n\nport: 2\n# c\n" },
  { "new-key-behind-list",      "api-keys:\n- a # a\n# c\n",  "port",       "2",     "api-keys:\n- a # a\nport: 2\n# c\n" },
  { "new-key-in-section",       "tls:\n    cert: a\n# c\n",   "tls.key",    "b",     "tls:\n    cert: a\n    key: \"b\"\n# c\n" },
  { "new-key-in-braces",        "tls: {cert: a}\n",           "tls.key",    "b",     "tls: {cert: a, key: \"b\"}\n" },
  { "new-key-in-empty-braces",  "tls: {}\n",                  "tls.key",    "b",     "tls: {key: \"b\"}\n" },
  { "new-key-in-empty-section", "tls:\nport: 1\n",            "tls.key",    "b",     "tls: {key: \"b\"}\nport: 1\n" },
  { "new-section",              "port: 1\n",                  "tls.key",    "b",     "port: 1\ntls: {key: \"b\"}\n" },
  { "list-is-no-single-value",  "host: [a]\n",                "host",       "b",     NULL },
  { "section-is-no-map",        "tls: a\n",                   "tls.key",    "b",     NULL },
  { "no-such-key",              "port: 1\n",                  "prot",       "2",     NULL },
  { "broken-file",              "port: [\n",                  "port",       "2",     NULL },
  { "behind-the-end-marker",    "---\nport: 1\n...\n",        "host",       "b",     "---\nport: 1\nhost: \"b\"\n...\n" },
  { "item",                     "api-keys:\n  - a # a\n  # c\nport: 1\n", "api-keys", "b", "api-keys:\n  - a # a\n  - \"b\"\n  # c\nport: 1\n", 0, TRUE },
  { "item-without-indentation", "api-keys:\n- a\nport: 1\n",  "api-keys",   "b",     "api-keys:\n- a\n- \"b\"\nport: 1\n", 0, TRUE },
  { "item-without-line-end",    "api-keys:\n- a",             "api-keys",   "b",     "api-keys:\n- a\n- \"b\"\n", 0, TRUE },
  { "item-in-brackets",         "api-keys: [a ] # c\n",       "api-keys",   "b",     "api-keys: [a, \"b\" ] # c\n", 0, TRUE },
  { "item-in-empty-brackets",   "api-keys: [] # c\n",         "api-keys",   "b",     "api-keys: [\"b\"] # c\n", 0, TRUE },
  { "item-of-empty-value",      "api-keys:\nport: 1\n",       "api-keys",   "b",     "api-keys: [\"b\"]\nport: 1\n", 0, TRUE },
  { "item-of-new-list",         "port: 1\n",                  "api-keys",   "b",     "port: 1\napi-keys: [\"b\"]\n", 0, TRUE },
  { "item-of-no-list",          "api-keys: a\n",              "api-keys",   "b",     NULL, 0, TRUE },
  { "remove-first",             "api-keys:\n  # a\n  - a # a\n  # b\n  - b\n", "api-keys", NULL, "api-keys:\n  # a\n  # b\n  - b\n", 0, TRUE },
  { "remove-last",              "api-keys:\n- a\n- b\nport: 1\n", "api-keys", NULL,  "api-keys:\n- a\nport: 1\n", 1, TRUE },
  { "remove-only",              "api-keys:\n- a\nport: 1\n",  "api-keys",   NULL,    "api-keys:\nport: 1\n", 0, TRUE },
  { "remove-in-brackets",       "api-keys: [a, b, c]\n",      "api-keys",   NULL,    "api-keys: [a, c]\n", 1, TRUE },
  { "remove-last-in-brackets",  "api-keys: [a, b]\n",         "api-keys",   NULL,    "api-keys: [a]\n", 1, TRUE },
  { "remove-only-in-brackets",  "api-keys: [a]\n",            "api-keys",   NULL,    "api-keys: []\n", 0, TRUE },
  { "remove-none",              "api-keys: [a]\n",            "api-keys",   NULL,    NULL, 1, TRUE },
  { "remove-of-shared-line",    "api-keys:\n- - a\n  - b\n",  "api-keys",   NULL,    "api-keys:\n", 0, TRUE },
};
/* clang-format on */

static GBytes *
edit (const Case *test, WeirSlice text, GError **error)
{
  if (test->value == NULL)
    return weir_config_edit_remove_item (text, test->path, test->index, error);
  if (test->is_list)
    return weir_config_edit_append_item (text, test->path, test->value, error);
  return weir_config_edit_set_scalar (text, test->path, test->value, error);
}

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) after = edit (test, weir_slice_from_string (test->before), &error);

  if (test->after == NULL)
    {
      g_assert_null (after);
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (after, NULL), g_bytes_get_size (after), test->after,
                   strlen (test->after));
}

/* The bytes before and behind the changed ones are those of the file. */
static void
assert_one_splice (const char *before, GBytes *after, size_t max_removed)
{
  gsize length = 0;
  const char *text = g_bytes_get_data (after, &length);
  size_t old_length = strlen (before);
  size_t head = 0;
  size_t tail = 0;

  while (head < old_length && head < length && before[head] == text[head])
    head++;
  while (tail < old_length - head && tail < length - head
         && before[old_length - 1 - tail] == text[length - 1 - tail])
    tail++;
  g_assert_cmpuint (old_length - head - tail, <=, max_removed);
}

static void
test_example_keeps_its_bytes_around_an_edit (void)
{
  static const char *const paths[] = { "host",
                                       "listen-lan",
                                       "port",
                                       "tls.enable",
                                       "tls.cert",
                                       "tls.key",
                                       "allow-unauthenticated",
                                       "proxy-url",
                                       "upstream-ca-file",
                                       "request-retry",
                                       "max-retry-credentials",
                                       "max-retry-interval",
                                       "streaming.keepalive-seconds",
                                       "streaming.head-timeout-seconds",
                                       "streaming.silence-timeout-seconds",
                                       "nonstream-keepalive-interval",
                                       "echo-model",
                                       "debug",
                                       "logging-to-file",
                                       "logs-max-total-size-mb" };
  g_autofree char *example = weir_config_make_example ();

  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) once = weir_config_edit_set_scalar (
          weir_slice_from_string (example), paths[i], "42", &error);
      g_autoptr (GBytes) twice = NULL;
      WeirSlice text = { NULL, 0 };

      g_assert_no_error (error);
      assert_one_splice (example, once, 5); /* no value of the example is longer */
      text.text = g_bytes_get_data (once, &text.length);
      twice = weir_config_edit_set_scalar (text, paths[i], "42", &error);
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (once, twice));
    }
}

/* Keys come and go, and in the end the file is the one from before. */
static void
test_append_and_remove_is_the_same_file (void)
{
  static const char *const files[] = {
    "api-keys: [a]\n",
    "api-keys:\n- a\n",
    "# x\napi-keys:\n    - a # b\n    # c\n\nport: 1\n",
    "{api-keys: [a], port: 1}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) more = weir_config_edit_append_item (
          weir_slice_from_string (files[i]), "api-keys", "b \xe2\x82\xac", &error);
      g_autoptr (GBytes) back = NULL;
      WeirSlice text = { NULL, 0 };

      g_assert_no_error (error);
      text.text = g_bytes_get_data (more, &text.length);
      back = weir_config_edit_remove_item (text, "api-keys", 1, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (g_bytes_get_data (back, NULL), g_bytes_get_size (back), files[i],
                       strlen (files[i]));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/config-edit/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/config-edit/example-keeps-its-bytes-around-an-edit",
                   test_example_keeps_its_bytes_around_an_edit);
  g_test_add_func ("/config-edit/append-and-remove-is-the-same-file",
                   test_append_and_remove_is_the_same_file);
  return g_test_run ();
}
