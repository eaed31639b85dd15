/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rules over one body. */

#include "config.h"

#include "providers/weir-payload-private.h"

gboolean
weir_payload_apply (const WeirPayload *const *sets,
                    unsigned n_sets,
                    const WeirPayloadContext *context,
                    WeirSlice original,
                    WeirSlice body,
                    GBytes **out_body,
                    GError **error)
{
  *out_body = NULL;
  return TRUE;
}
