/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-read.h"

#include "base/weir-error.h"

typedef struct
{
  WeirSlice name;
  uint32_t list;
} Body;

static const WeirField fields[] = {
  { "name", WEIR_FIELD_TEXT, offsetof (Body, name) },
  { "list", WEIR_FIELD_ARRAY, offsetof (Body, list) },
  { NULL },
};

static const WeirReadOption options[] = {
  { "seed", WEIR_OPTION_SEED, WEIR_READ_NUMBER },
  { "store", WEIR_OPTION_STORE, WEIR_READ_TRUTH },
  { "user", WEIR_OPTION_USER, WEIR_READ_ANY },
  { NULL },
};

static void
assert_slice (WeirSlice slice, const char *wanted)
{
  g_autofree char *text = weir_slice_dup (slice);

  g_assert_cmpstr (text, ==, wanted);
}

static WeirRequest *
make (const char *text)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  WeirRequest *request = weir_request_new (WEIR_DIALECT_OPENAI_CHAT, body, &error);

  g_assert_no_error (error);
  return request;
}

static void
test_every_member_is_a_field_an_option_or_unknown (void)
{
  g_autoptr (WeirRequest) request
      = make ("{\"name\":\"a\\n\",\"seed\":7,\"x\":[1],\"y\":null,\"user\":null}");
  g_autoptr (GError) error = NULL;
  Body read = { 0 };

  g_assert_true (weir_read_body (request, fields, options, &read, &error));
  g_assert_no_error (error);
  assert_slice (read.name, "a\\n");
  assert_slice (request->options[WEIR_OPTION_SEED], "7");
  g_assert_cmpuint (request->options[WEIR_OPTION_USER].length, ==, 0);
  assert_slice (request->unknown->name, "x");
  assert_slice (request->unknown->value, "[1]");
  g_assert_null (request->unknown->next);
}

static void
test_what_is_wrong_is_refused_by_its_name (void)
{
  static const struct
  {
    const char *body;
    WeirError code;
    const char *name;
  } rows[] = {
    { "{\"seed\":\"7\"}", WEIR_ERROR_BAD_REQUEST, "'seed'" },
    { "{\"store\":1}", WEIR_ERROR_BAD_REQUEST, "'store'" },
    { "{\"name\":1}", WEIR_ERROR_BAD_REQUEST, "'name'" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (WeirRequest) request = make (rows[i].body);
      g_autoptr (GError) error = NULL;
      Body read = { 0 };

      g_assert_false (weir_read_body (request, fields, options, &read, &error));
      g_assert_error (error, WEIR_ERROR, (int)rows[i].code);
      g_assert_nonnull (strstr (error->message, rows[i].name));
    }
}

static gboolean
read_number (WeirRequest *self, uint32_t item, GError **error)
{
  weir_request_add_name (self, &self->stop, weir_json_get_raw (&self->json, item));
  return weir_json_get_type (&self->json, item) == WEIR_JSON_NUMBER
         || weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "no number");
}

static void
test_elements_are_read_in_their_order (void)
{
  g_autoptr (WeirRequest) request = make ("{\"list\":[1,2,\"a\",4]}");
  g_autoptr (GError) error = NULL;
  Body read = { 0 };

  g_assert_true (weir_read_body (request, fields, options, &read, NULL));
  g_assert_false (weir_read_list (request, read.list, "list", read_number, &error));
  g_assert_cmpstr (error->message, ==, "list[2]: no number");
  assert_slice (request->stop->name, "1");
  assert_slice (request->stop->next->name, "2");
}

static void
test_texts_are_joined_as_paragraphs (void)
{
  static const struct
  {
    const char *body;
    const char *text;
  } rows[] = {
    { "{\"list\":[]}", "" },
    { "{\"list\":[{\"text\":\"a\"}]}", "a" },
    { "{\"list\":[{\"text\":\"a\"},{\"text\":\"\"},{},1,{\"text\":\"b\"}]}", "a\\n\\nb" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (WeirRequest) request = make (rows[i].body);
      Body read = { 0 };

      g_assert_true (weir_read_body (request, fields, options, &read, NULL));
      assert_slice (weir_read_join_texts (request, read.list), rows[i].text);
    }
}

static void
test_data_urls_are_taken_apart_or_refused (void)
{
  static const struct
  {
    const char *url;
    const char *media_type; /* NULL: it stays a URL */
    const char *data;       /* NULL: it is refused */
  } rows[] = {
    { "https://a.example/b.png", NULL, "https://a.example/b.png" },
    { "data:image/png;base64,AA==", "image/png", "AA==" },
    { "DATA:image\\/png;base64,A\\/==", "image/png", "A/==" },
    { "data:image/png;x=1;base64,AA==", "image/png", "AA==" },
    { "data:text/plain,a", NULL, "data:text/plain,a" },
    { "data:image/png;base64", NULL, NULL },
    { "data:image/png;base64,", NULL, NULL },
    { "data:", NULL, NULL },
  };
  g_autoptr (WeirRequest) request = make ("{}");

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      WeirMedia media = { 0 };
      const gboolean taken = weir_read_take_url (
          request, weir_slice_from_string (rows[i].url), &media, &error);

      g_assert_cmpint (taken, ==, rows[i].data != NULL);
      if (!taken)
        {
          g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST);
          continue;
        }
      g_assert_cmpint (media.source, ==,
                       rows[i].media_type != NULL ? WEIR_MEDIA_DATA : WEIR_MEDIA_URL);
      assert_slice (media.data, rows[i].data);
      if (rows[i].media_type != NULL)
        assert_slice (media.media_type, rows[i].media_type);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/read/every-member-is-a-field-an-option-or-unknown",
                   test_every_member_is_a_field_an_option_or_unknown);
  g_test_add_func ("/read/what-is-wrong-is-refused-by-its-name",
                   test_what_is_wrong_is_refused_by_its_name);
  g_test_add_func ("/read/elements-are-read-in-their-order",
                   test_elements_are_read_in_their_order);
  g_test_add_func ("/read/texts-are-joined-as-paragraphs",
                   test_texts_are_joined_as_paragraphs);
  g_test_add_func ("/read/data-urls-are-taken-apart-or-refused",
                   test_data_urls_are_taken_apart_or_refused);
  return g_test_run ();
}
