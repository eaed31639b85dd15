/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes as the body of an Anthropic Messages request: what can be read can be written,
 * or is refused with a reason, for every dialect; what is written is JSON.  Of its own
 * dialect a second journey changes no byte.  The same bytes as a request of the other
 * dialects: what is written for this one can be read, and its turns alternate. */

#include "base/weir-error.h"
#include "chat/weir-loss.h"
#include "chat/weir-protocol-request.h"

#include <stdlib.h>

typedef WeirRequest *(*ReadFunc) (GBytes *body,
                                  WeirSlice model,
                                  gboolean stream,
                                  GError **error);
typedef gboolean (*WriteFunc) (const WeirRequest *request,
                               const WeirWriteOptions *options,
                               GString *out,
                               GError **error);

static const WeirSlice models[] = {
  { "claude-sonnet-4-5", 17 },
  { "claude-opus-5", 13 },
  { "m", 1 },
};

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
write_body (WriteFunc write, const WeirRequest *request, WeirSlice model)
{
  const WeirWriteOptions options = { .model = model, .on_loss = on_loss };
  const WeirJsonLimits limits = { .max_depth = 512 };
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_auto (WeirJson) json = { 0 };

  if (!write (request, &options, out, &error))
    {
      require (g_error_matches (error, WEIR_ERROR, WEIR_ERROR_UNSUPPORTED));
      return NULL;
    }
  require (weir_json_parse (&json, out->str, out->len, &limits, NULL));
  return g_string_free_to_bytes (g_steal_pointer (&out));
}

static WeirRequest *
read_body (ReadFunc read, GBytes *body)
{
  g_autoptr (GError) error = NULL;
  WeirRequest *request = read (body, WEIR_SLICE ("m"), FALSE, &error);

  require (request != NULL || (error != NULL && error->domain == WEIR_ERROR));
  return request;
}

static void
check_own (const WeirRequest *request, WeirSlice model)
{
  g_autoptr (GBytes) first = write_body (weir_anthropic_write_request, request, model);
  g_autoptr (GBytes) second = NULL;
  g_autoptr (WeirRequest) again = NULL;

  require (first != NULL);
  again = read_body (weir_anthropic_read_request, first);
  require (again != NULL);
  second = write_body (weir_anthropic_write_request, again, model);
  require (second != NULL && g_bytes_equal (first, second));
}

/* The user begins and ends, and nobody speaks twice. */
static void
check_turns (const WeirRequest *request)
{
  WeirRole before = WEIR_ROLE_ASSISTANT;

  for (const WeirMessage *message = request->messages; message != NULL;
       message = message->next)
    {
      const gboolean assistant = message->role == WEIR_ROLE_ASSISTANT;

      if (message->top || message->continues)
        continue;
      require (assistant == (before != WEIR_ROLE_ASSISTANT));
      require (message->parts != NULL);
      before = message->role;
    }
  require (before != WEIR_ROLE_ASSISTANT);
}

static void
check_foreign (const WeirRequest *request, WeirSlice model)
{
  g_autoptr (GBytes) body = write_body (weir_anthropic_write_request, request, model);
  g_autoptr (WeirRequest) again = NULL;

  if (body == NULL)
    return;
  again = read_body (weir_anthropic_read_request, body);
  require (again != NULL);
  check_turns (again);
}

static void
check_other (WriteFunc write, const WeirRequest *request, WeirSlice model)
{
  GBytes *body = write_body (write, request, model);

  g_clear_pointer (&body, g_bytes_unref);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const ReadFunc readers[]
      = { weir_openai_chat_read_request, weir_openai_responses_read_request,
          weir_gemini_read_request };
  static const WriteFunc writers[]
      = { weir_openai_chat_write_request, weir_openai_responses_write_request,
          weir_gemini_write_request };
  g_autoptr (GBytes) body = g_bytes_new_static (data, size);
  g_autoptr (WeirRequest) request = read_body (weir_anthropic_read_request, body);
  const WeirSlice model = models[size % G_N_ELEMENTS (models)];

  if (request != NULL)
    check_own (request, model);
  for (size_t i = 0; request != NULL && i < G_N_ELEMENTS (writers); i++)
    check_other (writers[i], request, model);
  for (size_t i = 0; i < G_N_ELEMENTS (readers); i++)
    {
      g_autoptr (WeirRequest) foreign = read_body (readers[i], body);

      if (foreign != NULL)
        check_foreign (foreign, model);
    }
  return 0;
}
