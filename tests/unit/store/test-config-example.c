/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The example file is the table's, is in the tree as made, and means what it says. */

#include "store/weir-config.h"

#include <string.h>

static WeirConfig *
parse (const char *text, size_t length, GPtrArray **out_notices)
{
  g_autoptr (GError) error = NULL;
  WeirConfig *config
      = weir_config_parse (text, length, "config.example.yaml", out_notices, &error);

  g_assert_true ((config == NULL) == (error != NULL));
  return config;
}

static void
test_file_in_the_tree_is_the_made_one (void)
{
  g_autofree char *made = weir_config_make_example ();
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (SOURCE_ROOT "/config.example.yaml", &kept, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (made, ==, kept); /* else: ninja update-example */
}

static void
test_says_only_that_a_key_is_wanted (void)
{
  g_autofree char *text = weir_config_make_example ();
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (WeirConfig) config = parse (text, strlen (text), &notices);
  const WeirConfigNotice *notice = NULL;

  g_assert_nonnull (config);
  g_assert_cmpuint (notices->len, ==, 1);
  notice = g_ptr_array_index (notices, 0);
  g_assert_true (g_str_has_prefix (notice->text, "api-keys is empty"));
}

/* What the example shows as the value of an absent key is that value. */
static void
test_shows_the_defaults (void)
{
  g_autofree char *text = weir_config_make_example ();
  g_autoptr (WeirConfig) shown = parse (text, strlen (text), NULL);
  g_autoptr (WeirConfig) absent = parse ("", 0, NULL);

  g_assert_cmpstr (shown->host, ==, absent->host);
  g_assert_cmpuint (shown->port, ==, absent->port);
  g_assert_cmpint (shown->listen_lan, ==, absent->listen_lan);
  g_assert_cmpint (shown->tls_enable, ==, absent->tls_enable);
  g_assert_cmpstr (shown->tls_certificate, ==, absent->tls_certificate);
  g_assert_cmpstr (shown->tls_key, ==, absent->tls_key);
  g_assert_cmpint (shown->allow_unauthenticated, ==, absent->allow_unauthenticated);
  g_assert_cmpstr (shown->proxy_url, ==, absent->proxy_url);
  g_assert_cmpstr (shown->upstream_ca_file, ==, absent->upstream_ca_file);
  g_assert_cmpuint (shown->max_retry_credentials, ==, absent->max_retry_credentials);
  g_assert_cmpuint (shown->streaming_keepalive_s, ==, absent->streaming_keepalive_s);
  g_assert_cmpuint (shown->nonstream_keepalive_s, ==, absent->nonstream_keepalive_s);
  g_assert_cmpuint (shown->head_timeout_s, ==, absent->head_timeout_s);
  g_assert_cmpuint (shown->silence_timeout_s, ==, absent->silence_timeout_s);
  g_assert_cmpint (shown->echo_model, ==, absent->echo_model);
  g_assert_cmpint (shown->debug, ==, absent->debug);
  g_assert_cmpint (shown->logging_to_file, ==, absent->logging_to_file);
  g_assert_cmpuint (shown->logs_max_total_size_mb, ==, absent->logs_max_total_size_mb);

  g_assert_cmpint (shown->passthrough_headers, ==, absent->passthrough_headers);
  g_assert_cmpint (shown->strategy, ==, absent->strategy);
  g_assert_cmpint (shown->session_affinity, ==, absent->session_affinity);
  g_assert_cmpuint (shown->session_affinity_ttl_s, ==, absent->session_affinity_ttl_s);
  g_assert_cmpint (shown->force_model_prefix, ==, absent->force_model_prefix);
  g_assert_cmpint (shown->retry_ambiguous, ==, absent->retry_ambiguous);
  g_assert_cmpint (shown->disable_cooling, ==, absent->disable_cooling);
  g_assert_cmpint (shown->save_cooldown_status, ==, absent->save_cooldown_status);
  g_assert_cmpint (shown->transient_error_cooldown_s, ==,
                   absent->transient_error_cooldown_s);
  g_assert_cmpint (shown->switch_project, ==, absent->switch_project);
  g_assert_cmpint (shown->switch_preview_model, ==, absent->switch_preview_model);
  g_assert_cmpint (shown->antigravity_credits, ==, absent->antigravity_credits);
  g_assert_cmpuint (shown->bootstrap_retries, ==, absent->bootstrap_retries);

  g_assert_cmpuint (absent->request_retry, ==, 0);
  g_assert_cmpuint (absent->max_retry_interval_s, ==, 0);
  g_assert_cmpuint (shown->request_retry, ==, 3);
  g_assert_cmpuint (shown->max_retry_interval_s, ==, 30);
}

/* A `#` directly before a setting is taken away; prose has a blank behind its own. */
static void
test_settings_that_are_off_can_be_switched_on (void)
{
  g_autofree char *text = weir_config_make_example ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (WeirConfig) config = NULL;

  for (char **line = lines; *line != NULL; line++)
    {
      gboolean is_off
          = **line == '#' && (*line)[1] != '\0' && ((*line)[1] != ' ' || (*line)[2] == ' ');

      g_string_append_printf (all, "%s\n", is_off ? *line + 1 : *line);
    }
  config = parse (all->str, all->len, &notices);
  g_assert_nonnull (config);
  /* a key is wanted */
  g_assert_cmpuint (notices->len, ==, 1);
  g_assert_cmpuint (config->entries->len, ==, 10); /* one of openai-compatibility is off */
  g_assert_cmpuint (config->groups->len, ==, 1);
  g_assert_cmpuint (config->channels->len, ==, 2);
  g_assert_false (weir_payload_is_empty (config->payload));
}

static void
test_every_prefix_survives (void)
{
  g_autofree char *text = weir_config_make_example ();
  size_t length = strlen (text);

  for (size_t cut = 0; cut <= length; cut++)
    {
      g_autofree char *copy = g_memdup2 (text, cut); /* an over-read is seen */
      g_autoptr (GPtrArray) notices = NULL;
      g_autoptr (WeirConfig) config = parse (copy, cut, &notices);

      /* no cut makes the example mean harm; at most a word is not whole */
      g_assert_nonnull (notices);
      g_assert_true (config == NULL || config->entries->len == 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config-example/file-in-the-tree-is-the-made-one",
                   test_file_in_the_tree_is_the_made_one);
  g_test_add_func ("/config-example/says-only-that-a-key-is-wanted",
                   test_says_only_that_a_key_is_wanted);
  g_test_add_func ("/config-example/shows-the-defaults", test_shows_the_defaults);
  g_test_add_func ("/config-example/settings-that-are-off-can-be-switched-on",
                   test_settings_that_are_off_can_be_switched_on);
  g_test_add_func ("/config-example/every-prefix-survives", test_every_prefix_survives);
  return g_test_run ();
}
