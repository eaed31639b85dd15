/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The application: puts the proxy, the configuration, the log and the process together.
 *
 *   STARTING -> SERVING -> DRAINING -> gone
 *                  |  ^
 *                  +--+ reload
 *
 * Without a session bus the name is not taken and everything else is the same. */

#include "config.h"

#include "app/weir-app.h"

#include "app/weir-actions.h"
#include "app/weir-app-accounts.h"
#include "app/weir-app-quota.h"
#include "app/weir-application.h"
#include "app/weir-check-command.h"
#include "app/weir-desktop.h"
#include "app/weir-import-command.h"
#include "app/weir-key-command.h"
#include "app/weir-keys.h"
#include "app/weir-log.h"
#include "app/weir-notify.h"
#include "app/weir-options.h"
#include "app/weir-process.h"
#include "app/weir-reload.h"
#include "app/weir-wake.h"
#include "app/weir-watchdog.h"

#include "base/weir-clock.h"
#include "base/weir-translate.h"
#include "cli/weir-cli.h"
#include "control/weir-control.h"
#include "proxy/weir-control-session.h"
#include "proxy/weir-proxy.h"
#include "store/weir-config.h"
#include "store/weir-state.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define DRAIN_US (30 * WEIR_USEC_PER_SEC)
#define DRAIN_NOW_US (1 * WEIR_USEC_PER_SEC)
#define SHOWN (-1) /* instead of an exit status: the weir that runs was asked */

typedef enum
{
  STATE_STARTING,
  STATE_SERVING,  /* or stopped by the user: then nothing listens */
  STATE_DRAINING, /* the end */
} State;

typedef struct
{
  State state;
  gboolean is_activated;      /* once */
  const WeirOptions *options; /* (unowned) */
  char *config_path;          /* (owned) */
  WeirSecret *first_key;      /* (owned) (nullable): of a configuration just written */
  char *url;                  /* (owned) (nullable): what was announced */
  GHashTable *said;           /* (owned) set of char *: notices of the last reading */
  gboolean logs_to_file;
  unsigned logs_max_total_size_mb;
  WeirApplication *application; /* (owned) */
  WeirControl *control;         /* (owned) */
  WeirDesktop *desktop;         /* (owned) (nullable) */
  WeirLog *log;                 /* (unowned): lives as long as the process */
  WeirNotify *notify;           /* (owned) */
  WeirReload *reload;           /* (owned) (nullable) */
  WeirKeys *keys;               /* (owned) */
  WeirProxy *proxy;             /* (owned) (nullable) */
  WeirAppAccounts *accounts;    /* (owned) (nullable) */
  WeirAppQuota *quota;          /* (owned) (nullable) */
  WeirWake *wake;               /* (owned) (nullable) */
  WeirWatchdog *watchdog;       /* (owned) (nullable) */
} WeirApp;

static void
app_clear (WeirApp *self)
{
  g_clear_pointer (&self->watchdog, weir_watchdog_free);
  g_clear_pointer (&self->wake, weir_wake_free);
  g_clear_pointer (&self->reload, weir_reload_free);
  g_clear_pointer (&self->desktop, weir_desktop_free);
  if (self->control != NULL)
    weir_control_set_sources (self->control, NULL);
  g_clear_pointer (&self->quota, weir_app_quota_free);
  g_clear_pointer (&self->control, weir_control_free);
  g_clear_pointer (&self->accounts, weir_app_accounts_free);
  g_clear_pointer (&self->keys, weir_keys_free);
  g_clear_pointer (&self->proxy, weir_proxy_free);
  weir_log_gather_rows (self->log, FALSE);
  g_clear_pointer (&self->notify, weir_notify_free);
  g_clear_pointer (&self->first_key, weir_secret_unref);
  g_clear_pointer (&self->said, g_hash_table_unref);
  g_clear_object (&self->application);
  g_free (self->config_path);
  g_free (self->url);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirApp, app_clear)

static gboolean
publish (GDBusConnection *bus, gpointer user_data, GError **error)
{
  WeirApp *self = user_data;

  weir_app_quota_set_bus (self->quota, bus);
  return weir_control_export (self->control, bus, error)
         && weir_desktop_publish (self->desktop, bus, error);
}

/* `weir` alone, where something can be shown. */
static gboolean
wants_window (const WeirOptions *options)
{
  return !options->is_service && options->config_path == NULL && options->port < 0
         && (g_getenv ("WAYLAND_DISPLAY") != NULL || g_getenv ("DISPLAY") != NULL);
}

static void
on_activate (GVariant *platform, gpointer user_data)
{
  WeirApp *self = user_data;

  const gboolean is_own = !self->is_activated && !self->options->is_service;

  self->is_activated = TRUE;
  if (!is_own || wants_window (self->options))
    weir_actions_show_window (self->application, platform);
}

/* Returns the exit status.  Where another weir has the name, it shows its window if that is
 * all that was asked. */
static int
take_name (WeirApp *self)
{
  static const WeirApplicationFuncs funcs = { .publish = publish, .activate = on_activate };
  g_autoptr (GError) error = NULL;
  GApplication *application = NULL;
  g_autofree char *refusal = NULL;

  self->application = weir_application_new (self->options->is_service, &funcs, self);
  self->desktop = weir_desktop_new (self->application);
  application = G_APPLICATION (self->application);
  weir_actions_add (self->application, self->control);
  if (g_application_register (application, NULL, &error)
      && !g_application_get_is_remote (application))
    {
      g_application_hold (application);
      return WEIR_EXIT_OK;
    }
  if (error == NULL && wants_window (self->options))
    {
      g_application_activate (application);
      g_dbus_connection_flush_sync (g_application_get_dbus_connection (application), NULL,
                                    NULL);
      return SHOWN;
    }
  refusal = weir_application_dup_refusal ();
  weir_log_say (self->log, G_LOG_LEVEL_ERROR, "%s", refusal);
  return WEIR_EXIT_RUNNING;
}

/* The log as @config wants it. */
static void
set_log (WeirApp *self, const WeirConfig *config)
{
  const uint64_t total = (uint64_t)config->logs_max_total_size_mb * 1024 * 1024;
  g_autofree char *path = weir_log_file_dup_default_path ();
  g_autoptr (GError) error = NULL;
  WeirLogFile *file = NULL;

  weir_log_set_debug (self->log, config->debug);
  if (config->logging_to_file == self->logs_to_file
      && (!self->logs_to_file
          || config->logs_max_total_size_mb == self->logs_max_total_size_mb))
    return;
  if (config->logging_to_file)
    file = weir_log_file_new (path, WEIR_LOG_FILE_MAX_BYTES, total, &error);
  if (error != NULL)
    weir_log_say (self->log, G_LOG_LEVEL_WARNING,
                  "%s; requests are logged to the standard error", error->message);
  weir_log_take_file (self->log, file);
  self->logs_to_file = file != NULL;
  self->logs_max_total_size_mb = config->logs_max_total_size_mb;
}

/* What is said of a file that stays as it is is not said at each reading. */
static void
say_notices (WeirApp *self, GPtrArray *notices)
{
  g_autoptr (GHashTable) before = g_steal_pointer (&self->said);

  self->said = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (unsigned i = 0; notices != NULL && i < notices->len; i++)
    {
      const WeirConfigNotice *notice = g_ptr_array_index (notices, i);
      char *line = weir_config_notice_format (notice, self->config_path);

      if (!notice->fatal && !g_hash_table_contains (before, line))
        weir_log_say (self->log, G_LOG_LEVEL_WARNING, "%s", line);
      g_hash_table_add (self->said, line);
    }
}

/* The one line that programs wait for; again when a reload has changed it. */
static void
announce (WeirApp *self)
{
  g_autofree char *url = weir_proxy_dup_url (self->proxy);

  weir_notify_ready (self->notify, url);
  if (g_strcmp0 (url, self->url) == 0)
    return;
  printf ("weir listening on %s\n", url);
  fflush (stdout);
  g_free (self->url);
  self->url = g_steal_pointer (&url);
  weir_control_set_state (self->control, WEIR_CONTROL_RUNNING, NULL);
}

/* A journal or a machine keeps what it reads, so the key is only shown to people. */
static void
welcome (WeirApp *self)
{
  const gboolean is_for_people
      = !weir_log_is_journal (self->log) && self->options->log_format != WEIR_LOG_JSON;
  const WeirSlice key = weir_secret_reveal (self->first_key);

  if (is_for_people)
    dprintf (STDERR_FILENO,
             "weir has written a first configuration.  What your clients need:\n"
             "  base URL       %s\n"
             "  client key     %.*s\n"
             "  configuration  %s\n",
             self->url, (int)key.length, key.text, self->config_path);
  else
    weir_log_say (self->log, G_LOG_LEVEL_MESSAGE,
                  "a first configuration was written: base URL %s, client key in the list "
                  "api-keys of %s",
                  self->url, self->config_path);
  g_clear_pointer (&self->first_key, weir_secret_unref);
}

static gboolean
write_first_config (WeirApp *self)
{
  g_autoptr (GError) error = NULL;

  if (self->options->config_path != NULL || access (self->config_path, F_OK) == 0
      || errno != ENOENT || g_file_test (self->config_path, G_FILE_TEST_IS_SYMLINK))
    return TRUE;
  if (weir_config_write_first (self->config_path, &self->first_key, &error))
    return TRUE;
  weir_log_say (self->log, G_LOG_LEVEL_ERROR,
                "%s; make the folder writable or name a file: weir --config FILE",
                error->message);
  return FALSE;
}

/* (nullable): said already. */
static WeirConfig *
load_config (WeirApp *self)
{
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (GError) error = NULL;
  WeirConfig *config = weir_config_load (self->config_path, &notices, &error);

  if (config != NULL)
    {
      weir_keys_wait (self->keys, config);
      weir_keys_fill (self->keys, config, notices);
    }
  say_notices (self, notices);
  if (config != NULL)
    return config;
  weir_log_say (self->log, G_LOG_LEVEL_ERROR, "%s", error->message);
  weir_log_say (self->log, G_LOG_LEVEL_ERROR,
                "weir cannot start with this configuration; mend it (`weir --check-config` "
                "looks again) or name another one: weir --config FILE");
  return NULL;
}

static void
on_row (const WeirLogRow *row, gpointer user_data)
{
  WeirApp *self = user_data;

  weir_log_row (row, self->log);
  if (self->control != NULL) /* what ends at the very end is told to the log only */
    weir_control_add_row (row, self->control);
}

/* Returns the exit status. */
static int
start_proxy (WeirApp *self, WeirConfig *config)
{
  g_autofree char *state_path = weir_state_dup_default_path ();
  g_autoptr (GError) error = NULL;

  self->proxy = weir_proxy_new (config, self->options->port, on_row, self, &error);
  if (self->proxy != NULL)
    {
      weir_proxy_remember (self->proxy, state_path);
      weir_control_set_proxy (self->control, self->proxy);
    }
  if (self->proxy != NULL && weir_proxy_listen (self->proxy, &error))
    return WEIR_EXIT_OK;
  weir_log_say (self->log, G_LOG_LEVEL_ERROR, "%s", error->message);
  weir_log_say (self->log, G_LOG_LEVEL_ERROR,
                "nothing is served; host and port are set in %s", self->config_path);
  return g_error_matches (error, WEIR_ERROR, WEIR_ERROR_CONFIG) ? WEIR_EXIT_CONFIG
                                                                : WEIR_EXIT_UNAVAILABLE;
}

static void
on_reloaded (WeirConfig *config,
             GPtrArray *notices,
             const GError *problem,
             gpointer user_data)
{
  WeirApp *self = user_data;
  g_autoptr (GError) error = problem != NULL ? g_error_copy (problem) : NULL;

  if (self->state != STATE_SERVING)
    return;
  if (config != NULL)
    weir_keys_fill (self->keys, config, notices);
  say_notices (self, notices);
  if (config != NULL && weir_proxy_set_config (self->proxy, config, &error))
    {
      set_log (self, config);
      weir_desktop_set_config (self->desktop, config);
      weir_app_accounts_set_config (self->accounts, config);
      weir_app_quota_set_config (self->quota);
      weir_log_say (self->log, G_LOG_LEVEL_MESSAGE, "configuration read again from %s",
                    self->config_path);
    }
  else
    weir_log_say (self->log, G_LOG_LEVEL_WARNING, "%s\nkept the previous configuration",
                  error->message);
  weir_control_set_config (self->control, self->config_path,
                           error != NULL ? error->message : NULL);
  if (weir_control_is_running (self->control))
    announce (self);
}

/* A key has come or is another one: the configuration is made ready anew. */
static void
on_keys_changed (gpointer user_data)
{
  WeirApp *self = user_data;

  if (self->reload != NULL)
    weir_reload_now (self->reload);
}

static void
on_accounts_drained (gpointer data, gpointer user_data)
{
  WeirApp *self = user_data;

  g_application_quit (G_APPLICATION (self->application));
}

static void
on_drained (gpointer data, gpointer user_data)
{
  WeirApp *self = user_data;

  weir_app_accounts_drain (self->accounts, on_accounts_drained, self);
}

static void
on_stop (gpointer user_data)
{
  WeirApp *self = user_data;
  const gboolean is_first = self->state != STATE_DRAINING;

  if (is_first)
    {
      weir_log_say (self->log, G_LOG_LEVEL_MESSAGE,
                    "stopping when the open answers have ended, in 30 s at the latest");
      weir_notify_stopping (self->notify, "Waiting for open answers");
      g_clear_pointer (&self->reload, weir_reload_free);
      self->state = STATE_DRAINING;
    }
  weir_proxy_drain (self->proxy, is_first ? DRAIN_US : DRAIN_NOW_US, on_drained, self);
}

static void
on_reload (gpointer user_data)
{
  WeirApp *self = user_data;

  if (self->state != STATE_SERVING)
    return;
  weir_notify_reloading (self->notify);
  weir_reload_now (self->reload);
}

/* --- what faces want --- */

static gboolean
start_again (gpointer user_data, GError **error)
{
  WeirApp *self = user_data;
  g_autofree char *sentence = NULL;

  if (self->state != STATE_SERVING)
    return weir_error_set (error, WEIR_ERROR_SHUTTING_DOWN, "weir is ending");
  if (!weir_proxy_listen (self->proxy, error))
    {
      sentence = weir_control_error_dup_sentence (*error);
      weir_control_set_state (self->control, WEIR_CONTROL_FAILED, sentence);
      return FALSE;
    }
  weir_log_say (self->log, G_LOG_LEVEL_MESSAGE, "started again");
  announce (self);
  return TRUE;
}

static void
ignore_drained (gpointer data, gpointer user_data)
{
}

static void
stop_serving (gpointer user_data)
{
  WeirApp *self = user_data;

  weir_log_say (self->log, G_LOG_LEVEL_MESSAGE, "stopped; `weir start` serves again");
  weir_notify_ready (self->notify, "Stopped by the user");
  weir_proxy_drain (self->proxy, DRAIN_US, ignore_drained, NULL);
  g_clear_pointer (&self->url, g_free);
  weir_control_set_state (self->control, WEIR_CONTROL_STOPPED, NULL);
}

static const WeirControlFuncs control_funcs = {
  .start = start_again,
  .stop = stop_serving,
  .reload = on_reload,
  .quit = on_stop,
};

static void
on_dump (gpointer user_data)
{
  WeirApp *self = user_data;
  g_autofree char *dump = weir_proxy_dump (self->proxy);
  g_autofree char *quotas
      = self->quota != NULL ? weir_quota_watch_dump (weir_app_quota_get_watch (self->quota))
                            : NULL;

  weir_log_write_document (self->log, dump);
  if (quotas != NULL)
    weir_log_write_document (self->log, quotas);
}

static void
on_wake (gpointer user_data)
{
  WeirApp *self = user_data;

  weir_proxy_network_changed (self->proxy);
}

static unsigned
refresh_quota (const char *id, gpointer user_data)
{
  return weir_quota_watch_refresh (user_data, *id != '\0' ? id : NULL);
}

/* What faces may know of accounts, and do with them. */
static void
show_accounts (WeirApp *self)
{
  WeirControlSources sources = { 0 };
  WeirQuotaWatch *watch = NULL;

  if (self->accounts == NULL)
    return;
  self->quota = weir_app_quota_new (self->proxy, self->accounts, self->control);
  weir_app_quota_set_bus (self->quota, weir_application_get_bus (self->application));
  watch = weir_app_quota_get_watch (self->quota);
  sources.board = weir_quota_watch_get_board (watch);
  sources.history = weir_quota_watch_get_history (watch);
  sources.refresh = refresh_quota;
  sources.refresh_data = watch;
  sources.watch = watch;
  sources.accounts = weir_app_accounts_get_accounts (self->accounts);
  sources.sign_ins = weir_app_accounts_get_sign_ins (self->accounts);
  weir_control_set_sources (self->control, &sources);
}

/* Returns the exit status. */
static int
start (WeirApp *self)
{
  static const WeirSignalFuncs signal_funcs
      = { .stop = on_stop, .reload = on_reload, .dump = on_dump };
  g_autoptr (WeirConfig) config = NULL;
  WeirVault *vault = NULL;
  int status = take_name (self);

  if (status != WEIR_EXIT_OK)
    return status;
  if (!write_first_config (self))
    return WEIR_EXIT_CONFIG;
  self->reload = weir_reload_new (self->config_path, on_reloaded, self);
  config = load_config (self);
  if (config == NULL)
    return WEIR_EXIT_CONFIG;
  set_log (self, config);
  weir_desktop_set_config (self->desktop, config);
  weir_control_set_config (self->control, self->config_path, NULL);
  status = start_proxy (self, config);
  if (status != WEIR_EXIT_OK)
    return status;
  vault = weir_keys_hold_vault (self->keys, config);
  weir_control_set_vault (self->control, vault);
  self->accounts = weir_app_accounts_new (self->proxy, vault, config);
  show_accounts (self);

  weir_process_watch_signals (&signal_funcs, self);
  self->wake = weir_wake_new (on_wake, self);
  self->watchdog = weir_watchdog_new (self->log);
  self->state = STATE_SERVING;
  weir_app_accounts_wait (self->accounts);
  announce (self);
  if (self->first_key != NULL)
    welcome (self);
  return WEIR_EXIT_OK;
}

static int
run (const WeirOptions *options)
{
  g_auto (WeirApp) self = { .options = options };
  int status;

  weir_translate_init (WEIR_LOCALE_DIR);
  self.log = weir_log_new (STDERR_FILENO, options->log_format);
  weir_log_install (self.log);
  weir_log_gather_rows (self.log, TRUE);
  weir_process_drop_bundle ();
  self.notify = weir_notify_new ();
  self.control = weir_control_new (&control_funcs, &self);
  self.keys = weir_keys_new (on_keys_changed, &self);
  self.said = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.config_path = options->config_path != NULL ? g_strdup (options->config_path)
                                                  : weir_config_dup_default_path ();
  status = start (&self);
  if (status == WEIR_EXIT_OK)
    return g_application_run (G_APPLICATION (self.application), 0, NULL);
  return status == SHOWN ? WEIR_EXIT_OK : status;
}

int
weir_app_main (int argc, char **argv)
{
  g_auto (WeirOptions) options = { 0 };
  g_autoptr (GError) error = NULL;

  if (weir_cli_knows ((const char *const *)argv))
    return weir_cli_run ((const char *const *)argv);
  weir_control_session_prepare_process ();
  weir_process_init ();
  if (!weir_options_parse ((const char *const *)argv, &options, &error))
    {
      fprintf (stderr, "weir: %s\n", error->message);
      return WEIR_EXIT_USAGE;
    }
  switch (options.verb)
    {
    case WEIR_VERB_RUN:
      return run (&options);
    case WEIR_VERB_CHECK_CONFIG:
      return weir_check_command_run (&options);
    case WEIR_VERB_STORE_KEY:
    case WEIR_VERB_LIST_KEYS:
    case WEIR_VERB_DELETE_KEY:
      return weir_key_command_run (&options);
    case WEIR_VERB_IMPORT_ACCOUNTS:
      return weir_import_command_run (&options);
    case WEIR_VERB_VERSION:
      printf ("weir %s\n", WEIR_VERSION);
      return WEIR_EXIT_OK;
    case WEIR_VERB_HELP:
      printf ("%s", options.help);
      return WEIR_EXIT_OK;
    }
  g_assert_not_reached ();
}
