/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Requests of one dialect: FUZZ_DIALECT, whose reader and writer are FUZZ_READ and
 * FUZZ_WRITE.  What can be read is written for every dialect that has a writer. */

#include "chat/weir-loss.h"
#include "chat/weir-protocol-request.h"

#include <stdlib.h>

static void
require (gboolean holds)
{
  if (!holds)
    abort ();
}

static void
on_loss (const char *loss, const char *where, gpointer user_data)
{
  require (weir_loss_lookup_sentence (loss) != NULL);
  require (where != NULL);
}

/* One strict JSON object in which no name stands twice; NULL where it is refused. */
static GBytes *
write_for (const WeirRequest *request,
           gboolean (*write) (const WeirRequest *request,
                              const WeirWriteOptions *options,
                              GString *out,
                              GError **error))
{
  const WeirWriteOptions options
      = { .model = WEIR_SLICE ("model"), .stream = TRUE, .on_loss = on_loss };
  g_autoptr (GString) out = g_string_new (NULL);
  const WeirJsonLimits limits = { .max_depth = 512 }; /* others wrap what they copy */
  g_auto (WeirJson) json = { 0 };
  g_autoptr (GError) error = NULL;

  if (!write (request, &options, out, &error))
    {
      require (error != NULL);
      return NULL;
    }
  require (weir_json_parse (&json, out->str, out->len, &limits, NULL));
  require (weir_json_get_type (&json, 0) == WEIR_JSON_OBJECT);
  require (weir_json_check_names (&json, 0, NULL));
  return g_bytes_new (out->str, out->len);
}

static void
check_written (GBytes *written)
{
  g_clear_pointer (&written, g_bytes_unref);
}

/* In its own dialect the text that was written says itself again. */
static void
check_own (const WeirRequest *request)
{
  g_autoptr (GBytes) once = write_for (request, FUZZ_WRITE);
  g_autoptr (GBytes) twice = NULL;
  g_autoptr (WeirRequest) again = NULL;

  if (once == NULL)
    return;
  again = FUZZ_READ (once, WEIR_SLICE ("model"), TRUE, NULL);
  require (again != NULL);
  twice = write_for (again, FUZZ_WRITE);
  require (twice != NULL && g_bytes_equal (once, twice));
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) body = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirRequest) request = FUZZ_READ (body, WEIR_SLICE ("model"), TRUE, &error);

  if (request == NULL)
    {
      require (error != NULL);
      return 0;
    }
  check_own (request);
  for (unsigned i = 0; i < WEIR_DIALECT_LAST; i++)
    if (i != FUZZ_DIALECT && weir_protocol_get ((WeirDialect)i)->write_request != NULL)
      check_written (
          write_for (request, weir_protocol_get ((WeirDialect)i)->write_request));
  return 0;
}
