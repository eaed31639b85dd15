/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Another name for a model, as a change of the configuration's text.  Pure.
 *
 * The text is the user's: every byte of it stays, and a line or three are added where
 * `oauth-model-alias` has a place for them.  The service checks the outcome, and the user
 * sees the difference before it is saved. */

#include <glib.h>

/* (transfer full) (nullable): @text with @alias as another name for @model of the accounts
 * of @channel (a provider's id); NULL where it is written in a way that has no such place,
 * such as `oauth-model-alias: {…}`.
 * @model, @alias: names by weir_alias_is_name. */
char *weir_alias_insert (const char *text,
                         const char *channel,
                         const char *model,
                         const char *alias);

/* Whether @alias can be a name: not empty, no blanks, no control characters, no quotes. */
gboolean weir_alias_is_name (const char *alias);
