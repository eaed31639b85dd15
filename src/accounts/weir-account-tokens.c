/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tokens as one line.  Buffers that hold them never grow and are wiped. */

#include "config.h"

#include "accounts/weir-account-tokens.h"

#include "base/weir-json-write.h"
#include "base/weir-json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPED_MAX 6 /* bytes that JSON makes of one */
#define PREFIX "account/"

void
weir_account_tokens_clear (WeirAccountTokens *self)
{
  weir_secret_unref (self->access_token);
  weir_secret_unref (self->refresh_token);
  weir_secret_unref (self->id_token);
  weir_secret_unref (self->short_lived);
  *self = (WeirAccountTokens){ 0 };
}

static WeirSecret *
ref (WeirSecret *secret)
{
  return secret != NULL ? weir_secret_ref (secret) : NULL;
}

void
weir_account_tokens_copy (const WeirAccountTokens *self, WeirAccountTokens *out)
{
  *out = *self;
  ref (out->access_token);
  ref (out->refresh_token);
  ref (out->id_token);
  ref (out->short_lived);
}

static size_t
measure (const WeirSecret *secret)
{
  return secret != NULL ? weir_secret_reveal (secret).length * ESCAPED_MAX : 0;
}

static void
add_secret (WeirJsonWriter *writer, const char *name, const WeirSecret *secret)
{
  if (secret != NULL)
    weir_json_add_text (writer, name, weir_secret_reveal (secret));
}

static void
add_string (WeirJsonWriter *writer, const char *name, const char *text)
{
  if (text != NULL)
    weir_json_add_string (writer, name, text);
}

static size_t
measure_text (const char *text)
{
  return text != NULL ? strlen (text) * ESCAPED_MAX : 0;
}

static WeirSecret *
write_line (const WeirAccountTokens *self, const WeirAccount *account)
{
  const WeirAccountIdentity *identity = &account->identity;
  const size_t room = measure (self->access_token) + measure (self->refresh_token)
                      + measure (self->id_token) + measure_text (identity->vendor_id)
                      + measure_text (identity->email) + measure_text (identity->plan)
                      + measure_text (identity->project) + measure_text (identity->base_url)
                      + 512;
  g_autoptr (GString) text = g_string_sized_new (room);
  const size_t allocated = text->allocated_len;
  WeirJsonWriter writer;
  WeirSecret *line;

  weir_json_writer_init (&writer, text);
  weir_json_open (&writer, NULL);
  weir_json_add_string (&writer, "provider", account->row->id);
  add_string (&writer, "vendor_id", identity->vendor_id);
  add_string (&writer, "email", identity->email);
  add_string (&writer, "plan", identity->plan);
  add_string (&writer, "project", identity->project);
  add_string (&writer, "base_url", identity->base_url);
  add_secret (&writer, "access_token", self->access_token);
  add_secret (&writer, "refresh_token", self->refresh_token);
  add_secret (&writer, "id_token", self->id_token);
  weir_json_add_int (&writer, "expires_us", self->expires_us);
  weir_json_add_int (&writer, "obtained_us", self->obtained_us);
  weir_json_close (&writer);
  g_assert (text->allocated_len == allocated);
  line = weir_secret_new ((WeirSlice){ text->str, text->len });
  explicit_bzero (text->str, text->allocated_len);
  return line;
}

WeirSecret *
weir_account_tokens_write (const WeirAccountTokens *self, const WeirAccount *account)
{
  WeirAccountTokens needed = *self;
  WeirSecret *line = write_line (&needed, account);

  /* the only one that nothing depends on */
  needed.id_token = NULL;
  return line != NULL ? line : write_line (&needed, account);
}

/* (transfer full) (nullable) */
static WeirSecret *
read_secret (const WeirJson *json, const char *name)
{
  const uint32_t item = weir_json_lookup (json, 0, name);
  g_autoptr (GString) text = NULL;
  WeirSecret *secret;

  if (item == 0 || weir_json_get_type (json, item) != WEIR_JSON_STRING)
    return NULL;
  text = g_string_sized_new (weir_json_get_raw (json, item).length + 16);
  weir_json_append_text (json, item, text);
  secret = weir_secret_new ((WeirSlice){ text->str, text->len });
  explicit_bzero (text->str, text->allocated_len);
  return secret;
}

static int64_t
read_time (const WeirJson *json, const char *name)
{
  const uint32_t item = weir_json_lookup (json, 0, name);
  uint64_t value = 0;

  if (item == 0 || !weir_json_get_uint (json, item, &value) || value > G_MAXINT64 / 2)
    return 0;
  return (int64_t)value;
}

static char *
read_text (const WeirJson *json, const char *name)
{
  const uint32_t item = weir_json_lookup (json, 0, name);

  return item != 0 ? weir_json_dup_text (json, item) : NULL;
}

gboolean
weir_account_tokens_read (const WeirSecret *line,
                          WeirAccountTokens *out,
                          char **out_provider,
                          WeirAccountIdentity *out_identity)
{
  const WeirSlice text = weir_secret_reveal (line);
  g_auto (WeirJson) json = { 0 };

  if (!weir_json_parse (&json, text.text, text.length, NULL, NULL)
      || weir_json_get_type (&json, 0) != WEIR_JSON_OBJECT)
    return FALSE;
  out->access_token = read_secret (&json, "access_token");
  if (out->access_token == NULL)
    return FALSE;
  out->refresh_token = read_secret (&json, "refresh_token");
  out->id_token = read_secret (&json, "id_token");
  out->expires_us = read_time (&json, "expires_us");
  out->obtained_us = read_time (&json, "obtained_us");
  if (out_provider != NULL)
    *out_provider = read_text (&json, "provider");
  if (out_identity != NULL)
    *out_identity = (WeirAccountIdentity){
      .vendor_id = read_text (&json, "vendor_id"),
      .email = read_text (&json, "email"),
      .plan = read_text (&json, "plan"),
      .project = read_text (&json, "project"),
      .base_url = read_text (&json, "base_url"),
    };
  return TRUE;
}

char *
weir_account_tokens_dup_name (const char *id, uint64_t generation)
{
  return g_strdup_printf (PREFIX "%s@%" G_GUINT64_FORMAT, id, generation);
}

char *
weir_account_tokens_parse_name (const char *name, uint64_t *out_generation)
{
  const char *at = strrchr (name, '@');
  char *end = NULL;

  if (!g_str_has_prefix (name, PREFIX) || at == NULL || at == name + strlen (PREFIX)
      || at[1] < '1' || at[1] > '9')
    return NULL;
  errno = 0;
  *out_generation = g_ascii_strtoull (at + 1, &end, 10);
  if (errno != 0 || *end != '\0')
    return NULL;
  return g_strndup (name + strlen (PREFIX), (size_t)(at - name) - strlen (PREFIX));
}
