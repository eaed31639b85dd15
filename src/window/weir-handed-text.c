/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Files in memory. */

#include "config.h"

#include "window/weir-handed-text.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

GUnixFDList *
weir_handed_text_new (const char *text)
{
  size_t length = strlen (text);
  int descriptor = memfd_create ("text", MFD_CLOEXEC);

  if (descriptor < 0)
    return NULL;
  if (write (descriptor, text, length) != (ssize_t)length
      || lseek (descriptor, 0, SEEK_SET) != 0)
    {
      close (descriptor);
      return NULL;
    }
  return g_unix_fd_list_new_from_array (&descriptor, 1);
}
