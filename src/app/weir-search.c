/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Short terms are no question: one letter would find everything on each key press. */

#include "config.h"

#include "app/weir-search.h"

#include "base/weir-translate.h"
#include "tray/weir-tray-face.h"
#include "tray/weir-tray-line.h"

#include <string.h>

#define TERM_MIN 2
#define TERMS_MAX 8
#define ACCOUNT_PREFIX "account/"
#define SWITCH_ID "switch"

void
weir_search_result_free (WeirSearchResult *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->title);
  g_free (self->description);
  g_free (self);
}

static void
free_result (gpointer result)
{
  weir_search_result_free (result);
}

/* Is each of @terms somewhere in @words?  All are folded. */
static gboolean
has_all (const char *words, char **terms)
{
  for (unsigned i = 0; terms[i] != NULL; i++)
    if (strstr (words, terms[i]) == NULL)
      return FALSE;
  return TRUE;
}

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

/* (transfer full): what an account is found by. */
static char *
dup_words (const WeirTrayModel *model, const WeirTrayAccount *account)
{
  /* a hidden address is not to be guessed by typing it */
  g_autofree char *name = weir_tray_line_account_name (model, account);
  g_autofree char *words
      = g_strjoin (" ", name, or_empty (account->plan), _ ("quota limit left weir"), NULL);

  return g_utf8_casefold (words, -1);
}

static WeirSearchResult *
make_account (const WeirTrayModel *model, const WeirTrayAccount *account, int64_t now_us)
{
  WeirSearchResult *result = g_new0 (WeirSearchResult, 1);

  result->id = g_strconcat (ACCOUNT_PREFIX, account->id, NULL);
  result->title = weir_tray_line_tooltip (model, account, now_us);
  result->description = account->n_windows > 1
                            ? weir_tray_line_window (&account->windows[1], now_us)
                            : weir_tray_line_identity (model, account);
  result->icon = WEIR_APPLICATION_ID;
  result->action = "show-account";
  result->account = account->id;
  return result;
}

static gboolean
is_up (const WeirTrayModel *model)
{
  return model->state == WEIR_TRAY_RUNNING || model->state == WEIR_TRAY_STARTING;
}

static WeirSearchResult *
make_switch (const WeirTrayModel *model)
{
  WeirSearchResult *result = g_new0 (WeirSearchResult, 1);

  result->id = g_strdup (SWITCH_ID);
  result->title = g_strdup (is_up (model) ? _ ("Stop Proxy") : _ ("Start Proxy"));
  result->description = weir_tray_line_state (model);
  result->icon = WEIR_APPLICATION_ID;
  result->action = is_up (model) ? "stop" : "start";
  return result;
}

/* (transfer full) (nullable): folded, without what is no question. */
static char **
fold_terms (const char *const *terms)
{
  g_autoptr (GStrvBuilder) folded = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;

  for (unsigned i = 0; terms[i] != NULL && i < TERMS_MAX; i++)
    if (g_utf8_strlen (terms[i], -1) >= TERM_MIN)
      {
        g_autofree char *term = g_utf8_casefold (terms[i], -1);

        g_strv_builder_add (folded, term);
      }
  all = g_strv_builder_end (folded);
  return all[0] != NULL ? g_steal_pointer (&all) : NULL;
}

GPtrArray *
weir_search_find (const WeirTrayModel *model, const char *const *terms, int64_t now_us)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (free_result);
  g_autoptr (GPtrArray) tightest = weir_tray_model_dup_tightest (model);
  g_auto (GStrv) folded = fold_terms (terms);
  g_autofree char *switch_words
      = g_utf8_casefold (_ ("weir proxy start stop Start Proxy Stop Proxy"), -1);

  if (folded == NULL)
    return found;
  for (unsigned i = 0; i < tightest->len && found->len + 1 < WEIR_SEARCH_RESULTS_MAX; i++)
    {
      const WeirTrayAccount *account = g_ptr_array_index (tightest, i);
      g_autofree char *words = dup_words (model, account);

      if (has_all (words, folded))
        g_ptr_array_add (found, make_account (model, account, now_us));
    }
  if (has_all (switch_words, folded))
    g_ptr_array_add (found, make_switch (model));
  return found;
}

WeirSearchResult *
weir_search_lookup (const WeirTrayModel *model, const char *id, int64_t now_us)
{
  const WeirTrayAccount *account = NULL;

  if (g_str_equal (id, SWITCH_ID))
    return make_switch (model);
  if (!g_str_has_prefix (id, ACCOUNT_PREFIX))
    return NULL;
  account = weir_tray_model_lookup (model, id + strlen (ACCOUNT_PREFIX));
  return account != NULL ? make_account (model, account, now_us) : NULL;
}
