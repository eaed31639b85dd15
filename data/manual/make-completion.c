/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writes a shell's completion to the standard output: `make-completion bash|zsh|fish`.
 * Verbs, options and fixed words are those of the tables; accounts, models and vendors are
 * asked of the service when they are wanted. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include <stdio.h>
#include <string.h>

/* What `weir complete` is asked for. */
static const char *const live[] = {
  [WEIR_CLI_WORDS_ACCOUNT] = "accounts",
  [WEIR_CLI_WORDS_MODEL] = "models",
  [WEIR_CLI_WORDS_PROVIDER] = "providers",
  [WEIR_CLI_WORDS_COMMAND] = NULL,
};

static gboolean
has_option (const WeirCliVerb *verb, const WeirCliOption *option)
{
  return strchr (verb->options, option->letter) != NULL;
}

static void
print_options (const WeirCliVerb *verb)
{
  for (const WeirCliOption *option = weir_cli_options; option->name != NULL; option++)
    if (has_option (verb, option))
      printf (" --%s%s", option->name, option->value != NULL ? "=" : "");
}

/* A case of bash and zsh: sets `words` and `live`. */
static void
print_cases (void)
{
  for (const WeirCliVerb *verb = weir_cli_verbs; verb->name != NULL; verb++)
    {
      printf ("    %s)\n      options='", verb->name);
      print_options (verb);
      printf ("'\n      fixed='%s'\n      live='%s' ;;\n",
              verb->fixed != NULL ? verb->fixed : "",
              live[verb->words] != NULL ? live[verb->words] : "");
    }
}

static void
print_bash (void)
{
  printf ("# Completion of weir for bash\n"
          "_weir() {\n"
          "  local current=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]}\n"
          "  local options='' fixed='' live=''\n"
          "  COMPREPLY=()\n"
          "  if [[ $COMP_CWORD -eq 1 ]]; then\n"
          "    COMPREPLY=($(compgen -W 'help");
  for (const WeirCliVerb *verb = weir_cli_verbs; verb->name != NULL; verb++)
    printf (" %s", verb->name);
  printf ("' -- \"$current\"))\n"
          "    return\n"
          "  fi\n"
          "  case $verb in\n");
  print_cases ();
  printf ("  esac\n"
          "  if [[ $current == -* ]]; then\n"
          "    compopt -o nospace 2>/dev/null\n"
          "    COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
          "    return\n"
          "  fi\n"
          "  if [[ $verb == accounts && $COMP_CWORD -gt 2 ]]; then\n"
          "    fixed='' live=accounts\n"
          "    [[ ${COMP_WORDS[2]} == import ]] && { COMPREPLY=($(compgen -f -- "
          "\"$current\")); "
          "return; }\n"
          "  fi\n"
          "  if [[ $verb == run ]]; then\n"
          "    COMPREPLY=($(compgen -c -- \"$current\"))\n"
          "    return\n"
          "  fi\n"
          "  if [[ -n $live ]]; then\n"
          "    fixed+=\" $(weir complete \"$live\" 2>/dev/null)\"\n"
          "  fi\n"
          "  COMPREPLY=($(compgen -W \"$fixed\" -- \"$current\"))\n"
          "}\n"
          "complete -F _weir weir\n");
}

static void
print_zsh (void)
{
  printf ("#compdef weir\n"
          "# Completion of weir for zsh\n"
          "_weir() {\n"
          "  local options='' fixed='' live='' verb=$words[2]\n"
          "  if (( CURRENT == 2 )); then\n"
          "    local -a verbs=(\n");
  for (const WeirCliVerb *verb = weir_cli_verbs; verb->name != NULL; verb++)
    printf ("      '%s:%s'\n", verb->name, verb->summary);
  printf ("    )\n"
          "    _describe verb verbs\n"
          "    return\n"
          "  fi\n"
          "  case $verb in\n");
  print_cases ();
  printf ("  esac\n"
          "  if [[ $PREFIX == -* ]]; then\n"
          "    compadd -- ${=options}\n"
          "    return\n"
          "  fi\n"
          "  if [[ $verb == run ]]; then\n"
          "    _command_names -e\n"
          "    return\n"
          "  fi\n"
          "  if [[ $verb == accounts ]] && (( CURRENT > 3 )); then\n"
          "    fixed='' live=accounts\n"
          "    [[ $words[3] == import ]] && { _files; return }\n"
          "  fi\n"
          "  [[ -n $live ]] && fixed+=\" $(weir complete $live 2>/dev/null)\"\n"
          "  compadd -- ${=fixed}\n"
          "}\n"
          "_weir \"$@\"\n");
}

static void
print_fish (void)
{
  printf ("# Completion of weir for fish\n"
          "complete -c weir -f\n");
  for (const WeirCliVerb *verb = weir_cli_verbs; verb->name != NULL; verb++)
    {
      printf ("complete -c weir -n __fish_use_subcommand -a %s -d '%s'\n", verb->name,
              verb->summary);
      if (verb->fixed != NULL)
        printf ("complete -c weir -n '__fish_seen_subcommand_from %s' -a '%s'\n",
                verb->name, verb->fixed);
      if (live[verb->words] != NULL)
        printf ("complete -c weir -n '__fish_seen_subcommand_from %s' -a '(weir complete "
                "%s)'\n",
                verb->name, live[verb->words]);
      for (const WeirCliOption *option = weir_cli_options; option->name != NULL; option++)
        if (has_option (verb, option))
          printf ("complete -c weir -n '__fish_seen_subcommand_from %s' -l %s%s\n",
                  verb->name, option->name, option->value != NULL ? " -r" : "");
    }
}

int
main (int argc, char **argv)
{
  if (argc == 2 && g_str_equal (argv[1], "bash"))
    print_bash ();
  else if (argc == 2 && g_str_equal (argv[1], "zsh"))
    print_zsh ();
  else if (argc == 2 && g_str_equal (argv[1], "fish"))
    print_fish ();
  else
    return 1;
  return 0;
}
