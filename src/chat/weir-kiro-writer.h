/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files that write requests to Kiro share: not for others. */

#include "base/weir-json-write.h"
#include "chat/weir-kiro.h"
#include "chat/weir-loss.h"

/* Messages of one side. */
typedef struct
{
  const WeirMessage *first;
  const WeirMessage *end; /* (nullable) behind the last one */
  unsigned number;        /* of the first one */
  gboolean assistant;
} WeirKiroTurn;

typedef struct
{
  const WeirRequest *request;      /* (unowned) */
  const WeirKiroContext *context;  /* (unowned) */
  const WeirWriteOptions *options; /* (unowned) */
  WeirJsonWriter json;
  GString *text;    /* (owned) what a turn says, escaped */
  GString *scratch; /* (owned) */
  GArray *turns;    /* (owned) of WeirKiroTurn */
} WeirKiroWriter;

void weir_kiro_report (const WeirKiroWriter *self, const char *loss, const char *where);

/* "png" of "image/png", where Kiro knows it; else NULL. */
const char *weir_kiro_get_format (const WeirMedia *media);

/* What stands beside the words of a turn: pictures (those of results too, which have no
 * place there), results, the tools of the request, calls. */
void weir_kiro_write_images (WeirKiroWriter *self, const WeirKiroTurn *turn);
gboolean weir_kiro_has_results (const WeirKiroTurn *turn);
void weir_kiro_write_results (WeirKiroWriter *self, const WeirKiroTurn *turn);
gboolean weir_kiro_has_tools (const WeirKiroWriter *self);
void weir_kiro_write_tools (WeirKiroWriter *self);
void weir_kiro_write_calls (WeirKiroWriter *self, const WeirKiroTurn *turn);
