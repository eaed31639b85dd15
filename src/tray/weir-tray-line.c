/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines are put together from the most to the least important part, and stop where the next
 * does not fit: a narrow host then cuts nothing. */

#include "config.h"

#include "tray/weir-tray-line.h"

#include "tray/weir-menu.h"
#include "tray/weir-tray-text.h"

#include "base/weir-translate.h"

#include <string.h>

#define ROW_MAX WEIR_MENU_LABEL_MAX
/* A name may be cut down to this where another number fits then. */
#define NAME_ENOUGH 18

static char *
take_elided (char *text, unsigned max)
{
  g_autofree char *whole = text;

  return weir_tray_text_elide (whole, max);
}

/* What is the matter; what to do about it is said where there is more room. */
static char *
dup_problem (const char *problem)
{
  if (problem == NULL || *problem == '\0')
    return weir_tray_text_elide (_ ("The proxy could not start"), ROW_MAX);
  return take_elided (g_strndup (problem, strcspn (problem, ";")), ROW_MAX);
}

char *
weir_tray_line_state (const WeirTrayModel *model)
{
  const char *scheme = strstr (model->endpoint, "://");
  const char *address = scheme != NULL ? scheme + 3 : model->endpoint;

  switch (model->state)
    {
    case WEIR_TRAY_STARTING:
      return g_strdup (_ ("Starting…"));
    case WEIR_TRAY_STOPPED:
      return g_strdup (_ ("Stopped"));
    case WEIR_TRAY_FAILED:
      return dup_problem (model->problem);
    case WEIR_TRAY_RUNNING:
      break;
    }
  if (model->is_offline)
    return take_elided (g_strdup_printf (_ ("No network – waiting on %s"), address),
                        ROW_MAX);
  return take_elided (g_strdup_printf (_ ("Running on %s"), address), ROW_MAX);
}

static char *
dup_name (const WeirTrayModel *model, const WeirTrayAccount *account, unsigned max)
{
  g_autofree char *label = model->is_private
                               ? weir_tray_text_private (account->label, account->id)
                               : g_strdup (account->label);

  if (*label == '\0')
    return weir_tray_text_elide (account->provider_name, max);
  return take_elided (g_strdup_printf ("%s – %s", account->provider_name, label), max);
}

char *
weir_tray_line_account_name (const WeirTrayModel *model, const WeirTrayAccount *account)
{
  return dup_name (model, account, ROW_MAX);
}

static const char *
get_trouble (WeirTrayAccountState state)
{
  switch (state)
    {
    case WEIR_TRAY_ACCOUNT_READY:
      return NULL;
    case WEIR_TRAY_ACCOUNT_SIGN_IN:
      return _ ("sign-in needed");
    case WEIR_TRAY_ACCOUNT_LOCKED:
      return _ ("keyring locked");
    case WEIR_TRAY_ACCOUNT_MISSING:
      return _ ("saved sign-in is gone");
    case WEIR_TRAY_ACCOUNT_DISABLED:
      return _ ("off");
    case WEIR_TRAY_ACCOUNT_EXHAUSTED:
      return _ ("used up");
    case WEIR_TRAY_ACCOUNT_RESTING:
      return _ ("resting");
    }
  g_assert_not_reached ();
}

/* (nullable): of a state that says more than numbers do. */
static char *
dup_trouble (const WeirTrayAccount *account, int64_t now_us)
{
  const char *trouble = get_trouble (account->state);
  g_autofree char *left = NULL;

  if (trouble == NULL)
    return NULL;
  if (account->rests_until_us == 0
      || (account->state != WEIR_TRAY_ACCOUNT_EXHAUSTED
          && account->state != WEIR_TRAY_ACCOUNT_RESTING))
    return g_strdup (trouble);
  left = weir_tray_text_countdown (account->rests_until_us, now_us);
  return g_strdup_printf ("%s, %s", trouble, left);
}

static char *
dup_window_left (const WeirTrayWindow *window, gboolean is_last)
{
  g_autofree char *name = weir_tray_text_window (window->name);
  const int left = weir_tray_text_left (window->used_percent);

  return is_last ? g_strdup_printf (_ ("%s %d %% left"), name, left)
                 : g_strdup_printf (_ ("%s %d %%"), name, left);
}

/* (nullable): what is left in the @max tightest windows that are known; those of a model
 * only where there is no other. */
static char *
dup_windows_left (const WeirTrayAccount *account, unsigned max)
{
  const gboolean any_scope = weir_tray_account_get_tightest (account) == NULL;
  const WeirTrayWindow *shown[WEIR_TRAY_WINDOWS_MAX];
  unsigned n = 0;
  char *line = NULL;

  for (unsigned i = 0; i < account->n_windows && n < max; i++)
    if (account->windows[i].used_percent >= 0.0
        && (any_scope || account->windows[i].scope == NULL))
      shown[n++] = &account->windows[i];
  for (unsigned i = 0; i < n; i++)
    {
      g_autofree char *part = dup_window_left (shown[i], i + 1 == n);

      line = weir_tray_text_append (line, " · ", part, ROW_MAX);
    }
  return line;
}

static char *
dup_summary (const WeirTrayModel *model,
             const WeirTrayAccount *account,
             unsigned max_windows,
             int64_t now_us)
{
  g_autofree char *line = dup_trouble (account, now_us);
  g_autofree char *clock = NULL;

  if (line != NULL)
    return g_steal_pointer (&line);
  line = dup_windows_left (account, max_windows);
  if (line == NULL && account->n_credits > 0)
    line = g_strdup (account->credits[0]);
  if (line == NULL)
    return g_strdup (_ ("no quota information"));
  if (!model->is_offline || account->read_us == 0)
    return g_steal_pointer (&line);
  clock = weir_tray_text_clock (account->read_us, now_us);
  return g_strdup_printf ("%s (%s)", line, clock);
}

char *
weir_tray_line_account (const WeirTrayModel *model,
                        const WeirTrayAccount *account,
                        int64_t now_us)
{
  g_autofree char *name = dup_name (model, account, ROW_MAX);
  const glong wanted = MIN (g_utf8_strlen (name, -1), NAME_ENOUGH);
  g_autofree char *summary = dup_summary (model, account, 2, now_us);
  g_autofree char *short_name = NULL;
  glong left = ROW_MAX - 2 - g_utf8_strlen (summary, -1);

  if (left < wanted)
    {
      g_free (summary);
      summary = dup_summary (model, account, 1, now_us);
      left = ROW_MAX - 2 - g_utf8_strlen (summary, -1);
    }
  short_name = dup_name (model, account, (unsigned)MAX (left, 8));
  return take_elided (g_strdup_printf ("%s: %s", short_name, summary), ROW_MAX);
}

char *
weir_tray_line_tooltip (const WeirTrayModel *model,
                        const WeirTrayAccount *account,
                        int64_t now_us)
{
  const WeirTrayWindow *window = weir_tray_account_get_tightest (account);
  g_autofree char *name = dup_name (model, account, NAME_ENOUGH);
  g_autofree char *window_name = NULL;
  g_autofree char *clock = NULL;
  g_autofree char *reset = NULL;
  char *line = NULL;

  if (window == NULL || account->state != WEIR_TRAY_ACCOUNT_READY)
    return weir_tray_line_account (model, account, now_us);
  window_name = weir_tray_text_window (window->name);
  line = g_strdup_printf (_ ("%s: %s %d %% used"), name, window_name,
                          weir_tray_text_used (window->used_percent));
  if (window->resets_us > 0)
    {
      clock = weir_tray_text_clock (window->resets_us, now_us);
      reset = g_strdup_printf (_ ("resets %s"), clock);
    }
  return weir_tray_text_append (line, ", ", reset, ROW_MAX);
}

char *
weir_tray_line_identity (const WeirTrayModel *model, const WeirTrayAccount *account)
{
  const char *identity = account->identity != NULL ? account->identity : "";
  const char *trouble = get_trouble (account->state);
  char *line = model->is_private ? weir_tray_text_private (identity, account->id)
                                 : g_strdup (identity);

  line = take_elided (line, 24);
  line = weir_tray_text_append (line, " · ", account->plan, ROW_MAX);
  return weir_tray_text_append (line, " · ", trouble != NULL ? trouble : _ ("ready"),
                                ROW_MAX);
}

/* (nullable) */
static char *
dup_reset (const WeirTrayWindow *window, int64_t now_us)
{
  g_autofree char *when = NULL;

  if (window->resets_us == 0)
    return NULL;
  if (window->resets_us <= now_us)
    return g_strdup (_ ("resets now"));
  if (window->resets_us - now_us >= 24 * 3600 * (int64_t)G_USEC_PER_SEC)
    {
      when = weir_tray_text_clock (window->resets_us, now_us);
      return g_strdup_printf (_ ("resets %s"), when);
    }
  when = weir_tray_text_countdown (window->resets_us, now_us);
  return g_strdup_printf (_ ("resets in %s"), when);
}

/* The bus's words for people; others stay as they are. */
static const char *
translate (const char *word)
{
  static const struct
  {
    const char *word;
    const char *shown;
  } words[] = {
    { "on pace", N_ ("on pace") },          { "ahead", N_ ("ahead of pace") },
    { "behind", N_ ("behind pace") },       { "answers", N_ ("from answers") },
    { "asked", N_ ("as the vendor said") },
  };

  for (unsigned i = 0; word != NULL && i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (word, words[i].word))
      return _ (words[i].shown);
  return word;
}

char *
weir_tray_line_window (const WeirTrayWindow *window, int64_t now_us)
{
  g_autofree char *name = weir_tray_text_window (window->name);
  g_autofree char *heading
      = weir_tray_text_append (g_strdup (name), " ", window->scope, 24);
  g_autofree char *reset = dup_reset (window, now_us);
  g_autofree char *runs_out = NULL;
  g_autofree char *clock = NULL;
  char *line = NULL;

  if (window->used_percent < 0.0)
    line = g_strdup_printf (_ ("%s: not known"), heading);
  else
    line = g_strdup_printf (_ ("%s: %d %% used"), heading,
                            weir_tray_text_used (window->used_percent));
  line = weir_tray_text_append (line, " · ", reset, ROW_MAX);
  if (window->runs_out_us <= now_us)
    return weir_tray_text_append (line, " · ", translate (window->pace), ROW_MAX);
  clock = weir_tray_text_clock (window->runs_out_us, now_us);
  runs_out = g_strdup_printf (_ ("runs out %s"), clock);
  return weir_tray_text_append (line, " · ", runs_out, ROW_MAX);
}

char *
weir_tray_line_source (const WeirTrayAccount *account, int64_t now_us)
{
  g_autofree char *age = NULL;

  if (account->read_us == 0)
    return NULL;
  age = weir_tray_text_age (account->read_us, now_us);
  return weir_tray_text_append (g_strdup (translate (account->source)), ", ", age, ROW_MAX);
}
