/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The verbs about the service as a whole. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include "base/weir-json-write.h"
#include "store/weir-config.h"

#include <stdio.h>

#define END_TIMEOUT_US (40 * (gint64)G_USEC_PER_SEC)
#define LOOK_AGAIN_US 50000

/* --- status --- */

static void
append_tightest (GString *out, GVariant *manager)
{
  const char *account = "";
  const char *window = "";
  double used = -1;
  gint64 resets = 0;
  g_autofree char *span = NULL;

  if (!g_variant_lookup (manager, "Tightest", "(&s&sdx)", &account, &window, &used, &resets)
      || used < 0)
    return;
  span = weir_cli_dup_span (resets);
  g_string_append_printf (out, "%s %s: %.0f %% left", account, window, 100 - used);
  if (*span != '\0')
    g_string_append_printf (out, ", resets in %s", span);
}

static void
print_attention (GVariant *manager)
{
  g_autoptr (GVariantIter) iter = NULL;
  const char *kind;
  const char *subject;
  const char *sentence;

  if (!g_variant_lookup (manager, "Attention", "a(sss)", &iter))
    return;
  while (g_variant_iter_next (iter, "(&s&s&s)", &kind, &subject, &sentence))
    printf ("attention   %s%s%s\n", subject, *subject != '\0' ? ": " : "", sentence);
}

static void
print_people (GVariant *manager)
{
  g_autoptr (GVariant) totals
      = g_variant_lookup_value (manager, "Totals", G_VARIANT_TYPE ("a{sv}"));
  g_autoptr (GString) tightest = g_string_new (NULL);

  printf ("state       %s\n", weir_cli_get_text (manager, "State"));
  if (*weir_cli_get_text (manager, "Endpoint") != '\0')
    printf ("address     %s\n", weir_cli_get_text (manager, "Endpoint"));
  append_tightest (tightest, manager);
  if (tightest->len > 0)
    printf ("tightest    %s\n", tightest->str);
  if (*weir_cli_get_text (manager, "Serving") != '\0')
    printf ("serving     %s\n", weir_cli_get_text (manager, "Serving"));
  if (totals != NULL)
    printf ("requests    %d, %d failed, %d open\n",
            (int)weir_cli_get_int (totals, "requests"),
            (int)weir_cli_get_int (totals, "failed"),
            (int)weir_cli_get_int (totals, "in-flight"));
  printf ("secrets     %s\n", weir_cli_get_text (manager, "Secrets"));
  print_attention (manager);
}

/* One line: what a person wants to know first. */
static char *
dup_line (GVariant *manager)
{
  g_autoptr (GString) tightest = g_string_new (NULL);
  const char *state = manager != NULL ? weir_cli_get_text (manager, "State") : "off";

  if (manager != NULL)
    append_tightest (tightest, manager);
  return g_strdup_printf ("weir %s%s%s", state, tightest->len > 0 ? ", " : "",
                          tightest->str);
}

/* waybar, custom module with return-type json (its manual, read 2026-05). */
static void
print_waybar (GVariant *manager)
{
  g_autofree char *line = dup_line (manager);
  g_autoptr (GString) out = g_string_new (NULL);
  const char *state = manager != NULL ? weir_cli_get_text (manager, "State") : "off";
  double used = -1;
  g_autofree char *text = NULL;
  WeirJsonWriter w;

  if (manager != NULL)
    g_variant_lookup (manager, "Tightest", "(&s&sdx)", NULL, NULL, &used, NULL);
  text = used >= 0 ? g_strdup_printf ("%.0f%%", 100 - used) : g_strdup (state);
  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "text", text);
  weir_json_add_string (&w, "tooltip", line);
  weir_json_add_string (&w, "class", state);
  if (used >= 0)
    weir_json_add_uint (&w, "percentage", (uint64_t)(100 - MIN (used, 100)));
  weir_json_close (&w);
  printf ("%s\n", out->str);
}

/* @manager (nullable): NULL where there is no service. */
static void
print_status (WeirCli *self, GVariant *manager)
{
  g_autofree char *line = NULL;

  if (g_strcmp0 (self->options.format, "waybar") == 0)
    print_waybar (manager);
  else if (self->options.format != NULL)
    {
      line = dup_line (manager);
      printf ("%s\n", line);
    }
  else if (manager == NULL)
    printf ("%s\n", self->options.json ? "{\"State\":\"off\"}" : "state       off");
  else if (self->options.json)
    weir_cli_print_json (manager);
  else
    print_people (manager);
  fflush (stdout);
}

static GVariant *
get_manager (WeirCli *self)
{
  return weir_cli_get_properties (self, WEIR_CLI_PATH, WEIR_CLI_INTERFACE ".Manager", NULL);
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
  g_autoptr (GVariant) manager = get_manager (user_data);

  if (manager != NULL)
    print_status (user_data, manager);
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  print_status (user_data, NULL);
}

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  g_autoptr (GVariant) manager = get_manager (user_data);

  print_status (user_data, manager);
}

static int
follow_status (WeirCli *self)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  weir_cli_find (self);
  if (self->bus == NULL)
    return weir_cli_fail (WEIR_CLI_UNAVAILABLE, "there is no session bus to listen to");
  g_dbus_connection_signal_subscribe (self->bus, WEIR_APPLICATION_ID,
                                      "org.freedesktop.DBus.Properties",
                                      "PropertiesChanged", WEIR_CLI_PATH, NULL,
                                      G_DBUS_SIGNAL_FLAGS_NONE, on_properties, self, NULL);
  g_bus_watch_name_on_connection (self->bus, WEIR_APPLICATION_ID,
                                  G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared, on_vanished,
                                  self, NULL);
  g_dbus_connection_set_exit_on_close (self->bus, TRUE);
  g_main_loop_run (loop);
  return WEIR_CLI_OK;
}

int
weir_cli_status (WeirCli *self)
{
  const char *format = self->options.format;
  g_autoptr (GVariant) manager = NULL;

  if (format != NULL && !g_str_equal (format, "plain") && !g_str_equal (format, "waybar"))
    return weir_cli_fail (WEIR_CLI_USAGE, "--format is plain or waybar, not \"%s\"",
                          format);
  if (self->options.follow)
    return follow_status (self);
  if (weir_cli_find (self))
    manager = get_manager (self);
  print_status (self, manager);
  return manager != NULL || format != NULL ? WEIR_CLI_OK : WEIR_CLI_UNAVAILABLE;
}

/* --- what it is to do --- */

static int
call_plain (WeirCli *self, const char *method, gboolean may_start)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  if (!weir_cli_connect (self, may_start))
    return WEIR_CLI_UNAVAILABLE;
  reply = weir_cli_call_manager (self, method, NULL, &error);
  return reply != NULL ? WEIR_CLI_OK : weir_cli_report (error);
}

int
weir_cli_start (WeirCli *self)
{
  int status;
  g_autoptr (GVariant) manager = NULL;

  if (!weir_cli_connect (self, TRUE))
    return WEIR_CLI_UNAVAILABLE;
  status = call_plain (self, "Start", FALSE);
  if (status != WEIR_CLI_OK)
    return status;
  manager = get_manager (self);
  if (manager != NULL)
    printf ("weir listens on %s\n", weir_cli_get_text (manager, "Endpoint"));
  return WEIR_CLI_OK;
}

int
weir_cli_stop (WeirCli *self)
{
  return call_plain (self, "Stop", FALSE);
}

int
weir_cli_restart (WeirCli *self)
{
  const gint64 until_us = g_get_monotonic_time () + END_TIMEOUT_US;

  if (weir_cli_find (self))
    {
      const int status = call_plain (self, "Quit", FALSE);

      if (status != WEIR_CLI_OK)
        return status;
      while (weir_cli_find (self))
        {
          if (g_get_monotonic_time () > until_us)
            return weir_cli_fail (WEIR_CLI_NO, "the service does not end");
          g_usleep (LOOK_AGAIN_US);
        }
    }
  return weir_cli_start (self);
}

int
weir_cli_reload (WeirCli *self)
{
  return call_plain (self, "Reload", FALSE);
}

int
weir_cli_diagnostics (WeirCli *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  const char *text = NULL;

  if (!weir_cli_connect (self, FALSE))
    return WEIR_CLI_UNAVAILABLE;
  reply = weir_cli_call_manager (self, "GetDiagnostics", NULL, &error);
  if (reply == NULL)
    return weir_cli_report (error);
  g_variant_get (reply, "(&s)", &text);
  printf ("%s", text);
  return WEIR_CLI_OK;
}

int
weir_cli_open (WeirCli *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  GVariantBuilder targets;

  if (!weir_cli_connect (self, TRUE))
    return WEIR_CLI_UNAVAILABLE;
  g_variant_builder_init (&targets, G_VARIANT_TYPE ("av"));
  g_variant_builder_add (
      &targets, "v", g_variant_new_string (self->n_words > 0 ? self->words[0] : "quota"));
  reply = weir_cli_call (self, "/io/github/weirproxy/Weir", "org.gtk.Actions", "Activate",
                         g_variant_new ("(sava{sv})", "show", &targets, NULL), &error);
  return reply != NULL ? WEIR_CLI_OK : weir_cli_report (error);
}

/* --- config --- */

static char *
dup_config_path (WeirCli *self)
{
  g_autoptr (GVariant) manager = weir_cli_find (self) ? get_manager (self) : NULL;
  const char *path = manager != NULL ? weir_cli_get_text (manager, "ConfigPath") : "";

  return *path != '\0' ? g_strdup (path) : weir_config_dup_default_path ();
}

static int
check_config (const char *path)
{
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirConfig) config = weir_config_load (path, &notices, &error);

  for (unsigned i = 0; notices != NULL && i < notices->len; i++)
    {
      const WeirConfigNotice *notice = g_ptr_array_index (notices, i);
      g_autofree char *line = weir_config_notice_format (notice, path);

      if (!notice->fatal)
        printf ("%s\n", line);
    }
  if (config != NULL)
    {
      printf ("%s can be used\n", path);
      return WEIR_CLI_OK;
    }
  fprintf (stderr, "%s\n", error->message);
  return WEIR_CLI_CONFIG;
}

int
weir_cli_config (WeirCli *self)
{
  const char *action = self->n_words > 0 ? self->words[0] : "path";
  g_autofree char *path
      = self->n_words > 1 ? g_strdup (self->words[1]) : dup_config_path (self);

  if (g_str_equal (action, "check"))
    return check_config (path);
  if (!g_str_equal (action, "path") || self->n_words > 1)
    return weir_cli_fail (WEIR_CLI_USAGE, "weir config path, or weir config check [FILE]");
  printf ("%s\n", path);
  return WEIR_CLI_OK;
}
