/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Shows notifications: as the application, which knows the desktop's way or the portal's,
 * and where the session's bus is not the application's own any more, since it died and came
 * back, by the desktop's notification daemon. */

#include "app/weir-notice.h"

typedef struct _WeirNoticeDesk WeirNoticeDesk;

/* @application outlives it. */
WeirNoticeDesk *weir_notice_desk_new (GApplication *application);
void weir_notice_desk_free (WeirNoticeDesk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirNoticeDesk, weir_notice_desk_free)

/* The bus that we are on now.  @bus (nullable). */
void weir_notice_desk_set_bus (WeirNoticeDesk *self, GDBusConnection *bus);

void weir_notice_desk_show (WeirNoticeDesk *self, const WeirNoticeText *text);
void weir_notice_desk_withdraw (WeirNoticeDesk *self, const char *id);
