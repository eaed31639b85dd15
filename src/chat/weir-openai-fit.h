/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Which schemas a function of OpenAI's two dialects may have, for the writers of both. */

#include "chat/weir-request.h"

/* @schema (raw; empty: none) as arguments of a function: an object that names its
 * properties and has no alternatives at its top.  *@edited owns the result where it is
 * another text; *@lost becomes TRUE where a keyword was left out. */
WeirSlice weir_openai_fit_arguments (WeirSlice schema, GBytes **edited, gboolean *lost);
