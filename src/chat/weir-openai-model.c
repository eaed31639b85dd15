/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Names of OpenAI's models, as far as requests differ by them (from the service's error
 * messages, 2026). */

#include "config.h"

#include "chat/weir-openai-model.h"

#include "chat/weir-thinking.h"

#define FAMILY "gpt-5"

/* Without a vendor in front, as routers write it. */
static WeirSlice
get_base (WeirSlice model)
{
  const char *slash = memrchr (model.text, '/', model.length);

  if (slash == NULL)
    return model;
  return (WeirSlice){ slash + 1, (size_t)(model.text + model.length - slash - 1) };
}

static gboolean
has_word (WeirSlice model, WeirSlice word)
{
  return memmem (model.text, model.length, word.text, word.length) != NULL;
}

/* o1, o3-mini, o4-mini-high, … */
static gboolean
is_of_o_series (WeirSlice base)
{
  return base.length >= 2 && base.text[0] == 'o' && g_ascii_isdigit (base.text[1])
         && (base.length == 2 || base.text[2] == '-');
}

/* gpt-5 and gpt-5.2-codex, not gpt-50, nor those that only chat. */
static gboolean
is_of_family (WeirSlice base)
{
  const size_t length = strlen (FAMILY);

  return weir_slice_has_prefix (base, WEIR_SLICE (FAMILY))
         && (base.length == length || base.text[length] == '-' || base.text[length] == '.')
         && !has_word (base, WEIR_SLICE ("-chat"));
}

/* Not those with open weights, which anybody serves. */
gboolean
weir_openai_model_is_own (WeirSlice model)
{
  const WeirSlice base = get_base (model);

  return is_of_o_series (base) || weir_slice_has_prefix (base, WEIR_SLICE ("chatgpt-"))
         || (weir_slice_has_prefix (base, WEIR_SLICE ("gpt-"))
             && !weir_slice_has_prefix (base, WEIR_SLICE ("gpt-oss")));
}

gboolean
weir_openai_model_reasons (WeirSlice model)
{
  const WeirSlice base = get_base (model);

  return is_of_o_series (base) || is_of_family (base);
}

/* Those that only chat, and all before the o series. */
static gboolean
never_thinks (WeirSlice model)
{
  return has_word (model, WEIR_SLICE ("gpt-3")) || has_word (model, WEIR_SLICE ("gpt-4"))
         || (weir_openai_model_is_own (model) && has_word (model, WEIR_SLICE ("-chat")));
}

/* Of gpt-5.2-codex 2, of gpt-5 and gpt-5-mini 0; -1: not of the family. */
static int
get_minor (WeirSlice base)
{
  const size_t length = strlen (FAMILY);

  if (!is_of_family (base))
    return -1;
  if (base.length < length + 2 || base.text[length] != '.'
      || !g_ascii_isdigit (base.text[length + 1]))
    return 0;
  return base.text[length + 1] - '0';
}

/* As CLIProxyAPI's list of models has them, read 2026-10, and OpenAI's pages on reasoning.
 */
unsigned
weir_openai_model_get_levels (WeirSlice model)
{
  const WeirSlice base = get_base (model);
  const int minor = get_minor (base);

  if (never_thinks (model))
    return 0;
  if (minor < 0 && !is_of_o_series (base))
    return WEIR_EFFORT_ALL & ~WEIR_EFFORT_BIT (WEIR_EFFORT_MAX);
  if (minor == 0 && has_word (base, WEIR_SLICE ("-pro")))
    return WEIR_EFFORT_BIT (WEIR_EFFORT_HIGH);
  if (minor == 0 && !has_word (base, WEIR_SLICE ("-codex")))
    return WEIR_EFFORT_LOW_TO_HIGH | WEIR_EFFORT_BIT (WEIR_EFFORT_MINIMAL);
  if (minor >= 2 || (minor == 1 && has_word (base, WEIR_SLICE ("-max"))))
    return WEIR_EFFORT_LOW_TO_HIGH | WEIR_EFFORT_BIT (WEIR_EFFORT_XHIGH);
  return WEIR_EFFORT_LOW_TO_HIGH;
}

const char *
weir_openai_model_get_least (WeirSlice model)
{
  const WeirSlice base = get_base (model);
  const unsigned levels = weir_openai_model_get_levels (model);
  const gboolean rests = !has_word (base, WEIR_SLICE ("-codex"))
                         && !has_word (base, WEIR_SLICE ("-pro")) && get_minor (base) != 0;

  if (rests && !is_of_o_series (base))
    return "none";
  return levels & WEIR_EFFORT_BIT (WEIR_EFFORT_MINIMAL) ? "minimal"
         : levels & WEIR_EFFORT_BIT (WEIR_EFFORT_LOW)   ? "low"
                                                        : "high";
}

gboolean
weir_openai_model_may_think (WeirSlice model, const WeirThinking *thinking)
{
  if (weir_openai_model_reasons (model))
    return TRUE;
  if (never_thinks (model))
    return FALSE;
  if (thinking->mode == WEIR_THINKING_UNSAID)
    return thinking->shown == WEIR_YES;
  return thinking->mode != WEIR_THINKING_OFF;
}

gboolean
weir_openai_model_draws (WeirSlice model)
{
  const WeirSlice base = get_base (model);

  return weir_slice_has_prefix (base, WEIR_SLICE ("gpt-image-"))
         || weir_slice_has_prefix (base, WEIR_SLICE ("chatgpt-image-"))
         || weir_slice_has_prefix (base, WEIR_SLICE ("dall-e-"));
}

/* From 5.1 on thinking can be off, and then they sample; of 5.1 and 5.2 that is the
 * default. */
static gboolean
samples (WeirSlice model, const WeirThinking *thinking)
{
  const WeirSlice base = get_base (model);
  const size_t dot = strlen (FAMILY);
  gboolean rests;

  if (!is_of_family (base) || base.length < dot + 2 || base.text[dot] != '.'
      || has_word (base, WEIR_SLICE ("-codex")) || has_word (base, WEIR_SLICE ("-pro")))
    return FALSE;
  rests = base.text[dot + 1] == '1' || base.text[dot + 1] == '2';
  return thinking->mode == WEIR_THINKING_OFF
         || (thinking->mode == WEIR_THINKING_UNSAID && rests);
}

gboolean
weir_openai_model_takes (WeirSlice model, WeirOption option, const WeirThinking *thinking)
{
  if (!weir_openai_model_reasons (model))
    return TRUE;
  if (option == WEIR_OPTION_TEMPERATURE || option == WEIR_OPTION_TOP_P
      || option == WEIR_OPTION_LOGPROBS || option == WEIR_OPTION_TOP_LOGPROBS)
    return samples (model, thinking);
  return option != WEIR_OPTION_PRESENCE_PENALTY && option != WEIR_OPTION_FREQUENCY_PENALTY;
}

/* The first of the o series still do. */
gboolean
weir_openai_model_stops (WeirSlice model)
{
  return !weir_openai_model_reasons (model)
         || weir_slice_has_prefix (get_base (model), WEIR_SLICE ("o1"));
}
