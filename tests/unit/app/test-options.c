/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The command line says exactly what was typed, or is an error that says where to look. */

#include "app/weir-options.h"

typedef struct
{
  const char *typed; /* words behind the program's name */
  WeirVerb verb;
  gboolean is_service;
  const char *config_path;
  int port;
  WeirLogFormat log_format;
} Good;

static const Good good[] = {
  { "", WEIR_VERB_RUN, FALSE, NULL, -1, WEIR_LOG_AUTO },
  { "--config a.yaml", WEIR_VERB_RUN, FALSE, "a.yaml", -1, WEIR_LOG_AUTO },
  { "-c a.yaml -p 1", WEIR_VERB_RUN, FALSE, "a.yaml", 1, WEIR_LOG_AUTO },
  { "--port 0", WEIR_VERB_RUN, FALSE, NULL, 0, WEIR_LOG_AUTO },
  { "--port=65535", WEIR_VERB_RUN, FALSE, NULL, 65535, WEIR_LOG_AUTO },
  { "--gapplication-service", WEIR_VERB_RUN, TRUE, NULL, -1, WEIR_LOG_AUTO },
  { "--log-format json", WEIR_VERB_RUN, FALSE, NULL, -1, WEIR_LOG_JSON },
  { "--log-format text", WEIR_VERB_RUN, FALSE, NULL, -1, WEIR_LOG_TEXT },
  { "--check-config -c x", WEIR_VERB_CHECK_CONFIG, FALSE, "x", -1, WEIR_LOG_AUTO },
  { "--store-key a@b.c", WEIR_VERB_STORE_KEY, FALSE, NULL, -1, WEIR_LOG_AUTO },
  { "--delete-key a -c x", WEIR_VERB_DELETE_KEY, FALSE, "x", -1, WEIR_LOG_AUTO },
  { "--list-keys", WEIR_VERB_LIST_KEYS, FALSE, NULL, -1, WEIR_LOG_AUTO },
  { "--version", WEIR_VERB_VERSION, FALSE, NULL, -1, WEIR_LOG_AUTO },
  { "--help", WEIR_VERB_HELP, FALSE, NULL, -1, WEIR_LOG_AUTO },
  { "-h", WEIR_VERB_HELP, FALSE, NULL, -1, WEIR_LOG_AUTO },
  { "help", WEIR_VERB_HELP, FALSE, NULL, -1, WEIR_LOG_AUTO },
};

static const char *const bad[] = {
  "status",
  "help me",
  "--bogus",
  "-x",
  "--port",
  "--port -1",
  "--port 65536",
  "--port 80x",
  "--port ",
  "--port= 80",
  "--log-format xml",
  "--log-format",
  "--config",
  "--port 99999999999999999999",
  "serve --port 1",
  "--log-format=",
  "--port +1",
  "--store-key",
  "--store-key=",
  "--store-key a/b",
  "--delete-key -a",
  "--store-key a --list-keys",
  "--store-key a --delete-key a",
};

static gboolean
parse (const char *typed, WeirOptions *out_options, GError **error)
{
  g_autofree char *line = g_strconcat ("weir ", typed, NULL);
  g_auto (GStrv) words = g_strsplit (*typed != '\0' ? line : "weir", " ", -1);

  return weir_options_parse ((const char *const *)words, out_options, error);
}

static void
test_says_what_was_typed (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_auto (WeirOptions) options = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_true (parse (good[i].typed, &options, &error));
      g_assert_no_error (error);
      g_assert_cmpint (options.verb, ==, good[i].verb);
      g_assert_cmpint (options.is_service, ==, good[i].is_service);
      g_assert_cmpstr (options.config_path, ==, good[i].config_path);
      g_assert_cmpint (options.port, ==, good[i].port);
      g_assert_cmpint (options.log_format, ==, good[i].log_format);
    }
}

static void
test_refuses_what_it_does_not_know (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      WeirOptions options = { .port = 7 };
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i]);
      g_assert_false (parse (bad[i], &options, &error));
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST);
      g_assert_nonnull (strstr (error->message, "`weir help`"));
      g_assert_cmpint (options.port, ==, 7);
    }
}

static void
test_help_names_every_option (void)
{
  static const char *const named[] = { "--config",
                                       "--port",
                                       "--check-config",
                                       "--log-format",
                                       "--gapplication-service",
                                       "--version",
                                       "--help",
                                       "78" };
  g_auto (WeirOptions) options = { 0 };

  g_assert_true (parse ("help", &options, NULL));
  for (size_t i = 0; i < G_N_ELEMENTS (named); i++)
    g_assert_nonnull (strstr (options.help, named[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/options/says-what-was-typed", test_says_what_was_typed);
  g_test_add_func ("/options/refuses-what-it-does-not-know",
                   test_refuses_what_it_does_not_know);
  g_test_add_func ("/options/help-names-every-option", test_help_names_every_option);
  return g_test_run ();
}
