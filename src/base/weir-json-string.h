/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The strings of JSON: where one ends and whether it is well formed.  For weir-json-scan.c
 * and weir-json-write.c. */

#include "base/weir-json-block.h"

typedef struct
{
  const char *end;     /* behind the text that may be read */
  const char *problem; /* (nullable) a constant: what is wrong */
  const char *where;   /* the byte it is wrong at */
  gboolean escaped;    /* the last string read holds a backslash */
} WeirJsonString;

/* Use weir_json_string_scan: this is its part for strings that are long or hold something
 * else than plain ASCII. */
const char *weir_json_string_scan_long (WeirJsonString *self, const char *p);

/* Reads the string whose first byte behind the opening quote is @p.  Returns the byte
 * behind the closing quote and sets @escaped; or NULL with @problem and @where. */
static inline const char *
weir_json_string_scan (WeirJsonString *self, const char *p)
{
  while (G_LIKELY (self->end - p >= WEIR_JSON_PROBE))
    {
      const unsigned offset = weir_json_probe (p);

      p += offset;
      if (offset == WEIR_JSON_PROBE)
        continue;
      if (G_UNLIKELY (*p != '"'))
        break;
      self->escaped = FALSE;
      return p + 1;
    }
  return weir_json_string_scan_long (self, p);
}

/* Length of the UTF-8 sequence beyond ASCII at @text (RFC 3629: shortest form, no
 * surrogates, up to U+10FFFF), or 0.  @end must be behind @text. */
unsigned weir_json_measure_character (const char *text, const char *end);
