/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is told is remembered until the window's reset, or until it is so no more: the
 * memory is the only state, so a restart in between changes nothing. */

#include "config.h"

#include "app/weir-notice-watch.h"

#include "tray/weir-tray-line.h"

#define HOUR_US (3600 * (int64_t)G_USEC_PER_SEC)
/* Windows that do not say when they end. */
#define CYCLE_US (24 * HOUR_US)
/* A window up to here is about how fast, not about how much. */
#define BRIEF_US (10 * 60 * (int64_t)G_USEC_PER_SEC)
/* A reset that is said a little later each time is the same one. */
#define SLACK_US (5 * 60 * (int64_t)G_USEC_PER_SEC)

struct _WeirNoticeWatch
{
  WeirNoticeMemory *memory;          /* (unowned) */
  const WeirNoticeWatchFuncs *funcs; /* (unowned) */
  gpointer user_data;
  gboolean is_changed; /* the memory is, in this look */
  int64_t now_us;      /* of this look */
};

WeirNoticeWatch *
weir_notice_watch_new (WeirNoticeMemory *memory,
                       const WeirNoticeWatchFuncs *funcs,
                       gpointer user_data)
{
  WeirNoticeWatch *self = g_new0 (WeirNoticeWatch, 1);

  self->memory = memory;
  self->funcs = funcs;
  self->user_data = user_data;
  return self;
}

void
weir_notice_watch_free (WeirNoticeWatch *self)
{
  g_free (self);
}

static char *
dup_snooze_key (const char *account, const char *window)
{
  return g_strdup_printf ("snooze/%s/%s", account, window);
}

void
weir_notice_watch_snooze (WeirNoticeWatch *self,
                          const char *account,
                          const char *window,
                          int64_t until_us)
{
  g_autofree char *key = dup_snooze_key (account, window);

  weir_notice_memory_add (self->memory, key, until_us);
}

/* Tells @event unless that was done. */
static void
tell_once (WeirNoticeWatch *self,
           const char *key,
           int64_t until_us,
           const WeirNoticeEvent *event)
{
  if (weir_notice_memory_has (self->memory, key, self->now_us))
    return;
  weir_notice_memory_add (self->memory, key, until_us);
  self->is_changed = TRUE;
  self->funcs->tell (event, self->user_data);
}

/* It is so no more; TRUE: it was told. */
static gboolean
take_back (WeirNoticeWatch *self, const char *key, WeirNoticeKind kind, const char *account)
{
  g_autofree char *id = NULL;

  if (!weir_notice_memory_remove (self->memory, key))
    return FALSE;
  self->is_changed = TRUE;
  id = weir_notice_dup_id (kind, account, "");
  self->funcs->withdraw (id, self->user_data);
  return TRUE;
}

/* While @is_so it is told once; then it is taken back. */
static void
follow (WeirNoticeWatch *self,
        const char *key,
        gboolean is_so,
        const WeirNoticeEvent *event)
{
  if (is_so)
    tell_once (self, key, WEIR_NOTICE_MEMORY_FOR_EVER, event);
  else
    take_back (self, key, event->kind, event->account);
}

/* Least first: of several the least is told. */
static void
look_at_thresholds (WeirNoticeWatch *self,
                    const WeirTrayModel *model,
                    const WeirNoticeEvent *window,
                    int64_t until_us)
{
  const unsigned thresholds[]
      = { MIN (model->left, model->left_last), MAX (model->left, model->left_last) };
  WeirNoticeEvent event = *window;
  gboolean is_told = FALSE;

  event.kind = WEIR_NOTICE_THRESHOLD;
  for (unsigned i = 0; i < G_N_ELEMENTS (thresholds); i++)
    {
      g_autofree char *key
          = g_strdup_printf ("left/%s/%s/%u", event.account, event.window, thresholds[i]);

      if (thresholds[i] == 0 || 100.0 - event.used_percent > thresholds[i])
        continue;
      event.threshold = (int)thresholds[i];
      if (!is_told)
        tell_once (self, key, until_us, &event);
      else if (!weir_notice_memory_has (self->memory, key, self->now_us))
        {
          /* what is over already is no news when less is left */
          weir_notice_memory_add (self->memory, key, until_us);
          self->is_changed = TRUE;
        }
      is_told = TRUE;
    }
}

static void
look_at_window (WeirNoticeWatch *self,
                const WeirTrayModel *model,
                const WeirTrayAccount *account,
                const WeirTrayWindow *window,
                const char *name)
{
  const int64_t until_us
      = window->resets_us > 0 ? window->resets_us + SLACK_US : self->now_us + CYCLE_US;
  const WeirNoticeEvent event = { .kind = WEIR_NOTICE_PACE,
                                  .account = account->id,
                                  .name = name,
                                  .vendor = account->provider_name,
                                  .window = window->name,
                                  .used_percent = window->used_percent,
                                  .resets_us = window->resets_us,
                                  .runs_out_us = window->runs_out_us };
  g_autofree char *snooze = dup_snooze_key (account->id, window->name);
  g_autofree char *pace = g_strdup_printf ("pace/%s/%s", account->id, window->name);

  if (window->scope != NULL || window->used_percent < 0.0
      || (window->length_us > 0 && window->length_us <= BRIEF_US)
      || (window->resets_us > 0 && window->resets_us <= self->now_us)
      || weir_notice_memory_has (self->memory, snooze, self->now_us))
    return;
  look_at_thresholds (self, model, &event, until_us);
  /* little left was just told, or will not be helped by knowing when */
  if (window->runs_out_us > self->now_us && window->resets_us > window->runs_out_us
      && 100.0 - window->used_percent > MAX (model->left, model->left_last))
    tell_once (self, pace, until_us, &event);
}

/* What the vendor of an account that is used up has besides. */
typedef struct
{
  const WeirTrayAccount *replacement; /* (nullable): serves instead */
  unsigned n_accounts;                /* that are on, the used up one too */
  int64_t resets_us;                  /* the first of them; 0: not known */
} Fleet;

static void
count_in (Fleet *self, const WeirTrayAccount *account)
{
  if (account->state == WEIR_TRAY_ACCOUNT_DISABLED)
    return;
  self->n_accounts++;
  if (account->state == WEIR_TRAY_ACCOUNT_READY && self->replacement == NULL)
    self->replacement = account;
  if (account->rests_until_us > 0
      && (self->resets_us == 0 || account->rests_until_us < self->resets_us))
    self->resets_us = account->rests_until_us;
}

static void
survey (Fleet *self, const WeirTrayModel *model, const char *provider_name)
{
  for (unsigned i = 0; i < model->accounts->len; i++)
    {
      const WeirTrayAccount *account = &g_array_index (model->accounts, WeirTrayAccount, i);

      if (g_str_equal (account->provider_name, provider_name))
        count_in (self, account);
    }
}

static void
look_at_use (WeirNoticeWatch *self,
             const WeirTrayModel *model,
             const WeirTrayAccount *account,
             const char *name)
{
  g_autofree char *key = g_strdup_printf ("used-up/%s", account->id);
  g_autofree char *other_name = NULL;
  Fleet fleet = { 0 };
  WeirNoticeEvent event = { .kind = WEIR_NOTICE_EXHAUSTED,
                            .account = account->id,
                            .name = name,
                            .vendor = account->provider_name,
                            .window = "",
                            .resets_left = account->resets_left,
                            .resets_us = account->rests_until_us };

  survey (&fleet, model, account->provider_name);
  if (account->state == WEIR_TRAY_ACCOUNT_READY)
    {
      if (!take_back (self, key, WEIR_NOTICE_EXHAUSTED, account->id))
        return;
      event.kind = WEIR_NOTICE_RESET;
      self->funcs->tell (&event, self->user_data);
      return;
    }
  if (account->state != WEIR_TRAY_ACCOUNT_EXHAUSTED)
    return;
  if (fleet.replacement != NULL)
    event.replacement = other_name = weir_tray_line_account_name (model, fleet.replacement);
  else
    event.resets_us = fleet.resets_us;
  if (fleet.replacement == NULL && fleet.n_accounts > 1)
    event.name = account->provider_name;
  tell_once (self, key, WEIR_NOTICE_MEMORY_FOR_EVER, &event);
}

static void
look_at_account (WeirNoticeWatch *self,
                 const WeirTrayModel *model,
                 const WeirTrayAccount *account)
{
  g_autofree char *name = weir_tray_line_account_name (model, account);
  g_autofree char *key = g_strdup_printf ("sign-in/%s", account->id);
  const WeirNoticeEvent sign_in = { .kind = WEIR_NOTICE_SIGN_IN,
                                    .account = account->id,
                                    .name = name,
                                    .vendor = account->provider_name,
                                    .window = "" };

  if (account->state == WEIR_TRAY_ACCOUNT_DISABLED)
    return;
  if (account->state != WEIR_TRAY_ACCOUNT_LOCKED) /* then nobody knows */
    follow (self, key, weir_tray_account_needs_user (account), &sign_in);
  look_at_use (self, model, account, name);
  if (account->state != WEIR_TRAY_ACCOUNT_READY)
    return;
  for (unsigned i = 0; i < account->n_windows; i++)
    look_at_window (self, model, account, &account->windows[i], name);
}

gboolean
weir_notice_watch_look (WeirNoticeWatch *self, const WeirTrayModel *model, int64_t now_us)
{
  const WeirNoticeEvent failed = {
    .kind = WEIR_NOTICE_PROXY_FAILED, .account = "", .window = "", .problem = model->problem
  };
  const WeirNoticeEvent locked
      = { .kind = WEIR_NOTICE_KEYRING_LOCKED, .account = "", .window = "" };

  self->now_us = now_us;
  self->is_changed = FALSE;
  if (model->state != WEIR_TRAY_STARTING)
    follow (self, "proxy", model->state == WEIR_TRAY_FAILED, &failed);
  /* whoever has no account needs no keyring */
  follow (self, "keyring", model->secrets_locked && model->accounts->len > 0, &locked);
  for (unsigned i = 0; i < model->accounts->len; i++)
    look_at_account (self, model, &g_array_index (model->accounts, WeirTrayAccount, i));
  return self->is_changed;
}
