/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The parts of Gemini's writer. */

#include "base/weir-json-write.h"
#include "chat/weir-gemini-fields.h"
#include "chat/weir-loss.h"

/* Whose content one is. */
typedef enum
{
  WEIR_GEMINI_NOBODY,
  WEIR_GEMINI_USER,
  WEIR_GEMINI_MODEL,
} WeirGeminiSide;

typedef struct
{
  const WeirRequest *request;      /* (unowned) */
  const WeirWriteOptions *options; /* (unowned) */
  WeirSlice model;                 /* the upstream's name, without a suffix */
  WeirThinking thinking;           /* the request's, or what the upstream's name says */
  gboolean levels;                 /* the model takes levels of thinking, not budgets */
  WeirJsonWriter json;
  GString *scratch;     /* (owned) */
  GString *name;        /* (owned) a mapped name */
  GHashTable *answered; /* (owned) of const WeirCall -> its first result, a part */
  GHashTable *said;     /* (owned) set of results, parts, that are written */
  GHashTable *late; /* (owned) set of those of them that stand elsewhere than they came */
  GPtrArray *open;  /* (owned) of const WeirCall: written, and their results are to come */

  WeirGeminiSide side; /* of the content that is open */
  unsigned n_calls;    /* written in it */
  unsigned message;    /* indexes, for reports */
  unsigned part;
} WeirGeminiWriter;

/* Writes the results of open calls that came later than in the turn behind them. */
gboolean weir_gemini_write_late_results (WeirGeminiWriter *self, GError **error);

/* Opens a content of @side unless it is open. */
void weir_gemini_writer_open (WeirGeminiWriter *self, WeirGeminiSide side);
void weir_gemini_writer_close (WeirGeminiWriter *self);
/* Reports @loss at the part that is being written. */
void weir_gemini_writer_report (WeirGeminiWriter *self, const char *loss);

/* Writes @part into a content of @side.  FALSE: WEIR_ERROR_UNSUPPORTED. */
gboolean weir_gemini_write_part (WeirGeminiWriter *self,
                                 const WeirPart *part,
                                 WeirGeminiSide side,
                                 GError **error);
/* The same for the media that came with a result: they stand behind all results. */
gboolean weir_gemini_write_result_media (WeirGeminiWriter *self,
                                         const WeirPart *part,
                                         GError **error);

/* Members of the body: tools and toolConfig, generationConfig. */
void weir_gemini_write_tools (WeirGeminiWriter *self);
void weir_gemini_write_generation (WeirGeminiWriter *self);
/* The member thinkingConfig, where there is anything to say. */
void weir_gemini_write_thinking (WeirGeminiWriter *self, WeirJsonWriter *w);
/* FALSE: WEIR_ERROR_UNSUPPORTED, an option must not be left out. */
gboolean weir_gemini_check_options (WeirGeminiWriter *self, GError **error);

/* weir-gemini-write-image.c: the tool that the request says must draw, or NULL. */
const WeirTool *weir_gemini_get_drawing_tool (const WeirRequest *request);
/* FALSE: WEIR_ERROR_UNSUPPORTED, it holds a mask. */
gboolean weir_gemini_check_drawing (const WeirTool *tool, GError **error);
/* The member imageConfig, where there is anything to say; what cannot be said is reported.
 */
void
weir_gemini_write_drawing (WeirGeminiWriter *self, const WeirTool *tool, WeirJsonWriter *w);
