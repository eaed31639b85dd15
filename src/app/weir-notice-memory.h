/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What was told already, and what the user does not want to hear: keys with a time behind
 * which they count no more.  Pure; its text is kept over a restart. */

#include "base/weir-slice.h"

#include <stdint.h>

/* Entries; those that end first make room. */
#define WEIR_NOTICE_MEMORY_MAX 512
#define WEIR_NOTICE_MEMORY_FOR_EVER INT64_MAX

typedef struct _WeirNoticeMemory WeirNoticeMemory;

WeirNoticeMemory *weir_notice_memory_new (void);
void weir_notice_memory_free (WeirNoticeMemory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirNoticeMemory, weir_notice_memory_free)

/* @key counts until @until_us; longer if it does already. */
void weir_notice_memory_add (WeirNoticeMemory *self, const char *key, int64_t until_us);
gboolean
weir_notice_memory_has (const WeirNoticeMemory *self, const char *key, int64_t now_us);
/* TRUE: it was there. */
gboolean weir_notice_memory_remove (WeirNoticeMemory *self, const char *key);

/* (transfer full): a line an entry that still counts: its time, a space, its key. */
char *weir_notice_memory_write (const WeirNoticeMemory *self, int64_t now_us);
/* Takes such lines in; those that are no such lines are left out. */
void weir_notice_memory_read (WeirNoticeMemory *self, WeirSlice text);
