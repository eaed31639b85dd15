/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Single values as text. */

#include "config.h"

#include "store/weir-config-edit.h"
#include "store/weir-config-value.h"
#include "store/weir-file.h"

#include <string.h>

#define TEXT                                                                               \
  "# of ours\nport: 9000\nproxy-url: \"http://me:word@127.0.0.1:3128\"\n"                  \
  "tray:\n  left-click: menu # a word\nrouting:\n  session-affinity-ttl: 1h30m\n"

static WeirConfig *
parse (const char *text, size_t length)
{
  g_autoptr (GError) error = NULL;
  WeirConfig *config = weir_config_parse (text, length, "config.yaml", NULL, &error);

  g_assert_no_error (error);
  return config;
}

static void
assert_value (const WeirConfig *config, const char *path, const char *expected)
{
  g_autofree char *value
      = weir_config_dup_value (config, weir_config_table_lookup_path (path));

  g_assert_cmpstr (value, ==, expected);
}

static void
test_values_are_those_of_the_file (void)
{
  g_autoptr (WeirConfig) config = parse (TEXT, strlen (TEXT));

  assert_value (config, "port", "9000");
  assert_value (config, "tray.left-click", "menu");
  assert_value (config, "tray.enable", "true");
  assert_value (config, "routing.session-affinity-ttl", "5400s");
  assert_value (config, "routing.strategy", "round-robin");
  assert_value (config, "host", "");
  assert_value (config, "api-keys", NULL);
  assert_value (config, "routing", NULL);
}

/* What is shown of any setting can be written, and then reads the same. */
static void
test_every_value_can_be_written (void)
{
  g_autoptr (WeirConfig) config = parse (TEXT, strlen (TEXT));
  const WeirConfigKey *key;

  for (size_t i = 0; (key = weir_config_table_get_row (i)) != NULL; i++)
    {
      g_autofree char *value = weir_config_dup_value (config, key);
      g_autoptr (WeirConfig) changed = NULL;
      g_autoptr (GError) error = NULL;
      GBytes *bytes;

      if (value == NULL)
        continue;
      bytes = weir_config_edit_set_scalar ((WeirSlice){ TEXT, strlen (TEXT) }, key->path,
                                           value, &error);
      g_assert_no_error (error);
      changed = parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      assert_value (changed, key->path, value);
      weir_file_wipe (bytes);
    }
}

static void
test_passwords_are_not_shown (void)
{
  static const char *const urls[][2] = {
    { "", "" },
    { "direct", "direct" },
    { "socks5://127.0.0.1:1080", "socks5://127.0.0.1:1080" },
    { "http://me@host:3128", "http://me@host:3128" },
    { "http://me:word@host:3128", "http://me:…@host:3128" },
    { "http://me:wo:r@d@host:3128", "http://me:…@host:3128" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autofree char *shown = weir_config_dup_shown_url (urls[i][0]);

      g_assert_cmpstr (shown, ==, urls[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config-value/values-are-those-of-the-file",
                   test_values_are_those_of_the_file);
  g_test_add_func ("/config-value/every-value-can-be-written",
                   test_every_value_can_be_written);
  g_test_add_func ("/config-value/passwords-are-not-shown", test_passwords_are_not_shown);
  return g_test_run ();
}
