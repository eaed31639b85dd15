/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Conversations that were valid before something happened to them: a request whose JSON
 * stays JSON while values are taken out, doubled and put elsewhere.  What its reader still
 * takes goes to each of the other services in a body that they take, or is refused with a
 * reason, and what was written can be read again.
 *
 * The first byte is the client's dialect, the second counts the edits; each of them has
 * five bytes: what is done, to which value, with which other one.  The rest is the body. */

#include "config.h"

#include "fuzz-valid.h"

#include "base/weir-error.h"
#include "base/weir-json.h"
#include "chat/weir-loss.h"
#include "chat/weir-protocol-request.h"

#include <stdlib.h>

#define EDITS_MOST 8
#define EDIT_SIZE 5
#define BODY_MOST 65536

typedef enum
{
  REPLACE,
  REMOVE,
  DOUBLE, /* an element of a list; anything else is removed */
  N_OPERATIONS,
} Operation;

/* A value in the text. */
typedef struct
{
  size_t start; /* of its member's name, if it has one */
  size_t value;
  size_t end;
} Place;

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

static void
list_values (const WeirJson *json, uint32_t container, GArray *out)
{
  const gboolean is_object = weir_json_get_type (json, container) == WEIR_JSON_OBJECT;

  for (uint32_t i = weir_json_first (json, container); i != 0;
       i = weir_json_next (json, container, i))
    {
      const uint32_t value = is_object ? i + 1 : i;
      const WeirJsonType type = weir_json_get_type (json, value);
      const Place place
          = { json->items[i].start, json->items[value].start, json->items[value].end };

      g_array_append_val (out, place);
      if (type == WEIR_JSON_OBJECT || type == WEIR_JSON_ARRAY)
        list_values (json, value, out);
    }
}

/* With the comma before it, or else the one behind it. */
static void
remove_value (GString *text, const Place *place)
{
  size_t start = place->start;
  size_t end = place->end;

  while (start > 0 && g_ascii_isspace (text->str[start - 1]))
    start--;
  if (start > 0 && text->str[start - 1] == ',')
    start--;
  else
    {
      while (g_ascii_isspace (text->str[end]))
        end++;
      end += text->str[end] == ',';
    }
  g_string_erase (text, (gssize)start, (gssize)(end - start));
}

static void
edit_text (GString *text, const uint8_t *edit)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (Place));
  g_autofree char *copy = NULL;
  g_auto (WeirJson) json = { 0 };
  const Place *at;
  const Place *from;
  size_t length;

  if (!weir_json_parse (&json, text->str, text->len, NULL, NULL)
      || weir_json_get_type (&json, 0) != WEIR_JSON_OBJECT)
    return;
  list_values (&json, 0, values);
  if (values->len == 0)
    return;
  at = &g_array_index (values, Place, (edit[1] << 8 | edit[2]) % values->len);
  from = &g_array_index (values, Place, (edit[3] << 8 | edit[4]) % values->len);
  length = from->end - from->value;
  copy = g_strndup (text->str + from->value, length);
  switch (edit[0] % N_OPERATIONS)
    {
    case REPLACE:
      g_string_erase (text, (gssize)at->value, (gssize)(at->end - at->value));
      g_string_insert_len (text, (gssize)at->value, copy, (gssize)length);
      break;
    case DOUBLE:
      if (at->start == at->value)
        {
          g_string_insert_c (text, (gssize)at->end, ',');
          g_string_insert_len (text, (gssize)at->end + 1, copy, (gssize)length);
          break;
        }
      remove_value (text, at);
      break;
    default:
      remove_value (text, at);
      break;
    }
}

/* (transfer full): NULL, @error says why. */
static WeirRequest *
read_as (WeirDialect dialect, GBytes *body, GError **error)
{
  return weir_protocol_get (dialect)->read_request (body, WEIR_SLICE ("model"), FALSE,
                                                    error);
}

static void
fail (WeirDialect upstream, const char *fault, const GString *body)
{
  g_printerr ("%s: %s\n%s\n", weir_protocol_get (upstream)->name, fault, body->str);
  abort ();
}

static void
check_pair (const WeirRequest *request, WeirDialect upstream, WeirSlice model)
{
  const WeirWriteOptions options = { .model = model, .on_loss = on_loss };
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (WeirRequest) again = NULL;
  g_autoptr (GBytes) written = NULL;
  g_autoptr (GError) error = NULL;
  const char *fault;

  if (!weir_protocol_get (upstream)->write_request (request, &options, out, &error))
    {
      require (error != NULL && error->domain == WEIR_ERROR);
      return;
    }
  fault = fuzz_find_fault (upstream, (WeirSlice){ out->str, out->len });
  if (fault != NULL)
    fail (upstream, fault, out);
  written = g_bytes_new (out->str, out->len);
  again = read_as (upstream, written, &error);
  if (again == NULL)
    fail (upstream, error->message, out);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const WeirSlice models[][WEIR_DIALECT_LAST] = {
    { { "gpt-4.1", 7 },
      { "gpt-5", 5 },
      { "claude-sonnet-4-5", 17 },
      { "gemini-2.5-pro", 14 } },
    { { "gpt-5", 5 }, { "gpt-4.1", 7 }, { "claude-opus-4-6", 15 }, { "gemini-3-pro", 12 } },
  };
  g_autoptr (WeirRequest) request = NULL;
  g_autoptr (GString) text = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  WeirDialect client;
  size_t head;

  if (size < 2)
    return 0;
  client = (WeirDialect)(data[0] % WEIR_DIALECT_LAST);
  head = 2 + (size_t)(data[1] % (EDITS_MOST + 1)) * EDIT_SIZE;
  if (size < head || size - head > BODY_MOST)
    return 0;
  text = g_string_new_len ((const char *)data + head, (gssize)(size - head));
  for (size_t at = 2; at < head && text->len <= BODY_MOST; at += EDIT_SIZE)
    edit_text (text, data + at);
  body = g_bytes_new (text->str, text->len);
  request = read_as (client, body, &error);
  require (request != NULL || (error != NULL && error->domain == WEIR_ERROR));
  for (unsigned i = 0; request != NULL && i < WEIR_DIALECT_LAST; i++)
    if (i != client)
      check_pair (request, (WeirDialect)i, models[data[0] >> 7][i]);
  return 0;
}
