/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Verbs and options as data: parsing, help, manual page and completion follow from these
 * tables. */

#include "config.h"

#include "cli/weir-cli-private.h"

#define AT(member) offsetof (WeirCliOptions, member)

/* clang-format off */
const WeirCliOption weir_cli_options[] = {
  { 'h', 'h', G_OPTION_ARG_NONE, AT (help), "help", NULL, "Show what the verb does" },
  { 'j', 0, G_OPTION_ARG_NONE, AT (json), "json", NULL,
    "Print JSON: the members are those of the bus, see weir-dbus(7)" },
  { 'F', 0, G_OPTION_ARG_STRING, AT (format), "format", "FORMAT",
    "plain (one line), or waybar (one line of JSON for a bar's module)", "plain waybar" },
  { 'f', 'f', G_OPTION_ARG_NONE, AT (follow), "follow", NULL, "Go on, and print each change" },
  { 'r', 0, G_OPTION_ARG_NONE, AT (refresh), "refresh", NULL, "Ask the vendors first" },
  { 'x', 0, G_OPTION_ARG_NONE, AT (reset), "reset", NULL,
    "Have the vendor reset the account's limits, which spends one of its resets" },
  { 'R', 0, G_OPTION_ARG_NONE, AT (revoke), "revoke", NULL,
    "Tell the vendor, too, that the sign-in is over" },
  { 'd', 0, G_OPTION_ARG_NONE, AT (device), "device", NULL,
    "By a code that is typed in on another device" },
  { 'n', 0, G_OPTION_ARG_NONE, AT (no_browser), "no-browser", NULL,
    "Print the address instead of opening it, and take what the browser ended on" },
  { 'p', 0, G_OPTION_ARG_INT, AT (callback_port), "callback-port", "PORT",
    "Wait for the browser at another port" },
  { 'c', 0, G_OPTION_ARG_STRING, AT (callback), "callback", "TEXT",
    "The address on which a browser ended, or the code that it showed, for a sign-in under way" },
  { 'a', 0, G_OPTION_ARG_STRING, AT (account), "account", "ACCOUNT", "Sign this one in again", WEIR_CLI_ACCOUNTS },
  { 's', 0, G_OPTION_ARG_STRING, AT (shell), "shell", "SHELL", "bash, zsh, fish or systemd",
    "bash zsh fish systemd" },
  { 'w', 0, G_OPTION_ARG_STRING, AT (window), "window", "NAME",
    "Look at this window only, as \"5h\"; else at the tightest" },
  { 'm', 0, G_OPTION_ARG_DOUBLE, AT (min_left), "min-left", "PERCENT", "Enough is this much; else 10" },
  { 'l', 'n', G_OPTION_ARG_INT, AT (limit), "limit", "NUMBER", "At most so many" },
  { 'o', 0, G_OPTION_ARG_STRING, AT (owner), "owner", "NAME", "Those of one vendor only" },
  { 'O', 0, G_OPTION_ARG_FILENAME, AT (output), "output", "FILE",
    "Where sign-ins are written: a new file, or - for the standard output",
    WEIR_CLI_FILES },
  { 'P', 0, G_OPTION_ARG_STRING, AT (prefix), "prefix", "PREFIX",
    "Of the names of models of what is imported", NULL },
  { 'V', 0, G_OPTION_ARG_FILENAME, AT (vertex_import), "vertex-import", "FILE",
    "Import the key file of a service account instead", WEIR_CLI_FILES },
  { 0, 0, G_OPTION_ARG_NONE, 0, NULL, NULL, NULL, NULL },
};

const WeirCliVerb weir_cli_verbs[] = {
  { "status", "", "hjFf", 0, 0, WEIR_CLI_WORDS_NONE, NULL, "What the service does",
    "Says whether the proxy runs, where it listens and what should be seen to.  Ends with 69 "
    "where there is no service; a line for a bar is printed all the same, so that a bar shows "
    "it.", weir_cli_status },
  { "start", "", "h", 0, 0, WEIR_CLI_WORDS_NONE, NULL, "Serve, also after a stop",
    "Starts the service where it is not there, and has it listen.", weir_cli_start },
  { "stop", "", "h", 0, 0, WEIR_CLI_WORDS_NONE, NULL, "Serve no more; the service stays",
    "Closes the port; answers under way may end, for 30 seconds.", weir_cli_stop },
  { "restart", "", "h", 0, 0, WEIR_CLI_WORDS_NONE, NULL, "End the service and start it anew",
    "Waits until the old one is gone.", weir_cli_restart },
  { "reload", "", "h", 0, 0, WEIR_CLI_WORDS_NONE, NULL, "Read the configuration again",
    "A changed file is read by itself; this says what came of it.", weir_cli_reload },
  { "quota", "[ACCOUNT]", "hjrx", 0, 1, WEIR_CLI_WORDS_ACCOUNT, NULL, "What is left of each account",
    "Lists the windows of each account, and what it has besides.", weir_cli_quota },
  { "accounts", "[ACTION [ACCOUNT [VALUE]]]", "hjROP", 0, 2000, WEIR_CLI_WORDS_FIXED,
    "list show enable disable prefer rename priority weight prefix proxy stop-at any-client "
    "clear-rests remove import export", "List and change accounts",
    "Actions: list; show, enable, disable, prefer, clear-rests and remove ACCOUNT; rename, "
    "priority, weight, prefix, proxy (a URL, direct or \"\"), stop-at and any-client (on, off) "
    "ACCOUNT VALUE; import FILE (- is the standard input), or import alone for what other "
    "programs left on this machine; export [ACCOUNT...].  An account is named by its id, the "
    "beginning of it, its label, or its provider where that has but one.  What export writes is "
    "a login, for a server: as a zip archive (AUTH_ZIP_URL) or tar.gz where FILE is called so, "
    "else as text (AUTH_BUNDLE).  Two programs that renew the same sign-in lose it, so forget "
    "here what the server serves: weir logout ACCOUNT, without --revoke.",
    weir_cli_accounts },
  { "login", "PROVIDER", "hjndpcaV", 0, 1, WEIR_CLI_WORDS_PROVIDER, NULL, "Sign in to a vendor",
    "Without a provider: lists them.  Starts the service where it is not there.", weir_cli_login },
  { "logout", "ACCOUNT", "hR", 1, 1, WEIR_CLI_WORDS_ACCOUNT, NULL, "Forget an account",
    "Forgets it and its secrets.", weir_cli_logout },
  { "models", "", "hjo", 0, 0, WEIR_CLI_WORDS_NONE, NULL, "What clients can ask for",
    "Lists the models, who serves them, and which rest.", weir_cli_models },
  { "keys", "", "hj", 0, 0, WEIR_CLI_WORDS_NONE, NULL, "Who may ask, and how much",
    "Lists the client keys, masked.", weir_cli_keys },
  { "test", "MODEL", "hj", 1, 1, WEIR_CLI_WORDS_MODEL, NULL, "Ask a model one short question",
    "Asks through the proxy, as a client would.  Ends with 1 where no answer came.", weir_cli_test },
  { "monitor", "", "hjl", 0, 0, WEIR_CLI_WORDS_NONE, NULL, "Show requests as they end",
    "Prints the newest requests and each one that follows, a line each.", weir_cli_monitor },
  { "env", "", "hs", 0, 0, WEIR_CLI_WORDS_NONE, NULL, "The variables that clients read",
    "Prints them for a shell: eval \"$(weir env --shell bash)\".  For systemd: lines for a file "
    "in environment.d.  The client key is in it.", weir_cli_env },
  { "run", "-- COMMAND [ARGUMENT…]", "h", 1, G_MAXUINT, WEIR_CLI_WORDS_COMMAND, NULL,
    "Run a client with those variables",
    "They are set for this one program; no file is touched.", weir_cli_run_command },
  { "guard", "[ACCOUNT]", "hjwm", 0, 1, WEIR_CLI_WORDS_ACCOUNT, NULL, "Is enough left? for scripts",
    "Ends with 0 where enough is left, 1 where not, 69 where nobody knows.  Without an account: "
    "the best one counts.", weir_cli_guard },
  { "config", "[path|check [FILE]]", "h", 0, 2, WEIR_CLI_WORDS_FIXED, "path check",
    "Where the configuration is, and what is wrong with it",
    "check reads FILE, else the file that is in use, and says what is wrong with it.",
    weir_cli_config },
  { "diagnostics", "", "h", 0, 0, WEIR_CLI_WORDS_NONE, NULL, "A text for a bug report",
    "No names, no mail addresses, no prompts are in it.", weir_cli_diagnostics },
  { "open", "[PAGE]", "h", 0, 1, WEIR_CLI_WORDS_FIXED,
    "quota accounts models agents keys test import environment preferences", "Show the window",
    "Starts the service where it is not there.", weir_cli_open },
  { NULL },
};

const WeirCliAlias weir_cli_aliases[] = {
  { "--login", "gemini-cli", NULL },
  { "--claude-login", "claude", NULL },
  { "--codex-login", "codex", NULL },
  { "--codex-device-login", "codex", "device" },
  { "--qwen-login", "qwen", NULL },
  { "--iflow-login", "iflow", NULL },
  { "--antigravity-login", "antigravity", NULL },
  { "--kimi-login", "kimi", NULL },
  { "--copilot-login", "copilot", NULL },
  { "--github-copilot-login", "copilot", NULL },
  { "--xai-login", "xai", NULL },
  { "--iflow-cookie", "iflow", NULL },
  { "--vertex-import", "vertex", "file" },
  { NULL, NULL, NULL },
};
/* clang-format on */

const WeirCliVerb *
weir_cli_lookup_verb (const char *name)
{
  for (const WeirCliVerb *verb = weir_cli_verbs; verb->name != NULL; verb++)
    if (g_str_equal (verb->name, name))
      return verb;
  return NULL;
}
