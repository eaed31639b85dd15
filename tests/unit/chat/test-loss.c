/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-loss.h"

#include "base/weir-error.h"

static void
note (const char *loss, const char *where, gpointer user_data)
{
  g_assert_nonnull (weir_loss_lookup_sentence (loss));
  g_string_append_printf (user_data, "%s at %s\n", loss, where);
}

static WeirRequest *
make (WeirOption option, WeirSlice value)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
  WeirRequest *request = weir_request_new (WEIR_DIALECT_OPENAI_CHAT, body, NULL);

  if (option != WEIR_OPTION_LAST)
    request->options[option] = value;
  return request;
}

static void
test_every_option_has_a_word_of_its_own (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int i = 0; i < WEIR_OPTION_LAST; i++)
    {
      const char *word = weir_loss_get_option_word ((WeirOption)i);

      g_assert_nonnull (word);
      g_assert_nonnull (weir_loss_lookup_sentence (word));
      g_assert_true (g_hash_table_add (seen, (gpointer)word));
    }
  g_assert_nonnull (weir_loss_lookup_sentence (WEIR_LOSS_SIGNATURE));
  g_assert_nonnull (weir_loss_lookup_sentence (WEIR_LOSS_ANSWER_THINKING));
  g_assert_null (weir_loss_lookup_sentence ("unheard-of"));
}

/* An option is said, or lost, or refused: never forgotten. */
static void
test_no_option_is_forgotten (void)
{
  for (int i = 0; i < WEIR_OPTION_LAST; i++)
    {
      g_autoptr (WeirRequest) request = make ((WeirOption)i, WEIR_SLICE ("\"odd\""));
      g_autoptr (GString) losses = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      const WeirOption none[] = { WEIR_OPTION_LAST };
      const WeirOption one[] = { (WeirOption)i, WEIR_OPTION_LAST };

      g_assert_true (
          weir_loss_check_options (request, WEIR_DIALECT_GEMINI, one, note, losses, NULL));
      g_assert_cmpuint (losses->len, ==, 0);
      if (i == WEIR_OPTION_STREAM_OPTIONS)
        continue;
      if (weir_loss_check_options (request, WEIR_DIALECT_GEMINI, none, note, losses,
                                   &error))
        {
          g_assert_true (
              g_str_has_prefix (losses->str, weir_loss_get_option_word ((WeirOption)i)));
          g_assert_true (weir_loss_check_options (request, WEIR_DIALECT_GEMINI, none, NULL,
                                                  NULL, NULL));
          continue;
        }
      g_assert_cmpint (
          weir_error_get_code (error), ==,
          (i == WEIR_OPTION_THREAD ? WEIR_ERROR_THREAD : WEIR_ERROR_UNSUPPORTED));
      g_assert_cmpuint (losses->len, ==, 0);
    }
}

static void
test_what_changes_the_meaning_is_refused (void)
{
  static const struct
  {
    WeirOption option;
    const char *value;
    const char *named; /* NULL: not refused */
    gboolean lost;
  } rows[] = {
    { WEIR_OPTION_PREVIOUS_RESPONSE, "\"resp_1\"", "previous_response_id", FALSE },
    { WEIR_OPTION_THREAD, "{\"type\":\"create\"}", "thread", FALSE },
    { WEIR_OPTION_BACKGROUND, "true", "background", FALSE },
    { WEIR_OPTION_ITEM_REFERENCE, "{\"id\":\"msg_1\"}", "item_reference", FALSE },
    { WEIR_OPTION_BACKGROUND, "false", NULL, FALSE },
    { WEIR_OPTION_MCP_SERVERS, "[]", NULL, FALSE },
    { WEIR_OPTION_MODALITIES, "[\"text\"]", NULL, FALSE },
    { WEIR_OPTION_MODALITIES, "[\"text\", \"audio\"]", "modalities", FALSE },
    { WEIR_OPTION_MODALITIES, "[\"AUDIO\"]", "modalities", FALSE },
    { WEIR_OPTION_MODALITIES, "[\"TEXT\",\"IMAGE\"]", NULL, TRUE },
    { WEIR_OPTION_STREAM_OPTIONS, "{\"include_usage\":true}", NULL, FALSE },
    { WEIR_OPTION_PRESENCE_PENALTY, "0", NULL, FALSE },
    { WEIR_OPTION_PRESENCE_PENALTY, "0.5", NULL, TRUE },
    { WEIR_OPTION_INCLUDE, "[\"reasoning.encrypted_content\"]", NULL, FALSE },
    { WEIR_OPTION_INCLUDE, "[\n \"reasoning.encrypted_content\"\n]", NULL, FALSE },
    { WEIR_OPTION_INCLUDE, "[\"reasoning.encrypted_content\", \"file\"]", NULL, TRUE },
    { WEIR_OPTION_INCLUDE, "[\"reasoning.encrypted", NULL, TRUE },
  };
  const WeirOption none[] = { WEIR_OPTION_LAST };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (WeirRequest) request
          = make (rows[i].option, weir_slice_from_string (rows[i].value));
      g_autoptr (GString) losses = g_string_new (NULL);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", rows[i].value);
      g_assert_cmpint (weir_loss_check_options (request, WEIR_DIALECT_ANTHROPIC, none, note,
                                                losses, &error),
                       ==, rows[i].named == NULL);
      g_assert_cmpint (losses->len > 0, ==, rows[i].lost);
      if (rows[i].named != NULL)
        g_assert_true (g_str_has_prefix (error->message, rows[i].named));
    }
}

static void
test_several_choices_need_a_dialect_that_has_them (void)
{
  g_autoptr (WeirRequest) request = make (WEIR_OPTION_LAST, WEIR_SLICE (""));
  const WeirOption none[] = { WEIR_OPTION_LAST };

  for (int target = 0; target < WEIR_DIALECT_LAST; target++)
    {
      request->n_choices = 1;
      g_assert_true (
          weir_loss_check_options (request, (WeirDialect)target, none, NULL, NULL, NULL));
      request->n_choices = 2;
      g_assert_cmpint (
          weir_loss_check_options (request, (WeirDialect)target, none, NULL, NULL, NULL),
          ==, target == WEIR_DIALECT_OPENAI_CHAT || target == WEIR_DIALECT_GEMINI);
    }
}

static void
test_unknown_members_are_named (void)
{
  WeirUnknown second = { .name = WEIR_SLICE ("b") };
  WeirUnknown first = { .next = &second, .name = WEIR_SLICE ("a") };
  g_autoptr (GString) losses = g_string_new (NULL);

  weir_loss_report_unknown (note, losses, &first, "tools[0]");
  weir_loss_report_unknown (note, losses, &second, NULL);
  weir_loss_report_unknown (NULL, NULL, &first, NULL);
  weir_loss_report (NULL, NULL, WEIR_LOSS_PART, "%d", 1);
  g_assert_cmpstr (losses->str, ==,
                   "unknown-member at tools[0].a\nunknown-member at tools[0].b\n"
                   "unknown-member at b\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loss/every-option-has-a-word-of-its-own",
                   test_every_option_has_a_word_of_its_own);
  g_test_add_func ("/loss/no-option-is-forgotten", test_no_option_is_forgotten);
  g_test_add_func ("/loss/what-changes-the-meaning-is-refused",
                   test_what_changes_the_meaning_is_refused);
  g_test_add_func ("/loss/several-choices-need-a-dialect-that-has-them",
                   test_several_choices_need_a_dialect_that_has_them);
  g_test_add_func ("/loss/unknown-members-are-named", test_unknown_members_are_named);
  return g_test_run ();
}
