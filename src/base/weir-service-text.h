/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the service says, in the user's language.  The service is one for all its faces and
 * speaks English; what it is known to say has its translation here, names and reasons in
 * it stay as they are, and what is not known is shown as it came.  Pure. */

#include <glib.h>

/* (transfer full): a sentence, a name of a limit ("5 hours", "Week") or of a credit. */
char *weir_service_text_dup (const char *text);
