/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Which path asks for what, in which dialect.  Matched on the raw path. */

#include "http/weir-http-head.h"
#include "providers/weir-provider.h"

typedef enum
{
  WEIR_ROUTE_EXCHANGE,  /* a model is asked */
  WEIR_ROUTE_MODELS,    /* the list of models */
  WEIR_ROUTE_MODEL,     /* one of them */
  WEIR_ROUTE_WEBSOCKET, /* only an upgrade is spoken here */
  WEIR_ROUTE_CONTROL,   /* libsoup's */
  WEIR_ROUTE_RESPONSE,  /* one that is kept here, by its id in place of a model */
} WeirRouteKind;

typedef struct
{
  WeirHttpMethod method;
  const char *path; /* exact; or up to and with the last slash where a model follows */
  const char *verb; /* (nullable): behind the model and a colon; "" : a model and nothing
                     * else.  One that begins with a slash: behind the model itself */
  WeirRouteKind kind;
  WeirDialect dialect; /* of requests, answers and errors */
  WeirOperation operation;
  gboolean needs_key;
  gboolean key_in_query; /* `?key=` is taken */
  const char *name;      /* for logs */
} WeirRoute;

/* The route for @method and @path, or NULL.  HEAD goes where GET does.  A path that is not
 * in the table is looked up once more where tools spell its beginning otherwise:
 * `/chat/completions`, `/v1/v1/messages`, `/api/provider/NAME/v1/messages`.  @out_model:
 * the raw (still percent-encoded) model of a path that names one.  @out_allow: where the
 * path is known but the method is not, the methods for the Allow field, else NULL. */
const WeirRoute *weir_routes_match (WeirHttpMethod method,
                                    WeirSlice path,
                                    WeirSlice *out_model,
                                    const char **out_allow);

/* `/g/NAME/v1/…`: the path behind the name, which begins with a slash; @out_group is the
 * name, empty where @path is in no group and is returned as it is. */
WeirSlice weir_routes_split_group (WeirSlice path, WeirSlice *out_group);

/* The dialect in which an error about @path is told. */
WeirDialect weir_routes_guess_dialect (WeirSlice path);

/* All rows, for tests that walk them; NULL-terminated by path. */
const WeirRoute *weir_routes_get_all (void);
