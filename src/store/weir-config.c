/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The snapshot itself: its life, its remarks, and the way from a file to it.  What the keys
 * are is in weir-config-rows-*.c. */

#include "config.h"

#include "store/weir-config.h"

#include "store/weir-config-private.h"
#include "store/weir-config-url.h"
#include "store/weir-file.h"

#include <sys/stat.h>
#include <unistd.h>

#define MAX_NOTICES 100

static void
notice_free (gpointer data)
{
  WeirConfigNotice *notice = data;

  g_free (notice->text);
  g_free (notice);
}

GPtrArray *
weir_config_notices_new (void)
{
  return g_ptr_array_new_with_free_func (notice_free);
}

gboolean
weir_config_has_fatal (GPtrArray *notices)
{
  for (unsigned i = 0; i < notices->len; i++)
    if (((const WeirConfigNotice *)g_ptr_array_index (notices, i))->fatal)
      return TRUE;
  return FALSE;
}

static void
add_notice (GPtrArray *notices, gboolean fatal, WeirConfigMark at, char *text)
{
  WeirConfigNotice *notice = g_new0 (WeirConfigNotice, 1);

  notice->fatal = fatal;
  notice->line = at.line;
  notice->column = at.line > 0 ? at.column : 0;
  notice->text = text;
  g_ptr_array_add (notices, notice);
}

/* Consumes @text. */
static void
add_bounded (GPtrArray *notices, gboolean fatal, WeirConfigMark at, char *text)
{
  if (notices->len == MAX_NOTICES)
    add_notice (notices, FALSE, (WeirConfigMark){ 0 },
                g_strdup ("there is more; mend the above first"));
  if (notices->len < MAX_NOTICES || (fatal && !weir_config_has_fatal (notices)))
    add_notice (notices, fatal, at, text);
  else
    g_free (text);
}

void
weir_config_report (
    GPtrArray *notices, gboolean fatal, WeirConfigMark at, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  add_bounded (notices, fatal, at, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

gboolean
weir_config_refuse (GPtrArray *notices, WeirConfigMark at, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  add_bounded (notices, TRUE, at, g_strdup_vprintf (format, arguments));
  va_end (arguments);
  return FALSE;
}

static void
config_clear (gpointer data)
{
  WeirConfig *self = data;

  g_free (self->path);
  g_free (self->host);
  g_free (self->tls_certificate);
  g_free (self->tls_key);
  g_clear_pointer (&self->client_keys, g_ptr_array_unref);
  g_clear_pointer (&self->groups, g_ptr_array_unref);
  weir_secret_wipe_string (self->proxy_url);
  g_free (self->upstream_ca_file);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_clear_pointer (&self->channels, g_ptr_array_unref);
  weir_payload_unref (self->payload);
  g_free (self->auth_dir);
  g_clear_pointer (&self->oauth_clients, g_ptr_array_unref);
  g_clear_pointer (&self->vendor_hosts, g_ptr_array_unref);
}

WeirConfig *
weir_config_ref (WeirConfig *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
weir_config_unref (WeirConfig *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, config_clear);
}

static WeirConfig *
config_new (void)
{
  WeirConfig *self = g_atomic_rc_box_new0 (WeirConfig);

  self->client_keys
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_config_client_key_free);
  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_config_group_free);
  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_config_entry_free);
  self->channels
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_config_channel_free);
  self->payload = weir_payload_new ();
  self->oauth_clients
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_config_oauth_client_free);
  self->vendor_hosts
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_config_vendor_host_free);
  return self;
}

gboolean
weir_config_listens_wider (const WeirConfig *self)
{
  return *self->host == '\0' ? self->listen_lan : !weir_config_is_loopback (self->host);
}

char *
weir_config_notice_format (const WeirConfigNotice *notice, const char *file_name)
{
  if (notice->line == 0)
    return g_strdup_printf ("%s: %s", file_name, notice->text);
  return g_strdup_printf ("%s:%u:%u: %s", file_name, notice->line, notice->column,
                          notice->text);
}

void
weir_config_set_error (GPtrArray *notices, const char *file_name, GError **error)
{
  g_autoptr (GString) message = g_string_new (NULL);

  for (unsigned i = 0; i < notices->len; i++)
    {
      const WeirConfigNotice *notice = g_ptr_array_index (notices, i);
      g_autofree char *line = weir_config_notice_format (notice, file_name);

      if (notice->fatal)
        g_string_append_printf (message, "%s%s", message->len > 0 ? "\n" : "", line);
    }
  weir_error_set (error, WEIR_ERROR_CONFIG, "%s", message->str);
}

/* What @notices already holds counts as well.  @is_loaded: what is not in the text counts
 * too, such as variables and the files that it names. */
static WeirConfig *
parse (WeirSlice text,
       const char *file_name,
       gboolean is_loaded,
       GPtrArray *notices,
       GError **error)
{
  g_autoptr (WeirConfig) self = config_new ();
  g_autoptr (WeirConfigNode) root = weir_config_tree_new (text, notices);

  if (root != NULL || !weir_config_has_fatal (notices))
    {
      weir_config_read (self, root, is_loaded ? g_getenv ("PASSTHRU_MODELS_JSON") : NULL,
                        notices);
      weir_config_check (self, root, is_loaded, notices);
      if (is_loaded)
        weir_config_read_service_accounts (self, notices);
    }
  if (!weir_config_has_fatal (notices))
    return g_steal_pointer (&self);
  weir_config_set_error (notices, file_name, error);
  return NULL;
}

WeirConfig *
weir_config_parse (const char *text,
                   size_t length,
                   const char *file_name,
                   GPtrArray **out_notices,
                   GError **error)
{
  g_autoptr (GPtrArray) notices = weir_config_notices_new ();
  WeirConfig *self = parse ((WeirSlice){ text, length }, file_name, FALSE, notices, error);

  if (out_notices != NULL)
    *out_notices = g_steal_pointer (&notices);
  return self;
}

/* Who else may read or change the file, or put another in its place? */
static void
check_rights (const char *path, unsigned mode, unsigned owner, GPtrArray *notices)
{
  WeirConfigMark whole = { 0 };
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *target = realpath (path, NULL);
  g_autofree char *target_directory = g_path_get_dirname (target != NULL ? target : path);
  const char *directories[] = { directory, target_directory };
  struct stat info = { 0 };

  if (owner != geteuid () && owner != 0)
    weir_config_report (notices, TRUE, whole,
                        "belongs to another user (uid %u); run: chown %u %s", owner,
                        (unsigned)geteuid (), path);
  for (size_t i = 0; i < G_N_ELEMENTS (directories); i++)
    if (!weir_config_has_fatal (notices) && stat (directories[i], &info) == 0
        && (info.st_mode & S_IWOTH) != 0 && (info.st_mode & S_ISVTX) == 0)
      weir_config_report (notices, TRUE, whole,
                          "its folder %s can be changed by everybody; run: chmod o-w %s",
                          directories[i], directories[i]);
  if ((mode & 0077) != 0)
    weir_config_report (notices, FALSE, whole,
                        "mode %04o lets others at the keys in it; run: chmod 600 %s", mode,
                        path);
}

/* (nullable): @notices then has a fatal one, or @error is set. */
static GBytes *
read_file (const char *path, GPtrArray *notices, GError **error)
{
  unsigned mode = 0;
  unsigned owner = 0;
  g_autoptr (GError) failure = NULL;
  GBytes *bytes = weir_file_read (path, WEIR_CONFIG_MAX_BYTES, &mode, &owner, &failure);

  if (bytes != NULL)
    check_rights (path, mode, owner, notices);
  else if (g_error_matches (failure, WEIR_ERROR, WEIR_ERROR_TOO_LARGE))
    weir_config_report (notices, TRUE, (WeirConfigMark){ 0 }, "larger than 1 MiB");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return bytes;
}

WeirConfig *
weir_config_load (const char *path, GPtrArray **out_notices, GError **error)
{
  g_autoptr (GPtrArray) notices = weir_config_notices_new ();
  GBytes *bytes = read_file (path, notices, error);
  WeirConfig *self = NULL;
  size_t length = 0;

  if (weir_config_has_fatal (notices))
    weir_config_set_error (notices, path, error);
  else if (bytes != NULL)
    {
      const char *text = g_bytes_get_data (bytes, &length);

      self = parse ((WeirSlice){ text, length }, path, TRUE, notices, error);
    }
  if (self != NULL)
    self->path = g_strdup (path);
  weir_file_wipe (bytes);
  if (out_notices != NULL)
    *out_notices = g_steal_pointer (&notices);
  return self;
}

char *
weir_config_dup_default_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "weir", "config.yaml", NULL);
}
