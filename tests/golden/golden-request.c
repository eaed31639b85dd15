/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests: what a client's body becomes for each upstream, and what must hold of all of
 * them whatever it becomes. */

#include "config.h"

#include "golden.h"

#include "base/weir-error.h"
#include "chat/weir-translation.h"

/* What an upstream may be told depends on its model: cases whose name begins with `next-`
 * are said to the newer ones. */
static const char *const models[][WEIR_DIALECT_LAST] = {
  { "gpt-4.1", "gpt-5", "claude-sonnet-4-5", "gemini-2.5-pro" },
  { "gpt-5.2", "gpt-4.1", "claude-opus-4-6", "gemini-3-pro-preview" },
};

/* After one of these losses the conversation may differ. */
static const char *const telling_losses[] = {
  "part",          "call-without-result", "call-arguments",
  "refusal",       "empty-text",          "image-url",
  "media-context", "system-position",     "result-media",
  "prefill",       "response-format",     "citations",
  "media-name",    "tool-scope-text",     "provider-tool",
};

static WeirAnswerForm
form_of (gboolean stream)
{
  return stream ? WEIR_ANSWER_SSE : WEIR_ANSWER_WHOLE;
}

typedef struct
{
  const char *path; /* (unowned) */
  WeirDialect client;
  GBytes *body;             /* (unowned) */
  const char *const *names; /* of models, by dialect */
} Case;

static const char *const *
pick_models (const char *name)
{
  return models[g_str_has_prefix (name, "next-") ? 1 : 0];
}

static WeirTranslation *
read_body (
    const Case *self, WeirDialect dialect, GBytes *body, gboolean stream, GError **error)
{
  return weir_translation_new (body,
                               &(WeirTranslationOptions){
                                   .client = dialect,
                                   .model = self->names[dialect],
                                   .path_model = dialect == WEIR_DIALECT_GEMINI,
                                   .stream = stream,
                                   .form = form_of (stream),
                                   .id = "golden",
                               },
                               error);
}

static WeirSlice
slice_of (GBytes *bytes)
{
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  return (WeirSlice){ text, length };
}

static char *
print_refusal (const GError *error)
{
  return g_strdup_printf ("refused: %s: %s\n",
                          weir_error_get_info (weir_error_get_code (error))->code,
                          error->message);
}

static gboolean
is_same_document (GBytes *a, GBytes *b)
{
  g_autofree char *first = golden_normalise_json (slice_of (a));
  g_autofree char *second = golden_normalise_json (slice_of (b));

  return g_strcmp0 (first, second) == 0;
}

/* What @request becomes for @upstream; *@out_whole (nullable result): the body that
 * asks for a whole answer. */
static char *
translate (Golden *self,
           const Case *request,
           WeirDialect upstream,
           GBytes **out_whole,
           char **out_losses)
{
  g_autoptr (GError) error = NULL;
  const WeirDialect client = request->client;
  g_autoptr (WeirTranslation) whole
      = read_body (request, client, request->body, FALSE, &error);
  g_autoptr (WeirTranslation) stream
      = read_body (request, client, request->body, TRUE, NULL);
  g_autoptr (GBytes) streamed = NULL;
  g_autofree char *document = NULL;
  g_autofree char *changes = NULL;

  if (whole != NULL)
    *out_whole = weir_translation_write (whole, upstream, request->names[upstream], &error);
  if (error != NULL)
    {
      if (whole != NULL)
        golden_note_refusal (self, client, upstream, error->message);
      return print_refusal (error);
    }
  *out_losses = g_strdup (weir_translation_get_losses (whole));
  golden_note_losses (self, "lost", client, upstream, *out_losses);
  streamed = weir_translation_write (stream, upstream, request->names[upstream], &error);
  if (streamed == NULL)
    return g_strdup_printf ("only whole: %s\n", error->message);
  changes = golden_print_changes (slice_of (*out_whole), slice_of (streamed));
  if (is_same_document (*out_whole, request->body))
    document = g_strdup ("as it came\n");
  else
    document = golden_print_json (slice_of (*out_whole));
  return g_strdup_printf ("%s%s%s%s%s", *out_losses != NULL ? "losses: " : "",
                          *out_losses != NULL ? *out_losses : "",
                          *out_losses != NULL ? "\n" : "", document, changes);
}

static gboolean
is_told (const char *losses)
{
  g_auto (GStrv) words = g_strsplit (losses != NULL ? losses : "", ",", -1);

  for (unsigned i = 0; i < G_N_ELEMENTS (telling_losses); i++)
    if (g_strv_contains ((const char *const *)words, telling_losses[i]))
      return TRUE;
  return FALSE;
}

static gboolean
has_user (const WeirRequest *request)
{
  const WeirMessage *message = request->messages;

  while (message != NULL
         && (message->role != WEIR_ROLE_USER || message->parts == NULL
             || (message->plain && message->parts->text.length == 0)))
    message = message->next;
  return message != NULL;
}

/* Names that every dialect takes: others are mapped, and only an answer brings them back.
 */
static gboolean
has_plain_names (const WeirRequest *request)
{
  for (const WeirTool *tool = request->tools; tool != NULL; tool = tool->next)
    {
      if (tool->name.length + tool->scope.length > 60)
        return FALSE;
      for (size_t i = 0; i < tool->name.length; i++)
        if (!g_ascii_isalnum (tool->name.text[i])
            && strchr ("_-", tool->name.text[i]) == NULL)
          return FALSE;
    }
  return TRUE;
}

/* NULL, or (transfer full) how the conversation changed on its way to @upstream and back.
 * One without a user's turn gets one where the upstream insists. */
static char *
find_change (const Case *request, WeirDialect upstream, GBytes *written)
{
  const WeirDialect client = request->client;
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirTranslation) first
      = read_body (request, client, request->body, FALSE, NULL);
  g_autoptr (WeirTranslation) second
      = read_body (request, upstream, written, FALSE, &error);
  g_autoptr (WeirTranslation) third = NULL;
  g_autoptr (GBytes) back = NULL;
  g_autofree char *said = golden_digest_request (weir_translation_get_request (first));
  g_autofree char *heard = NULL;
  g_autofree char *returned = NULL;

  if (second == NULL)
    return g_strdup_printf ("our own reader refuses it: %s", error->message);
  if (!has_user (weir_translation_get_request (first))
      || !has_plain_names (weir_translation_get_request (first)))
    return NULL;
  heard = golden_digest_request (weir_translation_get_request (second));
  if (strcmp (said, heard) != 0)
    return g_strdup_printf ("said:\n%s\nheard:\n%s", said, heard);
  back = weir_translation_write (second, client, request->names[client], &error);
  if (back == NULL && g_error_matches (error, WEIR_ERROR, WEIR_ERROR_UNSUPPORTED))
    return NULL; /* told as well, and louder */
  if (back == NULL)
    return g_strdup_printf ("it cannot come back: %s", error->message);
  if (is_told (weir_translation_get_losses (second)))
    return NULL;
  third = read_body (request, client, back, FALSE, &error);
  if (third == NULL)
    return g_strdup_printf ("what came back cannot be read: %s", error->message);
  returned = golden_digest_request (weir_translation_get_request (third));
  if (strcmp (said, returned) != 0)
    return g_strdup_printf ("said:\n%s\ncame back:\n%s", said, returned);
  return NULL;
}

/* Writing for the own dialect twice is writing once. */
static char *
find_drift (const Case *request, GBytes *written)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirTranslation) again
      = read_body (request, request->client, written, FALSE, &error);
  g_autoptr (GBytes) twice = NULL;
  g_autofree char *once_text = NULL;
  g_autofree char *twice_text = NULL;

  if (again == NULL)
    return g_strdup_printf ("our own reader refuses it: %s", error->message);
  twice = weir_translation_write (again, request->client, request->names[request->client],
                                  &error);
  if (twice == NULL)
    return g_strdup_printf ("it cannot be written again: %s", error->message);
  if (is_same_document (written, twice))
    return NULL;
  once_text = golden_print_json (slice_of (written));
  twice_text = golden_print_json (slice_of (twice));
  return g_strdup_printf ("once:\n%s\ntwice:\n%s", once_text, twice_text);
}

/* Each prefix is refused, in words. */
static const char *
find_broken_prefix (const Case *request)
{
  const WeirSlice text = slice_of (request->body);
  size_t end = text.length;

  while (end > 0 && strchr (" \n", text.text[end - 1]) != NULL)
    end--;
  for (size_t length = 0; length < end; length++)
    {
      g_autoptr (GBytes) prefix = g_bytes_new (text.text, length);
      g_autoptr (GError) error = NULL;
      g_autoptr (WeirTranslation) translation
          = read_body (request, request->client, prefix, FALSE, &error);

      if (translation != NULL)
        return "a prefix of it is a request";
      if (error == NULL || error->domain != WEIR_ERROR)
        return "a prefix of it fails without a word";
    }
  return NULL;
}

static void
check_pair (Golden *self, const Case *request, WeirDialect upstream, GPtrArray *sections)
{
  const WeirDialect client = request->client;
  const char *target = weir_protocol_get (upstream)->name;
  g_autoptr (GBytes) written = NULL;
  g_autofree char *losses = NULL;
  g_autofree char *why = NULL;
  g_autofree char *name = NULL;

  if (!weir_translation_is_possible (client, upstream))
    {
      golden_sections_take (sections, target, NULL);
      return;
    }
  golden_sections_take (sections, target,
                        translate (self, request, upstream, &written, &losses));
  if (written == NULL)
    return;
  if (client == upstream)
    {
      name = g_strdup_printf ("%s: written twice is written once", request->path);
      why = find_drift (request, written);
      golden_point (self, name, why);
    }
  else if (!is_told (losses) && weir_translation_is_possible (upstream, client))
    {
      name = g_strdup_printf ("%s: %s and back keeps the conversation", request->path,
                              target);
      why = find_change (request, upstream, written);
      golden_point (self, name, why);
    }
}

void
golden_check_request (Golden *self, WeirDialect dialect, const char *name)
{
  g_autofree char *path
      = g_strdup_printf ("requests/%s/%s", weir_protocol_get (dialect)->name, name);
  g_autofree char *file = g_strconcat (path, ".json", NULL);
  g_autofree char *survives = g_strconcat (path, ": every prefix is refused", NULL);
  g_autoptr (GBytes) body = golden_read (self, file);
  g_autoptr (GPtrArray) sections = golden_sections_new ();
  const Case request
      = { .path = path, .client = dialect, .body = body, .names = pick_models (name) };

  for (unsigned i = 0; i < WEIR_DIALECT_LAST; i++)
    check_pair (self, &request, (WeirDialect)i, sections);
  golden_compare (self, path, sections);
  if (weir_protocol_get (dialect)->read_request != NULL)
    golden_point (self, survives, find_broken_prefix (&request));
}
