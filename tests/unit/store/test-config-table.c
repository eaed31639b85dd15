/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table is whole, and slips find the key that was meant. */

#include "store/weir-config-table.h"

static void
test_no_key_stands_twice_in_a_place (void)
{
  const WeirConfigKey *key = NULL;
  const WeirConfigKey *other = NULL;

  for (size_t i = 0; (key = weir_config_table_get_row (i)) != NULL; i++)
    for (size_t j = i + 1; (other = weir_config_table_get_row (j)) != NULL; j++)
      g_assert_false (
          (key->places & other->places) != 0
          && strcmp (weir_config_key_get_name (key), weir_config_key_get_name (other))
                 == 0);
}

/* The example needs a value and a sentence for each key that it shows. */
static void
test_keys_of_the_file_are_described (void)
{
  const WeirConfigKey *key = NULL;

  for (size_t i = 0; (key = weir_config_table_get_row (i)) != NULL; i++)
    {
      gboolean is_number = key->type == WEIR_CONFIG_TYPE_PORT
                           || key->type == WEIR_CONFIG_TYPE_COUNT
                           || key->type == WEIR_CONFIG_TYPE_SECONDS
                           || key->type == WEIR_CONFIG_TYPE_DURATION
                           || key->type == WEIR_CONFIG_TYPE_NUMBER;

      g_assert_cmpuint (key->places, !=, 0);
      g_assert_cmpint (key->minimum < key->maximum, ==, is_number);
      if ((key->places & WEIR_CONFIG_IN_FILE) == 0 || key->type == WEIR_CONFIG_TYPE_LATER)
        continue;
      g_assert_nonnull (key->help);
      if (key->type == WEIR_CONFIG_TYPE_SECTION)
        g_assert_cmpuint (key->inside, !=, 0);
      else
        g_assert_true (key->initial != NULL || key->example != NULL);
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
