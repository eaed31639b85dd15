/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The user's own rules about error answers, as they are built and matched. */

#include "config.h"

#include "providers/weir-verdict-rule.h"

/* An expression is shown at most this much of an answer: errors are short, and the cost of
 * one is the user's own doing but should stay bounded. */
#define REGEX_TEXT_MAX 16384

WeirErrorRule *
weir_error_rule_new (unsigned status, WeirErrorRuleAction action)
{
  WeirErrorRule *self = g_new0 (WeirErrorRule, 1);

  self->status = status;
  self->action = action;
  self->match = g_ptr_array_new_with_free_func (g_free);
  self->regexes = g_ptr_array_new_with_free_func ((GDestroyNotify)g_regex_unref);
  return self;
}

void
weir_error_rule_free (WeirErrorRule *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->match);
  g_ptr_array_unref (self->regexes);
  g_free (self);
}

void
weir_error_rule_add_match (WeirErrorRule *self, const char *text)
{
  g_return_if_fail (*text != '\0');

  g_ptr_array_add (self->match, g_strdup (text));
}

gboolean
weir_error_rule_add_regex (WeirErrorRule *self, const char *pattern, GError **error)
{
  g_autoptr (GError) reason = NULL;
  GRegex *regex = g_regex_new (pattern, G_REGEX_RAW, 0, &reason);

  if (regex == NULL)
    return weir_error_set (error, WEIR_ERROR_CONFIG, "%s", reason->message);
  g_ptr_array_add (self->regexes, regex);
  return TRUE;
}

gboolean
weir_error_rule_holds (const WeirErrorRule *self, unsigned status, WeirSlice text)
{
  if (self->status != status || text.length == 0)
    return FALSE;
  for (unsigned i = 0; i < self->match->len; i++)
    {
      const char *match = g_ptr_array_index (self->match, i);

      if (memmem (text.text, text.length, match, strlen (match)) != NULL)
        return TRUE;
    }
  for (unsigned i = 0; i < self->regexes->len; i++)
    if (g_regex_match_full (g_ptr_array_index (self->regexes, i), text.text,
                            (gssize)MIN (text.length, REGEX_TEXT_MAX), 0, 0, NULL, NULL))
      return TRUE;
  return FALSE;
}
