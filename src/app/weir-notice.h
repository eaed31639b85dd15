/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a desktop is told in a notification, in words.  Pure. */

#include <gio/gio.h>

typedef enum
{
  WEIR_NOTICE_THRESHOLD, /* little is left of a window */
  WEIR_NOTICE_PACE,      /* a window runs out before its reset */
  WEIR_NOTICE_EXHAUSTED,
  WEIR_NOTICE_RESET, /* an account that was used up serves again */
  WEIR_NOTICE_SIGN_IN,
  WEIR_NOTICE_PROXY_FAILED,
  WEIR_NOTICE_KEYRING_LOCKED,
  WEIR_NOTICE_KIND_LAST,
} WeirNoticeKind;

/* Texts are borrowed; times are microseconds since 1970, 0: not known. */
typedef struct
{
  WeirNoticeKind kind;
  const char *account;     /* id; "" where it is about none */
  const char *name;        /* of the account: "Claude – work"; of EXHAUSTED the vendor's
                              where nothing of it is left */
  const char *vendor;      /* "Claude" */
  const char *window;      /* "5 hours"; "" where it is about none */
  const char *replacement; /* (nullable): name of an account that serves instead */
  const char *problem;     /* (nullable): a sentence, of a proxy that failed */
  double used_percent;
  int threshold;        /* percent left at most, of THRESHOLD */
  unsigned resets_left; /* so often the user may have limits reset, of EXHAUSTED */
  int64_t resets_us;
  int64_t runs_out_us;
} WeirNoticeEvent;

#define WEIR_NOTICE_BUTTONS_MAX 2

typedef struct
{
  char *id;    /* (owned): a later one of the same id takes its place */
  char *title; /* (owned) */
  char *body;  /* (owned) */
  GNotificationPriority priority;
  const char *icon;   /* a constant: name in the theme */
  const char *action; /* a constant: of a click on it: "app.show-account" */
  GVariant *target;   /* (owned) */
  struct
  {
    const char *label;  /* a constant */
    const char *action; /* a constant */
    GVariant *target;   /* (owned) (nullable) */
  } buttons[WEIR_NOTICE_BUTTONS_MAX];
  unsigned n_buttons;
} WeirNoticeText;

/* A zeroed one holds nothing. */
void weir_notice_text_clear (WeirNoticeText *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirNoticeText, weir_notice_text_clear)

/* @out must be empty. */
void weir_notice_write (const WeirNoticeEvent *event, int64_t now_us, WeirNoticeText *out);
/* (transfer full): WeirNoticeText.id of such an event, to withdraw it. */
char *weir_notice_dup_id (WeirNoticeKind kind, const char *account, const char *window);
