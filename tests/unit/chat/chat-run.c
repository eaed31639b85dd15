/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat-run.h"

static const char *const block_names[]
    = { "text", "thinking", "redacted", "call", "custom", "refusal", "image", "other" };
static const char *const finish_names[]
    = { "STOP",    "LENGTH", "TOOL_CALLS", "STOP_SEQUENCE",
        "REFUSAL", "PAUSE",  "BROKEN",     "OTHER" };
G_STATIC_ASSERT (G_N_ELEMENTS (block_names) == WEIR_BLOCK_LAST);
G_STATIC_ASSERT (G_N_ELEMENTS (finish_names) == WEIR_FINISH_LAST);

typedef struct
{
  unsigned choice;
  unsigned block;
  gboolean open;
  GString *text;
} Block;

static void
free_block (gpointer data)
{
  Block *block = data;

  g_string_free (block->text, TRUE);
  g_free (block);
}

static void
add_slice (GString *out, WeirSlice slice)
{
  g_string_append_len (out, slice.text, (gssize)slice.length);
}

static void
add_field (GString *out, const char *name, WeirSlice slice)
{
  if (slice.length == 0)
    return;
  g_string_append_printf (out, " %s=", name);
  add_slice (out, slice);
}

static Block *
find_block (ChatRun *run, const WeirEvent *event)
{
  for (guint i = 0; i < run->blocks->len; i++)
    {
      Block *block = g_ptr_array_index (run->blocks, i);

      if (block->choice == event->choice && block->block == event->block)
        return block;
    }
  return NULL;
}

static void
on_block_event (ChatRun *run, const WeirEvent *event)
{
  Block *block = find_block (run, event);

  g_string_append_printf (run->events, " %u.%u %s", event->choice, event->block,
                          block_names[event->block_type]);
  if (event->type == WEIR_EVENT_BLOCK_OPEN)
    {
      g_assert_null (block);
      block = g_new0 (Block, 1);
      block->choice = event->choice;
      block->block = event->block;
      block->open = TRUE;
      block->text = g_string_new (NULL);
      g_ptr_array_add (run->blocks, block);
      g_string_append_printf (block->text, "%s:", block_names[event->block_type]);
      add_field (block->text, "id", event->id);
      add_field (block->text, "name", event->name);
      add_field (block->text, "signature", event->signature);
      g_string_append (block->text, " ");
      return;
    }
  g_assert_nonnull (block);
  g_assert_true (block->open);
  if (event->type == WEIR_EVENT_BLOCK_CLOSE)
    block->open = FALSE;
  g_assert_true (event->text.length == 0 || event->signature.length == 0);
  add_slice (block->text, event->text);
  add_field (block->text, "signature", event->signature);
}

static void
add_count (GString *out, const char *name, uint64_t value)
{
  if (value != WEIR_USAGE_UNKNOWN)
    g_string_append_printf (out, " %s=%" G_GUINT64_FORMAT, name, value);
}

static void
add_usage (GString *out, const WeirUsage *usage)
{
  add_count (out, "in", usage->input);
  add_count (out, "out", usage->output);
  add_count (out, "cached", usage->cached);
  add_count (out, "write", usage->cache_write);
  add_count (out, "reasoning", usage->reasoning);
  add_count (out, "total", usage->total);
}

static void
on_event (const WeirEvent *event, gpointer user_data)
{
  static const char *const names[]
      = { "start", "open", "delta", "close", "usage", "finish", "error", "ping", "raw" };
  ChatRun *run = user_data;

  G_STATIC_ASSERT (G_N_ELEMENTS (names) == WEIR_EVENT_LAST);
  g_string_append (run->events, names[event->type]);
  if (event->type == WEIR_EVENT_BLOCK_OPEN || event->type == WEIR_EVENT_DELTA
      || event->type == WEIR_EVENT_BLOCK_CLOSE)
    on_block_event (run, event);
  if (event->type == WEIR_EVENT_START)
    {
      g_assert_null (run->id);
      run->id = g_string_new (NULL);
      add_slice (run->id, event->id);
    }
  else if (event->type != WEIR_EVENT_PING && event->type != WEIR_EVENT_ERROR)
    g_assert_nonnull (run->id);
  if (event->type == WEIR_EVENT_FINISH)
    {
      char *line = g_strdup_printf ("finish %u %s %.*s", event->choice,
                                    finish_names[event->finish], (int)event->text.length,
                                    event->text.text);

      g_string_append_printf (run->events, " %u %s", event->choice,
                              finish_names[event->finish]);
      g_ptr_array_add (run->finishes, line);
      for (guint i = 0; i < run->blocks->len; i++)
        {
          const Block *block = g_ptr_array_index (run->blocks, i);

          g_assert_false (block->choice == event->choice && block->open);
        }
    }
  add_field (run->events, "id", event->id);
  add_field (run->events, "model", event->model);
  add_field (run->events, "name", event->name);
  add_field (run->events, "text", event->text);
  add_field (run->events, "signature", event->signature);
  add_field (run->events, "raw", event->raw);
  if (event->status != 0)
    g_string_append_printf (run->events, " status=%u", event->status);
  if (event->type == WEIR_EVENT_USAGE)
    add_usage (run->events, &event->usage);
  g_string_append_c (run->events, '\n');
}

static void
take_results (ChatRun *run, const WeirDecoder *decoder)
{
  const char *type;
  const char *message;
  const GError *error = weir_decoder_get_error (decoder);

  run->usage = *weir_decoder_get_usage (decoder);
  run->has_content = weir_decoder_has_content (decoder);
  run->finish = g_strdup (weir_decoder_get_finish (decoder));
  weir_decoder_get_failure (decoder, &type, &message, &run->failure_status);
  run->failure_type = g_strdup (type);
  run->failure_message = g_strdup (message);
  run->error_code = error != NULL ? error->code : -1;

  for (guint i = 0; i < run->blocks->len; i++)
    {
      const Block *block = g_ptr_array_index (run->blocks, i);

      g_string_append_printf (run->fold, "%u.%u %s\n", block->choice, block->block,
                              block->text->str);
    }
  add_usage (run->fold, &run->usage);
  g_string_append_c (run->fold, '\n');
  for (guint i = 0; i < run->finishes->len; i++)
    g_string_append_printf (run->fold, "%s\n",
                            (const char *)g_ptr_array_index (run->finishes, i));
}

static gboolean
feed (ChatRun *run, WeirDecoder *decoder, const char *bytes, size_t length)
{
  /* a copy of its own: reading behind the end shows */
  g_autofree char *copy = g_memdup2 (bytes, length);
  g_autoptr (GError) error = NULL;
  size_t consumed = 0;
  size_t boundary = 0;

  if (!weir_decoder_feed (decoder, copy, length, &consumed, &boundary, &error))
    {
      g_assert_nonnull (error);
      g_assert_true (weir_decoder_is_ended (decoder));
      run->failed_feed = TRUE;
      return FALSE;
    }
  g_assert_cmpuint (consumed, <=, length);
  g_assert_cmpuint (boundary, <=, consumed);
  g_assert_true (consumed == length || weir_decoder_is_ended (decoder));
  if (boundary > 0)
    run->boundary = run->consumed + boundary;
  run->consumed += consumed;
  return TRUE;
}

ChatRun *
chat_run (
    ChatRunOptions options, const char *wire, size_t length, size_t first, size_t step)
{
  ChatRun *run = g_new0 (ChatRun, 1);
  g_autoptr (WeirDecoder) decoder = weir_decoder_new (options.dialect, options.form,
                                                      options.watch ? NULL : on_event, run);
  size_t at = 0;

  run->events = g_string_new (NULL);
  run->fold = g_string_new (NULL);
  run->blocks = g_ptr_array_new_with_free_func (free_block);
  run->finishes = g_ptr_array_new_with_free_func (g_free);
  weir_decoder_set_done_optional (decoder, options.done_optional);
  while (at < length)
    {
      size_t part = MIN (at == 0 && first > 0 ? first : step, length - at);

      if (!feed (run, decoder, wire + at, part))
        break;
      at += part;
    }
  run->state = weir_decoder_finish (decoder, !options.unclean);
  g_assert_cmpint (run->state, ==, weir_decoder_get_state (decoder));
  take_results (run, decoder);
  return run;
}

ChatRun *
chat_run_text (WeirDialect dialect, WeirAnswerForm form, const char *wire)
{
  return chat_run ((ChatRunOptions){ .dialect = dialect, .form = form }, wire,
                   strlen (wire), 0, SIZE_MAX);
}

void
chat_run_free (ChatRun *run)
{
  if (run == NULL)
    return;
  g_string_free (run->events, TRUE);
  g_string_free (run->fold, TRUE);
  g_ptr_array_unref (run->blocks);
  g_ptr_array_unref (run->finishes);
  if (run->id != NULL)
    g_string_free (run->id, TRUE);
  g_free (run->finish);
  g_free (run->failure_type);
  g_free (run->failure_message);
  g_free (run);
}

static void
assert_same (const ChatRun *a, const ChatRun *b)
{
  g_assert_cmpstr (a->events->str, ==, b->events->str);
  g_assert_cmpstr (a->fold->str, ==, b->fold->str);
  g_assert_cmpint (a->state, ==, b->state);
  g_assert_cmpint (a->has_content, ==, b->has_content);
  g_assert_cmpint (a->error_code, ==, b->error_code);
  g_assert_cmpstr (a->finish, ==, b->finish);
  g_assert_cmpstr (a->failure_type, ==, b->failure_type);
}

/* What a watcher keeps. */
static void
assert_same_verdict (const ChatRun *told, const ChatRun *watched)
{
  g_assert_cmpint (told->state, ==, watched->state);
  g_assert_cmpint (told->has_content, ==, watched->has_content);
  g_assert_cmpint (told->error_code, ==, watched->error_code);
  g_assert_cmpstr (told->finish, ==, watched->finish);
  g_assert_cmpstr (told->failure_type, ==, watched->failure_type);
  g_assert_cmpstr (told->failure_message, ==, watched->failure_message);
  g_assert_cmpuint (told->consumed, ==, watched->consumed);
  g_assert_cmpmem (&told->usage, sizeof told->usage, &watched->usage,
                   sizeof watched->usage);
}

static void
check_cuts (const ChatSample *sample, const ChatRun *told)
{
  ChatRunOptions options = { .dialect = sample->dialect, .form = sample->form };
  size_t length = strlen (sample->wire);

  for (size_t cut = 1; cut < length; cut++)
    {
      g_autoptr (ChatRun) run = chat_run (options, sample->wire, length, cut, SIZE_MAX);

      assert_same (told, run);
      /* the LF of a CRLF is nobody's when it comes alone behind the end */
      if (strchr (sample->wire, '\r') == NULL)
        g_assert_cmpuint (told->boundary, ==, run->boundary);
    }
  for (size_t step = 1; step < 4; step++)
    {
      g_autoptr (ChatRun) run = chat_run (options, sample->wire, length, 0, step);

      assert_same (told, run);
    }
}

static void
check_prefixes (const ChatSample *sample, const ChatRun *told)
{
  for (size_t end = 0; end < told->consumed; end++)
    for (unsigned watch = 0; watch <= 1; watch++)
      {
        ChatRunOptions options = {
          .dialect = sample->dialect,
          .form = sample->form,
          .watch = watch != 0,
          .unclean = TRUE,
        };
        g_autoptr (ChatRun) run = chat_run (options, sample->wire, end, 0, SIZE_MAX);

        if (run->state != WEIR_ANSWER_COMPLETE)
          continue;
        /* Gemini has no last event: a finish reason that came must do */
        if (sample->dialect == WEIR_DIALECT_GEMINI)
          g_assert_nonnull (g_strstr_len (sample->wire, (gssize)end, "Reason"));
        else /* the LF of a CRLF is not needed */
          g_assert_true (end == told->consumed || sample->wire[end] == '\n');
      }
}

void
chat_check_sample (const ChatSample *sample)
{
  g_autoptr (ChatRun) told = chat_run_text (sample->dialect, sample->form, sample->wire);
  g_autofree char *longer = g_strconcat (sample->wire, sample->wire, NULL);
  ChatRunOptions watch
      = { .dialect = sample->dialect, .form = sample->form, .watch = TRUE };
  g_autoptr (ChatRun) watched
      = chat_run (watch, sample->wire, strlen (sample->wire), 0, SIZE_MAX);

  g_test_message ("%s", sample->name);
  g_assert_cmpint (told->state, ==, sample->state);
  assert_same_verdict (told, watched);
  check_cuts (sample, told);
  check_prefixes (sample, told);
  if (sample->state == WEIR_ANSWER_COMPLETE && sample->form == WEIR_ANSWER_SSE
      && sample->dialect != WEIR_DIALECT_GEMINI)
    {
      g_autoptr (ChatRun) more = chat_run_text (sample->dialect, sample->form, longer);

      assert_same (told, more);
      g_assert_cmpuint (more->consumed, ==, told->consumed);
    }
  if (sample->whole != NULL)
    {
      g_autoptr (ChatRun) whole
          = chat_run_text (sample->dialect, WEIR_ANSWER_WHOLE, sample->whole);

      g_assert_cmpint (whole->state, ==, WEIR_ANSWER_COMPLETE);
      g_assert_cmpstr (whole->fold->str, ==, told->fold->str);
      g_assert_cmpstr (whole->id->str, ==, told->id->str);
    }
}
