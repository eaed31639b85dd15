/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How the members of OpenAI's bodies are read: what its two dialects have in common. */

#include "base/weir-json-fields.h"
#include "chat/weir-request.h"

/* JSON types that an option may have, as bits. */
enum
{
  WEIR_OPENAI_NUMBER = 1 << WEIR_JSON_NUMBER,
  WEIR_OPENAI_STRING = 1 << WEIR_JSON_STRING,
  WEIR_OPENAI_LIST = 1 << WEIR_JSON_ARRAY,
  WEIR_OPENAI_OBJECT = 1 << WEIR_JSON_OBJECT,
  WEIR_OPENAI_TRUTH = 1 << WEIR_JSON_FALSE | 1 << WEIR_JSON_TRUE,
};

typedef struct
{
  const char *name; /* NULL ends the table */
  WeirOption option;
  unsigned types;
} WeirOpenaiOption;

/* What is known of the members of an object. */
typedef struct
{
  const WeirField *fields;
  const WeirOpenaiOption *options; /* (nullable): go to the options of the request */
  const char *prefix; /* (nullable) and a dot stand before the names of unknown members */
} WeirOpenaiShape;

/* As weir_json_read_fields, but that members which are neither fields nor options nor null
 * are kept in *@unknown, and that no name may stand twice. */
gboolean weir_openai_read_object (WeirRequest *self,
                                  uint32_t object,
                                  const WeirOpenaiShape *shape,
                                  gpointer out,
                                  WeirUnknown **unknown,
                                  GError **error);

/* The bytes between the quotes of the string at @item; empty where it is 0 or no string. */
WeirSlice weir_openai_get_text (const WeirJson *json, uint32_t item);
WeirSlice weir_openai_lookup_text (const WeirJson *json, uint32_t object, const char *name);

/* @text (escaped) without escapes, unless it needs some: some libraries write `/` as one,
 * which would stand in the way of reading a data URL. */
WeirSlice weir_openai_get_plain (WeirRequest *self, WeirSlice text);

/* A truth that was read into a gboolean that was -1 before. */
WeirSaid weir_openai_get_said (gboolean read);

/* A picture's or a file's @url (escaped): a data URL in base64 is taken apart, anything
 * else stays a URL. */
void weir_openai_read_url (WeirRequest *self, WeirSlice url, WeirMedia *media);

/* What `filename` says of the type; empty: nothing. */
WeirSlice weir_openai_guess_media_type (WeirSlice filename);
