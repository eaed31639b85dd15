/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Events folded into blocks, choices and totals. */

#include "config.h"

#include "chat/weir-fold.h"

#define CHOICES_MOST 128 /* no decoder gives more */

static void
clear_block (WeirFoldBlock *block)
{
  if (block->text != NULL)
    g_string_free (block->text, TRUE);
  if (block->signature != NULL)
    g_string_free (block->signature, TRUE);
  if (block->logprobs != NULL)
    g_string_free (block->logprobs, TRUE);
}

void
weir_fold_init (WeirFold *self)
{
  *self = (WeirFold){
    .usage = WEIR_USAGE_NONE,
    .blocks = g_ptr_array_new (),
    .choices = g_array_new (FALSE, TRUE, sizeof (WeirFoldChoice)),
  };
}

void
weir_fold_clear (WeirFold *self)
{
  for (guint i = 0; self->blocks != NULL && i < self->blocks->len; i++)
    clear_block (weir_fold_get_block (self, i));
  g_clear_pointer (&self->blocks, g_ptr_array_unref);
  g_clear_pointer (&self->choices, g_array_unref);
  weir_arena_clear (&self->arena);
}

WeirFoldBlock *
weir_fold_lookup (const WeirFold *self, unsigned choice, unsigned block)
{
  for (guint i = self->blocks->len; i > 0; i--)
    {
      WeirFoldBlock *found = weir_fold_get_block (self, i - 1);

      if (found->choice == choice && found->block == block)
        return found;
    }
  return NULL;
}

/* FALSE: there is no room for @length bytes more. */
static gboolean
take_room (WeirFold *self, size_t length)
{
  if (self->overflowed || length > WEIR_FOLD_MAX - self->bytes)
    {
      self->overflowed = TRUE;
      return FALSE;
    }
  self->bytes += length;
  return TRUE;
}

static WeirSlice
keep (WeirFold *self, WeirSlice text)
{
  if (text.length == 0 || !take_room (self, text.length))
    return WEIR_SLICE ("");
  return weir_arena_copy (&self->arena, text);
}

static void
append (WeirFold *self, GString **to, WeirSlice text)
{
  if (text.length == 0 || !take_room (self, text.length))
    return;
  if (*to == NULL)
    *to = g_string_sized_new (text.length);
  g_string_append_len (*to, text.text, (gssize)text.length);
}

/* @array: not an empty one. */
static void
append_logprobs (WeirFold *self, WeirFoldBlock *block, WeirSlice array)
{
  if (array.length <= strlen ("[]"))
    return;
  if (block->logprobs != NULL)
    append (self, &block->logprobs, WEIR_SLICE (","));
  append (self, &block->logprobs, (WeirSlice){ array.text + 1, array.length - 2 });
}

WeirSlice
weir_fold_get_logprobs (const WeirFoldBlock *block, GString *scratch)
{
  if (block->logprobs == NULL)
    return WEIR_SLICE ("");
  g_string_printf (scratch, "[%s]", block->logprobs->str);
  return (WeirSlice){ scratch->str, scratch->len };
}

WeirSlice
weir_fold_join_logprobs (const WeirFold *self, unsigned choice, GString *scratch)
{
  g_string_truncate (scratch, 0);
  for (guint i = 0; i < self->blocks->len; i++)
    {
      const WeirFoldBlock *block = weir_fold_get_block (self, i);

      if (block->choice != choice || block->logprobs == NULL)
        continue;
      g_string_append_c (scratch, scratch->len == 0 ? '[' : ',');
      g_string_append_len (scratch, block->logprobs->str, (gssize)block->logprobs->len);
    }
  if (scratch->len > 0)
    g_string_append_c (scratch, ']');
  return (WeirSlice){ scratch->str, scratch->len };
}

static void
open_block (WeirFold *self, const WeirEvent *event)
{
  WeirFoldBlock *block = weir_arena_allocate (&self->arena, sizeof *block);

  block->choice = event->choice;
  block->block = event->block;
  block->type = event->block_type;
  block->id = keep (self, event->id);
  block->name = keep (self, event->name);
  block->scope = keep (self, event->scope);
  if (event->block_type != WEIR_BLOCK_IMAGE) /* it has the whole picture in it */
    block->raw = keep (self, event->raw);
  append (self, &block->signature, event->signature);
  g_ptr_array_add (self->blocks, block);
}

static WeirFoldChoice *
ensure_choice (WeirFold *self, unsigned index)
{
  WeirFoldChoice *choice;

  if (index >= CHOICES_MOST)
    {
      self->overflowed = TRUE;
      return NULL;
    }
  if (index >= self->choices->len)
    g_array_set_size (self->choices, index + 1);
  choice = &g_array_index (self->choices, WeirFoldChoice, index);
  choice->seen = TRUE;
  return choice;
}

static void
finish_choice (WeirFold *self, WeirFoldChoice *choice, const WeirEvent *event)
{
  choice->finished = TRUE;
  choice->finish = event->finish;
  choice->word = keep (self, event->text);
  choice->stop_sequence = keep (self, event->name);
}

static void
put_in_choice (WeirFold *self, const WeirEvent *event)
{
  WeirFoldChoice *choice = ensure_choice (self, event->choice);
  WeirFoldBlock *block;

  if (choice == NULL)
    return;
  if (event->type == WEIR_EVENT_FINISH)
    {
      finish_choice (self, choice, event);
      return;
    }
  if (event->type == WEIR_EVENT_BLOCK_OPEN)
    {
      open_block (self, event);
      return;
    }
  block = weir_fold_lookup (self, event->choice, event->block);
  if (block == NULL)
    return;
  if (event->type == WEIR_EVENT_BLOCK_CLOSE)
    block->closed = TRUE;
  append (self, &block->text, event->text);
  append (self, &block->signature, event->signature);
  if (event->type == WEIR_EVENT_DELTA && block->type == WEIR_BLOCK_TEXT)
    append_logprobs (self, block, event->raw);
}

void
weir_fold_put (WeirFold *self, const WeirEvent *event)
{
  switch (event->type)
    {
    case WEIR_EVENT_START:
      self->id = keep (self, event->id);
      self->model = keep (self, event->model);
      break;
    case WEIR_EVENT_BLOCK_OPEN:
    case WEIR_EVENT_DELTA:
    case WEIR_EVENT_BLOCK_CLOSE:
    case WEIR_EVENT_FINISH:
      put_in_choice (self, event);
      break;
    case WEIR_EVENT_USAGE:
      self->usage = event->usage;
      break;
    case WEIR_EVENT_ERROR:
    case WEIR_EVENT_PING:
    case WEIR_EVENT_RAW:
    case WEIR_EVENT_LAST:
      break;
    }
}

gboolean
weir_fold_check (const WeirFold *self, GError **error)
{
  if (self->overflowed)
    return weir_error_set (error, WEIR_ERROR_TOO_LARGE,
                           "answer is larger than %u bytes, or has too many choices",
                           WEIR_FOLD_MAX);
  return TRUE;
}
