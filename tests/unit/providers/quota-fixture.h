/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Readings as one line of text, for rows of tests. */

#include "providers/weir-quota.h"

/* 2026-11-20 10:00:00 UTC */
#define QUOTA_NOW_US ((int64_t)1795168800 * G_USEC_PER_SEC)

/* (transfer full): "NAME[/MODEL]=PERCENT|?[@SECONDS UNTIL RESET][~SECONDS LONG][!]" of each
 * allowance, `!` where it refuses; "credits=LEFT UNIT" or "credits=unlimited";
 * "resets=N[@SECONDS]"; "plan=PLAN"; a blank between them.  Checks what holds for every
 * reading. */
char *quota_dup_text (const WeirQuotaReading *reading);

/* Splits "Name: value" lines, each ended by \r\n or by the text's end. */
void quota_fields_from_text (WeirQuotaFields *fields, WeirSlice text);
