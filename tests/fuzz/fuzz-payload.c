/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rules from bytes over a body from bytes.  Lines up to an empty one are rules (`+PATH` or
 * `+PATH=VALUE`, `-PATH`, `!TOOL`), the rest is the body.  The result is one JSON object,
 * and all rules at once give the bytes of one after another, but for blanks between them.
 */

#include "config.h"

#include "base/weir-json-path.h"
#include "providers/weir-payload.h"

#define LINES_MAX 12

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* (transfer full) (nullable) */
static WeirPayloadRule *
read_rule (const char *line)
{
  g_autoptr (WeirPayloadRule) rule = NULL;
  const char *equals = strrchr (line, '='); /* a query has some of its own */
  g_autofree char *path = NULL;

  if (*line == '+')
    {
      path = equals != NULL ? g_strndup (line + 1, (gsize)(equals - line - 1))
                            : g_strdup (line + 1);
      rule = weir_payload_rule_new (WEIR_PAYLOAD_OVERRIDE);
      return weir_payload_rule_add_value (
                 rule, path,
                 equals != NULL ? weir_slice_from_string (equals + 1) : WEIR_SLICE ("1"),
                 NULL)
                 ? g_steal_pointer (&rule)
                 : NULL;
    }
  if (*line != '-' && *line != '!')
    return NULL;
  rule = weir_payload_rule_new (*line == '-' ? WEIR_PAYLOAD_FILTER
                                             : WEIR_PAYLOAD_DROP_TOOLS);
  return weir_payload_rule_add_path (rule, line + 1, NULL) ? g_steal_pointer (&rule) : NULL;
}

/* (transfer full): the body after @payload. */
static GBytes *
apply (const WeirPayload *payload, GBytes *body)
{
  static const WeirPayloadContext context = { .upstream_model = "m" };
  gsize length;
  const char *text = g_bytes_get_data (body, &length);
  const WeirSlice slice = { text, length };
  GBytes *out;

  if (!weir_payload_apply (&payload, 1, &context, slice, slice, &out, NULL))
    return NULL;
  return out != NULL ? out : g_bytes_ref (body);
}

static void
check_object (GBytes *body)
{
  g_auto (WeirJson) json = { 0 };
  gsize length;
  const char *text = g_bytes_get_data (body, &length);
  /* values may stand as deep as a path goes inside the deepest place */
  static const WeirJsonLimits limits = { .max_depth = 500 };

  g_assert_true (weir_json_parse (&json, text, length, &limits, NULL));
  g_assert_cmpint (weir_json_get_type (&json, 0), ==, WEIR_JSON_OBJECT);
}

/* (transfer full): the bytes of @body without blanks outside of strings. */
static GString *
squeeze (GBytes *body)
{
  GString *out = g_string_new (NULL);
  gsize length;
  const char *text = g_bytes_get_data (body, &length);
  gboolean in_string = FALSE;

  for (gsize i = 0; i < length; i++)
    {
      if (in_string && text[i] == '\\' && i + 1 < length)
        g_string_append_c (out, text[i++]);
      else if (text[i] == '"')
        in_string = !in_string;
      else if (!in_string && text[i] != 0 && strchr (" \t\r\n", text[i]) != NULL)
        continue;
      g_string_append_c (out, text[i]);
    }
  return out;
}

static gboolean
are_same (GBytes *a, GBytes *b)
{
  g_autoptr (GString) squeezed_a = squeeze (a);
  g_autoptr (GString) squeezed_b = squeeze (b);

  return g_string_equal (squeezed_a, squeezed_b);
}

/* Applies the rules whose lines begin with @sign one by one, and adds them to @all.
 * FALSE: a body has become too deep to be read again. */
static gboolean
apply_each (GStrv lines, char sign, WeirPayload *all, GBytes **body)
{
  for (char **line = lines; *line != NULL; line++)
    {
      g_autoptr (WeirPayload) one = weir_payload_new ();
      WeirPayloadRule *rule = **line == sign ? read_rule (*line) : NULL;
      GBytes *next;

      if (rule == NULL)
        continue;
      weir_payload_add_rule (one, rule, NULL);
      next = apply (one, *body);
      if (next == NULL)
        return FALSE;
      check_object (next);
      g_bytes_unref (*body);
      *body = next;
      weir_payload_add_rule (all, read_rule (*line), NULL);
    }
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *blank = size > 0 ? memmem (data, size, "\n\n", 2) : NULL;
  g_autoptr (WeirPayload) all = weir_payload_new ();
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GBytes) one_by_one = NULL;
  g_autoptr (GBytes) at_once = NULL;
  g_autofree char *head = NULL;
  g_auto (GStrv) lines = NULL;
  size_t head_length;

  if (blank == NULL)
    return 0;
  head_length = (size_t)(blank - (const char *)data);
  head = g_strndup ((const char *)data, head_length);
  lines = g_strsplit (head, "\n", LINES_MAX);
  body = g_bytes_new (blank + 2, size - head_length - 2);
  one_by_one = g_bytes_ref (body);
  if (!apply_each (lines, '+', all, &one_by_one)
      || !apply_each (lines, '-', all, &one_by_one)
      || !apply_each (lines, '!', all, &one_by_one))
    return 0;
  if (weir_payload_is_empty (all))
    return 0;
  at_once = apply (all, body);
  if (at_once == NULL)
    return 0;
  check_object (at_once);
  if (strstr (head, "!") == NULL) /* several names at once keep other commas */
    g_assert_true (are_same (at_once, one_by_one));
  return 0;
}
