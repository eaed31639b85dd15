/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-openai-media.h"

static void
test_sound_is_said_in_its_two_formats (void)
{
  static const struct
  {
    WeirSlice media_type;
    WeirMediaSource source;
    const char *format; /* NULL: refused */
  } rows[] = {
    { { "audio/wav", 9 }, WEIR_MEDIA_DATA, "\"wav\"" },
    { { "AUDIO/MPEG", 10 }, WEIR_MEDIA_DATA, "\"mp3\"" },
    { { "audio/ogg", 9 }, WEIR_MEDIA_DATA, NULL },
    { { "", 0 }, WEIR_MEDIA_DATA, NULL },
    { { "audio/wav", 9 }, WEIR_MEDIA_URL, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const WeirMedia media = { .source = rows[i].source,
                                .media_type = rows[i].media_type,
                                .data = WEIR_SLICE ("AA==") };
      g_autoptr (GString) out = g_string_new (NULL);
      WeirJsonWriter json;

      weir_json_writer_init (&json, out);
      g_assert_cmpint (weir_openai_write_sound (&json, &media), ==, rows[i].format != NULL);
      if (rows[i].format != NULL)
        g_assert_nonnull (strstr (out->str, rows[i].format));
      else
        g_assert_cmpuint (out->len, ==, 0);
    }
}

static void
test_every_file_has_a_name (void)
{
  WeirMedia media = { .source = WEIR_MEDIA_DATA };

  g_assert_true (
      weir_slice_equal (weir_openai_get_filename (&media), WEIR_SLICE ("document")));
  media.media_type = WEIR_SLICE ("application/pdf");
  g_assert_true (
      weir_slice_equal (weir_openai_get_filename (&media), WEIR_SLICE ("document.pdf")));
  media.filename = WEIR_SLICE ("a.bin");
  g_assert_true (
      weir_slice_equal (weir_openai_get_filename (&media), WEIR_SLICE ("a.bin")));
}

static void
test_data_urls_have_a_type (void)
{
  WeirMedia media = { .source = WEIR_MEDIA_DATA, .data = WEIR_SLICE ("AA==") };
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autoptr (GString) out = g_string_new (NULL);
  WeirJsonWriter json;

  weir_json_writer_init (&json, out);
  weir_json_open (&json, NULL);
  weir_openai_add_data_url (&json, "a", &media, scratch);
  media.media_type = WEIR_SLICE ("image/png");
  weir_openai_add_data_url (&json, "b", &media, scratch);
  weir_json_close (&json);
  g_assert_cmpstr (out->str, ==,
                   "{\"a\":\"data:application/octet-stream;base64,AA==\","
                   "\"b\":\"data:image/png;base64,AA==\"}");
}

static void
test_the_web_is_for_everybody (void)
{
  g_assert_true (weir_openai_is_of_the_web (WEIR_SLICE ("https://a.example")));
  g_assert_true (weir_openai_is_of_the_web (WEIR_SLICE ("data:,a")));
  g_assert_false (weir_openai_is_of_the_web (WEIR_SLICE ("gs://a/b")));
  g_assert_false (weir_openai_is_of_the_web (WEIR_SLICE ("")));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openai-media/sound-is-said-in-its-two-formats",
                   test_sound_is_said_in_its_two_formats);
  g_test_add_func ("/openai-media/every-file-has-a-name", test_every_file_has_a_name);
  g_test_add_func ("/openai-media/data-urls-have-a-type", test_data_urls_have_a_type);
  g_test_add_func ("/openai-media/the-web-is-for-everybody", test_the_web_is_for_everybody);
  return g_test_run ();
}
