/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A guess at tokens without anybody's vocabulary.  Tokenizers in use cut text alike:
 *   a run of letters           one token for each five begun
 *   a run of digits            one for each three begun
 *   other ASCII signs          one for each two begun in a row
 *   a single space             belongs to the word behind it; other white space: one a run
 *   ideographs, kana, hangul   one each
 *   other letters              one for each two begun
 *   a picture, sound or file   MEDIA each
 * and a little for what surrounds each message and tool.  For English prose this comes to
 * about four bytes a token. */

#include "config.h"

#include "chat/weir-estimate.h"

#define MEDIA 1000
#define MESSAGE 4
#define TOOL 8

typedef enum
{
  RUN_NONE,
  RUN_LETTERS,
  RUN_DIGITS,
  RUN_SIGNS,
  RUN_SPACE,
  RUN_OTHER,
  RUN_IDEOGRAPHS,
  RUN_LAST,
} Run;

/* Characters that one token of a run holds. */
static const unsigned char holds[] = {
  [RUN_NONE] = 1,    [RUN_LETTERS] = 5, [RUN_DIGITS] = 3,     [RUN_SIGNS] = 2,
  [RUN_SPACE] = 255, [RUN_OTHER] = 2,   [RUN_IDEOGRAPHS] = 1,
};
G_STATIC_ASSERT (G_N_ELEMENTS (holds) == RUN_LAST);

/* The character at @text + *@at, which is moved behind it.  Escapes count as what they
 * spell, halves of a pair as one each. */
static uint32_t
read_character (WeirSlice text, size_t *at)
{
  const unsigned char first = (unsigned char)text.text[(*at)++];
  uint32_t code = 0;

  if (first == '\\' && *at < text.length)
    {
      const char letter = text.text[(*at)++];

      if (letter != 'u' || text.length - *at < 4)
        return letter == 'n' || letter == 'r' || letter == 't' ? '\n'
                                                               : (unsigned char)letter;
      for (unsigned i = 0; i < 4; i++)
        code = code << 4 | (uint32_t)(g_ascii_xdigit_value (text.text[(*at)++]) & 15);
      return code;
    }
  if (first < 0x80)
    return first;
  code = first >= 0xf0 ? first & 7u : first >= 0xe0 ? first & 15u : first & 31u;
  while (*at < text.length && ((unsigned char)text.text[*at] & 0xc0) == 0x80)
    code = code << 6 | ((unsigned char)text.text[(*at)++] & 63u);
  return code;
}

static Run
classify (uint32_t code)
{
  if (code >= 0x2e80)
    return RUN_IDEOGRAPHS;
  if (code >= 0x80)
    return RUN_OTHER;
  if (g_ascii_isalpha ((char)code))
    return RUN_LETTERS;
  if (g_ascii_isdigit ((char)code))
    return RUN_DIGITS;
  return g_ascii_isspace ((char)code) ? RUN_SPACE : RUN_SIGNS;
}

static uint64_t
count_text (WeirSlice text)
{
  uint64_t tokens = 0;
  Run run = RUN_NONE;
  unsigned length = 0; /* characters of the run in its last token */
  gboolean lone_space = FALSE;

  for (size_t at = 0; at < text.length;)
    {
      const uint32_t code = read_character (text, &at);
      const Run now = classify (code);

      if (lone_space && now == RUN_SPACE)
        tokens++;
      if (now == run && length < holds[run])
        {
          length++;
          lone_space = FALSE;
          continue;
        }
      lone_space = code == ' ' && run != RUN_SPACE;
      run = now;
      length = 1;
      if (!lone_space)
        tokens++;
    }
  return tokens;
}

static uint64_t
count_media (const WeirMedia *media)
{
  if (media->source == WEIR_MEDIA_TEXT)
    return count_text (media->data) + count_text (media->title)
           + count_text (media->context);
  return MEDIA;
}

/* Of a part that holds no other parts. */
static uint64_t
count_plain_part (const WeirPart *part)
{
  switch (part->type)
    {
    case WEIR_PART_TEXT:
    case WEIR_PART_THINKING:
    case WEIR_PART_REFUSAL:
      return count_text (part->text);
    case WEIR_PART_IMAGE:
    case WEIR_PART_AUDIO:
    case WEIR_PART_VIDEO:
    case WEIR_PART_FILE:
      return count_media (&part->media);
    case WEIR_PART_CALL:
      return TOOL + count_text (part->call.name) + count_text (part->call.arguments.bytes);
    case WEIR_PART_RESULT:
      return TOOL + count_text (part->result.value.bytes);
    case WEIR_PART_OTHER:
      return count_text (part->raw);
    case WEIR_PART_REDACTED_THINKING:
    case WEIR_PART_LAST:
      break;
    }
  return 0;
}

static uint64_t
count_message (const WeirMessage *message)
{
  uint64_t tokens = MESSAGE;

  for (const WeirPart *part = message->parts; part != NULL; part = part->next)
    {
      tokens += count_plain_part (part);
      if (part->type == WEIR_PART_RESULT)
        for (const WeirPart *inner = part->result.parts; inner != NULL; inner = inner->next)
          tokens += count_plain_part (inner);
    }
  return tokens;
}

static uint64_t
count_tool (const WeirTool *tool)
{
  if (tool->type != WEIR_TOOL_FUNCTION && tool->type != WEIR_TOOL_CUSTOM)
    return TOOL + count_text (tool->raw);
  return TOOL + count_text (tool->name) + count_text (tool->description)
         + count_text (tool->schema) + count_text (tool->format);
}

uint64_t
weir_estimate_tokens (const WeirRequest *request)
{
  uint64_t tokens = count_text (request->response_format.schema);

  for (const WeirMessage *message = request->messages; message != NULL;
       message = message->next)
    tokens += count_message (message);
  for (const WeirTool *tool = request->tools; tool != NULL; tool = tool->next)
    tokens += count_tool (tool);
  return MAX (tokens, 1);
}
