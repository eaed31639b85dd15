/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Each secret has pages of its own, so that they can be locked, left out of core files and
 * given back to the kernel as zeros. */

#include "config.h"

#include "base/weir-secret.h"

#include <sys/mman.h>

#define LENGTH_MAX (64u << 10)
#define MASK_FROM 16 /* characters a secret must have before any of them is shown */
#define MASK_FIRST 3
#define MASK_LAST 4

struct _WeirSecret
{
  gatomicrefcount references;
  size_t length;
  char bytes[]; /* and a NUL */
};

static size_t
measure (size_t length)
{
  return sizeof (WeirSecret) + length + 1;
}

static gboolean
is_one_line (WeirSlice text)
{
  for (size_t i = 0; i < text.length; i++)
    if (g_ascii_iscntrl (text.text[i]))
      return FALSE;
  return TRUE;
}

WeirSecret *
weir_secret_new (WeirSlice text)
{
  WeirSecret *self;

  if (text.length == 0 || text.length > LENGTH_MAX || !is_one_line (text))
    return NULL;
  self = mmap (NULL, measure (text.length), PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (self == MAP_FAILED)
    g_error ("no memory for a secret");
  /* both are best effort: a limit on locked memory is no reason to go without the secret */
  (void)mlock (self, measure (text.length));
  (void)madvise (self, measure (text.length), MADV_DONTDUMP);

  g_atomic_ref_count_init (&self->references);
  self->length = text.length;
  memcpy (self->bytes, text.text, text.length);
  return self;
}

WeirSecret *
weir_secret_ref (WeirSecret *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
weir_secret_unref (WeirSecret *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  explicit_bzero (self->bytes, self->length);
  munmap (self, measure (self->length));
}

WeirSlice
weir_secret_reveal (const WeirSecret *self)
{
  return (WeirSlice){ self->bytes, self->length };
}

gboolean
weir_secret_equal (const WeirSecret *a, const WeirSecret *b)
{
  volatile unsigned char difference = 0;

  if (a->length != b->length)
    return FALSE;
  for (size_t i = 0; i < a->length; i++)
    difference = (unsigned char)(difference | (a->bytes[i] ^ b->bytes[i]));
  return difference == 0;
}

char *
weir_secret_dup_masked (const WeirSecret *self)
{
  if (self->length < MASK_FROM || !g_str_is_ascii (self->bytes))
    return g_strdup ("…");
  return g_strdup_printf ("%.*s…%.*s", MASK_FIRST, self->bytes, MASK_LAST,
                          self->bytes + self->length - MASK_LAST);
}

void
weir_secret_get_digest (const WeirSecret *self, char out_hex[17])
{
  static const guchar zeros[64] = { 0 };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, (const guchar *)self->bytes, (gssize)self->length);
  g_strlcpy (out_hex, g_checksum_get_string (checksum), 17);
  /* the last block of the secret is still in the checksum's buffer, which a whole block
   * would pass by */
  g_checksum_reset (checksum);
  g_checksum_update (checksum, zeros, 1);
  g_checksum_update (checksum, zeros, sizeof zeros - 1);
}

void
weir_secret_wipe_string (char *text)
{
  if (text == NULL)
    return;
  explicit_bzero (text, strlen (text));
  g_free (text);
}
