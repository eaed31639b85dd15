/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Titles say what is the matter in one line, since some desktops show no more. */

#include "config.h"

#include "app/weir-notice.h"

#include "base/weir-translate.h"
#include "tray/weir-tray-text.h"

#define MINUTE_US (60 * (int64_t)G_USEC_PER_SEC)
/* An hour is said in minutes up to here. */
#define MINUTES_MAX 120

void
weir_notice_text_clear (WeirNoticeText *self)
{
  g_free (self->id);
  g_free (self->title);
  g_free (self->body);
  g_clear_pointer (&self->target, g_variant_unref);
  for (unsigned i = 0; i < self->n_buttons; i++)
    g_clear_pointer (&self->buttons[i].target, g_variant_unref);
  *self = (WeirNoticeText){ 0 };
}

char *
weir_notice_dup_id (WeirNoticeKind kind, const char *account, const char *window)
{
  switch (kind)
    {
    case WEIR_NOTICE_THRESHOLD:
    case WEIR_NOTICE_PACE:
      return g_strconcat ("quota/", account, "/", window, NULL);
    case WEIR_NOTICE_EXHAUSTED:
    case WEIR_NOTICE_RESET:
      return g_strconcat ("used-up/", account, NULL);
    case WEIR_NOTICE_SIGN_IN:
      return g_strconcat ("sign-in/", account, NULL);
    case WEIR_NOTICE_PROXY_FAILED:
      return g_strdup ("proxy");
    case WEIR_NOTICE_KEYRING_LOCKED:
      return g_strdup ("keyring");
    case WEIR_NOTICE_KIND_LAST:
      break;
    }
  g_assert_not_reached ();
}

static void
add_button (WeirNoticeText *text, const char *label, const char *action, GVariant *target)
{
  g_assert (text->n_buttons < WEIR_NOTICE_BUTTONS_MAX);
  text->buttons[text->n_buttons].label = label;
  text->buttons[text->n_buttons].action = action;
  text->buttons[text->n_buttons].target
      = target != NULL ? g_variant_ref_sink (target) : NULL;
  text->n_buttons++;
}

static void
set_default (WeirNoticeText *text, const char *action, const char *target)
{
  text->action = action;
  text->target = g_variant_ref_sink (g_variant_new_string (target));
}

/* (transfer full): "Resets at 14:20.", or "". */
static char *
dup_reset (int64_t resets_us, int64_t now_us)
{
  g_autofree char *clock = NULL;

  if (resets_us <= now_us)
    return g_strdup ("");
  clock = weir_tray_text_clock (resets_us, now_us);
  return g_strdup_printf (_ ("Resets %s."), clock);
}

static void
add_window_buttons (WeirNoticeText *text, const WeirNoticeEvent *event)
{
  set_default (text, "app.show-account", event->account);
  add_button (text, _ ("Details"), "app.show-account",
              g_variant_new_string (event->account));
  if (event->resets_us > 0)
    add_button (text, _ ("Snooze Until Reset"), "app.snooze",
                g_variant_new ("(ssx)", event->account, event->window, event->resets_us));
}

static void
write_threshold (const WeirNoticeEvent *event, int64_t now_us, WeirNoticeText *out)
{
  g_autofree char *window = weir_tray_text_window (event->window);

  out->title = g_strdup_printf (_ ("%s: %d %% of the limit left (%s)"), event->name,
                                weir_tray_text_left (event->used_percent), window);
  out->body = dup_reset (event->resets_us, now_us);
  out->icon = WEIR_APPLICATION_ID "-warning-symbolic";
  add_window_buttons (out, event);
}

static void
write_pace (const WeirNoticeEvent *event, int64_t now_us, WeirNoticeText *out)
{
  const int64_t early_us = event->resets_us - event->runs_out_us;
  g_autofree char *clock = weir_tray_text_clock (event->runs_out_us, now_us);
  g_autofree char *early = weir_tray_text_countdown (early_us, 0);

  out->title = g_strdup_printf (_ ("%s may run out %s"), event->name, clock);
  if (early_us <= MINUTES_MAX * MINUTE_US)
    out->body = g_strdup_printf (_ ("That is %d minutes before the reset."),
                                 (int)MAX (early_us / MINUTE_US, 1));
  else
    out->body = g_strdup_printf (_ ("That is %s before the reset."), early);
  out->icon = WEIR_APPLICATION_ID "-warning-symbolic";
  add_window_buttons (out, event);
}

static void
write_exhausted (const WeirNoticeEvent *event, int64_t now_us, WeirNoticeText *out)
{
  g_autofree char *clock = NULL;

  out->title = g_strdup_printf (_ ("%s is used up"), event->name);
  if (event->replacement != NULL)
    out->body = g_strdup_printf (_ ("New requests go to %s."), event->replacement);
  else if (event->resets_us > now_us)
    {
      clock = weir_tray_text_clock (event->resets_us, now_us);
      out->body = g_strdup_printf (_ ("First reset %s."), clock);
    }
  out->icon = WEIR_APPLICATION_ID "-attention-symbolic";
  out->priority = event->replacement != NULL ? G_NOTIFICATION_PRIORITY_NORMAL
                                             : G_NOTIFICATION_PRIORITY_HIGH;
  set_default (out, "app.show-account", event->account);
  if (event->replacement == NULL && event->resets_left > 0)
    add_button (out, _ ("Use Limit Reset…"), "app.reset-limit",
                g_variant_new_string (event->account));
  add_button (out, _ ("Details"), "app.show-account",
              g_variant_new_string (event->account));
  /* the user may know better: it is asked again, and turned away or not */
  if (event->replacement != NULL)
    add_button (out, _ ("Undo"), "app.clear-rests", g_variant_new_string (event->account));
}

static void
write_reset (const WeirNoticeEvent *event, int64_t now_us, WeirNoticeText *out)
{
  g_autofree char *clock = weir_tray_text_clock (now_us, now_us);

  out->title = g_strdup_printf (_ ("%s is available again"), event->name);
  out->body = g_strdup_printf (_ ("It answers requests since %s."), clock);
  out->icon = WEIR_APPLICATION_ID "-symbolic";
  out->priority = G_NOTIFICATION_PRIORITY_LOW;
  set_default (out, "app.show-account", event->account);
  add_button (out, _ ("Details"), "app.show-account",
              g_variant_new_string (event->account));
}

static void
write_sign_in (const WeirNoticeEvent *event, WeirNoticeText *out)
{
  out->title = g_strdup_printf (_ ("Sign in to %s again"), event->vendor);
  out->body = g_strdup_printf (_ ("The vendor no longer accepts the saved sign-in of %s."),
                               event->name);
  out->icon = WEIR_APPLICATION_ID "-attention-symbolic";
  out->priority = G_NOTIFICATION_PRIORITY_HIGH;
  set_default (out, "app.show-account", event->account);
  add_button (out, _ ("Sign In"), "app.sign-in-again",
              g_variant_new_string (event->account));
}

static void
write_proxy_failed (const WeirNoticeEvent *event, WeirNoticeText *out)
{
  out->title = g_strdup (_ ("The proxy could not start"));
  out->body = g_strdup (event->problem);
  out->icon = WEIR_APPLICATION_ID "-attention-symbolic";
  out->priority = G_NOTIFICATION_PRIORITY_HIGH;
  set_default (out, "app.show", "quota");
  add_button (out, _ ("Choose Another Port"), "app.show",
              g_variant_new_string ("preferences"));
  add_button (out, _ ("Try Again"), "app.start", NULL);
}

static void
write_locked (const WeirNoticeEvent *event, WeirNoticeText *out)
{
  out->title = g_strdup (_ ("Unlock your keyring"));
  out->body = g_strdup (_ ("Saved sign-ins are needed to answer requests."));
  out->icon = WEIR_APPLICATION_ID "-locked-symbolic";
  out->priority = G_NOTIFICATION_PRIORITY_HIGH;
  set_default (out, "app.show", "accounts");
  add_button (out, _ ("Unlock"), "app.unlock", NULL);
}

/* Some daemons read markup in a body, and nobody says which: what looks like it, in the
 * name of an account or of a program, must not become a link. */
static void
keep_literal (char **text)
{
  g_autoptr (GString) out = g_string_new (*text);

  g_string_replace (out, "<", "\u2039", 0);
  g_string_replace (out, ">", "\u203a", 0);
  g_free (*text);
  *text = g_string_free (g_steal_pointer (&out), FALSE);
}

void
weir_notice_write (const WeirNoticeEvent *event, int64_t now_us, WeirNoticeText *out)
{
  out->priority = G_NOTIFICATION_PRIORITY_NORMAL;
  switch (event->kind)
    {
    case WEIR_NOTICE_THRESHOLD:
      write_threshold (event, now_us, out);
      break;
    case WEIR_NOTICE_PACE:
      write_pace (event, now_us, out);
      break;
    case WEIR_NOTICE_EXHAUSTED:
      write_exhausted (event, now_us, out);
      break;
    case WEIR_NOTICE_RESET:
      write_reset (event, now_us, out);
      break;
    case WEIR_NOTICE_SIGN_IN:
      write_sign_in (event, out);
      break;
    case WEIR_NOTICE_PROXY_FAILED:
      write_proxy_failed (event, out);
      break;
    case WEIR_NOTICE_KEYRING_LOCKED:
      write_locked (event, out);
      break;
    case WEIR_NOTICE_KIND_LAST:
      g_assert_not_reached ();
    }
  if (out->body == NULL)
    out->body = g_strdup ("");
  keep_literal (&out->body);
  out->id = weir_notice_dup_id (event->kind, event->account, event->window);
}
