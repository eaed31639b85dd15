/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests to Kiro: a state of a conversation in which the user's last turn stands apart
 * from those before (members as the vendor's open command-line program writes them,
 * aws/amazon-q-developer-cli 2026-04, read 2026-11).  Turns alternate and the user begins
 * and ends; results and tools stand beside what the user says.  `origin` tells what kind of
 * program asks, and of the kinds that there are ours is "CLI".  What others write into the
 * prompt to make models think is left out: it would be said in the user's name. */

#include "config.h"

#include "chat/weir-kiro.h"

#include "chat/weir-kiro-writer.h"

/* What is said where a turn of the user must stand and none was given. */
#define OPENING WEIR_SLICE ("Begin.")
#define CLOSING WEIR_SLICE ("Continue.")
#define BETWEEN "\\n\\n"
#define ORIGIN "CLI"

static void
writer_clear (WeirKiroWriter *self)
{
  g_string_free (self->text, TRUE);
  g_string_free (self->scratch, TRUE);
  g_array_unref (self->turns);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirKiroWriter, writer_clear)

static gboolean
refuse (GError **error, const char *where, const char *what)
{
  return weir_error_set (error, WEIR_ERROR_UNSUPPORTED, "%s: %s cannot be said to Kiro",
                         where, what);
}

/* --- turns --- */

static void
list_turns (WeirKiroWriter *self)
{
  unsigned number = 0;

  for (const WeirMessage *message = self->request->messages; message != NULL;
       message = message->next, number++)
    {
      const gboolean assistant = message->role == WEIR_ROLE_ASSISTANT;
      WeirKiroTurn *last = self->turns->len > 0 ? &g_array_index (self->turns, WeirKiroTurn,
                                                                  self->turns->len - 1)
                                                : NULL;
      const WeirKiroTurn turn = { message, NULL, number, assistant };

      if (message->top || (last != NULL && last->assistant == assistant))
        continue;
      if (last != NULL)
        last->end = message;
      g_array_append_val (self->turns, turn);
    }
}

static void
add_text (WeirKiroWriter *self, WeirSlice escaped)
{
  if (escaped.length == 0)
    return;
  if (self->text->len > 0)
    g_string_append (self->text, BETWEEN);
  weir_slice_append (escaped, self->text);
}

/* Instructions have no place of their own. */
static void
add_instructions (WeirKiroWriter *self)
{
  unsigned m = 0;

  for (const WeirMessage *message = self->request->messages; message != NULL;
       message = message->next, m++)
    for (const WeirPart *part = message->top ? message->parts : NULL; part != NULL;
         part = part->next)
      {
        char where[WEIR_LOSS_PLACE_MAX];

        weir_loss_put_message (where, m);
        weir_kiro_report (self,
                          part->type == WEIR_PART_TEXT ? WEIR_LOSS_SYSTEM_POSITION
                                                       : WEIR_LOSS_SYSTEM_MEDIA,
                          where);
        if (part->cache.said == WEIR_YES)
          weir_kiro_report (self, WEIR_LOSS_CACHE_MARK, where);
        if (part->type == WEIR_PART_TEXT)
          add_text (self, part->text);
      }
}

/* --- what the user says --- */

static gboolean
check_user_part (const WeirPart *part, const char *where, GError **error)
{
  switch (part->type)
    {
    case WEIR_PART_IMAGE:
      if (part->media.source == WEIR_MEDIA_DATA
          && weir_kiro_get_format (&part->media) != NULL)
        return TRUE;
      return refuse (error, where, "a picture without its data, or of another kind,");
    case WEIR_PART_FILE:
      return part->media.source == WEIR_MEDIA_TEXT || refuse (error, where, "a file");
    case WEIR_PART_AUDIO:
    case WEIR_PART_VIDEO:
      return refuse (error, where, "sound or video");
    case WEIR_PART_RESULT:
      return part->result.of != NULL || refuse (error, where, "a result without its call");
    case WEIR_PART_TEXT:
    case WEIR_PART_CALL:
    case WEIR_PART_THINKING:
    case WEIR_PART_REDACTED_THINKING:
    case WEIR_PART_REFUSAL:
    case WEIR_PART_OTHER:
    case WEIR_PART_LAST:
      break;
    }
  return TRUE;
}

static void
add_user_part (WeirKiroWriter *self, const WeirPart *part, const char *where)
{
  if (part->cache.said == WEIR_YES)
    weir_kiro_report (self, WEIR_LOSS_CACHE_MARK, where);
  if (part->type == WEIR_PART_TEXT)
    add_text (self, part->text);
  else if (part->type == WEIR_PART_FILE)
    {
      if (part->media.title.length + part->media.filename.length > 0)
        weir_kiro_report (self, WEIR_LOSS_MEDIA_NAME, where);
      if (part->media.context.length > 0)
        weir_kiro_report (self, WEIR_LOSS_MEDIA_CONTEXT, where);
      add_text (self, part->media.data);
    }
  else if (part->type == WEIR_PART_OTHER)
    weir_kiro_report (self, WEIR_LOSS_PART, where);
}

/* All that the turn says in words; checks everything else. */
static gboolean
gather_user (WeirKiroWriter *self, const WeirKiroTurn *turn, GError **error)
{
  unsigned m = turn->number;

  for (const WeirMessage *message = turn->first; message != turn->end;
       message = message->next, m++)
    {
      unsigned p = 0;

      for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
        {
          char where[WEIR_LOSS_PLACE_MAX];

          weir_loss_put_part (where, m, p);
          if (!check_user_part (part, where, error))
            return FALSE;
          add_user_part (self, part, where);
        }
    }
  return TRUE;
}

/* --- messages --- */

/* @turn (nullable): a turn that nobody took, in which self->text is said. */
static void
write_user (WeirKiroWriter *self, const WeirKiroTurn *turn, gboolean is_current)
{
  const gboolean results = turn != NULL && weir_kiro_has_results (turn);
  const gboolean tools = is_current && weir_kiro_has_tools (self);

  weir_json_open (&self->json, "userInputMessage");
  weir_json_add_escaped (&self->json, "content",
                         (WeirSlice){ self->text->str, self->text->len });
  if (turn != NULL)
    weir_kiro_write_images (self, turn);
  weir_json_add_string (&self->json, "origin", ORIGIN);
  if (is_current)
    weir_json_add_escaped (&self->json, "modelId", self->options->model);
  if (results || tools)
    {
      weir_json_open (&self->json, "userInputMessageContext");
      if (results)
        weir_kiro_write_results (self, turn);
      if (tools)
        weir_kiro_write_tools (self);
      weir_json_close (&self->json);
    }
  weir_json_close (&self->json);
}

/* Thoughts are left out: who signed them is not known, and others' are refused. */
static void
gather_assistant (WeirKiroWriter *self, const WeirKiroTurn *turn, gboolean *out_calls)
{
  unsigned m = turn->number;

  for (const WeirMessage *message = turn->first; message != turn->end;
       message = message->next, m++)
    {
      unsigned p = 0;

      for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
        {
          char where[WEIR_LOSS_PLACE_MAX];

          weir_loss_put_part (where, m, p);
          if (part->type == WEIR_PART_TEXT || part->type == WEIR_PART_REFUSAL)
            add_text (self, part->text);
          else if (part->type == WEIR_PART_CALL)
            *out_calls = TRUE;
          else if (part->type == WEIR_PART_THINKING
                   || part->type == WEIR_PART_REDACTED_THINKING)
            weir_kiro_report (self, WEIR_LOSS_THINKING, where);
          else
            weir_kiro_report (self, WEIR_LOSS_PART, where);
        }
    }
}

static void
write_assistant (WeirKiroWriter *self, const WeirKiroTurn *turn)
{
  gboolean calls = FALSE;

  g_string_truncate (self->text, 0);
  gather_assistant (self, turn, &calls);
  weir_json_open (&self->json, "assistantResponseMessage");
  weir_json_add_escaped (&self->json, "content",
                         (WeirSlice){ self->text->str, self->text->len });
  if (calls)
    weir_kiro_write_calls (self, turn);
  weir_json_close (&self->json);
}

/* The first thing that the user says begins with the instructions. */
static gboolean
write_user_turn (WeirKiroWriter *self, unsigned i, gboolean is_current, GError **error)
{
  const WeirKiroTurn *turn = &g_array_index (self->turns, WeirKiroTurn, i);

  g_string_truncate (self->text, 0);
  if (i == 0)
    add_instructions (self);
  if (!gather_user (self, turn, error))
    return FALSE;
  write_user (self, turn, is_current);
  return TRUE;
}

/* A turn of the user that nobody took. */
static void
write_made_up (WeirKiroWriter *self,
               WeirSlice words,
               gboolean is_first,
               gboolean is_current)
{
  g_string_truncate (self->text, 0);
  if (is_first)
    add_instructions (self);
  add_text (self, words);
  write_user (self, NULL, is_current);
}

static gboolean
write_history (WeirKiroWriter *self, unsigned n, GError **error)
{
  if (n == 0)
    return TRUE;
  weir_json_open_array (&self->json, "history");
  if (g_array_index (self->turns, WeirKiroTurn, 0).assistant)
    {
      weir_json_open (&self->json, NULL);
      write_made_up (self, OPENING, TRUE, FALSE);
      weir_json_close (&self->json);
    }
  for (unsigned i = 0; i < n; i++)
    {
      const WeirKiroTurn *turn = &g_array_index (self->turns, WeirKiroTurn, i);

      weir_json_open (&self->json, NULL);
      if (turn->assistant)
        write_assistant (self, turn);
      else if (!write_user_turn (self, i, FALSE, error))
        return FALSE;
      weir_json_close (&self->json);
    }
  weir_json_close (&self->json);
  return TRUE;
}

static gboolean
write_state (WeirKiroWriter *self, GError **error)
{
  const unsigned n = self->turns->len;
  const gboolean ends_with_user
      = n > 0 && !g_array_index (self->turns, WeirKiroTurn, n - 1).assistant;

  if (!write_history (self, ends_with_user ? n - 1 : n, error))
    return FALSE;
  weir_json_open (&self->json, "currentMessage");
  if (ends_with_user)
    {
      if (!write_user_turn (self, n - 1, TRUE, error))
        return FALSE;
    }
  else
    {
      if (n > 0)
        weir_kiro_report (self, WEIR_LOSS_PREFILL, NULL);
      write_made_up (self, CLOSING, n == 0, TRUE);
    }
  weir_json_close (&self->json);
  return TRUE;
}

gboolean
weir_kiro_write_request (const WeirRequest *request,
                         const WeirKiroContext *context,
                         const WeirWriteOptions *options,
                         GString *out,
                         GError **error)
{
  g_auto (WeirKiroWriter) self = {
    .request = request,
    .context = context,
    .options = options,
    .text = g_string_new (NULL),
    .scratch = g_string_new (NULL),
    .turns = g_array_new (FALSE, FALSE, sizeof (WeirKiroTurn)),
  };

  list_turns (&self);
  weir_json_writer_init (&self.json, out);
  weir_json_open (&self.json, NULL);
  weir_json_open (&self.json, "conversationState");
  weir_json_add_string (&self.json, "conversationId", context->conversation);
  weir_json_add_string (&self.json, "chatTriggerType", "MANUAL");
  if (!write_state (&self, error))
    return FALSE;
  weir_json_close (&self.json);
  if (context->profile != NULL)
    weir_json_add_string (&self.json, "profileArn", context->profile);
  weir_json_close (&self.json);
  return TRUE;
}
