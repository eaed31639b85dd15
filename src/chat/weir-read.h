/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How the members of a client's body are read: what the readers have in common, whatever
 * their dialect.  Which members there are is said by the dialects' own files; Gemini, whose
 * members have two spellings each, has its own way (weir-gemini-fields.h). */

#include "base/weir-json-fields.h"
#include "chat/weir-request.h"

/* JSON types that an option may have, as bits. */
enum
{
  WEIR_READ_NUMBER = 1 << WEIR_JSON_NUMBER,
  WEIR_READ_STRING = 1 << WEIR_JSON_STRING,
  WEIR_READ_LIST = 1 << WEIR_JSON_ARRAY,
  WEIR_READ_OBJECT = 1 << WEIR_JSON_OBJECT,
  WEIR_READ_TRUTH = 1 << WEIR_JSON_FALSE | 1 << WEIR_JSON_TRUE,
  WEIR_READ_ANY = WEIR_READ_NUMBER | WEIR_READ_STRING | WEIR_READ_LIST | WEIR_READ_OBJECT
                  | WEIR_READ_TRUTH,
};

typedef struct
{
  const char *name; /* NULL ends the table */
  WeirOption option;
  unsigned types;
} WeirReadOption;

/* As weir_json_read_fields, but that no name may stand twice and that the members which
 * @fields does not name and which are not null are kept in *@unknown, @prefix (nullable)
 * and a dot before their names. */
gboolean weir_read_object (WeirRequest *self,
                           uint32_t object,
                           const WeirField *fields,
                           gpointer out,
                           const char *prefix,
                           WeirUnknown **unknown,
                           GError **error);

/* The same of the body itself: members that @options names go to the options of the
 * request, those that nothing names are unknown members of it. */
gboolean weir_read_body (WeirRequest *self,
                         const WeirField *fields,
                         const WeirReadOption *options,
                         gpointer out,
                         GError **error);

/* Every element of @list by @read; `NAME[INDEX]: ` stands before what is wrong with one. */
typedef gboolean (*WeirReadFunc) (WeirRequest *self, uint32_t item, GError **error);
gboolean weir_read_list (
    WeirRequest *self, uint32_t list, const char *name, WeirReadFunc read, GError **error);

/* The bytes between the quotes of the string at @item; empty where it is 0 or no string. */
WeirSlice weir_read_get_text (const WeirJson *json, uint32_t item);
WeirSlice weir_read_lookup_text (const WeirJson *json, uint32_t object, const char *name);

/* The members `text` of the objects in @list (0: none) as paragraphs of one text. */
WeirSlice weir_read_join_texts (WeirRequest *self, uint32_t list);

/* @text (escaped) without escapes, unless it needs some: some libraries write `/` as one,
 * which would stand in the way of reading a data URL. */
WeirSlice weir_read_get_plain (WeirRequest *self, WeirSlice text);

/* A truth that was read into a gboolean that was -1 before. */
WeirSaid weir_read_get_said (gboolean read);

/* A picture's or a file's @url (escaped): a data URL in base64 is taken apart, anything
 * else stays a URL.  FALSE, WEIR_ERROR_BAD_REQUEST: a data URL without data. */
gboolean
weir_read_take_url (WeirRequest *self, WeirSlice url, WeirMedia *media, GError **error);

/* What `filename` says of the type; empty: nothing. */
WeirSlice weir_read_guess_media_type (WeirSlice filename);
