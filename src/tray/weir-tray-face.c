/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One account stands for all in the icon: the tightest that serves, unless the user has
 * chosen one. */

#include "config.h"

#include "tray/weir-tray-face.h"

#include "tray/weir-menu.h"
#include "tray/weir-tray-line.h"
#include "tray/weir-tray-text.h"

#include "base/weir-translate.h"

#include <math.h>

#define STALE_US (60 * 60 * (int64_t)G_USEC_PER_SEC)
#define TOOLTIP_ACCOUNTS_MAX 6

gboolean
weir_tray_icon_equal (const WeirTrayIcon *a, const WeirTrayIcon *b)
{
  return a->kind == b->kind && a->upper == b->upper && a->lower == b->lower
         && a->is_stale == b->is_stale;
}

gboolean
weir_tray_icon_is_live (const WeirTrayIcon *self)
{
  return self->upper >= 0 || self->lower >= 0;
}

const char *
weir_tray_icon_get_name (WeirTrayIconKind kind)
{
  static const char *const names[] = {
    [WEIR_TRAY_ICON_STOPPED] = WEIR_APPLICATION_ID "-stopped-symbolic",
    [WEIR_TRAY_ICON_NO_ACCOUNT] = WEIR_APPLICATION_ID "-empty-symbolic",
    [WEIR_TRAY_ICON_RUNNING] = WEIR_APPLICATION_ID "-symbolic",
    [WEIR_TRAY_ICON_WARNING] = WEIR_APPLICATION_ID "-warning-symbolic",
    [WEIR_TRAY_ICON_ATTENTION] = WEIR_APPLICATION_ID "-attention-symbolic",
    [WEIR_TRAY_ICON_OFFLINE] = WEIR_APPLICATION_ID "-offline-symbolic",
    [WEIR_TRAY_ICON_LOCKED] = WEIR_APPLICATION_ID "-locked-symbolic",
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (names) == WEIR_TRAY_ICON_LAST);
  g_return_val_if_fail (kind < WEIR_TRAY_ICON_LAST, names[0]);
  return names[kind];
}

const WeirTrayAccount *
weir_tray_face_get_account (const WeirTrayModel *model, const char *chosen)
{
  const WeirTrayAccount *account = weir_tray_model_lookup (model, chosen);
  g_autoptr (GPtrArray) tightest = NULL;

  if (account != NULL || model->accounts->len == 0)
    return account;
  tightest = weir_tray_model_dup_tightest (model);
  for (unsigned i = 0; i < tightest->len; i++)
    {
      account = g_ptr_array_index (tightest, i);
      if (account->state == WEIR_TRAY_ACCOUNT_READY
          && weir_tray_account_get_tightest (account) != NULL)
        return account;
    }
  return g_ptr_array_index (tightest, 0);
}

const WeirTrayAccount *
weir_tray_face_get_next (const WeirTrayModel *model, const char *chosen, int step)
{
  const WeirTrayAccount *shown = weir_tray_face_get_account (model, chosen);
  const unsigned n = model->accounts->len;

  for (unsigned i = 0; i < n; i++)
    if (&g_array_index (model->accounts, WeirTrayAccount, i) == shown)
      return &g_array_index (model->accounts, WeirTrayAccount,
                             (i + (step > 0 ? 1 : n - 1)) % n);
  return NULL;
}

/* All accounts that are on are used up, or one waits for the user. */
static gboolean
wants_attention (const WeirTrayModel *model)
{
  unsigned on = 0;
  unsigned used_up = 0;

  for (unsigned i = 0; i < model->accounts->len; i++)
    {
      const WeirTrayAccount *account = &g_array_index (model->accounts, WeirTrayAccount, i);

      if (weir_tray_account_needs_user (account))
        return TRUE;
      on += account->state != WEIR_TRAY_ACCOUNT_DISABLED;
      used_up += account->state == WEIR_TRAY_ACCOUNT_EXHAUSTED;
    }
  return on > 0 && on == used_up;
}

static int
get_left (const WeirTrayWindow *window)
{
  if (window == NULL)
    return -1;
  return (int)lround ((100.0 - CLAMP (window->used_percent, 0.0, 100.0)) * 10.0);
}

static void
choose_bars (const WeirTrayAccount *account, WeirTrayIcon *icon)
{
  const WeirTrayWindow *brief = NULL;
  const WeirTrayWindow *lasting = NULL;

  for (unsigned i = 0; i < account->n_windows; i++)
    {
      const WeirTrayWindow *window = &account->windows[i];

      if (window->used_percent < 0.0 || window->scope != NULL)
        continue;
      if (brief == NULL || window->length_us < brief->length_us)
        brief = window;
      if (lasting == NULL || window->length_us > lasting->length_us)
        lasting = window;
    }
  icon->upper = get_left (brief);
  icon->lower = get_left (lasting);
}

static gboolean
is_stale (const WeirTrayAccount *account, int64_t now_us)
{
  return account->read_us > 0 && now_us - account->read_us > STALE_US;
}

WeirTrayIcon
weir_tray_face_get_icon (const WeirTrayModel *model, const char *chosen, int64_t now_us)
{
  const WeirTrayAccount *account = weir_tray_face_get_account (model, chosen);
  const WeirTrayWindow *tightest = NULL;
  WeirTrayIcon icon = { .kind = WEIR_TRAY_ICON_STOPPED, .upper = -1, .lower = -1 };

  if (model->state == WEIR_TRAY_FAILED)
    icon.kind = WEIR_TRAY_ICON_ATTENTION;
  if (model->state != WEIR_TRAY_RUNNING)
    return icon;
  icon.kind = WEIR_TRAY_ICON_LOCKED;
  if (model->secrets_locked)
    return icon;
  icon.kind = WEIR_TRAY_ICON_OFFLINE;
  if (model->is_offline)
    return icon;
  icon.kind = WEIR_TRAY_ICON_NO_ACCOUNT;
  if (account == NULL)
    return icon;
  choose_bars (account, &icon);
  tightest = weir_tray_account_get_tightest (account);
  icon.is_stale = is_stale (account, now_us);
  icon.kind = WEIR_TRAY_ICON_RUNNING;
  if (wants_attention (model))
    icon.kind = WEIR_TRAY_ICON_ATTENTION;
  else if (tightest != NULL && model->left > 0
           && 100.0 - tightest->used_percent <= model->left)
    icon.kind = WEIR_TRAY_ICON_WARNING;
  return icon;
}

const char *
weir_tray_face_get_status (const WeirTrayModel *model, WeirTrayIconKind kind)
{
  if (kind == WEIR_TRAY_ICON_STOPPED && model->hides_stopped)
    return "Passive";
  return kind == WEIR_TRAY_ICON_ATTENTION || kind == WEIR_TRAY_ICON_LOCKED
             ? "NeedsAttention"
             : "Active";
}

char *
weir_tray_face_dup_title (const WeirTrayModel *model, const char *chosen, int64_t now_us)
{
  const WeirTrayAccount *account = weir_tray_face_get_account (model, chosen);
  g_autofree char *line = NULL;

  if (account == NULL || model->state != WEIR_TRAY_RUNNING)
    line = weir_tray_line_state (model);
  else
    line = weir_tray_line_account (model, account, now_us);
  return g_strdup_printf (_ ("Weir – %s"), line);
}

static void
append_account (GString *text,
                const WeirTrayModel *model,
                const WeirTrayAccount *account,
                int64_t now_us)
{
  g_autofree char *line = weir_tray_line_tooltip (model, account, now_us);

  g_string_append_printf (text, "\n%s", line);
}

char *
weir_tray_face_dup_tooltip (const WeirTrayModel *model, const char *chosen, int64_t now_us)
{
  const WeirTrayAccount *first = weir_tray_model_lookup (model, chosen);
  g_autoptr (GPtrArray) tightest = weir_tray_model_dup_tightest (model);
  g_autofree char *state = weir_tray_line_state (model);
  g_autoptr (GString) text = g_string_new (state);
  g_autofree char *clock = NULL;
  unsigned shown = 0;

  if (first != NULL)
    {
      append_account (text, model, first, now_us);
      shown++;
    }
  for (unsigned i = 0; i < tightest->len && shown < TOOLTIP_ACCOUNTS_MAX; i++)
    if (g_ptr_array_index (tightest, i) != first)
      {
        append_account (text, model, g_ptr_array_index (tightest, i), now_us);
        shown++;
      }
  if (model->updated_us > 0)
    {
      clock = weir_tray_text_clock (model->updated_us, now_us);
      g_string_append_c (text, '\n');
      g_string_append_printf (text, _ ("Updated %s"), clock);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
weir_tray_face_dup_label (const WeirTrayModel *model, const char *chosen, int64_t now_us)
{
  const WeirTrayAccount *account = weir_tray_face_get_account (model, chosen);
  const WeirTrayWindow *window
      = account != NULL ? weir_tray_account_get_tightest (account) : NULL;

  if (!model->has_label || model->state != WEIR_TRAY_RUNNING || account == NULL
      || model->is_offline || model->secrets_locked)
    return g_strdup ("");
  if (account->state == WEIR_TRAY_ACCOUNT_EXHAUSTED && account->rests_until_us > 0)
    return weir_tray_text_countdown (account->rests_until_us, now_us);
  if (window == NULL)
    return g_strdup ("");
  return g_strdup_printf (is_stale (account, now_us) ? "(%d %%)" : "%d %%",
                          weir_tray_text_left (window->used_percent));
}
