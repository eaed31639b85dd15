/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Fields and error documents to words, prose and a delay.  Vendors nest their errors in
 * many ways but agree on what members are called, so members are found by name, inside
 * others that errors are made of: what an error quotes of the request is not read.  What
 * the words mean is weir-verdict.c's. */

#include "config.h"

#include "providers/weir-verdict-facts.h"

#include "base/weir-json.h"
#include "providers/weir-verdict-when.h"

/* Of each of words and prose. */
#define TEXT_MAX 16384u
/* Of one message: longer ones quote the request. */
#define MESSAGE_MAX 2048u
/* A gateway puts the vendor's whole error document into its own message. */
#define NESTING_MAX 2u

typedef enum
{
  MEMBER_WORD,
  MEMBER_PROSE,
  MEMBER_BOTH,
  MEMBER_DELAY,
} MemberKind;

typedef struct
{
  const char *name;
  MemberKind kind;
} Member;

/* clang-format off */
static const Member members[] = {
  { "type",                    MEMBER_WORD },
  { "code",                    MEMBER_WORD },
  { "status",                  MEMBER_WORD },  /* google.rpc.Status */
  { "reason",                  MEMBER_WORD },  /* google.rpc.ErrorInfo */
  { "quotaId",                 MEMBER_WORD },  /* google.rpc.QuotaFailure */
  { "rate_limit_reached_type", MEMBER_WORD },  /* ChatGPT workspaces */
  { "error",                   MEMBER_BOTH },  /* OAuth's word, Ollama's sentence */
  { "message",                 MEMBER_PROSE },
  { "msg",                     MEMBER_PROSE },
  { "detail",                  MEMBER_PROSE },
  { "error_description",       MEMBER_PROSE },
  { "raw",                     MEMBER_PROSE }, /* OpenRouter: the vendor's own body */
  { "resets_at",               MEMBER_DELAY },
  { "resets_in_seconds",       MEMBER_DELAY },
  { "retryDelay",              MEMBER_DELAY }, /* google.rpc.RetryInfo */
  { "quotaResetDelay",         MEMBER_DELAY },
  { "quotaResetTimeStamp",     MEMBER_DELAY },
  { "retry_after",             MEMBER_DELAY },
  { "retry_after_seconds",     MEMBER_DELAY },
  { "X-RateLimit-Reset",       MEMBER_DELAY }, /* OpenRouter: fields as members */
};

/* Members whose containers are looked into. */
static const char *const containers[] = {
  "error", "errors", "detail", "details", "metadata", "violations", "headers", "response",
  "inner_error", "innererror", "param",
};

static const char *const read_prefixes[] = {
  "retry-after", "x-ratelimit-", "ratelimit-", "anthropic-ratelimit-", "x-codex-", "cf-mitigated",
};
/* clang-format on */

gboolean
weir_verdict_reads_field (WeirSlice name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (read_prefixes); i++)
    {
      const size_t length = strlen (read_prefixes[i]);

      if (name.length >= length
          && g_ascii_strncasecmp (name.text, read_prefixes[i], length) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
append_lower (GString *out, WeirSlice text)
{
  text.length = MIN (text.length, TEXT_MAX - MIN (out->len, TEXT_MAX));
  for (size_t i = 0; i < text.length; i++)
    g_string_append_c (out, g_ascii_tolower (text.text[i]));
  g_string_append_c (out, '\n');
}

static void
add_word (WeirVerdictFacts *self, const char *word)
{
  append_lower (self->words, weir_slice_from_string (word));
}

static void
add_delay (WeirVerdictFacts *self, int64_t delay_us)
{
  self->delay_us = MAX (self->delay_us, delay_us);
}

/* The next line of @rest; FALSE: there is none. */
static gboolean
take_field (WeirSlice *rest, WeirSlice *out_name, WeirSlice *out_value)
{
  while (rest->length > 0)
    {
      const char *end = memmem (rest->text, rest->length, "\r\n", 2);
      const size_t length = end != NULL ? (size_t)(end - rest->text) : rest->length;
      const char *text = rest->text;
      const char *colon = memchr (text, ':', length);
      const size_t taken = end != NULL ? length + 2 : length;

      rest->text += taken;
      rest->length -= taken;
      if (colon == NULL)
        continue;
      *out_name = (WeirSlice){ text, (size_t)(colon - text) };
      *out_value = (WeirSlice){ colon + 1, (size_t)(text + length - colon - 1) };
      while (out_value->length > 0 && g_ascii_isspace (*out_value->text))
        *out_value = (WeirSlice){ out_value->text + 1, out_value->length - 1 };
      while (out_value->length > 0
             && g_ascii_isspace (out_value->text[out_value->length - 1]))
        out_value->length--;
      return TRUE;
    }
  return FALSE;
}

/* The value of the field called @name, or an empty slice. */
static WeirSlice
lookup_field (WeirSlice fields, const char *name)
{
  WeirSlice found;
  WeirSlice value;

  while (take_field (&fields, &found, &value))
    if (weir_slice_equal_nocase (found, weir_slice_from_string (name)))
      return value;
  return (WeirSlice){ 0 };
}

static gboolean
field_is (WeirSlice fields, const char *name, const char *value)
{
  return weir_slice_equal_nocase (lookup_field (fields, name),
                                  weir_slice_from_string (value));
}

/* Anthropic's windows of a subscription ("allowed", "allowed_warning", "rejected"; resets
 * in seconds since 1970).  5h and 7d are of all models; a rejection is of some models only
 * where both are known to allow and another window is the one that rejects. */
static void
read_windows (WeirVerdictFacts *self, WeirSlice fields, int64_t real_us)
{
  static const char prefix[] = "anthropic-ratelimit-unified-";
  WeirSlice rest = fields;
  WeirSlice name;
  WeirSlice value;
  gboolean any_rejects = FALSE;
  unsigned n_shared_allow = 0;

  while (take_field (&rest, &name, &value))
    {
      g_autofree char *reset = NULL;
      g_autofree char *lower = NULL;
      gboolean shared;

      if (name.length > 128)
        continue;
      lower = g_ascii_strdown (name.text, (gssize)name.length);
      if (!g_str_has_prefix (lower, prefix) || !g_str_has_suffix (lower, "status")
          || strstr (lower, "overage") != NULL)
        continue;
      shared = strstr (lower, "-5h-") != NULL || strstr (lower, "-7d-") != NULL;
      if (shared && value.length >= 7
          && g_ascii_strncasecmp (value.text, "allowed", 7) == 0)
        n_shared_allow++;
      if (!weir_slice_equal_nocase (value, WEIR_SLICE ("rejected")))
        continue;
      any_rejects = TRUE;
      lower[strlen (lower) - strlen ("status")] = '\0';
      reset = g_strconcat (lower, "reset", NULL);
      add_delay (self, weir_when_read (lookup_field (fields, reset), real_us));
    }
  if (any_rejects)
    add_word (self,
              n_shared_allow == 2 ? WEIR_WORD_WINDOW_MODEL : WEIR_WORD_WINDOW_ACCOUNT);
}

/* "…ratelimit-…remaining…: 0" makes the "reset" of the same name count. */
static void
read_limits (WeirVerdictFacts *self, WeirSlice fields, int64_t real_us)
{
  WeirSlice rest = fields;
  WeirSlice name;
  WeirSlice value;

  while (take_field (&rest, &name, &value))
    {
      g_autofree char *lower = NULL;
      g_autofree char *reset = NULL;
      char *remaining;

      if (name.length > 128 || !weir_slice_equal (value, WEIR_SLICE ("0")))
        continue;
      lower = g_ascii_strdown (name.text, (gssize)name.length);
      remaining = strstr (lower, "remaining");
      if (strstr (lower, "ratelimit") == NULL || remaining == NULL)
        continue;
      *remaining = '\0';
      reset = g_strconcat (lower, "reset", remaining + strlen ("remaining"), NULL);
      add_delay (self, weir_when_read (lookup_field (fields, reset), real_us));
    }
}

/* ChatGPT's windows: a percentage used, and seconds until it starts anew. */
static void
read_codex_windows (WeirVerdictFacts *self, WeirSlice fields, int64_t real_us)
{
  static const char *const windows[] = { "primary", "secondary" };

  for (size_t i = 0; i < G_N_ELEMENTS (windows); i++)
    {
      g_autofree char *used = g_strdup_printf ("x-codex-%s-used-percent", windows[i]);
      g_autofree char *reset
          = g_strdup_printf ("x-codex-%s-reset-after-seconds", windows[i]);

      if (weir_slice_has_prefix (lookup_field (fields, used), WEIR_SLICE ("100")))
        add_delay (self, weir_when_read (lookup_field (fields, reset), real_us));
    }
}

static void
read_fields (WeirVerdictFacts *self, WeirSlice fields, int64_t real_us)
{
  const int64_t after_us = weir_when_read (lookup_field (fields, "retry-after"), real_us);
  const int64_t after_ms = weir_when_read_ms (lookup_field (fields, "retry-after-ms"));

  if (after_us > 0 || after_ms > 0)
    add_word (self, WEIR_WORD_RETRY_AFTER);
  add_delay (self, after_ms > 0 ? after_ms : after_us);
  if (field_is (fields, "cf-mitigated", "challenge"))
    add_word (self, WEIR_WORD_CHALLENGE);
  read_windows (self, fields, real_us);
}

static gboolean
is_called (const WeirJson *json, uint32_t name, const char *text)
{
  const WeirSlice raw = weir_json_get_raw (json, name);

  return weir_slice_equal_nocase ((WeirSlice){ raw.text + 1, raw.length - 2 },
                                  weir_slice_from_string (text));
}

static const Member *
lookup_member (const WeirJson *json, uint32_t name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (members); i++)
    if (is_called (json, name, members[i].name))
      return &members[i];
  return NULL;
}

static gboolean
is_container (const WeirJson *json, uint32_t name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (containers); i++)
    if (is_called (json, name, containers[i]))
      return TRUE;
  return FALSE;
}

static gboolean
read_document (WeirVerdictFacts *self, WeirSlice text, int64_t real_us, unsigned nesting);

static void
read_member (WeirVerdictFacts *self,
             const WeirJson *json,
             uint32_t value,
             MemberKind kind,
             int64_t real_us,
             unsigned nesting)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const WeirJsonType type = weir_json_get_type (json, value);
  WeirSlice slice;

  if (type == WEIR_JSON_STRING)
    weir_json_append_text (json, value, text);
  else if (type == WEIR_JSON_NUMBER)
    g_string_append_len (text, weir_json_get_raw (json, value).text,
                         (gssize)weir_json_get_raw (json, value).length);
  else
    return;
  slice = (WeirSlice){ text->str, text->len };
  if (kind == MEMBER_DELAY)
    {
      add_delay (self, weir_when_read (slice, real_us));
      return;
    }
  if (kind != MEMBER_PROSE)
    append_lower (self->words, slice);
  if (kind == MEMBER_WORD || read_document (self, slice, real_us, nesting + 1))
    return;
  slice.length = MIN (slice.length, MESSAGE_MAX);
  append_lower (self->prose, slice);
}

static void
read_members (WeirVerdictFacts *self,
              const WeirJson *json,
              int64_t real_us,
              unsigned nesting)
{
  uint32_t item = 0;

  while (item + 1 < json->n_items)
    {
      const gboolean is_name = weir_json_get_type (json, item) == WEIR_JSON_NAME;
      const Member *member = is_name ? lookup_member (json, item) : NULL;

      if (member != NULL)
        read_member (self, json, item + 1, member->kind, real_us, nesting);
      if (is_name && !is_container (json, item))
        item = json->items[item + 1].next;
      else
        item++;
    }
}

/* FALSE: @text is no object or array. */
static gboolean
read_document (WeirVerdictFacts *self, WeirSlice text, int64_t real_us, unsigned nesting)
{
  static const WeirJsonLimits limits
      = { .max_depth = 32, .max_items = 20000, .record_depth = 12 };
  g_auto (WeirJson) json = { 0 };
  size_t i = 0;

  while (i < text.length && g_ascii_isspace (text.text[i]))
    i++;
  if (nesting > NESTING_MAX || i == text.length
      || (text.text[i] != '{' && text.text[i] != '[')
      || !weir_json_parse (&json, text.text, text.length, &limits, NULL))
    return FALSE;
  read_members (self, &json, real_us, nesting);
  return TRUE;
}

void
weir_verdict_facts_read (WeirVerdictFacts *self, const WeirReply *reply)
{
  self->words = g_string_new ("\n");
  self->prose = g_string_new (NULL);
  self->delay_us = 0;
  read_fields (self, reply->fields, reply->real_us);
  if (reply->error_type != NULL)
    add_word (self, reply->error_type);
  if (reply->message != NULL
      && !read_document (self, weir_slice_from_string (reply->message), reply->real_us, 1))
    append_lower (self->prose, weir_slice_from_string (reply->message));
  if (!read_document (self, reply->body, reply->real_us, 0) && reply->body.length > 0)
    append_lower (self->prose, reply->body);
  add_delay (self, weir_when_find ((WeirSlice){ self->prose->str, self->prose->len },
                                   reply->real_us));
  if (self->delay_us == 0)
    {
      read_limits (self, reply->fields, reply->real_us);
      read_codex_windows (self, reply->fields, reply->real_us);
    }
}

void
weir_verdict_facts_clear (WeirVerdictFacts *self)
{
  if (self->words != NULL)
    g_string_free (self->words, TRUE);
  if (self->prose != NULL)
    g_string_free (self->prose, TRUE);
  *self = (WeirVerdictFacts){ 0 };
}

static gboolean
holds (const GString *text, const char *part, size_t length)
{
  return memmem (text->str, text->len, part, length) != NULL;
}

gboolean
weir_verdict_facts_has_word (const WeirVerdictFacts *self, const char *word)
{
  g_autofree char *line = g_strconcat ("\n", word, "\n", NULL);

  return holds (self->words, line, strlen (line));
}

gboolean
weir_verdict_facts_mention (const WeirVerdictFacts *self, const char *part)
{
  return holds (self->words, part, strlen (part))
         || holds (self->prose, part, strlen (part));
}
