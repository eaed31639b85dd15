/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The vault's second choice: one text file, for machines without a keyring.  A first line
 * that says what it is, then a line a secret: the name, a blank, the secret.  Where systemd
 * gives a key (the credential weir-secrets-key: 64 hex digits), all of that is sealed by it
 * (weir-seal), and a file that is not yet is sealed when it is first looked at.  Without
 * one it is not encrypted: what would decrypt it would lie on the same machine.
 *
 * Refused, and left as it is: a folder or file of somebody else's or that others may read,
 * a file that holds anything but such lines, one that is sealed by another key, or whose
 * key is not given.  A write takes the lock (another weir may write too), reads, changes,
 * replaces the file and reads it again. */

#include "config.h"

#include "accounts/weir-seal.h"
#include "accounts/weir-vault-private.h"
#include "store/weir-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER "weir secrets 1\n"
#define SEALED_HEADER "weir secrets sealed 1\n"
#define KEY_NAME "weir-secrets-key"
#define KEY_FILE_MAX_BYTES ((size_t)4 << 10)
#define FILE_MAX_BYTES ((size_t)16 << 20)
#define OTHERS 077
#define LOCK_TRIES 100
#define LOCK_PAUSE_US 20000

typedef struct
{
  WeirVault *vault;      /* (unowned) */
  char *path;            /* (owned) */
  GFileMonitor *monitor; /* (owned) (nullable) */
} WeirVaultFile;

/* What the thread of one operation gets. */
typedef struct
{
  char *path;         /* (owned) */
  char *name;         /* (owned) (nullable) */
  WeirSecret *secret; /* (owned) (nullable) */
} Order;

static void
order_free (gpointer data)
{
  Order *self = data;

  g_free (self->path);
  g_free (self->name);
  weir_secret_unref (self->secret);
  g_free (self);
}

static gboolean
fail_parse (const char *path, unsigned line, GError **error)
{
  return weir_error_set (error, WEIR_ERROR_IO,
                         "%s is not a file of secrets (line %u); mend it or move it away",
                         path, line);
}

/* Takes one line off @rest. FALSE: there is none that ends. */
static gboolean
take_line (WeirSlice *rest, WeirSlice *out_line)
{
  const char *end = rest->length > 0 ? memchr (rest->text, '\n', rest->length) : NULL;

  if (end == NULL)
    return FALSE;
  *out_line = (WeirSlice){ rest->text, (size_t)(end - rest->text) };
  rest->length -= out_line->length + 1;
  rest->text = end + 1;
  return TRUE;
}

static gboolean
parse_line (WeirSlice line, GHashTable *secrets)
{
  const char *blank = line.length > 0 ? memchr (line.text, ' ', line.length) : NULL;
  g_autofree char *name = NULL;
  WeirSecret *secret = NULL;

  if (blank == NULL)
    return FALSE;
  name = g_strndup (line.text, (size_t)(blank - line.text));
  if (!weir_vault_is_name (name) || g_hash_table_contains (secrets, name))
    return FALSE;
  secret = weir_secret_new (
      (WeirSlice){ blank + 1, line.length - (size_t)(blank + 1 - line.text) });
  if (secret == NULL)
    return FALSE;
  g_hash_table_insert (secrets, g_steal_pointer (&name), secret);
  return TRUE;
}

static gboolean
parse (WeirSlice text, const char *path, GHashTable *secrets, GError **error)
{
  WeirSlice line = { 0 };
  unsigned number = 1;

  if (text.length < strlen (HEADER) || memcmp (text.text, HEADER, strlen (HEADER)) != 0)
    return fail_parse (path, number, error);
  text.text += strlen (HEADER);
  text.length -= strlen (HEADER);
  while (text.length > 0)
    {
      number++;
      if (!take_line (&text, &line) || !parse_line (line, secrets))
        return fail_parse (path, number, error);
    }
  return TRUE;
}

/* TRUE also where there is no folder yet. */
static gboolean
check_folder (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat info = { 0 };

  if (stat (folder, &info) != 0)
    return errno == ENOENT
           || weir_error_set (error, WEIR_ERROR_IO, "cannot look at %s: %s", folder,
                              g_strerror (errno));
  if (info.st_uid != geteuid ())
    return weir_error_set (error, WEIR_ERROR_IO,
                           "no secrets are kept in %s: it is somebody else's", folder);
  if ((info.st_mode & OTHERS) != 0)
    return weir_error_set (error, WEIR_ERROR_IO,
                           "no secrets are kept in %s: others may look into it (mode "
                           "%04o); chmod 700 it",
                           folder, info.st_mode & 07777);
  return TRUE;
}

/* --- the key --- */

static WeirSecret *
parse_key (GBytes *bytes)
{
  WeirSlice text = { 0 };
  WeirSecret *key;

  text.text = g_bytes_get_data (bytes, &text.length);
  if (text.length > 0 && text.text[text.length - 1] == '\n')
    text.length--;
  key = weir_secret_new (text);
  if (key == NULL || weir_seal_is_key (key))
    return key;
  weir_secret_unref (key);
  return NULL;
}

/* FALSE: one was given that is none.  @out_key: NULL where none was given. */
static gboolean
read_key (WeirSecret **out_key, GError **error)
{
  const char *folder = g_getenv ("CREDENTIALS_DIRECTORY");
  g_autofree char *path = folder != NULL ? g_build_filename (folder, KEY_NAME, NULL) : NULL;
  GBytes *bytes = NULL;

  *out_key = NULL;
  if (path == NULL || (access (path, F_OK) != 0 && errno == ENOENT))
    return TRUE;
  bytes = weir_file_read (path, KEY_FILE_MAX_BYTES, NULL, NULL, error);
  if (bytes == NULL)
    return FALSE;
  *out_key = parse_key (bytes);
  weir_file_wipe (bytes);
  return *out_key != NULL
         || weir_error_set (error, WEIR_ERROR_IO,
                            "the credential " KEY_NAME
                            " is no key; a key is 64 hex digits (openssl rand -hex 32)");
}

/* --- the file --- */

static gboolean
parse_sealed (WeirSlice bytes,
              const char *path,
              const WeirSecret *key,
              GHashTable *secrets,
              GError **error)
{
  g_autofree char *text = NULL;
  size_t length = 0;
  gboolean ok;

  if (key == NULL)
    return weir_error_set (error, WEIR_ERROR_IO,
                           "%s is encrypted, and its key was not given: the credential "
                           "%s of the service",
                           path, KEY_NAME);
  text = weir_seal_open (bytes, strlen (SEALED_HEADER), key, &length, error);
  if (text == NULL)
    {
      g_prefix_error (error, "cannot open %s by the credential %s: ", path, KEY_NAME);
      return FALSE;
    }
  ok = parse ((WeirSlice){ text, length }, path, secrets, error);
  explicit_bzero (text, length);
  return ok;
}

/* Fills @secrets; no file is an empty one.  @out_is_sealed: what there is, is. */
static gboolean
read_file (const char *path,
           const WeirSecret *key,
           GHashTable *secrets,
           gboolean *out_is_sealed,
           GError **error)
{
  unsigned mode = 0;
  unsigned uid = 0;
  GBytes *bytes = NULL;
  WeirSlice text = { 0 };
  gboolean ok = FALSE;

  *out_is_sealed = key != NULL;
  if (!check_folder (path, error))
    return FALSE;
  if (access (path, F_OK) != 0 && errno == ENOENT)
    return TRUE;
  bytes = weir_file_read (path, FILE_MAX_BYTES, &mode, &uid, error);
  if (bytes == NULL)
    return FALSE;
  text.text = g_bytes_get_data (bytes, &text.length);
  *out_is_sealed = weir_slice_has_prefix (text, WEIR_SLICE (SEALED_HEADER));
  if (uid != geteuid ())
    weir_error_set (error, WEIR_ERROR_IO, "%s is somebody else's file", path);
  else if ((mode & OTHERS) != 0)
    weir_error_set (error, WEIR_ERROR_IO,
                    "others may read %s (mode %04o); chmod 600 it, and change the keys "
                    "that somebody may have read",
                    path, mode);
  else if (*out_is_sealed)
    ok = parse_sealed (text, path, key, secrets, error);
  else
    ok = parse (text, path, secrets, error);
  weir_file_wipe (bytes);
  return ok;
}

static size_t
measure (GHashTable *secrets)
{
  size_t length = strlen (HEADER);
  GHashTableIter iter;
  gpointer name = NULL;
  gpointer secret = NULL;

  g_hash_table_iter_init (&iter, secrets);
  while (g_hash_table_iter_next (&iter, &name, &secret))
    length += strlen (name) + weir_secret_reveal (secret).length + 2;
  return length;
}

/* Writes @secrets into @text, which has room for all they measure. */
static void
write_lines (GHashTable *secrets, char *text)
{
  g_autoptr (GList) names = g_hash_table_get_keys (secrets);
  char *end = g_stpcpy (text, HEADER);

  names = g_list_sort (names, (GCompareFunc)strcmp);
  for (GList *link = names; link != NULL; link = link->next)
    {
      const WeirSlice secret
          = weir_secret_reveal (g_hash_table_lookup (secrets, link->data));

      end = g_stpcpy (end, link->data);
      *end++ = ' ';
      memcpy (end, secret.text, secret.length);
      end += secret.length;
      *end++ = '\n';
    }
}

static gboolean
replace_sealed (const char *path, const WeirSecret *key, WeirSlice text, GError **error)
{
  g_autoptr (GBytes) sealed
      = weir_seal_close (WEIR_SLICE (SEALED_HEADER), key, text, error);
  WeirSlice bytes = { 0 };

  if (sealed == NULL)
    return FALSE;
  bytes.text = g_bytes_get_data (sealed, &bytes.length);
  return weir_file_replace (path, bytes, error);
}

/* In a buffer that never grows, so that no copy is left behind. */
static gboolean
write_file (const char *path, const WeirSecret *key, GHashTable *secrets, GError **error)
{
  const WeirSlice text = { g_malloc (measure (secrets) + 1), measure (secrets) };
  gboolean ok = FALSE;

  write_lines (secrets, (char *)text.text);
  if (text.length > FILE_MAX_BYTES)
    weir_error_set (error, WEIR_ERROR_IO, "%s would be too large", path);
  else if (key != NULL)
    ok = replace_sealed (path, key, text, error);
  else
    ok = weir_file_replace (path, text, error);
  explicit_bzero ((char *)text.text, text.length);
  g_free ((char *)text.text);
  return ok;
}

static GHashTable *
make_table (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                (GDestroyNotify)weir_secret_unref);
}

/* The descriptor that holds the lock, or -1. */
static int
lock_file (const char *path, GError **error)
{
  g_autofree char *lock_path = g_strconcat (path, ".lock", NULL);
  const int file = open (lock_path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (file < 0)
    {
      weir_error_set (error, WEIR_ERROR_IO, "cannot open %s: %s", lock_path,
                      g_strerror (errno));
      return -1;
    }
  for (unsigned i = 0; i < LOCK_TRIES; i++)
    {
      if (flock (file, LOCK_EX | LOCK_NB) == 0)
        return file;
      g_usleep (LOCK_PAUSE_US);
    }
  weir_error_set (error, WEIR_ERROR_IO, "%s is locked by another program", path);
  close (file);
  return -1;
}

/* What lies open though there is a key by now.  Where that fails, open is what it stays,
 * and is said to be. */
static gboolean
seal_file (const char *path, const WeirSecret *key)
{
  g_autoptr (GHashTable) secrets = make_table ();
  gboolean is_sealed = FALSE;
  const int lock = lock_file (path, NULL);

  if (lock < 0)
    return FALSE;
  if (read_file (path, key, secrets, &is_sealed, NULL) && !is_sealed)
    is_sealed = write_file (path, key, secrets, NULL);
  close (lock);
  return is_sealed;
}

static gboolean
look (const char *path, WeirVaultFound *found, GError **error)
{
  g_autoptr (WeirSecret) key = NULL;

  if (!read_key (&key, error)
      || !read_file (path, key, found->secrets, &found->is_sealed, error))
    return FALSE;
  if (key != NULL && !found->is_sealed)
    found->is_sealed = seal_file (path, key);
  return TRUE;
}

static void
look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Order *order = data;
  WeirVaultFound *found = weir_vault_found_new ();
  g_autoptr (GError) error = NULL;

  found->state = WEIR_VAULT_UNLOCKED;
  if (!look (order->path, found, &error))
    {
      g_hash_table_remove_all (found->secrets);
      found->state = WEIR_VAULT_MISSING;
      found->problem = g_strdup (error->message);
    }
  g_task_return_pointer (task, found, (GDestroyNotify)weir_vault_found_free);
}

static gboolean
change (const Order *order, GError **error)
{
  g_autoptr (GHashTable) secrets = make_table ();
  g_autoptr (GHashTable) back = make_table ();
  g_autoptr (WeirSecret) key = NULL;
  const WeirSecret *written = NULL;
  gboolean is_sealed = FALSE;

  if (!read_key (&key, error) || !read_file (order->path, key, secrets, &is_sealed, error))
    return FALSE;
  if (order->secret != NULL)
    g_hash_table_insert (secrets, g_strdup (order->name), weir_secret_ref (order->secret));
  else if (!g_hash_table_remove (secrets, order->name))
    return TRUE;
  if (!write_file (order->path, key, secrets, error)
      || !read_file (order->path, key, back, &is_sealed, error))
    return FALSE;
  written = g_hash_table_lookup (back, order->name);
  if (order->secret == NULL ? written == NULL
                            : written != NULL && weir_secret_equal (written, order->secret))
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_IO,
                         "%s holds something else than what was written", order->path);
}

static void
write_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Order *order = data;
  g_autofree char *folder = g_path_get_dirname (order->path);
  GError *error = NULL;
  gboolean ok = FALSE;
  int lock = -1;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    weir_error_set (&error, WEIR_ERROR_IO, "cannot make the folder %s: %s", folder,
                    g_strerror (errno));
  else if (check_folder (order->path, &error))
    lock = lock_file (order->path, &error);
  if (lock >= 0)
    {
      ok = change (order, &error);
      close (lock);
    }
  if (ok)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
run_order (GTask *task, const char *path, Order *order, GTaskThreadFunc thread)
{
  order->path = g_strdup (path);
  g_task_set_task_data (task, order, order_free);
  g_task_run_in_thread (task, thread);
}

static void
file_look (gpointer data, GTask *task)
{
  const WeirVaultFile *self = data;

  run_order (task, self->path, g_new0 (Order, 1), look_thread);
}

static void
file_write (gpointer data, const char *name, WeirSecret *secret, GTask *task)
{
  const WeirVaultFile *self = data;
  Order *order = g_new0 (Order, 1);

  order->name = g_strdup (name);
  order->secret = secret != NULL ? weir_secret_ref (secret) : NULL;
  run_order (task, self->path, order, write_thread);
}

/* There is nobody to ask: the look that follows is all. */
static void
file_unlock (gpointer data, GTask *task)
{
  g_task_return_boolean (task, TRUE);
}

static void
on_file_changed (WeirVaultFile *self)
{
  weir_vault_look_again (self->vault);
}

static gpointer
file_open (WeirVault *vault, const char *path)
{
  WeirVaultFile *self = g_new0 (WeirVaultFile, 1);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  self->vault = vault;
  self->path = g_strdup (path);
  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect_swapped (self->monitor, "changed", G_CALLBACK (on_file_changed), self);
  return self;
}

static void
file_close (gpointer data)
{
  WeirVaultFile *self = data;

  if (self->monitor != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->monitor, self);
      g_file_monitor_cancel (self->monitor);
    }
  g_clear_object (&self->monitor);
  g_free (self->path);
  g_free (self);
}

const WeirVaultBackend weir_vault_backend_file = {
  .name = "the file of secrets",
  .open = file_open,
  .close = file_close,
  .look = file_look,
  .write = file_write,
  .unlock = file_unlock,
};
