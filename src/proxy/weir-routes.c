/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of paths, and the other ways in which tools spell their beginnings.  What is
 * not in it is 404, before a byte of a body is read. */

#include "config.h"

#include "proxy/weir-routes.h"

#define CHAT WEIR_DIALECT_OPENAI_CHAT
#define RESPONSES WEIR_DIALECT_OPENAI_RESPONSES
#define ANTHROPIC WEIR_DIALECT_ANTHROPIC
#define GEMINI WEIR_DIALECT_GEMINI

/* clang-format off */
static const WeirRoute routes[] = {
  /* method         path                         verb                     kind                   dialect    operation                     key    ?key=  name */
  { WEIR_HTTP_POST, "/v1/chat/completions",      NULL,                    WEIR_ROUTE_EXCHANGE,  CHAT,      WEIR_OPERATION_ANSWER,        TRUE,  FALSE, "POST /v1/chat/completions" },
  { WEIR_HTTP_POST, "/v1/completions",           NULL,                    WEIR_ROUTE_EXCHANGE,  CHAT,      WEIR_OPERATION_COMPLETIONS,   TRUE,  FALSE, "POST /v1/completions" },
  { WEIR_HTTP_POST, "/v1/embeddings",            NULL,                    WEIR_ROUTE_EXCHANGE,  CHAT,      WEIR_OPERATION_EMBEDDINGS,    TRUE,  FALSE, "POST /v1/embeddings" },
  { WEIR_HTTP_POST, "/v1/images/generations",    NULL,                    WEIR_ROUTE_EXCHANGE,  CHAT,      WEIR_OPERATION_IMAGE,         TRUE,  FALSE, "POST /v1/images/generations" },
  { WEIR_HTTP_POST, "/v1/images/edits",          NULL,                    WEIR_ROUTE_EXCHANGE,  CHAT,      WEIR_OPERATION_IMAGE_EDIT,    TRUE,  FALSE, "POST /v1/images/edits" },
  { WEIR_HTTP_POST, "/v1/responses",             NULL,                    WEIR_ROUTE_EXCHANGE,  RESPONSES, WEIR_OPERATION_ANSWER,        TRUE,  FALSE, "POST /v1/responses" },
  { WEIR_HTTP_POST, "/v1/responses/compact",     NULL,                    WEIR_ROUTE_EXCHANGE,  RESPONSES, WEIR_OPERATION_COMPACT,       TRUE,  FALSE, "POST /v1/responses/compact" },
  { WEIR_HTTP_POST, "/v1/responses/input_tokens", NULL,                   WEIR_ROUTE_EXCHANGE,  RESPONSES, WEIR_OPERATION_COUNT_TOKENS,  TRUE,  FALSE, "POST /v1/responses/input_tokens" },
  { WEIR_HTTP_GET,  "/v1/responses",             NULL,                    WEIR_ROUTE_WEBSOCKET, RESPONSES, WEIR_OPERATION_ANSWER,        TRUE,  FALSE, "GET /v1/responses" },
  { WEIR_HTTP_GET,  "/v1/responses/",            "",                      WEIR_ROUTE_RESPONSE,  RESPONSES, WEIR_OPERATION_ANSWER,  TRUE,  FALSE, "GET /v1/responses/:id" },
  { WEIR_HTTP_DELETE, "/v1/responses/",          "",                      WEIR_ROUTE_RESPONSE,  RESPONSES, WEIR_OPERATION_ANSWER,  TRUE,  FALSE, "DELETE /v1/responses/:id" },
  { WEIR_HTTP_GET,  "/v1/responses/",            "/input_items",          WEIR_ROUTE_RESPONSE,  RESPONSES, WEIR_OPERATION_ANSWER,  TRUE,  FALSE, "GET /v1/responses/:id/input_items" },
  { WEIR_HTTP_POST, "/v1/responses/",            "/cancel",               WEIR_ROUTE_RESPONSE,  RESPONSES, WEIR_OPERATION_ANSWER,  TRUE,  FALSE, "POST /v1/responses/:id/cancel" },
  { WEIR_HTTP_POST, "/v1/messages",              NULL,                    WEIR_ROUTE_EXCHANGE,  ANTHROPIC, WEIR_OPERATION_ANSWER,        TRUE,  FALSE, "POST /v1/messages" },
  { WEIR_HTTP_POST, "/v1/messages/count_tokens", NULL,                    WEIR_ROUTE_EXCHANGE,  ANTHROPIC, WEIR_OPERATION_COUNT_TOKENS,  TRUE,  FALSE, "POST /v1/messages/count_tokens" },
  { WEIR_HTTP_POST, "/v1beta/models/",           "generateContent",       WEIR_ROUTE_EXCHANGE,  GEMINI,    WEIR_OPERATION_ANSWER,        TRUE,  TRUE,  "POST /v1beta/models/:generateContent" },
  { WEIR_HTTP_POST, "/v1beta/models/",           "streamGenerateContent", WEIR_ROUTE_EXCHANGE,  GEMINI,    WEIR_OPERATION_STREAM,        TRUE,  TRUE,  "POST /v1beta/models/:streamGenerateContent" },
  { WEIR_HTTP_POST, "/v1beta/models/",           "countTokens",           WEIR_ROUTE_EXCHANGE,  GEMINI,    WEIR_OPERATION_COUNT_TOKENS,  TRUE,  TRUE,  "POST /v1beta/models/:countTokens" },
  { WEIR_HTTP_POST, "/v1/models/",               "generateContent",       WEIR_ROUTE_EXCHANGE,  GEMINI,    WEIR_OPERATION_ANSWER,        TRUE,  TRUE,  "POST /v1/models/:generateContent" },
  { WEIR_HTTP_POST, "/v1/models/",               "streamGenerateContent", WEIR_ROUTE_EXCHANGE,  GEMINI,    WEIR_OPERATION_STREAM,        TRUE,  TRUE,  "POST /v1/models/:streamGenerateContent" },
  { WEIR_HTTP_POST, "/v1/models/",               "countTokens",           WEIR_ROUTE_EXCHANGE,  GEMINI,    WEIR_OPERATION_COUNT_TOKENS,  TRUE,  TRUE,  "POST /v1/models/:countTokens" },
  { WEIR_HTTP_GET,  "/v1/models",                NULL,                    WEIR_ROUTE_MODELS,    CHAT,      WEIR_OPERATION_ANSWER,        TRUE,  TRUE,  "GET /v1/models" },
  { WEIR_HTTP_GET,  "/v1/models/",               "",                      WEIR_ROUTE_MODEL,     CHAT,      WEIR_OPERATION_ANSWER,        TRUE,  TRUE,  "GET /v1/models/:id" },
  { WEIR_HTTP_GET,  "/v1beta/models",            NULL,                    WEIR_ROUTE_MODELS,    GEMINI,    WEIR_OPERATION_ANSWER,        TRUE,  TRUE,  "GET /v1beta/models" },
  { WEIR_HTTP_GET,  "/v1beta/models/",           "",                      WEIR_ROUTE_MODEL,     GEMINI,    WEIR_OPERATION_ANSWER,        TRUE,  TRUE,  "GET /v1beta/models/:id" },
  { WEIR_HTTP_GET,  "/healthz",                  NULL,                    WEIR_ROUTE_CONTROL,   CHAT,      WEIR_OPERATION_ANSWER,        FALSE, FALSE, "GET /healthz" },
  { WEIR_HTTP_GET,  "/",                         NULL,                    WEIR_ROUTE_CONTROL,   CHAT,      WEIR_OPERATION_ANSWER,        FALSE, FALSE, "GET /" },
  { .path = NULL },
};
/* clang-format on */

/* Base addresses that tools are given, or make of one: without the version, with it twice,
 * and those of vendors' own programs. */
static const struct
{
  const char *from;
  const char *to;
} spellings[] = {
  { "/v1/v1/", "/v1/" },
  { "/v1/v1beta/", "/v1beta/" },
  { "/v1beta/v1beta/", "/v1beta/" },
  { "/v1beta/openai/", "/v1/" },
  { "/v1alpha/", "/v1beta/" },
  { "/v1/publishers/google/", "/v1beta/" },
  { "/v1beta1/publishers/google/", "/v1beta/" },
  { "/v1beta1/", "/v1beta/" },
  { "/backend-api/codex/", "/v1/" },
  { "/chat/", "/v1/chat/" },
  { "/completions", "/v1/completions" },
  { "/embeddings", "/v1/embeddings" },
  { "/images/", "/v1/images/" },
  { "/messages", "/v1/messages" },
  { "/models", "/v1/models" },
  { "/responses", "/v1/responses" },
};

/* `model:generateContent` and its like: a verb's path, no model's name. */
static gboolean
ends_in_verb (WeirSlice path)
{
  for (const WeirRoute *route = routes; route->path != NULL; route++)
    if (route->verb != NULL && *route->verb != '\0')
      {
        WeirSlice verb = weir_slice_from_string (route->verb);

        if (weir_slice_has_suffix (path, verb)
            && path.text[path.length - verb.length - 1] == ':')
          return TRUE;
      }
  return FALSE;
}

/* `..` is no model, however it is spelt. */
static gboolean
is_dots (WeirSlice model)
{
  g_autofree char *text = NULL;

  if (*model.text != '.' && *model.text != '%')
    return FALSE;
  text = weir_http_percent_decode (model);
  return text == NULL || strspn (text, ".") == strlen (text);
}

static gboolean
is_fixed (WeirSlice path)
{
  for (const WeirRoute *route = routes; route->path != NULL; route++)
    if (route->verb == NULL
        && weir_slice_equal (path, weir_slice_from_string (route->path)))
      return TRUE;
  return FALSE;
}

/* Is @rest an id with @verb behind it?  Nobody's ids need escapes. */
static gboolean
is_id (WeirSlice rest, WeirSlice verb, WeirSlice *out_id)
{
  if (!weir_slice_has_suffix (rest, verb))
    return FALSE;
  rest.length -= verb.length;
  for (size_t i = 0; i < rest.length; i++)
    if (!g_ascii_isalnum (rest.text[i]) && memchr ("_-.:", rest.text[i], 4) == NULL)
      return FALSE;
  if (rest.length == 0)
    return FALSE;
  *out_id = rest;
  return TRUE;
}

/* Does @path belong to @route, whatever the method? */
static gboolean
is_at (const WeirRoute *route, WeirSlice path, WeirSlice *out_model)
{
  WeirSlice start = weir_slice_from_string (route->path);
  WeirSlice rest;
  const char *colon;

  if (route->verb == NULL)
    return weir_slice_equal (path, start);
  if (!weir_slice_has_prefix (path, start) || path.length == start.length)
    return FALSE;
  rest = (WeirSlice){ path.text + start.length, path.length - start.length };
  if (route->dialect == RESPONSES)
    return !is_fixed (path)
           && is_id (rest, weir_slice_from_string (route->verb), out_model);
  colon = memrchr (rest.text, ':', rest.length);
  if (*route->verb == '\0' && ends_in_verb (path))
    return FALSE;
  if (*route->verb != '\0')
    {
      if (colon == NULL || colon == rest.text
          || !weir_slice_equal (
              (WeirSlice){ colon + 1, rest.length - (size_t)(colon + 1 - rest.text) },
              weir_slice_from_string (route->verb)))
        return FALSE;
      rest.length = (size_t)(colon - rest.text);
    }
  if (is_dots (rest))
    return FALSE;
  *out_model = rest;
  return TRUE;
}

/* A verb of Gemini's that is not served here is no method of a model's own path. */
static gboolean
is_other_verb (const WeirRoute *route, WeirSlice path)
{
  return route->kind == WEIR_ROUTE_MODEL && memchr (path.text, ':', path.length) != NULL;
}

static const WeirRoute *
match_exactly (WeirHttpMethod method,
               WeirSlice path,
               WeirSlice *out_model,
               const char **out_allow)
{
  static const char *const allows[] = { NULL,
                                        "GET, HEAD, OPTIONS",
                                        "POST, OPTIONS",
                                        "GET, HEAD, POST, OPTIONS",
                                        "DELETE, OPTIONS",
                                        "GET, HEAD, DELETE, OPTIONS",
                                        "POST, DELETE, OPTIONS",
                                        "GET, HEAD, POST, DELETE, OPTIONS" };
  unsigned taken = 0;
  WeirHttpMethod wanted = method == WEIR_HTTP_HEAD ? WEIR_HTTP_GET : method;

  *out_model = (WeirSlice){ NULL, 0 };
  *out_allow = NULL;
  for (const WeirRoute *route = routes; route->path != NULL; route++)
    if (is_at (route, path, out_model))
      {
        if (route->method == wanted)
          return route;
        if (method == WEIR_HTTP_POST && is_other_verb (route, path))
          continue;
        taken |= route->method == WEIR_HTTP_GET      ? 1
                 : route->method == WEIR_HTTP_POST   ? 2
                 : route->method == WEIR_HTTP_DELETE ? 4
                                                     : 0;
      }
  *out_allow = allows[taken];
  return NULL;
}

/* `/api/provider/NAME/...`, which is the same without it where a model is asked. */
static WeirSlice
skip_provider (WeirSlice path)
{
  const WeirSlice start = WEIR_SLICE ("/api/provider/");
  const char *slash;

  if (!weir_slice_has_prefix (path, start))
    return path;
  slash = memchr (path.text + start.length, '/', path.length - start.length);
  if (slash == NULL || slash == path.text + start.length
      || slash + 1 == path.text + path.length)
    return path;
  return (WeirSlice){ slash, path.length - (size_t)(slash - path.text) };
}

/* @path as the table spells it; NULL where it is no other spelling. */
static char *
dup_spelt (WeirSlice path)
{
  const WeirSlice rest = skip_provider (path);

  for (size_t i = 0; i < G_N_ELEMENTS (spellings); i++)
    {
      const size_t length = strlen (spellings[i].from);

      if (weir_slice_has_prefix (rest, (WeirSlice){ spellings[i].from, length }))
        return g_strdup_printf ("%s%.*s", spellings[i].to, (int)(rest.length - length),
                                rest.text + length);
    }
  return rest.length < path.length ? weir_slice_dup (rest) : NULL;
}

const WeirRoute *
weir_routes_match (WeirHttpMethod method,
                   WeirSlice path,
                   WeirSlice *out_model,
                   const char **out_allow)
{
  const WeirRoute *route = match_exactly (method, path, out_model, out_allow);
  g_autofree char *spelt = NULL;

  if (route != NULL || *out_allow != NULL)
    return route;
  spelt = dup_spelt (path);
  if (spelt == NULL)
    return NULL;
  route = match_exactly (method, weir_slice_from_string (spelt), out_model, out_allow);
  if (route != NULL && route->kind == WEIR_ROUTE_CONTROL)
    return NULL;
  if (out_model->length > 0) /* the ends are the same bytes */
    out_model->text = path.text + path.length - strlen (out_model->text);
  return route;
}

WeirSlice
weir_routes_split_group (WeirSlice path, WeirSlice *out_group)
{
  const WeirSlice start = WEIR_SLICE ("/g/");
  WeirSlice rest;
  const char *slash;

  *out_group = (WeirSlice){ NULL, 0 };
  if (!weir_slice_has_prefix (path, start))
    return path;
  rest = (WeirSlice){ path.text + start.length, path.length - start.length };
  slash = memchr (rest.text, '/', rest.length);
  if (slash == NULL || slash == rest.text)
    return path;
  *out_group = (WeirSlice){ rest.text, (size_t)(slash - rest.text) };
  return (WeirSlice){ slash, rest.length - out_group->length };
}

WeirDialect
weir_routes_guess_dialect (WeirSlice path)
{
  g_autofree char *spelt = NULL;
  WeirSlice group;

  path = weir_routes_split_group (path, &group);
  spelt = dup_spelt (path);
  if (spelt != NULL)
    path = weir_slice_from_string (spelt);
  if (weir_slice_has_prefix (path, WEIR_SLICE ("/v1/messages")))
    return ANTHROPIC;
  if (weir_slice_has_prefix (path, WEIR_SLICE ("/v1beta/"))
      || (weir_slice_has_prefix (path, WEIR_SLICE ("/v1/models/"))
          && memchr (path.text, ':', path.length) != NULL))
    return GEMINI;
  if (weir_slice_has_prefix (path, WEIR_SLICE ("/v1/responses")))
    return RESPONSES;
  return CHAT;
}

const WeirRoute *
weir_routes_get_all (void)
{
  return routes;
}
