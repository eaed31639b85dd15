/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-openai-images-form.h"

#include "base/weir-error.h"

#define TYPE "multipart/form-data; boundary=XX"
#define HEAD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n"
#define FIELD(name, value) "--XX\r\n" HEAD (name) "\r\n" value "\r\n"
#define END "--XX--\r\n"

static const char full[]
    = FIELD ("model", "m") FIELD ("prompt", "a \"b\"\r\n--X") FIELD ("n", "1")
        FIELD ("stream", "true") "--XX\r\ncontent-disposition: form-data; "
                                 "name=\"image[]\"; filename=\"a.png\"\r\n"
                                 "Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff\x00\r\n-\r\n"
                                 "--XX\r\nContent-Disposition: form-data; filename=b; "
                                 "name=\"image[]\"\r\n\r\n"
                                 "\x89PNG\r\n" END;

static gboolean
parse (const char *type, const char *body, size_t length, WeirForm *form)
{
  g_autoptr (GError) error = NULL;

  if (weir_form_parse (form, weir_slice_from_string (type), (WeirSlice){ body, length },
                       &error))
    {
      g_assert_no_error (error);
      return TRUE;
    }
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST);
  return FALSE;
}

static void
test_fields_are_the_bytes_between (void)
{
  WeirForm form;

  g_assert_true (parse (TYPE, full, sizeof full - 1, &form));
  g_assert_cmpuint (form.n_fields, ==, 6);
  g_assert_true (
      weir_slice_equal (weir_form_lookup (&form, "model")->data, WEIR_SLICE ("m")));
  g_assert_true (weir_slice_equal (weir_form_lookup (&form, "prompt")->data,
                                   WEIR_SLICE ("a \"b\"\r\n--X")));
  g_assert_null (weir_form_lookup (&form, "prompt")->filename.text);
  g_assert_true (
      weir_slice_equal (form.fields[4].data, WEIR_SLICE ("\xff\xd8\xff\x00\r\n-")));
  g_assert_true (weir_slice_equal (form.fields[4].filename, WEIR_SLICE ("a.png")));
  g_assert_true (weir_slice_equal (form.fields[5].name, WEIR_SLICE ("image[]")));
  g_assert_null (weir_form_lookup (&form, "mask"));
}

static void
test_no_prefix_is_a_form (void)
{
  WeirForm form;

  /* the last line end may be missing */
  for (size_t length = 0; length + 3 < sizeof full; length++)
    g_assert_false (parse (TYPE, full, length, &form));
  g_assert_true (parse (TYPE, full, sizeof full - 3, &form));
}

static void
test_what_is_not_strict_is_refused (void)
{
  static const char *const bodies[] = {
    "",
    "--XX",
    "--XX--x",
    "--XX\n" HEAD ("a") "\r\n1\r\n" END,
    " " FIELD ("a", "1") END,
    "\r\n" FIELD ("a", "1") END,
    FIELD ("a", "1") END "x",
    FIELD ("a", "1") "--XX \r\n" HEAD ("b") "\r\n2\r\n" END,
    FIELD ("a", "1") "--XXY\r\n" HEAD ("b") "\r\n2\r\n" END,
    "--XX\r\n\r\n1\r\n" END,
    "--XX\r\nContent-Type: text/plain\r\n\r\n1\r\n" END,
    "--XX\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n" END,
    "--XX\r\nContent-Disposition: form-data\r\n\r\n1\r\n" END,
    "--XX\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n1\r\n" END,
    "--XX\r\nContent-Disposition: form-data; name=\"a\\\"b\"\r\n\r\n1\r\n" END,
    "--XX\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\n1\r\n" END,
    "--XX\r\nContent-Disposition: form-data; name=\"a\" x\r\n\r\n1\r\n" END,
    "--XX\r\n" HEAD ("a") HEAD ("b") "\r\n1\r\n" END,
    "--XX\r\n" HEAD ("a") "no name\r\n\r\n1\r\n" END,
    "--XX\r\n" HEAD ("a") "X: a\nb\r\n\r\n1\r\n" END,
    "--XX\r\n" HEAD ("a") "Content-Transfer-Encoding: base64\r\n\r\nMQ==\r\n" END,
  };
  static const char *const types[] = {
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=\"\"",
    "multipart/form-data; boundary=XX; boundary=YY",
    "multipart/form-data; boundary=XX x",
    "multipart/form-data; boundary=\"XX",
    ("multipart/form-data; boundary="
     "01234567890123456789012345678901234567890123456789012345678901234567890"),
  };
  WeirForm form;

  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    g_assert_false (parse (TYPE, bodies[i], strlen (bodies[i]), &form));
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    g_assert_false (parse (types[i], full, sizeof full - 1, &form));
  g_assert_true (parse ("multipart/form-data; charset=utf-8; boundary=\"XX\"", full,
                        sizeof full - 1, &form));
  g_assert_true (parse (TYPE, "--XX--", 6, &form));
}

static void
test_fields_are_counted (void)
{
  g_autoptr (GString) body = g_string_new (NULL);
  WeirForm form;

  for (unsigned i = 0; i < WEIR_FORM_FIELDS_MAX; i++)
    g_string_append (body, FIELD ("a", ""));
  g_string_append (body, END);
  g_assert_true (parse (TYPE, body->str, body->len, &form));
  g_string_prepend (body, FIELD ("a", ""));
  g_assert_false (parse (TYPE, body->str, body->len, &form));
}

static void
test_types_of_forms (void)
{
  g_assert_true (weir_form_is_type (WEIR_SLICE (TYPE)));
  g_assert_true (weir_form_is_type (WEIR_SLICE ("Multipart/Form-Data")));
  g_assert_false (weir_form_is_type (WEIR_SLICE ("")));
  g_assert_false (weir_form_is_type (WEIR_SLICE ("multipart/form-data2")));
  g_assert_false (weir_form_is_type (WEIR_SLICE ("application/json")));
}

static char *
to_json (const char *body)
{
  g_autoptr (GBytes) json = NULL;
  g_autoptr (GError) error = NULL;
  WeirForm form;
  gsize length;
  const char *text;

  g_assert_true (parse (TYPE, body, strlen (body), &form));
  json = weir_openai_images_form_to_json (&form, &error);
  if (json == NULL)
    {
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST);
      return NULL;
    }
  text = g_bytes_get_data (json, &length);
  return g_strndup (text, length);
}

static void
test_a_form_says_what_json_would (void)
{
  g_autofree char *json
      = to_json (FIELD ("prompt", "a \"b\"") FIELD ("n", "2") FIELD ("stream", "true")
                     FIELD ("image", "GIF8") FIELD ("mask", "\x89PNG")
                         FIELD ("image[0]", "RIFFx") END);

  g_assert_cmpstr (
      json, ==,
      "{\"prompt\":\"a \\\"b\\\"\",\"n\":2,\"stream\":true,"
      "\"mask\":{\"image_url\":\"data:image/png;base64,iVBORw==\"},\"images\":["
      "{\"image_url\":\"data:image/gif;base64,R0lGOA==\"},"
      "{\"image_url\":\"data:image/webp;base64,UklGRng=\"}]}");
}

static void
test_what_json_could_not_say_is_refused (void)
{
  static const char *const bodies[] = {
    FIELD ("n", "two") END,
    FIELD ("n", "-1") END,
    FIELD ("n", "") END,
    FIELD ("stream", "TRUE") END,
    FIELD ("prompt", "\xff") END,
    FIELD ("prompt", "a") FIELD ("prompt", "b") END,
    FIELD ("mask", "a") FIELD ("mask", "b") END,
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    g_assert_null (to_json (bodies[i]));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/images-form/fields-are-the-bytes-between",
                   test_fields_are_the_bytes_between);
  g_test_add_func ("/images-form/no-prefix-is-a-form", test_no_prefix_is_a_form);
  g_test_add_func ("/images-form/what-is-not-strict-is-refused",
                   test_what_is_not_strict_is_refused);
  g_test_add_func ("/images-form/fields-are-counted", test_fields_are_counted);
  g_test_add_func ("/images-form/types-of-forms", test_types_of_forms);
  g_test_add_func ("/images-form/a-form-says-what-json-would",
                   test_a_form_says_what_json_would);
  g_test_add_func ("/images-form/what-json-could-not-say-is-refused",
                   test_what_json_could_not_say_is_refused);
  return g_test_run ();
}
