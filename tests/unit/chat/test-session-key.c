/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Turns of one conversation have one key, whatever is added to them; other conversations
 * have others. */

#include "config.h"

#include "chat/weir-session-key.h"

#include <string.h>

typedef struct
{
  const char *name;
  const char *value;
} Field;

static gboolean
lookup (gpointer user_data, const char *name, WeirSlice *out_value)
{
  const Field *field = user_data;

  if (field == NULL || strcmp (field->name, name) != 0)
    return FALSE;
  *out_value = weir_slice_from_string (field->value);
  return TRUE;
}

static gboolean
find (WeirDialect dialect, const char *text, const Field *field, WeirSessionKey *out)
{
  const WeirJsonLimits limits = { .record_depth = 2 };
  g_auto (WeirJson) json = { 0 };

  g_assert_true (weir_json_parse (&json, text, strlen (text), &limits, NULL));
  return weir_session_key_find (dialect, &json, lookup, (gpointer)field, out);
}

static WeirSessionKey
find_sure (WeirDialect dialect, const char *text)
{
  WeirSessionKey key;

  g_test_message ("%s", text);
  g_assert_true (find (dialect, text, NULL, &key));
  return key;
}

/* clang-format off */
static const struct
{
  WeirDialect dialect;
  const char *first;
  const char *second;
} conversations[] = {
  { WEIR_DIALECT_OPENAI_CHAT,
    "{\"messages\":[{\"role\":\"system\",\"content\":\"it is 10:00\"},{\"role\":\"user\",\"content\":\"hello\"}]}",
    "{\"messages\":[{\"role\":\"system\",\"content\":\"it is 10:01\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]},"
    "{\"role\":\"assistant\",\"content\":\"hi\"},{\"role\":\"user\",\"content\":\"and?\"}]}" },
  { WEIR_DIALECT_ANTHROPIC,
    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hello\",\"cache_control\":{\"type\":\"ephemeral\"}}]}]}",
    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]},{\"role\":\"assistant\",\"content\":\"hi\"},"
    "{\"role\":\"user\",\"content\":\"and?\"}]}" },
  { WEIR_DIALECT_OPENAI_RESPONSES,
    "{\"input\":\"hello\"}",
    "{\"input\":[{\"role\":\"user\",\"content\":\"hello\"},{\"type\":\"function_call\",\"name\":\"f\"},{\"type\":\"function_call_output\"}]}" },
  { WEIR_DIALECT_GEMINI,
    "{\"contents\":[{\"parts\":[{\"text\":\"hello\"}]}]}",
    "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hello\"}]},{\"role\":\"model\",\"parts\":[{\"text\":\"hi\"}]}]}" },
};
/* clang-format on */

static void
test_turns_of_a_conversation_have_one_key (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (conversations); i++)
    {
      WeirSessionKey first = find_sure (conversations[i].dialect, conversations[i].first);
      WeirSessionKey second = find_sure (conversations[i].dialect, conversations[i].second);

      g_assert_cmpuint (first.hash, ==, second.hash);
      g_assert_true (first.is_opening);
      g_assert_false (second.is_opening);
    }
}

static void
test_other_words_are_another_conversation (void)
{
  WeirSessionKey one = find_sure (WEIR_DIALECT_OPENAI_RESPONSES, "{\"input\":\"hello\"}");
  WeirSessionKey other = find_sure (WEIR_DIALECT_OPENAI_RESPONSES, "{\"input\":\"hallo\"}");

  g_assert_cmpuint (one.hash, !=, other.hash);
}

static void
test_what_the_client_says_counts_more (void)
{
  static const char *const bodies[] = {
    "{\"prompt_cache_key\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
    "{\"metadata\":{\"user_id\":\"u_session_1\"},\"messages\":[]}",
    "{\"conversation\":{\"id\":\"conv_1\"}}",
    "{\"conversation\":\"conv_1\"}",
    "{\"session_id\":\"s\"}",
  };
  const Field field = { "x-claude-code-session-id", "s1" };
  WeirSessionKey with_field;

  g_assert_true (find (WEIR_DIALECT_ANTHROPIC, "{}", &field, &with_field));
  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      WeirSessionKey named = find_sure (WEIR_DIALECT_ANTHROPIC, bodies[i]);
      WeirSessionKey key;

      g_assert_false (named.is_opening);
      g_assert_cmpuint (named.hash, !=, with_field.hash);
      g_assert_true (find (WEIR_DIALECT_ANTHROPIC, bodies[i], &field, &key));
      g_assert_cmpuint (key.hash, ==, with_field.hash);
    }
}

static void
test_nothing_tells_nothing (void)
{
  static const char *const bodies[] = {
    "{}",
    "{\"messages\":7}",
    "{\"messages\":[]}",
    "{\"messages\":[7]}",
    "{\"prompt_cache_key\":\"\"}",
    "{\"prompt_cache_key\":7,\"metadata\":[],\"conversation\":null}",
    "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"}]}",
  };
  const Field empty = { "session-id", "" };
  WeirSessionKey key;

  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_test_message ("%s", bodies[i]);
      g_assert_false (find (WEIR_DIALECT_OPENAI_CHAT, bodies[i], &empty, &key));
    }
}

static void
test_a_long_message_costs_no_more (void)
{
  g_autofree char *words = g_strnfill (300000, 'a');
  g_autofree char *first
      = g_strdup_printf ("{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}", words);
  g_autofree char *second = g_strdup_printf (
      "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"},{\"role\":\"assistant\"}]}",
      words);
  WeirSessionKey a = find_sure (WEIR_DIALECT_OPENAI_CHAT, first);
  WeirSessionKey b = find_sure (WEIR_DIALECT_OPENAI_CHAT, second);

  g_assert_cmpuint (a.hash, ==, b.hash);
  g_assert_true (a.is_opening);
  g_assert_false (b.is_opening);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session-key/turns-of-a-conversation-have-one-key",
                   test_turns_of_a_conversation_have_one_key);
  g_test_add_func ("/session-key/other-words-are-another-conversation",
                   test_other_words_are_another_conversation);
  g_test_add_func ("/session-key/what-the-client-says-counts-more",
                   test_what_the_client_says_counts_more);
  g_test_add_func ("/session-key/nothing-tells-nothing", test_nothing_tells_nothing);
  g_test_add_func ("/session-key/a-long-message-costs-no-more",
                   test_a_long_message_costs_no_more);
  return g_test_run ();
}
