/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The places where clients name a conversation (their sources and traffic, read 2026-10),
 * and the guess from the first words.  Only so much of a message is read that a long one
 * costs nothing. */

#include "config.h"

#include "chat/weir-session-key.h"

#include <string.h>

#define HASHED_BYTES ((size_t)4 << 10) /* of a value */
#define READ_BYTES ((size_t)64 << 10)  /* a longer message is hashed as it stands */
#define EDGE_BYTES ((size_t)256)       /* of it, where its role is looked for */
#define SEED G_GUINT64_CONSTANT (0xcbf29ce484222325)
#define LOOKED_AT 8 /* messages before the first user's, or between it and the answer */

const char *const weir_session_fields[] = {
  "x-claude-code-session-id",
  "session-id",
  "session_id",
  "x-session-id",
  "x-codex-session-id",
  "conversation-id",
  "conversation_id",
  "x-conversation-id",
  "openai-conversation-id",
  "x-session-affinity",
  NULL,
};

static const char *const members[] = {
  "prompt_cache_key", "promptCacheKey",  "session_id",     "sessionId",
  "conversation",     "conversation_id", "conversationId",
};

/* FNV-1a */
static uint64_t
hash (uint64_t seed, WeirSlice text)
{
  size_t length = MIN (text.length, HASHED_BYTES);

  for (size_t i = 0; i < length; i++)
    seed = (seed ^ (unsigned char)text.text[i]) * G_GUINT64_CONSTANT (0x100000001b3);
  return (seed ^ text.length) * G_GUINT64_CONSTANT (0x100000001b3);
}

static gboolean
take (WeirSlice value, const char *place, WeirSessionKey *out)
{
  out->hash = hash (hash (SEED, weir_slice_from_string (place)), value);
  out->is_opening = FALSE;
  return TRUE;
}

/* A text that is not empty, or an object (`conversation: {id}`). */
static gboolean
take_member (const WeirJson *json, uint32_t item, const char *name, WeirSessionKey *out)
{
  WeirSlice raw;

  if (item == 0)
    return FALSE;
  raw = weir_json_get_raw (json, item);
  if (weir_json_get_type (json, item) == WEIR_JSON_STRING ? raw.length <= 2
                                                          : *raw.text != '{')
    return FALSE;
  return take (raw, name, out);
}

static gboolean
find_named (const WeirJson *body,
            WeirSessionLookup lookup,
            gpointer user_data,
            WeirSessionKey *out)
{
  const uint32_t metadata = weir_json_lookup (body, 0, "metadata");
  WeirSlice value;

  for (const char *const *field = weir_session_fields; *field != NULL; field++)
    if (lookup != NULL && lookup (user_data, *field, &value) && value.length > 0)
      return take (value, "field", out);
  for (size_t i = 0; i < G_N_ELEMENTS (members); i++)
    if (take_member (body, weir_json_lookup (body, 0, members[i]), members[i], out))
      return TRUE;
  if (metadata == 0 || weir_json_get_type (body, metadata) != WEIR_JSON_OBJECT)
    return FALSE;
  return take_member (body, weir_json_lookup (body, metadata, "session_id"), "session_id",
                      out)
         || take_member (body, weir_json_lookup (body, metadata, "user_id"), "user_id",
                         out);
}

typedef enum
{
  SAID_BY_SYSTEM,
  SAID_BY_USER,
  SAID_BY_MODEL, /* a call, a thought and a result too: somebody has answered before */
} Speaker;

static Speaker
read_speaker (const WeirJson *message)
{
  const uint32_t role = weir_json_lookup (message, 0, "role");

  if (role == 0)
    return weir_json_lookup (message, 0, "parts") != 0 ? SAID_BY_USER : SAID_BY_MODEL;
  if (weir_json_equals (message, role, "user"))
    return SAID_BY_USER;
  if (weir_json_equals (message, role, "system")
      || weir_json_equals (message, role, "developer"))
    return SAID_BY_SYSTEM;
  return SAID_BY_MODEL;
}

/* The words alone: marks beside them (`cache_control`) move from turn to turn. */
static uint64_t
hash_texts (const WeirJson *message)
{
  uint64_t sum = SEED;

  for (uint32_t i = 0; i + 1 < message->n_items; i++)
    if (weir_json_get_type (message, i) == WEIR_JSON_NAME
        && weir_json_get_type (message, i + 1) == WEIR_JSON_STRING
        && (weir_json_equals (message, i, "text")
            || weir_json_equals (message, i, "content")))
      sum = hash (sum, weir_json_get_raw (message, i + 1));
  return sum;
}

/* Whose a message is that is too long to be read for that: the role stands at its
 * beginning or at its end. */
static Speaker
guess_speaker (WeirSlice raw)
{
  static const struct
  {
    const char *role;
    Speaker speaker;
  } roles[] = {
    { "\"user\"", SAID_BY_USER },
    { "\"system\"", SAID_BY_SYSTEM },
    { "\"developer\"", SAID_BY_SYSTEM },
  };
  const char *last = raw.text + raw.length - EDGE_BYTES;

  for (size_t i = 0; i < G_N_ELEMENTS (roles); i++)
    if (memmem (raw.text, EDGE_BYTES, roles[i].role, strlen (roles[i].role)) != NULL
        || memmem (last, EDGE_BYTES, roles[i].role, strlen (roles[i].role)) != NULL)
      return roles[i].speaker;
  return SAID_BY_MODEL;
}

/* TRUE: @element is a user's message, and *out stands for its words. */
static gboolean
read_opening (const WeirJson *body, uint32_t element, Speaker *out_speaker, uint64_t *out)
{
  const WeirSlice raw = weir_json_get_raw (body, element);
  g_auto (WeirJson) message = { 0 };

  *out_speaker = SAID_BY_MODEL;
  if (weir_json_get_type (body, element) != WEIR_JSON_OBJECT)
    return FALSE;
  if (raw.length > READ_BYTES)
    {
      *out_speaker = guess_speaker (raw);
      *out = hash (SEED, raw);
      return *out_speaker == SAID_BY_USER;
    }
  if (!weir_json_parse (&message, raw.text, raw.length, NULL, NULL))
    return FALSE;
  *out_speaker = read_speaker (&message);
  *out = hash_texts (&message);
  return *out_speaker == SAID_BY_USER;
}

static gboolean
guess (const WeirJson *body, uint32_t list, WeirSessionKey *out)
{
  gboolean opened = FALSE;
  unsigned n = 0;

  for (uint32_t i = weir_json_first (body, list); i != 0 && n < LOOKED_AT;
       i = weir_json_next (body, list, i), n++)
    {
      Speaker speaker;
      uint64_t words;

      if (read_opening (body, i, &speaker, &words) && !opened)
        {
          opened = TRUE;
          n = 0;
          out->hash = words;
          out->is_opening = TRUE;
        }
      else if (opened && speaker == SAID_BY_MODEL)
        {
          out->is_opening = FALSE;
          return TRUE;
        }
    }
  return opened;
}

gboolean
weir_session_key_find (WeirDialect dialect,
                       const WeirJson *body,
                       WeirSessionLookup lookup,
                       gpointer user_data,
                       WeirSessionKey *out)
{
  static const char *const lists[] = {
    [WEIR_DIALECT_OPENAI_CHAT] = "messages",
    [WEIR_DIALECT_OPENAI_RESPONSES] = "input",
    [WEIR_DIALECT_ANTHROPIC] = "messages",
    [WEIR_DIALECT_GEMINI] = "contents",
  };
  uint32_t list;

  G_STATIC_ASSERT (G_N_ELEMENTS (lists) == WEIR_DIALECT_LAST);
  if (find_named (body, lookup, user_data, out))
    return TRUE;
  list = weir_json_lookup (body, 0, lists[dialect]);
  if (list == 0)
    return FALSE;
  if (weir_json_get_type (body, list) == WEIR_JSON_ARRAY)
    return guess (body, list, out);
  if (weir_json_get_type (body, list) != WEIR_JSON_STRING)
    return FALSE;
  out->hash = hash (SEED, weir_json_get_raw (body, list));
  out->is_opening = TRUE;
  return TRUE;
}
