/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers: what an upstream's bytes become for each client, streamed and whole, and what
 * must hold of all of them whatever they become. */

#include "config.h"

#include "golden.h"

#include "base/weir-error.h"
#include "chat/weir-translation.h"

#define REQUEST_ID "golden"
#define CREATED_S 1700000000

typedef struct
{
  WeirDialect upstream;
  WeirAnswerForm upstream_form;
  GBytes *bytes; /* (unowned) */
  WeirDialect client;
  WeirAnswerForm form; /* that the client gets */
  GBytes *request;     /* (unowned) the client's */
  gboolean usual;      /* which asks for all that can be said */
} Pair;

typedef struct
{
  WeirAnswerState state;
  GString *output;
  char *losses; /* (nullable) */
  char *reason; /* (nullable) why it is no whole answer */
} Outcome;

static void
free_outcome (Outcome *outcome)
{
  g_string_free (outcome->output, TRUE);
  g_free (outcome->losses);
  g_free (outcome->reason);
  g_free (outcome);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Outcome, free_outcome)

static WeirSlice
slice_of (GBytes *bytes)
{
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  return (WeirSlice){ text, length };
}

static WeirTranslation *
new_translation (const Pair *pair)
{
  g_autoptr (GError) error = NULL;
  WeirTranslation *translation
      = weir_translation_new (pair->request,
                              &(WeirTranslationOptions){
                                  .client = pair->client,
                                  .model = "model-of-the-client",
                                  .path_model = pair->client == WEIR_DIALECT_GEMINI,
                                  .stream = pair->form != WEIR_ANSWER_WHOLE,
                                  .form = pair->form,
                                  .id = REQUEST_ID,
                                  .created_s = CREATED_S,
                              },
                              &error);

  if (translation == NULL)
    g_error ("the client's request: %s", error->message);
  return translation;
}

static void
fail (WeirTranslation *translation, Outcome *outcome, WeirError code, const char *message)
{
  outcome->reason = g_strdup_printf ("%s: %s", weir_error_get_info (code)->code, message);
  weir_translation_fail (translation, code, 0, message);
}

static void
end_answer (WeirDecoder *decoder, WeirTranslation *translation, Outcome *outcome)
{
  g_autoptr (GError) error = NULL;
  const GError *cut = weir_decoder_get_error (decoder);
  const char *type;
  const char *message;
  unsigned status;

  if (outcome->state == WEIR_ANSWER_FAILED)
    {
      weir_decoder_get_failure (decoder, &type, &message, &status);
      fail (translation, outcome, weir_error_from_status (status != 0 ? status : 502),
            *message != '\0' ? message : type);
    }
  else if (outcome->state != WEIR_ANSWER_COMPLETE)
    fail (translation, outcome, weir_error_get_code (cut), cut->message);
  else if (!weir_translation_end (translation, &error))
    fail (translation, outcome, weir_error_get_code (error), error->message);
}

/* Feeds the first @length bytes in pieces of @step.  Behind the first of several nobody
 * else would be asked any more: what is forgotten then must not be missed. */
static Outcome *
run (const Pair *pair, size_t length, size_t step, gboolean clean)
{
  Outcome *outcome = g_new0 (Outcome, 1);
  g_autoptr (WeirTranslation) translation = new_translation (pair);
  g_autoptr (WeirDecoder) decoder = NULL;
  const char *text = slice_of (pair->bytes).text;
  GString *output;
  size_t consumed;
  size_t boundary;

  weir_translation_begin (translation, pair->upstream);
  decoder = weir_decoder_new (pair->upstream, pair->upstream_form, weir_translation_sink,
                              translation);
  for (size_t at = 0; at < length; at += step)
    {
      if (!weir_decoder_feed (decoder, text + at, MIN (step, length - at), &consumed,
                              &boundary, NULL))
        break;
      if (at == 0 && step < length)
        weir_translation_settle (translation);
    }
  outcome->state = weir_decoder_finish (decoder, clean);
  end_answer (decoder, translation, outcome);
  output = weir_translation_get_output (translation);
  outcome->output = g_string_new_len (output->str, (gssize)output->len);
  outcome->losses = g_strdup (weir_translation_get_losses (translation));
  return outcome;
}

static Outcome *
run_all (const Pair *pair)
{
  return run (pair, g_bytes_get_size (pair->bytes), SIZE_MAX / 2, TRUE);
}

static char *
print_outcome (const Pair *pair, const Outcome *outcome)
{
  const WeirSlice text = { outcome->output->str, outcome->output->len };
  GString *out = g_string_new (NULL);

  if (outcome->losses != NULL)
    g_string_append_printf (out, "losses: %s\n", outcome->losses);
  if (outcome->reason != NULL)
    g_string_append_printf (out, "failed: %s\n", outcome->reason);
  if (pair->form == WEIR_ANSWER_WHOLE && text.length > 0)
    {
      g_autofree char *document = golden_print_json (text);

      g_string_append (out, document);
    }
  else
    g_string_append_len (out, text.text, (gssize)text.length);
  return g_string_free (out, FALSE);
}

static void
on_event (const WeirEvent *event, gpointer fold)
{
  weir_fold_put (fold, event);
}

/* (transfer full): what our own decoder hears in @text. */
static char *
hear (WeirDialect dialect, WeirAnswerForm form, WeirSlice text)
{
  g_auto (WeirFold) fold = { 0 };
  g_autoptr (WeirDecoder) decoder = NULL;
  size_t consumed;
  size_t boundary;

  weir_fold_init (&fold);
  decoder = weir_decoder_new (dialect, form, on_event, &fold);
  (void)weir_decoder_feed (decoder, text.text, text.length, &consumed, &boundary, NULL);
  if (weir_decoder_finish (decoder, TRUE) != WEIR_ANSWER_COMPLETE)
    {
      const GError *error = weir_decoder_get_error (decoder);

      return g_strdup_printf ("no answer: %s", error != NULL ? error->message : "failed");
    }
  return golden_digest_answer (&fold);
}

/* Any pieces give the same bytes. */
static const char *
find_cut (const Pair *pair, const Outcome *told)
{
  static const size_t steps[] = { 1, 2, 3, 5, 7, 13, 64, 171 };

  for (unsigned i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (Outcome) outcome
          = run (pair, g_bytes_get_size (pair->bytes), steps[i], TRUE);

      if (!g_string_equal (outcome->output, told->output)
          || g_strcmp0 (outcome->losses, told->losses) != 0)
        return "cut elsewhere it becomes something else";
    }
  return NULL;
}

/* No prefix of an answer is a whole one, and what a client got of it is the beginning of
 * what it gets of all.  Gemini has no last event: there a finish reason is enough. */
static const char *
find_broken_prefix (const Pair *pair, const Outcome *told)
{
  const WeirSlice text = slice_of (pair->bytes);
  size_t end = text.length;

  while (end > 0 && strchr (" \r\n", text.text[end - 1]) != NULL)
    end--;
  for (size_t length = 0; length < end; length += 1 + end / 150)
    {
      g_autoptr (Outcome) outcome = run (pair, length, 97, FALSE);

      if (outcome->state == WEIR_ANSWER_COMPLETE && told->state == WEIR_ANSWER_COMPLETE
          && pair->upstream != WEIR_DIALECT_GEMINI)
        return "a prefix of it is a whole answer";
      if (outcome->state != WEIR_ANSWER_COMPLETE && outcome->reason == NULL)
        return "a prefix of it fails without a word";
    }
  return NULL;
}

static char *
compare_heard (const Pair *pair, const Outcome *outcome)
{
  g_autofree char *said
      = hear (pair->upstream, pair->upstream_form, slice_of (pair->bytes));
  g_autofree char *heard = hear (pair->client, pair->form,
                                 (WeirSlice){ outcome->output->str, outcome->output->len });

  if (strcmp (said, heard) == 0)
    return NULL;
  return g_strdup_printf ("said:\n%s\nheard:\n%s", said, heard);
}

/* (transfer full): the events of @stream as elements of one array. */
static char *
print_as_array (const char *stream)
{
  g_auto (GStrv) events = g_strsplit (stream, "\n\n", -1);
  GString *out = g_string_new ("[");

  for (unsigned i = 0; events[i] != NULL; i++)
    {
      if (!g_str_has_prefix (events[i], "data: "))
        continue;
      if (i > 0)
        g_string_append_c (out, ',');
      g_string_append (out, events[i] + strlen ("data: "));
    }
  g_string_append_c (out, ']');
  return g_string_free (out, FALSE);
}

/* Who asks for a stream without alt=sse gets the same as an array. */
static void
check_array (Golden *self, const Pair *stream, const char *name, const Outcome *told)
{
  g_autofree char *same = g_strconcat (name, ": as an array it says the same", NULL);
  g_autofree char *cut = g_strconcat (name, ": any cut gives the same array", NULL);
  g_autofree char *wanted = print_as_array (told->output->str);
  g_autoptr (Outcome) outcome = NULL;
  Pair pair = *stream;

  pair.form = WEIR_ANSWER_ARRAY;
  outcome = run_all (&pair);
  golden_point (self, same,
                strcmp (outcome->output->str, wanted) == 0 && outcome->state == told->state
                        && g_strcmp0 (outcome->losses, told->losses) == 0
                    ? NULL
                    : outcome->output->str);
  golden_point (self, cut, find_cut (&pair, outcome));
}

static void
check_stream (Golden *self, const Pair *pair, const char *name, const Outcome *outcome)
{
  g_autofree char *cut = g_strconcat (name, ": any cut gives the same bytes", NULL);
  g_autofree char *prefix = g_strconcat (name, ": no prefix is an answer", NULL);

  golden_point (self, cut, find_cut (pair, outcome));
  golden_point (self, prefix, find_broken_prefix (pair, outcome));
  if (pair->client == WEIR_DIALECT_GEMINI && pair->form == WEIR_ANSWER_SSE)
    check_array (self, pair, name, outcome);
}

static char *
check_pair (Golden *self, const Pair *pair, const char *name, gboolean watch)
{
  g_autoptr (Outcome) outcome = run_all (pair);

  golden_note_losses (self, "answer", pair->client, pair->upstream, outcome->losses);
  if (watch)
    check_stream (self, pair, name, outcome);
  if (pair->usual && outcome->state == WEIR_ANSWER_COMPLETE && outcome->reason == NULL
      && outcome->losses == NULL)
    {
      g_autofree char *same = g_strconcat (name, ": the client hears what was said", NULL);
      g_autofree char *why = compare_heard (pair, outcome);

      golden_point (self, same, why);
    }
  return print_outcome (pair, outcome);
}

static void
check_client (
    Golden *self, Pair *pair, const char *path, GBytes *const bytes[2], GPtrArray *sections)
{
  const char *client = weir_protocol_get (pair->client)->name;
  g_autofree char *streamed = g_strdup_printf ("%s stream", client);
  g_autofree char *folded = g_strdup_printf ("%s whole of a stream", client);
  g_autofree char *whole = g_strdup_printf ("%s whole", client);
  g_autofree char *stream_name = g_strdup_printf ("%s: %s", path, streamed);
  g_autofree char *folded_name = g_strdup_printf ("%s: %s", path, folded);
  g_autofree char *whole_name = g_strdup_printf ("%s: %s", path, whole);
  const gboolean possible = weir_translation_is_possible (pair->client, pair->upstream);
  char *text = NULL;

  if (bytes[0] != NULL)
    {
      pair->bytes = bytes[0];
      pair->upstream_form = WEIR_ANSWER_SSE;
      pair->form = WEIR_ANSWER_SSE;
      golden_sections_take (sections, streamed,
                            possible ? check_pair (self, pair, stream_name, TRUE) : NULL);
      pair->form = WEIR_ANSWER_WHOLE;
      text = possible ? check_pair (self, pair, folded_name, FALSE) : NULL;
      golden_sections_take (sections, folded, text);
    }
  if (bytes[1] != NULL)
    {
      g_autofree char *other = NULL;

      pair->bytes = bytes[1];
      pair->upstream_form = WEIR_ANSWER_WHOLE;
      pair->form = WEIR_ANSWER_WHOLE;
      other = possible ? check_pair (self, pair, whole_name, TRUE) : NULL;
      golden_sections_take (sections, whole,
                            possible && g_strcmp0 (text, other) == 0
                                ? g_strdup ("as that of the stream\n")
                                : g_strdup (other));
    }
}

/* `for-KIND-NAME` is said to a client that asks otherwise than the usual one. */
static char *
find_client (WeirDialect dialect, const char *name)
{
  const char *client = weir_protocol_get (dialect)->name;
  g_auto (GStrv) words = g_strsplit (name, "-", 3);

  if (strcmp (words[0], "for") == 0)
    return g_strdup_printf ("clients/%s-%s.json", client, words[1]);
  return g_strdup_printf ("clients/%s.json", client);
}

void
golden_check_answer (Golden *self, WeirDialect dialect, const char *name)
{
  g_autofree char *path
      = g_strdup_printf ("answers/%s/%s", weir_protocol_get (dialect)->name, name);
  g_autofree char *stream = g_strconcat (path, ".sse", NULL);
  g_autofree char *whole = g_strconcat (path, ".json", NULL);
  GBytes *bytes[] = { golden_read (self, stream), golden_read (self, whole) };
  g_autoptr (GPtrArray) sections = golden_sections_new ();

  for (unsigned i = 0; i < WEIR_DIALECT_LAST; i++)
    {
      g_autofree char *file = find_client ((WeirDialect)i, name);
      g_autoptr (GBytes) request = golden_read (self, file);
      Pair pair = {
        .upstream = dialect,
        .client = (WeirDialect)i,
        .request = request,
        .usual = !g_str_has_prefix (name, "for-"),
      };

      if (request == NULL)
        g_error ("%s is missing", file);
      check_client (self, &pair, path, bytes, sections);
    }
  golden_compare (self, path, sections);
  g_clear_pointer (&bytes[0], g_bytes_unref);
  g_clear_pointer (&bytes[1], g_bytes_unref);
}
