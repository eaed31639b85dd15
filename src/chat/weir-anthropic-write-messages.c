/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Messages as the turns of an Anthropic Messages request (API reference and tool use guide,
 * read 2026-10).  User and assistant alternate, the user begins and ends; the results of a
 * turn's calls stand first in the turn behind it, all of them; a call without a result is
 * refused, so it is left out.  Instructions in the middle are said by the user: only the
 * newest models take a system's message there.  A request of this dialect keeps its own
 * messages, which its client knows the model to take. */

#include "config.h"

#include "base/weir-error.h"
#include "chat/weir-anthropic-writer.h"
#include "chat/weir-tool-name.h"

/* What is said where a turn of the user must stand and none was given. */
#define OPENING WEIR_SLICE ("Begin.")
#define CLOSING WEIR_SLICE ("Continue.")

/* JSON without a schema cannot be asked for in any other way. */
#define ONLY_JSON WEIR_SLICE ("Answer with one JSON object and nothing else.")

#define REMINDER_HEAD "<system-reminder>\\n"
#define REMINDER_TAIL "\\n</system-reminder>"

/* A call and its result. */
typedef struct
{
  char *id;               /* (owned) that both are written with: allowed, and no other's */
  const WeirPart *result; /* (unowned) (nullable) the last one */
  const WeirCacheMark *cache; /* (unowned) (nullable) of the result */
  unsigned message;           /* where the result stands */
  unsigned part;
} Exchange;

typedef enum
{
  SPEAKER_NONE,
  SPEAKER_USER,
  SPEAKER_ASSISTANT,
} Speaker;

typedef struct
{
  WeirAnthropicWriter *writer; /* (unowned) */
  GHashTable *exchanges;       /* (owned) of WeirCall -> Exchange */
  GPtrArray *open_calls;       /* (owned) of Exchange (unowned): calls of this turn */
  Speaker speaker;             /* whose turn is open */
  gboolean must_begin;         /* nothing was said yet */
} Turns;

/* Where the part being written stands. */
typedef struct
{
  const WeirMessage *message;
  const WeirCacheMark *cache;
  char path[WEIR_LOSS_PLACE_MAX];
} Place;

static void
free_exchange (gpointer data)
{
  Exchange *exchange = data;

  g_free (exchange->id);
  g_free (exchange);
}

/* @mark, or that of the whole message where @part is the last one in it. */
static const WeirCacheMark *
get_cache (const WeirMessage *message, const WeirPart *part)
{
  return part->cache.said != WEIR_YES && part->next == NULL ? &message->cache
                                                            : &part->cache;
}

static char *
make_id (Turns *self, GHashTable *ids, const WeirCall *call, unsigned m, unsigned p)
{
  const WeirSlice id
      = call->id.length > 0
            ? weir_tool_name_map (call->id, WEIR_DIALECT_ANTHROPIC, self->writer->scratch)
            : WEIR_SLICE ("call");
  char *text = weir_slice_dup (id);

  if (call->id.length == 0 || g_hash_table_contains (ids, text))
    {
      g_autofree char *taken = text;

      text = g_strdup_printf ("%s_%u_%u", taken, m, p);
    }
  g_hash_table_add (ids, text);
  return text;
}

static void
note_part (Turns *self,
           GHashTable *ids,
           const WeirMessage *message,
           const WeirPart *part,
           unsigned m,
           unsigned p)
{
  Exchange *exchange;

  if (part->type == WEIR_PART_CALL)
    {
      exchange = g_new0 (Exchange, 1);
      exchange->id = make_id (self, ids, &part->call, m, p);
      g_hash_table_insert (self->exchanges, (gpointer)&part->call, exchange);
    }
  if (part->type != WEIR_PART_RESULT || part->result.of == NULL)
    return;
  exchange = g_hash_table_lookup (self->exchanges, part->result.of);
  if (exchange == NULL)
    return;
  exchange->result = part;
  exchange->cache = get_cache (message, part);
  exchange->message = m;
  exchange->part = p;
}

/* Results may stand anywhere behind their calls, some twice: the last one counts. */
static void
note_exchanges (Turns *self)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  unsigned m = 0;

  for (const WeirMessage *message = self->writer->request->messages; message != NULL;
       message = message->next, m++)
    {
      unsigned p = 0;

      for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
        note_part (self, ids, message, part, m, p);
    }
}

static void
end_turn (Turns *self)
{
  if (self->speaker == SPEAKER_NONE)
    return;
  weir_json_close (&self->writer->json);
  weir_json_close (&self->writer->json);
  self->speaker = SPEAKER_NONE;
}

static void
ensure_turn (Turns *self, Speaker speaker)
{
  WeirJsonWriter *json = &self->writer->json;

  if (self->speaker == speaker)
    return;
  end_turn (self);
  if (self->must_begin && speaker == SPEAKER_ASSISTANT)
    {
      self->must_begin = FALSE;
      ensure_turn (self, SPEAKER_USER);
      weir_anthropic_write_text (self->writer, OPENING);
      end_turn (self);
    }
  self->must_begin = FALSE;
  self->speaker = speaker;
  weir_json_open (json, NULL);
  weir_json_add_string (json, "role", speaker == SPEAKER_USER ? "user" : "assistant");
  weir_json_open_array (json, "content");
}

const WeirPart *
weir_anthropic_find_signed (const WeirRequest *request, const WeirPart *part)
{
  const WeirPart *last = part;

  while (last != NULL && last->type == WEIR_PART_THINKING
         && last->thinking.signature.length == 0 && last->origin == request->origin)
    last = last->next;
  return last != NULL && last->type == WEIR_PART_THINKING
                 && weir_anthropic_is_signed_thought (last)
             ? last
             : part;
}

static void
write_signed (Turns *self, const WeirPart *first, const WeirPart *last)
{
  WeirJsonWriter *json = &self->writer->json;
  GString *text = self->writer->scratch;

  g_string_truncate (text, 0);
  for (const WeirPart *piece = first; piece != last->next; piece = piece->next)
    if (piece->text.length > 0)
      g_string_append_len (text, piece->text.text, (gssize)piece->text.length);
  weir_json_open (json, NULL);
  weir_json_add_string (json, "type", "thinking");
  weir_json_add_escaped (json, "thinking", (WeirSlice){ text->str, text->len });
  weir_json_add_escaped (json, "signature", last->thinking.signature);
  weir_json_close (json);
}

static void
write_redacted (WeirAnthropicWriter *self, const WeirPart *part)
{
  weir_json_open (&self->json, NULL);
  weir_json_add_string (&self->json, "type", "redacted_thinking");
  weir_json_add_escaped (&self->json, "data", part->thinking.signature);
  weir_json_close (&self->json);
}

static void
report_thought (const WeirAnthropicWriter *self, const WeirPart *part, const char *where)
{
  const char *loss = WEIR_LOSS_THINKING_UNSIGNED;

  if (part->type == WEIR_PART_REDACTED_THINKING)
    loss = WEIR_LOSS_THINKING_REDACTED;
  weir_anthropic_report (self, loss, where);
}

/* Returns the last part that was taken in. */
static const WeirPart *
write_thought (Turns *self, const WeirPart *part, const char *where)
{
  const WeirPart *last = weir_anthropic_find_signed (self->writer->request, part);

  if (!weir_anthropic_is_signed_thought (last))
    {
      report_thought (self->writer, part, where);
      return part;
    }
  ensure_turn (self, SPEAKER_ASSISTANT);
  if (last->type == WEIR_PART_THINKING)
    write_signed (self, part, last);
  else
    write_redacted (self->writer, last);
  return last;
}

static void
write_call (Turns *self, const WeirPart *part, const Place *place)
{
  Exchange *exchange = g_hash_table_lookup (self->exchanges, &part->call);

  if (exchange->result == NULL)
    {
      weir_anthropic_report (self->writer, WEIR_LOSS_CALL_WITHOUT_RESULT, place->path);
      return;
    }
  ensure_turn (self, SPEAKER_ASSISTANT);
  weir_anthropic_write_call (self->writer, part, weir_slice_from_string (exchange->id),
                             place->cache, place->path);
  g_ptr_array_add (self->open_calls, exchange);
}

/* Is there anything to say?  A turn must not be opened for nothing. */
static gboolean
is_sayable (const WeirPart *part)
{
  return part->type != WEIR_PART_OTHER
         && ((part->type != WEIR_PART_TEXT && part->type != WEIR_PART_REFUSAL)
             || !weir_anthropic_is_blank (part->text));
}

/* Returns the last part that was taken in. */
static const WeirPart *
write_assistant_part (Turns *self, const WeirPart *part, const Place *place)
{
  switch (part->type)
    {
    case WEIR_PART_THINKING:
    case WEIR_PART_REDACTED_THINKING:
      return write_thought (self, part, place->path);
    case WEIR_PART_CALL:
      write_call (self, part, place);
      break;
    case WEIR_PART_TEXT:
    case WEIR_PART_REFUSAL:
    case WEIR_PART_OTHER:
      if (is_sayable (part))
        ensure_turn (self, SPEAKER_ASSISTANT);
      if (!weir_anthropic_write_part (self->writer, part, place->cache, place->path, NULL))
        g_assert_not_reached ();
      break;
    case WEIR_PART_IMAGE:
    case WEIR_PART_AUDIO:
    case WEIR_PART_VIDEO:
    case WEIR_PART_FILE:
    case WEIR_PART_RESULT:
    case WEIR_PART_LAST:
      weir_anthropic_report (self->writer, WEIR_LOSS_MEDIA_ASSISTANT, place->path);
      break;
    }
  return part;
}

/* The turn of the assistant is over: what its calls resulted in comes first now. */
static void
write_results (Turns *self)
{
  for (guint i = 0; i < self->open_calls->len; i++)
    {
      const Exchange *exchange = g_ptr_array_index (self->open_calls, i);
      char where[WEIR_LOSS_PLACE_MAX];

      weir_loss_put_part (where, exchange->message, exchange->part);
      ensure_turn (self, SPEAKER_USER);
      weir_anthropic_write_result (self->writer, exchange->result,
                                   weir_slice_from_string (exchange->id), exchange->cache,
                                   where);
    }
  g_ptr_array_set_size (self->open_calls, 0);
}

/* Its results were written behind their calls. */
static gboolean
check_result (const WeirPart *part, const char *where, GError **error)
{
  if (part->type != WEIR_PART_RESULT || part->result.of != NULL)
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                         "%s: a result without its call cannot be said to an upstream "
                         "that speaks anthropic",
                         where);
}

static void
write_reminder (Turns *self, const WeirPart *part, const Place *place)
{
  WeirAnthropicWriter *writer = self->writer;

  weir_anthropic_report_unknown (writer, part->unknown, place->path);
  if (part->type != WEIR_PART_TEXT)
    {
      weir_anthropic_report (writer, WEIR_LOSS_SYSTEM_MEDIA, place->path);
      return;
    }
  if (!is_sayable (part))
    return;
  weir_anthropic_report (writer, WEIR_LOSS_SYSTEM_POSITION, place->path);
  ensure_turn (self, SPEAKER_USER);
  g_string_assign (writer->scratch, REMINDER_HEAD);
  g_string_append_len (writer->scratch, part->text.text, (gssize)part->text.length);
  g_string_append (writer->scratch, REMINDER_TAIL);
  weir_anthropic_write_text (writer,
                             (WeirSlice){ writer->scratch->str, writer->scratch->len });
}

static gboolean
write_part_of_message (Turns *self,
                       const WeirPart **part,
                       const Place *place,
                       GError **error)
{
  switch (place->message->role)
    {
    case WEIR_ROLE_ASSISTANT:
      *part = write_assistant_part (self, *part, place);
      return TRUE;
    case WEIR_ROLE_SYSTEM:
    case WEIR_ROLE_DEVELOPER:
      write_reminder (self, *part, place);
      return TRUE;
    case WEIR_ROLE_TOOL:
      return check_result (*part, place->path, error);
    case WEIR_ROLE_USER:
    case WEIR_ROLE_LAST:
      break;
    }
  if (is_sayable (*part))
    ensure_turn (self, SPEAKER_USER);
  return weir_anthropic_write_part (self->writer, *part, place->cache, place->path, error);
}

static void
report_of_message (const WeirAnthropicWriter *self,
                   const WeirMessage *message,
                   unsigned index)
{
  char where[WEIR_LOSS_PLACE_MAX];

  weir_loss_put_message (where, index);
  if (message->name.length > 0)
    weir_anthropic_report (self, WEIR_LOSS_MESSAGE_NAME, where);
  if (message->phase.length > 0)
    weir_anthropic_report (self, WEIR_LOSS_MESSAGE_PHASE, where);
  weir_anthropic_report_unknown (self, message->unknown, where);
}

static gboolean
write_message (Turns *self, const WeirMessage *message, unsigned index, GError **error)
{
  unsigned p = 0;

  report_of_message (self->writer, message, index);
  if (message->role != WEIR_ROLE_ASSISTANT)
    write_results (self);
  for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
    {
      Place place = { .message = message, .cache = get_cache (message, part) };
      const WeirPart *last = part;

      weir_loss_put_part (place.path, index, p);
      if (!write_part_of_message (self, &last, &place, error))
        return FALSE;
      for (; part != last; part = part->next)
        p++;
    }
  return TRUE;
}

static gboolean
is_instruction (const WeirMessage *message)
{
  return message->role == WEIR_ROLE_SYSTEM || message->role == WEIR_ROLE_DEVELOPER;
}

static void
write_instruction (WeirAnthropicWriter *self,
                   const WeirMessage *message,
                   unsigned index,
                   gboolean *open)
{
  unsigned p = 0;

  report_of_message (self, message, index);
  for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
    {
      char where[WEIR_LOSS_PLACE_MAX];

      weir_loss_put_part (where, index, p);
      if (part->type != WEIR_PART_TEXT)
        {
          weir_anthropic_report (self, WEIR_LOSS_SYSTEM_MEDIA, where);
          continue;
        }
      if (!*open && is_sayable (part))
        {
          weir_json_open_array (&self->json, "system");
          *open = TRUE;
        }
      if (!weir_anthropic_write_part (self, part, get_cache (message, part), where, NULL))
        g_assert_not_reached ();
    }
}

/* What stands in front of the conversation.  Returns the first message of that (nullable);
 * *@index counts. */
static const WeirMessage *
write_system (WeirAnthropicWriter *self, unsigned *index)
{
  const WeirMessage *message = self->request->messages;
  gboolean open = FALSE;

  for (; message != NULL && is_instruction (message); message = message->next, ++*index)
    write_instruction (self, message, *index, &open);
  if (self->request->response_format.type == WEIR_FORMAT_JSON)
    {
      if (!open)
        weir_json_open_array (&self->json, "system");
      open = TRUE;
      weir_anthropic_write_text (self, ONLY_JSON);
    }
  if (open)
    weir_json_close (&self->json);
  return message;
}

/* Other vendors answer what ends with the assistant's words by a new answer; here these
 * would be the beginning of it, which newer models refuse besides. */
static void
write_end (Turns *self)
{
  write_results (self);
  if (self->speaker == SPEAKER_USER)
    {
      end_turn (self);
      return;
    }
  if (self->speaker == SPEAKER_ASSISTANT)
    weir_anthropic_report (self->writer, WEIR_LOSS_PREFILL, "messages");
  ensure_turn (self, SPEAKER_USER);
  weir_anthropic_write_text (self->writer, CLOSING);
  end_turn (self);
}

gboolean
weir_anthropic_write_messages (WeirAnthropicWriter *self, GError **error)
{
  g_autoptr (GHashTable) exchanges
      = g_hash_table_new_full (NULL, NULL, NULL, free_exchange);
  g_autoptr (GPtrArray) open_calls = g_ptr_array_new ();
  Turns turns = {
    .writer = self,
    .exchanges = exchanges,
    .open_calls = open_calls,
    .must_begin = TRUE,
  };
  unsigned index = 0;
  const WeirMessage *message = write_system (self, &index);

  note_exchanges (&turns);
  weir_json_open_array (&self->json, "messages");
  for (; message != NULL; message = message->next, index++)
    if (!write_message (&turns, message, index, error))
      return FALSE;
  write_end (&turns);
  weir_json_close (&self->json);
  return TRUE;
}
