/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat-spy.h"

typedef struct
{
  unsigned choice;
  unsigned number;
  WeirBlockType type;
} Open;

typedef struct
{
  WeirEncoder base;
  gboolean started;
  GArray *open;     /* (owned) of Open */
  GArray *numbers;  /* (owned) of unsigned: blocks opened, by choice */
  GArray *finished; /* (owned) of gboolean, by choice */
} Spy;

static const char *const types[] = {
  [WEIR_BLOCK_TEXT] = "text",
  [WEIR_BLOCK_THINKING] = "thinking",
  [WEIR_BLOCK_REDACTED_THINKING] = "redacted",
  [WEIR_BLOCK_TOOL_CALL] = "call",
  [WEIR_BLOCK_CUSTOM_CALL] = "custom",
  [WEIR_BLOCK_REFUSAL] = "refusal",
  [WEIR_BLOCK_IMAGE] = "image",
  [WEIR_BLOCK_OTHER] = "other",
};
G_STATIC_ASSERT (G_N_ELEMENTS (types) == WEIR_BLOCK_LAST);

static void
spy_init (WeirEncoder *encoder)
{
  Spy *self = (Spy *)encoder;

  self->open = g_array_new (FALSE, TRUE, sizeof (Open));
  self->numbers = g_array_new (FALSE, TRUE, sizeof (unsigned));
  self->finished = g_array_new (FALSE, TRUE, sizeof (gboolean));
}

static void
spy_clear (WeirEncoder *encoder)
{
  Spy *self = (Spy *)encoder;

  g_array_unref (self->open);
  g_array_unref (self->numbers);
  g_array_unref (self->finished);
}

static gboolean
is_call (WeirBlockType type)
{
  return type == WEIR_BLOCK_TOOL_CALL || type == WEIR_BLOCK_CUSTOM_CALL;
}

static guint
find (const Spy *self, const WeirEvent *event)
{
  for (guint i = 0; i < self->open->len; i++)
    {
      const Open *open = &g_array_index (self->open, Open, i);

      if (open->choice == event->choice && open->number == event->block)
        {
          g_assert_cmpint (open->type, ==, event->block_type);
          return i;
        }
    }
  g_assert_not_reached ();
}

static unsigned
count_open (const Spy *self, unsigned choice, gboolean calls)
{
  unsigned count = 0;

  for (guint i = 0; i < self->open->len; i++)
    {
      const Open *open = &g_array_index (self->open, Open, i);

      count += open->choice == choice && is_call (open->type) == calls;
    }
  return count;
}

static void
check_open (Spy *self, const WeirEvent *event)
{
  Open open = { event->choice, event->block, event->block_type };
  unsigned *number = &g_array_index (self->numbers, unsigned, event->choice);

  g_assert_cmpuint (event->block, ==, *number);
  *number += 1;
  g_assert_cmpuint (count_open (self, event->choice, FALSE), ==, 0);
  g_array_append_val (self->open, open);
}

static void
check_in_choice (Spy *self, const WeirEvent *event)
{
  gboolean *finished;

  g_assert_true (self->started);
  if (event->choice >= self->numbers->len)
    {
      g_array_set_size (self->numbers, event->choice + 1);
      g_array_set_size (self->finished, event->choice + 1);
    }
  finished = &g_array_index (self->finished, gboolean, event->choice);
  g_assert_false (*finished);
  if (event->type == WEIR_EVENT_BLOCK_OPEN)
    check_open (self, event);
  else if (event->type == WEIR_EVENT_FINISH)
    {
      g_assert_cmpuint (count_open (self, event->choice, FALSE), ==, 0);
      g_assert_cmpuint (count_open (self, event->choice, TRUE), ==, 0);
      *finished = TRUE;
    }
  else if (event->type == WEIR_EVENT_BLOCK_CLOSE)
    g_array_remove_index (self->open, find (self, event));
  else
    find (self, event);
}

static void
check (Spy *self, const WeirEvent *event)
{
  switch (event->type)
    {
    case WEIR_EVENT_START:
      g_assert_false (self->started);
      self->started = TRUE;
      break;
    case WEIR_EVENT_BLOCK_OPEN:
    case WEIR_EVENT_DELTA:
    case WEIR_EVENT_BLOCK_CLOSE:
    case WEIR_EVENT_FINISH:
      check_in_choice (self, event);
      break;
    case WEIR_EVENT_USAGE:
    case WEIR_EVENT_RAW:
      g_assert_true (self->started);
      break;
    case WEIR_EVENT_PING:
      break;
    case WEIR_EVENT_ERROR:
    case WEIR_EVENT_LAST:
      g_assert_not_reached ();
    }
}

/* The bytes between the quotes of a JSON string. */
static void
check_escaped (WeirSlice value)
{
  g_autoptr (GString) quoted = g_string_new ("\"");
  g_auto (WeirJson) json = { 0 };

  g_string_append_len (quoted, value.text, (gssize)value.length);
  g_string_append_c (quoted, '"');
  g_assert_true (weir_json_parse (&json, quoted->str, quoted->len, NULL, NULL));
}

static void
add (GString *out, const char *name, WeirSlice value)
{
  if (value.length == 0)
    return;
  check_escaped (value);
  g_string_append_c (out, ' ');
  g_string_append (out, name);
  g_string_append_c (out, '=');
  g_string_append_len (out, value.text, (gssize)value.length);
}

static void
spy_put (WeirEncoder *encoder, const WeirEvent *event, GString *out)
{
  static const char *const words[] = {
    [WEIR_EVENT_START] = "start", [WEIR_EVENT_BLOCK_OPEN] = "open",
    [WEIR_EVENT_DELTA] = "delta", [WEIR_EVENT_BLOCK_CLOSE] = "close",
    [WEIR_EVENT_USAGE] = "usage", [WEIR_EVENT_FINISH] = "finish",
    [WEIR_EVENT_ERROR] = "error", [WEIR_EVENT_PING] = "ping",
    [WEIR_EVENT_RAW] = "raw",
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (words) == WEIR_EVENT_LAST);

  check ((Spy *)encoder, event);
  g_string_append (out, words[event->type]);
  if (event->type == WEIR_EVENT_BLOCK_OPEN || event->type == WEIR_EVENT_DELTA
      || event->type == WEIR_EVENT_BLOCK_CLOSE)
    g_string_append_printf (out, " %u.%u %s", event->choice, event->block,
                            types[event->block_type]);
  add (out, "id", event->id);
  add (out, "name", event->name);
  add (out, "scope", event->scope);
  add (out, "text", event->text);
  add (out, "signature", event->signature);
  g_string_append_c (out, '\n');
}

static gboolean
spy_end (WeirEncoder *encoder, GString *out, GError **error)
{
  const Spy *self = (const Spy *)encoder;

  g_assert_true (self->started);
  g_assert_cmpuint (self->open->len, ==, 0);
  g_string_append (out, "end\n");
  return TRUE;
}

#define SPY(of)                                                                            \
  {                                                                                        \
    .dialect = of, .size = sizeof (Spy), .init = spy_init, .clear = spy_clear,             \
    .put = spy_put, .end = spy_end,                                                        \
  }

const WeirEncoderClass *
chat_spy_get_class (WeirDialect dialect)
{
  static const WeirEncoderClass classes[WEIR_DIALECT_LAST] = {
    SPY (WEIR_DIALECT_OPENAI_CHAT),
    SPY (WEIR_DIALECT_OPENAI_RESPONSES),
    SPY (WEIR_DIALECT_ANTHROPIC),
    SPY (WEIR_DIALECT_GEMINI),
  };

  return &classes[dialect];
}
