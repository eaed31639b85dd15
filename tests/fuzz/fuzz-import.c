/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A file that a user hands over: whatever it is, what comes out of it is a sign-in that can
 * be kept, or nothing. */

#include "config.h"

#include "control/weir-import-bundle.h"
#include "control/weir-import-read.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_secret (const WeirSecret *secret)
{
  const WeirSlice text
      = secret != NULL ? weir_secret_reveal (secret) : (WeirSlice){ NULL, 0 };

  for (size_t i = 0; i < text.length; i++)
    if (!g_ascii_isgraph (text.text[i]))
      abort ();
}

static void
on_document (const char *name, WeirSlice text, gpointer user_data)
{
  g_auto (WeirImported) imported = { 0 };
  g_autoptr (GError) error = NULL;

  if (strchr (name, '/') != NULL)
    abort ();
  if (!weir_imported_read (text, &imported, &error))
    {
      if (error == NULL || imported.row != NULL || imported.answer.access_token != NULL)
        abort ();
      return;
    }
  if (imported.row == NULL || imported.program == NULL || imported.expires_us < 0
      || (imported.row->takes_key ? imported.answer.refresh_token
                                  : imported.answer.access_token)
             == NULL)
    abort ();
  check_secret (imported.answer.access_token);
  if (!imported.row->takes_key)
    check_secret (imported.answer.refresh_token);
  check_secret (imported.answer.id_token);
  if (imported.base_url != NULL && !g_str_has_prefix (imported.base_url, "https://"))
    abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const WeirSlice bytes = { (const char *)data, size };
  g_autoptr (GError) error = NULL;

  if (!weir_bundle_read (bytes, on_document, NULL, &error) && error == NULL)
    abort ();
  on_document ("", bytes, NULL);
  return 0;
}
