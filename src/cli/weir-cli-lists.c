/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The verbs about models, client keys and requests. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include <stdio.h>
#include <string.h>

#define MONITOR_BEFORE 10
#define MONITOR_MAX 500

/* (transfer full) (nullable): what the method gives; said already where NULL. */
static GVariant *
fetch (WeirCli *self, const char *method, GVariant *parameters, int *out_status)
{
  g_autoptr (GVariant) held = parameters != NULL ? g_variant_ref_sink (parameters) : NULL;
  g_autoptr (GError) error = NULL;
  GVariant *given = NULL;

  if (!weir_cli_connect (self, FALSE))
    *out_status = WEIR_CLI_UNAVAILABLE;
  else
    given = weir_cli_fetch (self, method, held, &error);
  if (error != NULL)
    *out_status = weir_cli_report (error);
  return given;
}

static char *
dup_joined (GVariant *dict, const char *name)
{
  g_autofree const char **texts = NULL;

  g_variant_lookup (dict, name, "^a&s", &texts);
  return texts != NULL ? g_strjoinv (" ", (char **)texts) : g_strdup ("");
}

/* --- models --- */

/* (transfer floating): those of the owner that was asked for. */
static GVariant *
filter_by_owner (GVariant *models, const char *owner)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (size_t i = 0; i < g_variant_n_children (models); i++)
    {
      g_autoptr (GVariant) model = g_variant_get_child_value (models, i);

      if (owner == NULL || g_str_equal (weir_cli_get_text (model, "owner"), owner))
        g_variant_builder_add_value (&builder, model);
    }
  return g_variant_builder_end (&builder);
}

int
weir_cli_models (WeirCli *self)
{
  static const char *const heading[]
      = { "MODEL", "OWNER", "CONTEXT", "STATE", "SERVED BY", NULL };
  int status = WEIR_CLI_OK;
  g_autoptr (GVariant) all = fetch (self, "ListModels", NULL, &status);
  g_autoptr (GVariant) models = NULL;
  WeirCliGrid *grid;

  if (all == NULL)
    return status;
  models = g_variant_ref_sink (filter_by_owner (all, self->options.owner));
  if (self->options.json)
    {
      weir_cli_print_json (models);
      return WEIR_CLI_OK;
    }
  grid = weir_cli_grid_new (heading);
  for (size_t i = 0; i < g_variant_n_children (models); i++)
    {
      g_autoptr (GVariant) model = g_variant_get_child_value (models, i);
      const int64_t context = weir_cli_get_int (model, "context-length");
      g_autofree char *length
          = context > 0 ? weir_cli_dup_count ((uint64_t)context) : g_strdup ("");
      g_autofree char *seats = dup_joined (model, "seats");

      weir_cli_grid_add (grid, weir_cli_get_text (model, "id"));
      weir_cli_grid_add (grid, weir_cli_get_text (model, "owner"));
      weir_cli_grid_add (grid, length);
      weir_cli_grid_add (grid, weir_cli_get_truth (model, "resting") ? "rests" : "ready");
      weir_cli_grid_add (grid, seats);
    }
  weir_cli_grid_print (grid);
  return WEIR_CLI_OK;
}

/* --- keys --- */

static char *
dup_limits (GVariant *key)
{
  g_autoptr (GVariantIter) iter = NULL;
  GString *text = g_string_new (NULL);
  const char *name;
  gint64 most;
  gint64 used;

  if (g_variant_lookup (key, "limits", "a(sxx)", &iter))
    while (g_variant_iter_next (iter, "(&sxx)", &name, &most, &used))
      g_string_append_printf (text, "%s%s %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                              text->len > 0 ? ", " : "", name, used, most);
  return g_string_free (text, FALSE);
}

int
weir_cli_keys (WeirCli *self)
{
  static const char *const heading[]
      = { "ID", "NAME", "KEY", "STATE", "EXPIRES IN", "LIMITS", NULL };
  int status = WEIR_CLI_OK;
  g_autoptr (GVariant) keys = fetch (self, "ListKeys", NULL, &status);
  WeirCliGrid *grid;

  if (keys == NULL)
    return status;
  if (self->options.json)
    {
      weir_cli_print_json (keys);
      return WEIR_CLI_OK;
    }
  grid = weir_cli_grid_new (heading);
  for (size_t i = 0; i < g_variant_n_children (keys); i++)
    {
      g_autoptr (GVariant) key = g_variant_get_child_value (keys, i);
      g_autofree char *expires = weir_cli_dup_span (weir_cli_get_int (key, "expires"));
      g_autofree char *limits = dup_limits (key);

      weir_cli_grid_add (grid, weir_cli_get_text (key, "id"));
      weir_cli_grid_add (grid, weir_cli_get_text (key, "name"));
      weir_cli_grid_add (grid, weir_cli_get_text (key, "masked"));
      weir_cli_grid_add (grid, weir_cli_get_truth (key, "enabled") ? "on" : "off");
      weir_cli_grid_add (grid, expires);
      weir_cli_grid_add (grid, limits);
    }
  weir_cli_grid_print (grid);
  return WEIR_CLI_OK;
}

/* --- test --- */

int
weir_cli_test (WeirCli *self)
{
  int status = WEIR_CLI_OK;
  g_autoptr (GVariant) result
      = fetch (self, "TestModel", g_variant_new ("(s)", self->words[0]), &status);
  gboolean is_fine;

  if (result == NULL)
    return status;
  is_fine = weir_cli_get_truth (result, "ok");
  if (self->options.json)
    weir_cli_print_json (result);
  else if (is_fine)
    printf ("%s answered in %.2f s, by %s\n", self->words[0],
            (double)weir_cli_get_int (result, "total") / G_USEC_PER_SEC,
            *weir_cli_get_text (result, "seat") != '\0' ? weir_cli_get_text (result, "seat")
                                                        : "weir itself");
  else
    weir_cli_fail (WEIR_CLI_NO, "%s: %s (status %d)", self->words[0],
                   weir_cli_get_text (result, "message"),
                   (int)weir_cli_get_int (result, "status"));
  return is_fine ? WEIR_CLI_OK : WEIR_CLI_NO;
}

/* --- monitor --- */

typedef struct
{
  WeirCli *cli;
  int64_t newest; /* the highest number that was printed */
} Monitor;

static void
print_exchange (GVariant *exchange)
{
  const int64_t began = weir_cli_get_int (exchange, "began");
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (began / G_USEC_PER_SEC);
  g_autofree char *clock = g_date_time_format (time, "%H:%M:%S");
  g_autofree char *in
      = weir_cli_dup_count ((uint64_t)weir_cli_get_int (exchange, "input-tokens"));
  g_autofree char *out
      = weir_cli_dup_count ((uint64_t)weir_cli_get_int (exchange, "output-tokens"));
  const char *error = weir_cli_get_text (exchange, "error");

  printf ("%s  %3d  %6.2f s  %-28s %-20s %s in, %s out%s%s\n", clock,
          (int)weir_cli_get_int (exchange, "status"),
          (double)weir_cli_get_int (exchange, "total") / G_USEC_PER_SEC,
          weir_cli_get_text (exchange, "model"), weir_cli_get_text (exchange, "seat"), in,
          out, *error != '\0' ? "  " : "", error);
}

/* Those that have ended since the last time, oldest first.  A long one may end behind later
 * ones: it is printed at its own end only if nothing newer was, so each is looked at by the
 * time it ended, which is the list's order. */
static void
print_news (Monitor *self, GVariant *exchanges)
{
  int64_t newest = self->newest;

  for (size_t i = g_variant_n_children (exchanges); i > 0; i--)
    {
      g_autoptr (GVariant) exchange = g_variant_get_child_value (exchanges, i - 1);
      const int64_t ended
          = weir_cli_get_int (exchange, "began") + weir_cli_get_int (exchange, "total");

      if (!g_str_equal (weir_cli_get_text (exchange, "phase"), "ended")
          || ended <= self->newest)
        continue;
      newest = MAX (newest, ended);
      if (self->cli->options.json)
        weir_cli_print_json (exchange);
      else
        print_exchange (exchange);
    }
  self->newest = newest;
  fflush (stdout);
}

static void
on_exchanges_changed (GDBusConnection *bus,
                      const char *sender,
                      const char *path,
                      const char *interface,
                      const char *signal,
                      GVariant *parameters,
                      gpointer user_data)
{
  Monitor *self = user_data;
  int status = WEIR_CLI_OK;
  g_autoptr (GVariant) exchanges
      = fetch (self->cli, "ListExchanges", g_variant_new ("(u)", MONITOR_MAX), &status);

  if (exchanges != NULL)
    print_news (self, exchanges);
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  g_main_loop_quit (user_data);
}

int
weir_cli_monitor (WeirCli *self)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  const unsigned before = self->options.limit > 0
                              ? (unsigned)MIN (self->options.limit, MONITOR_MAX)
                              : MONITOR_BEFORE;
  Monitor monitor = { self, 0 };
  int status = WEIR_CLI_OK;
  g_autoptr (GVariant) exchanges
      = fetch (self, "ListExchanges", g_variant_new ("(u)", before), &status);

  if (exchanges == NULL)
    return status;
  print_news (&monitor, exchanges);
  g_dbus_connection_signal_subscribe (
      self->bus, WEIR_APPLICATION_ID, WEIR_CLI_INTERFACE ".Manager", "ExchangesChanged",
      WEIR_CLI_PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_exchanges_changed, &monitor, NULL);
  g_bus_watch_name_on_connection (self->bus, WEIR_APPLICATION_ID,
                                  G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_vanished, loop,
                                  NULL);
  g_main_loop_run (loop);
  return weir_cli_fail (WEIR_CLI_UNAVAILABLE, "the service has ended");
}
