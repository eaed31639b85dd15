/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Models for tests of the tray. */

#include "tray/weir-tray-model.h"

#define HOUR_US (3600 * (int64_t)G_USEC_PER_SEC)
/* Monday 7 December 2026, 12:00 UTC */
#define NOW_US (INT64_C (1796644800) * G_USEC_PER_SEC)

/* Running, without accounts, with three providers and some models. */
WeirTrayModel *tray_fixture_new (void);

/* An account "claude-NUMBER" that has a five-hour window of which @used_percent is used and
 * a week of which half of that is.  Borrowed until the next is added. */
WeirTrayAccount *
tray_fixture_add (WeirTrayModel *model, unsigned number, double used_percent);

void tray_fixture_notice (WeirTrayModel *model,
                          const char *kind,
                          const char *subject,
                          const char *sentence);
