/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A file that is never removed, named by provider and subject: not by the account's id nor
 * by any folder of ours, since another configuration may have the same sign-in. */

#include "config.h"

#include "accounts/weir-account-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_DIGITS 32

/* (transfer full) */
static char *
dup_name (const WeirAccount *account)
{
  g_autofree char *subject
      = g_strconcat (account->row->id, "/", account->identity.vendor_id, NULL);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, subject, -1);

  digest[NAME_DIGITS] = '\0';
  return g_strconcat ("account-", digest, ".lock", NULL);
}

static int
open_in (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct stat info;
  int descriptor;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    return -1;
  descriptor = open (path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor >= 0
      && (fstat (descriptor, &info) != 0 || !S_ISREG (info.st_mode)
          || info.st_uid != geteuid ()))
    {
      close (descriptor);
      return -1;
    }
  return descriptor;
}

WeirAccountLockResult
weir_account_lock_try (const WeirAccount *account,
                       const char *fallback,
                       int *out_descriptor)
{
  g_autofree char *folder = g_build_filename (g_get_user_runtime_dir (), "weir", NULL);
  g_autofree char *name = dup_name (account);
  int descriptor = open_in (folder, name);
  gboolean is_busy;

  if (descriptor < 0)
    descriptor = open_in (fallback, name);
  if (descriptor < 0)
    return WEIR_ACCOUNT_LOCK_FAILED;
  if (flock (descriptor, LOCK_EX | LOCK_NB) == 0)
    {
      *out_descriptor = descriptor;
      return WEIR_ACCOUNT_LOCK_HELD;
    }
  is_busy = errno == EWOULDBLOCK || errno == EINTR;
  close (descriptor);
  return is_busy ? WEIR_ACCOUNT_LOCK_BUSY : WEIR_ACCOUNT_LOCK_FAILED;
}
