/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-openai-model.h"

#include "base/weir-error.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-thinking.h"

static void
test_thinkers_are_known_by_name (void)
{
  static const char *const yes[]
      = { "o1", "o3-mini", "gpt-5", "gpt-5.2", "gpt-5-mini", "openai/gpt-5.2-codex" };
  static const char *const no[]
      = { "",       "o",          "omni-1",      "o1x",       "gpt-4.1",
          "gpt-50", "gpt-5-chat", "deepseek-v3", "x/claude-4" };

  for (size_t i = 0; i < G_N_ELEMENTS (yes); i++)
    g_assert_true (weir_openai_model_reasons (weir_slice_from_string (yes[i])));
  for (size_t i = 0; i < G_N_ELEMENTS (no); i++)
    g_assert_false (weir_openai_model_reasons (weir_slice_from_string (no[i])));
}

static void
test_others_models_are_not_its_own (void)
{
  static const char *const yes[]
      = { "gpt-4.1", "openai/gpt-5", "o3-mini", "chatgpt-4o-latest" };
  static const char *const no[]
      = { "", "gpt-oss-120b", "deepseek-v3", "gpt", "x/claude-4" };

  for (size_t i = 0; i < G_N_ELEMENTS (yes); i++)
    g_assert_true (weir_openai_model_is_own (weir_slice_from_string (yes[i])));
  for (size_t i = 0; i < G_N_ELEMENTS (no); i++)
    g_assert_false (weir_openai_model_is_own (weir_slice_from_string (no[i])));
}

static void
test_effort_is_said_in_words_that_the_model_knows (void)
{
  static const struct
  {
    const char *model;
    gboolean minimal, low, xhigh;
    const char *least; /* NULL: never thinks */
  } rows[] = {
    { "gpt-4.1", FALSE, FALSE, FALSE, NULL },
    { "chatgpt-4o-latest", FALSE, FALSE, FALSE, NULL },
    { "openai/gpt-5-chat-latest", FALSE, FALSE, FALSE, NULL },
    { "o3", FALSE, TRUE, FALSE, "low" },
    { "o4-mini", FALSE, TRUE, FALSE, "low" },
    { "gpt-5", TRUE, TRUE, FALSE, "minimal" },
    { "gpt-5-mini", TRUE, TRUE, FALSE, "minimal" },
    { "gpt-5-codex", FALSE, TRUE, FALSE, "low" },
    { "gpt-5-pro", FALSE, FALSE, FALSE, "high" },
    { "gpt-5.1", FALSE, TRUE, FALSE, "none" },
    { "gpt-5.1-codex-max", FALSE, TRUE, TRUE, "low" },
    { "gpt-5.2", FALSE, TRUE, TRUE, "none" },
    { "deepseek-v3", TRUE, TRUE, TRUE, "none" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const WeirSlice model = weir_slice_from_string (rows[i].model);
      const unsigned levels = weir_openai_model_get_levels (model);

      g_assert_cmpint ((levels & WEIR_EFFORT_BIT (WEIR_EFFORT_MINIMAL)) != 0, ==,
                       rows[i].minimal);
      g_assert_cmpint ((levels & WEIR_EFFORT_BIT (WEIR_EFFORT_LOW)) != 0, ==, rows[i].low);
      g_assert_cmpint ((levels & WEIR_EFFORT_BIT (WEIR_EFFORT_XHIGH)) != 0, ==,
                       rows[i].xhigh);
      g_assert_true ((levels == 0) == (rows[i].least == NULL));
      if (levels != 0)
        g_assert_cmpstr (weir_openai_model_get_least (model), ==, rows[i].least);
    }
}

static void
assert_samples (WeirSlice model, const WeirThinking *thinking, gboolean wanted)
{
  g_assert_cmpint (weir_openai_model_takes (model, WEIR_OPTION_TEMPERATURE, thinking), ==,
                   wanted);
  g_assert_cmpint (weir_openai_model_takes (model, WEIR_OPTION_TOP_P, thinking), ==,
                   wanted);
  g_assert_true (weir_openai_model_takes (model, WEIR_OPTION_SEED, thinking));
}

static void
test_thinkers_do_not_sample_while_they_think (void)
{
  static const struct
  {
    const char *model;
    gboolean unsaid, off, level;
  } rows[] = {
    { "gpt-4.1", TRUE, TRUE, TRUE },          { "gpt-5.2", TRUE, TRUE, FALSE },
    { "gpt-5.6", FALSE, TRUE, FALSE },        { "gpt-5", FALSE, FALSE, FALSE },
    { "gpt-5.2-codex", FALSE, FALSE, FALSE }, { "o3", FALSE, FALSE, FALSE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const WeirSlice model = weir_slice_from_string (rows[i].model);
      WeirThinking thinking = { .mode = WEIR_THINKING_UNSAID };

      assert_samples (model, &thinking, rows[i].unsaid);
      thinking.mode = WEIR_THINKING_OFF;
      assert_samples (model, &thinking, rows[i].off);
      thinking.mode = WEIR_THINKING_LEVEL;
      assert_samples (model, &thinking, rows[i].level);
    }
}

static void
test_thinkers_take_no_penalties_and_no_stops (void)
{
  static const struct
  {
    const char *model;
    gboolean penalties, stops;
  } rows[] = {
    { "gpt-4.1", TRUE, TRUE }, { "llama-4", TRUE, TRUE }, { "o1-mini", FALSE, TRUE },
    { "o3", FALSE, FALSE },    { "gpt-5", FALSE, FALSE }, { "x/gpt-5.2", FALSE, FALSE },
  };
  const WeirThinking off = { .mode = WEIR_THINKING_OFF };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const WeirSlice model = weir_slice_from_string (rows[i].model);

      g_assert_cmpint (weir_openai_model_takes (model, WEIR_OPTION_PRESENCE_PENALTY, &off),
                       ==, rows[i].penalties);
      g_assert_cmpint (weir_openai_model_takes (model, WEIR_OPTION_FREQUENCY_PENALTY, &off),
                       ==, rows[i].penalties);
      g_assert_cmpint (weir_openai_model_stops (model), ==, rows[i].stops);
    }
}

static void
test_who_may_think_is_told_by_name_or_wish (void)
{
  static const struct
  {
    const char *model;
    gboolean unsaid, shown, off, level;
  } rows[] = {
    { "gpt-5", TRUE, TRUE, TRUE, TRUE },
    { "gpt-4.1", FALSE, FALSE, FALSE, FALSE },
    { "grok-4", FALSE, TRUE, FALSE, TRUE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const WeirSlice model = weir_slice_from_string (rows[i].model);
      WeirThinking thinking = { .mode = WEIR_THINKING_UNSAID };

      g_assert_cmpint (weir_openai_model_may_think (model, &thinking), ==, rows[i].unsaid);
      thinking.shown = WEIR_YES;
      g_assert_cmpint (weir_openai_model_may_think (model, &thinking), ==, rows[i].shown);
      thinking.mode = WEIR_THINKING_OFF;
      g_assert_cmpint (weir_openai_model_may_think (model, &thinking), ==, rows[i].off);
      thinking.mode = WEIR_THINKING_LEVEL;
      g_assert_cmpint (weir_openai_model_may_think (model, &thinking), ==, rows[i].level);
    }
}

static void
on_loss (const char *loss, const char *where, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", loss);
}

/* A request of a Gemini client, written for a model that thinks. */
static void
test_writers_leave_out_what_is_refused (void)
{
  static const char text[]
      = "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"a\"}]}],"
        "\"generationConfig\":{\"temperature\":1,\"topP\":0.95,\"maxOutputTokens\":99}}";
  static const struct
  {
    gboolean (*write) (const WeirRequest *, const WeirWriteOptions *, GString *, GError **);
    const char *limit;
  } writers[] = {
    { weir_openai_chat_write_request, "\"max_completion_tokens\":99" },
    { weir_openai_responses_write_request, "\"max_output_tokens\":99" },
  };
  g_autoptr (GBytes) body = g_bytes_new_static (text, strlen (text));
  g_autoptr (WeirRequest) request
      = weir_gemini_read_request (body, WEIR_SLICE ("m"), FALSE, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (writers); i++)
    {
      g_autoptr (GString) losses = g_string_new (NULL);
      g_autoptr (GString) out = g_string_new (NULL);
      const WeirWriteOptions options
          = { .model = WEIR_SLICE ("gpt-5"), .on_loss = on_loss, .user_data = losses };

      g_assert_true (writers[i].write (request, &options, out, NULL));
      g_assert_null (strstr (out->str, "temperature"));
      g_assert_null (strstr (out->str, "top_p"));
      g_assert_nonnull (strstr (out->str, writers[i].limit));
      g_assert_cmpstr (losses->str, ==, "top-p ");
    }
}

/* It may be an account there, and may be too long here. */
static void
test_another_vendors_user_is_not_told (void)
{
  static const char text[]
      = "{\"max_tokens\":9,\"metadata\":{\"user_id\":\"account-1\"},\"messages\":[{"
        "\"role\":\"user\",\"content\":\"a\"}]}";
  g_autoptr (GBytes) body = g_bytes_new_static (text, strlen (text));
  g_autoptr (WeirRequest) request
      = weir_anthropic_read_request (body, WEIR_SLICE ("m"), FALSE, NULL);
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autoptr (GString) out = g_string_new (NULL);
  const WeirWriteOptions options
      = { .model = WEIR_SLICE ("m"), .on_loss = on_loss, .user_data = losses };

  g_assert_true (weir_openai_responses_write_request (request, &options, out, NULL));
  g_assert_null (strstr (out->str, "account-1"));
  g_assert_nonnull (strstr (losses->str, "user "));
}

static void
test_models_that_only_draw_are_known_by_name (void)
{
  g_assert_true (weir_openai_model_draws (WEIR_SLICE ("gpt-image-1-mini")));
  g_assert_true (weir_openai_model_draws (WEIR_SLICE ("openai/dall-e-3")));
  g_assert_true (weir_openai_model_draws (WEIR_SLICE ("chatgpt-image-latest")));
  g_assert_false (weir_openai_model_draws (WEIR_SLICE ("gpt-5.2")));
  g_assert_false (weir_openai_model_draws (WEIR_SLICE ("gpt-imagery")));
  g_assert_false (weir_openai_model_draws (WEIR_SLICE ("")));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openai-model/thinkers-are-known-by-name",
                   test_thinkers_are_known_by_name);
  g_test_add_func ("/openai-model/others-models-are-not-its-own",
                   test_others_models_are_not_its_own);
  g_test_add_func ("/openai-model/effort-is-said-in-words-that-the-model-knows",
                   test_effort_is_said_in_words_that_the_model_knows);
  g_test_add_func ("/openai-model/thinkers-do-not-sample-while-they-think",
                   test_thinkers_do_not_sample_while_they_think);
  g_test_add_func ("/openai-model/thinkers-take-no-penalties-and-no-stops",
                   test_thinkers_take_no_penalties_and_no_stops);
  g_test_add_func ("/openai-model/who-may-think-is-told-by-name-or-wish",
                   test_who_may_think_is_told_by_name_or_wish);
  g_test_add_func ("/openai-model/writers-leave-out-what-is-refused",
                   test_writers_leave_out_what_is_refused);
  g_test_add_func ("/openai-model/another-vendors-user-is-not-told",
                   test_another_vendors_user_is_not_told);
  g_test_add_func ("/openai-model/models-that-only-draw-are-known-by-name",
                   test_models_that_only_draw_are_known_by_name);
  return g_test_run ();
}
