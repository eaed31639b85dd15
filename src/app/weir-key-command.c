/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The commands about keys.  They ask the vault themselves; a running service sees what they
 * changed. */

#include "config.h"

#include "app/weir-key-command.h"

#include "app/weir-app.h"
#include "app/weir-command.h"
#include "app/weir-keys.h"

#include <errno.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#define KIND "api-key/"
#define INPUT_MAX_BYTES ((size_t)66 << 10)

/* What is typed there is not shown, as long as this lives. */
typedef struct
{
  gboolean is_terminal;
  struct termios before;
} Silence;

static void
silence_begin (Silence *self, const char *name)
{
  struct termios silent = { 0 };

  self->is_terminal = isatty (STDIN_FILENO) && tcgetattr (STDIN_FILENO, &self->before) == 0;
  if (!self->is_terminal)
    return;
  silent = self->before;
  silent.c_lflag &= ~(tcflag_t)ECHO;
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &silent);
  fprintf (stderr, "The key called %s: ", name);
}

static void
silence_end (Silence *self)
{
  if (!self->is_terminal)
    return;
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &self->before);
  fputc ('\n', stderr);
}

/* To the end of the input, or of a line where it is typed. */
static size_t
read_input (char *buffer, size_t room, gboolean is_typed)
{
  size_t length = 0;

  while (length < room)
    {
      const ssize_t n = read (STDIN_FILENO, buffer + length, room - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      length += (size_t)n;
      if (is_typed && buffer[length - 1] == '\n')
        break;
    }
  return length;
}

/* (nullable): what came is no key. */
static WeirSecret *
read_key (const char *name)
{
  g_autofree char *buffer = g_malloc (INPUT_MAX_BYTES);
  Silence silence = { 0 };
  WeirSecret *key = NULL;
  size_t length;

  silence_begin (&silence, name);
  length = read_input (buffer, INPUT_MAX_BYTES, silence.is_terminal);
  silence_end (&silence);
  if (length > 0 && buffer[length - 1] == '\n')
    length--;
  if (length > 0 && buffer[length - 1] == '\r')
    length--;
  key = weir_secret_new ((WeirSlice){ buffer, length });
  explicit_bzero (buffer, INPUT_MAX_BYTES);
  return key;
}

static gboolean
store_key (WeirVault *vault, const char *name, GError **error)
{
  g_autofree char *vault_name = g_strconcat (KIND, name, NULL);
  g_autoptr (WeirSecret) key = read_key (name);
  g_autoptr (GAsyncResult) result = NULL;

  if (key == NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "the key is read from the standard input: one line of at most "
                           "64 KiB without control characters");
  weir_vault_store_async (vault, vault_name, key, NULL, weir_command_keep_result, &result);
  weir_command_await_result (&result);
  return weir_vault_store_finish (vault, result, error);
}

static gboolean
delete_key (WeirVault *vault, const char *name, GError **error)
{
  g_autofree char *vault_name = g_strconcat (KIND, name, NULL);
  g_autoptr (WeirSecret) key = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  if (weir_vault_lookup (vault, vault_name, &key) == WEIR_VAULT_ABSENT)
    return weir_error_set (error, WEIR_ERROR_IO, "there is no key called %s", name);
  weir_vault_delete_async (vault, vault_name, NULL, weir_command_keep_result, &result);
  weir_command_await_result (&result);
  return weir_vault_delete_finish (vault, result, error);
}

static void
list_keys (WeirVault *vault)
{
  g_auto (GStrv) names = weir_vault_list (vault);

  for (char **name = names; *name != NULL; name++)
    if (g_str_has_prefix (*name, KIND))
      printf ("%s\n", *name + strlen (KIND));
}

static gboolean
run_verb (WeirVault *vault, const WeirOptions *options, GError **error)
{
  if (!weir_command_ensure_unlocked (vault, error))
    return FALSE;
  if (options->verb == WEIR_VERB_STORE_KEY)
    return store_key (vault, options->key_name, error);
  if (options->verb == WEIR_VERB_DELETE_KEY)
    return delete_key (vault, options->key_name, error);
  list_keys (vault);
  return TRUE;
}

int
weir_key_command_run (const WeirOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirConfig) config = weir_command_load_config (options, &error);
  g_autoptr (WeirVaultHome) home = NULL;

  if (config == NULL)
    {
      fprintf (stderr, "%s\n", error->message);
      return WEIR_EXIT_CONFIG;
    }
  home = weir_keys_open_home (config);
  if (run_verb (weir_vault_home_get_vault (home), options, &error))
    return WEIR_EXIT_OK;
  fprintf (stderr, "weir: %s\n", error->message);
  return g_error_matches (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST)
             ? WEIR_EXIT_USAGE
             : WEIR_EXIT_UNAVAILABLE;
}
