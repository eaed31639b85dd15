/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What rules are made of, and a body being edited.  For weir-payload*.c. */

#include "base/weir-json-edit.h"
#include "base/weir-json-path.h"
#include "providers/weir-payload.h"

/* Nothing that rules make is larger. */
#define WEIR_PAYLOAD_BODY_MAX ((size_t)64 << 20)

typedef struct
{
  char *name; /* (owned) */
  char *glob; /* (owned) */
} WeirPayloadHeader;

typedef struct
{
  WeirPayloadTest kind;
  WeirJsonPath *path;  /* (owned) */
  WeirJsonValue value; /* of a match */
} WeirPayloadCheck;

/* A path with what is set there; or the name of a tool. */
typedef struct
{
  char *text;         /* (owned) as it was written */
  WeirJsonPath *path; /* (owned) (nullable) */
  char *json;         /* (owned) (nullable) */
  size_t json_length;
} WeirPayloadValue;

struct _WeirPayloadModel
{
  char *name;          /* (owned) */
  char *protocol;      /* (owned) (nullable) */
  char *from_protocol; /* (owned) (nullable) */
  GPtrArray *headers;  /* (owned) of WeirPayloadHeader (owned) */
  GPtrArray *checks;   /* (owned) of WeirPayloadCheck (owned) */
};

struct _WeirPayloadRule
{
  WeirPayloadSection section;
  GPtrArray *models; /* (owned) of WeirPayloadModel (owned) */
  GPtrArray *values; /* (owned) of WeirPayloadValue (owned) */
};

struct _WeirPayload
{
  GPtrArray *rules; /* (owned) of WeirPayloadRule (owned) */
};

/* A body, its table, and edits that wait until one needs to see what another did. */
typedef struct
{
  WeirSlice text;
  GBytes *owned; /* (owned) (nullable): what @text is of, once edits were applied */
  WeirJson json;
  WeirJsonEdit edit;
  GArray *marks;    /* (owned) of places that @edit touches */
  const char *root; /* (unowned) (nullable) the member that paths begin in */
} WeirPayloadBody;

/* Reads @text, which must outlive @self; FALSE as weir_payload_apply. */
gboolean weir_payload_body_init (WeirPayloadBody *self,
                                 WeirSlice text,
                                 const char *root,
                                 GError **error);
void weir_payload_body_clear (WeirPayloadBody *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirPayloadBody, weir_payload_body_clear)

/* *out_item is the object that paths begin in; FALSE: there is none. */
gboolean weir_payload_body_get_root (const WeirPayloadBody *self, uint32_t *out_item);

/* Sets, or deletes, every place that @path leads to.  FALSE: the body has grown too large
 * or too deep. */
gboolean weir_payload_body_set (WeirPayloadBody *self,
                                const WeirJsonPath *path,
                                WeirSlice json,
                                GError **error);
gboolean
weir_payload_body_remove (WeirPayloadBody *self, const WeirJsonPath *path, GError **error);

/* Deletes the tools called one of @names, of char *. */
gboolean weir_payload_body_drop_tools (WeirPayloadBody *self,
                                       const GPtrArray *names,
                                       GError **error);

/* Applies what waits, so that the table is of the text as it is. */
gboolean weir_payload_body_flush (WeirPayloadBody *self, GError **error);

/* *out_body (transfer full) is the text as it has become, or NULL where nothing was
 * changed.  @self can then only be cleared. */
gboolean
weir_payload_body_finish (WeirPayloadBody *self, GBytes **out_body, GError **error);
