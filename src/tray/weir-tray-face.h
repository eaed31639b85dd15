/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What of a model stands beside the menu: which icon, title, tooltip.  Pure. */

#include "tray/weir-tray-model.h"

typedef enum
{
  WEIR_TRAY_ICON_STOPPED,    /* two hollow bars */
  WEIR_TRAY_ICON_NO_ACCOUNT, /* hollow, with a dot */
  WEIR_TRAY_ICON_RUNNING,    /* the bars are what is left */
  WEIR_TRAY_ICON_WARNING,    /* the same with a notch on the right edge */
  WEIR_TRAY_ICON_ATTENTION,  /* the same with a triangle: used up, or the user is needed */
  WEIR_TRAY_ICON_OFFLINE,    /* hollow and crossed */
  WEIR_TRAY_ICON_LOCKED,     /* hollow with a lock */
  WEIR_TRAY_ICON_LAST,
} WeirTrayIconKind;

/* The upper bar is the shorter window, the lower one the longer; what is left, in tenths of
 * a percent, so that equal icons are equal; below 0: not known, drawn hollow. */
typedef struct
{
  WeirTrayIconKind kind;
  int upper;
  int lower;
  gboolean is_stale; /* hatched: read long ago, or there is no network */
} WeirTrayIcon;

gboolean weir_tray_icon_equal (const WeirTrayIcon *a, const WeirTrayIcon *b);
/* Does it show numbers?  Else its name in the icon theme says as much. */
gboolean weir_tray_icon_is_live (const WeirTrayIcon *self);
/* The symbolic icon in the theme: a constant that begins with the application's id. */
const char *weir_tray_icon_get_name (WeirTrayIconKind kind);

/* (nullable): the account that the icon shows: @chosen (nullable) if it is there, else the
 * tightest that serves. */
const WeirTrayAccount *weir_tray_face_get_account (const WeirTrayModel *model,
                                                   const char *chosen);
/* (nullable): the account behind the one that is shown (@step > 0), or before it. */
const WeirTrayAccount *
weir_tray_face_get_next (const WeirTrayModel *model, const char *chosen, int step);

WeirTrayIcon
weir_tray_face_get_icon (const WeirTrayModel *model, const char *chosen, int64_t now_us);
/* "Passive", "Active" or "NeedsAttention", as the notifier's specification has it. */
const char *weir_tray_face_get_status (const WeirTrayModel *model, WeirTrayIconKind kind);
/* (transfer full): one line. */
char *
weir_tray_face_dup_title (const WeirTrayModel *model, const char *chosen, int64_t now_us);
/* (transfer full): plain lines, eight at most. */
char *
weir_tray_face_dup_tooltip (const WeirTrayModel *model, const char *chosen, int64_t now_us);
/* (transfer full): "58 %", "(58 %)" where that was read long ago, the time to the reset
 * where it is used up, or "". */
char *
weir_tray_face_dup_label (const WeirTrayModel *model, const char *chosen, int64_t now_us);
