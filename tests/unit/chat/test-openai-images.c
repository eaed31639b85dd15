/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests for pictures on their way up, and pictures on their way down. */

#include "chat/weir-openai-images.h"

#include "chat/weir-translation.h"

#define PROMPT "\"prompt\":\"a \\\"weir\\\"\""
#define CALL                                                                               \
  "{\"type\":\"image_generation_call\",\"id\":\"ig_1\",\"result\":\"AAAA\",\"size\":"      \
  "\"1024x1024\",\"output_format\":\"webp\",\"revised_prompt\":\"b\"}"
#define ANSWER(output)                                                                     \
  "{\"id\":\"r\",\"status\":\"completed\",\"output\":[" output                             \
  "],\"usage\":{\"input_tokens\":5,\"output_tokens\":7,\"total_tokens\":12}}"
#define PARTIAL                                                                            \
  "{\"type\":\"response.image_generation_call.partial_image\",\"partial_image_b64\":"      \
  "\"BBBB\",\"partial_image_index\":0}"

static WeirTranslation *
translate (const char *text, WeirAsked asked, gboolean stream, GError **error)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));

  return weir_translation_new (body,
                               &(WeirTranslationOptions){
                                   .client = WEIR_DIALECT_OPENAI_CHAT,
                                   .asked = asked,
                                   .model = "m",
                                   .stream = stream,
                                   .form = stream ? WEIR_ANSWER_SSE : WEIR_ANSWER_WHOLE,
                                   .id = "id",
                                   .created_s = 9,
                               },
                               error);
}

/* What is sent to @upstream; NULL where it cannot be said. */
static char *
ask (const char *text, gboolean edit, WeirDialect upstream)
{
  g_autoptr (WeirTranslation) self
      = translate (text, edit ? WEIR_ASKED_IMAGE_EDIT : WEIR_ASKED_IMAGE, FALSE, NULL);
  g_autoptr (GBytes) body = NULL;
  gsize length;
  const char *sent;

  g_assert_nonnull (self);
  body = weir_translation_write (self, upstream, "u", NULL);
  if (body == NULL)
    return NULL;
  sent = g_bytes_get_data (body, &length);
  return g_strndup (sent, length);
}

static void
assert_holds (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("%s\nhas no\n%s", text, part);
}

static void
test_settings_stand_in_the_tool (void)
{
  g_autofree char *sent
      = ask ("{\"model\":\"m\"," PROMPT ",\"size\":\"auto\",\"quality\":\"hd\","
             "\"moderation\":\"low\",\"partial_images\":2,\"user\":\"u\",\"n\":1}",
             FALSE, WEIR_DIALECT_OPENAI_RESPONSES);

  assert_holds (sent, "\"tools\":[{\"type\":\"image_generation\",\"action\":\"generate\","
                      "\"size\":\"auto\",\"quality\":\"high\",\"moderation\":\"low\","
                      "\"partial_images\":2}]");
  assert_holds (sent, "\"tool_choice\":{\"type\":\"image_generation\"}");
  assert_holds (sent, "\"text\":\"a \\\"weir\\\"\"");
  assert_holds (sent, "\"store\":false");
  assert_holds (sent, "\"user\":\"u\"");
}

static void
test_pictures_and_mask_go_up (void)
{
  static const char text[]
      = "{" PROMPT ",\"images\":[{\"image_url\":\"data:image/png;base64,AAAA\"},"
        "\"https://example.org/b.png\",{\"file_id\":\"file-1\"}],"
        "\"mask\":{\"file_id\":\"file-2\"}}";
  g_autofree char *sent = ask (text, TRUE, WEIR_DIALECT_OPENAI_RESPONSES);

  assert_holds (sent, "\"image_url\":\"data:image/png;base64,AAAA\"");
  assert_holds (sent, "\"image_url\":\"https://example.org/b.png\"");
  assert_holds (sent, "\"file_id\":\"file-1\"");
  assert_holds (sent, "\"input_image_mask\":{\"file_id\":\"file-2\"}");
  assert_holds (sent, "\"action\":\"edit\"");
  g_assert_null (ask (text, TRUE, WEIR_DIALECT_GEMINI));
}

static void
test_sizes_become_the_nearest_shape (void)
{
  static const struct
  {
    const char *size;
    const char *shape; /* NULL: nothing is said */
  } rows[] = {
    { "1024x1024", "1:1" },  { "1024x1536", "2:3" },  { "1536x1024", "3:2" },
    { "1792x1024", "16:9" }, { "1024x1792", "9:16" }, { "65536x1", "21:9" },
    { "1x65536", "9:16" },   { "auto", NULL },        { "large", NULL },
    { "0x1", NULL },         { "1x1x1", NULL },       { "", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text
          = g_strdup_printf ("{" PROMPT ",\"size\":\"%s\"}", rows[i].size);
      g_autofree char *sent = ask (text, FALSE, WEIR_DIALECT_GEMINI);
      g_autofree char *config
          = g_strdup_printf ("\"imageConfig\":{\"aspectRatio\":\"%s\"}", rows[i].shape);

      assert_holds (sent, "\"responseModalities\":[\"TEXT\",\"IMAGE\"]");
      g_assert_null (strstr (sent, "\"tools\""));
      if (rows[i].shape != NULL)
        assert_holds (sent, config);
      else
        g_assert_null (strstr (sent, "imageConfig"));
    }
}

static void
test_what_is_wrong_is_refused (void)
{
  static const struct
  {
    const char *text;
    WeirError code;
  } rows[] = {
    { "{}", WEIR_ERROR_BAD_REQUEST },
    { "[]", WEIR_ERROR_BAD_REQUEST },
    { "{\"prompt\":7}", WEIR_ERROR_BAD_REQUEST },
    { "{\"prompt\":\"\"}", WEIR_ERROR_BAD_REQUEST },
    { "{" PROMPT ",\"n\":2}", WEIR_ERROR_UNSUPPORTED },
    { "{" PROMPT ",\"n\":-1}", WEIR_ERROR_BAD_REQUEST },
    { "{" PROMPT ",\"size\":7}", WEIR_ERROR_BAD_REQUEST },
    { "{" PROMPT ",\"response_format\":\"tiff\"}", WEIR_ERROR_BAD_REQUEST },
    { "{" PROMPT "," PROMPT "}", WEIR_ERROR_JSON_DUPLICATE },
    { "{" PROMPT ",\"images\":[7]}", WEIR_ERROR_BAD_REQUEST },
    { "{" PROMPT ",\"images\":[{}]}", WEIR_ERROR_BAD_REQUEST },
    { "{" PROMPT ",\"mask\":{}}", WEIR_ERROR_BAD_REQUEST },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (translate (rows[i].text, WEIR_ASKED_IMAGE, FALSE, &error));
      g_assert_error (error, WEIR_ERROR, (int)rows[i].code);
    }
  g_assert_null (translate ("{" PROMPT "}", WEIR_ASKED_IMAGE_EDIT, FALSE, NULL));
}

/* What the client gets of @wire, a stream or a whole answer cut at @cut; NULL: an error. */
static char *
answer (
    const char *asked, WeirAsked kind, WeirDialect upstream, const char *wire, size_t cut)
{
  const gboolean stream = g_str_has_prefix (wire, "data:");
  const size_t length = strlen (wire);
  g_autoptr (WeirTranslation) self = translate (asked, kind, stream, NULL);
  g_autoptr (WeirDecoder) decoder = weir_decoder_new (
      upstream, stream ? WEIR_ANSWER_SSE : WEIR_ANSWER_WHOLE, weir_translation_sink, self);
  g_autoptr (GError) error = NULL;
  GString *out;
  size_t consumed;
  size_t boundary;

  weir_translation_begin (self, upstream);
  g_assert_true (weir_decoder_feed (decoder, wire, cut, &consumed, &boundary, NULL));
  g_assert_true (
      weir_decoder_feed (decoder, wire + cut, length - cut, &consumed, &boundary, NULL));
  g_assert_cmpint (weir_decoder_finish (decoder, TRUE), ==, WEIR_ANSWER_COMPLETE);
  if (!weir_translation_end (self, &error))
    {
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST);
      return NULL;
    }
  out = weir_translation_get_output (self);
  return g_strndup (out->str, out->len);
}

static void
test_a_picture_is_told (void)
{
  g_autofree char *plain = answer ("{" PROMPT "}", WEIR_ASKED_IMAGE,
                                   WEIR_DIALECT_OPENAI_RESPONSES, ANSWER (CALL), 0);
  g_autofree char *url
      = answer ("{" PROMPT ",\"response_format\":\"url\"}", WEIR_ASKED_IMAGE,
                WEIR_DIALECT_OPENAI_RESPONSES, ANSWER (CALL), 0);

  g_assert_cmpstr (
      plain, ==,
      "{\"created\":9,\"size\":\"1024x1024\",\"output_format\":\"webp\",\"data\":["
      "{\"b64_json\":\"AAAA\",\"revised_prompt\":\"b\"}],\"usage\":{\"input_tokens\":5,"
      "\"output_tokens\":7,\"total_tokens\":12,\"input_tokens_details\":{\"text_tokens\":5,"
      "\"image_tokens\":0}}}");
  assert_holds (url, "{\"url\":\"data:image/webp;base64,AAAA\",");
}

static void
test_a_stream_in_any_cut (void)
{
  static const char wire[]
      = "data: " PARTIAL "\n\n"
        "data: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":" CALL
        "}\n\n"
        "data: {\"type\":\"response.completed\",\"response\":" ANSWER (CALL) "}\n\n";
  g_autofree char *whole = NULL;

  for (size_t cut = 0; cut < sizeof wire; cut++)
    {
      g_autofree char *out = answer (
          "{" PROMPT ",\"images\":[\"data:image/png;base64,AAAA\"],\"stream\":true}",
          WEIR_ASKED_IMAGE_EDIT, WEIR_DIALECT_OPENAI_RESPONSES, wire, cut);

      if (whole == NULL)
        whole = g_strdup (out);
      g_assert_cmpstr (out, ==, whole);
    }
  g_assert_cmpstr (
      whole, ==,
      "event: image_edit.partial_image\n"
      "data: {\"type\":\"image_edit.partial_image\",\"b64_json\":\"BBBB\",\"created_at\":9,"
      "\"partial_image_index\":0}\n\n"
      "event: image_edit.completed\n"
      "data: {\"type\":\"image_edit.completed\",\"b64_json\":\"AAAA\",\"created_at\":9,"
      "\"size\":\"1024x1024\",\"quality\":\"auto\",\"background\":\"auto\","
      "\"output_format\":\"webp\",\"usage\":{\"input_tokens\":5,\"output_tokens\":7,"
      "\"total_tokens\":12}}\n\n");
}

static void
test_no_picture_is_an_error (void)
{
  g_assert_null (answer ("{" PROMPT "}", WEIR_ASKED_IMAGE, WEIR_DIALECT_GEMINI,
                         "{\"candidates\":[{\"finishReason\":\"IMAGE_SAFETY\"}]}", 0));
  g_assert_null (answer ("{" PROMPT "}", WEIR_ASKED_IMAGE, WEIR_DIALECT_OPENAI_RESPONSES,
                         ANSWER (""), 0));
}

static WeirAnswerState
watch (WeirAnswerForm form, const char *wire, gboolean clean)
{
  g_autoptr (WeirDecoder) decoder = weir_openai_images_decoder_new (form);
  size_t consumed;
  size_t boundary;

  for (const char *byte = wire; *byte != '\0'; byte++)
    g_assert_true (weir_decoder_feed (decoder, byte, 1, &consumed, &boundary, NULL));
  return weir_decoder_finish (decoder, clean);
}

static void
test_an_own_answer_is_watched (void)
{
#define LAST "data: {\"type\":\"image_generation.completed\",\"b64_json\":\"A\"}\n\n"
  g_assert_cmpint (watch (WEIR_ANSWER_WHOLE, "{\"data\":[{\"b64_json\":\"A\"}]}", TRUE), ==,
                   WEIR_ANSWER_COMPLETE);
  g_assert_cmpint (watch (WEIR_ANSWER_SSE, LAST, TRUE), ==, WEIR_ANSWER_COMPLETE);
  g_assert_cmpint (watch (WEIR_ANSWER_SSE, LAST LAST, TRUE), ==, WEIR_ANSWER_COMPLETE);
  g_assert_cmpint (watch (WEIR_ANSWER_SSE, LAST "data: [DONE]\n\n", FALSE), ==,
                   WEIR_ANSWER_COMPLETE);
  /* another picture may have been to come */
  g_assert_cmpint (watch (WEIR_ANSWER_SSE, LAST, FALSE), ==, WEIR_ANSWER_OPEN);
  g_assert_cmpint (watch (WEIR_ANSWER_SSE,
                          "data: {\"type\":\"image_generation.partial_image\"}\n\n", TRUE),
                   ==, WEIR_ANSWER_OPEN);
  g_assert_cmpint (
      watch (WEIR_ANSWER_SSE,
             "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"m\"}}\n\n",
             TRUE),
      ==, WEIR_ANSWER_FAILED);
  g_assert_cmpint (watch (WEIR_ANSWER_WHOLE, "{\"error\":{\"message\":\"m\"}}", TRUE), ==,
                   WEIR_ANSWER_FAILED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/images/settings-stand-in-the-tool", test_settings_stand_in_the_tool);
  g_test_add_func ("/images/pictures-and-mask-go-up", test_pictures_and_mask_go_up);
  g_test_add_func ("/images/sizes-become-the-nearest-shape",
                   test_sizes_become_the_nearest_shape);
  g_test_add_func ("/images/what-is-wrong-is-refused", test_what_is_wrong_is_refused);
  g_test_add_func ("/images/a-picture-is-told", test_a_picture_is_told);
  g_test_add_func ("/images/a-stream-in-any-cut", test_a_stream_in_any_cut);
  g_test_add_func ("/images/no-picture-is-an-error", test_no_picture_is_an_error);
  g_test_add_func ("/images/an-own-answer-is-watched", test_an_own_answer_is_watched);
  return g_test_run ();
}
