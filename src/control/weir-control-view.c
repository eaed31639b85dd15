/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An account is what the user set (accounts), what it does now (the pool) and what is left
 * (the board). */

#include "config.h"

#include "control/weir-control-view.h"

#include "base/weir-clock.h"
#include "proxy/weir-proxy-view.h"

#define WINDOWS_MAX 32
#define CREDITS_MAX 8

const WeirSeat *
weir_control_lookup_seat (const WeirControl *self, const char *id)
{
  const WeirRouting *routing
      = self->proxy != NULL ? weir_proxy_get_routing (self->proxy) : NULL;

  for (unsigned i = 0; routing != NULL && i < routing->seats->len; i++)
    {
      const WeirSeat *seat = g_ptr_array_index (routing->seats, i);

      if (seat->account != NULL && g_str_equal (seat->account->id, id))
        return seat;
    }
  return NULL;
}

/* --- rests --- */

typedef struct
{
  const char *identity;
  int64_t until_us;
} Rest;

static void
keep_rest (const WeirPoolRest *rest, gpointer user_data)
{
  Rest *self = user_data;

  if (rest->model == NULL && g_str_equal (rest->identity, self->identity))
    self->until_us = MAX (self->until_us, rest->until_us);
}

/* Since 1970; 0: it does not rest. */
static int64_t
get_rests_until (const WeirControl *self, const WeirSeat *seat)
{
  const int64_t now_us = weir_clock_now_us ();
  Rest rest = { .until_us = 0 };

  if (seat == NULL)
    return 0;
  rest.identity = seat->identity;
  weir_pool_foreach_rest (weir_proxy_get_pool (self->proxy), now_us, keep_rest, &rest);
  return rest.until_us > now_us ? weir_clock_real_us () + rest.until_us - now_us : 0;
}

/* --- what is left --- */

static GVariant *
make_window (const WeirQuotaView *window)
{
  const char *pace = weir_quota_pace_get_name (window->pace);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "id", "s", window->id);
  g_variant_dict_insert (&dict, "name", "s", window->name);
  g_variant_dict_insert (&dict, "used", "d",
                         window->used_percent >= 0 ? window->used_percent : -1.0);
  g_variant_dict_insert (&dict, "resets", "x", window->resets_at_us);
  g_variant_dict_insert (&dict, "began", "x", window->began_us);
  if (*window->scope != '\0')
    g_variant_dict_insert (&dict, "scope", "s", window->scope);
  if (window->pace != WEIR_QUOTA_PACE_UNKNOWN && pace != NULL)
    g_variant_dict_insert (&dict, "pace", "s", pace);
  if (window->runs_out_us > 0)
    g_variant_dict_insert (&dict, "runs-out", "x", window->runs_out_us);
  g_variant_dict_insert (&dict, "source", "s",
                         window->source == WEIR_QUOTA_FROM_USAGE ? "asked" : "answers");
  g_variant_dict_insert (&dict, "read", "x", window->read_at_us);
  return g_variant_dict_end (&dict);
}

static GVariant *
make_credit (const WeirQuotaCreditView *credit)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "id", "s", credit->id);
  g_variant_dict_insert (&dict, "name", "s", credit->name);
  if (!credit->is_unlimited)
    g_variant_dict_insert (&dict, "left", "d", credit->left);
  g_variant_dict_insert (&dict, "unit", "s", credit->unit);
  if (credit->expires_us > 0)
    g_variant_dict_insert (&dict, "expires", "x", credit->expires_us);
  return g_variant_dict_end (&dict);
}

/* Some window of all of the account is used up.  *@out_next_us is when that ends. */
static gboolean
is_exhausted (const WeirQuotaView *windows, unsigned n, int64_t *out_next_us)
{
  for (unsigned i = 0; i < n; i++)
    if (*windows[i].scope == '\0' && !windows[i].is_brief
        && (windows[i].is_rejected || windows[i].used_percent >= 100))
      {
        *out_next_us = windows[i].resets_at_us;
        return TRUE;
      }
  return FALSE;
}

static void
view_quota (WeirControl *self,
            const WeirAccount *account,
            WeirControlAccountView *out,
            gboolean *out_exhausted)
{
  const WeirQuotaBoard *board = self->sources.board;
  g_autofree WeirQuotaView *windows = g_new (WeirQuotaView, WINDOWS_MAX);
  WeirQuotaCreditView credits[CREDITS_MAX];
  GVariantBuilder window_list;
  GVariantBuilder credit_list;
  unsigned n_windows = 0;
  unsigned n_credits = 0;

  out->plan = account->identity.plan != NULL ? account->identity.plan : "";
  out->quota_sentence = "";
  if (board != NULL)
    {
      const char *plan = weir_quota_board_get_plan (board, account->id);

      if (*plan != '\0')
        out->plan = plan;
      out->quota_sentence = weir_quota_board_get_sentence (board, account->id);
      n_windows = MIN (weir_quota_board_list_windows (
                           board, account->id, weir_clock_real_us (), windows, WINDOWS_MAX),
                       WINDOWS_MAX);
      n_credits
          = MIN (weir_quota_board_list_credits (board, account->id, credits, CREDITS_MAX),
                 CREDITS_MAX);
    }
  g_variant_builder_init (&window_list, G_VARIANT_TYPE ("aa{sv}"));
  g_variant_builder_init (&credit_list, G_VARIANT_TYPE ("aa{sv}"));
  for (unsigned i = 0; i < n_windows; i++)
    g_variant_builder_add_value (&window_list, make_window (&windows[i]));
  for (unsigned i = 0; i < n_credits; i++)
    g_variant_builder_add_value (&credit_list, make_credit (&credits[i]));
  out->windows = g_variant_builder_end (&window_list);
  out->credits = g_variant_builder_end (&credit_list);
  *out_exhausted = is_exhausted (windows, n_windows, &out->next_us);
}

static const char *
get_any_client_sentence (const WeirAccount *account)
{
  const WeirProvider *provider = weir_provider_lookup_account (account->row->id);

  return provider != NULL && provider->own_client != NULL
             ? "The vendor says that this subscription is for its own programs. Whoever "
               "lets others use it may lose the account."
             : "";
}

void
weir_control_view_account (WeirControl *self,
                           const WeirAccount *account,
                           WeirControlAccountView *out)
{
  const WeirSeat *seat = weir_control_lookup_seat (self, account->id);
  gboolean exhausted = FALSE;

  *out = (WeirControlAccountView){ 0 };
  view_quota (self, account, out, &exhausted);
  out->any_client_sentence = get_any_client_sentence (account);
  out->rests_until_us = get_rests_until (self, seat);
  out->in_flight = seat != NULL && seat->state != NULL
                       ? weir_pool_seat_get_in_flight (seat->state)
                       : 0;
  if (account->state != WEIR_ACCOUNT_READY)
    out->state = weir_account_state_get_name (account->state);
  else if (!account->settings.enabled)
    out->state = "disabled";
  else if (exhausted)
    out->state = "exhausted";
  else
    out->state = out->rests_until_us > 0 ? "resting" : "ready";
  if (out->rests_until_us > 0 && (out->next_us == 0 || out->rests_until_us < out->next_us))
    out->next_us = out->rests_until_us;
}

GVariant *
weir_control_view_tightest (WeirControl *self)
{
  const char *subject = "";
  WeirQuotaView window;

  if (self->sources.board == NULL
      || !weir_quota_board_get_tightest (self->sources.board, weir_clock_real_us (),
                                         &subject, &window))
    return g_variant_new ("(ssdx)", "", "", -1.0, (gint64)0);
  return g_variant_new ("(ssdx)", subject, window.name, window.used_percent,
                        window.resets_at_us);
}
