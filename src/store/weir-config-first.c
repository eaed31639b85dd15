/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The first start: a configuration of the example's shape with a client key that nobody
 * else has. */

#include "config.h"

#include "store/weir-config-private.h"

#include <sys/random.h>

#define KEY_BYTES 32

char *
weir_config_make_key (void)
{
  unsigned char random[KEY_BYTES];
  char *base64 = NULL;
  char *key = NULL;

  if (getrandom (random, sizeof random, 0) != sizeof random)
    g_error ("the system has no random bytes");
  base64 = g_base64_encode (random, sizeof random);
  explicit_bzero (random, sizeof random);
  g_strdelimit (base64, "+", '-');
  g_strdelimit (base64, "/", '_');
  base64[strcspn (base64, "=")] = '\0';
  key = g_strconcat ("sk-weir-", base64, NULL);
  weir_secret_wipe_string (base64);
  return key;
}
