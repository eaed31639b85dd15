/* SPDX-License-Identifier: GPL-3.0-or-later */

/* `weir login`: the sentence about the vendor first, then the address or the code, then how
 * it ended.  Nothing secret is typed here but what a browser ended on, and that is read
 * from the standard input. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include "cli/weir-cli-qr.h"

#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOGIN_INTERFACE WEIR_CLI_INTERFACE ".Login"
#define LINE_MAX_BYTES 8192

typedef struct
{
  WeirCli *cli;
  GMainLoop *loop;
  char *path;           /* (owned) */
  GVariant *properties; /* (owned) (nullable) */
  gboolean is_shown;    /* the address is */
  int status;
} Login;

/* --- who can be signed in to --- */

static int
list_providers (WeirCli *self)
{
  static const char *const heading[] = { "ID", "VENDOR", "WAYS", "", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) list = weir_cli_fetch (self, "ListProviders", NULL, &error);
  WeirCliGrid *grid;

  if (list == NULL)
    return weir_cli_report (error);
  if (self->options.json)
    {
      weir_cli_print_json (list);
      return WEIR_CLI_OK;
    }
  grid = weir_cli_grid_new (heading);
  for (size_t i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (list, i);
      g_autofree const char **ways = NULL;
      g_autofree char *joined = NULL;

      g_variant_lookup (row, "ways", "^a&s", &ways);
      joined = ways != NULL ? g_strjoinv (" ", (char **)ways) : g_strdup ("");
      weir_cli_grid_add (grid, weir_cli_get_text (row, "id"));
      weir_cli_grid_add (grid, weir_cli_get_text (row, "name"));
      weir_cli_grid_add (grid, joined);
      weir_cli_grid_add (grid, weir_cli_get_text (row, "sentence"));
    }
  weir_cli_grid_print (grid);
  return WEIR_CLI_OK;
}

/* What the vendor thinks of it, before anything begins. */
static void
print_sentence (WeirCli *self, const char *provider)
{
  g_autoptr (GVariant) list = weir_cli_fetch (self, "ListProviders", NULL, NULL);

  for (size_t i = 0; list != NULL && i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (list, i);

      if (g_str_equal (weir_cli_get_text (row, "id"), provider))
        fprintf (stderr, "%s\n", weir_cli_get_text (row, "sentence"));
    }
}

/* --- one sign-in --- */

static void
show_address (Login *self)
{
  const char *url = weir_cli_get_text (self->properties, "Url");
  const char *full = weir_cli_get_text (self->properties, "FullUrl");
  const char *code = weir_cli_get_text (self->properties, "UserCode");
  const WeirCliOptions *options = &self->cli->options;

  if (self->is_shown || *url == '\0')
    return;
  self->is_shown = TRUE;
  if (*code != '\0')
    {
      if (weir_cli_is_terminal ())
        weir_cli_qr_print (*full != '\0' ? full : url);
      printf ("Open %s and type in:  %s\n", url, code);
    }
  else
    {
      if (!options->no_browser && !g_app_info_launch_default_for_uri (url, NULL, NULL))
        fprintf (stderr, "weir: no browser could be opened here\n");
      printf ("Sign in at:\n%s\n", url);
      if (weir_cli_get_truth (self->properties, "CanPaste"))
        printf ("If the browser is elsewhere, paste the address that it ended on:\n");
    }
  fflush (stdout);
}

/* TRUE: it has ended. */
static gboolean
has_ended (Login *self)
{
  const char *state = weir_cli_get_text (self->properties, "State");

  if (g_str_equal (state, "done"))
    self->status = WEIR_CLI_OK;
  else if (g_str_equal (state, "failed") || g_str_equal (state, "cancelled"))
    self->status = WEIR_CLI_NO;
  else
    return FALSE;
  return TRUE;
}

static void
look (Login *self)
{
  GVariant *fresh = weir_cli_get_properties (self->cli, self->path, LOGIN_INTERFACE, NULL);

  if (fresh == NULL)
    {
      self->status = weir_cli_fail (WEIR_CLI_NO, "the sign-in is gone");
      g_main_loop_quit (self->loop);
      return;
    }
  g_clear_pointer (&self->properties, g_variant_unref);
  self->properties = fresh;
  show_address (self);
  if (has_ended (self))
    g_main_loop_quit (self->loop);
}

static void
on_properties (GDBusConnection *bus,
               const char *sender,
               const char *path,
               const char *interface,
               const char *signal,
               GVariant *parameters,
               gpointer user_data)
{
  look (user_data);
}

static void
submit (Login *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = weir_cli_call (self->cli, self->path, LOGIN_INTERFACE, "SubmitCallback",
                       g_variant_new ("(s)", text), &error);

  if (reply == NULL)
    weir_cli_report (error);
}

/* A line from the standard input is what the browser ended on. */
static gboolean
on_input (int fd, GIOCondition condition, gpointer user_data)
{
  Login *self = user_data;
  char line[LINE_MAX_BYTES];
  const ssize_t n = read (fd, line, sizeof line - 1);

  if (n <= 0)
    return G_SOURCE_REMOVE;
  line[n] = '\0';
  g_strstrip (line);
  if (*line != '\0')
    submit (self, line);
  explicit_bzero (line, sizeof line);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer user_data)
{
  Login *self = user_data;
  g_autoptr (GVariant) reply
      = weir_cli_call (self->cli, self->path, LOGIN_INTERFACE, "Cancel", NULL, NULL);

  if (reply == NULL) /* it cannot be told: the service ends it by itself */
    g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static void
print_end (Login *self)
{
  const char *sentence = weir_cli_get_text (self->properties, "Sentence");

  if (self->cli->options.json)
    weir_cli_print_json (self->properties);
  else if (self->status == WEIR_CLI_OK)
    printf ("Signed in: %s\n", weir_cli_get_text (self->properties, "Account"));
  else
    weir_cli_fail (self->status, "%s", sentence);
}

static GVariant *
make_options (WeirCli *self)
{
  const WeirCliOptions *options = &self->options;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  if (options->device)
    g_variant_dict_insert (&dict, "way", "s", "device");
  if (options->account != NULL)
    g_variant_dict_insert (&dict, "account", "s", options->account);
  if (options->callback_port > 0)
    g_variant_dict_insert (&dict, "callback-port", "u", (guint32)options->callback_port);
  return g_variant_dict_end (&dict);
}

static int
follow (WeirCli *self, const char *path)
{
  Login login
      = { .cli = self, .path = g_strdup (path), .loop = g_main_loop_new (NULL, FALSE) };
  const unsigned changed = g_dbus_connection_signal_subscribe (
      self->bus, WEIR_APPLICATION_ID, "org.freedesktop.DBus.Properties",
      "PropertiesChanged", path, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_properties, &login,
      NULL);
  const unsigned interrupted = g_unix_signal_add (SIGINT, on_interrupt, &login);
  const unsigned input = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_input, &login);

  look (&login);
  if (self->options.callback != NULL)
    submit (&login, self->options.callback);
  if (login.properties != NULL && !has_ended (&login))
    g_main_loop_run (login.loop);
  if (login.properties != NULL)
    print_end (&login);
  g_dbus_connection_signal_unsubscribe (self->bus, changed);
  g_source_remove (interrupted);
  if (g_main_context_find_source_by_id (NULL, input) != NULL)
    g_source_remove (input);
  g_clear_pointer (&login.properties, g_variant_unref);
  g_main_loop_unref (login.loop);
  g_free (login.path);
  return login.status;
}

int
weir_cli_login (WeirCli *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  const char *path = NULL;

  if (!weir_cli_connect (self, TRUE))
    return WEIR_CLI_UNAVAILABLE;
  if (self->options.vertex_import != NULL)
    return weir_cli_import (self, self->options.vertex_import);
  if (self->n_words == 0)
    return list_providers (self);
  print_sentence (self, self->words[0]);
  reply = weir_cli_call_manager (
      self, "BeginLogin", g_variant_new ("(s@a{sv})", self->words[0], make_options (self)),
      &error);
  if (reply == NULL)
    return weir_cli_report (error);
  g_variant_get (reply, "(&o)", &path);
  return follow (self, path);
}
