/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lists as the vendors' own clients read them. */

#include "config.h"

#include "proxy/weir-model-list.h"

#include "base/weir-json.h"

#define KEYED "api-keys: [0123456789abcdefghij]\n"
#define TWO                                                                                \
  KEYED "openai-compatibility: [{name: groq, base-url: 'https://g.example/v1', models: "   \
        "[{name: a}, {name: 'org/b\"c', alias: 'b\"c'}]}]\n"
#define SINCE_US (G_GINT64_CONSTANT (1700000000) * 1000000 + 999999)

/* No key, no group: sees everything. */
static const WeirCaller nobody;

static WeirRouting *
make_routing (const char *yaml)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirConfig) config
      = weir_config_parse (yaml, strlen (yaml), "f", NULL, &error);
  WeirRouting *routing;

  g_assert_no_error (error);
  routing = weir_routing_new (config, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return routing;
}

static void
parse (WeirJson *json, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  weir_json_parse (json, text, length, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_member (const WeirJson *json, uint32_t object, const char *name, const char *wanted)
{
  uint32_t item = weir_json_lookup (json, object, name);

  g_test_message ("%s", name);
  g_assert_cmpuint (item, !=, 0);
  g_assert_true (weir_json_equals (json, item, wanted));
}

static void
assert_entry (const WeirJson *json,
              uint32_t object,
              WeirDialect dialect,
              const char *id,
              const char *owner)
{
  g_autofree char *resource = g_strconcat ("models/", id, NULL);
  uint64_t created = 0;

  g_assert_cmpint (weir_json_get_type (json, object), ==, WEIR_JSON_OBJECT);
  g_assert_true (weir_json_check_names (json, object, NULL));
  if (dialect == WEIR_DIALECT_OPENAI_CHAT)
    {
      assert_member (json, object, "id", id);
      assert_member (json, object, "object", "model");
      assert_member (json, object, "owned_by", owner);
      g_assert_true (
          weir_json_get_uint (json, weir_json_lookup (json, object, "created"), &created));
      g_assert_cmpuint (created, ==, 1700000000);
      return;
    }
  if (dialect == WEIR_DIALECT_ANTHROPIC)
    {
      assert_member (json, object, "id", id);
      assert_member (json, object, "type", "model");
      assert_member (json, object, "display_name", id);
      assert_member (json, object, "created_at", "2023-11-14T22:13:20Z");
      return;
    }
  assert_member (json, object, "name", resource);
  assert_member (json, object, "displayName", id);
  g_assert_cmpint (weir_json_get_type (
                       json, weir_json_lookup (json, object, "supportedGenerationMethods")),
                   ==, WEIR_JSON_ARRAY);
}

static const WeirDialect dialects[]
    = { WEIR_DIALECT_OPENAI_CHAT, WEIR_DIALECT_ANTHROPIC, WEIR_DIALECT_GEMINI };

static void
check_list (const char *yaml, const char *const *ids, const char *const *owners)
{
  g_autoptr (WeirRouting) routing = make_routing (yaml);

  for (size_t i = 0; i < G_N_ELEMENTS (dialects); i++)
    {
      g_auto (WeirJson) json = { 0 };
      g_autoptr (GBytes) bytes
          = weir_model_list_write (routing, &nobody, dialects[i], SINCE_US);
      gboolean gemini = dialects[i] == WEIR_DIALECT_GEMINI;
      unsigned n = 0;
      uint32_t list;

      parse (&json, bytes);
      list = weir_json_lookup (&json, 0, gemini ? "models" : "data");
      g_assert_cmpint (weir_json_get_type (&json, list), ==, WEIR_JSON_ARRAY);
      for (uint32_t item = weir_json_first (&json, list); item != 0;
           item = weir_json_next (&json, list, item), n++)
        {
          g_assert_nonnull (ids[n]);
          assert_entry (&json, item, dialects[i], ids[n], owners[n]);
        }
      g_assert_null (ids[n]);
      if (dialects[i] == WEIR_DIALECT_OPENAI_CHAT)
        assert_member (&json, 0, "object", "list");
      if (dialects[i] != WEIR_DIALECT_ANTHROPIC)
        continue;
      g_assert_cmpint (weir_json_get_type (&json, weir_json_lookup (&json, 0, "has_more")),
                       ==, WEIR_JSON_FALSE);
      if (n > 0)
        {
          assert_member (&json, 0, "first_id", ids[0]);
          assert_member (&json, 0, "last_id", ids[n - 1]);
          continue;
        }
      g_assert_cmpint (weir_json_get_type (&json, weir_json_lookup (&json, 0, "first_id")),
                       ==, WEIR_JSON_NULL);
      g_assert_cmpint (weir_json_get_type (&json, weir_json_lookup (&json, 0, "last_id")),
                       ==, WEIR_JSON_NULL);
    }
}

static void
test_lists_hold_what_clients_need (void)
{
  static const char *const ids[] = { "a", "b\"c", "weir/echo", NULL };
  static const char *const owners[] = { "groq", "groq", "weir", NULL };

  check_list (TWO, ids, owners);
}

static void
test_lists_without_a_model_are_lists (void)
{
  static const char *const none[] = { NULL };
  static const char *const echo[] = { "weir/echo", NULL };
  static const char *const weir[] = { "weir", NULL };

  check_list (KEYED "echo-model: false\n", none, none);
  check_list (KEYED, echo, weir);
}

static void
test_one_model_is_told_alone (void)
{
  static const char *const ids[] = { "a", "b\"c", "weir/echo" };
  static const char *const owners[] = { "groq", "groq", "weir" };
  g_autoptr (WeirRouting) routing = make_routing (TWO);

  for (size_t i = 0; i < G_N_ELEMENTS (dialects); i++)
    {
      for (size_t j = 0; j < G_N_ELEMENTS (ids); j++)
        {
          g_auto (WeirJson) json = { 0 };
          g_autoptr (GBytes) bytes
              = weir_model_list_write_one (routing, &nobody, dialects[i], ids[j], SINCE_US);

          g_assert_nonnull (bytes);
          parse (&json, bytes);
          assert_entry (&json, 0, dialects[i], ids[j], owners[j]);
        }
      g_assert_null (
          weir_model_list_write_one (routing, &nobody, dialects[i], "c", SINCE_US));
      g_assert_null (
          weir_model_list_write_one (routing, &nobody, dialects[i], "", SINCE_US));
    }
}

/* A model that only a glob serves is in no list, but it is there when it is asked for. */
static void
test_a_model_of_a_glob_is_told_alone (void)
{
  g_autoptr (WeirRouting) routing
      = make_routing (KEYED "echo-model: no\nclaude-api-key: [{api-key: a}]\n");
  g_autoptr (GBytes) bytes = weir_model_list_write_one (
      routing, &nobody, WEIR_DIALECT_ANTHROPIC, "claude-x", SINCE_US);

  g_assert_nonnull (bytes);
  g_assert_null (weir_model_list_write_one (routing, &nobody, WEIR_DIALECT_ANTHROPIC,
                                            "weir/echo", SINCE_US));
}

static void
test_the_list_is_chosen_by_who_asks (void)
{
  static const struct
  {
    const char *fields;
    WeirDialect of_route;
    WeirDialect wanted;
  } rows[] = {
    { "", WEIR_DIALECT_OPENAI_CHAT, WEIR_DIALECT_OPENAI_CHAT },
    { "Authorization: Bearer k\r\n", WEIR_DIALECT_OPENAI_CHAT, WEIR_DIALECT_OPENAI_CHAT },
    { "Anthropic-Version: 2023-06-01\r\n", WEIR_DIALECT_OPENAI_CHAT,
      WEIR_DIALECT_ANTHROPIC },
    { "x-goog-api-key: k\r\n", WEIR_DIALECT_OPENAI_CHAT, WEIR_DIALECT_GEMINI },
    { "", WEIR_DIALECT_GEMINI, WEIR_DIALECT_GEMINI },
    { "anthropic-version: 1\r\n", WEIR_DIALECT_GEMINI, WEIR_DIALECT_GEMINI },
    { "x-api-key: k\r\n", WEIR_DIALECT_OPENAI_CHAT, WEIR_DIALECT_OPENAI_CHAT },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text
          = g_strdup_printf ("GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", rows[i].fields);
      WeirHttpHead head;

      g_assert_true (weir_http_head_parse_request (&head, text, strlen (text), NULL));
      g_assert_cmpint (weir_model_list_choose (&head, rows[i].of_route), ==,
                       rows[i].wanted);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model-list/lists-hold-what-clients-need",
                   test_lists_hold_what_clients_need);
  g_test_add_func ("/model-list/lists-without-a-model-are-lists",
                   test_lists_without_a_model_are_lists);
  g_test_add_func ("/model-list/one-model-is-told-alone", test_one_model_is_told_alone);
  g_test_add_func ("/model-list/a-model-of-a-glob-is-told-alone",
                   test_a_model_of_a_glob_is_told_alone);
  g_test_add_func ("/model-list/the-list-is-chosen-by-who-asks",
                   test_the_list_is_chosen_by_who_asks);
  return g_test_run ();
}
