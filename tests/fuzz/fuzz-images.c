/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Forms and requests for pictures.  What is a form lies in its bytes, field behind field;
 * what it says as JSON is read, and what can be read is written for those who draw. */

#include "base/weir-error.h"
#include "chat/weir-openai-images-form.h"
#include "chat/weir-openai-images.h"

#include <stdlib.h>

#define TYPE WEIR_SLICE ("multipart/form-data; boundary=XX")

static void
require (gboolean holds)
{
  if (!holds)
    abort ();
}

static void
check_json (const char *text, size_t length)
{
  const WeirJsonLimits limits = { .max_depth = 512 };
  g_auto (WeirJson) json = { 0 };

  require (weir_json_parse (&json, text, length, &limits, NULL));
  require (weir_json_get_type (&json, 0) == WEIR_JSON_OBJECT);
}

static void
check_request (GBytes *body, gboolean edit)
{
  static const WeirDialect drawing[]
      = { WEIR_DIALECT_OPENAI_RESPONSES, WEIR_DIALECT_GEMINI };
  const WeirWriteOptions options = { .model = WEIR_SLICE ("model") };
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirRequest) request = edit
                                        ? weir_openai_images_read_edit (body, &error)
                                        : weir_openai_images_read_generation (body, &error);

  require ((request == NULL) == (error != NULL));
  if (request == NULL)
    return;
  require (request->n_messages == 1 && request->messages->n_parts > (edit ? 1 : 0));
  for (size_t i = 0; i < G_N_ELEMENTS (drawing); i++)
    {
      g_autoptr (GString) out = g_string_new (NULL);

      if (weir_protocol_get (drawing[i])->write_request (request, &options, out, NULL))
        check_json (out->str, out->len);
    }
}

static void
check_form (WeirSlice body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) json = NULL;
  const char *behind = body.text;
  WeirForm form;

  if (!weir_form_parse (&form, TYPE, body, &error))
    {
      require (g_error_matches (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST));
      return;
    }
  for (unsigned i = 0; i < form.n_fields; i++)
    {
      const WeirFormField *field = &form.fields[i];

      require (field->name.length > 0 && field->name.text > behind);
      require (field->data.text > field->name.text);
      require (memmem (field->data.text, field->data.length, "\r\n--XX", 6) == NULL);
      behind = field->data.text + field->data.length;
    }
  require (behind <= body.text + body.length);
  json = weir_openai_images_form_to_json (&form, NULL);
  if (json == NULL)
    return;
  check_json (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
  check_request (json, TRUE);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) body = g_bytes_new (data, size);

  check_form ((WeirSlice){ (const char *)data, size });
  check_request (body, FALSE);
  check_request (body, TRUE);
  return 0;
}
