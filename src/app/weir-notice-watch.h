/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Decides what a desktop is told: looks at each model of the tray and says what is new in
 * it and worth a word.  Each thing is told once for an account, a window and its cycle,
 * also over a restart, and not while the user snoozes it.  Pure. */

#include "app/weir-notice-memory.h"
#include "app/weir-notice.h"

#include "tray/weir-tray-model.h"

typedef struct _WeirNoticeWatch WeirNoticeWatch;

typedef struct
{
  /* The event is valid during the call. */
  void (*tell) (const WeirNoticeEvent *event, gpointer user_data);
  /* What was told under @id is so no more. */
  void (*withdraw) (const char *id, gpointer user_data);
} WeirNoticeWatchFuncs;

/* @memory and @funcs must outlive it. */
WeirNoticeWatch *weir_notice_watch_new (WeirNoticeMemory *memory,
                                        const WeirNoticeWatchFuncs *funcs,
                                        gpointer user_data);
void weir_notice_watch_free (WeirNoticeWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirNoticeWatch, weir_notice_watch_free)

/* TRUE: the memory is another one now and is to be kept. */
gboolean
weir_notice_watch_look (WeirNoticeWatch *self, const WeirTrayModel *model, int64_t now_us);
/* Of @window of @account nothing is told until @until_us but that it is used up. */
void weir_notice_watch_snooze (WeirNoticeWatch *self,
                               const char *account,
                               const char *window,
                               int64_t until_us);
