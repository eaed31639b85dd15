/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What happens to events between an upstream and a client of another dialect.  How they are
 * spelt is the encoders'. */

#include "config.h"

#include "chat/weir-bridge.h"

#include "base/weir-error.h"
#include "chat/weir-fold.h"
#include "chat/weir-loss.h"
#include "chat/weir-signature.h"
#include "chat/weir-text.h"
#include "chat/weir-tool-name.h"

#define CHOICES_MOST 128 /* no decoder gives more */
#define KEPT_MOST WEIR_FOLD_MAX

typedef enum
{
  WAY_PASS,
  WAY_LEAVE_OUT,
  WAY_HIDE,   /* of a thought only its signature is told, when it closes */
  WAY_UNWRAP, /* the text of a custom call stands in an object */
} Way;

/* An open block. */
typedef struct
{
  unsigned choice;
  unsigned from;   /* its number upstream */
  unsigned number; /* its number for the client */
  WeirBlockType type;
  Way way;
  GString *kept; /* (owned) (nullable) escaped: a thought's signature, a call's arguments */
} Block;

typedef struct
{
  unsigned n_blocks; /* told so far */
  gboolean finished;
} Choice;

struct _WeirBridge
{
  WeirEncoder *encoder;             /* (unowned) */
  const WeirEncodeOptions *options; /* (unowned) the encoder's */
  WeirDialect client;
  gboolean foreign; /* the dialects differ */
  GString *out;     /* (unowned) */
  gboolean started;
  gboolean overflowed;
  gboolean lost_event; /* a RAW event was reported */
  char *broken;    /* (owned) (nullable) escaped: the vendor's word for what went wrong */
  unsigned n_ids;  /* made here */
  GArray *blocks;  /* (owned) of Block */
  GArray *choices; /* (owned) of Choice, by index */
  /* scratch, (owned) (nullable) */
  GString *name;
  GString *id;
  GString *signature;
};

static void
clear_block (gpointer data)
{
  Block *block = data;

  if (block->kept != NULL)
    g_string_free (block->kept, TRUE);
}

static GString *
ensure_scratch (GString **scratch)
{
  if (*scratch == NULL)
    *scratch = g_string_new (NULL);
  return *scratch;
}

static void
free_scratch (GString *scratch)
{
  if (scratch != NULL)
    g_string_free (scratch, TRUE);
}

WeirBridge *
weir_bridge_new (WeirEncoder *encoder)
{
  WeirBridge *self = g_new0 (WeirBridge, 1);

  self->encoder = encoder;
  self->options = weir_encoder_get_options (encoder);
  self->client = weir_encoder_get_dialect (encoder);
  self->foreign = self->client != self->options->upstream;
  self->blocks = g_array_new (FALSE, TRUE, sizeof (Block));
  g_array_set_clear_func (self->blocks, clear_block);
  self->choices = g_array_new (FALSE, TRUE, sizeof (Choice));
  return self;
}

void
weir_bridge_free (WeirBridge *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->blocks);
  g_array_unref (self->choices);
  g_free (self->broken);
  free_scratch (self->name);
  free_scratch (self->id);
  free_scratch (self->signature);
  g_free (self);
}

void
weir_bridge_set_output (WeirBridge *self, GString *out)
{
  self->out = out;
}

static void
hand_on (WeirBridge *self, const WeirEvent *event)
{
  weir_encoder_put (self->encoder, event, self->out);
}

static void
start (WeirBridge *self, const WeirEvent *event)
{
  if (self->started)
    return;
  self->started = TRUE;
  hand_on (self, event);
}

static void
ensure_started (WeirBridge *self)
{
  start (self, &(WeirEvent){ .type = WEIR_EVENT_START });
}

/* NULL: there cannot be so many. */
static Choice *
ensure_choice (WeirBridge *self, unsigned index)
{
  if (index >= CHOICES_MOST)
    return NULL;
  if (index >= self->choices->len)
    g_array_set_size (self->choices, index + 1);
  return &g_array_index (self->choices, Choice, index);
}

static gboolean
is_call (WeirBlockType type)
{
  return type == WEIR_BLOCK_TOOL_CALL || type == WEIR_BLOCK_CUSTOM_CALL;
}

static WeirSlice
get_kept (const Block *block)
{
  return (WeirSlice){ block->kept->str, block->kept->len };
}

static void
keep (WeirBridge *self, Block *block, WeirSlice text)
{
  if (block->kept == NULL)
    block->kept = g_string_new (NULL);
  if (text.length > KEPT_MOST - block->kept->len)
    self->overflowed = TRUE;
  else if (text.length > 0)
    g_string_append_len (block->kept, text.text, (gssize)text.length);
}

static void
say_of_block (WeirBridge *self, const Block *block, WeirEvent event)
{
  event.choice = block->choice;
  event.block = block->number;
  event.block_type = block->type;
  hand_on (self, &event);
}

static void
say_open (WeirBridge *self, Block *block, WeirEvent event)
{
  block->number = g_array_index (self->choices, Choice, block->choice).n_blocks++;
  event.type = WEIR_EVENT_BLOCK_OPEN;
  say_of_block (self, block, event);
}

static WeirSlice
wrap (WeirBridge *self, WeirSlice signature)
{
  if (!self->foreign || signature.length == 0)
    return signature;
  return weir_signature_wrap (self->options->upstream, signature,
                              ensure_scratch (&self->signature));
}

static void
say_signature (WeirBridge *self, const Block *block)
{
  WeirEvent event
      = { .type = WEIR_EVENT_DELTA, .signature = wrap (self, get_kept (block)) };

  say_of_block (self, block, event);
}

/* What a custom call's arguments say as free text. */
static void
say_input (WeirBridge *self, const Block *block)
{
  g_autoptr (GString) plain = g_string_sized_new (block->kept->len);
  g_auto (WeirJson) json = { 0 };
  WeirEvent event = { .type = WEIR_EVENT_DELTA, .text = get_kept (block) };
  uint32_t input = 0;

  weir_text_unescape (event.text, plain);
  if (weir_json_parse (&json, plain->str, plain->len, NULL, NULL))
    input = weir_json_lookup (&json, 0, "input");
  if (input != 0 && weir_json_get_type (&json, input) == WEIR_JSON_STRING)
    {
      const WeirSlice quoted = weir_json_get_raw (&json, input);

      event.text = (WeirSlice){ quoted.text + 1, quoted.length - 2 };
    }
  if (event.text.length > 0)
    say_of_block (self, block, event);
}

static void
say_close (WeirBridge *self, Block *block)
{
  const gboolean has_kept = block->kept != NULL && block->kept->len > 0;

  if (block->way == WAY_LEAVE_OUT || (block->way == WAY_HIDE && !has_kept))
    return;
  if (block->way == WAY_HIDE)
    say_open (self, block, (WeirEvent){ 0 });
  if (block->way == WAY_UNWRAP && has_kept)
    say_input (self, block);
  else if (has_kept)
    say_signature (self, block);
  say_of_block (self, block, (WeirEvent){ .type = WEIR_EVENT_BLOCK_CLOSE });
}

static void
close_at (WeirBridge *self, guint index)
{
  say_close (self, &g_array_index (self->blocks, Block, index));
  g_array_remove_index (self->blocks, index);
}

/* Closes what is open in @choice, in the order of opening: all of it, or what is no call.
 */
static void
close_all (WeirBridge *self, unsigned choice, gboolean calls_too)
{
  for (guint i = 0; i < self->blocks->len;)
    {
      const Block *block = &g_array_index (self->blocks, Block, i);

      if (block->choice == choice && (calls_too || !is_call (block->type)))
        close_at (self, i);
      else
        i++;
    }
}

/* The index of the open block, or the number of open blocks. */
static guint
find_block (const WeirBridge *self, const WeirEvent *event)
{
  for (guint i = self->blocks->len; i > 0; i--)
    {
      const Block *block = &g_array_index (self->blocks, Block, i - 1);

      if (block->choice == event->choice && block->from == event->block)
        return i - 1;
    }
  return self->blocks->len;
}

/* Brings a call's names, id and kind back to what the client asked with. */
static void
restore_call (WeirBridge *self, Block *block, WeirEvent *event)
{
  const WeirTool *tool
      = weir_tool_name_lookup (self->options->request, self->options->upstream,
                               event->scope, event->name, ensure_scratch (&self->name));

  if (tool != NULL)
    {
      event->name = tool->name;
      event->scope = tool->scope;
    }
  if (tool != NULL && tool->type == WEIR_TOOL_CUSTOM && block->type == WEIR_BLOCK_TOOL_CALL)
    {
      block->type = WEIR_BLOCK_CUSTOM_CALL;
      block->way = WAY_UNWRAP;
    }
  /* Gemini knows calls without ids, and its clients make their own */
  if (event->id.length == 0 && self->client != WEIR_DIALECT_GEMINI)
    {
      g_string_printf (ensure_scratch (&self->id), "call_%s_%u", self->options->id,
                       self->n_ids++);
      event->id = (WeirSlice){ self->id->str, self->id->len };
    }
}

/* May a client of Anthropic be told anything of thoughts?  Its vendor's blocks of thoughts,
 * redacted ones too, come to those alone who switched thinking on; how hard to think is
 * said elsewhere. */
static gboolean
thinks (const WeirThinking *thinking)
{
  return thinking->mode != WEIR_THINKING_OFF
         && (thinking->raw.length > 0 || thinking->from_name
             || thinking->shown == WEIR_YES);
}

/* What becomes of thoughts.  Chat has no wish to see them: vendors who have a word for them
 * tell them to everybody.  What comes from the client's own vendor is what was asked. */
static Way
get_way_of_thoughts (const WeirBridge *self)
{
  const WeirThinking *thinking = &self->options->request->thinking;

  if (self->foreign && self->client == WEIR_DIALECT_ANTHROPIC && !thinks (thinking))
    return WAY_LEAVE_OUT;
  if (thinking->shown == WEIR_NO)
    return WAY_HIDE;
  if (thinking->shown == WEIR_UNSAID
      && (self->client == WEIR_DIALECT_GEMINI
          || (self->foreign && self->client == WEIR_DIALECT_OPENAI_RESPONSES)))
    return WAY_HIDE;
  return WAY_PASS;
}

/* A signature goes where thoughts go: a client without a place for them loses it. */
static WeirSlice
take_signature (WeirBridge *self, WeirSlice signature)
{
  if (signature.length == 0 || get_way_of_thoughts (self) != WAY_LEAVE_OUT)
    return signature;
  weir_encoder_report (self->encoder, WEIR_LOSS_ANSWER_SIGNATURE);
  return WEIR_SLICE ("");
}

static void
open_block (WeirBridge *self, const WeirEvent *event)
{
  const Way thoughts = get_way_of_thoughts (self);
  const guint before = find_block (self, event);
  Block block
      = { .choice = event->choice, .from = event->block, .type = event->block_type };
  WeirEvent said = *event;

  if (before < self->blocks->len)
    close_at (self, before);
  close_all (self, event->choice, FALSE);

  if (block.type == WEIR_BLOCK_OTHER && self->foreign)
    {
      block.way = WAY_LEAVE_OUT;
      weir_encoder_report (self->encoder, WEIR_LOSS_ANSWER_PART);
    }
  said.signature = take_signature (self, said.signature);
  if (block.type == WEIR_BLOCK_REDACTED_THINKING && thoughts == WAY_LEAVE_OUT)
    block.way = WAY_LEAVE_OUT;
  if (block.type == WEIR_BLOCK_THINKING)
    {
      block.way = thoughts;
      if (said.signature.length > 0)
        keep (self, &block, said.signature);
      said.signature = WEIR_SLICE ("");
    }
  if (is_call (block.type))
    restore_call (self, &block, &said);
  said.signature = wrap (self, said.signature);
  if (block.way == WAY_PASS || block.way == WAY_UNWRAP)
    say_open (self, &block, said);
  g_array_append_val (self->blocks, block);
}

static void
pass_delta (WeirBridge *self, Block *block, const WeirEvent *event)
{
  if (event->signature.length > 0 && block->type == WEIR_BLOCK_THINKING)
    keep (self, block, event->signature);
  else if (event->signature.length > 0 && self->foreign)
    weir_encoder_report (self->encoder, WEIR_LOSS_ANSWER_SIGNATURE);
  else
    say_of_block (self, block, *event);
}

static void
put_delta (WeirBridge *self, Block *block, const WeirEvent *event)
{
  switch (block->way)
    {
    case WAY_PASS:
      pass_delta (self, block, event);
      break;
    case WAY_HIDE:
      keep (self, block, event->signature);
      break;
    case WAY_UNWRAP:
      keep (self, block, event->text);
      break;
    case WAY_LEAVE_OUT:
      take_signature (self, event->signature);
      break;
    }
}

/* Nobody else has a word for an answer that is none: it is said as a failure at the end,
 * and clients ask again. */
static void
finish (WeirBridge *self, Choice *choice, const WeirEvent *event)
{
  choice->finished = TRUE;
  close_all (self, event->choice, TRUE);
  if (event->finish != WEIR_FINISH_BROKEN || !self->foreign)
    hand_on (self, event);
  else if (self->broken == NULL)
    self->broken = weir_slice_dup (event->text);
}

static void
put_in_choice (WeirBridge *self, const WeirEvent *event)
{
  Choice *choice = ensure_choice (self, event->choice);
  guint index;

  if (choice == NULL || choice->finished)
    return;
  ensure_started (self);
  if (event->type == WEIR_EVENT_FINISH)
    {
      finish (self, choice, event);
      return;
    }
  if (event->type == WEIR_EVENT_BLOCK_OPEN)
    {
      open_block (self, event);
      return;
    }
  index = find_block (self, event);
  if (index == self->blocks->len)
    return;
  if (event->type == WEIR_EVENT_BLOCK_CLOSE)
    close_at (self, index);
  else
    put_delta (self, &g_array_index (self->blocks, Block, index), event);
}

/* A name may be that of an SSE event, which is anything but a line end. */
static gboolean
is_word (WeirSlice name)
{
  for (size_t i = 0; i < name.length; i++)
    if (!g_ascii_isalnum (name.text[i]) && memchr ("_.-", name.text[i], 3) == NULL)
      return FALSE;
  return TRUE;
}

static void
put_raw (WeirBridge *self, const WeirEvent *event)
{
  if (!self->foreign && is_word (event->name))
    {
      ensure_started (self);
      hand_on (self, event);
      return;
    }
  if (!self->lost_event)
    weir_encoder_report (self->encoder, WEIR_LOSS_ANSWER_PART);
  self->lost_event = TRUE;
}

void
weir_bridge_sink (const WeirEvent *event, gpointer bridge)
{
  WeirBridge *self = bridge;

  g_return_if_fail (self->out != NULL);

  switch (event->type)
    {
    case WEIR_EVENT_START:
      start (self, event);
      break;
    case WEIR_EVENT_BLOCK_OPEN:
    case WEIR_EVENT_DELTA:
    case WEIR_EVENT_BLOCK_CLOSE:
    case WEIR_EVENT_FINISH:
      put_in_choice (self, event);
      break;
    case WEIR_EVENT_USAGE:
      ensure_started (self);
      hand_on (self, event);
      break;
    case WEIR_EVENT_PING:
      hand_on (self, event);
      break;
    case WEIR_EVENT_RAW:
      put_raw (self, event);
      break;
    case WEIR_EVENT_ERROR:
    case WEIR_EVENT_LAST:
      break;
    }
}

gboolean
weir_bridge_end (WeirBridge *self, GError **error)
{
  g_return_val_if_fail (self->out != NULL, FALSE);

  if (self->overflowed)
    return weir_error_set (error, WEIR_ERROR_TOO_LARGE,
                           "arguments of a call are larger than %u bytes", KEPT_MOST);
  if (self->broken != NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                           "the model said no usable answer (%s)", self->broken);
  ensure_started (self);
  for (guint i = 0; i < self->choices->len; i++)
    close_all (self, i, TRUE);
  return weir_encoder_end (self->encoder, self->out, error);
}
