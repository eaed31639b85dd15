/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table is whole, and slips find the key that was meant. */

#include "store/weir-config-table.h"

static void
test_no_key_stands_twice_in_a_place (void)
{
  size_t n_keys = 0;
  const WeirConfigKey *keys = weir_config_table_get (&n_keys);

  for (size_t i = 0; i < n_keys; i++)
    for (size_t j = i + 1; j < n_keys; j++)
      g_assert_false ((keys[i].places & keys[j].places) != 0
                      && strcmp (weir_config_key_get_name (&keys[i]),
                                 weir_config_key_get_name (&keys[j]))
                             == 0);
}

/* The example needs a value and a sentence for each key that it shows. */
static void
test_keys_of_the_file_are_described (void)
{
  size_t n_keys = 0;
  const WeirConfigKey *keys = weir_config_table_get (&n_keys);

  for (size_t i = 0; i < n_keys; i++)
    {
      gboolean is_number = keys[i].type == WEIR_CONFIG_TYPE_PORT
                           || keys[i].type == WEIR_CONFIG_TYPE_COUNT
                           || keys[i].type == WEIR_CONFIG_TYPE_SECONDS
                           || keys[i].type == WEIR_CONFIG_TYPE_NUMBER;

      g_assert_cmpuint (keys[i].places, !=, 0);
      g_assert_cmpint (keys[i].minimum < keys[i].maximum, ==, is_number);
      if ((keys[i].places & WEIR_CONFIG_IN_FILE) == 0
          || keys[i].type == WEIR_CONFIG_TYPE_LATER)
        continue;
      g_assert_nonnull (keys[i].help);
      if (keys[i].type == WEIR_CONFIG_TYPE_SECTION)
        g_assert_cmpuint (keys[i].inside, !=, 0);
      else
        g_assert_true (keys[i].initial != NULL || keys[i].example != NULL);
    }
}

static void
test_keys_are_found_by_name_and_path (void)
{
  const WeirConfigKey *key = weir_config_table_lookup (WEIR_CONFIG_IN_TLS, "enable");

  g_assert_nonnull (key);
  g_assert_true (weir_config_table_lookup_path ("tls.enable") == key);
  g_assert_cmpstr (weir_config_key_get_name (key), ==, "enable");
  g_assert_null (weir_config_table_lookup (WEIR_CONFIG_IN_FILE, "enable"));
  g_assert_null (weir_config_table_lookup_path ("enable"));
  g_assert_null (weir_config_table_lookup_path ("alias"));
}

static void
test_slips_find_the_key_that_was_meant (void)
{
  static const struct
  {
    const char *slip;
    const char *meant;
  } cases[] = {
    { "prot", "port" },
    { "Host", "host" },
    { "api_keys", "api-keys" },
    { "apikeys", "api-keys" },
    { "api-key", "api-keys" },
    { "openai-compatability", "openai-compatibility" },
    { "claude-api-keys", "claude-api-key" },
    { "listenlan", "listen-lan" },
    { "x", NULL },
    { "", NULL },
    { "colour", NULL },
    { "a-name-that-is-longer-than-any-key-of-the-table-is-at-all", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const WeirConfigKey *key
          = weir_config_table_suggest (WEIR_CONFIG_IN_FILE, cases[i].slip);

      g_assert_cmpstr (key != NULL ? key->path : NULL, ==, cases[i].meant);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config-table/no-key-stands-twice-in-a-place",
                   test_no_key_stands_twice_in_a_place);
  g_test_add_func ("/config-table/keys-of-the-file-are-described",
                   test_keys_of_the_file_are_described);
  g_test_add_func ("/config-table/keys-are-found-by-name-and-path",
                   test_keys_are_found_by_name_and_path);
  g_test_add_func ("/config-table/slips-find-the-key-that-was-meant",
                   test_slips_find_the_key_that_was_meant);
  return g_test_run ();
}
