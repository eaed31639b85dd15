/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a reply says, whatever the vendor's shape: its words, its prose, how long.  For
 * weir-verdict.c. */

#include "providers/weir-verdict.h"

/* Words that fields say, where no body can: they hold a blank. */
#define WEIR_WORD_CHALLENGE "cf-mitigated challenge"
#define WEIR_WORD_WINDOW_ACCOUNT "window account" /* all models of the account */
#define WEIR_WORD_WINDOW_MODEL "window model"     /* some models of the account */
#define WEIR_WORD_RETRY_AFTER "retry after"

typedef struct
{
  GString *words;   /* (owned) types, codes, reasons in lower case, a newline around each */
  GString *prose;   /* (owned) messages in lower case, one a line; a body that is no JSON */
  int64_t delay_us; /* said by fields or members; 0: not said */
} WeirVerdictFacts;

void weir_verdict_facts_read (WeirVerdictFacts *self, const WeirReply *reply);
void weir_verdict_facts_clear (WeirVerdictFacts *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirVerdictFacts, weir_verdict_facts_clear)

/* Is @word (lower case) one of the words? */
gboolean weir_verdict_facts_has_word (const WeirVerdictFacts *self, const char *word);

/* Does @part (lower case) stand in the words or the prose? */
gboolean weir_verdict_facts_mention (const WeirVerdictFacts *self, const char *part);
