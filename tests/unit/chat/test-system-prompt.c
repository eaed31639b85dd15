/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A system prompt before the client's own: the bytes of every shape, and that the readers
 * find it there. */

#include "config.h"

#include "base/weir-error.h"
#include "chat/weir-request.h"
#include "chat/weir-system-prompt.h"

#define PROMPT "Be \"kind\".\nAlways."
#define QUOTED "Be \\\"kind\\\".\\nAlways."

typedef struct
{
  WeirDialect dialect;
  const char *body;
  const char *expected; /* (nullable): WEIR_ERROR_BAD_REQUEST */
} Case;

#define CHAT WEIR_DIALECT_OPENAI_CHAT
#define RESPONSES WEIR_DIALECT_OPENAI_RESPONSES
#define ANTHROPIC WEIR_DIALECT_ANTHROPIC
#define GEMINI WEIR_DIALECT_GEMINI

/* clang-format off */
static const Case cases[] = {
  { CHAT, "{ \"n\":1e0, \"messages\":[ {\"role\":\"user\",\"content\":\"hi\"} ] }",
    "{ \"n\":1e0, \"messages\":[ {\"role\":\"system\",\"content\":\"" QUOTED "\"},{\"role\":\"user\",\"content\":\"hi\"} ] }" },
  { CHAT, "{\"messages\":[]}", "{\"messages\":[{\"role\":\"system\",\"content\":\"" QUOTED "\"}]}" },
  { CHAT, "{\"messages\":[{\"content\":\"a\\u0062\", \"role\":\"system\"},{\"role\":\"user\"}]}",
    "{\"messages\":[{\"content\":\"" QUOTED "\\n\\na\\u0062\", \"role\":\"system\"},{\"role\":\"user\"}]}" },
  { CHAT, "{\"messages\":[{\"role\":\"developer\",\"content\":\"\"}]}",
    "{\"messages\":[{\"role\":\"developer\",\"content\":\"" QUOTED "\"}]}" },
  { CHAT, "{\"messages\":[{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":\"own\"}]}]}",
    "{\"messages\":[{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":\"" QUOTED "\\n\\n\"},{\"type\":\"text\",\"text\":\"own\"}]}]}" },
  { CHAT, "{\"messages\":[{\"role\":\"system\",\"content\":[]}]}",
    "{\"messages\":[{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":\"" QUOTED "\"}]}]}" },
  { CHAT, "{\"messages\":[{\"role\":\"system\",\"content\":null}]}",
    "{\"messages\":[{\"role\":\"system\",\"content\":\"" QUOTED "\"}]}" },
  { CHAT, "{\"messages\":[{\"role\":\"system\",\"content\":7}]}", NULL },
  { CHAT, "{\"messages\":{}}", NULL },
  { CHAT, "{\"input\":[]}", NULL },
  { CHAT, "[]", NULL },

  { RESPONSES, "{\"input\":\"hi\"}", "{\"input\":\"hi\",\"instructions\":\"" QUOTED "\"}" },
  { RESPONSES, "{\"instructions\":null,\"input\":\"hi\"}", "{\"instructions\":\"" QUOTED "\",\"input\":\"hi\"}" },
  { RESPONSES, "{\"instructions\": \"own\" ,\"input\":\"hi\"}", "{\"instructions\": \"" QUOTED "\\n\\nown\" ,\"input\":\"hi\"}" },
  { RESPONSES, "{\"instructions\":[\"own\"]}", NULL },

  { ANTHROPIC, "{\"messages\":[]}", "{\"messages\":[],\"system\":\"" QUOTED "\"}" },
  { ANTHROPIC, "{\"system\":\"own\",\"messages\":[]}", "{\"system\":\"" QUOTED "\\n\\nown\",\"messages\":[]}" },
  { ANTHROPIC, "{\"system\":[ {\"type\":\"text\",\"text\":\"own\",\"cache_control\":{\"type\":\"ephemeral\"}}, {\"type\":\"text\",\"text\":\"2\"}]}",
    "{\"system\":[ {\"type\":\"text\",\"text\":\"" QUOTED "\\n\\n\"},{\"type\":\"text\",\"text\":\"own\",\"cache_control\":{\"type\":\"ephemeral\"}}, {\"type\":\"text\",\"text\":\"2\"}]}" },
  { ANTHROPIC, "{\"system\":[]}", "{\"system\":[{\"type\":\"text\",\"text\":\"" QUOTED "\"}]}" },
  { ANTHROPIC, "{\"system\":{}}", NULL },

  { GEMINI, "{\"contents\":[]}", "{\"contents\":[],\"systemInstruction\":{\"parts\":[{\"text\":\"" QUOTED "\"}]}}" },
  { GEMINI, "{\"systemInstruction\":{\"role\":\"user\",\"parts\":[{\"text\":\"own\"}]}}",
    "{\"systemInstruction\":{\"role\":\"user\",\"parts\":[{\"text\":\"" QUOTED "\\n\\n\"},{\"text\":\"own\"}]}}" },
  { GEMINI, "{\"system_instruction\":{\"parts\":[{\"text\":\"own\"}]}}",
    "{\"system_instruction\":{\"parts\":[{\"text\":\"" QUOTED "\\n\\n\"},{\"text\":\"own\"}]}}" },
  { GEMINI, "{\"system_instruction\":{\"parts\":{\"text\":\"own\"}}}",
    "{\"system_instruction\":{\"parts\":[{\"text\":\"" QUOTED "\\n\\n\"},{\"text\":\"own\"}]}}" },
  { GEMINI, "{\"systemInstruction\":{\"text\":\"own\"}}",
    "{\"systemInstruction\":{\"parts\":[{\"text\":\"" QUOTED "\\n\\n\"},{\"text\":\"own\"}]}}" },
  { GEMINI, "{\"systemInstruction\":{}}", "{\"systemInstruction\":{\"parts\":[{\"text\":\"" QUOTED "\"}]}}" },
  { GEMINI, "{\"systemInstruction\":{\"parts\":[]}}", "{\"systemInstruction\":{\"parts\":[{\"text\":\"" QUOTED "\"}]}}" },
  { GEMINI, "{\"systemInstruction\":\"own\"}", "{\"systemInstruction\":\"" QUOTED "\\n\\nown\"}" },
  { GEMINI, "{\"systemInstruction\":[{\"text\":\"own\"}]}", "{\"systemInstruction\":[{\"text\":\"" QUOTED "\\n\\n\"},{\"text\":\"own\"}]}" },
  { GEMINI, "{\"systemInstruction\":null,\"n\":1}", "{\"systemInstruction\":{\"parts\":[{\"text\":\"" QUOTED "\"}]},\"n\":1}" },
  { GEMINI, "{\"system_instruction\":null,\"n\":1}", "{\"n\":1,\"systemInstruction\":{\"parts\":[{\"text\":\"" QUOTED "\"}]}}" },
  { GEMINI, "{\"generateContentRequest\":{\"contents\":[]}}", "{\"generateContentRequest\":{\"contents\":[],\"systemInstruction\":{\"parts\":[{\"text\":\"" QUOTED "\"}]}}}" },
  { GEMINI, "{\"systemInstruction\":7}", NULL },
  { GEMINI, "{\"systemInstruction\":{\"parts\":7}}", NULL },
};
/* clang-format on */

static void
test_the_prompt_stands_before_the_clients_own (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) out = weir_system_prompt_insert (
          cases[i].dialect, weir_slice_from_string (cases[i].body), PROMPT, &error);
      g_autofree char *text = NULL;

      g_test_message ("%s", cases[i].body);
      if (cases[i].expected == NULL)
        {
          g_assert_null (out);
          g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST);
          continue;
        }
      g_assert_no_error (error);
      text = g_strndup (g_bytes_get_data (out, NULL), g_bytes_get_size (out));
      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

static void
test_what_is_no_json_is_refused (void)
{
  for (int dialect = 0; dialect < WEIR_DIALECT_LAST; dialect++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (weir_system_prompt_insert ((WeirDialect)dialect, WEIR_SLICE ("{"),
                                                PROMPT, &error));
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_JSON);
    }
}

/* Requests that the readers take, with and without a system prompt of the client's. */
static const Case requests[] = {
  { CHAT, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}", NULL },
  { CHAT,
    "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"own\"},"
    "{\"role\":\"user\",\"content\":\"hi\"}]}",
    NULL },
  { RESPONSES, "{\"model\":\"m\",\"input\":\"hi\"}", NULL },
  { RESPONSES, "{\"model\":\"m\",\"input\":\"hi\",\"instructions\":\"own\"}", NULL },
  { ANTHROPIC,
    "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}"
    "]}",
    NULL },
  { ANTHROPIC,
    "{\"model\":\"m\",\"max_tokens\":9,\"system\":[{\"type\":\"text\",\"text\":\"own\"}],"
    "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
    NULL },
  { GEMINI, "{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}]}", NULL },
  { GEMINI,
    "{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}],"
    "\"system_instruction\":{\"parts\":{\"text\":\"own\"}}}",
    NULL },
};

static void
test_the_readers_find_it_first (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) body = weir_system_prompt_insert (
          requests[i].dialect, weir_slice_from_string (requests[i].body), PROMPT, NULL);
      g_autoptr (WeirRequest) request
          = weir_protocol_get (requests[i].dialect)
                ->read_request (body, WEIR_SLICE ("m"), FALSE, &error);

      g_test_message ("%s", requests[i].body);
      g_assert_no_error (error);
      g_assert_cmpint (request->messages->role, ==, WEIR_ROLE_SYSTEM);
      g_assert_true (
          weir_slice_has_prefix (request->messages->parts->text, WEIR_SLICE (QUOTED)));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/system-prompt/the-prompt-stands-before-the-clients-own",
                   test_the_prompt_stands_before_the_clients_own);
  g_test_add_func ("/system-prompt/what-is-no-json-is-refused",
                   test_what_is_no_json_is_refused);
  g_test_add_func ("/system-prompt/the-readers-find-it-first",
                   test_the_readers_find_it_first);
  return g_test_run ();
}
