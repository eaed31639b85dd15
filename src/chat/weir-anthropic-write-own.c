/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Messages of a request that came as Anthropic Messages and goes out so again: each as it
 * came, but those that hold what this vendor did not sign. */

#include "config.h"

#include "chat/weir-anthropic-writer.h"
#include "chat/weir-signature.h"

static gboolean
is_thought (const WeirPart *part)
{
  return part->type == WEIR_PART_THINKING || part->type == WEIR_PART_REDACTED_THINKING;
}

/* May the bytes of @message, up to @end, go out as they came? */
static gboolean
may_copy (const WeirMessage *message, const WeirMessage *end)
{
  if (weir_signature_occurs_in (message->raw))
    return FALSE;
  for (; message != end; message = message->next)
    for (const WeirPart *part = message->parts; part != NULL; part = part->next)
      if (is_thought (part) && !weir_anthropic_is_signed_thought (part))
        return FALSE;
  return TRUE;
}

static gboolean
is_kept (const WeirPart *part)
{
  return !is_thought (part) || weir_anthropic_is_signed_thought (part);
}

static void
write_part (WeirAnthropicWriter *self, const WeirPart *part, const char *where)
{
  if (!is_kept (part))
    weir_anthropic_report (self,
                           part->type == WEIR_PART_THINKING ? WEIR_LOSS_THINKING_UNSIGNED
                                                            : WEIR_LOSS_THINKING_REDACTED,
                           where);
  else if (part->raw.length > 0)
    weir_json_add_raw (&self->json, NULL, part->raw);
  else if (part->type == WEIR_PART_CALL)
    weir_anthropic_write_call (self, part, part->call.id, &part->cache, where);
  else
    weir_anthropic_write_text (self, part->text);
}

static gboolean
is_anything_kept (const WeirMessage *message, const WeirMessage *end)
{
  for (; message != end; message = message->next)
    for (const WeirPart *part = message->parts; part != NULL; part = part->next)
      if (is_kept (part))
        return TRUE;
  return FALSE;
}

static void
write_members (WeirAnthropicWriter *self, const WeirMessage *message)
{
  static const char *const roles[] = {
    [WEIR_ROLE_SYSTEM] = "system", [WEIR_ROLE_DEVELOPER] = "system",
    [WEIR_ROLE_USER] = "user",     [WEIR_ROLE_ASSISTANT] = "assistant",
    [WEIR_ROLE_TOOL] = "user",
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (roles) == WEIR_ROLE_LAST);

  weir_json_add_string (&self->json, "role", roles[message->role]);
  for (const WeirUnknown *unknown = message->unknown; unknown != NULL;
       unknown = unknown->next)
    {
      g_autofree char *name = weir_slice_dup (unknown->name);

      weir_json_add_raw (&self->json, name, unknown->value);
    }
}

/* The messages from @message to @end were one.  An empty one is refused. */
static void
write_message (WeirAnthropicWriter *self,
               const WeirMessage *message,
               const WeirMessage *end,
               unsigned index)
{
  const gboolean is_said = is_anything_kept (message, end);

  if (is_said)
    {
      weir_json_open (&self->json, NULL);
      write_members (self, message);
      weir_json_open_array (&self->json, "content");
    }
  for (; message != end; message = message->next, index++)
    {
      unsigned p = 0;

      for (const WeirPart *part = message->parts; part != NULL; part = part->next, p++)
        {
          char where[WEIR_LOSS_PLACE_MAX];

          weir_loss_put_part (where, index, p);
          write_part (self, part, where);
        }
    }
  if (!is_said)
    return;
  weir_json_close (&self->json);
  weir_json_close (&self->json);
}

void
weir_anthropic_write_own_messages (WeirAnthropicWriter *self)
{
  const WeirMessage *end;
  unsigned index = 0;

  for (const WeirMessage *message = self->request->messages; message != NULL; message = end)
    {
      unsigned count = 1;

      for (end = message->next; end != NULL && end->continues; end = end->next)
        count++;
      if (!message->top && may_copy (message, end))
        weir_json_add_raw (&self->json, NULL, message->raw);
      else if (!message->top)
        write_message (self, message, end, index);
      index += count;
    }
}
