/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The whole table of paths is walked. */

#include "config.h"

#include "proxy/weir-routes.h"

#define MODEL "org/gpt-5:free"

#define ID "resp_0123"

static const char *
get_name (const WeirRoute *route)
{
  return route->dialect == WEIR_DIALECT_OPENAI_RESPONSES ? ID : MODEL;
}

static char *
make_path (const WeirRoute *route)
{
  if (route->verb == NULL)
    return g_strdup (route->path);
  if (*route->verb == '\0' || *route->verb == '/')
    return g_strconcat (route->path, get_name (route), route->verb, NULL);
  return g_strconcat (route->path, MODEL ":", route->verb, NULL);
}

static const WeirRoute *
match (WeirHttpMethod method,
       const char *path,
       WeirSlice *out_model,
       const char **out_allow)
{
  return weir_routes_match (method, weir_slice_from_string (path), out_model, out_allow);
}

static const WeirRoute *
match_plainly (WeirHttpMethod method, const char *path)
{
  WeirSlice model;
  const char *allow;

  return match (method, path, &model, &allow);
}

static void
test_each_row_is_found_by_its_own_path (void)
{
  unsigned n = 0;

  for (const WeirRoute *route = weir_routes_get_all (); route->path != NULL; route++, n++)
    {
      g_autofree char *path = make_path (route);
      WeirSlice model;
      const char *allow;

      g_assert_true (match (route->method, path, &model, &allow) == route);
      g_assert_null (allow);
      if (route->verb != NULL)
        g_assert_true (weir_slice_equal (model, weir_slice_from_string (get_name (route))));
      else
        g_assert_cmpuint (model.length, ==, 0);
      if (route->method == WEIR_HTTP_GET)
        g_assert_true (match (WEIR_HTTP_HEAD, path, &model, &allow) == route);
      else
        g_assert_false (match (WEIR_HTTP_HEAD, path, &model, &allow) == route);
    }
  g_assert_cmpuint (n, >, 10);
}

static void
test_each_row_is_sound (void)
{
  for (const WeirRoute *route = weir_routes_get_all (); route->path != NULL; route++)
    {
      g_autofree char *method
          = g_strconcat (weir_http_method_get_name (route->method), " /", NULL);

      g_assert_true (g_str_has_prefix (route->name, method));
      g_assert_true (route->method == WEIR_HTTP_GET || route->method == WEIR_HTTP_POST
                     || route->kind == WEIR_ROUTE_RESPONSE);
      g_assert_true ((route->verb != NULL)
                     == (g_str_has_suffix (route->path, "/") && route->path[1] != '\0'));
      /* who asks a model, or what there is, shows a key */
      g_assert_true (route->needs_key == (route->kind != WEIR_ROUTE_CONTROL));
      /* a key in the address is Gemini's way alone; its lists share OpenAI's path */
      if (route->key_in_query)
        g_assert_true (route->dialect == WEIR_DIALECT_GEMINI
                       || route->kind == WEIR_ROUTE_MODELS
                       || route->kind == WEIR_ROUTE_MODEL);
      if (route->dialect == WEIR_DIALECT_GEMINI)
        g_assert_true (route->key_in_query);
    }
}

/* The Allow field says exactly the methods that are taken. */
static void
check_other_methods (const char *path)
{
  gboolean taken[WEIR_HTTP_METHOD_LAST];

  for (unsigned method = 0; method < WEIR_HTTP_METHOD_LAST; method++)
    taken[method] = match_plainly ((WeirHttpMethod)method, path) != NULL;
  for (unsigned method = 0; method < WEIR_HTTP_METHOD_LAST; method++)
    {
      WeirSlice model;
      const char *allow;
      g_auto (GStrv) allowed = NULL;

      if (match ((WeirHttpMethod)method, path, &model, &allow) != NULL)
        continue;
      g_assert_nonnull (allow);
      allowed = g_strsplit (allow, ", ", -1);
      for (unsigned other = 0; other < WEIR_HTTP_METHOD_LAST; other++)
        {
          const char *name = weir_http_method_get_name ((WeirHttpMethod)other);

          g_assert_true (g_strv_contains ((const char *const *)allowed, name)
                         == (taken[other] || other == WEIR_HTTP_OPTIONS));
        }
    }
}

static void
test_a_wrong_method_is_told_the_right_ones (void)
{
  for (const WeirRoute *route = weir_routes_get_all (); route->path != NULL; route++)
    {
      /* POST on a model with a colon asks for a verb */
      g_autofree char *path = route->kind == WEIR_ROUTE_MODEL
                                  ? g_strconcat (route->path, "a", NULL)
                                  : make_path (route);

      check_other_methods (path);
    }
}

static void
check_escaped (const WeirRoute *route, const char *path, size_t at)
{
  g_autofree char *upper
      = g_strdup_printf ("%.*s%%%02X%s", (int)at, path, path[at], path + at + 1);
  g_autofree char *lower
      = g_strdup_printf ("%.*s%%%02x%s", (int)at, path, path[at], path + at + 1);

  g_assert_null (match_plainly (route->method, upper));
  g_assert_null (match_plainly (route->method, lower));
}

static void
test_no_other_spelling_is_found (void)
{
  for (const WeirRoute *route = weir_routes_get_all (); route->path != NULL; route++)
    {
      g_autofree char *path = make_path (route);
      size_t n_fixed = strlen (route->path);
      const char *verb = route->verb != NULL
                             ? strstr (path, get_name (route)) + strlen (get_name (route))
                             : NULL;

      for (size_t at = 0; path[at] != '\0'; at++)
        {
          g_autofree char *upper = g_strdup (path);

          if (at >= n_fixed && (verb == NULL || path + at < verb))
            continue;
          check_escaped (route, path, at);
          upper[at] = g_ascii_toupper (upper[at]);
          if (upper[at] != path[at])
            g_assert_null (match_plainly (route->method, upper));
        }
      if (route->verb == NULL || *route->verb != '\0')
        {
          g_autofree char *longer = g_strconcat (path, "/", NULL);
          g_autofree char *other = g_strconcat (path, "x", NULL);

          g_assert_null (match_plainly (route->method, longer));
          g_assert_null (match_plainly (route->method, other));
        }
    }
}

static void
test_unknown_paths_are_nobodys (void)
{
  static const char *const paths[] = {
    "",
    "*",
    "//",
    "/v1",
    "/v1/",
    "/v1/models/",
    "/v1beta/models/",
    "/v1beta",
    "/v1/chat",
    "/v1/chat/completions/1",
    "/v2/messages",
    "/v1beta/chat/completions",
    "/v1/v1/v1/messages",
    "/v1/v1/",
    "/completionsx",
    "/chat/completions/1",
    "/models/",
    "/api/provider/",
    "/api/provider/anthropic",
    "/api/provider//v1/messages",
    "/api/provider/anthropic/",
    "/api/provider/a/b/v1/messages",
    "/v1beta/openai/",
    "/api/provider/anthropic/nowhere",
    "/favicon.ico",
    "/healthz/",
    " /healthz",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    for (unsigned method = 0; method < WEIR_HTTP_METHOD_LAST; method++)
      {
        WeirSlice model;
        const char *allow = "";

        g_assert_null (match ((WeirHttpMethod)method, paths[i], &model, &allow));
        g_assert_null (allow);
      }
}

static void
test_a_model_ends_at_the_last_colon (void)
{
  WeirSlice model;
  const char *allow;

  g_assert_nonnull (
      match (WEIR_HTTP_POST, "/v1beta/models/a:b:countTokens", &model, &allow));
  g_assert_true (weir_slice_equal (model, WEIR_SLICE ("a:b")));
  g_assert_nonnull (
      match (WEIR_HTTP_POST, "/v1beta/models/a%2Fb%3Ac:generateContent", &model, &allow));
  g_assert_true (weir_slice_equal (model, WEIR_SLICE ("a%2Fb%3Ac")));
  g_assert_null (match_plainly (WEIR_HTTP_POST, "/v1beta/models/:generateContent"));
  g_assert_null (match_plainly (WEIR_HTTP_POST, "/v1beta/models/a"));
  g_assert_null (match_plainly (WEIR_HTTP_POST, "/v1beta/models/a:"));
  g_assert_null (match_plainly (WEIR_HTTP_POST, "/v1beta/models/a:generatecontent"));
}

/* What tools make of the base address that they were given. */
static void
test_other_spellings_are_the_same_routes (void)
{
  static const struct
  {
    const char *path;
    const char *name;
    const char *model;
  } rows[] = {
    { "/chat/completions", "POST /v1/chat/completions", "" },
    { "/v1/v1/chat/completions", "POST /v1/chat/completions", "" },
    { "/v1beta/openai/chat/completions", "POST /v1/chat/completions", "" },
    { "/v1/v1/messages", "POST /v1/messages", "" },
    { "/v1/v1/messages/count_tokens", "POST /v1/messages/count_tokens", "" },
    { "/responses", "POST /v1/responses", "" },
    { "/backend-api/codex/responses/compact", "POST /v1/responses/compact", "" },
    { "/api/provider/anthropic/v1/messages", "POST /v1/messages", "" },
    { "/api/provider/openai/v1/responses", "POST /v1/responses", "" },
    { "/api/provider/openai/chat/completions", "POST /v1/chat/completions", "" },
    { "/api/provider/google/v1beta/models/a:b:generateContent",
      "POST /v1beta/models/:generateContent", "a:b" },
    { "/api/provider/google/v1beta1/publishers/google/models/a:streamGenerateContent",
      "POST /v1beta/models/:streamGenerateContent", "a" },
    { "/v1beta/v1beta/models/a%2Fb:countTokens", "POST /v1beta/models/:countTokens",
      "a%2Fb" },
    { "/v1alpha/models/a:generateContent", "POST /v1beta/models/:generateContent", "a" },
    { "/models/a:generateContent", "POST /v1/models/:generateContent", "a" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const WeirSlice path = weir_slice_from_string (rows[i].path);
      WeirSlice model;
      const char *allow;
      const WeirRoute *route = match (WEIR_HTTP_POST, rows[i].path, &model, &allow);

      g_assert_nonnull (route);
      g_assert_cmpstr (route->name, ==, rows[i].name);
      g_assert_true (weir_slice_equal (model, weir_slice_from_string (rows[i].model)));
      if (model.length > 0)
        g_assert_true (model.text >= path.text
                       && model.text + model.length <= path.text + path.length);
      g_assert_cmpint (weir_routes_guess_dialect (path), ==, route->dialect);
      g_assert_null (match (WEIR_HTTP_DELETE, rows[i].path, &model, &allow));
      g_assert_nonnull (allow);
    }
  g_assert_null (match_plainly (WEIR_HTTP_GET, "/api/provider/anthropic/healthz"));
  g_assert_cmpint (match_plainly (WEIR_HTTP_GET, "/models")->kind, ==, WEIR_ROUTE_MODELS);
  g_assert_cmpint (match_plainly (WEIR_HTTP_GET, "/v1/v1/models/a")->kind, ==,
                   WEIR_ROUTE_MODEL);
}

/* A model's own path may have a colon, and a verb that is not served is no model. */
static void
test_a_verb_that_is_not_served_is_no_path (void)
{
  WeirSlice model;
  const char *allow;

  g_assert_null (match (WEIR_HTTP_POST, "/v1beta/models/a:embedContent", &model, &allow));
  g_assert_null (allow);
  g_assert_nonnull (match (WEIR_HTTP_GET, "/v1beta/models/a:8b", &model, &allow));
  g_assert_null (match (WEIR_HTTP_DELETE, "/v1beta/models/a:8b", &model, &allow));
  g_assert_cmpstr (allow, ==, "GET, HEAD, OPTIONS");
}

/* What stands at a path of its own is nobody's id, and an id is one segment. */
static void
test_an_id_is_no_path (void)
{
  g_assert_null (match_plainly (WEIR_HTTP_GET, "/v1/responses/compact"));
  g_assert_null (match_plainly (WEIR_HTTP_DELETE, "/v1/responses/input_tokens"));
  g_assert_null (match_plainly (WEIR_HTTP_GET, "/v1/responses/"));
  g_assert_null (match_plainly (WEIR_HTTP_GET, "/v1/responses/a/b"));
  g_assert_null (match_plainly (WEIR_HTTP_GET, "/v1/responses//input_items"));
  g_assert_null (match_plainly (WEIR_HTTP_POST, "/v1/responses/a/b/cancel"));
  g_assert_cmpint (match_plainly (WEIR_HTTP_GET, "/v1/responses/input_items")->kind, ==,
                   WEIR_ROUTE_RESPONSE);
}

/* A refusal is told in the dialect of the route that was meant. */
static void
test_errors_speak_the_dialect_of_the_path (void)
{
  for (const WeirRoute *route = weir_routes_get_all (); route->path != NULL; route++)
    {
      g_autofree char *path = make_path (route);

      if (route->kind != WEIR_ROUTE_EXCHANGE)
        continue;
      g_assert_cmpint (weir_routes_guess_dialect (weir_slice_from_string (path)), ==,
                       route->dialect);
    }
  g_assert_cmpint (weir_routes_guess_dialect (WEIR_SLICE ("/v1/models/a")), ==,
                   WEIR_DIALECT_OPENAI_CHAT);
  g_assert_cmpint (weir_routes_guess_dialect (WEIR_SLICE ("/v1beta/models")), ==,
                   WEIR_DIALECT_GEMINI);
  g_assert_cmpint (weir_routes_guess_dialect (WEIR_SLICE ("")), ==,
                   WEIR_DIALECT_OPENAI_CHAT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/routes/each-row-is-found-by-its-own-path",
                   test_each_row_is_found_by_its_own_path);
  g_test_add_func ("/routes/each-row-is-sound", test_each_row_is_sound);
  g_test_add_func ("/routes/a-wrong-method-is-told-the-right-ones",
                   test_a_wrong_method_is_told_the_right_ones);
  g_test_add_func ("/routes/no-other-spelling-is-found", test_no_other_spelling_is_found);
  g_test_add_func ("/routes/unknown-paths-are-nobodys", test_unknown_paths_are_nobodys);
  g_test_add_func ("/routes/a-model-ends-at-the-last-colon",
                   test_a_model_ends_at_the_last_colon);
  g_test_add_func ("/routes/other-spellings-are-the-same-routes",
                   test_other_spellings_are_the_same_routes);
  g_test_add_func ("/routes/a-verb-that-is-not-served-is-no-path",
                   test_a_verb_that_is_not_served_is_no_path);
  g_test_add_func ("/routes/an-id-is-no-path", test_an_id_is_no_path);
  g_test_add_func ("/routes/errors-speak-the-dialect-of-the-path",
                   test_errors_speak_the_dialect_of_the_path);
  return g_test_run ();
}
