/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What rules are made of.  For weir-payload*.c. */

#include "providers/weir-payload.h"

typedef struct
{
  char *name; /* (owned) */
  char *glob; /* (owned) */
} WeirPayloadHeader;

/* A path with a value or a test. */
typedef struct
{
  char *path; /* (owned) */
  char *json; /* (owned) */
  size_t json_length;
  WeirPayloadTest test;
} WeirPayloadValue;

struct _WeirPayloadModel
{
  char *name;          /* (owned) */
  char *protocol;      /* (owned) (nullable) */
  char *from_protocol; /* (owned) (nullable) */
  GPtrArray *headers;  /* (owned) of WeirPayloadHeader (owned) */
  GPtrArray *tests;    /* (owned) of WeirPayloadValue (owned) */
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
