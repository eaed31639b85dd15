/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The model's memory, and the one question that several faces of it ask: who is tightest.
 */

#include "config.h"

#include "tray/weir-tray-model.h"

WeirTrayModel *
weir_tray_model_new (void)
{
  WeirTrayModel *self = g_rc_box_new0 (WeirTrayModel);

  self->texts = g_string_chunk_new (1024);
  self->endpoint = "";
  self->accounts = g_array_new (FALSE, TRUE, sizeof (WeirTrayAccount));
  self->notices = g_array_new (FALSE, TRUE, sizeof (WeirTrayNotice));
  self->model_names = g_array_new (FALSE, TRUE, sizeof (WeirTrayModelName));
  self->providers = g_array_new (FALSE, TRUE, sizeof (WeirTrayProvider));
  self->left = WEIR_TRAY_LEFT;
  self->left_last = WEIR_TRAY_LEFT_LAST;
  return self;
}

WeirTrayModel *
weir_tray_model_ref (WeirTrayModel *self)
{
  return g_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  WeirTrayModel *self = data;

  g_array_unref (self->accounts);
  g_array_unref (self->notices);
  g_array_unref (self->model_names);
  g_array_unref (self->providers);
  g_string_chunk_free (self->texts);
}

void
weir_tray_model_unref (WeirTrayModel *self)
{
  if (self != NULL)
    g_rc_box_release_full (self, clear);
}

const char *
weir_tray_model_keep (WeirTrayModel *self, const char *text)
{
  return text != NULL ? g_string_chunk_insert_const (self->texts, text) : NULL;
}

const WeirTrayAccount *
weir_tray_model_lookup (const WeirTrayModel *self, const char *id)
{
  for (unsigned i = 0; id != NULL && i < self->accounts->len; i++)
    {
      const WeirTrayAccount *account = &g_array_index (self->accounts, WeirTrayAccount, i);

      if (g_str_equal (account->id, id))
        return account;
    }
  return NULL;
}

const WeirTrayProvider *
weir_tray_model_lookup_provider (const WeirTrayModel *self, const char *id)
{
  for (unsigned i = 0; id != NULL && i < self->providers->len; i++)
    {
      const WeirTrayProvider *provider
          = &g_array_index (self->providers, WeirTrayProvider, i);

      if (g_str_equal (provider->id, id))
        return provider;
    }
  return NULL;
}

const WeirTrayWindow *
weir_tray_account_get_tightest (const WeirTrayAccount *self)
{
  const WeirTrayWindow *best = NULL;

  for (unsigned i = 0; i < self->n_windows; i++)
    if (self->windows[i].scope == NULL && self->windows[i].used_percent >= 0.0
        && (best == NULL || self->windows[i].used_percent > best->used_percent))
      best = &self->windows[i];
  return best;
}

gboolean
weir_tray_account_needs_user (const WeirTrayAccount *self)
{
  return self->state == WEIR_TRAY_ACCOUNT_SIGN_IN
         || self->state == WEIR_TRAY_ACCOUNT_MISSING;
}

/* The higher the tighter; in trouble or off: below 0. */
static double
get_tightness (const WeirTrayAccount *account)
{
  const WeirTrayWindow *window = weir_tray_account_get_tightest (account);

  switch (account->state)
    {
    case WEIR_TRAY_ACCOUNT_EXHAUSTED:
      return 101.0;
    case WEIR_TRAY_ACCOUNT_READY:
    case WEIR_TRAY_ACCOUNT_RESTING:
      return window != NULL ? window->used_percent : -1.0;
    case WEIR_TRAY_ACCOUNT_LOCKED:
    case WEIR_TRAY_ACCOUNT_SIGN_IN:
    case WEIR_TRAY_ACCOUNT_MISSING:
      return -2.0;
    case WEIR_TRAY_ACCOUNT_DISABLED:
      return -3.0;
    }
  g_assert_not_reached ();
}

static int
compare_tightness (gconstpointer a, gconstpointer b)
{
  const WeirTrayAccount *left = *(const WeirTrayAccount *const *)a;
  const WeirTrayAccount *right = *(const WeirTrayAccount *const *)b;
  const double difference = get_tightness (right) - get_tightness (left);

  if (difference != 0.0)
    return difference > 0.0 ? 1 : -1;
  return left < right ? -1 : 1; /* as they stand in the model */
}

GPtrArray *
weir_tray_model_dup_tightest (const WeirTrayModel *self)
{
  GPtrArray *sorted = g_ptr_array_sized_new (self->accounts->len);

  for (unsigned i = 0; i < self->accounts->len; i++)
    g_ptr_array_add (sorted, &g_array_index (self->accounts, WeirTrayAccount, i));
  g_ptr_array_sort (sorted, compare_tightness);
  return sorted;
}
