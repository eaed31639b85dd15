/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes as the body of a Gemini request: what can be read can be written, or is refused
 * with a reason, for every dialect; what is written is JSON, can be read again, and what
 * that gives is the same once more. */

#include "base/weir-error.h"
#include "chat/weir-loss.h"
#include "chat/weir-protocol-request.h"

static void
require (gboolean truth)
{
  if (!truth)
    abort ();
}

static void
on_loss (const char *loss, const char *where, gpointer user_data)
{
  require (weir_loss_lookup_sentence (loss) != NULL);
}

/* (transfer full) (nullable): NULL where it was refused. */
static GBytes *
write_body (const WeirProtocol *protocol, const WeirRequest *request)
{
  const WeirWriteOptions options
      = { .model = WEIR_SLICE ("gemini-3-flash"), .on_loss = on_loss };
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_auto (WeirJson) json = { 0 };
  WeirJsonLimits limits = { .max_depth = 512 };

  if (!protocol->write_request (request, &options, out, &error))
    {
      require (g_error_matches (error, WEIR_ERROR, WEIR_ERROR_UNSUPPORTED));
      return NULL;
    }
  require (weir_json_parse (&json, out->str, out->len, &limits, NULL));
  return g_string_free_to_bytes (g_steal_pointer (&out));
}

/* Of its own dialect nothing is lost: a second journey changes no byte. */
static void
check_own (const WeirProtocol *protocol, const WeirRequest *request)
{
  g_autoptr (GBytes) first = write_body (protocol, request);
  g_autoptr (GBytes) second = NULL;
  g_autoptr (WeirRequest) again = NULL;

  require (first != NULL);
  again = weir_gemini_read_request (first, WEIR_SLICE ("m"), FALSE, NULL);
  require (again != NULL);
  require (again->n_messages == request->n_messages);
  second = write_body (protocol, again);
  require (second != NULL && g_bytes_equal (first, second));
}

static void
check_other (const WeirProtocol *protocol, const WeirRequest *request)
{
  g_autoptr (GBytes) body = write_body (protocol, request);

  require (body == NULL || g_bytes_get_size (body) > 0);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) body = g_bytes_new_static (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirRequest) request
      = weir_gemini_read_request (body, WEIR_SLICE ("m"), FALSE, &error);

  if (request == NULL)
    {
      require (error != NULL && error->domain == WEIR_ERROR);
      return 0;
    }
  for (unsigned i = 0; i < WEIR_DIALECT_LAST; i++)
    {
      const WeirProtocol *protocol = weir_protocol_get ((WeirDialect)i);

      if (protocol->write_request == NULL)
        continue;
      if (i == WEIR_DIALECT_GEMINI)
        check_own (protocol, request);
      else
        check_other (protocol, request);
    }
  return 0;
}
