/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The built-in model: what it says and when it is done.  How each dialect spells it is in
 * weir-echo-write.c; what the client asked is read in weir-echo-read.c. */

#include "config.h"

#include "providers/weir-echo-private.h"

#include "base/weir-clock.h"

static uint64_t
count_words (const char *text)
{
  uint64_t n = 0;

  for (gboolean inside = FALSE; *text != '\0'; text++)
    {
      gboolean space = g_ascii_isspace (*text);

      n += !space && !inside;
      inside = !space;
    }
  return n;
}

WeirEcho *
weir_echo_new (WeirDialect dialect,
               WeirOperation operation,
               WeirAnswerForm form,
               const WeirJson *body,
               const char *id,
               int64_t real_us,
               GError **error)
{
  g_autoptr (WeirEcho) self = g_new0 (WeirEcho, 1);

  if (operation == WEIR_OPERATION_EMBEDDINGS || operation == WEIR_OPERATION_COMPACT
      || operation == WEIR_OPERATION_IMAGE || operation == WEIR_OPERATION_IMAGE_EDIT)
    {
      weir_error_set (error, WEIR_ERROR_UNSUPPORTED, "%s answers with text only",
                      WEIR_ECHO_MODEL);
      return NULL;
    }
  self->dialect = dialect;
  self->operation = operation;
  self->form = form;
  self->id = g_strdup (id);
  self->created_s = real_us / WEIR_USEC_PER_SEC;
  self->text = weir_echo_read (self, body, error);
  if (self->text == NULL)
    return NULL;
  self->words = count_words (self->text->str);
  return g_steal_pointer (&self);
}

void
weir_echo_free (WeirEcho *self)
{
  if (self == NULL)
    return;
  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  g_free (self->id);
  g_free (self);
}

/* The next word with the white space behind it; empty at the end. */
static WeirSlice
take_word (WeirEcho *self)
{
  const char *start = self->text->str + self->offset;
  const char *end = start;

  while (*end != '\0' && !g_ascii_isspace (*end))
    end++;
  while (*end != '\0' && g_ascii_isspace (*end))
    end++;
  self->offset += (size_t)(end - start);
  return (WeirSlice){ start, (size_t)(end - start) };
}

gboolean
weir_echo_next (WeirEcho *self, GString *out)
{
  WeirSlice word;

  if (self->form == WEIR_ANSWER_WHOLE)
    {
      weir_echo_write_whole (self, out);
      return FALSE;
    }
  if (!self->opened)
    {
      self->opened = TRUE;
      weir_echo_write_opening (self, out);
    }
  word = take_word (self);
  if (word.length > 0)
    weir_echo_write_word (self, word, out);
  if (self->offset < self->text->len)
    return TRUE;
  weir_echo_write_closing (self, out);
  return FALSE;
}

void
weir_echo_get_usage (const WeirEcho *self, WeirUsage *out)
{
  *out = WEIR_USAGE_NONE;
  out->input = self->words;
  out->output = self->operation == WEIR_OPERATION_COUNT_TOKENS ? 0 : self->words;
  out->total = out->input + out->output;
}
