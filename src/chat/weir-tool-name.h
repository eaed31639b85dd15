/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Tool names as each dialect allows them:
 *   openai-chat, openai-responses   [a-zA-Z0-9_-]{1,64}
 *   anthropic                       [a-zA-Z0-9_-]{1,128}
 *   gemini                          [a-zA-Z_][a-zA-Z0-9_.:-]{0,63}
 * (API references, read 2026-10.  Newer OpenAI models take 128; 64 serves all.)
 *
 * A writer maps every name it writes (tools, calls, results, tool choice); the bridge maps
 * the answer's names back by the request's tools. */

#include "chat/weir-request.h"

/* @name (escaped) as @target allows it: @name itself where it may stay; else every other
 * byte is `_`, the text is cut, and a hash of the whole name ends it, so that two names do
 * not become one.  @scratch is overwritten where the name changes; the slice is good until
 * it is touched again.  Deterministic: depends on name and target alone. */
WeirSlice weir_tool_name_map (WeirSlice name, WeirDialect target, GString *scratch);

/* The same of a tool in a namespace, for targets without namespaces: `SCOPE__NAME`, mapped.
 * An empty @scope is weir_tool_name_map. */
WeirSlice weir_tool_name_map_scoped (WeirSlice scope,
                                     WeirSlice name,
                                     WeirDialect target,
                                     GString *scratch);

/* The tool of @request that was written to @target as @name: mapped, and flattened unless
 * @target is Responses, where @scope (else empty) is told apart.  NULL: none.  @scratch is
 * overwritten. */
const WeirTool *weir_tool_name_lookup (const WeirRequest *request,
                                       WeirDialect target,
                                       WeirSlice scope,
                                       WeirSlice name,
                                       GString *scratch);
