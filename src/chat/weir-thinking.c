/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Levels, budgets and the words for both.  Which of them a model takes is its dialect's
 * writer's to know. */

#include "config.h"

#include "chat/weir-thinking.h"

static const struct
{
  const char *word;
  uint64_t budget;
  uint64_t holds; /* budgets up to this one are this level */
} efforts[] = {
  [WEIR_EFFORT_MINIMAL] = { "minimal", 512, 512 },
  [WEIR_EFFORT_LOW] = { "low", 1024, 1024 },
  [WEIR_EFFORT_MEDIUM] = { "medium", 8192, 8192 },
  [WEIR_EFFORT_HIGH] = { "high", 24576, 24576 },
  [WEIR_EFFORT_XHIGH] = { "xhigh", 32768, UINT64_MAX },
  [WEIR_EFFORT_MAX] = { "max", 128000, UINT64_MAX },
};
G_STATIC_ASSERT (G_N_ELEMENTS (efforts) == WEIR_EFFORT_LAST);

WeirEffort
weir_thinking_get_effort (WeirSlice level)
{
  for (unsigned i = 0; i < WEIR_EFFORT_LAST; i++)
    if (weir_slice_equal_nocase (weir_slice_from_string (efforts[i].word), level))
      return (WeirEffort)i;
  return WEIR_EFFORT_LAST;
}

WeirSlice
weir_thinking_get_word (WeirEffort effort)
{
  g_return_val_if_fail (effort < WEIR_EFFORT_LAST, WEIR_SLICE (""));

  return weir_slice_from_string (efforts[effort].word);
}

uint64_t
weir_thinking_get_budget (WeirEffort effort)
{
  g_return_val_if_fail (effort < WEIR_EFFORT_LAST, 0);

  return efforts[effort].budget;
}

static void
set_mode (WeirThinking *self, WeirThinkingMode mode, WeirSlice level, uint64_t budget)
{
  self->mode = mode;
  self->level = level;
  self->budget = budget;
}

void
weir_thinking_set_level (WeirThinking *self, WeirSlice word)
{
  const WeirEffort effort = weir_thinking_get_effort (word);

  if (word.length == 0)
    return;
  if (effort != WEIR_EFFORT_LAST)
    set_mode (self, WEIR_THINKING_LEVEL, weir_thinking_get_word (effort), 0);
  else if (weir_slice_equal_nocase (word, WEIR_SLICE ("none")))
    set_mode (self, WEIR_THINKING_OFF, WEIR_SLICE (""), 0);
  else if (weir_slice_equal_nocase (word, WEIR_SLICE ("auto")))
    set_mode (self, WEIR_THINKING_AUTO, WEIR_SLICE (""), 0);
  else
    set_mode (self, WEIR_THINKING_LEVEL, word, 0);
}

void
weir_thinking_set_budget (WeirThinking *self, int64_t budget)
{
  if (budget > 0)
    set_mode (self, WEIR_THINKING_BUDGET, WEIR_SLICE (""), (uint64_t)budget);
  else if (budget == 0)
    set_mode (self, WEIR_THINKING_OFF, WEIR_SLICE (""), 0);
  else if (budget == -1)
    set_mode (self, WEIR_THINKING_AUTO, WEIR_SLICE (""), 0);
}

void
weir_thinking_set_summary (WeirThinking *self, WeirSlice word)
{
  if (word.length == 0)
    return;
  self->summary = word;
  self->shown = weir_slice_equal_nocase (word, WEIR_SLICE ("none"))
                        || weir_slice_equal_nocase (word, WEIR_SLICE ("omitted"))
                    ? WEIR_NO
                    : WEIR_YES;
}

/* Decimal digits that fit.  FALSE: something else. */
static gboolean
read_digits (WeirSlice text, int64_t *out_value)
{
  int64_t value = 0;

  if (text.length == 0 || text.length > 15)
    return FALSE;
  for (size_t i = 0; i < text.length; i++)
    {
      if (!g_ascii_isdigit (text.text[i]))
        return FALSE;
      value = value * 10 + (text.text[i] - '0');
    }
  *out_value = value;
  return TRUE;
}

/* FALSE: @word says nothing. */
static gboolean
read_suffix (WeirThinking *self, WeirSlice word)
{
  int64_t budget = -1;

  if (read_digits (word, &budget) || weir_slice_equal (word, WEIR_SLICE ("-1")))
    weir_thinking_set_budget (self, budget);
  else if (weir_thinking_get_effort (word) != WEIR_EFFORT_LAST
           || weir_slice_equal_nocase (word, WEIR_SLICE ("none"))
           || weir_slice_equal_nocase (word, WEIR_SLICE ("auto")))
    weir_thinking_set_level (self, word);
  else
    return FALSE;
  return TRUE;
}

WeirSlice
weir_thinking_split_model (WeirSlice model, WeirThinking *thinking)
{
  const char *open;
  WeirSlice word;

  if (model.length < 3 || model.text[model.length - 1] != ')')
    return model;
  open = memrchr (model.text, '(', model.length);
  if (open == NULL || open == model.text)
    return model;
  word = (WeirSlice){ open + 1, (size_t)(model.text + model.length - 1 - (open + 1)) };
  if (read_suffix (thinking, word))
    thinking->from_name = TRUE;
  return (WeirSlice){ model.text, (size_t)(open - model.text) };
}

void
weir_thinking_take_suffix (WeirRequest *request)
{
  request->model = weir_thinking_split_model (request->model, &request->thinking);
}

static WeirEffort
find_effort (uint64_t budget)
{
  unsigned i = 0;

  while (budget > efforts[i].holds)
    i++;
  return (WeirEffort)i;
}

/* Downwards first: ties go to the lower level. */
static WeirEffort
find_nearest (WeirEffort wanted, unsigned levels)
{
  for (unsigned distance = 0; distance < WEIR_EFFORT_LAST; distance++)
    {
      if (distance <= wanted && (levels & WEIR_EFFORT_BIT (wanted - distance)) != 0)
        return (WeirEffort)(wanted - distance);
      if (wanted + distance < WEIR_EFFORT_LAST
          && (levels & WEIR_EFFORT_BIT (wanted + distance)) != 0)
        return (WeirEffort)(wanted + distance);
    }
  return wanted;
}

WeirSlice
weir_thinking_as_level (const WeirThinking *self, unsigned levels)
{
  WeirEffort effort;

  g_return_val_if_fail ((levels & WEIR_EFFORT_ALL) != 0, WEIR_SLICE (""));

  if (self->mode != WEIR_THINKING_LEVEL && self->mode != WEIR_THINKING_BUDGET)
    return WEIR_SLICE ("");
  effort = self->mode == WEIR_THINKING_BUDGET ? find_effort (self->budget)
                                              : weir_thinking_get_effort (self->level);
  if (effort == WEIR_EFFORT_LAST)
    return self->level;
  return weir_thinking_get_word (find_nearest (effort, levels));
}

gboolean
weir_thinking_as_budget (const WeirThinking *self,
                         uint64_t least,
                         uint64_t most,
                         uint64_t *out_budget)
{
  uint64_t budget = self->budget;

  if (self->mode != WEIR_THINKING_LEVEL && self->mode != WEIR_THINKING_BUDGET)
    return FALSE;
  if (self->mode == WEIR_THINKING_LEVEL)
    {
      const WeirEffort effort = weir_thinking_get_effort (self->level);

      if (effort == WEIR_EFFORT_LAST)
        return FALSE;
      budget = efforts[effort].budget;
    }
  budget = MAX (budget, least);
  *out_budget = most != 0 ? MIN (budget, most) : budget;
  return TRUE;
}

WeirSlice
weir_thinking_as_summary (const WeirThinking *self, WeirDialect target)
{
  static const char *const details[] = { "auto", "concise", "detailed" };

  if (self->shown == WEIR_UNSAID)
    return WEIR_SLICE ("");
  if (target == WEIR_DIALECT_ANTHROPIC)
    return self->shown == WEIR_YES ? WEIR_SLICE ("summarized") : WEIR_SLICE ("omitted");
  if (target != WEIR_DIALECT_OPENAI_RESPONSES || self->shown == WEIR_NO)
    return WEIR_SLICE ("");
  for (size_t i = 0; i < G_N_ELEMENTS (details); i++)
    if (weir_slice_equal (self->summary, weir_slice_from_string (details[i])))
      return self->summary;
  return WEIR_SLICE ("auto");
}
