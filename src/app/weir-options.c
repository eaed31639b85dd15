/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The command line: options by GOptionContext, one verb, and nothing guessed: what is not
 * known is an error. */

#include "config.h"

#include "app/weir-options.h"

#include "cli/weir-cli.h"
#include "store/weir-config.h"

#define PORT_MAX 65535
#define SEE_HELP "; `weir help` lists what there is"

static const char summary[]
    = "A local AI proxy: one address for OpenAI, Anthropic and Gemini clients, served\n"
      "from the accounts and keys that you have.\n"
      "\n"
      "Verbs (`weir help VERB` says more):\n";

static const char description[]
    = "Signals: SIGTERM stops when the open answers have ended (30 s at most; a second "
      "one\n"
      "waits 1 s), SIGHUP reads the configuration again, SIGUSR1 writes the state to the\n"
      "log.\n"
      "Exit status: 0 fine, 1 already running, 64 command line, 69 cannot listen,\n"
      "78 configuration.";

/* What GOption writes to. */
typedef struct
{
  char *config_path; /* (owned) (nullable) */
  char *port;        /* (owned) (nullable): text, so that 0 differs from nothing */
  char *log_format;  /* (owned) (nullable) */
  char *store_key;   /* (owned) (nullable) */
  char *delete_key;  /* (owned) (nullable) */
  char *import_path; /* (owned) (nullable) */
  char **rest;       /* (owned) (nullable) */
  gboolean list_keys;
  gboolean is_service;
  gboolean check_config;
  gboolean version;
  gboolean help;
} Raw;

static void
raw_clear (Raw *self)
{
  g_free (self->config_path);
  g_free (self->port);
  g_free (self->log_format);
  g_free (self->store_key);
  g_free (self->delete_key);
  g_free (self->import_path);
  g_strfreev (self->rest);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Raw, raw_clear)

static GOptionContext *
make_context (Raw *raw)
{
  const GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &raw->config_path,
      "The configuration, instead of the one in $XDG_CONFIG_HOME/weir", "FILE" },
    { "port", 'p', 0, G_OPTION_ARG_STRING, &raw->port,
      "Listen there, whatever the configuration says; 0: any free port", "PORT" },
    { "check-config", 0, 0, G_OPTION_ARG_NONE, &raw->check_config,
      "Say what is wrong with the configuration and leave", NULL },
    { "store-key", 0, 0, G_OPTION_ARG_STRING, &raw->store_key,
      "Keep the key on the standard input, for api-key: \"vault:NAME\"", "NAME" },
    { "list-keys", 0, 0, G_OPTION_ARG_NONE, &raw->list_keys,
      "Show the names of the keys that are kept", NULL },
    { "delete-key", 0, 0, G_OPTION_ARG_STRING, &raw->delete_key, "Forget a key", "NAME" },
    { "import-accounts", 0, 0, G_OPTION_ARG_FILENAME, &raw->import_path,
      "Take the sign-ins in FILE (- is the standard input) and leave, before a service "
      "starts that no bus reaches; else weir accounts import",
      "FILE" },
    { "log-format", 0, 0, G_OPTION_ARG_STRING, &raw->log_format,
      "text or json; the journal gets its fields by itself", "FORMAT" },
    { "gapplication-service", 0, 0, G_OPTION_ARG_NONE, &raw->is_service,
      "Serve without a window, as the desktop and systemd start it", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &raw->version, "Show the version", NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &raw->help, "Show this text", NULL },
    { G_OPTION_REMAINING, 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING_ARRAY, &raw->rest,
      NULL, NULL },
    { NULL },
  };
  GOptionContext *context = g_option_context_new ("[VERB]");
  g_autoptr (GString) verbs = g_string_new (NULL);

  g_option_context_set_help_enabled (context, FALSE);
  g_string_append (verbs, summary);
  weir_cli_append_verbs (verbs);
  g_string_append (verbs, "\nWithout a verb weir serves until it is stopped.");
  g_option_context_set_summary (context, verbs->str);
  g_option_context_set_description (context, description);
  g_option_context_add_main_entries (context, entries, NULL);
  return context;
}

static gboolean
read_port (const char *text, int *out_port, GError **error)
{
  guint64 port = 0;

  if (text == NULL)
    {
      *out_port = -1;
      return TRUE;
    }
  if (!g_ascii_string_to_unsigned (text, 10, 0, PORT_MAX, &port, NULL))
    return weir_error_set (
        error, WEIR_ERROR_BAD_REQUEST,
        "--port must be a whole number from 0 to 65535 (found \"%s\")" SEE_HELP, text);
  *out_port = (int)port;
  return TRUE;
}

static gboolean
read_log_format (const char *text, WeirLogFormat *out_format, GError **error)
{
  if (text == NULL)
    *out_format = WEIR_LOG_AUTO;
  else if (g_str_equal (text, "text"))
    *out_format = WEIR_LOG_TEXT;
  else if (g_str_equal (text, "json"))
    *out_format = WEIR_LOG_JSON;
  else
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "--log-format must be text or json (found \"%s\")" SEE_HELP,
                           text);
  return TRUE;
}

static gboolean
check_key_options (const Raw *raw, GError **error)
{
  const char *name = raw->store_key != NULL ? raw->store_key : raw->delete_key;

  if ((raw->store_key != NULL) + (raw->delete_key != NULL) + (raw->import_path != NULL)
          + raw->list_keys
      > 1)
    return weir_error_set (
        error, WEIR_ERROR_BAD_REQUEST,
        "--store-key, --delete-key, --list-keys and --import-accounts do not go "
        "together" SEE_HELP);
  if (name == NULL || weir_config_is_vault_name (name))
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                         "a key's name is letters, digits and . _ @ + - (at most 128); the "
                         "key itself comes by the standard input" SEE_HELP);
}

static gboolean
read_verb (const Raw *raw, WeirVerb *out_verb, GError **error)
{
  const char *const verb = raw->rest != NULL ? raw->rest[0] : NULL;

  if (verb != NULL && !g_str_equal (verb, "help"))
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "unknown verb \"%s\"" SEE_HELP,
                           verb);
  if (verb != NULL && raw->rest[1] != NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "\"%s\" is one word too many" SEE_HELP, raw->rest[1]);
  if (verb != NULL || raw->help)
    *out_verb = WEIR_VERB_HELP;
  else if (raw->version)
    *out_verb = WEIR_VERB_VERSION;
  else if (raw->store_key != NULL)
    *out_verb = WEIR_VERB_STORE_KEY;
  else if (raw->import_path != NULL)
    *out_verb = WEIR_VERB_IMPORT_ACCOUNTS;
  else if (raw->delete_key != NULL)
    *out_verb = WEIR_VERB_DELETE_KEY;
  else if (raw->list_keys)
    *out_verb = WEIR_VERB_LIST_KEYS;
  else
    *out_verb = raw->check_config ? WEIR_VERB_CHECK_CONFIG : WEIR_VERB_RUN;
  return TRUE;
}

gboolean
weir_options_parse (const char *const *arguments, WeirOptions *out_options, GError **error)
{
  g_auto (Raw) raw = { 0 };
  g_auto (WeirOptions) options = { 0 };
  g_autoptr (GOptionContext) context = make_context (&raw);
  g_autoptr (GError) failure = NULL;
  g_auto (GStrv) words = g_strdupv ((char **)arguments);

  if (!g_option_context_parse_strv (context, &words, &failure))
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "%s" SEE_HELP, failure->message);
  if (!check_key_options (&raw, error) || !read_verb (&raw, &options.verb, error)
      || !read_port (raw.port, &options.port, error)
      || !read_log_format (raw.log_format, &options.log_format, error))
    return FALSE;

  options.is_service = raw.is_service;
  options.config_path = g_steal_pointer (&raw.config_path);
  options.import_path = g_steal_pointer (&raw.import_path);
  options.key_name = g_strdup (raw.store_key != NULL ? raw.store_key : raw.delete_key);
  options.help = g_option_context_get_help (context, TRUE, NULL);
  *out_options = options;
  options = (WeirOptions){ 0 };
  return TRUE;
}

void
weir_options_clear (WeirOptions *self)
{
  g_free (self->import_path);
  g_free (self->config_path);
  g_free (self->key_name);
  g_free (self->help);
  *self = (WeirOptions){ 0 };
}
