/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* JSON appended to bytes: code in the shape of the document, escaping in one place. */

#include "base/weir-slice.h"

#include <stdint.h>

#define WEIR_JSON_WRITER_DEPTH 32

typedef struct
{
  GString *out;                           /* (unowned) */
  unsigned depth;                         /* open containers */
  char closers[WEIR_JSON_WRITER_DEPTH];   /* '}' or ']' of each */
  gboolean first[WEIR_JSON_WRITER_DEPTH]; /* nothing written in it yet */
  gboolean ascii;                         /* U+2028, U+2029, <, > and & as \u escapes */
} WeirJsonWriter;

/* Starts a document at the end of @out. */
void weir_json_writer_init (WeirJsonWriter *self, GString *out);

/* @name is the member's name inside an object, NULL inside an array and for the root. */
void weir_json_open (WeirJsonWriter *self, const char *name);       /* { */
void weir_json_open_array (WeirJsonWriter *self, const char *name); /* [ */
void weir_json_close (WeirJsonWriter *self);                        /* } or ] */
/* @text is UTF-8; bytes that are not become U+FFFD. */
void weir_json_add_text (WeirJsonWriter *self, const char *name, WeirSlice text);
void weir_json_add_string (WeirJsonWriter *self, const char *name, const char *text);
void weir_json_add_uint (WeirJsonWriter *self, const char *name, uint64_t value);
void weir_json_add_int (WeirJsonWriter *self, const char *name, int64_t value);
void weir_json_add_boolean (WeirJsonWriter *self, const char *name, gboolean value);
void weir_json_add_null (WeirJsonWriter *self, const char *name);
/* @json is one complete JSON value and is copied as it is. */
void weir_json_add_raw (WeirJsonWriter *self, const char *name, WeirSlice json);
/* A string whose escapes are already those of JSON (bytes between the quotes). */
void weir_json_add_escaped (WeirJsonWriter *self, const char *name, WeirSlice escaped);

/* Appends @text with the escapes of a JSON string, without quotes. */
void weir_json_escape (GString *out, WeirSlice text, gboolean ascii);
