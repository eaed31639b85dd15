/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whatever stands in a body or an answer: what a hook writes is one JSON object whose size
 * is bounded by what came, what it takes out lies in what it was given, and a stream says
 * the same in any cut.  The first byte chooses hook and operation, the second the cut. */

#include "config.h"

#include "base/weir-json.h"
#include "providers/weir-hook.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
assert_object (GBytes *bytes)
{
  g_auto (WeirJson) json = { 0 };
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  g_assert_true (weir_json_parse (&json, text, length, NULL, NULL));
  g_assert_true (weir_json_get_type (&json, 0) == WEIR_JSON_OBJECT);
}

static void
try_request (const WeirHook *hook, WeirOperation operation, WeirSlice body)
{
  const WeirHookRequest request
      = { .operation = operation, .model = "m\"", .project = "p", .id = "weir-1" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) fields = g_string_new (NULL);
  g_autoptr (GBytes) written
      = hook->write_request != NULL ? hook->write_request (&request, body, &error) : NULL;

  g_assert_true (hook->write_request == NULL || (written == NULL) == (error != NULL));
  if (written != NULL)
    assert_object (written);
  if (hook->write_fields != NULL)
    hook->write_fields (&request, body, fields);
  g_assert_true (fields->len == 0 || g_str_has_suffix (fields->str, "\r\n"));
}

static GString *
unwrap_in_two (const WeirHook *hook, WeirSlice stream, size_t cut)
{
  g_autoptr (WeirHookStream) self = weir_hook_stream_new (hook);
  GString *all;
  g_autoptr (GString) rest = NULL;

  g_assert_true (weir_hook_stream_feed (self, stream.text, cut, NULL));
  all = weir_hook_stream_take (self);
  g_assert_true (
      weir_hook_stream_feed (self, stream.text + cut, stream.length - cut, NULL));
  rest = weir_hook_stream_take (self);
  g_string_append_len (all, rest->str, (gssize)rest->len);
  return all;
}

static void
try_answer (const WeirHook *hook, WeirSlice answer, uint8_t at)
{
  if (hook->unwrap != NULL)
    {
      const WeirSlice inner = hook->unwrap (answer);
      g_autoptr (GString) whole = unwrap_in_two (hook, answer, 0);
      g_autoptr (GString) cut
          = unwrap_in_two (hook, answer, MIN ((size_t)at, answer.length));

      g_assert_true (inner.length <= answer.length);
      g_assert_true (inner.length == 0
                     || (inner.text >= answer.text
                         && inner.text + inner.length <= answer.text + answer.length));
      g_assert_true (g_string_equal (whole, cut));
    }
  if (hook->fold != NULL)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) folded = hook->fold (answer, &error);

      g_assert_true ((folded == NULL) == (error != NULL));
      if (folded != NULL)
        assert_object (folded);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const WeirHook *const hooks[] = { &weir_hook_codex, &weir_hook_copilot,
                                           &weir_hook_code_assist, &weir_hook_antigravity };
  static const WeirOperation operations[]
      = { WEIR_OPERATION_ANSWER, WEIR_OPERATION_STREAM, WEIR_OPERATION_COUNT_TOKENS,
          WEIR_OPERATION_COMPACT };
  const WeirHook *hook;
  WeirSlice text;

  if (size < 2)
    return 0;
  hook = hooks[data[0] % G_N_ELEMENTS (hooks)];
  text = (WeirSlice){ (const char *)data + 2, size - 2 };
  try_request (hook, operations[data[0] / 4 % G_N_ELEMENTS (operations)], text);
  try_answer (hook, text, data[1]);
  return 0;
}
