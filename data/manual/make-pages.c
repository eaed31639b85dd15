/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writes a manual page to the standard output: `make-pages weir.1` from the tables of verbs
 * and options, `make-pages weir-config.5` from the table of the configuration's keys. */

#include "config.h"

#include "app/weir-options.h"
#include "cli/weir-cli-private.h"
#include "store/weir-config-table.h"

#include <stdio.h>
#include <string.h>

static const char weir_end[]
    = ".SH JSON\n"
      "With \\fB\\-\\-json\\fR a verb prints one document in one line: what the service "
      "says on "
      "the\nsession bus, member by member, under the names of \\fBweir\\-dbus\\fR(7). "
      "\\fBstatus\\fR prints\nthe properties of the Manager, \\fBaccounts\\fR and "
      "\\fBquota\\fR "
      "those of accounts as a list,\n\\fBmodels\\fR, \\fBkeys\\fR and \\fBlogin\\fR a list "
      "of "
      "the method's rows, \\fBtest\\fR its result,\n\\fBmonitor\\fR a row a line, "
      "\\fBguard\\fR \\(lqaccount\\(rq, \\(lqleft\\(rq (percent) and \\(lqenough\\(rq. "
      "Times\nare microseconds since 1970. New members may come; none goes or changes.\n"
      ".SH EXIT STATUS\n"
      ".TP\n0\nDone; or the answer is yes.\n"
      ".TP\n1\nThe answer is no, or the service could not do it; a service runs already.\n"
      ".TP\n64\nThe command line is wrong.\n"
      ".TP\n69\nThere is no service, no session bus, or the port cannot be had.\n"
      ".TP\n78\nThe configuration cannot be used.\n"
      ".TP\n126, 127\nOf \\fBrun\\fR: the command cannot be run, is not there.\n"
      ".SH SIGNALS\n"
      "\\fBSIGTERM\\fR ends the service when the open answers have ended, after 30 seconds "
      "at "
      "the\nlatest; \\fBSIGHUP\\fR reads the configuration again; \\fBSIGUSR1\\fR writes "
      "the "
      "state to\nthe log.\n"
      ".SH ENVIRONMENT\n"
      ".TP\n\\fBNO_COLOR\\fR\nNothing is emphasised.\n"
      ".TP\n\\fBDBUS_SESSION_BUS_ADDRESS\\fR\nWhere the service is asked.\n"
      ".SH FILES\n"
      ".TP\n\\fI$XDG_CONFIG_HOME/weir/config.yaml\\fR\nThe configuration, "
      "\\fBweir\\-config\\fR(5).\n"
      ".TP\n\\fI$XDG_DATA_HOME/weir/accounts.db\\fR\nThe accounts, without their secrets.\n"
      ".TP\n\\fI$XDG_DATA_HOME/weir/secrets\\fR\nThe secrets, where the configuration says "
      "\\(lqsecrets: file\\(rq. Encrypted\nwhere the service has a systemd credential "
      "\\(lqweir\\-secrets\\-key\\(rq: 64 hex digits, as\n\\fBopenssl rand \\-hex "
      "32\\fR makes them. \\fIsecrets.place\\fR beside it says whether they lie\nthere or "
      "in the keyring.\n"
      ".TP\n\\fI$XDG_STATE_HOME/weir/\\fR\nWhat may be lost: rests, counts, quotas, the "
      "log.\n"
      ".SH EXAMPLES\n"
      ".nf\nweir login claude\nweir quota\nweir run \\-\\- claude\n"
      "weir guard codex \\-\\-min\\-left 20 && long\\-job\n"
      "eval \"$(weir env \\-\\-shell bash)\"\n.fi\n"
      ".SH SEE ALSO\n\\fBweir\\-config\\fR(5), \\fBweir\\-dbus\\fR(7)\n";

/* @text as running roff: nothing in it is a request or an escape. */
static void
print_text (const char *text)
{
  gboolean at_start = TRUE;

  for (const char *p = text; *p != '\0'; p++)
    {
      if (at_start && (*p == '.' || *p == '\''))
        fputs ("\\&", stdout);
      if (*p == '\\')
        fputs ("\\e", stdout);
      else if (*p == '-')
        fputs ("\\-", stdout);
      else
        putchar (*p);
      at_start = *p == '\n';
    }
}

static void
print_head (const char *name, const char *section, const char *title)
{
  printf (".TH \"%s\" %s \"\" \"Weir %s\"\n.SH NAME\n", name, section, WEIR_VERSION);
  print_text (name);
  printf (" \\- %s\n", title);
}

/* --- weir(1) --- */

static void
print_option (const WeirCliOption *option)
{
  printf (".RS\n.TP\n\\fB\\-\\-");
  print_text (option->name);
  printf ("\\fR");
  if (option->value != NULL)
    printf ("=\\fI%s\\fR", option->value);
  if (option->brief != '\0')
    printf (", \\fB\\-%c\\fR", option->brief);
  printf ("\n");
  print_text (option->help);
  printf (".\n.RE\n");
}

static void
print_verb (const WeirCliVerb *verb)
{
  printf (".TP\n\\fB%s\\fR ", verb->name);
  print_text (verb->words_help);
  printf ("\n");
  print_text (verb->summary);
  printf (". ");
  print_text (verb->help);
  printf ("\n");
  for (const WeirCliOption *option = weir_cli_options; option->name != NULL; option++)
    if (option->letter != 'h' && strchr (verb->options, option->letter) != NULL)
      print_option (option);
}

/* Those of the service stand in its own help. */
static void
print_service_options (void)
{
  static const char *const arguments[] = { "weir", "help", NULL };
  g_auto (WeirOptions) options = { 0 };
  const char *begin = NULL;
  const char *end = NULL;
  g_autofree char *part = NULL;

  if (!weir_options_parse (arguments, &options, NULL))
    return;
  begin = strstr (options.help, "Options:\n");
  begin = begin != NULL ? begin + strlen ("Options:\n") : options.help;
  end = strstr (begin, "\n\n");
  part = end != NULL ? g_strndup (begin, (gsize)(end - begin)) : g_strdup (begin);
  printf (".SH OPTIONS OF THE SERVICE\nWithout a verb:\n.PP\n.nf\n");
  print_text (part);
  printf ("\n.fi\n");
}

static void
print_weir (void)
{
  print_head ("weir", "1", "a local AI proxy, its service and its command line");
  printf (
      ".SH SYNOPSIS\n\\fBweir\\fR [\\fIOPTION\\fR]\\|.\\|.\\|.\n.br\n"
      "\\fBweir\\fR \\fIVERB\\fR [\\fIOPTION\\fR]\\|.\\|.\\|. [\\fIWORD\\fR]\\|.\\|.\\|.\n"
      ".SH DESCRIPTION\n"
      "Weir serves OpenAI, Anthropic and Gemini clients at one address of this machine "
      "from "
      "the\naccounts and keys that its user has. Without a verb it serves until it is "
      "stopped. A verb\nasks the service over the session bus and never becomes it: only "
      "\\fBstart\\fR,\n\\fBlogin\\fR and \\fBopen\\fR start it where it is not there, and "
      "say so.\n.SH VERBS\n");
  for (const WeirCliVerb *verb = weir_cli_verbs; verb->name != NULL; verb++)
    print_verb (verb);
  printf (".SS Names that CLIProxyAPI knows\n");
  for (const WeirCliAlias *alias = weir_cli_aliases; alias->option != NULL; alias++)
    {
      printf (".TP\n\\fB");
      print_text (alias->option);
      printf ("\\fR\n");
      print_text (g_strcmp0 (alias->way, "file") == 0 ? "accounts import" : "login ");
      if (g_strcmp0 (alias->way, "file") != 0)
        print_text (alias->provider);
      printf ("%s\n", g_strcmp0 (alias->way, "device") == 0 ? " \\-\\-device" : "");
    }
  print_service_options ();
  printf ("%s", weir_end);
}

/* --- weir-config(5) --- */

/* clang-format off */
static const struct
{
  unsigned place;
  const char *title;
} places[] = {
  { WEIR_CONFIG_IN_SETTINGS, "THE FILE" },
  { WEIR_CONFIG_IN_CLIENT_KEY, "AN ITEM OF API-KEYS" },
  { WEIR_CONFIG_IN_GROUP, "AN ITEM OF GROUPS" },
  { WEIR_CONFIG_IN_KEY_ENTRY, "AN ITEM OF CLAUDE-API-KEY AND ITS LIKE" },
  { WEIR_CONFIG_IN_COMPAT, "AN ITEM OF OPENAI-COMPATIBILITY" },
  { WEIR_CONFIG_IN_CREDENTIAL, "AN ITEM OF API-KEY-ENTRIES" },
  { WEIR_CONFIG_IN_MODEL, "AN ITEM OF MODELS" },
  { WEIR_CONFIG_IN_PASSTHRU, "AN ITEM OF PASSTHRU" },
  { WEIR_CONFIG_IN_ERROR_RULE, "AN ITEM OF REQUEST-SCOPED-ERRORS" },
};
/* clang-format on */

static void
print_key (const WeirConfigKey *key, gboolean is_setting)
{
  const char *value = key->initial;

  printf (".TP\n\\fB");
  print_text (is_setting ? key->path : weir_config_key_get_name (key));
  printf ("\\fR");
  if (value != NULL && strchr (value, '\n') == NULL && *value != '\0')
    {
      printf (" (");
      print_text (value);
      printf (")");
    }
  printf ("\n");
  if (key->help != NULL)
    print_text (key->help);
  for (const WeirConfigWord *word = key->words; word != NULL && word->text != NULL; word++)
    if (*word->text != '\0' && (word == key->words || word->value != word[-1].value))
      {
        printf (word == key->words ? "%s" : ", ", key->help != NULL ? "\n" : "");
        print_text (word->text);
      }
  printf ("\n");
}

static void
print_config (void)
{
  const WeirConfigKey *key = NULL;

  print_head ("weir-config", "5", "the configuration of weir");
  printf (
      ".SH DESCRIPTION\n\\fI$XDG_CONFIG_HOME/weir/config.yaml\\fR is YAML. It is read "
      "again when\nit changes; one that cannot be used leaves the one before in force. "
      "Where a key is absent\nit has the value in parentheses. Keys of CLIProxyAPI are "
      "named and mean what they do\nthere. \\fBweir config check\\fR says what is wrong "
      "with it.\n");
  for (size_t place = 0; place < G_N_ELEMENTS (places); place++)
    {
      printf (".SH \"%s\"\n", places[place].title);
      for (size_t i = 0; (key = weir_config_table_get_row (i)) != NULL; i++)
        if ((key->places & places[place].place) != 0 && key->type != WEIR_CONFIG_TYPE_LATER)
          print_key (key, places[place].place == WEIR_CONFIG_IN_SETTINGS);
    }
  printf (".SH \"KEYS WITHOUT EFFECT\"\nThese of CLIProxyAPI are accepted:\n");
  for (size_t i = 0; (key = weir_config_table_get_row (i)) != NULL; i++)
    if ((key->places & WEIR_CONFIG_IN_FILE) != 0 && key->type == WEIR_CONFIG_TYPE_LATER)
      {
        print_text (key->path);
        printf ("\n");
      }
  printf (".SH SEE ALSO\n\\fBweir\\fR(1), \\fBweir\\-dbus\\fR(7)\n");
}

int
main (int argc, char **argv)
{
  if (argc == 2 && g_str_equal (argv[1], "weir.1"))
    print_weir ();
  else if (argc == 2 && g_str_equal (argv[1], "weir-config.5"))
    print_config ();
  else
    return 1;
  return 0;
}
