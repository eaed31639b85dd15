/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests written for Gemini upstreams (generateContent, API reference, read 2026-10).
 * The model's name and whether to stream stand in the path, not here.
 *
 * A request that was Gemini's already is its own bytes but for what must not go on as it
 * is: parts with another vendor's signature, and thinking that a model's name beats.  Every
 * other is written from the fields. */

#include "config.h"

#include "chat/weir-gemini-writer.h"

#include "base/weir-json-edit.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-thinking.h"

static gboolean
is_instruction (const WeirMessage *message)
{
  return message->role == WEIR_ROLE_SYSTEM || message->role == WEIR_ROLE_DEVELOPER;
}

/* The first message that is no instruction at the beginning.  Where there are only
 * instructions, those that stood in the list are what the model is to answer. */
static const WeirMessage *
find_conversation (const WeirRequest *request)
{
  const WeirMessage *message = request->messages;

  while (message != NULL && is_instruction (message))
    message = message->next;
  if (message != NULL)
    return message;
  message = request->messages;
  while (message != NULL && message->top)
    message = message->next;
  return message;
}

/* Instructions are text. */
static void
write_system (WeirGeminiWriter *self, const WeirMessage *end)
{
  gboolean open = FALSE;

  self->message = 0;
  for (const WeirMessage *message = self->request->messages; message != end;
       message = message->next, self->message++)
    {
      self->part = 0;
      for (const WeirPart *part = message->parts; part != NULL;
           part = part->next, self->part++)
        {
          if (part->cache.said == WEIR_YES)
            weir_gemini_writer_report (self, WEIR_LOSS_CACHE_MARK);
          if (part->type != WEIR_PART_TEXT)
            weir_gemini_writer_report (self, WEIR_LOSS_SYSTEM_MEDIA);
          if (part->type != WEIR_PART_TEXT || part->text.length == 0)
            continue;
          if (!open)
            {
              weir_json_open (&self->json, "systemInstruction");
              weir_json_open_array (&self->json, "parts");
              open = TRUE;
            }
          weir_json_open (&self->json, NULL);
          weir_json_add_escaped (&self->json, "text", part->text);
          weir_json_close (&self->json);
        }
    }
  if (!open)
    return;
  weir_json_close (&self->json);
  weir_json_close (&self->json);
}

/* What a message says besides its parts. */
static void
report_message (WeirGeminiWriter *self, const WeirMessage *message)
{
  const WeirWriteOptions *options = self->options;
  const struct
  {
    gboolean is_said;
    const char *loss;
  } losses[] = {
    { message->name.length > 0, WEIR_LOSS_MESSAGE_NAME },
    { message->phase.length > 0, WEIR_LOSS_MESSAGE_PHASE },
    { message->cache.said == WEIR_YES, WEIR_LOSS_CACHE_MARK },
    { is_instruction (message), WEIR_LOSS_SYSTEM_POSITION },
  };
  g_autofree char *where = NULL;

  if (options->on_loss == NULL)
    return;
  where = g_strdup_printf ("messages[%u]", self->message);
  for (size_t i = 0; i < G_N_ELEMENTS (losses); i++)
    if (losses[i].is_said)
      options->on_loss (losses[i].loss, where, options->user_data);
  weir_loss_report_unknown (options->on_loss, options->user_data, message->unknown, where);
}

/* What the user says where nobody has said anything: no contents are refused. */
#define NOTHING_SAID WEIR_SLICE ("Continue.")

typedef enum
{
  PASS_RESULTS,
  PASS_REST,
} Pass;

/* Results stand first in a user's turn: the service wants all of a batch of calls in the
 * content behind it, whatever else the user says. */
static gboolean
write_message (WeirGeminiWriter *self,
               const WeirMessage *message,
               WeirGeminiSide side,
               Pass pass,
               GError **error)
{
  self->part = 0;
  if (pass == PASS_REST)
    report_message (self, message);
  for (const WeirPart *part = message->parts; part != NULL; part = part->next, self->part++)
    {
      const gboolean is_result = part->type == WEIR_PART_RESULT;

      if (is_result && pass == PASS_REST)
        {
          if (!weir_gemini_write_result_media (self, part, error))
            return FALSE;
        }
      else if (is_result == (pass == PASS_RESULTS)
               && !weir_gemini_write_part (self, part, side, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_model (const WeirMessage *message)
{
  return message->role == WEIR_ROLE_ASSISTANT;
}

/* The messages of one side that follow each other, as one content. */
static gboolean
write_turn (WeirGeminiWriter *self,
            const WeirMessage *first,
            const WeirMessage *end,
            GError **error)
{
  const unsigned index = self->message;
  WeirGeminiSide side = is_model (first) ? WEIR_GEMINI_MODEL : WEIR_GEMINI_USER;

  for (int pass = PASS_RESULTS; pass <= PASS_REST; pass++)
    {
      self->message = index;
      for (const WeirMessage *message = first; message != end;
           message = message->next, self->message++)
        if (!write_message (self, message, side, (Pass)pass, error))
          return FALSE;
      if (pass == PASS_RESULTS && side == WEIR_GEMINI_USER
          && !weir_gemini_write_late_results (self, error))
        return FALSE;
    }
  return TRUE;
}

/* Turns that turn out empty leave their neighbours to be joined: a content is closed only
 * when one of the other side opens. */
static gboolean
write_contents (WeirGeminiWriter *self, const WeirMessage *first, GError **error)
{
  const WeirMessage *turn = first;
  const WeirMessage *end;
  size_t start;

  weir_json_open_array (&self->json, "contents");
  start = self->json.out->len;
  for (; turn != NULL; turn = end)
    {
      end = turn->next;
      while (end != NULL && is_model (end) == is_model (turn))
        end = end->next;
      if (!write_turn (self, turn, end, error))
        return FALSE;
    }
  if (self->json.out->len == start)
    {
      weir_gemini_writer_open (self, WEIR_GEMINI_USER);
      weir_json_open (&self->json, NULL);
      weir_json_add_escaped (&self->json, "text", NOTHING_SAID);
      weir_json_close (&self->json);
    }
  weir_gemini_writer_close (self);
  weir_json_close (&self->json);
  return TRUE;
}

static gboolean
write_foreign (WeirGeminiWriter *self, GError **error)
{
  const WeirWriteOptions *options = self->options;
  const WeirMessage *conversation = find_conversation (self->request);

  if (!weir_gemini_check_options (self, error))
    return FALSE;
  weir_loss_report_unknown (options->on_loss, options->user_data, self->request->unknown,
                            NULL);
  write_system (self, conversation);
  if (!write_contents (self, conversation, error))
    return FALSE;
  weir_gemini_write_tools (self);
  weir_gemini_write_generation (self);
  return TRUE;
}

/* Where a content is being written anew, what others' calls lack is added to its first one:
 * it is not its own vendor's, or he would have signed it. */
static gboolean
must_sign (const WeirGeminiWriter *self, const WeirPart *part)
{
  return self->levels && self->n_calls == 0 && part->type == WEIR_PART_CALL
         && part->call.signature.length == 0;
}

static void
write_own_part (WeirGeminiWriter *self, const WeirPart *part)
{
  g_autoptr (GBytes) signed_part = NULL;
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  WeirSlice raw = part->raw;

  if (must_sign (self, part) && weir_json_parse (&json, raw.text, raw.length, NULL, NULL)
      && weir_gemini_lookup (&json, 0, "thoughtSignature") == 0)
    {
      weir_json_edit_set (&edit, &json, 0, "thoughtSignature",
                          WEIR_SLICE ("\"" WEIR_GEMINI_SIGNATURE_OF_OTHERS "\""));
      signed_part = weir_json_edit_apply (&edit, raw);
      raw.text = g_bytes_get_data (signed_part, &raw.length);
    }
  weir_json_add_raw (&self->json, NULL, raw);
  self->n_calls += part->type == WEIR_PART_CALL;
}

/* Is all that came with @message, and with those that continue it, for this dialect? */
static gboolean
is_own (const WeirMessage *message)
{
  do
    {
      for (const WeirPart *part = message->parts; part != NULL; part = part->next)
        if (part->origin != WEIR_DIALECT_GEMINI)
          return FALSE;
      message = message->next;
    }
  while (message != NULL && message->continues);
  return TRUE;
}

static gboolean
write_own_content (WeirGeminiWriter *self,
                   const WeirMessage *first,
                   const WeirMessage *end,
                   GError **error)
{
  WeirGeminiSide side = is_model (first) ? WEIR_GEMINI_MODEL : WEIR_GEMINI_USER;

  for (const WeirMessage *message = first; message != end; message = message->next)
    for (const WeirPart *part = message->parts; part != NULL; part = part->next)
      {
        if (part->origin != WEIR_DIALECT_GEMINI)
          {
            if (!weir_gemini_write_part (self, part, side, error))
              return FALSE;
            continue;
          }
        weir_gemini_writer_open (self, side);
        write_own_part (self, part);
      }
  weir_gemini_writer_close (self);
  return TRUE;
}

static gboolean
write_own_contents (WeirGeminiWriter *self, GError **error)
{
  const WeirMessage *message = self->request->messages;
  const WeirMessage *end;

  weir_json_open_array (&self->json, "contents");
  for (; message != NULL; message = end)
    {
      end = message->next;
      while (end != NULL && end->continues)
        end = end->next;
      if (message->top)
        continue;
      if (is_own (message))
        weir_json_add_raw (&self->json, NULL, message->raw);
      else if (!write_own_content (self, message, end, error))
        return FALSE;
    }
  weir_json_close (&self->json);
  return TRUE;
}

/* generationConfig with the thinking that the model's name asks for. */
static void
write_own_generation (WeirGeminiWriter *self, uint32_t object)
{
  const WeirJson *json = &self->request->json;

  weir_json_open (&self->json, WEIR_GEMINI_GENERATION);
  for (uint32_t i = object != 0 ? weir_json_first (json, object) : 0; i != 0;
       i = weir_json_next (json, object, i))
    {
      g_autofree char *name = weir_json_dup_text (json, i);

      if (!weir_gemini_spells (json, i, "thinkingConfig"))
        weir_json_add_raw (&self->json, name, weir_json_get_raw (json, i + 1));
    }
  weir_gemini_write_thinking (self, &self->json);
  weir_json_close (&self->json);
}

static gboolean
write_own_member (WeirGeminiWriter *self, uint32_t item, GError **error)
{
  const WeirJson *json = &self->request->json;
  g_autofree char *name = weir_json_dup_text (json, item);

  if (weir_gemini_spells (json, item, "model"))
    return TRUE; /* it stands in the path */
  if (weir_gemini_spells (json, item, "contents"))
    return write_own_contents (self, error);
  if (self->thinking.from_name && weir_gemini_spells (json, item, WEIR_GEMINI_GENERATION))
    return TRUE;
  weir_json_add_raw (&self->json, name, weir_json_get_raw (json, item + 1));
  return TRUE;
}

static gboolean
write_own (WeirGeminiWriter *self, GError **error)
{
  const WeirJson *json = &self->request->json;
  const uint32_t object = weir_gemini_lookup (json, 0, "generateContentRequest");

  for (uint32_t i = weir_json_first (json, object); i != 0;
       i = weir_json_next (json, object, i))
    if (!write_own_member (self, i, error))
      return FALSE;
  if (self->thinking.from_name)
    write_own_generation (self, weir_gemini_lookup (json, object, WEIR_GEMINI_GENERATION));
  return TRUE;
}

/* Generations one and two count tokens; names without a number ("gemini-flash-latest")
 * stand for a later one.  Models of other names are not known here: counting is what older
 * and newer ones take. */
static gboolean
takes_levels (WeirSlice model)
{
  static const char family[] = "gemini-";
  const char *end = model.text + model.length;
  const char *p = model.length > 0
                      ? memmem (model.text, model.length, family, strlen (family))
                      : NULL;

  if (p == NULL)
    return FALSE;
  while (p < end && !g_ascii_isdigit (*p))
    p++;
  return p == end || (*p != '1' && *p != '2');
}

static void
find_answered (WeirGeminiWriter *self)
{
  for (const WeirMessage *m = self->request->messages; m != NULL; m = m->next)
    for (const WeirPart *part = m->parts; part != NULL; part = part->next)
      if (part->type == WEIR_PART_RESULT && part->result.of != NULL
          && !g_hash_table_contains (self->answered, part->result.of))
        g_hash_table_insert (self->answered, (gpointer)part->result.of, (gpointer)part);
}

gboolean
weir_gemini_write_request (const WeirRequest *request,
                           const WeirWriteOptions *options,
                           GString *out,
                           GError **error)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autoptr (GString) name = g_string_new (NULL);
  g_autoptr (GHashTable) answered = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) said = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) late = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) open = g_ptr_array_new ();
  WeirGeminiWriter self = {
    .request = request,
    .options = options,
    .thinking = request->thinking,
    .scratch = scratch,
    .name = name,
    .answered = answered,
    .said = said,
    .late = late,
    .open = open,
  };
  gboolean written;

  self.model = weir_thinking_split_model (options->model, &self.thinking);
  self.levels = takes_levels (self.model);
  find_answered (&self);
  weir_json_writer_init (&self.json, out);
  weir_json_open (&self.json, NULL);
  if (request->origin == WEIR_DIALECT_GEMINI)
    written = write_own (&self, error);
  else
    written = write_foreign (&self, error);
  if (written)
    weir_json_close (&self.json);
  return written;
}
