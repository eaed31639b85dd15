/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a desktop's search finds here: accounts by vendor, name or plan ("claude" shows what
 * is left), and the switch of the proxy.  Pure. */

#include "tray/weir-tray-model.h"

#define WEIR_SEARCH_RESULTS_MAX 16

typedef struct
{
  char *id;    /* (owned): "account/claude-7f3a91c2", "switch" */
  char *title; /* (owned): says it all: "Claude – work: 5 h 42 % used, resets 14:20" */
  char *description;   /* (owned) */
  const char *icon;    /* a constant: name in the theme */
  const char *action;  /* a constant: of the application */
  const char *account; /* (unowned) (nullable): what it is asked with; of the model */
} WeirSearchResult;

/* (transfer full): of WeirSearchResult, best first.  Every one of @terms (NULL at the end)
 * must be found, whatever its case; none finds nothing. */
GPtrArray *
weir_search_find (const WeirTrayModel *model, const char *const *terms, int64_t now_us);
/* (transfer full) (nullable): the result of @id, if it is still there. */
WeirSearchResult *
weir_search_lookup (const WeirTrayModel *model, const char *id, int64_t now_us);

void weir_search_result_free (WeirSearchResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirSearchResult, weir_search_result_free)
