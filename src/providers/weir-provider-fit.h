/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Members that a vendor would refuse are taken out of a body before it is sent there. */

#include "providers/weir-provider.h"

/* TRUE: *out_body (transfer full) is @body without what the row drops, and with what it
 * renames under the other name; NULL where nothing is to be done.  FALSE: @body is not one
 * JSON object. */
gboolean weir_provider_fit_body (const WeirProvider *self,
                                 WeirSlice body,
                                 GBytes **out_body,
                                 GError **error);
